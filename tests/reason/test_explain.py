"""Proofs: well-founded, shortest first, down to rows; replayed step by step."""

from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg.errors import UsageError
from kg.names import G_FINDINGS, G_INFERRED, GRAPH, RDF_TYPE, local_id, thing, vit
from kg.reason import Proof, explain
from kg.reason.axioms import Axioms
from kg.reason.domain import DomainRule
from kg.reason.model import Rule
from kg.reason.owlrl_rules import EQUALITY, compile_rules
from kg.store import EmbeddedStore
from tests.reason.stores import CONTEXT, RULES, bare_ontology, close, ntriples, store_of
from tests.reason.test_reference import AXIOM, FACT

FILE = "map/Alles.csv"


def row(name: str, number: int, sheet: str = "") -> str:
    place = f"sheet={sheet}&row={number}" if sheet else f"row={number}"
    return f"id:{name} dcterms:source id:s1 ; prov:wasDerivedFrom <{GRAPH}{FILE}#{place}> ."


DATA = f"""
id:s1 skos:prefLabel "Interview"@nl ; vit:grade vit:gradeB .
id:s2 skos:prefLabel "Verslag"@nl, "Report"@en .
id:grid a vit:Service ; skos:prefLabel "Regionaal net"@nl, "Regional grid"@en ;
    vit:inSector id:energie ; vit:operatedBy id:netco .
id:rail a vit:Service ; skos:prefLabel "Treindienst"@nl ; vit:inSector id:spoor .
id:r1 vit:requiredBy id:rail ; vit:fulfilledBy id:grid .
id:r2 vit:requiredBy id:rail ; vit:fulfilledBy id:grid .
id:w1 vit:owner id:parent ; vit:owned id:netco ; vit:share 0.6 .
id:w2 vit:owner id:top ; vit:owned id:parent ; vit:control true .
id:w3 vit:owner id:top ; vit:owned id:netco ; vit:control true .
id:top vit:seat id:CN .
id:r1 dcterms:source id:s2 .
{row("r1", 5, "Requirement")} {row("r2", 6)} {row("grid", 2)} {row("w1", 9)}
"""
FOUND = """
id:e1 a vit:CascadeEffect ; vit:initiator id:grid ; vit:affectedUnit id:grid ;
    vit:resultingState vit:down .
id:e2 a vit:CascadeEffect ; vit:initiator id:grid ; vit:affectedUnit id:rail ;
    vit:resultingState vit:down ; vit:throughRequirement id:r1 ; vit:lostFulfiller id:grid ;
    vit:causedByEffect id:e1 .
"""


@pytest.fixture(scope="module")
def store() -> EmbeddedStore:
    graphs = {FILE: DATA, "context": CONTEXT}
    one = store_of(bare_ontology(), **graphs)
    one.load(GRAPH + "provenance", _title())
    assert close(one).inconsistencies == ()
    one.load(G_FINDINGS, ntriples(FOUND))
    return one


def _title() -> bytes:
    return ntriples(f'<{GRAPH}{FILE}> dcterms:title "mijn map/Alles.csv" .')


def test_down_to_the_row(store: EmbeddedStore) -> None:
    proof = explain(store, thing("rail"), vit("dependsOn"), thing("grid"))
    assert proof.rule == "prp-spo2"
    leaves = [one for one in proof.walk() if not one.premises]
    origins = [origin for one in leaves for origin in one.origin if one.kind == "asserted"]
    assert {origin.file for origin in origins} == {"mijn map/Alles.csv"}
    first = origins[0]
    assert (first.row, first.sheet) == (5, "Requirement")
    assert [one.label for one in first.sources] == ["Interview", "Verslag"]
    assert [one.iri for one in first.sources] == [thing("s1").value, thing("s2").value]
    axioms = [one for one in leaves if one.kind == "axiom"]
    assert {origin.file for one in axioms for origin in one.origin} == {"ontology"}


