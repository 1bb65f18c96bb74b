"""A what-if as a page: the ways that appear or go, the verdicts before and after, and the rest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kg.foreign.change import Change, Effect
from kg.foreign.question import Question, VerdictName
from kg.foreign.takeover import Takeover
from kg.language import say
from kg.offer import Offers
from kg.views.change import (
    EFFECT_WORDS,
    change_notes,
    concentration_text,
    effect_title,
    hands_rows,
    one_hand_text,
    process_label,
    verdict_line,
)
from kg.views.model import Frame, GraphView, ViewEdge, ViewNode
from kg.views.offer import contract_text, hand_rows, offer_notes, supply_text
from kg.views.takeover import (
    acquirer_rows,
    assumptions,
    controller_rows,
    holder_rows,
    influence_text,
    takeover_title,
)
from kg.views.ways import Ways
from kg.views.withdrawal import hours_text, rests_text, source_text, terms_text, verdict_word


def takeover_view(found: Takeover, frame: Frame) -> GraphView:
    """The ways that another owner opens or closes, and the verdicts before and after."""
    change = found.change
    notes = [
        *assumptions(found),
        say("Aandelen: ", "Shares: ") + "; ".join(holder_rows(found)),
        say("Bestuur voor: ", "Control before: ") + "; ".join(controller_rows(found, found.before)),
        say("Bestuur na: ", "Control after: ") + "; ".join(controller_rows(found, found.after)),
        *(
            f"{say('De verwerver', 'The acquirer')}, {name.lower()}: {text}"
            for name, text in acquirer_rows(found)[:2]
        ),
        *(f"{name}: {text}" for name, text in acquirer_rows(found)[2:]),
        say("Significante invloed: ", "Significant influence: ") + influence_text(found),
        *_change_notes(change),
    ]
    return _view(takeover_title(found), frame, [("", change)], found.question, notes)


def offers_view(found: Offers, frame: Frame) -> GraphView:
    """The ways that each offer opens or closes, a lane for each, and the verdicts."""
    alone = len(found.offers) == 1
    notes = []
    for one in found.offers:
        own = [
            *offer_notes(one),
            *(
                f"{supply_text(one, supply)}. {say('In handen', 'In hands')}: "
                + "; ".join(hand_rows(one, supply))
                for supply in one.supplies
            ),
            *(contract_text(one, contract) for contract in one.contracts),
            *_change_notes(one.change),
            *map(str, one.remarks),
        ]
        notes += own if alone else [f"{one.name}: {text}" for text in own]
    names = ", ".join(one.name for one in found.offers)
    title = say(f"Wat verandert door aanbod {names}", f"What offer {names} would change")
    changes = [(one.name, one.change) for one in found.offers]
    return _view(title, frame, changes, found.question, notes)


def _view(
    title: str,
    frame: Frame,
    changes: Sequence[tuple[str, Change]],
    question: Question,
    notes: Sequence[str],
) -> GraphView:
    """One lane per change where there are several; what gets worse is drawn, else what gets better.

    The table has every effect, drawn or not.
    """
    several = len(changes) > 1
    nodes: list[ViewNode] = []
    edges: list[ViewEdge] = []
    rows: list[tuple[str, ...]] = []
    row_nodes: list[str] = []
    lanes, said, undrawn = [], [], 0
    for name, change in changes:
        drawn = change.worse or change.effects
        ways = Ways(change.after if change.worse else change.before, name if several else "")
        for one in change.effects:
            shown = one in drawn and change.world_of(one) is ways.question
            if shown:
                _draw(ways, change, one)
            undrawn += not shown
            rows.append(((name,) if several else ()) + _row(change, one))
            row_nodes.append(ways.id(one.process) if shown else "")
        if ways.nodes:
            lanes.append(ways.lane)
        nodes += ways.nodes.values()
        edges += ways.edges.values()
        said.append(f"{name}: {verdict_line(change)}." if several else f"{verdict_line(change)}.")
    subtitle = " ".join(said) if several else said[0][:1].upper() + said[0][1:]
    if nodes and undrawn:
        subtitle += say(
            " Getekend zijn de wegen van wat erbij komt of ernstiger wordt; de tabel heeft alles.",
            " Drawn are the ways of what appears or gets worse; the table has everything.",
        )
    columns = (
        say("Land", "Country"),
        say("Vitaal proces", "Vital process"),
        say("Wat verandert", "What changes"),
        say("Voor", "Before"),
        say("Na", "After"),
        say("Weg", "Way"),
        say("Rust op", "Rests on"),
    )
    return GraphView(
        title=title,
        subtitle=subtitle,
        level=frame.level,
        release=frame.release,
        policy=frame.policy,
        date=frame.date,
        lanes=tuple(lanes),
        nodes=tuple(nodes),
        edges=tuple(edges),
        table_columns=((say("Aanbod", "Offer"),) if several else ()) + columns,
        table_rows=tuple(rows),
        axis="step",
        row_nodes=tuple(row_nodes),
        notes=(terms_text(question), *notes),
    )


def _draw(ways: Ways, change: Change, one: Effect) -> None:
    way, network = one.verdict.way, ways.network
    units = [network.units[unit] for unit in way.units]
    ways.control(one.country, one.verdict.chain, units[0])
    falls = one.hours_before if one.kind == "vanishes" else one.hours_after
    ways.requirements(units, effect_title(change, one) if falls is not None else "")


def _row(change: Change, one: Effect) -> tuple[str, ...]:
    world = change.world_of(one)
    return (
        world.name(one.country),
        process_label(world, one.process),
        say(*EFFECT_WORDS[one.kind]),
        _verdict(one.before, one.hours_before),
        _verdict(one.after, one.hours_after),
        one.told,
        rests_text(world, one.verdict) or "–",
    )


def _verdict(verdict: VerdictName | None, hours: float | None) -> str:
    word = verdict_word(verdict)
    if hours is None:
        return word
    after = hours_text(hours)
    return say(f"{word}, valt uit na {after}", f"{word}, goes down after {after}")


def _change_notes(change: Change) -> Iterable[str]:
    """What every what-if says beside its verdicts, in the order of the text."""
    yield from change_notes(change)
    for country, what, units in hands_rows(change):
        yield f"{country}, {what} ({len(units)}): {'; '.join(units)}"
    for each in change.concentrated:
        yield say("Concentratie: ", "Concentration: ") + concentration_text(change, each)
    for hand in change.one_hand:
        yield say("Komt in één hand: ", "Comes into one hand: ") + one_hand_text(change, hand)
    for source in change.sources():
        yield say("Bron: ", "Source: ") + source_text(change.after, source)
