"""A network and a deadline as a formula: which units, struck at 0 for good, bring the target down.

With x_v "v is struck" and τ the time that is left::

    D(v, τ) = x_v or, for a requirement r of v (operation, fails) with buffer b ≤ τ,
              at least n − k + 1 of { D(u, τ − b), or N(u, τ − b) when r needsFull : u ∈ F(r) }
    N(v, τ) = D(v, τ) or the same for the requirements of v that degrade

which is the recursion of :mod:`kg.cascade.failure` read backwards. Two things keep it finite and
small, and lose nothing:

- In a derivation no label of a unit occurs twice on a path (the later one would be no earlier), so
  that a label that can fail at all does so within the sum of the largest buffers on any such path.
  More time left than that is as good as for ever: all such τ are one.
- Loops take the least fixpoint. Within a strongly connected part let M be the labels at which a
  depth-first walk runs into itself. Starting from "nothing fails", every round over the part that
  is no fixpoint yet makes at least one label of M true, for each set of struck units; so |M| + 1
  copies of the part, each reading the loops from the one before, are the least fixpoint.
"""

from __future__ import annotations

import math
from collections import ChainMap
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from kg.faulttree.formula import FALSE, Formula, FormulaBuilder
from kg.network import Network
from kg.network.durations import FOREVER, to_ticks

Label = int  # 2·unit down, 2·unit + 1 not in full
State = tuple[Label, int]  # a label and the ticks left, FOREVER for no deadline
Ways = list[tuple[int, list[State]]]  # alternatives: at least so many of these

Node = TypeVar("Node", Label, State)

#: Gates that a formula may have by default.
GATES: Final = 400_000


class TooManyGates(Exception):
    """The formula would have more gates than allowed."""


@dataclass(frozen=True)
class Unfolded:
    """A formula over units (event i is unit i) and where it came from.

    Attributes:
        meaning: of a gate node: the unit, whether it is about working in full, the hours left
            (infinite without deadline). Auxiliary gates have none.
        requirements: those that the formula rests on, sorted.
    """

    formula: Formula
    meaning: dict[int, tuple[int, bool, float]]
    requirements: tuple[int, ...]


def unfold(
    network: Network,
    target: int,
    within_hours: float = math.inf,
    among: Collection[int] | None = None,
    max_gates: int = GATES,
) -> Unfolded:
    """The formula "the target is down within so many hours".

    Args:
        among: the units that can be struck; all of them by default.

    Raises:
        TooManyGates: it would be larger than ``max_gates``.
    """
    return _Unfolding(network, among, max_gates).run(target, within_hours)


