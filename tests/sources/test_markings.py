"""Markings split files, and what is above a level changes nothing at that level."""

from collections.abc import Callable, Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg.errors import Problem
from kg.names import GRAPH, ID
from kg.sources import SourceGraph, Staged

Read = Callable[..., Staged]
Places = Callable[[Staged], list[tuple[str, str, int, str]]]

SOURCES = (
    "id,title,date,marking\n"
    "s1,Open,2026-01-15,openbaar\n"
    "s2,Dicht,2026-02-15,dep-v\n"
    "s3,Geheim,2026-03-15,stg-c\n"
)


def data(staged: Staged) -> dict[str, SourceGraph]:
    """The graphs of ``data/`` by the end of their IRI."""
    prefix = f"{GRAPH}data/"
    return {
        one.iri.removeprefix(prefix): one for one in staged.graphs if one.iri.startswith(prefix)
    }


def ids(graph: SourceGraph) -> list[str]:
    """The ids of its things, sorted."""
    subjects = {line.split()[0].decode() for line in graph.ntriples.splitlines()}
    return sorted(one[1:-1].removeprefix(ID) for one in subjects)


def test_a_file_is_split_by_marking(read: Read) -> None:
    staged = read(
        {"Service.csv": "id,label,source\na,A,s1\nb,B,s2\nc,C,s1;s2\nd,D,s3\ne,E,s1\n"},
        sources=SOURCES,
    )
    assert staged.problems == ()
    graphs = data(staged)
    assert {name: (one.marking, one.date, ids(one)) for name, one in graphs.items()} == {
        "Service.csv": ("openbaar", None, ["a", "e"]),
        "Service.csv~dep-v": ("dep-v", None, ["b", "c"]),
        "Service.csv~stg-c": ("stg-c", None, ["d"]),
        "Source.csv": ("openbaar", "2026-01-15", ["s1"]),
        "Source.csv~dep-v": ("dep-v", "2026-02-15", ["s2"]),
        "Source.csv~stg-c": ("stg-c", "2026-03-15", ["s3"]),
    }
    assert {one.name for one in graphs.values()} == {"data/Service.csv", "data/Source.csv"}
    assert [one.iri for one in staged.graphs] == sorted(one.iri for one in staged.graphs)
    assert list(staged.markings.items()) == [("openbaar", 0), ("dep-v", 10), ("stg-c", 20)]


def test_the_least_secret_graph_has_the_plain_name(read: Read) -> None:
    staged = read({"Service.csv": "id,label,source\nb,B,s2\nd,D,s3\n"}, sources=SOURCES)
    assert {"Service.csv", "Service.csv~stg-c"} < set(data(staged))
    assert data(staged)["Service.csv"].marking == "dep-v"


def test_a_marking_of_the_row_itself_counts(read: Read) -> None:
    staged = read(
        {"Service.csv": "id,label,marking,source\na,A,,s1\nb,B,stg-c,s1\nc,C,openbaar,s2\n"},
        sources=SOURCES,
    )
    found = {name: ids(one) for name, one in data(staged).items() if name.startswith("Service")}
    assert found == {
        "Service.csv": ["a"],
        "Service.csv~dep-v": ["c"],
        "Service.csv~stg-c": ["b"],
    }


def test_rows_count_what_may_be_seen(read: Read) -> None:
    staged = read(
        {"Service.csv": "id,label,source\nb,B,s2\na,A,s1\nd,D,s3\nc,C,s2\ne,E,s1\n"},
        sources=SOURCES,
    )
    graphs = data(staged)
    for name, row in (
        ("Service.csv", 2), ("Service.csv", 3), ("Service.csv~dep-v", 2),
        ("Service.csv~dep-v", 4), ("Service.csv~stg-c", 4),
    ):  # fmt: skip
        assert f"{name}#row={row}>".encode() in graphs[name].ntriples
    assert {iri.removeprefix(GRAPH): row for iri, row in staged.true_rows.items()} == {
        "data/Service.csv#row=2": 3,
        "data/Service.csv#row=3": 6,
        "data/Service.csv~dep-v#row=4": 5,
    }


