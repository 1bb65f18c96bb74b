"""Rows of a sheet become things: one class per sheet, one thing per row.

Cost: about 20 µs per row of six cells, linear; what repeats within a column is converted once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Final

from kg.names import ANALYSIS, DERIVED_FROM, ID, PREF_LABEL, RDF_TYPE, VIT
from kg.schema import ClassInfo, Schema
from kg.sources.cells import (
    check_characters,
    check_formula,
    check_id,
    clean,
    quoted,
    shown,
)
from kg.sources.checks import CHECKED, faults
from kg.sources.columns import Cell, Column, resolve_header
from kg.sources.delimited import csv_records
from kg.sources.encoding import is_suspect, without_mark
from kg.sources.model import APART, PLACE, Batch, CellError, Links, Record

#: Distinct values that a column remembers; bounds the memory of columns that never repeat.
_CACHE: Final = 20_000

#: Ids that the build mints itself.
_RESERVED: Final = ANALYSIS.removeprefix(ID)
GENERATED: Final = "genid-"

_PLACE_TAIL: Final = f"<{DERIVED_FROM.value}> {PLACE.decode()} .\n"


def read_csv(data: bytes, batch: Batch, of_class: ClassInfo, schema: Schema) -> None:
    """Read a CSV file of one class into ``batch``."""
    if not without_mark(data).strip():
        batch.report(
            0,
            "",
            "empty-file",
            "Het bestand is leeg; zet op de eerste rij de kolomnamen (zie: kg template) of haal "
            "het weg.",
            "The file is empty; put the column names on the first row (see: kg template) or "
            "remove it.",
        )
        return
    with closing(csv_records(data)) as records:
        read_sheet(records, batch, of_class, schema, suspect=is_suspect(data))


def read_sheet(
    records: Iterator[Record],
    batch: Batch,
    of_class: ClassInfo,
    schema: Schema,
    *,
    suspect: bool,
    padded: bool = True,
) -> None:
    """Read the rows of one sheet into ``batch``; the first row that is not blank is the header.

    ``suspect`` says that every cell must be searched for characters that may not occur;
    ``padded`` that a row has all its cells, also the empty ones at its end.
    """
    for row, header in records:
        if isinstance(header, CellError):
            batch.report(row, "", header.code, header.nl, header.en)
            return
        if any(cell.strip() for cell in header):
            names = [clean(cell) for cell in header]
            sheet = _Sheet(batch, of_class, schema, names, row)
            sheet.read(records, suspect=suspect, padded=padded)
            return


class _Sheet:
    """The rows under one header."""

    def __init__(
        self, batch: Batch, of_class: ClassInfo, schema: Schema, header: list[str], row: int
    ) -> None:
        self._batch = batch
        self._class = of_class
        while header and not header[-1]:
            header.pop()
        self._header = header
        self._row = row
        self._id, self._columns = resolve_header(header, schema, of_class, batch, row)
        self._is_source = schema.is_subclass(of_class.iri, VIT + "Source")
        self._is_marking = schema.is_subclass(of_class.iri, VIT + "Marking")
        self._is_compartment = schema.is_subclass(of_class.iri, VIT + "Compartment")
        self._by_name = {column.name: column for column in self._columns}
        batch.headers = {column.name: column.header for column in self._columns}
        batch.headers["id"] = header[self._id] if self._id >= 0 else "id"
        self._nameless = {position for position, name in enumerate(header) if not name}
        self._has_source = self._is_source or "source" in self._by_name
        self._type = f"<{RDF_TYPE.value}> <{of_class.iri}> .\n"
        checked = [column for column in self._columns if column.name in CHECKED]
        self._checked = checked if len(checked) > 1 or "minimumFulfilled" in self._by_name else []

    def read(self, records: Iterator[Record], *, suspect: bool, padded: bool) -> None:
        """Every row; problems go to the batch, and so do things that have none."""
        if not self._usable():
            return
        width = len(self._header)
        for row, cells in records:
            if isinstance(cells, CellError):
                self._batch.report(row, "", cells.code, cells.nl, cells.en)
                self._add_unreadable(row, "")
                continue
            if not any(cells) or not any(cell.strip() for cell in cells):
                continue
            if len(cells) < width and not padded:
                cells = [*cells, *[""] * (width - len(cells))]
            if len(cells) != width and (len(cells) < width or any(map(str.strip, cells[width:]))):
                self._ragged(row, cells)
                continue
            values = [clean(cell) for cell in cells]
            if self._nameless:
                self._check_nameless(row, values)
            self._add(row, values, sound=not suspect or self._sound(row, values))

    def _usable(self) -> bool:
        if self._id < 0:
            # The header was so wrong that there is nothing to add.
            said = {"intake.duplicate-column", "intake.too-many-columns"}
            if not any(problem.code in said for problem in self._batch.problems):
                self._batch.report(
                    self._row,
                    "id",
                    "no-id-column",
                    "De kolom 'id' ontbreekt; geef elke rij een eigen id. (Zijn de kolommen "
                    "gescheiden door iets anders dan een komma of puntkomma? Sla op als CSV "
                    "UTF-8.)",
                    "The column 'id' is missing; give every row an id of its own. (Are the "
                    "columns separated by something other than a comma or semicolon? Save as CSV "
                    "UTF-8.)",
                )
            return False
        if not self._has_source:
            self._batch.report(
                self._row,
                "source",
                "no-source-column",
                "De kolom 'source' ontbreekt; noem bij elke rij de id van een bron uit Source.csv.",
                "The column 'source' is missing; name with every row the id of a source in "
                "Source.csv.",
            )
        return True

    def _check_nameless(self, row: int, values: list[str]) -> None:
        """Data under no name would be lost in silence; say it once per column."""
        for position in sorted(self._nameless):
            if values[position]:
                self._nameless.discard(position)
                self._batch.report(
                    row,
                    str(position + 1),
                    "nameless-column",
                    f"Kolom {position + 1} heeft geen naam maar wel gegevens; geef haar een naam "
                    "of maak haar leeg.",
                    f"Column {position + 1} has data but no name; give it a name or empty it.",
                )

    def _ragged(self, row: int, cells: Sequence[str]) -> None:
        count, width = len(cells), len(self._header)
        self._batch.report(
            row,
            "",
            "ragged-row",
            f"De rij heeft {count} cellen en de kop {width}. Zet een tekst of lijst waar het "
            'scheidingsteken in voorkomt tussen aanhalingstekens ("), en laat geen cellen weg.',
            f"The row has {count} cells and the header {width}. Put a text or list that contains "
            "the "
            'separator between quotation marks ("), and leave no cells out.',
        )
        self._add_unreadable(row, clean(cells[self._id]) if self._id < count else "")

    def _add_unreadable(self, row: int, key: str) -> None:
        """Keep the id of a row that cannot be used, so that what refers to it is not 'unknown'."""
        batch = self._batch
        batch.bad.add(len(batch.keys))
        batch.keys.append(key if _is_id(key) else "")
        batch.rows.append(row)
        batch.blocks.append(b"")
        batch.sources.append(())
        for column in self._columns:
            if column.is_link and column.name not in APART:
                batch.links.setdefault(column.header, []).append(())

    def _sound(self, row: int, values: list[str]) -> bool:
        """Whether all characters may occur; cells that hold others are emptied."""
        sound = True
        for position, value in enumerate(values):
            try:
                check_characters(value)
            except CellError as error:
                header = self._header[position] if position < len(self._header) else ""
                self._batch.report(row, header, error.code, error.nl, error.en)
                values[position] = ""
                sound = False
        return sound

    def _add(self, row: int, values: list[str], *, sound: bool) -> None:
        batch = self._batch
        position = len(batch.keys)
        key = values[self._id]
        # An id with characters that may not occur was emptied, and reported, already.
        if (sound or key) and not self._good_id(row, key):
            key = ""
        good = sound and bool(key)
        tails = [self._type, _PLACE_TAIL]
        sources: Links = ()
        for column in self._columns:
            text = values[column.position]
            cell = self._cell(row, column, text) if text else _EMPTY
            if cell is None:
                good, cell = False, _EMPTY
            elif text:
                tails += cell.tails
            if column.is_link:
                if column.name == "source":
                    sources = cell.links
                elif column.name not in APART:
                    batch.links.setdefault(column.header, []).append(cell.links)
                elif cell.links:
                    apart = (
                        batch.own_markings if column.name == "marking" else batch.own_compartments
                    )
                    apart[position] = cell.links
        if not self._is_source and not sources:
            good = self._no_source(row, values, sound=sound) and good
        if good and self._checked:
            good = self._holds(row, values)
        tails += self._label(key, values)
        if self._is_source:
            self._note_source(position, values, good=good)
        if self._is_marking and good:
            self._note_rank(row, key, values)
        if self._is_compartment and good:
            batch.is_compartment.add(position)
        subject = f"<{ID}{key}> "
        batch.keys.append(key)
        batch.rows.append(row)
        batch.sources.append(sources)
        batch.blocks.append((subject + subject.join(sorted(set(tails)))).encode())
        if not good:
            batch.bad.add(position)

    def _cell(self, row: int, column: Column, text: str) -> Cell | None:
        cache = column.cache
        found = cache.get(text) if cache is not None else None
        if found is None:
            try:
                found = column.read(text)
            except CellError as error:
                found = error.with_traceback(None)  # kept, so it may not hold on to the row
            if cache is not None and len(cache) < _CACHE:
                cache[text] = found
        if isinstance(found, CellError):
            self._batch.report(row, column.header, found.code, found.nl, found.en)
            return None
        return found

    def _good_id(self, row: int, key: str) -> bool:
        try:
            if not key:
                raise CellError(
                    "no-id",
                    "De rij heeft geen id; geef haar een eigen id.",
                    "The row has no id; give it an id of its own.",
                )
            check_formula(key)
            check_id(key)
            if key == _RESERVED or key.startswith(GENERATED):
                raise CellError(
                    "reserved-id",
                    f"De id '{shown(key)}' is gereserveerd; kies een andere.",
                    f"The id '{shown(key)}' is reserved; choose another.",
                )
        except CellError as error:
            self._batch.report(row, self._header[self._id], error.code, error.nl, error.en)
            return False
        return True

    def _no_source(self, row: int, values: list[str], *, sound: bool) -> bool:
        column = self._by_name.get("source")
        # What cannot be read was reported already, and so was a column that is not there.
        if column and sound and not values[column.position]:
            self._batch.report(
                row,
                column.header,
                "no-source",
                "De rij noemt geen bron; vul de id van een bron uit Source.csv in.",
                "The row names no source; enter the id of a source in Source.csv.",
            )
        return False

    def _holds(self, row: int, values: list[str]) -> bool:
        cells = {c.name: values[c.position] for c in self._checked if values[c.position]}
        fulfilled = self._by_name.get("fulfilledBy")
        count = 0
        if fulfilled and "fulfilledBy" in cells:
            count = len(fulfilled.read(cells["fulfilledBy"]).links)
        good = True
        for fault in faults(cells, count):
            header = self._by_name[fault.column].header
            self._batch.report(row, header, fault.code, fault.nl, fault.en)
            good = False
        return good

    def _label(self, key: str, values: list[str]) -> list[str]:
        """What people see when nobody typed a Dutch label: the title, else the id."""
        label = self._by_name.get("label")
        if label and values[label.position]:
            return []
        title = self._by_name.get("title")
        text = (values[title.position] if title else "") or key
        return [f"<{PREF_LABEL.value}> {quoted(text)}@nl .\n"]

    def _note_source(self, position: int, values: list[str], *, good: bool) -> None:
        self._batch.is_source.add(position)
        date = self._by_name.get("date")
        if good and date and values[date.position]:
            self._batch.issued[position] = values[date.position]

    def _note_rank(self, row: int, key: str, values: list[str]) -> None:
        rank = self._by_name.get("rank")
        text = values[rank.position] if rank else ""
        if text:
            self._batch.ranks[key] = int(text)
            return
        self._batch.report(
            row,
            rank.header if rank else "rank",
            "no-rank",
            "De markering heeft geen rang; vul een heel getal in (hoger = geheimer).",
            "The marking has no rank; enter a whole number (higher = more secret).",
        )


_EMPTY: Final = Cell((), ())


def _is_id(text: str) -> bool:
    try:
        check_id(text)
    except CellError:
        return False
    return True
