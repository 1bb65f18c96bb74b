"""Offers against a small release: worked cases, laws, and everything that may be wrong with one."""

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

import kg
from kg.build import build
from kg.errors import InputError, UsageError
from kg.foreign.matrix import matrix
from kg.foreign.question import Question
from kg.names import ID, local_id
from kg.offer import Offer, procure
from kg.release import Release

sys.path.insert(0, str(Path(__file__).parent))
from small_offers import CHINEES, HOLLANDS, TABLES, written

Write = Callable[[Mapping[str, str]], Path]


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    folder = tmp_path_factory.mktemp("aanbod")
    build([written(folder / "mijn", TABLES)], folder / "releases")
    return Release.open(folder / "releases")


@pytest.fixture
def write(tmp_path: Path) -> Write:
    return lambda tables: written(tmp_path / "aanbod", tables)


def compared(release: Release, path: Path) -> Offer:
    (found,) = procure(release, [path]).offers
    return found


def effects(found: Offer) -> dict[tuple[str, str], tuple[object, ...]]:
    return {
        (local_id(one.country), local_id(one.process)): (
            one.kind, one.before, one.after, one.hours_before, one.hours_after,
        )
        for one in found.change.effects
    }  # fmt: skip


def test_a_dutch_offer_takes_china_away(release: Release, write: Write) -> None:
    found = compared(release, write(HOLLANDS))
    assert effects(found) == {
        ("CN", "rijden"): ("vanishes", "risky", None, 240, None),
        ("CN", "laden"): ("vanishes", "risky", None, 244, None),
    }
    assert found.change.worse == ()
    (supply,) = found.supplies
    assert [local_id(country) for country, _ in supply.hands] == ["NL"]
    assert [local_id(one) for one in supply.replaces] == ["besturing"]
    (hhi,) = found.change.concentrated
    assert hhi.before is not None
    assert hhi.after is not None
    assert {local_id(one) for one in hhi.before.by_country} == {"CN"}
    assert {local_id(one) for one in hhi.after.by_country} == {"NL"}


def test_a_chinese_offer_through_a_reseller_is_seen(release: Release, write: Write) -> None:
    found = compared(release, write(CHINEES))
    assert effects(found) == {
        ("CN", "verwarmen"): ("appears", None, "risky", None, 0),
        ("TR", "verwarmen"): ("vanishes", "strategic", None, 0, None),
    }
    (worse,) = found.change.worse
    assert worse.told == (
        "China → Moeder (fictief) → Handel (fictief) → Nieuwe olie (fictief) → Verwarmen (fictief)"
    )
    assert {local_id(one) for one in worse.verdict.records} >= {"moeder", "nieuw-eig", "r3"}
    assert ID + "b" in {one["iri"] for one in found.change.sources()}
    (contract,) = found.contracts
    assert (contract.value, contract.since, contract.until) == (
        1_250_000, "2026-03-01", "2030-12-31",
    )  # fmt: skip


def test_an_offer_that_nothing_leans_on_changes_no_finding(release: Release, write: Write) -> None:
    idle = {**CHINEES, "Supply": CHINEES["Supply"].replace(",olie,b", ",,b")}
    found = compared(release, write(idle))
    assert effects(found) == {}
    assert found.replaced == {}


def test_an_offer_nobody_foreign_controls_adds_no_finding(release: Release, write: Write) -> None:
    for old, product in (("besturing", "kast"), ("olie", "stookolie")):
        offer = dict(HOLLANDS)
        offer["Supply"] = offer["Supply"].replace("kast,besturing", f"{product},{old}")
        path = write(offer)
        found = compared(release, path)
        assert found.change.worse == ()
        assert not any(one.kind == "appears" for one in found.change.effects)
        for file in path.iterdir():
            file.unlink()
        path.rmdir()


