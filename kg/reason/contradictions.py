"""Contradictions with the ontology: found by rules without a head, told with their sources."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pyoxigraph import Triple

from kg.errors import KgError
from kg.language import say
from kg.reason.backward import instance
from kg.reason.domain import DomainRule
from kg.reason.engine import OwlClosure
from kg.reason.explain import Explainer
from kg.reason.labels import rule_label
from kg.reason.model import Fact, Ground, Rule, sparql
from kg.reason.proof import Proof
from kg.store import GraphStore

#: How many contradictions of one rule are told; more of the same help nobody.
_MOST: Final = 50


@dataclass(frozen=True)
class Inconsistency:
    """Statements that cannot all be true.

    Attributes:
        rule: W3C's name of the rule that they break.
        triples: the statements, then the axioms.
        nl, en: the same for people, with file, row and source.
        proofs: the proof of each statement.
    """

    rule: str
    triples: tuple[Fact, ...]
    nl: str
    en: str
    proofs: tuple[Proof, ...] = ()

    def __str__(self) -> str:
        return say(self.nl, self.en)


@dataclass(frozen=True)
class Clash:
    """A contradiction before it is put into words."""

    rule: Rule
    facts: tuple[Fact, ...]


def contradictions(store: GraphStore, closure: OwlClosure) -> Iterator[Clash]:
    """Every contradiction in the closed store, each set of statements once."""
    seen: set[tuple[str, frozenset[Fact]]] = set()
    for one in closure.contradictions():
        if not one.body:
            yield Clash(one, ())
            continue
        text = " ".join([*(f"{sparql(pattern)} ." for pattern in one.body), *one.conditions])
        answer = store.select(f"SELECT * WHERE {{ {text} }} LIMIT {_MOST}")
        for row in answer.rows:
            values: dict[str, Ground] = {
                name: term
                for name, term in zip(answer.variables, row, strict=True)
                if term is not None and not isinstance(term, Triple)
            }
            facts = tuple(dict.fromkeys(instance(pattern, values) for pattern in one.body))
            mark = (one.name, frozenset(facts))
            if mark not in seen:
                seen.add(mark)
                yield Clash(one, facts)


def describe(
    store: GraphStore, clashes: Iterator[Clash], rules: tuple[DomainRule, ...]
) -> tuple[Inconsistency, ...]:
    """Contradictions in words, in a fixed order."""
    explainer: Explainer | None = None
    found = []
    for clash in clashes:
        explainer = explainer or Explainer(store, rules)
        found.append(_told(clash, explainer))
    return tuple(sorted(found, key=lambda one: (one.rule, one.nl)))


def _told(clash: Clash, explainer: Explainer) -> Inconsistency:
    proofs = []
    for fact in (*clash.facts, *clash.rule.axioms):
        try:
            proofs.append(explainer.prove(fact))
        except KgError:  # told without its proof rather than not at all
            proofs.append(explainer.bare(fact))
    texts = []
    for language, opening in (("nl", "Tegenspraak"), ("en", "Contradiction")):
        lines = [f"{opening}: {rule_label(clash.rule.name, language)} [{clash.rule.name}]"]
        for proof in proofs:
            lines += [f"  {line}" for line in proof.to_text(language).splitlines()]
        texts.append("\n".join(lines))
    triples = (*clash.facts, *clash.rule.axioms)
    return Inconsistency(clash.rule.name, triples, texts[0], texts[1], tuple(proofs))
