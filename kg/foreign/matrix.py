"""All countries at once: which vital process falls after how long when each of them withdraws.

Per country four runs at most, of arrays only: who leans on it, the robust bound, what falls when
nothing is substituted, and, where substitution can matter, what falls with it. No event is
explained, so that 60 countries on 10,000 units take a moment; one country is explained by
:mod:`kg.foreign.answer`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kg.foreign.question import Question, VerdictName
from kg.foreign.withdrawal import Withdrawer
from kg.network.durations import to_hours
from kg.network.records import finite


@dataclass(frozen=True)
class Row:
    """What withdrawing one country does to the vital processes that depend on it.

    Attributes:
        units: how many units are under its control.
        hours: per dependent process (index) the hours to failure, inf where it does not fall
            within the horizon; sorted by index.
        bounds: of the same processes the robust bound on those hours
            (:mod:`kg.foreign.withdrawal`), inf where that is beyond the horizon.
        judged: False when the network kept swinging; then all ``hours`` are inf.
    """

    country: str
    units: int
    hours: dict[int, float]
    bounds: dict[int, float]
    judged: bool = True

    @property
    def strategic(self) -> int:
        """How many processes it brings down."""
        return sum(map(math.isfinite, self.hours.values()))

    @property
    def earliest(self) -> float:
        """Hours until the first process falls; inf when none does."""
        return min(self.hours.values(), default=math.inf)


def row(withdrawer: Withdrawer, country: str, units: Sequence[int], horizon_hours: float) -> Row:
    """The row of one country."""
    vital = withdrawer.network.vital
    dependent = np.flatnonzero(withdrawer.reached(units) & vital).tolist()
    if not dependent:
        return Row(country, len(units), {}, {})
    bound = withdrawer.bound(units, horizon_hours)
    bounds = {one: to_hours(int(bound[one])) for one in dependent}
    first = withdrawer.falls(units, horizon_hours)
    if first is None:
        return Row(country, len(units), dict.fromkeys(dependent, math.inf), bounds, False)
    hours = {one: to_hours(int(first[one])) for one in dependent}
    return Row(country, len(units), hours, bounds)


def rows(
    withdrawer: Withdrawer,
    controlled: Mapping[str, Sequence[int]],
    horizon_hours: float,
    risky: frozenset[str] = frozenset(),
    progress: Callable[[int], None] | None = None,
) -> tuple[Row, ...]:
    """The rows of all countries that some vital process depends on, the most risk first.

    That is: risky ones before others, then who brings most down, then who does so soonest.

    Args:
        controlled: per country the units under its control.
        progress: is told how many countries are done.
    """
    found = []
    for done, (country, units) in enumerate(controlled.items()):
        found.append(row(withdrawer, country, units, horizon_hours))
        if progress:
            progress(done + 1)
    return tuple(
        sorted(
            (one for one in found if one.hours),
            key=lambda one: (
                not (one.country in risky and one.strategic),
                -one.strategic,
                one.earliest,
                -len(one.hours),
                one.country,
            ),
        )
    )


def columns(found: Sequence[Row]) -> tuple[int, ...]:
    """The processes that stand in some row: those that most countries bring down, then soonest."""
    falls: dict[int, list[float]] = {}
    for one in found:
        for process, hours in one.hours.items():
            falls.setdefault(process, []).append(hours)
    return tuple(
        sorted(
            falls,
            key=lambda process: (
                -sum(map(math.isfinite, falls[process])),
                min(falls[process]),
                -len(falls[process]),
                process,
            ),
        )
    )


@dataclass(frozen=True, eq=False)
class Matrix:
    """All countries at once."""

    question: Question
    rows: tuple[Row, ...]
    columns: tuple[int, ...]
    countries: int  # with units under their control, whether or not a process depends on them

    def verdict(self, row: Row, process: int) -> VerdictName:
        """Of a process that depends on the country of a row."""
        return self.question.verdict(row.country, row.hours[process], row.bounds[process])

    def to_json(self, release: str | None = None, level: str | None = None) -> dict[str, Any]:
        """The JSON of ``kg withdraw`` without a country; hours null where it does not fall."""
        question, network = self.question, self.question.network
        return {
            "release": release,
            "level": level,
            **question.terms_json(),
            "countries": self.countries,
            "processes": [
                {"unit": network.units[one], "label": network.label(one)} for one in self.columns
            ],
            "rows": [
                {
                    "country": one.country,
                    "label": question.name(one.country),
                    "trusted": one.country in question.terms.trusted,
                    "named": one.country in question.terms.risky,
                    "units": one.units,
                    "strategic": one.strategic,
                    "judged": one.judged,
                    "processes": [
                        {
                            "unit": network.units[process],
                            "hours": finite(one.hours[process]),
                            "bound_hours": finite(one.bounds[process]),
                            "verdict": self.verdict(one, process),
                        }
                        for process in self.columns
                        if process in one.hours
                    ],
                }
                for one in self.rows
            ],
        }


def matrix(
    question: Question, *, trusted: bool = False, progress: Callable[[int, int], None] | None = None
) -> Matrix:
    """All countries outside the trusted groups, or with those in them as well.

    Args:
        progress: is told how many countries are done, and of how many.
    """
    controlled = question.control.units(question.network, trusted=trusted)
    if trusted:
        controlled = {c: u for c, u in controlled.items() if c not in question.terms.home}
    count = len(controlled)
    found = rows(
        question.withdrawer,
        controlled,
        question.terms.horizon_hours,
        question.terms.risky,
        (lambda done: progress(done, count)) if progress else None,
    )
    question.learn(one.country for one in found)
    return Matrix(question, found, columns(found), count)
