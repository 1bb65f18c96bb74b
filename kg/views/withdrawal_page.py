"""A withdrawal as a picture: in whose hands, what falls in time, the verdicts and their grounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from kg.foreign.answer import Answer
from kg.foreign.control import Chain
from kg.foreign.question import Question
from kg.language import say
from kg.names import local_id
from kg.views.cascade import cascade_view
from kg.views.model import Frame, GraphView, ViewEdge, ViewNode
from kg.views.ways import Steps, Ways
from kg.views.withdrawal import (
    rests_text,
    source_text,
    summary,
    terms_text,
    verdict_text,
    withdrawal_notes,
    withdrawal_title,
)


def frame_of(question: Question, level: str, release: str) -> Frame:
    """What the page carries: the policy and date of the question, not those of the release."""
    terms = question.terms
    return Frame(level, release, local_id(terms.iri) if terms.iri else "", terms.date)


def withdrawal_view(
    answer: Answer, frame: Frame, *, sector_labels: Mapping[str, str] | None = None
) -> GraphView:
    """From country to process: who is in whose hands, then the cascade in time, and the verdicts.

    Lines of control (ownership; who runs, sells or makes something) end at what is withdrawn; from
    there on lines go from cause to consequence, by requirement. The table has a row for each step
    of control too, with shares, dates and records, before those of the events.
    """
    view = cascade_view(
        answer.result, frame, title=withdrawal_title(answer), sector_labels=sector_labels
    )
    hands = _Hands(answer, view)
    organisations = set(answer.question.graph.instances("Organisation"))
    events = tuple(
        replace(node, lane=hands.lane)
        if node.state == "struck" and node.id.rpartition("#")[0] in organisations
        else node
        for node in view.nodes
    )
    verdicts = []
    for one in answer.verdicts:
        rests = rests_text(answer.question, one)
        said = f"{verdict_text(answer, one)}. {answer.way_text(one)}."
        verdicts.append(f"{said} {rests[0].upper()}{rests[1:]}." if rests else said)
    notes = (terms_text(answer.question), *withdrawal_notes(answer), *verdicts)
    return replace(
        view,
        subtitle=f"{summary(answer)} {view.subtitle}",
        lanes=(hands.lane, *view.lanes),
        nodes=(*hands.nodes.values(), *events),
        edges=(*hands.edges, *view.edges),
        table_rows=(*hands.rows, *view.table_rows),
        row_nodes=(*hands.row_nodes, *view.row_nodes),
        notes=(*notes, *view.notes, *_source_notes(answer)),
    )


def ways_view(answer: Answer, frame: Frame) -> GraphView:
    """The way from each country to each process that it brings down, from left to right.

    Where nothing falls, to each process that depends on it. Thick lines are control by ownership
    with share and dates; thin blue ones say who runs, sells or makes something; grey ones are
    requirements. The table says each step once.
    """
    question = answer.question
    ways = Ways(question)
    fallen = [one for one in answer.verdicts if one.hours is not None]
    drawn = fallen or answer.verdicts
    for one in drawn:
        units = [question.network.units[unit] for unit in one.way.units]
        ways.control(one.country, one.chain, units[0])
        ways.requirements(units, verdict_text(answer, one) if one.hours is not None else "")
    subtitle = summary(answer)
    if 0 < len(fallen) < len(answer.verdicts):
        subtitle += say(
            " Getekend zijn de wegen naar wat uitvalt.", " Drawn are the ways to what goes down."
        )
    return GraphView(
        title=withdrawal_title(answer),
        subtitle=subtitle,
        level=frame.level,
        release=frame.release,
        policy=frame.policy,
        date=frame.date,
        lanes=("",),
        nodes=tuple(ways.nodes.values()),
        edges=tuple(ways.edges.values()),
        table_columns=(
            say("Van", "From"),
            say("Naar", "To"),
            say("Soort lijn", "Kind of line"),
            say("Waarop het rust", "What it rests on"),
        ),
        table_rows=tuple(ways.rows),
        axis="step",
        row_nodes=tuple(edge.target for edge in ways.edges.values()),
        notes=(
            terms_text(question),
            *withdrawal_notes(answer),
            *(verdict_text(answer, one) for one in drawn),
            *_source_notes(answer),
        ),
    )


def _source_notes(answer: Answer) -> list[str]:
    question = answer.question
    return [
        say("Bron: ", "Source: ") + source_text(question, source)
        for source in question.sources(answer.records())
    ]


class _Hands:
    """The chains from the countries down to what they withdraw, as nodes, lines and rows."""

    def __init__(self, answer: Answer, view: GraphView) -> None:
        self.question = answer.question
        self.steps = Steps(answer.question)
        self.lane = say("Zeggenschap", "Control")
        self.nodes: dict[str, ViewNode] = {}
        self.edges: dict[ViewEdge, None] = {}
        self.rows: list[tuple[str, ...]] = []
        self.row_nodes: list[str] = []
        # The first event of a unit is its withdrawal.
        shown: dict[str, str] = {}
        for node in view.nodes:
            shown.setdefault(node.id.rpartition("#")[0], node.id)
        for one in answer.controlled:
            if one.chain is not None and one.chain.links[-1] in shown:
                self._chain(one.country, one.chain, shown)

    def _chain(self, country: str, chain: Chain, shown: Mapping[str, str]) -> None:
        name = self.question.name
        self._node(country)
        above = country
        for place, link in enumerate(chain.links):
            # What is withdrawn stands in the picture itself; only what is above it is added.
            node = shown.get(link, link)
            if node == link:
                self._node(link)
            records = chain.records[place - 1] if place else ()
            kind, label, why = self.steps.of(records) if place else self.steps.seat()
            edge = ViewEdge(shown.get(above, above), node, label, kind)
            if edge not in self.edges:
                self.edges[edge] = None
                held = say("in handen van ", "in the hands of ") + name(above)
                self.rows.append((say("vooraf", "before"), name(link), self.lane, held, why))
                self.row_nodes.append(node)
            above = link

    def _node(self, iri: str) -> None:
        name = self.question.name(iri)
        self.nodes.setdefault(iri, ViewNode(iri, name, "thing", self.lane, 0.0, detail=name))
