"""Views that the tests of this folder draw; each test of a picture starts in Dutch."""

import sys
from itertools import pairwise
from types import ModuleType

import pytest

from kg.cascade import Outage, cascade
from kg.network import network_of
from kg.views import Frame, GraphView, ViewEdge, ViewNode
from kg.views.cascade import cascade_view

FRAME = Frame("openbaar", "0123456789abcdef", "beleid-2026", "2026-08-15")

#: grid ──3 h──> gsmr ─┐
#:   └─────────────────┴─> rail
RAIL = """
grid sector=energie label=Regionaal_net
gsmr sector=telecom label=GSM-R
rail sector=spoor vital restart=4 label=Treindienst
gsmr <- grid buffer=3
rail <- grid gsmr k=2
"""

#: What a hostile or careless label can hold.
EVIL = (
    "<script>document.title='hacked'</script>",
    '"><img src=x onerror="document.title=\'hacked\'">',
    "</script><script>document.title='hacked'</script>",
    "href javascript:alert(1) <a href='https://example.org/'>klik</a>",
    "<!--<script>",
    "regel\u2028scheiding\u2029 & 'aanhaling' {{ 7 * 7 }} ${1}",
)


def rail_view(end: float = float("inf")) -> GraphView:
    network = network_of(RAIL)
    unit = network.index("https://w3id.org/vitaal/id/grid")
    return cascade_view(cascade(network, [Outage(unit, 0.0, end)], 72.0), FRAME)


def evil_view() -> GraphView:
    nodes = tuple(
        ViewNode(f"n{at}{text}", text, "unit", f"Sector {text}", float(at), "down", f"Door {text}")
        for at, text in enumerate(EVIL)
    )
    edges = tuple(ViewEdge(one.id, other.id, EVIL[0]) for one, other in pairwise(nodes))
    return GraphView(
        title=EVIL[0],
        subtitle=EVIL[1],
        level=f"openbaar{EVIL[2]}",
        release=EVIL[3],
        policy=EVIL[4],
        date=EVIL[5],
        lanes=tuple(node.lane for node in nodes),
        nodes=nodes,
        edges=edges,
        table_columns=("Na", EVIL[0]),
        table_rows=tuple((str(node.hours), node.label) for node in nodes),
        row_nodes=tuple(node.id for node in nodes),
        notes=EVIL,
        end_hours=8.0,
    )


def wide_view(count: int) -> GraphView:
    """Many events: seven sectors, ten instants, every node caused by an earlier one."""
    instants = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 24.0, 48.0, 72.0, 168.0)
    nodes = tuple(
        ViewNode(
            f"n{at}",
            f"Onderdeel nummer {at} (fictief)",
            "vital" if at % 23 == 5 else "unit",
            f"Sector {at % 7}",
            instants[at * len(instants) // count],
            "struck" if at == 0 else "down",
            f"Uitleg van {at}",
        )
        for at in range(count)
    )
    edges = tuple(ViewEdge(f"n{at * 2 // 3}", f"n{at}") for at in range(1, count))
    return GraphView(
        title="Veel",
        subtitle="",
        level="openbaar",
        release="r",
        policy="p",
        date="2026-08-15",
        lanes=tuple(f"Sector {at}" for at in range(7)),
        nodes=nodes,
        edges=edges,
        table_columns=("Na", "Eenheid"),
        table_rows=tuple((str(node.hours), node.label) for node in nodes),
        row_nodes=tuple(node.id for node in nodes),
        end_hours=168.0,
    )


def marked_view() -> GraphView:
    """Names of every length up to far over the limit, from the left edge to the right one."""
    nodes = tuple(
        ViewNode(
            f"n{at}",
            f"Noodstroomaggregaat {'bedrijfsvoeringscentrum ' * (at % 4)}{at} (fictief)",
            "unit",
            "Energie",
            float(at),
            "down",
        )
        for at in range(13)
    )
    return GraphView(
        "Merk", "", "openbaar", "r", "p", "2026-08-15", ("Energie",), nodes, (), (), (),
        end_hours=12.0,
    )  # fmt: skip


@pytest.fixture(scope="session")
def drawings() -> ModuleType:
    """This file, for the tests beside it."""
    return sys.modules[__name__]
