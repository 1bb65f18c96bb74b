"""Rows of the tables: register entries, organisations and consolidations."""

from __future__ import annotations

from collections.abc import Mapping

from kg.sources.cells import shown
from kg.sources.registers.gleif.climb import Parent, Taken
from kg.sources.registers.gleif.parts import Part, RegisterFile
from kg.sources.registers.gleif.recognise import Match, Recogniser
from kg.sources.registers.gleif.rows import DIRECT, Entity
from kg.sources.registers.importer import Importer
from kg.sources.registers.known import is_kvk
from kg.sources.registers.model import Row, text_of


class RegisterRows:
    """Adds what is taken to the tables of an import."""

    def __init__(
        self,
        work: Importer,
        parts: Mapping[Part, RegisterFile],
        recogniser: Recogniser,
        taken: Taken,
    ) -> None:
        self._tables = work.tables
        self._counts = work.counts
        self._parts = parts
        self._recogniser = recogniser
        self._taken = taken

    def _sources(self, why: str) -> str:
        return ";".join(
            self._parts[part].source for part in (("lei2", "repex") if why else ("lei2",))
        )

    def entry(self, match: Match, why: str) -> None:
        """What the register says of an organisation at hand, beside it."""
        organisation, one, basis = match
        lei = one.lei
        marking = self._taken.markings[lei]
        seat = self._tables.country(one.country, self._parts["lei2"].source, marking)
        self._tables.add(
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
            self._recogniser.propose("aanvulling", organisation, one, "lei")
        if is_kvk(one.kvk) and one.kvk != organisation.kvk:
            kind = "verschil" if organisation.kvk else "aanvulling"
            self._recogniser.propose(kind, organisation, one, "kvkNumber", organisation.kvk)
        if seat and seat not in organisation.seats:
            kind = "verschil" if organisation.seats else "aanvulling"
            self._recogniser.propose(kind, organisation, one, "seat", ";".join(organisation.seats))

    def parent(self, one: Entity, why: str) -> None:
        """A parent that the data at hand do not have becomes an organisation."""
        marking = self._taken.markings[one.lei]
        name = text_of(one.name)
        row: Row = {
            "id": self._taken.ids[one.lei],
            "label": name,
            "label@en": name,
            "seat": self._tables.country(one.country, self._parts["lei2"].source, marking),
            "kvkNumber": one.kvk if is_kvk(one.kvk) else "",
            "lei": one.lei,
            "note": _note(one, why),
            "source": self._sources(why),
        }
        if self._tables.add("Organisation", row, marking):
            self._counts["parents"] += 1

    def ownership(self, parent: Parent) -> None:
        """Who consolidates whom becomes ownership with control."""
        relation, start, end = parent
        source = self._parts["rr"].source
        child_nl, child_en = self._taken.labels[relation.child]
        owner_nl, owner_en = self._taken.labels[relation.parent]
        direct = relation.kind == DIRECT
        owner, owned = self._taken.ids[relation.parent], self._taken.ids[relation.child]
        standard = f", verslagregels {shown(relation.standard)}" if relation.standard else ""
        self._tables.add(
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
            self._tables.marking_of(owner, owned),
        )
        self._counts["ownerships"] += 1


def _note(one: Entity, why: str) -> str:
    status = " ".join(filter(None, (one.status, one.registration)))
    stated = "" if status == "ACTIVE ISSUED" else f"Status in het register: {shown(status)}"
    return ". ".join(filter(None, (stated, why)))
