"""Table 6 of OWL 2 RL/RDF: class expressions as patterns (when something is in a class, and what
follows when it is).

Nameless classes are folded into the rules that use them: ``∃p.B ⊑ A`` becomes one rule
``x p y, y a B → x a A`` with the name ``cls-svf1+cax-sco``, and no typing by a blank node is kept.
https://www.w3.org/TR/owl2-profiles/#Reasoning_in_OWL_2_RL_and_RDF_Graphs_using_Rules
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Variable

from kg.names import RDF, RDF_TYPE, RDFS, XSD
from kg.reason.axioms import (
    ALL,
    COMPLEMENT,
    HAS_VALUE,
    INTERSECTION,
    INVERSE,
    MAX,
    MAX_QUALIFIED,
    ON_CLASS,
    ON_PROPERTY,
    ONE_OF,
    SOME,
    UNION,
    Axioms,
)
from kg.reason.model import (
    SAME_AS,
    THING,
    Fact,
    Ground,
    Node,
    Pattern,
    Rule,
    is_nameless,
    ours,
)

#: How deep expressions may stand in each other; deeper ones go round in a circle.
_DEEPEST: Final = 20

_XSD_INTEGERS: Final = (
    "integer", "nonNegativeInteger", "nonPositiveInteger", "positiveInteger", "negativeInteger",
    "long", "int", "short", "byte", "unsignedLong", "unsignedInt", "unsignedShort", "unsignedByte",
)  # fmt: skip
_XSD_STRINGS: Final = (
    "string", "normalizedString", "token", "language", "Name", "NCName", "NMTOKEN",
)  # fmt: skip
#: For a datatype as range: the datatypes whose values are in it, as far as that is syntactic.
_WITHIN: Final[dict[str, tuple[str, ...]]] = {
    "decimal": ("decimal", *_XSD_INTEGERS),
    "integer": _XSD_INTEGERS,
    "string": _XSD_STRINGS,
    "dateTime": ("dateTime", "dateTimeStamp"),
    "nonNegativeInteger": (
        "integer", "nonNegativeInteger", "positiveInteger", "unsignedLong", "unsignedInt",
        "unsignedShort", "unsignedByte", "long", "int", "short", "byte",
    ),
    "positiveInteger": _XSD_INTEGERS,
}  # fmt: skip
#: The datatypes whose lexical forms SPARQL itself can check, by casting.
_CASTS: Final = frozenset(
    {"decimal", "integer", "boolean", "double", "float", "dateTime", "date", "duration"}
)


@dataclass(frozen=True)
class Part:
    """Some patterns of a rule body, with the rule names and axioms that brought them in."""

    patterns: tuple[Pattern, ...] = ()
    conditions: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    axioms: tuple[Fact, ...] = ()

    def __add__(self, other: Part) -> Part:
        return Part(
            self.patterns + other.patterns,
            self.conditions + other.conditions,
            self.names + other.names,
            self.axioms + other.axioms,
        )


@dataclass(frozen=True)
class Outcome:
    """What follows when something is in a class: more body, and a head (or a contradiction)."""

    more: Part
    head: Pattern | None


class Expressions:
    """Class and property expressions of one ontology, as patterns."""

    def __init__(self, axioms: Axioms) -> None:
        self.axioms = axioms
        self._number = count(1)

    def fresh(self) -> Variable:
        """A variable that no other pattern uses."""
        return Variable(f"v{next(self._number)}")

    def link(self, subject: Node, property_: Ground, object_: Node) -> Pattern | None:
        """``subject property object``; an inverse without a name is turned round."""
        if isinstance(property_, NamedNode) and not is_nameless(property_):
            return (subject, property_, object_)
        for inverse in self.axioms.values(property_, INVERSE):
            if isinstance(inverse, NamedNode) and not is_nameless(inverse):
                return (object_, inverse, subject)
        return None

    # --- when is something in a class ----------------------------------------------------------

    def membership(self, node: Ground, subject: Node, depth: int = 0) -> Iterator[Part]:
        """Every way to see that ``subject`` is in the class ``node``."""
        if node == THING:
            yield Part()
        elif is_nameless(node):
            if depth < _DEEPEST:
                yield from self.by_definition(node, subject, depth)
        elif isinstance(node, NamedNode) and is_datatype(node):
            if isinstance(subject, Variable):
                yield Part(conditions=(f"FILTER({_has_datatype(subject.value, node)})",))
        elif isinstance(node, NamedNode):
            yield Part(((subject, RDF_TYPE, node),))

    def by_definition(self, node: Ground, subject: Node, depth: int = 0) -> Iterator[Part]:
        """Like :meth:`membership`, through what the class is defined to be."""
        for constructor, value in self.axioms.constructors(node):
            axiom = (node, constructor, value)
            if constructor == INTERSECTION:
                parts = [Part((), (), ("cls-int1",), (axiom,))]
                for item in self.axioms.items(value):
                    more = list(self.membership(item, subject, depth + 1))
                    parts = [part + one for part in parts for one in more]
                yield from parts
            elif constructor == UNION:
                for item in self.axioms.items(value):
                    for part in self.membership(item, subject, depth + 1):
                        yield Part((), (), ("cls-uni",), (axiom,)) + part
            elif constructor == ONE_OF and isinstance(subject, Variable):
                members = _texts(self.axioms.items(value))
                if members:
                    condition = f"VALUES ?{subject.value} {{ {members} }}"
                    yield Part((), (condition,), ("cls-oo",), (axiom,))
            elif constructor == SOME:
                yield from self._some(node, value, subject, axiom, depth)
            elif constructor == HAS_VALUE and not isinstance(value, BlankNode):
                for property_ in self.axioms.values(node, ON_PROPERTY):
                    link = self.link(subject, property_, value)
                    if link is not None:
                        yield Part(
                            (link,), (), ("cls-hv2",), (axiom, (node, ON_PROPERTY, property_))
                        )

    def _some(
        self, node: Ground, filler: Ground, subject: Node, axiom: Fact, depth: int
    ) -> Iterator[Part]:
        for property_ in self.axioms.values(node, ON_PROPERTY):
            other = self.fresh()
            link = self.link(subject, property_, other)
            if link is None:
                continue
            name = "cls-svf2" if filler == THING else "cls-svf1"
            start = Part((link,), (), (name,), (axiom, (node, ON_PROPERTY, property_)))
            for part in self.membership(filler, other, depth + 1):
                yield start + part

    # --- what follows from being in a class ----------------------------------------------------

    def outcomes(self, node: Ground, subject: Node, depth: int = 0) -> Iterator[Outcome]:
        """Everything that follows when ``subject`` is in the class ``node``."""
        if node == THING:
            return
        if is_nameless(node):
            if depth < _DEEPEST:
                yield from self.by_definition_outcomes(node, subject, depth)
        elif isinstance(node, NamedNode) and is_datatype(node):
            if isinstance(subject, Variable) and node != NamedNode(RDFS + "Literal"):
                name = subject.value
                wrong = f"FILTER(isLiteral(?{name}) && !({_has_datatype(name, node)}))"
                yield Outcome(Part((), (wrong,), ("dt-not-type",)), None)
        elif isinstance(node, NamedNode):
            yield Outcome(Part(), (subject, RDF_TYPE, node))

    def by_definition_outcomes(
        self, node: Ground, subject: Node, depth: int = 0
    ) -> Iterator[Outcome]:
        """Like :meth:`outcomes`, through what the class is defined to be."""
        for constructor, value in self.axioms.constructors(node):
            axiom = (node, constructor, value)
            if constructor == INTERSECTION:
                for item in self.axioms.items(value):
                    for outcome in self.outcomes(item, subject, depth + 1):
                        start = Part((), (), ("cls-int2",), (axiom,))
                        yield Outcome(start + outcome.more, outcome.head)
            elif constructor == COMPLEMENT:
                for part in self.membership(value, subject, depth + 1):
                    yield Outcome(Part((), (), ("cls-com",), (axiom,)) + part, None)
            elif constructor in (ALL, HAS_VALUE, MAX, MAX_QUALIFIED):
                for property_ in self.axioms.values(node, ON_PROPERTY):
                    seen = (axiom, (node, ON_PROPERTY, property_))
                    yield from self._restriction(node, constructor, value, property_, subject, seen)

    def _restriction(
        self,
        node: Ground,
        constructor: NamedNode,
        value: Ground,
        property_: Ground,
        subject: Node,
        seen: tuple[Fact, ...],
    ) -> Iterator[Outcome]:
        if constructor == HAS_VALUE:
            link = None if isinstance(value, BlankNode) else self.link(subject, property_, value)
            if link is not None:
                yield Outcome(Part((), (), ("cls-hv1",), seen), link)
            return
        other = self.fresh()
        link = self.link(subject, property_, other)
        if link is None:
            return
        if constructor == ALL:
            start = Part((link,), (), ("cls-avf",), seen)
            for outcome in self.outcomes(value, other, 1):
                yield Outcome(start + outcome.more, outcome.head)
            return
        most = value.value if isinstance(value, Literal) else ""
        if most not in ("0", "1"):
            return  # OWL 2 RL has no rule for higher numbers
        fillers: list[Ground] = [THING]
        if constructor == MAX_QUALIFIED:
            fillers = self.axioms.values(node, ON_CLASS)
        for filler in fillers:
            name = _cardinality_rule(constructor, most, filler)
            members = list(self.membership(filler, other, 1))
            if most == "0":
                for part in members:
                    yield Outcome(Part((link,), (), (name,), seen) + part, None)
                continue
            second = self.fresh()
            again = self.link(subject, property_, second)
            assert again is not None
            for one in members:
                for two in self.membership(filler, second, 1):
                    both = Part((link, again), (), (name,), seen) + one + two
                    yield from at_most_one(both, other, second)


def at_most_one(body: Part, one: Variable, two: Variable) -> Iterator[Outcome]:
    """Two values where there may be one: the same thing, or a contradiction.

    Our own ids are unique names, and so are different literals: for those it is a contradiction,
    unless the data say themselves that the two are the same.
    """
    a, b = one.value, two.value
    things = f"!isLiteral(?{a}) && !isLiteral(?{b}) && !sameTerm(?{a}, ?{b})"
    named = f"({ours(a)} && {ours(b)})"
    same = Part(conditions=(f"FILTER({things} && !{named})",))
    yield Outcome(body + same, (one, SAME_AS, two))
    clash = (
        f"FILTER(STR(?{a}) < STR(?{b}) && {things} && {named})"
        f" FILTER NOT EXISTS {{ ?{a} {SAME_AS} ?{b} }}"
    )
    yield Outcome(body + Part(conditions=(clash,)), None)
    literals = (
        f"FILTER(isLiteral(?{a}) && isLiteral(?{b}) && !COALESCE(?{a} = ?{b}, sameTerm(?{a}, ?{b}))"
        f" && CONCAT(STR(?{a}), LANG(?{a}), STR(DATATYPE(?{a})))"
        f" < CONCAT(STR(?{b}), LANG(?{b}), STR(DATATYPE(?{b}))))"
    )
    yield Outcome(body + Part(conditions=(literals,)), None)


def rule(
    body: Part, names: Iterable[str], outcome: Outcome, axioms: Iterable[Fact], guard: str = ""
) -> Rule:
    """One rule from its pieces, each axiom once, in order."""
    whole = body + outcome.more
    joined = "+".join(dict.fromkeys([*body.names, *names, *outcome.more.names]))
    premises = tuple(dict.fromkeys([*axioms, *whole.axioms]))
    patterns = tuple(dict.fromkeys(whole.patterns))
    return Rule(joined, patterns, outcome.head, premises, whole.conditions, guard=guard)


def is_datatype(node: NamedNode) -> bool:
    """Whether a class is one of the datatypes of RDF and XML Schema."""
    return node.value.startswith(XSD) or node.value in {
        RDFS + "Literal",
        RDF + "langString",
        RDF + "PlainLiteral",
    }


def _has_datatype(name: str, datatype: NamedNode) -> str:
    """The SPARQL condition that the value of a variable is in a datatype."""
    if datatype.value == RDFS + "Literal":
        return f"isLiteral(?{name})"
    if not datatype.value.startswith(XSD):
        return f'(LANG(?{name}) != "" || DATATYPE(?{name}) = <{XSD}string>)'
    local = datatype.value.removeprefix(XSD)
    accepted = ", ".join(f"<{XSD}{one}>" for one in _WITHIN.get(local, (local,)))
    condition = f"DATATYPE(?{name}) IN ({accepted})"
    if local in _CASTS:
        condition += f" && COALESCE(isLiteral(<{XSD}{local}>(STR(?{name}))), false)"
    if local == "nonNegativeInteger":
        condition += f" && COALESCE(?{name} >= 0, false)"
    if local == "positiveInteger":
        condition += f" && COALESCE(?{name} > 0, false)"
    return f"({condition})"


def _cardinality_rule(constructor: NamedNode, most: str, filler: Ground) -> str:
    if constructor == MAX:
        return "cls-maxc1" if most == "0" else "cls-maxc2"
    if most == "0":
        return "cls-maxqc2" if filler == THING else "cls-maxqc1"
    return "cls-maxqc4" if filler == THING else "cls-maxqc3"


def _texts(items: Iterable[Ground]) -> str:
    return " ".join(str(item) for item in items if not isinstance(item, BlankNode))
