"""The exercise set: marked as invented, whole, and rich enough to show every feature."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXERCISE = ROOT / "data" / "exercise"
PREFIX = "oef-"
NL, EN = "(fictief)", "(fictional)"
UNITS = (
    "VitalProcess", "Process", "Service", "Asset", "Segment", "LevelCrossing", "Supply", "Stock",
    "StrategicStock",
)  # fmt: skip
ORGANISATIONS = (
    "Organisation", "Ministry", "Supervisor", "Coordinator", "ResponseTeam",
    "InternationalOrganisation",
)  # fmt: skip
CLASSES = (
    *UNITS, *ORGANISATIONS, "Requirement", "Ownership", "InvestmentScreening", "Product",
    "Contract", "Procurement", "RoleAssignment", "ProcessList", "ProcessListing", "VitalityCycle",
    "CriticalityAssessment", "ResilienceAnalysis", "ActionProgramme", "QuickScan",
    "IndicatorScore", "ThreatActor", "ThreatLandscape", "ThreatExposure", "Measure", "Scenario",
    "Outage", "Incident", "RailOccurrence", "Notification", "IncidentRegister", "CrisisPlan",
    "CrisisExercise", "Corridor", "Route", "LoadingGaugeRestriction", "MilitaryTransport",
    "HostNationSupportRequest", "PriorityRule", "RailCapacity", "ScarceResource",
    "CatenarySwitchOff", "SafetyAgreement", "Inspection", "EnforcementMeasure", "Recommendation",
    "JointDeclaration", "InternationalObligation", "Place", "Policy", "Source",
    "BufferObservation", "LegalInstrument", "TradeFlow",
)  # fmt: skip

Row = dict[str, str]


@cache
def table(name: str) -> tuple[Row, ...]:
    with (EXERCISE / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def column(name: str, field: str) -> list[str]:
    """All values of a column, lists taken apart."""
    return [part for row in table(name) for part in row[field].split(";") if part]


def everything() -> Iterator[tuple[str, Row]]:
    for path in sorted(EXERCISE.glob("*.csv")):
        for row in table(path.stem):
            yield path.stem, row


@cache
def units() -> dict[str, Row]:
    return {row["id"]: row for name in UNITS for row in table(name)}


@cache
def organisations() -> dict[str, Row]:
    return {row["id"]: row for name in ORGANISATIONS for row in table(name)}


# --- form ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CLASSES)
def test_every_class_has_rows(name: str) -> None:
    assert table(name)


def test_no_other_files() -> None:
    assert {path.stem for path in EXERCISE.glob("*.csv")} == set(CLASSES)
    assert {path.suffix for path in EXERCISE.iterdir()} == {".csv"}


@pytest.mark.parametrize("path", sorted(EXERCISE.glob("*.csv")), ids=lambda path: path.stem)
def test_files_are_canonical(path: Path) -> None:
    raw = path.read_bytes()
    raw.decode("utf-8")
    assert b"\r" not in raw
    assert not raw.startswith(b"\xef\xbb\xbf")
    assert raw.endswith(b"\n")
    ids = [row["id"] for row in table(path.stem)]
    assert ids == sorted(set(ids))


def test_everything_says_that_it_is_invented() -> None:
    for name, row in everything():
        label = row["title"] if name == "Source" else row["label"]
        assert label.endswith(NL), (name, row["id"])
        assert row["label@en"].endswith(EN), (name, row["id"])
        assert row["id"].startswith(PREFIX), (name, row["id"])


def test_ids_are_unique_and_references_resolve() -> None:
    ids = [row["id"] for _, row in everything()]
    assert len(ids) == len(set(ids))
    known = set(ids)
    for name, row in everything():
        for field, cell in row.items():
            for part in cell.split(";"):
                if part.startswith(PREFIX):
                    assert part in known, (name, row["id"], field, part)


def test_every_fact_has_a_source_and_few_are_confidential() -> None:
    marking = {row["id"]: row["marking"] for row in table("Source")}
    assert {row["grade"] for row in table("Source")} == {"A", "B"}  # registers are originals
    levels = [
        (name, marking[part])
        for name, row in everything()
        if name != "Source"
        for part in row["source"].split(";")
    ]
    assert set(marking.values()) == {"openbaar", "dep-v"}
    confidential = [name for name, level in levels if level == "dep-v"]
    assert 3 <= len(confidential) <= 10
    assert {"Requirement", "ThreatExposure", "Measure"} == set(confidential)


def test_what_is_public_never_refers_to_what_is_confidential() -> None:
    hidden_sources = {row["id"] for row in table("Source") if row["marking"] != "openbaar"}
    hidden = {
        row["id"] for name, row in everything() if row.get("source") in hidden_sources
    } | hidden_sources
    for name, row in everything():
        if row["id"] not in hidden:
            cells = {part for cell in row.values() for part in cell.split(";")}
            assert not cells & hidden, (name, row["id"])


def real_names() -> set[str]:
    """Names of real organisations: those of our own public data, and of the facts if at hand."""
    names = set()
    for folder in ("reference", "public"):
        for cls in ("Organisation", "Ministry", "Supervisor", "ResponseTeam", "Coordinator"):
            path = ROOT / "data" / folder / f"{cls}.csv"
            if path.exists():
                with path.open(encoding="utf-8", newline="") as file:
                    for row in csv.DictReader(file):
                        names |= {row["label"], row.get("abbreviation") or row["label"]}
    facts = ROOT.parent / "shared" / "facts" / "suppliers.csv"
    if facts.exists():
        with facts.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                names |= {part.strip() for part in re.split(r"[/(),]", row["supplier"])}
    return {name for name in names if len(name) >= 3}


def test_no_real_organisation_in_it() -> None:
    names = real_names()
    if not names:
        pytest.skip("data/reference, data/public and the facts are not there to compare with")
    pattern = re.compile(r"\b(" + "|".join(map(re.escape, sorted(names))) + r")\b", re.IGNORECASE)
    for row in organisations().values():
        for field in ("label", "label@en", "abbreviation"):
            found = pattern.search(row.get(field) or "")
            assert not found, (row["id"], found)


# --- what it shows ---------------------------------------------------------------------------


def test_size_and_sectors() -> None:
    assert 120 <= len(units()) <= 200
    per_sector: dict[str, int] = {}
    for row in units().values():
        per_sector[row["inSector"]] = per_sector.get(row["inSector"], 0) + 1
    assert all(per_sector[sector] >= 15 for sector in ("spoor", "energie", "telecom", "drinkwater"))
    assert {"water", "financieel", "oov", "gezondheid"} <= set(per_sector)


def test_requirements_of_every_kind() -> None:
    rows = table("Requirement")
    assert set(column("Requirement", "dependencyKind")) == {
        "physical", "cyber", "geographic", "logical",
    }  # fmt: skip
    assert set(column("Requirement", "effect")) == {"fails", "degrades"}
    assert set(column("Requirement", "purpose")) == {"operation", "restart"}
    sizes = {(int(row["minimumFulfilled"]), len(row["fulfilledBy"].split(";"))) for row in rows}
    assert {(1, 1), (1, 2), (2, 3), (3, 4)} <= sizes
    assert all(1 <= k <= n for k, n in sizes)
    for field in ("bufferLow", "bufferHigh", "refillTime", "substitutionTime", "needsFull"):
        assert column("Requirement", field), field
    unknown = [row["id"] for row in rows if not row["buffer"]]
    assert 3 <= len(unknown) <= 8
    assert {"observed", "designValue", "operatorStatement", "switchOverTime", "assumption"} <= set(
        column("Requirement", "bufferBasis")
    )
    for row in rows:
        assert row["requiredBy"] not in row["fulfilledBy"].split(";")
        assert set(row["fulfilledBy"].split(";")) <= set(units()) | set(organisations())


def test_sources_that_contradict_each_other_are_both_kept() -> None:
    issued = {row["id"]: row["date"] for row in table("Source")}
    rows = {row["id"]: row for row in table("Requirement")}
    pairs = [(row, rows[row["conflictsWith"]]) for row in rows.values() if row["conflictsWith"]]
    assert pairs
    for older, newer in pairs:
        assert issued[older["source"]] < issued[newer["source"]]
        assert older["requiredBy"] == newer["requiredBy"]
        assert older["buffer"] != newer["buffer"]
    assert column("Ownership", "conflictsWith")
    assert column("BufferObservation", "conflictsWith")


def seats(unit: str, date: str = "2026-08-31") -> set[str]:
    """Countries that control an organisation or a supply on a date: above half, or asserted."""
    found, stack = set(), [row["suppliedBy"] for row in table("Supply") if row["id"] == unit]
    stack = stack or [unit]
    seen = set()
    while stack:
        one = stack.pop()
        if one in seen:
            continue
        seen.add(one)
        found.add(organisations()[one]["seat"])
        stack += [
            row["owner"]
            for row in table("Ownership")
            if row["owned"] == one
            and (float(row["share"]) > 0.5 or row["control"] == "true")
            and row["validFrom"] <= date <= (row["validUntil"] or "9999")
        ]
    return found


def test_ownership_abroad() -> None:
    assert seats("oef-l-gsmr") == {"NL", "DE", "CN"}  # a subsidiary, a holding, a parent
    assert seats("oef-l-bev") == {"BE", "JP"}
    assert "RU" in seats("oef-l-turbine")
    assert "US" in seats("oef-l-ems")
    assert "KR" in seats("oef-l-pa-1") & seats("oef-l-pa-2")  # alternatives from one country
    assert "TR" not in seats("oef-org-cargo")  # a minority without control
    assert "DE" in seats("oef-org-mob-a")  # asserted control with less than half
    assert {"CN"} == seats("oef-org-mob-b", "2024-06-01") - seats("oef-org-mob-b")  # it ended
    assert {"SG"} == seats("oef-org-dc", "2027-06-01") - seats("oef-org-dc")  # it has yet to begin
    assert seats("oef-l-diesel-1") == seats("oef-l-diesel-2")  # two suppliers, one controller
    joint = [r["owned"] for r in table("Ownership") if r["controlBasis"] == "jointControl"]
    assert joint == ["oef-org-terminal"] * 2
    golden = [row for row in table("Ownership") if row["controlBasis"] == "goldenShare"]
    assert [float(row["share"]) for row in golden] == [0.01]
    owners = {(row["owner"], row["owned"]) for row in table("Ownership")}
    assert any((b, a) in owners for a, b in owners)  # a loop


def test_products_of_other_countries_in_the_core() -> None:
    maker = {row["id"]: row["manufacturer"] for row in table("Product") if row["manufacturer"]}
    core = {
        seat
        for row in table("Asset")
        if row["inCore"] == "true"
        for product in row["usesProduct"].split(";")
        if product in maker
        for seat in seats(maker[product])
    }
    assert {"CN", "JP", "KR"} <= core
    # The same module is inside products that several sectors use.
    with_module = {
        row["id"] for row in table("Product") if "oef-pr-tijd" in row["containsComponent"]
    }
    sectors = {
        row["inSector"]
        for row in table("Asset")
        if with_module & set(row["usesProduct"].split(";"))
    }
    assert {"energie", "telecom", "spoor"} <= sectors


def test_contracts_procurement_and_stocks() -> None:
    ends = {value[:4] for value in column("Contract", "validUntil")}
    assert {"2026", "2027", "2028", "2029"} <= ends
    assert {"true", "false"} == set(column("Procurement", "toolboxApplied"))
    assert {"noObjection", "conditions", "pending"} == set(
        column("InvestmentScreening", "screeningOutcome")
    )
    covered = [row for row in table("StrategicStock") if row["coversRequirement"]]
    assert covered
    assert all(float(row["daysOfCover"]) > 0 for row in covered)
    shares: dict[str, float] = {}
    for row in table("Supply"):
        shares[row["ofProduct"]] = shares.get(row["ofProduct"], 0) + float(row["marketShare"] or 0)
    assert all(total <= 1.0001 for total in shares.values())


def test_measures() -> None:
    assert set(column("Measure", "measureStatus")) == {
        "proposed", "decided", "inProgress", "completed", "rejected",
    }  # fmt: skip
    assert set(column("Measure", "maintenanceShare")) == {"0.2"}
    for field in (
        "addsFulfiller", "changesRequirement", "removesRequirement", "newBuffer", "newRestartLag",
        "newSubstitutionTime", "inProgramme", "followsFrom",
    ):  # fmt: skip
        assert column("Measure", field), field
    helped = {
        threat
        for row in table("Measure")
        if row["measureStatus"] != "rejected"
        for threat in row["mitigates"].split(";")
    }
    assert set(column("ThreatExposure", "exposureTo")) - helped  # threats without a measure


def test_the_cycle_is_done_here_and_wanting_there() -> None:
    assert set(column("IndicatorScore", "indicator")) == {
        "physicalResilience", "digitalResilience", "economicResilience", "chainResilience",
        "crisisManagement",
    }  # fmt: skip
    processes = {row["id"] for row in table("VitalProcess")}
    assessed = set(column("CriticalityAssessment", "forProcess"))
    analysed = {row["forProcess"] for row in table("ResilienceAnalysis") if row["completedOn"]}
    assert processes - assessed
    assert assessed - analysed
    overdue = [row for row in table("CriticalityAssessment") if row["dueOn"] < "2026-08-31"]
    assert overdue
    assert set(column("QuickScan", "analysisStillHolds")) == {"true", "false"}


def test_regimes_and_notifications() -> None:
    assert set(column("Organisation", "type")) == {
        "CriticalEntity", "EssentialEntity", "ImportantEntity", "VifoVitalProvider",
        "VitalProvider",
    }  # fmt: skip
    duties = column("Notification", "fulfilsDuty")
    assert {"CBW-MELD-24", "CBW-MELD-72"} <= set(duties)
    aware = {row["id"]: row["awareAt"] for row in table("Incident")}
    warnings = [
        (aware[row["ofIncident"]], row["submittedAt"])
        for row in table("Notification")
        if row["fulfilsDuty"] == "CBW-MELD-24"
    ]
    on_time = [hours_between(*pair) <= 24 for pair in warnings]
    assert sorted(on_time) == [False, True]
    reported = set(column("Notification", "ofIncident"))
    assert any(
        row["significant"] == "true" and row["id"] not in reported for row in table("Incident")
    )


def hours_between(start: str, end: str) -> float:
    from datetime import datetime

    return (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds() / 3600


def test_mobility() -> None:
    narrow = {
        row["onSegment"]: float(row["maximumWidth"]) for row in table("LoadingGaugeRestriction")
    }
    segments = {row["id"]: row["hasSegment"].split(";") for row in table("Route")}
    blocked = {
        row["id"]
        for row in table("MilitaryTransport")
        for segment in segments[row["usesRoute"]]
        if narrow.get(segment, 9.0) < float(row["transportWidth"])
    }
    assert blocked == {"oef-mt-breed"}
    for row in table("LevelCrossing"):
        assert row["roadAuthority"] != row["infrastructureManager"]


def test_places_lie_at_sea() -> None:
    for row in table("Place"):
        for x, y in re.findall(r"(\d+\.\d+) (\d+\.\d+)", row["asWKT"]):
            assert 3.1 <= float(x) <= 4.3, row["id"]
            assert 53.5 <= float(y) <= 54.3, row["id"]
    kinds = {row["asWKT"].split(" ")[0] for row in table("Place")}
    assert kinds == {"POINT", "LINESTRING", "POLYGON"}


def test_three_scenarios() -> None:
    assert len(table("Scenario")) == 3
    outages = {row["id"]: row for row in table("Outage")}
    for row in table("Scenario"):
        assert all(outages[one]["outageOf"] in units() for one in row["hasOutage"].split(";"))
    used = column("Scenario", "hasOutage")
    assert sorted(used) == sorted(outages)
    assert any(not row["endsAfter"] for row in outages.values())
    assert any(row["endsAfter"] for row in outages.values())


def test_a_possible_duplicate() -> None:
    numbers = [row["kvkNumber"] for row in table("Organisation") if row["kvkNumber"]]
    assert len(numbers) - len(set(numbers)) == 1
