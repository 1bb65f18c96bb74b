"""The shipped reference and public data: sourced, resolvable, complete and free of designations."""

import csv
import datetime
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "data"
FACTS = ROOT.parent / "shared" / "facts"
SHIPPED = ("reference", "public")
ALL = (*SHIPPED, "optional")
DESIGNATIONS = frozenset(
    {
        "VitalProvider",
        "CriticalEntity",
        "EssentialEntity",
        "ImportantEntity",
        "VifoVitalProvider",
    }
)


@dataclass(frozen=True)
class Row:
    """One row of a table, with where it stands."""

    folder: str
    table: str
    number: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column) or ""

    def list(self, column: str) -> list[str]:
        return [part for part in self[column].split(";") if part]

    def __str__(self) -> str:
        return f"{self.folder}/{self.table}.csv row {self.number} ({self['id']})"


def read(folder: str) -> Iterator[Row]:
    """Every row of every table in a data folder, in a stable order."""
    for path in sorted((DATA / folder).glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            for number, cells in enumerate(csv.DictReader(file), start=2):
                yield Row(folder, path.stem, number, cells)


ROWS = [row for folder in ALL for row in read(folder)]
BY_ID = {row["id"]: row for row in ROWS}


def of(table: str, *folders: str) -> list[Row]:
    """The rows of one table, of the shipped folders unless told otherwise."""
    return [row for row in ROWS if row.table == table and row.folder in (folders or SHIPPED)]


def twice(ids: Iterable[str]) -> list[str]:
    """The ids that occur more than once."""
    return sorted(i for i, times in Counter(ids).items() if times > 1)


def unsourced(rows: Iterable[Row], sources: Mapping[str, Row]) -> list[str]:
    """Rows without a source that has a grade and a marking."""
    return [
        str(row)
        for row in rows
        if not row.list("source")
        or any(
            s not in sources or not sources[s]["grade"] or not sources[s]["marking"]
            for s in row.list("source")
        )
    ]


def hours(duration: str) -> float:
    """Hours of the ISO durations used here: days, hours and minutes."""
    found = re.fullmatch(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?", duration)
    assert found, duration
    days, hour, minute = (int(part or 0) for part in found.groups())
    return 24 * days + hour + minute / 60


def test_the_checks_themselves_can_fail() -> None:
    assert twice(["a", "b", "a"]) == ["a"]
    source = Row("x", "Source", 2, {"id": "s", "grade": "", "marking": "openbaar"})
    row = Row("x", "Service", 2, {"id": "u", "source": "s"})
    assert unsourced([row], {"s": source})
    assert unsourced([Row("x", "Service", 2, {"id": "u"})], {})
    assert hours("P1DT2H30M") == 26.5


def test_every_id_is_unique_over_all_folders() -> None:
    exercise = [row["id"] for row in read("exercise")]
    assert twice([row["id"] for row in ROWS] + exercise) == []


def test_ids_read_well_and_leave_the_exercise_prefix_alone() -> None:
    odd = [str(r) for r in ROWS if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]*", r["id"])]
    assert odd == []
    assert [str(r) for r in ROWS if r["id"].startswith("oef-")] == []


def test_every_row_has_a_source_with_grade_and_marking() -> None:
    sources = {row["id"]: row for row in of("Source", *ALL)}
    assert unsourced((r for r in ROWS if r.table != "Source"), sources) == []
    assert {row["marking"] for row in sources.values()} == {"openbaar"}
    for row in sources.values():
        assert row["title"], str(row)
        assert row["publisher"], str(row)
        assert datetime.date.fromisoformat(row["date"]), str(row)


def test_grade_c_and_general_knowledge_are_loaded_only_on_request() -> None:
    for row in of("Source", *ALL):
        weak = row["grade"] == "C" or row["verification"] == "generalKnowledge"
        assert weak == (row.folder == "optional"), str(row)


def test_reference_stands_alone_and_public_needs_nothing_optional() -> None:
    allowed = {"reference": {"reference"}, "public": {"reference", "public"}}
    for row in ROWS:
        if row.folder in allowed:
            for column, cell in row.cells.items():
                if column in ("id", "label", "label@en", "title", "note", "publisher"):
                    continue
                for part in (cell or "").split(";"):
                    if part in BY_ID:
                        assert BY_ID[part].folder in allowed[row.folder], f"{row}: {part}"


def test_labels_are_dutch_and_english_and_no_cell_looks_like_a_formula_or_a_list() -> None:
    for row in ROWS:
        if row.table != "Source":
            assert row["label"], str(row)
            assert row["label@en"], str(row)
        for column in ("label", "label@en", "title", "note"):
            assert ";" not in row[column], f"{row}: {column}"
        for column, cell in row.cells.items():
            assert not (cell or "").startswith(("=", "+", "-", "@")), f"{row}: {column}"
            assert (cell or "") == (cell or "").strip(), f"{row}: {column}"


def test_files_are_utf8_with_lf_and_sorted_by_id() -> None:
    for folder in ALL:
        for path in sorted((DATA / folder).glob("*.csv")):
            raw = path.read_bytes()
            assert b"\r" not in raw, path
            assert not raw.startswith(b"\xef\xbb\xbf"), path
            assert raw.decode("utf-8").endswith("\n"), path
            ids = [row["id"] for row in read(folder) if row.table == path.stem]
            assert ids == sorted(ids), path


def test_no_real_organisation_is_designated_under_any_regime() -> None:
    assert {row.table for row in ROWS} & DESIGNATIONS == set()
    for row in ROWS:
        assert not {"type", "rdf:type"} & row.cells.keys(), str(row)
        for column, cell in row.cells.items():
            parts = set(re.split(r"[;\s]", cell or ""))
            assert not parts & DESIGNATIONS, f"{row}: {column}"
    assert not [str(r) for r in of("RoleAssignment") if r["role"] == "provisionRole"]


def test_both_dated_lists_and_the_rail_sub_processes_are_complete() -> None:
    per_list = defaultdict(list)
    for row in of("ProcessListing"):
        per_list[row["onList"]].append(row)
    assert {name: len(rows) for name, rows in per_list.items()} == {
        "lijst-nctv-ab": 28,
        "lijst-nctv-2023": 19,
        "lijst-spoor-deelprocessen": 4,
    }
    for name, rows in per_list.items():
        assert twice(row["listsProcess"] for row in rows) == [], name
        assert BY_ID[name].table == "ProcessList"
    assert Counter(row["listCategory"] for row in per_list["lijst-nctv-ab"]) == {
        "categoryA": 6,
        "categoryB": 22,
    }
    assert not any(row["listCategory"] for row in per_list["lijst-nctv-2023"])
    listed = {row["listsProcess"] for row in of("ProcessListing")}
    assert {row["id"] for row in of("VitalProcess")} == listed
    for row in per_list["lijst-spoor-deelprocessen"]:
        assert BY_ID[row["listsProcess"]]["subProcessOf"] == "proces-spoor"


def test_statements_about_countries_are_dated_and_turkey_has_both_kinds() -> None:
    statements = of("CountryStatement")
    for row in statements:
        assert datetime.date.fromisoformat(row["validFrom"]), str(row)
        assert row["issuedBy"], str(row)
        assert BY_ID[row["aboutCountry"]].table == "Country"
    kinds = defaultdict(set)
    for row in statements:
        if not row["validUntil"]:
            kinds[row["statementKind"]].add(row["aboutCountry"])
    assert len(kinds["euMember"]) == 27
    assert len(kinds["eeaMember"]) == 30
    assert len(kinds["natoMember"]) == 32
    assert kinds["offensiveCyberProgramme"] == {"CN", "IR", "KP", "RU"}
    assert kinds["emergingCyberActor"] == {"TR"}
    assert "TR" in kinds["natoMember"]
    assert "GB" not in kinds["euMember"]


def test_the_time_limits_of_the_law_are_there() -> None:
    limits = {row["id"]: (row["timeLimit"], row["recurrence"]) for row in of("Duty")}
    assert limits["CBW-MELD-24"] == ("PT24H", "")
    assert limits["CBW-MELD-72"] == ("PT72H", "")
    assert limits["CBW-MELD-1M"] == ("P1M", "")
    assert limits["WWKE-RB-KE"] == ("P9M", "P4Y")
    assert limits["WWKE-ZORG"] == ("P10M", "")
    assert limits["AV-CYCLUS"] == ("", "P4Y")
    assert {row["underRegime"] for row in of("Duty")} == {"aanpak-vitaal", "wwke", "cbw", "vifo"}


def test_buffers_are_ordered_and_say_what_they_are() -> None:
    for row in of("Requirement", *ALL):
        low, best, high = (row[c] for c in ("bufferLow", "buffer", "bufferHigh"))
        known = [hours(value) for value in (low, best, high) if value]
        assert known == sorted(known), str(row)
        assert bool(known) <= bool(row["bufferBasis"]), str(row)
    masts = BY_ID["eis-mobiel-stroom"]
    assert [masts[c] for c in ("bufferLow", "buffer", "bufferHigh")] == ["PT30M", "PT2H", "PT3H"]


def test_sources_that_contradict_each_other_point_at_each_other() -> None:
    pairs = {(r["id"], other) for r in ROWS for other in r.list("conflictsWith")}
    assert pairs
    assert {(b, a) for a, b in pairs} == pairs


def test_one_requirement_per_dependent_fulfillers_and_effect() -> None:
    keys = [
        f"{r['requiredBy']} {r['fulfilledBy']} {r['effect']} {r['purpose']}"
        for r in of("Requirement", *ALL)
    ]
    assert twice(keys) == []


@pytest.mark.parametrize(
    ("start", "reached"),
    [
        ("hs-hemweg", {"energie", "spoor", "telecom", "gezondheid"}),
        ("hs-diemen", {"energie", "spoor", "telecom"}),
        ("elektriciteitsvoorziening", {"spoor", "telecom", "oov", "drinkwater", "energie"}),
        ("kpn-telefonie", {"telecom", "spoor", "oov", "energie", "gezondheid", "overheid"}),
        ("gnss", {"plaats-tijd", "energie", "telecom", "financieel", "drinkwater", "luchtvaart"}),
        ("kpn", {"telecom", "spoor", "oov"}),
    ],
)
def test_dependencies_cross_the_sectors(start: str, reached: set[str]) -> None:
    dependents = defaultdict(set)
    for row in of("Requirement"):
        for fulfiller in row.list("fulfilledBy"):
            dependents[fulfiller].add(row["requiredBy"])
    for row in ROWS:
        for operator in row.list("operatedBy"):
            dependents[operator].add(row["id"])
    seen, todo = {start}, [start]
    while todo:
        todo += (new := dependents[todo.pop()] - seen)
        seen |= new
    assert reached <= {BY_ID[unit]["inSector"] for unit in seen}


def account() -> list[dict[str, str]]:
    """The rows of ``verantwoording.csv``: what became of every row of the fact tables."""
    with (DATA / "verantwoording.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_account_names_existing_ids_or_a_reason() -> None:
    rows = account()
    assert twice(f"{r['table']} {r['row']}" for r in rows) == []
    for row in rows:
        assert bool(row["used_in"]) != bool(row["reason"]), row
        for used in filter(None, row["used_in"].split(";")):
            assert used in BY_ID, row


KEYS = {"friendly_states": "iso2", "glossary": "term_nl"}


def test_every_fact_is_used_or_left_out_for_a_reason() -> None:
    if not FACTS.is_dir():
        pytest.skip("the fact tables are not beside this checkout")
    kept = {(row["table"], row["row"]) for row in account()}
    wanted = set()
    for path in sorted(FACTS.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            for number, row in enumerate(csv.DictReader(file), start=1):
                key = row.get(KEYS.get(path.stem, "id")) or str(number)
                wanted.add((path.stem, key))
    assert wanted - kept == set()
    assert kept - wanted == set()
