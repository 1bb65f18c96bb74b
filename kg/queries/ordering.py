"""The order of rows: as the query's ORDER BY says, or by all columns where it says nothing.

Oxigraph looks up the texts of both terms at every comparison, which on disk costs more than the
rest of many a query. So where the outermost ORDER BY names nothing but columns, or whether they are
BOUND, the query runs without it and its rows are sorted here, with each text looked up once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any, Final

import pyoxigraph as ox

from kg.names import XSD
from kg.queries.table import NUMERIC, Cell

#: What must not hide a brace or a keyword.
NOISE: Final = re.compile(
    r'"""(?:[^\\]|\\.)*?"""|\'\'\'(?:[^\\]|\\.)*?\'\'\''
    r'|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\''
    r"|<[^<>\"{}|^`\\\s]*>|#[^\n]*",
    re.DOTALL,
)
_BOUND: Final = r"BOUND\s*\(\s*[?$]\w+\s*\)"
_KEY: Final = rf"(?:[?$]\w+|{_BOUND}|(?:ASC|DESC)\s*\(\s*(?:[?$]\w+|{_BOUND})\s*\))"
_PLAIN_ORDER: Final = re.compile(rf"(?is)\s*\bORDER\s+BY((?:\s*{_KEY})+)\s*\Z")
_TIME: Final = r"\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:[0-5]\d(Z|[+-](0\d|1[0-3]):[0-5]\d)"
_NEVER: Final = re.compile(r"(?!)")
#: Rows in no order that are sorted together, at least.
_AT_ONCE: Final = 10_000
#: How a literal of these types is compared; what does not match is left to the engine.
_VALUES: Final[dict[str, tuple[str, re.Pattern[str], Callable[[str], Any]]]] = {
    XSD + name: (kind, re.compile(form), value)
    for names, kind, form, value in (
        (("integer", "int", "long", "short"), "number", r"[+-]?\d{1,15}", int),
        (("decimal",), "number", r"[+-]?\d{1,15}(\.\d{1,15})?", Decimal),
        (("boolean",), "truth", r"true|false", str),
        (("string",), "text", r"(?s).*", str),
        (("date",), "day", r"\d{4}-\d\d-\d\d", date.fromisoformat),
        (("dateTime",), "time", _TIME, datetime.fromisoformat),
    )
    for name in names
}


class CannotSortError(Exception):
    """Two terms whose order only the engine knows (durations, dates, labels in languages …)."""


def is_ordered(text: str) -> bool:
    """Whether the outermost SELECT has an ORDER BY."""
    modifiers = NOISE.sub(" ", text).rpartition("}")[2]
    return re.search(r"(?i)\bORDER\s+BY\b", modifiers) is not None


def taken_apart(text: str) -> tuple[str, tuple[tuple[str, bool], ...]]:
    """A query without its outermost ORDER BY, and the columns to sort by, with whether downwards.

    Where it sorts by whether a column is bound, that column is named ``BOUND column``. The text as
    it is, and no columns, where it orders by more than that, or cuts rows off.
    """
    found = _PLAIN_ORDER.search(text, text.rfind("}") + 1)
    if found is None:
        return text, ()
    keys = re.findall(r"(?i)(DESC)?\s*\(?\s*(BOUND)?\s*\(?\s*[?$](\w+)", found[1])
    order = ((f"BOUND {name}" if bound else name, bool(down)) for down, bound, name in keys)
    return text[: found.start()], tuple(order)


def placed(order: Iterable[tuple[str, bool]], names: Sequence[str]) -> list[tuple[int, bool]]:
    """Keys as :func:`in_order` takes them, up to the first whose column is not there."""
    keys: list[tuple[int, bool]] = []
    for key, down in order:
        name = key.removeprefix("BOUND ")
        if name not in names:
            break
        at = names.index(name)
        keys.append((at if key == name else ~at, down))
    return keys


def in_order(
    rows: Iterable[tuple[Cell, ...]],
    keys: Sequence[tuple[int, bool]],
    wanted: int | None = None,
) -> list[tuple[Cell, ...]]:
    """Rows as ``ORDER BY`` puts them: positions of columns, each with whether downwards.

    A position ``~at`` (below zero) stands for whether column ``at`` is bound. With ``wanted``, the
    first so many rows and those that equal the last of them.

    Raises:
        CannotSortError: two terms had to be compared whose order only the engine knows.
    """
    found = list(rows)
    if wanted is None:
        return _sorted(found, keys, None)
    # Cut by the first keys first: what the others compare by need not be made for most rows.
    for count in range(1, len(keys)):
        if len(found) > 2 * wanted:
            found = _sorted(found, keys[:count], wanted)
    return _sorted(found, keys, wanted)


def _sorted(
    found: list[tuple[Cell, ...]], keys: Sequence[tuple[int, bool]], wanted: int | None
) -> list[tuple[Cell, ...]]:
    runs: list[tuple[bool, list[int]]] = []
    for position, down in keys:
        if runs and runs[-1][0] == down:
            runs[-1][1].append(position)
        else:
            runs.append((down, [position]))
    order = list(range(len(found)))
    sorted_by = []
    # From the last key to the first: a sort keeps the order of what is equal.
    for down, positions in reversed(runs):
        columns = [
            _column([row[at] for row in found])
            if at >= 0
            else [row[~at] is not None for row in found]
            for at in positions
        ]
        compared = columns[0] if len(columns) == 1 else list(zip(*columns, strict=True))
        sorted_by.append(compared)
        order.sort(key=compared.__getitem__, reverse=down)
    if wanted is not None:
        order = order[: _with_equals(order, sorted_by, wanted)]
    return [found[at] for at in order]


def _with_equals(order: Sequence[int], sorted_by: Sequence[Sequence[Any]], wanted: int) -> int:
    """How many of the first to take, so that none is left out that equals the last one taken."""
    end = min(wanted, len(order))
    while 0 < end < len(order) and all(
        compared[order[end]] == compared[order[end - 1]] for compared in sorted_by
    ):
        end += 1
    return end


def _column(cells: Sequence[Cell]) -> Sequence[Any]:
    """What the cells of a column compare by; bare texts and numbers where all are of one kind."""
    if all(type(cell) is ox.NamedNode for cell in cells):
        return [cell.value for cell in cells]  # type: ignore[union-attr]
    known: dict[Cell, tuple[int, Any]] = {}
    found = [known.get(cell) or known.setdefault(cell, _key(cell)) for cell in cells]
    keys = [key for _, key in found if isinstance(key, _Key)]
    kinds = {key.kind for key in keys}
    if len(keys) == len(found) and len(kinds) == 1 and "" not in kinds:
        return [key.value for key in keys]
    return found


def by_all_columns(
    rows: Iterable[tuple[Cell, ...]], wanted: int | None = None
) -> list[tuple[Cell, ...]]:
    """Rows that the query left in no order; with ``wanted`` the first so many of them.

    Those that fall off are let go of on the way: what is held is ``wanted``, not the answer.
    """

    def key(row: tuple[Cell, ...]) -> list[tuple[int, float, str]]:
        return [_any_key(cell) for cell in row]

    if wanted is None:
        return sorted(rows, key=key)
    remaining = iter(rows)
    kept: list[tuple[Cell, ...]] = []
    while more := list(islice(remaining, max(wanted, _AT_ONCE))):
        kept = sorted([*kept, *more], key=key)[:wanted]
    return kept


def _key(cell: Cell) -> tuple[int, Any]:
    """SPARQL 1.1, 15.1: nothing, then blank nodes, IRIs, literals."""
    if cell is None:
        return (0, 0)
    if isinstance(cell, ox.NamedNode):
        return (2, cell.value)
    if isinstance(cell, ox.Literal):
        return (3, _literal(cell))
    return (1, _Key(cell, "", None))


def _literal(literal: ox.Literal) -> _Key:
    kind, form, value = _VALUES.get(literal.datatype.value, ("", _NEVER, str))
    text = literal.value
    if form.fullmatch(text):
        try:
            return _Key(literal, kind, value(text))
        except ValueError:  # 30 February
            kind = ""
    return _Key(literal, "", None)


class _Key:
    """Compares what is of one kind, and nothing else but with itself."""

    __slots__ = ("kind", "term", "value")

    def __init__(self, term: Cell, kind: str, value: Any) -> None:
        self.term = term
        self.kind = kind
        self.value = value

    def __eq__(self, other: object) -> bool:
        assert isinstance(other, _Key)
        if self.term == other.term:
            return True
        self._comparable(other)
        return bool(self.value == other.value)

    def __lt__(self, other: _Key) -> bool:
        self._comparable(other)
        return bool(self.value < other.value)

    def _comparable(self, other: _Key) -> None:
        if not self.kind or self.kind != other.kind:
            raise CannotSortError

    __hash__ = None  # type: ignore[assignment]


def _any_key(cell: Cell) -> tuple[int, float, str]:
    if cell is None:
        return (0, 0.0, "")
    if isinstance(cell, ox.Literal) and cell.datatype.value in NUMERIC:
        return (2, float(cell.value), cell.value)
    return (1 if isinstance(cell, ox.NamedNode) else 3, 0.0, str(cell))
