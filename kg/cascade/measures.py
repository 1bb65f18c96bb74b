"""What measures win: the same outages on the network before and after, and which win most.

Gain is counted in hours within the horizon: the hours that units were down before less the hours
that they are down after, added up, for vital processes and for all units. What is degraded counts
as working. Several sets of outages count equally; likelihood plays no part.

The greedy choice adds, step by step, the measure that wins most on top of those chosen (with a
budget: most per euro of what still fits). That is quick and easy to explain, but not optimal: two
measures that win only together are never seen, and a budget may be spent better.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, NamedTuple

from kg.cascade.model import CascadeResult, Outage
from kg.errors import UsageError
from kg.network import Measure, Network, Note, apply
from kg.network.measures import CLOSED, cost_json, measure_json
from kg.network.records import finite

#: Computes the cascade of outages on a network up to a horizon in hours.
Run = Callable[[Network, Sequence[Outage], float], CascadeResult]

#: The greedy choice ends after this many measures.
MOST_STEPS: Final = 10


class UnitChange(NamedTuple):
    """One unit that fares differently; hours of the first loss are infinite when there is none.

    ``down_before`` and ``down_after`` are the hours down within the horizon.
    """

    unit: int
    first_before: float
    first_after: float
    down_before: float
    down_after: float

    @property
    def won(self) -> float:
        """Hours that it is down less; negative when more."""
        return self.down_before - self.down_after


class Gain(NamedTuple):
    """What is won: (process) hours within the horizon and how many no longer go down."""

    vital_hours: float = 0.0
    unit_hours: float = 0.0
    vital_saved: int = 0
    units_saved: int = 0

    def plus(self, other: Gain) -> Gain:
        """Both together."""
        return Gain(
            self.vital_hours + other.vital_hours,
            self.unit_hours + other.unit_hours,
            self.vital_saved + other.vital_saved,
            self.units_saved + other.units_saved,
        )

    def minus(self, other: Gain) -> Gain:
        """What this has more."""
        return Gain(
            self.vital_hours - other.vital_hours,
            self.unit_hours - other.unit_hours,
            self.vital_saved - other.vital_saved,
            self.units_saved - other.units_saved,
        )


@dataclass(frozen=True)
class Case:
    """A set of outages that measures are held against; ``hours`` is the horizon, finite."""

    name: str
    iri: str
    outages: tuple[Outage, ...]
    hours: float


@dataclass(frozen=True, eq=False)
class Comparison:
    """The same outages before and after measures; units and outages are the same in both."""

    before: CascadeResult
    after: CascadeResult
    measures: tuple[Measure, ...]

    @property
    def notes(self) -> tuple[Note, ...]:
        """What conflicts among the measures, or does nothing."""
        known = set(self.before.network.notes)
        return tuple(note for note in self.after.network.notes if note not in known)

    @property
    def freed(self) -> tuple[tuple[int, ...], ...]:
        """The recovery deadlocks that are gone."""
        return tuple(one for one in self.before.deadlocks if one not in self.after.deadlocks)

    @cached_property
    def changes(self) -> tuple[UnitChange, ...]:
        """The units that fare differently: most hours won first, then by unit."""
        before, after = down_hours(self.before), down_hours(self.after)
        found = []
        for unit in sorted({*before, *after}):
            old, new = before.get(unit, _NEVER), after.get(unit, _NEVER)
            if old != new:
                found.append(UnitChange(unit, old[0], new[0], old[1], new[1]))
        return tuple(sorted(found, key=lambda one: (-one.won, one.unit)))

    @cached_property
    def gain(self) -> Gain:
        """The changes added up."""
        return gain_of(self.before.network, down_hours(self.before), down_hours(self.after))

    def to_json(self) -> dict[str, Any]:
        """Full IRIs with labels, times in hours; what never goes down has null."""
        network = self.before.network
        return {
            "measures": [measure_json(one) for one in self.measures],
            "investment": cost_json(self.measures),
            "gain": gain_json(self.gain, self.measures),
            "units": [
                {
                    "unit": network.units[one.unit],
                    "label": network.label(one.unit),
                    "vital": bool(network.vital[one.unit]),
                    "first_down_before_hours": finite(one.first_before),
                    "first_down_after_hours": finite(one.first_after),
                    "down_before_hours": one.down_before,
                    "down_after_hours": one.down_after,
                    "won_hours": one.won,
                }
                for one in self.changes
            ],
            "deadlocks_gone": [[network.units[unit] for unit in one] for one in self.freed],
            "notes": [str(note) for note in self.notes],
        }


class Ranked(NamedTuple):
    """A measure by itself: what it wins over all cases, and per case in their order."""

    measure: Measure
    gain: Gain
    per_case: tuple[Gain, ...]


class Step(NamedTuple):
    """A step of the greedy choice: what this one adds, and all chosen so far together."""

    measure: Measure
    adds: Gain
    together: Gain
    spent: float  # euro, of those with a known cost


@dataclass(frozen=True)
class Ranking:
    """All measures against all cases.

    Attributes:
        ranked: by vital process hours, unit hours, then the cheapest, then IRI.
        steps: the greedy choice among those that are still open.
        without_change: nothing of theirs can be computed.
        substitution_only: they only speed up substitution, which plays a part when suppliers are
            withdrawn and not in these cascades.
        over_budget: not taken because their cost is unknown, with a budget.
        cut: whether the greedy choice stopped because of the number of steps.
    """

    cases: tuple[Case, ...]
    ranked: tuple[Ranked, ...]
    steps: tuple[Step, ...]
    without_change: tuple[Measure, ...]
    substitution_only: tuple[Measure, ...]
    over_budget: tuple[Measure, ...]
    cut: bool


#: First loss and hours down of a unit that stays up.
_NEVER: Final = (math.inf, 0.0)

Hours = dict[int, tuple[float, float]]


class Outcome(NamedTuple):
    """The hours down of a run, and the units that were down or degraded at any time."""

    hours: Hours
    moved: frozenset[int]


def down_hours(result: CascadeResult) -> Hours:
    """Per unit that goes down: when first, and how long in all up to the horizon.

    Raises:
        UsageError: the horizon is infinite.
    """
    if math.isinf(result.horizon_hours):
        raise UsageError(
            "usage.horizon",
            "Maatregelen zijn alleen te vergelijken binnen een eindige horizon.",
            "Measures can only be compared within a finite horizon.",
        )
    first: dict[int, float] = {}
    since: dict[int, float] = {}
    total: dict[int, float] = {}
    for event in result.events:
        if event.state == "down":
            first.setdefault(event.unit, event.hours)
            since[event.unit] = event.hours
        elif event.unit in since:
            total[event.unit] = total.get(event.unit, 0.0) + event.hours - since.pop(event.unit)
    for unit, start in since.items():
        total[unit] = total.get(unit, 0.0) + result.horizon_hours - start
    return {unit: (hours, total[unit]) for unit, hours in first.items()}


def compare(
    network: Network,
    measures: Iterable[Measure],
    outages: Sequence[Outage],
    hours: float,
    run: Run,
) -> Comparison:
    """The cascade of these outages without and with the measures."""
    chosen = tuple(measures)
    changed = apply(network, chosen)
    return Comparison(run(network, outages, hours), run(changed, outages, hours), chosen)


def gain_of(network: Network, before: Hours, after: Hours) -> Gain:
    """What ``after`` has less of being down than ``before``."""
    units = sorted({*before, *after})
    won = {unit: before.get(unit, _NEVER)[1] - after.get(unit, _NEVER)[1] for unit in units}
    vital = [unit for unit in units if network.vital[unit]]
    saved = {unit: (unit in before) - (unit in after) for unit in units}
    return Gain(
        math.fsum(won[unit] for unit in vital),
        math.fsum(won.values()),
        sum(saved[unit] for unit in vital),
        sum(saved.values()),
    )


def rank_measures(
    network: Network,
    measures: Sequence[Measure],
    cases: Sequence[Case],
    run: Run,
    *,
    budget: float | None = None,
    most_steps: int = MOST_STEPS,
    progress: Callable[[int, int], None] | None = None,
) -> Ranking:
    """Rank measures by what they win in these cases, each by itself and as a greedy choice.

    Args:
        budget: euro; the greedy choice then goes by gain per euro, and measures without a known
            cost are not in it.
        progress: called with how many of how many measures of this round are done.

    Cost: (measures + steps · open measures) · cases cascades; a measure that touches nothing of
    what goes down in a case is not computed again for it.
    """
    ranker = _Ranker(network, tuple(cases), run)
    computable = [one for one in sorted(measures, key=lambda m: m.iri) if one.in_cascades]
    ranked = []
    for done, one in enumerate(computable):
        if progress:
            progress(done, len(computable))
        per_case = ranker.gains(ranker.with_one((), ranker.base, one))
        ranked.append(Ranked(one, _total(per_case), per_case))
    ranked.sort(key=lambda one: (_worth(one.gain), -_price(one.measure)), reverse=True)
    still_open = [one for one in computable if one.status not in CLOSED]
    priced = [one for one in still_open if budget is None or one.investment is not None]
    steps, cut = _greedy(ranker, priced, budget, most_steps, progress)
    return Ranking(
        tuple(cases),
        tuple(ranked),
        steps,
        tuple(one for one in measures if not one.changes),
        tuple(one for one in measures if one.changes and not one.in_cascades),
        tuple(one for one in still_open if one not in priced),
        cut,
    )


def _greedy(
    ranker: _Ranker,
    measures: list[Measure],
    budget: float | None,
    most_steps: int,
    progress: Callable[[int, int], None] | None,
) -> tuple[tuple[Step, ...], bool]:
    chosen: list[Measure] = []
    steps: list[Step] = []
    together, spent, reached = Gain(), 0.0, list(ranker.base)
    while True:
        left = [one for one in measures if one not in chosen]
        if budget is not None:
            left = [one for one in left if spent + (one.investment or 0.0) <= budget]
        best: tuple[tuple[float, ...], Measure, list[Outcome], Gain] | None = None
        for done, one in enumerate(left):
            if progress:
                progress(done, len(left))
            outcomes = ranker.with_one(chosen, reached, one)
            total = _total(ranker.gains(outcomes))
            adds = total.minus(together)
            if not _wins(adds):
                continue
            worth = _worth(adds)
            if budget is not None:
                worth = tuple(_per_euro(value, one.investment or 0.0) for value in worth)
            if best is None or worth > best[0]:  # of equals the lowest IRI stays
                best = worth, one, outcomes, total
        if best is None:
            return tuple(steps), False
        if len(steps) == most_steps:
            return tuple(steps), True
        _, one, reached, total = best
        chosen.append(one)
        spent += one.investment or 0.0
        steps.append(Step(one, total.minus(together), total, spent))
        together = total


class _Ranker:
    """Runs cases on changed networks, and only those that can come out differently."""

    def __init__(self, network: Network, cases: tuple[Case, ...], run: Run) -> None:
        self.network, self.cases, self.run = network, cases, run
        self.base = [self.outcome(network, case) for case in cases]

    def outcome(self, network: Network, case: Case) -> Outcome:
        """Hours down, and every unit that was not up all the time."""
        result = self.run(network, case.outages, case.hours)
        return Outcome(down_hours(result), frozenset(event.unit for event in result.events))

    def with_one(
        self, chosen: Sequence[Measure], before: Sequence[Outcome], one: Measure
    ) -> list[Outcome]:
        """What comes out of each case with ``one`` on top of ``chosen``, which gave ``before``.

        It is the same where no unit that this one touches was ever down or degraded: a requirement
        that never brought its unit down does not do so when it gets easier to meet.
        """
        touched = {int(self.network.dependent[need]) for need in self._needs(one)}
        touched |= {unit for unit, _ in one.restarts}
        changed = None
        found = []
        for case, outcome in zip(self.cases, before, strict=True):
            if touched & outcome.moved:
                changed = changed or apply(self.network, (*chosen, one))
                outcome = self.outcome(changed, case)
            found.append(outcome)
        return found

    def gains(self, outcomes: Sequence[Outcome]) -> tuple[Gain, ...]:
        """What these outcomes win over doing nothing, per case."""
        return tuple(
            gain_of(self.network, base.hours, outcome.hours)
            for base, outcome in zip(self.base, outcomes, strict=True)
        )

    def _needs(self, one: Measure) -> set[int]:
        return {*one.removes, *(need for need, _ in (*one.adds, *one.buffers))}


def _total(gains: Iterable[Gain]) -> Gain:
    total = Gain()
    for one in gains:
        total = total.plus(one)
    return total


def _worth(gain: Gain) -> tuple[float, ...]:
    """What counts first; rounded so that the order of adding hours up decides nothing."""
    return round(gain.vital_hours, 6), round(gain.unit_hours, 6)


def _per_euro(value: float, price: float) -> float:
    """What costs nothing and wins something goes before everything else."""
    return value / price if price else math.copysign(math.inf, value) if value else 0.0


def _wins(gain: Gain) -> bool:
    return _worth(gain) > (0.0, 0.0)


def _price(one: Measure) -> float:
    return math.inf if one.investment is None else one.investment


def gain_json(gain: Gain, measures: Sequence[Measure]) -> dict[str, Any]:
    """What is won, and per million euro where every cost is known."""
    cost = cost_json(measures)
    euro = cost["known_euro"]
    per = {
        f"{name}_per_million_euro": value * 1e6 / euro if euro and not cost["unknown"] else None
        for name, value in (("vital_hours", gain.vital_hours), ("unit_hours", gain.unit_hours))
    }
    return {**gain._asdict(), **per}
