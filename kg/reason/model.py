"""What a compiled rule is: patterns with variables, a head, and the axioms it stands on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final, TypeAlias

from pyoxigraph import BlankNode, Literal, NamedNode, Variable

from kg.names import ID, OWL, RDF_TYPE, VIT

#: A term that stands in the store.
Ground: TypeAlias = NamedNode | BlankNode | Literal
#: What a pattern holds: a term or a variable.
Node: TypeAlias = Ground | Variable
Pattern: TypeAlias = tuple[Node, Node, Node]
Fact: TypeAlias = tuple[Ground, Ground, Ground]


def plain(term: Ground) -> str:
    """A term as text for JSON."""
    return term.value if isinstance(term, NamedNode) else str(term)


#: A build gives blank nodes of the ontology IRIs that start so; they stay nameless to us.
GENID: Final = VIT.removesuffix("#") + "/genid/"

SAME_AS: Final = NamedNode(OWL + "sameAs")
THING: Final = NamedNode(OWL + "Thing")
NOTHING: Final = NamedNode(OWL + "Nothing")

#: Every predicate, and every class: the keys of patterns that name none.
ANY: Final = "*"
ANY_TYPE: Final = "a *"


_TWO_WAY: Final = frozenset({"prp-inv1", "prp-inv2", "prp-eqp1", "prp-eqp2"})


@dataclass(frozen=True)
class Rule:
    """One axiom of the ontology as a rule over facts.

    Attributes:
        name: W3C's name; where several rules are taken in one step, joined by ``+``
            (``cls-svf1+cax-sco``: no fact about the nameless class in between is kept).
        body: the facts it needs.
        head: the fact it gives; ``None`` means that the body is a contradiction.
        axioms: the schema triples that it stands on.
        conditions: SPARQL that must hold besides (``FILTER …`` or ``VALUES …``), whole clauses.
        shortcut: a quicker WHERE with the same answers, such as a property path; it reaches
            every consequence of the rule by itself at once.
        guard: an ASK or a pair of counts that shows cheaply that the rule has nothing to give.
    """

    name: str
    body: tuple[Pattern, ...]
    head: Pattern | None
    axioms: tuple[Fact, ...] = ()
    conditions: tuple[str, ...] = ()
    shortcut: str = ""
    guard: str = ""

    def where(self) -> str:
        """The body as SPARQL, without braces."""
        if self.shortcut:
            return self.shortcut
        return " ".join([*(f"{sparql(pattern)} ." for pattern in self.body), *self.conditions])

    def construct(self, head_is_new: bool = False) -> str:
        """The query that gives what the rule adds to the store, each fact once.

        ``head_is_new`` says that the store has no fact like the head yet, so none need be left out.
        """
        assert self.head is not None
        head = sparql(self.head)
        names = sorted({f"?{node.value}" for node in self.head if isinstance(node, Variable)})
        if not names:
            return (
                f"CONSTRUCT {{ {head} }} WHERE {{ {self.where()} FILTER NOT EXISTS {{ {head} }} }}"
            )
        where = self.where() if head_is_new else f"{self.where()} {self.unless_known()}"
        if not self._gives_each_once(names):
            where = f"SELECT DISTINCT {' '.join(names)} WHERE {{ {where} }}"
        return f"CONSTRUCT {{ {head} }} WHERE {{ {where} }}"

    def construct_from(self, place: int, rows: Iterable[tuple[str, str]]) -> str:
        """Like :meth:`construct`, for what follows with one pattern of the body among these facts.

        Args:
            place: of the pattern in the body; its predicate is no variable.
            rows: subject and object of the facts, as SPARQL terms. They are few, so what is known
                already is looked up for each thing that follows.
        """
        assert self.head is not None
        ends = (self.body[place][0], self.body[place][2])
        kept = {str(end): number for number, end in enumerate(ends) if isinstance(end, Variable)}
        names = " ".join(kept)  # one that is at both ends is named once
        told = " ".join(f"({' '.join(row[number] for number in kept.values())})" for row in rows)
        head = sparql(self.head)
        wanted = " ".join(sorted({str(node) for node in self.head if isinstance(node, Variable)}))
        return (
            f"CONSTRUCT {{ {head} }} WHERE {{ SELECT DISTINCT {wanted} WHERE {{ "
            f"VALUES ({names}) {{ {told} }} {self.where()} FILTER NOT EXISTS {{ {head} }} }} }}"
        )

    def unless_known(self) -> str:
        """The clause that leaves out what the store has already.

        Whether a thing is of a class is one look, which is cheaper than reading the whole class.
        Otherwise MINUS: a hash join, no worse where one thing has very many facts.
        """
        assert self.head is not None
        looked_up = self.head[1] == RDF_TYPE and not isinstance(self.head[2], Variable)
        return f"{'FILTER NOT EXISTS' if looked_up else 'MINUS'} {{ {sparql(self.head)} }}"

    def _gives_each_once(self, names: list[str]) -> bool:
        """Whether the body is one pattern with just the variables of the head."""
        if len(self.body) != 1 or self.conditions or self.shortcut:
            return False
        body = {f"?{node.value}" for node in self.body[0] if isinstance(node, Variable)}
        return body == set(names)

    def echoes(self, other: Rule) -> bool:
        """Whether what ``other`` gives cannot make this rule give anything new.

        True of a rule with a shortcut and itself, and of the two directions of one axiom.
        """
        if self is other:
            return bool(self.shortcut) or self.name == "prp-symp"
        return self.axioms == other.axioms and {self.name, other.name} <= _TWO_WAY

    @cached_property
    def head_key(self) -> str:
        """What the rule adds to: a predicate, or ``a`` and a class."""
        return key(self.head) if self.head is not None else ""

    @cached_property
    def body_keys(self) -> frozenset[str]:
        """What the rule looks at."""
        return frozenset(key(pattern) for pattern in self.body)


def is_nameless(term: Ground) -> bool:
    """Whether a class, property or list is written in place, with no name of its own."""
    if isinstance(term, NamedNode):
        return term.value.startswith(GENID)
    return isinstance(term, BlankNode)


def key(pattern: Pattern) -> str:
    """What a pattern is about: its predicate, or ``a`` and the class for a typing."""
    _, predicate, object_ = pattern
    if isinstance(predicate, Variable):
        return ANY
    if predicate == RDF_TYPE:
        return ANY_TYPE if isinstance(object_, Variable) else f"a {object_}"
    return str(predicate)


def touches(wanted: str, changed: Iterable[str]) -> bool:
    """Whether a pattern with this key can see a change to one of these keys."""
    if wanted == ANY:
        return any(True for _ in changed)
    if wanted == ANY_TYPE:
        return any(one == ANY or one.startswith("a ") for one in changed)
    typing = wanted.startswith("a ")
    return any(one in (wanted, ANY) or (typing and one == ANY_TYPE) for one in changed)


def sparql(pattern: Pattern) -> str:
    """A pattern as SPARQL text."""
    return " ".join(str(node) for node in pattern)


def ours(name: str) -> str:
    """The SPARQL condition that a variable is one of our things: unique names hold for those."""
    return f'(STRSTARTS(STR(?{name}), "{ID}") || STRSTARTS(STR(?{name}), "{VIT}"))'
