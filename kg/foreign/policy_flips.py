"""Which terms of the policy itself change a verdict: the control threshold, trust, being named."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from kg.foreign.control import Chain
from kg.foreign.question import Question
from kg.foreign.sensitivity import Flip
from kg.network.durations import FOREVER

#: Shares that are tried as a higher control threshold; the network is withdrawn anew for each.
_MOST_SHARES: Final = 12


def higher_thresholds(
    question: Question,
    countries: Sequence[str],
    chains: Iterable[Chain],
    lost: Iterable[int],
) -> dict[int, Flip]:
    """The lowest share, as control threshold, with which each lost process no longer falls.

    Only shares in the chains can matter: control is a share above the threshold, so that a
    threshold of the share of the weakest link breaks the chain. Asserted control never breaks.
    """
    share, asserted = question.graph.single("share"), question.graph.single("control")
    now, horizon = question.terms.threshold, question.terms.horizon_hours
    links: dict[float, list[str]] = {}
    for iri in sorted({iri for chain in chains for iri in chain.evidence} & share.keys()):
        if asserted.get(iri) != "true" and float(share[iri]) > now:
            links.setdefault(float(share[iri]), []).append(iri)
    left, found = set(lost), {}
    withdrawer = question.withdrawer
    for value in sorted(links)[:_MOST_SHARES]:
        if not left:
            break
        controlled = question.control_above(value).units(question.network, trusted=True)
        units = sorted({unit for country in countries for unit in controlled.get(country, ())})
        first, reached = withdrawer.falls(units, horizon), withdrawer.reached(units)
        for process in sorted(left):
            if first is not None and first[process] == FOREVER:
                found[process] = Flip(
                    "control",
                    "from",
                    tuple(links[value]),
                    now,
                    value,
                    "foreign" if reached[process] else "none",
                )
        left -= found.keys()
    return found


def trust(question: Question, country: str) -> tuple[Flip, ...]:
    """The statements that decide whether the policy trusts a country, and whether it names it."""
    terms = question.terms
    if country in terms.home:
        return ()
    trusting, overriding = terms.trusting.get(country, ()), terms.overriding.get(country, ())
    found = []
    if country in terms.trusted:
        found.append(Flip("trust", "absent", trusting, None, None, "foreign"))
    elif trusting:
        found.append(Flip("trust", "absent", overriding, None, None, "none"))
    elif not overriding:
        # Nobody trusts a country for being named.
        about, kinds = question.said.get(country, ()), question.trusted_kinds
        if others := tuple(one.iri for one in about if one.kind in kinds):
            found.append(Flip("trust", "present", others, None, None, "none"))
    if country in terms.risky:
        found.append(Flip("risk", "absent", terms.named[country], None, None, "strategic"))
    return tuple(found)
