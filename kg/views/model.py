"""GraphView: what a picture shows, before anybody decides where and how it is drawn."""

from dataclasses import dataclass, field
from typing import Final, Literal, get_args

#: What happened to a node: struck by an outage, down, degraded, up again, spared by a measure, or
#: nothing at all.
State = Literal["struck", "down", "degraded", "up", "spared", "none"]
#: ``vital`` is a vital process; ``unit`` any other thing that can be up or down.
Kind = Literal["vital", "unit", "fact", "thing"]
#: What stands on the x-axis: hours, the step of a proof or chain, the column of a table, a map.
Axis = Literal["hours", "step", "columns", "map"]

STATES: Final[tuple[State, ...]] = get_args(State)
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)


@dataclass(frozen=True)
class ViewNode:
    """One mark in the picture.

    ``hours`` is where it stands in time (``None`` outside a time axis); ``column`` where it stands
    on an axis of columns; ``place`` is (longitude, latitude) on a map. ``detail`` is the
    explanation that a person gets on asking: plain text, never HTML. ``lines`` is the label as it
    stands in the picture where that takes more than one line.
    """

    id: str
    label: str
    kind: Kind = "unit"
    lane: str = ""
    hours: float | None = None
    state: State = "none"
    detail: str = ""
    column: int = 0
    place: tuple[float, float] | None = None
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class ViewEdge:
    """One line in the picture, from cause to consequence."""

    source: str
    target: str
    label: str = ""
    kind: str = "cause"


@dataclass(frozen=True)
class Band:
    """How many there are at each moment: (low, middle, high) per moment, in order."""

    title: str
    fill: str
    stroke: str
    hours: tuple[float, ...]
    values: tuple[tuple[float, float, float], ...]


@dataclass(frozen=True)
class Table:
    """A table beside a picture."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Bands:
    """A section of a page: the bands, what they mean, and the tables that say it in full."""

    title: str
    text: str
    bands: tuple[Band, ...]
    tables: tuple[Table, ...]


@dataclass(frozen=True)
class GraphView:
    """A picture and the table that says the same, with everything a reader must know of it.

    ``lanes`` are the bands of the y-axis in order; every ``ViewNode.lane`` is one of them.
    ``row_nodes`` holds, for each row of the table, the id of the node that the row is about, or
    an empty text. ``ticks`` name the columns where the axis is ``columns``. ``end_hours`` is the
    horizon of a time axis. ``bands`` is a section of its own, above the picture.
    """

    title: str
    subtitle: str
    level: str
    release: str
    policy: str
    date: str
    lanes: tuple[str, ...]
    nodes: tuple[ViewNode, ...]
    edges: tuple[ViewEdge, ...]
    table_columns: tuple[str, ...]
    table_rows: tuple[tuple[str, ...], ...]
    axis: Axis = "hours"
    end_hours: float | None = None
    ticks: tuple[str, ...] = ()
    row_nodes: tuple[str, ...] = field(default=(), repr=False)
    notes: tuple[str, ...] = ()
    bands: Bands | None = None

    def __post_init__(self) -> None:
        known = {node.id for node in self.nodes}
        if len(known) != len(self.nodes):
            raise ValueError("two nodes with one id")
        loose = [edge for edge in self.edges if not {edge.source, edge.target} <= known]
        if loose:
            raise ValueError(f"an edge without its node: {loose[0]}")
        lanes = set(self.lanes)
        if any(node.lane not in lanes for node in self.nodes):
            raise ValueError("a node in a lane that is not there")
        if self.row_nodes and len(self.row_nodes) != len(self.table_rows):
            raise ValueError("row_nodes and table_rows differ in length")


@dataclass(frozen=True)
class Frame:
    """What every picture of a release carries: where it came from and who may see it."""

    level: str
    release: str
    policy: str
    date: str
