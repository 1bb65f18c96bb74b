"""The answer to a query as a picture: chains, time, places; and the table that has it all."""

from types import ModuleType

import pyoxigraph as ox
import pytest

from kg.names import ID, VIT, XSD
from kg.queries import Cell, Column, SavedQuery, Table, Text, View
from kg.views.layout import lay_out
from kg.views.page import render_page
from kg.views.table import MOST_ROWS, query_view


def thing(name: str) -> ox.NamedNode:
    return ox.NamedNode(ID + name)


def hours(value: float) -> ox.Literal:
    return ox.Literal(str(value), datatype=ox.NamedNode(XSD + "decimal"))


def table(names: str, *rows: tuple[Cell, ...]) -> Table:
    columns = tuple(Column(name, Text(name.title(), name)) for name in names.split())
    labels = {ID + "grid": Text("Regionaal net", "Grid")}
    return Table(columns, rows, labels)


def saved(view: View) -> SavedQuery:
    text = Text("Vraag", "Question")
    return SavedQuery("naam", "dependency", text, text, "", "", (), (), (), view, None, False, "")


def test_things_of_a_row_are_linked_under_their_headings(drawings: ModuleType) -> None:
    view = query_view(
        table(
            "unit buffer fulfiller",
            (thing("rail"), ox.Literal("PT3H"), thing("grid")),
            (thing("gsmr"), None, thing("grid")),
        ),
        drawings.FRAME,
        saved("path"),
    )
    assert [node.label for node in view.nodes] == ["rail", "Regionaal net", "gsmr"]
    assert len(view.edges) == 2
    assert view.ticks == ("Unit", "Fulfiller")
    assert len(view.table_rows) == 2
    points = lay_out(view).points
    assert len({round(points[node.id].x) for node in view.nodes}) == 2
    assert len({(point.x, point.y) for point in points.values()}) == 3


def test_one_thing_in_two_columns_is_two_marks(drawings: ModuleType) -> None:
    view = query_view(table("a b", (thing("grid"), thing("grid"))), drawings.FRAME)
    assert len(view.nodes) == 2


def test_an_empty_cell_is_skipped(drawings: ModuleType) -> None:
    rows = ((thing("x"), None, thing("z")), (thing("x"), thing("y"), thing("z")))
    view = query_view(table("a b c", *rows), drawings.FRAME)
    assert [(edge.source[2:], edge.target[2:]) for edge in view.edges] == [
        (ID + "x", ID + "z"),
        (ID + "x", ID + "y"),
        (ID + "y", ID + "z"),
    ]


@pytest.mark.parametrize("name", ["hours", "afterHours"])
def test_a_cascade_stands_in_time_by_sector(drawings: ModuleType, name: str) -> None:
    rows = (
        (thing("grid"), thing("energie"), hours(0), ox.NamedNode(VIT + "down")),
        (thing("rail"), thing("spoor"), hours(3), ox.NamedNode(VIT + "degraded")),
    )
    view = query_view(table(f"unit sector {name} state", *rows), drawings.FRAME, saved("cascade"))
    assert [(n.lane, n.hours, n.state) for n in view.nodes] == [
        ("energie", 0.0, "down"),
        ("spoor", 3.0, "degraded"),
    ]
    assert view.row_nodes == tuple(node.id for node in view.nodes)
    points = lay_out(view).points
    assert points[view.nodes[0].id].x < points[view.nodes[1].id].x


def test_places_stand_on_a_map(drawings: ModuleType) -> None:
    wkt = ox.NamedNode("http://www.opengis.net/ont/geosparql#wktLiteral")
    rows = (
        (thing("noord"), ox.Literal("POINT(6.5 53.2)", datatype=wkt)),
        (thing("zuid"), ox.Literal("POINT (5.7 50.8)", datatype=wkt)),
        (thing("nergens"), None),
        (thing("lijn"), ox.Literal("LINESTRING Z (4 51 0, 5 52 0, 6 53 1e1)", datatype=wkt)),
        (thing("tekst"), ox.Literal("POINT(1 2)")),
    )
    view = query_view(table("place wkt", *rows), drawings.FRAME, saved("map"))
    assert view.axis == "map"
    assert [node.place for node in view.nodes] == [(6.5, 53.2), (5.7, 50.8), (5.0, 52.0)]
    points = lay_out(view).points
    assert points[ID + "noord"].y < points[ID + "zuid"].y
    assert points[ID + "noord"].x > points[ID + "zuid"].x
    assert view.row_nodes[2] == ""


def test_numbers_alone_give_a_table_without_a_picture(drawings: ModuleType) -> None:
    view = query_view(table("hours", (hours(1),)), drawings.FRAME)
    assert view.nodes == ()
    assert "<canvas" not in render_page(view)
    assert "<table" in render_page(view)


def test_no_rows_is_said(drawings: ModuleType) -> None:
    assert "Geen rijen." in render_page(query_view(table("a b"), drawings.FRAME))


def test_a_long_answer_is_drawn_in_part_and_says_so(drawings: ModuleType) -> None:
    rows = tuple((thing(f"a{at}"), thing(f"b{at}")) for at in range(MOST_ROWS + 5))
    view = query_view(table("a b", *rows), drawings.FRAME)
    assert len(view.nodes) == 2 * MOST_ROWS
    assert len(view.table_rows) == MOST_ROWS + 5
    assert str(MOST_ROWS) in view.notes[0]


def test_a_cut_off_answer_says_so(drawings: ModuleType) -> None:
    one = table("a b", (thing("x"), thing("y")))
    view = query_view(Table(one.columns, one.rows, one.labels, truncated=True), drawings.FRAME)
    assert any("afgekapt" in note for note in view.notes)
