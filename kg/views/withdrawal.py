"""A withdrawal in words: who is in whose hands, what falls, what heals, and why each verdict."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

from kg.foreign.answer import Answer, Verdict
from kg.foreign.comparison import Change, Difference, Moved
from kg.foreign.matrix import Matrix, Row
from kg.foreign.question import Question, VerdictName
from kg.foreign.sensitivity import Flip
from kg.foreign.weakness import weakness_words
from kg.language import say
from kg.views.words import counted, duration, first_few, number, share_text

VERDICT_WORDS: Final[dict[VerdictName, tuple[str, str]]] = {
    "foreign": ("buitenlands, niet strategisch", "foreign, not strategic"),
    "possible": (
        "mogelijk strategisch (hangt op tijdig herstel)",
        "possibly strategic (hangs on timely return)",
    ),
    "strategic": ("strategisch", "strategic"),
    "risky": ("risicovol strategisch", "risky strategic"),
}
CHANGE_WORDS: Final[dict[Change, tuple[str, str]]] = {
    "appears": ("komt erbij", "appears"),
    "vanishes": ("verdwijnt", "vanishes"),
    "changes": ("verandert", "changes"),
}
MOVED_WORDS: Final[dict[Moved, tuple[str, str]]] = {
    "trust": ("wie vertrouwd is", "who is trusted"),
    "statement": ("welke uitspraken risicovol maken", "which statements make risky"),
    "threshold": ("drempel zeggenschap", "control threshold"),
    "horizon": ("horizon", "horizon"),
    "substitution": ("onbekende vervangingstijd", "unknown substitution time"),
}


def verdict_word(verdict: VerdictName | None) -> str:
    """The verdict in the language in force."""
    return say("geen bevinding", "no finding") if verdict is None else say(*VERDICT_WORDS[verdict])


def hours_text(hours: float) -> str:
    """Hours without rounding away what a boundary hangs on: ``2 dagen 0,25 uur``, ``12 dagen``."""
    if math.isinf(hours):
        return say("nooit", "never")
    if hours == round(hours) or hours < 1:
        return duration(hours)
    days, rest = divmod(hours, 24) if hours >= 48 else (0, hours)
    text = f"{number(rest, 2)} {say('uur', 'hours')}"
    return f"{int(days)} {say('dagen', 'days')} {text}" if days else text


def withdrawal_title(answer: Answer) -> str:
    """``Als China en Rusland zich samen terugtrekken``."""
    names = [answer.question.name(one) for one in answer.countries]
    if len(names) == 1:
        return say(f"Als {names[0]} zich terugtrekt", f"If {names[0]} withdraws")
    listed = ", ".join(names[:-1])
    return say(
        f"Als {listed} en {names[-1]} zich samen terugtrekken",
        f"If {listed} and {names[-1]} withdraw together",
    )


def terms_text(question: Question) -> str:
    """Under which policy, on which date, how far ahead."""
    terms = question.terms
    policy = question.name(terms.iri) if terms.iri else say("geen beleid", "no policy")
    horizon = duration(terms.horizon_hours)
    return say(
        f"{policy}; peildatum {terms.date or 'onbekend'}; horizon {horizon}; zeggenschap boven "
        f"{share_text(terms.threshold)}.",
        f"{policy}; analysis date {terms.date or 'unknown'}; horizon {horizon}; control above "
        f"{share_text(terms.threshold)}.",
    )


def summary(answer: Answer) -> str:
    """How much is in its hands and what that does."""
    lost = sum(one.hours is not None for one in answer.verdicts)
    units = counted(len({one.unit for one in answer.controlled}), ("eenheid", "eenheden"),
                    ("unit", "units"))  # fmt: skip
    processes = counted(
        len(answer.verdicts),
        ("vitaal proces hangt", "vitale processen hangen"),
        ("vital process depends", "vital processes depend"),
    )
    falls = say("valt" if lost == 1 else "vallen", "goes" if lost == 1 else "go")
    return say(
        f"Onder zeggenschap: {units}. {processes} daarvan af; {lost} {falls} uit.",
        f"Under control: {units}. {processes} on that; {lost} {falls} down.",
    )


def withdrawal_notes(answer: Answer) -> tuple[str, ...]:
    """What a reader must know: together, trusted, dates that differ, hanging on timing."""
    question, found = answer.question, []
    terms = question.terms
    if len(answer.countries) > 1:
        found.append(
            say(
                "Deze landen zijn samen teruggetrokken; het beleid kent alleen bevindingen per "
                "land, dus hier staat geen bevinding.",
                "These countries withdraw together; the policy has findings per country only, so "
                "there is no finding here.",
            )
        )
    for country in answer.countries:
        name = question.name(country)
        if country in terms.home:
            found.append(
                say(
                    f"{name} is voor dit beleid het eigen land: dit is een denkoefening, geen "
                    "bevinding.",
                    f"{name} is the home country of this policy: this is a what-if, no finding.",
                )
            )
        elif country in terms.trusted:
            why = "; ".join(question.name(iri) for iri in terms.trusting.get(country, ()))
            found.append(
                say(
                    f"Het beleid vertrouwt {name} ({why}): dit is een denkoefening, geen "
                    "bevinding.",
                    f"The policy trusts {name} ({why}): this is a what-if, no finding.",
                )
            )
        elif (overriding := terms.overriding.get(country)) and country in terms.trusting:
            group = "; ".join(question.name(iri) for iri in terms.trusting[country])
            named = "; ".join(question.name(iri) for iri in overriding)
            found.append(
                say(
                    f"{name} hoort bij een vertrouwde groep ({group}), maar het beleid laat "
                    f"zwaarder wegen: {named}.",
                    f"{name} is in a trusted group ({group}), but to the policy this weighs "
                    f"more: {named}.",
                )
            )
    if question.network.date and terms.date != question.network.date:
        found.append(
            say(
                f"Zeggenschap, uitspraken en vertrouwen gelden op {terms.date}; de eisen zijn die "
                f"van {question.network.date}, de datum van de release.",
                f"Control, statements and trust are of {terms.date}; requirements are those of "
                f"{question.network.date}, the date of the release.",
            )
        )
    if any(one.verdict == "possible" for one in answer.verdicts):
        found.append(
            say(
                "Mogelijk strategisch: valt niet uit, doordat iets wat wegvalt op tijd terug is; "
                "met andere tijden, soms ook met betere, kan dat net niet meer zo zijn.",
                "Possibly strategic: does not go down, as something that is lost is back in time; "
                "with other times, sometimes better ones as well, that may just not be so.",
            )
        )
    if not answer.sensitivity_complete:
        found.append(
            say(
                "Niet alles wat een oordeel verandert is nagegaan: te veel rekenwerk.",
                "Not everything that changes a verdict was looked at: too much to compute.",
            )
        )
    return tuple(found)


def chain_rows(answer: Answer) -> list[tuple[str, str]]:
    """Per unit in the hands of a country: its label, and the chain of organisations."""
    question, network = answer.question, answer.question.network
    rows = []
    for one in answer.controlled:
        above = one.chain.links[:-1] if one.chain else ()
        steps = [question.name(one.country), *map(question.name, above)]
        rows.append((network.label(one.unit), " → ".join(steps)))
    return rows


def healed_rows(answer: Answer) -> list[tuple[str, str, str]]:
    """Per requirement that is met again by substitution: its label, lost after, met after."""
    label = answer.question.network.requirement_label
    return [
        (label(one.requirement), duration(one.lost), duration(one.met)) for one in answer.healed
    ]


def verdict_text(answer: Answer, one: Verdict) -> str:
    """The process, the verdict and the hours, as one line."""
    label = answer.question.network.label(one.process)
    words = verdict_word(one.verdict)
    if one.hours is not None:
        after = hours_text(one.hours)
        words = say(f"{words}, valt uit na {after}", f"{words}, goes down after {after}")
    elif one.bound is not None:
        earliest = hours_text(one.bound)
        words = say(
            f"{words}, op zijn vroegst na {earliest}", f"{words}, after {earliest} at the earliest"
        )
    return f"{label}: {words}"


def rests_text(question: Question, one: Verdict) -> str:
    """What is unknown and how it counts; empty when nothing is."""
    label = question.network.requirement_label
    parts = []
    if one.way.unknown_buffers:
        names = first_few([label(need) for need in one.way.unknown_buffers])
        parts.append(
            say(
                f"onbekende buffers, gerekend als 0: {names}",
                f"unknown buffers, counted as 0: {names}",
            )
        )
    if one.way.unknown_substitutions:
        names = first_few([label(need) for need in one.way.unknown_substitutions])
        counted_as = hours_text(question.terms.unknown_substitution)
        parts.append(
            say(
                f"onbekende vervangingstijden, gerekend als {counted_as}: {names}",
                f"unknown substitution times, counted as {counted_as}: {names}",
            )
        )
    return "; ".join(parts)


def source_text(question: Question, source: Mapping[str, Any]) -> str:
    """One of :meth:`Question.sources`: title, publisher, date, grade, and what is weak about it."""
    about = ", ".join(filter(None, (source["publisher"], source["date"], source["grade"].upper())))
    text = f"{source['label']} ({about})" if about else str(source["label"])
    weak = [say(*weakness_words(kind, question.terms.oldest)) for kind in source["weak"]]
    return f"{text} – {say('let op', 'note')}: {', '.join(weak)}" if weak else text


def flip_text(question: Question, flip: Flip) -> str:
    """One thing that changes the verdict, as a clause."""
    names = question.names_of(flip.subjects)
    listed = first_few([names[iri] for iri in flip.subjects])
    if flip.term == "horizon":
        value = hours_text(flip.value or 0.0)
        if flip.side == "below":
            return say(f"horizon korter dan {value}", f"horizon shorter than {value}")
        return say(f"horizon van {value} of langer", f"horizon of {value} or longer")
    if flip.term in ("buffer", "substitution"):
        if not flip.subjects:
            return say("als niets te vervangen is", "when nothing can be replaced")
        what = say(*_TIMES[flip.term])
        side, value = say(*_SIDES[flip.side]), hours_text(flip.value or 0.0)
        now = hours_text(math.inf if flip.now is None else flip.now)
        return say(
            f"{what} {side} {value} (nu {now}): {listed}",
            f"{what} {side} {value} (now {now}): {listed}",
        )
    if flip.term == "control":
        value, now = share_text(flip.value or 0.0), share_text(flip.now or 0.0)
        return say(
            f"drempel zeggenschap {value} of hoger (nu {now}): {listed}",
            f"control threshold {value} or higher (now {now}): {listed}",
        )
    if flip.term == "trust" and flip.becomes == "none":
        if flip.side == "absent":
            return say(f"niet meer meetelt: {listed}", f"no longer counts: {listed}")
        return say(
            f"het beleid zou vertrouwen op: {listed}", f"the policy would trust on: {listed}"
        )
    if flip.term == "trust":
        return say(f"niet meer vertrouwd op: {listed}", f"no longer trusted on: {listed}")
    return say(f"niet meer risicovol zonder: {listed}", f"no longer risky without: {listed}")


_TIMES: Final = {
    "buffer": ("buffer", "buffer"),
    "substitution": ("vervangingstijd", "substitution time"),
}
_SIDES: Final = {
    "below": ("korter dan", "shorter than"),
    "until": ("hoogstens", "at most"),
    "above": ("langer dan", "longer than"),
    "from": ("minstens", "at least"),
}


def because_text(difference: Difference) -> str:
    """Which terms make the difference between two policies."""
    both, either = say(" én ", " and "), say("; of: ", "; or: ")
    return either.join(
        both.join(say(*MOVED_WORDS[term]) for term in terms) for terms in difference.because
    )


def matrix_title(found: Matrix) -> str:
    """How many countries, and how many of them bring something down."""
    count = counted(found.countries, ("land heeft", "landen hebben"), ("country", "countries"))
    strategic = sum(one.strategic > 0 for one in found.rows)
    return say(
        f"{count} iets in handen; van {len(found.rows)} hangen vitale processen af, "
        f"{strategic} {'kan' if strategic == 1 else 'kunnen'} er een doen uitvallen.",
        f"{count} with something in hand; vital processes depend on {len(found.rows)}, "
        f"{strategic} can bring one down.",
    )


def matrix_notes(found: Matrix) -> tuple[str, ...]:
    """What the cells mean, and which countries were not judged or are trusted."""
    question = found.question
    notes = [
        say(
            "Tijd tot uitval; — hangt ervan af en valt niet uit; ~ valt niet uit, maar hangt op "
            "tijdig herstel; leeg: hangt er niet van af. Gesorteerd op risico.",
            "Time to failure; — depends and does not go down; ~ does not go down, but hangs on "
            "timely return; empty: does not depend. Sorted by risk.",
        )
    ]
    named = [
        question.name(one.country) for one in found.rows if one.country in question.terms.risky
    ]
    if named:
        listed = ", ".join(named)
        notes.append(
            say(
                f"Genoemd in een uitspraak die het beleid risicovol noemt: {listed}.",
                f"Named by a statement that the policy calls risky: {listed}.",
            )
        )
    trusted = [
        question.name(one.country) for one in found.rows if one.country in question.terms.trusted
    ]
    if trusted:
        listed = ", ".join(trusted)
        notes.append(
            say(
                f"Door het beleid vertrouwd, dus geen bevinding: {listed}.",
                f"Trusted by the policy, so no finding: {listed}.",
            )
        )
    swinging = [question.name(one.country) for one in found.rows if not one.judged]
    if swinging:
        listed = ", ".join(swinging)
        notes.append(
            say(
                f"Niet te bepalen, het netwerk blijft op en neer gaan (?): {listed}.",
                f"Not to be settled, the network keeps swinging (?): {listed}.",
            )
        )
    return tuple(notes)


def matrix_cell(row: Row, process: int) -> str:
    """The time to failure, short: ``4 u``, ``12 d``; empty where nothing depends."""
    if process not in row.hours:
        return ""
    hours = row.hours[process]
    if not row.judged:
        return "?"
    if math.isinf(hours):
        return "~" if math.isfinite(row.bounds[process]) else "—"
    if hours < 1:
        minutes = round(hours * 60)
        return f"{minutes} min" if minutes else "0"
    if hours < 48:
        return f"{math.floor(hours)} {say('u', 'h')}"
    return f"{math.floor(hours / 24)} d"
