"""A cascade as a picture: one mark and one row per event, lines from cause to consequence."""

from types import ModuleType

import pytest

from kg.cascade import Outage, cascade
from kg.language import set_language
from kg.network import network_of
from kg.views import GraphView, ViewEdge, ViewNode
from kg.views.cascade import cascade_view


def test_every_event_is_a_mark_and_a_row(drawings: ModuleType) -> None:
    view = drawings.rail_view()
    assert [(n.label, n.hours, n.state, n.kind) for n in view.nodes] == [
        ("Regionaal net", 0.0, "struck", "unit"),
        ("Treindienst", 0.0, "down", "vital"),
        ("GSM-R", 3.0, "down", "unit"),
    ]
    assert view.row_nodes == tuple(node.id for node in view.nodes)
    assert [row[:4] for row in view.table_rows] == [
        ("0 uur", "Regionaal net", "energie", "getroffen"),
        ("0 uur", "Treindienst", "spoor", "uitgevallen"),
        ("3 uur", "GSM-R", "telecom", "uitgevallen"),
    ]
    assert "de buffer van 3 uur is op" in view.table_rows[2][4]


def test_lines_run_from_cause_to_consequence(drawings: ModuleType) -> None:
    labels = {node.id: node.label for node in drawings.rail_view().nodes}
    found = {(labels[edge.source], labels[edge.target]) for edge in drawings.rail_view().edges}
    assert found == {("Regionaal net", "Treindienst"), ("Regionaal net", "GSM-R")}


def test_the_sector_that_is_hit_first_stands_on_top(drawings: ModuleType) -> None:
    assert drawings.rail_view().lanes == ("energie", "spoor", "telecom")


def test_restoration_is_a_mark_of_its_own(drawings: ModuleType) -> None:
    view = drawings.rail_view(end=2.0)
    states = [(node.label, node.hours, node.state) for node in view.nodes]
    assert ("Regionaal net", 2.0, "up") in states
    assert ("Treindienst", 6.0, "up") in states
    assert not any(label == "GSM-R" for label, _, _ in states)
    assert any(edge.kind == "same" for edge in view.edges)


def test_it_carries_where_it_comes_from(drawings: ModuleType) -> None:
    view = drawings.rail_view()
    assert (view.level, view.release, view.policy, view.date) == (
        "openbaar",
        "0123456789abcdef",
        "beleid-2026",
        "2026-08-15",
    )


def test_it_says_what_it_rests_on(drawings: ModuleType) -> None:
    network = network_of("b <- a buffer=?")
    result = cascade(network, [Outage(0)], 8.0)
    view = cascade_view(result, drawings.FRAME)
    assert len(view.notes) == 1
    assert "onbekend" in view.notes[0]
    assert "onbekend" in view.nodes[1].detail


def test_a_recovery_that_is_stuck_is_named(drawings: ModuleType) -> None:
    network = network_of(
        """
        power restart=1
        phone restart=1
        power <- phone
        phone <- power
        """
    )
    view = cascade_view(cascade(network, [Outage(1, 0.0, 1.0)], 24.0), drawings.FRAME)
    assert any("wachten op elkaar" in note for note in view.notes)


def test_english(drawings: ModuleType) -> None:
    set_language("en")
    view = drawings.rail_view()
    assert view.title == "If Regionaal net goes down"
    assert view.table_columns == ("After", "Unit", "Sector", "State", "Because")
    assert view.table_rows[0][3] == "struck"


def test_a_view_refuses_what_cannot_be_drawn() -> None:
    node = ViewNode("a", "A", lane="x")

    def view(**changes: object) -> GraphView:
        parts: dict[str, object] = {
            "title": "t", "subtitle": "", "level": "l", "release": "r", "policy": "p", "date": "d",
            "lanes": ("x",), "nodes": (node,), "edges": (), "table_columns": (), "table_rows": (),
        }  # fmt: skip
        return GraphView(**{**parts, **changes})  # type: ignore[arg-type]

    assert view().nodes == (node,)
    for changes in (
        {"nodes": (node, node)},
        {"edges": (ViewEdge("a", "b"),)},
        {"lanes": ()},
        {"row_nodes": ("a",)},
    ):
        with pytest.raises(ValueError, match=r"."):
            view(**changes)
