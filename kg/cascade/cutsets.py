"""Minimal cut sets in time: the fewest things that together bring a target down by a deadline.

For a target v and a deadline T: the minimal sets of units such that, if all of them go down at time
0 for good, v is down at T (DESIGN §5; the failure-only semantics of :mod:`kg.cascade.failure`). No
deadline gives the classic fault tree. The target itself is one of them.

The network is solved whole where that can be done (:mod:`kg.cascade.unfold`): counts, orders and
probabilities are then exact, however few sets are listed. What is too large for that is solved for
order 1, then 2, and so on, up to where it still can be; the answer says how far it came. All limits
count steps, not seconds: the same question always gets the same answer.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from kg.cascade.model import LONGEST_HOURS, Assumption
from kg.cascade.unfold import Unfolded, unfold
from kg.errors import KgError, UsageError
from kg.faulttree.families import CutFamily
from kg.faulttree.report import answer, checked_chances
from kg.faulttree.search import Found, Stop, by_order, check, collect
from kg.faulttree.solution import STEPS, Solution, TooLarge, Weight
from kg.network import Network, parse_hours


@dataclass(frozen=True, eq=False)
class CutSets:
    """What together brings a target down.

    Attributes:
        within_hours: the deadline, infinite for none.
        found: the sets as unit indices, the counts, and what is left out.
        probability: that the target is down at the deadline, from the units' own probabilities of
            being down at 0 (independent); ``None`` when not asked, NaN when one that matters is
            unknown or the network was too large for it.
        importance: per unit in some cut set, sorted; empty when there is no probability.
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
    unfolded: Unfolded | None = field(default=None, repr=False)

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

    whole: Unfolded | None = None
    solution: Solution | None = None
    part: CutFamily | None = None
    stopped: tuple[Stop, ...] = ()
    try:
        whole = unfold(network, target, within_hours, among, steps=steps)
        solution = Solution(whole.formula, steps)
    except TooLarge:

        def solve(order: int) -> CutFamily:
            cuts = unfold(network, target, within_hours, among, order=order, steps=steps).cuts
            assert cuts is not None
            return cuts

        part, stopped = by_order(solve, max_order)
    except KeyboardInterrupt:
        stopped = (Stop("interrupted", 0, None),)
    found = collect(
        solution or part, stopped, max_order, limit, count_only=count_only, solution=solution
    )
    total: float | None = None
    weights: tuple[Weight, ...] = ()
    if chances is not None:
        total = math.nan if solution is None else solution.probability(chances)
        weights = () if solution is None else tuple(solution.importance(chances))
    unknown: list[int] = []
    if not math.isinf(within_hours):
        looked_at = range(len(network.requirements)) if whole is None else whole.requirements
        unknown = [r for r in looked_at if not network.buffer_known[r]]
    return CutSets(
        network,
        target,
        within_hours,
        max_order,
        found,
        total,
        weights,
        tuple(Assumption("unknown-buffer", requirement) for requirement in unknown),
        whole,
    )


def unfolded_or_refused(
    network: Network, target: int, within_hours: float, steps: int = STEPS
) -> Unfolded:
    """All of what brings a target down by a deadline, as a formula.

    Raises:
        KgError: there is too much behind it.
    """
    try:
        return unfold(network, target, within_hours, steps=steps)
    except TooLarge:
        raise KgError(
            "cutsets.too-large",
            f"Achter '{network.label(target)}' ligt te veel voor één foutenboom. Kies een kortere "
            "termijn of een doel met minder erachter.",
            f"There is too much behind '{network.label(target)}' for one fault tree. Choose a "
            "shorter deadline, or a target with less behind it.",
        ) from None


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
