"""Laws of the intake: what is typed comes out, and order of files and rows does not matter."""

import csv
import io
import random
import re
from collections.abc import Callable

import pyoxigraph as ox
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from kg.names import DERIVED_FROM, GRAPH, ID, PREF_LABEL
from kg.sources import Staged
from kg.sources.cells import check_formula, quoted
from kg.sources.model import CellError

Read = Callable[..., Staged]

LAWS = settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)

#: Any character that may stand in a cell.
TEXT = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff")
    | st.sampled_from("\n\t\";,\\'<>{}@#"),
    min_size=1,
    max_size=30,
)


def is_plain(text: str) -> bool:
    """Not something that a spreadsheet would calculate."""
    try:
        check_formula(text)
    except CellError:
        return False
    return True


def table(rows: list[list[str]], delimiter: str, line_end: str) -> str:
    """The rows as CSV."""
    out = io.StringIO()
    # Python's writer does not quote a line end that is not its own.
    quoting = csv.QUOTE_MINIMAL if line_end == "\r\n" else csv.QUOTE_ALL
    csv.writer(out, delimiter=delimiter, lineterminator=line_end, quoting=quoting).writerows(rows)
    return out.getvalue()


@LAWS
@given(
    texts=st.lists(TEXT, min_size=1, max_size=6),
    delimiter=st.sampled_from(",;"),
    line_end=st.sampled_from(["\n", "\r\n", "\r"]),
    mark=st.booleans(),
)
@example(texts=["\u2028\u2029\x0b".replace("\x0b", "")], delimiter=",", line_end="\n", mark=False)
@example(texts=['"', "\\", '\\"', "\ufeff"], delimiter=";", line_end="\r", mark=True)
def test_labels_come_out_as_they_went_in(
    read: Read, texts: list[str], delimiter: str, line_end: str, mark: bool
) -> None:
    kept = [text.strip() for text in texts]
    assume(all(text and is_plain(text) for text in kept))
    rows = [["id", "label", "source"], *([f"a{n}", text, "s1"] for n, text in enumerate(texts))]
    content = ("\ufeff" if mark else "") + table(rows, delimiter, line_end)
    staged = read({"Service.csv": content})
    assert staged.problems == ()
    graph = next(one for one in staged.graphs if one.iri == f"{GRAPH}data/Service.csv")
    labels = {
        quad.subject.value: quad.object.value
        for quad in ox.parse(graph.ntriples, format=ox.RdfFormat.N_TRIPLES)
        if quad.predicate == PREF_LABEL
    }
    assert labels == {f"{ID}a{n}": text for n, text in enumerate(kept)}
    rows_seen = re.findall(rb"Service\.csv#row=(\d+)>", graph.ntriples)
    assert sorted(map(int, rows_seen)) == list(range(2, len(kept) + 2))


@LAWS
@given(TEXT)
def test_literals_are_written_as_the_store_writes_them(text: str) -> None:
    assert quoted(text) == str(ox.Literal(text))


@LAWS
@given(st.binary(max_size=300) | st.text(max_size=100).map(lambda text: text.encode("utf-16")))
def test_any_bytes_are_an_answer(read: Read, noise: bytes) -> None:
    names = ["Service.csv", "a.ttl", "b.nt", "c.nq", "d.trig", "e.rdf", "f.jsonld", "g.xlsx"]
    staged = read(dict.fromkeys(names, noise), skip_invalid=True)
    assert staged.problems == ()
    for name in names:
        read({name: b"id,label,source\n" + noise})


@LAWS
@given(seed=st.integers(0, 1_000_000))
def test_order_of_rows_changes_provenance_only(read: Read, seed: int) -> None:
    services = [f"u{n},Dienst {n},energie,s{1 + n % 2}" for n in range(8)]
    needs = [f"r{n},u{n},{';'.join(f'u{m}' for m in range(n))},s2" for n in range(1, 8)]
    shuffled = random.Random(seed)

    def graphs(staged: Staged) -> list[tuple[str, list[bytes]]]:
        assert staged.problems == ()
        return [
            (one.iri, [line for line in one.ntriples.splitlines() if place not in line])
            for one in staged.graphs
        ]

    place = DERIVED_FROM.value.encode()
    found = []
    for _ in range(2):
        shuffled.shuffle(services)
        shuffled.shuffle(needs)
        found.append(
            graphs(
                read(
                    {
                        "Service.csv": "\n".join(["id,label,inSector,source", *services]),
                        "Requirement.csv": "\n".join(["id,requiredBy,fulfilledBy,source", *needs]),
                    }
                )
            )
        )
    assert found[0] == found[1]


@LAWS
@given(columns=st.permutations(["id", "label", "inSector", "restartLag", "source"]))
def test_order_of_columns_changes_nothing(read: Read, columns: list[str]) -> None:
    row = {"id": "a", "label": "A", "inSector": "spoor", "restartLag": "PT1H", "source": "s1"}
    first = read({"Service.csv": ",".join(row) + "\n" + ",".join(row.values()) + "\n"})
    other = read(
        {"Service.csv": ",".join(columns) + "\n" + ",".join(row[one] for one in columns) + "\n"}
    )
    assert [one.ntriples for one in first.graphs] == [one.ntriples for one in other.graphs]


def test_graphs_are_sorted_unique_lines_that_parse(read: Read) -> None:
    staged = read({"Service.csv": "id,label,source\nb,B,s1\na.1,A,s1\na,A,s1\na-1,A,s1\na1,A,s1\n"})
    for graph in staged.graphs:
        lines = graph.ntriples.splitlines(keepends=True)
        assert lines == sorted(set(lines))
        parsed = list(ox.parse(graph.ntriples, format=ox.RdfFormat.N_TRIPLES))
        assert len(parsed) == len(lines)
        assert graph.subjects == len({quad.subject for quad in parsed})
