"""Every saved query has a case with expected rows and one that must come back empty.

A case is a folder ``tests/queries/<name of the query>/`` with

- ``data.ttl``: the data; the ontology is added, everything is reasoned, domain rules included;
- ``params.yaml`` (optional): ``name: value``, as a person types it;
- ``expected.csv``: a heading with the columns of the header, then the rows in their order. Things
  are written by their id (``grid``), terms of the ontology as CURIE (``vit:fails``), values as
  they stand in RDF, nothing for an empty cell;
- ``empty.ttl`` (other data) or ``empty_params.yaml`` (other parameters): the answer has no rows.

What a header must hold is checked here too, and that a parameter narrows the answer: one whose
variable is only bound in an OPTIONAL does not, the engine then fills it in on every row.
"""

import csv
import io
import re
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest
import yaml

from kg.names import G_ONTOLOGY, GRAPH, local_id
from kg.queries import Cell, SavedQuery, Table, catalogue, run
from kg.reason import reason
from kg.resources import folder
from kg.store import EmbeddedStore

CASES = Path(__file__).parent / "queries"
QUERIES = list(catalogue())


@cache
def ontology() -> bytes:
    lines: set[bytes] = set()
    for path in sorted(folder("ontology").glob("*.ttl")):
        triples = (quad.triple for quad in ox.parse(path=path))
        document = ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES)
        assert document is not None
        lines |= set(document.splitlines(keepends=True))
    return b"".join(sorted(lines))


@cache
def reasoned(path: Path) -> EmbeddedStore:
    """A store with the ontology and this file, reasoned; made once per file."""
    store = EmbeddedStore.memory()
    document = ox.serialize(
        (quad.triple for quad in ox.parse(path=path)), format=ox.RdfFormat.N_TRIPLES
    )
    assert document is not None
    store.load(G_ONTOLOGY, ontology())
    store.load(GRAPH + "test", document)
    outcome = reason(store, folder("ontology"), folder("queries") / "rules")
    assert not outcome.inconsistencies, f"{path} contradicts the ontology: {outcome}"
    return store


def params(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    found = yaml.safe_load(path.read_text("utf-8")) or {}
    return {str(name): str(value) for name, value in found.items()}


def written(cell: Cell) -> str:
    """A cell as ``expected.csv`` writes it."""
    if cell is None:
        return ""
    if isinstance(cell, ox.NamedNode):
        return local_id(cell.value)
    return cell.value if isinstance(cell, ox.Literal) else str(cell)


def as_csv(table: Table) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([column.name for column in table.columns])
    writer.writerows([written(cell) for cell in row] for row in table.rows)
    return out.getvalue()


@pytest.fixture(params=QUERIES, ids=lambda query: query.name)
def query(request: pytest.FixtureRequest) -> SavedQuery:
    found: SavedQuery = request.param
    return found


def test_there_are_queries() -> None:
    assert QUERIES


def test_the_header_is_complete(query: SavedQuery) -> None:
    assert query.columns
    assert query.tags
    assert query.summary
    texts = [query.label, query.question, *(c.label for c in query.columns)]
    for text in [*texts, *(param.label for param in query.params)]:
        assert text.nl.strip()
        assert text.en.strip()
    assert query.question.nl.endswith("?")
    assert query.question.en.endswith("?")


def test_it_runs_as_it_stands(query: SavedQuery) -> None:
    """Plain SPARQL with its own prefixes; it gives the columns of the header and no others."""
    solutions = EmbeddedStore.memory().select(query.text)
    assert list(solutions.variables) == [column.name for column in query.columns]
    for param in query.params:
        assert re.search(rf"[?$]{param.name}\b", query.text), param.name


def test_expected_rows(query: SavedQuery) -> None:
    case = CASES / query.name
    assert (case / "data.ttl").is_file(), f"{case} lacks data.ttl"
    table = run(reasoned(case / "data.ttl"), query, params(case / "params.yaml"))
    expected = (case / "expected.csv").read_text("utf-8")
    assert expected.count("\n") > 1, "a case without rows shows nothing"
    assert as_csv(table) == expected


def test_pages_are_the_answer_in_pieces(query: SavedQuery) -> None:
    case = CASES / query.name
    store, given = reasoned(case / "data.ttl"), params(case / "params.yaml")
    rows = run(store, query, given).rows
    pages = [run(store, query, given, page=at + 1, limit=1) for at in range(len(rows))]
    assert tuple(row for page in pages for row in page.rows) == rows
    assert [page.truncated for page in pages] == [True] * (len(rows) - 1) + [False]


def test_empty_case(query: SavedQuery) -> None:
    case = CASES / query.name
    other = case / "empty.ttl"
    empty_params = case / "empty_params.yaml"
    assert other.is_file() != empty_params.is_file(), "give empty.ttl or empty_params.yaml"
    data = other if other.is_file() else case / "data.ttl"
    chosen = empty_params if empty_params.is_file() else case / "params.yaml"
    assert run(reasoned(data), query, params(chosen)).rows == ()


def test_a_parameter_narrows_the_answer(query: SavedQuery) -> None:
    """With a parameter bound to a value of the answer, only rows with that value remain."""
    case = CASES / query.name
    given = params(case / "params.yaml")
    store = reasoned(case / "data.ttl")
    table = run(store, query, given)
    names = [column.name for column in query.columns]
    for param in query.params:
        if param.name in given or param.name not in names or param.default is not None:
            continue
        at = names.index(param.name)
        value = next(row[at] for row in table.rows if row[at] is not None)
        typed = value.value if isinstance(value, ox.NamedNode | ox.Literal) else str(value)
        narrowed = run(store, query, {**given, param.name: typed})
        assert narrowed.rows == tuple(row for row in table.rows if row[at] == value)


def test_no_case_without_a_query() -> None:
    known = {query.name for query in QUERIES}
    assert {path.name for path in CASES.iterdir() if path.is_dir()} <= known
