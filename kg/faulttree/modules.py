"""A formula cut into modules: parts that share no event with the rest and can be solved alone.

Three rewritings that keep the function, repeated until nothing changes:

- a gate in a gate of the same kind (OR in OR, AND in AND) that nobody else uses joins it;
- inputs that occur in the same OR gates and nowhere else, and likewise for AND, become one gate
  (a module, one variable for the rest of the formula instead of many);
- what is left is cut at its modules, found in linear time from the dates of first and last visit.

Y. Dutuit & A. Rauzy (1996), A linear-time algorithm to find modules of fault trees, IEEE
Transactions on Reliability 45(3).
"""

from __future__ import annotations

from dataclasses import dataclass

from kg.faulttree.formula import Formula

#: Each round of grouping makes the formula smaller; this many is far more than formulas need.
_ROUNDS = 25


@dataclass(frozen=True)
class Module:
    """A part of a formula over leaves of its own.

    Attributes:
        leaves: nodes of the whole: events, and tops of other modules; in depth-first order, which
            is the order of variables (left to right).
        gates: (node, inputs, needed), inputs before the gates that use them; the last is the top.
    """

    leaves: tuple[int, ...]
    gates: tuple[tuple[int, tuple[int, ...], int], ...]


def modules_of(formula: Formula) -> dict[int, Module]:
    """The modules of a formula by their top node, inner ones first; the last one is the whole.

    The top must be a gate. Node numbers from ``formula.events`` on are new.
    """
    work = _Work(formula)
    for _ in range(_ROUNDS):
        merged = work.merge()
        if not (work.group() or merged):
            break
    return work.cut()


class _Work:
    """Gates that are being rewritten: ``inputs`` and ``needed`` by node."""

    def __init__(self, formula: Formula) -> None:
        self.events = formula.events
        self.top = formula.top
        self.inputs: dict[int, list[int]] = {}
        self.needed: dict[int, int] = {}
        for gate, of in enumerate(formula.inputs, formula.events):
            self.inputs[gate] = list(of)
            self.needed[gate] = formula.needed[gate - formula.events]
        self.fresh = self.events + len(formula.inputs)

    def kind(self, gate: int) -> str:
        needed = self.needed[gate]
        if needed == 1:
            return "or"
        return "and" if needed == len(self.inputs[gate]) else "some"

    def order(self) -> list[int]:
        """The gates under the top, inputs before users, depth first and left to right."""
        found: list[int] = []
        seen = {self.top}
        stack = [(self.top, iter(self.inputs[self.top]))]
        while stack:
            gate, rest = stack[-1]
            for node in rest:
                if node >= self.events and node not in seen:
                    seen.add(node)
                    stack.append((node, iter(self.inputs[node])))
                    break
            else:
                found.append(gate)
                stack.pop()
        return found

    def users(self, gates: list[int]) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for gate in gates:
            for node in self.inputs[gate]:
                found.setdefault(node, []).append(gate)
        return found

    def merge(self) -> bool:
        """Gates with one input, and gates in a gate of the same kind, join the gate above."""
        gates = self.order()
        users = self.users(gates)
        changed = False
        for gate in gates:
            kind = self.kind(gate)
            inputs: list[int] = []
            for node in self.inputs[gate]:
                inner = self.inputs.get(node, [])
                alone = kind != "some" and len(users[node]) == 1
                if len(inner) == 1 or (inner and alone and self.kind(node) == kind):
                    inputs += inner
                    changed = True
                else:
                    inputs.append(node)
            if kind != "some":
                inputs = list(dict.fromkeys(inputs))
            self.inputs[gate] = inputs
            if kind == "and":
                self.needed[gate] = len(inputs)
        while len(self.inputs[self.top]) == 1 and self.inputs[self.top][0] >= self.events:
            self.top = self.inputs[self.top][0]
        return changed

    def group(self) -> bool:
        """What always occurs together becomes a gate of its own."""
        gates = self.order()
        users = self.users(gates)
        modules = self.modules()
        alike: dict[tuple[str, tuple[int, ...]], list[int]] = {}
        for node, above in users.items():
            if node >= self.events and node not in modules:
                continue
            kinds = {self.kind(gate) for gate in above}
            if kinds in ({"or"}, {"and"}):
                alike.setdefault((kinds.pop(), tuple(above)), []).append(node)
        changed = False
        for (kind, over), nodes in alike.items():
            whole = len(over) == 1 and len(self.inputs[over[0]]) == len(nodes)
            if len(nodes) < 2 or whole:
                continue
            changed = True
            new = self.fresh
            self.fresh += 1
            self.inputs[new] = nodes
            self.needed[new] = 1 if kind == "or" else len(nodes)
            for gate in over:
                self.replace(gate, set(nodes), new)
        return changed

    def replace(self, gate: int, nodes: set[int], new: int) -> None:
        kind = self.kind(gate)
        inputs = dict.fromkeys(new if node in nodes else node for node in self.inputs[gate])
        self.inputs[gate] = list(inputs)
        if kind == "and":
            self.needed[gate] = len(inputs)

    def modules(self) -> set[int]:
        """Gates below which everything is visited between their own first and last visit."""
        first, last, left, order = self.visit()
        low: dict[int, int] = {}
        high: dict[int, int] = {}
        for gate in order:
            below = self.inputs[gate]
            low[gate] = min(min(first[node], low.get(node, first[node])) for node in below)
            high[gate] = max(max(last[node], high.get(node, last[node])) for node in below)
        return {gate for gate in order if low[gate] > first[gate] and high[gate] < left[gate]}

    def visit(self) -> tuple[dict[int, int], dict[int, int], dict[int, int], list[int]]:
        """Dates of the first and last visit, when a gate is left, and the gates in that order."""
        clock = 1
        first, last, left = {self.top: 1}, {self.top: 1}, {}
        order: list[int] = []
        stack = [(self.top, iter(self.inputs[self.top]))]
        while stack:
            gate, rest = stack[-1]
            clock += 1
            for node in rest:
                last[node] = clock
                if node not in first:
                    first[node] = clock
                    if node >= self.events:
                        stack.append((node, iter(self.inputs[node])))
                        break
                clock += 1
            else:
                left[gate] = last[gate] = clock
                order.append(gate)
                stack.pop()
        return first, last, left, order

    def cut(self) -> dict[int, Module]:
        modules = self.modules() | {self.top}
        found: dict[int, Module] = {}
        for top in self.order():
            if top in modules:
                found[top] = self.module(top, modules)
        return found

    def module(self, top: int, modules: set[int]) -> Module:
        leaves: dict[int, None] = {}
        gates: list[tuple[int, tuple[int, ...], int]] = []
        seen = {top}
        stack = [(top, iter(self.inputs[top]))]
        while stack:
            gate, rest = stack[-1]
            for node in rest:
                if node < self.events or node in modules:
                    leaves.setdefault(node)
                elif node not in seen:
                    seen.add(node)
                    stack.append((node, iter(self.inputs[node])))
                    break
            else:
                gates.append((gate, tuple(self.inputs[gate]), self.needed[gate]))
                stack.pop()
        return Module(tuple(leaves), tuple(gates))
