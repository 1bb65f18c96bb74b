"""From the reasoned graph: the scenarios, measures and threats that stand in it.

What becomes what:

    in the graph                               beside the network
    ─────────────────────────────────────────  ──────────────────────────────────────────────────
    ?s a vit:Scenario ; vit:horizon            a scenario and how far ahead it looks
      vit:hasOutage ?o . ?o vit:outageOf ?u ;    an outage of unit ?u on [startsAfter, endsAfter):
        startsAfter, endsAfter,                  from 0 and for good when absent
        cause, probability                       its threat and its probability
    ?m a vit:Measure ; vit:measureStatus,      a measure, its status and its cost in euro
      vit:investment
      changesRequirement ?r ; addsFulfiller      every added unit joins the fulfillers of every ?r
      … ; newBuffer, newSubstitutionTime         the new hours of every ?r
      concernsUnit ?u ; newRestartLag            the new hours of every ?u
      removesRequirement ?r                      ?r is gone
    ?t a vit:ThreatType ; vit:subThreatOf      a threat and what it is a case of
    ?e a vit:ThreatExposure ; exposureOf ?u ;  unit ?u is exposed to ?t
      exposureTo ?t ; likelihood

What is not valid on the analysis date is left out, and what names a unit or requirement that the
network does not have as well; notes say which.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import NamedTuple

from kg.errors import UsageError
from kg.names import VIT, local_id
from kg.network.measures import Measure, Measures
from kg.network.model import Network, Note
from kg.network.read import Reader
from kg.network.scenarios import Scenario, ScenarioOutage, Scenarios
from kg.network.threats import Exposure, Threat, Threats
from kg.store import GraphStore


class Standing(NamedTuple):
    """What is read beside the network."""

    scenarios: Scenarios
    measures: Measures
    threats: Threats

    def save(self, folder: Path, network: Network) -> None:
        """Write one JSON file each."""
        self.scenarios.save(folder, network)
        self.measures.save(folder, network)
        self.threats.save(folder, network)


def read_standing(store: GraphStore, network: Network) -> Standing:
    """The scenarios, measures and threats of a reasoned store, for the network made of it.

    Cost: linear in their number and in what is limited in time.

    Raises:
        KgError: a value is not what its property asks for (the store was not validated).
    """
    reading = _Standing(Reader(store), network)
    return Standing(reading.scenarios(), reading.measures(), reading.threats())


class _Standing:
    def __init__(self, read: Reader, network: Network) -> None:
        self.read, self.network = read, network

    def notes(self) -> tuple[Note, ...]:
        """What was noted since the last time this was asked."""
        found = tuple(sorted(set(self.read.notes)))
        self.read.notes.clear()
        return found

    def current(self, local: str, nl: str, en: str) -> list[str]:
        """Everything of a class that counts on the analysis date; the rest is noted."""
        there = self.read.instances(local)
        for iri in sorted(there & self.read.expired):
            name = local_id(iri)
            self.read.note(
                iri,
                f"{nl} {name} is niet geldig op de analysedatum ({self.read.date}) en telt niet "
                "mee.",
                f"{en} {name} is not valid on the analysis date ({self.read.date}) and is left "
                "out.",
            )
        return sorted(there - self.read.expired)

    def unit(self, about: str, iri: str) -> int | None:
        """The index of a unit; noted when the network does not have it."""
        try:
            return self.network.index(iri)
        except UsageError:
            self.unknown(about, iri, "eenheid", "unit")
            return None

    def requirement(self, about: str, iri: str) -> int | None:
        """The index of a requirement; noted when the network does not have it."""
        try:
            return self.network.requirement_index(iri)
        except UsageError:
            self.unknown(about, iri, "eis", "requirement")
            return None

    def unknown(self, about: str, iri: str, nl: str, en: str) -> None:
        self.read.note(
            about,
            f"{local_id(about)} noemt {nl} {local_id(iri)}, die op de analysedatum niet in het "
            "netwerk staat; dat deel telt niet mee.",
            f"{local_id(about)} names {en} {local_id(iri)}, which is not in the network on the "
            "analysis date; that part is left out.",
        )

    def scenarios(self) -> Scenarios:
        read = self.read
        labels = read.labels_of_class("Scenario")
        horizon, holds = read.hours("horizon"), read.several("hasOutage")
        struck = read.single("outageOf")
        start, end = read.hours("startsAfter"), read.hours("endsAfter")
        cause = read.single("cause", several=True)
        probability = read.fractions("probability")
        found = []
        for iri in self.current("Scenario", "Scenario", "Scenario"):
            outages = []
            for outage in holds.get(iri, ()):
                begin, finish = start.get(outage, 0.0), end.get(outage, math.inf)
                unit = self.unit(outage, struck[outage]) if outage in struck else None
                if unit is None or outage in read.expired:
                    continue
                if not finish > begin:
                    read.note(
                        outage,
                        f"{local_id(outage)} eindigt niet later dan het begint; dat deel telt "
                        "niet mee.",
                        f"{local_id(outage)} does not end later than it starts; that part is "
                        "left out.",
                    )
                    continue
                outages.append(
                    ScenarioOutage(unit, begin, finish, cause.get(outage), probability.get(outage))
                )
            ordered = sorted(outages, key=lambda o: (o.start, o.unit, o.end, o.cause or ""))
            names = labels.get(iri, (local_id(iri), local_id(iri)))
            found.append(Scenario(iri, *names, horizon.get(iri), tuple(ordered)))
        return Scenarios(tuple(found), self.notes())

    def measures(self) -> Measures:
        read = self.read
        labels = read.labels_of_class("Measure")
        status, investment = read.single("measureStatus"), read.amounts("investment")
        changes, adds = read.several("changesRequirement"), read.several("addsFulfiller")
        removes, concerns = read.several("removesRequirement"), read.several("concernsUnit")
        buffer, substitution = read.hours("newBuffer"), read.hours("newSubstitutionTime")
        restart = read.hours("newRestartLag")
        found = []
        for iri in self.current("Measure", "Maatregel", "Measure"):
            changed = self.known(iri, changes.get(iri, ()))
            added = [u for one in adds.get(iri, ()) if (u := self.unit(iri, one)) is not None]
            restarted = concerns.get(iri, ()) if iri in restart else ()
            found.append(
                Measure(
                    iri,
                    *labels.get(iri, (local_id(iri), local_id(iri))),
                    status.get(iri, "").removeprefix(VIT),
                    investment.get(iri),
                    adds=tuple((need, unit) for need in changed for unit in sorted(added)),
                    buffers=tuple((need, buffer[iri]) for need in changed if iri in buffer),
                    substitutions=tuple(
                        (need, substitution[iri]) for need in changed if iri in substitution
                    ),
                    restarts=tuple(
                        (unit, restart[iri])
                        for one in restarted
                        if (unit := self.unit(iri, one)) is not None
                    ),
                    removes=self.known(iri, removes.get(iri, ())),
                )
            )
        return Measures(tuple(found), self.notes())

    def known(self, about: str, requirements: tuple[str, ...]) -> tuple[int, ...]:
        """The indices of those requirements that the network has, sorted."""
        found = (self.requirement(about, one) for one in requirements)
        return tuple(sorted(one for one in found if one is not None))

    def threats(self) -> Threats:
        read = self.read
        labels, wider = read.labels_of_class("ThreatType"), read.several("subThreatOf")
        found = tuple(
            Threat(iri, *labels.get(iri, (local_id(iri), local_id(iri))), wider.get(iri, ()))
            for iri in self.current("ThreatType", "Dreiging", "Threat")
        )
        position = {one.iri: at for at, one in enumerate(found)}
        unit, threat = read.several("exposureOf"), read.several("exposureTo")
        likelihood = read.single("likelihood", several=True)
        exposures = {
            Exposure(index, position[to], iri, likelihood.get(iri, "").removeprefix(VIT))
            for iri in self.current("ThreatExposure", "Blootstelling", "Exposure")
            for one in unit.get(iri, ())
            if (index := self.unit(iri, one)) is not None
            for to in threat.get(iri, ())
            if to in position
        }
        return Threats(found, tuple(sorted(exposures)), self.notes())
