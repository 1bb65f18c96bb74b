"""Compartments: what lies outside those of a reader was never there for him."""

from collections.abc import Callable, Mapping, Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg.names import GRAPH, ID
from kg.sources import Reading, SourceGraph, Staged

SOURCES = (
    "id,title,date,marking,compartment\n"
    "s1,Open,2026-01-15,openbaar,\n"
    "se,Energie,2026-02-15,openbaar,ke\n"
    "st,Telecom,2026-02-16,dep-v,kt\n"
)
COMPARTMENTS = "id,label,source\nke,Kring energie,s1\nkt,Kring telecom,s1\n"
ALL = ("ke", "kt")


BASE = {"Source.csv": SOURCES, "Compartment.csv": COMPARTMENTS}

Read = Callable[[Mapping[str, str]], Reading]


def graph(staged: Staged, name: str) -> SourceGraph:
    (found,) = [one for one in staged.graphs if one.iri == f"{GRAPH}data/{name}"]
    return found


def ids(staged: Staged, name: str = "Service.csv") -> list[str]:
    subjects = {line.split()[0].decode() for line in graph(staged, name).ntriples.splitlines()}
    return sorted(one[1:-1].removeprefix(ID) for one in subjects)


def codes(staged: Staged) -> list[tuple[str, int]]:
    return [(one.code, one.location.row) for one in staged.problems]


def test_a_reader_sees_what_lies_within_his_compartments(reading: Read) -> None:
    rows = "id,label,source\na,A,s1\nb,B,se\nc,C,st\nd,D,se;st\ne,E,s1;se\n"
    found = reading({**BASE, "Service.csv": rows})
    assert found.compartments == ALL
    assert ids(found.staged()) == ["a"]
    assert ids(found.staged(["ke"])) == ["a", "b", "e"]
    both = found.staged(ALL)
    assert both.problems == ()
    assert (ids(both), ids(both, "Service.csv~dep-v")) == (["a", "b", "e"], ["c", "d"])
    assert ids(found.staged(["kt"]), "Source.csv~dep-v") == ["st"]


def test_a_row_may_stay_within_a_compartment_by_itself(reading: Read) -> None:
    rows = "id,label,compartment,source\na,A,,s1\nb,B,ke,s1\n"
    found = reading({**BASE, "Service.csv": rows})
    assert found.compartments == ALL  # kt has a source within it
    assert (ids(found.staged()), ids(found.staged(["ke"]))) == (["a"], ["a", "b"])


def test_in_rdf_too(reading: Read) -> None:
    text = (
        "@prefix id: <https://w3id.org/vitaal/id/> . @prefix vit: <https://w3id.org/vitaal/def#> ."
        "@prefix dcterms: <http://purl.org/dc/terms/> .\n"
        "id:a a vit:Service ; dcterms:source id:s1 .\n"
        "id:b a vit:Service ; dcterms:source id:se .\n"
        "id:c a vit:Service ; dcterms:source id:s1 ; vit:compartment id:kt .\n"
    )
    found = reading({**BASE, "x.ttl": text})
    assert ids(found.staged(), "x.ttl") == ["a"]
    assert ids(found.staged(["ke"]), "x.ttl") == ["a", "b"]
    assert ids(found.staged(["kt"]), "x.ttl") == ["a", "c"]


def test_rows_count_what_may_be_seen(reading: Read) -> None:
    rows = "id,label,source\nb,B,se\na,A,s1\n"
    staged = reading({**BASE, "Service.csv": rows}).staged()
    place = f"{GRAPH}data/Service.csv#row=2"
    assert f"<{place}>".encode() in graph(staged, "Service.csv").ntriples
    assert staged.true_rows[place] == 3


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("id,label,compartment,source\na,A,nergens,s1\n", [("intake.unknown-compartment", 2)]),
        (
            "id,label,operatedBy,source\na,A,b,s1\n",
            [("intake.reference-outside", 2)],
        ),
    ],
)
def test_what_is_wrong_is_said(reading: Read, rows: str, expected: list[tuple[str, int]]) -> None:
    files = {"Service.csv": rows, "Organisation.csv": "id,label,source\nb,B,se\n"}
    found = reading({**BASE, **files})
    assert codes(found.staged(ALL)) == expected
    kept = found.staged(skip_invalid=True)
    assert not any(one.iri.endswith("Service.csv") for one in kept.graphs)
    assert [one.location.row for one in kept.left_out if one.location.file.endswith("vice.csv")]


def test_what_has_a_source_in_an_unknown_compartment_is_listed(reading: Read) -> None:
    files = {
        "Source.csv": SOURCES.replace(",ke\n", ",nergens\n"),
        "Service.csv": "id,label,source\na,A,s1\nb,B,se\n",
    }
    found = reading({**BASE, **files})
    assert codes(found.staged(ALL)) == [
        ("intake.within-unknown-compartment", 3),
        ("intake.unknown-compartment", 3),
    ]
    assert ids(found.staged(ALL, skip_invalid=True)) == ["a"]


ROW = st.tuples(
    st.sampled_from("abcdefgh"),
    st.sampled_from(["s1", "se", "st", "s1;se", "se;st", "", "s9"]),
    st.sampled_from(["", "PT1H", "x"]),
    st.sampled_from(["", "a", "b", "c;d", "h"]),
    st.sampled_from(["", "", "ke", "kt", "nergens"]),
)


def within(row: tuple[str, ...]) -> set[str]:
    of_sources = {"se": "ke", "st": "kt"}
    return {of_sources[one] for one in row[1].split(";") if one in of_sources} | {*row[4].split()}


@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    rows=st.lists(ROW, max_size=10),
    reader=st.sampled_from([(), ("ke",), ("kt",), ALL]),
)
def test_what_lies_outside_changes_nothing_within(
    reading: Read, rows: list[tuple[str, ...]], reader: Sequence[str]
) -> None:
    """Non-interference, duplicates, references and mistakes included."""

    def seen(kept: list[tuple[str, ...]]) -> list[tuple[str, str, bytes]]:
        lines = "".join(f"{i},{i},{lag},{by},{one},{own}\n" for i, one, lag, by, own in kept)
        table = "id,label,restartLag,operatedBy,source,compartment\n" + lines
        found = reading({**BASE, "Organisation.csv": table})
        staged = found.staged(reader, skip_invalid=True)
        return [(one.iri, one.marking, one.ntriples) for one in staged.graphs]

    assert seen(rows) == seen([row for row in rows if within(row) <= set(reader)])
