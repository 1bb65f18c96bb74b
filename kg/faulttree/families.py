"""Families of minimal cut sets as zero-suppressed diagrams, whole or up to an order.

A family is a number; 0 has no set in it, 1 only the empty one. All families are antichains: no set
contains another, so that equal functions have equal families, and a loop can see that it has come
to rest. With an order K, only sets of at most K events are kept. That loses nothing up to K: a cut
set of a gate is a union of cut sets of its inputs, none of which is larger than it. Whether
anything was dropped is remembered, so that an answer can say whether it may leave something out.

S. Minato (1993), Zero-suppressed BDDs for set manipulation in combinatorial problems, DAC.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from kg.faulttree.diagram import LAST, TooLarge
from kg.faulttree.formula import FALSE, TRUE, Formula, FormulaBuilder

Family = int
NONE: Final[Family] = 0
EMPTY: Final[Family] = 1
_UNLIMITED: Final = -1


class Families:
    """Operations on families of sets of events; variables are events in the order given.

    Attributes:
        dropped: whether anything of a higher order was dropped on the way.

    Args:
        events: the events, the first on top; the order decides how large families become.
        order: keep no larger sets; all of them by default.
        steps: how many results may be remembered; about 250 bytes each.

    Raises (every operation):
        TooLarge: it takes more steps than that.
    """

    def __init__(self, events: Sequence[int], order: int | None, steps: int) -> None:
        self.dropped = False
        self._order = _UNLIMITED if order is None else order
        self._left = steps
        self._events = list(events)
        self._variable: list[int] = [LAST, LAST]
        self._high: list[Family] = [0, 1]
        self._low: list[Family] = [0, 1]
        self._unique: dict[tuple[int, Family, Family], Family] = {}
        self._joined: dict[tuple[Family, Family], Family] = {}
        self._crossed: dict[tuple[Family, Family, int], Family] = {}
        self._rid: dict[tuple[Family, Family], Family] = {}
        self._single = {
            event: self._node(place, EMPTY, NONE) for place, event in enumerate(self._events)
        }

    def single(self, event: int) -> Family:
        """The family of this one event."""
        return self._single[event]

    def any(self, families: Sequence[Family]) -> Family:
        """What makes one of these true."""
        found = NONE
        for family in sorted(families, key=lambda one: -self._variable[one]):
            found = self._join(found, family)
        return found

    def copy(self, answer: CutFamily) -> Family:
        """A family of another collection over the same events, in this one."""
        of = [NONE, EMPTY]
        other = answer.families
        for node in range(2, answer.cuts + 1):
            high, low = of[other._high[node]], of[other._low[node]]
            of.append(self._node(other._variable[node], high, low))
        return of[answer.cuts]

    def formula(self, family: Family, events: int) -> Formula:
        """The function of a family as a formula: a gate or two per node of the diagram."""
        builder = FormulaBuilder(events)
        of = [FALSE, TRUE]
        for node in range(2, family + 1):
            event = self._events[self._variable[node]]
            both = builder.gate((event, of[self._high[node]]), 2)
            of.append(builder.any((both, of[self._low[node]])))
        return builder.build(of[family])

    def without(self, family: Family, known: Family) -> Family:
        """The sets of a family that contain no set of another."""
        return self._without(family, known)

    def at_least(self, families: Sequence[Family], needed: int) -> Family:
        """What makes so many of these true: a table of counters, n·m operations."""
        if needed == 1:
            return self.any(families)
        counters = [EMPTY] + [NONE] * needed
        for family in sorted(families, key=lambda one: -self._variable[one]):
            counters[1:] = [
                self._join(self._cross(family, counters[count - 1], self._order), counters[count])
                for count in range(1, needed + 1)
            ]
        return counters[needed]

    def by_order(self, family: Family) -> dict[int, int]:
        """How many sets of each order.

        Coefficients are packed into one whole number per family; none is more than the total, so
        that they cannot run into each other.
        """
        counts = [0, 1]
        for node in range(2, family + 1):
            counts.append(counts[self._high[node]] + counts[self._low[node]])
        bits = max(counts).bit_length() + 1
        packed = [0, 1]
        for node in range(2, family + 1):
            packed.append((packed[self._high[node]] << bits) + packed[self._low[node]])
        found: dict[int, int] = {}
        rest, order = packed[family], 0
        while rest:
            if count := rest & (1 << bits) - 1:
                found[order] = count
            rest >>= bits
            order += 1
        return found

    def sets(self, family: Family, max_order: int, limit: int | None) -> list[tuple[int, ...]]:
        """The sets as sorted tuples, by order and then by event; the first ``limit``."""
        shortest = [0, 0]
        far = 1 << 30
        shortest[0] = far
        for node in range(2, family + 1):
            shortest.append(min(shortest[self._high[node]] + 1, shortest[self._low[node]]))
        found: list[tuple[int, ...]] = []
        for order, count in self.by_order(family).items():
            room = count if limit is None else min(count, limit - len(found))
            if order > max_order or room <= 0:
                break
            found += sorted(self._of_order(family, order, shortest))[:room]
        return found

    def _of_order(self, family: Family, order: int, shortest: list[int]) -> list[tuple[int, ...]]:
        found: list[tuple[int, ...]] = []
        stack: list[tuple[Family, tuple[int, ...]]] = [(family, ())]
        while stack:
            node, chosen = stack.pop()
            if len(chosen) + shortest[node] > order:
                continue
            if node == EMPTY:
                if len(chosen) == order:
                    found.append(tuple(sorted(chosen)))
                continue
            stack.append((self._low[node], chosen))
            event = self._events[self._variable[node]]
            stack.append((self._high[node], (*chosen, event)))
        return found

    # --- the operations ---------------------------------------------------------------------------

    def _node(self, variable: int, high: Family, low: Family) -> Family:
        if high == NONE:
            return low
        key = (variable, high, low)
        found = self._unique.get(key)
        if found is None:
            found = self._unique[key] = len(self._variable)
            self._variable.append(variable)
            self._high.append(high)
            self._low.append(low)
        return found

    def _step(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise TooLarge

    def _parts(self, family: Family, variable: int) -> tuple[Family, Family]:
        if self._variable[family] == variable:
            return self._high[family], self._low[family]
        return NONE, family

    def _join(self, one: Family, two: Family) -> Family:
        """The minimal sets of both together."""
        if one > two:
            one, two = two, one
        if one in (NONE, two):
            return two
        if one == EMPTY:
            return EMPTY
        key = (one, two)
        found = self._joined.get(key)
        if found is None:
            self._step()
            top = min(self._variable[one], self._variable[two])
            (a1, a0), (b1, b0) = self._parts(one, top), self._parts(two, top)
            low = self._join(a0, b0)
            found = self._node(top, self._without(self._join(a1, b1), low), low)
            self._joined[key] = found
        return found

    def _cross(self, one: Family, two: Family, order: int) -> Family:
        """The minimal unions of a set of each, of at most ``order`` events."""
        if one > two:
            one, two = two, one
        if one == NONE:
            return NONE
        if order == _UNLIMITED:
            if one in (EMPTY, two):
                return two
        elif two == EMPTY:
            return EMPTY
        elif order == 0:
            self.dropped = True
            return NONE
        key = (one, two, order)
        found = self._crossed.get(key)
        if found is None:
            self._step()
            less = order - 1 if order > 0 else order
            top = min(self._variable[one], self._variable[two])
            if one == EMPTY:  # nothing to add, but the sets may be too large
                low = self._cross(EMPTY, self._low[two], order)
                found = self._node(top, self._cross(EMPTY, self._high[two], less), low)
            else:
                (a1, a0), (b1, b0) = self._parts(one, top), self._parts(two, top)
                low = self._cross(a0, b0, order)
                high = self._join(
                    self._cross(a1, self._join(b1, b0), less), self._cross(a0, b1, less)
                )
                found = self._node(top, self._without(high, low), low)
            self._crossed[key] = found
        return found

    def _without(self, cuts: Family, by: Family) -> Family:
        """The sets of ``cuts`` that contain no set of ``by``."""
        if by == EMPTY or cuts == NONE:
            return NONE
        if by == NONE or cuts == EMPTY:
            return cuts
        top = self._variable[cuts]
        while self._variable[by] < top:
            by = self._low[by]
        if by < 2:
            return NONE if by == EMPTY else cuts
        key = (cuts, by)
        found = self._rid.get(key)
        if found is None:
            self._step()
            b1, b0 = self._parts(by, top)
            high = self._without(self._without(self._high[cuts], b1), b0)
            found = self._node(top, high, self._without(self._low[cuts], b0))
            self._rid[key] = found
        return found


class CutFamily:
    """One family that is an answer: how many sets of each order, and which.

    Attributes:
        families, cuts: where it lives.
        dropped: whether sets of a higher order may be missing.
    """

    def __init__(self, families: Families, cuts: Family) -> None:
        self.families = families
        self.cuts = cuts
        self.dropped = families.dropped
        self.by_order = families.by_order(cuts)
        self.count = sum(self.by_order.values())

    def sets(self, max_order: int | None = None, limit: int | None = None) -> list[tuple[int, ...]]:
        """The cut sets as sorted tuples of events, by order and then by event; the first few."""
        most = max(self.by_order, default=0) if max_order is None else max_order
        return self.families.sets(self.cuts, most, limit)
