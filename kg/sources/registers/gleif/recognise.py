"""Organisations at hand and their records in Level 1: recognised by a number, never by a name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from kg.sources.cells import shown
from kg.sources.model import CellError
from kg.sources.registers.gleif.parts import RegisterFile
from kg.sources.registers.gleif.rows import VOID, Entity
from kg.sources.registers.importer import Importer
from kg.sources.registers.known import Organisation, is_kvk, is_lei, normalised_name
from kg.sources.registers.model import text_of


class Match(NamedTuple):
    """An organisation at hand, its record, and by what it was recognised (``matchedBy``)."""

    organisation: Organisation
    entity: Entity
    basis: str


class Recogniser:
    """Recognises organisations; what a person has to decide on, it proposes."""

    def __init__(self, work: Importer, file: RegisterFile) -> None:
        self._file = file
        self._known = work.known
        self._tables = work.tables
        self._troubles = work.troubles
        self._counts = work.counts

    def match(self, found: Mapping[str, Entity]) -> dict[str, Match]:
        """Organisations at hand with their record, by LEI, then by KvK number; names proposed.

        Args:
            found: records of Level 1 that may be of one of them, by LEI.
        """
        self._found = found
        live = [one for one in found.values() if one.registration not in VOID]
        by_kvk: dict[str, list[Entity]] = {}
        for one in live:
            if one.kvk in self._known.by_kvk:
                by_kvk.setdefault(one.kvk, []).append(one)
        matched: dict[str, Match] = {}
        for organisation in self._known.organisations:
            hit = self._by_lei(organisation) or self._by_kvk(organisation, by_kvk, matched)
            if hit is None or not self.sound(hit.entity):
                continue
            matched[hit.entity.lei] = hit
            self._counts[hit.basis] += 1
        taken = {one.organisation.id for one in matched.values()}
        for one in sorted(live, key=lambda one: one.lei):
            if one.lei in matched:
                continue
            for organisation in self._known.by_name.get(normalised_name(one.name), ()):
                if organisation.id not in taken:
                    self._counts["name"] += 1
                    self.propose("naam", organisation, one)
        return matched

    def _by_lei(self, organisation: Organisation) -> Match | None:
        if not organisation.lei:
            return None
        one = self._found.get(organisation.lei)
        if len(self._known.by_lei[organisation.lei]) > 1:
            if one is not None:
                self.propose("dubbel", organisation, one, "lei", organisation.lei)
            return None
        if one is None:
            self._counts["lei-absent"] += 1
            return None
        return Match(organisation, one, "leiMatch")

    def _by_kvk(
        self,
        organisation: Organisation,
        by_kvk: Mapping[str, list[Entity]],
        matched: Mapping[str, Match],
    ) -> Match | None:
        if not is_kvk(organisation.kvk) or organisation.lei:
            # A number that leads to another LEI than the data have would be a contradiction.
            return None
        hits = by_kvk.get(organisation.kvk, [])
        double = len(self._known.by_kvk[organisation.kvk]) > 1
        if len(hits) > 1 or (hits and (double or hits[0].lei in matched)):
            for one in hits:
                self.propose("dubbel", organisation, one, "kvkNumber", organisation.kvk)
            return None
        return Match(organisation, hits[0], "kvkMatch") if hits else None

    def sound(self, one: Entity) -> bool:
        """Whether a record that would be taken over can be; says what is wrong with it."""
        if not is_lei(one.lei):
            self._troubles.add(
                self._file.location(one.place, "LEI"),
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
            self._troubles.cell(self._file.location(one.place, "Entity.LegalName"), error)
            return False
        return True

    def propose(
        self, kind: str, organisation: Organisation, one: Entity, column: str = "", own: str = ""
    ) -> None:
        """Leave something about an organisation at hand and a record to a person.

        ``kind`` is as :meth:`Tables.propose` has it; ``column`` the field that differs, and
        ``own`` what the data at hand say in it.
        """
        try:
            name = text_of(one.name)
        except CellError:
            return
        register = {"lei": one.lei, "kvkNumber": one.kvk, "seat": one.country}.get(column, "")
        self._tables.propose(
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
                "source": self._file.source,
                "file": self._file.opened.name,
                "place": self._file.place(one.place),
            },
        )
