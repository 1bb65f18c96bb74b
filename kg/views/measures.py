"""A cascade with measures as a GraphView: what still falls over, beside what no longer does."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from kg.cascade.measures import Comparison, Gain
from kg.language import say
from kg.network import Measure
from kg.views.cascade import cascade_view, sector_name
from kg.views.model import Frame, GraphView, ViewNode
from kg.views.words import counted, duration, number, state_word

#: A title names at most this many measures.
_NAMED: Final = 3


def measures_view(
    comparison: Comparison,
    frame: Frame,
    *,
    title: str,
    sector_labels: Mapping[str, str] | None = None,
) -> GraphView:
    """The picture after the measures, with every unit that they spare at the hour it went down.

    The table has a column more: when the unit goes down without the measures.
    """
    before, network = comparison.before, comparison.before.network
    view = cascade_view(
        comparison.after,
        frame,
        title=measures_title(title, comparison.measures),
        sector_labels=sector_labels,
    )
    rows = [
        (*row, _first(comparison, event.unit))
        for row, event in zip(view.table_rows, comparison.after.events, strict=True)
    ]
    spared = [
        one
        for one in comparison.changes
        if math.isinf(one.first_after) and math.isfinite(one.first_before)
    ]
    nodes = []
    for one in spared:
        sector = sector_name(network, one.unit, sector_labels or {})
        when = duration(one.first_before)
        label = network.label(one.unit)
        why = say(
            f"Valt zonder maatregel uit na {when}.", f"Goes down after {when} without the measure."
        )
        nodes.append(
            ViewNode(
                f"{network.units[one.unit]}#spared",
                label,
                "vital" if bool(network.vital[one.unit]) else "unit",
                sector,
                one.first_before,
                "spared",
                f"{label}: {state_word('spared')}\n{why}",
            )
        )
        rows.append(("", label, sector, state_word("spared"), why, when))
    lanes = dict.fromkeys((*view.lanes, *(node.lane for node in nodes)))
    return replace(
        view,
        subtitle=f"{view.subtitle} {gain_text(comparison.gain)}",
        lanes=tuple(lanes),
        nodes=(*view.nodes, *nodes),
        table_columns=(*view.table_columns, say("Zonder maatregel", "Without measure")),
        table_rows=tuple(rows),
        row_nodes=(*view.row_nodes, *(node.id for node in nodes)),
        notes=(
            say(
                f"Zonder maatregelen gaan in {duration(before.horizon_hours)} "
                f"{_units(len(_down(comparison)))} plat.",
                f"Without measures {_units(len(_down(comparison)))} go down in "
                f"{duration(before.horizon_hours)}.",
            ),
            cost_text(comparison.measures, comparison.gain),
            *map(str, comparison.notes),
            *view.notes,
        ),
    )


def measures_title(title: str, measures: Sequence[Measure]) -> str:
    """A title that names the first measures."""
    names = ", ".join(one.name for one in measures[:_NAMED])
    if len(measures) > _NAMED:
        more = len(measures) - _NAMED
        names += say(f" en nog {more}", f" and {more} more")
    return say(f"{title}, met: {names}", f"{title}, with: {names}")


def _down(comparison: Comparison) -> set[int]:
    return {event.unit for event in comparison.before.events if event.state == "down"}


def _units(count: int) -> str:
    return counted(count, ("eenheid", "eenheden"), ("unit", "units"))


def _first(comparison: Comparison, unit: int) -> str:
    event = comparison.before.first(unit, ("down",))
    return "–" if event is None else duration(event.hours)


def gain_text(gain: Gain) -> str:
    """What is won, as one sentence."""
    units, vital = gain.units_saved, gain.vital_saved
    return say(
        f"Gewonnen: {number(gain.unit_hours)} eenheid-uren, waarvan {number(gain.vital_hours)} "
        f"van vitale processen; {_count(units, 'eenheid', 'eenheden')} en "
        f"{_count(vital, 'vitaal proces', 'vitale processen')} minder "
        f"{'valt' if units == 1 and vital <= 1 else 'vallen'} uit.",
        f"Won: {number(gain.unit_hours)} unit-hours, {number(gain.vital_hours)} of them of vital "
        f"processes; {_count(units, 'unit', 'units')} and "
        f"{_count(vital, 'vital process', 'vital processes')} fewer go down.",
    )


def _count(number_: int, one: str, more: str) -> str:
    return f"{number_} {one if number_ == 1 else more}"


def euro(amount: float) -> str:
    """An amount as people read it: in millions where that says it all, else in whole euros."""
    if amount >= 1e6 and amount % 1e4 == 0:
        return f"€ {number(amount / 1e6, 2)} {say('mln', 'm')}"
    text = f"{amount:,.0f}"
    return "€ " + say(text.replace(",", "."), text)


def cost_text(measures: Sequence[Measure], gain: Gain) -> str:
    """What measures cost together, of how many it is not known, and what a million euro wins."""
    known = [one.investment for one in measures if one.investment is not None]
    unknown, total = len(measures) - len(known), math.fsum(known)
    parts = [euro(total)] if known else []
    if unknown:
        parts.append(say(f"van {unknown} onbekend", f"of {unknown} unknown"))
    text = say("Kosten: ", "Cost: ") + ", ".join(parts) + "."
    if not unknown and total > 0:
        hours, vital = (number(one * 1e6 / total) for one in (gain.unit_hours, gain.vital_hours))
        text += say(
            f" Per miljoen euro: {hours} eenheid-uren, waarvan {vital} van vitale processen.",
            f" Per million euro: {hours} unit-hours, {vital} of them of vital processes.",
        )
    return text