def test_the_text_in_both_languages(store: EmbeddedStore) -> None:
    proof = explain(store, thing("rail"), vit("dependsOn"), thing("grid"))
    dutch, english = proof.to_text("nl"), proof.to_text("en")
    assert dutch.splitlines()[0] == "Treindienst – vit:dependsOn – Regionaal net"
    assert english.splitlines()[0] == "Treindienst – vit:dependsOn – Regional grid"
    assert "├─ " in dutch
    assert "└─ " in dutch
    place = "mijn map/Alles.csv, blad Requirement, rij 5"
    assert f"uit {place}, bronnen: Interview; Verslag" in dutch
    place = "mijn map/Alles.csv, sheet Requirement, row 5"
    assert f"from {place}, sources: Interview; Verslag" in english
    assert "keten van eigenschappen [prp-spo2]" in dutch
    assert "chain of properties [prp-spo2]" in english


def test_json_has_the_whole_tree(store: EmbeddedStore) -> None:
    found = explain(store, thing("rail"), vit("dependsOn"), thing("grid")).to_json()
    assert found["triple"] == {
        "s": thing("rail").value,
        "p": vit("dependsOn").value,
        "o": thing("grid").value,
    }
    assert found["rule_label"]["en"] == "chain of properties"
    deepest = found["premises"][1]
    assert deepest["origin"][0]["row"] == 5
    assert list(deepest["origin"][0]["sources"]) == [
        {"iri": thing("s1").value, "label": "Interview", "grade": None},
        {"iri": thing("s2").value, "label": "Verslag", "grade": None},
    ]


def test_all_proofs_shortest_first(store: EmbeddedStore) -> None:
    proof = explain(store, thing("rail"), vit("dependsOn"), thing("grid"), all_proofs=True)
    assert proof.complete
    assert len(proof.alternatives) == 1  # through the other requirement
    assert "Bewijs 2:" in proof.to_text("nl")
    control = explain(store, thing("top"), vit("controls"), thing("netco"), all_proofs=True)
    sizes = [one.size() for one in (control, *control.alternatives)]
    assert sizes == sorted(sizes)
    assert len(sizes) == 2  # directly, and through the parent


def test_a_domain_rule_shows_its_premises_and_conditions(store: EmbeddedStore) -> None:
    proof = explain(store, thing("parent"), vit("directlyControls"), thing("netco"))
    assert proof.rule == "directly_controls"
    assert proof.rule_label_nl == "zeggenschap uit eigendom"
    said = {str(one.triple[1]).rpartition("#")[2].rstrip(">") for one in proof.premises}
    assert said == {
        "analysisDate", "underPolicy", "controlThreshold", "owner", "owned", "share",
    }  # fmt: skip
    assert any("?share > ?threshold" in condition for condition in proof.conditions)


def test_a_count_rests_on_everything_it_counted(store: EmbeddedStore) -> None:
    pair = thing("sectorDependency/spoor/energie")
    proof = explain(store, pair, vit("requirementCount"), ox.Literal(2))
    told = {str(one.triple[0]) for one in proof.premises}
    assert {str(thing("r1")), str(thing("r2"))} <= told
    sectors = explain(store, thing("spoor"), vit("sectorDependsOn"), thing("energie"))
    assert any(one.triple[1] == vit("dependsOn") for one in sectors.walk())


