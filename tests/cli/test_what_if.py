"""``kg takeover`` and ``kg procure`` on a small set: text, JSON, CSV, both languages, refusals."""

import csv
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from below_origin import below_origin
from click.testing import Result

from kg.build import build
from kg.names import ID, local_id

sys.path.insert(0, str(Path(__file__).parent.parent))
from small_offers import CHINEES, HOLLANDS, TABLES, written

Kg = Callable[..., Result]

#: Keys of JSON that both what-ifs have.
SHARED = {
    "effects", "same", "unjudged", "moved", "concentration", "one_hand", "sources",
}  # fmt: skip
EFFECT = {
    "kind", "worse", "country", "country_label", "process", "process_label", "before", "after",
    "hours_before", "hours_after", "bound_hours", "path", "units", "requirements",
    "unknown_buffers", "unknown_substitutions", "evidence",
}  # fmt: skip
TERMS = {
    "release", "level", "policy", "policy_label", "date", "network_date", "horizon_hours",
    "control_threshold", "unknown_substitution_hours",
}  # fmt: skip


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("overname")
    twins = TABLES["Organisation"] + "tweede,Haven (fictief),Harbour (fictional),NL,s1\n"
    build([written(folder / "mijn", {**TABLES, "Organisation": twins})], folder / "releases")
    return str(folder / "releases")


@pytest.fixture
def offer(tmp_path: Path) -> str:
    return str(written(tmp_path / "aanbod", CHINEES))


def words(text: str) -> str:
    return " ".join(text.split())


def taken(kg: Kg, small: str, *arguments: str) -> str:
    answer = kg("takeover", *arguments, "--release", small)
    assert answer.exit_code == 0, answer.output
    return answer.stdout


def test_a_takeover_in_words(kg: Kg, small: str) -> None:
    text = taken(kg, small, "--owned", "haven", "--owner", "Moeder (fictief)", "--share", "51%")
    for part in (
        "Als Moeder (fictief) 51% van Haven (fictief) houdt",
        "Oordeel: 1 nieuwe risicovolle strategische afhankelijkheid: China × Verwarmen (fictief)",
        "De aandelen van de andere houders krimpen naar rato van wat overblijft.",
        "Moeder (fictief): – → 51%",
        "Na: Moeder (fictief) ─51%→ Haven (fictief) (China)",
        "Significante invloed: 0% → 51%: passeert 10%, 20%, 25%.",
        "1 vitaal proces leunt op 2 eenheden in handen van Haven (fictief): Verwarmen (fictief)",
        "China × Verwarmen (fictief): komt erbij: risicovol strategisch, valt uit na 0 uur",
        "China → Moeder (fictief) → Haven (fictief) → Olie (fictief) → Verwarmen (fictief)",
        "onbekende buffers, gerekend als 0: Olie voor verwarmen (fictief)",
        "Oefenboek (fictief) (Redactie (fictief), 2026-01-15, B)",
    ):
        assert part in words(text), part
    assert "aangewezen" not in text
    assert "vitale aanbieder" not in text


def test_an_owner_that_is_not_in_the_data(kg: Kg, small: str) -> None:
    text = words(
        taken(kg, small, "--owned", "haven", "--owner", "Fonds (fictief)", "--owner-seat", "CN")
    )
    assert "Fonds (fictief) staat niet in de gegevens; zetel China" in text
    assert "China → Fonds (fictief) → Haven (fictief)" in text


def test_nothing_changes_when_it_is_so_already(kg: Kg, small: str) -> None:
    text = words(taken(kg, small, "--owned", "maker", "--owner", "moeder", "--share", "0,6"))
    assert "geen nieuwe buitenlandse afhankelijkheid." in text
    assert "Dit aandeel heeft de nieuwe eigenaar nu al" in text


def test_both_fit_eighty_columns(kg: Kg, small: str, offer: str) -> None:
    for language in ("nl", "en"):
        shown = taken(kg, small, "--owned", "haven", "--owner", "moeder", "--lang", language)
        assert max(map(len, shown.splitlines())) < 80
        shown = kg("procure", "--offer", offer, "--release", small, "--lang", language).stdout
        assert max(map(len, shown.splitlines())) < 80


def test_in_english_there_is_no_dutch(kg: Kg, small: str, offer: str) -> None:
    text = taken(kg, small, "--owned", "haven", "--owner", "moeder", "--lang", "en")
    text += kg("procure", "--offer", offer, "--release", small, "--lang", "en").stdout
    assert "1 new risky strategic dependency: China × Heating (fictional)" in words(text)
    for word in ("Oordeel", "afhankelijkheid", " valt ", "Weg:", "houdt", "Aanbod", "handen"):
        assert word not in text, word


