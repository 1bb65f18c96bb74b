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

    def write(self, finding: Subject, records: Iterable[str]) -> None:
        """Evidence, sources, ``vit:weakSource`` and a note that says why they are weak."""
        given = sorted(set(records))
        sources = self.graph.sources(given) if given else []
        finding.evidence(given, sources)
        if weak := self.weak.among(sources):
            finding.link("weakSource", *(one.iri for one in weak))
            finding.note(*self.weak.told(weak))
