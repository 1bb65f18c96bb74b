"""Saved queries are plain SPARQL 1.1: another engine, rdflib's, gives the very same rows.

Each case of tests/queries/ is reasoned as in test_saved_queries.py, and the facts are handed to
rdflib; its rows must be those of ``expected.csv``, in that order, and the empty case must be empty.
What a query may do at all is checked on its algebra, see :mod:`tests.portable_sparql`.
"""

import csv
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
import rdflib.term
from pyparsing import ParseException
from rdflib import XSD, Graph, URIRef

from kg.names import local_id
from kg.queries import SavedQuery, catalogue
from kg.queries.terms import term_of
from kg.resources import folder
from kg.store import EmbeddedStore
from kg.store.query_text import bind
from tests.portable_sparql import NUMBERS, Kinds, algebra, extensions, ranges, unordered
from tests.test_saved_queries import CASES, params, reasoned

QUERIES = list(catalogue())
COMPETENCY = sorted((Path(__file__).parent / "competency").glob("*/*/*.rq"))


@cache
def datatypes() -> dict[URIRef, Kinds]:
    graph = Graph()
    for path in sorted(folder("ontology").glob("*.ttl")):
        graph.parse(path)
    return ranges(graph)


@pytest.fixture(params=QUERIES, ids=lambda query: query.name)
def query(request: pytest.FixtureRequest) -> SavedQuery:
    found: SavedQuery = request.param
    return found


# -- rows in one order -----------------------------------------------------------------------------


def test_the_order_by_is_complete(query: SavedQuery) -> None:
    assert unordered(algebra(query.text)) == []


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("SELECT ?a ?b { ?a ?p ?b }", ["a", "b"]),
        ("SELECT ?a ?b { ?a ?p ?b } ORDER BY ?a", ["b"]),
        ("SELECT DISTINCT ?a ?b { ?a ?p ?b } ORDER BY DESC(?b) ?a", []),
        ("SELECT ?a ?b { { SELECT ?a ?b { ?a ?p ?b } ORDER BY ?a ?b } }", ["a", "b"]),
        ("SELECT ?a (STR(?b) AS ?c) { ?a ?p ?b } ORDER BY ?a", ["c"]),
        ("SELECT ?a ?b (COUNT(*) AS ?n) { ?a ?p ?b } GROUP BY ?a ?b ORDER BY ?n ?a", ["b"]),
        ("SELECT ?a (COUNT(*) AS ?n) { ?a ?p ?b } GROUP BY ?a ?b ORDER BY ?a", ["b"]),
        ("SELECT ?a (COUNT(*) AS ?n) { ?a ?p ?b } GROUP BY ?a ORDER BY ?a", []),
        (
            "SELECT ?a (COUNT(*) AS ?n) { ?a ?p ?b } GROUP BY ?a HAVING (COUNT(*) > 1) ORDER BY ?n",
            ["a"],
        ),
    ],
)
def test_an_incomplete_order_is_seen(text: str, missing: list[str]) -> None:
    assert unordered(algebra(text)) == missing


# -- plain SPARQL ----------------------------------------------------------------------------------


def test_no_extension_is_used(query: SavedQuery) -> None:
    assert extensions(algebra(query.text), datatypes()) == []


@pytest.mark.parametrize("path", COMPETENCY, ids=lambda path: path.stem)
def test_no_competency_question_uses_an_extension(path: Path) -> None:
    assert extensions(algebra(path.read_text("utf-8")), datatypes()) == []


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("?i vit:awareAt ?a . ?d vit:timeLimit ?l . BIND (?a + ?l AS ?x)",
         ["arithmetic on ?a: xsd:dateTime", "arithmetic on ?l: xsd:duration"]),
        ("?i vit:completedOn ?a . BIND (?a - 1 AS ?x)", ["arithmetic on ?a: xsd:date"]),
        ("?d vit:timeLimit ?l . BIND (-?l AS ?x)", ["arithmetic on ?l: xsd:duration"]),
        ("?i vit:inCycle/vit:cyclePeriod ?l . BIND (?l * 2 AS ?x)",
         ["arithmetic on ?l: xsd:duration"]),
        ("?i vit:awareAt ?a . BIND (?a AS ?b) BIND (?b - ?b AS ?x)",
         ["arithmetic on ?b: xsd:dateTime"]),
        ("?i ?p ?a . FILTER (?a + 1 > 2)", ["arithmetic on ?a: not surely a number"]),
        ('BIND ("P1Y"^^xsd:duration + 1 AS ?x)', ["arithmetic on P1Y: xsd:duration"]),
        ("?r vit:buffer ?l . ?q vit:buffer ?m . FILTER (?l < ?m)",
         ["comparison of ?l: xsd:duration", "comparison of ?m: xsd:duration"]),
        ("{ SELECT (MAX(?l) AS ?m) { ?r vit:buffer ?l } }", ["comparison of ?l: xsd:duration"]),
        ("{ SELECT (SUM(?l) AS ?m) { ?r vit:buffer ?l } }", ["arithmetic on ?l: xsd:duration"]),
        ("?s ?p ?a . FILTER NOT EXISTS { ?s vit:buffer ?l . FILTER (?l > ?l) }",
         ["comparison of ?l: xsd:duration"]),
        ("?p vit:asWKT ?a . BIND (<http://www.opengis.net/def/function/geosparql/area>(?a) AS ?x)",
         ["function http://www.opengis.net/def/function/geosparql/area"]),
        ("?i vit:awareAt ?a . BIND (xsd:date(?a) AS ?x)",
         ["function http://www.w3.org/2001/XMLSchema#date"]),
    ],
)  # fmt: skip
def test_an_extension_is_seen(pattern: str, found: list[str]) -> None:
    prefixes = (
        "PREFIX vit: <https://w3id.org/vitaal/def#> "
        "PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> "
    )
    assert extensions(algebra(f"{prefixes}SELECT * {{ {pattern} }}"), datatypes()) == found