def test_the_json_of_a_takeover(kg: Kg, small: str) -> None:
    found = json.loads(
        taken(kg, small, "--owned", "haven", "--owner", "moeder", "--format", "json")
    )
    assert set(found) == SHARED | TERMS | {
        "owned", "owner", "share", "holders", "control_ended", "golden_shares",
        "controllers_before", "controllers_after", "acquirer", "influence_before",
        "influence_after", "influence_steps_passed", "operates", "leaning",
    }  # fmt: skip
    (new,) = [one for one in found["effects"] if one["worse"]]
    assert set(new) == EFFECT
    assert (new["country"], new["kind"], new["before"], new["after"]) == (
        ID + "CN", "appears", None, "risky",
    )  # fmt: skip
    (controller,) = found["controllers_after"]
    assert controller["countries"] == [ID + "CN"]
    assert [local_id(one["iri"]) for one in controller["chain"]] == ["moeder", "haven"]
    (country,) = found["acquirer"]["countries"]
    assert country["named"]
    assert any(one["counts_as"] for one in country["statements"])


def test_the_csv_has_a_row_per_finding_that_differs(kg: Kg, small: str, offer: str) -> None:
    text = taken(kg, small, "--owned", "haven", "--owner", "moeder", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(below_origin(text))))
    assert [(local_id(one["country"]), one["change"], one["worse"]) for one in rows] == [
        ("CN", "appears", "true"),  # and its own seat is still in Turkey
    ]
    text = kg("procure", "--offer", offer, "--release", small, "--format", "csv").stdout
    rows = list(csv.DictReader(io.StringIO(below_origin(text))))
    assert {one["offer"] for one in rows} == {"aanbod"}
    assert len(rows) == 2


def test_another_policy_date_and_horizon(kg: Kg, small: str) -> None:
    arguments = ("--owned", "maker", "--owner", "haven", "--format", "json")
    short = json.loads(taken(kg, small, *arguments, "--horizon", "P5D"))
    assert {one["after"] for one in short["effects"] if one["worse"]} == {"foreign"}
    early = json.loads(taken(kg, small, *arguments, "--at", "2019-01-01"))
    assert early["controllers_before"] == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--owned", "niets", "--owner", "moeder"), "'niets' is geen organisatie"),
        (("--owned", "maker", "--owner", "niets"), "'niets' is geen organisatie"),
        (("--owned", "maker", "--owner", "Haven (fictief)"), f"{ID}tweede"),
        (("--owned", "maker", "--owner", "maker"), "is de organisatie zelf"),
        (("--owned", "maker", "--owner", "moeder", "--share", "0"), "'0' is geen aandeel"),
        (("--owned", "maker", "--owner", "moeder", "--share=-0.1"), "'-0.1' is geen aandeel"),
        (("--owned", "maker", "--owner", "moeder", "--share", "1.2"), "'1.2' is geen aandeel"),
        (("--owned", "maker", "--owner", "moeder", "--owner-seat", "NL"), "laat --owner-seat weg"),
        (("--owned", "maker", "--owner", "X", "--owner-seat", "QQ"), "'QQ' is geen land"),
        (("--owned", "maker", "--owner", "moeder", "--policy", "mild"), "'mild' is geen beleid"),
        (("--owned", "maker", "--owner", "moeder", "--at", "gisteren"), "'gisteren' is geen datum"),
        (("--owned", "maker"), "--owner"),
    ],
)
def test_wrong_use_ends_with_two(
    process: Callable[..., Any], small: str, arguments: tuple[str, ...], said: str
) -> None:
    answer = process("takeover", *arguments, "--release", small)
    assert answer.returncode == 2
    assert said in answer.stderr
    assert answer.stdout == ""


def test_an_offer_in_words(kg: Kg, small: str, offer: str) -> None:
    answer = kg("procure", "--offer", offer, "--release", small)
    assert answer.exit_code == 0
    for part in (
        "aanbod: 1 nieuwe risicovolle strategische afhankelijkheid: China × Verwarmen (fictief); "
        "1 bevinding verdwijnt.",
        "Nieuwe olie (fictief): Stookolie (fictief), door Handel (fictief); in plaats van Olie",
        "China → Moeder (fictief) → Handel (fictief) → Nieuwe olie (fictief) (niet vertrouwd, "
        "genoemd als risico)",
        "Hollands (fictief) – Handel (fictief), € 1.250.000, van 2026-03-01 tot en met 2030-12-31",
        "Stookolie (fictief): HHI 1 (Turkije 100%) → HHI 1 (China 100%)",
        "Inschrijving (fictief) (Inkoop (fictief), 2026-02-01, B)",
    ):
        assert part in words(answer.stdout), part


