"""What the ontology says, as plain frozen values: classes, properties and coded values.

The intake reads headers and cells with it, so the ontology is also the definition of the tables.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal

import pyoxigraph as ox

from kg.errors import KgError
from kg.names import GEO, OWL, RDF, RDFS, SKOS, VIT, XSD

_Graph = dict[str, dict[str, list["ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple"]]]

_CODED: Final = VIT + "CodedValue"
_LITERAL_TYPES: Final = frozenset({GEO + "wktLiteral", RDF + "langString", RDFS + "Literal"})


def fold(name: str) -> str:
    """How names that people type are compared: no case, no accents composed another way."""
    return unicodedata.normalize("NFC", name).strip().casefold()


@dataclass(frozen=True)
class ClassInfo:
    """A class of the ontology. ``superclasses`` are all of them, the class itself left out."""

    iri: str
    local: str
    label_nl: str
    label_en: str
    superclasses: frozenset[str]


@dataclass(frozen=True)
class PropertyInfo:
    """A property of the ontology.

    ``range`` is the class of the values of an object property (``rdfs:range``, else
    ``vit:columnRange``, else that of a superproperty), ``datatype`` the type of the literals of a
    data property (``rdfs:range``, else ``vit:columnDatatype``). ``domains`` holds alternatives per
    declared domain: a subject must fit one class of each; empty means that any class will do.
    """

    iri: str
    local: str
    label_nl: str
    label_en: str
    kind: Literal["object", "data"]
    range: str | None
    datatype: str | None
    functional: bool
    domains: tuple[frozenset[str], ...] = ()


@dataclass(frozen=True, eq=False)  # by identity, so that answers about it can be cached
class Schema:
    """The ontology as the other stages need it; read-only.

    ``coded`` maps every class of coded values to its values, by folded local name, notation and
    labels. ``terms`` are all IRIs that the ontology declares.
    """

    classes: Mapping[str, ClassInfo]
    properties: Mapping[str, PropertyInfo]
    coded: Mapping[str, Mapping[str, str]]
    terms: frozenset[str]
    _class_names: Mapping[str, tuple[str, ...]] = field(repr=False)
    _property_names: Mapping[str, tuple[str, ...]] = field(repr=False)

    @staticmethod
    def load(ontology_dir: Path) -> Schema:
        """Read every ``*.ttl`` of the folder; about 10 ms for the shipped ontology.

        Raises:
            KgError: a module cannot be read.
        """
        return _Reader(_parse(sorted(ontology_dir.glob("*.ttl")))).schema()

    def is_subclass(self, lower: str, upper: str) -> bool:
        """Whether every ``lower`` is an ``upper``; a class is a subclass of itself."""
        if lower == upper:
            return True
        found = self.classes.get(lower)
        return found is not None and upper in found.superclasses

    def is_coded(self, class_iri: str) -> bool:
        """Whether the class is a fixed choice whose values the ontology lists."""
        return self.is_subclass(class_iri, _CODED)

    def classes_named(self, name: str) -> tuple[ClassInfo, ...]:
        """Classes with this local name or, failing that, this Dutch or English label."""
        return tuple(self.classes[iri] for iri in self._class_names.get(fold(name), ()))

    def properties_named(self, name: str) -> tuple[PropertyInfo, ...]:
        """Properties with this local name or, failing that, this Dutch or English label."""
        return tuple(self.properties[iri] for iri in self._property_names.get(fold(name), ()))

    def admits(self, property_iri: str, class_iri: str) -> bool:
        """Whether the domain of the property has room for things of this class."""
        return all(
            any(self.is_subclass(class_iri, choice) for choice in choices)
            for choices in self.properties[property_iri].domains
        )

    def properties_of(self, class_iri: str) -> tuple[PropertyInfo, ...]:
        """Every property that things of this class may have, by local name."""
        fitting = (p for p in self.properties.values() if self.admits(p.iri, class_iri))
        return tuple(sorted(fitting, key=lambda p: p.local))


def _parse(paths: Iterable[Path]) -> _Graph:
    graph: _Graph = {}
    for path in paths:
        try:
            # Renamed, because blank nodes of different modules must not meet.
            for quad in ox.parse(path=path, rename_blank_nodes=True):
                values = graph.setdefault(_key(quad.subject), {})
                values.setdefault(quad.predicate.value, []).append(quad.object)
        except (OSError, SyntaxError) as error:
            raise KgError(
                "schema.module",
                f"De ontologiemodule {path.name} is niet te lezen: {error}",
                f"Ontology module {path.name} cannot be read: {error}",
            ) from error
    return graph


def _key(term: object) -> str:
    if isinstance(term, ox.NamedNode):
        return term.value
    return str(term)


class _Reader:
    """Turns the triples of the ontology into a ``Schema``."""

    def __init__(self, graph: _Graph) -> None:
        self._graph = graph
        self._supers = self._closure(RDFS + "subClassOf")
        self._super_properties = self._closure(RDFS + "subPropertyOf")
        self._inverses = self._inverse_pairs()

    def schema(self) -> Schema:
        classes = {iri: self._class(iri) for iri in self._of_type(OWL + "Class")}
        kinds: tuple[tuple[str, Literal["object", "data"]], ...] = (
            (OWL + "ObjectProperty", "object"),
            (OWL + "DatatypeProperty", "data"),
        )
        properties = {
            iri: self._property(iri, kind)
            for rdf_type, kind in kinds
            for iri in self._of_type(rdf_type)
        }
        return Schema(
            classes=MappingProxyType(classes),
            properties=MappingProxyType(dict(sorted(properties.items()))),
            coded=self._coded(classes),
            terms=frozenset(iri for iri in self._graph if not iri.startswith("_:")),
            _class_names=_by_name(classes.values()),
            _property_names=_by_name(properties.values()),
        )

    def _values(self, subject: str, predicate: str) -> Iterator[str]:
        for value in self._graph.get(subject, {}).get(predicate, ()):
            yield _key(value)

    def _of_type(self, rdf_type: str) -> list[str]:
        return sorted(
            iri
            for iri in self._graph
            if iri.startswith(VIT) and rdf_type in self._values(iri, RDF + "type")
        )

    def _label(self, subject: str, language: str) -> str:
        labels = sorted(
            value.value
            for value in self._graph[subject].get(SKOS + "prefLabel", ())
            if isinstance(value, ox.Literal) and value.language == language
        )
        return labels[0] if labels else subject.removeprefix(VIT)

    def _closure(self, predicate: str) -> dict[str, frozenset[str]]:
        found: dict[str, frozenset[str]] = {}
        for start in self._graph:
            seen: set[str] = set()
            todo = [start]
            while todo:
                for upper in self._values(todo.pop(), predicate):
                    if upper not in seen and not upper.startswith("_:"):
                        seen.add(upper)
                        todo.append(upper)
            if seen:
                found[start] = frozenset(seen - {start})
        return found

    def _inverse_pairs(self) -> dict[str, list[str]]:
        pairs: dict[str, list[str]] = {}
        for iri in self._graph:
            for other in self._values(iri, OWL + "inverseOf"):
                pairs.setdefault(iri, []).append(other)
                pairs.setdefault(other, []).append(iri)
        return pairs

    def _class(self, iri: str) -> ClassInfo:
        supers = self._supers.get(iri, frozenset())
        local = iri.removeprefix(VIT)
        return ClassInfo(iri, local, self._label(iri, "nl"), self._label(iri, "en"), supers)

    def _property(self, iri: str, kind: Literal["object", "data"]) -> PropertyInfo:
        lineage = (iri, *sorted(self._super_properties.get(iri, ())))
        ranges = [
            value
            for one in lineage
            for predicate in (RDFS + "range", VIT + "columnRange", VIT + "columnDatatype")
            for value in self._values(one, predicate)
        ]
        ranges += self._of_inverses(iri, RDFS + "domain")
        datatypes = [value for value in ranges if _is_datatype(value)]
        objects = [value for value in ranges if value.startswith(VIT)]
        return PropertyInfo(
            iri=iri,
            local=iri.removeprefix(VIT),
            label_nl=self._label(iri, "nl"),
            label_en=self._label(iri, "en"),
            kind=kind,
            range=objects[0] if kind == "object" and objects else None,
            datatype=datatypes[0] if kind == "data" and datatypes else None,
            functional=OWL + "FunctionalProperty" in self._values(iri, RDF + "type"),
            domains=self._domains(iri, lineage),
        )

    def _domains(self, iri: str, lineage: Iterable[str]) -> tuple[frozenset[str], ...]:
        declared = [value for one in lineage for value in self._values(one, RDFS + "domain")]
        declared += self._of_inverses(iri, RDFS + "range")
        choices = {self._alternatives(value) for value in declared}
        # A domain outside our own namespace (prov:Entity) says nothing about our tables.
        return tuple(sorted((one for one in choices if one), key=sorted))

    def _of_inverses(self, iri: str, predicate: str) -> list[str]:
        inverses = self._inverses.get(iri, ())
        return [value for other in inverses for value in self._values(other, predicate)]

    def _alternatives(self, domain: str) -> frozenset[str]:
        if domain.startswith(VIT):
            return frozenset({domain})
        members: set[str] = set()
        for head in self._values(domain, OWL + "unionOf"):
            while head != RDF + "nil":
                members.update(self._values(head, RDF + "first"))
                head = next(self._values(head, RDF + "rest"), RDF + "nil")
        # One member that we do not know makes the whole alternative open.
        known = all(member.startswith(VIT) for member in members)
        return frozenset(members) if known else frozenset()

    def _coded(self, classes: Mapping[str, ClassInfo]) -> Mapping[str, Mapping[str, str]]:
        coded: dict[str, dict[str, str]] = {
            iri: {} for iri, info in classes.items() if _CODED in info.superclasses
        }
        for individual in sorted(self._graph):
            for rdf_type in sorted(self._values(individual, RDF + "type")):
                if rdf_type in coded:
                    for iri in (rdf_type, *classes[rdf_type].superclasses):
                        self._add_codes(individual, coded.get(iri))
        return MappingProxyType({iri: MappingProxyType(codes) for iri, codes in coded.items()})

    def _add_codes(self, individual: str, codes: dict[str, str] | None) -> None:
        if codes is None:
            return
        names = [individual.removeprefix(VIT)]
        for predicate in (SKOS + "notation", SKOS + "prefLabel"):
            values = self._graph[individual].get(predicate, ())
            names += [value.value for value in values if isinstance(value, ox.Literal)]
        for name in names:
            codes.setdefault(fold(name), individual)


def _is_datatype(iri: str) -> bool:
    return iri.startswith(XSD) or iri in _LITERAL_TYPES


def _by_name(infos: Iterable[ClassInfo | PropertyInfo]) -> Mapping[str, tuple[str, ...]]:
    """IRIs by folded local name; by label only where no local name is the same."""
    ordered = sorted(infos, key=lambda info: info.iri)
    locals_: dict[str, list[str]] = {}
    labels: dict[str, list[str]] = {}
    for info in ordered:
        locals_.setdefault(fold(info.local), []).append(info.iri)
        for label in {fold(info.label_nl), fold(info.label_en)}:
            labels.setdefault(label, []).append(info.iri)
    merged = {**labels, **locals_}
    return MappingProxyType({name: tuple(iris) for name, iris in merged.items()})
