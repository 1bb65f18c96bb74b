"""The terms that a policy sets, and who controls what: read from the graph once.

Which countries are trusted: a country is, when a statement of a kind that the policy trusts is
valid on the analysis date, unless one of a kind that overrides trust is. The home country always
is. The greatest age of statements holds for those that name a country (kinds that override trust
or make a dependency risky); a membership lasts until its end date.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

from pyoxigraph import Literal, NamedNode

from kg.names import ANALYSIS, DCTERMS, RDF, SKOS, VIT
from kg.network import parse_hours
from kg.store import GraphStore

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


class Graph:
    """Small reads from a store, as sorted Python values."""

    def __init__(self, store: GraphStore) -> None:
        self.store = store

    def pairs(self, local: str, namespace: str = VIT) -> list[tuple[str, str]]:
        """Subjects and values of a property, sorted, each once."""
        rows = self.store.select(f"SELECT ?s ?o WHERE {{ ?s <{namespace}{local}> ?o }}").rows
        found = {
            (subject.value, value.value)
            for subject, value in rows
            if isinstance(subject, NamedNode) and isinstance(value, NamedNode | Literal)
        }
        return sorted(found)

    def single(self, local: str, namespace: str = VIT) -> dict[str, str]:
        """The smallest value per subject."""
        found: dict[str, str] = {}
        for subject, value in self.pairs(local, namespace):
            found.setdefault(subject, value)
        return found

    def several(self, local: str, namespace: str = VIT) -> dict[str, list[str]]:
        """All values per subject, sorted."""
        found: dict[str, list[str]] = defaultdict(list)
        for subject, value in self.pairs(local, namespace):
            found[subject].append(value)
        return dict(found)

    def instances(self, local: str) -> list[str]:
        """The IRIs of the things of a class, sorted."""
        rows = self.store.select(f"SELECT ?s WHERE {{ ?s <{RDF}type> <{VIT}{local}> }}").rows
        return sorted({row[0].value for row in rows if isinstance(row[0], NamedNode)})

    def sources(self, things: Iterable[str]) -> list[str]:
        """The documents (dcterms:source) of these things, sorted."""
        return sorted({value for _, value in self._of(things, f"{DCTERMS}source")})

    def labels(self, things: Iterable[str]) -> dict[str, tuple[str, str]]:
        """Dutch and English label of these things; each falls back on the other."""
        nl: dict[str, str] = {}
        en: dict[str, str] = {}
        for thing, value, language in self._labels(things):
            (en if language.startswith("en") else nl).setdefault(thing, value)
        return {
            thing: (nl.get(thing, en.get(thing, "")), en.get(thing, nl.get(thing, "")))
            for thing in nl.keys() | en.keys()
        }

    def _of(self, things: Iterable[str], predicate: str) -> list[tuple[str, str]]:
        values = " ".join(f"<{thing}>" for thing in sorted(set(things)))
        query = f"SELECT ?s ?o WHERE {{ VALUES ?s {{ {values} }} ?s <{predicate}> ?o }}"
        return [
            (subject.value, value.value)
            for subject, value in self.store.select(query).rows
            if isinstance(subject, NamedNode) and isinstance(value, NamedNode)
        ]

    def _labels(self, things: Iterable[str]) -> list[tuple[str, str, str]]:
        values = " ".join(f"<{thing}>" for thing in sorted(set(things)))
        query = f"SELECT ?s ?o WHERE {{ VALUES ?s {{ {values} }} ?s <{SKOS}prefLabel> ?o }}"
        return sorted(
            (subject.value, value.value, value.language or "")
            for subject, value in self.store.select(query).rows
            if isinstance(subject, NamedNode) and isinstance(value, Literal)
        )


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
