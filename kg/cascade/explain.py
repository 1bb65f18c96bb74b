"""Why a unit went down: the chain back to the outage."""

from __future__ import annotations

from collections.abc import Sequence

from kg.cascade.model import CascadeResult, Event


def explain_path(result: CascadeResult, unit: int, event: Event | None = None) -> tuple[Event, ...]:
    """The chain of events from an outage to ``event``, by default the first loss of ``unit``.

    Empty when there is none. At each step back it takes the lost fulfiller that went last: the one
    that decided the time.
    """
    event = event or result.first(unit)
    if event is None:
        return ()
    path = [event]
    while causes := result.causes(path[-1]):
        path.append(max(causes, key=lambda cause: result.place(cause)))
    return tuple(reversed(path))


def path_units(path: Sequence[Event]) -> tuple[int, ...]:
    """The units along a path, each once where one is both degraded and down in a row."""
    return tuple(
        event.unit
        for position, event in enumerate(path)
        if position == 0 or path[position - 1].unit != event.unit
    )
