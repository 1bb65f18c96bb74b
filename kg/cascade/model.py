"""What goes into a cascade and what comes out: outages, events, causes, assumptions."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Literal, NamedTuple

from kg.errors import UsageError
from kg.language import say
from kg.network import Network, candidates, parse_hours, resolve
from kg.network.records import finite

State = Literal["down", "degraded", "up"]

#: 100,000 years: beyond it the arithmetic in microseconds would overflow, and no question lies.
LONGEST_HOURS: Final = 100_000 * 8760.0
#: An event lists at most this many assumptions, the nearest first; the total lists them all.
ASSUMPTIONS_PER_EVENT: Final = 25


@dataclass(frozen=True)
class Outage:
    """A unit is struck on [start, end), in hours; ``end`` infinite is for good.

    ``probability`` counts where samples are drawn (:mod:`kg.cascade.uncertainty`): the outage
    occurs with it, independently of other outages; None is for certain. One cascade, without
    samples, is that in which every outage occurs.

    Raises:
        UsageError: negative, not a number, beyond 100,000 years, or an end not after the start;
            a probability outside 0 to 1.
    """

    unit: int
    start: float = 0.0
    end: float = math.inf
    cause: str | None = None
    probability: float | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.start <= LONGEST_HOURS or (
            math.isfinite(self.end) and self.end > LONGEST_HOURS
        ):
            raise UsageError(
                "usage.outage",
                "Een uitval begint op of na 0 uur en eindigt binnen 100.000 jaar.",
                "An outage starts at or after 0 hours and ends within 100,000 years.",
            )
        if not self.end > self.start:
            raise UsageError(
                "usage.outage",
                f"Een uitval eindigt na het begin; hier is het begin {self.start:g} uur en het "
                f"einde {self.end:g} uur.",
                f"An outage ends after it starts; here the start is {self.start:g} hours and the "
                f"end {self.end:g} hours.",
            )
        if self.probability is not None and not 0 <= self.probability <= 1:
            raise UsageError(
                "usage.probability",
                f"Een kans ligt van 0 tot en met 1; {self.probability:g} niet.",
                f"A probability lies from 0 to 1; {self.probability:g} does not.",
            )

    def to_json(self, network: Network) -> dict[str, Any]:
        """The outage in the JSON of ``kg cascade``."""
        found = {
            "unit": network.units[self.unit],
            "label": network.label(self.unit),
            "start_hours": self.start,
            "end_hours": finite(self.end),
            "cause": self.cause,
        }
        return found if self.probability is None else {**found, "probability": self.probability}


class Because(NamedTuple):
    """Why a unit changed state.

    Down or degraded: ``outage`` (position among the outages), or ``requirement`` that ran out with
    ``lost``, the n − k + 1 fulfillers whose loss ran it out. Up: the outage that ended or the
    requirement whose return made it ready, with ``lost`` empty.
    """

    outage: int | None = None
    requirement: int | None = None
    lost: tuple[int, ...] = ()


class Event(NamedTuple):
    """From ``hours`` on, ``unit`` is in ``state``."""

    hours: float
    unit: int
    state: State
    because: Because


class VitalLoss(NamedTuple):
    """A vital process and the hour at which it first goes down."""

    unit: int
    hours: float


class Assumption(NamedTuple):
    """Something unknown that was counted as 0: the buffer of a requirement (pessimistic) or the
    restart lag of a unit (optimistic); ``subject`` is the index of that requirement or unit."""

    kind: Literal["unknown-buffer", "unknown-restart-lag"]
    subject: int

    def iri(self, network: Network) -> str:
        """The requirement or the unit."""
        names = network.requirements if self.kind == "unknown-buffer" else network.units
        return names[self.subject]

    def label(self, network: Network) -> str:
        """The label of the requirement or the unit."""
        if self.kind == "unknown-buffer":
            return network.requirement_label(self.subject)
        return network.label(self.subject)

    def to_json(self, network: Network) -> dict[str, str]:
        """The assumption in the JSON of ``kg cascade``."""
        return {
            "kind": self.kind,
            "requirement" if self.kind == "unknown-buffer" else "unit": self.iri(network),
            "label": self.label(network),
            "text": self.text(network),
        }

    def text(self, network: Network) -> str:
        """A sentence for people."""
        label = self.label(network)
        if self.kind == "unknown-buffer":
            return say(
                f"De buffer van '{label}' is onbekend en telt als 0 uur.",
                f"The buffer of '{label}' is unknown and counts as 0 hours.",
            )
        return say(
            f"De herstarttijd van '{label}' is onbekend en telt als 0 uur.",
            f"The restart time of '{label}' is unknown and counts as 0 hours.",
        )


@dataclass(frozen=True, eq=False)
class CascadeResult:
    """What happened up to and including the horizon.

    Attributes:
        events: sorted by hours, then unit; one per unit and instant, the state after it.
        causal: the events in the order in which they came about, with those that another event
            of the same unit and instant overtook (degraded on the way to down).
        down_at_horizon: units, sorted.
        deadlocks: groups of units that wait for each other and for no outage that lasts, sorted;
            a plain ring is in the order of waiting, each for the next, from its lowest unit.
        vital: vital processes that went down, by hours, then unit.
        assumptions: what was unknown and counted as 0 anywhere in this result, sorted.
    """

    network: Network
    outages: tuple[Outage, ...]
    horizon_hours: float
    events: tuple[Event, ...]
    causal: tuple[Event, ...]
    down_at_horizon: tuple[int, ...]
    deadlocks: tuple[tuple[int, ...], ...]
    vital: tuple[VitalLoss, ...]
    assumptions: tuple[Assumption, ...]

    def first(self, unit: int, states: Sequence[State] = ("down", "degraded")) -> Event | None:
        """The first event of a unit in one of these states."""
        return next((e for e in self._by_unit.get(unit, ()) if e.state in states), None)

    @cached_property
    def _by_unit(self) -> dict[int, list[Event]]:
        found: dict[int, list[Event]] = {}
        for event in self.events:
            found.setdefault(event.unit, []).append(event)
        return found

    @cached_property
    def _positions(self) -> dict[int, list[int]]:
        """Where the events of each unit stand in the causal order."""
        found: dict[int, list[int]] = {}
        for position, event in enumerate(self.causal):
            found.setdefault(event.unit, []).append(position)
        return found

    def place(self, event: Event) -> int:
        """Where an event of this result stands in the causal order."""
        return self._place[event]

    @cached_property
    def _place(self) -> dict[Event, int]:
        return {event: position for position, event in enumerate(self.causal)}

    def causes(self, event: Event) -> tuple[Event, ...]:
        """The events that made the lost fulfillers absent, in the order of ``because.lost``.

        For an up event: the returns of the fulfillers of the requirement that came back.
        """
        return tuple(self.causal[place] for place in self._parents(self._place[event]))

    def before(self, event: Event) -> Event | None:
        """What happened to the same unit before this."""
        place = self._last_before(event.unit, self._place[event])
        return None if place is None else self.causal[place]

    def _parents(self, place: int) -> list[int]:
        event = self.causal[place]
        requirement = event.because.requirement
        if requirement is None:
            return []
        if event.state == "up":
            fulfillers = self.network.plain.fulfillers[requirement]
            found = [self._last_before(unit, place) for unit in fulfillers]
        else:
            full = self.network.plain.needs_full[requirement]
            found = [self._loss(unit, place, full) for unit in event.because.lost]
        return [one for one in found if one is not None]

    def _last_before(self, unit: int, place: int) -> int | None:
        places = self._positions.get(unit, [])
        position = bisect_left(places, place) - 1
        return places[position] if position >= 0 else None

    def _loss(self, unit: int, place: int, needs_full: bool) -> int | None:
        """Where the absence of ``unit`` that lasts at ``place`` began."""
        places = self._positions.get(unit, [])
        found = None
        for position in range(bisect_left(places, place) - 1, -1, -1):
            state = self.causal[places[position]].state
            if state == "up" or (state == "degraded" and not needs_full):
                break
            found = places[position]
        return found

    @cached_property
    def _rests_on(self) -> list[tuple[tuple[Assumption, ...], bool]]:
        """Per causal event: its assumptions, nearest first, and whether those are all."""
        found: list[tuple[tuple[Assumption, ...], bool]] = []
        states: dict[int, State] = {}
        for place, event in enumerate(self.causal):
            own = _own_assumption(self.network, event, states.get(event.unit, "up"))
            states[event.unit] = event.state
            merged = dict.fromkeys(own)
            complete = True
            for parent in self._parents(place):
                inherited, all_of_them = found[parent]
                merged |= dict.fromkeys(inherited)
                complete = complete and all_of_them
            listed = tuple(merged)[:ASSUMPTIONS_PER_EVENT]
            found.append((listed, complete and len(listed) == len(merged)))
        return found

    def assumptions_of(self, event: Event) -> tuple[tuple[Assumption, ...], bool]:
        """What an event rests on, its causes included; and whether that is everything.

        Not more than :data:`ASSUMPTIONS_PER_EVENT`, so that a chain of a hundred thousand unknown
        buffers does not list each of them a hundred thousand times.
        """
        return self._rests_on[self._place[event]]

    def to_json(self, release: str | None = None, level: str | None = None) -> dict[str, Any]:
        """The JSON of ``kg cascade``: full IRIs with labels beside them, times in hours."""
        network = self.network
        number = {one: position for position, one in enumerate(self.assumptions)}
        return {
            "release": release,
            "level": level,
            "horizon_hours": finite(self.horizon_hours),
            "outages": [outage.to_json(network) for outage in self.outages],
            "events": [self._event_json(event, number) for event in self.events],
            "down_at_horizon": [network.units[unit] for unit in self.down_at_horizon],
            "deadlocks": [[network.units[unit] for unit in group] for group in self.deadlocks],
            "vital_processes": [
                {
                    "unit": network.units[loss.unit],
                    "label": network.label(loss.unit),
                    "sector": network.sector_of(loss.unit),
                    "hours": loss.hours,
                }
                for loss in self.vital
            ],
            "assumptions": [one.to_json(network) for one in self.assumptions],
            "labels": self._labels(),
        }

    def _event_json(self, event: Event, number: dict[Assumption, int]) -> dict[str, Any]:
        listed, complete = self.assumptions_of(event)
        found = {
            "hours": event.hours,
            "unit": self.network.units[event.unit],
            "label": self.network.label(event.unit),
            "state": event.state,
            "because": self._because_json(event.because),
            "assumptions": sorted(number[one] for one in listed),
        }
        return found if complete else {**found, "assumptions_complete": False}

    def _because_json(self, because: Because) -> dict[str, Any]:
        if because.requirement is None:
            return {"outage": because.outage}
        return {
            "requirement": self.network.requirements[because.requirement],
            "label": self.network.requirement_label(because.requirement),
            "lost": [self.network.units[unit] for unit in because.lost],
        }

    def _labels(self) -> dict[str, str]:
        """The label of every unit that is named only by its IRI above."""
        units = {unit for event in self.events for unit in (event.unit, *event.because.lost)}
        return {self.network.units[unit]: self.network.label(unit) for unit in sorted(units)}


def conclude(
    network: Network,
    outages: Iterable[Outage],
    horizon_hours: float,
    causal: Sequence[Event],
    deadlocks: Sequence[tuple[int, ...]] = (),
) -> CascadeResult:
    """The result of a run from its events in causal order."""
    visible: dict[tuple[float, int], Event] = {}
    states: dict[int, State] = {}
    assumptions: set[Assumption] = set()
    lost: dict[int, float] = {}
    for event in causal:
        visible[event.hours, event.unit] = event
        assumptions.update(_own_assumption(network, event, states.get(event.unit, "up")))
        states[event.unit] = event.state
        if event.state == "down" and network.vital[event.unit]:
            lost.setdefault(event.unit, event.hours)
    return CascadeResult(
        network=network,
        outages=tuple(outages),
        horizon_hours=horizon_hours,
        events=tuple(visible[key] for key in sorted(visible)),
        causal=tuple(causal),
        down_at_horizon=tuple(sorted(u for u, state in states.items() if state == "down")),
        deadlocks=tuple(sorted(deadlocks)),
        vital=tuple(sorted((VitalLoss(*one) for one in lost.items()), key=lambda v: (v[1], v[0]))),
        assumptions=tuple(sorted(assumptions)),
    )


def _own_assumption(network: Network, event: Event, before: State) -> tuple[Assumption, ...]:
    requirement = event.because.requirement
    if before == "down" and event.state != "down" and not network.restart_known[event.unit]:
        return (Assumption("unknown-restart-lag", event.unit),)
    if event.state != "up" and requirement is not None and not network.buffer_known[requirement]:
        return (Assumption("unknown-buffer", requirement),)
    return ()


def parse_outage(network: Network, text: str) -> Outage:
    """``UNIT[@START[/END]][~PROBABILITY]`` with ISO 8601 durations from the start of the analysis.

    Raises:
        AmbiguousError, UsageError: the unit, the times or the probability are not understood.
    """
    probability = None
    if "~" in text and not candidates(network, text):  # a name may have a ~ in it
        rest, _, chance = text.rpartition("~")
        probability = _chance(text, chance)
        if probability is not None:
            text = rest
    name, at, times = text.rpartition("@")
    if not at or candidates(network, text):  # a name may have an @ in it
        return Outage(resolve(network, text), probability=probability)
    start, slash, end = times.partition("/")
    unit = resolve(network, name)
    until = parse_moment(end, text) if slash else math.inf
    return Outage(unit, parse_moment(start, text), until, probability=probability)


def _chance(text: str, number: str) -> float | None:
    """A probability behind a ~; None when a name may go on there (``a~b@PT1H``)."""
    try:
        found = float(number)
    except ValueError:
        if "@" in number:
            return None
        found = math.nan
    if not 0 <= found <= 1:
        raise UsageError(
            "usage.probability",
            f"'{text}': '{number}' is geen kans; schrijf een getal van 0 tot en met 1, zoals "
            "grid@PT0H/PT2H~0.2.",
            f"'{text}': '{number}' is not a probability; write a number from 0 to 1, like "
            "grid@PT0H/PT2H~0.2.",
        )
    return found


def parse_horizon(text: str) -> float:
    """A horizon such as ``PT72H`` in hours, from 0 to 100,000 years.

    Raises:
        UsageError: not such a duration.
    """
    hours = parse_hours(text)
    if hours is None or not 0 <= hours <= LONGEST_HOURS:
        raise UsageError(
            "usage.horizon",
            f"'{text}' is geen horizon; geef een duur tussen PT0H en 100.000 jaar, zoals PT72H.",
            f"'{text}' is not a horizon; give a duration from PT0H to 100,000 years, like PT72H.",
        )
    return hours


def parse_moment(duration: str, where: str) -> float:
    """A duration from the start of the analysis in hours; ``where`` it stands goes in the error.

    Raises:
        UsageError: not a duration, or before the start.
    """
    hours = parse_hours(duration)
    if hours is None or hours < 0:
        raise UsageError(
            "usage.outage",
            f"'{where}': '{duration}' is geen tijdstip; schrijf EENHEID@BEGIN/EINDE met duren "
            "vanaf het begin, zoals grid@PT0H/PT2H.",
            f"'{where}': '{duration}' is not a moment; write UNIT@START/END with durations from "
            "the beginning, like grid@PT0H/PT2H.",
        )
    return hours
