"""Scenarios, measures and threats beside the network; the table of kg.network.standing."""

import json
import math
from collections.abc import Callable
from pathlib import Path

import pytest

from kg.errors import AmbiguousError, KgError, ReleaseError, UsageError
from kg.names import ID
from kg.network import (
    Exposure,
    Measures,
    Network,
    ScenarioOutage,
    Scenarios,
    Standing,
    Threats,
    build_network,
    read_standing,
)
from kg.store import EmbeddedStore

StoreOf = Callable[..., EmbeddedStore]

UNITS = """
id:grid a vit:FunctionalUnit . id:rail a vit:FunctionalUnit . id:spare a vit:FunctionalUnit .
id:r1 a vit:Requirement ; vit:requiredBy id:rail ; vit:fulfilledBy id:grid .
"""
SCENARIO = """
id:s a vit:Scenario ; skos:prefLabel "Storm"@nl, "Gale"@en ; vit:horizon "P2D"^^xsd:duration ;
    vit:hasOutage id:o2, id:o1 .
id:o1 a vit:Outage ; vit:outageOf id:grid .
id:o2 a vit:Outage ; vit:outageOf id:rail ; vit:startsAfter "PT1H"^^xsd:duration ;
    vit:endsAfter "PT3H"^^xsd:duration ; vit:cause id:storm ; vit:probability 0.25 .
"""
MEASURE = """
id:m a vit:Measure ; skos:prefLabel "Tweede voeding"@nl ; vit:measureStatus vit:decided ;
    vit:investment 1500000 ; vit:changesRequirement id:r1 ; vit:addsFulfiller id:spare ;
    vit:newBuffer "PT4H"^^xsd:duration ; vit:newSubstitutionTime "P1D"^^xsd:duration ;
    vit:concernsUnit id:rail ; vit:newRestartLag "PT1H"^^xsd:duration .
id:weg a vit:Measure ; vit:removesRequirement id:r1 .
id:papier a vit:Measure ; vit:concernsUnit id:rail .
"""
THREATS = """
id:weer a vit:ThreatType ; skos:prefLabel "Weer"@nl .
id:storm a vit:ThreatType ; vit:subThreatOf id:weer .
id:orkaan a vit:ThreatType ; vit:subThreatOf id:storm .
id:e a vit:ThreatExposure ; vit:exposureOf id:grid ; vit:exposureTo id:storm ;
    vit:likelihood vit:possible .
"""


def standing(store: EmbeddedStore) -> tuple[Network, Standing]:
    network = build_network(store)
    return network, read_standing(store, network)


def test_a_scenario_and_its_outages(store_of: StoreOf) -> None:
    _, read = standing(store_of(UNITS + SCENARIO))
    (one,) = read.scenarios.found
    assert (one.iri, one.label, one.label_en, one.horizon) == (ID + "s", "Storm", "Gale", 48)
    assert one.outages == (
        ScenarioOutage(0, 0, math.inf, None, None),
        ScenarioOutage(1, 1, 3, ID + "storm", 0.25),
    )
    assert read.scenarios.notes == ()


def test_what_a_measure_changes(store_of: StoreOf) -> None:
    _, read = standing(store_of(UNITS + MEASURE))
    second, paper, gone = read.measures.found
    assert (second.label, second.status, second.investment) == ("Tweede voeding", "decided", 1.5e6)
    assert second.adds == ((0, 2),)
    assert second.buffers == ((0, 4),)
    assert second.substitutions == ((0, 24),)
    assert second.restarts == ((1, 1),)
    assert gone.removes == (0,)
    assert not paper.changes


def test_threats_their_cases_and_who_is_exposed(store_of: StoreOf) -> None:
    _, read = standing(store_of(UNITS + THREATS))
    threats = read.threats
    names = [one.iri.removeprefix(ID) for one in threats.found]
    assert names == ["orkaan", "storm", "weer"]
    assert threats.exposures == (Exposure(0, 1, ID + "e", "possible"),)
    assert threats.cases_of(threats.resolve("weer")) == {0, 1, 2}
    assert threats.cases_of(threats.resolve("orkaan")) == {0}


