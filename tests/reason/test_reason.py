"""What is derived, in what order, what is not, and how contradictions are told."""

from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.errors import KgError, UsageError
from kg.names import G_INFERRED, G_ONTOLOGY, GRAPH, RDF_TYPE, thing, vit
from kg.reason.domain import DomainRule
from kg.reason.model import Rule
from kg.reason.owlrl_rules import ordered, recursive
from kg.store import EmbeddedStore
from tests.reason.stores import CONTEXT, RULES, bare_ontology, close, facts, ntriples, store_of

MINIMAL = """
id:grid a vit:Service ; vit:inSector id:energie ; vit:operatedBy id:netco .
id:gsmr a vit:Service ; vit:inSector id:telecom .
id:rail a vit:Service ; vit:inSector id:spoor .
id:netco a vit:Organisation ; vit:inSector id:energie .
id:r1 a vit:Requirement ; vit:requiredBy id:gsmr ; vit:fulfilledBy id:grid ;
    vit:minimumFulfilled 1 .
id:r2 a vit:Requirement ; vit:requiredBy id:rail ; vit:fulfilledBy id:grid, id:gsmr ;
    vit:minimumFulfilled 1 .
"""
OWNERS = """
id:w1 vit:owner id:a ; vit:owned id:b ; vit:share 0.51 .
id:w2 vit:owner id:b ; vit:owned id:c ; vit:control true .
id:w3 vit:owner id:x ; vit:owned id:c ; vit:share 0.5 .
id:w4 vit:owner id:y ; vit:owned id:c ; vit:share 0.9 ; vit:validUntil "2026-05-31"^^xsd:date .
id:w5 vit:owner id:z ; vit:owned id:c ; vit:share 0.9 ; vit:validFrom "2026-06-02"^^xsd:date .
id:a vit:seat id:CN . id:s a vit:Supply ; vit:suppliedBy id:c .
id:t a vit:Supply ; vit:ofProduct id:chip . id:chip vit:manufacturer id:a .
"""

#: `all` needs both; `apart`, `alone` and `twice` share nothing above two different fulfillers.
SHARED = """
id:u1 a vit:Service ; vit:operatedBy id:c . id:u2 a vit:Service ; vit:operatedBy id:c .
id:u3 a vit:Service ; vit:operatedBy id:b . id:u4 a vit:Service ; vit:operatedBy id:a .
id:u5 a vit:Service ; vit:operatedBy id:x . id:u6 a vit:Supply ; vit:suppliedBy id:y .
id:s1 a vit:Supply ; vit:suppliedBy id:x ; vit:ofProduct id:p .
id:s2 a vit:Supply ; vit:suppliedBy id:y ; vit:ofProduct id:q .
id:p vit:manufacturer id:m . id:q vit:manufacturer id:m . id:o vit:manufacturer id:a .
id:w6 vit:owner id:a ; vit:owned id:m ; vit:share 0.7 .
id:s3 a vit:Supply ; vit:suppliedBy id:a ; vit:ofProduct id:o .
id:one a vit:Requirement ; vit:fulfilledBy id:u1, id:u2 ; vit:minimumFulfilled 1 .
id:all a vit:Requirement ; vit:fulfilledBy id:u1, id:u2 ; vit:minimumFulfilled 2 .
id:chain a vit:Requirement ; vit:fulfilledBy id:u3, id:u4 ; vit:minimumFulfilled 1 .
id:made a vit:Requirement ; vit:fulfilledBy id:s1, id:s2 ; vit:minimumFulfilled 1 .
id:three a vit:Requirement ; vit:fulfilledBy id:u1, id:u2, id:u5 ; vit:minimumFulfilled 2 .
id:apart a vit:Requirement ; vit:fulfilledBy id:u5, id:u6 ; vit:minimumFulfilled 1 .
id:alone a vit:Requirement ; vit:fulfilledBy id:u1 ; vit:minimumFulfilled 1 .
id:twice a vit:Requirement ; vit:fulfilledBy id:s3, id:u5 ; vit:minimumFulfilled 1 .
"""


