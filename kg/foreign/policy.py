"""The terms that a policy sets, and who controls what: read from the graph once.

Which countries are trusted: a country is, when a statement of a kind that the policy trusts is
valid on the analysis date, unless one of a kind that overrides trust is. The home country always
is. The greatest age of statements holds for those that name a country (kinds that override trust
or make a dependency risky); a membership lasts until its end date.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Final, NamedTuple

from kg.names import ANALYSIS
from kg.network import parse_hours
from kg.store import Graph

#: Without a horizon in the policy: thirty days.
DEFAULT_HORIZON_HOURS: Final = 720.0


class Statement(NamedTuple):
    """A dated statement about a country."""

    iri: str
    country: str
    kind: str
    since: str
    until: str


@dataclass(frozen=True)
class Terms:
    """A policy as of the analysis date; ``iri`` is empty when the graph names none.

    Attributes:
        named: per country the statements, valid and not too old, that make it untrusted or risky.
        risky: countries that such a statement makes risky.
        trusted: countries in a trusted group whose trust is not overridden, and the home country.
    """

    iri: str
    date: str
    horizon_hours: float
    threshold: float
    hhi_threshold: float | None
    trusted: frozenset[str]
    risky: frozenset[str]
    named: dict[str, tuple[str, ...]]


def read_terms(graph: Graph) -> Terms:
    """The policy of the analysis context."""
    policy = graph.single("underPolicy").get(ANALYSIS, "")
    today = graph.single("analysisDate").get(ANALYSIS, "")
    trusting = set(graph.several("trustsStatementKind").get(policy, ()))
    overriding = set(graph.several("overridesTrust").get(policy, ()))
    risky = set(graph.several("riskyStatementKind").get(policy, ()))
    # Empty is no limit; the reasoner computes it, so that saved queries use the very same day.
    oldest = graph.single("oldestStatementDate").get(ANALYSIS, "")
    valid = [one for one in _statements(graph) if _valid(one, today)]
    naming = [
        one
        for one in valid
        if one.kind in overriding | risky and (one.until or one.since >= oldest)
    ]
    named: dict[str, list[str]] = defaultdict(list)
    for one in naming:
        named[one.country].append(one.iri)
    overridden = {one.country for one in naming if one.kind in overriding}
    trusted = {one.country for one in valid if one.kind in trusting} - overridden
    home = set(graph.several("homeCountry").get(policy, ()))
    horizon = parse_hours(graph.single("horizon").get(policy, ""))
    threshold = graph.single("hhiThreshold").get(policy)
    return Terms(
        iri=policy,
        date=today,
        horizon_hours=DEFAULT_HORIZON_HOURS if horizon is None else horizon,
        threshold=float(graph.single("controlThreshold").get(policy, "0.5")),
        hhi_threshold=None if threshold is None else float(threshold),
        trusted=frozenset(trusted | home),
        risky=frozenset(one.country for one in naming if one.kind in risky),
        named={country: tuple(sorted(iris)) for country, iris in sorted(named.items())},
    )


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
