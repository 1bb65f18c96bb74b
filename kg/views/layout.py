"""Where each node of a GraphView stands: time to the right, lanes below each other, no collisions.

Positions are computed here and never by a force simulation, so that the same answer always gives
the same picture. Units are pixels at scale 1.
"""

import math
import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from kg.views.model import GraphView, ViewNode
from kg.views.words import short_duration

ROW: Final = 30.0
#: What each line of a label takes beyond the first.
LINE: Final = 17.0
#: Room above the rows of a lane, where its name is drawn.
LANE_HEAD: Final = 30.0
LANE_FOOT: Final = 10.0
#: How far a consequence within the same instant stands to the right of its cause.
INDENT: Final = 16.0
GAP: Final = 14.0
TIME_WIDTH: Final = 1040.0
SYMBOL: Final = 22.0
CHARACTER: Final = 6.8
LABEL_LENGTH: Final = 56
#: What stands in parentheses at the end of a label, such as "(fictief)": never cut off.
_MARKER: Final = re.compile(r"(?:\s*\([^()]{1,16}\)){1,2}$")
#: A time axis whose last instant is this many times its first one is drawn logarithmic.
LOG_FROM: Final = 40.0

_STEPS: Final = (
    *(1 / 60, 5 / 60, 0.25, 0.5, 1.0, 2.0, 4.0, 6.0, 12.0, 24.0, 48.0, 72.0),
    *(168.0, 336.0, 720.0, 2160.0, 4320.0, 8760.0, 87600.0),
)
_TICK_ROOM: Final = 74.0


@dataclass(frozen=True)
class Point:
    """The centre of a node's mark; ``width`` includes the label to its right."""

    x: float
    y: float
    width: float


@dataclass(frozen=True)
class Band:
    """A lane: its name and where it begins and ends."""

    label: str
    top: float
    bottom: float


@dataclass(frozen=True)
class Tick:
    """A mark on the x-axis."""

    x: float
    text: str


@dataclass(frozen=True)
class Layout:
    """The whole drawing."""

    points: Mapping[str, Point]
    bands: tuple[Band, ...]
    ticks: tuple[Tick, ...]
    width: float
    height: float
    logarithmic: bool = False


def short_label(label: str, length: int = LABEL_LENGTH) -> str:
    """A label that fits in the picture, with the "(fictief)" at its end; the table has it whole."""
    flat = " ".join(label.split())
    if len(flat) <= length:
        return flat
    found = _MARKER.search(flat)
    marker = f" {found[0].strip()}" if found else ""
    return flat[: length - 1 - len(marker)].rstrip() + "…" + marker


def label_lines(node: ViewNode) -> tuple[str, ...]:
    """The label of a node as the picture has it, line by line."""
    return tuple(short_label(line) for line in node.lines or (node.label,))


def node_width(node: ViewNode) -> float:
    """The mark and the label beside it; bold labels of vital processes are wider."""
    weight = 1.08 if node.kind == "vital" else 1.0
    return SYMBOL + CHARACTER * weight * max(len(line) for line in label_lines(node))


def _row_height(view: GraphView) -> float:
    return ROW + LINE * (max(len(label_lines(node)) for node in view.nodes) - 1)


def lay_out(view: GraphView) -> Layout:
    """Compute the drawing of a view. Cost O(N log N + E) but for the search for a free row."""
    if not view.nodes:
        return Layout({}, (), (), 0.0, 0.0)
    if view.axis == "map" and all(node.place for node in view.nodes):
        return _on_a_map(view)
    if view.axis == "columns":
        return _in_columns(view)
    steps = _steps(view)
    if view.axis == "hours" and any(node.hours is not None for node in view.nodes):
        scale, logarithmic = _time_scale(view, steps)
        xs = {node.id: scale(node.hours or 0.0) + INDENT * steps[node.id] for node in view.nodes}
        ticks = _time_ticks(view, scale, logarithmic)
    else:
        logarithmic = False
        column = max(node_width(node) for node in view.nodes) + 3 * GAP
        xs = {node.id: column * steps[node.id] for node in view.nodes}
        ticks = ()
    return _packed(view, xs, ticks, logarithmic)


