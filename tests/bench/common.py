"""What the measurements share: a store with a cut of generated data, and its derived facts."""

from pathlib import Path

from kg.names import G_CONTEXT, G_INFERRED, G_ONTOLOGY
from kg.own_graphs import context_triples, ontology_triples
from kg.reason.reference import about_our_vocabulary
from kg.resources import folder
from kg.schema import Schema
from kg.sources import stage
from kg.store import EmbeddedStore


def loaded(data: Path, triples: int) -> EmbeddedStore:
    """Reference data, ontology and ``data`` up to some number of triples, in memory."""
    schema = Schema.load(folder("ontology"))
    staged = stage([folder("data") / "reference", data], schema)
    store = EmbeddedStore.memory()
    store.load(G_ONTOLOGY, ontology_triples())
    left = triples
    for graph in staged.graphs:
        lines = graph.ntriples.splitlines(keepends=True)[: max(0, left)]
        left -= len(lines)
        store.load(graph.iri, b"".join(lines))
    store.load(G_CONTEXT, context_triples("2026-01-01", "beleid-2026"))
    return store


def facts(store: EmbeddedStore) -> list[str]:
    """What was derived about our vocabulary, as sorted N-Triples."""
    return sorted(str(one) for one in store.triples(G_INFERRED) if about_our_vocabulary(one))
