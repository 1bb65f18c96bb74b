"""Our rules against owlrl: the same facts about our vocabulary, on random and on real data.

The comparison, exactly: both reason over the same graphs; of what each adds, the statements
count that :func:`kg.reason.reference.about_our_vocabulary` keeps. owlrl says more besides (that
everything equals itself, what type a literal has, what holds of every class); ours writes more
about other vocabularies (``prov:Entity`` …). Left out of random data, because owlrl 7.6.2 does not
do it as W3C's tables say: keys (it forgets the last property of a key, so that everything with a
value is the same), the last pair of AllDifferent and AllDisjointProperties, and literals as values
of functional properties. Unique names are ours alone: two ids for one functional property are a
contradiction here and ``owl:sameAs`` there, so random data have none.
"""

import random
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg.names import G_INFERRED
from kg.resources import folder
from kg.schema import Schema
from kg.sources import stage
from kg.store import EmbeddedStore
from tests.reason.stores import CONTEXT, RULES, bare_ontology, close, facts, store_of

CLASSES = [f"vit:C{number}" for number in range(5)]
PROPERTIES = [f"vit:p{number}" for number in range(4)]
THINGS = [f"id:i{number}" for number in range(5)]

c, p, i = st.sampled_from(CLASSES), st.sampled_from(PROPERTIES), st.sampled_from(THINGS)


