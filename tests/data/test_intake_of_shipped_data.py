"""The shipped data pass the intake and the shapes, and no triple designates a real organisation."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from kg.names import RDF, VIT
from kg.schema import Schema
from kg.sources import Staged, stage
from kg.validate.shacl import Shapes, validate

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "data"
DESIGNATIONS = (
    "VitalProvider",
    "CriticalEntity",
    "EssentialEntity",
    "ImportantEntity",
    "VifoVitalProvider",
)
COMBINATIONS = [("reference",), ("reference", "public"), ("reference", "public", "optional")]


def staged(folders: Sequence[str]) -> Staged:
    return stage([DATA / folder for folder in folders], Schema.load(ROOT / "ontology"))


def designated(ntriples: bytes) -> list[bytes]:
    """The triples that give something one of the statuses of the four regimes."""
    ends = tuple(f" <{RDF}type> <{VIT}{name}> .".encode() for name in DESIGNATIONS)
    return [line for line in ntriples.splitlines() if line.endswith(ends)]


@pytest.mark.parametrize("folders", COMBINATIONS, ids="+".join)
def test_the_intake_finds_no_problem(folders: tuple[str, ...]) -> None:
    result = staged(folders)
    assert [str(problem) for problem in result.problems] == []
    assert {graph.marking for graph in result.graphs} == {"openbaar"}


@pytest.mark.parametrize("folders", COMBINATIONS, ids="+".join)
def test_the_shapes_find_no_violation(folders: tuple[str, ...]) -> None:
    report = validate(
        [graph.ntriples for graph in staged(folders).graphs],
        Shapes.load(ROOT / "shapes", ROOT / "ontology"),
    )
    assert [
        f"{r.location} {r.focus}: {r.message_nl}"
        for r in report.results
        if r.severity == "Violation"
    ] == []


def test_no_staged_triple_designates_anything() -> None:
    for graph in staged(COMBINATIONS[-1]).graphs:
        assert designated(graph.ntriples) == [], graph.name
    line = f"<https://w3id.org/vitaal/id/x> <{RDF}type> <{VIT}VitalProvider> ."
    assert designated(line.encode()) == [line.encode()]
