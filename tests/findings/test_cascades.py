"""The cascade of every unit, written as RDF that plain SPARQL can walk."""

import re
from collections.abc import Callable
from itertools import pairwise

import pyoxigraph as ox
import pytest

from kg.findings import find
from kg.findings.triples import decimal, finding_iri, key, text
from kg.names import ID, SPARQL_PREFIXES, VIT, local_id
from kg.network import Network, network_of
from kg.resources import folder
from kg.store import EmbeddedStore

World = Callable[..., tuple[EmbeddedStore, Network]]


def rows(store: EmbeddedStore, query: str) -> set[tuple[str, ...]]:
    """Answers as ids and plain values."""
    answers = store.select(SPARQL_PREFIXES + query).rows
    return {tuple(local_id(str(getattr(t, "value", ""))) for t in row) for row in answers}


@pytest.fixture
def analysed(world: World, findings_graph: str) -> EmbeddedStore:
    store, network = world()
    store.load(findings_graph, find(store, network).ntriples)
    return store


def test_every_unit_has_a_cascade_with_its_counts(analysed: EmbeddedStore) -> None:
    found = rows(
        analysed,
        """SELECT ?unit ?units ?vital ?sectors ?first WHERE { ?c a vit:Cascade ;
        vit:initiator ?unit ; vit:unitsLost ?units ; vit:vitalProcessesLost ?vital ;
        vit:sectorsReached ?sectors . OPTIONAL { ?c vit:earliestVitalLossHours ?first } }""",
    )
    assert len(found) == 11
    # the initiator counts; spoor goes at 4 hours, through energie
    assert ("terminal", "3", "2", "3", "0") in found
    assert ("turks", "4", "2", "3", "0") in found
    assert ("water", "1", "1", "0", "0") in found
    assert ("duits", "2", "0", "0", "") in found


def test_effects_say_what_when_and_through_what(analysed: EmbeddedStore) -> None:
    found = rows(
        analysed,
        """SELECT ?unit ?hours ?state ?requirement ?lost ?from ?to WHERE {
        ?c vit:initiator id:terminal ; a vit:Cascade .
        ?e vit:inCascade ?c ; vit:affectedUnit ?unit ; vit:afterHours ?hours ;
           vit:resultingState ?state ; vit:throughRequirement ?requirement ;
           vit:lostFulfiller ?lost .
        OPTIONAL { ?e vit:crossesFrom ?from ; vit:crossesTo ?to } }""",
    )
    assert found == {
        # gas is part of energy: no border is crossed there
        ("energie", "0", "vit:down", "r-energie", "terminal", "", ""),
        ("spoor", "4", "vit:down", "r-stroom", "energie", "gas-s", "spoor-s"),
    }


def test_effects_form_a_chain(analysed: EmbeddedStore) -> None:
    found = rows(
        analysed,
        """SELECT ?unit WHERE { ?e vit:initiator id:turks ; vit:affectedUnit id:spoor ;
        vit:causedByEffect+ ?earlier . ?earlier vit:affectedUnit ?unit }""",
    )
    assert found == {("terminal",), ("energie",)}


def test_effects_rest_on_assumptions_of_what_came_before(analysed: EmbeddedStore) -> None:
    found = rows(
        analysed,
        """SELECT ?requirement WHERE { ?e vit:initiator id:terminal ; vit:affectedUnit id:spoor ;
        vit:restsOn ?a . ?a vit:throughRequirement ?requirement }""",
    )
    assert found == {("r-energie",)}


def test_implied_requirements_have_a_label(analysed: EmbeddedStore) -> None:
    found = rows(
        analysed,
        """SELECT ?label ?evidence WHERE { ?e vit:initiator id:turks ;
        prov:wasDerivedFrom ?evidence ; vit:throughRequirement id:terminal\\/operatedBy\\/turks .
        id:terminal\\/operatedBy\\/turks skos:prefLabel ?label }""",
    )
    assert found == {("Terminal ← Turks", "terminal")}


def test_cross_sector_paths_are_found_with_plain_sparql(analysed: EmbeddedStore) -> None:
    found = rows(
        analysed,
        """SELECT ?from ?to ?initiator ?process ?hours ?steps ?text WHERE {
        ?p a vit:CrossSectorPath ; vit:fromSector ?from ; vit:toSector ?to ;
           vit:initiator ?initiator ; vit:ofProcess ?process ; vit:afterHours ?hours ;
           vit:stepNumber ?steps ; vit:pathText ?text ; vit:endsWithEffect ?e .
        ?e vit:affectedUnit ?process ; vit:resultingState vit:down }""",
    )
    assert found == {
        ("gas-s", "spoor-s", "energie", "spoor", "4", "1", "Stroom → Treindienst"),
        ("energie-s", "spoor-s", "terminal", "spoor", "4", "2", "Terminal → Stroom → Treindienst"),
    }


def test_findings_are_labelled_in_both_languages_and_have_evidence(analysed: EmbeddedStore) -> None:
    bare = rows(
        analysed,
        """SELECT ?f WHERE { ?f a vit:Finding . FILTER NOT EXISTS {
        ?f skos:prefLabel ?nl, ?en ; prov:wasDerivedFrom ?e .
        FILTER (lang(?nl) = "nl" && lang(?en) = "en") } }""",
    )
    assert bare == set()


