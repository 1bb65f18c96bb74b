"""The order of rows: what we sort ourselves stands as the engine would put it."""

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.names import XSD
from kg.queries.ordering import CannotSortError, in_order, is_ordered, placed, taken_apart
from kg.queries.table import Cell

HEAD = "SELECT ?a ?b WHERE { ?a ?p ?b }"


@pytest.mark.parametrize(
    ("tail", "left", "keys"),
    [
        ("\nORDER BY ?a", "", (("a", False),)),
        (" order by DESC(?b) ?a\n", "", (("b", True), ("a", False))),
        ("ORDER BY asc( $a )DESC (?b)", "", (("a", False), ("b", True))),
        (" GROUP BY ?a ?b ORDER BY ?a", " GROUP BY ?a ?b", (("a", False),)),
        (" ORDER BY desc(bound( ?a )) ?a", "", (("BOUND a", True), ("a", False))),
        (" ORDER BY BOUND(?a) ASC(BOUND($b))", "", (("BOUND a", False), ("BOUND b", False))),
        (" ORDER BY BOUND(?a", None, ()),
        (" ORDER BY DESC(!BOUND(?a))", None, ()),
        (" ORDER BY STR(?a)", None, ()),
        (" ORDER BY (?a + 1)", None, ()),
        (" ORDER BY ?a LIMIT 5", None, ()),
        (" ORDER BY ?a # }", None, ()),
        (" ORDER BY ?a # no", None, ()),
        ("", None, ()),
    ],
)
def test_only_a_plain_order_is_taken_out(
    tail: str, left: str | None, keys: tuple[tuple[str, bool], ...]
) -> None:
    whole = HEAD + tail
    assert taken_apart(whole) == (whole if left is None else HEAD + left, keys)
    assert is_ordered(whole) == ("order by" in tail.lower())


def literal(kind: str, text: str) -> ox.Literal:
    return ox.Literal(text, datatype=ox.NamedNode(XSD + kind))


PLAIN: st.SearchStrategy[Cell] = st.one_of(
    st.none(),
    st.sampled_from("abcé").map(lambda name: ox.NamedNode(f"urn:{name}")),
)
SORTS: dict[str, st.SearchStrategy[ox.Literal]] = {
    "texts": st.text("aB é€𝄞", max_size=3).map(ox.Literal),
    "numbers": st.one_of(
        st.integers(-30, 30).map(lambda n: literal("integer", str(n))),
        st.decimals(-3, 3, places=2).map(lambda n: literal("decimal", f"{n:f}")),
    ),
    "truths": st.sampled_from(["true", "false"]).map(lambda text: literal("boolean", text)),
    "days": st.dates().map(lambda day: literal("date", day.isoformat())),
    "times": st.sampled_from(
        ["2026-01-01T10:00:00Z", "2026-01-01T10:00:00+01:00", "2026-01-01T09:30:00Z"]
    ).map(lambda text: literal("dateTime", text)),
}


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("down", [False, True])
@given(data=st.data())
def test_the_same_order_as_the_engine(sort: str, down: bool, data: st.DataObject) -> None:
    cells: list[Cell] = data.draw(st.lists(st.one_of(PLAIN, SORTS[sort]), max_size=8))
    store = ox.Store()
    for at, cell in enumerate(cells):
        subject = ox.NamedNode(f"urn:row{at}")
        store.add(ox.Quad(subject, ox.NamedNode("urn:n"), literal("integer", str(at))))
        if cell is not None:
            assert not isinstance(cell, ox.Triple)
            store.add(ox.Quad(subject, ox.NamedNode("urn:v"), cell))
    rows = answer(store, "")
    keys = [(0, down), (1, False)]
    assert in_order(rows, keys) == answer(store, f"ORDER BY {'DESC(?v)' if down else '?v'} ?n")
    bound = "ORDER BY DESC(BOUND(?v)) ?v ?n"
    assert in_order(rows, placed(taken_apart(bound)[1], ["v", "n"])) == answer(store, bound)


def answer(store: ox.Store, order: str) -> list[tuple[Cell, ...]]:
    found = store.query(f"SELECT ?v ?n {{ ?s <urn:n> ?n OPTIONAL {{ ?s <urn:v> ?v }} }} {order}")
    assert isinstance(found, ox.QuerySolutions)
    return [tuple(row) for row in found]


@pytest.mark.parametrize(
    "cells",
    [
        (literal("duration", "PT24H"), literal("duration", "P1D")),
        (literal("date", "2026-01-01Z"), literal("date", "2026-01-02")),
        (literal("date", "2026-02-30"), literal("date", "2026-02-29")),
        (literal("integer", "1"), ox.Literal("1")),
        (ox.Literal("a", language="nl"), ox.Literal("b", language="en")),
        (literal("integer", "9" * 40), literal("integer", "1")),
        (ox.BlankNode("a"), ox.BlankNode("b")),
    ],
)
def test_what_only_the_engine_can_compare_is_left_to_it(cells: tuple[Cell, Cell]) -> None:
    with pytest.raises(CannotSortError):
        in_order([(cell,) for cell in cells], [(0, False)])
    # What comes after a difference need not be compared, nor what is the same.
    first, second = cells
    rows: list[tuple[Cell, ...]] = [
        (literal("integer", "2"), first),
        (literal("integer", "1"), second),
        (literal("integer", "2"), first),
    ]
    keys = [(0, False), (1, False)]
    assert in_order(rows, keys) == [rows[1], rows[0], rows[2]]


@given(
    st.lists(st.tuples(SORTS["numbers"], SORTS["truths"], PLAIN), max_size=30),
    st.lists(st.booleans(), min_size=3, max_size=3),
    st.integers(0, 12),
)
def test_the_first_rows_are_those_of_the_whole_order(
    rows: list[tuple[Cell, ...]], downs: list[bool], wanted: int
) -> None:
    keys = list(enumerate(downs))
    assert in_order(rows, keys, wanted)[:wanted] == in_order(rows, keys)[:wanted]
