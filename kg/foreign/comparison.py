"""Two policies on the same network and date: which findings appear, vanish or change, and why.

Why is exact: of the five terms in which policies can differ here, the smallest sets that, moved
from the first policy to the second with all others left, give the verdict of the second. Where
several sets of that size do so, each is told.

trust         which countries are in a trusted group (kinds of statement, overrides, their greatest
              age, the home country)
statement     which statements make a dependency risky (kinds, and their greatest age)
threshold     the shares above which control is taken to exist, alone or jointly
horizon       how far ahead
substitution  what an unknown substitution time counts as
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Final, Literal, NamedTuple

from kg.foreign.matrix import Row, rows
from kg.foreign.question import VERDICTS, Question, VerdictName, verdict_of
from kg.foreign.withdrawal import Withdrawer
from kg.network.records import finite

Moved = Literal["trust", "statement", "threshold", "horizon", "substitution"]
MOVED: Final[tuple[Moved, ...]] = ("trust", "statement", "threshold", "horizon", "substitution")

Change = Literal["appears", "vanishes", "changes"]
_ORDER: Final[tuple[Change, ...]] = ("appears", "vanishes", "changes")


class Difference(NamedTuple):
    """A finding that one policy has and the other has not, or has with another verdict.

    Attributes:
        before, after: the verdict under each; None is no finding. Hours to failure beside them,
            None where it does not fall within the horizon.
        because: the smallest sets of terms that make the difference.
        statements: IRIs, where trust or statements are among them.
    """

    country: str
    process: int
    change: Change
    before: VerdictName | None
    after: VerdictName | None
    hours_before: float | None
    hours_after: float | None
    because: tuple[tuple[Moved, ...], ...]
    statements: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Comparison:
    """The differences, by what happened and how bad it is; ``same`` findings do not differ."""

    before: Question
    after: Question
    differences: tuple[Difference, ...]
    same: int

    def to_json(self, release: str | None = None, level: str | None = None) -> dict[str, Any]:
        """The JSON of ``kg withdraw --compare``."""
        network = self.before.network
        name = self.before.name
        return {
            "release": release,
            "level": level,
            "before": self.before.terms_json(),
            "after": self.after.terms_json(),
            "same": self.same,
            "differences": [
                {
                    "change": one.change,
                    "country": one.country,
                    "country_label": name(one.country),
                    "process": network.units[one.process],
                    "process_label": network.label(one.process),
                    "before": one.before,
                    "after": one.after,
                    "hours_before": one.hours_before,
                    "hours_after": one.hours_after,
                    "because": [list(terms) for terms in one.because],
                    "statements": [{"iri": iri, "label": name(iri)} for iri in one.statements],
                }
                for one in self.differences
            ],
        }


def compare(before: Question, after: Question) -> Comparison:
    """What changes when the policy of ``before`` becomes that of ``after``; dates are the same."""
    worlds = _Worlds(before, after)
    found, same = [], 0
    for country, process in worlds.pairs():
        old, new = worlds.verdict(country, process, ()), worlds.verdict(country, process, MOVED)
        if old == new:
            same += old is not None
            continue
        because = worlds.because(country, process, new)
        moved = {term for terms in because for term in terms}
        statements: set[str] = set()
        for question in (before, after):
            if "trust" in moved:
                statements.update(question.terms.trusting.get(country, ()))
                statements.update(question.terms.overriding.get(country, ()))
            if "statement" in moved and country in question.terms.risky:
                statements.update(question.terms.named.get(country, ()))
        found.append(
            Difference(
                country,
                process,
                "appears" if old is None else "vanishes" if new is None else "changes",
                old,
                new,
                worlds.hours(country, process, ()),
                worlds.hours(country, process, MOVED),
                because,
                tuple(sorted(statements)),
            )
        )
    found.sort(key=_weight)
    before.learn({iri for one in found for iri in (one.country, *one.statements)})
    return Comparison(before, after, tuple(found), same)


def _weight(one: Difference) -> tuple[int, int, str, int]:
    """What appears first, and there what is worst."""
    worst = max(VERDICTS.index(verdict) for verdict in (one.before, one.after) if verdict)
    return _ORDER.index(one.change), -worst, one.country, one.process


class _Worlds:
    """The hours to failure with the thresholds and the substitution of either policy."""

    def __init__(self, before: Question, after: Question) -> None:
        self.terms = (before.terms, after.terms)
        trusted = before.terms.trusted & after.terms.trusted
        horizon = max(one.horizon_hours for one in self.terms)
        controls = (before.control, after.control)
        known: dict[tuple[float, float | None, float], dict[str, Row]] = {}
        self.rows: dict[tuple[bool, bool], dict[str, Row]] = {}
        for threshold in (False, True):
            for substitution in (False, True):
                key = (
                    self.terms[threshold].threshold,
                    self.terms[threshold].joint_threshold,
                    self.terms[substitution].unknown_substitution,
                )
                if key not in known:
                    controlled = controls[threshold].units(before.built, trusted=True)
                    foreign = {c: units for c, units in controlled.items() if c not in trusted}
                    found = rows(Withdrawer(before.built, key[-1]), foreign, horizon)
                    known[key] = {one.country: one for one in found}
                self.rows[threshold, substitution] = known[key]

    def pairs(self) -> Iterator[tuple[str, int]]:
        """Every country and process that depends on it in some world, sorted."""
        yield from sorted(
            {
                (country, process)
                for world in self.rows.values()
                for country, one in world.items()
                for process in one.hours
            }
        )

    def hours(self, country: str, process: int, moved: tuple[Moved, ...]) -> float | None:
        """Hours to failure within the horizon with these terms moved."""
        world = self.rows["threshold" in moved, "substitution" in moved]
        hours = world[country].hours.get(process, math.inf) if country in world else math.inf
        return finite(self._within(hours, moved))

    def _within(self, hours: float, moved: tuple[Moved, ...]) -> float:
        """These hours; inf beyond the horizon."""
        return hours if hours <= self.terms["horizon" in moved].horizon_hours else math.inf

    def verdict(self, country: str, process: int, moved: tuple[Moved, ...]) -> VerdictName | None:
        """The finding with these terms moved."""
        world = self.rows["threshold" in moved, "substitution" in moved]
        if country in self.terms["trust" in moved].trusted:
            return None
        if country not in world or process not in world[country].hours:
            return None
        return verdict_of(
            self._within(world[country].hours[process], moved),
            self._within(world[country].bounds[process], moved),
            risky=country in self.terms["statement" in moved].risky,
        )

    def because(
        self, country: str, process: int, wanted: VerdictName | None
    ) -> tuple[tuple[Moved, ...], ...]:
        """The smallest sets of terms that give this verdict."""
        for size in range(1, len(MOVED) + 1):
            found = tuple(
                terms
                for terms in combinations(MOVED, size)
                if self.verdict(country, process, terms) == wanted
            )
            if found:
                return found
        return ()
