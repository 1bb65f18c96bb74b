"""These countries withdraw: who is in whose hands, what falls, what heals, and each verdict.

Each verdict comes with its way, its evidence and its sensitivity (:mod:`kg.foreign.sensitivity`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from kg.cascade import CascadeResult
from kg.foreign.control import Chain
from kg.foreign.matrix import rows
from kg.foreign.policy_flips import higher_thresholds, trust
from kg.foreign.question import Question, VerdictName, verdict_of
from kg.foreign.sensitivity import Flip, Sensitivity
from kg.foreign.way import Way, evidence, way
from kg.foreign.withdrawal import Healed, Withdrawal
from kg.language import current_language
from kg.network.records import finite


class Controlled(NamedTuple):
    """A unit in the hands of a country; ``chain`` is None where only an inference says so."""

    unit: int
    country: str
    chain: Chain | None


class Supplier(NamedTuple):
    """An organisation under control that the network leans on, itself or through these units."""

    organisation: str
    country: str
    through: tuple[int, ...]


@dataclass(frozen=True)
class Verdict:
    """What withdrawal means for one vital process.

    Attributes:
        hours: to failure; None when it does not fall within the horizon.
        verdict: what the terms of the policy call it.
        finding: whether the policy has this finding; not when it trusts the country, and not when
            several countries withdraw together.
        bound: the robust bound on the hours to failure (:mod:`kg.foreign.withdrawal`); None when
            that is beyond the horizon.
        country: whose unit the way begins with.
        records: what in the sources says so.
        alone: of several countries, the hours to failure when each withdraws alone.
    """

    process: int
    hours: float | None
    bound: float | None
    verdict: VerdictName
    finding: bool
    country: str
    way: Way
    chain: Chain | None
    records: tuple[str, ...]
    sensitivity: tuple[Flip, ...]
    alone: dict[str, float | None]


@dataclass(frozen=True, eq=False)
class Answer:
    """What happens when some countries withdraw together."""

    question: Question
    countries: tuple[str, ...]
    result: CascadeResult
    controlled: tuple[Controlled, ...]
    suppliers: tuple[Supplier, ...]
    healed: tuple[Healed, ...]
    verdicts: tuple[Verdict, ...]
    sensitivity_complete: bool

    def records(self) -> tuple[str, ...]:
        """Everything in the sources that the verdicts rest on, sorted."""
        return tuple(sorted({iri for one in self.verdicts for iri in one.records}))

    def named(self) -> set[str]:
        """Everything that it shows by its label."""
        chains = [one.chain for one in self.controlled if one.chain]
        return {
            *self.countries,
            *(iri for chain in chains for iri in chain.links),
            *(one.organisation for one in self.suppliers),
            *self.records(),
        }

    def way_text(self, verdict: Verdict) -> str:
        """Country → organisations → units → process, in the language in force."""
        texts = self.question.way_text(verdict.country, verdict.chain, verdict.way.units)
        return texts[1 if current_language() == "en" else 0]

    def to_json(self, release: str | None = None, level: str | None = None) -> dict[str, Any]:
        """The JSON of ``kg cascade``, with who is in whose hands, what heals and the verdicts."""
        question, network = self.question, self.question.network
        name = question.name
        question.learn(self.named())
        return {
            **self.result.to_json(release, level),
            **question.terms_json(),
            "countries": [
                {
                    "country": one,
                    "label": name(one),
                    "trusted": one in question.terms.trusted,
                    "named": one in question.terms.risky,
                    "statements": question.statements(one),
                }
                for one in self.countries
            ],
            "controlled": [
                {
                    "unit": network.units[one.unit],
                    "label": network.label(one.unit),
                    "country": one.country,
                    "chain": [
                        {"iri": iri, "label": name(iri)}
                        for iri in (one.chain.links if one.chain else ())
                    ],
                    "evidence": list(one.chain.evidence if one.chain else ()),
                }
                for one in self.controlled
            ],
            "suppliers": [
                {
                    "organisation": one.organisation,
                    "label": name(one.organisation),
                    "country": one.country,
                    "through": [network.units[unit] for unit in one.through],
                }
                for one in self.suppliers
            ],
            "healed": [
                {
                    "requirement": network.requirements[one.requirement],
                    "label": network.requirement_label(one.requirement),
                    "lost_hours": one.lost,
                    "met_hours": one.met,
                }
                for one in self.healed
            ],
            "verdicts": [self._verdict_json(one) for one in self.verdicts],
            "sensitivity_complete": self.sensitivity_complete,
            "sources": question.sources(self.records()),
        }

    def _verdict_json(self, one: Verdict) -> dict[str, Any]:
        question, network = self.question, self.question.network
        found: dict[str, Any] = {
            "process": network.units[one.process],
            "label": network.label(one.process),
            "verdict": one.verdict,
            "finding": one.finding,
            "hours": one.hours,
            "bound_hours": one.bound,
            "country": one.country,
            "path": self.way_text(one),
            "units": [network.units[unit] for unit in one.way.units],
            "requirements": [network.requirements[need] for need in one.way.requirements],
            "unknown_buffers": [network.requirements[need] for need in one.way.unknown_buffers],
            "unknown_substitutions": [
                network.requirements[need] for need in one.way.unknown_substitutions
            ],
            "evidence": [{"iri": iri, "label": question.name(iri)} for iri in one.records],
            "sources": question.graph.sources(one.records) if one.records else [],
            "sensitivity": [
                flip.to_json(question.names_of(flip.subjects)) for flip in one.sensitivity
            ],
        }
        return {**found, "alone": one.alone} if one.alone else found


def withdraw(question: Question, countries: Sequence[str], *, sensitivity: bool = True) -> Answer:
    """These countries (IRIs) withdraw everything under their control, together.

    Args:
        sensitivity: work out what would change each verdict.

    Raises:
        KgError: the network keeps swinging within the horizon.
    """
    by_country = question.control.units(question.network, trusted=True)
    mine = {country: by_country.get(country, []) for country in countries}
    units = sorted({unit for one in mine.values() for unit in one})
    withdrawal = Withdrawal(
        question.withdrawer, tuple(countries), units, question.terms.horizon_hours
    )
    withdrawal.go(whole=True)
    result = withdrawal.result
    assert result is not None
    controlled = tuple(
        Controlled(unit, country, question.control.chain(question.network.units[unit], country))
        for country in countries
        for unit in mine[country]
    )
    tester = Sensitivity(withdrawal)
    lost, dependent = withdrawal.lost, withdrawal.dependent()
    order = sorted(dependent, key=lambda one: (lost.get(one, math.inf), one))
    standing = [one for one in order if one not in lost]
    flips: dict[int, tuple[Flip, ...]] = {}
    if sensitivity:
        flips = {one: tester.of_fallen(one) for one in order if one in lost}
        flips |= tester.of_standing(standing)
        chains = [one.chain for one in controlled if one.chain]
        higher = higher_thresholds(question, countries, chains, lost)
        decided = {country: trust(question, country) for country in countries}
        for one in order:
            named = one in lost
            flips[one] += (higher[one],) if one in higher else ()
            flips[one] += tuple(
                flip
                for country in countries
                for flip in decided[country]
                if named or flip.term != "risk"
            )
    alone: dict[str, dict[int, float]] = {}
    if len(countries) > 1:
        alone = {
            row.country: row.hours
            for row in rows(question.withdrawer, mine, question.terms.horizon_hours)
        }
    answer = Answer(
        question,
        tuple(countries),
        result,
        controlled,
        _suppliers(question, controlled),
        question.withdrawer.healed(units, question.terms.horizon_hours),
        tuple(
            judge(question, withdrawal, one, flips.get(one, ()), countries, alone) for one in order
        ),
        tester.complete,
    )
    question.learn(answer.named())
    return answer


def judge(
    question: Question,
    withdrawal: Withdrawal,
    process: int,
    flips: tuple[Flip, ...],
    countries: Sequence[str],
    alone: dict[str, dict[int, float]],
) -> Verdict:
    """The verdict on a process that depends on the countries of a withdrawal that is done."""
    found = way(withdrawal, process)
    start = question.network.units[found.units[0]]
    hours = withdrawal.lost.get(process)
    country, chain = countries[0], None
    for one in countries:
        if link := question.control.chain(start, one):
            country, chain = one, link
            break
    bound = withdrawal.bounds.get(process)
    verdict = verdict_of(
        math.inf if hours is None else hours,
        math.inf if bound is None else bound,
        risky=any(one in question.terms.risky for one in countries),
    )
    return Verdict(
        process,
        hours,
        bound,
        verdict,
        len(countries) == 1 and not question.terms.trusted & set(countries),
        country,
        found,
        chain,
        tuple(evidence(question.network, question.terms, country, found.requirements, chain)),
        flips,
        {one: finite(alone.get(one, {}).get(process, math.inf)) for one in countries}
        if len(countries) > 1
        else {},
    )


def _suppliers(question: Question, controlled: Sequence[Controlled]) -> tuple[Supplier, ...]:
    organisations = set(question.graph.instances("Organisation"))
    found: dict[tuple[str, str], list[int]] = {}
    for one in controlled:
        leaning = question.network.uses(one.unit)
        if one.chain is None or not len(leaning):
            continue
        behind = [iri for iri in one.chain.links if iri in organisations]
        if behind:
            through = found.setdefault((behind[-1], one.country), [])
            if question.network.units[one.unit] != behind[-1]:
                through.append(one.unit)
    return tuple(
        Supplier(organisation, country, tuple(units))
        for (organisation, country), units in sorted(found.items())
    )
