"""A network and a deadline as a formula: which units, struck at 0 for good, bring the target down.

With x_v "v is struck", D(v, t) is the function of the x that says "v is down at t"::

    D(v, t) = x_v or, for a requirement r of v (operation, fails) with buffer b ≤ t,
              at least n − k + 1 of { D(u, t − b), or N(u, t − b) when r needsFull : u ∈ F(r) }
    N(v, t) = D(v, t) or the same for the requirements of v that degrade

the recursion of :mod:`kg.cascade.failure` for all sets of struck units at once. It is solved the
same way, forward in time: at 0 every unit is down when it is struck; whenever a function grows at
t, the requirements that look at it are looked at again at t + b. Functions only grow, and are held
in a form that is equal when the functions are (decision diagrams, or families of minimal cut sets
up to an order): so a loop that brings nothing new comes to rest by itself, at the least fixpoint,
and time stops where nothing grows any more. Each growth becomes a gate of an acyclic formula. Work
is one evaluation per requirement and moment at which what it looks at has grown; looked at is only
what can reach the target in time.

Cut sets of the target that are known already (of a lower order) make this much lighter: no other
minimal cut set of the target contains one, so neither need any set on the way to it. They are taken
out of every family, and a unit whose every failure is already known to be fatal never grows at all.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Final

from kg.faulttree.diagram import Functions, deep_recursion
from kg.faulttree.families import CutFamily, Families
from kg.faulttree.formula import FALSE, Formula, FormulaBuilder
from kg.network import Network
from kg.network.durations import FOREVER, to_hours, to_ticks

Label = int  # 2·unit down, 2·unit + 1 not in full
#: When a label grew, and what it was from then on: its function (or family) and its gate.
Growth = tuple[int, int, int]
_NEVER: Final = 0  # the function that is never true, the family without a set


@dataclass(frozen=True)
class Unfolded:
    """What brings a target down, as a formula over units (event i is unit i).

    Attributes:
        meaning: of a gate: the unit, whether it is about working in full, and from how many hours.
        requirements: those that were looked at, sorted.
        cuts: the minimal cut sets, where those were asked for; the formula then leaves out what
            was known.
    """

    formula: Formula
    meaning: dict[int, tuple[int, bool, float]]
    requirements: tuple[int, ...]
    cuts: CutFamily | None


def unfold(
    network: Network,
    target: int,
    within_hours: float = math.inf,
    among: Collection[int] | None = None,
    *,
    steps: int,
) -> Unfolded:
    """The whole of "the target is down within so many hours", as a formula.

    Args:
        among: the units that can be struck; all of them by default.
        steps: how much work, see :class:`kg.faulttree.diagram.Functions`.

    Raises:
        TooLarge: it takes more.
    """
    unfolding = _Unfolding(network, target, within_hours, among)
    with deep_recursion():
        return unfolding.run(Functions(unfolding.struck, steps))


def find(
    network: Network,
    target: int,
    within_hours: float,
    among: Collection[int] | None,
    *,
    order: int | None,
    known: CutFamily | None,
    steps: int,
) -> Unfolded:
    """The minimal cut sets of at most ``order`` units; ``None`` is all of them.

    Args:
        known: those of a lower order, found by the same call.

    Raises:
        TooLarge: it takes more than ``steps``, see :class:`kg.faulttree.families.Families`.
    """
    unfolding = _Unfolding(network, target, within_hours, among)
    with deep_recursion():
        families = Families(unfolding.struck, order, steps)
        return unfolding.run(families, _NEVER if known is None else families.copy(known))


class _Unfolding:
    def __init__(
        self,
        network: Network,
        target: int,
        within_hours: float,
        among: Collection[int] | None,
    ) -> None:
        self.plain = network.plain
        self.target = 2 * target
        self.deadline = FOREVER - 1 if math.isinf(within_hours) else to_ticks(within_hours)
        # Without deadline it does not matter when, so no buffer that runs out counts.
        self.endless = math.isinf(within_hours)
        self.buffer = [0 if self.endless and b < FOREVER else b for b in self.plain.buffer]
        self.away = self.distances()
        self.rank: dict[Label, int] = {}
        units = dict.fromkeys(label // 2 for label in self.walk())
        self.struck = [unit for unit in units if among is None or unit in among]
        self.functions: Families | Functions
        self.known = _NEVER
        self.builder = FormulaBuilder(len(network.units))
        self.grown: dict[Label, list[Growth]] = {}
        self.meaning: dict[int, tuple[int, bool, float]] = {}
        self.used: set[int] = set()
        self.queue: list[tuple[int, int, int]] = []
        self.waiting: set[tuple[int, int]] = set()

    # --- what matters -----------------------------------------------------------------------------

    def losses(self, label: Label) -> list[int]:
        """The requirements that bring this label about."""
        plain, (unit, not_full) = self.plain, divmod(label, 2)
        return [
            requirement
            for requirement in plain.own[unit]
            if plain.operation[requirement]
            and plain.fails[requirement] != bool(not_full)
            and self.buffer[requirement] <= self.deadline
        ]

    def looks_at(self, requirement: int) -> list[Label]:
        full = self.plain.needs_full[requirement]
        return [2 * fulfiller + full for fulfiller in self.plain.fulfillers[requirement]]

    def distances(self) -> dict[Label, int]:
        """The least time from each label to the target, of those from which it is not too late."""
        away = {self.target: 0}
        heap = [(0, self.target)]
        while heap:
            time, label = heappop(heap)
            if time > away[label]:
                continue
            below = [(time, label - 1)] if label % 2 else []
            for requirement in self.losses(label):
                later = time + self.buffer[requirement]
                if later <= self.deadline:
                    below += [(later, one) for one in self.looks_at(requirement)]
            for later, one in below:
                if later < away.get(one, FOREVER):
                    away[one] = later
                    heappush(heap, (later, one))
        return away

    def below(self, label: Label) -> list[Label]:
        found = [label - 1] if label % 2 else []
        for requirement in self.losses(label):
            found += self.looks_at(requirement)
        return [one for one in found if one in self.away]

    def walk(self) -> list[Label]:
        """Labels depth first and left to right, as first met: the order of variables.

        ``rank`` is the order in which they are left: without loops what is looked at comes first,
        so that within one moment nothing is looked at twice.
        """
        found = [self.target]
        seen = {self.target}
        stack = [(self.target, iter(self.below(self.target)))]
        while stack:
            label, rest = stack[-1]
            for one in rest:
                if one not in seen:
                    seen.add(one)
                    found.append(one)
                    stack.append((one, iter(self.below(one))))
                    break
            else:
                self.rank[label] = len(self.rank)
                stack.pop()
        return found

    # --- forward in time --------------------------------------------------------------------------

    def run(self, functions: Families | Functions, known: int = _NEVER) -> Unfolded:
        self.functions, self.known = functions, known
        for unit in self.struck:
            self.grow(2 * unit, 0, self.functions.single(unit), unit)
        while self.queue:
            time, _, requirement = heappop(self.queue)
            self.waiting.remove((time, requirement))
            self.look(time, requirement)
        _, function, top = self.at(self.target, self.deadline)
        cuts = None
        if isinstance(functions, Families):
            cuts = CutFamily(functions, functions.any([known, function]))
        return Unfolded(
            self.builder.build(top),
            self.meaning,
            tuple(sorted(self.used)),
            cuts,
        )

    def at(self, label: Label, time: int) -> Growth:
        """What a label is at a moment."""
        for growth in reversed(self.grown.get(label, ())):
            if growth[0] <= time:
                return growth
        return (0, _NEVER, FALSE)

    def look(self, time: int, requirement: int) -> None:
        """Whether its unit grows, now that the buffer of what was lost before has run out."""
        plain = self.plain
        self.used.add(requirement)
        lost_at = time - self.buffer[requirement]
        inputs = [self.at(label, lost_at) for label in self.looks_at(requirement)]
        needed = plain.tolerated[requirement] + 1
        function = self.functions.at_least([one for _, one, _ in inputs], needed)
        if function != _NEVER:
            gate = self.builder.gate([one for _, _, one in inputs], needed)
            label = 2 * plain.dependent[requirement] + (not plain.fails[requirement])
            self.grow(label, time, function, gate)

    def grow(self, label: Label, time: int, function: int, gate: int) -> None:
        """Add a way in which a label comes about; what is down does not work in full either."""
        for one in (label, label + 1) if label % 2 == 0 else (label,):
            if time + self.away.get(one, FOREVER) > self.deadline:
                continue
            _, before, node = self.at(one, time)
            if isinstance(self.functions, Families):
                function = self.functions.without(function, self.known)
            now = self.functions.any([before, function])
            if now == before:
                continue
            node = self.builder.any([node, gate])
            if node >= len(self.plain.own):
                hours = math.inf if self.endless else to_hours(time)
                self.meaning.setdefault(node, (one // 2, one % 2 == 1, hours))
            self.grown.setdefault(one, []).append((time, now, node))
            for requirement in self.plain.uses[one // 2]:
                if self.plain.needs_full[requirement] == (one % 2 == 1):
                    self.again(time, requirement)

    def again(self, time: int, requirement: int) -> None:
        """Look at a requirement again when its buffer has run out, if that can still matter."""
        plain = self.plain
        if not plain.operation[requirement]:
            return
        due = time + self.buffer[requirement]
        label = 2 * plain.dependent[requirement] + (not plain.fails[requirement])
        reached = [
            self.rank[one]
            for one in ((label, label + 1) if label % 2 == 0 else (label,))
            if due + self.away.get(one, FOREVER) <= self.deadline
        ]
        if reached and (due, requirement) not in self.waiting:
            self.waiting.add((due, requirement))
            heappush(self.queue, (due, min(reached), requirement))