def test_nothing_refers_upwards(read: Read, places: Places) -> None:
    staged = read(
        {
            "Service.csv": "id,label,source\na,A,s1\nb,B,s2\n",
            "Requirement.csv": "id,requiredBy,fulfilledBy,source\nr1,a,b,s1\nr2,b,a,s2\n",
        },
        sources=SOURCES,
    )
    assert places(staged) == [("reference-above", "Requirement.csv", 2, "fulfilledBy")]


def names(problems: Sequence[Problem]) -> list[tuple[str, str, int]]:
    """(code, file, row) of these problems."""
    return [
        (
            one.code.removeprefix("intake."),
            one.location.file.removeprefix("data/"),
            one.location.row,
        )
        for one in problems
    ]


class TestSkipInvalid:
    """What is wrong goes, what leans on it goes along, the rest stays; all of it is listed."""

    def test_consequences_are_followed(self, read: Read) -> None:
        staged = read(
            {
                "Service.csv": "id,label,restartLag,source\n"
                "a,A,1 uur,s1\nb,B,PT1H,s1\nc,C,PT1H,s1\nd,D,PT1H,s1\n",
                "Requirement.csv": "id,requiredBy,fulfilledBy,source\n"
                "r1,b,a;c,s1\nr2,c,b,s1\nr3,d,nergens,s1\n",
                "Outage.csv": "id,label,source\no1,U,s1\n",
                "x.ttl": "<p> a <https://w3id.org/vitaal/def#Place> ;\n"
                " <http://purl.org/dc/terms/source> <s1> ;\n"
                " <http://www.w3.org/2004/02/skos/core#related> <r1> .",
            },
            skip_invalid=True,
            sources=SOURCES,
        )
        assert staged.problems == ()
        assert names(staged.left_out) == [
            ("refers-to-left-out", "Requirement.csv", 2),
            ("unknown-reference", "Requirement.csv", 4),
            ("duration", "Service.csv", 2),
            ("refers-to-left-out", "x.ttl", 1),
        ]
        assert [one.severity for one in staged.left_out] == ["warning", "error", "error", "warning"]
        assert "'r1'" in staged.left_out[0].nl
        assert "'a'" in staged.left_out[0].nl
        graphs = data(staged)
        assert ids(graphs["Service.csv"]) == ["b", "c", "d"]
        assert ids(graphs["Requirement.csv"]) == ["r2"]
        assert "x.ttl" not in graphs

    def test_a_source_takes_its_rows_along(self, read: Read) -> None:
        staged = read(
            {"Service.csv": "id,label,source\na,A,s1\nb,B,s9\nc,C,s8;s1\n"},
            skip_invalid=True,
            sources="id,title,marking\ns1,T,openbaar\ns9,T,geheim\ns8,T,\n",
        )
        assert ids(data(staged)["Service.csv"]) == ["a"]
        assert names(staged.left_out) == [
            ("refers-to-left-out", "Service.csv", 3),
            ("refers-to-left-out", "Service.csv", 4),
            ("unknown-marking", "Source.csv", 3),
            ("no-marking", "Source.csv", 4),
        ]

    def test_a_marking_takes_everything_along(self, read: Read) -> None:
        staged = read(
            {
                "Marking.csv": "id,label,rank,source\neigen,E,5,s9\n",
                "Service.csv": "id,label,source\na,A,s2\n",
            },
            skip_invalid=True,
            sources="id,title,marking\ns1,T,openbaar\ns2,T,eigen\n",
        )
        assert "eigen" not in staged.markings
        assert set(data(staged)) == {"Source.csv"}

    def test_of_doubles_the_first_stays(self, read: Read) -> None:
        staged = read(
            {"Service.csv": "id,label,source\na,Eerste,s1\na,Tweede,s1\nenergie,Sector,s1\n"},
            skip_invalid=True,
            sources=SOURCES,
        )
        assert b"Eerste" in data(staged)["Service.csv"].ntriples
        assert names(staged.left_out) == [
            ("duplicate-id", "Service.csv", 3),
            ("duplicate-id", "Service.csv", 4),
        ]

    def test_of_doubles_the_open_one_stays(self, read: Read) -> None:
        table = "id,label,source\na,Dicht,s2\na,Open,s1\n"
        staged = read({"Service.csv": table}, skip_invalid=True, sources=SOURCES)
        assert [name for name in data(staged) if "Service" in name] == ["Service.csv"]
        assert b"Open" in data(staged)["Service.csv"].ntriples

    def test_a_column_that_is_unknown_goes_alone(self, read: Read) -> None:
        staged = read(
            {"Service.csv": "id,label,onzin,source\na,A,1,s1\n"}, skip_invalid=True, sources=SOURCES
        )
        assert ids(data(staged)["Service.csv"]) == ["a"]
        assert names(staged.left_out) == [("unknown-column", "Service.csv", 1)]

    def test_a_file_that_cannot_be_read_goes_whole(self, read: Read) -> None:
        staged = read(
            {"x.ttl": "<a> a", "Service.csv": "id,label,source\na,A,s1\n"},
            skip_invalid=True,
            sources=SOURCES,
        )
        assert ids(data(staged)["Service.csv"]) == ["a"]
        assert names(staged.left_out) == [("syntax", "x.ttl", 1)]

    def test_half_a_thing_does_not_stay(self, read: Read) -> None:
        good = (
            "<a> a <https://w3id.org/vitaal/def#Service> ;"
            " <http://purl.org/dc/terms/source> <{}> .\n"
        )
        bad = (
            '<a> <https://w3id.org/vitaal/def#buffers> "x" ;'
            " <http://purl.org/dc/terms/source> <{}> .\n"
        )
        staged = read(
            {"x.ttl": good.format("s1"), "y.ttl": bad.format("s1")},
            skip_invalid=True,
            sources=SOURCES,
        )
        assert not {"x.ttl", "y.ttl"} & set(data(staged))
        staged = read(
            {"x.ttl": good.format("s1"), "y.ttl": bad.format("s2")},
            skip_invalid=True,
            sources=SOURCES,
        )
        assert "x.ttl" in data(staged)  # the open half does not depend on the closed one

    def test_nothing_wrong_changes_nothing(self, read: Read) -> None:
        files = {"Service.csv": "id,label,source\na,A,s1\nb,B,s2\n"}
        strict = read(files, sources=SOURCES)
        assert read(files, sources=SOURCES, skip_invalid=True) == strict


