"""What a finding rests on, and which of those sources are weak."""

from __future__ import annotations

from collections.abc import Iterable

from kg.findings.triples import Subject
from kg.foreign.weakness import WeakSources
from kg.store import Graph


class Evidence:
    """Writes the records behind findings, their sources, and what is weak about those."""

    def __init__(self, graph: Graph, weak: WeakSources) -> None:
        self.graph, self.weak = graph, weak
        self._known: dict[str, list[str]] = {}

    def learn(self, records: Iterable[str]) -> None:
        """Read the sources of these records in one go, before many findings rest on them."""
        # Not a difference of sets: taking away the keys of a mapping goes over all of them.
        if new := {one for one in records if one not in self._known}:
            self._known |= self.graph.sources_of(new)

    def write(self, finding: Subject, records: Iterable[str]) -> None:
        """Evidence, sources, ``vit:weakSource`` and a note that says why they are weak."""
        given = sorted(set(records))
        self.learn(given)
        sources = sorted({source for record in given for source in self._known[record]})
        finding.evidence(given, sources)
        if weak := self.weak.among(sources):
            finding.link("weakSource", *(one.iri for one in weak))
            finding.note(*self.weak.told(weak))
