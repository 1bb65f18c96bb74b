"""What the tests of the reasoner share: stores from Turtle, ontologies without annotations."""

from functools import cache
from pathlib import Path

import pyoxigraph as ox

from kg.names import G_CONTEXT, G_INFERRED, G_ONTOLOGY, GRAPH, OWL, RDF, RDFS, VIT
from kg.own_graphs import ontology_triples
from kg.reason import Reasoned, reason
from kg.reason.reference import about_our_vocabulary
from kg.resources import folder
from kg.store import EmbeddedStore

PREFIXES = f"""
@prefix id: <https://w3id.org/vitaal/id/> .
@prefix vit: <{VIT}> .
@prefix owl: <{OWL}> .
@prefix rdfs: <{RDFS}> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
RULES = folder("queries") / "rules"

CONTEXT = f"""
id:analysis a vit:AnalysisContext ; vit:analysisDate "2026-06-01"^^xsd:date ; vit:underPolicy id:p .
id:p a vit:Policy ; vit:controlThreshold 0.5 ; vit:significantInfluenceThreshold 0.1 .
# {G_CONTEXT}
"""


def ntriples(turtle: str) -> bytes:
    triples = (quad.triple for quad in ox.parse(PREFIXES + turtle, format=ox.RdfFormat.TURTLE))
    return ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b""


@cache
def bare_ontology() -> bytes:
    """Our ontology without what no axiom speaks of (labels, definitions …): owlrl is slow.

    A triple stays when its predicate is ours, or belongs to RDF, RDFS or OWL.
    """
    kept = (f"<{VIT}".encode(), f"<{RDF}".encode(), f"<{RDFS}".encode(), f"<{OWL}".encode())
    dropped = (f"<{RDFS}isDefinedBy>".encode(), f"<{RDFS}comment>".encode())
    return b"".join(
        line
        for line in ontology_triples().splitlines(keepends=True)
        if line.split(b" ", 2)[1].startswith(kept) and line.split(b" ", 2)[1] not in dropped
    )


def store_of(ontology: str | bytes, **graphs: str | bytes) -> EmbeddedStore:
    """A store with this ontology and these graphs, as Turtle or N-Triples bytes."""
    store = EmbeddedStore.memory()
    nothing = b"<urn:nothing> <urn:nothing> <urn:nothing> .\n"
    store.load(G_ONTOLOGY, nothing)
    parts = {G_ONTOLOGY: ontology, **{GRAPH + name: text for name, text in graphs.items()}}
    for graph, text in parts.items():
        store.load(graph, ntriples(text) if isinstance(text, str) else text)
    return store


def close(store: EmbeddedStore, rules: Path = RULES, reasoner: str = "sparql") -> Reasoned:
    return reason(store, folder("ontology"), rules, reasoner)


def facts(store: EmbeddedStore) -> set[ox.Triple]:
    """What was derived about our vocabulary."""
    return {triple for triple in store.triples(G_INFERRED) if about_our_vocabulary(triple)}
