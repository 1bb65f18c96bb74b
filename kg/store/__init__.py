"""Where quads live: one small interface, and the embedded store that implements it."""

from kg.store.embedded import EmbeddedStore
from kg.store.interface import GraphStore, Solutions, Term
from kg.store.query_text import QuerySyntaxError
from kg.store.reads import Graph

__all__ = ["EmbeddedStore", "Graph", "GraphStore", "QuerySyntaxError", "Solutions", "Term"]
