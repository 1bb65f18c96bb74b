"""Statements in words, and where asserted ones were written."""

from __future__ import annotations

import re
from typing import Final, TypedDict

from pyoxigraph import BlankNode, Literal, NamedNode

from kg.names import (
    DCTERMS,
    DERIVED_FROM,
    G_INFERRED,
    G_ONTOLOGY,
    G_PROVENANCE,
    GRAPH,
    OWL,
    RDF_TYPE,
    RDFS,
    SKOS,
    VIT,
    shorten,
)
from kg.reason.axioms import Axioms
from kg.reason.model import GENID, Fact, Ground, is_nameless
from kg.reason.origin import Origin, Source
from kg.reason.proof import mentions_blank
from kg.store import GraphStore

_ROW: Final = re.compile(r"[#&]row=(\d+)")
_SHEET: Final = re.compile(r"[#&]sheet=([^&]+)")
_DEFINED_BY: Final = NamedNode(RDFS + "isDefinedBy")
_CHAIN: Final = NamedNode(OWL + "propertyChainAxiom")
#: How class expressions read (the keywords of OWL's Manchester syntax).
_BETWEEN: Final = {"intersectionOf": " and ", "unionOf": " or ", "oneOf": ", "}
_RESTRICTION: Final = {
    "someValuesFrom": "some",
    "allValuesFrom": "only",
    "hasValue": "value",
    "maxCardinality": "max",
    "maxQualifiedCardinality": "max",
}


class Said(TypedDict):
    """The words of a statement: whole, and as subject, verb and object."""

    text_nl: str
    text_en: str
    parts_nl: tuple[str, ...]
    parts_en: tuple[str, ...]


