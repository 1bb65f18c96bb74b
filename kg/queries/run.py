"""Runs saved queries with bound parameters, and SPARQL that a person wrote."""

import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from typing import Literal

import pyoxigraph as ox

from kg.errors import QueryError, UsageError
from kg.queries.header import SavedQuery, catalogue
from kg.queries.ordering import (
    NOISE,
    CannotSortError,
    by_all_columns,
    in_order,
    is_ordered,
    placed,
    taken_apart,
)
from kg.queries.paging import first_rows
from kg.queries.table import Cell, Column, Table, Text
from kg.queries.terms import PREFIX_LINE, labels_of, term_of
from kg.store import GraphStore


def run(
    store: GraphStore,
    query: str | SavedQuery,
    params: Mapping[str, str] | None = None,
    *,
    page: int | None = None,
    limit: int | None = None,
    most: int | None = None,
) -> Table:
    """Run a saved query.

    Args:
        params: texts as people type them; a parameter that is not given takes its default, or
            stays a free variable. An empty text sets a default aside.
        page: which page of ``pagination`` rows (1 is the first); by default all rows.
        limit: at most so many rows; ``truncated`` says whether there were more.
        most: the same, whatever is asked for: also of a page, and of everything.

    Raises:
        UsageError: an unknown query or parameter, a wrong or missing value.
        QueryError: the query itself is wrong.
    """
    saved = catalogue().get(query) if isinstance(query, str) else query
    given = dict(params or {})
    for name in given:
        saved.param(name)
    bindings: dict[str, ox.NamedNode | ox.Literal] = {}
    for param in saved.params:
        value = given.get(param.name, param.default)
        if value:
            bindings[param.name] = term_of(store, param, value)
        elif param.required:
            raise UsageError(
                "query.parameter-missing",
                f"De vraag '{saved.name}' heeft '{param.name}' nodig: -p {param.name}=…",
                f"The query '{saved.name}' needs '{param.name}': -p {param.name}=…",
            )
    skip = 0
    if page is not None:
        limit = min(limit or saved.pagination or 100, most or sys.maxsize)
        skip = (max(page, 1) - 1) * limit
    paged = saved.paged if limit is not None else 0
    limit = _least(limit, most)
    return _table(store, saved.sparql, bindings, saved.columns, skip, limit, paged=paged)


def run_text(
    store: GraphStore, text: str, *, limit: int | None = None, most: int | None = None
) -> Table | bool | bytes:
    """Run SPARQL that a person wrote; our prefixes need not be declared.

    Args:
        limit, most: at most so many rows of a SELECT; ``truncated`` says whether there were more.

    Returns:
        a Table for SELECT, a bool for ASK, N-Triples for CONSTRUCT and DESCRIBE.

    Raises:
        QueryError: it does not parse, or it is refused (SERVICE, LOAD, updates).
    """
    form = query_form(text)
    whole = PREFIX_LINE + text
    if form == "ASK":
        return store.ask(whole)
    if form == "SELECT":
        return _table(store, whole, {}, None, 0, _least(limit, most))
    return store.construct(whole)


def query_form(text: str) -> Literal["SELECT", "ASK", "CONSTRUCT"]:
    """What kind of query a text is; DESCRIBE counts as CONSTRUCT, anything else as SELECT."""
    bare = re.sub(r"(?i)\bPREFIX\s+[^\s:]*:", " ", NOISE.sub(" ", text))
    found = re.search(r"(?i)\b(SELECT|ASK|CONSTRUCT|DESCRIBE)\b", bare)
    form = found.group(1).upper() if found else "SELECT"
    if form == "ASK":
        return "ASK"
    return "SELECT" if form == "SELECT" else "CONSTRUCT"


def _table(
    store: GraphStore,
    text: str,
    bindings: Mapping[str, ox.NamedNode | ox.Literal],
    columns: tuple[Column, ...] | None,
    skip: int,
    limit: int | None,
    *,
    paged: int = 0,
) -> Table:
    unsorted, order = taken_apart(text) if columns else (text, ())
    wanted = None if limit is None else skip + limit + 1
    solutions = None
    if paged and wanted and order:
        with suppress(CannotSortError):
            solutions = first_rows(store, unsorted, bindings, order, wanted, paged)
    if solutions is None:
        solutions = store.select(unsorted, bindings)
    names = tuple(solutions.variables)
    keys = placed(order, names)
    if len(keys) < len(order):
        keys = []
        solutions = store.select(text, bindings)
    if columns is None:
        positions = list(range(len(names)))
    else:
        absent = [column.name for column in columns if column.name not in names]
        if absent:
            raise QueryError(
                "query.columns",
                f"De vraag levert geen kolom {', '.join(absent)}; de kop noemt die wel.",
                f"The query gives no column {', '.join(absent)}, though its header names it.",
            )
        positions = [names.index(column.name) for column in columns]
    picked: Iterable[tuple[Cell, ...]] = solutions.rows
    if keys:
        try:
            picked = in_order(picked, keys, wanted)
        except CannotSortError:
            picked = store.select(text, bindings).rows
    picked = (tuple(row[position] for position in positions) for row in picked)
    if not is_ordered(text):
        picked = by_all_columns(picked, wanted)
    rows = list(islice(picked, skip, wanted))
    truncated = limit is not None and len(rows) > limit
    rows = rows[:limit]
    labels = labels_of(
        store, (cell for row in rows for cell in row if isinstance(cell, ox.NamedNode))
    )
    if columns is None:
        columns = tuple(
            Column(name, Text(name, name), "iri" if _any_iri(rows, at) else "text")
            for at, name in enumerate(names)
        )
    return Table(columns, tuple(rows), labels, truncated)


def _least(limit: int | None, most: int | None) -> int | None:
    return min((one for one in (limit, most) if one is not None), default=None)


def _any_iri(rows: Sequence[tuple[Cell, ...]], at: int) -> bool:
    return any(isinstance(row[at], ox.NamedNode) for row in rows)
