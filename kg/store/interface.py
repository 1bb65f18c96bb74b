"""The interface that every store has: query by SPARQL, load and dump by graph."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias, runtime_checkable

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

#: What a row of a query holds; terms are pyoxigraph's everywhere.
Term: TypeAlias = NamedNode | BlankNode | Literal | Triple


@dataclass(frozen=True)
class Solutions:
    """The rows of a SELECT query, read once, in the order of ``variables``."""

    variables: tuple[str, ...]
    rows: Iterator[tuple[Term | None, ...]]


@runtime_checkable
class GraphStore(Protocol):
    """Quads in named graphs; the default graph of a query is the union of all of them.

    A triple that stands in several graphs counts once in that union. ``bindings`` give variables
    of the query a value; they are terms, so a value can never change what the query says.
    """

    def select(self, query: str, bindings: Mapping[str, Term] | None = None) -> Solutions:
        """The rows of a SELECT query."""

    def ask(self, query: str, bindings: Mapping[str, Term] | None = None) -> bool:
        """The answer of an ASK query."""

    def construct(self, query: str, bindings: Mapping[str, Term] | None = None) -> bytes:
        """The triples of a CONSTRUCT or DESCRIBE query as N-Triples; may repeat a line."""

    def load(self, graph: str, ntriples: bytes) -> None:
        """Add N-Triples to a named graph."""

    def clear(self, graph: str) -> None:
        """Remove a named graph."""

    def graphs(self) -> list[str]:
        """The IRIs of the named graphs, sorted."""

    def count(self, graph: str) -> int:
        """The number of triples in a named graph."""

    def dump(self, graph: str | None = None) -> Iterator[bytes]:
        """N-Quads lines in a stable order: graph by graph, sorted within each."""

    def close(self) -> None:
        """Let go of what the store holds."""
