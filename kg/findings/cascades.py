"""Every unit as the one that fails first: what it takes along, across which sector borders.

Failure only, the outage at 0 and for good, up to the horizon. What each unit costs is counted for
all of them (:func:`kg.cascade.screen_singles`). On a network of up to :data:`COUNTED_ALL` units the
counts of all are written; beyond that those of the vital processes and of the :data:`COUNTED_MOST`
units that weigh most. Effects, one by one, are written within a budget: units that many
requirements lean on go first, so that what is left out has the least to tell.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np

from kg.cascade import (
    Assumption,
    CascadeResult,
    Event,
    Outage,
    Singles,
    explain_path,
    fail,
    path_units,
)
from kg.cascade.engine import FailureEngine
from kg.findings.assumptions import Assumptions
from kg.findings.triples import (
    Writer,
    decimal,
    finding_iri,
    integer,
    number,
    plain,
    text,
)
from kg.names import SKOS, VIT
from kg.network import Network

#: Of one cascade no more effects than this are written out, the earliest.
EFFECTS_PER_CASCADE: Final = 2_000
#: Up to this many units the counts of every one are written.
COUNTED_ALL: Final = 20_000
#: On a larger network those of this many that weigh most, beside the vital processes.
COUNTED_MOST: Final = 5_000
#: Of the cross-sector paths of one pair of sectors this many are kept to be told.
TOLD_PER_PAIR: Final = 10


class PathFinding(NamedTuple):
    """A vital process in one sector goes down because of a unit in another."""

    hours: float
    steps: int
    from_sector: str
    to_sector: str
    initiator: int
    process: int
    units: tuple[int, ...]
    told_nl: str
    told_en: str


@dataclass(frozen=True)
class Cascades:
    """What was found; ``paths`` are the ones worth telling, the whole is in the triples.

    Attributes:
        initiators: units whose counts are written; left_out: the others.
        undetailed: of the initiators, those whose effects are not written one by one.
        cut: those of which only the first effects are.
        path_iris: (initiator, process) → the cross-sector path that is written of it.
    """

    initiators: int
    effects: int
    cross_sector_paths: int
    paths: tuple[PathFinding, ...]
    left_out: int
    undetailed: int
    cut: int
    path_iris: Mapping[tuple[int, int], str]


def find_cascades(
    network: Network,
    writer: Writer,
    assumptions: Assumptions,
    singles: Singles,
    *,
    budget: int,
    within: Mapping[str, frozenset[str]],
) -> Cascades:
    """Write the cascades of units, and effects and cross-sector paths.

    Args:
        singles: of every unit of the network.
        budget: how many events may be computed and written in all; the first cascade always is.
        within: the sectors that a sector is part of; from part to whole no border is crossed.
    """
    found = _Found(network, writer, assumptions, within)
    engine = FailureEngine(network)
    spent = cut = 0
    detailed: set[int] = set()
    order = np.lexsort((np.arange(len(network.units)), -np.diff(network.use_ptr)))
    for unit in order.tolist():
        if spent >= budget:
            break
        result = fail(network, [Outage(unit)], singles.horizon_hours, engine=engine)
        spent += len(result.events)
        detailed.add(unit)
        cut += found.write(unit, result)
    counted = detailed | counted_units(network, singles)
    for unit in sorted(counted):
        found.counts(unit, singles)
    return Cascades(
        initiators=len(counted),
        effects=found.effects,
        cross_sector_paths=len(found.paths),
        paths=found.worth_telling(),
        left_out=len(network.units) - len(counted),
        undetailed=len(counted) - len(detailed),
        cut=cut,
        path_iris=found.paths,
    )


def counted_units(network: Network, singles: Singles) -> set[int]:
    """The units whose counts are written whatever the budget is."""
    if len(network.units) <= COUNTED_ALL:
        return set(range(len(network.units)))
    return {*singles.order[:COUNTED_MOST].tolist(), *network.vital.nonzero()[0].tolist()}


class _Found:
    """Writes the findings of one cascade after another."""

    def __init__(
        self,
        network: Network,
        writer: Writer,
        assumptions: Assumptions,
        within: Mapping[str, frozenset[str]],
    ) -> None:
        self.network, self.writer, self.assumptions = network, writer, assumptions
        self.within = within
        self.effects = 0
        self.paths: dict[tuple[int, int], str] = {}
        self.told: dict[tuple[str, str], list[PathFinding]] = {}
        self.labelled: set[int] = set()

    def counts(self, initiator: int, singles: Singles) -> None:
        """The cascade of one initiator in numbers."""
        network = self.network
        iri = network.units[initiator]
        cascade = self.writer.thing(finding_iri("cascade", iri), "Cascade", "Finding")
        cascade.link("initiator", iri)
        cascade.value("unitsLost", integer(int(singles.units[initiator])))
        cascade.value("vitalProcessesLost", integer(int(singles.vital[initiator])))
        cascade.value("sectorsReached", integer(int(singles.sectors[initiator])))
        cascade.value("unitHoursLost", decimal(float(singles.hours[initiator])))
        if singles.vital[initiator]:
            cascade.value("earliestVitalLossHours", decimal(float(singles.earliest[initiator])))
        cascade.labels(
            f"Wat uitvalt na uitval van {network.labels[initiator]}",
            f"What fails after {network.labels_en[initiator]} fails",
        )
        cascade.evidence([iri])

    def write(self, initiator: int, result: CascadeResult) -> bool:
        """The effects of the cascade of one initiator; was it cut short?"""
        name = finding_iri("cascade", self.network.units[initiator])
        others = [event for event in result.events if event.unit != initiator]
        listed = others[:EFFECTS_PER_CASCADE]
        if len(listed) < len(others):
            self.writer.thing(name).note(
                f"Alleen de eerste {len(listed)} van {len(others)} gevolgen zijn uitgeschreven; de "
                "aantallen gelden voor alle.",
                f"Only the first {len(listed)} of {len(others)} effects are written out; the "
                "counts are of all of them.",
            )
        written = {event: self.effect_iri(initiator, event) for event in listed}
        for event in listed:
            self.effect(initiator, name, result, event, written)
        for loss in result.vital:
            if self.crosses(initiator, loss.unit):
                self.path(initiator, result, loss.unit, written)
        return len(listed) < len(others)

    def effect_iri(self, initiator: int, event: Event) -> str:
        units = self.network.units
        return finding_iri("effect", units[initiator], units[event.unit], event.state)

    def effect(
        self,
        initiator: int,
        cascade: str,
        result: CascadeResult,
        event: Event,
        written: Mapping[Event, str],
    ) -> None:
        """One unit that goes down or is degraded."""
        network = self.network
        requirement = event.because.requirement
        if requirement is None:
            return
        self.effects += 1
        effect = self.writer.thing(written[event], "CascadeEffect", "Finding")
        effect.link("inCascade", cascade)
        effect.link("initiator", network.units[initiator])
        effect.link("affectedUnit", network.units[event.unit])
        effect.value("afterHours", decimal(event.hours))
        effect.link("resultingState", VIT + event.state)
        effect.link("throughRequirement", self.requirement(requirement))
        effect.link("lostFulfiller", *(network.units[unit] for unit in event.because.lost))
        effect.link("causedByEffect", *(written[c] for c in result.causes(event) if c in written))
        crossed = [unit for unit in event.because.lost if self.crosses(unit, event.unit)]
        if crossed:
            effect.link("crossesTo", network.sector_of(event.unit) or "")
            effect.link("crossesFrom", *(network.sector_of(unit) or "" for unit in crossed))
        listed, _ = result.assumptions_of(event)
        effect.link("restsOn", *map(self.assumptions.iri, listed))
        effect.evidence([network.stated(requirement)])
        hours = number(event.hours)
        down = event.state == "down"
        effect.labels(
            f"{network.labels[event.unit]} {'valt uit' if down else 'werkt beperkt'} "
            f"na {hours} uur",
            f"{network.labels_en[event.unit]} {'goes down' if down else 'is degraded'} "
            f"after {hours} hours",
        )

    def path(
        self,
        initiator: int,
        result: CascadeResult,
        process: int,
        written: Mapping[Event, str],
    ) -> None:
        """A vital process in another sector, and the way along which it is reached."""
        network = self.network
        end = result.first(process, ("down",))
        if end is None or end not in written:
            return
        events = explain_path(result, process, end)
        units = path_units(events)
        source, target = network.sector_of(initiator) or "", network.sector_of(process) or ""
        name = finding_iri("path", network.units[initiator], network.units[process])
        self.paths[initiator, process] = name
        path = self.writer.thing(name, "CrossSectorPath", "Finding")
        path.link("initiator", network.units[initiator])
        path.link("ofProcess", network.units[process])
        path.link("fromSector", source)
        path.link("toSector", target)
        path.link("endsWithEffect", written[end])
        path.value("afterHours", decimal(end.hours))
        path.value("stepNumber", integer(len(units) - 1))
        told_nl = " → ".join(network.labels[unit] for unit in units)
        told_en = " → ".join(network.labels_en[unit] for unit in units)
        path.value("pathText", plain(told_nl))
        listed, _ = result.assumptions_of(end)
        path.link("restsOn", *map(self.assumptions.iri, listed))
        requirements = {e.because.requirement for e in events} - {None}
        path.evidence({network.stated(one) for one in requirements if one is not None})
        path.labels(
            f"{network.labels[initiator]} brengt {network.labels[process]} tot uitval",
            f"{network.labels_en[initiator]} brings down {network.labels_en[process]}",
        )
        self.tell(
            PathFinding(
                end.hours,
                len(units) - 1,
                source,
                target,
                initiator,
                process,
                units,
                self.why(told_nl, end.hours, listed, "nl"),
                self.why(told_en, end.hours, listed, "en"),
            )
        )

    def why(self, way: str, hours: float, listed: tuple[Assumption, ...], language: str) -> str:
        """The path as a sentence, with what it rests on."""
        unknown = len(listed)
        if language == "nl":
            rests = f" Rust op {unknown} onbekende buffer(s), geteld als 0." if unknown else ""
            return f"{way}: uitval na {number(hours)} uur.{rests}"
        rests = f" Rests on {unknown} unknown buffer(s), counted as 0." if unknown else ""
        return f"{way}: down after {number(hours)} hours.{rests}"

    def tell(self, path: PathFinding) -> None:
        """Keep a path if it is among the most telling of its pair of sectors."""
        kept = self.told.setdefault((path.from_sector, path.to_sector), [])
        kept.append(path)
        if len(kept) >= 4 * TOLD_PER_PAIR:
            kept.sort(key=self.rank)
            del kept[TOLD_PER_PAIR:]

    def rank(self, path: PathFinding) -> tuple[bool, float, int, str]:
        """Paths over more than one border first, then the soonest, then the shortest."""
        borders = sum(self.crosses(one, other) for one, other in pairwise(path.units))
        return borders < 2, path.hours, path.steps, path.told_nl

    def worth_telling(self) -> tuple[PathFinding, ...]:
        """The most telling paths of every pair of sectors."""
        kept = (
            path
            for pair in sorted(self.told)
            for path in sorted(self.told[pair], key=self.rank)[:TOLD_PER_PAIR]
        )
        return tuple(sorted(kept, key=self.rank))

    def crosses(self, one: int, other: int) -> bool:
        """Are both in a sector, and is neither part of that of the other?"""
        source, target = self.network.sector_of(one), self.network.sector_of(other)
        if source is None or target is None or source == target:
            return False
        nothing: frozenset[str] = frozenset()
        return source not in self.within.get(target, nothing) and target not in self.within.get(
            source, nothing
        )

    def requirement(self, requirement: int) -> str:
        """Its IRI; one that is implied gets its label here, for it stands nowhere else."""
        network = self.network
        iri = network.requirements[requirement]
        if network.implicit[requirement] and requirement not in self.labelled:
            self.labelled.add(requirement)
            label = network.requirement_label(requirement)
            self.writer.thing(iri).raw(f"{SKOS}prefLabel", text(label, "nl"))
        return iri
