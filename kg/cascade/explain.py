"""Why a unit went down: the chain back to the outage, and each step as a sentence."""

from __future__ import annotations

from collections.abc import Sequence

from kg.cascade.model import CascadeResult, Event
from kg.language import in_dutch, say
from kg.names import local_id
from kg.network.durations import to_ticks


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


def describe(result: CascadeResult, event: Event) -> str:
    """One line for people: what happened, when, and through what."""
    network = result.network
    label, hours = network.label(event.unit), say(in_dutch(event.hours), f"{event.hours:g}")
    state = {
        "down": say("valt uit", "goes down"),
        "degraded": say("werkt beperkt", "is degraded"),
        "up": say("werkt weer", "works again"),
    }[event.state]
    line = say(f"na {hours} uur: {label} {state}", f"after {hours} hours: {label} {state}")
    because = event.because
    if event.state == "up":
        return f"{line}: {why_up(result, event)}"
    if because.requirement is None:
        return line + (say(" (getroffen)", " (struck)") if event.state == "down" else "")
    requirement = network.requirements[because.requirement]
    lost = ", ".join(network.label(unit) for unit in because.lost)
    return line + say(
        f", door het wegvallen van {lost} ({local_id(requirement)})",
        f", through the loss of {lost} ({local_id(requirement)})",
    )


def why_up(result: CascadeResult, event: Event) -> str:
    """Why a unit works again: what ended, came back or was replaced, and the restart after it."""
    network, because = result.network, event.because
    before = result.before(event)
    lag = float(network.restart_lag[event.unit])
    if before is None or before.state != "down":
        lag = 0.0  # it only worked in part; that takes no restart
    if because.outage is not None:
        reason = say("de uitval is voorbij", "the outage is over")
    elif because.requirement is not None:
        name = local_id(network.requirements[because.requirement])
        ready = to_ticks(event.hours) - to_ticks(lag)
        # Who came back at the very instant that the restart began; nobody where it was replaced.
        back = [
            network.label(cause.unit)
            for cause in result.causes(event)
            if cause.state != "down" and to_ticks(cause.hours) == ready
        ]
        found = ", ".join(back)
        if len(back) == 1:
            reason = say(f"{found} is er weer ({name})", f"{found} is back ({name})")
        elif back:
            reason = say(f"{found} zijn er weer ({name})", f"{found} are back ({name})")
        else:
            reason = say(f"wat ontbrak is vervangen ({name})", f"what lacked was replaced ({name})")
    else:
        reason = say("wat nodig is, is er weer", "what it needs is back")
    if lag > 0:
        reason += say(
            f", na een herstarttijd van {in_dutch(lag)} uur",
            f", after a restart time of {lag:g} hours",
        )
    return reason
