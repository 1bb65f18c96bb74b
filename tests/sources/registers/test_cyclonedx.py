"""SBOMs of CycloneDX: products, parts, manufacturers and their countries."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from register_data import SAMPLES, counted, places, rows

from kg.errors import InputError, UsageError
from kg.resources import folder
from kg.schema import Schema
from kg.sources import stage
from kg.sources.registers.model import About, Imported
from kg.sources.registers.writing import table_csv, write

Run = Callable[..., Imported]
JSON, XML = "sbom.cdx.json", "sbom.cdx.xml"


@pytest.fixture
def imported(run: Run) -> Imported:
    return run("cyclonedx", JSON)


def by_label(imported: Imported, table: str) -> dict[str, Any]:
    return {row["label"]: row for row in imported.tables.get(table, ())}


def changed(tmp_path: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    document = json.loads((SAMPLES / JSON).read_text("utf-8"))
    change(document)
    path = tmp_path / "sbom.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def parts(imported: Imported, label: str) -> set[str]:
    labels = {key: row["label"] for key, row in rows(imported, "Product").items()}
    inside = by_label(imported, "Product")[label].get("containsComponent", "")
    return {labels[one] for one in inside.split(";") if one}


def test_a_product_contains_its_components_and_they_theirs(imported: Imported) -> None:
    assert parts(imported, "Bedieningspost (fictief) 4.2") == {
        "Radiomodule (fictief) R7",
        "org.voorbeeld/tijdkern (fictief) 2.0.1",
        "Kaartgegevens (fictief)",
    }
    assert parts(imported, "Radiomodule (fictief) R7") == {"Radiofirmware (fictief) 7.1"}
    # What uses what is no containment.
    assert parts(imported, "org.voorbeeld/tijdkern (fictief) 2.0.1") == set()


def test_kinds_and_makers(imported: Imported) -> None:
    products, organisations = by_label(imported, "Product"), rows(imported, "Organisation")
    kinds = {label: row["productKind"] for label, row in products.items()}
    assert kinds["Radiomodule (fictief) R7"] == "hardware"
    assert kinds["Radiofirmware (fictief) 7.1"] == "software"
    assert kinds["Kaartgegevens (fictief)"] == ""
    maker = organisations[products["Radiomodule (fictief) R7"]["manufacturer"]]
    assert (maker["label"], maker["seat"]) == ("Verre Kust Electronics (fictief)", "CN")
    library = products["org.voorbeeld/tijdkern (fictief) 2.0.1"]
    assert library["manufacturer"] == ""  # who supplies need not have made it
    assert library["note"].startswith("pkg:maven/org.voorbeeld/tijdkern@2.0.1")


def test_a_supplier_becomes_a_supply(imported: Imported) -> None:
    supplies = by_label(imported, "Supply")
    assert set(supplies) == {
        "Levering van Bedieningspost (fictief) 4.2 door Doorverkoop Noord (fictief)",
        "Levering van org.voorbeeld/tijdkern (fictief) 2.0.1 door Tijdhuis (fictief)",
        "Levering van Kaartgegevens (fictief) door Kaarthuis (fictief)",
    }


def test_countries_by_code_or_exact_name_and_never_guessed(imported: Imported) -> None:
    seats = {label: row["seat"] for label, row in by_label(imported, "Organisation").items()}
    assert seats == {
        "Seinbouw (fictief)": "NL",
        "Doorverkoop Noord (fictief)": "",
        "Verre Kust Electronics (fictief)": "CN",
        "Tijdhuis (fictief)": "DE",
        "Kaarthuis (fictief)": "",
    }
    numbers = counted(imported)
    assert (numbers["products"], numbers["made"], numbers["countries"]) == (5, 3, 3)


def test_the_same_name_is_proposed(imported: Imported) -> None:
    (proposal,) = imported.proposals
    assert (proposal["kind"], proposal["organisation"]) == ("naam", "seinen")


def test_the_source_is_what_the_file_says(imported: Imported) -> None:
    (source,) = imported.tables["Source"]
    assert source["title"] == "SBOM van Bedieningspost (fictief) 4.2 (CycloneDX 1.6)"
    assert (source["publisher"], source["date"]) == ("Seinbouw (fictief)", "2026-07-01")


def test_xml_and_the_manufacturer_of_older_versions(run: Run) -> None:
    found = run("cyclonedx", XML)
    product = by_label(found, "Product")["Bedieningspost (fictief) 4.1"]
    maker = rows(found, "Organisation")[product["manufacturer"]]
    assert (maker["label"], maker["seat"]) == ("Seinbouw (fictief)", "")
    assert parts(found, "Bedieningspost (fictief) 4.1") == {
        "org.voorbeeld/tijdkern (fictief) 2.0.0"
    }
    assert found.tables["Source"][0]["date"] == "2025-11-01"


def test_the_folder_is_taken_by_the_intake(
    run: Run, own: Path, real_schema: Schema, tmp_path: Path
) -> None:
    out = tmp_path / "sbom"
    write(run("cyclonedx", JSON, XML), out)
    staged = stage([folder("data") / "reference", own, out], real_schema)
    assert [str(problem) for problem in staged.problems] == []


def test_the_order_of_components_changes_nothing(run: Run, tmp_path: Path) -> None:
    other = changed(tmp_path, lambda document: document["components"].reverse())
    first, second = run("cyclonedx", JSON), run("cyclonedx", other, about=About("openbaar"))
    for table in ("Organisation", "Supply", "Product"):
        plain = [
            [{**row, "source": ""} for row in found.tables[table]] for found in (first, second)
        ]
        assert table_csv(table, plain[0]) == table_csv(table, plain[1])


def test_no_wall_clock_where_the_file_has_no_date(run: Run, tmp_path: Path) -> None:
    path = changed(tmp_path, lambda document: document["metadata"].pop("timestamp"))
    with pytest.raises(UsageError, match="--date"):
        run("cyclonedx", path)


def test_a_name_that_cannot_be_is_told_and_can_be_left_out(run: Run, tmp_path: Path) -> None:
    path = changed(tmp_path, lambda d: d["components"][0].update(name="x\x07"))
    with pytest.raises(InputError) as caught:
        run("cyclonedx", path)
    ((code, file, _, where),) = places(caught.value.problems)
    assert (code, file) == ("import.control-character", "sbom.json")
    assert where.startswith("$.components")
    assert counted(run("cyclonedx", path, skip_invalid=True))["products"] == 4


@pytest.mark.parametrize(
    ("change", "code", "path"),
    [
        (lambda d: d.update(bomFormat="SPDX"), "not-cyclonedx", ""),
        (lambda d: d.update(specVersion="1.2"), "cyclonedx-version", ""),
        (lambda d: d["components"][1].update(type="ding"), "cyclonedx", "$.components[1]"),
        (lambda d: d["components"][1].pop("name"), "cyclonedx", "$.components[1]"),
        (lambda d: d["components"][1].update(purl="x"), "cyclonedx", "$.components[1]"),
        (lambda d: d.update(components="x"), "cyclonedx", "$.components"),
        (lambda d: d.update(serialNumber="x"), "cyclonedx", ""),
        (lambda d: d["metadata"].update(timestamp="ooit"), "cyclonedx", ""),
    ],
)
def test_a_file_that_is_not_what_it_says(
    run: Run,
    tmp_path: Path,
    change: Callable[[dict[str, Any]], object],
    code: str,
    path: str,
) -> None:
    wrong = changed(tmp_path, change)
    with pytest.raises(InputError) as caught:
        run("cyclonedx", wrong)
    assert places(caught.value.problems) == [(f"intake.{code}", "sbom.json", 0, path)]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"SPDXVersion: SPDX-2.3\n", "not-cyclonedx"),
        (b"<bom/>", "not-cyclonedx"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><bom xmlns="http://cyclonedx.org/schema/bom/1.5"/>',
         "xml-doctype"),
        (b'<bom xmlns="http://cyclonedx.org/schema/bom/1.5">', "syntax"),
        (b"<a>" * 200 + b"</a>" * 200, "too-deep"),
        (b'{"bomFormat":"CycloneDX","bomFormat":"CycloneDX"}', "json-duplicate-key"),
        (b'{"a":' * 500 + b"1" + b"}" * 500, "too-deep"),
    ],
)  # fmt: skip
def test_other_files(run: Run, tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "sbom"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        run("cyclonedx", path)
    assert [one[0] for one in places(caught.value.problems)] == [f"intake.{code}"]
