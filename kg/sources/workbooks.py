"""Sheets of an .xlsx workbook as rows of text, read one row at a time."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from kg.sources.guard import check_workbook
from kg.sources.model import FileError, Record

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook

#: What a sheet can hold at most; a file that claims more would keep us busy for ever.
_MAX_ROWS: Final = 1_048_576

#: Cells of one sheet, empty ones between others too: one cell far to the right makes a wide row.
_MAX_CELLS: Final = 20_000_000


def open_workbook(data: bytes) -> Workbook:
    """The workbook, after a look at what is in the zip.

    Raises:
        FileError: it is not a plain .xlsx, or it is made to do harm.
    """
    check_workbook(data)
    from openpyxl import load_workbook

    try:
        with warnings.catch_warnings():
            # About styles and extensions that we do not use.
            warnings.simplefilter("ignore")
            # data_only=False: a formula must be seen as one, not as its last result.
            return load_workbook(
                io.BytesIO(data), read_only=True, data_only=False, keep_links=False
            )
    except Exception as error:  # openpyxl raises whatever its parts raise on damaged files
        raise _damaged("") from error


def _damaged(sheet: str) -> FileError:
    where = f" (blad {sheet})" if sheet else ""
    where_en = f" (sheet {sheet})" if sheet else ""
    return FileError(
        "workbook-format",
        f"Het werkboek is beschadigd{where}; open het in Excel of LibreOffice en sla het opnieuw "
        "op.",
        f"The workbook is damaged{where_en}; open it in Excel or LibreOffice and save it again.",
    )


def sheet_records(sheet: Any) -> Iterator[Record]:
    """The rows of a sheet as text, numbered as Excel shows them.

    Raises:
        FileError: the sheet is damaged; rows before that have been given.
    """
    sheet.reset_dimensions()  # what the file says about its size need not be true
    rows = sheet.iter_rows(values_only=True)
    number = cells = 0
    while True:
        number += 1
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                values = next(rows)
        except StopIteration:
            return
        except Exception as error:
            raise _damaged(sheet.title) from error
        cells += len(values)
        if number > _MAX_ROWS or cells > _MAX_CELLS:
            raise _damaged(sheet.title)
        yield number, [_text(value) for value in values]


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        # Excel keeps 15 digits; what follows is noise of binary fractions.
        return format(Decimal(format(value, ".15g")), "f")
    if isinstance(value, datetime):
        midnight = value.time() == time(0)
        return value.date().isoformat() if midnight else value.isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (time, timedelta)):
        return str(value)
    return f"={type(value).__name__}"  # array formulas and data tables are objects of their own
