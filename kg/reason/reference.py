"""The reference: the owlrl library in place of our OWL rules, to compare with. Slow.

What it adds is cut down to the facts about our vocabulary, because owlrl also says of every term
that it equals itself, types literals, and writes out axioms that hold of everything.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, serialize

from kg.names import G_INFERRED, ID, RDF_TYPE, VIT
from kg.reason.axioms import SCHEMA_CONSEQUENCES
from kg.reason.model import SAME_AS
from kg.store import EmbeddedStore, Term


def about_our_vocabulary(triple: Triple) -> bool:
    """Whether a statement is one that both reasoners must agree on.

    That is: its predicate is ours; or it types something with a class of ours; or it says that two
    different things of ours are the same; or it relates two different terms of ours by a schema
    predicate (``rdfs:subClassOf`` …). A literal is never its subject.
    """
    subject, predicate, object_ = triple.subject, triple.predicate, triple.object
    if predicate.value.startswith(VIT):
        return True
    if not isinstance(object_, NamedNode):
        return False
    if predicate == RDF_TYPE:
        return object_.value.startswith(VIT)
    if not isinstance(subject, NamedNode) or subject == object_:
        return False
    if predicate == SAME_AS:
        return subject.value.startswith(ID) and object_.value.startswith(ID)
    if predicate in SCHEMA_CONSEQUENCES:
        return subject.value.startswith(VIT) and object_.value.startswith(VIT)
    return False


class ReferenceClosure:
    """owlrl over everything in the store; what it adds about our vocabulary is written back."""

    eager = False

    def __init__(self, store: EmbeddedStore) -> None:
        self.store = store
        self.per_rule: Counter[str] = Counter()
        self.errors: list[str] = []

    def extend(self, changed: set[str] | None = None) -> set[str]:
        """Close the store under OWL 2 RL; ``changed`` is not used, owlrl always starts anew."""
        import rdflib
        from owlrl import OWLRL_Semantics

        normalise, rdflib.NORMALIZE_LITERALS = rdflib.NORMALIZE_LITERALS, False
        try:
            graph = rdflib.Graph()
            for name in self.store.graphs():
                for triple in self.store.triples(name):
                    graph.add((_rdflib(triple.subject), _rdflib(triple.predicate),
                               _rdflib(triple.object)))  # fmt: skip
            semantics = OWLRL_Semantics(graph, False, False)
            semantics.closure()
            self.errors = list(semantics.error_messages)
            new = self._new(graph)
        finally:
            rdflib.NORMALIZE_LITERALS = normalise
        written = serialize(new, format=RdfFormat.N_TRIPLES) or b""
        self.store.add_new(G_INFERRED, b"".join(sorted(written.splitlines(keepends=True))))
        self.per_rule["owlrl"] += len(new)
        return {"*"} if new else set()

    def _new(self, graph: object) -> list[Triple]:
        """What is about our vocabulary and not in the store yet."""
        import rdflib

        assert isinstance(graph, rdflib.Graph)
        found = []
        for s, p, o in graph:
            if isinstance(s, rdflib.Literal) or not isinstance(p, rdflib.URIRef):
                continue
            subject = _term(s)
            assert not isinstance(subject, Literal)
            triple = Triple(subject, NamedNode(str(p)), _term(o))
            if about_our_vocabulary(triple) and not self.store.contains(triple):
                found.append(triple)
        return found


def _rdflib(term: Term) -> Any:
    import rdflib

    if isinstance(term, Literal):
        if term.language:
            return rdflib.Literal(term.value, lang=term.language)
        return rdflib.Literal(term.value, datatype=rdflib.URIRef(term.datatype.value))
    if isinstance(term, BlankNode):
        return rdflib.BNode(term.value)
    assert isinstance(term, NamedNode)
    return rdflib.URIRef(term.value)


def _term(term: object) -> NamedNode | BlankNode | Literal:
    import rdflib

    if isinstance(term, rdflib.Literal):
        if term.language:
            return Literal(str(term), language=term.language)
        datatype = NamedNode(str(term.datatype)) if term.datatype else None
        return Literal(str(term), datatype=datatype)
    if isinstance(term, rdflib.BNode):
        return BlankNode(str(term))
    return NamedNode(str(term))