@pytest.fixture(scope="module")
def small() -> EmbeddedStore:
    store = store_of(bare_ontology(), data=MINIMAL + OWNERS, context=CONTEXT)
    assert close(store).inconsistencies == ()
    return store


def has(store: EmbeddedStore, s: str, p: str, o: str) -> bool:
    return store.contains(ox.Triple(thing(s), vit(p), thing(o)))


def typed(store: EmbeddedStore, s: str, kind: str) -> bool:
    return store.contains(ox.Triple(thing(s), RDF_TYPE, vit(kind)))


def test_dependencies_are_direct_only(small: EmbeddedStore) -> None:
    assert has(small, "rail", "dependsOn", "gsmr")
    assert has(small, "gsmr", "dependsOn", "grid")
    assert has(small, "grid", "dependsOn", "netco")
    assert not has(small, "gsmr", "dependsOn", "netco")
    assert typed(small, "grid", "FunctionalUnit")


def test_control_follows_ownership_that_counts_on_the_date(small: EmbeddedStore) -> None:
    assert has(small, "a", "controls", "c")
    assert has(small, "c", "controlledBy", "a")
    for owner in "xyz":
        assert not has(small, owner, "controls", "c")
    assert has(small, "x", "hasSignificantInfluenceIn", "c")
    assert not has(small, "y", "hasSignificantInfluenceIn", "c")
    for under in ("a", "b", "c", "s", "t", "chip"):
        assert has(small, under, "underControlOf", "CN")


def test_sectors_and_counts(small: EmbeddedStore) -> None:
    assert has(small, "spoor", "sectorDependsOn", "energie")
    assert not has(small, "energie", "sectorDependsOn", "energie")
    pair = "sectorDependency/spoor/energie"
    assert typed(small, pair, "SectorDependency")
    count = ox.Triple(thing(pair), vit("requirementCount"), ox.Literal(1))
    assert small.contains(count)
    assert typed(small, "r1", "SingleFulfillerRequirement")
    assert not typed(small, "r1", "RedundantRequirement")
    assert typed(small, "r2", "RedundantRequirement")
    assert has(small, "r2", "redundantInSector", "spoor")
    assert not has(small, "r1", "redundantInSector", "telecom")


def test_a_controller_is_shared_by_fulfillers_of_a_redundant_requirement_alone() -> None:
    store = store_of(bare_ontology(), data=OWNERS + SHARED, context=CONTEXT)
    assert close(store).inconsistencies == ()
    shared = store.select(f"SELECT ?r ?c {{ ?r {vit('sharedController')} ?c }}").rows
    assert {tuple(str(term) for term in row) for row in shared} == {
        (str(thing(one)), str(thing(controller)))
        for one, controllers in {
            "one": "c a b",  # the operator itself, and who controls it
            "chain": "a",  # b, which a controls, and a
            "made": "m a",  # suppliers apart, one maker
            "three": "c a b",
        }.items()
        for controller in controllers.split()
    }


def test_asserted_and_inferred_are_apart_and_reasoning_again_changes_nothing(
    small: EmbeddedStore,
) -> None:
    before = list(small.dump())
    assert close(small).inferred == small.count(G_INFERRED)
    assert list(small.dump()) == before
    asserted = {t for g in small.graphs() if g != G_INFERRED for t in small.triples(g)}
    assert not asserted & set(small.triples(G_INFERRED))


def test_the_ontology_is_loaded_when_it_is_not_there() -> None:
    store = EmbeddedStore.memory()
    store.load(GRAPH + "d", ntriples("id:x a vit:VitalProcess ."))
    close(store)
    assert store.count(G_ONTOLOGY) > 1000
    assert typed(store, "x", "FunctionalUnit")


def test_an_unknown_reasoner_is_wrong_use() -> None:
    with pytest.raises(UsageError, match="pellet"):
        close(store_of(""), reasoner="pellet")


