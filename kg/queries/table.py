"""An answer as a Table: terms in rows, with labels, as JSON, CSV, DataFrame or text."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from importlib import import_module
from typing import Any, Final, Literal, TypeAlias

import pyoxigraph as ox

from kg.errors import UsageError
from kg.language import current_language, say
from kg.names import XSD, local_id
from kg.spreadsheet import csv_text

Cell: TypeAlias = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple | None

NUMERIC: Final = frozenset(
    XSD + kind for kind in ("integer", "decimal", "double", "float", "int", "long", "short")
)

#: Rows that a notebook shows of a table.
_MOST_SHOWN: Final = 200


@dataclass(frozen=True)
class Text:
    """A text in both languages; ``str()`` gives the language in force."""

    nl: str
    en: str

    def __str__(self) -> str:
        return say(self.nl, self.en)


@dataclass(frozen=True)
class Column:
    """A column of an answer; with ``type`` ``iri`` JSON and CSV get a label column beside it."""

    name: str
    label: Text
    type: Literal["iri", "text"] = "text"


@dataclass(frozen=True)
class Table:
    """An answer: terms in rows, in a fixed order, and the labels of the IRIs among them."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    labels: Mapping[str, Text] = field(default_factory=dict, repr=False)
    truncated: bool = False

    def __len__(self) -> int:
        return len(self.rows)

    def headings(self) -> tuple[str, ...]:
        """The column labels in the language in force."""
        return tuple(str(column.label) for column in self.columns)

    def shown(self, cell: Cell) -> str:
        """A cell as people read it: the label of a thing, numbers with a Dutch comma in Dutch."""
        if isinstance(cell, ox.NamedNode):
            label = self.labels.get(cell.value)
            return str(label) if label else local_id(cell.value)
        if isinstance(cell, ox.Literal):
            return _shown_literal(cell)
        return "" if cell is None else str(cell)

    def shown_rows(self) -> Iterator[tuple[str, ...]]:
        """The rows as people read them: a label, or the id where ``<name>Label`` stands beside."""
        names = {column.name for column in self.columns}
        labelled = [f"{column.name}Label" in names for column in self.columns]
        for row in self.rows:
            yield tuple(
                local_id(cell.value)
                if beside and isinstance(cell, ox.NamedNode)
                else self.shown(cell)
                for cell, beside in zip(row, labelled, strict=True)
            )

    def fields(self) -> tuple[str, ...]:
        """The names that JSON, CSV and DataFrame share: each column, labels beside the IRIs."""
        names = {column.name for column in self.columns}
        found = []
        for column in self.columns:
            found.append(column.name)
            if column.type == "iri" and f"{column.name}_label" not in names:
                found.append(f"{column.name}_label")
        return tuple(found)

    def records(self) -> Iterator[dict[str, Any]]:
        """The rows as plain values: full IRIs with ``<name>_label`` beside them, numbers, texts."""
        names = set(self.fields())
        for row in self.rows:
            record: dict[str, Any] = {}
            for column, cell in zip(self.columns, row, strict=True):
                record[column.name] = plain(cell)
                beside = f"{column.name}_label"
                if column.type == "iri" and beside in names and beside not in record:
                    is_iri = isinstance(cell, ox.NamedNode)
                    record[beside] = self.shown(cell) if is_iri else None
            yield record

    def to_json(self) -> dict[str, Any]:
        """``{"columns": [{"name", "label"}], "rows": [{…}], "truncated": false}``."""
        return {
            "columns": [{"name": c.name, "label": str(c.label)} for c in self.columns],
            "rows": list(self.records()),
            "truncated": self.truncated,
        }

    def to_csv(self) -> str:
        """Comma-separated, first row the field names.

        A text that a spreadsheet would run as a formula gets an apostrophe in front.
        """
        fields = self.fields()
        return csv_text(fields, ([record[name] for name in fields] for record in self.records()))

    def to_pandas(self) -> Any:
        """The table as a DataFrame with the same columns as the CSV.

        Raises:
            UsageError: pandas is not installed.
        """
        return data_frame(list(self.records()), self.fields())

    def _repr_html_(self) -> str:
        found = html_table(self.headings(), self.shown_rows())
        if not self.truncated:
            return found
        cut = say(f"Afgekapt na {len(self)} rijen.", f"Cut off after {len(self)} rows.")
        return f"{found}<p>{cut}</p>"


def html_table(headings: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A plain HTML table, escaped; to the left, where a notebook would put text to the right.

    Of a long one the first rows, and how many there are: a notebook slows down with thousands.
    """
    all_rows = list(rows)
    left = 'style="text-align: left"'
    head = "".join(f'<th scope="col" {left}>{escape(text)}</th>' for text in headings)
    body = "".join(
        "<tr>" + "".join(f"<td {left}>{escape(text)}</td>" for text in row) + "</tr>"
        for row in all_rows[:_MOST_SHOWN]
    )
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    if len(all_rows) <= _MOST_SHOWN:
        return table
    more = say(
        f"De eerste {_MOST_SHOWN} van {len(all_rows)} rijen; to_pandas() geeft ze alle.",
        f"The first {_MOST_SHOWN} of {len(all_rows)} rows; to_pandas() gives them all.",
    )
    return f"{table}<p>{more}</p>"


def data_frame(records: Sequence[Mapping[str, Any]], columns: Sequence[str] | None = None) -> Any:
    """Records as a pandas DataFrame.

    Raises:
        UsageError: pandas is not installed.
    """
    try:
        pandas = import_module("pandas")  # optional, and without types
    except ImportError as error:
        raise UsageError(
            "python.pandas",
            "pandas ontbreekt; installeer vitaal-kg[pandas].",
            "pandas is missing; install vitaal-kg[pandas].",
        ) from error
    return pandas.DataFrame(records, columns=None if columns is None else list(columns))


def plain(cell: Cell) -> Any:
    """A term as a plain value: IRIs and texts as str, numbers as int or float, booleans as bool."""
    if cell is None:
        return None
    if isinstance(cell, ox.NamedNode):
        return cell.value
    if isinstance(cell, ox.Literal):
        kind = cell.datatype.value
        if kind == XSD + "boolean":
            return cell.value in ("true", "1")
        if kind in NUMERIC:
            number = float(cell.value)
            is_whole = kind not in (XSD + "decimal", XSD + "double", XSD + "float")
            return int(cell.value) if is_whole else number
        return cell.value
    return str(cell)


def _shown_literal(cell: ox.Literal) -> str:
    kind = cell.datatype.value
    if kind == XSD + "boolean":
        return say("ja", "yes") if plain(cell) else say("nee", "no")
    if kind in (XSD + "decimal", XSD + "double", XSD + "float"):
        text = f"{float(cell.value):.4f}".rstrip("0").rstrip(".")
        return text.replace(".", ",") if current_language() == "nl" else text
    return cell.value
