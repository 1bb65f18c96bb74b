"""From organisations at hand upwards, along consolidations, to everyone above them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from typing import NamedTuple

from kg.sources.cells import shown
from kg.sources.model import CellError
from kg.sources.registers.gleif.parts import RegisterFile
from kg.sources.registers.gleif.recognise import Match, Recogniser
from kg.sources.registers.gleif.relations import Relations
from kg.sources.registers.gleif.rows import DIRECT, VOID, Entity, Relation
from kg.sources.registers.importer import Importer
from kg.sources.registers.known import is_lei
from kg.sources.registers.model import date_of, text_of


class Parent(NamedTuple):
    """A relationship that is taken over, with its days."""

    relation: Relation
    start: str
    end: str


@dataclass
class Taken:
    """What of the register goes into the tables, by LEI: its id, names and how secret it is.

    ``parents`` are the records of those that the data at hand do not have.
    """

    ids: dict[str, str] = field(default_factory=dict)
    labels: dict[str, tuple[str, str]] = field(default_factory=dict)
    markings: dict[str, str] = field(default_factory=dict)
    parents: dict[str, Entity] = field(default_factory=dict)

    @classmethod
    def of(cls, work: Importer, matched: Mapping[str, Match]) -> Taken:
        """The organisations that were recognised."""
        taken = cls()
        for lei, (organisation, _, _) in matched.items():
            taken.ids[lei] = organisation.id
            taken.labels[lei] = (organisation.label, organisation.label_en)
            taken.markings[lei] = work.known.highest([work.about.marking, organisation.marking])
        return taken


class Climb:
    """Finds who stands above what is taken."""

    def __init__(
        self,
        work: Importer,
        file: RegisterFile,
        relations: Relations,
        recogniser: Recogniser,
        taken: Taken,
    ) -> None:
        self._work = work
        self._file = file
        self._relations = relations
        self._recogniser = recogniser
        self._taken = taken

    def up(self) -> list[Parent]:
        """Relationships from what is taken upwards, each parent once; parents are added to it."""
        markings = self._taken.markings
        direct: dict[str, list[str]] = {}
        taken: list[Parent] = []
        ultimate: list[Parent] = []
        # The least secret first, so that adding something secret changes nothing that is open.
        queue = [(self._rank(lei), lei) for lei in sorted(self._taken.ids)]
        heapify(queue)
        seen: set[str] = set()
        while queue:
            _, child = heappop(queue)
            if child in seen:
                continue
            seen.add(child)
            for relation in self._relations.of(child):
                days = self._days(relation)
                if days is None or not self._has_parent(relation):
                    continue
                parent = relation.parent
                if parent in self._taken.parents and parent not in seen:
                    # Found through something secret only, a parent would tell of it.
                    through = markings[child]
                    before = markings.get(parent, through)
                    markings[parent] = self._work.known.lowest([before, through])
                heappush(queue, (self._rank(parent), parent))
                if relation.kind == DIRECT:
                    direct.setdefault(child, []).append(parent)
                    taken.append(Parent(relation, *days))
                else:
                    ultimate.append(Parent(relation, *days))
        for one in ultimate:
            if one.relation.parent in _above(one.relation.child, direct):
                self._work.counts["ultimate-follows"] += 1
            else:
                taken.append(one)
        return taken

    def _rank(self, lei: str) -> int:
        return self._work.known.ranks.get(self._taken.markings[lei], 0)

    def _has_parent(self, relation: Relation) -> bool:
        """Whether the parent is known or can be taken over."""
        parent = relation.parent
        if parent == relation.child:
            self._work.counts["itself"] += 1
            return False
        if parent in self._taken.ids:
            return True
        one = self._relations.entity(parent)
        if one is None:
            if is_lei(parent):
                self._work.counts["parent-absent"] += 1
            else:
                self._work.troubles.add(
                    self._file.location(relation.place, "Relationship.EndNode.NodeID"),
                    "lei",
                    f"'{shown(parent)}' is geen LEI; verbeter haar, of haal het bestand opnieuw "
                    "op.",
                    f"'{shown(parent)}' is no LEI; correct it, or get the file again.",
                )
            return False
        if one.registration in VOID or not self._recogniser.sound(one):
            return False
        if (
            parent in self._work.known.by_lei
        ):  # of several organisations at hand: nobody knows which
            return False
        self._taken.ids[parent] = f"lei-{parent}"
        name = text_of(one.name)
        self._taken.labels[parent] = (name, name)
        self._taken.parents[parent] = one
        return True

    def _days(self, relation: Relation) -> tuple[str, str] | None:
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
            place = self._file.location(relation.place, "Relationship.Period")
            self._work.troubles.cell(place, error)
            return None
        return start, end


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
