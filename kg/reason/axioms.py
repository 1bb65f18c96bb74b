"""Reads the ontology's axioms from the store, and closes them under the scm-* rules.

The schema is small, so it is closed here rather than in SPARQL; each derived schema triple keeps
the rule and the triples that it came from. Trivial consequences that hold of every class
(``C ⊑ C``, ``C ⊑ owl:Thing``: scm-cls, scm-op, scm-dp, cls-thing, cls-nothing1, prp-ap, dt-type1,
eq-ref) are not written down.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode

from kg.names import G_INFERRED, OWL, RDF, RDFS
from kg.reason.model import GENID, NOTHING, THING, Fact, Ground, is_nameless
from kg.store import GraphStore


def _owl(local: str) -> NamedNode:
    return NamedNode(OWL + local)


SUB_CLASS: Final = NamedNode(RDFS + "subClassOf")
SUB_PROPERTY: Final = NamedNode(RDFS + "subPropertyOf")
DOMAIN: Final = NamedNode(RDFS + "domain")
RANGE: Final = NamedNode(RDFS + "range")
EQUIVALENT_CLASS: Final = _owl("equivalentClass")
EQUIVALENT_PROPERTY: Final = _owl("equivalentProperty")
ON_PROPERTY: Final = _owl("onProperty")
ON_CLASS: Final = _owl("onClass")
SOME: Final = _owl("someValuesFrom")
ALL: Final = _owl("allValuesFrom")
HAS_VALUE: Final = _owl("hasValue")
MAX: Final = _owl("maxCardinality")
MAX_QUALIFIED: Final = _owl("maxQualifiedCardinality")
INTERSECTION: Final = _owl("intersectionOf")
UNION: Final = _owl("unionOf")
ONE_OF: Final = _owl("oneOf")
COMPLEMENT: Final = _owl("complementOf")
INVERSE: Final = _owl("inverseOf")
FIRST: Final = NamedNode(RDF + "first")
REST: Final = NamedNode(RDF + "rest")
NIL: Final = NamedNode(RDF + "nil")

#: What makes a node a class expression.
CONSTRUCTORS: Final = (
    INTERSECTION, UNION, ONE_OF, COMPLEMENT, SOME, ALL, HAS_VALUE, MAX, MAX_QUALIFIED,
)  # fmt: skip

_PREDICATES: Final = (
    SUB_CLASS, SUB_PROPERTY, DOMAIN, RANGE, EQUIVALENT_CLASS, EQUIVALENT_PROPERTY, ON_PROPERTY,
    ON_CLASS, *CONSTRUCTORS, INVERSE, FIRST, REST, _owl("disjointWith"),
    _owl("propertyDisjointWith"), _owl("propertyChainAxiom"), _owl("members"),
    _owl("distinctMembers"), _owl("hasKey"), _owl("sourceIndividual"), _owl("assertionProperty"),
    _owl("targetIndividual"), _owl("targetValue"),
)  # fmt: skip

_TYPES: Final = tuple(
    _owl(name)
    for name in (
        "FunctionalProperty", "InverseFunctionalProperty", "IrreflexiveProperty",
        "SymmetricProperty", "AsymmetricProperty", "TransitiveProperty", "AllDisjointClasses",
        "AllDisjointProperties", "AllDifferent",
    )
)  # fmt: skip

#: The schema predicates whose consequences are written into the graph of inferred facts.
SCHEMA_CONSEQUENCES: Final = (
    SUB_CLASS, SUB_PROPERTY, EQUIVALENT_CLASS, EQUIVALENT_PROPERTY, DOMAIN, RANGE,
)  # fmt: skip


@dataclass(frozen=True)
class Step:
    """How a schema triple was derived."""

    rule: str
    premises: tuple[Fact, ...]


class Axioms:
    """The asserted schema triples, indexed, and what the scm-* rules add to them."""

    def __init__(self, facts: Sequence[Fact]) -> None:
        self.asserted = frozenset(facts)
        self._pairs: dict[Ground, list[tuple[Ground, Ground]]] = defaultdict(list)
        for subject, predicate, object_ in sorted(facts, key=str):
            self._pairs[predicate].append((subject, object_))
        self._values: dict[tuple[Ground, Ground], list[Ground]] = defaultdict(list)
        for predicate, pairs in self._pairs.items():
            for subject, object_ in pairs:
                self._values[subject, predicate].append(object_)
        self.derived: dict[Fact, Step] = {}
        self._close()

    @staticmethod
    def read(store: GraphStore) -> Axioms:
        """Everything in any graph of the store that is an axiom."""
        return Axioms(_read(store, "?s ?p ?o", "?o ?constructor ?value"))

    @staticmethod
    def of_reasoned(store: GraphStore) -> Axioms:
        """The axioms of a store that was reasoned over, so that what was derived shows as such.

        Derived axioms count as given only where the schema rules do not give them: those that
        equality gave.
        """
        elsewhere = f"GRAPH ?g {{ ?s ?p ?o }} FILTER(?g != <{G_INFERRED}>)"
        given = Axioms(_read(store, elsewhere, "GRAPH ?h { ?o ?constructor ?value }"))
        within = f"GRAPH <{G_INFERRED}> {{ ?s ?p ?o }}"
        added = _read(store, within, "GRAPH ?h { ?o ?constructor ?value }")
        more = [fact for fact in added if fact not in given.derived]
        return Axioms([*given.asserted, *more]) if more else given

    def pairs(self, predicate: NamedNode) -> list[tuple[Ground, Ground]]:
        """Subject and object of every asserted triple with this predicate, in a fixed order."""
        return self._pairs.get(predicate, [])

    def typed(self, local: str) -> list[Ground]:
        """What is declared to be of an OWL kind, such as ``TransitiveProperty``."""
        kind = _owl(local)
        return [s for s, o in self.pairs(NamedNode(RDF + "type")) if o == kind]

    def expressions_of_individuals(self) -> list[tuple[Ground, Ground]]:
        """Individuals that are said to be of a nameless class."""
        return [(s, o) for s, o in self.pairs(NamedNode(RDF + "type")) if is_nameless(o)]

    def values(self, subject: Ground, predicate: NamedNode) -> list[Ground]:
        """The objects of one subject and predicate."""
        return self._values.get((subject, predicate), [])

    def items(self, head: Ground) -> tuple[Ground, ...]:
        """The members of an RDF list; a list that loops ends where it loops."""
        found: list[Ground] = []
        seen: set[Ground] = set()
        while head != NIL and head not in seen:
            seen.add(head)
            found.extend(self.values(head, FIRST)[:1])
            rest = self.values(head, REST)
            if not rest:
                break
            head = rest[0]
        return tuple(found)

    def constructors(self, node: Ground) -> list[tuple[NamedNode, Ground]]:
        """The class expressions that a node stands for, as (constructor, value)."""
        return [(c, value) for c in CONSTRUCTORS for value in self.values(node, c)]

    def defined_names(self) -> list[NamedNode]:
        """The named classes that are themselves an expression, in a fixed order."""
        subjects = {s for c in CONSTRUCTORS for s, _ in self.pairs(c) if not is_nameless(s)}
        return sorted((s for s in subjects if isinstance(s, NamedNode)), key=str)

    # --- scm-* ---------------------------------------------------------------------------------

    def schema(self, predicate: NamedNode) -> set[tuple[Ground, Ground]]:
        """Asserted and derived pairs of a schema predicate."""
        derived = {(s, o) for s, p, o in self.derived if p == predicate}
        return derived | set(self.pairs(predicate))

    def _close(self) -> None:
        known = {predicate: set(self.pairs(predicate)) for predicate in SCHEMA_CONSEQUENCES}
        while True:
            added = False
            for fact, step in list(self._consequences(known)):
                subject, predicate, object_ = fact
                assert isinstance(predicate, NamedNode)
                pair = (subject, object_)
                if subject == object_ or pair in known[predicate] or THING in pair:
                    continue
                if subject == NOTHING or isinstance(subject, Literal):
                    continue
                known[predicate].add(pair)
                self.derived[fact] = step
                added = True
            if not added:
                return

    def _consequences(
        self, known: dict[NamedNode, set[tuple[Ground, Ground]]]
    ) -> Iterator[tuple[Fact, Step]]:
        """One round of Table 9 of the OWL 2 profiles (section 4.3)."""
        up: dict[NamedNode, dict[Ground, list[Ground]]] = {}
        for relation, chain, equal, both, apart in (
            (SUB_CLASS, "scm-sco", EQUIVALENT_CLASS, "scm-eqc2", "scm-eqc1"),
            (SUB_PROPERTY, "scm-spo", EQUIVALENT_PROPERTY, "scm-eqp2", "scm-eqp1"),
        ):
            above: dict[Ground, list[Ground]] = defaultdict(list)
            for a, b in sorted(known[relation], key=str):
                above[a].append(b)
            up[relation] = above
            for a, bs in above.items():
                for b in bs:
                    for c in above.get(b, ()):
                        yield (a, relation, c), Step(chain, ((a, relation, b), (b, relation, c)))
                        if c == a:
                            pair = ((a, relation, b), (b, relation, a))
                            yield (a, equal, b), Step(both, pair)
            for a, b in known[equal]:
                yield (a, relation, b), Step(apart, ((a, equal, b),))
                yield (b, relation, a), Step(apart, ((a, equal, b),))
        yield from self._domains(known, up)
        yield from self._restrictions(known)
        for node, head in self.pairs(INTERSECTION):
            for part in self.items(head):
                yield (node, SUB_CLASS, part), Step("scm-int", ((node, INTERSECTION, head),))
        for node, head in self.pairs(UNION):
            for part in self.items(head):
                yield (part, SUB_CLASS, node), Step("scm-uni", ((node, UNION, head),))

    def _domains(
        self,
        known: dict[NamedNode, set[tuple[Ground, Ground]]],
        up: dict[NamedNode, dict[Ground, list[Ground]]],
    ) -> Iterator[tuple[Fact, Step]]:
        below: dict[Ground, list[Ground]] = defaultdict(list)
        for p, qs in up[SUB_PROPERTY].items():
            for q in qs:
                below[q].append(p)
        for relation, widen, inherit in (
            (DOMAIN, "scm-dom1", "scm-dom2"),
            (RANGE, "scm-rng1", "scm-rng2"),
        ):
            for p, c in sorted(known[relation], key=str):
                for d in up[SUB_CLASS].get(c, ()):
                    yield (p, relation, d), Step(widen, ((p, relation, c), (c, SUB_CLASS, d)))
                for q in below.get(p, ()):
                    yield (q, relation, c), Step(inherit, ((p, relation, c), (q, SUB_PROPERTY, p)))

    def _restrictions(
        self, known: dict[NamedNode, set[tuple[Ground, Ground]]]
    ) -> Iterator[tuple[Fact, Step]]:
        """scm-hv, scm-svf1/2 and scm-avf1/2: restrictions that imply each other."""
        for constructor, name in ((HAS_VALUE, "hv"), (SOME, "svf"), (ALL, "avf")):
            for (a, x), (b, y) in product(self.pairs(constructor), repeat=2):
                if a == b:
                    continue
                for p, q in product(self.values(a, ON_PROPERTY), self.values(b, ON_PROPERTY)):
                    shape = (
                        (a, constructor, x), (a, ON_PROPERTY, p),
                        (b, constructor, y), (b, ON_PROPERTY, q),
                    )  # fmt: skip
                    if p == q and constructor != HAS_VALUE and (x, y) in known[SUB_CLASS]:
                        step = Step(f"scm-{name}1", (*shape, (x, SUB_CLASS, y)))
                        yield (a, SUB_CLASS, b), step
                    if x == y and (p, q) in known[SUB_PROPERTY]:
                        rule = "scm-hv" if constructor == HAS_VALUE else f"scm-{name}2"
                        pair = (b, a) if constructor == ALL else (a, b)
                        step = Step(rule, (*shape, (p, SUB_PROPERTY, q)))
                        yield (pair[0], SUB_CLASS, pair[1]), step


def _read(store: GraphStore, triple: str, expression: str) -> list[Fact]:
    """The axioms among the triples that a pattern over ``?s ?p ?o`` matches."""
    wanted = " ".join(str(predicate) for predicate in _PREDICATES)
    kinds = " ".join(str(kind) for kind in _TYPES)
    constructors = " ".join(str(constructor) for constructor in CONSTRUCTORS)
    query = f"""SELECT DISTINCT ?s ?p ?o WHERE {{
      {{ VALUES ?p {{ {wanted} }} {triple} }}
      UNION {{ VALUES ?o {{ {kinds} }} VALUES ?p {{ <{RDF}type> }} {triple} }}
      UNION {{ VALUES ?constructor {{ {constructors} }} VALUES ?p {{ <{RDF}type> }}
               {expression} . {triple}
               FILTER(isBlank(?o) || STRSTARTS(STR(?o), "{GENID}")) }}
    }}"""
    facts = []
    for s, p, o in store.select(query).rows:
        assert isinstance(s, (NamedNode, BlankNode))
        assert isinstance(p, NamedNode)
        assert isinstance(o, (NamedNode, BlankNode, Literal))
        facts.append((s, p, o))
    return sorted(facts, key=str)
