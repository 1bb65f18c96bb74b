"""Competency questions: what the ontology and its rules must answer, and what must never follow.

A case is a query (``NNN_plain_sentence.rq``) with its data (``.ttl``) beside it. A *completeness*
case has its expected rows in a ``.csv``. A *soundness* case must stay empty after reasoning; its
``.control.ttl``, added to the data, makes it answer something, so that no case can pass because its
query matches nothing at all.
"""

import csv
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.names import G_ONTOLOGY, GRAPH, shorten
from kg.reason import reason
from kg.resources import folder
from kg.store import EmbeddedStore

CASES = Path(__file__).parent / "competency"
ONTOLOGY = folder("ontology")
RULES = folder("queries") / "rules"
COMPLETENESS = sorted(CASES.glob("*/completeness/*.rq"))
SOUNDNESS = sorted(CASES.glob("*/soundness/*.rq"))

#: Each module must have a question of its own; the root module holds imports only.
MODULES = sorted(p.stem for p in ONTOLOGY.glob("*.ttl") if p.stem != "vitaal")


def _name(path: Path) -> str:
    return path.relative_to(CASES).with_suffix("").as_posix()


def _ntriples(path: Path) -> bytes:
    triples = ox.parse(path=path, format=ox.RdfFormat.TURTLE)
    data = ox.serialize((t.triple for t in triples), format=ox.RdfFormat.N_TRIPLES)
    assert data is not None
    return data


@pytest.fixture(scope="module")
def ontology() -> bytes:
    return b"".join(_ntriples(p) for p in sorted(ONTOLOGY.glob("*.ttl")))


@contextmanager
def _reasoned(ontology: bytes, *data: Path) -> Iterator[EmbeddedStore]:
    store = EmbeddedStore.memory()
    store.load(G_ONTOLOGY, ontology)
    for path in data:
        store.load(f"{GRAPH}case/{path.stem}", _ntriples(path))
    reason(store, ONTOLOGY, RULES)
    yield store
    store.close()


def _cell(term: object) -> str:
    if term is None:
        return ""
    if isinstance(term, ox.NamedNode):
        return shorten(term.value)
    assert isinstance(term, ox.Literal), f"{term}: give the thing an IRI, a blank node has no name"
    return term.value


def _answer(store: EmbeddedStore, query: Path) -> tuple[list[str], list[list[str]]]:
    solutions = store.select(query.read_text("utf-8"))
    return list(solutions.variables), [[_cell(t) for t in row] for row in solutions.rows]


@pytest.mark.parametrize("query", COMPLETENESS, ids=_name)
def test_the_question_gets_its_answer(query: Path, ontology: bytes) -> None:
    text = query.with_suffix(".csv").read_text("utf-8")
    header, *expected = list(csv.reader(io.StringIO(text)))
    assert expected, "a completeness case without expected rows would pass on an empty ontology"
    with _reasoned(ontology, query.with_suffix(".ttl")) as store:
        variables, rows = _answer(store, query)
    if "ORDER BY" not in query.read_text("utf-8"):
        rows, expected = sorted(rows), sorted(expected)
    assert (variables, rows) == (header, expected)


@pytest.mark.parametrize("query", SOUNDNESS, ids=_name)
def test_what_does_not_follow_is_not_inferred(query: Path, ontology: bytes) -> None:
    with _reasoned(ontology, query.with_suffix(".ttl")) as store:
        _, rows = _answer(store, query)
    assert rows == []


@pytest.mark.parametrize("query", SOUNDNESS, ids=_name)
def test_each_soundness_check_can_fail(query: Path, ontology: bytes) -> None:
    data, control = query.with_suffix(".ttl"), query.with_suffix(".control.ttl")
    with _reasoned(ontology, data, control) as store:
        _, rows = _answer(store, query)
    assert rows, "the control data should make this question answer something"


def test_every_module_has_a_question_of_its_own() -> None:
    asked = {p.parent.parent.name for p in COMPLETENESS}
    assert asked == set(MODULES)


def test_every_file_of_a_case_belongs_to_a_question() -> None:
    expected = set()
    for query in COMPLETENESS:
        expected |= {query, query.with_suffix(".ttl"), query.with_suffix(".csv")}
    for query in SOUNDNESS:
        expected |= {query, query.with_suffix(".ttl"), query.with_suffix(".control.ttl")}
    assert {p for p in CASES.rglob("*") if p.is_file()} == expected


def test_the_first_line_of_a_query_says_in_plain_words_what_it_asks() -> None:
    for query in COMPLETENESS + SOUNDNESS:
        first = query.read_text("utf-8").splitlines()[0]
        assert re.fullmatch(r"# [A-Z].+[.?]", first), _name(query)
        assert re.fullmatch(r"\d{3}_[a-z0-9_]+", query.stem), _name(query)
