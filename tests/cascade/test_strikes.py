"""What a threat, a class, a sector or an area strikes, and why; and what is no area."""

import json
import math
from pathlib import Path

import pytest

from kg.cascade import Outage
from kg.cascade.area import MOST_BYTES, read_area, units_within
from kg.cascade.strikes import Asked, resolve_sector, scenario_strikes, strikes
from kg.errors import UsageError
from kg.names import ID, VIT
from kg.network import Classes, Exposure, Network, Scenario, ScenarioOutage, Threat, Threats
from kg.network.assemble import UnitRow, assemble

CLASSES = Classes(
    (VIT + "Asset", VIT + "FunctionalUnit", VIT + "Stock"),
    ("object", "functionele eenheid", "voorraad"),
    ("asset", "functional unit", "stock"),
    ((1,), (), (0, 1)),
    ((1,), (0,), (2,)),
)
# name, sector, class set, place
UNITS = (
    ("kern", "telecom", 1, "POINT (5 52)"),
    ("mast", "mobiel", 1, "LINESTRING (6 52, 8 52)"),
    ("net", "energie", 0, ""),
    ("tank", "energie", 2, "POLYGON ((5 53, 6 53, 6 54, 5 54, 5 53))"),
    (
        "twee",
        "energie",
        0,
        "GEOMETRYCOLLECTION (POINT (1 1), GEOMETRYCOLLECTION (POINT (5.5 52.5)))",
    ),
    ("diep", "energie", 0, "GEOMETRYCOLLECTION (" * 5000 + "POINT (5 52)" + ")" * 5000),
    ("stuk", "energie", 0, "POLYGON ((0 0, 1 1, 1 0, 0 1, 0 0))"),
)
DIEP, KERN, MAST, NET, STUK, TANK, TWEE = range(7)


@pytest.fixture
def network() -> Network:
    rows = [
        UnitRow(ID + name, name, name, ID + sector, class_set=kind, place=place)
        for name, sector, kind, place in UNITS
    ]
    return assemble(rows, [], classes=CLASSES, sector_wider={ID + "mobiel": [ID + "telecom"]})


@pytest.fixture
def threats() -> Threats:
    return Threats(
        (
            Threat(ID + "storm", "Storm", "Gale", (ID + "weer",)),
            Threat(ID + "weer", "Weer", "Weather"),
            Threat(ID + "spionage", "Spionage", "Espionage"),
        ),
        (Exposure(KERN, 0, ID + "e1", "likely"), Exposure(NET, 1, ID + "e2")),
    )


def struck(network: Network, threats: Threats, **asked: object) -> list[int]:
    found = strikes(network, threats, Asked(**asked))  # type: ignore[arg-type]
    return [one.outage.unit for one in found]


def test_a_threat_strikes_what_is_exposed_to_it_or_to_a_case_of_it(
    network: Network, threats: Threats
) -> None:
    assert struck(network, threats, threat=0) == [KERN]
    found = strikes(network, threats, Asked(threat=1), start=1, end=3)
    assert [one.outage for one in found] == [
        Outage(KERN, 1, 3, ID + "weer"),
        Outage(NET, 1, 3, ID + "weer"),
    ]
    assert [one.evidence for one in found] == [ID + "e1", ID + "e2"]
    assert found[0].nl == "blootstelling aan 'Storm' vastgelegd (waarschijnlijk)"
    assert found[0].to_json(network)["text"] == found[0].nl


def test_a_threat_strikes_a_class_in_a_sector(network: Network, threats: Threats) -> None:
    telecom = (resolve_sector(network, "telecom"),)
    asset = (CLASSES.resolve("Asset"),)
    # A sector holds those that are part of it, a class those below it.
    assert struck(network, threats, threat=0, sectors=telecom, classes=asset) == [KERN, MAST]
    assert struck(network, threats, sectors=telecom) == [KERN, MAST]
    assert struck(network, threats, classes=asset) == [KERN, MAST, TANK]
    assert struck(network, threats, threat=0, classes=asset, exposed=True) == [KERN]
    one, other = strikes(network, threats, Asked(0, False, telecom, asset))
    assert "in sector telecom, van klasse object" in one.nl
    assert "vastgelegd (waarschijnlijk)" in one.nl
    assert other.nl.endswith("blootstelling niet vastgelegd")


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"threat": 2}, "Blootstelling is vastgelegd aan: storm, weer"),
        ({"sectors": (ID + "energie",), "classes": (0,), "within": ()}, "in het gebied: 0"),
        ({"threat": 2, "sectors": (ID + "energie",), "exposed": True}, "'Spionage': 0"),
    ],
)
def test_what_strikes_nothing_says_where_it_became_empty(
    network: Network, threats: Threats, asked: dict[str, object], says: str
) -> None:
    with pytest.raises(UsageError, match=says):
        struck(network, threats, **asked)


def test_an_unknown_sector_names_those_that_there_are(network: Network) -> None:
    with pytest.raises(UsageError, match="energie, mobiel, telecom"):
        resolve_sector(network, "luchtvaart")


def test_a_scenario_strikes_with_cause_and_probability(threats: Threats) -> None:
    outages = (
        ScenarioOutage(KERN, 0, 2, ID + "storm", 0.25),
        ScenarioOutage(NET, 1, math.inf),
    )
    found = scenario_strikes(Scenario(ID + "s", "S", "S", 48, outages), threats)
    assert [one.outage for one in found] == [Outage(KERN, 0, 2, ID + "storm", 0.25), Outage(NET, 1)]
    assert found[0].nl == "in het scenario, door 'Storm', kans 0.25"
    assert found[0].evidence == ID + "s"
    with pytest.raises(UsageError, match="geen enkele uitval"):
        scenario_strikes(Scenario(ID + "s", "S", "S", None, ()), threats)


