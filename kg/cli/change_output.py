"""What a what-if prints of what changes: findings, hands, concentration; for people and as CSV."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from kg.cli.paragraphs import SHOWN, heading, more, paragraph, said
from kg.foreign.change import Change, Effect
from kg.language import say
from kg.views.change import (
    concentration_text,
    effect_title,
    hands_rows,
    one_hand_text,
    process_label,
)
from kg.views.withdrawal import rests_text

#: The columns of CSV; times in hours.
EFFECT_COLUMNS: Final = (
    "change", "worse", "country", "country_label", "process", "process_label", "before", "after",
    "hours_before", "hours_after", "path", "evidence",
)  # fmt: skip
#: Of what comes into the hands of one country this many are named.
_UNITS: Final = 8


def print_change(change: Change) -> None:
    """What is worse, what is better, who gets what in hand, and how concentrated it becomes."""
    worse = [one for one in change.effects if one.worse]
    better = [one for one in change.effects if not one.worse]
    if worse:
        heading(say("Wat erbij komt of ernstiger wordt", "What appears or gets worse"))
        _effects(change, worse)
    if better:
        heading(say("Wat verdwijnt of lichter wordt", "What vanishes or gets better"))
        _effects(change, better)
    if hands := hands_rows(change):
        heading(say("Zeggenschap over eenheden", "Control of units"))
        for country, what, units in hands:
            named = "; ".join(units[:_UNITS])
            rest = len(units) - _UNITS
            if rest > 0:
                named += say(f"; en nog {rest}", f"; and {rest} more")
            paragraph(f"- {country}, {what} ({len(units)}): {named}", indent="  ")
    if change.concentrated:
        heading(
            say(
                "Concentratie naar land van zeggenschap (HHI, 0 tot 1)",
                "Concentration by country of control (HHI, 0 to 1)",
            )
        )
        for one in change.concentrated[:SHOWN]:
            paragraph(f"- {concentration_text(change, one)}", indent="  ")
        more(len(change.concentrated))
    if change.one_hand:
        heading(say("Komt in één hand", "Comes into one hand"))
        for each in change.one_hand[:SHOWN]:
            paragraph(f"- {one_hand_text(change, each)}", indent="  ")
        more(len(change.one_hand))


def _effects(change: Change, effects: list[Effect]) -> None:
    for one in effects[:SHOWN]:
        paragraph(f"* {effect_title(change, one)}", indent="  ")
        said(say("Weg", "Way"), one.told)
        if rests := rests_text(change.world_of(one), one.verdict):
            said(say("Rust op", "Rests on"), rests)
    more(len(effects))


def effect_rows(change: Change) -> Iterator[tuple[object, ...]]:
    """One row per effect, in :data:`EFFECT_COLUMNS`."""
    for one in change.effects:
        world = change.world_of(one)
        yield (
            one.kind,
            str(one.worse).lower(),
            one.country,
            world.name(one.country),
            one.process,
            process_label(world, one.process),
            one.before,
            one.after,
            one.hours_before,
            one.hours_after,
            one.told,
            ";".join(one.verdict.records),
        )
