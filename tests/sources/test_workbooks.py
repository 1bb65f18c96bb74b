"""Excel: a sheet per class, cells of every kind, and the sheet and row in every message."""

import io
import warnings
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta

import pytest
from openpyxl import Workbook

from kg.names import GRAPH, ID, PROV, VIT, XSD
from kg.sources import Staged, workbooks

Read = Callable[..., Staged]

Sheets = dict[str, Sequence[Sequence[object]]]

SHEETS: Sheets = {
    "Source": [["id", "title", "date", "marking"], ["x1", "Boek", date(2026, 3, 1), "openbaar"]],
    "Service": [
        ["id", "label", "inSector", "restartLag", "share", "source"],
        ["grid", "Net", "energie", "PT2H", 0.1 + 0.2, "x1"],
        [None] * 6,
        [42, "Spoor", "spoor", None, 1, "x1"],
    ],
    "eis": [
        ["id", "requiredBy", "fulfilledBy", "minimumFulfilled", "needsFull", "validFrom", "source"],
        ["r1", 42, "grid", 1, True, datetime(2026, 1, 2), "x1"],
    ],
    "Toelichting": [["Zo vult u dit in"]],
    "_lijsten": [["energie"]],
}


def book(sheets: Sheets) -> bytes:
    """A workbook with these sheets."""
    made = Workbook()
    made.remove(made.active)  # type: ignore[arg-type]
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def found(staged: Staged) -> list[tuple[str, str, int, str]]:
    """(code, sheet, row, column) of every problem."""
    where = [(one.code.removeprefix("intake."), one.location) for one in staged.problems]
    assert {location.file for _, location in where} <= {"data/book.xlsx"}
    return [(code, one.sheet, one.row, one.column) for code, one in where]


def test_a_workbook_is_one_graph_with_sheets(read: Read) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        staged = read({"book.xlsx": book(SHEETS)})
    assert staged.problems == ()
    graph = next(one for one in staged.graphs if one.iri == f"{GRAPH}data/book.xlsx")
    text = graph.ntriples.decode()
    assert graph.date == "2026-03-01"
    assert graph.subjects == 4
    for line in (
        f"<{ID}42> <{PROV}wasDerivedFrom> <{graph.iri}#sheet=Service&row=4> .",
        f"<{ID}r1> <{PROV}wasDerivedFrom> <{graph.iri}#sheet=eis&row=2> .",
        f'<{ID}grid> <{VIT}share> "0.3"^^<{XSD}decimal> .',
        f'<{ID}42> <{VIT}share> "1"^^<{XSD}decimal> .',
        f'<{ID}r1> <{VIT}needsFull> "true"^^<{XSD}boolean> .',
        f'<{ID}r1> <{VIT}validFrom> "2026-01-02"^^<{XSD}date> .',
        f"<{ID}r1> <{VIT}requiredBy> <{ID}42> .",
    ):
        assert line in text.splitlines()


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("restartLag", time(4, 0), "duration"),
        ("restartLag", timedelta(hours=30), "duration"),
        ("restartLag", 4, "duration"),
        ("restartLag", "=B2", "formula"),
        ("label", "=1+1", "formula"),
        ("label", "#N/A", "error-value"),
        ("label", "x\x7fy", "control-character"),
        ("share", float("1e-300"), "decimal"),
        ("share", "0,5", "decimal-comma"),
        ("validFrom", "1-2-2026", "date"),
        ("validFrom", datetime(2026, 1, 2, 3, 4), "date"),
        ("id", "a/b", "id"),
        ("id", 1.5, ""),
        ("source", None, "no-source"),
        ("operatedBy", "niemand", "unknown-reference"),
    ],
)
def test_the_cell_is_named(read: Read, column: str, value: object, code: str) -> None:
    given: dict[str, object] = {"id": "a", "label": "A", "source": "s1", column: value}
    staged = read({"book.xlsx": book({"Service": [list(given), list(given.values())]})})
    assert found(staged) == ([(code, "Service", 2, column)] if code else [])


def test_sheets_that_are_no_class(read: Read) -> None:
    staged = read({"book.xlsx": book({"Servise": [["id"]], "Effect": [["id"]], "readme": [["x"]]})})
    assert found(staged) == [
        ("coded-class", "Effect", 0, ""),
        ("unknown-class", "Servise", 0, ""),
    ]


def test_a_sheet_that_claims_to_be_endless(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "_MAX_ROWS", 3)
    rows = [["id", "label", "source"], *([f"a{n}", "A", "s1"] for n in range(5))]
    staged = read({"book.xlsx": book({"Service": rows})})
    assert found(staged) == [("workbook-format", "Service", 0, "")]


def test_cells_far_to_the_right(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "_MAX_CELLS", 1_000)
    rows = [["id", "label", "source"], *([f"a{n}", *[None] * 300, "x"] for n in range(5))]
    staged = read({"book.xlsx": book({"Service": rows})})
    assert ("workbook-format", "Service", 0, "") in found(staged)


def test_a_workbook_without_sheets_to_read(read: Read) -> None:
    assert read({"book.xlsx": book({"Toelichting": []})}).problems == ()