# --- areas ----------------------------------------------------------------------------------------

SQUARE = "POLYGON ((4 51, 6 51, 6 53, 4 53, 4 51))"


def test_what_stands_in_crosses_or_touches_an_area_is_in_it(network: Network) -> None:
    found = units_within(network, read_area(SQUARE))
    # kern within, mast from its edge outwards, tank along its edge, twee with one of two places
    assert found.units == (KERN, MAST, TANK, TWEE)
    assert (found.unplaced, found.unreadable) == (1, 2)  # net; stuk crosses itself, diep is absurd


@pytest.mark.parametrize(
    ("area", "units"),
    [
        ("POINT (5 52)", (KERN,)),
        ("MULTIPOINT ((5 52), (7 52))", (KERN, MAST)),
        ("LINESTRING (5 51, 5 60)", (KERN, TANK)),
        ("MULTIPOLYGON (((0 0, 2 0, 2 2, 0 0)), ((7 51, 8 51, 8 53, 7 51)))", (MAST, TWEE)),
        ("<http://www.opengis.net/def/crs/OGC/1.3/CRS84> POINT (5 52)", (KERN,)),
        ("polygon z ((4 51 1, 6 51 1, 6 52.2 1, 4 51 1))", (MAST,)),
        ('{"type": "Point", "coordinates": [5, 52]}', (KERN,)),
    ],
)
def test_areas_of_every_form(network: Network, area: str, units: tuple[int, ...]) -> None:
    assert units_within(network, read_area(area)).units == units


def test_a_file_of_features_is_one_area(network: Network, tmp_path: Path) -> None:
    features = [
        {"type": "Feature", "properties": None, "geometry": {"type": kind, "coordinates": where}}
        for kind, where in (
            ("Point", [5, 52]),
            ("Polygon", [[[5, 53], [5.5, 53], [5.5, 54], [5, 53]]]),
        )
    ]
    path = tmp_path / "gebied.geojson"
    path.write_text("\ufeff" + json.dumps({"type": "FeatureCollection", "features": features}))
    assert units_within(network, read_area(str(path))).units == (KERN, TANK)


def test_a_network_without_places_has_nothing_in_any_area() -> None:
    found = units_within(assemble([UnitRow(ID + "a")], []), read_area(SQUARE))
    assert (found.units, found.unplaced, found.unreadable) == ((), 1, 0)


@pytest.mark.parametrize(
    ("area", "says"),
    [
        ("", "geen leesbaar bestand"),
        ("nergens.geojson", "geen leesbaar bestand"),
        ("POLYGON ((0 0, 1 1, 1 0, 0 1, 0 0))", "klopt niet .Self-intersection"),
        ("POLYGON ((0 0, 1 1))", "niet te lezen"),
        ("POINT (", "niet te lezen"),
        ("POINT EMPTY", "is leeg"),
        ("POINT (nan 1)", "geen eindig getal"),
        ("POINT (1e400 1)", "geen eindig getal"),
        ("POINT (155000 463000)", "EPSG:28992"),
        ("GEOMETRYCOLLECTION (POINT (1 1))", "GEOMETRYCOLLECTION' is geen gebied"),
        ("CIRCULARSTRING (0 0, 1 1, 1 0)", "is geen gebied"),
        ("<http://www.opengis.net/def/crs/EPSG/0/28992> POINT (1 2)", "coördinatenstelsel"),
        ("{", "geen JSON"),
        ('{"a":' * 100_000, "geen JSON"),
        ('{"type": "FeatureCollection", "features": []}', "geen enkele feature"),
        ('{"type": "FeatureCollection", "features": 3}', "geen enkele feature"),
        ('{"type": "FeatureCollection", "features": [3]}', "is geen gebied"),
        ('{"type": "Feature", "geometry": null}', "geen geometrie"),
        ('{"type": "GeometryCollection", "geometries": []}', "is geen gebied"),
        ('{"type": "Point", "coordinates": [NaN, 1]}', "geen JSON"),
        ('{"type": "Point", "coordinates": ["a", 1]}', "niet te lezen"),
        ('{"type": "Point"}', "niet te lezen"),
        ('{"type": "Point", "coordinates": []}', "is leeg"),
        ('{"type": "Point", "coordinates": [1, 2], "crs": {"properties": 3}}', "coördinatenst"),
        (
            '{"type": "Point", "coordinates": [1, 2], "crs": {"properties": {"name": ["x"]}}}',
            "coördinatenstelsel",
        ),
        ('{"type": ["Point"], "coordinates": [1, 2]}', "is geen gebied"),
    ],
)
def test_what_is_no_area_is_one_clear_error(area: str, says: str) -> None:
    with pytest.raises(UsageError, match=says) as caught:
        read_area(area)
    assert caught.value.code == "usage.area"
    assert len(caught.value.nl) < 400


def test_files_that_are_no_area(tmp_path: Path) -> None:
    path = tmp_path / "gebied.geojson"
    for content, says in (
        (b"", "leeg"),
        (b"\xff\xfe\x00", "geen leesbaar bestand"),
        (b"[1, 2]", "is geen gebied"),
        (b" " * (MOST_BYTES + 1), "hooguit 10 MB"),
    ):
        path.write_bytes(content)
        with pytest.raises(UsageError, match=says):
            read_area(str(path))
    with pytest.raises(UsageError, match="geen leesbaar bestand"):
        read_area(str(tmp_path))
    with pytest.raises(UsageError, match="geen leesbaar bestand"):
        read_area("a\0b")
