"""How many operations a cascade takes: counted while it runs, not derived from its size.

The model of cost. An operation is one look at or change of one place of an array, or one comparison
in the heap of what waits; all other work of the kernel stands between two of those and is bounded
by them. For n events whose units have m edges in all, of which c count (the dependent is still up)
and q lose a requirement that has a buffer, with D different buffers and b batches in their queues::

    n events     a constant each: its edges are found, it is written
    m edges      a constant each: the dependent is looked at
    c counters   a constant each: raised, and held against how many may be absent
    q entries    a constant each: written to the queue of their buffer, and taken from it
    b batches    log D comparisons each: only the heads of the queues are in the heap

so O(n + m + q + b log D), with q ≤ c ≤ m and b ≤ q: n log n is the most it may be on networks
with a fixed number of edges per unit, and linear what it is while D stays the same (D. E. Knuth
1977, *A generalization of Dijkstra's algorithm*, has n log n because its heap holds every label).

What is counted is the very text of :func:`kg.cascade.kernels.settle`, run as plain Python on lists
that count, looking at as many events together as where it is compiled: the compiled kernel has no
counter in it.
"""

from __future__ import annotations

from collections.abc import Iterable
from heapq import heappop, heappush
from types import FunctionType
from typing import Any, NamedTuple

from kg.cascade import kernels
from kg.cascade.engine import FailureEngine
from kg.network import Network


class Operations(NamedTuple):
    """What one cascade took.

    Attributes:
        events: n, units down or degraded.
        edges: m, edges of these units.
        counters: c, how often a counter of a requirement was raised.
        waiting: q, entries in the queues of buffers.
        comparisons: in the heap.
        operations: looks at and changes of arrays, and the comparisons.
    """

    events: int
    edges: int
    counters: int
    waiting: int
    comparisons: int
    operations: int


class Counted(list[int]):
    """A list that counts how often a place of it is looked at and changed."""

    def __init__(self, values: Iterable[int]) -> None:
        super().__init__(values)
        self.looks = self.changes = 0

    def __getitem__(self, place: Any) -> Any:
        self.looks += 1
        return list.__getitem__(self, place)

    def __setitem__(self, place: Any, value: Any) -> None:
        self.changes += 1
        list.__setitem__(self, place, value)


def operations_of(network: Network, unit: int, horizon: int) -> Operations:
    """The operations of the cascade of one unit that goes down at the start; horizon in ticks."""
    compared = 0

    class Waiting(tuple[int, int]):
        """What stands in the heap: a time and a buffer."""

        def __lt__(self, other: Any) -> bool:
            nonlocal compared
            compared += 1
            return tuple.__lt__(self, other)

    def push(heap: list[Any], item: tuple[int, int]) -> None:
        heappush(heap, Waiting(item))

    engine = FailureEngine(network, compiled=False)
    lists: dict[str, Counted] = {}
    for part in (engine.arrays, engine.events):
        for name, values in vars(part).items():
            if isinstance(values, list):
                lists[f"{'event_' if part is engine.events else ''}{name}"] = counted = Counted(
                    values
                )
                setattr(part, name, counted)
    engine.arrays.together = kernels.TOGETHER
    names = {**vars(kernels), "heappush": push, "heappop": heappop}
    settle = FunctionType(kernels.settle.__code__, names)
    events = settle(*engine.state(), [0], [unit], horizon, 1, 1)
    looks = sum(one.looks + one.changes for one in lists.values())
    counters, waiting = lists["needs"].changes, lists["queue"].changes // 2
    pointers = list(lists["edge_ptr"])
    edges = sum(pointers[one + 1] - pointers[one] for one in list(lists["event_unit"])[:events])
    return Operations(events, edges, counters, waiting, compared, looks + compared)
