"""A cascade as a GraphView: one mark per event, in time, with what brought it about."""

from collections.abc import Mapping
from typing import Final

from kg.cascade import CascadeResult, Event
from kg.language import current_language, say
from kg.network import Network
from kg.views.events import explain_event, requirement_name, state_of
from kg.views.model import Frame, GraphView, ViewEdge, ViewNode
from kg.views.words import counted, duration, state_word

#: An explanation of one event names at most this many assumptions.
_ASSUMPTIONS_SHOWN: Final = 3


def cascade_view(
    result: CascadeResult,
    frame: Frame,
    *,
    title: str | None = None,
    sector_labels: Mapping[str, str] | None = None,
) -> GraphView:
    """The picture of a cascade.

    Every event of the result is one node and one row of the table, in the order of the result.
    ``sector_labels`` gives sector names by IRI where the language is not Dutch.
    """
    network = result.network
    ids = [f"{network.units[event.unit]}#{at}" for at, event in enumerate(result.events)]
    place = {(event.hours, event.unit): at for at, event in enumerate(result.events)}
    latest: dict[int, int] = {}
    nodes: list[ViewNode] = []
    edges: list[ViewEdge] = []
    rows: list[tuple[str, ...]] = []
    for at, event in enumerate(result.events):
        state = state_of(event)
        why = explain_event(result, event)
        sector = sector_name(network, event.unit, sector_labels or {})
        label = network.label(event.unit)
        detail = (
            f"{label}: {state_word(state)} {_when(event.hours)}\n{why}{_rests_on(result, event)}"
        )
        nodes.append(
            ViewNode(
                ids[at],
                label,
                "vital" if bool(network.vital[event.unit]) else "unit",
                sector,
                float(event.hours),
                state,
                detail,
            )
        )
        rows.append((duration(float(event.hours)), label, sector, state_word(state), why))
        # Several units lost to one requirement are several lines with one explanation.
        name = requirement_name(result, event)
        # A cause that was overtaken in its own instant stands in the picture as what it became.
        causes = (ids[place[cause.hours, cause.unit]] for cause in result.causes(event))
        edges += [ViewEdge(cause, ids[at], name) for cause in causes]
        if event.unit in latest:
            edges.append(ViewEdge(ids[latest[event.unit]], ids[at], "", "same"))
        latest[event.unit] = at

    # Events are in time order, so the sector that is hit first stands on top.
    lanes = tuple(dict.fromkeys(node.lane for node in nodes))
    struck = ", ".join(dict.fromkeys(network.label(outage.unit) for outage in result.outages))
    return GraphView(
        title=title or say(f"Als {struck} uitvalt", f"If {struck} goes down"),
        subtitle=_summary(result),
        level=frame.level,
        release=frame.release,
        policy=frame.policy,
        date=frame.date,
        lanes=lanes,
        nodes=tuple(nodes),
        edges=tuple(edges),
        table_columns=(
            say("Na", "After"),
            say("Eenheid", "Unit"),
            say("Sector", "Sector"),
            say("Toestand", "State"),
            say("Waardoor", "Because"),
        ),
        table_rows=tuple(rows),
        axis="hours",
        end_hours=float(result.horizon_hours),
        row_nodes=tuple(ids),
        notes=_notes(result),
    )


def sector_name(network: Network, unit: int, labels: Mapping[str, str]) -> str:
    """The name of the sector of a unit in the language in force."""
    at = int(network.sector[unit])
    if at < 0:
        return say("Zonder sector", "No sector")
    if current_language() == "nl":
        return network.sector_labels[at]
    return labels.get(network.sectors[at], network.sector_labels[at])


def _rests_on(result: CascadeResult, event: Event) -> str:
    listed, complete = result.assumptions_of(event)
    texts = [one.text(result.network) for one in listed[:_ASSUMPTIONS_SHOWN]]
    if len(listed) > _ASSUMPTIONS_SHOWN or not complete:
        texts.append(say("En meer dat onbekend is.", "And more that is unknown."))
    return "".join(f"\n{text}" for text in texts)


def _when(hours: float) -> str:
    return say(f"na {duration(hours)}", f"after {duration(hours)}")


def _summary(result: CascadeResult) -> str:
    lost = {event.unit for event in result.events if event.state == "down"}
    vital = {unit for unit in lost if bool(result.network.vital[unit])}
    sectors = {int(result.network.sector[unit]) for unit in lost} - {-1}
    horizon = duration(float(result.horizon_hours))
    units = counted(len(lost), ("eenheid", "eenheden"), ("unit", "units"))
    processes = counted(
        len(vital), ("vitaal proces", "vitale processen"), ("vital process", "vital processes")
    )
    reached = counted(len(sectors), ("sector", "sectoren"), ("sector", "sectors"))
    return say(
        f"Binnen {horizon} uitgevallen: {units}, waaronder {processes}, in {reached}.",
        f"Down within {horizon}: {units}, among them {processes}, in {reached}.",
    )


def _notes(result: CascadeResult) -> tuple[str, ...]:
    network = result.network
    notes = [assumption.text(network) for assumption in result.assumptions]
    for ring in result.deadlocks:
        names = " → ".join(network.label(unit) for unit in ring)
        notes.append(
            say(
                f"Herstel loopt vast, zij wachten op elkaar: {names}",
                f"Recovery is stuck, they wait for each other: {names}",
            )
        )
    return tuple(notes)
