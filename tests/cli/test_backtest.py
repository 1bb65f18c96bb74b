"""``kg backtest``: what a person and a program get, and what wrong files cost."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

Run = Callable[..., Result]

VILLAGE = {
    "slug": "dorp-2020",
    "title": "Village (invented)",
    "title_nl": "Dorp (fictief)",
    "entities": [
        {
            "id": "grid",
            "name": "Grid",
            "name_nl": "Net",
            "sector": "energy",
            "kind": "transmission",
        },
        {"id": "mast", "name": "Mast", "sector": "telecom", "kind": "ran"},
        {"id": "shop", "name": "Shop", "sector": "food", "kind": "shop"},
    ],
    "dependencies": [
        {"dependent": "mast", "suppliers": ["grid"], "redundancy": "all", "buffer_hours": 1}
    ],
    "initiating": [{"entity": "grid", "t_hours": 0}],
    "observed": [
        {"entity": "mast", "outcome": "failed", "t_fail_hours": 2},
        {"entity": "shop", "outcome": "failed"},
    ],
    "limits": [{"nl": "Klanten horen er niet bij.", "en": "Customers are not part of it."}],
}


@pytest.fixture
def village(tmp_path: Path) -> Path:
    path = tmp_path / "dorp.json"
    path.write_text(json.dumps(VILLAGE), encoding="utf-8")
    return path


def load(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_the_json_is_as_agreed(kg: Run, village: Path) -> None:
    found = load(kg("backtest", str(village), "--format", "json"))
    (one,) = found["incidents"]
    assert one["slug"] == "dorp-2020"
    assert one["failed"] == {"hit": 1, "miss": 1}
    assert one["survived"] == {"hit": 0, "miss": 0}
    assert one["degraded"] == {"hit": 0, "miss": 0}
    assert one["timed"] == [
        {
            "entity": "mast",
            "label": "Mast",
            "observed_hours": 2.0,
            "predicted_hours": 1.0,
            "error_hours": 1.0,
            "within_tolerance": False,
        }
    ]
    assert [miss["entity"] for miss in one["misses"]] == ["shop"]
    assert one["initiating"][0]["label"] == "Net"
    assert one["cannot_express"] == ["Klanten horen er niet bij."]
    assert found["total"]["failed"] == {"hit": 1, "miss": 1}
    assert "geen bewijs" in found["caveat"]
    assert "blind" not in found


def test_blind_stands_beside_and_changes_nothing(kg: Run, village: Path) -> None:
    plain = load(kg("backtest", str(village), "--format", "json"))
    both = load(kg("backtest", str(village), "--blind", "--format", "json"))
    blind = both.pop("blind")
    assert both == plain
    (one,) = blind["incidents"]
    assert one["timed"][0]["predicted_hours"] == 2.0  # the median of the figures in the library
    assert one["unmatched"] == ["shop"]
    assert one["archetypes"]["mast"] == ["soort-zendmast"]
    assert blind["library"]["archetypes"] > 40


def test_the_text_says_what_it_proves(kg: Run, village: Path) -> None:
    nl, en = kg("backtest", str(village)), kg("backtest", str(village), "--lang", "en")
    assert "is geen bewijs dat het" in " ".join(nl.stdout.split())
    assert "it is no proof of foresight" in " ".join(en.stdout.split())
    assert "Mast viel uit na 2 uur, voorspeld 1." in nl.stdout
    assert "Shop viel uit; voorspeld: bleef overeind." in " ".join(nl.stdout.split())
    assert "Klanten horen er niet bij." in nl.stdout
    assert "Customers are not part of it." in en.stdout


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_shipped_incidents_fit_on_a_terminal(kg: Run, language: str) -> None:
    result = kg("backtest", "--blind", "--lang", language)
    assert result.exit_code == 0, result.output
    assert max(map(len, result.stdout.splitlines())) <= 80
    assert "98/113" in result.stdout
    assert "nl-amsterdam-hemweg-2017" in result.stdout


def test_csv_has_a_row_per_observed_entity_and_way(kg: Run) -> None:
    result = kg("backtest", "--blind", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [row["mode"] for row in rows].count("informed") == 118
    assert [row["mode"] for row in rows].count("blind") == 118
    assert all(row["hit"] == str(row["observed"] == row["predicted"]).lower() for row in rows)
    assert all(bool(row["explanation"]) == (row["hit"] == "false") for row in rows)


def test_a_library_of_your_own(kg: Run, village: Path, tmp_path: Path) -> None:
    own = tmp_path / "eigen"
    own.mkdir()
    (own / "Archetype.csv").write_text(
        "id,label,kindCode,source\nsoort-winkel,Winkel,shop,bron-ontwerp\n", encoding="utf-8"
    )
    (own / "ArchetypeRequirement.csv").write_text(
        "id,ofArchetype,suppliedByArchetype,supplierRule,typicalEffect,dependencyKind,source\n"
        "eigen-1,soort-winkel,soort-transportnet,everySupplier,fails,physical,bron-ontwerp\n",
        encoding="utf-8",
    )
    arguments = ("backtest", str(village), "--blind", "--library", str(own), "--format", "json")
    (one,) = load(kg(*arguments))["blind"]["incidents"]
    assert one["failed"] == {"hit": 2, "miss": 0}
    alone = kg("backtest", str(village), "--library", str(own))
    assert alone.exit_code == 2
    assert "--blind" in alone.stderr
    nothing = kg("backtest", str(village), "--blind", "--library", str(tmp_path))
    assert nothing.exit_code == 2
    assert "Archetype.csv" in nothing.stderr
    (own / "Archetype.csv").write_text("id,label\nfout id,x\n", encoding="utf-8")
    broken = kg(*arguments)
    assert broken.exit_code == 1
    assert "Archetype.csv, rij 2" in broken.stderr


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "[incident.syntax]"),
        ('{"slug": NaN}', "[incident.value]"),
        ('{"slug": "a", "entities": [{"id": "x"}, {"id": "x"}]}', "[incident.duplicate]"),
        ('{"slug": "\\u001b[31m", "entities": []}', "[incident.value]"),
    ],
)
def test_a_wrong_file_is_one_line_and_exit_code_2(
    kg: Run, tmp_path: Path, text: str, code: str
) -> None:
    path = tmp_path / "fout.json"
    path.write_text(text, encoding="utf-8")
    result = kg("backtest", str(path))
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith("kg: fout.json, $")
    assert code in result.stderr
    assert result.stderr.count("\n") == 1


def test_nothing_there_is_exit_code_2(kg: Run, tmp_path: Path) -> None:
    assert "[usage.no-such-path]" in kg("backtest", str(tmp_path / "weg")).stderr
    assert "[incident.none]" in kg("backtest", str(tmp_path)).stderr


def test_a_hostile_name_does_not_steer_the_terminal(kg: Run, tmp_path: Path) -> None:
    value = json.loads(json.dumps(VILLAGE))
    value["entities"][2]["name"] = "Shop\u001b[31m\u202e"
    value["entities"][2]["extra\u001b"] = 1
    path = tmp_path / "boos.json"
    path.write_text(json.dumps(value), encoding="utf-8")
    result = kg("backtest", str(path))
    assert result.exit_code == 0
    assert "\u001b" not in result.output
    assert "\u202e" not in result.output
    assert "onbekend veld" in result.stderr
