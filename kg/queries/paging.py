"""A page of a long answer, without reading the rows of all other pages.

Looking things up for a row costs more than finding the row, and most rows are on other pages. A
query whose header says ``paged`` begins with a subselect that decides which rows there are; what
follows it only adds to them (OPTIONAL, BIND), once or more for each. So the subselect is run by
itself first, and then the rest of the query on those of its rows that the page needs.

``paged: true`` says that this subselect is the first in the query, ``paged: 2`` that it is the
first in the first: the one around it then adds to the rows, and what stands outside that groups
them, or looks at what was added.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

import pyoxigraph as ox

from kg.queries.ordering import NOISE, in_order, placed
from kg.queries.table import Cell
from kg.store import GraphStore, Solutions

_SELECT: Final = re.compile(r"(?i)\bSELECT\b")
#: From a SELECT on, up to the group of its first subselect.
_FIRST_SUBSELECT: Final = re.compile(r"(?i)SELECT\b[^{]*\{\s*(?P<group>\{)\s*(?=SELECT\b)")


def first_rows(
    store: GraphStore,
    text: str,
    bindings: Mapping[str, ox.NamedNode | ox.Literal],
    order: Sequence[tuple[str, bool]],
    wanted: int,
    depth: int = 1,
) -> Solutions:
    """At least the first ``wanted`` rows of a query, and not many more; in no order.

    Args:
        text: the query without its outermost ORDER BY.
        order: the columns of that order, each with whether downwards.
        depth: how deep the subselect stands that decides.

    Raises:
        CannotSortError: two values whose order only the engine knows.
        QueryError: the query fails.
    """
    place = _deciding(text, depth)
    if place is None:
        return store.select(text, bindings)
    first, start, end = place
    core = text[start + 1 : end - 1]
    if any(not _names(core, name) for name in bindings):
        return store.select(text, bindings)  # what the rest narrows, is not known before it runs
    deciding = store.select(text[:first] + core, bindings)
    keys = placed(order, deciding.variables)
    rows = in_order(deciding.rows, keys, wanted) if keys else list(deciding.rows)
    if any(isinstance(cell, ox.BlankNode | ox.Triple) for row in rows for cell in row):
        return store.select(text, bindings)  # neither can stand in VALUES
    values = " ".join(f"({' '.join(map(_written, row))})" for row in rows)
    names = " ".join(f"?{name}" for name in deciding.variables)
    rest = f"{text[:start]}VALUES ({names}) {{ {values} }}{text[end:]}"
    return store.select(rest, {name: bindings[name] for name in bindings if _names(rest, name)})


def _deciding(text: str, depth: int) -> tuple[int, int, int] | None:
    """Where the outermost SELECT begins, and the group of the subselect so deep begins and ends."""
    bare = NOISE.sub(lambda noise: " " * len(noise[0]), text)
    outermost = _SELECT.search(bare)
    if outermost is None:
        return None
    start = at = outermost.start()
    for _ in range(depth):
        found = _FIRST_SUBSELECT.match(bare, at)
        if found is None:
            return None
        start, at = found.start("group"), found.end()
    return outermost.start(), start, _end_of_group(bare, start)


def _names(text: str, variable: str) -> bool:
    return re.search(rf"[?$]{variable}\b", text) is not None


def _written(cell: Cell) -> str:
    return "UNDEF" if cell is None else str(cell)


def _end_of_group(bare: str, start: int) -> int:
    """Behind the brace that closes the one at ``start``."""
    depth = 0
    for brace in re.finditer(r"[{}]", bare[start:]):
        depth += 1 if brace[0] == "{" else -1
        if not depth:
            return start + brace.end()
    return len(bare)
