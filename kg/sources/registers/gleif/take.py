"""Recognises organisations in the golden copy and takes over what stands above them."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from heapq import heapify, heappop, heappush
from pathlib import Path
from typing import Final, NamedTuple

from kg.errors import UsageError
from kg.sources.cells import shown
from kg.sources.model import CellError
from kg.sources.registers.gleif.account import ACCOUNT, ALWAYS
from kg.sources.registers.gleif.parts import TITLES, Part, RegisterFile, header_of, part_of
from kg.sources.registers.gleif.relations import Relations
from kg.sources.registers.gleif.rows import (
    DIRECT,
    VOID,
    Entity,
    Relation,
    entities,
    exceptions,
    relations,
)
from kg.sources.registers.importer import Importer
from kg.sources.registers.known import Organisation, is_kvk, is_lei, normalised_name
from kg.sources.registers.model import (
    MAX_NOTE,
    Imported,
    Row,
    Troubles,
    date_of,
    text_of,
)
from kg.sources.registers.opening import Opened, named

_CATEGORIES: Final = {
    "DIRECT_ACCOUNTING_CONSOLIDATION_PARENT": "rechtstreekse moeder",
    "ULTIMATE_ACCOUNTING_CONSOLIDATION_PARENT": "uiteindelijke moeder",
}


class Parent(NamedTuple):
    """A relationship that is taken over, with its days."""

    relation: Relation
    start: str
    end: str


class GleifImport(Importer):
    """Reads the files of one golden copy: Level 1, and where given Level 2 and exceptions."""

    def read(self, files: Sequence[Opened]) -> Imported | Troubles:
        """See :class:`Importer`. No file of Level 1, or two of one kind, is a UsageError."""
        self.parts = self._parts(files)
        with (
            tempfile.TemporaryDirectory(prefix="kg-import-") as folder,
            closing(Relations(Path(folder) / "relations")) as self.relations,
        ):
            self._read_relations()
            self._read_entities()
            self._take(self._match())
        return self.outcome(ACCOUNT, ALWAYS)

    def _parts(self, files: Sequence[Opened]) -> dict[Part, RegisterFile]:
        found: dict[Part, RegisterFile] = {}
        for file in files:
            with named(file):
                part = part_of(file)
                if part in found:
                    raise UsageError(
                        "import.twice",
                        f"{found[part].opened.name} en {file.name} zijn allebei {TITLES[part]}; "
                        "noem er één.",
                        f"{found[part].opened.name} and {file.name} are both {TITLES[part]}; "
                        "name one.",
                    )
                found[part] = RegisterFile(file, part)
        if "lei2" not in found:
            raise UsageError(
                "import.no-level-1",
                "Noem ook het bestand van Level 1 (lei2): daarin staan de namen, zetels en "
                "KvK-nummers.",
                "Name the file of Level 1 (lei2) as well: it has the names, seats and Chamber of "
                "Commerce numbers.",
            )
        for part in sorted(found):
            file_ = found[part]
            header = header_of(file_.opened, part)
            file_.source = self.tables.source(file_.opened, header, alone=len(found) == 1)
        return found

    # -- reading

    def _read_relations(self) -> None:
        """Every consolidation in force goes to disk; what parents there are stays at hand."""
        file = self.parts.get("rr")
        if file is None:
            return
        self.step(file.opened.name)
        with named(file.opened):
            self.relations.fill(relations(file, self.counts))

    def _read_entities(self) -> None:
        """The one pass over Level 1: what is at hand, may be a parent, or has such a name."""
        file = self.parts["lei2"]
        self.step(file.opened.name)
        leis = frozenset(self.known.by_lei) | self.relations.parents
        kvks, names = frozenset(self.known.by_kvk), frozenset(self.known.by_name)
        self.found: dict[str, Entity] = {}  # at hand, or with such a name
        with named(file.opened):
            for one in entities(file, leis, kvks, names, self.counts):
                if one.lei in self.relations.parents:
                    self.relations.keep(one)
                if (
                    one.lei in self.known.by_lei
                    or one.kvk in kvks
                    or normalised_name(one.name) in names
                ):
                    before = self.found.setdefault(one.lei, one)
                    if before is not one:
                        self.troubles.add(
                            file.location(one.place, "LEI"),
                            "duplicate-lei",
                            f"De LEI {shown(one.lei)} stond al bij {file.place(before.place)}; "
                            "haal het bestand opnieuw op.",
                            f"The LEI {shown(one.lei)} stood at {before.place} already; get the "
                            "file again.",
                        )

    # -- recognising

    def _match(self) -> dict[str, tuple[Organisation, Entity, str]]:
        """Organisations at hand with their record, by LEI, then by KvK number; names proposed."""
        level1 = self.parts["lei2"]
        live = [one for one in self.found.values() if one.registration not in VOID]
        by_kvk: dict[str, list[Entity]] = {}
        for one in live:
            if one.kvk in self.known.by_kvk:
                by_kvk.setdefault(one.kvk, []).append(one)
        matched: dict[str, tuple[Organisation, Entity, str]] = {}
        for organisation in self.known.organisations:
            hit = self._by_lei(organisation) or self._by_kvk(organisation, by_kvk, matched)
            if hit is None or not self._sound(hit[0], level1):
                continue
            matched[hit[0].lei] = (organisation, *hit)
            self.counts[hit[1]] += 1
        taken = {organisation.id for organisation, _, _ in matched.values()}
        for one in sorted(live, key=lambda one: one.lei):
            if one.lei in matched:
                continue
            for organisation in self.known.by_name.get(normalised_name(one.name), ()):
                if organisation.id not in taken:
                    self.counts["name"] += 1
                    self._propose("naam", organisation, one)
        return matched

    def _by_lei(self, organisation: Organisation) -> tuple[Entity, str] | None:
        if not organisation.lei:
            return None
        one = self.found.get(organisation.lei)
        if len(self.known.by_lei[organisation.lei]) > 1:
            if one is not None:
                self._propose("dubbel", organisation, one, "lei", organisation.lei)
            return None
        if one is None:
            self.counts["lei-absent"] += 1
            return None
        return one, "leiMatch"

    def _by_kvk(
        self,
        organisation: Organisation,
        by_kvk: Mapping[str, list[Entity]],
        matched: Mapping[str, tuple[Organisation, Entity, str]],
    ) -> tuple[Entity, str] | None:
        if not is_kvk(organisation.kvk) or organisation.lei:
            # A number that leads to another LEI than the data have would be a contradiction.
            return None
        hits = by_kvk.get(organisation.kvk, [])
        double = len(self.known.by_kvk[organisation.kvk]) > 1
        if len(hits) > 1 or (hits and (double or hits[0].lei in matched)):
            for one in hits:
                self._propose("dubbel", organisation, one, "kvkNumber", organisation.kvk)
            return None
        return (hits[0], "kvkMatch") if hits else None

    def _sound(self, one: Entity, file: RegisterFile) -> bool:
        """Whether a record that would be taken over can be; says what is wrong with it."""
        if not is_lei(one.lei):
            self.troubles.add(
                file.location(one.place, "LEI"),
                "lei",
                f"'{shown(one.lei)}' is geen LEI: de laatste twee cijfers horen niet bij de rest. "
                "Verbeter haar, of haal het bestand opnieuw op.",
                f"'{shown(one.lei)}' is no LEI: its last two digits do not belong to the rest. "
                "Correct it, or get the file again.",
            )
            return False
        try:
            if not text_of(one.name):
                raise CellError(
                    "no-name",
                    "Het record heeft geen naam; haal het bestand opnieuw op.",
                    "The record has no name; get the file again.",
                )
        except CellError as error:
            self.troubles.cell(file.location(one.place, "Entity.LegalName"), error)
            return False
        return True

    def _propose(
        self, kind: str, organisation: Organisation, one: Entity, column: str = "", own: str = ""
    ) -> None:
        file = self.parts["lei2"]
        try:
            name = text_of(one.name)
        except CellError:
            return
        register = {"lei": one.lei, "kvkNumber": one.kvk, "seat": one.country}.get(column, "")
        self.tables.propose(
            kind,
            organisation,
            {
                "field": column,
                "own": own,
                "register": shown(register),
                "name": name,
                "number": shown(one.lei),
                "kvkNumber": shown(one.kvk),
                "country": shown(one.country),
                "status": shown(f"{one.status} {one.registration}".strip()),
                "source": file.source,
                "file": file.opened.name,
                "place": file.place(one.place),
            },
        )

    # -- taking over

    def _take(self, matched: Mapping[str, tuple[Organisation, Entity, str]]) -> None:
        #: What a thing of the register is called in the tables, and how secret that is.
        self.ids = {lei: organisation.id for lei, (organisation, _, _) in matched.items()}
        self.labels = {
            lei: (organisation.label, organisation.label_en)
            for lei, (organisation, _, _) in matched.items()
        }
        self.markings = {
            lei: self.known.highest([self.about.marking, organisation.marking])
            for lei, (organisation, _, _) in matched.items()
        }
        parents = self._climb(sorted(matched))
        reasons = self._exceptions()
        for lei in sorted(matched):
            self._entry(lei, *matched[lei], reasons.get(lei, ""))
        for lei in sorted(set(self.ids) - set(matched)):
            self._parent(self.entities[lei], reasons.get(lei, ""))
        for parent in parents:
            self._ownership(parent)

    def _climb(self, starts: Sequence[str]) -> list[Parent]:
        """Relationships from these upwards, the least secret starts first, each parent once."""
        file = self.parts.get("rr")
        self.entities: dict[str, Entity] = {}
        if file is None:
            return []
        direct: dict[str, list[str]] = {}
        taken: list[Parent] = []
        ultimate: list[Parent] = []
        # The least secret first, so that adding something secret changes nothing that is open.
        queue = [(self._rank(lei), lei) for lei in starts]
        heapify(queue)
        seen: set[str] = set()
        while queue:
            _, child = heappop(queue)
            if child in seen:
                continue
            seen.add(child)
            for relation in self.relations.of(child):
                days = self._days(relation, file)
                if days is None or not self._has_parent(relation, file):
                    continue
                parent = relation.parent
                if parent in self.entities and parent not in seen:
                    # Found through something secret only, a parent would tell of it.
                    before = self.markings.get(parent, self.markings[child])
                    self.markings[parent] = self.known.lowest([before, self.markings[child]])
                heappush(queue, (self._rank(parent), parent))
                if relation.kind == DIRECT:
                    direct.setdefault(child, []).append(parent)
                    taken.append(Parent(relation, *days))
                else:
                    ultimate.append(Parent(relation, *days))
        for one in ultimate:
            if one.relation.parent in _above(one.relation.child, direct):
                self.counts["ultimate-follows"] += 1
            else:
                taken.append(one)
        return taken

    def _rank(self, lei: str) -> int:
        return self.known.ranks.get(self.markings[lei], 0)

    def _has_parent(self, relation: Relation, file: RegisterFile) -> bool:
        """Whether the parent is known or can be taken over."""
        parent = relation.parent
        if parent == relation.child:
            self.counts["itself"] += 1
            return False
        if parent in self.ids:
            return True
        one = self.relations.entity(parent)
        if one is None:
            if is_lei(parent):
                self.counts["parent-absent"] += 1
            else:
                self.troubles.add(
                    file.location(relation.place, "Relationship.EndNode.NodeID"),
                    "lei",
                    f"'{shown(parent)}' is geen LEI; verbeter haar, of haal het bestand opnieuw "
                    "op.",
                    f"'{shown(parent)}' is no LEI; correct it, or get the file again.",
                )
            return False
        if one.registration in VOID or not self._sound(one, self.parts["lei2"]):
            return False
        if parent in self.known.by_lei:  # of several organisations at hand: nobody knows which
            return False
        self.ids[parent] = f"lei-{parent}"
        name = text_of(one.name)
        self.labels[parent] = (name, name)
        self.entities[parent] = one
        return True

    def _days(self, relation: Relation, file: RegisterFile) -> tuple[str, str] | None:
        try:
            start, end = date_of(relation.start), date_of(relation.end)
            if start and end and start > end:
                raise CellError(
                    "order",
                    f"Het einde ({end}) ligt voor het begin ({start}); haal het bestand opnieuw "
                    "op.",
                    f"The end ({end}) lies before the start ({start}); get the file again.",
                )
        except CellError as error:
            place = file.location(relation.place, "Relationship.Period")
            self.troubles.cell(place, error)
            return None
        return start, end

    def _exceptions(self) -> dict[str, str]:
        """Why a parent is not given, by LEI, for what is taken over."""
        file = self.parts.get("repex")
        found: dict[str, set[str]] = {}
        if file is None:
            return {}
        self.step(file.opened.name)
        with named(file.opened):
            for lei, category, reasons in exceptions(file):
                if lei in self.ids:
                    what = _CATEGORIES.get(category, shown(category))
                    why = ", ".join(shown(one) for one in reasons if one) or "geen reden"
                    found.setdefault(lei, set()).add(f"Geen {what} opgegeven ({why})")
        self.counts["exceptions"] = len(found)
        return {lei: ". ".join(sorted(texts))[:MAX_NOTE] for lei, texts in found.items()}

    def _sources(self, why: str) -> str:
        return ";".join(
            self.parts[part].source for part in (("lei2", "repex") if why else ("lei2",))
        )

    def _entry(
        self, lei: str, organisation: Organisation, one: Entity, basis: str, why: str
    ) -> None:
        """What the register says of an organisation at hand, beside it."""
        marking = self.markings[lei]
        seat = self.tables.country(one.country, self.parts["lei2"].source, marking)
        self.tables.add(
            "RegisterEntry",
            {
                "id": f"gleif-{lei}",
                "label": f"{organisation.label} in het LEI-register",
                "label@en": f"{organisation.label_en} in the LEI register",
                "entryOf": organisation.id,
                "matchedBy": basis,
                "entryNumber": lei,
                "registeredName": text_of(one.name),
                "registeredSeat": seat,
                "note": _note(one, why),
                "source": self._sources(why),
            },
            marking,
        )
        if not organisation.lei:
            self._propose("aanvulling", organisation, one, "lei")
        if is_kvk(one.kvk) and one.kvk != organisation.kvk:
            kind = "verschil" if organisation.kvk else "aanvulling"
            self._propose(kind, organisation, one, "kvkNumber", organisation.kvk)
        if seat and seat not in organisation.seats:
            kind = "verschil" if organisation.seats else "aanvulling"
            self._propose(kind, organisation, one, "seat", ";".join(organisation.seats))

    def _parent(self, one: Entity, why: str) -> None:
        """A parent that the data at hand do not have becomes an organisation."""
        marking = self.markings[one.lei]
        name = text_of(one.name)
        row: Row = {
            "id": self.ids[one.lei],
            "label": name,
            "label@en": name,
            "seat": self.tables.country(one.country, self.parts["lei2"].source, marking),
            "kvkNumber": one.kvk if is_kvk(one.kvk) else "",
            "lei": one.lei,
            "note": _note(one, why),
            "source": self._sources(why),
        }
        if self.tables.add("Organisation", row, marking):
            self.counts["parents"] += 1

    def _ownership(self, parent: Parent) -> None:
        relation, start, end = parent
        source = self.parts["rr"].source
        child_nl, child_en = self.labels[relation.child]
        owner_nl, owner_en = self.labels[relation.parent]
        direct = relation.kind == DIRECT
        owner, owned = self.ids[relation.parent], self.ids[relation.child]
        standard = f", verslagregels {shown(relation.standard)}" if relation.standard else ""
        self.tables.add(
            "Ownership",
            {
                "id": f"gleif-{relation.child}-{relation.parent}-{'d' if direct else 'u'}",
                "label": f"{owner_nl} consolideert {child_nl}",
                "label@en": f"{owner_en} consolidates {child_en}",
                "owner": owner,
                "owned": owned,
                "control": "true",
                "controlBasis": "directConsolidation" if direct else "ultimateConsolidation",
                "validFrom": start,
                "validUntil": end,
                "note": f"Boekhoudkundige consolidatie ({relation.kind}{standard}). De moeder "
                "neemt de jaarcijfers van de dochter in de eigen op. Over het aandeel zegt het "
                "register niets",
                "source": source,
            },
            self.tables.marking_of(owner, owned),
        )
        self.counts["ownerships"] += 1


def _above(start: str, direct: Mapping[str, Sequence[str]]) -> set[str]:
    """Everyone that direct relationships lead to; loops end by themselves."""
    seen: set[str] = set()
    todo = [start]
    while todo:
        for parent in direct.get(todo.pop(), ()):
            if parent not in seen:
                seen.add(parent)
                todo.append(parent)
    return seen


def _note(one: Entity, why: str) -> str:
    status = " ".join(filter(None, (one.status, one.registration)))
    stated = "" if status == "ACTIVE ISSUED" else f"Status in het register: {shown(status)}"
    return ". ".join(filter(None, (stated, why)))
