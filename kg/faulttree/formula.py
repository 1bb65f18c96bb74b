"""A coherent formula: gates "at least m of these" over events, without loops or negation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

#: Constant nodes; every other node is an event (0 … events − 1) or a gate (events …).
TRUE: Final = -1
FALSE: Final = -2


@dataclass(frozen=True)
class Formula:
    """Gates over events; acyclic because a gate only has inputs with a lower number.

    Attributes:
        events: how many events there are; event i is node i.
        inputs: per gate its inputs, nodes; gate g is node ``events + g``.
        needed: per gate how many of its inputs make it true: 1 is OR, all of them AND.
        top: the node that the question is about, or :data:`TRUE` or :data:`FALSE`.
    """

    events: int
    inputs: tuple[tuple[int, ...], ...]
    needed: tuple[int, ...]
    top: int

    def holds(self, true: Iterable[int]) -> bool:
        """Whether the top is true when exactly these events are: by definition, gate by gate."""
        values = [False] * self.events
        for event in true:
            values[event] = True
        for inputs, needed in zip(self.inputs, self.needed, strict=True):
            values.append(sum(values[node] for node in inputs) >= needed)
        return self.top == TRUE or (self.top >= 0 and values[self.top])


class FormulaBuilder:
    """Collects gates; equal gates become one, constants and single inputs disappear."""

    def __init__(self, events: int) -> None:
        self._events = events
        self._inputs: list[tuple[int, ...]] = []
        self._needed: list[int] = []
        self._known: dict[tuple[int, tuple[int, ...]], int] = {}

    def __len__(self) -> int:
        return len(self._inputs)

    def gate(self, inputs: Sequence[int], needed: int) -> int:
        """The node "at least ``needed`` of ``inputs``"; an input that stands twice counts twice."""
        needed -= sum(node == TRUE for node in inputs)
        left = [node for node in inputs if node >= 0]
        if needed <= 0:
            return TRUE
        if needed > len(left):
            return FALSE
        if needed in (1, len(left)):
            once = list(dict.fromkeys(left))
            left, needed = once, 1 if needed == 1 else len(once)
        if len(left) == 1:
            return left[0]
        key = (needed, tuple(sorted(left)))
        node = self._known.get(key)
        if node is None:
            node = self._known[key] = self._events + len(self._inputs)
            self._inputs.append(tuple(left))
            self._needed.append(needed)
        return node

    def any(self, inputs: Sequence[int]) -> int:
        """The node "one of these"."""
        return self.gate(inputs, 1)

    def build(self, top: int) -> Formula:
        """The formula of this node."""
        return Formula(self._events, tuple(self._inputs), tuple(self._needed), top)
