"""A picture and a network as JSON and GraphML."""

import json
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree as ET

import networkx as nx

from kg.network import network_of
from kg.views.export import network_graphml, view_graphml, view_json


def test_json_says_the_same(drawings: ModuleType) -> None:
    view = drawings.rail_view()
    found = json.loads(json.dumps(view_json(view)))
    assert [node["id"] for node in found["nodes"]] == [node.id for node in view.nodes]
    assert found["nodes"][2]["hours"] == 3.0
    assert found["level"] == "openbaar"
    assert len(found["edges"]) == len(view.edges)
    assert found["table"]["rows"] == [list(row) for row in view.table_rows]


def test_graphml_is_read_by_others(tmp_path: Path, drawings: ModuleType) -> None:
    (tmp_path / "a.graphml").write_bytes(view_graphml(drawings.rail_view()))
    graph = nx.read_graphml(tmp_path / "a.graphml")
    assert graph.number_of_nodes() == 3
    assert graph.number_of_edges() == 2
    assert graph.graph["release"] == "0123456789abcdef"
    assert {data["label"] for _, data in graph.nodes(data=True)} >= {"GSM-R", "Treindienst"}


def test_graphml_holds_any_text(drawings: ModuleType) -> None:
    root = ET.fromstring(view_graphml(drawings.evil_view()).replace(b"\xe2\x80\xa8", b""))
    assert len(root.findall(".//{*}node")) == 6


def test_control_characters_cannot_break_graphml(drawings: ModuleType) -> None:
    view = drawings.rail_view()
    from dataclasses import replace

    ET.fromstring(view_graphml(replace(view, title="a\x00b\x1b[31m\ufffe")))


def test_the_network_as_graphml(tmp_path: Path, drawings: ModuleType) -> None:
    network = network_of(drawings.RAIL + "x <- grid buffer=?\n")
    (tmp_path / "n.graphml").write_bytes(network_graphml(network, drawings.FRAME))
    graph = nx.read_graphml(tmp_path / "n.graphml")
    assert graph.graph["level"] == "openbaar"
    base = "https://w3id.org/vitaal/id/"
    edge = graph.edges[base + "grid", base + "gsmr"]
    assert edge["bufferHours"] == 3.0
    assert edge["effect"] == "fails"
    assert "bufferHours" not in graph.edges[base + "grid", base + "x"]
    assert graph.nodes[base + "rail"]["vital"] is True
    assert view_graphml(drawings.rail_view()) == view_graphml(drawings.rail_view())
