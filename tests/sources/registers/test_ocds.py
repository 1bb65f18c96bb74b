"""Release packages of OCDS: contracts, their parties, and what is only proposed."""

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
from kg.sources.registers.writing import write

Run = Callable[..., Imported]
Change = Callable[[dict[str, Any]], object]
SAMPLE = "ocds-releases.json"


@pytest.fixture
def imported(run: Run) -> Imported:
    return run("ocds", SAMPLE)


def changed(tmp_path: Path, change: Change) -> Path:
    """The sample with something altered in it."""
    document = json.loads((SAMPLES / SAMPLE).read_text("utf-8"))
    change(document)
    path = tmp_path / "pakket.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def by_label(imported: Imported, table: str) -> dict[str, Any]:
    return {row["label"]: row for row in imported.tables[table]}


def test_contracts_have_their_parties_value_and_days(imported: Imported) -> None:
    row = by_label(imported, "Contract")["Onderhoud beveiliging (fictief)"]
    assert (row["contractingParty"], row["contractSupplier"]) == ("net", "seinen")
    assert (row["contractValue"], row["validFrom"]) == ("1250000.50", "2025-03-01")
    assert row["validUntil"] == "2028-02-29"
    assert row["note"] == "ocid ocds-oefen0-0001, contract C1"


def test_a_later_release_replaces_what_an_earlier_one_said(imported: Imported) -> None:
    row = by_label(imported, "Contract")["Levering meters (fictief)"]
    assert row["validFrom"] == "2025-07-01"
    assert row["contractingParty"] == "net"
    assert row["contractValue"] == ""
    assert "Waarde 400000 USD" in row["note"]


def test_the_order_in_the_file_does_not_matter(
    run: Run, tmp_path: Path, imported: Imported
) -> None:
    path = changed(tmp_path, lambda document: document["releases"].reverse())
    assert run("ocds", path).tables["Contract"][0].keys() == imported.tables["Contract"][0].keys()
    labels = set(by_label(run("ocds", path), "Contract"))
    assert labels == set(by_label(imported, "Contract"))


def test_organisations_are_recognised_by_number_only(imported: Imported) -> None:
    organisations = by_label(imported, "Organisation")
    assert set(organisations) == {
        "Meetwerk; Verre Kust Ltd (fictief)",
        "Gemeente Holmerdam (fictief)",
        "Naamgenoot Proefland (fictief)",
    }
    assert organisations["Gemeente Holmerdam (fictief)"]["id"] == "kvk-00009050"
    assert counted(imported)["recognised"] == 2
    (proposal,) = [row for row in imported.proposals if row["kind"] == "naam"]
    assert proposal["organisation"] == "naam"
    assert proposal["number"] == organisations["Naamgenoot Proefland (fictief)"]["id"]


def test_a_country_is_taken_where_it_is_known_and_never_guessed(imported: Imported) -> None:
    organisations = by_label(imported, "Organisation")
    assert organisations["Meetwerk; Verre Kust Ltd (fictief)"]["seat"] == "DE"
    assert organisations["Naamgenoot Proefland (fictief)"]["seat"] == ""
    assert "Country" not in imported.tables


def test_what_is_not_signed_or_not_complete_is_counted(imported: Imported) -> None:
    numbers = counted(imported)
    assert "Adviesdiensten (fictief)" in by_label(imported, "Contract")  # has no title of its own
    assert (numbers["releases"], numbers["processes"], numbers["contracts"]) == (3, 2, 3)
    assert (numbers["unsigned"], numbers["incomplete"], numbers["awards"]) == (1, 1, 1)
    (award,) = [row for row in imported.proposals if row["kind"] == "gunning"]
    assert award["label"] == "Perceel 3: advies (fictief)"
    assert award["register"] == "Meetwerk; Verre Kust Ltd (fictief)"


def test_the_process_leads_to_its_contracts(imported: Imported) -> None:
    contracts = rows(imported, "Contract")
    procurements = by_label(imported, "Procurement")
    row = procurements["Onderhoud van beveiliging en meetapparatuur (fictief)"]
    assert row["procuredBy"] == "net"
    assert len(row["resultsIn"].split(";")) == 2
    assert set(row["resultsIn"].split(";")) < set(contracts)


def test_the_source_is_what_the_package_says(imported: Imported) -> None:
    (source,) = imported.tables["Source"]
    assert (source["date"], source["publisher"]) == (
        "2026-09-28",
        "Aanbestedingsplein Proefland (fictief)",
    )
    assert source["url"] == "https://example.org/ocds/releases-2026-09.json"


