"""Who holds which share in what on a date: the records of ownership that count, each once."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from copy import copy
from decimal import Decimal
from typing import Final, NamedTuple

from kg.names import VIT
from kg.store import Graph

_JOINT: Final = VIT + "jointControl"
_GOLDEN: Final = VIT + "goldenShare"


class Stake(NamedTuple):
    """One record of ownership.

    Attributes:
        share: from 0 to 1; 0 where the record gives none.
        asserted: a source establishes that the owner has control, by itself.
        joint: a source establishes that the owner has control together with others.
        golden: that control comes from a golden share.
    """

    iri: str
    owner: str
    owned: str
    share: Decimal
    asserted: bool
    joint: bool
    golden: bool = False


class Stakes:
    """The records that are valid on a date; all of them when the date is empty.

    Records that speak of the same holding are alternatives: those with the same owner and owned,
    those about the same owned that conflict, and what is an alternative of an alternative. Their
    shares are never added up; of the ones that are looked at the highest counts.

    Attributes:
        owned: per organisation the records of who holds it, by IRI.
    """

    def __init__(self, graph: Graph, date: str) -> None:
        self.owned: dict[str, list[Stake]] = {}
        for one in _read(graph, date):
            self.owned.setdefault(one.owned, []).append(one)
        self._holding = self._alternatives(graph)

    def instead(self, owned: str, records: Iterable[Stake]) -> Stakes:
        """A copy in which these are the records of who holds ``owned``.

        A record that was there keeps its alternatives; a new one has none.
        """
        other = copy(self)
        other.owned = {**self.owned, owned: sorted(records)}
        other._holding = {**{one.iri: one.iri for one in other.owned[owned]}, **self._holding}
        return other

    def counted(self, owned: str, owners: Collection[str]) -> tuple[Stake, ...]:
        """The records of these owners that add up: of alternatives the highest, then by IRI."""
        best: dict[str, Stake] = {}
        for one in self.owned.get(owned, ()):
            if one.owner in owners and one.share > 0:
                holding = self._holding[one.iri]
                if holding not in best or one.share > best[holding].share:
                    best[holding] = one
        return tuple(sorted(best.values()))

    def owners(self, owned: str) -> list[str]:
        """Who has a share in it, sorted."""
        return sorted({one.owner for one in self.owned.get(owned, ()) if one.share > 0})

    def _alternatives(self, graph: Graph) -> dict[str, str]:
        """Per record the smallest IRI among its alternatives (a union-find over the records)."""
        root: dict[str, str] = {}

        def find(iri: str) -> str:
            while root.setdefault(iri, iri) != iri:
                root[iri] = iri = root[root[iri]]
            return iri

        def join(one: str, other: str) -> None:
            low, high = sorted((find(one), find(other)))
            root[high] = low

        subject: dict[str, str] = {}
        for owned, records in self.owned.items():
            first: dict[str, str] = {}
            for one in records:
                subject[one.iri] = owned
                join(first.setdefault(one.owner, one.iri), one.iri)
        for iri, other in graph.pairs("conflictsWith"):
            if iri in subject and subject[iri] == subject.get(other):
                join(iri, other)
        return {iri: find(iri) for iri in subject}


def _read(graph: Graph, date: str) -> list[Stake]:
    owners, owned = graph.single("owner"), graph.single("owned")
    share, control = graph.single("share"), graph.single("control")
    basis = graph.single("controlBasis")
    since, until = graph.single("validFrom"), graph.single("validUntil")
    found = []
    for iri in sorted(owners):
        valid = since.get(iri, "")[:10] <= date <= until.get(iri, "9999")[:10]
        if iri in owned and owners[iri] != owned[iri] and (valid or not date):
            stated, joint = control.get(iri) in ("true", "1"), basis.get(iri) == _JOINT
            found.append(
                Stake(
                    iri,
                    owners[iri],
                    owned[iri],
                    Decimal(share.get(iri, "0")),
                    stated and not joint,
                    stated and joint,
                    stated and basis.get(iri) == _GOLDEN,
                )
            )
    return found
