"""The exercise set passes the intake and the shapes; it warns exactly where that is the lesson."""

from __future__ import annotations

from collections import defaultdict
from functools import cache

from kg.names import ID
from kg.resources import folder
from kg.schema import Schema
from kg.sources import Staged, stage
from kg.validate import Report, Shapes, validate

#: Shape → where it is meant to warn.
MEANT = {
    "ActionProgramme-measures": {"oef-ap-elek-distributie"},
    "Requirement-bufferKnown": {
        "oef-r-a-bvc-dno-stroom", "oef-r-a-plansys-rekencentrum", "oef-r-s-pin-rekencentrum",
        "oef-r-s-werkplaats-stroom",
    },
    "ResilienceAnalysis-fiveIndicators": {"oef-wa-dw-holmer", "oef-wa-mobiel"},
}  # fmt: skip


@cache
def staged() -> Staged:
    data = folder("data")
    return stage([data / "reference", data / "exercise"], Schema.load(folder("ontology")))


@cache
def report() -> Report:
    shapes = Shapes.load(folder("shapes"), folder("ontology"))
    return validate([graph.ntriples for graph in staged().graphs], shapes)


def test_intake_finds_nothing_wrong() -> None:
    assert [str(problem) for problem in staged().problems] == []


def test_levels() -> None:
    markings = {graph.marking for graph in staged().graphs if "/exercise/" in graph.iri}
    assert markings == {"openbaar", "dep-v"}


def test_no_violation_and_only_the_warnings_that_are_meant() -> None:
    found: dict[str, set[str]] = defaultdict(set)
    for result in report().results:
        focus = result.focus.removeprefix(ID)
        if focus.startswith("oef-"):
            assert result.severity != "Violation", result.message
            if result.severity == "Warning":
                found[result.shape.rpartition("#")[2]].add(focus)
    assert found == MEANT
