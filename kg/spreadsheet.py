"""What a spreadsheet would calculate instead of show: refused coming in, disarmed going out.

A text that begins with ``=``, ``+``, ``-`` or ``@`` (also in full width) is a formula to a
spreadsheet, which may then fetch an address or start a program (OWASP, CSV Injection).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

#: What may follow a sign: a number, with or without words after it, or a (negative) duration.
_SIGNED: Final = re.compile(r"[+-]\s*[.,]?\d[^|!(=]*|-P[\dTYMDHS.]+")
#: What goes out with a sign as it is: nothing but a number or a duration.
_NUMBER: Final = re.compile(r"[+-][\d.,]*\d\.?(?:[eE][+-]?\d+)?|[+-]INF|-P[\dTYMDHS.]+")
_BEGIN: Final = frozenset("=@\uff1d\uff20\uff0b\uff0d")  # the last four in full width
_SIGNS: Final = frozenset("+-")
_BLANKS: Final = frozenset("\t\r\n")


def is_formula(text: str) -> bool:
    """Whether a spreadsheet would calculate this; a number with its sign is none."""
    first = text[:1]
    return first in _BEGIN or (first in _SIGNS and not _SIGNED.fullmatch(text))


def csv_text(headings: Sequence[str], rows: Iterable[Iterable[Any]]) -> str:
    """Rows for others to open, as CSV below a heading row; each value as :func:`csv_cell` gives it.

    Tables for our own intake are written as they are: it refuses formulas.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(headings)
    writer.writerows(map(csv_cell, row) for row in rows)
    return out.getvalue()


def csv_cell(value: Any) -> Any:
    """A value as it goes into CSV: nothing for ``None``, ``true`` and ``false``, and an apostrophe
    before a text that a spreadsheet may calculate or that begins with a tab or a line end."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and _to_disarm(value):
        return f"'{value}"
    return value


def _to_disarm(text: str) -> bool:
    first = text[:1]
    if first in _SIGNS:
        return not _NUMBER.fullmatch(text)
    return first in _BEGIN or first in _BLANKS
