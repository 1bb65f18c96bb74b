"""``kg withdraw`` on a small set: countries, tables, JSON, CSV, pages and what is refused."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from below_origin import below_origin
from click.testing import Result

import kg as package
from kg.build import build
from kg.names import ID, local_id

Kg = Callable[..., Result]

#   China ── moeder ──60%── maker (Duitsland) ── besturing ──10 d, 20 d──> rijden ──4 h──> laden
#   Turkije ── haven ── olie ──onbekend──> verwarmen
TABLES = {
    "Source": """id,title,publisher,date,url,grade,marking
s1,Oefenboek (fictief),Redactie (fictief),2026-01-15,,B,openbaar
""",
    "Organisation": """id,label,label@en,seat,source
moeder,Moeder (fictief),Parent (fictional),CN,s1
maker,Maker (fictief),Maker (fictional),DE,s1
haven,Haven (fictief),Port (fictional),TR,s1
""",
    "Ownership": """id,label,owner,owned,share,validFrom,source
eig,Moeder houdt Maker (fictief),moeder,maker,0.6,2020-01-01,s1
""",
    "Product": """id,label,label@en,source
kast,Kast (fictief),Cabinet (fictional),s1
stookolie,Stookolie (fictief),Fuel oil (fictional),s1
""",
    "Supply": """id,label,label@en,inSector,suppliedBy,ofProduct,source
besturing,Besturing <script>alert(1)</script> (fictief),Controls,spoor,maker,kast,s1
olie,Olie (fictief),Oil (fictional),energie,haven,stookolie,s1
""",
    "VitalProcess": """id,label,label@en,inSector,restartLag,source
rijden,Rijden (fictief),Running (fictional),spoor,PT4H,s1
laden,Laden (fictief),Loading (fictional),spoor,PT1H,s1
verwarmen,Verwarmen (fictief),Heating (fictional),energie,PT1H,s1
""",
    "Requirement": """id,label,requiredBy,fulfilledBy,buffer,effect,substitutionTime,source
r1,Besturing voor rijden (fictief),rijden,besturing,P10D,fails,P20D,s1
r2,Rijden voor laden (fictief),laden,rijden,PT4H,fails,,s1
r3,Olie voor verwarmen (fictief),verwarmen,olie,,fails,,s1
""",
    "Policy": "id,label,isDefault,validFrom,homeCountry,controlThreshold,horizon,"
    """trustsStatementKind,riskyStatementKind,source
