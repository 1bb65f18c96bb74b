"""Sources that carry less weight: too old for the policy, second-hand, or hardly to be checked.

Old is issued before the first day on which a statement still counts (the analysis date minus the
greatest age that the policy allows). Second-hand is of grade B or known through another source;
hardly to be checked is of grade C or general knowledge. See ``ontology/source.ttl``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, Literal, NamedTuple, get_args

from kg.foreign.policy import Terms
from kg.names import DCTERMS, VIT, local_id
from kg.store import Graph

Weakness = Literal["old", "second-hand", "unchecked"]

#: A note names this many sources per kind.
_NAMED: Final = 3
_SECOND_HAND: Final = {VIT + "gradeB", VIT + "secondarySource"}
_UNCHECKED: Final = {VIT + "gradeC", VIT + "generalKnowledge"}


class Weak(NamedTuple):
    """A source and what is weak about it."""

    iri: str
    kinds: tuple[Weakness, ...]


class WeakSources:
    """What is weak about the sources of one graph, under a policy on a date."""

    def __init__(self, graph: Graph, terms: Terms) -> None:
        self._graph, self._oldest = graph, terms.oldest
        self._known: dict[str, tuple[Weakness, ...]] | None = None
        self._told: dict[tuple[Weak, ...], tuple[str, str]] = {}

    def among(self, sources: Iterable[str]) -> tuple[Weak, ...]:
        """Those of these sources (IRIs) that are weak, sorted by IRI."""
        if self._known is None:
            self._known = self._read()
        known = self._known
        return tuple(Weak(iri, known[iri]) for iri in sorted(set(sources)) if iri in known)

    def told(self, weak: Sequence[Weak]) -> tuple[str, str]:
        """One sentence in Dutch and English that names them; both empty when there are none."""
        if not weak:
            return "", ""
        if (key := tuple(weak)) not in self._told:
            self._told[key] = self._tell(key)
        return self._told[key]

    def _tell(self, weak: Sequence[Weak]) -> tuple[str, str]:
        names = self._graph.labels([one.iri for one in weak])
        nl, en = [], []
        for kind in get_args(Weakness):
            if ours := [one.iri for one in weak if kind in one.kinds]:
                words = weakness_words(kind, self._oldest)
                nl.append(f"{words[0]}: {_listed(ours, names, 0)}")
                en.append(f"{words[1]}: {_listed(ours, names, 1)}")
        return f"Rust op een bron {'; '.join(nl)}.", f"Rests on a source {'; '.join(en)}."

    def _read(self) -> dict[str, tuple[Weakness, ...]]:
        graph, found = self._graph, dict[str, list[Weakness]]()
        if self._oldest:
            for iri, issued in graph.single("issued", DCTERMS).items():
                if issued[:10] < self._oldest:
                    found.setdefault(iri, []).append("old")
        given: dict[str, set[str]] = {}
        for local in ("grade", "verification"):
            for iri, value in graph.pairs(local):
                given.setdefault(iri, set()).add(value)
        for iri, values in given.items():
            if values & _UNCHECKED:
                found.setdefault(iri, []).append("unchecked")
            elif values & _SECOND_HAND:
                found.setdefault(iri, []).append("second-hand")
        return {iri: tuple(kinds) for iri, kinds in found.items()}


def weakness_words(kind: Weakness, oldest: str) -> tuple[str, str]:
    """What is weak, in Dutch and English, to follow "a source"; ``oldest`` is an ISO 8601 date."""
    if kind == "old":
        return f"van voor {oldest}", f"from before {oldest}"
    if kind == "second-hand":
        return "uit de tweede hand", "at second hand"
    return "die nauwelijks is na te gaan", "that can hardly be checked"


def _listed(iris: Sequence[str], names: dict[str, tuple[str, str]], place: int) -> str:
    shown = [names[iri][place] if iri in names else local_id(iri) for iri in iris[:_NAMED]]
    if (more := len(iris) - _NAMED) > 0:
        shown.append((f"en nog {more}", f"and {more} more")[place])
    return "; ".join(shown)
