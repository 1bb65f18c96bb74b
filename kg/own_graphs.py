"""The graphs that a build adds to the sources: ontology, provenance and context."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from functools import cache
from typing import Any

from kg.names import ANALYSIS, DCTERMS, PROV, RDF_TYPE, VIT, XSD, thing
from kg.resources import folder
from kg.sources import SourceGraph


def graph_digest(graph: SourceGraph) -> str:
    """Of the triples of this level, not of the file: a file may also hold what is above it."""
    return hashlib.sha256(graph.ntriples).hexdigest()


@cache
def ontology_triples() -> bytes:
    """Every module of the ontology as one sorted N-Triples document; made once per process.

    Blank nodes (restrictions, lists) get IRIs from the canonical form of their module, so that
    the same ontology gives the same bytes.
    """
    import pyoxigraph as ox

    def named(term: Any, module: str) -> Any:
        if isinstance(term, ox.BlankNode):
            return ox.NamedNode(f"{VIT.removesuffix('#')}/genid/{module}-{term.value}")
        return term

    lines: set[str] = set()
    for path in sorted(folder("ontology").glob("*.ttl")):
        dataset = ox.Dataset(ox.parse(path=path))
        dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
        for quad in dataset:
            subject, value = named(quad.subject, path.stem), named(quad.object, path.stem)
            lines.add(f"{subject} {quad.predicate} {value} .\n")
    return "".join(sorted(lines)).encode()


def provenance_triples(graphs: Sequence[SourceGraph]) -> bytes:
    """Marking, hash and name of every source graph."""
    lines = []
    for graph in graphs:
        subject = f"<{graph.iri}>"
        lines += [
            f"{subject} {RDF_TYPE} <{PROV}Entity> .",
            f"{subject} <{VIT}marking> {thing(graph.marking)} .",
            f"{subject} <{VIT}sha256> {json.dumps(graph_digest(graph))} .",
            f"{subject} <{DCTERMS}title> {json.dumps(graph.name)} .",
        ]
    return "".join(f"{line}\n" for line in sorted(lines)).encode()


def context_triples(date: str, policy: str) -> bytes:
    """The node that fixes the analysis: its date (ISO 8601) and the id of its policy."""
    lines = (
        f"<{ANALYSIS}> {RDF_TYPE} <{VIT}AnalysisContext> .",
        f'<{ANALYSIS}> <{VIT}analysisDate> "{date}"^^<{XSD}date> .',
        f"<{ANALYSIS}> <{VIT}underPolicy> {thing(policy)} .",
    )
    return "".join(f"{line}\n" for line in lines).encode()