streng,Streng (fictief),false,2026-01-01,NL,0.7,P5D,euMember,emergingCyberActor,s1
""",
}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("terug")
    data = folder / "mijn"
    data.mkdir()
    for name, text in TABLES.items():
        (data / f"{name}.csv").write_text(text, encoding="utf-8")
    build([data], folder / "releases")
    return str(folder / "releases")


def asked(kg: Kg, release: str, *arguments: str) -> dict[str, Any]:
    answer = kg("withdraw", *arguments, "--release", release, "--format", "json")
    assert answer.exit_code == 0, answer.output
    found: dict[str, Any] = json.loads(answer.stdout)
    return found


def test_the_table_says_who_holds_what_and_what_falls(kg: Kg, small: str) -> None:
    answer = kg("withdraw", "CN", "--release", small)
    assert answer.exit_code == 0
    text = " ".join(answer.stdout.split())
    for part in (
        "Als China zich terugtrekt",
        "Beleid 2026; peildatum 2026-08-15; horizon 365 dagen; zeggenschap boven 50%.",
        "2 vallen uit",
        "China → Moeder (fictief) → Maker (fictief)",
        "Rijden (fictief): risicovol strategisch, valt uit na 10 dagen",
        "– horizon korter dan 10 dagen",
        "– vervangingstijd hoogstens 10 dagen (nu 20 dagen): Besturing voor rijden (fictief)",
        "– drempel zeggenschap 60% of hoger (nu 50%): Moeder houdt Maker (fictief)",
        "Rust op: onbekende vervangingstijden, gerekend als nooit: Rijden voor laden (fictief)",
        "Oefenboek (fictief) (Redactie (fictief), 2026-01-15, B)",
    ):
        assert part in text, part


def test_running_text_fits_eighty_columns(kg: Kg, small: str) -> None:
    lines = kg("withdraw", "CN", "--release", small).stdout.splitlines()
    start = lines.index("Vitale processen die uitvallen")
    end = next(at for at in range(start + 1, len(lines)) if not lines[at].strip())
    assert end - start > 10
    assert max(map(len, lines[start:end])) < 80
    assert max(map(len, kg("withdraw", "--release", small).stdout.splitlines())) <= 80


def test_in_english_there_is_no_dutch(kg: Kg, small: str) -> None:
    text = kg("withdraw", "CN", "--release", small, "--lang", "en").stdout
    assert "If China withdraws" in text
    assert "risky strategic, goes down after 10 days" in text
    for word in (" valt ", "Weg:", "Anders", "onbekend", "vervang"):
        assert word not in text
    assert "Sorted by risk" in kg("withdraw", "--release", small, "--lang", "en").stdout


def test_the_json_is_that_of_cascade_and_more(kg: Kg, small: str) -> None:
    found = asked(kg, small, "CN")
    for name in (
        "release", "level", "horizon_hours", "outages", "events", "down_at_horizon", "deadlocks",
        "vital_processes", "assumptions", "policy", "date", "countries", "controlled", "suppliers",
        "healed", "verdicts",
    ):  # fmt: skip
        assert name in found, name
    assert found["policy"] == ID + "beleid-2026"
    assert found["date"] == "2026-08-15"
    assert found["horizon_hours"] == 8760
    (supply,) = [one for one in found["controlled"] if one["unit"] == ID + "besturing"]
    assert [local_id(one["iri"]) for one in supply["chain"]] == ["moeder", "maker", "besturing"]
    assert set(map(local_id, supply["evidence"])) == {"moeder", "eig", "besturing"}
    (supplier,) = found["suppliers"]
    assert (local_id(supplier["organisation"]), list(map(local_id, supplier["through"]))) == (
        "maker", ["besturing"],
    )  # fmt: skip
    assert [
        (local_id(one["requirement"]), one["lost_hours"], one["met_hours"])
        for one in found["healed"]
    ] == [("r1", 0, 480)]
    assert {
        local_id(one["process"]): (one["verdict"], one["hours"], one["finding"], one["bound_hours"])
        for one in found["verdicts"]
    } == {"rijden": ("risky", 240, True, 240), "laden": ("risky", 244, True, 244)}
    first = found["verdicts"][0]
    assert {local_id(one["iri"]) for one in first["evidence"]} >= {"eig", "moeder", "r1"}
    assert ID + "s1" in first["sources"]
    terms = {(one["term"], one["side"], one["value"]) for one in first["sensitivity"]}
    assert terms >= {
        ("horizon", "below", 240), ("substitution", "until", 240), ("control", "from", 0.6),
        ("risk", "absent", None),
    }  # fmt: skip


def test_several_countries_are_said_to_go_together(kg: Kg, small: str) -> None:
    text = kg("withdraw", "CN", "TR", "--release", small).stdout
    assert "Als China en Turkije zich samen terugtrekken" in text
    assert "samen teruggetrokken" in text
    found = asked(kg, small, "CN", "TR")
    assert not any(one["finding"] for one in found["verdicts"])
    heat = next(one for one in found["verdicts"] if one["process"] == ID + "verwarmen")
    assert heat["alone"] == {ID + "CN": None, ID + "TR": 0}


def test_turkey_is_not_trusted_and_why(kg: Kg, small: str) -> None:
    text = " ".join(kg("withdraw", "Turkije", "--release", small).stdout.split())
    assert "Turkije hoort bij een vertrouwde groep (Turkije: lid van de NAVO)" in text
    assert "Verwarmen (fictief): strategisch, valt uit na 0 uur" in text
    assert "onbekende buffers, gerekend als 0: Olie voor verwarmen (fictief)" in text


def test_what_the_policy_trusts_is_a_what_if(kg: Kg, small: str) -> None:
    text = " ".join(kg("withdraw", "DE", "--release", small).stdout.split())
    assert "Het beleid vertrouwt Duitsland (Duitsland: " in text
    assert "geen bevinding" in text
    assert "eigen land" in kg("withdraw", "NL", "--release", small).stdout


def test_another_day_another_trust(kg: Kg, small: str) -> None:
    later = asked(kg, small, "TR", "--at", "2027-12-01")
    assert (later["date"], later["network_date"]) == ("2027-12-01", "2026-08-15")
    assert [one["trusted"] for one in later["countries"]] == [True]
    text = " ".join(kg("withdraw", "TR", "--at", "2027-12-01", "--release", small).stdout.split())
    assert "gelden op 2027-12-01; de eisen zijn die van 2026-08-15" in text
    # Before 2020 the parent did not hold the maker.
    assert asked(kg, small, "CN", "--at", "2019-06-01")["verdicts"] == []


def test_another_horizon_and_another_policy(kg: Kg, small: str) -> None:
    short = asked(kg, small, "CN", "--horizon", "PT239H")
    assert {one["verdict"] for one in short["verdicts"]} == {"foreign"}
    assert short["horizon_hours"] == 239
    far = asked(kg, small, "CN", "--horizon", "P10000Y")
    assert far["horizon_hours"] == 10_000 * 8760
    assert far["verdicts"][0]["hours"] == 240
    strict = asked(kg, small, "TR", "--policy", "Streng (fictief)")
    assert [one["verdict"] for one in strict["verdicts"]] == ["risky"]


def test_all_countries_as_table_json_and_csv(kg: Kg, small: str) -> None:
    text = kg("withdraw", "--release", small).stdout
    lines = text.splitlines()
    assert any(line.split()[-2:] == ["CN", "TR"] for line in lines)
    assert any(line.startswith("Rijden (fictief)") and "10 d" in line for line in lines)
    found = asked(kg, small)
    assert [local_id(one["country"]) for one in found["rows"]] == ["CN", "TR"]
    assert found["countries"] == 2
    assert [one["hours"] for one in found["rows"][0]["processes"]] == [240, 244]
    text = kg("withdraw", "--release", small, "--format", "csv").stdout
    rows = list(csv.DictReader(io.StringIO(below_origin(text))))
    assert [(local_id(one["country"]), local_id(one["process"])) for one in rows] == [
        ("CN", "rijden"), ("CN", "laden"), ("TR", "verwarmen"),
    ]  # fmt: skip
    assert float(rows[0]["hours"]) == 240
    trusted = asked(kg, small, "--trusted")
    assert {local_id(one["country"]) for one in trusted["rows"] if one["trusted"]} == {"DE"}


def test_csv_of_one_country(kg: Kg, small: str) -> None:
    text = kg("withdraw", "CN", "--release", small, "--format", "csv").stdout
    rows = list(csv.DictReader(io.StringIO(below_origin(text))))
    assert [(local_id(one["process"]), one["verdict"], one["hours"]) for one in rows] == [
        ("rijden", "risky", "240.0"), ("laden", "risky", "244.0"),
    ]  # fmt: skip
    assert ID + "eig" in rows[0]["evidence"].split(";")


def test_two_policies_compared(kg: Kg, small: str) -> None:
    found = asked(kg, small, "--compare", "streng")
    assert {
        (local_id(one["country"]), local_id(one["process"]), one["change"]): one["because"]
        for one in found["differences"]
    } == {
        ("CN", "rijden", "vanishes"): [["threshold"]],
        ("CN", "laden", "vanishes"): [["threshold"]],
        ("TR", "verwarmen", "changes"): [["statement"]],
    }
    text = kg("withdraw", "--compare", "streng", "--release", small).stdout
    assert "0 bevindingen komen erbij, 2 verdwijnen, 1 verandert" in text
    assert "drempel zeggenschap" in text
    rows = kg("withdraw", "--compare", "streng", "--release", small, "--format", "csv").stdout
    assert len(below_origin(rows).splitlines()) == 4


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("XX",), "'XX' is geen land in deze release; wel bijvoorbeeld"),
        (("Chin",), "'Chin' is geen land in deze release; wel bijvoorbeeld: CN. "),
        (("Turkye",), "wel bijvoorbeeld: TR"),
        (("CN", "--policy", "mild"), "'mild' is geen beleid"),
        (("--compare", "mild"), "'mild' is geen beleid"),
        (("CN", "--at", "2026-13-01"), "'2026-13-01' is geen datum"),
        (("CN", "--horizon", "-P1D"), "'-P1D' is geen horizon"),
        (("CN", "--horizon", "P200000Y"), "100.000 jaar"),
        (("CN", "--trusted"), "--trusted geldt voor het overzicht"),
        (("CN", "--compare", "streng"), "--compare vergelijkt alle landen"),
    ],
)
def test_wrong_use_ends_with_two(
    process: Callable[..., Any], small: str, arguments: tuple[str, ...], said: str
) -> None:
    answer = process("withdraw", *arguments, "--release", small)
    assert answer.returncode == 2
    assert said in answer.stderr
    assert answer.stdout == ""


def test_the_python_interface_gives_the_same(kg: Kg, small: str) -> None:
    opened = package.open(small)
    assert opened.withdraw("CN").to_json() == asked(kg, small, "CN")
    assert opened.withdrawals().to_json() == asked(kg, small)
    frame = opened.withdrawals().to_pandas()
    assert list(frame["process_label"]) == [
        "Rijden (fictief)", "Laden (fictief)", "Verwarmen (fictief)",
    ]  # fmt: skip
    assert "<table" in opened.withdraw("CN")._repr_html_()
    assert "&lt;script&gt;" in opened.withdraw("CN").picture().html()


def test_a_page_of_one_country(kg: Kg, small: str, tmp_path: Path) -> None:
    page = tmp_path / "china.html"
    assert kg("withdraw", "CN", "--release", small, "--html", str(page)).exit_code == 0
    text = page.read_text("utf-8")
    assert "<h1>Als China zich terugtrekt</h1>" in text
    assert "<script>alert(1)" not in text


CHROMIUM = Path("/usr/bin/chromium")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"]
        )
        yield opened
        opened.close()


@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM.exists(), reason=f"{CHROMIUM} is not installed")
@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_of_all_countries_opens_without_a_network(
    kg: Kg, small: str, tmp_path: Path, browser: Any, width: int
) -> None:
    page = tmp_path / "landen.html"
    assert kg("withdraw", "--release", small, "--html", str(page)).exit_code == 0
    context = browser.new_context(viewport={"width": width, "height": 900}, offline=True)
    shown = context.new_page()
    seen: list[str] = []
    shown.on("request", lambda request: seen.append(request.url))
    shown.on("console", lambda message: seen.append(message.text))
    shown.on("pageerror", lambda error: seen.append(str(error)))
    shown.on("dialog", lambda dialog: seen.append(dialog.message))
    shown.goto(page.as_uri())
    assert seen == [page.as_uri()]
    assert shown.evaluate("document.documentElement.scrollWidth") <= width
    assert shown.locator("tbody tr").count() == 2
    assert shown.locator("tbody tr").first.inner_text().split()[:2] == ["CN", "China"]
    day = shown.locator("td.month").first
    assert day.inner_text().split()[:2] == ["10", "d"]
    assert day.evaluate("e => getComputedStyle(e).display") == "table-cell"
    assert shown.locator("td.day").first.evaluate("e => getComputedStyle(e).color") == (
        "rgb(255, 255, 255)"
    )
    text = shown.inner_text("body")
    for part in ("beleid-2026", "2026-08-15", "openbaar", "2 landen hebben iets in handen"):
        assert part in text
    context.close()