@pytest.mark.parametrize(
    "pattern",
    [
        "?m vit:investment ?a ; vit:maintenanceShare ?b . BIND (?a * ?b AS ?x)",
        "?i vit:awareAt ?a ; vit:endedAt ?b . FILTER (?a < ?b && xsd:integer(STR(?a)) + 1 > 2)",
        "{ SELECT (COUNT(?i) AS ?n) { ?i vit:awareAt ?a } } BIND (IF(?n > 1, ?n, 0) - 1 AS ?x)",
        "?d vit:timeLimit ?l ; vit:recurrence ?m . FILTER (?l = ?m)",
    ],
)
def test_what_is_standard_passes(pattern: str) -> None:
    prefixes = (
        "PREFIX vit: <https://w3id.org/vitaal/def#> "
        "PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> "
    )
    assert extensions(algebra(f"{prefixes}SELECT * {{ {pattern} }}"), datatypes()) == []


def test_a_function_of_a_later_sparql_does_not_parse() -> None:
    with pytest.raises(ParseException):
        algebra("SELECT * { ?s ?p ?a BIND (ADJUST(?a, 1) AS ?x) }")


# -- another engine --------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _as_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """rdflib would write literals anew (``P1D`` for ``PT24H``)."""
    monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", False)
    monkeypatch.setattr(rdflib.term, "NORMALIZE_LITERALS", False, raising=False)


@cache
def other_store(path: Path) -> Graph:
    """What the reasoned store of this file holds, in rdflib."""
    return Graph().parse(data=reasoned(path).construct("CONSTRUCT WHERE { ?s ?p ?o }"), format="nt")


def bound(store: EmbeddedStore, saved: SavedQuery, given: dict[str, str]) -> str:
    """The text with its parameters as VALUES, as any client can write them."""
    values: dict[str, ox.NamedNode | ox.Literal] = {}
    for param in saved.params:
        value = given.get(param.name, param.default)
        if value:
            values[param.name] = term_of(store, param, value)
    return bind(saved.text, values)


def rows(path: Path, saved: SavedQuery, given: dict[str, str]) -> list[list[object]]:
    answer = other_store(path).query(bound(reasoned(path), saved, given))
    at = {str(variable): number for number, variable in enumerate(answer.vars or ())}
    return [[row[at[column.name]] for column in saved.columns] for row in answer]


def same(cell: object, expected: str) -> bool:
    if isinstance(cell, URIRef):
        return local_id(str(cell)) == expected
    if isinstance(cell, rdflib.Literal) and cell.datatype in NUMBERS:
        try:  # 3 and 3.0 are one number
            return Decimal(str(cell)) == Decimal(expected)
        except InvalidOperation:
            return False
    return ("" if cell is None else str(cell)) == expected


def differences(found: list[list[object]], expected: list[list[str]]) -> list[str]:
    wrong = [
        f"{number}: {row} is not {right}"
        for number, (row, right) in enumerate(zip(found, expected, strict=False), 1)
        if not all(same(cell, text) for cell, text in zip(row, right, strict=True))
    ]
    return wrong if len(found) == len(expected) else [f"{len(found)} rows, not {len(expected)}"]


def test_rdflib_gives_the_same_rows(query: SavedQuery) -> None:
    case = CASES / query.name
    with (case / "expected.csv").open(encoding="utf-8", newline="") as file:
        _, *expected = csv.reader(file)
    found = rows(case / "data.ttl", query, params(case / "params.yaml"))
    assert differences(found, expected) == []


def test_rdflib_finds_the_empty_case_empty(
    query: SavedQuery, request: pytest.FixtureRequest
) -> None:
    case = CASES / query.name
    other = case / "empty.ttl"
    data = other if other.is_file() else case / "data.ttl"
    empty = case / "empty_params.yaml"
    assert rows(data, query, params(empty if empty.is_file() else case / "params.yaml")) == []


def test_other_rows_are_seen() -> None:
    one, two = URIRef("https://w3id.org/vitaal/id/a"), rdflib.Literal("3.0", datatype=XSD.decimal)
    assert differences([[one, two, None]], [["a", "3", ""]]) == []
    assert differences([[one, two, None]], [["b", "3", ""]])
    assert differences([[one, two, None]], [["a", "4", ""]])
    assert differences([[one, two, None]], [["a", "3", "x"]])
    assert differences([[one, two, None]], [])
    assert differences([[one], [two]], [["3"], ["a"]])
