"""A fault tree is a network too: a gate is a unit with one requirement over its inputs.

    ===================  ===================================================
    in the fault tree    in the network
    ===================  ===================================================
    basic event          a unit without requirements
    or of n inputs       a unit that needs all of them: k = n
    and of n inputs      a unit that needs one of them: k = 1
    at least m of n      a unit that needs n − m + 1 of them: k = n − m + 1
    ===================  ===================================================

Buffers are 0, so that a gate is down at the moment its event is true.
"""

from __future__ import annotations

import math
from typing import NamedTuple
from urllib.parse import quote

from kg.errors import UsageError
from kg.faulttree.tree import FaultTree, Gate
from kg.names import ID
from kg.network.assemble import RequirementRow, UnitRow, assemble
from kg.network.model import Network


class TreeNetwork(NamedTuple):
    """The network of a fault tree; ``events`` are the units that are basic events.

    Their probabilities are ``network.unavailability``, NaN for gates and where unknown.
    """

    network: Network
    top: int
    events: tuple[int, ...]


def network_of_tree(tree: FaultTree, top: str | None = None) -> TreeNetwork:
    """The network of a fault tree; constants are worked out and are no units.

    Raises:
        UsageError: no such top, several, or a top that is always or never true.
    """
    chosen = tree.choose(top)
    constants = dict(tree.constants)
    units = [
        UnitRow(
            _iri(event.name),
            event.label or event.name,
            unavailability=None if math.isnan(event.probability) else event.probability,
        )
        for event in tree.events
    ]
    requirements: list[RequirementRow] = []
    for gate in tree.gates:
        inputs = [name for name in gate.inputs if name not in constants]
        needed = gate.needed - sum(constants.get(name, False) for name in gate.inputs)
        if needed <= 0 or needed > len(inputs):
            constants[gate.name] = needed <= 0
            continue
        units.append(UnitRow(_iri(gate.name), gate.label or gate.name))
        if needed in (1, len(inputs)):
            inputs = list(dict.fromkeys(inputs))
            needed = min(needed, len(inputs))
        twins = _twins(gate, inputs)
        units += [UnitRow(_iri(twin), twin) for twin, _ in twins]
        requirements += [_requirement(twin, [name], 1) for twin, name in twins]
        renamed = [*dict.fromkeys(inputs), *(twin for twin, _ in twins)]
        requirements.append(_requirement(gate.name, renamed, needed))
    if chosen in constants:
        raise UsageError(
            "open-psa.constant",
            f"Poort '{chosen}' is altijd {'waar' if constants[chosen] else 'onwaar'}.",
            f"Gate '{chosen}' is always {'true' if constants[chosen] else 'false'}.",
        )
    network = assemble(units, requirements)
    events = sorted(network.index(_iri(event.name)) for event in tree.events)
    return TreeNetwork(network, network.index(_iri(chosen)), tuple(events))


def _twins(gate: Gate, inputs: list[str]) -> list[tuple[str, str]]:
    """An input that stands twice counts twice: each further one is a unit that needs the first."""
    seen: set[str] = set()
    found = []
    for place, name in enumerate(inputs):
        if name in seen:
            found.append((f"{gate.name}/again/{place}", name))
        seen.add(name)
    return found


def _requirement(name: str, inputs: list[str], needed: int) -> RequirementRow:
    return RequirementRow(
        iri=f"{_iri(name)}/inputs",
        dependent=_iri(name),
        fulfillers=tuple(_iri(one) for one in inputs),
        minimum=len(inputs) - needed + 1,
        buffer=0.0,
    )


def _iri(name: str) -> str:
    return ID + quote(name)
