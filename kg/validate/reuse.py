"""What validation found in a part of the data, to be taken over where nothing new is in sight.

A higher level only adds triples to a lower one. A focus node from which the shapes see none of
those is judged as it was there; the others are judged again, all of them in the whole data. The
report is to the byte that of validating everything.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.names import SH
from kg.validate.report import Report
from kg.validate.sight import TARGETS, Sight

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node

    Triple = tuple[Node, Node, Node]


@dataclass(frozen=True)
class Earlier:
    """The report of some documents, and which these were (their digests).

    ``report`` must be of the same shapes and ontology.
    """

    documents: frozenset[bytes]
    report: Report


def digests(documents: Iterable[bytes]) -> frozenset[bytes]:
    """SHA-256 of each."""
    return frozenset(digest(one) for one in documents)


def digest(document: bytes) -> bytes:
    return hashlib.sha256(document).digest()


class Results:
    """Those of a report, each with its triples."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        from rdflib import RDF, Namespace

        self._sh = Namespace(SH)
        self._of: dict[Node, list[Triple]] = {}
        for triple in triples:
            self._of.setdefault(triple[0], []).append(triple)
        report = (RDF.type, self._sh.ValidationReport)
        self._top = [
            o
            for s, mine in self._of.items()
            if (s, *report) in mine
            for _, p, o in mine
            if p == self._sh.result
        ]

    def shared(self) -> set[Node]:
        """Focus nodes with a result that refers to a nameless node, which others may refer to."""
        from rdflib import BNode

        return {
            self._value(result, "focusNode")
            for result in self._top
            if any(isinstance(o, BNode) for _, _, o in self._of[result])
        }

    def add_to(self, report: Graph, *, but: set[Node], of: set[Node]) -> None:
        """Add them to a report, without those ``but`` these focus nodes have and those ``of`` these
        shapes."""
        from rdflib import RDF, Literal

        into = next(report.subjects(RDF.type, self._sh.ValidationReport))
        for result in self._top:
            focus, shape = self._value(result, "focusNode"), self._value(result, "sourceShape")
            if focus in but or shape in of:
                continue
            report.add((into, self._sh.result, result))
            for triple in self._of[result]:
                report.add(triple)
            # As pySHACL is asked to see it.
            severity = self._value(result, "resultSeverity")
            if severity not in (self._sh.Warning, self._sh.Info):
                report.set((into, self._sh.conforms, Literal(False)))

    def _value(self, result: Node, name: str) -> Node:
        return next(o for _, p, o in self._of[result] if p == self._sh[name])


def in_sight(added: Iterable[Triple], data: Graph, sight: Sight) -> set[Node] | None:
    """The nodes from which a shape may see one of the triples that were added to the data.

    ``None`` when it may be any node.
    """
    from rdflib import RDFS

    found: set[Node] = set()
    for subject, predicate, value in added:
        if predicate == RDFS.subClassOf:
            return None
        found.add(subject)
        if predicate in sight.inverse:
            found.add(value)
    edge = found
    for _ in range(sight.steps):
        edge = {one for node in edge for one in _step_back(node, data, sight)} - found
        found |= edge
    return found


def _step_back(node: Node, data: Graph, sight: Sight) -> Iterator[Node]:
    for subject, predicate in data.subject_predicates(node):
        if predicate in sight.forward:
            yield subject
    for predicate in sight.inverse:
        yield from data.objects(node, predicate)


def aimed_at(focus: set[Node], data: Graph, shapes: Graph, sight: Sight) -> Graph:
    """The shapes that have a target among these nodes, aimed at those alone.

    Those that may look at anything keep their own targets.
    """
    from rdflib import Graph, Namespace

    sh = Namespace(SH)
    targets = _targets(focus, data)
    aims = {sh[name] for name in TARGETS}
    aimed = Graph()
    for name in TARGETS:
        for shape, target in shapes.subject_objects(sh[name]):
            if shape in sight.anywhere:
                aimed.add((shape, sh[name], target))
            for one in targets.get((name, target), ()):
                aimed.add((shape, sh.targetNode, one))
    stack = list(set(aimed.subjects()))
    seen = set(stack)
    while stack:
        for triple in shapes.triples((stack.pop(), None, None)):
            if triple[1] not in aims:
                aimed.add(triple)
                if triple[2] not in seen:
                    seen.add(triple[2])
                    stack.append(triple[2])
    return aimed


def _targets(focus: set[Node], data: Graph) -> dict[tuple[str, Node | None], set[Node]]:
    """Which of these nodes a target holds, by its kind and value."""
    from rdflib import RDF, RDFS

    found: dict[tuple[str, Node | None], set[Node]] = {}
    for node in focus:
        held: list[tuple[str, Node | None]] = [("targetNode", node)]
        for predicate, value in data.predicate_objects(node):
            held.append(("targetSubjectsOf", predicate))
            if predicate == RDF.type:
                classes = data.transitive_objects(value, RDFS.subClassOf)
                held += [("targetClass", one) for one in classes]
        held += [("targetObjectsOf", predicate) for _, predicate in data.subject_predicates(node)]
        for key in held:
            found.setdefault(key, set()).add(node)
    return found