def made(template: str, *parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(*parts).map(lambda values: template.format(*values))


EXPRESSION = st.one_of(
    c,
    made("[ owl:onProperty {} ; owl:someValuesFrom {} ]", p, c),
    made("[ owl:onProperty {} ; owl:someValuesFrom owl:Thing ]", p),
    made("[ owl:onProperty {} ; owl:hasValue {} ]", p, i),
    made("[ owl:intersectionOf ( {} {} ) ]", c, c),
    made("[ owl:unionOf ( {} {} ) ]", c, c),
    made("[ owl:oneOf ( {} {} ) ]", i, i),
    made("[ owl:unionOf ( {} [ owl:onProperty {} ; owl:someValuesFrom {} ] ) ]", c, p, c),
)
ABOVE = st.one_of(
    c,
    made("[ owl:onProperty {} ; owl:allValuesFrom {} ]", p, c),
    made("[ owl:onProperty {} ; owl:hasValue {} ]", p, i),
    made("[ owl:intersectionOf ( {} {} ) ]", c, c),
    made("[ owl:intersectionOf ( {} [ owl:onProperty {} ; owl:allValuesFrom {} ] ) ]", c, p, c),
)
AXIOM = st.one_of(
    made("{} rdfs:subClassOf {} .", EXPRESSION, ABOVE),
    made("{} rdfs:subClassOf {} .", c, c),
    made("{} owl:equivalentClass {} .", c, c),
    made("{} owl:equivalentClass [ owl:onProperty {} ; owl:hasValue {} ] .", c, p, i),
    made("{} owl:equivalentClass [ owl:intersectionOf ( {} {} ) ] .", c, c, c),
    made("{} owl:unionOf ( {} {} ) .", c, c, c),
    made("{} rdfs:subPropertyOf {} .", p, p),
    made("{} owl:equivalentProperty {} .", p, p),
    made("{} owl:inverseOf {} .", p, p),
    made("{} rdfs:domain {} .", p, ABOVE),
    made("{} rdfs:range {} .", p, ABOVE),
    made("{} a owl:SymmetricProperty .", p),
    made("{} a owl:TransitiveProperty .", p),
    made("{} owl:propertyChainAxiom ( {} {} ) .", p, p, p),
    made("{} owl:propertyChainAxiom ( {} {} {} ) .", p, p, p, p),
    made("{} a owl:InverseFunctionalProperty .", p),
)
FACT = st.one_of(
    made("{} a {} .", i, c),
    made("{} {} {} .", i, p, i),
    made("{} {} {} .", i, p, i),
    made("{} a [ owl:onProperty {} ; owl:allValuesFrom {} ] .", i, p, c),
    made("{} owl:sameAs {} .", i, i),
)


def derived(make: Callable[[], EmbeddedStore], rules: Path, reasoner: str) -> set[ox.Triple]:
    store = make()
    outcome = close(store, rules, reasoner)
    assert outcome.inferred == store.count(G_INFERRED)
    return facts(store)


def same_facts(make: Callable[[], EmbeddedStore], rules: Path) -> int:
    ours, theirs = (derived(make, rules, reasoner) for reasoner in ("sparql", "owlrl"))
    assert (sorted(map(str, ours - theirs)), sorted(map(str, theirs - ours))) == ([], [])
    return len(ours)


@given(st.lists(AXIOM, min_size=1, max_size=6), st.lists(FACT, min_size=1, max_size=8))
@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_random_ontologies_and_facts(no_rules: Path, axioms: list[str], data: list[str]) -> None:
    same_facts(lambda: store_of("\n".join(axioms), data="\n".join(data)), no_rules)


def random_data(seed: int, size: int) -> str:
    """Units, requirements, organisations, owners and supplies over the real ontology."""
    chosen = random.Random(seed)
    units = [f"id:u{number}" for number in range(size)]
    makers = [f"id:o{number}" for number in range(max(2, size // 3))]
    lines = [f"{one} vit:seat id:{chosen.choice(['NL', 'CN', 'US'])} ." for one in makers]
    for number, one in enumerate(units):
        kind = chosen.choice(["Service", "VitalProcess", "Asset"])
        sector = chosen.choice(["energie", "spoor", "telecom"])
        lines.append(f"{one} a vit:{kind} ; vit:inSector id:{sector} .")
        lines.append(f"{one} vit:operatedBy {chosen.choice(makers)} .")
        some = ", ".join(chosen.sample(units, chosen.randint(1, 2)))
        lines.append(
            f"id:r{number} vit:requiredBy {one} ; vit:fulfilledBy {some} ;"
            " vit:minimumFulfilled 1 ; vit:effect vit:fails ."
        )
    for number, one in enumerate(makers[1:]):
        lines.append(
            f"id:w{number} vit:owner {chosen.choice(makers)} ; vit:owned {one} ;"
            f" vit:share 0.{chosen.randint(2, 9)} ."
        )
        lines.append(f"id:s{number} a vit:Supply ; vit:suppliedBy {one} ; vit:ofProduct id:chip .")
    lines.append(f"id:chip vit:manufacturer {makers[0]} .")
    lines.append(f"id:act a vit:QuickScan ; vit:forProcess {units[0]} .")
    return "\n".join(lines)


def test_random_data_over_the_real_ontology() -> None:
    def make() -> EmbeddedStore:
        return store_of(bare_ontology(), data=random_data(7, 12), context=CONTEXT)

    assert same_facts(make, RULES) > 200


@pytest.mark.parametrize("name", ["reference", "public", "exercise"])
def test_the_shipped_data(name: str) -> None:
    """Each shipped set, cut to what axioms or rules speak of."""
    data = folder("data")
    paths = [data / "reference"] if name == "reference" else [data / "reference", data / name]
    missing = [path.name for path in paths if not any(path.glob("*"))]
    if missing:
        pytest.skip(f"data/{missing[0]} is not there")
    staged = stage(paths, Schema.load(folder("ontology")))
    if staged.problems:
        pytest.skip(f"data/{name} has {len(staged.problems)} problem(s) of its own")
    kept = (b" <https://w3id.org/vitaal/def#", b"22-rdf-syntax-ns#type>", b"core#prefLabel>")

    def make() -> EmbeddedStore:
        graphs = {
            graph.iri.rpartition("/graph/")[2]: b"".join(
                line
                for line in graph.ntriples.splitlines(keepends=True)
                if any(word in line for word in kept)
            )
            for graph in staged.graphs
        }
        return store_of(bare_ontology(), **{k: v for k, v in graphs.items() if v}, context=CONTEXT)

    assert same_facts(make, RULES) > 300
