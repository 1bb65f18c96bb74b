"""The fault tree of a target and a deadline, to be written in a format that other tools read."""

from __future__ import annotations

import math
from collections.abc import Sequence

from kg.cascade.unfold import Unfolded
from kg.faulttree.tree import Event, FaultTree, Gate
from kg.faulttree.write import identifiers
from kg.language import in_dutch, say
from kg.names import local_id
from kg.network import Network


def fault_tree(
    network: Network,
    target: int,
    unfolded: Unfolded,
    probability: Sequence[float] | None = None,
) -> FaultTree:
    """Time is unfolded and loops are broken as :mod:`kg.cascade.unfold` says, so it is acyclic.

    Events are the units by their id, being down from the start; gates are g1, g2, … with a label
    that says which unit within which time. The top is the gate ``top``.
    """
    formula = unfolded.formula
    gates, events = _reached(unfolded)
    names = identifiers([local_id(network.units[unit]) for unit in events])
    of = dict(zip(events, names, strict=True))
    taken = set(names)
    number = 0
    for gate in gates:
        number += 1
        while f"g{number}" in taken:
            number += 1
        of[gate] = f"g{number}"
    found = [
        Gate(
            of[gate],
            tuple(of[node] for node in formula.inputs[gate - formula.events]),
            formula.needed[gate - formula.events],
            _meaning(network, unfolded, gate),
        )
        for gate in gates
    ]
    top = "top"
    while top in taken:
        top += "_"
    found.append(Gate(top, (of[formula.top],), 1, network.label(target)))
    chances = [math.nan if probability is None else float(probability[unit]) for unit in events]
    return FaultTree(
        name=identifiers([local_id(network.units[target])])[0],
        gates=tuple(found),
        events=tuple(
            Event(of[unit], chance, network.label(unit))
            for unit, chance in zip(events, chances, strict=True)
        ),
        constants={},
        tops=(top,),
    )


def _reached(unfolded: Unfolded) -> tuple[list[int], list[int]]:
    """The gates under the top, inputs first, and the events; both sorted."""
    formula = unfolded.formula
    seen = {formula.top}
    todo = [formula.top]
    while todo:
        node = todo.pop()
        if node >= formula.events:
            for one in formula.inputs[node - formula.events]:
                if one not in seen:
                    seen.add(one)
                    todo.append(one)
    order = sorted(seen)
    return [n for n in order if n >= formula.events], [n for n in order if n < formula.events]


def _meaning(network: Network, unfolded: Unfolded, gate: int) -> str:
    known = unfolded.meaning.get(gate)
    if known is None:
        return ""
    unit, not_full, hours = known
    label = network.label(unit)
    what = say("werkt niet volledig", "does not work in full") if not_full else say("uit", "down")
    if math.isinf(hours):
        return f"{label}: {what}"
    return f"{label}: {what}" + say(f" binnen {in_dutch(hours)} uur", f" within {hours:g} hours")
