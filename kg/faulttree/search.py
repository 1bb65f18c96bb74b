"""The minimal cut sets of a formula: whole where that can be done, else order by order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from kg.errors import UsageError
from kg.faulttree.bounded import bounded
from kg.faulttree.families import CutFamily
from kg.faulttree.formula import Formula
from kg.faulttree.solution import STEPS, Solution, TooLarge
from kg.language import say

CutSet = tuple[int, ...]
Reason = Literal["order", "limit", "size", "interrupted"]


class Stop(NamedTuple):
    """Why an answer is not complete. ``order``: all cut sets up to it are counted.

    ``left`` is how many minimal cut sets are not in the answer, where that is known.
    """

    reason: Reason
    order: int
    left: int | None

    def text(self) -> str:
        """A sentence for people."""
        number = self.left if self.left is not None else 0
        if self.reason == "limit":
            return say(
                f"Niet alles staat in de lijst: nog {number}. Geteld zijn ze wel.",
                f"Not everything is listed: {number} more. They are counted, though.",
            )
        if self.reason == "order":
            known = say(f"{number} van hogere orde", f"{number} of a higher order")
            maybe = say("wat van hogere orde is", "what is of a higher order")
            what = maybe if self.left is None else known
            return say(
                f"Afgebroken na orde {self.order}, zoals gevraagd; niet meegeteld: {what}.",
                f"Cut off after order {self.order}, as asked; not counted: {what}.",
            )
        if self.reason == "size":
            return say(
                f"Te groot om geheel op te lossen: alles tot en met orde {self.order} is er, "
                "daarboven is niet gezocht. Geef meer --steps, of kies een doel of termijn met "
                "minder erachter.",
                f"Too large to solve whole: everything up to order {self.order} is there, beyond "
                "it nothing was searched. Give more --steps, or choose a target or deadline with "
                "less behind it.",
            )
        return say(
            f"Onderbroken: alles tot en met orde {self.order} is er.",
            f"Interrupted: everything up to order {self.order} is there.",
        )


@dataclass(frozen=True)
class Found:
    """Minimal cut sets.

    Attributes:
        by_order: how many of each order, up to the order asked for (or reached); exact.
        sets: sorted by order, then by event; ``None`` when they were only counted.
        single_points: the events that are a cut set of their own, whatever is listed; sorted.
        stopped: why something is left out; empty when nothing is.
        solution: the whole, for probabilities; ``None`` when the formula was too large for that.
    """

    by_order: Mapping[int, int]
    sets: tuple[CutSet, ...] | None
    single_points: tuple[int, ...]
    stopped: tuple[Stop, ...]
    solution: Solution | None = field(repr=False, compare=False)

    @property
    def complete(self) -> bool:
        """Whether no minimal cut set is left out."""
        return not self.stopped

    @property
    def count(self) -> int:
        """How many there are, of the orders in ``by_order``."""
        return sum(self.by_order.values())


def search(
    formula: Formula,
    max_order: int | None = None,
    limit: int | None = None,
    *,
    count_only: bool = False,
    steps: int = STEPS,
) -> Found:
    """The minimal cut sets of a formula.

    Args:
        max_order: count and list no larger ones; at least 1.
        limit: list at most so many; at least 0. They are counted all the same.
        steps: how much work one diagram may take; about 250 bytes each.

    Raises:
        UsageError: a number that makes no sense.
    """
    check(max_order, limit, steps)
    try:
        solution = Solution(formula, steps)
        return collect(solution, (), max_order, limit, count_only=count_only, solution=solution)
    except TooLarge:
        part, stopped = by_order(lambda order: bounded(formula, order, steps), max_order)
    except KeyboardInterrupt:
        part, stopped = None, (Stop("interrupted", 0, None),)
    return collect(part, stopped, max_order, limit, count_only=count_only)


def by_order(
    solve: Callable[[int], CutFamily], max_order: int | None
) -> tuple[CutFamily | None, tuple[Stop, ...]]:
    """Order 1, then 2, and so on; the last that could be solved, and why it ended there."""
    found: CutFamily | None = None
    order = 0
    try:
        while max_order is None or order < max_order:
            found = solve(order + 1)
            order += 1
            if not found.dropped:
                return found, ()
    except TooLarge:
        return found, (Stop("size", order, None),)
    except KeyboardInterrupt:
        return found, (Stop("interrupted", order, None),)
    return found, (Stop("order", order, None),)


def collect(
    answer: Solution | CutFamily | None,
    stopped: tuple[Stop, ...],
    max_order: int | None,
    limit: int | None,
    *,
    count_only: bool,
    solution: Solution | None = None,
) -> Found:
    """What was solved as an answer, cut off where that was asked; ``None`` is nothing at all."""
    if answer is None:
        return Found({}, None if count_only else (), (), stopped, None)
    asked = {
        order: count
        for order, count in answer.by_order.items()
        if max_order is None or order <= max_order
    }
    count = sum(asked.values())
    if max_order is not None and count < answer.count:
        stopped = (*stopped, Stop("order", max_order, answer.count - count))
    sets = None if count_only else tuple(answer.sets(max_order, limit))
    if sets is not None and len(sets) < count:
        stopped = (*stopped, Stop("limit", max(asked), count - len(sets)))
    alone = tuple(one[0] for one in answer.sets(1) if one)
    return Found(asked, sets, alone, stopped, solution)


def check(max_order: int | None, limit: int | None, steps: int = STEPS) -> None:
    """Refuse numbers that make no sense.

    Raises:
        UsageError: one of them.
    """
    if max_order is not None and max_order < 1:
        raise UsageError(
            "usage.max-order",
            f"De hoogste orde is {max_order}, maar een doorsnede heeft minstens één eenheid; geef "
            "1 of meer.",
            f"The highest order is {max_order}, but a cut set has at least one unit; give 1 or "
            "more.",
        )
    if limit is not None and limit < 0:
        raise UsageError(
            "usage.limit",
            f"Het aantal om te tonen is {limit}; geef 0 of meer.",
            f"The number to show is {limit}; give 0 or more.",
        )
    if not 1 <= steps <= 1_000_000_000:
        raise UsageError(
            "usage.steps",
            f"Het aantal stappen is {steps}; geef een getal van 1 tot 1.000.000.000.",
            f"The number of steps is {steps}; give one from 1 to 1,000,000,000.",
        )
