"""The answer to a query as a GraphView: rows as chains of things, or as events in time."""

import re
from typing import Final

import pyoxigraph as ox

from kg.language import say
from kg.names import GEO
from kg.queries import Cell, SavedQuery, Table, plain
from kg.views.model import Axis, Frame, GraphView, State, ViewEdge, ViewNode

#: A picture of more rows than this says less than the table does.
MOST_ROWS: Final = 300

_HOURS: Final = ("hours", "afterHours", "hoursToFailure")
_LANES: Final = ("sector", "toSector")
_NUMBER: Final = r"([-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?)"
_POSITION: Final = re.compile(rf"[(,]\s*{_NUMBER}\s+{_NUMBER}")
_STATES: Final[dict[str, State]] = {"down": "down", "degraded": "degraded", "up": "up"}


def query_view(table: Table, frame: Frame, query: SavedQuery | None = None) -> GraphView:
    """The picture of an answer. The table under it always has every row.

    The view of the query chooses: ``cascade`` puts the first thing of each row in time, with its
    sector as lane; ``map`` puts it on its WKT geometry; anything else links the things of a row
    from left to right, under the headings of their columns. Rows with fewer than two things give
    no picture.
    """
    view = query.view if query else "table"
    rows = table.rows[:MOST_ROWS]
    notes = []
    if len(table.rows) > MOST_ROWS:
        notes.append(
            say(
                f"Het beeld toont de eerste {MOST_ROWS} van {len(table.rows)} rijen; "
                "de tabel toont ze alle.",
                f"The picture shows the first {MOST_ROWS} of {len(table.rows)} rows; "
                "the table all of them.",
            )
        )
    if table.truncated:
        notes.append(
            say(
                "De uitkomst is afgekapt: er zijn meer rijen.",
                "The answer is cut off: there is more.",
            )
        )
    names = [column.name for column in table.columns]
    things = [
        at for at in range(len(names)) if any(isinstance(row[at], ox.NamedNode) for row in rows)
    ]
    drawing = _Drawing(table)
    if view == "cascade" and things and any(name in names for name in _HOURS):
        drawing.in_time(rows, names, things)
    elif view == "map" and things and any(_place(cell) for row in rows for cell in row):
        drawing.on_a_map(rows, things)
    elif len(things) > 1:
        drawing.in_columns(rows, things)
    return GraphView(
        title=str(query.label) if query else say("Uitkomst van een vraag", "Answer to a query"),
        subtitle=str(query.question) if query else "",
        level=frame.level,
        release=frame.release,
        policy=frame.policy,
        date=frame.date,
        lanes=tuple(sorted({node.lane for node in drawing.nodes.values()})),
        nodes=tuple(drawing.nodes.values()),
        edges=tuple(drawing.edges),
        table_columns=table.headings(),
        table_rows=tuple(table.shown_rows()),
        axis=drawing.axis,
        ticks=drawing.ticks,
        row_nodes=tuple(drawing.row_nodes + [""] * (len(table.rows) - len(drawing.row_nodes))),
        notes=tuple(notes),
    )


class _Drawing:
    """Collects nodes and edges of one table."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.nodes: dict[str, ViewNode] = {}
        self.edges: dict[ViewEdge, None] = {}
        self.row_nodes: list[str] = []
        self.axis: Axis = "columns"
        self.ticks: tuple[str, ...] = ()

    def in_columns(self, rows: tuple[tuple[Cell, ...], ...], things: list[int]) -> None:
        headings = self.table.headings()
        self.ticks = tuple(headings[at] for at in things)
        for row in rows:
            before = ""
            first = ""
            for column, at in enumerate(things):
                cell = row[at]
                if not isinstance(cell, ox.NamedNode):
                    continue
                node_id = f"{column}:{cell.value}"
                if node_id not in self.nodes:
                    label = self.table.shown(cell)
                    detail = f"{headings[at]}: {label}"
                    self.nodes[node_id] = ViewNode(
                        node_id, label, "thing", detail=detail, column=column
                    )
                if before:
                    self.edges.setdefault(ViewEdge(before, node_id, "", "row"))
                before = node_id
                first = first or node_id
            self.row_nodes.append(first)

    def in_time(
        self, rows: tuple[tuple[Cell, ...], ...], names: list[str], things: list[int]
    ) -> None:
        self.axis = "hours"
        hours_at = next(names.index(name) for name in _HOURS if name in names)
        lane_at = next((names.index(name) for name in _LANES if name in names), None)
        state_at = names.index("state") if "state" in names else None
        subject = next((at for at in things if at != lane_at), things[0])
        for number, row in enumerate(rows):
            node_id = f"{number}:{plain(row[subject])}"
            hours = plain(row[hours_at])
            state: State = "down"
            if state_at is not None and isinstance(row[state_at], ox.NamedNode):
                state = _STATES.get(str(plain(row[state_at])).rpartition("#")[2], "down")
            self.nodes[node_id] = ViewNode(
                node_id,
                self.table.shown(row[subject]),
                "unit",
                self.table.shown(row[lane_at]) if lane_at is not None else "",
                float(hours) if isinstance(hours, int | float) else None,
                state,
                "\n".join(
                    f"{heading}: {self.table.shown(cell)}"
                    for heading, cell in zip(self.table.headings(), row, strict=True)
                ),
            )
            self.row_nodes.append(node_id)

    def on_a_map(self, rows: tuple[tuple[Cell, ...], ...], things: list[int]) -> None:
        self.axis = "map"
        for row in rows:
            place = next((found for cell in row if (found := _place(cell))), None)
            cell = row[things[0]]
            if place is None or not isinstance(cell, ox.NamedNode):
                self.row_nodes.append("")
                continue
            label = self.table.shown(cell)
            self.nodes.setdefault(
                cell.value, ViewNode(cell.value, label, "thing", detail=label, place=place)
            )
            self.row_nodes.append(cell.value)


def _place(cell: Cell) -> tuple[float, float] | None:
    """The longitude and latitude of a WKT geometry: the middle of the box around it."""
    if not isinstance(cell, ox.Literal) or cell.datatype.value != GEO + "wktLiteral":
        return None
    found = [(float(x), float(y)) for x, y in _POSITION.findall(cell.value)]
    if not found:
        return None
    xs, ys = zip(*found, strict=True)
    return ((min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2)
