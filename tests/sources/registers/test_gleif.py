"""The golden copy of GLEIF: who is recognised, what is taken over, what is only proposed."""

import csv
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from register_data import ORGANISATIONS, SAMPLES, counted, places, read_csv, rows

from kg.errors import InputError, UsageError
from kg.resources import folder
from kg.schema import Schema
from kg.sources import stage
from kg.sources.registers.importing import import_files
from kg.sources.registers.known import Known, read_known
from kg.sources.registers.model import About, Imported
from kg.sources.registers.writing import write

Run = Callable[..., Imported]
NAME = "20260930-0800-gleif-goldencopy-{}-golden-copy.{}"
CSV = [NAME.format(part, "csv") for part in ("lei2", "rr", "repex")]
JSON = [NAME.format(part, "json") for part in ("lei2", "rr", "repex")]
LEI2, RR, REPEX = CSV

NET, SEINEN, GEHEIM = "OEF0REGNETNOORD01030", "OEF0REGSEINBOUW01022", "OEF0REGGEHEIM0000131"
HOLDING, KUST, TOP = "OEF0REGHOLDINGNL0103", "OEF0REGVERREKUST0191", "OEF0REGTOPGROEP01017"
RING1, RING2, NAAM = "OEF0REGRINGEEN000170", "OEF0REGRINGTWEE00137", "OEF0REGNAAMGENOOT169"


@pytest.fixture
def all_csv(run: Run) -> Imported:
    return run("gleif", *CSV)


