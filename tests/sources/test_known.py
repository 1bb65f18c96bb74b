"""Files that are read beside a release: what they may refer to, and what they may not say again."""

from pathlib import Path

import pytest

from kg.resources import folder
from kg.schema import Schema
from kg.sources import Known, Staged, stage

SOURCE = "id,title,publisher,date,grade,marking\nb,Inschrijving,Inkoop,2026-02-01,B,openbaar\n"
KNOWN = Known(
    frozenset({"leverancier", "kast", "openbaar", "bron", "geheim"}),
    {"bron": "openbaar"},
    {"openbaar": 0, "dep-v": 1},
)


def read(tmp_path: Path, supply: str, source: str = SOURCE, known: Known | None = KNOWN) -> Staged:
    (tmp_path / "Source.csv").write_text(source, encoding="utf-8")
    text = f"id,label,suppliedBy,ofProduct,source\n{supply}\n"
    (tmp_path / "Supply.csv").write_text(text, encoding="utf-8")
    return stage([tmp_path], Schema.load(folder("ontology")), known=known)


def test_what_the_release_has_may_be_referred_to(tmp_path: Path) -> None:
    staged = read(tmp_path, "nieuw,Nieuw (fictief),leverancier,kast,b")
    assert staged.problems == ()
    assert {graph.marking for graph in staged.graphs} == {"openbaar"}
    # Also its sources, and markings that no file here describes.
    assert read(tmp_path, "nieuw,Nieuw (fictief),leverancier,kast,bron;b").problems == ()
    higher = read(tmp_path, "n,Nieuw,leverancier,kast,b", SOURCE.replace("openbaar", "dep-v"))
    assert {graph.marking for graph in higher.graphs} == {"dep-v"}
    assert higher.markings["dep-v"] == 1


@pytest.mark.parametrize(
    ("supply", "code"),
    [
        ("nieuw,Nieuw (fictief),niemand,kast,b", "intake.unknown-reference"),
        ("kast,Nieuw (fictief),leverancier,kast,b", "intake.known-id"),
        ("nieuw,Nieuw (fictief),leverancier,kast,kast", "intake.not-a-source"),
        ("nieuw,Nieuw (fictief),leverancier,kast,weg", "intake.unknown-source"),
    ],
)
def test_what_neither_has_or_both_have_is_wrong(tmp_path: Path, supply: str, code: str) -> None:
    (problem,) = read(tmp_path, supply).problems
    assert (problem.code, problem.location.row) == (code, 2)


def test_without_a_release_nothing_is_known(tmp_path: Path) -> None:
    staged = read(tmp_path, "nieuw,Nieuw (fictief),leverancier,kast,b", known=None)
    assert {one.code for one in staged.problems} == {
        "intake.unknown-reference", "intake.unknown-marking",
    }  # fmt: skip
