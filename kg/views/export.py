"""Pictures and networks as JSON and as GraphML, for other programs."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final
from xml.etree import ElementTree as ET

from kg.network import KINDS, Network
from kg.views.model import Frame, GraphView

_GRAPHML: Final = "http://graphml.graphdrawing.org/xmlns"
#: What XML 1.0 cannot hold, not even escaped.
_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Keys = Sequence[tuple[str, str]]
_NODE_KEYS: Final[Keys] = (
    ("label", "string"),
    ("kind", "string"),
    ("lane", "string"),
    ("hours", "double"),
    ("state", "string"),
    ("detail", "string"),
)
_EDGE_KEYS: Final[Keys] = (("label", "string"), ("kind", "string"))
_UNIT_KEYS: Final[Keys] = (
    ("label", "string"),
    ("sector", "string"),
    ("vital", "boolean"),
    ("restartLagHours", "double"),
)
_REQUIREMENT_KEYS: Final[Keys] = (
    ("requirement", "string"),
    ("label", "string"),
    ("minimumFulfilled", "int"),
    ("bufferHours", "double"),
    ("effect", "string"),
    ("purpose", "string"),
    ("dependencyKind", "string"),
)
_VIEW_KEYS: Final = ("title", "subtitle", "level", "release", "policy", "date")


def view_json(view: GraphView) -> dict[str, Any]:
    """Plain values; times are hours as numbers."""
    return {
        **{name: getattr(view, name) for name in _VIEW_KEYS},
        "axis": view.axis,
        "end_hours": view.end_hours,
        "lanes": list(view.lanes),
        "nodes": [
            {"id": node.id, **{name: getattr(node, name) for name, _ in _NODE_KEYS}}
            for node in view.nodes
        ],
        "edges": [asdict(edge) for edge in view.edges],
        "table": {"columns": list(view.table_columns), "rows": [list(r) for r in view.table_rows]},
        "notes": list(view.notes),
    }


def view_graphml(view: GraphView) -> bytes:
    """A picture as GraphML; the same bytes for the same view."""
    return _graphml(
        {name: getattr(view, name) for name in _VIEW_KEYS},
        _NODE_KEYS,
        ((node.id, asdict(node)) for node in view.nodes),
        _EDGE_KEYS,
        ((edge.source, edge.target, asdict(edge)) for edge in view.edges),
    )


def network_graphml(network: Network, frame: Frame) -> bytes:
    """The dependency network: an edge from each fulfiller to the unit that requires it.

    An unknown buffer or restart lag has no value, rather than the 0 that it counts as.
    """
    return _graphml(
        asdict(frame),
        _UNIT_KEYS,
        (_unit(network, at) for at in range(len(network.units))),
        _REQUIREMENT_KEYS,
        (
            (network.units[fulfiller], network.units[network.dependent[at]], _need(network, at))
            for at in range(len(network.requirements))
            for fulfiller in network.fulfillers(at).tolist()
        ),
    )


def _unit(network: Network, at: int) -> tuple[str, dict[str, Any]]:
    known = bool(network.restart_known[at])
    return network.units[at], {
        "label": network.label(at),
        "sector": network.sector_of(at),
        "vital": "true" if network.vital[at] else "false",
        "restartLagHours": float(network.restart_lag[at]) if known else None,
    }


def _need(network: Network, at: int) -> dict[str, Any]:
    buffer = float(network.buffer[at]) if network.buffer_known[at] else None
    kind = int(network.kind[at])
    return {
        "requirement": network.requirements[at],
        "label": network.requirement_label(at),
        "minimumFulfilled": int(network.minimum[at]),
        "bufferHours": "INF" if buffer is not None and math.isinf(buffer) else buffer,
        "effect": ("fails", "degrades")[int(network.effect[at])],
        "purpose": ("operation", "restart")[int(network.purpose[at])],
        "dependencyKind": KINDS[kind] if kind >= 0 else None,
    }


def _graphml(
    about: Mapping[str, Any],
    node_keys: Keys,
    nodes: Iterable[tuple[str, Mapping[str, Any]]],
    edge_keys: Keys,
    edges: Iterable[tuple[str, str, Mapping[str, Any]]],
) -> bytes:
    ET.register_namespace("", _GRAPHML)
    root = ET.Element(_tag("graphml"))
    for holder, keys in (
        ("graph", [(name, "string") for name in about]),
        ("node", node_keys),
        ("edge", edge_keys),
    ):
        for name, kind in keys:
            key = {"id": f"{holder[0]}_{name}", "for": holder, "attr.name": name, "attr.type": kind}
            ET.SubElement(root, _tag("key"), key)
    graph = ET.SubElement(root, _tag("graph"), edgedefault="directed")
    _data(graph, "g", [(name, "string") for name in about], about)
    for node_id, values in nodes:
        _data(ET.SubElement(graph, _tag("node"), id=_clean(node_id)), "n", node_keys, values)
    for source, target, values in edges:
        ends = {"source": _clean(source), "target": _clean(target)}
        _data(ET.SubElement(graph, _tag("edge"), ends), "e", edge_keys, values)
    ET.indent(root)
    body: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return body + b"\n"


def _tag(name: str) -> str:
    return f"{{{_GRAPHML}}}{name}"


def _data(element: ET.Element, letter: str, keys: Keys, values: Mapping[str, Any]) -> None:
    for name, _ in keys:
        value = values.get(name)
        if value is not None and value != "":
            ET.SubElement(element, _tag("data"), key=f"{letter}_{name}").text = _clean(str(value))


def _clean(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
