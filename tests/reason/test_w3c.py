"""W3C's OWL 2 cases that apply to RL: what must follow, what must not, what contradicts itself."""

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.names import G_ONTOLOGY, GRAPH
from kg.reason import reason
from kg.reason.labels import RULES
from kg.store import EmbeddedStore

HERE = Path(__file__).parent / "w3c"
BASE = "http://example.org/case/"


@dataclass
class Case:
    """One case of the suite."""

    premise: list[ox.Triple] = field(default_factory=list)
    conclusion: list[ox.Triple] = field(default_factory=list)
    nonconclusion: list[ox.Triple] = field(default_factory=list)
    inconsistent: bool = False


def cases() -> dict[str, Case]:
    found: dict[str, Case] = defaultdict(Case)
    for path in sorted(HERE.glob("*.trig")):
        for quad in ox.parse(path=str(path), format=ox.RdfFormat.TRIG, base_iri=BASE):
            if isinstance(quad.graph_name, ox.DefaultGraph):
                found[quad.subject.value.removeprefix(BASE)].inconsistent = True
            else:
                name, _, part = quad.graph_name.value.removeprefix(BASE).partition("#")
                getattr(found[name], part).append(quad.triple)
    return dict(found)


CASES = cases()


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("empty")


def closed(case: Case, empty: Path) -> tuple[EmbeddedStore, tuple[object, ...]]:
    store = EmbeddedStore.memory()
    nothing = ox.Triple(*[ox.NamedNode("http://example.org/nothing")] * 3)
    for graph, triples in ((G_ONTOLOGY, [nothing]), (GRAPH + "case", case.premise)):
        store.load(graph, ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b"")
    return store, reason(store, empty, empty).inconsistencies


@pytest.mark.parametrize("name", sorted(CASES))
def test_case(name: str, empty: Path) -> None:
    case = CASES[name]
    assert case.premise
    assert case.inconsistent or case.conclusion or case.nonconclusion
    store, contradictions = closed(case, empty)
    assert bool(contradictions) is case.inconsistent, contradictions
    missing = [str(triple) for triple in case.conclusion if not store.contains(triple)]
    wrong = [str(triple) for triple in case.nonconclusion if store.contains(triple)]
    assert (missing, wrong) == ([], [])


def test_the_cases_are_many_and_of_both_kinds() -> None:
    assert len(CASES) >= 60
    assert sum(case.inconsistent for case in CASES.values()) >= 20
    assert sum(bool(case.nonconclusion) for case in CASES.values()) >= 25


def test_every_rule_of_ours_is_met_by_a_case(empty: Path) -> None:
    """No rule stays untried: what the cases use is what the reasoner has."""
    met: set[str] = set()
    for case in CASES.values():
        store = EmbeddedStore.memory()
        nothing = ox.Triple(*[ox.NamedNode("http://example.org/nothing")] * 3)
        for graph, triples in ((G_ONTOLOGY, [nothing]), (GRAPH + "case", case.premise)):
            store.load(graph, ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b"")
        outcome = reason(store, empty, empty)
        names = [name for name, _ in outcome.per_rule]
        names += [one.rule for one in outcome.inconsistencies]
        met |= {part for name in names for part in name.split("+")}
    assert set(RULES) - met == {"analysis", "evidence"}
