"""Why a statement holds: the shortest proof, or all of them, down to the rows of the sources.

The rule applications that could matter are gathered backwards from the statement; the shortest
proof in that hypergraph is found with Knuth's generalisation of Dijkstra's algorithm (1977), so a
proof never leans on itself. The size of a proof is the number of statements in its tree.
"""

from __future__ import annotations

import heapq
from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice, product
from pathlib import Path
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode

from kg.errors import KgError, UsageError
from kg.names import G_FINDINGS, vit
from kg.reason.backward import Application, Backward
from kg.reason.domain import DomainRule
from kg.reason.findings import FindingProofs
from kg.reason.model import Fact
from kg.reason.proof import Kind, Proof, mentions_blank
from kg.reason.sums import summed
from kg.reason.words import Words
from kg.resources import folder
from kg.store import GraphStore, Term

#: How many statements are looked at backwards, at most.
_MOST_FACTS: Final = 3_000
#: How many ways to apply one rule to one statement are looked at: for one proof, and for all.
_WAYS_FOR_ONE: Final = 25
_WAYS_FOR_ALL: Final = 200
#: How many proofs are given when all are asked for.
_MOST_PROOFS: Final = 100
#: Who controls whom, and the rules that only put such steps together or call them otherwise.
_CONTROL: Final = (vit("directlyControls"), vit("controls"))
_FOLLOWS: Final = ("prp-trp", "prp-spo1")


def explain(
    store: GraphStore,
    s: Term,
    p: Term,
    o: Term,
    all_proofs: bool = False,
    *,
    rules_dir: Path | None = None,
) -> Proof:
    """Prove a statement that holds in the store.

    Args:
        s, p, o: the statement.
        all_proofs: give the other proofs too, shortest first, as ``alternatives``; when there are
            too many, or the search had to stop, ``complete`` is False.
        rules_dir: the domain rules; those of the installation by default.

    Raises:
        UsageError: the statement does not hold, or is no statement.
    """
    if not isinstance(s, (NamedNode, BlankNode)) or not isinstance(p, NamedNode):
        raise _not_holding(str(s), str(p), str(o))
    if not isinstance(o, (NamedNode, BlankNode, Literal)):
        raise _not_holding(str(s), str(p), str(o))
    rules = DomainRule.load(rules_dir or folder("queries") / "rules")
    ways = _WAYS_FOR_ALL if all_proofs else _WAYS_FOR_ONE
    return Explainer(store, rules, ways).prove((s, p, o), all_proofs)


def _not_holding(s: str, p: str, o: str) -> UsageError:
    return _not_true(*[f"{s} – {p} – {o}"] * 2)


def _not_true(nl: str, en: str) -> UsageError:
    return UsageError(
        "explain.not-true",
        f"Deze uitspraak geldt niet in deze release: {nl}. "
        "Kijk of onderwerp en waarde niet verwisseld zijn.",
        f"This statement does not hold in this release: {en}. "
        "See whether subject and object are the wrong way round.",
    )


def _nameless(s: str, p: str, o: str) -> UsageError:
    return UsageError(
        "explain.nameless",
        f"Over een naamloos ding is niets af te leiden te bewijzen: {s} – {p} – {o}. Een release "
        "geeft naamloze dingen een id (genid-…); vraag naar die id.",
        f"What follows about a nameless thing cannot be proved: {s} – {p} – {o}. A release gives "
        "nameless things an id (genid-…); ask about that id.",
    )


