"""Binary decision diagrams of coherent functions, and their minimal solutions.

Why our own and not a library. Measured on jbd9601, the largest of the ten Aralia trees at hand,
with the same modules, order and way of combining for all; processor seconds, two cores:

    ====================  ======  =====  ================  =================
    what                  import  build  read into Python  minimal solutions
    ====================  ======  =====  ================  =================
    this module              0.0   0.21               0.0               0.25
    oxidd 0.13              0.07   0.05              0.05              (0.25)
    dd 0.6, dd.cudd         0.27   0.43              0.06              (0.25)
    dd 0.6, dd.autoref      0.22   0.64              0.30              (0.25)
    ====================  ======  =====  ================  =================

Neither library has Rauzy's minimal solutions or families without supersets, so that their diagrams
must be read node by node into Python for what costs most. dd is slower; oxidd saves 0.04 of the 0.5
seconds, and would be one more thing to depend on. What makes the difference is not the language:
without modules, and with inputs combined in the order of their variables, this tree takes ten times
as long. Numba takes longer to import than all of this. Where diagrams of millions of nodes are
wanted, oxidd is the one to take.

A. Rauzy (1993), New algorithms for fault trees analysis, Reliability Engineering & System Safety
40(3); R. E. Bryant (1986), IEEE Transactions on Computers C-35(8).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from heapq import heapify, heappop, heappush
from typing import Final

from kg.faulttree.modules import Module

#: A variable number after every other: that of the constants 0 and 1.
LAST: Final = 1 << 40
_SHIFT: Final = 32

Node = int
Operation = Callable[[Node, Node], Node]


class TooLarge(Exception):
    """The work went over its limit; what was asked has no answer within it."""


@contextmanager
def deep_recursion() -> Iterator[None]:
    """Room for a recursion as deep as there are variables.

    Python functions that call each other take no stack of the machine (CPython 3.11 on), only
    memory, so that the usual limit protects nothing here.
    """
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, 10_000_000))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


class Functions:
    """Coherent functions of events as ordered, reduced diagrams: equal functions are equal nodes.

    Nodes are numbers, 0 never and 1 always; children are lower than parents. ``variable``, ``high``
    and ``low`` by node; variable i is the i-th of ``events``, the first on top.

    Args:
        steps: how many results may be remembered; about 250 bytes each.

    Raises (every operation):
        TooLarge: it takes more steps than that.
    """

    def __init__(self, events: Sequence[int], steps: int) -> None:
        self.variable: list[int] = [LAST, LAST]
        self.high: list[Node] = [0, 1]
        self.low: list[Node] = [0, 1]
        self._unique: dict[tuple[int, Node, Node], Node] = {}
        self._steps = steps
        self._both, self._either = self._operation(0), self._operation(1)
        self._single: dict[int, Node] = {}
        for place, event in enumerate(events):
            self._single[event] = self._unique[place, 1, 0] = len(self.variable)
            self.variable.append(place)
            self.high.append(1)
            self.low.append(0)

    def single(self, event: int) -> Node:
        """The function of this one event."""
        return self._single[event]

    def any(self, nodes: Sequence[Node]) -> Node:
        """One of these."""
        return self._combine(self._either, nodes, 0)

    def at_least(self, nodes: Sequence[Node], needed: int) -> Node:
        """At least m of n as a table of counters, n·m operations: never the C(n, m) combinations.

        For coherent inputs "m − 1 of the rest" holds wherever "m of the rest" does, so that
        (input and m − 1 of the rest) or (m of the rest) is the whole recursion.
        """
        if needed == 1:
            return self.any(nodes)
        if needed == len(nodes):
            return self._combine(self._both, nodes, 1)
        both, either = self._both, self._either
        counters = [1] + [0] * needed
        for node in sorted(nodes, key=lambda one: -self.variable[one]):
            counters[1:] = [
                either(both(node, counters[count - 1]), counters[count])
                for count in range(1, needed + 1)
            ]
        return counters[needed]

    def _combine(self, operation: Operation, nodes: Sequence[Node], nothing: Node) -> Node:
        """The two smallest first, as in Huffman's code: large diagrams are walked least often.

        Among equals the last variables first, so that ranges are put on top of one another.
        """
        if len(nodes) <= 2:
            return operation(*nodes) if len(nodes) == 2 else (*nodes, nothing)[0]
        heap = [(self._size(node), -self.variable[node], node) for node in nodes]
        heapify(heap)
        while len(heap) > 1:
            found = operation(heappop(heap)[2], heappop(heap)[2])
            heappush(heap, (self._size(found), -self.variable[found], found))
        return heap[0][2]

    def _size(self, node: Node) -> int:
        high, low = self.high, self.low
        seen = {0, 1}
        stack = [node]
        while stack:
            one = stack.pop()
            if one not in seen:
                seen.add(one)
                stack += (high[one], low[one])
        return len(seen)

    def _operation(self, absorbing: int) -> Operation:
        """AND (absorbing 0) or OR (absorbing 1), with results remembered.

        Written out in one function, because a call per case doubles the time.
        """
        variable, high, low, unique = self.variable, self.high, self.low, self._unique
        limit = self._steps
        known: dict[int, Node] = {}
        neutral = 1 - absorbing

        def apply(one: Node, two: Node) -> Node:
            # Both are no constants, and one < two.
            key = one << _SHIFT | two
            found = known.get(key)
            if found is not None:
                return found
            if len(known) > limit:
                raise TooLarge
            top, other = variable[one], variable[two]
            if top == other:
                a, b, c, d = high[one], high[two], low[one], low[two]
            elif top < other:
                a, c = high[one], low[one]
                b = d = two
            else:
                top = other
                a = c = one
                b, d = high[two], low[two]
            if a > b:
                a, b = b, a
            if a > 1:
                h = a if a == b else apply(a, b)
            elif a == neutral:
                h = b
            else:
                h = absorbing
            if c > d:
                c, d = d, c
            if c > 1:
                rest = c if c == d else apply(c, d)
            elif c == neutral:
                rest = d
            else:
                rest = absorbing
            if h == rest:
                found = h
            else:
                triple = (top, h, rest)
                found = unique.get(triple)
                if found is None:
                    found = unique[triple] = len(variable)
                    variable.append(top)
                    high.append(h)
                    low.append(rest)
            known[key] = found
            return found

        def operation(one: Node, two: Node) -> Node:
            if one > two:
                one, two = two, one
            if one in (two, neutral):
                return two
            return absorbing if one == absorbing else apply(one, two)

        return operation


class Diagram(Functions):
    """The function of one module, and the family of its minimal solutions.

    The minimal solutions are a zero-suppressed diagram with nodes of its own: ``cut_variable``,
    ``cut_high``, ``cut_low``. ``root`` and ``cuts`` are the two tops.
    """

    def __init__(self, module: Module, steps: int) -> None:
        super().__init__(module.leaves, steps)
        with deep_recursion():
            self.root = self._compile(module)
            self._unique = {}  # only operations need it
            self.cut_variable: list[int] = [LAST, LAST]
            self.cut_high: list[Node] = [0, 1]
            self.cut_low: list[Node] = [0, 1]
            self.cuts = self._minimal_solutions(self.root)

    def _compile(self, module: Module) -> Node:
        of = dict(self._single)
        for gate, inputs, needed in module.gates:
            of[gate] = self.at_least([of[node] for node in inputs], needed)
        return of[module.gates[-1][0]]

    def _minimal_solutions(self, root: Node) -> Node:
        """Rauzy's minimal solutions: those of the high branch that do not satisfy the low one."""
        variable, high, low = self.variable, self.high, self.low
        cut_variable, cut_high, cut_low = self.cut_variable, self.cut_high, self.cut_low
        unique: dict[tuple[int, Node, Node], Node] = {}
        limit = self._steps
        solved: dict[Node, Node] = {0: 0, 1: 1}
        known: dict[int, Node] = {}

        def without(cuts: Node, function: Node) -> Node:
            """The sets among ``cuts`` that do not satisfy ``function``; neither is a constant."""
            key = cuts << _SHIFT | function
            found = known.get(key)
            if found is not None:
                return found
            if len(known) > limit:
                raise TooLarge
            top = cut_variable[cuts]
            while variable[function] < top:  # false in all of these sets
                function = low[function]
            if function < 2:
                found = known[key] = 0 if function else cuts
                return found
            h, rest = cut_high[cuts], cut_low[cuts]
            if variable[function] == top:
                on, off = high[function], low[function]
            else:
                on = off = function
            if on == 1:
                h = 0
            elif h > 1 and on:
                h = without(h, on)
            if off == 1:
                rest = 0
            elif rest > 1 and off:
                rest = without(rest, off)
            if h == 0:
                found = rest
            else:
                triple = (top, h, rest)
                found = unique.get(triple)
                if found is None:
                    found = unique[triple] = len(cut_variable)
                    cut_variable.append(top)
                    cut_high.append(h)
                    cut_low.append(rest)
            known[key] = found
            return found

        def solve(node: Node) -> Node:
            found = solved.get(node)
            if found is not None:
                return found
            off = low[node]
            rest = solve(off)
            h = solve(high[node])
            if off and h > 1:
                h = without(h, off)
            # A coherent function that is false with nothing is false for the empty set, so h
            # stays when it is 1; the low branch is never 1 (then the node would be 1).
            triple = (variable[node], h, rest)
            if h == 0:
                found = rest
            else:
                found = unique.get(triple)
                if found is None:
                    found = unique[triple] = len(cut_variable)
                    cut_variable.append(variable[node])
                    cut_high.append(h)
                    cut_low.append(rest)
            solved[node] = found
            return found

        return solve(root)