def test_offers_side_by_side_and_their_json(kg: Kg, small: str, offer: str, tmp_path: Path) -> None:
    other = str(written(tmp_path / "hollands", HOLLANDS))
    both = ("procure", "--offer", offer, "--offer", other, "--release", small)
    lines = words(kg(*both).stdout)
    assert "hollands: geen nieuwe buitenlandse afhankelijkheid; 2 bevindingen verdwijnen." in lines
    found = json.loads(kg(*both, "--format", "json").stdout)
    assert set(found) == TERMS | {"offers"}
    assert [one["offer"] for one in found["offers"]] == ["aanbod", "hollands"]
    assert set(found["offers"][0]) == SHARED | {
        "offer", "supplies", "contracts", "not_counted", "notes", "remarks",
    }  # fmt: skip
    assert set(found["offers"][0]["effects"][0]) == EFFECT
    assert found["offers"][0]["contracts"][0]["value_euro"] == 1_250_000


def test_a_wrong_offer_ends_with_one_and_wrong_use_with_two(
    process: Callable[..., Any], small: str, tmp_path: Path
) -> None:
    wrong = {**HOLLANDS, "Supply": HOLLANDS["Supply"].replace("hollands", "niemand")}
    path = str(written(tmp_path / "fout", wrong))
    answer = process("procure", "--offer", path, "--release", small)
    assert answer.returncode == 1
    assert "fout/Supply.csv, rij 2, kolom suppliedBy: 'niemand' bestaat niet" in answer.stderr
    assert "niets is vergeleken" in answer.stderr
    assert answer.stdout == ""
    assert process("procure", "--release", small).returncode == 2
    gone = process("procure", "--offer", str(tmp_path / "weg"), "--release", small)
    assert gone.returncode == 2


def test_a_takeover_as_a_page(kg: Kg, small: str, tmp_path: Path) -> None:
    page = tmp_path / "beeld.html"
    taken(kg, small, "--owned", "haven", "--owner", "moeder", "--share", "51%", "--html", str(page))
    text = page.read_text("utf-8")
    for part in (
        "<h1>Als Moeder (fictief) 51% van Haven (fictief) houdt</h1>",
        "<span>geen bevinding</span>",
        "<span>risicovol strategisch, valt uit na 0 uur</span>",
        "China → Moeder (fictief) → Haven (fictief) → Olie (fictief) → Verwarmen (fictief)",
        "<li>Aandelen: Moeder (fictief): – → 51%</li>",
        "<li>Bestuur na: Moeder (fictief) ─51%→ Haven (fictief) (China)</li>",
        "<li>Bron: Oefenboek (fictief) (Redactie (fictief), 2026-01-15, B)",
    ):
        assert part in text, part
    data = json.loads(text.split('id="gegevens">')[1].split("</script>")[0])
    lines = {one["label"]: one["lines"] for one in data["about"]}
    assert lines["Haven (fictief)"] == ["Haven (fictief)", "51%"]  # what is assumed, not a record
    assert {one["label"] for one in data["about"] if one["state"] == "down"} == {
        "Verwarmen (fictief)"
    }
    taken(kg, small, "--owned", "maker", "--owner", "moeder", "--share", "60%", "--html", str(page))
    assert "Geen rijen." in page.read_text("utf-8")


def test_offers_as_a_page_with_a_lane_for_each(
    kg: Kg, small: str, offer: str, tmp_path: Path
) -> None:
    page = tmp_path / "beeld.html"
    evil = {
        **HOLLANDS,
        "Supply": HOLLANDS["Supply"].replace(
            "Nieuwe besturing (fictief)", "<script>alert(1)</script> (fictief)"
        ),
    }
    other = str(written(tmp_path / "hollands", evil))
    both = ("--offer", offer, "--offer", other, "--release", small)
    assert kg("procure", *both, "--html", str(page), "--lang", "en").exit_code == 0
    assert "What offer aanbod, hollands would change" in page.read_text("utf-8")
    assert kg("procure", *both, "--html", str(page)).exit_code == 0
    text = page.read_text("utf-8")
    assert "<script>alert" not in text
    assert "hollands: &lt;script&gt;alert(1)&lt;/script&gt; (fictief): Kast (fictief)" in text
    data = json.loads(text.split('id="gegevens">')[1].split("</script>")[0])
    assert [band["label"] for band in data["bands"]] == ["aanbod", "hollands"]
    # The first makes matters worse, and that is drawn; of the second what it takes away.
    drawn = {one["id"].split("#")[0]: set() for one in data["nodes"]}
    for node, about in zip(data["nodes"], data["about"], strict=True):
        drawn[node["id"].split("#")[0]].add(about["label"])
    assert {"China", "Handel (fictief)", "Verwarmen (fictief)"} <= drawn["aanbod"]
    assert {"China", "Maker (fictief)", "Rijden (fictief)"} <= drawn["hollands"]
    rows = text.split("<tbody")[-1]
    assert rows.count('data-label="Aanbod"') == 4  # every effect of both, drawn or not
    assert "de tabel heeft alles" in text