def test_every_term_is_declared_by_the_ontology(world: World) -> None:
    declared = {
        quad.subject.value
        for path in sorted(folder("ontology").glob("*.ttl"))
        for quad in ox.parse(path=path)
        if isinstance(quad.subject, ox.NamedNode)
    }
    used = {
        term.value
        for quad in ox.parse(find(*world()).ntriples, format=ox.RdfFormat.N_TRIPLES)
        for term in (quad.predicate, quad.object)
        if isinstance(term, ox.NamedNode) and term.value.startswith(VIT)
    }
    assert used - declared == set()
    assert VIT + "RiskyStrategicDependency" in used


def test_the_same_world_gives_the_same_sorted_bytes(world: World) -> None:
    one, other = find(*world()), find(*world())
    assert one.ntriples == other.ntriples
    assert one.to_json() == other.to_json()
    lines = one.ntriples.splitlines()
    assert all(before < after for before, after in pairwise(lines))


def test_the_summary_counts_what_is_in_the_graph(analysed: EmbeddedStore, world: World) -> None:
    summary = find(*world()).summary
    counted = {
        "cascades": "Cascade",
        "cascade_effects": "CascadeEffect",
        "cross_sector_paths": "CrossSectorPath",
        "foreign_dependencies": "ForeignDependency",
        "possibly_strategic_dependencies": "PossiblyStrategicDependency",
        "strategic_dependencies": "StrategicDependency",
        "risky_strategic_dependencies": "RiskyStrategicDependency",
        "concentrations": "Concentration",
        "vitality_findings": "VitalityFinding",
        "scenario_findings": "ScenarioFinding",
    }
    for name, class_name in counted.items():
        assert summary[name] == len(rows(analysed, f"SELECT ?s WHERE {{ ?s a vit:{class_name} }}"))
    assert summary["risky_strategic_dependencies"] == 1


def test_the_paths_worth_telling_in_both_languages(world: World) -> None:
    told = find(*world()).to_json()["cross_sector_paths"]
    assert [(one["process"], one["hours"]) for one in told] == [
        (ID + "spoor", 4),
        (ID + "spoor", 4),
    ]
    assert told[0]["text"] == {
        "nl": "Stroom → Treindienst: uitval na 4 uur.",
        "en": "Stroom → Trains: down after 4 hours.",
    }
    assert told[1]["text"]["nl"].endswith("Rust op 1 onbekende buffer(s), geteld als 0.")


def test_a_budget_leaves_the_counts_and_says_so(world: World, findings_graph: str) -> None:
    store, network = world()
    findings = find(store, network, effect_budget=4)
    assert findings.cascades.initiators == len(network.units)
    assert findings.cascades.undetailed > 0
    # levering-a has most to tell: three requirements lean on it
    assert b"finding-effect~levering-a" in findings.ntriples
    assert b"finding-effect~terminal" not in findings.ntriples
    store.load(findings_graph, findings.ntriples)
    said = rows(store, "SELECT ?n WHERE { id:finding-budget skos:note ?n }")
    assert said == {(sentence,) for sentence in findings.cut[0]}
    counts = rows(store, "SELECT ?n WHERE { ?c vit:initiator id:terminal ; vit:unitsLost ?n }")
    assert counts == {("3",)}


def test_a_large_network_has_the_counts_of_what_matters(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kg.findings.cascades.COUNTED_ALL", 10)
    monkeypatch.setattr("kg.findings.cascades.COUNTED_MOST", 1)
    store, network = world()
    findings = find(store, network, effect_budget=0)
    # the four vital processes, and what weighs most: of Turkey four units, two of them vital
    expected = {"spoor", "water", "telecom", "energie", "turks"}
    assert {
        unit.decode()
        for unit in re.findall(rb"finding-cascade~([a-z-]+)> <[^>]*initiator>", findings.ntriples)
    } == expected
    assert findings.cascades.left_out == len(network.units) - len(expected)
    assert "kg screen" in findings.cut[0][0]


def test_unit_hours_up_to_the_horizon(analysed: EmbeddedStore) -> None:
    found = rows(
        analysed, "SELECT ?h WHERE { ?c vit:initiator id:terminal ; vit:unitHoursLost ?h }"
    )
    # terminal and energie from 0, spoor from 4, thirty days ahead
    assert found == {(str(2 * 720 + 716),)}


def test_within_budget_nothing_is_said_of_one(world: World) -> None:
    findings = find(*world())
    assert findings.cut == ()
    assert b"finding-budget" not in findings.ntriples


def test_an_empty_network_has_no_findings() -> None:
    findings = find(EmbeddedStore.memory(), network_of(""))
    assert findings.ntriples == b""
    assert set(findings.summary.values()) == {0}


@pytest.mark.parametrize(
    ("one", "other"),
    [(("a~b", "c"), ("a", "b~c")), (("a/b", "c"), ("a", "b/c")), (("a", "b"), ("b", "a"))],
)
def test_different_parts_give_different_iris(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert finding_iri("x", *(ID + part for part in one)) != finding_iri(
        "x", *(ID + part for part in other)
    )
    assert key("https://elders.example/x") != key("https://elders.example/y")


@pytest.mark.parametrize("value", ['"', "\\", "\n\r\t", "é \u0007 \x7f", "</script>"])
def test_literals_survive_any_character(value: str) -> None:
    line = f"<urn:s> <urn:p> {text(value, 'nl')} .\n"
    (quad,) = ox.parse(line.encode(), format=ox.RdfFormat.N_TRIPLES)
    assert isinstance(quad.object, ox.Literal)
    assert quad.object.value == value


@pytest.mark.parametrize(
    ("value", "digits"), [(0.0, "0"), (240.0, "240"), (1 / 3, "0.333333"), (1e7, "10000000")]
)
def test_decimals_have_no_exponent(value: float, digits: str) -> None:
    assert decimal(value).startswith(f'"{digits}"^^')
