"""A page is had from the subselect that decides which rows there are, however deep it stands."""

import pytest

from kg.names import GRAPH
from kg.queries import catalogue, run
from kg.queries.ordering import taken_apart
from kg.queries.paging import first_rows
from kg.store import EmbeddedStore
from tests.test_saved_queries import CASES, params, reasoned

#: Things with one to three values each.
DATA = "".join(
    f"<urn:t{thing}> <urn:p> <urn:v{value}> .\n"
    for thing in range(6)
    for value in range(thing % 3 + 1)
).encode()
FLAT = "SELECT ?t ?v { { SELECT DISTINCT ?t { ?t <urn:p> ?any } } ?t <urn:p> ?v }"
GROUPED = """
SELECT ?t ?n (GROUP_CONCAT(STR(?v); SEPARATOR=" ") AS ?all) {
  { SELECT ?t ?n ?v {
    # braces { that are { none
    { SELECT ?t (COUNT(?any) AS ?n) { ?t <urn:p> ?any } GROUP BY ?t }
    ?t <urn:p> ?v
  } ORDER BY ?v }
} GROUP BY ?t ?n"""
LATER = "SELECT ?t ?v { ?t <urn:p> ?v { SELECT ?t { { SELECT ?t { ?t <urn:p> <urn:v2> } } } } }"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that any store was asked, as they come."""
    texts: list[str] = []
    select = EmbeddedStore.select

    def noted(store: EmbeddedStore, query: str, *rest: object) -> object:
        texts.append(query)
        return select(store, query, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(EmbeddedStore, "select", noted)
    return texts


@pytest.mark.parametrize(
    ("text", "depth", "order"),
    [
        (FLAT, 1, [("t", False)]),
        (FLAT, 1, [("t", True), ("v", False)]),
        (GROUPED, 2, [("n", True), ("t", False)]),
    ],
)
def test_the_rest_is_asked_of_the_first_rows_only(
    text: str, depth: int, order: list[tuple[str, bool]], asked: list[str]
) -> None:
    store = EmbeddedStore.memory()
    store.load(GRAPH + "test", DATA)
    ordering = " ".join(f"DESC(?{name})" if down else f"?{name}" for name, down in order)
    whole = list(store.select(f"{text} ORDER BY {ordering}").rows)
    found = list(first_rows(store, text, {}, order, 2, depth).rows)
    assert len(asked) == 3
    assert len(found) < len(whole)
    for row in whole[:2]:
        assert row in found
    assert set(found) <= set(whole)


@pytest.mark.parametrize(("text", "depth"), [(FLAT, 2), (LATER, 1), (LATER, 2)])
def test_a_query_without_such_a_subselect_is_asked_as_it_is(
    text: str, depth: int, asked: list[str]
) -> None:
    store = EmbeddedStore.memory()
    store.load(GRAPH + "test", DATA)
    whole = set(store.select(text).rows)
    assert set(first_rows(store, text, {}, [("t", False)], 2, depth).rows) == whole
    assert asked == [text, text]


@pytest.mark.parametrize("name", [query.name for query in catalogue() if query.paged])
def test_a_query_that_says_so_is_never_asked_as_a_whole(name: str, asked: list[str]) -> None:
    query, case = catalogue().get(name), CASES / name
    given = params(case / "params.yaml")
    whole, _ = taken_apart(query.sparql)
    table = run(reasoned(case / "data.ttl"), query, given, page=1, limit=1)
    assert len(table.rows) == 1
    assert whole not in asked
    run(reasoned(case / "data.ttl"), query, given)
    assert whole in asked


def test_there_is_a_query_of_each_depth() -> None:
    assert {query.paged for query in catalogue()} == {0, 1, 2}
