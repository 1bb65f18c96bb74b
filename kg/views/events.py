"""What happened in a cascade, as sentences: what, when, and through what."""

from __future__ import annotations

import math

from kg.cascade import CascadeResult, Event
from kg.language import say
from kg.names import local_id
from kg.network.durations import to_ticks
from kg.views.model import State
from kg.views.words import duration, state_word


def event_line(result: CascadeResult, event: Event) -> str:
    """One line: ``na 3 uur: GSM-R: uitgevallen. Weggevallen: …``."""
    hours, label = duration(float(event.hours)), result.network.label(event.unit)
    when = say(f"na {hours}", f"after {hours}")
    return f"{when}: {label}: {state_word(state_of(event))}. {explain_event(result, event)}".strip()


def state_of(event: Event) -> State:
    """Whether it was struck, went down by itself, works in part or works again."""
    if event.state == "down":
        return "struck" if event.because.outage is not None else "down"
    return "degraded" if event.state == "degraded" else "up"


def explain_event(result: CascadeResult, event: Event) -> str:
    """One sentence, or two: why this happened."""
    network = result.network
    because = event.because
    if event.state == "up":
        return _why_up(result, event)
    if because.outage is not None:
        outage = result.outages[because.outage]
        until = (
            say("blijvend", "for good")
            if math.isinf(outage.end)
            else say(f"tot {duration(outage.end)}", f"until {duration(outage.end)}")
        )
        cause = f" ({local_id(outage.cause)})" if outage.cause else ""
        return say(f"Rechtstreeks getroffen, {until}{cause}.", f"Struck directly, {until}{cause}.")
    if because.requirement is None:
        return ""
    at = because.requirement
    lost = ", ".join(network.label(unit) for unit in because.lost)
    buffer = float(network.buffer[at])
    if not bool(network.buffer_known[at]):
        reserve = say("buffer onbekend, gerekend als 0", "buffer unknown, counted as 0")
    elif buffer > 0:
        reserve = say(
            f"de buffer van {duration(buffer)} is op", f"the buffer of {duration(buffer)} ran out"
        )
    else:
        reserve = say("zonder buffer", "without a buffer")
    name = requirement_name(result, event)
    return say(
        f"Weggevallen: {lost}; {reserve}. {name}", f"Lost: {lost}; {reserve}. {name}"
    ).strip()


def requirement_name(result: CascadeResult, event: Event) -> str:
    """The requirement that brought this about, as a sentence; empty where none did."""
    network, at = result.network, event.because.requirement
    if at is None:
        return ""
    if bool(network.implicit[at]):
        return say("Volgt uit wie het uitvoert of levert.", "Follows from who runs or supplies it.")
    label = network.requirement_label(at)
    return say(f"Eis: {label}.", f"Requirement: {label}.")


def _why_up(result: CascadeResult, event: Event) -> str:
    """Why a unit works again: what ended, came back or was replaced, and the restart after it."""
    network, because = result.network, event.because
    before = result.before(event)
    lag = float(network.restart_lag[event.unit])
    if before is None or before.state != "down":
        lag = 0.0  # it only worked in part; that takes no restart
    if because.outage is not None:
        reason = say("De uitval is voorbij", "The outage is over")
    elif because.requirement is not None:
        ready = to_ticks(event.hours) - to_ticks(lag)
        # Who came back at the very instant that the restart began; nobody where it was replaced.
        back = [
            network.label(cause.unit)
            for cause in result.causes(event)
            if cause.state != "down" and to_ticks(cause.hours) == ready
        ]
        found = ", ".join(back)
        if len(back) == 1:
            reason = say(f"{found} is er weer", f"{found} is back")
        elif back:
            reason = say(f"{found} zijn er weer", f"{found} are back")
        else:
            reason = say("Wat ontbrak is vervangen", "What lacked was replaced")
    else:
        reason = say("Wat nodig is, is er weer", "What it needs is back")
    if lag > 0:
        hours = duration(lag)
        reason += say(f", na een herstarttijd van {hours}", f", after a restart time of {hours}")
    return f"{reason}. {requirement_name(result, event)}".strip()