ROW = st.tuples(
    st.sampled_from("abcdefgh"),
    st.sampled_from(["s1", "s2", "s3", "s1;s3", "", "s9"]),
    st.sampled_from(["", "PT1H", "x"]),
    st.sampled_from(["", "a", "b", "c;d", "h"]),
)


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(rows=st.lists(ROW, max_size=10), secret=st.lists(st.integers(0, 9), max_size=3))
@pytest.mark.parametrize("split", [False, True])
def test_what_is_above_a_level_changes_nothing_below(
    read: Read, split: bool, rows: list[tuple[str, str, str, str]], secret: list[int]
) -> None:
    """Non-interference: without its higher-marked rows a folder gives the same lower graphs."""

    def tables(kept: list[tuple[str, str, str, str]]) -> dict[str, str]:
        lines = [f"{i},{i},{lag},{needs},{source}\n" for i, source, lag, needs in kept]
        header = "id,label,restartLag,operatedBy,source\n"
        low = [one for one, row in zip(lines, kept, strict=True) if not is_secret(row)]
        high = [one for one, row in zip(lines, kept, strict=True) if is_secret(row)]
        if split:
            return {
                "Service.csv": header + "".join(low),
                "Organisation.csv": header + "".join(high),
            }
        return {"Service.csv": header + "".join(lines), "Organisation.csv": header}

    def is_secret(row: tuple[str, str, str, str]) -> bool:
        return "s3" in row[1]

    with_secret = read(tables(rows), sources=SOURCES, skip_invalid=True)
    without = read(
        tables([row for row in rows if not is_secret(row)]), sources=SOURCES, skip_invalid=True
    )

    def low(staged: Staged) -> list[tuple[str, str, bytes]]:
        return [
            (one.iri, one.marking, one.ntriples)
            for one in staged.graphs
            if staged.markings[one.marking] < staged.markings["stg-c"]
        ]

    assert low(with_secret) == low(without)