def changed(tmp_path: Path, name: str, *changes: tuple[str, str]) -> Path:
    """A copy of a sample with these texts replaced."""
    text = (SAMPLES / name).read_text("utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


# -- recognising


def test_first_by_lei_then_by_kvk_number(all_csv: Imported) -> None:
    entries = rows(all_csv, "RegisterEntry")
    assert {(row["entryOf"], row["matchedBy"]) for row in entries.values()} == {
        ("net", "leiMatch"),
        ("seinen", "kvkMatch"),
        ("geheim", "leiMatch"),
    }
    entry = entries[f"gleif-{NET}"]
    assert entry["registeredName"] == "Netbeheer Proefland N.V. (fictief)"
    assert (entry["entryNumber"], entry["registeredSeat"]) == (NET, "NL")


def test_the_same_name_is_proposed_and_never_merged(all_csv: Imported) -> None:
    (proposal,) = [row for row in all_csv.proposals if row["kind"] == "naam"]
    assert (proposal["organisation"], proposal["number"]) == ("naam", NAAM)
    assert (proposal["country"], proposal["place"]) == ("DE", "rij 7")
    taken = [row for table in all_csv.tables.values() for row in table]
    assert not any(NAAM in value for row in taken for value in row.values())


def test_what_the_data_lack_or_say_otherwise_is_proposed(all_csv: Imported) -> None:
    found = {
        (row["kind"], row["organisation"], row["field"], row["own"], row["register"])
        for row in all_csv.proposals
        if row["kind"] != "naam"
    }
    assert found == {
        ("aanvulling", "seinen", "lei", "", SEINEN),
        ("aanvulling", "seinen", "seat", "", "NL"),
        ("aanvulling", "net", "kvkNumber", "", "00009001"),
        ("aanvulling", "geheim", "kvkNumber", "", "00009009"),
    }


def test_one_number_for_two_organisations_is_left_to_a_person(
    own: Path, real_schema: Schema, tmp_path: Path
) -> None:
    mine = tmp_path / "mijn"
    mine.mkdir()
    (mine / "Source.csv").write_bytes((own / "Source.csv").read_bytes())
    twice = f"{ORGANISATIONS}net2,Dubbel (fictief),Double (fictional),NL,,{NET},s1\n"
    (mine / "Organisation.csv").write_text(twice, encoding="utf-8")
    known = read_known([folder("data") / "reference", mine], real_schema)
    found = import_files("gleif", [SAMPLES / one for one in CSV], known, About("openbaar"))
    assert {row["entryOf"] for row in found.tables["RegisterEntry"]} == {"seinen", "geheim"}
    double = [row["organisation"] for row in found.proposals if row["kind"] == "dubbel"]
    assert sorted(double) == ["net", "net2"]


# -- taking over


def test_parents_are_taken_over_all_the_way_up(all_csv: Imported) -> None:
    parents = rows(all_csv, "Organisation")
    assert set(parents) == {f"lei-{one}" for one in (HOLDING, KUST, TOP, RING1, RING2)}
    assert parents[f"lei-{HOLDING}"]["kvkNumber"] == "00009003"
    assert parents[f"lei-{HOLDING}"]["note"] == "Status in het register: ACTIVE LAPSED"
    assert parents[f"lei-{TOP}"]["seat"] == "CN"
    assert parents[f"lei-{TOP}"]["lei"] == TOP


def test_consolidation_is_control_and_no_share(all_csv: Imported) -> None:
    owned = rows(all_csv, "Ownership")
    row = owned[f"gleif-{NET}-{HOLDING}-d"]
    assert (row["owner"], row["owned"]) == (f"lei-{HOLDING}", "net")
    assert (row["control"], row["controlBasis"]) == ("true", "directConsolidation")
    assert (row["validFrom"], row["validUntil"]) == ("2019-04-01", "")  # of the relationship,
    assert "share" not in row  # not of the accounting period
    assert "IFRS" in row["note"]
    assert "aandeel zegt het register niets" in row["note"]


def test_the_ultimate_parent_is_kept_where_direct_ones_do_not_lead_to_it(
    all_csv: Imported,
) -> None:
    owned = rows(all_csv, "Ownership")
    last = owned[f"gleif-{SEINEN}-{TOP}-u"]
    assert last["controlBasis"] == "ultimateConsolidation"
    assert (last["validFrom"], last["validUntil"]) == ("2022-06-01", "2027-05-31")
    assert f"gleif-{NET}-{TOP}-u" not in owned
    assert counted(all_csv)["ultimate-follows"] == 1


def test_loops_end_and_what_no_longer_holds_stays_out(all_csv: Imported) -> None:
    owned = rows(all_csv, "Ownership")
    assert f"gleif-{RING1}-{RING2}-d" in owned
    assert f"gleif-{RING2}-{RING1}-d" in owned
    assert not any("LOSSTAAND" in key for key in owned)
    numbers = counted(all_csv)
    assert (numbers["inactive"], numbers["other"]) == (1, 1)
    assert (numbers["records"], numbers["relations"], numbers["ownerships"]) == (10, 11, 8)


def test_reporting_exceptions_are_noted_with_their_source(all_csv: Imported) -> None:
    entry = rows(all_csv, "RegisterEntry")[f"gleif-{SEINEN}"]
    assert entry["note"] == "Geen rechtstreekse moeder opgegeven (NO_LEI)"
    assert entry["source"].count(";") == 1
    parent = rows(all_csv, "Organisation")[f"lei-{RING2}"]
    assert parent["note"] == "Geen uiteindelijke moeder opgegeven (NON_PUBLIC)"


def test_a_country_that_the_data_do_not_know_gets_a_row(all_csv: Imported) -> None:
    assert {row["id"] for row in all_csv.tables["Country"]} == {"KY"}


def test_the_sources_say_what_the_files_say(all_csv: Imported) -> None:
    sources = {row["id"].split("-2026")[0]: row for row in all_csv.tables["Source"]}
    assert set(sources) == {"bron-gleif-lei2", "bron-gleif-rr", "bron-gleif-repex"}
    for row in sources.values():
        assert row["date"] == "2026-09-30"
        assert row["publisher"].endswith("(GLEIF)")
        assert (row["grade"], row["marking"]) == ("B", "openbaar")
        assert len(row["sha256"]) == 64


def test_csv_and_json_say_the_same(run: Run, all_csv: Imported) -> None:
    other = run("gleif", *JSON)

    def plain(imported: Imported) -> dict[str, object]:
        return {
            table: [
                {c: v for c, v in row.items() if c not in {"source", "sha256"}} for row in found
            ]
            for table, found in imported.tables.items()
            if table != "Source"
        }

    assert plain(all_csv) == plain(other)
    assert counted(all_csv) == counted(other)


def test_zipped_is_the_same_apart_from_the_checksum(
    run: Run, tmp_path: Path, all_csv: Imported
) -> None:
    packed = []
    for name in CSV:
        path = tmp_path / f"{name}.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(name, (SAMPLES / name).read_bytes())
        packed.append(path)
    found = run("gleif", *packed)
    assert found.tables["Ownership"][0]["owner"] == all_csv.tables["Ownership"][0]["owner"]
    assert [row["date"] for row in found.tables["Source"]] == ["2026-09-30"] * 3


def test_the_date_of_the_user_counts_where_the_name_has_none(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "lei.csv"
    path.write_bytes((SAMPLES / LEI2).read_bytes())
    with pytest.raises(UsageError, match="--date"):
        run("gleif", path)
    found = run("gleif", path, about=About("openbaar", date="2026-10-01", id="bron-lei"))
    assert [(row["id"], row["date"]) for row in found.tables["Source"]] == [
        ("bron-lei", "2026-10-01")
    ]


# -- markings


def test_what_was_found_through_something_secret_is_as_secret(all_csv: Imported) -> None:
    entries = rows(all_csv, "RegisterEntry")
    assert entries[f"gleif-{GEHEIM}"]["marking"] == "dep-v"
    assert "marking" not in entries[f"gleif-{NET}"]
    owned = rows(all_csv, "Ownership")
    assert owned[f"gleif-{GEHEIM}-{RING2}-d"]["marking"] == "dep-v"
    # Reached through something open as well, so it stays open.
    assert "marking" not in rows(all_csv, "Organisation")[f"lei-{RING2}"]


def test_something_secret_changes_nothing_that_is_open(
    own: Path, real_schema: Schema, tmp_path: Path, all_csv: Imported
) -> None:
    mine = tmp_path / "mijn"
    mine.mkdir()
    (mine / "Source.csv").write_bytes((own / "Source.csv").read_bytes())
    lines = ORGANISATIONS.splitlines(keepends=True)
    (mine / "Organisation.csv").write_text("".join(lines[:-1]), encoding="utf-8")
    known = read_known([folder("data") / "reference", mine], real_schema)
    without = import_files("gleif", [SAMPLES / one for one in CSV], known, About("openbaar"))
    for table, found in all_csv.tables.items():
        open_rows = tuple(row for row in found if row.get("marking", "openbaar") == "openbaar")
        assert without.tables[table] == open_rows


# -- what comes out


def test_the_folder_is_taken_by_the_intake(
    run: Run, own: Path, real_schema: Schema, tmp_path: Path
) -> None:
    out = tmp_path / "lei"
    names = [path.name for path in write(run("gleif", *CSV), out)]
    assert names == [
        "Country.csv",
        "Organisation.csv",
        "Ownership.csv",
        "RegisterEntry.csv",
        "Source.csv",
        "voorstellen.csv",
    ]
    staged = stage([folder("data") / "reference", own, out], real_schema)
    assert [str(problem) for problem in staged.problems] == []
    assert [one.code for one in staged.left_out] == ["intake.proposals"]
    assert len(read_csv(out / "Ownership.csv")) == 8


def test_the_same_files_give_the_same_bytes(run: Run, tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    write(run("gleif", *CSV), first)
    write(run("gleif", *reversed(CSV)), second)
    assert {p.name: p.read_bytes() for p in first.iterdir()} == {
        p.name: p.read_bytes() for p in second.iterdir()
    }


def test_with_the_result_at_hand_a_second_import_adds_nothing_twice(
    run: Run, own: Path, real_schema: Schema, tmp_path: Path
) -> None:
    out = tmp_path / "lei"
    write(run("gleif", *CSV), out)
    known = read_known([folder("data") / "reference", own, out], real_schema)
    again = import_files("gleif", [SAMPLES / one for one in CSV], known, About("openbaar"))
    assert "Organisation" not in again.tables
    assert "Ownership" not in again.tables
    # What was taken over has a record of its own now, recognised by its LEI.
    assert counted(again)["leiMatch"] == 7


def test_a_folder_that_is_in_use_is_left_alone(run: Run, tmp_path: Path) -> None:
    (tmp_path / "Source.csv").write_text("van mij", encoding="utf-8")
    with pytest.raises(UsageError, match="bestaat al"):
        write(run("gleif", *CSV), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["Source.csv"]


# -- what is wrong


def test_level_1_alone_is_enough_and_level_2_alone_is_not(run: Run) -> None:
    found = run("gleif", LEI2)
    assert "Ownership" not in found.tables
    assert len(found.tables["RegisterEntry"]) == 3
    with pytest.raises(UsageError, match="Level 1"):
        run("gleif", RR)
    with pytest.raises(UsageError, match="allebei"):
        run("gleif", LEI2, JSON[0])


@pytest.mark.parametrize(
    ("name", "old", "new", "expected"),
    [
        (LEI2, HOLDING, "OEF0REGHOLDINGNL0104", None),  # nobody refers to it any more
        (
            RR,
            f'"{HOLDING}","LEI","IS_D',
            '"OEF0REGHOLDINGNL0104","LEI","IS_D',
            ("import.lei", 2, "Relationship.EndNode.NodeID"),
        ),
        (RR, "2019-04-01T00:00:00Z", "1-4-2019", ("import.date", 2, "Relationship.Period")),
        (RR, "2019-04-01T", "2019-02-30T", ("import.date", 2, "Relationship.Period")),
        (RR, '"2027-05-31T', '"2020-05-31T', ("import.order", 6, "Relationship.Period")),
        (LEI2, "Verre Kust", "Verre\x07Kust", ("import.control-character", 5, "Entity.LegalName")),
        (LEI2, "Verre Kust Hold", "K" * 600, ("import.too-long", 5, "Entity.LegalName")),
        (LEI2, f'"{NET}"', f'"{NET}","x"', ("intake.ragged-row", 2, "")),
        (LEI2, "Verre Kust", 'Verre "Kust', ("intake.csv", 5, "")),
        (LEI2, '"Entity.EntityStatus"', '"Status"', ("intake.column", 1, "Entity.EntityStatus")),
        (LEI2, "LegalJurisdiction", "EntityStatus", ("intake.column", 1, "Entity.EntityStatus")),
    ],
)
def test_each_mistake_is_told_with_its_place(
    run: Run,
    tmp_path: Path,
    name: str,
    old: str,
    new: str,
    expected: tuple[str, int, str] | None,
) -> None:
    wrong = changed(tmp_path, name, (old, new))
    files = [wrong if one == name else SAMPLES / one for one in CSV]
    if expected is None:
        assert counted(run("gleif", *files))["parent-absent"] == 1
        return
    with pytest.raises(InputError) as caught:
        run("gleif", *files)
    assert "niets is geschreven" in str(caught.value)
    code, row, column = expected
    assert places(caught.value.problems) == [(code, name, row, column)]


def test_in_json_the_place_is_a_path(run: Run, tmp_path: Path) -> None:
    wrong = changed(tmp_path, JSON[1], ("2019-04-01T00:00:00Z", "ooit"))
    with pytest.raises(InputError) as caught:
        run("gleif", SAMPLES / JSON[0], wrong)
    assert places(caught.value.problems) == [
        (
            "import.date",
            JSON[1],
            0,
            "$.relations[0].RelationshipRecord.Relationship.Period",
        )
    ]


def test_what_is_wrong_can_be_left_out_and_is_listed(run: Run, tmp_path: Path) -> None:
    wrong = changed(tmp_path, RR, ("2019-04-01T", "2019-02-30T"))
    found = run("gleif", SAMPLES / LEI2, wrong, skip_invalid=True)
    assert [one.code for one in found.left_out] == ["import.date"]
    assert f"gleif-{NET}-{HOLDING}-d" not in rows(found, "Ownership")
    # Without the first step the direct ones no longer lead to the top, so the ultimate one stays.
    assert f"gleif-{NET}-{TOP}-u" in rows(found, "Ownership")


def test_a_record_that_comes_twice_is_told(run: Run, tmp_path: Path) -> None:
    lines = (SAMPLES / LEI2).read_text("utf-8").splitlines(keepends=True)
    path = tmp_path / LEI2
    path.write_text("".join([*lines, lines[1]]), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        run("gleif", path)
    assert places(caught.value.problems) == [("import.duplicate-lei", LEI2, 12, "LEI")]
    (problem,) = caught.value.problems
    assert "stond al bij rij 2;" in problem.nl
    assert "stood at row 2 already;" in problem.en


def test_names_that_a_spreadsheet_would_run_come_out_as_text(
    run: Run, own: Path, real_schema: Schema, tmp_path: Path
) -> None:
    wrong = changed(
        tmp_path,
        LEI2,
        ("Holding Proefland", "=cmd|'/c calc'!A1"),
        ("Netbeheer Proefland N.V.", "@Net; <script>alert(1)</script>"),
    )
    out = tmp_path / "uit"
    write(run("gleif", wrong, SAMPLES / RR), out)
    names = [row["label"] for row in read_csv(out / "Organisation.csv")]
    assert "‘=cmd|'/c calc'!A1 B.V. (fictief)’" in names
    assert not any(name.startswith(("=", "+", "-", "@")) for name in names)
    staged = stage([folder("data") / "reference", own, out], real_schema)
    assert [str(problem) for problem in staged.problems] == []


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("leeg.csv", b"", "empty-file"),
        ("wit.csv", b" \n\n", "empty-file"),
        ("iets.csv", b"a,b\n1,2\n", "not-gleif"),
        ("iets.xml", b"<lei:LEIData/>", "not-gleif"),
        ("iets.json", b'{"data": [1]}', "not-gleif"),
        ("diep.json", b"[" * 100_000, "too-deep"),
        ("diep.json", b'{"records":' + b'{"a":' * 5_000, "too-deep"),
        ("half.json", b'{"records":[{"LEI":{"$":"x"}', "syntax"),
        ("nan.json", b'{"records":[{"LEI":NaN}]}', "syntax"),
        ("dubbel.json", b'{"records":[{"LEI":{"$":"x"},"LEI":{"$":"y"}}]}', "json-duplicate-key"),
        ("geen.json", b'{"records":[1]}', "record"),
        ("veld.json", b'{"records":[{}]}', "no-field"),
        ("codering.json", b'{"records":[{"LEI":"\xff"}]}', "encoding"),
        ("wijd.csv", "LEI,Entity.LegalName\n".encode("utf-16"), "encoding"),
        ("zip.zip", b"PK\x03\x04 geen zip", "zip-damaged"),
    ],
)
def test_a_file_that_is_not_what_it_says(
    run: Run, tmp_path: Path, name: str, content: bytes, code: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        run("gleif", path, about=About("openbaar", date="2026-01-01"))
    ((found, file, _, _),) = places(caught.value.problems)
    assert (found, file) == (f"intake.{code}", name)


def test_latin_1_is_told_by_row(run: Run, tmp_path: Path) -> None:
    text = (SAMPLES / LEI2).read_text("utf-8").replace("Verre Kust", "Verré Kust")
    path = tmp_path / LEI2
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError) as caught:
        run("gleif", path)
    assert [one[0] for one in places(caught.value.problems)] == ["intake.encoding"]


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_zips_that_do_harm_or_hold_several_files(run: Run, tmp_path: Path) -> None:
    bomb = zipped(tmp_path / "bom.zip", {"a.csv": b"0" * 20_000_000})
    two = zipped(tmp_path / "twee.zip", {"a.csv": b"LEI", "b.csv": b"LEI"})
    whole = zipped(tmp_path / "heel.zip", {LEI2: (SAMPLES / LEI2).read_bytes() * 50})
    cut = tmp_path / "half.zip"
    data = bytearray(whole.read_bytes())
    data[2000:2100] = bytes(100)
    cut.write_bytes(data)
    nameless = tmp_path / "naamloos.zip"
    nameless.write_bytes(
        zipped(tmp_path / "x.zip", {"x": b"LEI"}).read_bytes().replace(b"x", b"\0")
    )
    odd = tmp_path / "vreemd.zip"
    odd.write_bytes(
        zipped(tmp_path / "é.zip", {"é": b"LEI"}).read_bytes().replace("é".encode(), b"\xff\xff")
    )
    packed = tmp_path / "lzma.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr(LEI2, (SAMPLES / LEI2).read_bytes())
    broken = bytearray(packed.read_bytes())
    broken[500:900] = bytes(400)
    packed.write_bytes(broken)
    for path, code in (
        (bomb, "zip-bomb"),
        (two, "zip-members"),
        (cut, "zip-damaged"),
        (odd, "zip-damaged"),
        (packed, "zip-damaged"),
    ):
        with pytest.raises(InputError) as caught:
            run("gleif", path)
        assert [one[0] for one in places(caught.value.problems)] == [f"intake.{code}"]
    with pytest.raises((InputError, UsageError)):
        run("gleif", nameless)


def test_one_object_of_json_is_bounded(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kg.sources.registers.records.MAX_RECORD", 100_000)
    path = tmp_path / "groot.json"
    path.write_text(json.dumps({"records": [{"LEI": {"$": "x" * 400_000}}]}), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        run("gleif", path, about=About("openbaar", date="2026-01-01"))
    assert [one[0] for one in places(caught.value.problems)] == ["intake.record-too-large"]


def test_a_missing_file_is_wrong_use(run: Run, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="bestaat niet"):
        run("gleif", tmp_path / "weg.csv")


def test_an_unknown_marking_lists_the_choices(run: Run) -> None:
    with pytest.raises(UsageError, match="dep-v"):
        run("gleif", LEI2, about=About("geheimpje"))


def test_rows_in_any_order_give_the_same_tables(run: Run, tmp_path: Path, known: Known) -> None:
    def shuffled(name: str) -> Path:
        with (SAMPLES / name).open(encoding="utf-8", newline="") as file:
            header, *body = csv.reader(file)
        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerows([header, *reversed(body)])
        path = tmp_path / name
        path.write_text(out.getvalue(), encoding="utf-8")
        return path

    def plain(imported: Imported) -> list[list[str]]:
        return [[row["owner"], row["owned"]] for row in imported.tables["Ownership"]]

    assert plain(run("gleif", *map(shuffled, CSV))) == plain(run("gleif", *CSV))
