"""Small reads from a store, as sorted Python values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from pyoxigraph import Literal, NamedNode

from kg.names import DCTERMS, G_INFERRED, RDF, SKOS, VIT
from kg.store.interface import GraphStore

#: Written out at each row it would be made anew each time, which takes longer than looking.
_VALUES: Final = (NamedNode, Literal)


class Graph:
    """A store and what is read from it."""

    def __init__(self, store: GraphStore) -> None:
        self.store = store

    def pairs(self, local: str, namespace: str = VIT) -> list[tuple[str, str]]:
        """Subjects and values of a property, sorted, each once."""
        rows = self.store.select(f"SELECT ?s ?o WHERE {{ ?s <{namespace}{local}> ?o }}").rows
        found = {
            (subject.value, value.value)
            for subject, value in rows
            if isinstance(subject, NamedNode) and isinstance(value, _VALUES)
        }
        return sorted(found)

    def asserted(self, local: str) -> list[tuple[str, str]]:
        """As :meth:`pairs`, without what the reasoner added."""
        query = (
            f"SELECT ?s ?o WHERE {{ GRAPH ?g {{ ?s <{VIT}{local}> ?o }} "
            f"FILTER (?g != <{G_INFERRED}>) }}"
        )
        return sorted(
            {
                (subject.value, value.value)
                for subject, value in self.store.select(query).rows
                if isinstance(subject, NamedNode) and isinstance(value, _VALUES)
            }
        )

    def single(self, local: str, namespace: str = VIT) -> dict[str, str]:
        """The smallest value per subject."""
        found: dict[str, str] = {}
        for subject, value in self.pairs(local, namespace):
            found.setdefault(subject, value)
        return found

    def several(self, local: str, namespace: str = VIT) -> dict[str, list[str]]:
        """All values per subject, sorted."""
        found: dict[str, list[str]] = defaultdict(list)
        for subject, value in self.pairs(local, namespace):
            found[subject].append(value)
        return dict(found)

    def instances(self, local: str) -> list[str]:
        """The IRIs of the things of a class, sorted."""
        rows = self.store.select(f"SELECT ?s WHERE {{ ?s <{RDF}type> <{VIT}{local}> }}").rows
        return sorted({row[0].value for row in rows if isinstance(row[0], NamedNode)})

    def sources(self, things: Iterable[str]) -> list[str]:
        """The documents (dcterms:source) of these things, sorted."""
        return sorted({value for _, value in self._of(things, f"{DCTERMS}source")})

    def sources_of(self, things: Iterable[str]) -> dict[str, list[str]]:
        """The documents (dcterms:source) of each of these things, sorted; empty without any."""
        found: dict[str, list[str]] = {thing: [] for thing in things}
        for thing, value in sorted(self._of(found, f"{DCTERMS}source")):
            found[thing].append(value)
        return found

    def labels(self, things: Iterable[str]) -> dict[str, tuple[str, str]]:
        """Dutch and English label of these things; each falls back on the other."""
        nl: dict[str, str] = {}
        en: dict[str, str] = {}
        for thing, value, language in self._labels(things):
            (en if language.startswith("en") else nl).setdefault(thing, value)
        return {
            thing: (nl.get(thing, en.get(thing, "")), en.get(thing, nl.get(thing, "")))
            for thing in nl.keys() | en.keys()
        }

    def _of(self, things: Iterable[str], predicate: str) -> list[tuple[str, str]]:
        values = " ".join(f"<{thing}>" for thing in sorted(set(things)))
        query = f"SELECT ?s ?o WHERE {{ VALUES ?s {{ {values} }} ?s <{predicate}> ?o }}"
        return [
            (subject.value, value.value)
            for subject, value in self.store.select(query).rows
            if isinstance(subject, NamedNode) and isinstance(value, NamedNode)
        ]

    def _labels(self, things: Iterable[str]) -> list[tuple[str, str, str]]:
        values = " ".join(f"<{thing}>" for thing in sorted(set(things)))
        query = f"SELECT ?s ?o WHERE {{ VALUES ?s {{ {values} }} ?s <{SKOS}prefLabel> ?o }}"
        return sorted(
            (subject.value, value.value, value.language or "")
            for subject, value in self.store.select(query).rows
            if isinstance(subject, NamedNode) and isinstance(value, Literal)
        )