def test_it_is_what_a_build_with_the_offer_in_it_says(
    release: Release, write: Write, tmp_path: Path
) -> None:
    """The same as a release from data in which the new supply took the place of the old one."""
    found = compared(release, write(CHINEES))
    whole, extra = dict(TABLES), dict(CHINEES)
    whole["Requirement"] = whole["Requirement"].replace("verwarmen,olie", "verwarmen,nieuw")
    whole["Supply"] = "".join(
        line for line in whole["Supply"].splitlines(keepends=True) if not line.startswith("olie")
    )
    extra["Supply"] = extra["Supply"].replace(",olie,b", ",,b")
    data = [written(tmp_path / "heel", whole), written(tmp_path / "erbij", extra)]
    build(data, tmp_path / "releases", at="2026-01-15")
    other = Release.open(tmp_path / "releases")
    built = matrix(Question(other.store, other.network()), trusted=True).to_json()
    offered = matrix(found.change.after, trusted=True).to_json()
    for one in (built, offered):
        one.pop("date")
    assert built["rows"] == offered["rows"]


def test_an_ownership_that_starts_later_does_not_count(release: Release, write: Write) -> None:
    later = {**CHINEES, "Ownership": CHINEES["Ownership"].replace("2021-01-01", "2027-01-01")}
    found = compared(release, write(later))
    assert [local_id(one) for one in found.silent] == ["nieuw-eig"]
    assert ("CN", "verwarmen") not in effects(found)


def test_several_offers_stand_beside_each_other(release: Release, tmp_path: Path) -> None:
    paths = [written(tmp_path / "a", HOLLANDS), written(tmp_path / "b", CHINEES)]
    found = procure(release, paths)
    assert [one.name for one in found.offers] == ["a", "b"]
    assert [len(one.change.worse) for one in found.offers] == [0, 1]
    alone = procure(release, paths[1:])
    assert json.dumps(alone.offers[0].to_json()) == json.dumps(found.offers[1].to_json())


def test_offers_of_one_name_are_told_apart_by_their_path(release: Release, tmp_path: Path) -> None:
    (tmp_path / "een").mkdir()
    (tmp_path / "twee").mkdir()
    paths = [written(tmp_path / name / "bod", HOLLANDS) for name in ("een", "twee")]
    assert [one.name for one in procure(release, paths).offers] == [str(path) for path in paths]


def test_one_supply_for_two_that_are_both_needed_is_told(write: Write, tmp_path: Path) -> None:
    both = {
        **TABLES,
        "Requirement": "id,label,requiredBy,fulfilledBy,minimumFulfilled,buffer,effect,source\n"
        "r1,Allebei (fictief),rijden,besturing;olie,2,P10D,fails,s1\n",
    }
    build([written(tmp_path / "mijn", both)], tmp_path / "releases")
    offer = {
        **HOLLANDS,
        "Supply": HOLLANDS["Supply"].replace("kast,besturing", "kast,besturing;olie"),
    }
    found = compared(Release.open(tmp_path / "releases"), write(offer))
    (note,) = found.notes
    assert note.iri == ID + "r1"
    assert "vraagt er 2" in note.nl
    assert {one.kind for one in found.change.effects} == {"vanishes"}


def test_turtle_is_an_offer_too(release: Release, tmp_path: Path) -> None:
    path = tmp_path / "aanbod.ttl"
    path.write_text(
        """@prefix id: <https://w3id.org/vitaal/id/> . @prefix vit: <https://w3id.org/vitaal/def#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
id:nieuw a vit:Supply ; skos:prefLabel "Nieuw <https://w3id.org/vitaal/def#replacesSupply> "@nl ;
    vit:inSector id:spoor ; vit:suppliedBy id:hollands ; vit:ofProduct id:kast ;
    vit:replacesSupply id:besturing ; dcterms:source id:s1 .
""",
        encoding="utf-8",
    )
    found = compared(release, path)
    assert {one.kind for one in found.change.effects} == {"vanishes"}


