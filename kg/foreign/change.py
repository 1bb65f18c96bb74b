"""Two worlds under one policy: what changes for vital processes, countries and products.

The worlds are a release as it is and as it would be: with other owners (:mod:`kg.foreign.takeover`)
or with an offer in it (:mod:`kg.offer`). Findings are compared by country and process, with the
exact verdict of a withdrawal in each world. Only a country whose units or network differ is worked
out, so that a takeover takes a moment.

Cost: per such country two withdrawals of arrays, and one explained for each world in which
something about it differs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Literal, NamedTuple

from kg.foreign.answer import Verdict, judge
from kg.foreign.concentration import Concentration, concentrations
from kg.foreign.control import Chain
from kg.foreign.matrix import Row, row
from kg.foreign.question import VERDICTS, Question, VerdictName
from kg.foreign.withdrawal import Withdrawal
from kg.language import current_language
from kg.network.records import finite

EffectName = Literal["appears", "changes", "sooner", "later", "vanishes"]
EFFECTS: Final[tuple[EffectName, ...]] = ("appears", "changes", "sooner", "later", "vanishes")

#: From the least to the most serious; no finding is below all of them.
#: Shares that differ less are the same.
_SAME_SHARE: Final = 1e-9


class Effect(NamedTuple):
    """A finding that only one of the worlds has, or that differs.

    Attributes:
        process: IRI.
        kind: ``sooner`` and ``later`` are of the hours to failure, with the same verdict.
        before, after: the verdict in each world; None is no finding.
        hours_before, hours_after: to failure; None where it does not fall within the horizon.
        verdict: how the process hangs on the country: in the world after, or before where the
            finding vanishes.
        path: country → organisations → units → process, in Dutch and English.
    """

    country: str
    process: str
    kind: EffectName
    before: VerdictName | None
    after: VerdictName | None
    hours_before: float | None
    hours_after: float | None
    verdict: Verdict
    path: tuple[str, str]

    @property
    def worse(self) -> bool:
        """A dependency that is new, more serious, or brings the process down sooner."""
        if self.kind == "changes":
            assert self.before
            assert self.after
            return VERDICTS.index(self.after) > VERDICTS.index(self.before)
        return self.kind in ("appears", "sooner")

    @property
    def told(self) -> str:
        """The path in the language in force."""
        return self.path[1 if current_language() == "en" else 0]


class Moved(NamedTuple):
    """A unit (IRI) that comes into the hands of a country (``gained``), or leaves them."""

    unit: str
    country: str
    gained: bool
    chain: Chain | None


class Concentrated(NamedTuple):
    """The concentration of a product in both worlds; None where it has no supply."""

    product: str
    before: Concentration | None
    after: Concentration | None


class OneHand(NamedTuple):
    """A requirement or product whose every fulfiller or supplier has now one controller.

    Attributes:
        subject: IRI of the requirement or product.
        of: what it is.
        controller: the lowest organisation that has all of them under its control.
        parts: the fulfillers, or the supplies of the product; IRIs. One is a single supplier.
    """

    subject: str
    of: Literal["requirement", "product"]
    controller: str
    parts: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Change:
    """What is different in the world after.

    Attributes:
        effects: what is worse first, then by kind, country and process.
        same: findings of the countries looked at that are the same in both.
        unjudged: countries of which a withdrawal keeps swinging in one of the worlds.
    """

    before: Question
    after: Question
    effects: tuple[Effect, ...]
    same: int
    unjudged: tuple[str, ...]
    moved: tuple[Moved, ...]
    concentrated: tuple[Concentrated, ...]
    one_hand: tuple[OneHand, ...]

    @cached_property
    def worse(self) -> tuple[Effect, ...]:
        """The effects that make matters worse."""
        return tuple(one for one in self.effects if one.worse)

    def records(self) -> tuple[str, ...]:
        """Everything in the sources that the effects rest on, sorted."""
        return tuple(sorted({iri for one in self.effects for iri in one.verdict.records}))

    def world_of(self, effect: Effect) -> Question:
        """The world in which the path of an effect is."""
        return self.before if effect.kind == "vanishes" else self.after

    def to_json(self) -> dict[str, Any]:
        """The part of the JSON that every what-if has; times in hours."""
        self.after.learn(
            {
                *self.records(),
                *(one.country for one in self.effects),
                *(one.product for one in self.concentrated),
                *(one.controller for one in self.one_hand),
            }
        )
        name = self.after.name
        return {
            "effects": [self._effect_json(one) for one in self.effects],
            "same": self.same,
            "unjudged": list(self.unjudged),
            "moved": [
                {
                    "unit": one.unit,
                    "label": _label(self.after if one.gained else self.before, one.unit),
                    "country": one.country,
                    "gained": one.gained,
                    "chain": [
                        {"iri": iri, "label": name(iri)}
                        for iri in (one.chain.links if one.chain else ())
                    ],
                    "evidence": list(one.chain.evidence if one.chain else ()),
                }
                for one in self.moved
            ],
            "concentration": [
                {
                    "product": one.product,
                    "label": name(one.product),
                    "hhi_before": one.before and round(one.before.hhi, 6),
                    "hhi_after": one.after and round(one.after.hhi, 6),
                    "shares_before": dict(sorted(one.before.by_country.items()))
                    if one.before
                    else None,
                    "shares_after": dict(sorted(one.after.by_country.items()))
                    if one.after
                    else None,
                    "hhi_threshold": self.after.terms.hhi_threshold,
                }
                for one in self.concentrated
            ],
            "one_hand": [
                {
                    "subject": one.subject,
                    "of": one.of,
                    "label": self.after.names_of([one.subject])[one.subject],
                    "controller": one.controller,
                    "controller_label": name(one.controller),
                    "parts": list(one.parts),
                }
                for one in self.one_hand
            ],
            "sources": self.sources(),
        }

    def sources(self) -> list[dict[str, Any]]:
        """The documents behind the effects, of both worlds, by IRI."""
        found = {
            one["iri"]: one
            for world in (self.before, self.after)
            for one in world.sources(self.records())
        }
        return [found[iri] for iri in sorted(found)]

    def _effect_json(self, one: Effect) -> dict[str, Any]:
        world = self.world_of(one)
        network, verdict = world.network, one.verdict
        names = world.names_of(verdict.records)
        return {
            "kind": one.kind,
            "worse": one.worse,
            "country": one.country,
            "country_label": world.name(one.country),
            "process": one.process,
            "process_label": _label(world, one.process),
            "before": one.before,
            "after": one.after,
            "hours_before": one.hours_before,
            "hours_after": one.hours_after,
            "bound_hours": verdict.bound,
            "path": one.told,
            "units": [network.units[unit] for unit in verdict.way.units],
            "requirements": [network.requirements[need] for need in verdict.way.requirements],
            "unknown_buffers": [network.requirements[need] for need in verdict.way.unknown_buffers],
            "unknown_substitutions": [
                network.requirements[need] for need in verdict.way.unknown_substitutions
            ],
            "evidence": [{"iri": iri, "label": names[iri]} for iri in verdict.records],
        }


def change(
    before: Question,
    after: Question,
    progress: Callable[[int, int], None] | None = None,
) -> Change:
    """What differs between two worlds under the same terms.

    Args:
        progress: is told how many countries are done, and of how many.
    """
    held = [_held(one) for one in (before, after)]
    same_network = before.network is after.network
    countries = sorted(
        country
        for country in held[0].keys() | held[1].keys()
        if not same_network or held[0].get(country) != held[1].get(country)
    )
    effects: list[Effect] = []
    same, unjudged = 0, []
    for done, country in enumerate(countries):
        if country not in before.terms.trusted:
            found, kept, judged = _effects(before, after, country, held)
            effects += found
            same += kept
            if not judged:
                unjudged.append(country)
        if progress:
            progress(done + 1, len(countries))
    effects.sort(key=lambda one: (not one.worse, _seriousness(one), one.country, one.process))
    return Change(
        before,
        after,
        tuple(effects),
        same,
        tuple(unjudged),
        tuple(_moved(before, after, countries, held)),
        tuple(_concentrated(before, after)),
        tuple(_one_hand(before, after)),
    )


_Held = dict[str, frozenset[str]]


def _held(question: Question) -> _Held:
    """Per country the units (IRIs) under its control, trusted countries as well."""
    units = question.network.units
    controlled = question.control.units(question.network, trusted=True)
    return {country: frozenset(units[one] for one in ours) for country, ours in controlled.items()}


def _seriousness(one: Effect) -> tuple[int, int, float]:
    """The worst verdict first, then what falls soonest."""
    worst = max((VERDICTS.index(v) for v in (one.before, one.after) if v), default=-1)
    hours = one.hours_before if one.after is None else one.hours_after
    return -worst, EFFECTS.index(one.kind), math.inf if hours is None else hours


class _World:
    """One country withdrawn in one world."""

    def __init__(self, question: Question, country: str, iris: Iterable[str]) -> None:
        self.question, self.country = question, country
        self.units = sorted(question.network.index(iri) for iri in iris)
        horizon = question.terms.horizon_hours
        self.row: Row | None = None
        if self.units:
            self.row = row(question.withdrawer, country, self.units, horizon)

    def verdicts(self) -> dict[str, tuple[VerdictName, float | None]]:
        """Per dependent process (IRI) the verdict and the hours to failure."""
        units = self.question.network.units
        if self.row is None:
            return {}
        return {
            units[process]: (
                self.question.verdict(self.country, hours, self.row.bounds[process]),
                finite(hours),
            )
            for process, hours in self.row.hours.items()
        }

    @cached_property
    def withdrawal(self) -> Withdrawal:
        question = self.question
        found = Withdrawal(
            question.withdrawer, (self.country,), self.units, question.terms.horizon_hours
        )
        found.go()
        return found

    def verdict(self, process: str) -> Verdict:
        place = self.question.network.index(process)
        return judge(self.question, self.withdrawal, place, (), (self.country,), {})

    def path(self, verdict: Verdict) -> tuple[str, str]:
        return self.question.way_text(self.country, verdict.chain, verdict.way.units)


def _effects(
    before: Question, after: Question, country: str, held: Sequence[_Held]
) -> tuple[list[Effect], int, bool]:
    """What differs for one country, how many findings do not, and whether all was judged."""
    worlds = [
        _World(question, country, ours.get(country, ()))
        for question, ours in zip((before, after), held, strict=True)
    ]
    old, new = (one.verdicts() for one in worlds)
    found, same = [], 0
    for process in sorted(old.keys() | new.keys()):
        was, hours_was = old.get(process, (None, None))
        now, hours_now = new.get(process, (None, None))
        kind = _kind(was, now, hours_was, hours_now)
        if kind is None:
            same += 1
            continue
        world = worlds[0] if kind == "vanishes" else worlds[1]
        verdict = world.verdict(process)
        found.append(
            Effect(
                country, process, kind, was, now, hours_was, hours_now, verdict, world.path(verdict)
            )
        )
    judged = all(one.row is None or one.row.judged for one in worlds)
    return found, same, judged


def _kind(
    was: VerdictName | None, now: VerdictName | None, before: float | None, after: float | None
) -> EffectName | None:
    if was is None or now is None:
        return "appears" if was is None else "vanishes"
    if was != now:
        return "changes"
    if before is None or after is None or before == after:
        return None
    return "sooner" if after < before else "later"


def _moved(
    before: Question, after: Question, countries: Sequence[str], held: Sequence[_Held]
) -> Iterable[Moved]:
    for country in countries:
        old, new = (ours.get(country, frozenset()) for ours in held)
        for unit in sorted(new - old):
            yield Moved(unit, country, True, after.control.chain(unit, country))
        for unit in sorted(old - new):
            yield Moved(unit, country, False, before.control.chain(unit, country))


def _concentrated(before: Question, after: Question) -> Iterable[Concentrated]:
    old, new = (
        concentrations(one.network, one.graph, one.control) for one in (before, after)
    )  # fmt: skip
    for product in sorted(old.keys() | new.keys()):
        was, now = old.get(product), new.get(product)
        if was is None or now is None or _differ(was.by_country, now.by_country):
            yield Concentrated(product, was, now)


def _differ(one: dict[str, float], other: dict[str, float]) -> bool:
    return any(
        abs(one.get(country, 0.0) - other.get(country, 0.0)) > _SAME_SHARE
        for country in one.keys() | other.keys()
    )


def _one_hand(before: Question, after: Question) -> Iterable[OneHand]:
    """Who has everything behind a requirement or product in hand now, where nobody had before."""
    old, new = _groups(before), _groups(after)
    for key in sorted(new):
        controller = _common(after, new[key])
        if controller is not None and (key not in old or _common(before, old[key]) is None):
            of, subject = key
            yield OneHand(subject, of, controller, new[key])


def _groups(
    question: Question,
) -> dict[tuple[Literal["requirement", "product"], str], tuple[str, ...]]:
    """Per requirement what fulfils it, per product its supplies; IRIs, sorted."""
    network = question.network
    found: dict[tuple[Literal["requirement", "product"], str], tuple[str, ...]] = {}
    for need, iri in enumerate(network.requirements):
        if network.stated(need) == iri:  # not one that an operator or supplier stands for
            fulfillers = (network.units[int(one)] for one in network.fulfillers(need))
            found["requirement", iri] = tuple(sorted(fulfillers))
    supplies: dict[str, list[str]] = {}
    for supply, product in question.graph.pairs("ofProduct"):
        if supply in network:
            supplies.setdefault(product, []).append(supply)
    return found | {("product", product): tuple(ours) for product, ours in supplies.items()}


def _common(question: Question, parts: Sequence[str]) -> str | None:
    """The lowest organisation that has all of these under its control; None when there is none."""
    above = question.control.above
    common = frozenset.intersection(*(above(one) for one in parts)) if parts else frozenset()
    return min(common, key=lambda one: (-len(above(one) & common), one), default=None)


def _label(question: Question, unit: str) -> str:
    return question.network.label(question.network.index(unit))
