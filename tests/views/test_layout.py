"""Positions: time to the right, lanes below each other, nothing on top of anything else."""

from itertools import pairwise
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.views import GraphView, ViewEdge, ViewNode
from kg.views.layout import (
    LABEL_LENGTH,
    LINE,
    ROW,
    SYMBOL,
    Layout,
    label_lines,
    lay_out,
    short_label,
)


def view_of(nodes: list[ViewNode], edges: list[ViewEdge], axis: str = "hours") -> GraphView:
    lanes = tuple(dict.fromkeys(node.lane for node in nodes))
    return GraphView(
        "t", "", "openbaar", "r", "p", "d", lanes, tuple(nodes), tuple(edges), (), (),
        axis="step" if axis == "step" else "hours",
    )  # fmt: skip


def collisions(layout: Layout) -> list[tuple[str, str]]:
    """Pairs of nodes whose mark-and-label rectangles overlap."""
    boxes = sorted(
        (point.y, point.x - SYMBOL / 2, point.x + point.width, name)
        for name, point in layout.points.items()
    )
    return [
        (a[3], b[3])
        for a, b in pairwise(boxes)
        if abs(a[0] - b[0]) < ROW / 2 and b[1] < a[2] and a[1] < b[2]
    ]


@st.composite
def views(draw: st.DrawFn) -> GraphView:
    count = draw(st.integers(1, 40))
    hours = draw(st.lists(st.floats(0, 2000), min_size=count, max_size=count))
    nodes = [
        ViewNode(
            f"n{at}",
            draw(st.text(max_size=50)),
            "vital" if draw(st.booleans()) else "unit",
            draw(st.sampled_from(["Energie", "Telecom", "Spoor"])),
            hours[at],
        )
        for at in range(count)
    ]
    ends = st.integers(0, count - 1)
    edges = [
        ViewEdge(f"n{one}", f"n{other}")
        for one, other in draw(st.lists(st.tuples(ends, ends), max_size=60))
    ]
    return view_of(nodes, edges)


@given(views())
def test_nothing_overlaps_and_time_runs_to_the_right(view: GraphView) -> None:
    layout = lay_out(view)
    assert collisions(layout) == []
    instants: dict[float, list[float]] = {}
    for node in view.nodes:
        instants.setdefault(node.hours or 0.0, []).append(layout.points[node.id].x)
    for (_, before), (_, after) in pairwise(sorted(instants.items())):
        assert max(before) < min(after)


@given(views())
def test_every_node_lies_in_its_lane(view: GraphView) -> None:
    layout = lay_out(view)
    bands = {band.label: band for band in layout.bands}
    for node in view.nodes:
        band = bands[node.lane]
        assert band.top < layout.points[node.id].y < band.bottom
    assert all(one.bottom == other.top for one, other in pairwise(layout.bands))
    assert layout.bands[-1].bottom == layout.height


@given(views())
def test_the_same_view_gives_the_same_drawing(view: GraphView) -> None:
    assert lay_out(view) == lay_out(view)


def test_a_collision_is_seen(drawings: ModuleType) -> None:
    layout = lay_out(drawings.wide_view(40))
    first, second = list(layout.points)[:2]
    moved = {**layout.points, second: layout.points[first]}
    assert collisions(Layout(moved, (), (), 0, 0))


def test_consequences_in_one_instant_step_to_the_right() -> None:
    nodes = [ViewNode(name, name, "unit", "Energie", 0.0) for name in "abc"]
    points = lay_out(view_of(nodes, [ViewEdge("a", "b"), ViewEdge("b", "c")])).points
    assert points["a"].x < points["b"].x < points["c"].x


def test_a_ring_in_one_instant_ends() -> None:
    nodes = [ViewNode(name, name, "unit", "Energie", 0.0) for name in "ab"]
    assert len(lay_out(view_of(nodes, [ViewEdge("a", "b"), ViewEdge("b", "a")])).points) == 2


def test_ticks_are_round_and_apart(drawings: ModuleType) -> None:
    layout = lay_out(drawings.wide_view(60))
    assert layout.logarithmic
    texts = [tick.text for tick in layout.ticks]
    assert texts[0] == "0 u"
    assert texts[-1] == "7 d"
    assert all(after.x - before.x > 60 for before, after in pairwise(layout.ticks))


def test_hours_stay_linear_where_they_can(drawings: ModuleType) -> None:
    layout = lay_out(drawings.rail_view())
    assert not layout.logarithmic
    at = {tick.text: tick.x for tick in layout.ticks}
    assert at["24 u"] - at["0 u"] == pytest.approx(at["2 d"] - at["24 u"], rel=0.1)


def test_steps_without_time_follow_the_edges() -> None:
    nodes = [ViewNode(name, name, "fact", "") for name in "abc"]
    points = lay_out(view_of(nodes, [ViewEdge("c", "b"), ViewEdge("b", "a")], "step")).points
    assert points["c"].x < points["b"].x < points["a"].x


def test_what_lies_behind_a_circle_stands_behind_it() -> None:
    nodes = [ViewNode(name, name, "fact", "") for name in "dabce"]
    ways = ["ab", "ba", "bc", "cd", "aa", "ec"]
    found = lay_out(view_of(nodes, [ViewEdge(*way) for way in ways], "step")).points
    order = sorted({point.x for point in found.values()})
    assert [order.index(found[name].x) for name in "abcde"] == [0, 1, 2, 3, 0]


def test_no_nodes_is_no_drawing() -> None:
    assert lay_out(view_of([], [])).points == {}


def test_long_labels_are_cut_in_the_picture() -> None:
    assert short_label("kort") == "kort"
    assert short_label("x" * 80).endswith("…")
    assert len(short_label("x" * 80)) == LABEL_LENGTH


@given(st.text(max_size=200), st.sampled_from(["(fictief)", "(gepland) (fictief)"]))
def test_the_marker_at_the_end_is_never_cut_off(name: str, marker: str) -> None:
    short = short_label(f"{name} {marker}")
    assert short.endswith(marker)
    assert len(short) <= LABEL_LENGTH
    assert short == f"{name} {marker}".strip() or "…" in short or name != " ".join(name.split())


def test_parentheses_that_are_no_marker_may_be_cut() -> None:
    assert short_label("a" * 40 + " (" + "b" * 60 + ")").endswith("b…")


def test_labels_of_several_lines_have_taller_rows() -> None:
    lines = ("Treindienst (fictief)", "– hangt af van –", "Regionaal net (fictief)")
    flat = [ViewNode(name, name, "fact", "") for name in "ab"]
    tall = [ViewNode(name, name, "fact", "", lines=lines) for name in "ab"]
    assert label_lines(tall[0]) == lines
    low, high = (lay_out(view_of(nodes, [], "step")).points for nodes in (flat, tall))
    assert high["b"].y - high["a"].y == low["b"].y - low["a"].y + 2 * LINE
