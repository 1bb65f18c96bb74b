"""How far from a focus node the shapes look, worked out from the shapes themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from kg.names import SH

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node

#: Look at a value node itself and at nothing that is said of it; or do not look at the data.
_AT_THE_NODE: Final = frozenset(
    (
        "datatype",
        "description",
        "deactivated",
        "flags",
        "group",
        "hasValue",
        "in",
        "languageIn",
        "maxCount",
        "maxExclusive",
        "maxInclusive",
        "maxLength",
        "message",
        "minCount",
        "minExclusive",
        "minInclusive",
        "minLength",
        "name",
        "nodeKind",
        "order",
        "path",
        "pattern",
        "qualifiedMaxCount",
        "qualifiedMinCount",
        "severity",
        "targetClass",
        "targetNode",
        "targetObjectsOf",
        "targetSubjectsOf",
        "uniqueLang",
    )
)
#: Look at what is said of the focus node.
_OF_THE_FOCUS: Final = frozenset(("disjoint", "equals", "lessThan", "lessThanOrEquals"))
#: Ask of a value node what another shape asks, or what each of a list does.
_A_SHAPE: Final = frozenset(("node", "not", "property", "qualifiedValueShape"))
_SHAPES: Final = frozenset(("and", "or", "xone"))
#: In the algebra of a query: nothing that looks at the data beside its triple patterns.
_PLAIN: Final = frozenset(
    (
        "AggregateJoin",
        "Aggregate_Count",
        "Aggregate_Sample",
        "BGP",
        "Distinct",
        "Extend",
        "Filter",
        "Group",
        "Project",
        "RelationalExpression",
        "SelectQuery",
    )
)

TARGETS: Final = ("targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf")


class BeyondUs(Exception):
    """A shape of which we cannot say how far it looks."""


@dataclass
class Sight:
    """What shapes look at.

    ``steps``: the most steps from a focus node to a node of which they look at what is said.
    ``forward`` and ``inverse``: the predicates such a step may take, in either direction.
    ``anywhere``: shapes that may look at anything (queries).
    """

    steps: int = 0
    forward: set[Node] = field(default_factory=set)
    inverse: set[Node] = field(default_factory=set)
    anywhere: set[Node] = field(default_factory=set)


def sight_of(shapes: Graph) -> Sight:
    """How far the shapes look that have a target.

    Raises:
        BeyondUs: one has a constraint or a path that is not known here, or refers to itself.
    """
    from rdflib import OWL, RDF, RDFS

    found = Sight()
    reading = _Reading(shapes, found)
    kinds = (RDFS.Class, *shapes.transitive_subjects(RDFS.subClassOf, RDFS.Class), OWL.Class)
    if any((None, RDF.type, kind) in shapes for kind in kinds):
        raise BeyondUs("a shape that is a class has that as its target")
    for target in TARGETS:
        for shape, aim in shapes.subject_objects(reading.sh[target]):
            found.steps = max(found.steps, reading.steps(shape, ()))
            if target == "targetObjectsOf":
                found.inverse.add(aim)
    return found


class _Reading:
    def __init__(self, shapes: Graph, found: Sight) -> None:
        from rdflib import Namespace

        self.sh = Namespace(SH)
        self._shapes, self._found = shapes, found

    def steps(self, shape: Node, within: tuple[Node, ...]) -> int:
        """The most steps from a focus node of this shape to a node it looks at more of."""
        from rdflib import RDF, URIRef

        if shape in within:
            raise BeyondUs(f"{shape} refers to itself")
        path = self._shapes.value(shape, self.sh.path)
        away = 0 if path is None else self._length(path)
        most = max(away - 1, 0)
        for predicate, value in self._shapes.predicate_objects(shape):
            name = predicate.removeprefix(SH) if isinstance(predicate, URIRef) else ""
            if name in _AT_THE_NODE or name in _OF_THE_FOCUS:
                continue
            if predicate == RDF.type and value in (self.sh.NodeShape, self.sh.PropertyShape):
                continue
            if name == "class":
                most = max(most, away)
            elif name in _A_SHAPE:
                self._milder(shape, name)
                most = max(most, away + self.steps(value, (*within, shape)))
            elif name in _SHAPES:
                inner = [self.steps(one, (*within, shape)) for one in self._shapes.items(value)]
                most = max(most, away + max(inner, default=0))
            elif name == "sparql":
                if path is not None or not self._only_of_this(value):
                    self._anywhere(shape, within)
            else:
                raise BeyondUs(f"{shape}: {predicate}")
        return most

    def _milder(self, shape: Node, name: str) -> None:
        """What a property shape finds may not be made less of by who refers to it: whether all
        conforms is then no matter of the results alone."""
        severity = self._shapes.value(shape, self.sh.severity)
        if name == "property" and severity not in (None, self.sh.Violation):
            raise BeyondUs(f"{shape} is milder than its properties may be")

    def _anywhere(self, shape: Node, within: tuple[Node, ...]) -> None:
        """Its results must be told from those of others: by its name."""
        from rdflib import URIRef

        known = (shape, self.sh.property, None) in self._shapes
        if within or known or not isinstance(shape, URIRef):
            raise BeyondUs(f"{shape} has a query and is not by itself")
        self._found.anywhere.add(shape)

    def _length(self, path: Node, *, back: bool = False) -> int:
        """The number of steps, and keep the predicates."""
        from rdflib import RDF, URIRef

        if isinstance(path, URIRef):
            (self._found.inverse if back else self._found.forward).add(path)
            return 1
        if (path, RDF.first, None) in self._shapes:
            return sum(self._length(one, back=back) for one in self._shapes.items(path))
        ways = list(self._shapes.predicate_objects(path))
        if len(ways) == 1 and ways[0][0] == self.sh.inversePath:
            return self._length(ways[0][1], back=not back)
        if len(ways) == 1 and ways[0][0] == self.sh.alternativePath:
            return max(self._length(one, back=back) for one in self._shapes.items(ways[0][1]))
        raise BeyondUs("a path of unknown length")

    def _only_of_this(self, constraint: Node) -> bool:
        """Whether a query looks at nothing but what is said of its focus node."""
        from rdflib import Variable
        from rdflib.paths import Path
        from rdflib.plugins.sparql import prepareQuery

        prefixes = {
            str(self._shapes.value(one, self.sh.prefix)): self._shapes.value(one, self.sh.namespace)
            for holder in self._shapes.objects(constraint, self.sh.prefixes)
            for one in self._shapes.objects(holder, self.sh.declare)
        }
        query = self._shapes.value(constraint, self.sh.select)
        if query is None:
            raise BeyondUs(f"{constraint} has no query")
        for part in _parts(prepareQuery(str(query), initNs=prefixes).algebra):
            if part.name not in _PLAIN:
                return False
            if part.name == "BGP":
                for subject, predicate, _ in part.triples:
                    if subject != Variable("this") or isinstance(predicate, Path):
                        return False
        return True


def _parts(algebra: Any) -> Iterator[Any]:
    """Every named part of the algebra of a query."""
    from rdflib.plugins.sparql.parserutils import CompValue

    if isinstance(algebra, CompValue):
        yield algebra
        for value in algebra.values():
            yield from _parts(value)
    elif isinstance(algebra, (list, tuple)):
        for value in algebra:
            yield from _parts(value)
