"""Minimal cut sets up to an order, for formulas that are too large to solve whole.

Every gate gets the family of its minimal cut sets of at most K events, as a zero-suppressed diagram
in which families are antichains. That loses nothing up to K: a cut set of a gate is a union of cut
sets of its inputs, none of which is larger than it. What was dropped on the way is remembered, so
that the answer can say whether it may have left something out.

S. Minato (1993), Zero-suppressed BDDs for set manipulation in combinatorial problems, DAC.
"""

from __future__ import annotations

from kg.faulttree.diagram import LAST, TooLarge, deep_recursion
from kg.faulttree.formula import FALSE, TRUE, Formula

Family = int
_NONE, _EMPTY = 0, 1


class Bounded:
    """The minimal cut sets of at most ``order`` events.

    Attributes:
        dropped: whether anything of a higher order was dropped on the way; when it was not, these
            are all minimal cut sets there are.

    Raises:
        TooLarge: it takes more than ``steps`` steps.
    """

    def __init__(self, formula: Formula, order: int, steps: int) -> None:
        self.dropped = False
        self._steps = steps
        self._events: list[int] = []
        self._variable: list[int] = [LAST, LAST]
        self._high: list[Family] = [0, 1]
        self._low: list[Family] = [0, 1]
        self._unique: dict[tuple[int, Family, Family], Family] = {}
        self._joined: dict[tuple[Family, Family], Family] = {}
        self._crossed: dict[tuple[Family, Family, int], Family] = {}
        self._rid: dict[tuple[Family, Family], Family] = {}
        with deep_recursion():
            self._cuts = self._solve(formula, order)
        self.by_order = self._by_order(order)
        self.count = sum(self.by_order.values())

    def sets(self, max_order: int | None = None, limit: int | None = None) -> list[tuple[int, ...]]:
        """The cut sets as sorted tuples of events, by order and then by event; the first ``limit``.

        Of an order with more than half a million sets the first are put in order among themselves.
        """
        found: list[tuple[int, ...]] = []
        for order in self.by_order:
            room = None if limit is None else limit - len(found)
            if (max_order is not None and order > max_order) or room == 0:
                break
            found += sorted(self._of_order(order))[:room]
        return found

    def _solve(self, formula: Formula, order: int) -> Family:
        if formula.top < 0:
            return {TRUE: _EMPTY, FALSE: _NONE}[formula.top]
        gates, place = _below(formula)
        self._events = list(place)
        of: dict[int, Family] = {
            event: self._node(number, _EMPTY, _NONE) for event, number in place.items()
        }
        for gate in gates:
            inputs = [of[node] for node in formula.inputs[gate - formula.events]]
            needed = formula.needed[gate - formula.events]
            inputs.sort(key=lambda family: -self._variable[family])
            counters = [_EMPTY] + [_NONE] * needed
            for family in inputs:
                counters[1:] = [
                    self._join(self._cross(family, counters[count - 1], order), counters[count])
                    for count in range(1, needed + 1)
                ]
            of[gate] = counters[needed]
        return of[formula.top]

    def _node(self, variable: int, high: Family, low: Family) -> Family:
        if high == _NONE:
            return low
        key = (variable, high, low)
        found = self._unique.get(key)
        if found is None:
            if len(self._unique) > self._steps:
                raise TooLarge
            found = self._unique[key] = len(self._variable)
            self._variable.append(variable)
            self._high.append(high)
            self._low.append(low)
        return found

    def _parts(self, family: Family, variable: int) -> tuple[Family, Family]:
        if self._variable[family] == variable:
            return self._high[family], self._low[family]
        return _NONE, family

    def _join(self, one: Family, two: Family) -> Family:
        """The minimal sets of both together."""
        if one > two:
            one, two = two, one
        if one in (_NONE, two):
            return two
        if one == _EMPTY:
            return _EMPTY
        key = (one, two)
        found = self._joined.get(key)
        if found is None:
            self._check(len(self._joined))
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
        if one == _NONE:
            return _NONE
        if order == 0:
            if two == _EMPTY:
                return _EMPTY
            self.dropped = True
            return _NONE
        if two == _EMPTY:
            return _EMPTY
        key = (one, two, order)
        found = self._crossed.get(key)
        if found is None:
            self._check(len(self._crossed))
            top = min(self._variable[one], self._variable[two])
            if one == _EMPTY:
                low = self._cross(_EMPTY, self._low[two], order)
                found = self._node(top, self._cross(_EMPTY, self._high[two], order - 1), low)
            else:
                (a1, a0), (b1, b0) = self._parts(one, top), self._parts(two, top)
                low = self._cross(a0, b0, order)
                high = self._join(
                    self._cross(a1, self._join(b1, b0), order - 1),
                    self._cross(a0, b1, order - 1),
                )
                found = self._node(top, self._without(high, low), low)
            self._crossed[key] = found
        return found

    def _without(self, cuts: Family, by: Family) -> Family:
        """The sets of ``cuts`` that contain no set of ``by``."""
        if by == _EMPTY or cuts == _NONE:
            return _NONE
        if by == _NONE or cuts == _EMPTY:
            return cuts
        top = self._variable[cuts]
        while self._variable[by] < top:
            by = self._low[by]
        if by < 2:
            return _NONE if by == _EMPTY else cuts
        key = (cuts, by)
        found = self._rid.get(key)
        if found is None:
            self._check(len(self._rid))
            b1, b0 = self._parts(by, top)
            high = self._without(self._without(self._high[cuts], b1), b0)
            found = self._node(top, high, self._without(self._low[cuts], b0))
            self._rid[key] = found
        return found

    def _check(self, remembered: int) -> None:
        if remembered > self._steps:
            raise TooLarge

    def _by_order(self, most: int) -> dict[int, int]:
        spread: list[list[int]] = [[0] * (most + 1), [1] + [0] * most]
        for node in range(2, len(self._variable)):
            high, low = spread[self._high[node]], spread[self._low[node]]
            spread.append([low[0], *(low[at] + high[at - 1] for at in range(1, most + 1))])
        return {order: count for order, count in enumerate(spread[self._cuts]) if count}

    def _of_order(self, order: int) -> list[tuple[int, ...]]:
        found: list[tuple[int, ...]] = []
        stack: list[tuple[Family, tuple[int, ...]]] = [(self._cuts, ())]
        while stack:
            node, chosen = stack.pop()
            if node == _EMPTY and len(chosen) == order:
                found.append(tuple(sorted(chosen)))
            if node > 1:
                stack.append((self._low[node], chosen))
                if len(chosen) < order:
                    event = self._events[self._variable[node]]
                    stack.append((self._high[node], (*chosen, event)))
        return found


def _below(formula: Formula) -> tuple[list[int], dict[int, int]]:
    """The gates under the top, inputs first; the place of each event, depth first."""
    events, inputs = formula.events, formula.inputs
    if formula.top < events:
        return [], {formula.top: 0}
    gates: list[int] = []
    place: dict[int, int] = {}
    seen = {formula.top}
    stack = [(formula.top, iter(inputs[formula.top - events]))]
    while stack:
        gate, rest = stack[-1]
        for node in rest:
            if node < events:
                place.setdefault(node, len(place))
            elif node not in seen:
                seen.add(node)
                stack.append((node, iter(inputs[node - events])))
                break
        else:
            gates.append(gate)
            stack.pop()
    return gates, place
