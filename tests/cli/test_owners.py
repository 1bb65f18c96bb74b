"""``kg owners`` and the ways of ``kg withdraw``, on a small set: tables, JSON, CSV and pages."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from below_origin import below_origin
from click.testing import Result

from kg.build import build
from kg.names import ID, local_id

Kg = Callable[..., Result]

#   top (China) ──80%── midden (Duitsland) ──60% sinds 2020── maker ──10%── dochter
#   fonds (Nederland) ──40%── maker       ouder: top ──90% tot 2019── maker
#   maker levert "besturing" ──> rijden; bron van het handelsregister is van 2012
TABLES = {
    "Source": """id,title,publisher,date,url,grade,marking
s1,Oefenboek (fictief),Redactie (fictief),2026-01-15,,A,openbaar
s2,Oud register (fictief),Redactie (fictief),2012-01-15,,B,openbaar
""",
    "Organisation": """id,label,label@en,seat,source
top,Top <b>NV</b> (fictief),Top (fictional),CN,s1
midden,Midden (fictief),Middle (fictional),DE,s1
maker,Maker (fictief),Maker (fictional),NL,s1
fonds,Fonds (fictief),Fund (fictional),NL,s1
dochter,Dochter (fictief),Daughter (fictional),BE,s1
""",
    "Ownership": """id,label,owner,owned,share,validFrom,validUntil,source
e1,Top houdt Midden (fictief),top,midden,0.8,2018-01-01,,s2
e2,Midden houdt Maker (fictief),midden,maker,0.6,2020-01-01,,s1
e3,Fonds houdt Maker (fictief),fonds,maker,0.4,2020-01-01,,s1
e4,Top hield Maker (fictief),top,maker,0.9,2010-01-01,2019-12-31,s1
e5,Maker houdt Dochter (fictief),maker,dochter,0.1,2021-01-01,,s1
""",
    "Product": "id,label,productKind,source\nkast,Kast (fictief),material,s1\n",
    "Supply": """id,label,inSector,suppliedBy,ofProduct,source
besturing,Besturing (fictief),spoor,maker,kast,s1
""",
    "VitalProcess": """id,label,inSector,restartLag,source
rijden,Rijden (fictief),spoor,PT4H,s1
""",
    "Requirement": """id,label,requiredBy,fulfilledBy,buffer,effect,substitutionTime,source
