"""A release under a policy on a date: terms, control and names; what people type resolved."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import replace
from functools import cached_property
from typing import Any, Final, Literal, NamedTuple

from kg.foreign.control import Chain, Control
from kg.foreign.policy import Statement, Terms, read_terms, statements_by_country
from kg.foreign.stakes import Stakes
from kg.foreign.way import way_text
from kg.foreign.weakness import WeakSources
from kg.foreign.withdrawal import Withdrawer
from kg.language import current_language
from kg.names import DCTERMS, local_id
from kg.network import Network
from kg.network.records import finite
from kg.network.resolve import resolve_named
from kg.store import Graph, GraphStore

VerdictName = Literal["foreign", "possible", "strategic", "risky"]
#: From the least to the most serious; ``possible`` is told in :mod:`kg.foreign.withdrawal`.
VERDICTS: Final[tuple[VerdictName, ...]] = ("foreign", "possible", "strategic", "risky")


def verdict_of(hours: float, bound: float, *, risky: bool) -> VerdictName:
    """What a dependency is called.

    Args:
        hours: to failure within the horizon; inf where the process does not fall.
        bound: the robust bound on them (:mod:`kg.foreign.withdrawal`); inf beyond the horizon.
        risky: the policy counts a statement that names the country.
    """
    if math.isinf(hours):
        return "foreign" if math.isinf(bound) else "possible"
    return "risky" if risky else "strategic"


class Named(NamedTuple):
    """A thing with its labels."""

    iri: str
    label: str
    label_en: str

    @property
    def name(self) -> str:
        """Its label in the language in force."""
        return self.label_en if current_language() == "en" else self.label


class Question:
    """A release under a policy on a date.

    Args:
        store: of a release, reasoned.
        network: built from it.
        policy, at: an id, IRI or label, and an ISO 8601 date; those of the release by default.
        horizon_hours: instead of that of the policy.

    Raises:
        UsageError: an unknown policy, or not a date.
    """

    def __init__(
        self,
        store: GraphStore,
        network: Network,
        policy: str | None = None,
        at: str | None = None,
        horizon_hours: float | None = None,
    ) -> None:
        self._look_at(store, network)
        iri = None if policy is None else self._policy(policy)
        terms = read_terms(self.graph, iri, at)
        self._ask_under(
            terms if horizon_hours is None else replace(terms, horizon_hours=horizon_hours)
        )

    def _look_at(self, store: GraphStore, network: Network) -> None:
        self.graph = Graph(store)
        self.built = network
        self._names: dict[str, tuple[str, str]] = {}

    def _ask_under(self, terms: Terms) -> None:
        self.terms = terms
        self.control = Control(self.graph, terms)
        self._seats: Mapping[str, str] = {}
        self._controls = {terms.threshold: self.control}

    def assuming(
        self,
        stakes: Stakes,
        seats: Mapping[str, str] | None = None,
        names: Mapping[str, tuple[str, str]] | None = None,
    ) -> Question:
        """The same question where others hold what they hold; the release is not changed.

        Args:
            stakes: instead of the records of the release.
            seats: of organisations that are not in the release, the countries.
            names: of what is not in the release, in Dutch and English.
        """
        _ = self.withdrawer  # worked out once, for both
        other = copy(self)
        other._names = self._names | dict(names or {})
        other._seats = dict(seats or {})
        other.control = Control(self.graph, self.terms, stakes, other._seats)
        other._controls = {self.terms.threshold: other.control}
        return other

    def beside(self, store: GraphStore, network: Network) -> Question:
        """The same question, under the same terms, of another store with its network."""
        other = object.__new__(Question)
        other._look_at(store, network)
        other._ask_under(self.terms)
        return other

    def control_above(self, threshold: float) -> Control:
        """Who controls what with another control threshold."""
        if threshold not in self._controls:
            terms = replace(self.terms, threshold=threshold)
            stakes = self.control.stakes
            self._controls[threshold] = Control(self.graph, terms, stakes, self._seats)
        return self._controls[threshold]

    def organisation(self, text: str) -> str:
        """The IRI of the organisation that an id, CURIE, label or IRI names.

        Raises:
            AmbiguousError, UsageError: several fit, or none; names some.
        """
        things = self.organisations()
        place = resolve_named(
            things, text, "usage.unknown-organisation", "organisatie", "an organisation"
        )
        return things[place].iri

    def organisations(self) -> list[Named]:
        """All of them, and who holds or is held without being described as one, by IRI."""
        held = self.control.stakes.owned
        found = {
            *self.graph.instances("Organisation"),
            *held,
            *(one.owner for records in held.values() for one in records),
        }
        return self._things(sorted(found))

    @cached_property
    def withdrawer(self) -> Withdrawer:
        """The network, with unknown substitution times as the policy counts them."""
        return Withdrawer(self.built, self.terms.unknown_substitution)

    @cached_property
    def weak_sources(self) -> WeakSources:
        """What is weak about sources under these terms."""
        return WeakSources(self.graph, self.terms)

    @property
    def network(self) -> Network:
        """That network."""
        return self.withdrawer.network

    @cached_property
    def said(self) -> dict[str, tuple[Statement, ...]]:
        """Per country the statements about it that are valid on the date."""
        return statements_by_country(self.graph, self.terms.date)

    @cached_property
    def trusted_kinds(self) -> frozenset[str]:
        """The kinds of statement that some policy of this release trusts."""
        several = self.graph.several("trustsStatementKind").values()
        return frozenset(kind for kinds in several for kind in kinds)

    def terms_json(self) -> dict[str, Any]:
        """Policy, date and the terms that count, for JSON."""
        terms = self.terms
        return {
            "policy": terms.iri,
            "policy_label": self.name(terms.iri) if terms.iri else "",
            "date": terms.date,
            "network_date": self.network.date,
            "horizon_hours": finite(terms.horizon_hours),
            "control_threshold": terms.threshold,
            "unknown_substitution_hours": finite(terms.unknown_substitution),
        }

    def countries(self, texts: Sequence[str]) -> tuple[str, ...]:
        """The countries that these ids, ISO codes, labels or IRIs name, each once.

        Raises:
            AmbiguousError, UsageError: several fit, or none; names some.
        """
        iris = self.graph.instances("Country")
        things = self._things(iris)
        three = {code.casefold(): iri for iri, code in self.graph.single("isoAlpha3").items()}
        found = []
        for text in texts:
            iri = three.get(text.strip().casefold())
            if iri not in iris:
                place = resolve_named(things, text, "usage.unknown-country", "land", "a country")
                iri = things[place].iri
            found.append(iri)
        return tuple(dict.fromkeys(found))

    def verdict(self, country: str, hours: float, bound: float) -> VerdictName:
        """What the terms call a dependency; see :func:`verdict_of`."""
        return verdict_of(hours, bound, risky=country in self.terms.risky)

    def name(self, iri: str) -> str:
        """The label of a thing in the language in force; its id where it has none."""
        if iri not in self._names:
            self.learn([iri])
        return self._names[iri][1 if current_language() == "en" else 0]

    def way_text(self, country: str, chain: Chain | None, units: Iterable[int]) -> tuple[str, str]:
        """Country → organisations → units, in Dutch and English; see :func:`way_text`."""
        above = chain.links[:-1] if chain else ()
        names = {iri: self.both(iri) for iri in above}
        return way_text(self.network, units, chain, self.both(country), names)

    def names_of(self, iris: Iterable[str]) -> dict[str, str]:
        """The labels of requirements and other things."""
        needs = self.network.requirements
        found = {}
        for iri in iris:
            place = needs.find(iri)
            found[iri] = self.name(iri) if place is None else self.network.requirement_label(place)
        return found

    def statements(self, country: str) -> list[dict[str, Any]]:
        """What is said about a country on the date, and whether the policy counts it."""
        terms = self.terms
        counts = {
            "trusts": set(terms.trusting.get(country, ())),
            "names": set(terms.named.get(country, ())),
        }
        return [
            {
                "iri": one.iri,
                "label": self.name(one.iri),
                "kind": one.kind,
                "since": one.since,
                "until": one.until or None,
                "counts_as": [how for how, iris in counts.items() if one.iri in iris],
            }
            for one in self.said.get(country, ())
        ]

    def sources(self, records: Sequence[str]) -> list[dict[str, Any]]:
        """The documents behind records: title, publisher, date, grade and what is weak, by IRI."""
        iris = self.graph.sources(records) if records else []
        self.learn(iris)
        issued = self.graph.single("issued", DCTERMS)
        publisher = self.graph.single("publisher", DCTERMS)
        grade = self.graph.single("grade")
        weak = {one.iri: list(one.kinds) for one in self.weak_sources.among(iris)}
        return [
            {
                "iri": iri,
                "label": self.name(iri),
                "publisher": publisher.get(iri, ""),
                "date": issued.get(iri, ""),
                "grade": grade.get(iri, "")[-1:],
                "weak": weak.get(iri, []),
            }
            for iri in iris
        ]

    def _policy(self, text: str) -> str:
        things = self._things(self.graph.instances("Policy"))
        return things[resolve_named(things, text, "usage.unknown-policy", "beleid", "a policy")].iri

    def _things(self, iris: Sequence[str]) -> list[Named]:
        self.learn(iris)
        return [Named(iri, *self._names[iri]) for iri in iris]

    def both(self, iri: str) -> tuple[str, str]:
        """The label of a thing in Dutch and in English."""
        self.name(iri)
        return self._names[iri]

    def learn(self, iris: Iterable[str]) -> None:
        """Read the labels of these things in one go."""
        new = sorted(set(iris) - self._names.keys())
        if new:
            known = self.graph.labels(new)
            for iri in new:
                nl, en = known.get(iri, ("", ""))
                self._names[iri] = (nl or local_id(iri), en or nl or local_id(iri))
