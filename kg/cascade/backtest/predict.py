"""An incident and what its entities need, as a network; its initiating events, as a cascade."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, Literal, NamedTuple
from urllib.parse import quote

from kg.cascade import CascadeResult, Event, Outage, cascade
from kg.names import ID
from kg.network import Network
from kg.network.assemble import RequirementRow, UnitRow, assemble
from kg.sources.incidents import Incident, Outcome, Text, sector_id

#: Hours that are computed beyond the last time that the file mentions.
BEYOND: Final = 24.0

Ends = Literal["stated", "observed", "unknown"]


class Need(NamedTuple):
    """One requirement of one entity; ids of the incident, hours, ``buffer`` None when unknown.

    ``origin`` says where it comes from: the JSON path in the file, or the id of the archetype's
    requirement. ``k_unknown``: the file says k-of-n without a k.
    """

    dependent: str
    suppliers: tuple[str, ...]
    minimum: int
    buffer: float | None
    degrades: bool
    origin: str
    k_unknown: bool = False
    restart: bool = False


@dataclass(frozen=True)
class Needs:
    """What the entities of an incident need.

    Attributes:
        needs: requirements.
        reserves: units that are in no list of entities but are taken to be there, with a name.
        restart_lags: hours from all-clear to working, by entity; absent is unknown.
        assumptions: what was read in a particular way, for people.
    """

    needs: tuple[Need, ...]
    reserves: Mapping[str, Text] = field(default_factory=dict)
    restart_lags: Mapping[str, float] = field(default_factory=dict)
    assumptions: tuple[Text, ...] = ()

    @cached_property
    def own(self) -> Mapping[str, tuple[Need, ...]]:
        """The needs of each entity that has any."""
        found: dict[str, list[Need]] = {}
        for need in self.needs:
            found.setdefault(need.dependent, []).append(need)
        return {entity: tuple(needs) for entity, needs in found.items()}


def informed_needs(incident: Incident) -> Needs:
    """The dependencies that the file records; nothing is added or left out."""
    needs, assumptions = [], []
    for position, one in enumerate(incident.dependencies):
        origin = f"dependencies[{position}]"
        needs.append(
            Need(
                one.dependent,
                one.suppliers,
                one.minimum,
                one.buffer,
                one.effect == "degrades",
                origin,
                one.k_unknown,
            )
        )
        name = incident.entity[one.dependent].name
        if one.k_unknown:
            assumptions.append(
                Text(
                    f"{name.nl or name.en}: hoeveel leveranciers genoeg zijn is onbekend; gelezen "
                    "als één (any).",
                    f"{name.en or name.nl}: how many suppliers are enough is unknown; read as one "
                    "(any).",
                )
            )
        if one.buffer is None:
            assumptions.append(
                Text(
                    f"{name.nl or name.en}: de buffer is onbekend en telt als 0 uur.",
                    f"{name.en or name.nl}: the buffer is unknown and counts as 0 hours.",
                )
            )
    return Needs(tuple(needs), assumptions=tuple(assumptions))


class Struck(NamedTuple):
    """An initiating event as it was computed with; ``ends`` says where its end comes from."""

    entity: str
    start: float
    end: float
    ends: Ends


@dataclass(frozen=True, eq=False)
class Prediction:
    """What the cascade says of one incident.

    Attributes:
        struck: the initiating events, in the order of the file.
        result: the cascade; its units are the entities and the assumed reserves.
    """

    incident: Incident
    needs: Needs
    struck: tuple[Struck, ...]
    result: CascadeResult

    @cached_property
    def given(self) -> frozenset[str]:
        """The initiating entities: they are told to fail, so they are no prediction."""
        return frozenset(one.entity for one in self.struck)

    def unit(self, entity: str) -> int:
        """The index of an entity in the network."""
        return self.result.network.index(iri(self.incident, entity))

    @cached_property
    def entity_of(self) -> Mapping[int, str]:
        """Entities and reserves by the index of their unit."""
        return {self.unit(one): one for one in (*self.incident.entity, *self.needs.reserves)}

    @cached_property
    def _by_unit(self) -> Mapping[int, tuple[Event, ...]]:
        found: dict[int, list[Event]] = {}
        for event in self.result.events:
            found.setdefault(event.unit, []).append(event)
        return {unit: tuple(events) for unit, events in found.items()}

    def _events(self, entity: str) -> tuple[Event, ...]:
        return self._by_unit.get(self.unit(entity), ())

    def outcome(self, entity: str) -> Outcome:
        """The worst state that an entity reaches within the horizon."""
        states = {event.state for event in self._events(entity)}
        return "failed" if "down" in states else "degraded" if "degraded" in states else "survived"

    def first(self, entity: str) -> Event | None:
        """The event that brings an entity into its worst state."""
        wanted = "down" if self.outcome(entity) == "failed" else "degraded"
        return next((event for event in self._events(entity) if event.state == wanted), None)

    def recovery(self, entity: str) -> float | None:
        """The hour from which an entity that failed works again for good; None if it does not."""
        events = self._events(entity)
        if not events or events[-1].state == "down" or self.outcome(entity) != "failed":
            return None
        last_down = max(event.hours for event in events if event.state == "down")
        return next(event.hours for event in events if event.hours > last_down)


def predict(incident: Incident, needs: Needs) -> Prediction:
    """The cascade of the initiating events over these needs.

    An initiating outage ends when the file says so (``t_end_hours``), else when the recovery of the
    struck entity was observed, else not: then nothing that leans on it is predicted to recover.
    """
    struck = tuple(_struck(incident))
    network = network_of_incident(incident, needs)
    outages = [
        Outage(network.index(iri(incident, one.entity)), one.start, one.end) for one in struck
    ]
    return Prediction(incident, needs, struck, cascade(network, outages, horizon(incident)))


def _struck(incident: Incident) -> Iterable[Struck]:
    for one in incident.initiating:
        seen = incident.observation.get(one.entity)
        if one.end is not None:
            yield Struck(one.entity, one.start, one.end, "stated")
        elif seen is not None and seen.recover is not None and seen.recover > one.start:
            yield Struck(one.entity, one.start, seen.recover, "observed")
        else:
            yield Struck(one.entity, one.start, math.inf, "unknown")


def horizon(incident: Incident) -> float:
    """A day beyond the last time that the file mentions, in hours.

    Long enough for everything that was observed, and no longer: a reserve that would have run out
    after the incident was over says nothing about what happened.
    """
    times = [time for one in incident.initiating for time in (one.start, one.end)]
    for seen in incident.observed:
        times += [seen.fail, seen.fail_low, seen.fail_high, seen.recover]
    return max(time for time in times if time is not None) + BEYOND


def iri(incident: Incident, entity: str) -> str:
    """The IRI of an entity of an incident; any text can be an id there."""
    return f"{ID}{quote(incident.slug, safe='')}/{quote(entity, safe='')}"


def network_of_incident(
    incident: Incident, needs: Needs, only: frozenset[str] | None = None
) -> Network:
    """Entities and reserves as units, needs as requirements; ``only`` these, when given."""
    names = {entity.id: entity.name for entity in incident.entities} | dict(needs.reserves)
    sectors = {e.id: ID + sector_id(e.sector) for e in incident.entities if e.sector}
    units = [
        UnitRow(
            iri(incident, one),
            name.nl,
            name.en,
            sectors.get(one),
            restart=needs.restart_lags.get(one),
        )
        for one, name in names.items()
        if only is None or one in only
    ]
    requirements = [
        RequirementRow(
            f"{iri(incident, need.dependent)}/{position:06d}",
            iri(incident, need.dependent),
            tuple(iri(incident, one) for one in need.suppliers),
            need.minimum,
            need.buffer,
            degrades=need.degrades,
            restart=need.restart,
        )
        for position, need in enumerate(needs.needs)
        if only is None or need.dependent in only
    ]
    return assemble(units, requirements, date=incident.date)


def need_of(needs: Needs, requirement: str) -> Need:
    """The need behind a requirement of the network of :func:`network_of_incident`."""
    return needs.needs[int(requirement.rpartition("/")[2])]


def recovery_after_suppliers(prediction: Prediction, entity: str) -> float | None:
    """When an entity works again, given when its suppliers were seen to work again; hours.

    One step of the cascade: the suppliers fail and return as observed (where nothing was observed,
    as predicted), the entity follows its own needs. None when that does not bring it back.
    """
    incident, needs = prediction.incident, prediction.needs
    own = needs.own.get(entity, ())
    suppliers = {supplier for need in own for supplier in need.suppliers}
    alone = Needs(own, needs.reserves, needs.restart_lags)
    network = network_of_incident(incident, alone, frozenset(suppliers | {entity}))
    outages = []
    for supplier in sorted(suppliers):
        spell = _spell(prediction, supplier)
        if spell is not None:
            outages.append(Outage(network.index(iri(incident, supplier)), *spell))
    if not any(outage.end < math.inf for outage in outages):
        return None
    result = cascade(network, outages, horizon(incident))
    return Prediction(incident, alone, (), result).recovery(entity)


def _spell(prediction: Prediction, entity: str) -> tuple[float, float] | None:
    """From when to when an entity was out, as far as known; None if it was not."""
    for one in prediction.struck:
        if one.entity == entity:
            return one.start, one.end
    seen = prediction.incident.observation.get(entity)
    if seen is not None and seen.outcome != "failed":
        return None
    predicted = prediction.first(entity) if prediction.outcome(entity) == "failed" else None
    if seen is None and predicted is None:
        return None
    start = seen.fail if seen is not None else None
    if start is None:
        start = predicted.hours if predicted is not None else 0.0
    end = seen.recover if seen is not None else None
    return (start, end) if end is not None and end > start else (start, math.inf)