# --- what must never be ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "axiom",
    [
        "vit:dependsOn a owl:TransitiveProperty .",
        "vit:dependsOn owl:propertyChainAxiom ( vit:dependsOn vit:dependsOn ) .",
        "vit:dependsOn rdfs:subPropertyOf vit:reaches . vit:reaches a owl:TransitiveProperty .",
        "vit:dependsOn rdfs:subPropertyOf vit:reaches . "
        "vit:reaches owl:propertyChainAxiom ( vit:reaches vit:dependsOn ) .",
    ],
)
def test_the_closure_of_depends_on_is_refused(axiom: str, no_rules: Path) -> None:
    with pytest.raises(KgError, match=r"reason\.closure"):
        close(store_of(axiom, data="id:a vit:dependsOn id:b ."), no_rules)


def test_no_domain_rule_follows_depends_on_all_the_way() -> None:
    for rule in DomainRule.load(RULES):
        assert "dependsOn+" not in rule.where.replace(" ", "")
        assert "dependsOn*" not in rule.where.replace(" ", "")


def test_the_shipped_ontology_and_rules_are_read() -> None:
    rules = DomainRule.load(RULES)
    assert [rule.name for rule in rules][:2] == ["directly_controls", "significant_influence"]
    for rule in rules:
        assert rule.label("nl") != rule.name != rule.label("en")
        assert rule.header["summary"]


# --- domain rules ------------------------------------------------------------------------------


def test_a_rule_that_feeds_itself_is_done_before_the_next_says_what_is_not_there(
    tmp_path: Path,
) -> None:
    (tmp_path / "10_up.rq").write_text(
        "#+ label: {nl: a, en: a}\nPREFIX u: <urn:>\n"
        "CONSTRUCT { ?x u:up ?z } WHERE { ?x u:up ?y . ?y u:next ?z }"
    )
    (tmp_path / "20_top.rq").write_text(
        "#+ label: {nl: b, en: b}\nPREFIX u: <urn:>\n"
        "CONSTRUCT { ?x u:out true } WHERE { ?x u:in ?y . FILTER NOT EXISTS { ?x u:up ?y } }"
    )
    data = b"".join(b"<urn:%d> <urn:next> <urn:%d> .\n" % (i, i + 1) for i in range(6))
    data += b"<urn:0> <urn:up> <urn:1> .\n<urn:0> <urn:in> <urn:6> .\n"
    store = store_of(b"", data=data)
    done = close(store, tmp_path)
    assert dict(done.per_rule) == {"up": 5}


def test_counts_that_go_stale_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "10_count.rq").write_text(
        "#+ label: {nl: a, en: a}\nPREFIX u: <urn:>\nCONSTRUCT { ?x u:count ?n } WHERE "
        "{ { SELECT ?x (COUNT(?y) AS ?n) WHERE { ?x u:part ?y } GROUP BY ?x } }"
    )
    (tmp_path / "20_part.rq").write_text(
        "#+ label: {nl: b, en: b}\nPREFIX u: <urn:>\n"
        "CONSTRUCT { ?x u:part ?y } WHERE { ?x u:late ?y }"
    )
    data = b"<urn:a> <urn:part> <urn:b> .\n<urn:a> <urn:late> <urn:c> .\n"
    with pytest.raises(KgError, match=r"reason\.rule-order"):
        close(store_of("", data=data), tmp_path)


def test_domain_and_owl_rules_feed_each_other(tmp_path: Path) -> None:
    (tmp_path / "10_up.rq").write_text(
        "#+ label: {nl: a, en: a}\nPREFIX u: <urn:>\nCONSTRUCT { ?x u:q ?y } WHERE { ?x u:big ?y }"
    )
    ontology = "<urn:p> rdfs:subPropertyOf <urn:big> . <urn:q> owl:inverseOf <urn:p> ."
    store = store_of(ontology, data=b"<urn:a> <urn:p> <urn:b> .\n")
    close(store, tmp_path)
    names = [ox.NamedNode(f"urn:{name}") for name in ("a", "b", "p", "q", "big")]
    a, b, p, q, big = names
    for triple in ((a, q, b), (b, p, a), (b, big, a), (b, q, a)):
        assert store.contains(ox.Triple(*triple))


