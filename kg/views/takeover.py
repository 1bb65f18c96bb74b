"""A change of ownership in words: what is assumed, who controls, who acquires."""

from __future__ import annotations

from decimal import Decimal

from kg.foreign.takeover import Controller, Takeover
from kg.language import say
from kg.views.words import counted, share_text


def percent(share: Decimal | None) -> str:
    """A share as people write it; a dash for none."""
    return share_text(share, "–")


def takeover_title(found: Takeover) -> str:
    """``Als Y 60% van X houdt``."""
    name = found.question.name
    share = percent(found.share)
    return say(
        f"Als {name(found.owner)} {share} van {name(found.owned)} houdt",
        f"If {name(found.owner)} holds {share} of {name(found.owned)}",
    )


def assumptions(found: Takeover) -> tuple[str, ...]:
    """What the what-if takes for granted."""
    question = found.question
    name = question.name
    texts = [
        say(
            "Dit is een denkoefening: invoer voor een investeringstoets, geen toets. De release "
            "verandert niet.",
            "This is a what-if: input for an investment screening, not a screening. The release "
            "does not change.",
        )
    ]
    if found.unchanged:
        texts.append(
            say(
                "Dit aandeel heeft de nieuwe eigenaar nu al; er verandert niets.",
                "The new owner has this share already; nothing changes.",
            )
        )
        return tuple(texts)
    if found.share == 1:
        texts.append(say("De andere houders zijn weg.", "The other holders are gone."))
    else:
        texts.append(
            say(
                "De aandelen van de andere houders krimpen naar rato van wat overblijft.",
                "The shares of the other holders shrink in proportion to what is left.",
            )
        )
    threshold = percent(Decimal(repr(question.terms.threshold)))
    if found.ended:
        names = "; ".join(name(one) for one in found.ended)
        texts.append(
            say(
                f"Boven {threshold} eindigt vastgelegde zeggenschap van anderen: {names}.",
                f"Above {threshold} recorded control of others ends: {names}.",
            )
        )
    else:
        texts.append(
            say(
                f"Boven {threshold} eindigt vastgelegde zeggenschap van anderen.",
                f"Above {threshold} recorded control of others ends.",
            )
        )
    if found.kept:
        names = "; ".join(name(one) for one in found.kept)
        texts.append(say(f"Een gouden aandeel blijft: {names}.", f"A golden share stays: {names}."))
    if found.assumed:
        countries = ", ".join(name(one) for one in found.seat)
        texts.append(
            say(
                f"{name(found.owner)} staat niet in de gegevens; zetel {countries}, verder is er "
                "niets van bekend.",
                f"{name(found.owner)} is not in the data; seat {countries}, nothing else is known "
                "of it.",
            )
        )
    texts.append(
        say(
            "Eisen, leveringen en contracten blijven zoals ze zijn.",
            "Requirements, supplies and contracts stay as they are.",
        )
    )
    return tuple(texts)


def holder_rows(found: Takeover) -> list[str]:
    """Per holder its share before and after."""
    name = found.question.name
    return [
        f"{name(one.owner)}: {percent(one.before)} → {percent(one.after)}" for one in found.holders
    ]


def controller_rows(found: Takeover, controllers: tuple[Controller, ...]) -> list[str]:
    """Per controller at the top its chain down, with the shares, and its country."""
    question = found.question
    before = controllers is found.before
    stakes = (found.change.before if before else found.change.after).control.stakes
    shares = {one.iri: one.share for records in stakes.owned.values() for one in records}
    rows = []
    for one in controllers:
        if not one.top and any(other.top for other in controllers):
            continue
        links = one.chain.links if one.chain else ()
        steps = [question.name(iri) for iri in links[:1]]
        records = one.chain.records if one.chain else ()
        for iri, behind in zip(links[1:], records, strict=False):
            held = [percent(shares[each]) for each in behind if shares.get(each)]
            link = f" ─{' + '.join(held)}→ " if held else " → "
            steps.append(link + question.name(iri))
        countries = ", ".join(question.name(each) for each in one.countries)
        unknown = say("land onbekend", "country unknown")
        jointly = say("; gezamenlijk", "; jointly") if one.jointly else ""
        rows.append(f"{''.join(steps)} ({countries or unknown}{jointly})")
    return rows or [say("niemand in de gegevens", "nobody in the data")]


def acquirer_rows(found: Takeover) -> list[tuple[str, str]]:
    """Who acquires: seat, who is at the top of it, countries and what is said of them."""
    question = found.question
    name = question.name
    unknown = say("onbekend", "unknown")
    rows = [
        (say("Zetel", "Seat"), ", ".join(map(name, found.seat)) or unknown),
        (
            say("Aan de top", "At the top"),
            ", ".join(map(name, found.acquirer)) or unknown,
        ),
    ]
    for country in found.countries:
        words = []
        if country in question.terms.home:
            words.append(say("het eigen land", "the home country"))
        elif country in question.terms.trusted:
            words.append(say("door het beleid vertrouwd", "trusted by the policy"))
        else:
            words.append(say("niet vertrouwd", "not trusted"))
        statements = question.statements(country)
        words += [f"{one['label']}, {one['since']}" for one in statements if one["counts_as"]]
        if silent := sum(not one["counts_as"] for one in statements):
            words.append(
                counted(
                    silent,
                    ("uitspraak die niet meetelt", "uitspraken die niet meetellen"),
                    ("statement that does not count", "statements that do not count"),
                )
            )
        rows.append((name(country), "; ".join(words)))
    return rows


def influence_text(found: Takeover) -> str:
    """Which steps of significant influence are passed."""
    before, after = (percent(one) for one in found.influence)
    if not found.steps:
        return say(
            f"{before} → {after}: geen stap van 10, 20 of 25% gepasseerd.",
            f"{before} → {after}: no step of 10, 20 or 25% passed.",
        )
    steps = ", ".join(percent(one) for one in found.steps)
    return say(f"{before} → {after}: passeert {steps}.", f"{before} → {after}: passes {steps}.")
