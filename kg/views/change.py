"""What changes between two worlds, in words: the verdict, findings, hands, concentration."""

from __future__ import annotations

from typing import Final

from kg.foreign.change import Change, Concentrated, Effect, EffectName, OneHand
from kg.foreign.concentration import Concentration
from kg.foreign.question import Question, VerdictName
from kg.language import say
from kg.views.withdrawal import VERDICT_WORDS, hours_text, verdict_word
from kg.views.words import counted, first_few, number, share_text

EFFECT_WORDS: Final[dict[EffectName, tuple[str, str]]] = {
    "appears": ("komt erbij", "appears"),
    "changes": ("verandert", "changes"),
    "sooner": ("valt eerder uit", "goes down sooner"),
    "later": ("valt later uit", "goes down later"),
    "vanishes": ("verdwijnt", "vanishes"),
}

#: New dependencies, the worst first: one, and several.
_NEW: Final[dict[VerdictName, tuple[tuple[str, str], tuple[str, str]]]] = {
    "risky": (
        ("nieuwe risicovolle strategische afhankelijkheid",
         "nieuwe risicovolle strategische afhankelijkheden"),
        ("new risky strategic dependency", "new risky strategic dependencies"),
    ),
    "strategic": (
        ("nieuwe strategische afhankelijkheid", "nieuwe strategische afhankelijkheden"),
        ("new strategic dependency", "new strategic dependencies"),
    ),
    "possible": (
        ("nieuwe mogelijk strategische afhankelijkheid (hangt op tijdig herstel)",
         "nieuwe mogelijk strategische afhankelijkheden (hangen op tijdig herstel)"),
        ("new possibly strategic dependency (hangs on timely return)",
         "new possibly strategic dependencies (hang on timely return)"),
    ),
    "foreign": (
        ("nieuwe buitenlandse afhankelijkheid, niet strategisch",
         "nieuwe buitenlandse afhankelijkheden, niet strategisch"),
        ("new foreign dependency, not strategic", "new foreign dependencies, not strategic"),
    ),
}  # fmt: skip


def verdict_line(change: Change) -> str:
    """What it comes to, as one line: what is new, the worst first, what is sooner, what is better.

    A dependency that was there and becomes strategic or risky is a new one of that kind.
    """
    parts = []
    for kind, words in _NEW.items():
        found = [
            one for one in change.worse if one.after == kind and one.kind in ("appears", "changes")
        ]
        if found:
            parts.append(f"{counted(len(found), *words)}: {_named(change, found)}")
    if not parts:
        parts.append(say("geen nieuwe buitenlandse afhankelijkheid", "no new foreign dependency"))
    sooner = [one for one in change.effects if one.kind == "sooner"]
    if sooner:
        count = counted(
            len(sooner),
            ("keer valt een proces eerder uit", "keer valt een proces eerder uit"),
            ("time a process goes down sooner", "times a process goes down sooner"),
        )
        parts.append(f"{count}: {_named(change, sooner)}")
    gone = sum(one.kind == "vanishes" for one in change.effects)
    lighter = sum(one.kind == "changes" and not one.worse for one in change.effects)
    later = sum(one.kind == "later" for one in change.effects)
    if gone:
        parts.append(
            counted(gone, ("bevinding verdwijnt", "bevindingen verdwijnen"),
                    ("finding vanishes", "findings vanish"))
        )  # fmt: skip
    if lighter:
        parts.append(
            counted(
                lighter,
                ("afhankelijkheid wordt lichter", "afhankelijkheden worden lichter"),
                ("dependency gets less serious", "dependencies get less serious"),
            )
        )
    if later:
        parts.append(
            counted(
                later,
                ("keer valt een proces later uit", "keer valt een proces later uit"),
                ("time a process goes down later", "times a process goes down later"),
            )
        )
    return "; ".join(parts)


def _named(change: Change, effects: list[Effect]) -> str:
    return first_few([_pair(change, one) for one in effects])


def _pair(change: Change, one: Effect) -> str:
    world = change.world_of(one)
    return f"{world.name(one.country)} × {process_label(world, one.process)}"


def process_label(question: Question, iri: str) -> str:
    """The label of a unit of the network."""
    return question.network.label(question.network.index(iri))


