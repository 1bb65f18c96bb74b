"""What ``kg cascade`` strikes beside units, ``--with`` measures, and ``kg screen --measures``."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from below_origin import below_origin
from click.testing import Result

from kg.build import build
from kg.names import ID

Run = Callable[..., Result]

#   grid ─3 h (nsa: generator, fails when called)─▶ post ─▶ rail (vital); mast near grid
TABLES = {
    "Source": """id,title,publisher,date,url,grade,marking
s1,Interview (fictief),Redactie (fictief),2026-01-15,,B,openbaar
""",
    "Place": """id,label,asWKT,source
dorp,Dorp (fictief),POINT (3.5 53.9),s1
""",
    "Asset": """id,label,label@en,inSector,restartLag,locatedAt,unavailability,source
grid,Net (fictief),Grid (fictional),energie,PT2H,dorp,0.01,s1
mast,Mast (fictief),Mast (fictional),telecom,PT0H,dorp,,s1
nsa,Aggregaat (fictief),Generator (fictional),energie,PT0H,,0.05,s1
sat,Satelliet (fictief),Satellite (fictional),telecom,PT0H,,,s1
seinpost,Post (fictief),Post (fictional),spoor,PT0H,,,s1
""",
    "VitalProcess": """id,label,inSector,source
rail,Treinverkeer (fictief),spoor,s1
""",
    "Requirement": """id,requiredBy,fulfilledBy,minimumFulfilled,buffer,effect,source
r1,seinpost,grid;nsa,1,PT3H,fails,s1
r2,rail,seinpost,1,PT0H,fails,s1
r3,rail,mast,1,PT8H,fails,s1
""",
    "ThreatExposure": """id,label,exposureOf,exposureTo,likelihood,source
e1,Blootstelling (fictief),grid,overstroming,possible,s1
""",
    "Outage": """id,label,outageOf,startsAfter,endsAfter,cause,probability,source
o1,Brand (fictief),grid,PT0H,PT10H,uitval-technisch,0.01,s1
o2,Aggregaat start niet (fictief),nsa,PT0H,PT6H,uitval-technisch,0.1,s1
""",
    "Scenario": """id,label,label@en,hasOutage,horizon,source
sc,Brand en een aggregaat dat niet start (fictief),Fire (fictional),o1;o2,P1D,s1
""",
    "Measure": """\
