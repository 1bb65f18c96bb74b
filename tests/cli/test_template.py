"""``kg template``: empty tables that the intake takes, and proposals marked as such."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from kg.names import VIT
from kg.resources import folder
from kg.schema import Schema
from kg.sources import stage
from kg.sources.templates import templates

Run = Callable[..., Result]


def rows(result: Result) -> list[dict[str, str]]:
    assert result.exit_code == 0, result.output
    return list(csv.DictReader(io.StringIO(result.stdout)))


def test_without_a_class_it_lists_the_tables(kg: Run) -> None:
    names = {row["table"] for row in rows(kg("template"))}
    assert {"Service", "Requirement", "Source", "Archetype"} <= names
    assert "Finding" not in names
    assert "Effect" not in names
    assert "Service" in kg("template", "--format", "table").stdout
    assert json.loads(kg("template", "--format", "json").stdout)


def test_the_header_of_a_class(kg: Run) -> None:
    header = kg("template", "Requirement").stdout
    assert header.startswith("id,label,label@en,requiredBy,fulfilledBy,")
    assert header.endswith(",source\n")
    assert kg("template", "eis").stdout == header
    assert "bufferHigh" in header


def test_every_template_is_taken_by_the_intake(tmp_path: Path) -> None:
    schema = Schema.load(folder("ontology"))
    for one in templates(schema):
        if one.of_class.iri.startswith(VIT):
            text = ",".join(one.columns) + "\n"
            (tmp_path / f"{one.of_class.local}.csv").write_text(text, encoding="utf-8")
    staged = stage([tmp_path], schema)
    assert [str(problem) for problem in staged.problems] == []


def test_files_are_written_and_never_over_others(kg: Run, tmp_path: Path) -> None:
    out = tmp_path / "mijn"
    first = kg("template", "Service", "Requirement", "--out", str(out))
    assert first.exit_code == 0, first.output
    assert sorted(path.name for path in out.iterdir()) == ["Requirement.csv", "Service.csv"]
    (out / "Service.csv").write_text("van mij", encoding="utf-8")
    second = kg("template", "Source", "Service", "--out", str(out))
    assert second.exit_code == 2
    assert "[usage.file-exists]" in second.stderr
    assert (out / "Service.csv").read_text("utf-8") == "van mij"
    assert not (out / "Source.csv").exists()


def test_proposed_requirements_are_assumptions_with_a_source(kg: Run) -> None:
    found = rows(kg("template", "--archetype", "ran", "--for", "mast-x"))
    (power,) = [row for row in found if row["id"] == "eis-mast-x-stroom"]
    assert (power["bufferLow"], power["buffer"], power["bufferHigh"]) == ("PT30M", "PT2H", "PT3H")
    for row in found:
        assert row["requiredBy"] == "mast-x"
        assert row["fulfilledBy"] == ""
        assert row["bufferBasis"] == "assumption"
        assert row["source"]
        assert row["note"].startswith("Aanname uit de bibliotheek (soorteis-zendmast-")
        assert "graad" in row["note"]
    english = rows(kg("template", "--archetype", "ran", "--for", "mast-x", "--lang", "en"))
    assert english[0]["note"].startswith("Assumption from the library")
    (hospital,) = rows(kg("template", "--archetype", "ziekenhuis", "--for", "z"))
    assert (hospital["buffer"], hospital["minimumFulfilled"]) == ("", "1")
    assert "Noodaggregaat" in hospital["note"]


def test_a_proposal_is_valid_once_the_supplier_is_filled_in(
    kg: Run, data: Path, tmp_path: Path
) -> None:
    mine = tmp_path / "mijn"
    mine.mkdir()
    for path in data.iterdir():
        (mine / path.name).write_bytes(path.read_bytes())
    for unit, supplier in (("gsmr", "grid"), ("rail", "")):
        text = kg("template", "--archetype", "soort-ziekenhuis", "--for", unit).stdout
        path = mine / unit / "Requirement.csv"
        path.parent.mkdir()
        path.write_text(text.replace(f",{unit},,1,", f",{unit},{supplier},1,"), encoding="utf-8")
    result = kg("validate", "--data", str(mine), "--format", "csv")
    assert result.exit_code == 1
    wrong = [
        row for row in csv.DictReader(io.StringIO(result.stdout)) if row["severity"] == "error"
    ]
    assert [(row["file"], row["column"]) for row in wrong] == [
        ("mijn/rail/Requirement.csv", "fulfilledBy")
    ]


def test_a_restart_time_is_told_beside_the_rows(kg: Run) -> None:
    result = kg("template", "--archetype", "treindienst", "--for", "t")
    assert "PT7H56M" in result.stderr
    found: Any = json.loads(
        kg("template", "--archetype", "treindienst", "--for", "t", "--format", "json").stdout
    )
    assert found["restart_lag"] == "PT7H56M"
    empty = kg("template", "--archetype", "fibre", "--for", "t")
    assert "kent geen eisen" in empty.stderr
    assert kg("template", "--archetype", "ran", "--for", "t", "--format", "table").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--archetype", "service", "--for", "x"], "[usage.ambiguous]"),
        (["--archetype", "hospitaal", "--for", "x"], "[usage.unknown-archetype]"),
        (["--archetype", "ran", "--for", "a b"], "[usage.id]"),
        (["--archetype", "ran"], "[usage]"),
        (["--for", "x"], "[usage]"),
        (["Service", "--archetype", "ran", "--for", "x"], "[usage]"),
        (["--out", "x"], "[usage]"),
        (["Servis"], "Bedoelde u Service"),
        (["zzzzzz"], "[usage.unknown-class]"),
        (["Finding"], "[usage.derived-class]"),
        (["Effect"], "[usage.coded-class]"),
        (["Service", "Source"], "[usage.several-tables]"),
    ],
)
def test_wrong_use(kg: Run, arguments: list[str], code: str) -> None:
    result = kg("template", *arguments)
    assert result.exit_code == 2
    assert code in result.stderr
    assert result.stdout == ""


def test_several_tables_can_be_shown_otherwise(kg: Run) -> None:
    assert "Source" in kg("template", "Service", "Source", "--format", "table").stdout
    assert len(json.loads(kg("template", "Service", "Source", "--format", "json").stdout)) == 2
