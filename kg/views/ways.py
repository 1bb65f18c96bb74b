"""The ways from countries to processes as nodes and lines: control first, then requirements."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from kg.foreign.control import Chain
from kg.foreign.owners import Holdings
from kg.foreign.question import Question
from kg.language import say
from kg.views.model import Kind, State, ViewEdge, ViewNode
from kg.views.owners import held_text
from kg.views.words import duration

#: Characters of a line of a name in the picture.
_LINE: Final = 22


class Steps:
    """What a line of control is, what stands on it, and the records behind it in words."""

    def __init__(self, question: Question) -> None:
        self.name = question.name
        self.holdings = Holdings(question).all

    def seat(self) -> tuple[str, str, str]:
        """From a country to what has its seat there."""
        return "supplies", "", say("zetel, of zo vastgelegd", "seat, or stated so")

    def of(self, records: Sequence[str]) -> tuple[str, str, str]:
        """By these records; without any one runs, sells or makes the other."""
        known = [self.holdings[iri] for iri in records if iri in self.holdings]
        if not known:
            return "supplies", "", say("voert uit, levert of maakt het", "runs, sells or makes it")
        labels = [held_text(one) for one in known]
        more = len(labels) - 1
        whole = [f"{self.name(one.iri)}: {label}" for one, label in zip(known, labels, strict=True)]
        return "control", labels[0] + (f" (+{more})" if more else ""), "; ".join(whole)


def _broken(text: str) -> list[str]:
    """A text in short lines, so that a way of many steps fits a window."""
    return textwrap.wrap(text, _LINE, break_long_words=False, break_on_hyphens=True)


class Ways:
    """Nodes, lines and rows of the ways in one world, each once.

    Args:
        lane: the band of the picture that they stand in, where it has several.
    """

    def __init__(self, question: Question, lane: str = "") -> None:
        self.question, self.network = question, question.network
        self.steps = Steps(question)
        self.lane = lane
        self.nodes: dict[str, ViewNode] = {}
        self.edges: dict[tuple[str, str], ViewEdge] = {}
        self.rows: list[tuple[str, ...]] = []

    def control(self, country: str, chain: Chain | None, start: str) -> None:
        """From a country along its chain down to the unit that is withdrawn."""
        self._node(country, "none", say("land", "country"))
        above = country
        for place, link in enumerate(chain.links if chain else (start,)):
            records = chain.records[place - 1] if chain and place else ()
            kind, label, why = self.steps.of(records) if place else self.steps.seat()
            self._node(link, "struck" if link == start else "none", label or why)
            self._edge(above, link, kind, why)
            above = link

    def requirements(self, units: Sequence[str], fallen: str) -> None:
        """From the unit that is withdrawn along requirements; ``fallen``: what is said of it."""
        for before, after in pairwise(units):
            down = bool(fallen) and after == units[-1]
            why, buffer = self._requirement(before, after)
            self._node(after, "down" if down else "none", buffer, fallen if down else "")
            self._edge(before, after, "cause", why)

    def id(self, iri: str) -> str:
        """The id of its node: the same thing may stand in several lanes."""
        return f"{self.lane}#{iri}" if self.lane else iri

    def _node(self, iri: str, state: State, below: str, detail: str = "") -> None:
        """``below`` stands under its label: how it is held, or after which buffer it falls."""
        if iri in self.nodes and (self.nodes[iri].state != "none" or state == "none"):
            return
        place = self.network.units.find(iri)
        label = self.question.name(iri) if place is None else self.network.label(place)
        vital = place is not None and bool(self.network.vital[place])
        kind: Kind = "vital" if vital else "thing"
        said = detail or f"{label}\n{below}"
        self.nodes[iri] = ViewNode(
            self.id(iri), label, kind, self.lane, state=state, detail=said,
            lines=(*_broken(label), *_broken(below or "–")),
        )  # fmt: skip

    def _edge(self, source: str, target: str, kind: str, why: str) -> None:
        if (source, target) not in self.edges:
            self.edges[source, target] = ViewEdge(self.id(source), self.id(target), "", kind)
            word = say("eis", "requirement") if kind == "cause" else say("zeggenschap", "control")
            self.rows.append((self.nodes[source].label, self.nodes[target].label, word, why))

    def _requirement(self, before: str, after: str) -> tuple[str, str]:
        """The requirement of ``after`` that ``before`` fulfils, and its buffer."""
        network = self.network
        needs = set(network.uses(network.index(before)).tolist())
        ours = sorted(needs & set(network.own(network.index(after)).tolist()))
        if not ours:
            return "–", "–"
        need = ours[0]
        if bool(network.implicit[need]):
            text = say("voert het uit of levert het", "runs or supplies it")
            return text, text
        known = bool(network.buffer_known[need])
        hours = duration(float(network.buffer[need])) if known else say("onbekend", "unknown")
        buffer = say(f"buffer {hours}", f"buffer {hours}")
        return f"{network.requirement_label(need)}; {buffer}", buffer
