"""What the position of a place may be: the one home of that rule.

GeoSPARQL's WKT in CRS84, longitude before latitude: a point, a line, a polygon, several of one of
these, or a collection of them, with or without a height, upper case or lower. Not taken, because
nothing could be drawn or found with it: another coordinate system, an empty geometry, a measure
(M, ZM) and a collection within a collection.

The shape ``vsh:Place-wkt`` holds ``PATTERN`` and ``FLAGS`` as text; a test keeps the two the same.
"""

import re
from typing import Final

_S: Final = r"[ \t\r\n]"
_CRS: Final = rf"(<http://www\.opengis\.net/def/crs/OGC/1\.3/CRS84>{_S}+)?"
_NUMBER: Final = r"[-+]?[0-9]+(\.[0-9]*)?(E[-+]?[0-9]+)?"


def _list(item: str) -> str:
    return rf"\({_S}*{item}({_S}*,{_S}*{item})*{_S}*\)"


_POSITION: Final = rf"{_NUMBER}{_S}+{_NUMBER}({_S}+{_NUMBER})?"
_POINT: Final = rf"\({_S}*{_POSITION}{_S}*\)"
_LINE: Final = _list(_POSITION)
_LINES: Final = _list(_LINE)
_POLYGONS: Final = _list(_LINES)
_SINGLE: Final = (
    rf"(POINT({_S}*Z)?{_S}*{_POINT}"
    rf"|(LINESTRING|MULTIPOINT)({_S}*Z)?{_S}*{_LINE}"
    rf"|MULTIPOINT({_S}*Z)?{_S}*{_list(_POINT)}"
    rf"|(POLYGON|MULTILINESTRING)({_S}*Z)?{_S}*{_LINES}"
    rf"|MULTIPOLYGON({_S}*Z)?{_S}*{_POLYGONS})"
)

#: A regular expression that XPath and Python read alike, with its flags in SHACL.
PATTERN: Final = rf"^{_CRS}({_SINGLE}|GEOMETRYCOLLECTION({_S}*Z)?{_S}*{_list(_SINGLE)})$"
FLAGS: Final = "i"

_COMPILED: Final = re.compile(PATTERN, re.IGNORECASE)


def is_position(text: str) -> bool:
    """Whether the text can be the position of a place."""
    return _COMPILED.fullmatch(text) is not None