def _steps(view: GraphView) -> dict[str, int]:
    """How many causes lie before each node; on a time axis: within the same instant.

    Where causes run in a circle, the line that closes it is left out.
    """
    hours = {node.id: node.hours for node in view.nodes}
    followers: dict[str, list[str]] = {node_id: [] for node_id in hours}
    for edge in view.edges:
        if view.axis != "hours" or hours[edge.source] == hours[edge.target]:
            followers[edge.source].append(edge.target)
    steps = dict.fromkeys(hours, 0)
    done: set[str] = set()
    for node_id in reversed(_ended(followers)):  # each after all that leads to it, circles aside
        done.add(node_id)
        for follower in followers[node_id]:
            if follower not in done:
                steps[follower] = max(steps[follower], steps[node_id] + 1)
    return steps


def _ended(followers: Mapping[str, Sequence[str]]) -> list[str]:
    """The nodes in the order in which a search depth first, from each in turn, is done with them.

    What a node leads to comes before it, but for lines that close a circle.
    """
    ended: list[str] = []
    seen: set[str] = set()
    for start in followers:
        if start in seen:
            continue
        seen.add(start)
        stack = [(start, iter(followers[start]))]
        while stack:
            node_id, ahead = stack[-1]
            follower = next((one for one in ahead if one not in seen), None)
            if follower is None:
                ended.append(node_id)
                stack.pop()
            else:
                seen.add(follower)
                stack.append((follower, iter(followers[follower])))
    return ended


def _time_scale(view: GraphView, steps: Mapping[str, int]) -> tuple[Callable[[float], float], bool]:
    """A rising map from hours to x, with room for the steps within each instant."""
    deepest: dict[float, int] = {}
    for node in view.nodes:
        instant = node.hours or 0.0
        deepest[instant] = max(deepest.get(instant, 0), steps[node.id])
    end = max([*deepest, view.end_hours or 0.0, 1.0])
    positive = [instant for instant in deepest if instant > 0]
    logarithmic = bool(positive) and end / min(positive) > LOG_FROM
    first = max(min(positive, default=1.0), 0.25)

    def base(hours: float) -> float:
        if not logarithmic:
            return TIME_WIDTH * hours / end
        return TIME_WIDTH * math.log1p(hours / first) / math.log1p(end / first)

    knots: list[tuple[float, float]] = []
    for instant in sorted({0.0, end, *deepest}):
        x = base(instant)
        if knots:
            before, before_x = knots[-1]
            x = max(x, before_x + INDENT * (deepest.get(before, 0) + 1))
        knots.append((instant, x))

    exact = dict(knots)

    def scale(hours: float) -> float:
        """Between two instants the curve of ``base``, stretched to fit."""
        if hours in exact:
            return exact[hours]
        for (low, low_x), (high, high_x) in pairwise(knots):
            if hours <= high:
                span = base(high) - base(low)
                part = (base(hours) - base(low)) / span if span else 0.0
                return low_x + part * (high_x - low_x)
        return knots[-1][1]

    return scale, logarithmic


def _time_ticks(
    view: GraphView, scale: Callable[[float], float], logarithmic: bool
) -> tuple[Tick, ...]:
    """Round hours and days, as many as fit; zero and the horizon always."""
    end = max([view.end_hours or 0.0, 1.0, *(node.hours or 0.0 for node in view.nodes)])
    if logarithmic:
        wanted = [hours for hours in _STEPS if hours < end]
    else:
        step = next((one for one in _STEPS if TIME_WIDTH * one / end >= _TICK_ROOM), end)
        wanted = [step * times for times in range(1, math.ceil(end / step))]
    chosen = [0.0, end]
    # From the right, so that days win from minutes where there is room for one of them.
    for hours in reversed(wanted):
        if all(abs(scale(other) - scale(hours)) >= _TICK_ROOM for other in chosen):
            chosen.append(hours)
    return tuple(Tick(scale(hours), short_duration(hours)) for hours in sorted(chosen))