@pytest.mark.parametrize(
    ("table", "old", "new", "code", "column"),
    [
        ("Supply", "hollands", "niemand", "intake.unknown-reference", "suppliedBy"),
        ("Supply", "kast,besturing", "kast,weg", "intake.unknown-reference", "replacesSupply"),
        ("Supply", "nieuw,", "olie,", "intake.known-id", "id"),
        ("Supply", ",b\n", ",c\n", "intake.unknown-source", "source"),
        ("Supply", "kast,besturing", "kast,hollands", "offer.replaces", "replacesSupply"),
        ("Supply", "kast,besturing", "kast,nieuw", "offer.replaces", "replacesSupply"),
        ("Supply", "hollands,kast", "kast,kast", "shacl.Supply-suppliedBy", "suppliedBy"),
        ("Source", "openbaar", "dep-v", "offer.marking", ""),
        ("Source", "openbaar", "geheimst", "intake.unknown-marking", "marking"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_at_its_place(
    release: Release, write: Write, table: str, old: str, new: str, code: str, column: str
) -> None:
    path = write({**HOLLANDS, table: HOLLANDS[table].replace(old, new)})
    with pytest.raises(InputError) as caught:
        procure(release, [path])
    assert code in {one.code for one in caught.value.problems}
    problem = next(one for one in caught.value.problems if one.code == code)
    assert problem.location.column == column
    if column:
        assert (problem.location.file, problem.location.row) == (f"aanbod/{table}.csv", 2)
    assert "niets is vergeleken" in str(caught.value)


def test_an_unknown_id_gets_a_suggestion_from_the_release(release: Release, write: Write) -> None:
    path = write({**HOLLANDS, "Supply": HOLLANDS["Supply"].replace("hollands", "holands")})
    with pytest.raises(InputError) as caught:
        procure(release, [path])
    assert any("Bedoelde u 'hollands'?" in one.nl for one in caught.value.problems)


def test_every_problem_of_every_offer_is_told_at_once(release: Release, tmp_path: Path) -> None:
    wrong = {**HOLLANDS, "Supply": HOLLANDS["Supply"].replace("hollands", "niemand")}
    paths = [written(tmp_path / name, wrong) for name in ("a", "b")]
    with pytest.raises(InputError) as caught:
        procure(release, paths)
    assert {one.location.file for one in caught.value.problems} == {"a/Supply.csv", "b/Supply.csv"}


def test_an_empty_offer_and_one_that_is_not_there(release: Release, tmp_path: Path) -> None:
    (tmp_path / "leeg").mkdir()
    with pytest.raises(InputError) as caught:
        procure(release, [tmp_path / "leeg"])
    assert [one.code for one in caught.value.problems] == ["offer.empty"]
    with pytest.raises(UsageError):
        procure(release, [tmp_path / "nergens"])


def test_a_workbook_with_a_formula_is_refused(release: Release, tmp_path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    for name, text in HOLLANDS.items():
        sheet = book.create_sheet(name)
        for line in text.splitlines():
            sheet.append(line.split(","))
    book["Supply"]["B2"] = '=HYPERLINK("http://example.org","x")'
    book.save(tmp_path / "aanbod.xlsx")
    with pytest.raises(InputError) as caught:
        procure(release, [tmp_path / "aanbod.xlsx"])
    (problem,) = caught.value.problems
    assert "formul" in problem.nl
    assert (problem.location.sheet, problem.location.row) == ("Supply", 2)


def test_the_release_stays_as_it_is(release: Release, write: Write) -> None:
    before = {graph: release.store.count(graph) for graph in release.store.graphs()}
    compared(release, write(CHINEES))
    assert {graph: release.store.count(graph) for graph in release.store.graphs()} == before


def test_the_offers_that_are_shipped_are_right() -> None:
    """They refer to the exercise set; that they compare is shown in the README."""
    folder = Path(__file__).parent.parent / "examples" / "offers"
    for path in sorted(folder.iterdir()):
        for table in path.iterdir():
            for line in table.read_text("utf-8").splitlines()[1:]:
                assert "(fictief)" in line


def test_the_python_interface_gives_the_same(release: Release, write: Write) -> None:
    path = write(CHINEES)
    opened = kg.open(release.path)
    assert opened.procure(path).to_json() == procure(release, [path]).to_json(
        release.id, release.level
    )
    moved = opened.takeover(owned="haven", owner="moeder", share=0.51)
    assert moved.to_json()["effects"][0]["after"] == "risky"
    assert len(moved.to_pandas()) == len(moved.to_json()["effects"])