r1,Besturing voor rijden (fictief),rijden,besturing,P10D,fails,P20D,s1
""",
}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("eigenaren")
    data = folder / "mijn"
    data.mkdir()
    for name, text in TABLES.items():
        (data / f"{name}.csv").write_text(text, encoding="utf-8")
    build([data], folder / "releases")
    return str(folder / "releases")


def asked(kg: Kg, release: str, *arguments: str) -> dict[str, Any]:
    answer = kg("owners", *arguments, "--release", release, "--format", "json")
    assert answer.exit_code == 0, answer.output
    found: dict[str, Any] = json.loads(answer.stdout)
    return found


def ids(things: list[dict[str, Any]]) -> list[str]:
    return [local_id(one["iri"]) for one in things]


def test_the_table_says_who_owns_and_controls(kg: Kg, small: str) -> None:
    answer = kg("owners", "maker", "--release", small)
    assert answer.exit_code == 0
    text = " ".join(answer.stdout.split())
    for part in (
        "Eigendom van Maker (fictief)",
        "Zetel: Nederland",
        "Zeggenschap alleen: Midden (fictief) (Duitsland); Top <b>NV</b> (fictief) (China)",
        "60%",
        "2020-01-01",
        "48%",  # 0.8 × 0.6, in the end
        "China → Top <b>NV</b> (fictief) ─80% sinds 2018-01-01→ Midden (fictief) "
        "─60% sinds 2020-01-01→ Maker (fictief)",
        "Oud register (fictief) (Redactie (fictief), 2012-01-15, B) – let op: van voor 2021-08-15, "
        "uit de tweede hand",
    ):
        assert part in text, part
    assert "Top hield Maker" not in text  # ended
    lines = answer.stdout.splitlines()
    running = lines[: lines.index("")] + lines[lines.index("Ketens naar landen") :]
    assert max(map(len, running[: running.index("Wat het zelf bezit")])) < 80
    assert max(map(len, running[running.index("Bronnen") :])) < 80


def test_json_has_records_chains_and_sources(kg: Kg, small: str) -> None:
    found = asked(kg, small, "maker")
    assert ids(found["controllers"]) == ["midden", "top"]
    assert [local_id(one["record"]) for one in found["above"]] == ["e2", "e3", "e1"]
    assert [one["control"] for one in found["above"]] == ["alone", "none", "alone"]
    assert [local_id(one["record"]) for one in found["below"]] == ["e5"]
    shares = {local_id(one["iri"]): one["share"] for one in found["shares"]}
    assert shares == pytest.approx({"midden": 0.6, "top": 0.48, "fonds": 0.4})
    chains = {local_id(one["country"]): one for one in found["chains"]}
    assert set(chains) == {"CN", "DE", "NL"}
    assert ids(chains["CN"]["links"]) == ["top", "midden", "maker"]
    assert chains["CN"]["records"] == [[f"{ID}e1"], [f"{ID}e2"]]
    assert not chains["CN"]["trusted"]
    weak = {local_id(one["iri"]): one["weak"] for one in found["sources"]}
    assert weak == {"s1": [], "s2": ["old", "second-hand"]}


def test_on_another_day_others_own_it(kg: Kg, small: str) -> None:
    found = asked(kg, small, "Maker (fictief)", "--at", "2019-06-01")
    assert ids(found["controllers"]) == ["top"]
    assert [local_id(one["record"]) for one in found["above"]] == ["e4"]


def test_csv_has_a_row_per_record(kg: Kg, small: str) -> None:
    answer = kg("owners", "maker", "--release", small, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(below_origin(answer.stdout))))
    assert [(row["side"], row["share"]) for row in rows] == [
        ("above", "0.6"),
        ("above", "0.4"),
        ("above", "0.8"),
        ("below", "0.1"),
    ]


def test_who_is_alone_has_no_owners(kg: Kg, small: str) -> None:
    found = asked(kg, small, "top")
    assert (found["above"], found["controllers"], found["shares"]) == ([], [], [])
    text = kg("owners", "top", "--release", small, "--lang", "en").stdout
    assert "In the data nobody else controls it." in text


def test_an_unknown_organisation_is_wrong_use(kg: Kg, small: str) -> None:
    answer = kg("owners", "niemand", "--release", small)
    assert answer.exit_code == 2
    assert "[usage.unknown-organisation]" in answer.stderr


def test_paths_need_a_country_and_a_page(kg: Kg, small: str, tmp_path: Path) -> None:
    assert kg("withdraw", "CN", "--paths", "--release", small).exit_code == 2
    page = str(tmp_path / "weg.html")
    assert kg("withdraw", "--paths", "--html", page, "--release", small).exit_code == 2


def test_the_way_has_control_and_requirements(kg: Kg, small: str, tmp_path: Path) -> None:
    page = tmp_path / "weg.html"
    answer = kg("withdraw", "CN", "--paths", "--html", str(page), "--release", small)
    assert answer.exit_code == 0
    text = page.read_text("utf-8")
    for part in (
        "Top houdt Midden (fictief): 80% sinds 2018-01-01",
        "Midden houdt Maker (fictief): 60% sinds 2020-01-01",
        "Besturing voor rijden (fictief); buffer 10 dagen",
        "eis: van oorzaak naar gevolg",
        "let op: van voor 2021-08-15",
    ):
        assert part in text, part
    whole = tmp_path / "tijd.html"
    kg("withdraw", "CN", "--html", str(whole), "--release", small)
    assert "in handen van Midden (fictief)" in whole.read_text("utf-8")


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
def test_pages_draw_without_a_network(
    kg: Kg, small: str, tmp_path: Path, browser: Any, width: int
) -> None:
    pages = {"eigendom": ("owners", "maker"), "weg": ("withdraw", "CN", "--paths")}
    for name, arguments in pages.items():
        page = tmp_path / f"{name}.html"
        assert kg(*arguments, "--html", str(page), "--release", small).exit_code == 0
        context = browser.new_context(viewport={"width": width, "height": 900}, offline=True)
        opened = context.new_page()
        messages: list[str] = []
        opened.on("console", lambda message: messages.append(message.text))  # noqa: B023
        opened.on("pageerror", lambda error: messages.append(str(error)))  # noqa: B023
        opened.goto(page.as_uri())
        opened.wait_for_function("window.kgView !== undefined")
        assert messages == []
        assert opened.evaluate("document.documentElement.scrollWidth") <= width
        assert opened.evaluate("kgView.edges.get().some(edge => edge.width === 3)")
        # Choosing a mark keeps the lines of control apart.
        opened.evaluate("kgView.choose(kgView.nodes.getIds()[0], true)")
        assert opened.evaluate("kgView.edges.get().some(edge => edge.width === 3)")
        assert "<b>" not in opened.inner_html("h1")
        context.close()
