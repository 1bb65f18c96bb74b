"""Minimal cut sets in time: the fewest things that together bring a target down by a deadline.

For a target v and a deadline T: the minimal sets of units such that, if all of them go down at time
0 for good, v is down at T (DESIGN §5; the failure-only semantics of :mod:`kg.cascade.failure`). No
deadline gives the classic fault tree. The target itself is one of them.

Cut sets are found order by order (:mod:`kg.cascade.unfold`), and as soon as it can be done all that
are left at once; counts are then exact, however few are listed, and so is the probability, from the
diagram of all cut sets. What is too large for that gives the orders up to where it could be solved,
and says so. All limits count steps, not seconds: the same question always gets the same answer.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from kg.cascade.model import LONGEST_HOURS, Assumption
from kg.cascade.unfold import Unfolded, find, unfold
from kg.errors import KgError, UsageError
from kg.faulttree.families import CutFamily
from kg.faulttree.report import answer, checked_chances
from kg.faulttree.search import Found, Stop, check, collect
from kg.faulttree.solution import STEPS, Solution, TooLarge, Weight
from kg.network import Network, parse_hours

#: After so many orders the rest is tried at once.
_WHOLE_AFTER: Final = 3


@dataclass(frozen=True, eq=False)
class CutSets:
    """What together brings a target down.

    Attributes:
        within_hours: the deadline, infinite for none.
        found: the sets as unit indices, the counts, and what is left out.
        probability: that the target is down at the deadline, from the units' own probabilities of
            being down at 0 (independent); ``None`` when not asked, NaN when one that matters is
            unknown or the network was too large for it.
        importance: per unit in some cut set, sorted; empty when the probability is not known.
        assumptions: unknown buffers that counted as 0 in the formula; none without a deadline,
            because then no buffer is long enough.
    """

    network: Network
    target: int
    within_hours: float
    max_order: int | None
    found: Found
    probability: float | None = None
    importance: tuple[Weight, ...] = ()
    assumptions: tuple[Assumption, ...] = ()

    def to_json(self, release: str | None = None, level: str | None = None) -> dict[str, Any]:
        """The JSON of ``kg cutsets``: full IRIs with labels beside them, times in hours."""
        network = self.network
        result = answer(
            self.found,
            network.units[self.target],
            self.within_hours,
            self.max_order,
            name=network.units.__getitem__,
            label=network.label,
            probability=self.probability,
            importance=self.importance,
        )
        result["assumptions"] = [
            {
                "kind": one.kind,
                "requirement": one.iri(network),
                "label": one.label(network),
                "text": one.text(network),
            }
            for one in self.assumptions
        ]
        named = {self.target, *(unit for one in self.found.sets or () for unit in one)}
        result["labels"] = {network.units[unit]: network.label(unit) for unit in sorted(named)}
        return {"release": release, "level": level, **result}


def cut_sets(
    network: Network,
    target: int,
    within_hours: float = math.inf,
    max_order: int | None = None,
    *,
    limit: int | None = None,
    count_only: bool = False,
    probability: Sequence[float] | None = None,
    among: Collection[int] | None = None,
    steps: int = STEPS,
) -> CutSets:
    """The minimal cut sets of ``target`` within ``within_hours``.

    Args:
        max_order: none with more units than this; at least 1.
        limit: list at most so many; all are counted.
        probability: per unit the probability of being down at 0, NaN for unknown; gives the
            probability of the target and the importance of units.
        among: the units that can go down by themselves; all by default.
        steps: how much work each attempt may take; about 250 bytes each.

    Raises:
        UsageError: a number that makes no sense.
    """
    check(max_order, limit, steps)
    check_within(within_hours)
    chances = None if probability is None else checked_chances(probability, len(network.units))

    used: set[int] = set()

    def solve(order: int | None, known: CutFamily | None) -> CutFamily:
        unfolded = find(network, target, within_hours, among, order=order, known=known, steps=steps)
        used.update(unfolded.requirements)
        assert unfolded.cuts is not None
        return unfolded.cuts

    cuts, stopped = _in_turn(solve, max_order)
    found = collect(cuts, stopped, max_order, limit, count_only=count_only)
    total: float | None = None
    weights: tuple[Weight, ...] = ()
    if chances is not None:
        whole = cuts if cuts is not None and not stopped else None
        total, weights = _likely(whole, chances, steps)
    unknown: list[int] = []
    if not math.isinf(within_hours):
        unknown = [r for r in sorted(used) if not network.buffer_known[r]]
    return CutSets(
        network,
        target,
        within_hours,
        max_order,
        found,
        total,
        weights,
        tuple(Assumption("unknown-buffer", requirement) for requirement in unknown),
    )


def _in_turn(
    solve: Callable[[int | None, CutFamily | None], CutFamily], max_order: int | None
) -> tuple[CutFamily | None, tuple[Stop, ...]]:
    """Order by order, each lightened by the one before; now and then all that is left at once.

    The last attempt at the whole, when the order asked for is reached, is what can tell that
    nothing is left out.
    """
    known: CutFamily | None = None
    order = 0
    try:
        while True:
            last = order == max_order
            if last or (order and order % _WHOLE_AFTER == 0):
                try:
                    return solve(None, known), ()
                except TooLarge:
                    if last:
                        return known, (Stop("order", order, None),)
            try:
                found = solve(order + 1, known)
            except TooLarge:
                return known, (Stop("size", order, None),)
            known = found
            order += 1
            if not found.dropped:
                return found, ()
    except KeyboardInterrupt:
        return known, (Stop("interrupted", order, None),)


def _likely(
    cuts: CutFamily | None, chances: list[float], steps: int
) -> tuple[float, tuple[Weight, ...]]:
    """The probability of the target and the importance of units; NaN where that is too large."""
    if cuts is None:
        return math.nan, ()
    try:
        solution = Solution(cuts.families.formula(cuts.cuts, len(chances)), steps)
    except TooLarge:
        return math.nan, ()
    total = solution.probability(chances)
    return total, () if math.isnan(total) else tuple(solution.importance(chances))


def as_formula(
    network: Network, target: int, within_hours: float = math.inf, steps: int = STEPS
) -> tuple[Unfolded, bool]:
    """All of what brings a target down by a deadline, as a formula without loops.

    Unfolded in time where that can be done, and then ``True``; else the minimal cut sets as a
    formula, which says the same but not how, and ``False``.

    Raises:
        UsageError: a deadline that makes no sense.
        KgError: there is too much behind the target for either.
    """
    check_within(within_hours)
    try:
        return unfold(network, target, within_hours, steps=steps), True
    except TooLarge:
        pass

    def solve(order: int | None, known: CutFamily | None) -> CutFamily:
        found = find(network, target, within_hours, None, order=order, known=known, steps=steps)
        assert found.cuts is not None
        return found.cuts

    cuts, stopped = _in_turn(solve, None)
    if cuts is None or stopped:
        raise KgError(
            "cutsets.too-large",
            f"Achter '{network.label(target)}' ligt te veel voor één foutenboom. Kies een kortere "
            "termijn of een doel met minder erachter.",
            f"There is too much behind '{network.label(target)}' for one fault tree. Choose a "
            "shorter deadline, or a target with less behind it.",
        )
    formula = cuts.families.formula(cuts.cuts, len(network.units))
    return Unfolded(formula, {}, (), cuts), False


def parse_within(text: str) -> float:
    """A deadline such as ``PT8H`` in hours, from 0 to 100,000 years.

    Raises:
        UsageError: not such a duration.
    """
    hours = parse_hours(text)
    if hours is None or not 0 <= hours <= LONGEST_HOURS:
        raise UsageError(
            "usage.within",
            f"'{text}' is geen termijn; geef een duur van PT0H tot 100.000 jaar, zoals PT8H, of "
            "laat --within weg.",
            f"'{text}' is not a deadline; give a duration from PT0H to 100,000 years, like PT8H, "
            "or leave --within out.",
        )
    return hours


def check_within(hours: float) -> None:
    """Refuse a deadline that is negative, not a number, or finite and beyond 100,000 years."""
    if not (hours == math.inf or 0 <= hours <= LONGEST_HOURS):
        raise UsageError(
            "usage.within",
            "Een termijn is 0 uur of meer en ten hoogste 100.000 jaar.",
            "A deadline is 0 hours or more and at most 100,000 years.",
        )