def test_no_contact_persons(imported: Imported) -> None:
    everything = [
        value for rows_ in imported.tables.values() for r in rows_ for value in r.values()
    ]
    assert not any("Niemand" in value or "niemand@" in value for value in everything)


def test_the_folder_is_taken_by_the_intake(
    imported: Imported, own: Path, real_schema: Schema, tmp_path: Path
) -> None:
    out = tmp_path / "ocds"
    write(imported, out)
    staged = stage([folder("data") / "reference", own, out], real_schema)
    assert [str(problem) for problem in staged.problems] == []


def set_in(*keys: str | int, value: object) -> Change:
    def change(document: dict[str, Any]) -> None:
        node: Any = document
        for key in keys[:-1]:
            node = node[key]
        node[keys[-1]] = value

    return change


R0 = ("releases", 0)
C0 = (*R0, "contracts", 0)


@pytest.mark.parametrize(
    ("keys", "value", "code", "path"),
    [
        ((*C0, "value", "amount"), "veel", "type", "contracts[0].value.amount"),
        ((*C0, "value", "amount"), -1, "negative", "contracts[0].value.amount"),
        ((*C0, "value", "amount"), 1e30, "decimal", "contracts[0].value.amount"),
        ((*C0, "period", "endDate"), "2020-01-01", "order", "contracts[0].period.endDate"),
        ((*C0, "period", "endDate"), "31-12-2028", "date", "contracts[0].period.endDate"),
        ((*C0, "title"), "x" * 501, "too-long", "contracts[0].title"),
        ((*C0, "title"), "a\x00b", "control-character", "contracts[0].title"),
        ((*C0, "id"), "", "no-id", "contracts[0].id"),
        ((*R0, "contracts"), {}, "type", "contracts"),
        ((*R0, "parties", 0), "wie", "type", "parties[0]"),
        ((*R0, "parties", 1, "name"), None, "no-name", "parties[1].name"),
        ((*R0, "parties", 1, "identifier", "id"), "123", "kvk", "parties[1].identifier.id"),
        (
            (*R0, "parties", 0, "identifier", "id"),
            "OEF0REGNETNOORD01031",
            "lei",
            "parties[0].identifier.id",
        ),
        ((*R0, "ocid"), "", "ocid", "ocid"),
        ((*R0, "date"), "gisteren", "date", "date"),
    ],
)
def test_each_mistake_is_told_with_its_path(
    run: Run, tmp_path: Path, keys: tuple[str | int, ...], value: object, code: str, path: str
) -> None:
    wrong = changed(tmp_path, set_in(*keys, value=value))
    with pytest.raises(InputError) as caught:
        run("ocds", wrong)
    assert places(caught.value.problems) == [
        (f"import.{code}", "pakket.json", 0, f"$.releases[0].{path}")
    ]
    left = run("ocds", wrong, skip_invalid=True)
    assert [one.code for one in left.left_out] == [f"import.{code}"]


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ({"version": "1.1", "records": []}, "ocds-records"),
        ({"version": "1.1", "ocid": "ocds-x-1"}, "not-ocds"),
        ({"version": "1.0", "releases": []}, "ocds-version"),
        ({"releases": []}, "ocds-version"),
        ({"version": "1.1", "releases": ["x"]}, "record"),
    ],
)
def test_a_file_that_is_not_what_it_says(
    run: Run, tmp_path: Path, document: object, code: str
) -> None:
    path = tmp_path / "pakket.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        run("ocds", path, about=About("openbaar", date="2026-01-01"))
    assert [one[0] for one in places(caught.value.problems)] == [f"intake.{code}"]


def test_no_json_at_all(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "pakket.json"
    path.write_text("ocid,title\n", encoding="utf-8")
    with pytest.raises(InputError):
        run("ocds", path)


def test_a_byte_that_is_no_utf8(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "pakket.json"
    path.write_bytes(b'{"publisher": {"name": "a\xc0\x80b"}, "releases": []}')
    with pytest.raises(InputError) as caught:
        run("ocds", path)
    assert [one[0] for one in places(caught.value.problems)] == ["intake.encoding"]


def test_a_package_without_a_date_asks_for_one(run: Run, tmp_path: Path) -> None:
    path = changed(tmp_path, lambda document: document.pop("publishedDate"))
    with pytest.raises(UsageError, match="--date"):
        run("ocds", path)


def test_several_packages_are_one_import(run: Run, tmp_path: Path) -> None:
    later = changed(tmp_path, lambda document: document["releases"].pop(0))
    found = run("ocds", SAMPLE, later)
    assert len(found.tables["Source"]) == 2
    assert counted(found)["processes"] == 2
