"""The cascade criterion of the vitaalbeoordeling: does the loss of a process reach far enough?

A process meets it when its loss, at 0 and for good, brings down vital processes in two or more
sectors other than its own within the horizon; a sector that is part of another counts as that one.
It is one criterion among others (economic, physical and social consequences), so a finding never
says that a process is vital or should be: that is for the ministry to judge. Processes that do not
meet it get a finding too, with how far they reach.

Kamerstuk 30821 nr. 182 (30 May 2023): criteria and thresholds decide which processes are vital,
cascade effects among them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from kg.cascade import CascadeResult, Outage, Singles, explain_path, fail, path_units
from kg.cascade.engine import FailureEngine
from kg.cascade.screening import main_sectors
from kg.findings.assumptions import Assumptions
from kg.findings.triples import Writer, boolean, decimal, finding_iri, integer, number, plain
from kg.names import local_id
from kg.network import Network
from kg.network.model import Ints

#: So many other sectors must be reached.
SECTORS_NEEDED: Final = 2
#: Events that cascades which reach far may have in all.
VITALITY_BUDGET: Final = 500_000


class VitalityFinding(NamedTuple):
    """How far the loss of a vital process reaches; ``hours`` is when it meets the criterion."""

    process: int
    sectors: tuple[str, ...]
    hours: float | None
    iri: str
    told_nl: str
    told_en: str


@dataclass(frozen=True)
class Vitality:
    """What was found, first what meets the criterion soonest; ``left_out`` were not looked at."""

    found: tuple[VitalityFinding, ...]
    left_out: int


class _Reached(NamedTuple):
    """The first vital process down in another sector."""

    hours: float
    process: int
    sector: int


def find_vitality(
    network: Network,
    writer: Writer,
    assumptions: Assumptions,
    singles: Singles,
    *,
    within: Mapping[str, frozenset[str]],
    paths: Mapping[tuple[int, int], str],
    sector_labels: Mapping[str, tuple[str, str]],
    budget: int = VITALITY_BUDGET,
) -> Vitality:
    """Write one finding per vital process whose sector is known.

    Args:
        singles: of every unit of the network.
        within: the sectors that a sector is part of, all the way up.
        paths: the cross-sector paths that are written: evidence.
        sector_labels: Dutch and English names.
        budget: events that may be computed; who reaches most goes first.
    """
    _, main, _ = main_sectors(network, within)
    names = _main_names(network, within, main)
    teller = _Teller(network, writer, assumptions, singles, names, paths, sector_labels)
    engine = FailureEngine(network)
    candidates = np.nonzero(network.vital & (main >= 0))[0]
    order = candidates[np.lexsort((candidates, -singles.others[candidates]))].tolist()
    found: list[VitalityFinding] = []
    spent = 0
    for place, process in enumerate(order):
        if spent >= budget:
            return Vitality(_sorted(found), len(order) - place)
        result = fail(network, [Outage(process)], singles.horizon_hours, engine=engine)
        spent += len(result.events)
        found.append(teller.write(process, result, _others(network, main, process, result)))
    return Vitality(_sorted(found), 0)


def _others(
    network: Network, main: Ints, process: int,
    result: CascadeResult,
) -> list[_Reached]:  # fmt: skip
    """Per other sector the first vital process that goes down, the soonest first."""
    first: dict[int, _Reached] = {}
    for loss in result.vital:
        sector = int(main[loss.unit])
        if sector >= 0 and sector != main[process] and sector not in first:
            first[sector] = _Reached(loss.hours, loss.unit, sector)
    return sorted(first.values())


def _main_names(
    network: Network,
    within: Mapping[str, frozenset[str]],
    main: Ints,
) -> dict[int, str]:
    """The IRI of each main sector by its number."""
    found = {}
    for unit in np.unique(main, return_index=True)[1].tolist():
        sector = network.sector_of(unit)
        if sector is not None:
            above = sorted(one for one in within.get(sector, ()) if not within.get(one))
            found[int(main[unit])] = above[0] if above else sector
    return found


def _sorted(found: list[VitalityFinding]) -> tuple[VitalityFinding, ...]:
    def key(one: VitalityFinding) -> tuple[bool, float, int, int]:
        return one.hours is None, one.hours or 0.0, -len(one.sectors), one.process

    return tuple(sorted(found, key=key))


class _Teller:
    """Writes the findings of processes one after another."""

    def __init__(
        self,
        network: Network,
        writer: Writer,
        assumptions: Assumptions,
        singles: Singles,
        names: Mapping[int, str],
        paths: Mapping[tuple[int, int], str],
        sector_labels: Mapping[str, tuple[str, str]],
    ) -> None:
        self.network, self.writer, self.assumptions = network, writer, assumptions
        self.horizon, self.names, self.paths = singles.horizon_hours, names, paths
        self.sector_labels = sector_labels

    def write(self, process: int, result: CascadeResult, others: list[_Reached]) -> VitalityFinding:
        """One process, with the other sectors that it reaches."""
        network = self.network
        hours = others[SECTORS_NEEDED - 1].hours if len(others) >= SECTORS_NEEDED else None
        sectors = tuple(self.names[one.sector] for one in others)
        iri = finding_iri("vitality", network.units[process])
        finding = self.writer.thing(iri, "VitalityFinding", "Finding")
        finding.link("ofProcess", network.units[process])
        finding.value("otherSectorsReached", integer(len(sectors)))
        finding.value("meetsCascadeCriterion", boolean(hours is not None))
        finding.value("lookedAheadHours", decimal(self.horizon))
        finding.link("reachesSector", *sectors)
        if hours is not None:
            finding.value("criterionMetAfterHours", decimal(hours))
        evidence = {network.units[process]}
        ways = []
        for one in others:
            end = result.first(one.process, ("down",))
            events = explain_path(result, one.process, end)
            ways.append(path_units(events))
            used = {event.because.requirement for event in events} - {None}
            evidence.update(network.stated(r) for r in used if r is not None)
            if (process, one.process) in self.paths:
                evidence.add(self.paths[process, one.process])
            if end is not None:
                listed, _ = result.assumptions_of(end)
                finding.link("restsOn", *map(self.assumptions.iri, listed))
        finding.evidence(sorted(evidence))
        told = [self.sentence(process, sectors, hours, place) for place in (0, 1)]
        finding.labels(*told)
        if ways:
            text = "; ".join(" → ".join(network.labels[unit] for unit in way) for way in ways)
            finding.value("pathText", plain(text))
        return VitalityFinding(process, sectors, hours, iri, *told)

    def sentence(
        self, process: int, sectors: tuple[str, ...], hours: float | None, place: int
    ) -> str:
        """In Dutch (0) or English (1)."""
        label = (self.network.labels, self.network.labels_en)[place][process]
        labels = self.sector_labels
        names = ", ".join(labels[one][place] if one in labels else local_id(one) for one in sectors)
        ahead = number(self.horizon)
        if place == 0:
            if hours is None:
                reach = f"raakt wel {names}" if names else "raakt geen andere sector"
                return (
                    f"{label}: uitval haalt binnen {ahead} uur geen processen in twee andere "
                    f"sectoren neer ({reach})"
                )
            return (
                f"{label}: uitval haalt na {number(hours)} uur processen neer in twee andere "
                f"sectoren of meer ({names})"
            )
        if hours is None:
            reach = f"it does reach {names}" if names else "it reaches no other sector"
            return (
                f"{label}: its loss brings down no processes in two other sectors within "
                f"{ahead} hours ({reach})"
            )
        return (
            f"{label}: its loss brings down processes in two or more other sectors after "
            f"{number(hours)} hours ({names})"
        )
