"""Runs compiled rules inside the store until nothing is new."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Final

from pyoxigraph import Literal

from kg.names import G_INFERRED, RDF_TYPE
from kg.reason.axioms import SCHEMA_CONSEQUENCES, Axioms
from kg.reason.model import ANY, ANY_TYPE, SAME_AS, Rule, is_nameless, key, touches
from kg.reason.owlrl_properties import X
from kg.reason.owlrl_rules import EQUALITY, compile_rules, ordered, recursive
from kg.store import EmbeddedStore

#: What was added, as N-Triples, by its key.
News = dict[str, list[bytes]]

#: With more new facts than this, a rule is applied to everything rather than to each of them.
_FEW: Final = 10_000


class OwlClosure:
    """The OWL 2 RL closure of a store, kept up to date by :meth:`extend`.

    Attributes:
        per_rule: how many facts each rule gave.
        axioms, rules: what was compiled.
    """

    eager = True

    def __init__(self, store: EmbeddedStore) -> None:
        self.store = store
        self.per_rule: Counter[str] = Counter()
        self.axioms = Axioms.read(store)
        self.rules = compile_rules(self.axioms)
        self._plan = self._ordered()
        self._guards: dict[str, bool] = {}
        self._present: dict[str, bool] = {}

    def _ordered(self) -> list[tuple[list[Rule], bool]]:
        groups = ordered(tuple(one for one in self.rules if one.head is not None))
        return _batched([(group, recursive(group)) for group in groups])

    def extend(self, changed: set[str] | None = None) -> set[str]:
        """Add everything that follows.

        Args:
            changed: the keys of what is new since the last run; ``None`` is everything.

        Returns:
            The keys of what was added.
        """
        self._present.clear()  # something else may have added facts
        if changed is None:
            self._guards.clear()
            added = self._add_schema()
            added |= self._pass(None)
        else:
            self._forget_guards(changed)
            added = self._pass(changed)
        while self.store.ask(f"ASK {{ ?x {SAME_AS} ?y FILTER(?x != ?y) }}"):
            new = self._equality()
            if not new:
                break
            axioms = Axioms.read(self.store)  # what is the same may be a class or a property
            if axioms.asserted != self.axioms.asserted:
                self.axioms = axioms
                self.rules = compile_rules(axioms)
                self._plan = self._ordered()
                new |= self._add_schema() | self._pass(None)
            else:
                new |= self._pass(new)
            added |= new
        return added

    def _pass(self, changed: set[str] | None) -> set[str]:
        """Each group of rules once, in order, recursive ones until nothing changes."""
        seen = None if changed is None else set(changed)
        added: set[str] = set()
        for group, again in self._plan:
            if seen is None and not again and len(group) > 1 and self._settled(group):
                continue
            new = self._group(group, again, seen)
            added |= new
            if seen is not None:
                seen |= new
        return added

    def _group(self, group: list[Rule], again: bool, changed: set[str] | None) -> set[str]:
        due = [one for one in group if changed is None or _due(one, changed)]
        if not again:
            return self._once(due)
        added: set[str] = set()
        news: News | None = None
        while due:
            gave = [(one, lines) for one in due if (lines := self.apply(one, news))]
            news = _by_key(gave)
            added |= news.keys()
            due = [
                one
                for one in group
                if any(_due(one, {by.head_key}) and not one.echoes(by) for by, _ in gave)
            ]
        return added

    def _once(self, due: list[Rule]) -> set[str]:
        """Rules that do not feed each other; asks now and then whether the rest is worth it."""
        added: set[str] = set()
        for position, one in enumerate(due):
            if self.apply(one):
                added.add(one.head_key)
                rest = due[position + 1 :]
                if len(rest) > 2 and self._settled(rest):
                    break
        return added

    def _settled(self, rules: list[Rule]) -> bool:
        """Whether none of these typings by one class gives anything new, asked at once.

        Most domains and ranges say what was asserted already; one look is cheaper than one each.
        """
        branches = [
            f"{{ {one.where()} {one.unless_known()} }}"
            for one in rules
            if all(map(self._is_present, one.body_keys))
        ]
        return not branches or not self.store.ask(f"ASK {{ {' UNION '.join(branches)} }}")

    def _equality(self) -> set[str]:
        added: set[str] = set()
        due: list[Rule] = list(EQUALITY)
        while due:
            gave = {ANY for one in due if self.apply(one)}
            added |= gave
            due = list(EQUALITY) if gave else []
        return added

    def _add_schema(self) -> set[str]:
        """Write down what the schema rules derived about named classes and properties."""
        lines = []
        for fact, step in self.axioms.derived.items():
            text = " ".join(str(node) for node in fact)
            if any(map(is_nameless, fact)):
                continue
            if not self.store.ask(f"ASK {{ {text} }}"):
                lines.append(f"{text} .\n".encode())
                self.per_rule[step.rule] += 1
        self.store.add_new(G_INFERRED, b"".join(sorted(lines)))
        return {str(predicate) for predicate in SCHEMA_CONSEQUENCES} if lines else set()

    def apply(self, one: Rule, news: News | None = None) -> bytes:
        """Add what one rule gives now.

        Args:
            news: what was added since this rule was last applied; ``None`` when that is not known.

        Returns:
            The new facts as N-Triples.
        """
        if not all(map(self._is_present, one.body_keys)):
            return b""
        if one.guard and not self._worth_it(one.guard):
            return b""
        known = self._is_present(one.head_key)
        queries = _from_news(one, news) if news is not None and known else None
        if queries is None:
            queries = [one.construct(head_is_new=not known)]
        found = b""
        for query in queries:
            written = self.store.construct(query)
            if written:
                self.store.add_new(G_INFERRED, written)
                found += written
        if found:
            self.per_rule[one.name] += found.count(b"\n")
            self._present[one.head_key] = True
            self._forget_guards({one.head_key})
        return found

    def _forget_guards(self, changed: set[str]) -> None:
        """Drop the counts that a change makes stale."""
        for guard in [g for g in self._guards if any(name in g or name == ANY for name in changed)]:
            del self._guards[guard]

    def _is_present(self, name: str) -> bool:
        """Whether the store has any fact with this key."""
        if name in (ANY, ANY_TYPE):
            return True
        if name not in self._present:
            pattern = f"?s {RDF_TYPE} {name[2:]}" if name.startswith("a ") else f"?s {name} ?o"
            self._present[name] = self.store.ask(f"ASK {{ {pattern} }}")
        return self._present[name]

    def _worth_it(self, guard: str) -> bool:
        """Whether the two counts of a guard differ."""
        if guard not in self._guards:
            everything, distinct = next(self.store.select(guard).rows)
            assert isinstance(everything, Literal)
            assert isinstance(distinct, Literal)
            self._guards[guard] = everything.value != distinct.value
        return self._guards[guard]

    def contradictions(self) -> Iterable[Rule]:
        """The rules whose body must not hold, those that are worth a look."""
        self._present.clear()
        for one in self.rules:
            if one.head is not None or not all(map(self._is_present, one.body_keys)):
                continue
            if not one.guard or self._worth_it(one.guard):
                yield one


def _batched(plan: list[tuple[list[Rule], bool]]) -> list[tuple[list[Rule], bool]]:
    """The same plan with the rules that type by one class put together, where the last one stood.

    What looks at that class comes after all of them anyway.
    """
    batches: dict[str, list[Rule]] = defaultdict(list)
    for group, again in plan:
        if not again and _batchable(group[0]):
            batches[group[0].head_key].append(group[0])
    found: list[tuple[list[Rule], bool]] = []
    for group, again in plan:
        if again or not _batchable(group[0]):
            found.append((group, again))
        elif group[0] is batches[group[0].head_key][-1]:
            found.append((batches[group[0].head_key], False))
    return found


def _batchable(one: Rule) -> bool:
    if one.head is None or one.shortcut or one.guard or not one.body:
        return False
    return one.head[0] == X and one.head_key.startswith("a ") and one.head_key != ANY_TYPE


def _by_key(gave: list[tuple[Rule, bytes]]) -> News:
    found: News = defaultdict(list)
    for one, lines in gave:
        found[one.head_key].append(lines)
    return found


def _from_news(one: Rule, news: News) -> list[str] | None:
    """Queries for what a rule gives with one of these facts (semi-naive evaluation).

    Abiteboul, Hull, Vianu, Foundations of Databases, 13.1. ``None`` where the whole rule is as
    quick or it cannot be written so: many facts, or some without a name.
    """
    if one.shortcut:
        return None
    queries = []
    for place, pattern in enumerate(one.body):
        name = key(pattern)
        if name in (ANY, ANY_TYPE) or ANY in news or ANY_TYPE in news:
            return None
        lines = b"".join(news.get(name, ())).splitlines()
        if len(lines) > _FEW or any(b"_:" in line for line in lines):
            return None
        if lines:
            queries.append(one.construct_from(place, map(_ends, lines)))
    return queries


def _ends(line: bytes) -> tuple[str, str]:
    """Subject and object of a line of N-Triples, which SPARQL writes in the same way."""
    subject, _, rest = line.decode().split(" ", 2)
    return subject, rest.removesuffix(" .")


def _due(one: Rule, changed: set[str]) -> bool:
    return any(touches(wanted, changed) for wanted in one.body_keys)
