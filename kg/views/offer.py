"""An offer in words: what it supplies, in whose hands that is, its contracts, what is assumed."""

from __future__ import annotations

from kg.foreign.control import Chain
from kg.language import current_language, say
from kg.offer import Contracted, Offer, Supplied
from kg.views.words import first_few


def supply_text(offer: Offer, one: Supplied) -> str:
    """The supply, of what, by whom, and what it replaces."""
    before, name = offer.change.before, offer.change.after.name
    unknown = say("onbekend", "unknown")
    product = name(one.product) if one.product else unknown
    supplier = name(one.supplier) if one.supplier else unknown
    text = say(
        f"{name(one.unit)}: {product}, door {supplier}",
        f"{name(one.unit)}: {product}, by {supplier}",
    )
    if one.replaces:
        old = first_few([before.name(iri) for iri in one.replaces])
        text += say(f"; in plaats van {old}", f"; instead of {old}")
    return text


def hand_rows(offer: Offer, one: Supplied) -> list[str]:
    """Per country with control of it: the chain, and how the policy sees the country."""
    question = offer.change.after
    rows = []
    for country, chain in one.hands:
        if country in question.terms.home:
            word = say("het eigen land", "the home country")
        elif country in question.terms.trusted:
            word = say("vertrouwd", "trusted")
        elif country in question.terms.risky:
            word = say("niet vertrouwd, genoemd als risico", "not trusted, named as a risk")
        else:
            word = say("niet vertrouwd", "not trusted")
        rows.append(f"{chain_text(offer, country, chain)} ({word})")
    return rows or [say("van geen bekend land", "of no known country")]


def chain_text(offer: Offer, country: str, chain: Chain | None) -> str:
    """Country → organisations → supply."""
    name = offer.change.after.name
    return " → ".join([name(country), *map(name, chain.links if chain else ())])


def contract_text(offer: Offer, one: Contracted) -> str:
    """The contract, between whom, for how much and how long."""
    name = offer.change.after.name
    parties = " – ".join(
        first_few([name(iri) for iri in side]) for side in (one.customers, one.suppliers) if side
    )
    parts = [parties] if parties else []
    if one.value is not None:
        parts.append(f"€ {euro(one.value)}")
    if one.since or one.until:
        parts.append(
            say(
                f"van {one.since or '?'} tot en met {one.until or '?'}",
                f"from {one.since or '?'} to {one.until or '?'}",
            )
        )
    return f"{name(one.contract)}: {', '.join(parts)}"


def euro(value: float) -> str:
    """An amount with its thousands apart."""
    text = f"{value:,.0f}"
    return text.replace(",", ".") if current_language() == "nl" else text


def offer_notes(offer: Offer) -> tuple[str, ...]:
    """What the comparison takes for granted, and what of the offer does not count."""
    notes = [
        say(
            "Dit is een denkoefening: wat de release zou zeggen met dit aanbod erin, vanaf nu. "
            "Buffers en vervangingstijden van bestaande eisen blijven zoals ze zijn.",
            "This is a what-if: what the release would say with this offer in it, from now on. "
            "Buffers and substitution times of present requirements stay as they are.",
        )
    ]
    if offer.replaced:
        old = first_few([offer.change.before.name(iri) for iri in offer.replaced])
        notes.append(say(f"Vervalt door dit aanbod: {old}.", f"Gone because of this offer: {old}."))
    idle = [one for one in offer.supplies if not one.replaces and not _used(offer, one.unit)]
    if idle:
        names = first_few([offer.change.after.name(one.unit) for one in idle])
        notes.append(
            say(
                f"Geen enkele eis leunt op: {names}. Noem bij de levering wat zij vervangt "
                "(replacesSupply), of geef een eis die zij vervult.",
                f"No requirement leans on: {names}. Say what the supply replaces "
                "(replacesSupply), or give a requirement that it fulfils.",
            )
        )
    if offer.silent:
        names = first_few([offer.change.after.name(iri) for iri in offer.silent])
        notes.append(
            say(
                f"Telt op de peildatum niet mee: {names}.",
                f"Does not count on the analysis date: {names}.",
            )
        )
    return (*notes, *(say(one.nl, one.en) for one in offer.notes))


def _used(offer: Offer, unit: str) -> bool:
    network = offer.change.after.network
    return unit in network and len(network.uses(network.index(unit))) > 0