def test_a_shared_controller_rests_on_how_it_is_above_each_fulfiller() -> None:
    data = """
    id:w1 vit:owner id:top ; vit:owned id:one ; vit:share 0.6 .
    id:a a vit:Service ; vit:operatedBy id:one .
    id:b a vit:Supply ; vit:suppliedBy id:other ; vit:ofProduct id:p .
    id:p vit:manufacturer id:top .
    id:r a vit:Requirement ; vit:fulfilledBy id:a, id:b ; vit:minimumFulfilled 1 .
    """
    one = store_of(bare_ontology(), data=data, context=CONTEXT)
    close(one)
    proof = explain(one, thing("r"), vit("sharedController"), thing("top"))
    told = {tuple(local_id(term.value) for term in each.triple) for each in proof.premises}
    assert told == {
        ("r", "rdf:type", "vit:RedundantRequirement"),
        ("r", "vit:fulfilledBy", "a"),
        ("a", "vit:operatedBy", "one"),
        ("one", "vit:controlledBy", "top"),
        ("r", "vit:fulfilledBy", "b"),
        ("b", "vit:ofProduct", "p"),
        ("p", "vit:manufacturer", "top"),
    }


RING = """
id:w1 vit:owner id:x ; vit:owned id:a ; vit:share 0.6 .
id:w2 vit:owner id:a ; vit:owned id:y ; vit:share 0.3 .
id:w3 vit:owner id:x ; vit:owned id:y ; vit:share 0.25 .
id:w4 vit:owner id:y ; vit:owned id:c ; vit:share 1.0 .
id:w5 vit:owner id:c ; vit:owned id:y ; vit:share 0.4 .
"""


def test_a_sum_rests_on_enough_of_what_adds_up_and_never_on_itself() -> None:
    #  x ─60%─> a ─30%─> y ─100%─> c ─40%─> y: what c holds is x's only once y is.
    one = store_of(bare_ontology(), **{FILE: RING, "context": CONTEXT})
    close(one)
    proof = explain(one, thing("x"), vit("controls"), thing("y"))
    assert proof.rule == "control_by_adding_up"
    records = {p.triple[0] for p in proof.premises if p.triple[1] == vit("share")}
    assert records == {thing("w2"), thing("w3")}
    assert "?total = 0.55" in proof.conditions
    assert all(part.triple != proof.triple for part in proof.walk() if part is not proof)
    assert any("?total > ?threshold" in condition for condition in proof.conditions)
    others = explain(one, thing("x"), vit("controls"), thing("y"), all_proofs=True)
    assert others.alternatives == ()  # the other parts of the sum lean on the conclusion


HELD = (
    RING
    + f"""
id:x skos:prefLabel "Xaver"@nl, "Xavier"@en . id:a skos:prefLabel "Aster"@nl .
id:s1 skos:prefLabel "Interview"@nl .
id:y skos:prefLabel "Ypsilon"@nl . id:c skos:prefLabel "Caro"@nl .
{row("w2", 4)} {row("w3", 5)}
"""
)


def test_a_sum_tells_each_share_with_its_holder_and_row_and_the_total() -> None:
    one = store_of(bare_ontology(), **{FILE: HELD, "context": CONTEXT})
    close(one)
    proof = explain(one, thing("x"), vit("controls"), thing("y"))
    dutch = [line.strip("│ ") for line in proof.to_text("nl").splitlines()]
    at = dutch.index("30% + 25% = 55%, meer dan de drempel van 50%")
    assert dutch[at + 1] == f"+ Xaver → Aster ─30%→ Ypsilon; uit {FILE}, rij 4, bron: Interview"
    assert dutch[at + 2] == f"+ Xaver ─25%→ Ypsilon; uit {FILE}, rij 5, bron: Interview"
    assert dutch[at + 3] == "belangen die meetellen en hiervoor niet nodig zijn: 1"
    english = proof.to_text("en")
    assert "30% + 25% = 55%, more than the threshold of 50%" in english
    assert "+ Xavier → Aster ─30%→ Ypsilon; from" in english
    assert "holdings that count and are not needed for this: 1" in english
    assert not any("?total" in line or "?ownership" in line for line in dutch)
    added = proof.to_json()["sum"]
    assert (added["total"], added["threshold"], added["must_be"]) == (0.55, 0.5, "more")
    first = added["summands"][0]
    assert (first["record"], first["holder"]) == (thing("w2").value, thing("a").value)
    assert (first["share"], first["path"]) == (0.3, [thing("x").value, thing("a").value])
    assert first["origin"][0]["row"] == 4
    # A step without a sum tells its conditions.
    (direct,) = {p.rule: p for p in proof.walk() if p.rule == "directly_controls"}.values()
    assert direct.added is None
    assert "voorwaarde: FILTER" in direct.to_text("nl")