def _packed(
    view: GraphView, xs: Mapping[str, float], ticks: tuple[Tick, ...], logarithmic: bool
) -> Layout:
    """Put the nodes of each lane in the first row where they touch nobody."""
    by_lane: dict[str, list[ViewNode]] = defaultdict(list)
    for node in view.nodes:
        by_lane[node.lane].append(node)
    high = _row_height(view)
    points: dict[str, Point] = {}
    bands: list[Band] = []
    top = 0.0
    for lane in view.lanes:
        if lane not in by_lane:
            continue
        ends: list[float] = []
        first = top + (LANE_HEAD if lane else LANE_FOOT) + high / 2
        for node in sorted(by_lane[lane], key=lambda one: (xs[one.id], one.label, one.id)):
            x, width = xs[node.id], node_width(node)
            row = next((at for at, end in enumerate(ends) if end + GAP <= x - SYMBOL / 2), None)
            if row is None:
                row = len(ends)
                ends.append(0.0)
            ends[row] = x + width
            points[node.id] = Point(x, first + high * row, width)
        bottom = first + high * (len(ends) - 0.5) + LANE_FOOT
        bands.append(Band(lane, top, bottom))
        top = bottom
    width = max([point.x + point.width for point in points.values()] + [tick.x for tick in ticks])
    return Layout(points, tuple(bands), ticks, width, top, logarithmic)


def _in_columns(view: GraphView) -> Layout:
    """Each column of a table below its heading, in the order of the rows."""
    columns: dict[int, list[ViewNode]] = defaultdict(list)
    for node in view.nodes:
        columns[node.column].append(node)
    tallest = ROW * max(len(nodes) for nodes in columns.values())
    points: dict[str, Point] = {}
    ticks: list[Tick] = []
    x = 0.0
    for at in sorted(columns):
        nodes = columns[at]
        heading = short_label(view.ticks[at]) if at < len(view.ticks) else ""
        ticks.append(Tick(x, heading))
        # A short column is spread over the height, so that lines stay flat.
        row = min(tallest / len(nodes), 4 * ROW)
        for place, node in enumerate(nodes):
            points[node.id] = Point(x, LANE_FOOT + row * (place + 0.5), node_width(node))
        widest = max([node_width(node) for node in nodes] + [CHARACTER * len(heading)])
        x += widest + 7 * GAP
    height = tallest + 2 * LANE_FOOT
    width = max(point.x + point.width for point in points.values())
    return Layout(points, (Band("", 0.0, height),), tuple(ticks), width, height)


def _on_a_map(view: GraphView) -> Layout:
    """Longitude to the right and latitude up, stretched so that distances look right."""
    places = {node.id: node.place or (0.0, 0.0) for node in view.nodes}
    west, north = min(p[0] for p in places.values()), max(p[1] for p in places.values())
    middle = math.radians(sum(p[1] for p in places.values()) / len(places))
    spans: Sequence[float] = (
        *((p[0] - west) * math.cos(middle) for p in places.values()),
        *(north - p[1] for p in places.values()),
    )
    pixels = 900.0 / max(max(spans), 1e-6)
    points = {
        node.id: Point(
            (places[node.id][0] - west) * math.cos(middle) * pixels,
            (north - places[node.id][1]) * pixels + ROW,
            node_width(node),
        )
        for node in view.nodes
    }
    height = max(point.y for point in points.values()) + ROW
    width = max(point.x + point.width for point in points.values())
    return Layout(points, (Band("", 0.0, height),), (), width, height)
