"""Minimal cut sets up to an order, for formulas that are too large to solve whole."""

from __future__ import annotations

from kg.faulttree.diagram import deep_recursion
from kg.faulttree.families import EMPTY, NONE, CutFamily, Families, Family
from kg.faulttree.formula import TRUE, Formula


def bounded(formula: Formula, order: int | None, steps: int) -> CutFamily:
    """The minimal cut sets of at most ``order`` events; all when ``None``.

    Raises:
        TooLarge: it takes more than ``steps`` steps.
    """
    gates, events = _below(formula)
    with deep_recursion():
        families = Families(events, order, steps)
        return CutFamily(families, _solve(formula, gates, families))


def _solve(formula: Formula, gates: list[int], families: Families) -> Family:
    if formula.top < 0:
        return EMPTY if formula.top == TRUE else NONE
    of: dict[int, Family] = {}
    for gate in gates:
        inputs = formula.inputs[gate - formula.events]
        known = [of[n] if n >= formula.events else families.single(n) for n in inputs]
        of[gate] = families.at_least(known, formula.needed[gate - formula.events])
    return of[formula.top] if gates else families.single(formula.top)


def _below(formula: Formula) -> tuple[list[int], list[int]]:
    """The gates under the top, inputs first; the events, depth first and left to right."""
    events, inputs = formula.events, formula.inputs
    if formula.top < events:
        return [], [formula.top] if formula.top >= 0 else []
    gates: list[int] = []
    found: dict[int, None] = {}
    seen = {formula.top}
    stack = [(formula.top, iter(inputs[formula.top - events]))]
    while stack:
        gate, rest = stack[-1]
        for node in rest:
            if node < events:
                found.setdefault(node)
            elif node not in seen:
                seen.add(node)
                stack.append((node, iter(inputs[node - events])))
                break
        else:
            gates.append(gate)
            stack.pop()
    return gates, list(found)
