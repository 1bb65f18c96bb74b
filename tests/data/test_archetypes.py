"""The shipped library of archetypes: figures add up, and sources name their incident."""

import csv
import json
from pathlib import Path

import pytest

from kg.cascade.backtest.blind import representative, typical_hours
from kg.network import parse_hours
from kg.sources.archetypes import Library, Range, read_library
from kg.sources.incidents import read_incidents

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def library() -> Library:
    return read_library()


@pytest.fixture(scope="module")
def with_weak() -> Library:
    return read_library([ROOT / "data" / "optional"])


def spread(library: Library, subject: str) -> tuple[float | None, float | None, float | None]:
    figures = [figure.value for figure in library.figures_of(subject)]
    known = [
        hours
        for one in figures
        for text in one
        if text and (hours := parse_hours(text)) is not None
    ]
    if not known:
        return None, None, None
    return min(known), typical_hours(figures), max(known)


def hours(value: Range) -> tuple[float | None, ...]:
    return tuple(parse_hours(text) if text else None for text in value)


def test_low_best_and_high_are_those_of_the_figures(library: Library) -> None:
    subjects = {one.id: one.buffer for one in library.requirements}
    subjects |= {one.id: one.restart for one in library.archetypes}
    for subject, value in subjects.items():
        low, best, high = spread(library, subject)
        assert hours(value)[::2] == (low, high), subject
        stated = representative(value)
        assert (stated is None) == (best is None), subject
        assert stated is None or best is None or abs(stated - best) <= 0.51 / 60, (
            subject
        )  # to the minute


def test_a_mast_is_as_in_the_public_data(library: Library) -> None:
    (mast,) = [one for one in library.requirements if one.id == "soorteis-zendmast-stroom"]
    assert mast.buffer == Range("PT30M", "PT2H", "PT3H")


def test_suppliers_and_subjects_are_in_the_library(with_weak: Library) -> None:
    known = set(with_weak.archetype)
    for one in with_weak.requirements:
        assert {one.archetype, *one.suppliers, *one.reserves} <= known, one.id
    subjects = {one.id for one in with_weak.requirements} | known
    assert {figure.subject for figure in with_weak.figures} <= subjects


def test_weak_sources_are_only_used_on_request(library: Library, with_weak: Library) -> None:
    assert "C" not in {
        library.grade([source]) for one in library.requirements for source in one.sources
    }
    assert len(with_weak.requirements) > len(library.requirements)


def test_the_kinds_that_were_asked_for_are_there(library: Library) -> None:
    for sector, kind in (
        ("rail", "traffic_control"),
        ("telecom", "ran"),
        ("health", "hospital"),
        ("water", "water_plant"),
        ("energy", "hv_substation"),
        ("energy", "hv_busbar"),
        ("energy", "distribution_grid"),
        ("telecom", "rail_radio"),
        ("rail", "service"),
        ("aviation", "airport"),
        ("digitaal", "data_centre"),
        ("emergency", "service"),
        ("payments", "service"),
        ("heat", "service"),
        ("energy", "wind_farm"),
        ("public_transport", "service"),
        ("government", "web"),
    ):
        assert library.of_kind(kind, sector), (sector, kind)


def test_sources_name_shipped_incidents_and_those_share_an_address(library: Library) -> None:
    """A source that an incident file names by its address says so, or blind would not be blind."""
    incidents = {one.slug for one in read_incidents()}
    named = {slug for slugs in library.incidents.values() for slug in slugs}
    assert named <= incidents
    addresses: dict[str, str] = {}
    for path in sorted((ROOT / "data" / "incidents").glob("*.json")):
        value = json.loads(path.read_text("utf-8"))
        addresses |= {
            source["url"]: value["slug"] for source in value["sources"] if source.get("url")
        }
    used = {s for one in (*library.requirements, *library.figures) for s in one.sources}
    with (ROOT / "data" / "reference" / "Source.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["id"] in used and row["url"] in addresses:
                assert row["aboutIncident"] == addresses[row["url"]], row["id"]


def test_no_label_or_note_names_an_organisation_as_designated() -> None:
    for name in ("Archetype", "ArchetypeFigure", "ArchetypeRequirement"):
        text = (ROOT / "data" / "reference" / f"{name}.csv").read_text("utf-8").casefold()
        assert "vitale aanbieder" not in text
        assert "kritieke entiteit" not in text
    for path in (ROOT / "data" / "incidents").glob("*.json"):
        assert "vitale aanbieder" not in path.read_text("utf-8").casefold()