def test_of_a_sum_with_too_many_parts_to_try_one_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kg.reason.backward._MOST_TRIED", 1)
    one = store_of(bare_ontology(), **{FILE: RING, "context": CONTEXT})
    close(one)
    proof = explain(one, thing("x"), vit("controls"), thing("y"))
    records = {p.triple[0] for p in proof.premises if p.triple[1] == vit("share")}
    assert records == {thing("w2"), thing("w3")}
    assert proof.complete


def test_what_does_not_hold_is_wrong_use(store: EmbeddedStore) -> None:
    with pytest.raises(UsageError) as caught:
        explain(store, thing("grid"), vit("dependsOn"), thing("rail"))
    assert caught.value.code == "explain.not-true"
    assert "Regionaal net" in caught.value.nl
    with pytest.raises(UsageError):
        explain(store, ox.Literal("x"), vit("dependsOn"), thing("rail"))


def test_an_asserted_statement_is_its_own_proof(store: EmbeddedStore) -> None:
    proof = explain(store, thing("w1"), vit("owner"), thing("parent"))
    assert (proof.rule, proof.premises, proof.origin[0].row) == (None, (), 9)
    assert proof.origin[0].file == "mijn map/Alles.csv"


def test_a_finding_is_explained_by_its_evidence(store: EmbeddedStore) -> None:
    proof = explain(store, thing("e2"), vit("affectedUnit"), thing("rail"))
    assert (proof.kind, proof.rule) == ("finding", "analysis")
    told = {one.triple for one in proof.walk()}
    assert (thing("r1"), vit("fulfilledBy"), thing("grid")) in told
    assert (thing("e1"), vit("affectedUnit"), thing("grid")) in told
    rows = {origin.row for one in proof.walk() for origin in one.origin}
    assert {5, 2} <= rows


# --- every step checked ------------------------------------------------------------------------


def replay(proof: Proof, rules: dict[str, list[Rule]], domain: dict[str, DomainRule]) -> None:
    """Apply the rule of every step to its premises alone: the conclusion must come out."""
    if proof.rule is None:
        assert proof.origin
        assert not proof.premises
        return
    for premise in proof.premises:
        assert proof.triple not in {one.triple for one in premise.walk()}
        replay(premise, rules, domain)
    lines = {f"{' '.join(map(str, one.triple))} .\n" for one in proof.premises}
    alone = EmbeddedStore.memory()
    alone.load("urn:premises", "".join(sorted(lines)).encode())
    goal = ox.Triple(*proof.triple)
    if proof.rule in domain:
        given = alone.construct(domain[proof.rule].text)
    elif proof.rule.startswith("scm-"):
        assert goal in closed_schema(proof)
        return
    else:
        axioms = {one.triple for one in proof.premises}
        fits = [one for one in rules[proof.rule] if set(one.axioms) <= axioms]
        given = b"".join(alone.construct(one.construct(head_is_new=True)) for one in fits)
    assert goal in {quad.triple for quad in ox.parse(given, format=ox.RdfFormat.N_TRIPLES)}


def closed_schema(proof: Proof) -> set[ox.Triple]:
    """What the schema rules give from the premises, and the lists they point at, alone."""
    found = Axioms([*(one.triple for one in proof.premises), *LISTS])
    return {ox.Triple(*fact) for fact in found.derived}


LISTS: list[tuple[ox.NamedNode, ox.NamedNode, ox.NamedNode]] = []


