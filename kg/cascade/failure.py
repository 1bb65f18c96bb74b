"""Failure only: when does what fail if nothing is repaired. Exact, O(E + U log U).

For outages that start at s(v) and never end::

    D(v) = min( s(v), min over r: d(r) = v, operation, fails of     L(r) + b(r) )      down
    N(v) = min( D(v), min over r: d(r) = v, operation, degrades of  L(r) + b(r) )      not in full
    L(r) = the (n − k + 1)-th smallest of { N(u) if r needsFull else D(u) : u ∈ F(r) }

the least solution of what fails, loops included. Every right-hand side is a superior function
(monotone, and never less than the arguments that it needs), so Knuth's generalisation of Dijkstra's
algorithm is exact: labels are settled in the order of time, and a requirement is a counter of
settled fulfillers. A unit is degraded from N(v) until D(v). Restart requirements play no part.

D. E. Knuth (1977), A generalization of Dijkstra's algorithm, Information Processing Letters 6(1).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from heapq import heappop, heappush

from kg.cascade.model import Because, CascadeResult, Event, Outage, State, conclude
from kg.network import Network
from kg.network.durations import FOREVER, to_hours, to_ticks

_STRUCK, _DOWN, _NOT_FULL = 0, 1, 2


def fail(network: Network, outages: Iterable[Outage], horizon_hours: float) -> CascadeResult:
    """What is down or degraded up to and including the horizon, and why.

    Args:
        outages: where they end is ignored; :func:`kg.cascade.restoration.restore` looks at that.
        horizon_hours: may be infinite.

    Returns:
        Events in hours. At a tie outages go first, then what brings units down, then what
        degrades them; within these the lower unit, then the lower requirement.
    """
    struck = tuple(outages)
    causal = settle(network, struck, horizon_hours)
    return conclude(network, struck, horizon_hours, causal)


def settle(network: Network, outages: tuple[Outage, ...], horizon_hours: float) -> list[Event]:
    """The events of :func:`fail` in the order in which they were settled."""
    plain = network.plain
    tolerated, needs_full, operation = plain.tolerated, plain.needs_full, plain.operation
    dependents, buffers, fails, uses = plain.dependent, plain.buffer, plain.fails, plain.uses
    horizon = FOREVER - 1 if math.isinf(horizon_hours) else to_ticks(horizon_hours)
    # (time, label, unit, requirement or outage): at a tie what strikes goes before what it causes.
    heap: list[tuple[int, int, int, int]] = []
    for position, outage in enumerate(outages):
        start = to_ticks(outage.start)
        if start <= horizon:
            heappush(heap, (start, _STRUCK, outage.unit, position))
    down: set[int] = set()
    not_full: set[int] = set()
    gone: dict[int, list[int]] = {}
    events: list[Event] = []
    while heap:
        time, label, unit, reason = heappop(heap)
        if unit in down or (label == _NOT_FULL and unit in not_full):
            continue
        counted_already = unit in not_full  # for the requirements that need it in full
        not_full.add(unit)
        state: State = "degraded"
        if label != _NOT_FULL:
            down.add(unit)
            state = "down"
        if label == _STRUCK:
            because = Because(outage=reason)
        else:
            because = Because(requirement=reason, lost=tuple(sorted(gone[reason])))
        events.append(Event(to_hours(time), unit, state, because))
        for requirement in uses[unit]:
            full = needs_full[requirement]
            if not operation[requirement] or (counted_already if full else label == _NOT_FULL):
                continue
            absent = gone.setdefault(requirement, [])
            if len(absent) > tolerated[requirement]:
                continue  # lost already; the first n − k + 1 are the explanation
            absent.append(unit)
            if len(absent) > tolerated[requirement]:
                out = time + buffers[requirement]
                if out <= horizon:
                    effect = _DOWN if fails[requirement] else _NOT_FULL
                    heappush(heap, (out, effect, dependents[requirement], requirement))
    return events
