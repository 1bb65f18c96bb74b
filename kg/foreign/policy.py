"""The terms that a policy sets on a date: read from the graph once.

Which countries are trusted: a country is, when a statement of a kind that the policy trusts is
valid on the analysis date, unless one of a kind that overrides trust is. The home country always
is. The greatest age of statements holds for those that name a country (kinds that override trust
or make a dependency risky); a membership lasts until its end date.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Final, NamedTuple

from pyoxigraph import Literal, NamedNode

from kg.errors import UsageError
from kg.names import ANALYSIS, XSD, local_id
from kg.network import parse_hours
from kg.store import EmbeddedStore, Graph

#: Without a horizon in the policy: thirty days.
DEFAULT_HORIZON_HOURS: Final = 720.0
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Statement(NamedTuple):
    """A dated statement about a country."""

    iri: str
    country: str
    kind: str
    since: str
    until: str


@dataclass(frozen=True)
class Terms:
    """A policy as of a date; ``iri`` is empty when the graph names none.

    Attributes:
        date: ISO 8601; empty when the graph names none, and then everything counts as valid.
        threshold: the share above which there is control, from 0 to 1.
        joint_threshold: the share from which an owner can block where no one controls alone; None
            when the policy gives none, and then joint control is only what a source states.
        influence_threshold: the share above which there is significant influence, or None.
        named: per country the statements, valid and not too old, that make it untrusted or risky.
        risky: countries that such a statement makes risky.
        trusted: countries in a trusted group whose trust is not overridden, and the home country.
        trusting: per country the valid statements on which the policy trusts it.
        overriding: per country the statements that override trust.
        home: the home country, never foreign.
        unknown_substitution: hours that an unknown substitution time counts as; inf is never.
        oldest: the first day on which what ages still counts, ISO 8601; empty is no limit.
        cdi2_threshold, cdi3_threshold: see :mod:`kg.foreign.trade`; None when the policy has none.
    """

    iri: str
    date: str
    horizon_hours: float
    threshold: float
    hhi_threshold: float | None
    trusted: frozenset[str]
    risky: frozenset[str]
    named: dict[str, tuple[str, ...]]
    joint_threshold: float | None = None
    influence_threshold: float | None = None
    trusting: dict[str, tuple[str, ...]] = field(default_factory=dict)
    overriding: dict[str, tuple[str, ...]] = field(default_factory=dict)
    home: frozenset[str] = frozenset()
    unknown_substitution: float = math.inf
    oldest: str = ""
    cdi2_threshold: float | None = None
    cdi3_threshold: float | None = None


def read_terms(graph: Graph, policy: str | None = None, at: str | None = None) -> Terms:
    """The terms under a policy on a date; by default those of the analysis context.

    Args:
        policy: the IRI of another policy than that of the analysis.
        at: another date than the analysis date, as yyyy-mm-dd.

    Raises:
        UsageError: ``at`` is no date of the calendar, or the graph has no such policy.
    """
    today = graph.single("analysisDate").get(ANALYSIS, "") if at is None else _day(at.strip())
    # Empty is no limit; the reasoner computes it, so that saved queries use the very same day.
    oldest = graph.single("oldestStatementDate").get(ANALYSIS, "")
    standing = graph.single("underPolicy").get(ANALYSIS, "")
    if policy is not None and policy not in (known := graph.instances("Policy")):
        names = ", ".join(map(local_id, known)) or "–"
        raise UsageError(
            "foreign.policy",
            f"Het beleid '{local_id(policy)}' staat niet in de gegevens; er is: {names}.",
            f"Policy '{local_id(policy)}' is not in the data; there is: {names}.",
        )
    policy = standing if policy is None else policy
    if at is not None or policy != standing:
        oldest = _before(today, graph.single("maximumStatementAge").get(policy, ""))
    trusting = set(graph.several("trustsStatementKind").get(policy, ()))
    overriding = set(graph.several("overridesTrust").get(policy, ()))
    risky = set(graph.several("riskyStatementKind").get(policy, ()))
    valid = [one for one in _statements(graph) if _valid(one, today)]
    naming = [
        one
        for one in valid
        if one.kind in overriding | risky and (one.until or one.since >= oldest)
    ]
    overrides = _by_country(one for one in naming if one.kind in overriding)
    trusts = _by_country(one for one in valid if one.kind in trusting)
    home = set(graph.several("homeCountry").get(policy, ()))
    horizon = parse_hours(graph.single("horizon").get(policy, ""))
    threshold = _number(graph, "controlThreshold", policy)
    unknown = parse_hours(graph.single("unknownSubstitutionTime").get(policy, ""))
    return Terms(
        iri=policy,
        date=today,
        horizon_hours=DEFAULT_HORIZON_HOURS if horizon is None else horizon,
        threshold=0.5 if threshold is None else threshold,
        hhi_threshold=_number(graph, "hhiThreshold", policy),
        trusted=frozenset((trusts.keys() - overrides.keys()) | home),
        risky=frozenset(one.country for one in naming if one.kind in risky),
        named=_by_country(naming),
        joint_threshold=_number(graph, "jointControlThreshold", policy),
        influence_threshold=_number(graph, "significantInfluenceThreshold", policy),
        trusting=trusts,
        overriding=overrides,
        home=frozenset(home),
        unknown_substitution=math.inf if unknown is None else unknown,
        oldest=oldest[:10],
        cdi2_threshold=_number(graph, "cdi2Threshold", policy),
        cdi3_threshold=_number(graph, "cdi3Threshold", policy),
    )


def _by_country(statements: Iterable[Statement]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = defaultdict(list)
    for one in statements:
        found[one.country].append(one.iri)
    return {country: tuple(sorted(iris)) for country, iris in sorted(found.items())}


def _number(graph: Graph, local: str, policy: str) -> float | None:
    value = graph.single(local).get(policy)
    return None if value is None else float(value)


def _day(text: str) -> str:
    """A day as people type it, checked; short and week forms of ISO 8601 are refused."""
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text).isoformat()
    except ValueError:
        pass
    raise UsageError(
        "usage.date",
        f"'{text}' is geen datum; schrijf jjjj-mm-dd, zoals 2026-08-31.",
        f"'{text}' is not a date; write yyyy-mm-dd, such as 2026-08-31.",
    )


def _before(day: str, age: str) -> str:
    """The day that lies a duration before another, in calendar years and months; empty: none.

    The store does the sum, as in the rule ``oldest_statement_date``, so the two cannot differ.
    """
    if not day or not age:
        return ""
    values = {
        "day": Literal(day, datatype=NamedNode(XSD + "date")),
        "age": Literal(age, datatype=NamedNode(XSD + "duration")),
    }
    with EmbeddedStore.memory() as store:
        answer = store.select("SELECT (?day - ?age AS ?oldest) WHERE { }", values)
        ((found,),) = answer.rows
    return found.value[:10] if isinstance(found, Literal) else ""


def statements_by_country(graph: Graph, today: str) -> dict[str, tuple[Statement, ...]]:
    """Per country the statements about it that are valid on a day, by IRI."""
    found: dict[str, list[Statement]] = defaultdict(list)
    for one in _statements(graph):
        if _valid(one, today):
            found[one.country].append(one)
    return {country: tuple(ours) for country, ours in found.items()}


def _statements(graph: Graph) -> list[Statement]:
    kinds = graph.single("statementKind")
    countries = graph.single("aboutCountry")
    since, until = graph.single("validFrom"), graph.single("validUntil")
    return [
        Statement(iri, countries[iri], kinds[iri], since.get(iri, "")[:10], until.get(iri, "")[:10])
        for iri in sorted(kinds)
        if iri in countries
    ]


def _valid(statement: Statement, today: str) -> bool:
    if not today:
        return True
    return statement.since <= today and (not statement.until or today <= statement.until)
