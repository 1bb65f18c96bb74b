"""A store from a few lines of Turtle, inferred types included."""

from collections.abc import Callable

import pyoxigraph as ox
import pytest

from kg.names import G_CONTEXT, GRAPH, PREFIXES
from kg.store import EmbeddedStore

StoreOf = Callable[..., EmbeddedStore]


@pytest.fixture
def store_of() -> StoreOf:
    """``store_of(turtle, date=...)``: the usual prefixes, one source graph, the context."""

    def make(turtle: str, date: str = "2026-08-15") -> EmbeddedStore:
        prefixes = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items())
        store = EmbeddedStore.memory()
        context = f'id:analysis a vit:AnalysisContext ; vit:analysisDate "{date}"^^xsd:date .'
        for graph, text in ((GRAPH + "proef", turtle), (G_CONTEXT, context if date else "")):
            quads = ox.parse(prefixes + text, format=ox.RdfFormat.TURTLE)
            triples = "".join(f"{q.subject} {q.predicate} {q.object} .\n" for q in quads)
            store.load(graph, triples.encode())
        return store

    return make
