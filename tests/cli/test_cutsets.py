"""``kg cutsets`` and ``kg export --open-psa`` on a small release and on trees of our own."""

import csv
import io
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from below_origin import below_origin
from click.testing import Result

from kg.names import ID

Run = Callable[..., Result]
PUMP = str(Path(__file__).parent.parent / "faulttree" / "trees" / "pump.xml")


def test_json_of_a_target(kg: Run, release: str) -> None:
    arguments = ("rail", "--within", "PT2H", "--max-order", "3")
    result = kg("cutsets", *arguments, "--release", release, "--format", "json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert found["target"] == ID + "rail"
    assert (found["within_hours"], found["max_order"], found["complete"]) == (2, 3, True)
    assert found["cut_sets"] == [[ID + "grid"], [ID + "gsmr"], [ID + "rail"]]
    assert (found["count"], found["by_order"]) == (3, {"1": 3})
    assert found["hours"] == [0, 0, 0]
    assert found["labels"][ID + "grid"] == "Regionaal net (fictief)"
    later = kg("cutsets", "gsmr", "--release", release, "--format", "json", "--count-only")
    counted = json.loads(later.stdout)
    assert counted["within_hours"] is None
    assert counted["count"] == 2
    assert "cut_sets" not in counted


def test_table_and_explanation(kg: Run, release: str) -> None:
    result = kg("cutsets", "gsmr", "--within", "PT8H", "--explain", "1", "--release", release)
    assert result.exit_code == 0, result.output
    assert "Wat Treinradio (fictief) binnen 8 uur platlegt" in result.stdout
    assert "2 minimale doorsneden: 2 van orde 1." in result.stdout
    assert "na 3 uur: Treinradio (fictief): uitgevallen. Weggevallen: " in result.stdout
    english = kg("cutsets", "gsmr", "--max-order", "1", "--lang", "en", "--release", release)
    assert "2 minimal cut sets: 2 of order 1." in english.stdout
    cut = kg("cutsets", "gsmr", "--limit", "1", "--release", release)
    assert "nog 1" in cut.stdout


def test_importance_without_probabilities_says_so(kg: Run, release: str) -> None:
    result = kg("cutsets", "gsmr", "--importance", "--release", release)
    assert result.exit_code == 0, result.output
    assert "De kans op het geheel is onbekend" in result.stdout
    assert "zonder die kans weegt niets" in result.stderr
    assert "Birnbaum" not in result.stdout


def test_unknown_probabilities_count_as_nothing_and_the_answer_is_a_lower_bound(
    kg: Run, data: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "kansen"
    shutil.copytree(data, folder)
    services = folder / "Service.csv"
    header, first, *rest = services.read_text("utf-8").splitlines()
    lines = [header + ",unavailability", first + ",0.25", *(line + "," for line in rest)]
    services.write_text("\n".join(lines) + "\n", "utf-8")
    out = str(tmp_path / "uit")
    assert kg("build", "--data", str(folder), "--out", out).exit_code == 0
    told = kg("cutsets", "gsmr", "--importance", "--release", out)
    assert "Kans op uitval van het geheel: minstens 0,25" in told.stdout
    assert "Van 1 van 2 eenheden die ertoe doen is de kans op uitval onbekend" in told.stderr
    found = json.loads(
        kg("cutsets", "gsmr", "--importance", "--release", out, "--format", "json").stdout
    )
    assert (found["probability"], found["probability_unknown_units"]) == (0.25, 1)


def test_csv(kg: Run, release: str) -> None:
    result = kg("cutsets", "gsmr", "--release", release, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(below_origin(result.stdout))))
    assert [(row["order"], row["hours"], row["units"]) for row in rows] == [
        ("1", "3.0", ID + "grid"),
        ("1", "0.0", ID + "gsmr"),
    ]


def test_a_fault_tree_from_a_file(kg: Run) -> None:
    result = kg("cutsets", "--open-psa", PUMP, "--importance", "--format", "json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert (found["target"], found["within_hours"]) == ("geen-water", None)
    assert (found["count"], found["by_order"]) == (7, {"1": 1, "2": 6})
    assert found["cut_sets"][0] == ["leiding"] == found["single_points"]
    assert found["probability"] == pytest.approx(0.0422, abs=0.005)
    assert {one["unit"] for one in found["importance"]} >= {"a", "net"}
    other = json.loads(
        kg("cutsets", "--open-psa", PUMP, "--top", "stroom", "--format", "json").stdout
    )
    assert other["cut_sets"] == [["accu", "net"]]
    table = kg("cutsets", "--open-psa", PUMP, "--importance")
    assert "Leiding breekt" in table.stdout
    assert "Birnbaum" in table.stdout
    counts = kg("cutsets", "--open-psa", PUMP, "--count-only", "--format", "csv")
    assert counts.stdout == "order,count\n1,1\n2,6\n"
    weights = kg("cutsets", "--open-psa", PUMP, "--importance", "--format", "csv")
    assert weights.stdout.startswith("unit,label,birnbaum,fussell_vesely,raw,rrw\n")


def test_a_fault_tree_needs_nothing_heavy() -> None:
    code = (
        "import sys\nfrom kg.cli.main import main\n"
        f"try: main(['cutsets', '--open-psa', {PUMP!r}, '--count-only'])\n"
        "except SystemExit: pass\nprint(*sorted(sys.modules), file=sys.stderr)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "7 minimale doorsneden" in run.stdout
    heavy = {
        "numpy",
        "rdflib",
        "pyoxigraph",
        "pyshacl",
        "rich",
        "yaml",
        "openpyxl",
        "urllib.request",
    }
    assert heavy & set(run.stderr.split()) == set()


def test_export_and_back(kg: Run, release: str, tmp_path: Path) -> None:
    out = tmp_path / "boom.xml"
    arguments = ("--target", "rail", "--within", "PT3H", "--out", str(out), "--release", release)
    result = kg("export", "--open-psa", *arguments)
    assert result.exit_code == 0, result.output
    text = out.read_text("utf-8")
    assert "Treindienst (fictief)" in text
    back = json.loads(kg("cutsets", "--open-psa", str(out), "--format", "json").stdout)
    assert back["cut_sets"] == [["grid"], ["gsmr"], ["rail"]]
    assert back["labels"]["grid"] == "Regionaal net (fictief)"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["nergens"], "usage.unknown-unit"),
        (["rail", "--within", "acht"], "usage.within"),
        (["rail", "--within", "P1000000Y"], "usage.within"),
        (["rail", "--max-order", "0"], "usage.max-order"),
        (["rail", "--max-order", "-2"], "usage.max-order"),
        (["rail", "--limit", "-2"], "usage.limit"),
        (["rail", "--steps", "0"], "usage.steps"),
        (["rail", "--explain", "9"], "usage.explain"),
        (["rail", "--top", "x"], "usage.cutsets"),
        ([], "usage.cutsets"),
        (["rail", "--open-psa", PUMP], "usage.cutsets"),
        (["--open-psa", PUMP, "--top", "weg"], "open-psa.unknown-top"),
    ],
)
def test_what_makes_no_sense_is_one_line(
    kg: Run, release: str, arguments: list[str], code: str
) -> None:
    result = kg("cutsets", *arguments, "--release", release)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert f"[{code}]" in result.stderr


def test_a_file_that_is_not_there(kg: Run) -> None:
    result = kg("cutsets", "--open-psa", "nergens.xml")
    assert result.exit_code != 0
    assert "nergens.xml" in result.stderr


def test_export_needs_a_target_with_open_psa(kg: Run, release: str) -> None:
    for arguments in (["--open-psa"], ["--target", "rail"], ["--within", "PT1H"]):
        result = kg("export", *arguments, "--release", release)
        assert result.exit_code == 2
        assert "[export.open-psa]" in result.stderr
