"""Writes a fault tree in the Open-PSA model exchange format 2.0d, always the same bytes."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Final
from xml.etree import ElementTree as ET

from kg.faulttree.tree import FaultTree, Gate

#: What XML 1.0 cannot hold, not even escaped.
_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
#: An identifier of the format.
_IDENTIFIER: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:-[A-Za-z0-9_]+)*")


def identifiers(names: Sequence[str]) -> list[str]:
    """Names as identifiers of the format: what does not fit is replaced, and all stay different."""
    taken: set[str] = {name for name in names if _IDENTIFIER.fullmatch(name)}
    found = []
    for name in names:
        if not _IDENTIFIER.fullmatch(name):
            plain = re.sub(r"[^A-Za-z0-9_]+", "_", name).strip("_")
            plain = plain if plain and not plain[0].isdigit() else f"n_{plain}"
            name = plain
            number = 1
            while name in taken:
                number += 1
                name = f"{plain}_{number}"
            taken.add(name)
        found.append(name)
    return found


def open_psa(tree: FaultTree, about: Sequence[str] = ()) -> bytes:
    """The tree as XML; ``about`` are remarks for people, as comments at the top.

    Names of gates and events must be identifiers (:func:`identifiers`). An unknown probability is
    an event without expression.
    """
    root = ET.Element("opsa-mef")
    for line in about:
        root.append(ET.Comment(f" {_clean(line).replace('--', '- -')} "))
    inside = ET.SubElement(root, "define-fault-tree", name=tree.name)
    gates = {gate.name for gate in tree.gates}
    for gate in reversed(tree.gates):  # the top first, as people read it
        _gate(inside, gate, gates)
    data = ET.SubElement(root, "model-data")
    for event in tree.events:
        element = ET.SubElement(data, "define-basic-event", name=event.name)
        _label(element, event.label)
        if not math.isnan(event.probability):
            ET.SubElement(element, "float", value=repr(event.probability))
    ET.indent(root)
    body: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return body + b"\n"


def _gate(inside: ET.Element, gate: Gate, gates: set[str]) -> None:
    element = ET.SubElement(inside, "define-gate", name=gate.name)
    _label(element, gate.label)
    if gate.needed == 1:
        formula = ET.SubElement(element, "or")
    elif gate.needed == len(gate.inputs):
        formula = ET.SubElement(element, "and")
    else:
        formula = ET.SubElement(element, "atleast", min=str(gate.needed))
    for name in gate.inputs:
        ET.SubElement(formula, "gate" if name in gates else "basic-event", name=name)


def _label(element: ET.Element, text: str) -> None:
    if text:
        ET.SubElement(element, "label").text = _clean(text)


def _clean(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
