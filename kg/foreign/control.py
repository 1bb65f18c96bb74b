"""Through which chain a country controls a unit, with the facts that say so."""

from __future__ import annotations

from collections import deque
from itertools import pairwise
from typing import Final, NamedTuple

from kg.foreign.policy import Terms
from kg.network import Network
from kg.store import Graph

#: From a unit or organisation to who or what it takes its control from.
_UPWARDS: Final = ("operatedBy", "suppliedBy", "ofProduct", "manufacturer")


class Chain(NamedTuple):
    """From the organisation with its seat in the country down to the unit; IRIs."""

    links: tuple[str, ...]
    evidence: tuple[str, ...]


class Control:
    """Answers for one graph; the shortest chain, then the one with the smallest IRIs."""

    def __init__(self, graph: Graph, terms: Terms) -> None:
        self._terms = terms
        self._seat = graph.several("seat")
        #: Stated outright, of a thing whose owners are not in the data.
        self._stated: dict[str, list[str]] = {}
        for thing, country in graph.asserted("underControlOf"):
            self._stated.setdefault(thing, []).append(country)
        self._up: dict[str, list[str]] = {}
        for local in _UPWARDS:
            for subject, value in graph.pairs(local):
                self._up.setdefault(subject, []).append(value)
        self._ownerships = self._read_ownerships(graph)
        for owner, owned in self._ownerships:
            self._up.setdefault(owned, []).append(owner)
        self._known: dict[tuple[str, str], Chain | None] = {}

    def units(self, network: Network) -> dict[str, list[int]]:
        """The units under the control of each country outside the trusted groups, sorted."""
        below: dict[str, list[str]] = {}
        for node, above in self._up.items():
            for one in above:
                below.setdefault(one, []).append(node)
        seats: dict[str, list[str]] = {}
        for given in (self._seat, self._stated):
            for thing, countries in given.items():
                for country in countries:
                    seats.setdefault(country, []).append(thing)
        found = {}
        for country in sorted(seats.keys() - self._terms.trusted):
            seen, queue = set(seats[country]), list(seats[country])
            while queue:
                for one in below.get(queue.pop(), ()):
                    if one not in seen:
                        seen.add(one)
                        queue.append(one)
            if units := sorted(network.index(one) for one in seen if one in network):
                found[country] = units
        return found

    def chain(self, unit: str, country: str) -> Chain | None:
        """The chain from ``country`` to ``unit``; None when the facts give none."""
        if (unit, country) not in self._known:
            self._known[unit, country] = self._search(unit, country, self._seat) or self._search(
                unit, country, self._stated
            )
        return self._known[unit, country]

    def countries(self, organisation: str) -> frozenset[str]:
        """The seats of those at the top: whom nobody else controls."""
        seen, queue = {organisation}, deque([organisation])
        found: set[str] = set()
        while queue:
            node = queue.popleft()
            above = [one for one in self._up.get(node, ()) if one not in seen]
            if not self._up.get(node):
                found.update(self._seat.get(node, ()))
            seen.update(above)
            queue.extend(above)
        # Owners in a circle have nobody above them: all of them count.
        return frozenset(found or {c for node in seen for c in self._seat.get(node, ())})

    def _search(self, unit: str, country: str, seats: dict[str, list[str]]) -> Chain | None:
        previous: dict[str, str] = {}
        seen, queue = {unit}, deque([unit])
        while queue:
            node = queue.popleft()
            if country in seats.get(node, ()):
                links = [node]
                while links[-1] != unit:
                    links.append(previous[links[-1]])
                return Chain(tuple(links), self._evidence(links))
            for above in sorted(self._up.get(node, ())):
                if above not in seen:
                    seen.add(above)
                    previous[above] = node
                    queue.append(above)
        return None

    def _evidence(self, links: list[str]) -> tuple[str, ...]:
        found = {links[0]}  # it says where its seat is
        for owner, owned in pairwise(links):
            found.update(self._ownerships.get((owner, owned), (owned,)))
        return tuple(sorted(found))

    def _read_ownerships(self, graph: Graph) -> dict[tuple[str, str], tuple[str, ...]]:
        """The valid ownerships that give control, by owner and owned."""
        owners, owned = graph.single("owner"), graph.single("owned")
        share, control = graph.single("share"), graph.single("control")
        since, until = graph.single("validFrom"), graph.single("validUntil")
        today = self._terms.date
        found: dict[tuple[str, str], list[str]] = {}
        for iri in sorted(owners):
            valid = since.get(iri, "")[:10] <= today <= until.get(iri, "9999")[:10]
            gives = control.get(iri) == "true" or float(share.get(iri, 0)) > self._terms.threshold
            if iri in owned and gives and (valid or not today):
                found.setdefault((owners[iri], owned[iri]), []).append(iri)
        return {pair: tuple(iris) for pair, iris in found.items()}
