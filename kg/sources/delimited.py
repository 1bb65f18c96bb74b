"""CSV as rows of text: comma or semicolon, mixed line ends, line ends within quotes."""

import csv
import io
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Final

from kg.sources.encoding import without_mark
from kg.sources.files import MAX_FILE
from kg.sources.model import CellError, Record

#: Bytes that are searched for the first line that is not blank.
_HEADER: Final = 1_000_000

_limit_lock = threading.Lock()


def csv_records(data: bytes) -> Generator[Record, None, None]:
    """The rows of a CSV file, blank ones included, numbered as a spreadsheet shows them.

    Comma or semicolon, as the header decides (Dutch Excel writes semicolons); line ends may be
    mixed and stand within quotes. Bytes that are not UTF-8 come through as lone surrogates.
    """
    data = without_mark(data)
    if data[:4].lower() == b"sep=":  # Excel's own line, which it does not show as a row
        data = data[data.find(b"\n") + 1 :]
    text = io.TextIOWrapper(io.BytesIO(data), "utf-8", errors="surrogateescape", newline="")
    with _wide_cells():
        delimiter = _delimiter(data)
        # Strict, so that a quote that is never closed is an error and not one giant cell.
        reader = csv.reader(text, delimiter=delimiter, strict=True, skipinitialspace=True)
        number = 0
        while True:
            number += 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield number, _csv_error(error)
                continue
            yield number, cells


@contextmanager
def _wide_cells() -> Iterator[None]:
    """Let csv read cells of any size, so that a giant one costs its own row and no other.

    The limit is global to the process; it is put back when the file has been read.
    """
    with _limit_lock:
        before = csv.field_size_limit(MAX_FILE)
        try:
            yield
        finally:
            csv.field_size_limit(before)


def _csv_error(error: csv.Error) -> CellError:
    if "unexpected end" in str(error):
        return CellError(
            "open-quote",
            'Een aanhalingsteken (") dat in deze rij begint wordt nergens gesloten; sluit het, of '
            "schrijf "
            'een " in een tekst dubbel ("").',
            'A quotation mark (") that begins in this row is never closed; close it, or write a " '
            "within "
            'a text twice ("").',
        )
    return CellError(
        "quotes",
        'De aanhalingstekens (") in deze rij kloppen niet; zet de hele cel tussen '
        "aanhalingstekens en "
        'schrijf een " in de tekst dubbel ("").',
        'The quotation marks (") in this row are wrong; put the whole cell between quotation '
        "marks and "
        'write a " in the text twice ("").',
    )


def _delimiter(data: bytes) -> str:
    """Semicolon when the first line that is not blank has more of them than commas."""
    for line in io.BytesIO(data[:_HEADER]):
        if line.strip():
            return ";" if line.count(b";") > line.count(b",") else ","
    return ","
