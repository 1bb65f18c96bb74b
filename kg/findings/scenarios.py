"""What each standing scenario takes down, and what comes back: with restoration where outages end.

A scenario looks as far ahead as it says, else as far as the cascades of single units do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from kg.cascade import CascadeResult, Outage, cascade, explain_path, path_units
from kg.cascade.restoration import ENDLESS
from kg.errors import KgError
from kg.findings.assumptions import Assumptions
from kg.findings.triples import Writer, decimal, finding_iri, integer, number, plain
from kg.network import Network, Scenario, Scenarios

#: Events that all scenarios may have together.
SCENARIO_BUDGET: Final = 300_000


class ScenarioFinding(NamedTuple):
    """What a scenario takes down; ``vital`` are (process, hours), the soonest first."""

    scenario: str
    units: int
    vital: tuple[tuple[int, float], ...]
    unit_hours: float
    down_at_horizon: int
    deadlocks: int
    iri: str
    told_nl: str
    told_en: str


@dataclass(frozen=True)
class ScenarioFindings:
    """What was found, by scenario; ``left_out`` were not computed, or not to the end."""

    found: tuple[ScenarioFinding, ...]
    left_out: int


def find_scenarios(
    network: Network,
    scenarios: Scenarios,
    writer: Writer,
    assumptions: Assumptions,
    *,
    horizon_hours: float,
    paths: Mapping[tuple[int, int], str],
    budget: int = SCENARIO_BUDGET,
) -> ScenarioFindings:
    """Write one finding per standing scenario that strikes anything.

    Args:
        horizon_hours: for scenarios that do not say how far ahead they look.
        paths: the cross-sector paths that are written, by initiator and process: evidence.
        budget: events that may be computed in all.
    """
    found: list[ScenarioFinding] = []
    spent = left_out = 0
    for scenario in scenarios.found:
        if not scenario.outages:
            continue
        if spent >= budget:
            left_out += 1
            continue
        horizon = horizon_hours if scenario.horizon is None else scenario.horizon
        outages = [Outage(one.unit, one.start, one.end, one.cause) for one in scenario.outages]
        try:
            result = cascade(network, outages, horizon)
        except KgError as error:
            if error.code != ENDLESS:
                raise
            left_out += 1
            continue
        spent += len(result.events)
        found.append(_write(network, scenario, result, writer, assumptions, paths))
    return ScenarioFindings(tuple(found), left_out)


def unit_hours(result: CascadeResult) -> tuple[int, float]:
    """How many units go down at some time, and for how many hours in all up to the horizon."""
    since: dict[int, float] = {}
    total, ever = 0.0, set()
    for event in result.events:
        if event.state == "down":
            ever.add(event.unit)
            since.setdefault(event.unit, event.hours)
        elif event.unit in since:
            total += event.hours - since.pop(event.unit)
    return len(ever), total + sum(result.horizon_hours - hours for hours in since.values())


def _write(
    network: Network,
    scenario: Scenario,
    result: CascadeResult,
    writer: Writer,
    assumptions: Assumptions,
    paths: Mapping[tuple[int, int], str],
) -> ScenarioFinding:
    iri = finding_iri("scenario", scenario.iri)
    units, hours = unit_hours(result)
    down = {event.unit for event in result.events if event.state == "down"}
    sectors = {int(network.sector[unit]) for unit in down} - {-1}
    finding = writer.thing(iri, "ScenarioFinding", "Finding")
    finding.link("ofScenario", scenario.iri)
    finding.value("lookedAheadHours", decimal(result.horizon_hours))
    finding.value("unitsLost", integer(units))
    finding.value("vitalProcessesLost", integer(len(result.vital)))
    finding.value("sectorsReached", integer(len(sectors)))
    finding.value("unitHoursLost", decimal(hours))
    finding.value("downAtHorizon", integer(len(result.down_at_horizon)))
    finding.value("recoveryDeadlocks", integer(len(result.deadlocks)))
    if result.vital:
        finding.value("earliestVitalLossHours", decimal(result.vital[0].hours))
    evidence = {scenario.iri}
    ways = []
    for loss in result.vital:
        finding.link("ofProcess", network.units[loss.unit])
        end = result.first(loss.unit, ("down",))
        if end is None:
            continue
        events = explain_path(result, loss.unit, end)
        way = path_units(events)
        ways.append(" → ".join(network.labels[unit] for unit in way))
        used = {event.because.requirement for event in events} - {None}
        evidence.update(network.stated(one) for one in used if one is not None)
        if (way[0], loss.unit) in paths:
            evidence.add(paths[way[0], loss.unit])
        listed, _ = result.assumptions_of(end)
        finding.link("restsOn", *map(assumptions.iri, listed))
    if ways:
        finding.value("pathText", plain("; ".join(ways)))
    finding.evidence(sorted(evidence))
    ahead = number(result.horizon_hours)
    nl = (
        f"{scenario.label}: {len(result.vital)} vitale processen en {units} eenheden vallen uit "
        f"binnen {ahead} uur"
    )
    en = (
        f"{scenario.label_en or scenario.label}: {len(result.vital)} vital processes and {units} "
        f"units go down within {ahead} hours"
    )
    finding.labels(nl, en)
    return ScenarioFinding(
        scenario.iri,
        units,
        tuple((loss.unit, loss.hours) for loss in result.vital),
        hours,
        len(result.down_at_horizon),
        len(result.deadlocks),
        iri,
        nl,
        en,
    )
