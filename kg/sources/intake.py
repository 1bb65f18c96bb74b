"""One file becomes batches of things: a table of one class, a workbook of them, or RDF."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from kg.errors import Location, Problem
from kg.schema import ClassInfo, Schema, fold
from kg.sources.cells import shown
from kg.sources.columns import refuse_class
from kg.sources.encoding import as_utf8, refuse_wide
from kg.sources.files import RDF_FILES, WORKBOOKS, Found, input_file, read_bytes
from kg.sources.model import Batch, CellError, FileError, InputFile, Record
from kg.sources.rdf import read_rdf
from kg.sources.tables import read_csv, read_sheet
from kg.sources.workbooks import open_workbook, sheet_records

#: Sheets for people, not for us.
_EXPLANATIONS: Final = frozenset({"toelichting", "uitleg", "leesmij", "readme", "help", "info"})


@dataclass
class Taken:
    """What one file gave: itself, unless it could not be read, its sheets, and what is wrong."""

    problems: list[Problem] = field(default_factory=list)
    files: list[InputFile] = field(default_factory=list)
    batches: list[Batch] = field(default_factory=list)


def take_in(found: Found, schema: Schema) -> Taken:
    """Read one file; a file that cannot be used costs one problem."""
    taken = Taken()
    _Intake(schema, taken).read(found)
    return taken


@dataclass
class _Intake:
    """Reads one file."""

    schema: Schema
    taken: Taken

    def read(self, found: Found) -> None:
        try:
            data = read_bytes(found)
            file = input_file(found, data)
            self.taken.files.append(file)
            if found.kind in WORKBOOKS:
                self._workbook(found, file, data)
                return
            data, whole = self._as_utf8(found, data)
            batch = Batch(file, found.graph, rdf=found.kind in RDF_FILES)
            if batch.rdf:
                read_rdf(found.kind, data, batch, self.schema)
            else:
                of_class = self._class(found.path.stem, Location(found.name))
                if of_class is None:
                    return
                read_csv(data, batch, of_class, self.schema)
            if not whole:
                batch.bad.update(range(len(batch.keys)))
            self.taken.batches.append(batch)
        except FileError as error:
            self.taken.problems.append(error.to_problem(found.name))

    def _as_utf8(self, found: Found, data: bytes) -> tuple[bytes, bool]:
        """The data, and whether they may be used.

        A file in another Unicode encoding may not, but what else is wrong with it can be said in
        the same run, and what refers to its rows is not wrong.
        """
        try:
            refuse_wide(data)
        except FileError as error:
            readable = as_utf8(data)
            if not readable:
                raise
            self.taken.problems.append(error.to_problem(found.name))
            return readable, False
        return data, True

    def _workbook(self, found: Found, file: InputFile, data: bytes) -> None:
        book = open_workbook(data)
        try:
            for sheet in book.worksheets:
                if fold(sheet.title) in _EXPLANATIONS or sheet.title.startswith("_"):
                    continue
                of_class = self._class(sheet.title, Location(found.name, sheet.title))
                if of_class is None:
                    continue
                batch = Batch(file, found.graph, sheet=sheet.title)
                self.taken.batches.append(batch)
                self._sheet(batch, sheet_records(sheet), of_class)
        finally:
            book.close()

    def _sheet(self, batch: Batch, records: Iterator[Record], of_class: ClassInfo) -> None:
        try:
            read_sheet(records, batch, of_class, self.schema, suspect=True, padded=False)
        except FileError as error:
            batch.report(0, "", error.code, error.nl, error.en)

    def _class(self, name: str, location: Location) -> ClassInfo | None:
        """The class of a table, by its local name or label; a problem when there is none."""
        found = self.schema.classes_named(name)
        try:
            if len(found) != 1:
                raise self._no_class(name)
            refuse_class(found[0], self.schema)
        except CellError as error:
            self.taken.problems.append(
                Problem(location, f"intake.{error.code}", error.nl, error.en)
            )
            return None
        return found[0]

    def _no_class(self, name: str) -> CellError:
        names: dict[str, str] = {}
        for info in self.schema.classes.values():
            names |= {fold(info.label_nl): info.local, fold(info.local): info.local}
        close = difflib.get_close_matches(fold(name)[:100], sorted(names), 1, 0.6)
        hint_nl = f" Bedoelde u {names[close[0]]}?" if close else ""
        hint_en = f" Did you mean {names[close[0]]}?" if close else ""
        return CellError(
            "unknown-class",
            f"'{shown(name)}' is geen klasse van de ontologie.{hint_nl} Noem een tabel naar de "
            "klasse van haar rijen, bijvoorbeeld Service of Requirement.",
            f"'{shown(name)}' is not a class of the ontology.{hint_en} Name a table after the "
            "class of its rows, for example Service or Requirement.",
        )
