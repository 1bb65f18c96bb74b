"""The generator of large sets: the same bytes for the same seed, and the shape it promises."""

from __future__ import annotations

import csv
import hashlib
import importlib.util
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from types import ModuleType

import pytest

UNITS = 2_000


@pytest.fixture(scope="module")
def generate() -> Iterator[ModuleType]:
    path = Path(__file__).with_name("generate.py")
    sys.path.insert(0, str(path.parent))  # where it stands when it is run
    spec = importlib.util.spec_from_file_location("bench_generate", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["bench_generate"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    yield module
    del sys.modules["bench_generate"]
    sys.path.remove(str(path.parent))


@pytest.fixture(scope="module")
def folder(generate: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("generated")
    generate.main(["--units", str(UNITS), "--out", str(out), "--seed", "1"])
    return out


def digest(folder: Path) -> dict[str, str]:
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.iterdir())
    }


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def unit_rows(folder: Path) -> list[tuple[str, dict[str, str]]]:
    names = ("VitalProcess", "Process", "Service", "Asset", "Supply", "StrategicStock")
    return [(name, row) for name in names for row in rows(folder, name)]


def test_same_seed_same_bytes(generate: ModuleType, folder: Path, tmp_path: Path) -> None:
    generate.main(["--units", str(UNITS), "--out", str(tmp_path / "again"), "--seed", "1"])
    generate.main(["--units", str(UNITS), "--out", str(tmp_path / "other"), "--seed", "2"])
    assert digest(tmp_path / "again") == digest(folder)
    assert digest(tmp_path / "other") != digest(folder)


def test_number_and_share_of_units(folder: Path) -> None:
    counts = Counter(name for name, _ in unit_rows(folder))
    assert counts.total() == UNITS
    assert counts["VitalProcess"] == UNITS // 200
    assert len(rows(folder, "Organisation")) == UNITS // 20
    operated = [row for name, row in unit_rows(folder) if row.get("operatedBy")]
    assert 0.2 < len(operated) / UNITS < 0.35
    assert len({row["inSector"] for _, row in unit_rows(folder)}) == 12


def test_one_requirement_per_unit_with_one_to_three_fulfillers(folder: Path) -> None:
    found = rows(folder, "Requirement")
    assert 0.95 * UNITS <= len(found) <= 1.05 * UNITS
    sizes = Counter(len(row["fulfilledBy"].split(";")) for row in found)
    assert set(sizes) == {1, 2, 3}
    for row in found:
        fulfillers = row["fulfilledBy"].split(";")
        assert row["requiredBy"] not in fulfillers
        assert len(set(fulfillers)) == len(fulfillers)
        assert 1 <= int(row["minimumFulfilled"]) <= len(fulfillers)
    assert any(not row["buffer"] for row in found)


def test_references_resolve(folder: Path) -> None:
    known = {row["id"] for path in folder.glob("*.csv") for row in rows(folder, path.stem)}
    for path in folder.glob("*.csv"):
        for row in rows(folder, path.stem):
            for cell in row.values():
                for part in cell.split(";"):
                    if part.startswith("gen-"):
                        assert part in known, (path.stem, row["id"], part)


def test_every_id_stands_once(folder: Path) -> None:
    ids = Counter(row["id"] for path in folder.glob("*.csv") for row in rows(folder, path.stem))
    assert [one for one, count in ids.items() if count > 1] == []


def test_countries_sectors_and_threats_are_those_of_the_reference_data(
    generate: ModuleType, folder: Path
) -> None:
    reference = generate.REFERENCE

    def ids(name: str) -> set[str]:
        return {row["id"] for row in rows(reference, name)}

    assert set(generate.SECTORS) <= ids("Sector")
    assert set(generate.THREATS) <= ids("ThreatType")
    added = {row["id"] for row in rows(folder, "Country")}
    assert not added & ids("Country")
    assert set(generate.COUNTRIES) <= ids("Country") | added
    assert len(set(generate.COUNTRIES)) == 60


def test_every_country_can_hold_something(generate: ModuleType, tmp_path: Path) -> None:
    generate.write(generate.tables_of(1_300, 1, everywhere=60), tmp_path)
    seats = [row["seat"] for row in rows(tmp_path, "Organisation")]
    assert set(seats) == set(generate.COUNTRIES)
    with pytest.raises(ValueError, match="60 countries"):
        generate.tables_of(1_300, 1, everywhere=61)


def test_labels_say_that_it_is_invented(folder: Path) -> None:
    for path in folder.glob("*.csv"):
        # A country is real, whoever lists it.
        if path.stem != "Country":
            for row in rows(folder, path.stem):
                assert row.get("label", row.get("title", "")).endswith("(fictief)")


def test_about_twenty_triples_per_unit(folder: Path) -> None:
    # Per thing also its type and the row that it came from.
    triples = sum(
        2 + sum(len(cell.split(";")) for key, cell in row.items() if cell and key != "id")
        for path in folder.glob("*.csv")
        for row in rows(folder, path.stem)
    )
    assert 17 <= triples / UNITS <= 24


def reach(folder: Path, start: str) -> int:
    """How many units go down for good, soon or late, when one does; k-of-n counted."""
    needed: dict[str, list[tuple[str, int, int]]] = {}
    for number, row in enumerate(rows(folder, "Requirement")):
        if row["purpose"] == "operation" and row["effect"] == "fails":
            fulfillers = row["fulfilledBy"].split(";")
            spare = len(fulfillers) - int(row["minimumFulfilled"])
            for one in fulfillers:
                needed.setdefault(one, []).append((row["requiredBy"], spare, number))
    lost: Counter[int] = Counter()
    down, stack = {start}, [start]
    while stack:
        for dependent, spare, number in needed.get(stack.pop(), ()):
            lost[number] += 1
            if lost[number] == spare + 1 and dependent not in down:
                down.add(dependent)
                stack.append(dependent)
    return len(down)


def test_a_hub_reaches_much_and_others_less(folder: Path) -> None:
    names = sorted(row["id"] for _, row in unit_rows(folder))
    assert min(reach(folder, hub) for hub in names[:2]) > 100
    sample = sorted(reach(folder, name) for name in names[10::40])
    assert 3 <= sample[len(sample) // 2] <= 200
    assert sample[-1] < UNITS


def test_mostly_acyclic_with_loops(folder: Path) -> None:
    needs: dict[str, set[str]] = {}
    for row in rows(folder, "Requirement"):
        needs.setdefault(row["requiredBy"], set()).update(row["fulfilledBy"].split(";"))
    # Take away what leans on nothing any more; what stays is on a loop or downstream of one.
    left = {unit: set(leans) for unit, leans in needs.items()}
    while free := {one for leans in left.values() for one in leans} - set(left):
        left = {unit: leans - free for unit, leans in left.items()}
        left = {unit: leans for unit, leans in left.items() if leans}
    assert left
    upward = sum(max(leans) > unit for unit, leans in needs.items())
    assert upward < 0.12 * len(needs)


def test_too_few_units(
    generate: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        generate.main(["--units", "7", "--out", str(tmp_path)])
    assert stop.value.code == 2
    assert "at least 100" in capsys.readouterr().err


def test_what_saved_queries_ask_for_is_there(folder: Path) -> None:
    """The cases that their rows hang on; bench/run.py says of each query how many it has."""
    day_after = [row for row in rows(folder, "Notification") if "24" in row["fulfilsDuty"]]
    aware = {row["id"]: row["awareAt"] for row in rows(folder, "Incident")}
    late = [
        datetime.fromisoformat(row["submittedAt"])
        - datetime.fromisoformat(aware[row["ofIncident"]])
        > timedelta(hours=24)
        for row in day_after
    ]
    assert any(late)
    assert not all(late)
    assert len(aware) > len({row["ofIncident"] for row in day_after})
    narrow = {row["onSegment"] for row in rows(folder, "LoadingGaugeRestriction")}
    free = [not narrow & set(row["hasSegment"].split(";")) for row in rows(folder, "Route")]
    assert any(free)
    assert not all(free)
    ends = {row["id"]: row["endsAfter"] for row in rows(folder, "Outage")}
    struck = [
        [ends[one] for one in row["hasOutage"].split(";")] for row in rows(folder, "Scenario")
    ]
    assert any(all(each) for each in struck)
    assert not all(all(each) for each in struck)
    measures = rows(folder, "Measure")
    for column in ("addsFulfiller", "newBuffer", "newRestartLag", "removesRequirement"):
        assert any(row[column] for row in measures), column
    supplier = {row["id"]: row["suppliedBy"] for row in rows(folder, "Supply")}
    reserves = [row["fulfilledBy"].split(";") for row in rows(folder, "Requirement")]
    assert any(
        len(pair) == 2 and {*pair} <= supplier.keys() and len({supplier[one] for one in pair}) == 1
        for pair in reserves
    )


def test_the_subjects_are_a_small_part(folder: Path) -> None:
    def triples(names: frozenset[str]) -> int:
        return sum(
            2 + sum(len(cell.split(";")) for key, cell in row.items() if cell and key != "id")
            for name in names
            for row in rows(folder, name)
        )

    base = frozenset(
        ("Asset", "Contract", "Organisation", "Ownership", "Place", "Process", "Product",
         "Requirement", "Service", "StrategicStock", "Supply", "ThreatExposure", "VitalProcess")
    )  # fmt: skip
    every = frozenset(path.stem for path in folder.glob("*.csv")) - {"Source", "Country"}
    # Corridors and the like have a least number, which weighs on a small set.
    assert triples(every - base) < 0.08 * triples(every)


def bench(name: str) -> ModuleType:
    """A script of this folder, which is no package, as a module."""
    path = Path(__file__).with_name(f"{name}.py")
    spec = importlib.util.spec_from_file_location(f"bench_{name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_query_without_rows_is_named() -> None:
    run = bench("run")
    one = {"median_ms": 1.0, "p95_ms": 1.0, "rows": 0}
    found = {"queries": {"leeg": one, "vol": {**one, "rows": 3}, "feiten-zonder-bron": one}}
    assert run.without_rows(found) == ["leeg"]
    assert "| leeg | 1.0 | 1.0 | **0** |" in run.markdown(found)


def test_what_required_parameters_take_is_known_of_every_query() -> None:
    from kg.queries import catalogue

    required = {q.name for q in catalogue() if any(param.required for param in q.params)}
    assert set(bench("saved_queries").DRAWN_FROM) == required
    assert set(bench("run").EMPTY_BY_DESIGN) <= set(catalogue().names())
