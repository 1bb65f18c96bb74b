"""Standing scenarios as findings: what goes down, what comes back, on what it rests."""

import math
from collections.abc import Callable

import pyoxigraph as ox

from kg.cascade import Outage, cascade
from kg.findings import find
from kg.findings.assumptions import Assumptions
from kg.findings.scenarios import ScenarioFindings, find_scenarios, unit_hours
from kg.findings.triples import Writer
from kg.names import ID, local_id
from kg.network import Network, Scenario, ScenarioOutage, Scenarios, network_of
from kg.store import EmbeddedStore

World = Callable[..., tuple[EmbeddedStore, Network]]

DRAWING = """
net   sector=energie
trein sector=spoor vital restart=4 label=Treinen
trein <- net buffer=1 name=r1
"""


def scenario(name: str, horizon: float | None, *outages: tuple[int, float, float]) -> Scenario:
    struck = tuple(ScenarioOutage(*one) for one in outages)
    return Scenario(ID + name, name.title(), "", horizon, struck)


def found(
    *scenarios: Scenario, budget: int = 1000
) -> tuple[ScenarioFindings, set[tuple[str, str, str]]]:
    network, writer = network_of(DRAWING), Writer()
    told = find_scenarios(
        network,
        Scenarios(scenarios),
        writer,
        Assumptions(network, writer),
        horizon_hours=24,
        paths={(0, 1): ID + "pad"},
        budget=budget,
    )
    triples = {
        (local_id(q.subject.value), q.predicate.value.split("#")[-1], local_id(q.object.value))
        for q in ox.parse(writer.ntriples(), format=ox.RdfFormat.N_TRIPLES)
        if isinstance(q.subject, ox.NamedNode) and isinstance(q.object, ox.NamedNode | ox.Literal)
    }
    return told, triples


def test_a_scenario_that_ends() -> None:
    told, triples = found(scenario("brand", 12, (0, 0, 3)))
    (one,) = told.found
    # net 0 to 3; trein 1 to 3 + 4 = 7
    assert (one.units, one.unit_hours, one.vital, one.down_at_horizon) == (2, 3 + 6, ((1, 1),), 0)
    about = {(p, o) for s, p, o in triples if s == "finding-scenario~brand"}
    assert about >= {
        ("ofScenario", "brand"),
        ("lookedAheadHours", "12"),
        ("unitHoursLost", "9"),
        ("earliestVitalLossHours", "1"),
        ("ofProcess", "trein"),
        ("pathText", "net → Treinen"),
        ("wasDerivedFrom", "brand"),
        ("wasDerivedFrom", "r1"),
        ("wasDerivedFrom", "pad"),
    }
    assert one.told_nl == "Brand: 1 vitale processen en 2 eenheden vallen uit binnen 12 uur"


def test_without_a_horizon_that_of_the_cascades_counts() -> None:
    told, _ = found(scenario("blijvend", None, (0, 0, math.inf)))
    assert (told.found[0].unit_hours, told.found[0].down_at_horizon) == (24 + 23, 2)


def test_what_is_not_computed_is_counted() -> None:
    told, _ = found(
        scenario("leeg", 12), scenario("een", 12, (0, 0, 3)), scenario("twee", 12, (0, 0, 3)),
        budget=1,
    )  # fmt: skip
    assert [local_id(one.scenario) for one in told.found] == ["een"]
    assert told.left_out == 1


def test_hours_of_what_goes_down_twice() -> None:
    network = network_of("a")
    result = cascade(network, [Outage(0, 0, 2), Outage(0, 5, 6)], 10)
    assert unit_hours(result) == (1, 3)


def test_scenarios_of_the_store_are_found(world: World) -> None:
    store, network = world(
        extra="""
id:brand a vit:Scenario ; skos:prefLabel "Brand"@nl, "Fire"@en ; vit:hasOutage id:uit ;
    vit:horizon "P1D"^^xsd:duration .
id:uit a vit:Outage ; vit:outageOf id:energie ; vit:startsAfter "PT1H"^^xsd:duration .
"""
    )
    findings = find(store, network)
    (told,) = findings.to_json()["scenarios"]
    assert [(one["unit"], one["hours"]) for one in told["vital_processes"]] == [
        (ID + "energie", 1),
        (ID + "spoor", 5),
    ]
    assert told["text"]["en"] == "Fire: 2 vital processes and 2 units go down within 24 hours"
    assert findings.summary["scenario_findings"] == 1