def effect_title(change: Change, one: Effect) -> str:
    """Country, process, what happened to the finding, the verdicts and the hours."""
    words = f"{_pair(change, one)}: {say(*EFFECT_WORDS[one.kind])}"
    if one.before == one.after:
        assert one.after
        words += f": {say(*VERDICT_WORDS[one.after])}"
    elif one.kind == "changes":
        words += f": {verdict_word(one.before)} → {verdict_word(one.after)}"
    else:
        words += f": {verdict_word(one.after or one.before)}"
    return words + hours_change(one)


def hours_change(one: Effect) -> str:
    """When the process goes down, before and after; empty where it does in neither."""
    before, after = one.hours_before, one.hours_after
    if before is None and after is None:
        return ""
    if one.before is None or before == after:
        assert after is not None
        return ", " + say(
            f"valt uit na {hours_text(after)}", f"goes down after {hours_text(after)}"
        )
    if one.after is None:
        assert before is not None
        return ", " + say(
            f"viel uit na {hours_text(before)}", f"went down after {hours_text(before)}"
        )
    was, now = (
        say("niet", "not") if hours is None else say(f"na {hours_text(hours)}", hours_text(hours))
        for hours in (before, after)
    )
    return ", " + say(f"uitval {was} → {now}", f"time to failure {was} → {now}")


def hands_rows(change: Change) -> list[tuple[str, str, tuple[str, ...]]]:
    """Per country: what comes into its hands and what leaves them, with the units."""
    found: dict[tuple[str, bool], list[str]] = {}
    for one in change.moved:
        world = change.after if one.gained else change.before
        found.setdefault((one.country, one.gained), []).append(process_label(world, one.unit))
    return [
        (
            change.after.name(country),
            say("komt in handen", "comes into its hands")
            if gained
            else say("gaat uit handen", "leaves its hands"),
            tuple(units),
        )
        for (country, gained), units in sorted(found.items(), key=lambda one: one[0])
    ]


def concentration_text(change: Change, one: Concentrated) -> str:
    """The product, its index before and after, and the country with the largest share."""
    threshold = change.after.terms.hhi_threshold
    parts = [_concentration(change, found) for found in (one.before, one.after)]
    text = f"{change.after.name(one.product)}: {parts[0]} → {parts[1]}"
    if (
        threshold is not None
        and one.after is not None
        and one.after.hhi > threshold >= (one.before.hhi if one.before else 0.0)
    ):
        limit = number(threshold, 2)
        text += say(f"; komt boven de drempel {limit}", f"; passes the threshold {limit}")
    return text


def _concentration(change: Change, one: Concentration | None) -> str:
    if one is None:
        return say("geen levering", "no supply")
    country, share = one.largest
    name = change.after.name(country) if country else say("onbekend", "unknown")
    return f"HHI {number(one.hhi, 3)} ({name} {share_text(share)})"


def one_hand_text(change: Change, one: OneHand) -> str:
    """The requirement or product, and who has everything behind it in hand."""
    question = change.after
    label = question.names_of([one.subject])[one.subject]
    parts = first_few([process_label(question, part) for part in one.parts])
    name = question.name(one.controller)
    if len(one.parts) == 1:
        return say(f"{label}: alleen {name} ({parts})", f"{label}: only {name} ({parts})")
    return say(
        f"{label}: alles onder zeggenschap van {name} ({parts})",
        f"{label}: all under control of {name} ({parts})",
    )


def change_notes(change: Change) -> tuple[str, ...]:
    """What a reader must know: what could not be judged, unknown times."""
    found = []
    if change.unjudged:
        names = ", ".join(change.after.name(one) for one in change.unjudged)
        found.append(
            say(
                f"Niet te bepalen, het netwerk blijft op en neer gaan: {names}. Wat daarvan "
                "afhangt staat er als buitenlands.",
                f"Not to be settled, the network keeps swinging: {names}. What depends on it is "
                "listed as foreign.",
            )
        )
    if change.after.network.date and change.after.terms.date != change.after.network.date:
        found.append(
            say(
                f"Zeggenschap, uitspraken en vertrouwen gelden op {change.after.terms.date}; de "
                f"eisen zijn die van {change.after.network.date}, de datum van de release.",
                f"Control, statements and trust are of {change.after.terms.date}; requirements "
                f"are those of {change.after.network.date}, the date of the release.",
            )
        )
    return tuple(found)
