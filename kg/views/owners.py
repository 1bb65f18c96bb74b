"""The ownership of an organisation in words and as a picture: owners above, what it owns below."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from kg.foreign.control import Chain
from kg.foreign.owners import Gives, Holding, Owners
from kg.language import say
from kg.views.model import Frame, GraphView, ViewEdge, ViewNode
from kg.views.withdrawal import source_text, terms_text
from kg.views.words import counted, share_text

_GIVES: Final[dict[Gives, tuple[str, str]]] = {
    "alone": ("ja", "yes"),
    "joint": ("gezamenlijk", "jointly"),
    "none": ("nee", "no"),
    "other": ("telt niet: andere opgave geldt", "does not count: another record does"),
}


def dates_text(since: str, until: str) -> str:
    """From when to when; empty when neither is known."""
    parts = [say(f"sinds {since}", f"since {since}")] if since else []
    if until:
        parts.append(say(f"tot en met {until}", f"until {until}"))
    return " ".join(parts)


def held_text(one: Holding) -> str:
    """The share of a holding, and since and until when: ``60% sinds 2020-01-01``."""
    return " ".join(filter(None, (share_text(one.share), dates_text(one.since, one.until))))


def owners_title(found: Owners) -> str:
    """Whose ownership it is."""
    name = found.question.name(found.organisation)
    return say(f"Eigendom van {name}", f"Ownership of {name}")


def seat_text(found: Owners, iri: str) -> str:
    """The countries of its seats; a dash when not known."""
    return ", ".join(map(found.question.name, found.seats.get(iri, ()))) or "–"


def control_lines(found: Owners) -> tuple[str, ...]:
    """Who controls it, in sentences."""
    question = found.question
    lines = []
    for people, nl, en in (
        (found.controllers, "Zeggenschap alleen", "Control alone"),
        (found.joint, "Zeggenschap gezamenlijk", "Joint control"),
    ):
        if people:
            listed = "; ".join(f"{question.name(one)} ({seat_text(found, one)})" for one in people)
            lines.append(f"{say(nl, en)}: {listed}")
    if not lines:
        lines.append(
            say(
                "In de gegevens heeft niemand anders er zeggenschap over.",
                "In the data nobody else controls it.",
            )
        )
    if blocking := [one for one in found.blockers if one not in found.joint]:
        listed = "; ".join(map(question.name, blocking))
        lines.append(say(f"Kan besluiten tegenhouden: {listed}", f"Can block decisions: {listed}"))
    if found.shares and max(found.shares.values()) > 1:
        lines.append(
            say(
                "Doorgerekende aandelen boven 100% komen van organisaties die elkaar bezitten: wat "
                "in de kring terugkeert, telt telkens opnieuw.",
                "Integrated shares above 100% come from organisations that own each other: what "
                "returns along the circle counts each time.",
            )
        )
    if found.shares is None:
        lines.append(
            say(
                "Doorgerekende aandelen zijn er niet: erboven bezitten organisaties elkaar geheel.",
                "There are no integrated shares: organisations above it own each other whole.",
            )
        )
    return tuple(lines)


HOLDING_COLUMNS: Final = (
    ("Eigenaar", "Owner"),
    ("Zetel", "Seat"),
    ("Heeft belang in", "Holds an interest in"),
    ("Aandeel", "Share"),
    ("Vanaf", "From"),
    ("Tot en met", "Until"),
    ("Zeggenschap", "Control"),
)


def holding_row(found: Owners, one: Holding) -> tuple[str, ...]:
    """One row under :data:`HOLDING_COLUMNS`."""
    name = found.question.name
    return (
        name(one.owner),
        seat_text(found, one.owner),
        name(one.owned),
        share_text(one.share),
        one.since or "–",
        one.until or "–",
        say(*_GIVES[one.gives]),
    )


def chain_text(found: Owners, country: str, chain: Chain) -> str:
    """Country → organisations, with share and dates on each step: ``A ─60% sinds 2020-01-01→ B``.

    A step that rests on several records has all of them.
    """
    name = found.question.name
    holdings = {one.iri: one for one in (*found.above, *found.below)}
    text = name(country)
    steps = ((), *chain.records)
    for link, records in zip(chain.links, steps, strict=True):
        held = [held_text(holdings[iri]) if iri in holdings else name(iri) for iri in records]
        text += f" ─{' + '.join(held)}→ {name(link)}" if held else f" → {name(link)}"
    return text


def owners_view(found: Owners, frame: Frame) -> GraphView:
    """Owners to the left and above, what it owns to the right and below; control is thick."""
    question = found.question
    lanes = {
        "above": say("Eigenaren", "Owners"),
        "self": say("De organisatie", "The organisation"),
        "below": say("Bezit", "Owned"),
    }
    place: dict[str, str] = {found.organisation: lanes["self"]}
    for one in found.above:
        for iri in (one.owned, one.owner):
            place.setdefault(iri, lanes["above"])
    for one in found.below:
        for iri in (one.owner, one.owned):
            place.setdefault(iri, lanes["below"])
    holdings = tuple(dict.fromkeys((*found.above, *found.below)))
    nodes = tuple(
        ViewNode(
            iri,
            question.name(iri),
            "thing",
            lane,
            detail=_detail(found, iri, holdings),
            lines=(
                question.name(iri),
                # Two lines, so that what runs to the right passes between them.
                " · ".join((seat_text(found, iri), *_holds(iri, holdings))),
            ),
        )
        for iri, lane in place.items()
    )
    edges = tuple(
        ViewEdge(
            one.owner,
            one.owned,
            held_text(one),
            "control" if one.gives in ("alone", "joint") else "holding",
        )
        for one in holdings
        if one.gives != "other"
    )
    ways = [chain_text(found, *one) for one in found.chains.items()]
    shares = [
        f"{question.name(iri)}: {share_text(share)}" for iri, share in (found.shares or {}).items()
    ]
    notes = [terms_text(question), *control_lines(found)]
    notes += [say(f"Keten: {way}", f"Chain: {way}") for way in ways]
    if shares:
        listed = "; ".join(shares)
        notes.append(say(f"Doorgerekend aandeel: {listed}", f"Integrated share: {listed}"))
    notes += [
        say("Bron: ", "Source: ") + source_text(question, source)
        for source in question.sources(found.records())
    ]
    return GraphView(
        title=owners_title(found),
        subtitle=_subtitle(found),
        level=frame.level,
        release=frame.release,
        policy=frame.policy,
        date=frame.date,
        lanes=tuple(lane for lane in lanes.values() if lane in place.values()),
        nodes=nodes,
        edges=edges,
        table_columns=tuple(say(*words) for words in HOLDING_COLUMNS),
        table_rows=tuple(holding_row(found, one) for one in holdings),
        axis="step",
        row_nodes=tuple(one.owner for one in holdings),
        notes=tuple(notes),
    )


def _holds(owner: str, holdings: Iterable[Holding]) -> tuple[str, ...]:
    """What an owner holds, for below its label; nothing for who holds nothing."""
    ours = [one for one in holdings if one.owner == owner and one.gives != "other"]
    if not ours:
        return ()
    if len(ours) > 1:
        shares = ", ".join(share_text(one.share) for one in ours)
        return (say(f"houdt {shares}", f"holds {shares}"),)
    text = held_text(ours[0])
    return (say(f"houdt {text}", f"holds {text}"),)


def _subtitle(found: Owners) -> str:
    above = counted(
        len({one.owner for one in found.above}), ("eigenaar", "eigenaren"), ("owner", "owners")
    )
    below = counted(
        len({one.owned for one in found.below}),
        ("organisatie in bezit", "organisaties in bezit"),
        ("organisation owned", "organisations owned"),
    )
    return say(
        f"{above} direct en daarboven; {below}. Zetel: {seat_text(found, found.organisation)}.",
        f"{above} directly and above; {below}. Seat: {seat_text(found, found.organisation)}.",
    )


def _detail(found: Owners, iri: str, holdings: Iterable[Holding]) -> str:
    name = found.question.name
    lines = [name(iri), say("Zetel: ", "Seat: ") + seat_text(found, iri)]
    for one in holdings:
        if iri in (one.owner, one.owned):
            when = dates_text(one.since, one.until)
            control = say("zeggenschap: ", "control: ") + say(*_GIVES[one.gives])
            lines.append(
                f"{name(one.owner)} → {name(one.owned)}: "
                + ", ".join(filter(None, (share_text(one.share), when, control)))
            )
    return "\n".join(lines)
