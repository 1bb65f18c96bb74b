"""Failure only: when does what fail if nothing is repaired. Exact, O(E + U log U).

For outages that start at s(v) and never end::

    D(v) = min( s(v), min over r: d(r) = v, operation, fails of     L(r) + b(r) )      down
    N(v) = min( D(v), min over r: d(r) = v, operation, degrades of  L(r) + b(r) )      not in full
    L(r) = the (n − k + 1)-th smallest of { N(u) if r needsFull else D(u) : u ∈ F(r) }

the least solution of what fails, loops included. Every right-hand side is a superior function
(monotone, and never less than the arguments that it needs), so Knuth's generalisation of Dijkstra's
algorithm is exact: labels are settled in the order of time, and a requirement is a counter of
settled fulfillers. A unit is degraded from N(v) until D(v). Restart requirements play no part.

The loop itself is :func:`kg.cascade.kernels.settle`; here it becomes events that explain
themselves.

D. E. Knuth (1977), A generalization of Dijkstra's algorithm, Information Processing Letters 6(1).
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from kg.cascade.engine import FailureEngine, Settled
from kg.cascade.kernels import DEGRADED
from kg.cascade.model import Because, CascadeResult, Event, Outage, State, conclude
from kg.network import Network
from kg.network.durations import FOREVER, to_hours, to_ticks


def fail(
    network: Network,
    outages: Iterable[Outage],
    horizon_hours: float,
    *,
    engine: FailureEngine | None = None,
) -> CascadeResult:
    """What is down or degraded up to and including the horizon, and why.

    Args:
        outages: where they end is ignored; :func:`kg.cascade.restoration.restore` looks at that.
        horizon_hours: may be infinite.
        engine: of this network, for those who run many cascades one after another.

    Returns:
        Events in hours. At one instant what is struck or ran out of buffer goes first, then what
        that brings down at once, round by round; of several reasons in the same round the lowest
        outage, then the lowest requirement is told.
    """
    struck = tuple(outages)
    places = sorted(range(len(struck)), key=lambda place: (to_ticks(struck[place].start), place))
    starts = [(to_ticks(struck[place].start), struck[place].unit) for place in places]
    horizon = FOREVER - 1 if math.isinf(horizon_hours) else to_ticks(horizon_hours)
    settled = (engine or FailureEngine(network)).run(starts, horizon)
    return conclude(network, struck, horizon_hours, events_of(network, settled.in_order(), places))


def events_of(network: Network, settled: Settled, outages: list[int]) -> list[Event]:
    """The events of a run with their explanations; ``outages`` are the positions told."""
    plain = network.plain
    reduced: dict[int, int] = {}  # unit → place of its first event, degraded or down
    down: dict[int, int] = {}
    events: list[Event] = []
    columns = (settled.time, settled.unit, settled.kind, settled.reason)
    for place, (time, unit, kind, reason) in enumerate(
        zip(*(column.tolist() for column in columns), strict=True)
    ):
        reduced.setdefault(unit, place)
        state: State = "degraded"
        if kind != DEGRADED:
            state, down[unit] = "down", place
        if reason < 0:
            because = Because(outage=outages[-1 - reason])
        else:
            gone = reduced if plain.needs_full[reason] else down
            # Of what had gone by then, the n − k + 1 that went first.
            absent = sorted(
                (gone[one], one) for one in plain.fulfillers[reason] if gone.get(one, place) < place
            )
            lost = sorted(one for _, one in absent[: plain.tolerated[reason] + 1])
            because = Because(requirement=reason, lost=tuple(lost))
        events.append(Event(to_hours(time), unit, state, because))
    return events
