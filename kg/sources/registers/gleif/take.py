"""One import of the golden copy: reads Level 1 and 2, then takes over what is needed."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

from kg.errors import UsageError
from kg.sources.cells import shown
from kg.sources.registers.gleif.account import ACCOUNT, ALWAYS
from kg.sources.registers.gleif.climb import Climb, Taken
from kg.sources.registers.gleif.parts import TITLES, Part, RegisterFile, header_of, part_of
from kg.sources.registers.gleif.recognise import Recogniser
from kg.sources.registers.gleif.relations import Relations
from kg.sources.registers.gleif.rows import Entity, entities, exceptions, relations
from kg.sources.registers.gleif.tables import RegisterRows
from kg.sources.registers.importer import Importer
from kg.sources.registers.known import normalised_name
from kg.sources.registers.model import MAX_NOTE, Imported, Troubles
from kg.sources.registers.opening import Opened, named

_CATEGORIES: Final = {
    "DIRECT_ACCOUNTING_CONSOLIDATION_PARENT": "rechtstreekse moeder",
    "ULTIMATE_ACCOUNTING_CONSOLIDATION_PARENT": "uiteindelijke moeder",
}


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
            self._take()
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
                            f"The LEI {shown(one.lei)} stood at {file.place(before.place, 'row')} "
                            "already; get the file again.",
                        )

    # -- taking over

    def _take(self) -> None:
        """Recognise, climb, and put it in the tables."""
        recogniser = Recogniser(self, self.parts["lei2"])
        matched = recogniser.match(self.found)
        taken = Taken.of(self, matched)
        above = self.parts.get("rr")
        parents = (
            [] if above is None else Climb(self, above, self.relations, recogniser, taken).up()
        )
        reasons = self._exceptions(taken)
        rows = RegisterRows(self, self.parts, recogniser, taken)
        for lei in sorted(matched):
            rows.entry(matched[lei], reasons.get(lei, ""))
        for lei in sorted(taken.parents):
            rows.parent(taken.parents[lei], reasons.get(lei, ""))
        for parent in parents:
            rows.ownership(parent)

    def _exceptions(self, taken: Taken) -> dict[str, str]:
        """Why a parent is not given, by LEI, for what is taken over."""
        file = self.parts.get("repex")
        found: dict[str, set[str]] = {}
        if file is None:
            return {}
        self.step(file.opened.name)
        with named(file.opened):
            for lei, category, reasons in exceptions(file):
                if lei in taken.ids:
                    what = _CATEGORIES.get(category, shown(category))
                    why = ", ".join(shown(one) for one in reasons if one) or "geen reden"
                    found.setdefault(lei, set()).add(f"Geen {what} opgegeven ({why})")
        self.counts["exceptions"] = len(found)
        return {lei: ". ".join(sorted(texts))[:MAX_NOTE] for lei, texts in found.items()}
