"""The position of a place: what is taken, and that the shape says the same."""

import re
import time
from pathlib import Path

import pytest
from rdflib import SH, Graph, URIRef

from kg.sources import wkt

SHAPES = Path(__file__).parents[2] / "shapes" / "place.ttl"
RING = "(4 52, 5 52, 5 53, 4 52)"

TAKEN = (
    "POINT(5.1 52.09)",
    "point z (5.1 52.09 -3)",
    "POINT(+5. 5.2e1)",
    "<http://www.opengis.net/def/crs/OGC/1.3/CRS84> POINT(5 52)",
    "LINESTRING (4 52,\n 5 53)",
    f"POLYGON ({RING}, {RING})",
    "MULTIPOINT (5 52, 6 53)",
    "MULTIPOINT ((5 52), (6 53))",
    "MULTILINESTRING ((5 52, 6 53), (1 2, 3 4))",
    f"MULTIPOLYGON (({RING}), ({RING}))",
    f"GEOMETRYCOLLECTION (POINT (4 52), LINESTRING (4 52, 5 53), MULTIPOLYGON (({RING})))",
)
REFUSED = (
    "",
    "52.09, 5.1",
    "POINT(5.1)",
    "POINT(5,1 52,09)",
    "POINT(5.1 52.09",
    "POINT EMPTY",
    "POINT M (5 52 1)",
    "POINT ZM (5 52 1 1)",
    "MULTIPOINT ((5 52, 6 53))",
    "POLYGON(4 52, 5 52)",
    "GEOMETRYCOLLECTION EMPTY",
    "GEOMETRYCOLLECTION ()",
    "GEOMETRYCOLLECTION (POINT (4 52)",
    "GEOMETRYCOLLECTION (GEOMETRYCOLLECTION (POINT (4 52)))",
    "<http://www.opengis.net/def/crs/EPSG/0/28992> POINT(155000 463000)",
    "POINT(\u0665 \u0665\u0662)",
    "POINT(5\u00a052)",
)


@pytest.mark.parametrize("text", TAKEN)
def test_taken(text: str) -> None:
    assert wkt.is_position(text)


@pytest.mark.parametrize("text", REFUSED)
def test_refused(text: str) -> None:
    assert not wkt.is_position(text)


def test_the_shape_holds_the_same_rule() -> None:
    shape = URIRef("https://w3id.org/vitaal/def/shapes#Place-wkt")
    graph = Graph().parse(SHAPES)
    assert str(graph.value(shape, SH.pattern)) == wkt.PATTERN, "copy PATTERN into shapes/place.ttl"
    assert str(graph.value(shape, SH.flags)) == wkt.FLAGS
    found = re.compile(wkt.PATTERN, re.IGNORECASE)  # as pySHACL reads it
    assert all(found.search(text) for text in TAKEN)
    assert not any(found.search(text) for text in REFUSED)


@pytest.mark.parametrize(
    "text", ["POINT(1 2),", f"POLYGON({RING}),", "((1 2)),", " ", "1", "(1 2, 3 4),"]
)
def test_hostile_texts_are_refused_quickly(text: str) -> None:
    start = time.process_time()
    for head in ("GEOMETRYCOLLECTION(", "MULTIPOLYGON(", "LINESTRING("):
        assert not wkt.is_position(head + text * (100_000 // len(text)))
    assert time.process_time() - start < 5
