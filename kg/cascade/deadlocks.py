"""Recovery deadlocks: units that wait for each other to come up again.

Everything that may still come back is given the benefit of the doubt: outages end, restarts and
substitutions complete. What then remains waits for ever. Of that, what also waits for an outage
that lasts is not called a deadlock: its outage is not over.
"""

from __future__ import annotations

import math

from kg.cascade.restoration_engine import Holding
from kg.network import Network
from kg.network.graphs import components


def deadlocks(network: Network, holding: Holding, *, heal: bool) -> list[tuple[int, ...]]:
    """Groups with a down unit that wait for each other, and for no outage that lasts.

    Args:
        holding: how things stood at the end of the run.
        heal: did lost requirements heal in it?

    Returns:
        A plain ring in the order of waiting, each for the next, from its lowest unit; any other
        group sorted. Sorted.

    Cost: that of what is down or degraded.
    """
    return _Waiting(network, holding, heal).groups()


class _Waiting:
    """Who waits for whom: two nodes per unit, 2·u to come up, 2·u + 1 to work in full."""

    def __init__(self, network: Network, holding: Holding, heal: bool) -> None:
        self.plain, self.heal = network.plain, heal
        self.substitution = network.substitution
        self.down, self.reduced = set(holding.down), {*holding.down, *holding.limited}
        self.struck = set(holding.struck)
        blocking: dict[int, list[int]] = {2 * unit: [] for unit in holding.down}
        blocking |= {2 * unit + 1: [] for unit in holding.limited}
        for requirement in holding.blocking:
            plain = self.plain
            limits = plain.operation[requirement] and not plain.fails[requirement]
            node = 2 * plain.dependent[requirement] + limits
            if node in blocking:
                blocking[node].append(requirement)
        for unit in self.struck:
            blocking.pop(2 * unit, None)
        self.blocking = blocking

    def groups(self) -> list[tuple[int, ...]]:
        waits: dict[int, list[int]] = {}
        waited_on: dict[int, set[int]] = {}
        excused: list[int] = []
        for node in sorted(self.blocking):
            waits[node] = []
            for requirement in self.blocking[node]:
                full = self.plain.needs_full[requirement]
                for unit in self.plain.fulfillers[requirement]:
                    if unit not in (self.reduced if full else self.down):
                        continue
                    if unit in self.struck:
                        excused.append(node)
                    for other in _nodes(unit, full=full):
                        if other in self.blocking:
                            waits[node].append(other)
                            waited_on.setdefault(other, set()).add(node)
        stuck = self.stuck(waited_on)
        seen = set(excused)
        while excused:
            for node in waited_on.get(excused.pop(), ()):
                if node not in seen:
                    seen.add(node)
                    excused.append(node)
        left = stuck - seen
        edges = {node: [w for w in waits[node] if w in left] for node in sorted(left)}
        return [
            tuple(dict.fromkeys(node // 2 for node in _ring(group, edges)))
            for group in components(edges)
            if any(node % 2 == 0 for node in group)
        ]

    def stuck(self, waited_on: dict[int, set[int]]) -> set[int]:
        """The nodes that stay blocked even when all that is not blocked by them comes back."""
        plain = self.plain
        stuck = set(self.blocking)

        def satisfied(requirement: int) -> bool:
            if self.heal and math.isfinite(self.substitution[requirement]):
                return True
            full = plain.needs_full[requirement]
            absent = sum(
                any(node in stuck for node in _nodes(unit, full=full))
                for unit in plain.fulfillers[requirement]
            )
            return absent <= plain.tolerated[requirement]

        queue = sorted(stuck)
        while queue:
            node = queue.pop()
            if node in stuck and all(map(satisfied, self.blocking[node])):
                stuck.remove(node)
                queue.extend(sorted(waited_on.get(node, ())))
        return stuck


def _ring(group: tuple[int, ...], edges: dict[int, list[int]]) -> tuple[int, ...]:
    """A plain ring in the order of waiting, each for the next; any other group as it stands."""
    inside = set(group)
    successors = {node: {w for w in edges[node] if w in inside} for node in group}
    if any(len(found) != 1 for found in successors.values()):
        return group
    ring = [group[0]]
    while len(ring) < len(group):
        ring.extend(successors[ring[-1]])
    return tuple(ring)


def _nodes(unit: int, *, full: bool) -> tuple[int, ...]:
    return (2 * unit, 2 * unit + 1) if full else (2 * unit,)