class _Unfolding:
    def __init__(self, network: Network, among: Collection[int] | None, most: int) -> None:
        self.plain = network.plain
        self.among = among
        self.most = most
        self.builder = FormulaBuilder(len(network.units))
        self.latest: dict[Label, int] = {}
        self.used: set[int] = set()

    def run(self, target: int, within_hours: float) -> Unfolded:
        start = 2 * target
        self.bound(start)
        left = FOREVER if math.isinf(within_hours) else to_ticks(within_hours)
        first = self.state(start, left)
        graph = self.graph(first)
        value: dict[State, int] = {}
        for part in _components(graph):
            self.solve(part, graph, value)
        meaning: dict[int, tuple[int, bool, float]] = {}
        for (label, ticks), node in value.items():
            if node >= len(self.plain.own):
                hours = math.inf if ticks == FOREVER else ticks / to_ticks(1.0)
                meaning.setdefault(node, (label // 2, label % 2 == 1, hours))
        return Unfolded(self.builder.build(value[first]), meaning, tuple(sorted(self.used)))

    def losses(self, label: Label) -> list[tuple[int, int, list[Label]]]:
        """Per requirement that brings this label about: itself, how many must be lost, of what."""
        plain, (unit, not_full) = self.plain, divmod(label, 2)
        found = []
        for requirement in plain.own[unit]:
            if not plain.operation[requirement] or plain.buffer[requirement] >= FOREVER:
                continue
            if plain.fails[requirement] == bool(not_full):
                continue
            full = plain.needs_full[requirement]
            labels = [2 * fulfiller + full for fulfiller in plain.fulfillers[requirement]]
            found.append((requirement, plain.tolerated[requirement] + 1, labels))
        return found

    def below(self, label: Label) -> list[Label]:
        found = [label - 1] if label % 2 else []
        return found + [one for _, _, labels in self.losses(label) for one in labels]

    def bound(self, start: Label) -> None:
        """The ticks within which each label fails if it fails at all."""
        graph: dict[Label, list[Label]] = {}
        todo = [start]
        while todo:
            label = todo.pop()
            if label not in graph:
                if len(graph) > self.most:
                    raise TooManyGates
                graph[label] = self.below(label)
                todo += graph[label]
        for part in _components(graph):
            inside = set(part)
            slowest = sum(
                max((self.plain.buffer[r] for r, _, _ in self.losses(one)), default=0)
                for one in part
            )
            outside = (
                self.latest[one] for label in part for one in graph[label] if one not in inside
            )
            total = min(slowest + max(outside, default=0), FOREVER - 1)
            self.latest |= dict.fromkeys(part, total)

    def state(self, label: Label, left: int) -> State:
        return (label, FOREVER if left >= self.latest[label] else left)

    def inputs(self, state: State) -> Ways:
        """What brings this about, apart from being struck."""
        label, left = state
        found = [(1, [self.state(label - 1, left)])] if label % 2 else []
        for requirement, needed, labels in self.losses(label):
            buffer = self.plain.buffer[requirement]
            if buffer <= left:
                self.used.add(requirement)
                rest = FOREVER if left == FOREVER else left - buffer
                found.append((needed, [self.state(one, rest) for one in labels]))
        return found

    def graph(self, first: State) -> dict[State, list[State]]:
        graph: dict[State, list[State]] = {}
        todo = [first]
        while todo:
            state = todo.pop()
            if state in graph:
                continue
            if len(graph) >= self.most:
                raise TooManyGates
            graph[state] = [one for _, states in self.inputs(state) for one in states]
            todo += graph[state]
        return graph

    def solve(
        self, part: list[State], graph: dict[State, list[State]], value: dict[State, int]
    ) -> None:
        """The nodes of a strongly connected part, what it rests on being known."""
        order, again = _loops(part[0], graph, set(part))
        ways = {state: self.inputs(state) for state in part}
        last: dict[State, int] = dict.fromkeys(again, FALSE)
        now: dict[State, int] = {}
        for _ in range(len(again) + 1):
            now = {}
            known = ChainMap(now, last, value)
            for state in order:
                now[state] = self.node(state, ways[state], known)
                if len(self.builder) > self.most:
                    raise TooManyGates
            if all(now[one] == last[one] for one in again):
                break
            last = now
        value |= now

    def node(self, state: State, ways: Ways, known: Mapping[State, int]) -> int:
        unit, not_full = divmod(state[0], 2)
        struck = not not_full and (self.among is None or unit in self.among)
        gates = [self.builder.gate([known[one] for one in states], m) for m, states in ways]
        return self.builder.any([unit, *gates] if struck else gates)


def _loops(
    start: State, graph: dict[State, list[State]], inside: set[State]
) -> tuple[list[State], list[State]]:
    """A strongly connected part in depth-first order, and where the walk ran into itself."""
    order: list[State] = []
    again: dict[State, None] = {}
    open_ = {start}
    seen = {start}
    stack = [(start, iter(graph[start]))]
    while stack:
        state, rest = stack[-1]
        for one in rest:
            if one in open_:
                again.setdefault(one)
            elif one in inside and one not in seen:
                seen.add(one)
                open_.add(one)
                stack.append((one, iter(graph[one])))
                break
        else:
            order.append(state)
            open_.remove(state)
            stack.pop()
    return order, list(again)


def _components(graph: dict[Node, list[Node]]) -> list[list[Node]]:
    """Strongly connected parts, what a part rests on before the part (Tarjan 1972)."""
    number: dict[Node, int] = {}
    lowest: dict[Node, int] = {}
    done: set[Node] = set()
    held: list[Node] = []
    parts: list[list[Node]] = []
    for root in graph:
        if root in number:
            continue
        number[root] = lowest[root] = len(number)
        held.append(root)
        stack = [(root, iter(graph[root]))]
        while stack:
            node, rest = stack[-1]
            for one in rest:
                if one not in number:
                    number[one] = lowest[one] = len(number)
                    held.append(one)
                    stack.append((one, iter(graph[one])))
                    break
                if one not in done:
                    lowest[node] = min(lowest[node], number[one])
            else:
                stack.pop()
                if stack:
                    above = stack[-1][0]
                    lowest[above] = min(lowest[above], lowest[node])
                if lowest[node] == number[node]:
                    part = [held.pop()]
                    while part[-1] != node:
                        part.append(held.pop())
                    part.reverse()
                    parts.append(part)
                    done.update(part)
    return parts
