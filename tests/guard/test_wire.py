"""What goes over the wire comes out as it went in; what is no answer is a ValueError."""

import json
from contextlib import suppress

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import AmbiguousError, KgError, QueryError, UsageError
from kg.guard import wire
from kg.queries import Cell, Column, Table, Text, catalogue
from kg.store import QuerySyntaxError

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
iris = st.builds(lambda name: ox.NamedNode(f"urn:{name}"), st.text("abé", max_size=5))
literals = st.one_of(
    st.builds(ox.Literal, texts),
    st.builds(lambda text: ox.Literal(text, language="nl-BE"), texts),
    st.builds(lambda text: ox.Literal(text, language="ar", direction=ox.BaseDirection.RTL), texts),
    st.builds(lambda text, kind: ox.Literal(text, datatype=kind), texts, iris),
)
blanks = st.builds(ox.BlankNode, st.from_regex(r"[a-z][a-z0-9]{0,5}", fullmatch=True))
terms = st.one_of(iris, literals, blanks)
triples = st.builds(ox.Triple, st.one_of(iris, blanks), iris, terms)
cells: st.SearchStrategy[Cell] = st.one_of(
    st.none(), terms, triples, st.builds(ox.Triple, iris, iris, triples)
)


def received(answer: wire.Answer) -> wire.Answer:
    found = wire.Received()
    for kind, body in wire.frames_of(answer):
        found.take(kind, body)
    return found.answer()


@given(
    rows=st.lists(st.tuples(cells, cells), max_size=20),
    labels=st.dictionaries(texts, st.builds(Text, texts, texts), max_size=5),
    truncated=st.booleans(),
)
def test_a_table_arrives_as_it_left(
    rows: list[tuple[Cell, Cell]], labels: dict[str, Text], truncated: bool
) -> None:
    columns = (Column("a", Text("één", "one"), "iri"), Column("b", Text("b", "b")))
    table = Table(columns, tuple(rows), labels, truncated)
    assert received(table) == table


def test_a_long_answer_comes_in_pieces() -> None:
    rows = tuple((ox.Literal("x" * 100),) for _ in range(5000))
    table = Table((Column("a", Text("a", "a")),), rows, {}, False)
    kinds = [kind for kind, _ in wire.frames_of(table)]
    assert kinds.count(wire.ROWS) > 5
    assert max(len(body) for _, body in wire.frames_of(table)) < 1 << 17
    assert received(table) == table
    graph = b"<urn:s> <urn:p> <urn:o> .\n" * 10_000
    assert len(list(wire.frames_of(graph))) > 3
    assert received(graph) == graph
    assert received(True) is True
    assert received(False) is False


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("bt", max_size=2), inner),
    max_leaves=8,
)


@given(
    frames=st.lists(
        st.tuples(
            st.sampled_from([wire.HEAD, wire.ROWS, wire.LABELS, wire.LINES, b"x"]),
            st.one_of(st.binary(max_size=20), json_values.map(wire.written)),
        ),
        max_size=4,
    )
)
def test_whatever_comes_in_is_an_answer_or_a_value_error(frames: list[wire.Frame]) -> None:
    found = wire.Received()
    try:
        for kind, body in frames:
            found.take(kind, body)
        answer = found.answer()
    except ValueError:
        return
    assert isinstance(answer, Table | bool | bytes)


@given(st.one_of(st.binary(max_size=30), json_values.map(wire.written)))
def test_whatever_comes_in_as_an_error_is_one_or_a_value_error(body: bytes) -> None:
    with suppress(ValueError):
        assert isinstance(wire.error_in(body), KgError)


def test_nesting_without_end_is_a_value_error() -> None:
    for kind in (wire.ROWS, wire.HEAD, wire.LABELS):
        with pytest.raises(ValueError, match=r"."):
            wire.Received().take(kind, b"[" * 100_000)


@pytest.mark.parametrize(
    "error",
    [
        QueryError("query.a", "fout", "wrong"),
        QuerySyntaxError(3, 4, "what"),
        UsageError("usage.b", "fout", "wrong"),
        AmbiguousError("grid", [("urn:a", "A"), ("urn:b", "B")]),
    ],
)
def test_errors_arrive_as_they_left(error: KgError) -> None:
    found = wire.error_in(wire.error_out(error))
    assert type(found) is type(error)
    assert vars(found) == vars(error)
    assert found.exit_code == error.exit_code


def test_every_saved_query_arrives_as_it_left() -> None:
    for query in catalogue():
        assert wire.saved_in(json.loads(wire.written(wire.saved_out(query)))) == query