id,label,measureStatus,investment,changesRequirement,addsFulfiller,newBuffer,validUntil,source
m1,Accu's (fictief),proposed,1000000,r1,,PT5H,,s1
m2,Tweede mast (fictief),decided,,r3,sat,,,s1
m4,Papier (fictief),proposed,5,,,,,s1
m3,Oud plan (fictief),proposed,1,r1,,P9D,2020-01-01,s1
""",
}  # fmt: skip


@pytest.fixture(scope="module")
def rich(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("rijk")
    for name, text in TABLES.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    out = tmp_path_factory.mktemp("rijk-uit")
    build([folder], out)
    return str(out)


def load(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def hours(told: dict[str, Any], unit: str, state: str = "down") -> list[float]:
    events = told["events"]
    return [e["hours"] for e in events if e["unit"] == ID + unit and e["state"] == state]


def test_a_scenario_in_which_the_reserve_fails_when_called(kg: Run, rich: str) -> None:
    told = load(kg("cascade", "--scenario", "sc", "--release", rich, "--format", "json"))
    assert told["horizon_hours"] == 24
    assert [(o["unit"], o["end_hours"], o["cause"]) for o in told["outages"]] == [
        (ID + "grid", 10, ID + "uitval-technisch"),
        (ID + "nsa", 6, ID + "uitval-technisch"),
    ]
    # With the generator the post would never have gone down; it comes back when that runs.
    assert (hours(told, "seinpost"), hours(told, "seinpost", "up")) == ([3], [6])
    assert {one["evidence"] for one in told["strikes"]} == {ID + "sc"}
    table = kg("cascade", "--scenario", "sc", "--release", rich)
    assert "kans 0.1" in table.stdout
    assert "Brand en een aggregaat dat niet start (fictief)\n" in table.stdout


def test_units_come_on_top_of_a_scenario_and_the_horizon_can_be_chosen(kg: Run, rich: str) -> None:
    given = ("cascade", "mast@PT1H", "--scenario", "sc", "--horizon", "P2D", "--release", rich)
    told = load(kg(*given, "--format", "json"))
    assert told["horizon_hours"] == 48
    assert told["outages"][-1]["unit"] == ID + "mast"
    assert told["strikes"][-1]["text"] == "zo opgegeven"
    assert hours(told, "rail") == [3, 9]


def test_a_threat_strikes_what_is_exposed(kg: Run, rich: str) -> None:
    given = ("cascade", "--threat", "klimaat", "--starts", "PT1H", "--ends", "P1D")
    told = load(kg(*given, "--release", rich, "--format", "json"))
    (one,) = told["strikes"]
    assert (one["unit"], one["start_hours"], one["end_hours"]) == (ID + "grid", 1, 24)
    assert one["cause"] == ID + "klimaat"
    assert one["evidence"] == ID + "e1"
    assert "Overstroming" in one["text"]


def test_a_threat_strikes_a_class_in_a_sector(kg: Run, rich: str) -> None:
    given = ("cascade", "--threat", "cyberaanval", "--in-sector", "telecom", "--of-class", "Asset")
    told = load(kg(*given, "--release", rich, "--format", "json"))
    own = [one for one in told["strikes"] if one["label"].endswith("(fictief)")]
    assert [one["unit"] for one in own] == [ID + "mast", ID + "sat"]


@pytest.mark.parametrize("file", [True, False])
def test_an_area_strikes_what_stands_in_it(kg: Run, rich: str, tmp_path: Path, file: bool) -> None:
    area = "POLYGON ((3 53, 4 53, 4 54, 3 54, 3 53))"
    if file:
        area = str(tmp_path / "gebied.wkt")
        Path(area).write_text("POLYGON ((3 53, 4 53, 4 54, 3 54, 3 53))")
    told = load(kg("cascade", "--area", area, "--release", rich, "--format", "json"))
    assert {ID + "grid", ID + "mast"} == {one["unit"] for one in told["strikes"]}
    assert "WGS84" in told["notes"][0]
    english = kg("cascade", "--area", area, "--release", rich, "--lang", "en")
    assert "in the area" in english.stdout


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ((), "Er ontbreekt wat er uitvalt"),
        (("--threat", "spionage"), "overstroming"),
        (("--threat", "bestaat-niet"), "geen soort dreiging"),
        (("--scenario", "nergens"), "wel bijvoorbeeld: sc"),
        (("--of-class", "Brug"), "geen klasse"),
        (("--in-sector", "nergens"), "geen sector"),
        (("--exposed", "grid"), "--threat"),
        (("grid", "--ends", "PT1H"), "EENHEID@BEGIN/EINDE"),
        (("--threat", "overstroming", "--ends", "morgen"), "'--ends': 'morgen'"),
        (("--threat", "overstroming", "--starts", "PT5H", "--ends", "PT1H"), "eindigt na"),
        (("--area", "POINT (53.9 3.5)"), "verwisseld"),
        (("--area", "POINT (9 9)"), "in het gebied: 0"),
        (("--area", "weg.geojson"), "geen leesbaar bestand"),
        (("grid", "--with", "m9"), "geen maatregel"),
        (("grid", "--with", "m3"), "niet geldig op de analysedatum"),
    ],
)
def test_what_strikes_nothing_is_one_clear_error(
    kg: Run, rich: str, given: tuple[str, ...], says: str
) -> None:
    result = kg("cascade", *given, "--release", rich)
    assert result.exit_code == 2
    assert says in result.stderr
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""


def test_with_a_measure_in_every_form(kg: Run, rich: str, tmp_path: Path) -> None:
    page = tmp_path / "met.html"
    given = ("cascade", "--scenario", "sc", "--with", "m1", "--release", rich)
    told = load(kg(*given, "--format", "json"))
    assert hours(told, "seinpost") == [5]
    assert hours(told["before"], "seinpost") == [3]
    gain = told["with"]["gain"]
    assert (gain["unit_hours"], gain["vital_hours"]) == (4, 2)
    assert gain["unit_hours_per_million_euro"] == 4
    rows = list(csv.DictReader(io.StringIO(below_origin(kg(*given, "--format", "csv").stdout))))
    assert [(row["unit"], row["won"]) for row in rows] == [
        (ID + "rail", "2.0"),
        (ID + "seinpost", "2.0"),
    ]
    table = kg(*given, "--html", str(page))
    assert "Gewonnen: 4 eenheid-uren, waarvan 2 van vitale processen" in table.stdout
    assert "€ 1 mln" in table.stdout
    assert "Zonder maatregel" in page.read_text("utf-8")


def test_with_measures_that_spare_or_do_nothing(kg: Run, rich: str, tmp_path: Path) -> None:
    page = tmp_path / "met.html"
    given = ("cascade", "mast", "--release", rich, "--with")
    table = kg(*given, "m2", "--html", str(page))
    assert "blijft werken" in table.stdout
    assert "van 1 onbekend" in table.stdout
    assert "valt niet meer uit" in page.read_text("utf-8")
    nothing = kg(*given, "m4")
    assert "veranderen niets aan wat er uitvalt" in nothing.stdout
    assert "niets wat in het netwerk te rekenen is" in nothing.stdout


def test_measures_are_ranked_against_the_standing_scenarios(kg: Run, rich: str) -> None:
    given = ("screen", "--measures", "--release", rich)
    told = load(kg(*given, "--format", "json"))
    assert [one["case"] for one in told["cases"]] == [ID + "sc"]
    assert [one["measure"] for one in told["ranked"]] == [ID + "m1", ID + "m2"]
    assert [one["measure"] for one in told["greedy"]["steps"]] == [ID + "m1"]
    assert told["greedy"]["optimal"] is False
    assert ID + "m4" in told["not_computable"]
    table = kg(*given)
    assert "niet per se de beste" in table.stdout
    rows = list(csv.DictReader(io.StringIO(below_origin(kg(*given, "--format", "csv").stdout))))
    assert [(row["measure"], row["step"]) for row in rows] == [(ID + "m1", "1"), (ID + "m2", "")]


def test_measures_against_units_within_a_budget(kg: Run, rich: str) -> None:
    units = ("--units", "mast", "--units", "grid@PT0H/PT9H")
    given = ("screen", "--measures", *units, "--release", rich)
    told = load(kg(*given, "--budget", "10", "--horizon", "P1D", "--format", "json"))
    assert [one["case"] for one in told["cases"]] == [ID + "mast", ID + "grid"]
    assert told["greedy"]["steps"] == []
    assert told["cost_unknown"] == [ID + "m2"]
    assert "Kosten onbekend" in " ".join(told["notes"])


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (("--budget", "5"), "--measures"),
        (("--measures", "--order", "2"), "--measures"),
        (("--measures", "--within", "spoor"), "--measures"),
        (("--measures", "--budget", "-1"), "nul of meer"),
        (("--measures", "--budget", "nan"), "nul of meer"),
        (("--measures", "--scenario", "nergens"), "geen scenario"),
        (("--measures", "--steps", "0"), "--steps"),
    ],
)
def test_a_screening_that_cannot_be_is_one_clear_error(
    kg: Run, rich: str, given: tuple[str, ...], says: str
) -> None:
    result = kg("screen", *given, "--release", rich)
    assert result.exit_code == 2
    assert says in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_release_without_scenarios_says_so(kg: Run, release: str) -> None:
    result = kg("screen", "--measures", "--release", release)
    assert result.exit_code == 2
    assert "Scenario.csv" in result.stderr