def test_threats_that_are_cases_of_each_other_end(store_of: StoreOf) -> None:
    ring = "id:weer vit:subThreatOf id:orkaan ."
    _, read = standing(store_of(UNITS + THREATS + ring))
    assert read.threats.cases_of(0) == {0, 1, 2}


@pytest.mark.parametrize(
    ("extra", "field", "about", "says"),
    [
        ('id:s vit:validUntil "2020-01-01"^^xsd:date .', "scenarios", "s", "niet geldig"),
        ('id:m vit:validFrom "2030-01-01"^^xsd:date .', "measures", "m", "niet geldig"),
        ("id:weg vit:removesRequirement id:r9 .", "measures", "weg", "niet in het netwerk"),
        ("id:m vit:addsFulfiller id:nergens .", "measures", "m", "niet in het netwerk"),
        ("id:o1 vit:outageOf id:aaa .", "scenarios", "o1", "aaa"),
        ('id:o2 vit:endsAfter "PT1H"^^xsd:duration .', "scenarios", "o2", "eindigt niet later"),
    ],
)
def test_what_is_left_out_is_noted(
    store_of: StoreOf, extra: str, field: str, about: str, says: str
) -> None:
    _, read = standing(store_of(UNITS + SCENARIO + MEASURE + THREATS + extra))
    notes = getattr(read, field).notes
    assert [note for note in notes if note.iri == ID + about and says in note.nl]


def test_an_amount_that_is_none_is_refused(store_of: StoreOf) -> None:
    with pytest.raises(KgError, match="investment"):
        standing(store_of(UNITS + 'id:m a vit:Measure ; vit:investment "veel" .'))
    with pytest.raises(KgError, match="investment"):
        standing(store_of(UNITS + 'id:m a vit:Measure ; vit:investment "NaN"^^xsd:double .'))


def test_saved_and_loaded_it_is_the_same_to_the_byte(store_of: StoreOf, tmp_path: Path) -> None:
    network, read = standing(store_of(UNITS + SCENARIO + MEASURE + THREATS))
    read.save(tmp_path / "a", network)
    again = Standing(
        Scenarios.load(tmp_path / "a", network),
        Measures.load(tmp_path / "a", network),
        Threats.load(tmp_path / "a", network),
    )
    assert again == read
    again.save(tmp_path / "b", network)
    for path in sorted((tmp_path / "a").iterdir()):
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()


@pytest.mark.parametrize("kind", [Scenarios, Measures, Threats])
def test_a_damaged_file_is_an_error_for_people(
    store_of: StoreOf, tmp_path: Path, kind: type[Scenarios] | type[Measures] | type[Threats]
) -> None:
    network, read = standing(store_of(UNITS + SCENARIO + MEASURE + THREATS))
    read.save(tmp_path, network)
    path = tmp_path / f"{kind.__name__.lower()}.json"
    whole = json.loads(path.read_text("utf-8"))
    for damage in ("{", "[]", json.dumps({**whole, "records": [{}]})):
        path.write_text(damage)
        with pytest.raises(ReleaseError):
            kind.load(tmp_path, network)
    path.unlink()
    with pytest.raises(ReleaseError):
        kind.load(tmp_path, network)


def test_names_are_resolved_and_what_does_not_count_says_why(store_of: StoreOf) -> None:
    old = 'id:oud a vit:Measure ; vit:validUntil "2020-01-01"^^xsd:date .'
    _, read = standing(store_of(UNITS + SCENARIO + MEASURE + THREATS + old))
    assert read.scenarios.resolve("gale") is read.scenarios.found[0]
    assert read.measures.resolve("id:m").iri == ID + "m"
    for what in (read.scenarios, read.measures, read.threats):
        with pytest.raises(UsageError, match="wel bijvoorbeeld"):
            what.resolve("bestaat niet")
    with pytest.raises(UsageError, match="niet geldig"):
        read.measures.resolve("oud")


def test_an_ambiguous_label_lists_the_candidates(store_of: StoreOf) -> None:
    twin = 'id:s2 a vit:Scenario ; skos:prefLabel "Storm"@nl .'
    _, read = standing(store_of(UNITS + SCENARIO + twin))
    with pytest.raises(AmbiguousError) as caught:
        read.scenarios.resolve("storm")
    assert [iri for iri, _ in caught.value.candidates] == [ID + "s", ID + "s2"]
