"""Table 5 of OWL 2 RL/RDF: what the axioms about properties say, as rules (prp-*)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, pairwise
from typing import Final

from pyoxigraph import BlankNode, NamedNode, Variable

from kg.names import OWL, RDF_TYPE
from kg.reason.axioms import (
    DOMAIN,
    EQUIVALENT_PROPERTY,
    INVERSE,
    RANGE,
    SUB_PROPERTY,
)
from kg.reason.model import SAME_AS, Fact, Ground, Pattern, Rule, is_nameless
from kg.reason.owlrl_classes import Expressions, Outcome, Part, at_most_one, rule

X: Final = Variable("x")
Y: Final = Variable("y")
Z: Final = Variable("z")


def property_rules(expressions: Expressions) -> Iterator[Rule]:
    """Every rule that an axiom about a property gives."""
    yield from _domain_and_range(expressions)
    yield from _characteristics(expressions)
    yield from _hierarchy(expressions)
    yield from _chains(expressions)
    yield from _disjoint(expressions)
    yield from _keys(expressions)
    yield from _negative(expressions)


def _domain_and_range(expressions: Expressions) -> Iterator[Rule]:
    for predicate, name, at_end in ((DOMAIN, "prp-dom", False), (RANGE, "prp-rng", True)):
        for property_, class_ in expressions.axioms.pairs(predicate):
            subject, object_ = (Y, X) if at_end else (X, Y)  # X is always what gets the type
            link = expressions.link(subject, property_, object_)
            if link is not None:
                for outcome in expressions.outcomes(class_, X):
                    axioms = [(property_, predicate, class_)]
                    yield rule(Part((link,)), [name], outcome, axioms)


def _characteristics(expressions: Expressions) -> Iterator[Rule]:
    def declared(local: str) -> Iterator[tuple[Pattern, Ground, tuple[Fact, ...]]]:
        for property_ in expressions.axioms.typed(local):
            link = expressions.link(X, property_, Y)
            if link is not None:
                yield link, property_, ((property_, RDF_TYPE, NamedNode(OWL + local)),)

    for link, property_, axioms in declared("FunctionalProperty"):
        again = expressions.link(X, property_, Z)
        assert again is not None
        for outcome in at_most_one(Part((link, again)), Y, Z):
            yield rule(Part(), ["prp-fp"], outcome, axioms, guard=_repeated(link, X))
    for link, property_, axioms in declared("InverseFunctionalProperty"):
        again = expressions.link(Z, property_, Y)
        assert again is not None
        different = Part((link, again), ("FILTER(!sameTerm(?x, ?z))",))
        outcome = Outcome(different, (X, SAME_AS, Z))
        yield rule(Part(), ["prp-ifp"], outcome, axioms, guard=_repeated(link, Y))
    for _, property_, axioms in declared("IrreflexiveProperty"):
        itself = expressions.link(X, property_, X)
        assert itself is not None
        yield Rule("prp-irp", (itself,), None, axioms)
    for link, property_, axioms in declared("SymmetricProperty"):
        yield Rule("prp-symp", (link,), expressions.link(Y, property_, X), axioms)
    for link, property_, axioms in declared("AsymmetricProperty"):
        back = expressions.link(Y, property_, X)
        assert back is not None
        once = ("FILTER(STR(?x) <= STR(?y))",)  # each pair is one contradiction, not two
        yield Rule("prp-asyp", (link, back), None, axioms, once)
    for link, property_, axioms in declared("TransitiveProperty"):
        after = expressions.link(Y, property_, Z)
        assert after is not None
        head = expressions.link(X, property_, Z)
        path = f"{link[0]} {link[1]}+ ?z ." if link[0] == X else f"?z {link[1]}+ ?x ."
        yield Rule("prp-trp", (link, after), head, axioms, shortcut=path)


def _repeated(link: Pattern, on: Variable) -> str:
    """Pairs of counts that differ only if something has two values."""
    pattern = " ".join(str(node) for node in link)
    return f"SELECT (COUNT(*) AS ?all) (COUNT(DISTINCT ?{on.value}) AS ?one) WHERE {{ {pattern} }}"


def _hierarchy(expressions: Expressions) -> Iterator[Rule]:
    axioms = expressions.axioms
    for sub, above in axioms.pairs(SUB_PROPERTY):
        yield from _implies(expressions, "prp-spo1", sub, above, (sub, SUB_PROPERTY, above))
    for one, two in axioms.pairs(EQUIVALENT_PROPERTY):
        fact = (one, EQUIVALENT_PROPERTY, two)
        yield from _implies(expressions, "prp-eqp1", one, two, fact)
        yield from _implies(expressions, "prp-eqp2", two, one, fact)
    for one, two in axioms.pairs(INVERSE):
        if is_nameless(one):
            continue  # a nameless inverse is turned round wherever it is used
        there, back = expressions.link(X, one, Y), expressions.link(Y, two, X)
        if there is not None and back is not None:
            fact = (one, INVERSE, two)
            yield Rule("prp-inv1", (there,), back, (fact,))
            if one != two:
                yield Rule("prp-inv2", (back,), there, (fact,))


def _implies(
    expressions: Expressions, name: str, sub: Ground, above: Ground, axiom: Fact
) -> Iterator[Rule]:
    body, head = expressions.link(X, sub, Y), expressions.link(X, above, Y)
    if body is not None and head is not None and body != head:
        yield Rule(name, (body,), head, (axiom,))


def _chains(expressions: Expressions) -> Iterator[Rule]:
    predicate = NamedNode(OWL + "propertyChainAxiom")
    for property_, head in expressions.axioms.pairs(predicate):
        links = expressions.axioms.items(head)
        stops = [X, *(Variable(f"c{number}") for number in range(1, len(links))), Z]
        body = [
            expressions.link(a, link, b)
            for (a, b), link in zip(pairwise(stops), links, strict=True)
        ]
        goal = expressions.link(X, property_, Z)
        if links and goal is not None and None not in body:
            patterns = tuple(pattern for pattern in body if pattern is not None)
            yield Rule("prp-spo2", patterns, goal, ((property_, predicate, head),))


def _disjoint(expressions: Expressions) -> Iterator[Rule]:
    axioms = expressions.axioms
    predicate = NamedNode(OWL + "propertyDisjointWith")
    for one, two in axioms.pairs(predicate):
        a, b = expressions.link(X, one, Y), expressions.link(X, two, Y)
        if a is not None and b is not None:
            yield Rule("prp-pdw", (a, b), None, ((one, predicate, two),))
    members = NamedNode(OWL + "members")
    for node in axioms.typed("AllDisjointProperties"):
        for head in axioms.values(node, members):
            for one, two in combinations(axioms.items(head), 2):
                a, b = expressions.link(X, one, Y), expressions.link(X, two, Y)
                if a is not None and b is not None:
                    yield Rule("prp-adp", (a, b), None, ((node, members, head),))


def _keys(expressions: Expressions) -> Iterator[Rule]:
    predicate = NamedNode(OWL + "hasKey")
    for class_, head in expressions.axioms.pairs(predicate):
        body: list[Pattern] = []
        for number, property_ in enumerate(expressions.axioms.items(head)):
            value = Variable(f"k{number}")
            for subject in (X, Y):
                link = expressions.link(subject, property_, value)
                if link is not None:
                    body.append(link)
        for one in expressions.membership(class_, X):
            for two in expressions.membership(class_, Y):
                whole = Part(tuple(body)) + one + two
                different = Part(conditions=("FILTER(!sameTerm(?x, ?y))",))
                outcome = Outcome(different, (X, SAME_AS, Y))
                if body:
                    yield rule(whole, ["prp-key"], outcome, [(class_, predicate, head)])


def _negative(expressions: Expressions) -> Iterator[Rule]:
    axioms = expressions.axioms
    source, about = NamedNode(OWL + "sourceIndividual"), NamedNode(OWL + "assertionProperty")
    targets = (
        ("prp-npa1", NamedNode(OWL + "targetIndividual")),
        ("prp-npa2", NamedNode(OWL + "targetValue")),
    )
    for node, subject in axioms.pairs(source):
        for property_ in axioms.values(node, about):
            for name, predicate in targets:
                for value in axioms.values(node, predicate):
                    if isinstance(subject, BlankNode) or isinstance(value, BlankNode):
                        continue  # a nameless thing cannot be spelt in a query
                    link = expressions.link(subject, property_, value)
                    if link is not None:
                        seen = ((node, source, subject), (node, about, property_))
                        yield Rule(name, (link,), None, (*seen, (node, predicate, value)))
