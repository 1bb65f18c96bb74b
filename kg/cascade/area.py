"""An area on the map (GeoJSON or WKT) and the units that stand in it.

Coordinates are degrees, longitude first (WGS84; GeoJSON's only system, RFC 7946 § 4). A unit stands
in the area when its place and the area share at least one point, so what lies on the edge or
crosses it counts.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import shapely

from kg.errors import UsageError
from kg.network import Network

#: Larger files are refused: a safety region has some ten thousand points, half a megabyte.
MOST_BYTES: Final = 10_000_000
#: Geometry types that describe an area, a route or a spot.
TYPES: Final = (
    "Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon",
)  # fmt: skip

#: A place is read when it has at most this many collections in it.
_DEEPEST: Final = 100

_CRS: Final = re.compile(r"<([^>]*)>\s*")
_WGS84: Final = frozenset(
    {
        "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
        "urn:ogc:def:crs:OGC:1.3:CRS84",
        "urn:ogc:def:crs:OGC::CRS84",
        "urn:ogc:def:crs:EPSG::4326",
        "EPSG:4326",
    }
)
_WKT: Final = re.compile(r"([A-Za-z]+)\s*(?:Z|M|ZM)?\s*(?:\(|EMPTY)", re.IGNORECASE)


class Within(NamedTuple):
    """Units in an area, sorted; how many have no known place, and how many one we cannot read."""

    units: tuple[int, ...]
    unplaced: int
    unreadable: int


def read_area(text: str) -> Any:
    """The geometry of a GeoJSON file, a WKT file, or WKT itself, ready for many questions.

    Raises:
        UsageError: no such file, too large, not understood, empty, invalid, or not in degrees.
    """
    given = text.strip()
    name = "--area"
    if not _WKT.match(_CRS.sub("", given, count=1)) and not given.startswith("{"):
        name, given = text, _content(text)
    found = _from_geojson(name, given) if given.startswith("{") else [_from_wkt(name, given)]
    for one in found:
        _check(name, one)
    area = found[0] if len(found) == 1 else shapely.union_all(found)
    shapely.prepare(area)
    return area


def units_within(network: Network, area: Any) -> Within:
    """The units whose place and the area share a point; each different place is looked at once.

    Args:
        area: of :func:`read_area`.

    Cost: O(P log A), P different places, A points of the area.
    """
    texts = list(network.places)
    # The reader of WKT goes as deep as collections do: what is absurd is not handed to it.
    safe = ["" if text.upper().count("GEOMETRYCOLLECTION") > _DEEPEST else text for text in texts]
    with np.errstate(all="ignore"):
        places = shapely.from_wkt(np.array(safe, dtype=object), on_invalid="ignore")
    valid = np.asarray(shapely.is_valid(places), dtype=np.bool_)
    inside = np.zeros(len(texts), dtype=np.bool_)
    inside[valid] = shapely.intersects(area, places[valid])
    at = network.place
    known = np.flatnonzero(at >= 0)
    return Within(
        tuple(known[inside[at[known]]].tolist()) if len(texts) else (),
        len(network.units) - len(known),
        int((~valid[at[known]]).sum()) if len(texts) else 0,
    )


def seems_swapped(area: Any) -> bool:
    """Whether it would lie in the Netherlands if latitude and longitude changed places."""
    west, south, east, north = shapely.bounds(area)
    return bool(west >= 50 and east <= 54.5 and south >= 2 and north <= 8)


def _content(name: str) -> str:
    path = Path(name)
    try:
        size = path.stat().st_size
        if path.is_dir():
            raise IsADirectoryError
        if size > MOST_BYTES:
            raise _wrong(
                name,
                f"het bestand is {size / 1e6:.0f} MB; hooguit {MOST_BYTES / 1e6:.0f} MB gaat "
                "mee. Vereenvoudig de grens",
                f"the file has {size / 1e6:.0f} MB; at most {MOST_BYTES / 1e6:.0f} MB is taken. "
                "Simplify the outline",
            )
        text = path.read_bytes().decode("utf-8-sig").strip()
    except (OSError, ValueError) as error:
        raise _wrong(
            name,
            "er is geen leesbaar bestand van die naam en het is ook geen WKT zoals "
            "POLYGON((4 52, 5 52, 5 53, 4 52))",
            "there is no readable file of that name, and it is not WKT like "
            "POLYGON((4 52, 5 52, 5 53, 4 52)) either",
        ) from error
    if not text:
        raise _wrong(name, "het bestand is leeg", "the file is empty")
    return text


def _from_wkt(name: str, text: str) -> Any:
    system = _CRS.match(text)
    if system:
        _check_system(name, system[1])
        text = text[system.end() :]
    kind = _WKT.match(text)
    if kind is None or kind[1].casefold() not in {one.casefold() for one in TYPES}:
        raise _wrong_type(name, kind[1] if kind else text[:20])
    return _parsed(name, lambda: shapely.from_wkt(text))


def _from_geojson(name: str, text: str) -> list[Any]:
    try:
        value = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise _wrong(name, "dit is geen JSON", "this is not JSON") from error
    if not isinstance(value, dict):
        raise _wrong_type(name, type(value).__name__)
    crs = value.get("crs")
    if crs is not None:
        properties = crs.get("properties") if isinstance(crs, dict) else None
        _check_system(name, properties.get("name") if isinstance(properties, dict) else None)
    if value.get("type") != "FeatureCollection":
        return [_geometry(name, value)]
    features = value.get("features")
    if not isinstance(features, list) or not features:
        raise _wrong(
            name, "de FeatureCollection heeft geen enkele feature", "the FeatureCollection is empty"
        )
    return [_geometry(name, one) for one in features]


def _no_constant(name: str) -> float:
    raise ValueError(name)


def _geometry(name: str, value: Any) -> Any:
    if isinstance(value, dict) and value.get("type") == "Feature":
        value = value.get("geometry")
        if value is None:
            raise _wrong(name, "een feature heeft geen geometrie", "a feature has no geometry")
    kind = value.get("type") if isinstance(value, dict) else None
    if kind not in TYPES:
        raise _wrong_type(name, kind)
    # shapely reads the text; what is no number in it is refused there.
    try:
        text = json.dumps({"type": kind, "coordinates": value.get("coordinates")})
    except RecursionError as error:  # what just could be read, a little deeper in the program
        raise _wrong(name, "dit is geen JSON", "this is not JSON") from error
    return _parsed(name, lambda: shapely.from_geojson(text))


def _parsed(name: str, parse: Any) -> Any:
    try:
        with np.errstate(all="ignore"):
            return parse()
    except (shapely.errors.ShapelyError, ValueError, TypeError) as error:
        reason = str(error).partition(":")[2].strip() or str(error)
        raise _wrong(
            name, f"de geometrie is niet te lezen ({reason})", f"unreadable geometry ({reason})"
        ) from error


def _check(name: str, geometry: Any) -> None:
    """Refuse what has no points, no place on earth, or no inside.

    Raises:
        UsageError: empty, not finite, out of range or invalid.
    """
    points = shapely.get_coordinates(geometry)
    if not len(points):
        raise _wrong(name, "de geometrie is leeg", "the geometry is empty")
    if not np.isfinite(points).all():
        raise _wrong(
            name, "een coördinaat is geen eindig getal", "a coordinate is not a finite number"
        )
    if (np.abs(points) > (180.0, 90.0)).any():
        raise _wrong(
            name,
            "de coördinaten zijn geen graden. Zet ze om naar WGS84, eerst de lengte, dan de "
            "breedte (vanuit RD: EPSG:28992 naar EPSG:4326)",
            "the coordinates are not degrees. Convert them to WGS84, longitude first, then "
            "latitude (from the Dutch grid: EPSG:28992 to EPSG:4326)",
        )
    if not shapely.is_valid(geometry):
        reason = shapely.is_valid_reason(geometry)
        raise _wrong(
            name,
            f"de geometrie klopt niet ({reason}). Herstel haar in een kaartprogramma",
            f"the geometry is not valid ({reason}). Repair it in a map program",
        )


def _check_system(name: str, system: object) -> None:
    if not isinstance(system, str) or system not in _WGS84:
        raise _wrong(
            name,
            f"het coördinatenstelsel {system} wordt niet gelezen. Zet om naar WGS84, eerst de "
            "lengte, dan de breedte",
            f"the coordinate system {system} is not read. Convert to WGS84, longitude first, then "
            "latitude",
        )


def _wrong_type(name: str, kind: object) -> UsageError:
    return _wrong(
        name,
        f"'{kind}' is geen gebied. Geef een van {', '.join(TYPES)}, of features daarvan",
        f"'{kind}' is not an area. Give one of {', '.join(TYPES)}, or features of those",
    )


def _wrong(name: str, nl: str, en: str) -> UsageError:
    shown = name if len(name) <= 80 else name[:77] + "…"
    return UsageError("usage.area", f"Gebied {shown}: {nl}.", f"Area {shown}: {en}.")