class Words:
    """Labels and origins of one store, each looked up once."""

    def __init__(self, store: GraphStore, axioms: Axioms) -> None:
        self._store = store
        self._axioms = axioms
        self._labels: dict[Ground, tuple[str, str]] = {}
        self._files: dict[str, str] = {}

    def statement(self, fact: Fact) -> Said:
        """A statement in Dutch and in English, as a ``Proof`` takes it."""
        verb = ("is een", "is a") if fact[1] == RDF_TYPE else self.label(fact[1])
        one, two = self.label(fact[0]), self.label(fact[2])
        nl, en = (one[0], verb[0], two[0]), (one[1], verb[1], two[1])
        return Said(text_nl=" – ".join(nl), text_en=" – ".join(en), parts_nl=nl, parts_en=en)

    def label(self, term: Ground) -> tuple[str, str]:
        """What a term is called in Dutch and in English."""
        if term not in self._labels:
            self._labels[term] = self._looked_up(term)
        return self._labels[term]

    def _looked_up(self, term: Ground) -> tuple[str, str]:
        if isinstance(term, Literal):
            return term.value, term.value
        if is_nameless(term):
            text = self.expression(term)
            return text, text
        found: dict[str, str] = {}
        query = f"SELECT ?label WHERE {{ {term} <{SKOS}prefLabel> ?label }} ORDER BY ?label"
        for (label,) in self._store.select(query).rows:
            if isinstance(label, Literal):
                found.setdefault(label.language or "", label.value)
        name = shorten(term.value)
        dutch = found.get("nl") or found.get("") or found.get("en") or name
        return dutch, found.get("en") or found.get("") or dutch

    def expression(self, node: Ground) -> str:
        """A class or property expression, or a list, in the manner of Manchester syntax."""
        axioms = self._axioms
        if isinstance(node, NamedNode) and not is_nameless(node):
            return shorten(node.value)
        if isinstance(node, Literal):
            return str(node)
        items = axioms.items(node)
        if items:
            return "(" + " ".join(self.expression(item) for item in items) + ")"
        parts = []
        for constructor, value in axioms.constructors(node):
            local = constructor.value.removeprefix(OWL)
            if local in _BETWEEN:
                inside = _BETWEEN[local].join(self.expression(i) for i in axioms.items(value))
                parts.append(f"({inside})")
            elif local == "complementOf":
                parts.append(f"not {self.expression(value)}")
            else:
                on = axioms.values(node, NamedNode(OWL + "onProperty"))
                names = ", ".join(self.expression(one) for one in on)
                parts.append(f"{names} {_RESTRICTION[local]} {self.expression(value)}")
        return " and ".join(parts) or "[…]"

    # --- origins -------------------------------------------------------------------------------

    def asserted_in(self, fact: Fact) -> list[str]:
        """The graphs, derived ones apart, in which a fact stands."""
        if mentions_blank(fact):
            return [G_ONTOLOGY] if fact in self._axioms.asserted else []
        text = " ".join(str(node) for node in fact)
        rows = self._store.select(f"SELECT ?g WHERE {{ GRAPH ?g {{ {text} }} }}").rows
        graphs = [graph.value for (graph,) in rows if isinstance(graph, NamedNode)]
        return sorted(graph for graph in graphs if graph != G_INFERRED)

    def origins(self, fact: Fact, graphs: list[str]) -> tuple[Origin, ...]:
        """Where an asserted fact was written."""
        return tuple(sorted((self._origin(fact, graph) for graph in graphs), key=repr))

    def _origin(self, fact: Fact, graph: str) -> Origin:
        subject = fact[0]
        if graph == G_ONTOLOGY:
            return Origin(graph, self._module(subject))
        file = self._file(graph)
        if isinstance(subject, BlankNode):
            return Origin(graph, file)
        row = sheet = None
        query = f"SELECT ?row WHERE {{ GRAPH <{graph}> {{ {subject} {DERIVED_FROM} ?row }} }}"
        for (place,) in self._store.select(query).rows:
            number = _ROW.search(place.value) if isinstance(place, NamedNode) else None
            if number is not None and isinstance(place, NamedNode):
                row = int(number[1])
                named = _SHEET.search(place.value)
                sheet = named[1] if named else None
        return Origin(graph, file, row, sheet, self._sources(subject, graph))

    def _sources(self, subject: Ground, graph: str) -> tuple[Source, ...]:
        """Every source that the row names; of several labels the first in Dutch."""
        query = f"""SELECT ?source ?label ?grade WHERE {{
          GRAPH <{graph}> {{ {subject} <{DCTERMS}source> ?source }}
          OPTIONAL {{ ?source <{SKOS}prefLabel> ?label }}
          OPTIONAL {{ ?source <{VIT}grade> ?g OPTIONAL {{ ?g <{SKOS}notation> ?grade }} }}
        }} ORDER BY ?source (LANG(?label) != "nl") ?label ?grade"""
        found: dict[str, Source] = {}
        for source, label, grade in self._store.select(query).rows:
            if isinstance(source, (NamedNode, Literal)):
                named = label.value if isinstance(label, Literal) else None
                graded = grade.value if isinstance(grade, Literal) else None
                found.setdefault(source.value, Source(source.value, named, graded))
        return tuple(found.values())

    def _file(self, graph: str) -> str:
        if graph not in self._files:
            query = f"""SELECT ?title WHERE {{
              GRAPH <{G_PROVENANCE}> {{ <{graph}> <{DCTERMS}title> ?title }} }}"""
            titles = [t.value for (t,) in self._store.select(query).rows if isinstance(t, Literal)]
            self._files[graph] = titles[0] if titles else graph.removeprefix(GRAPH)
        return self._files[graph]

    def _module(self, subject: Ground) -> str:
        """The ontology file that defines a term."""
        if isinstance(subject, NamedNode):
            if is_nameless(subject):
                return f"ontology/{subject.value.removeprefix(GENID).partition('-')[0]}.ttl"
            query = f"SELECT ?module WHERE {{ {subject} {_DEFINED_BY} ?module }}"
            for (module,) in self._store.select(query).rows:
                if isinstance(module, NamedNode):
                    return f"ontology/{module.value.rstrip('/#').rpartition('/')[2]}.ttl"
        return "ontology"