def test_a_file_that_is_no_rule_is_wrong_use(tmp_path: Path) -> None:
    (tmp_path / "10_x.rq").write_text("SELECT * { ?s ?p ?o }")
    with pytest.raises(UsageError, match=r"10_x\.rq"):
        DomainRule.load(tmp_path)


# --- contradictions ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "data"),
    [
        ("cax-adc", "id:x a vit:Service, vit:Organisation ."),
        ("cax-adc", "id:x a vit:VitalProcess . id:y vit:operatedBy id:x ."),
        ("cax-dw", "id:x a vit:EssentialEntity, vit:ImportantEntity ."),
        ("prp-irp", "id:x vit:partOf id:x ."),
        ("prp-asyp", "id:x vit:partOf id:y . id:y vit:partOf id:x ."),
        ("prp-fp", "id:x vit:inSector id:energie, id:spoor ."),
        ("prp-fp", "id:r vit:effect vit:fails, vit:degrades ."),
        ("prp-fp", 'id:x vit:lei "A", "B" .'),
        ("prp-rng+dt-not-type", 'id:r vit:minimumFulfilled "twee" .'),
        ("eq-diff3", "vit:fails owl:sameAs vit:degrades ."),
    ],
)
def test_contradictions_are_found(rule: str, data: str, no_rules: Path) -> None:
    found = close(store_of(bare_ontology(), data=data), no_rules).inconsistencies
    assert rule in {one.rule for one in found}


@pytest.mark.parametrize(
    "data",
    [
        "id:x vit:inSector id:energie . id:y vit:inSector id:spoor .",
        "id:r vit:share 0.50, 0.5 .",  # one value, written in two ways
        "id:x vit:inSector id:energie, id:power . id:energie owl:sameAs id:power .",
        "id:x a vit:VitalProcess, vit:Process .",
        "id:x vit:partOf id:y . id:y vit:partOf id:z .",
    ],
)
def test_what_only_looks_like_a_contradiction(data: str, no_rules: Path) -> None:
    assert close(store_of(bare_ontology(), data=data), no_rules).inconsistencies == ()


def test_a_contradiction_is_told_with_its_rows(no_rules: Path) -> None:
    graph = GRAPH + "map/Service.csv"
    data = f"""
    id:s1 skos:prefLabel "Interview"@nl ; vit:grade vit:gradeB .
    id:x skos:prefLabel "Treindienst"@nl ; vit:inSector id:energie, id:spoor ;
        dcterms:source id:s1 ; prov:wasDerivedFrom <{graph}#row=7> .
    """
    store = store_of(bare_ontology(), **{"map/Service.csv": data})
    (found,) = close(store, no_rules).inconsistencies
    assert found.rule == "prp-fp"
    assert {str(one[2]) for one in found.triples[:2]} == {
        str(thing("energie")),
        str(thing("spoor")),
    }
    assert "map/Service.csv, rij 7, bron: Interview" in found.nl
    assert "map/Service.csv, row 7, source: Interview" in found.en
    assert "Treindienst" in found.nl
    assert str(found) == found.nl


# --- order -------------------------------------------------------------------------------------

A = [ox.NamedNode(f"urn:p{number}") for number in range(6)]
XY = ox.Variable("x"), ox.Variable("y")


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=15, unique=True))
@settings(deadline=None)
def test_groups_come_after_what_they_need(edges: list[tuple[int, int]]) -> None:
    rules = tuple(Rule(f"{a}-{b}", ((XY[0], A[a], XY[1]),), (XY[0], A[b], XY[1])) for a, b in edges)
    groups = ordered(rules)
    assert sorted(one.name for group in groups for one in group) == sorted(r.name for r in rules)
    place = {one.name: number for number, group in enumerate(groups) for one in group}
    for one in rules:
        for other in rules:
            if other.head_key in one.body_keys:
                assert place[other.name] <= place[one.name]
    for group in groups:
        heads = {one.head_key for one in group}
        again = len(group) > 1 or bool(heads & group[0].body_keys)
        assert recursive(group) is again


def test_facts_are_only_about_our_vocabulary(small: EmbeddedStore) -> None:
    assert len(facts(small)) > 40
    assert all(not isinstance(triple.subject, ox.Literal) for triple in facts(small))
