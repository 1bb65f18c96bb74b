"""Who owns an organisation and what it owns: holdings with share and dates, control, chains.

Control is as :mod:`kg.foreign.control` has it; the share that anyone has in the end along all paths
as :mod:`kg.foreign.holdings` does. Only what is valid on the date of the question is looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from kg.errors import KgError
from kg.foreign.control import Chain
from kg.foreign.question import Question
from kg.foreign.stakes import Stake

#: Alone, jointly, or no control; ``other`` is a record that does not count beside another record of
#: the same holding.
Gives = Literal["alone", "joint", "none", "other"]


class Holding(NamedTuple):
    """One record of ownership.

    Attributes:
        share: from 0 to 1; None where the record gives none.
        since, until: ISO 8601; empty when not given.
        gives: the control that its owner has over what it owns, by this record or with others.
    """

    iri: str
    owner: str
    owned: str
    share: float | None
    since: str
    until: str
    gives: Gives


class Holdings:
    """Every record of ownership that is valid on the date of a question, with what it gives."""

    def __init__(self, question: Question) -> None:
        graph = question.graph
        self._stakes = question.control.stakes
        since, until = graph.single("validFrom"), graph.single("validUntil")
        stated = graph.single("share")
        counted = {
            one.iri
            for owned in self._stakes.owned
            for one in self._stakes.counted(owned, self._stakes.owners(owned))
        }
        alone, joint = question.control.alone(), question.control.jointly()
        self.all: dict[str, Holding] = {}
        self.into: dict[str, list[Holding]] = {}
        self.out_of: dict[str, list[Holding]] = {}

        def gives(one: Stake) -> Gives:
            pair = (one.owned, one.owner)
            if one.share and one.iri not in counted and not (one.asserted or one.joint):
                return "other"
            return "alone" if pair in alone else "joint" if pair in joint else "none"

        for owned, stakes in sorted(self._stakes.owned.items()):
            for one in stakes:
                found = Holding(
                    one.iri,
                    one.owner,
                    owned,
                    float(one.share) if one.share or one.iri in stated else None,
                    since.get(one.iri, "")[:10],
                    until.get(one.iri, "")[:10],
                    gives(one),
                )
                self.all[one.iri] = found
                self.into.setdefault(owned, []).append(found)
                self.out_of.setdefault(one.owner, []).append(found)


@dataclass(frozen=True)
class Owners:
    """The ownership of one organisation.

    Attributes:
        above: every holding in it, and in who holds those; below: what it holds, and what that
            holds; both nearest first.
        seats: countries of everything that occurs.
        controllers, joint: who controls it alone, and together with others; sorted IRIs.
        blockers: who can block its decisions where no one controls it alone.
        shares: who has which share in the end; None where it cannot be worked out.
        chains: per country under whose control it is the shortest chain.
    """

    question: Question
    organisation: str
    above: tuple[Holding, ...]
    below: tuple[Holding, ...]
    seats: Mapping[str, tuple[str, ...]]
    controllers: tuple[str, ...]
    joint: tuple[str, ...]
    blockers: tuple[str, ...]
    shares: Mapping[str, float] | None
    chains: Mapping[str, Chain]

    def records(self) -> tuple[str, ...]:
        """Everything in the sources that it rests on, sorted."""
        found = {one.iri for one in (*self.above, *self.below)} | {self.organisation}
        return tuple(sorted(found.union(*(chain.evidence for chain in self.chains.values()))))

    def to_json(self, release: str | None = None, level: str | None = None) -> dict[str, Any]:
        """Everything, things with their labels; shares from 0 to 1."""
        question = self.question

        def thing(iri: str) -> dict[str, Any]:
            return {"iri": iri, "label": question.name(iri)}

        def holding(one: Holding) -> dict[str, Any]:
            return {
                "record": one.iri,
                "owner": thing(one.owner),
                "owned": thing(one.owned),
                "share": one.share,
                "since": one.since or None,
                "until": one.until or None,
                "control": one.gives,
            }

        return {
            "release": release,
            "level": level,
            **question.terms_json(),
            "organisation": thing(self.organisation),
            "seats": {iri: list(countries) for iri, countries in self.seats.items()},
            "controllers": [thing(one) for one in self.controllers],
            "joint_controllers": [thing(one) for one in self.joint],
            "blockers": [thing(one) for one in self.blockers],
            "above": [holding(one) for one in self.above],
            "below": [holding(one) for one in self.below],
            "shares": None
            if self.shares is None
            else [{**thing(iri), "share": share} for iri, share in self.shares.items()],
            "chains": [
                {
                    "country": country,
                    "label": question.name(country),
                    "trusted": country in question.terms.trusted,
                    "links": [thing(iri) for iri in chain.links],
                    "records": [list(step) for step in chain.records],
                    "evidence": list(chain.evidence),
                }
                for country, chain in self.chains.items()
            ],
            "sources": question.sources(self.records()),
        }


def owners_of(question: Question, organisation: str) -> Owners:
    """The ownership of an organisation (IRI) under the policy and on the date of the question."""
    control, holdings = question.control, Holdings(question)
    above = _walk(organisation, holdings.into, "owner")
    below = _walk(organisation, holdings.out_of, "owned")
    seat = question.graph.several("seat")
    occurring = {organisation, *(iri for one in (*above, *below) for iri in (one.owner, one.owned))}
    upper = {organisation} | control.above(organisation)
    countries = sorted({country for iri in upper for country in seat.get(iri, ())})
    chains = {one: chain for one in countries if (chain := control.chain(organisation, one))}
    try:
        shares: Mapping[str, float] | None = control.holdings(organisation)
    except KgError:
        shares = None
    found = Owners(
        question,
        organisation,
        above,
        below,
        {iri: tuple(seat[iri]) for iri in sorted(occurring | upper) if iri in seat},
        tuple(sorted(control.controllers(organisation))),
        tuple(sorted(control.joint_controllers(organisation))),
        tuple(sorted(control.blockers(organisation))),
        shares,
        chains,
    )
    links = (iri for chain in chains.values() for iri in chain.links)
    named = {country for countries_ in found.seats.values() for country in countries_}
    question.learn({*occurring, *upper, *links, *named, *found.records(), *(shares or {})})
    return found


def _walk(
    start: str, records: Mapping[str, Iterable[Holding]], end: Literal["owner", "owned"]
) -> tuple[Holding, ...]:
    """Every holding from here on, nearest first, each once."""
    seen, queue = {start}, [start]
    found: list[Holding] = []
    for node in queue:  # grows while we walk
        for one in records.get(node, ()):
            found.append(one)
            other = one.owner if end == "owner" else one.owned
            if other not in seen:
                seen.add(other)
                queue.append(other)
    return tuple(found)
