"""A solved formula: how many minimal cut sets, which, and how likely, all exact."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from heapq import nsmallest
from itertools import islice
from typing import Final, NamedTuple

from kg.faulttree.diagram import Diagram, TooLarge, deep_recursion
from kg.faulttree.formula import FALSE, TRUE, Formula
from kg.faulttree.modules import modules_of

__all__ = ["STEPS", "Solution", "TooLarge", "Weight"]

#: Steps that a diagram may take by default: a few seconds, and half a gigabyte at the worst.
STEPS: Final = 1_500_000
#: Of one order at most this many are put in order to list the first; beyond it any will do.
_SORTED: Final = 500_000


class Weight(NamedTuple):
    """How much one event matters; see :meth:`Solution.importance`."""

    event: int
    birnbaum: float
    fussell_vesely: float
    raw: float
    rrw: float


class Solution:
    """The minimal cut sets of a formula as diagrams, one per module.

    Args:
        steps: how much work each diagram may take.

    Raises:
        TooLarge: it takes more.
    """

    def __init__(self, formula: Formula, steps: int = STEPS) -> None:
        self.formula = formula
        self._diagrams: dict[int, Diagram] = {}
        self._leaves: dict[int, tuple[int, ...]] = {}
        self._spread: dict[int, list[int]] = {}
        if formula.top >= formula.events:
            for top, module in modules_of(formula).items():
                self._diagrams[top] = Diagram(module, steps)
                self._leaves[top] = module.leaves
        #: The node that stands for the whole: an event, a module or a constant.
        self._top = next(reversed(self._diagrams), formula.top)
        self.count = self._count()
        self._bits = self.count.bit_length() + 1
        self.by_order = self._by_order()

    # --- how many ---------------------------------------------------------------------------------

    def _count(self) -> int:
        counts: dict[int, int] = {}
        for top, diagram in self._diagrams.items():
            weights = [counts.get(leaf, 1) for leaf in self._leaves[top]]
            found = [0, 1]
            for node in range(2, len(diagram.cut_variable)):
                weight = weights[diagram.cut_variable[node]]
                found.append(weight * found[diagram.cut_high[node]] + found[diagram.cut_low[node]])
            counts[top] = found[diagram.cuts]
        return counts.get(self._top, 0 if self._top == FALSE else 1)

    def _by_order(self) -> dict[int, int]:
        """Numbers by order, as coefficients packed into one whole number per node.

        No coefficient is more than the total, so that they cannot run into each other and sums
        and products of polynomials are sums and products of numbers.
        """
        bits = self._bits
        for top, diagram in self._diagrams.items():
            weights = [self._packed(leaf) for leaf in self._leaves[top]]
            found = [0, 1]
            for node in range(2, len(diagram.cut_variable)):
                weight = weights[diagram.cut_variable[node]]
                found.append(weight * found[diagram.cut_high[node]] + found[diagram.cut_low[node]])
            self._spread[top] = found
        packed, mask = self._packed(self._top), (1 << bits) - 1
        orders: dict[int, int] = {}
        order = 0
        while packed:
            if packed & mask:
                orders[order] = packed & mask
            packed >>= bits
            order += 1
        return orders

    def _packed(self, leaf: int) -> int:
        if leaf in self._spread:
            return self._spread[leaf][self._diagrams[leaf].cuts]
        if leaf < 0:
            return 1 if leaf == TRUE else 0
        return 1 << self._bits

    # --- which ------------------------------------------------------------------------------------

    def sets(self, max_order: int | None = None, limit: int | None = None) -> list[tuple[int, ...]]:
        """Minimal cut sets as sorted tuples of events, by order and then by event.

        Args:
            max_order: none of a higher order.
            limit: only the first so many. Of an order with more than half a million, these are
                some in the order of the diagram, which is as fixed but not the first by event.
        """
        found: list[tuple[int, ...]] = []
        with deep_recursion():
            for order, count in self.by_order.items():
                if max_order is not None and order > max_order:
                    break
                room = count if limit is None else min(count, limit - len(found))
                if room <= 0:
                    break
                every = (tuple(sorted(one)) for one in self._sets(self._top, order))
                if room == count:
                    found += sorted(every)
                elif count > _SORTED:
                    found += sorted(islice(every, room))
                else:
                    found += nsmallest(room, every)
        return found

    def _sets(self, leaf: int, order: int) -> Iterator[tuple[int, ...]]:
        """The minimal cut sets of exactly this order of an event or module."""
        if leaf in self._diagrams:
            yield from self._walk(leaf, self._diagrams[leaf].cuts, order)
        elif leaf == TRUE:
            if order == 0:
                yield ()
        elif order == 1:
            yield (leaf,)

    def _walk(self, top: int, node: int, order: int) -> Iterator[tuple[int, ...]]:
        diagram, leaves, spread = self._diagrams[top], self._leaves[top], self._spread[top]
        bits = self._bits
        mask = (1 << bits) - 1
        while node > 1:
            high, leaf = diagram.cut_high[node], leaves[diagram.cut_variable[node]]
            weight = self._packed(leaf)
            for part in range(1, order + 1):
                if weight >> bits * part & mask and spread[high] >> bits * (order - part) & mask:
                    for first in self._sets(leaf, part):
                        for rest in self._walk(top, high, order - part):
                            yield first + rest
            node = diagram.cut_low[node]
        if node == 1 and order == 0:
            yield ()

    # --- how likely -------------------------------------------------------------------------------

    def events(self) -> list[int]:
        """The events that occur in some minimal cut set, sorted."""
        found: set[int] = set()
        todo = [self._top] if self._top >= 0 else []
        while todo:
            leaf = todo.pop()
            diagram = self._diagrams.get(leaf)
            if diagram is None:
                found.add(leaf)
                continue
            used = {diagram.cut_variable[node] for node in _reached(diagram)}
            todo += [self._leaves[leaf][variable] for variable in sorted(used)]
        return sorted(found)

    def probability(self, chance: Sequence[float]) -> float:
        """The probability of the top when event i is true with ``chance[i]``, all independent.

        Exact, on the diagrams and not from the cut sets; NaN where a chance that matters is NaN.
        """
        return self._chances(chance)[1]

    def _chances(self, chance: Sequence[float]) -> tuple[dict[int, list[float]], float]:
        """Per module the probability of each node of its diagram; and of the top."""
        by_node: dict[int, list[float]] = {}
        of: dict[int, float] = {}
        for top, diagram in self._diagrams.items():
            chances = [_chance(of, chance, leaf) for leaf in self._leaves[top]]
            found = [0.0, 1.0]
            for node in range(2, len(diagram.variable)):
                p = chances[diagram.variable[node]]
                found.append(p * found[diagram.high[node]] + (1.0 - p) * found[diagram.low[node]])
            by_node[top] = found
            of[top] = found[diagram.root]
        if self._top < 0:
            return by_node, 1.0 if self._top == TRUE else 0.0
        return by_node, _chance(of, chance, self._top)

    def importance(self, chance: Sequence[float]) -> list[Weight]:
        """How much each event matters, exact on the diagrams; events in some cut set, sorted.

        With Q the probability of the top, Q₁ and Q₀ that with the event certain and impossible:

        - Birnbaum ∂Q/∂p = Q₁ − Q₀ (Birnbaum 1969);
        - Fussell–Vesely (Q − Q₀) / Q, the share of Q that is lost when the event cannot occur
          (Cheok, Parry & Sherry 1998, Reliability Engineering & System Safety 60; the form of
          Fussell 1975 as the probability of a union of cut sets is near it for small p);
        - RAW, risk achievement worth, Q₁ / Q; RRW, risk reduction worth, Q / Q₀, infinite where
          nothing is left without the event (both Vesely et al. 1983, NUREG/CR-3385).

        NaN where Q or what it divides by is not known or 0 / 0.
        """
        nodes, total = self._chances(chance)
        slopes = {self._top: 1.0}
        for top, diagram in reversed(self._diagrams.items()):
            own = slopes.get(top, 0.0)
            chances = [
                nodes[leaf][self._diagrams[leaf].root] if leaf in nodes else chance[leaf]
                for leaf in self._leaves[top]
            ]
            reach = [0.0] * len(diagram.variable)
            reach[diagram.root] = own
            found = [0.0] * len(chances)
            for node in range(len(diagram.variable) - 1, 1, -1):
                here = reach[node]
                if here == 0.0:
                    continue
                variable, high, low = diagram.variable[node], diagram.high[node], diagram.low[node]
                p = chances[variable]
                found[variable] += here * (nodes[top][high] - nodes[top][low])
                reach[high] += here * p
                reach[low] += here * (1.0 - p)
            for leaf, slope in zip(self._leaves[top], found, strict=True):
                slopes[leaf] = slopes.get(leaf, 0.0) + slope
        return [_weight(event, total, slopes[event], chance[event]) for event in self.events()]


def _chance(of: dict[int, float], chance: Sequence[float], leaf: int) -> float:
    return of[leaf] if leaf in of else chance[leaf]


def _reached(diagram: Diagram) -> set[int]:
    """The nodes of the minimal solutions, constants left out."""
    seen: set[int] = set()
    todo = [diagram.cuts]
    while todo:
        node = todo.pop()
        if node > 1 and node not in seen:
            seen.add(node)
            todo += (diagram.cut_high[node], diagram.cut_low[node])
    return seen


def _weight(event: int, total: float, slope: float, p: float) -> Weight:
    without = total - p * slope
    certain = total + (1.0 - p) * slope
    if p * slope >= total * (1.0 - 1e-12):  # what rounding leaves is nothing
        without = 0.0
    return Weight(
        event,
        slope,
        _ratio(total - without, total),
        _ratio(certain, total),
        _ratio(total, without),
    )


def _ratio(part: float, whole: float) -> float:
    if whole == 0.0:
        return math.inf if part > 0.0 else math.nan
    return part / whole
