"""On which foreign states vital processes depend, and which of them can bring a process down.

Terms as in :mod:`kg.foreign.policy`. A process depends on a country outside the trusted groups when
it transitively requires something under its control. The dependency is strategic when withdrawing
all of that at once brings the process down within the horizon of the policy, where each lost
requirement is met again, for good, its substitution time after it was lost; risky when an accepted
statement names the country; possibly strategic when the robust bound of
:mod:`kg.foreign.withdrawal` is within the horizon.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

from kg.findings.assumptions import Assumptions
from kg.findings.evidence import Evidence
from kg.findings.sensitivity import VerdictChanges
from kg.findings.triples import Writer, decimal, finding_iri, number, plain
from kg.foreign import way as ways
from kg.foreign.question import Question
from kg.foreign.sensitivity import Flip
from kg.foreign.withdrawal import Withdrawal


class ForeignFinding(NamedTuple):
    """A process that depends on a country; ``hours`` is None when that is not strategic, and
    ``bound`` when it is not even possibly so."""

    country: str
    process: int
    hours: float | None
    bound: float | None
    risky: bool
    iri: str
    told_nl: str
    told_en: str


@dataclass(frozen=True)
class Foreign:
    """What was found; ``unjudged`` countries were not withdrawn, or not to the end: the budget ran
    out, or the network kept swinging."""

    found: tuple[ForeignFinding, ...]
    countries: tuple[str, ...]
    unjudged: tuple[str, ...]
    left_out: int


def find_foreign(
    question: Question,
    writer: Writer,
    assumptions: Assumptions,
    evidence: Evidence,
    changes: VerdictChanges,
    *,
    budget: int,
    most: int,
) -> Foreign:
    """Write every foreign dependency under the policy, with what would change its verdict.

    Args:
        budget: events that withdrawals may cost in all.
        most: dependencies that are written, strategic ones first.
    """
    terms, withdrawer = question.terms, question.withdrawer
    controlled = question.control.units(question.network)
    question.learn(controlled)
    found: list[ForeignFinding] = []
    unjudged: list[str] = []
    plain_ones: dict[str, list[int]] = {}
    spent = left_out = 0

    def write(withdrawal: Withdrawal, processes: list[int]) -> int:
        """Write what there is room for; how many are left out."""
        room = max(0, most - len(found))
        if written := processes[:room]:
            teller = _Teller(question, writer, assumptions, evidence, changes, withdrawal)
            judged = withdrawal.countries[0] not in unjudged
            flips = changes.of(withdrawal, written, judged=judged)
            found.extend(teller.write(process, flips[process]) for process in written)
        return len(processes[room:])

    # Risky countries first: what a budget leaves out is the least of it.
    order = sorted(controlled, key=lambda country: (country not in terms.risky, country))
    for country in order:
        units = controlled[country]
        withdrawal = Withdrawal(withdrawer, (country,), units, terms.horizon_hours)
        if spent < budget:
            spent += withdrawal.go()
        if not withdrawal.judged:
            unjudged.append(country)
        left_out += write(withdrawal, sorted(withdrawal.lost))
        plain_ones[country] = sorted(set(withdrawal.dependent()) - set(withdrawal.lost))
    # Only now the ones that are not strategic, so that they never take the place of one that is.
    for country, processes in plain_ones.items():
        if len(found) < most:
            units = controlled[country]
            withdrawal = Withdrawal(withdrawer, (country,), units, terms.horizon_hours)
            left_out += write(withdrawal, processes)
        else:
            left_out += len(processes)
    ranked = sorted(found, key=_rank)
    return Foreign(tuple(ranked), tuple(controlled), tuple(unjudged), left_out)


def _rank(finding: ForeignFinding) -> tuple[bool, bool, float, str, int]:
    """Risky first, then strategic, then the soonest."""
    hours = math.inf if finding.hours is None else finding.hours
    return not finding.risky, finding.hours is None, hours, finding.country, finding.process


class _Teller:
    """Writes the dependencies of processes on one country."""

    def __init__(
        self,
        question: Question,
        writer: Writer,
        assumptions: Assumptions,
        evidence: Evidence,
        changes: VerdictChanges,
        withdrawal: Withdrawal,
    ) -> None:
        self.network, self.graph, self.terms = question.network, question.graph, question.terms
        self.control, self.evidence, self.changes = question.control, evidence, changes
        self.writer, self.assumptions, self.withdrawal = writer, assumptions, withdrawal
        (self.country,) = withdrawal.countries
        self.nl, self.en = question.both(self.country)

    def write(self, process: int, flips: tuple[Flip, ...]) -> ForeignFinding:
        """One process."""
        network = self.network
        hours = self.withdrawal.lost.get(process)
        strategic, risky = hours is not None, hours is not None and self.country in self.terms.risky
        found = ways.way(self.withdrawal, process)
        units = found.units
        rests = [self.assumptions.node("unknown-buffer", one) for one in found.unknown_buffers]
        counted = self.terms.unknown_substitution
        rests += [
            self.assumptions.substitution(one, counted) for one in found.unknown_substitutions
        ]
        chain = self.control.chain(network.units[units[0]], self.country)
        iri = finding_iri("foreign", self.country, network.units[process])
        bound = self.withdrawal.bounds.get(process)
        classes = ["RiskyStrategicDependency"] * risky + ["StrategicDependency"] * strategic
        classes += ["PossiblyStrategicDependency"] * (bound is not None)
        finding = self.writer.thing(iri, *classes, "ForeignDependency", "Finding")
        finding.link("ofProcess", network.units[process])
        finding.link("onCountry", self.country)
        if self.terms.iri:
            finding.link("underPolicy", self.terms.iri)
        finding.link(
            "controlledUnit", *(network.units[u] for u in units if u in self.withdrawal.units)
        )
        if hours is not None:
            finding.value("hoursToFailure", decimal(hours))
        if bound is not None:
            finding.value("hoursToFailureAtEarliest", decimal(bound))
        finding.link("restsOn", *rests)
        records = ways.evidence(network, self.terms, self.country, found.requirements, chain)
        self.evidence.write(finding, records)
        self.changes.write(finding, (self.country, network.units[process]), flips)
        above = self.graph.labels(chain.links[:-1]) if chain and chain.links[:-1] else {}
        way_nl, way_en = ways.way_text(network, units, chain, (self.nl, self.en), above)
        finding.value("pathText", plain(way_nl))
        finding.labels(*self.title(process, hours, bound))
        return ForeignFinding(
            self.country,
            process,
            hours,
            bound,
            risky,
            iri,
            self.sentence(way_nl, hours, bound, len(rests), "nl"),
            self.sentence(way_en, hours, bound, len(rests), "en"),
        )

    def title(self, process: int, hours: float | None, bound: float | None) -> tuple[str, str]:
        nl, en = self.network.labels[process], self.network.labels_en[process]
        if hours is None and bound is not None:
            return (
                f"{nl} hangt af van {self.nl}, mogelijk strategisch",
                f"{en} depends on {self.en}, possibly strategic",
            )
        if hours is None:
            return f"{nl} hangt af van {self.nl}", f"{en} depends on {self.en}"
        return (
            f"{self.nl} kan {nl} na {number(hours)} uur doen uitvallen",
            f"{self.en} can bring {en} down after {number(hours)} hours",
        )

    def sentence(
        self, way: str, hours: float | None, bound: float | None, unknown: int, language: str
    ) -> str:
        horizon = number(self.terms.horizon_hours)
        if language == "nl":
            what = (
                f"geen uitval binnen {horizon} uur"
                if hours is None
                else f"uitval na {number(hours)} uur"
            )
            if hours is None and bound is not None:
                what += f", zonder tijdig herstel op zijn vroegst na {number(bound)} uur"
            return f"{way}: {what}." + (f" Rust op {unknown} aanname(n)." if unknown else "")
        what = (
            f"not down within {horizon} hours"
            if hours is None
            else f"down after {number(hours)} hours"
        )
        if hours is None and bound is not None:
            what += f", without timely return after {number(bound)} hours at the earliest"
        return f"{way}: {what}." + (f" Rests on {unknown} assumption(s)." if unknown else "")
