"""Checks whether an RDF graph is an ontology in the OWL 2 RL profile, from its triples alone.

Reference: OWL 2 Web Ontology Language Profiles (second edition), section 4.2, and the global
restrictions of OWL 2 DL that a profile inherits (Structural Specification, 5.8.1 and 11.2).
``violations(graph)`` returns what is wrong, each with the name of the rule that is broken.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from rdflib import OWL, RDF, RDFS, XSD, BNode, Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

RDF_PLAIN = URIRef(str(RDF) + "PlainLiteral")

XSD_NAMES = """
    decimal integer nonNegativeInteger nonPositiveInteger positiveInteger negativeInteger long
    int short byte unsignedLong unsignedInt unsignedShort unsignedByte float double string
    normalizedString token language Name NCName NMTOKEN boolean hexBinary base64Binary anyURI
    dateTime dateTimeStamp
"""

OWL_PREDICATES = """
    imports versionInfo versionIRI priorVersion deprecated incompatibleWith
    backwardCompatibleWith equivalentClass disjointWith intersectionOf unionOf complementOf
    oneOf onProperty onClass someValuesFrom allValuesFrom hasValue maxCardinality
    maxQualifiedCardinality equivalentProperty inverseOf propertyChainAxiom
    propertyDisjointWith hasKey members distinctMembers sameAs differentFrom sourceIndividual
    assertionProperty targetIndividual targetValue
