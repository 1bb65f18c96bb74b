"""Explains what the analysis found by the evidence that stands with it."""

from __future__ import annotations

from typing import Final

from pyoxigraph import NamedNode

from kg.names import DERIVED_FROM, G_FINDINGS, RDF_TYPE, VIT
from kg.reason.labels import rule_label
from kg.reason.model import Fact
from kg.reason.proof import Proof
from kg.reason.words import Words
from kg.store import GraphStore

#: What points from a finding to its evidence, in the order in which it is shown.
EVIDENCE: Final = (
    NamedNode(VIT + "throughRequirement"),
    NamedNode(VIT + "lostFulfiller"),
    NamedNode(VIT + "causedByEffect"),
    NamedNode(VIT + "endsWithEffect"),
    NamedNode(VIT + "restsOn"),
    DERIVED_FROM,
)
#: What is shown of a thing that serves as evidence: the facts that make it count.
_TELLING: Final = tuple(
    NamedNode(VIT + local)
    for local in (
        "requiredBy", "fulfilledBy", "minimumFulfilled", "buffer", "effect", "operatedBy",
        "suppliedBy", "owner", "owned", "share", "control", "controlBasis", "validFrom",
        "validUntil", "seat", "affectedUnit", "resultingState", "afterHours",
    )
)  # fmt: skip
_DEEPEST: Final = 40


class FindingProofs:
    """Proofs of statements in the graph of findings."""

    def __init__(self, store: GraphStore, words: Words) -> None:
        self._store = store
        self._words = words

    def prove(self, goal: Fact) -> Proof:
        """A finding with its evidence, and the evidence of that, down to the sources."""
        return self._finding(goal, ())

    def _finding(self, fact: Fact, above: tuple[NamedNode, ...]) -> Proof:
        subject = fact[0]
        assert isinstance(subject, NamedNode)
        premises = [
            self._piece(evidence, (*above, subject))
            for evidence in self._evidence(subject)
            if evidence[2] not in above and evidence != fact
        ]
        return self._made(fact, "analysis", premises)

    def _evidence(self, subject: NamedNode) -> list[Fact]:
        found: list[Fact] = []
        for predicate in EVIDENCE:
            query = f"""SELECT DISTINCT ?o WHERE {{
              GRAPH <{G_FINDINGS}> {{ {subject} {predicate} ?o }} }} ORDER BY ?o"""
            for (value,) in self._store.select(query).rows:
                if isinstance(value, NamedNode):
                    found.append((subject, predicate, value))
        return found

    def _piece(self, evidence: Fact, above: tuple[NamedNode, ...]) -> Proof:
        """One piece of evidence: a finding in turn, or a thing with what was written about it."""
        thing = evidence[2]
        assert isinstance(thing, NamedNode)
        if len(above) < _DEEPEST and self._is_finding(thing):
            fact = self._state(thing)
            return self._made(evidence, "evidence", [self._finding(fact, above)])
        return self._made(evidence, "evidence", self._written(thing))

    def _is_finding(self, thing: NamedNode) -> bool:
        return self._store.ask(f"ASK {{ GRAPH <{G_FINDINGS}> {{ {thing} {RDF_TYPE} ?class }} }}")

    def _state(self, finding: NamedNode) -> Fact:
        """The statement that says most about a finding: what it affects, else its class."""
        for predicate in (NamedNode(VIT + "affectedUnit"), RDF_TYPE):
            query = f"""SELECT ?o WHERE {{
              GRAPH <{G_FINDINGS}> {{ {finding} {predicate} ?o }} }} ORDER BY ?o LIMIT 1"""
            for (value,) in self._store.select(query).rows:
                if isinstance(value, NamedNode):
                    return (finding, predicate, value)
        raise AssertionError(finding)

    def _written(self, thing: NamedNode) -> list[Proof]:
        found: list[Proof] = []
        for predicate in (*_TELLING, RDF_TYPE):
            query = f"SELECT DISTINCT ?o WHERE {{ {thing} {predicate} ?o }} ORDER BY ?o"
            for (value,) in self._store.select(query).rows:
                if value is None or (predicate == RDF_TYPE and found):
                    continue
                fact: Fact = (thing, predicate, value)  # type: ignore[assignment]
                graphs = [g for g in self._words.asserted_in(fact) if g != G_FINDINGS]
                if graphs:
                    origin = self._words.origins(fact, graphs)
                    found.append(Proof(fact, origin=origin, **self._words.statement(fact)))
        return found

    def _made(self, fact: Fact, rule: str, premises: list[Proof]) -> Proof:
        said = self._words.statement(fact)
        labels = rule_label(rule, "nl"), rule_label(rule, "en")
        return Proof(fact, rule, *labels, tuple(premises), kind="finding", **said)