def check_everything(store: EmbeddedStore, rules_dir: Path) -> int:
    """Explain and replay every inferred statement."""
    axioms = Axioms.of_reasoned(store)
    LISTS[:] = [
        fact for fact in axioms.asserted if "rdf-syntax-ns#" in str(fact[1]) and fact[1] != RDF_TYPE
    ]  # type: ignore[assignment]
    rules: dict[str, list[Rule]] = {}
    for one in (*compile_rules(axioms), *EQUALITY):
        if one.head is not None:
            rules.setdefault(one.name, []).append(one)
    domain = {one.name: one for one in DomainRule.load(rules_dir)}
    checked = 0
    for triple in sorted(store.triples(G_INFERRED), key=str):
        proof = explain(store, triple.subject, triple.predicate, triple.object, rules_dir=rules_dir)
        replay(proof, rules, domain)
        checked += 1
    return checked


def test_every_proof_over_the_real_ontology_replays(store: EmbeddedStore) -> None:
    """Facts about things; those about the schema are in the random ontologies below."""
    axioms = Axioms.of_reasoned(store)
    rules: dict[str, list[Rule]] = {}
    for one in compile_rules(axioms):
        if one.head is not None:
            rules.setdefault(one.name, []).append(one)
    domain = {one.name: one for one in DomainRule.load(RULES)}
    mine = thing("").value
    said = [t for t in store.triples(G_INFERRED) if t.subject.value.startswith(mine)]
    assert len(said) > 40
    for triple in said:
        replay(explain(store, triple.subject, triple.predicate, triple.object), rules, domain)


@given(st.lists(AXIOM, min_size=1, max_size=4), st.lists(FACT, min_size=1, max_size=6))
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_every_proof_over_random_ontologies_replays(
    no_rules: Path, axioms: list[str], data: list[str]
) -> None:
    store = store_of("\n".join(axioms), data="\n".join(data))
    close(store, no_rules)
    check_everything(store, no_rules)


def test_a_nameless_thing_is_said_to_be_so(store: EmbeddedStore) -> None:
    with pytest.raises(UsageError) as caught:
        explain(store, ox.BlankNode("b"), vit("dependsOn"), thing("grid"))
    assert caught.value.code == "explain.nameless"
    assert "genid-" in caught.value.nl


def test_on_a_narrow_terminal_the_tree_keeps_its_lines(store: EmbeddedStore) -> None:
    proof = explain(store, thing("rail"), vit("dependsOn"), thing("grid"))
    lines = proof.to_text("nl", 60).splitlines()
    assert max(map(len, lines)) <= 60
    assert " ".join(" ".join(lines).replace("│", " ").split()) == " ".join(
        proof.to_text("nl").replace("│", " ").split()
    )
    at = next(at for at, line in enumerate(lines) if "Alles.csv" in line)
    assert lines[at + 1].startswith("│  │" if lines[at].startswith("│  │") else "│")


def test_what_does_not_hold_is_said_in_both_languages(store: EmbeddedStore) -> None:
    with pytest.raises(UsageError) as caught:
        explain(store, thing("rail"), vit("operatedBy"), thing("grid"))
    assert "Regionaal net" in caught.value.nl
    assert "Regional grid" in caught.value.en


def test_almost_the_same_name_is_explained_down_to_both_names() -> None:
    data = """
    id:drie a vit:Organisation ; skos:prefLabel "N.V. Gas-Transport"@nl .
    id:vier a vit:Organisation ; skos:prefLabel "NV Gastransport"@nl .
    """
    one = store_of(bare_ontology(), **{FILE: data, "context": CONTEXT})
    close(one)
    proof = explain(one, thing("drie"), vit("possibleDuplicateOf"), thing("vier"))
    assert proof.rule == "almost_the_same_name"
    names = [part for part in proof.premises if part.rule == "normalised_name"]
    said = {
        str(leaf.triple[2]) for part in names for leaf in part.premises if leaf.kind == "asserted"
    }
    assert {'"N.V. Gas-Transport"@nl', '"NV Gastransport"@nl'} <= said
