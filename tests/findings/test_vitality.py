"""The cascade criterion: which vital processes reach two other sectors, when, resting on what."""

from collections.abc import Callable

import pyoxigraph as ox
import pytest

from kg.cascade import screen_singles
from kg.findings import find
from kg.findings.assumptions import Assumptions
from kg.findings.triples import Writer
from kg.findings.vitality import Vitality, find_vitality
from kg.names import ID, PROV, VIT, local_id
from kg.network import Network, network_of
from kg.store import EmbeddedStore

World = Callable[..., tuple[EmbeddedStore, Network]]

#   stroom ──2 h──> bellen (telecom) ──1 h──> trein (spoor)      gas is part of energie
#      └───onbekend──> gasnet (gas)
DRAWING = """
stroom sector=energie vital label=Stroom
gasnet sector=gas vital
bellen sector=telecom vital label=Bellen
trein  sector=spoor vital label=Treinen
mast   sector=telecom
los    vital
bellen <- stroom mast buffer=2 name=r1
trein  <- bellen buffer=1 name=r2
gasnet <- stroom buffer=? name=r3
"""


def found(
    drawing: str = DRAWING, hours: float = 24, budget: int = 1000
) -> tuple[Network, Vitality, set[tuple[str, str, str]]]:
    network, writer = network_of(drawing), Writer()
    within = {ID + "gas": frozenset({ID + "energie"})}
    singles = screen_singles(network, hours, within=within)
    stroom, trein = (network.index(ID + name) for name in ("stroom", "trein"))
    vitality = find_vitality(
        network,
        writer,
        Assumptions(network, writer),
        singles,
        within=within,
        paths={(stroom, trein): ID + "pad"},
        sector_labels={ID + "spoor": ("Spoor", "Rail"), ID + "telecom": ("Telecom", "Telecom")},
        budget=budget,
    )
    triples = {
        (local_id(q.subject.value), local_id(q.predicate.value), local_id(q.object.value))
        for q in ox.parse(writer.ntriples(), format=ox.RdfFormat.N_TRIPLES)
        if isinstance(q.subject, ox.NamedNode) and isinstance(q.object, ox.NamedNode | ox.Literal)
    }
    return network, vitality, triples


def objects(triples: set[tuple[str, str, str]], subject: str, predicate: str) -> set[str]:
    return {
        o for s, p, o in triples if s == subject and local_id(p).endswith(predicate.split("#")[-1])
    }


def test_it_is_met_when_the_second_other_sector_goes() -> None:
    network, vitality, triples = found()
    first = vitality.found[0]
    assert network.units[first.process] == ID + "stroom"
    # telecom after 2 hours, spoor after 3; gas is energie, its own sector
    assert first.hours == 3
    assert [local_id(one) for one in first.sectors] == ["telecom", "spoor"]
    assert first.told_nl == (
        "Stroom: uitval haalt na 3 uur processen neer in twee andere sectoren of meer "
        "(Telecom, Spoor)"
    )
    finding = "finding-vitality~stroom"
    assert objects(triples, finding, "otherSectorsReached") == {"2"}
    assert objects(triples, finding, "meetsCascadeCriterion") == {"true"}
    assert objects(triples, finding, "criterionMetAfterHours") == {"3"}
    assert objects(triples, finding, "wasDerivedFrom") == {"stroom", "r1", "r2", "pad"}
    assert objects(triples, finding, "pathText") == {"Stroom → Bellen; Stroom → Bellen → Treinen"}


def test_what_does_not_meet_it_is_told_too() -> None:
    network, vitality, triples = found()
    told = {local_id(network.units[one.process]): one for one in vitality.found}
    # a process without a sector has no other sector
    assert set(told) == {"stroom", "gasnet", "bellen", "trein"}
    assert told["bellen"].hours is None
    assert told["bellen"].told_nl.endswith("(raakt wel Spoor)")
    assert told["trein"].told_en.endswith("(it reaches no other sector)")
    assert objects(triples, "finding-vitality~bellen", "otherSectorsReached") == {"1"}
    assert objects(triples, "finding-vitality~trein", "meetsCascadeCriterion") == {"false"}


@pytest.mark.parametrize(("hours", "met"), [(3, True), (2.99, False)])
def test_the_horizon_is_included(hours: float, met: bool) -> None:
    _, vitality, _ = found(hours=hours)
    assert (vitality.found[0].hours is not None) == met


def test_two_parts_of_one_sector_are_one() -> None:
    one = "a sector=spoor vital\nb sector=gas vital\nc sector=energie vital\nb <- a\nc <- a\n"
    _, vitality, _ = found(one + "stroom\ntrein")
    assert [len(finding.sectors) for finding in vitality.found] == [1, 0, 0]


def test_assumptions_on_the_way_are_named() -> None:
    _, vitality, triples = found(DRAWING.replace("buffer=1 name=r2", "buffer=? name=r2"))
    assert vitality.found[0].hours == 2
    assert objects(triples, "finding-vitality~stroom", "restsOn") == {
        "finding-assumption~unknown-buffer~r2"
    }


def test_a_budget_leaves_out_what_reaches_least() -> None:
    network, vitality, _ = found(budget=1)
    assert [local_id(network.units[one.process]) for one in vitality.found] == ["stroom"]
    assert vitality.left_out == 3


def test_in_a_release_paths_are_evidence(world: World) -> None:
    findings = find(*world())
    told = findings.to_json()["vitality"]
    assert {one["meets_criterion"] for one in told} == {False}
    assert findings.summary["cascade_criterion_met"] == 0
    # energie (gas) brings down spoor, in another sector
    (energie,) = [one for one in told if one["process"] == ID + "energie"]
    assert energie["other_sectors"] == [ID + "spoor-s"]
    line = f"<{ID}finding-vitality~energie> <{PROV}wasDerivedFrom> <{ID}finding-path~energie~spoor>"
    assert line.encode() in findings.ntriples
    assert f"<{VIT}VitalityFinding>".encode() in findings.ntriples