class Explainer:
    """Proofs over one store."""

    def __init__(
        self, store: GraphStore, rules: tuple[DomainRule, ...], ways: int = _WAYS_FOR_ONE
    ) -> None:
        self._most = ways
        self._backward = Backward(store, rules, ways)
        self._words = Words(store, self._backward.axioms)
        self._findings = FindingProofs(store, self._words)
        self._leaves: dict[Fact, Proof | None] = {}

    def prove(self, goal: Fact, all_proofs: bool = False) -> Proof:
        """The shortest proof of a statement, and the others where asked for.

        Raises:
            UsageError: it does not hold.
        """
        graphs = self._words.asserted_in(goal)
        if not graphs and mentions_blank(goal) and goal not in self._backward.axioms.derived:
            raise _nameless(*map(str, goal))
        if graphs == [G_FINDINGS]:
            return self._findings.prove(goal)
        ways, complete = self._gather(goal, explore_goal=not graphs)
        if not graphs and not ways.get(goal):
            said = self._words.statement(goal)
            raise _not_true(said["text_nl"], said["text_en"])
        best = self._shortest(ways)
        if not graphs and goal not in best:
            raise KgError(
                "explain.too-far",
                "Het bewijs van deze uitspraak is te lang om te vinden.",
                "The proof of this statement is too long to find.",
            )
        first = self._tree(goal, best)
        if not all_proofs:
            return first  # its ``complete`` says whether a count in it was told in full
        found = list(islice(self._every(goal, ways, frozenset()), _MOST_PROOFS + 1))
        others = sorted((one for one in found if one != first), key=_order)
        cut = len(found) > _MOST_PROOFS
        return replace(
            first, alternatives=tuple(others[:_MOST_PROOFS]), complete=complete and not cut
        )

    def bare(self, fact: Fact) -> Proof:
        """A statement in words, without its proof."""
        return Proof(fact, complete=False, **self._words.statement(fact))

    # --- gathering -----------------------------------------------------------------------------

    def _leaf(self, fact: Fact) -> Proof | None:
        """The proof of what was asserted; ``None`` for what was not."""
        if fact not in self._leaves:
            graphs = self._words.asserted_in(fact)
            leaf = None
            if graphs:
                said = self._words.statement(fact)
                kind: Kind = "axiom" if fact in self._backward.axioms.asserted else "asserted"
                origin = self._words.origins(fact, graphs)
                leaf = Proof(fact, origin=origin, kind=kind, **said)
            self._leaves[fact] = leaf
        return self._leaves[fact]

    def _gather(self, goal: Fact, explore_goal: bool) -> tuple[dict[Fact, list[Application]], bool]:
        """Every rule application that could be part of a proof, breadth first."""
        ways: dict[Fact, list[Application]] = {}
        todo = deque([goal] if explore_goal else [])
        complete = True
        while todo:
            fact = todo.popleft()
            if fact in ways:
                continue
            if len(ways) >= _MOST_FACTS:
                return ways, False
            found = [one for one in self._backward.applications(fact) if fact not in one.premises]
            ways[fact] = list({(one.rule, one.premises): one for one in found}.values())
            complete = complete and all(one.complete for one in found) and len(found) < self._most
            for one in ways[fact]:
                todo.extend(premise for premise in one.premises if self._leaf(premise) is None)
        return ways, complete

    # --- the shortest --------------------------------------------------------------------------

    def _shortest(
        self, ways: dict[Fact, list[Application]]
    ) -> dict[Fact, tuple[int, Application | None]]:
        """For every provable statement the size of its smallest proof and its last step."""
        best: dict[Fact, tuple[int, Application | None]] = {}
        users: dict[Fact, list[tuple[Fact, Application]]] = defaultdict(list)
        missing: dict[int, int] = {}
        queue: list[tuple[int, str, Fact, Application | None]] = []
        for fact, found in ways.items():
            for one in found:
                needed = set(one.premises)
                missing[id(one)] = len(needed)
                for premise in needed:
                    users[premise].append((fact, one))
                if not needed:
                    heapq.heappush(queue, (1, _text(fact, one), fact, one))
        for premise in list(users):
            if self._leaf(premise) is not None:
                heapq.heappush(queue, (1, _text(premise, None), premise, None))
        while queue:
            size, _, fact, last = heapq.heappop(queue)
            if fact in best:
                continue
            best[fact] = (size, last)
            for conclusion, one in users[fact]:
                missing[id(one)] -= 1
                if missing[id(one)] == 0:
                    total = 1 + sum(best[premise][0] for premise in one.premises)
                    heapq.heappush(queue, (total, _text(conclusion, one), conclusion, one))
        return best

    def _tree(self, fact: Fact, best: dict[Fact, tuple[int, Application | None]]) -> Proof:
        _, last = best.get(fact, (1, None))
        if last is None:
            leaf = self._leaf(fact)
            assert leaf is not None
            return leaf
        return self._step(fact, last, tuple(self._tree(premise, best) for premise in last.premises))

    def _step(self, fact: Fact, one: Application, premises: tuple[Proof, ...]) -> Proof:
        added = None
        if one.added:
            steps = [
                part.triple
                for premise in premises
                for part in premise.walk()
                if part.triple[1] in _CONTROL and part.rule not in _FOLLOWS
            ]
            origins = {premise.triple: premise.origin for premise in premises}
            added = summed(one.added, fact, steps, origins, self._words.label)
        return Proof(
            fact, one.rule, one.label_nl, one.label_en, premises,
            kind="inferred", conditions=one.conditions, added=added,
            complete=one.complete and all(premise.complete for premise in premises),
            **self._words.statement(fact),
        )  # fmt: skip

    # --- all of them ---------------------------------------------------------------------------

    def _every(
        self, fact: Fact, ways: dict[Fact, list[Application]], above: frozenset[Fact]
    ) -> Iterator[Proof]:
        """Every proof in which no statement leans on itself, as far as the bound allows."""
        leaf = self._leaf(fact)
        if leaf is not None:
            yield leaf
            return
        inside = above | {fact}
        for one in sorted(ways.get(fact, ()), key=lambda way: (len(way.premises), way.rule)):
            if inside & set(one.premises):
                continue
            parts = [
                list(islice(self._every(premise, ways, inside), _MOST_PROOFS + 1))
                for premise in one.premises
            ]
            for premises in product(*parts):
                yield self._step(fact, one, premises)


def _order(proof: Proof) -> tuple[int, str]:
    return proof.size(), proof.to_text("en")


def _text(fact: Fact, one: Application | None) -> str:
    """A fixed order among equals."""
    return " ".join(map(str, (*fact, one.rule if one else "", one.premises if one else ())))
