"""Reasons over a store: OWL rules, then domain rules, in turn until nothing is new."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pyoxigraph import RdfFormat, parse, serialize

from kg.errors import KgError, UsageError
from kg.names import G_INFERRED, G_ONTOLOGY
from kg.reason.contradictions import Inconsistency, contradictions, describe
from kg.reason.domain import DomainRule, DomainRules
from kg.reason.engine import OwlClosure
from kg.store import EmbeddedStore

#: Domain rules feed the ontology's and the other way round; this many turns is a circle.
_MOST_TURNS = 20


@dataclass(frozen=True)
class Reasoned:
    """What reasoning did.

    Attributes:
        inferred: the number of facts in the graph of inferred facts.
        per_rule: how many facts each rule gave, by name.
        inconsistencies: every contradiction found; the caller decides what to do with them.
    """

    inferred: int
    per_rule: tuple[tuple[str, int], ...]
    inconsistencies: tuple[Inconsistency, ...]


class Closure(Protocol):
    """A reasoner for the ontology's axioms."""

    per_rule: Counter[str]
    #: Whether to run after every domain rule, or (when it is slow) after a turn of all of them.
    eager: bool

    def extend(self, changed: set[str] | None = None) -> set[str]:
        """Add what follows from what is new; the keys of what was added."""


def reason(
    store: EmbeddedStore,
    ontology_dir: Path,
    rules_dir: Path,
    reasoner: str = "sparql",
) -> Reasoned:
    """Derive everything that follows and write it to the graph of inferred facts.

    That graph holds only what no other graph says; it is made anew. The ontology is read from its
    graph in the store, and loaded from ``ontology_dir`` when it is not there.

    Args:
        reasoner: ``sparql``, or ``owlrl``: the library of that name in place of our OWL rules,
            as the reference to compare with; slow.

    Raises:
        UsageError: an unknown reasoner.
        KgError: an axiom or domain rule that would make the store grow quadratically, or domain
            rules in an order that leaves counts stale.
    """
    if store.count(G_ONTOLOGY) == 0:
        store.load(G_ONTOLOGY, _ontology(ontology_dir))
    store.clear(G_INFERRED)
    closure: Closure
    if reasoner == "sparql":
        ours = OwlClosure(store)
        closure = ours
    elif reasoner == "owlrl":
        from kg.reason.reference import ReferenceClosure

        closure = ReferenceClosure(store)
    else:
        raise UsageError(
            "reason.reasoner",
            f"Onbekende redeneerder '{reasoner}'; kies sparql of owlrl.",
            f"Unknown reasoner '{reasoner}'; choose sparql or owlrl.",
        )
    per_rule = _fixpoint(store, closure, DomainRule.load(rules_dir))
    if reasoner == "owlrl":
        ours = OwlClosure(store)  # the same eyes look for contradictions in what it derived
    found = describe(store, contradictions(store, ours), DomainRule.load(rules_dir))
    return Reasoned(store.count(G_INFERRED), tuple(sorted(per_rule.items())), found)


def _fixpoint(
    store: EmbeddedStore, closure: Closure, files: tuple[DomainRule, ...]
) -> Counter[str]:
    domain = DomainRules(store, files)
    per_rule: Counter[str] = Counter()
    closure.extend()
    waiting: dict[str, set[str]] = {one.name: {"*"} for one in files}
    for _ in range(_MOST_TURNS):
        if not any(one.due(waiting[one.name]) for one in files):
            return per_rule + closure.per_rule
        left: set[str] = set()
        for one in files:
            # A rule that feeds itself goes on until it gives nothing new, so that a later one
            # may say what no earlier one gave (NOT EXISTS): the files are its strata.
            while one.due(waiting[one.name]):
                waiting[one.name] = set()
                number, added = domain.apply(one)
                if not number:
                    continue
                per_rule[one.name] += number
                left |= added
                if closure.eager:
                    added |= closure.extend(added)
                for name in waiting:
                    waiting[name] |= added
        if not closure.eager and left:
            added = closure.extend(left)
            for name in waiting:
                waiting[name] |= added
    raise KgError(
        "reason.endless",
        "De domeinregels blijven elkaar aanvullen; zie queries/rules/.",
        "The domain rules keep adding to each other; see queries/rules/.",
    )


def _ontology(folder: Path) -> bytes:
    lines: set[bytes] = set()
    for path in sorted(folder.glob("*.ttl")):
        triples = (quad.triple for quad in parse(path=str(path)))
        lines.update((serialize(triples, format=RdfFormat.N_TRIPLES) or b"").splitlines(True))
    return b"".join(sorted(lines))