"""

#: Section 4.2.1: the datatypes that OWL 2 RL keeps (owl:real and owl:rational are left out).
DATATYPES = frozenset(
    {
        RDF_PLAIN,
        RDF.XMLLiteral,
        RDF.langString,
        RDFS.Literal,
        *(XSD[name] for name in XSD_NAMES.split()),
    }
)

ENTITY_TYPES = {
    OWL.Class,
    OWL.ObjectProperty,
    OWL.DatatypeProperty,
    OWL.AnnotationProperty,
    OWL.NamedIndividual,
    RDFS.Datatype,
}
CHARACTERISTICS = {
    OWL.FunctionalProperty,
    OWL.InverseFunctionalProperty,
    OWL.IrreflexiveProperty,
    OWL.AsymmetricProperty,
    OWL.SymmetricProperty,
    OWL.TransitiveProperty,
}
AXIOM_TYPES = {
    OWL.Ontology,
    OWL.AllDisjointClasses,
    OWL.AllDisjointProperties,
    OWL.AllDifferent,
    OWL.NegativePropertyAssertion,
    OWL.Restriction,
    RDF.List,
}
PREDICATES = {
    RDF.type,
    RDF.first,
    RDF.rest,
    RDFS.subClassOf,
    RDFS.subPropertyOf,
    RDFS.domain,
    RDFS.range,
    RDFS.label,
    RDFS.comment,
    RDFS.seeAlso,
    RDFS.isDefinedBy,
    *(OWL[name] for name in OWL_PREDICATES.split()),
}
#: Section 5.8.1 and 11.2: what only a simple object property may have.
SIMPLE_ONLY = (
    OWL.FunctionalProperty,
    OWL.InverseFunctionalProperty,
    OWL.IrreflexiveProperty,
    OWL.AsymmetricProperty,
)
VOCABULARIES = (str(OWL), str(RDFS), str(RDF))


@dataclass(frozen=True, order=True)
class Violation:
    """``rule`` is a stable name; ``where`` the term or expression it was found at."""

    rule: str
    where: str


def violations(graph: Graph) -> list[Violation]:
    """Everything in the graph that OWL 2 RL does not allow, sorted."""
    return sorted(set(_Checker(graph).all()))


class _Checker:
    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.classes = self.of_type(OWL.Class)
        self.object_properties = self.of_type(OWL.ObjectProperty)
        self.data_properties = self.of_type(OWL.DatatypeProperty)
        self.annotation_properties = self.of_type(OWL.AnnotationProperty)

    def of_type(self, kind: URIRef) -> set[Node]:
        return {s for s in self.graph.subjects(RDF.type, kind) if isinstance(s, URIRef)}

    def all(self) -> Iterator[Violation]:
        yield from self.vocabulary()
        yield from self.literals()
        yield from self.declarations()
        yield from self.class_axioms()
        yield from self.property_axioms()
        yield from self.simple_properties()
        yield from self.regularity()

    # -- vocabulary, literals, declarations ------------------------------------------------------

    def vocabulary(self) -> Iterator[Violation]:
        for s, p, o in self.graph:
            if _reserved(p) and p not in PREDICATES:
                yield Violation("construct", f"{p}")
            if p == RDF.type and _reserved(o):
                allowed = ENTITY_TYPES | CHARACTERISTICS | AXIOM_TYPES
                if o not in allowed:
                    yield Violation("construct", f"{o} at {s}")
            if p != RDF.type and not _reserved(p) and _reserved(o) and o == OWL.Thing:
                yield Violation("construct", f"{o} at {s}")

    def literals(self) -> Iterator[Violation]:
        for _, _, o in self.graph:
            if isinstance(o, Literal) and o.datatype and o.datatype not in DATATYPES:
                yield Violation("datatype", str(o.datatype))

    def declarations(self) -> Iterator[Violation]:
        properties = self.object_properties | self.data_properties | self.annotation_properties
        for predicate in set(self.graph.predicates()):
            if not _reserved(predicate) and predicate not in properties:
                yield Violation("undeclared", str(predicate))
        for one, other in (
            (self.object_properties, self.data_properties),
            (self.object_properties, self.annotation_properties),
            (self.data_properties, self.annotation_properties),
        ):
            for clash in one & other:
                yield Violation("punning", str(clash))

    # -- class axioms: what may stand to the left and what to the right --------------------------

    def class_axioms(self) -> Iterator[Violation]:
        graph = self.graph
        for sub, sup in graph.subject_objects(RDFS.subClassOf):
            yield from self.sub(sub)
            yield from self.super(sup)
        for one, other in graph.subject_objects(OWL.equivalentClass):
            yield from self.equivalent(one)
            yield from self.equivalent(other)
        for one, other in graph.subject_objects(OWL.disjointWith):
            yield from self.sub(one)
            yield from self.sub(other)
        for node in graph.subjects(RDF.type, OWL.AllDisjointClasses):
            for member in self.list_of(node, OWL.members):
                yield from self.sub(member)
        for subject in set(graph.subjects(OWL.hasKey)):
            yield from self.sub(subject)
        for predicate in (RDFS.domain, RDFS.range):
            for prop, target in graph.subject_objects(predicate):
                if predicate == RDFS.range and prop in self.data_properties:
                    yield from self.data_range(target)
                elif prop not in self.annotation_properties:
                    yield from self.super(target)
        for _, kind in graph.subject_objects(RDF.type):
            if not _reserved(kind):
                yield from self.super(kind)
        # A named class defined outright, `C owl:unionOf (…)`, is an equivalence.
        for kind in (OWL.intersectionOf, OWL.unionOf, OWL.oneOf, OWL.complementOf):
            for named in graph.subjects(kind, None):
                if isinstance(named, URIRef):
                    yield Violation("class-definition", str(named))

    def named(self, node: Node) -> Iterator[Violation]:
        if node == OWL.Thing:
            yield Violation("thing", str(node))
        elif node not in self.classes and node != OWL.Nothing:
            rule = "datatype-as-class" if node in DATATYPES else "undeclared"
            yield Violation(rule, str(node))

    def sub(self, node: Node) -> Iterator[Violation]:
        """subClassExpression of the grammar in section 4.2.3."""
        if isinstance(node, URIRef):
            yield from self.named(node)
        elif self.has(node, OWL.intersectionOf):
            yield from self.each(node, OWL.intersectionOf, self.sub)
        elif self.has(node, OWL.unionOf):
            yield from self.each(node, OWL.unionOf, self.sub)
        elif self.has(node, OWL.someValuesFrom):
            yield from self.filler(node, OWL.someValuesFrom, self.sub, thing_allowed=True)
        elif not self.has(node, OWL.oneOf) and not self.has(node, OWL.hasValue):
            yield Violation("subclass-position", self.describe(node))

    def super(self, node: Node) -> Iterator[Violation]:
        """superClassExpression: no unions, no somes, cardinality at most 0 or 1."""
        if isinstance(node, URIRef):
            yield from self.named(node)
        elif self.has(node, OWL.intersectionOf):
            yield from self.each(node, OWL.intersectionOf, self.super)
        elif self.has(node, OWL.complementOf):
            for inner in self.graph.objects(node, OWL.complementOf):
                yield from self.sub(inner)
        elif self.has(node, OWL.allValuesFrom):
            yield from self.filler(node, OWL.allValuesFrom, self.super)
        elif self.has(node, OWL.maxCardinality) or self.has(node, OWL.maxQualifiedCardinality):
            yield from self.cardinality(node)
        elif not self.has(node, OWL.hasValue):
            yield Violation("superclass-position", self.describe(node))

    def equivalent(self, node: Node) -> Iterator[Violation]:
        """equivClassExpression: named classes, intersections of these, and hasValue."""
        if isinstance(node, URIRef):
            yield from self.named(node)
        elif self.has(node, OWL.intersectionOf):
            yield from self.each(node, OWL.intersectionOf, self.equivalent)
        elif not self.has(node, OWL.hasValue):
            yield Violation("equivalent-position", self.describe(node))

    def cardinality(self, node: Node) -> Iterator[Violation]:
        for predicate in (OWL.maxCardinality, OWL.maxQualifiedCardinality):
            for number in self.graph.objects(node, predicate):
                if not isinstance(number, Literal) or number.value not in (0, 1):
                    yield Violation("cardinality", self.describe(node))
        for inner in self.graph.objects(node, OWL.onClass):
            if inner != OWL.Thing:
                yield from self.sub(inner)

    def filler(
        self,
        node: Node,
        predicate: URIRef,
        check: Callable[[Node], Iterator[Violation]],
        thing_allowed: bool = False,
    ) -> Iterator[Violation]:
        prop = self.graph.value(node, OWL.onProperty)
        for inner in self.graph.objects(node, predicate):
            if prop in self.data_properties:
                yield from self.data_range(inner)
            elif not (thing_allowed and inner == OWL.Thing):
                yield from check(inner)

    def each(
        self, node: Node, predicate: URIRef, check: Callable[[Node], Iterator[Violation]]
    ) -> Iterator[Violation]:
        for member in self.list_of(node, predicate):
            yield from check(member)

    def data_range(self, node: Node) -> Iterator[Violation]:
        """Datatypes of the profile and intersections of these; nothing else."""
        if isinstance(node, URIRef):
            if node not in DATATYPES:
                yield Violation("datatype", str(node))
        elif self.has(node, OWL.intersectionOf):
            yield from self.each(node, OWL.intersectionOf, self.data_range)
        else:
            yield Violation("data-range", self.describe(node))

    # -- property axioms and the global restrictions ---------------------------------------------

    def property_axioms(self) -> Iterator[Violation]:
        for prop in self.data_properties:
            for kind in CHARACTERISTICS - {OWL.FunctionalProperty}:
                if (prop, RDF.type, kind) in self.graph:
                    yield Violation("data-property", f"{prop} is {kind}")
        for subject in self.graph.subjects(OWL.propertyChainAxiom):
            for chain in self.chains(subject):
                bad = [p for p in [subject, *chain] if p not in self.object_properties]
                if bad or len(chain) < 2:
                    yield Violation("chain", str(subject))
        for predicate in (OWL.inverseOf,):
            for pair in self.graph.subject_objects(predicate):
                if any(isinstance(p, URIRef) and p not in self.object_properties for p in pair):
                    yield Violation("inverse", " ".join(map(str, pair)))
        for sub, sup in self.graph.subject_objects(RDFS.subPropertyOf):
            kinds = (self.object_properties, self.data_properties, self.annotation_properties)
            if not any(sub in kind and sup in kind for kind in kinds):
                yield Violation("subproperty", f"{sub} {sup}")

    def simple_properties(self) -> Iterator[Violation]:
        composite = self.composite()
        restricted: set[tuple[Node, Node]] = set()
        for kind in SIMPLE_ONLY:
            restricted |= {(p, kind) for p in self.graph.subjects(RDF.type, kind)}
        for pair in self.graph.subject_objects(OWL.propertyDisjointWith):
            restricted |= {(p, OWL.propertyDisjointWith) for p in pair}
        for predicate in (OWL.maxCardinality, OWL.maxQualifiedCardinality):
            for node in self.graph.subjects(predicate):
                restricted |= {(p, predicate) for p in self.graph.objects(node, OWL.onProperty)}
        for prop, kind in restricted:
            if prop in composite:
                yield Violation("not-simple", f"{prop} is {kind}")

    def composite(self) -> set[Node]:
        """Transitive or made by a chain, and whatever lies above or is the inverse of these."""
        found: set[Node] = set(self.graph.subjects(RDF.type, OWL.TransitiveProperty))
        found |= set(self.graph.subjects(OWL.propertyChainAxiom))
        while True:
            more = {sup for sub in found for sup in self.graph.objects(sub, RDFS.subPropertyOf)}
            for one, other in self.graph.subject_objects(OWL.inverseOf):
                more |= {other} if one in found else set()
                more |= {one} if other in found else set()
            if more <= found:
                return found
            found |= more

    def regularity(self) -> Iterator[Violation]:
        """A chain may use its own property only at one end; the order below has no circle."""
        below: dict[Node, set[Node]] = {}
        for prop in set(self.graph.subjects(OWL.propertyChainAxiom)):
            for chain in self.chains(prop):
                if [prop, prop] == chain:
                    continue  # transitivity written as a chain
                rest = chain[1:] if chain[:1] == [prop] else chain
                rest = rest[:-1] if rest[-1:] == [prop] and len(rest) == len(chain) else rest
                below.setdefault(prop, set()).update(rest)
        for sub, sup in self.graph.subject_objects(RDFS.subPropertyOf):
            if sub in self.object_properties and sub != sup:
                below.setdefault(sup, set()).add(sub)
        for start in below:
            seen: set[Node] = set()
            stack = list(below[start])
            while stack:
                current = stack.pop()
                if current == start:
                    yield Violation("irregular", str(start))
                    break
                if current not in seen:
                    seen.add(current)
                    stack.extend(below.get(current, ()))

    # -- helpers ---------------------------------------------------------------------------------

    def chains(self, prop: Node) -> Iterable[list[Node]]:
        for head in self.graph.objects(prop, OWL.propertyChainAxiom):
            yield list(Collection(self.graph, head))

    def has(self, node: Node, predicate: URIRef) -> bool:
        return (node, predicate, None) in self.graph

    def list_of(self, node: Node, predicate: URIRef) -> list[Node]:
        return [
            m for head in self.graph.objects(node, predicate) for m in _members(self.graph, head)
        ]

    def describe(self, node: Node) -> str:
        if not isinstance(node, BNode):
            return str(node)
        return " ".join(sorted(f"{_short(p)} {_short(o)}" for p, o in self.graph[node]))


def _members(graph: Graph, head: Node) -> list[Node]:
    return list(Collection(graph, head))


def _short(node: Node) -> str:
    return "…" if isinstance(node, BNode) else str(node).rpartition("#")[2]


def _reserved(node: Node) -> bool:
    return isinstance(node, URIRef) and str(node).startswith(VOCABULARIES)
