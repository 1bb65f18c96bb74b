"""The terms of a policy: of the analysis context, on another date, under another policy."""

import pytest

from kg.errors import UsageError
from kg.foreign import Terms, read_terms
from kg.names import G_CONTEXT, GRAPH, ID
from kg.store import Graph
from tests.reason.stores import ntriples, store_of

WORLD = """
id:uit-cn vit:aboutCountry id:CN ; vit:statementKind vit:offensiveCyberProgramme ;
    vit:validFrom "2023-01-01"^^xsd:date .
id:uit-nl vit:aboutCountry id:NL ; vit:statementKind vit:euMember ;
    vit:validFrom "1958-01-01"^^xsd:date .
id:uit-uk vit:aboutCountry id:UK ; vit:statementKind vit:euMember ;
    vit:validFrom "1973-01-01"^^xsd:date ; vit:validUntil "2020-01-31"^^xsd:date .
id:los a vit:Policy ; vit:trustsStatementKind vit:euMember ; vit:homeCountry id:NL ;
    vit:riskyStatementKind vit:offensiveCyberProgramme ; vit:controlThreshold 0.5 ;
    vit:jointControlThreshold 0.5 ; vit:significantInfluenceThreshold 0.1 ;
    vit:horizon "P1Y"^^xsd:duration ; vit:maximumStatementAge "P5Y"^^xsd:duration .
id:streng a vit:Policy ; vit:homeCountry id:NL ; vit:controlThreshold 0.25 ;
    vit:riskyStatementKind vit:offensiveCyberProgramme ;
    vit:maximumStatementAge "P1M"^^xsd:duration .
"""
CONTEXT = """
id:analysis a vit:AnalysisContext ; vit:underPolicy id:los ;
    vit:analysisDate "2026-08-15"^^xsd:date ; vit:oldestStatementDate "2021-08-15"^^xsd:date .
"""


@pytest.fixture(scope="module")
def graph() -> Graph:
    store = store_of(b"", wereld=WORLD)
    store.load(G_CONTEXT, ntriples(CONTEXT))
    assert store.count(GRAPH + "wereld")
    return Graph(store)


def countries(terms: Terms) -> tuple[set[str], set[str]]:
    def local(iris: frozenset[str]) -> set[str]:
        return {iri.removeprefix(ID) for iri in iris}

    return local(terms.trusted), local(terms.risky)


def test_by_default_those_of_the_analysis(graph: Graph) -> None:
    terms = read_terms(graph)
    assert (terms.iri, terms.date, terms.horizon_hours) == (ID + "los", "2026-08-15", 8760)
    assert (terms.threshold, terms.joint_threshold, terms.influence_threshold) == (0.5, 0.5, 0.1)
    assert countries(terms) == ({"NL"}, {"CN"})


def test_on_another_date_what_counted_then(graph: Graph) -> None:
    assert countries(read_terms(graph, at="2020-01-31")) == ({"NL", "UK"}, set())
    assert countries(read_terms(graph, at="2020-02-01")) == ({"NL"}, set())
    # The greatest age is counted from that date, in calendar years.
    assert countries(read_terms(graph, at="2028-01-01"))[1] == {"CN"}
    assert countries(read_terms(graph, at="2028-01-02"))[1] == set()


def test_another_policy_has_its_own_terms(graph: Graph) -> None:
    terms = read_terms(graph, policy=ID + "streng")
    assert (terms.threshold, terms.joint_threshold, terms.influence_threshold) == (0.25, None, None)
    assert countries(terms) == ({"NL"}, set())  # the statement is older than a month
    assert countries(read_terms(graph, at="2023-02-01", policy=ID + "streng"))[1] == {"CN"}
    assert read_terms(graph, policy=ID + "los") == read_terms(graph)


@pytest.mark.parametrize("at", ["", "vandaag", "2026-02-30", "20260815", "2026-8-15", "2026-W01-1"])
def test_what_is_no_day_is_refused(graph: Graph, at: str) -> None:
    with pytest.raises(UsageError) as error:
        read_terms(graph, at=at)
    assert error.value.code == "usage.date"
    assert "jjjj-mm-dd" in error.value.nl
    assert "yyyy-mm-dd" in error.value.en


def test_an_unknown_policy_names_those_that_are_there(graph: Graph) -> None:
    with pytest.raises(UsageError) as error:
        read_terms(graph, policy=ID + "zwak")
    assert error.value.code == "foreign.policy"
    assert "'zwak'" in error.value.nl
    assert error.value.en.endswith("there is: los, streng.")
