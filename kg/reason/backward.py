"""Backward matching: every way in which one rule application gives a statement."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

from pyoxigraph import Literal, NamedNode, Triple, Variable

from kg.errors import QueryError
from kg.reason.axioms import Axioms
from kg.reason.domain import DomainRule
from kg.reason.labels import rule_label
from kg.reason.model import ANY, ANY_TYPE, Fact, Ground, Pattern, Rule, key, sparql
from kg.reason.owlrl_rules import EQUALITY, compile_rules
from kg.reason.proof import mentions_blank
from kg.reason.sums import Added
from kg.store import GraphStore, Term

if TYPE_CHECKING:
    from rdflib.plugins.sparql.parserutils import CompValue

#: How many parts of a sum are tried.
_MOST_TRIED: Final = 1_000
#: A count over more than this is told with part of what it counted.
_MOST_COUNTED: Final = 500
_ASSIGNED: Final = re.compile(r"\bAS\s+[?$](\w+)", re.IGNORECASE)
_SUMMED: Final = re.compile(r"\bSUM\(\s*[?$](\w+)\s*\)\s+AS\s+[?$](\w+)", re.IGNORECASE)
_GROUPED: Final = re.compile(
    r"\b(?:GROUP\s+BY|SELECT\s+DISTINCT)\s+((?:[?$]\w+\s*)+)", re.IGNORECASE
)
_INNER: Final = re.compile(r"\bSELECT\b[^{}]*\bWHERE\s*\{", re.IGNORECASE)


@dataclass(frozen=True)
class Application:
    """One rule applied once: its name, what it needs, and what it checks besides."""

    rule: str
    label_nl: str
    label_en: str
    premises: tuple[Fact, ...]
    conditions: tuple[str, ...] = ()
    complete: bool = True
    added: Added | None = None


class Backward:
    """The rules of one store, looked at from their conclusions."""

    def __init__(
        self,
        store: GraphStore,
        domain: tuple[DomainRule, ...],
        most: int,
    ) -> None:
        self._store = store
        self._most = most
        self.axioms = Axioms.of_reasoned(store)
        self._by_head: dict[str, list[Rule]] = defaultdict(list)
        for one in (*compile_rules(self.axioms), *EQUALITY):
            if one.head is not None:
                self._by_head[one.head_key].append(one)
        self._domain = [_Readable(one) for one in domain]

    def applications(self, goal: Fact) -> Iterator[Application]:
        """Every rule application with this conclusion, in a fixed order."""
        step = self.axioms.derived.get(goal)
        if step is not None:
            yield Application(step.rule, *_labels(step.rule), step.premises)
        if mentions_blank(goal):
            return
        wanted = key(goal)
        names = [wanted, ANY, *([ANY_TYPE] if wanted.startswith("a ") else [])]
        for name in names:
            for one in self._by_head.get(name, ()):
                yield from self._applied(one, goal)
        for readable in self._domain:
            if readable.rule_may_give(goal):
                yield from self._domain_applied(readable, goal)

    def _applied(self, one: Rule, goal: Fact) -> Iterator[Application]:
        assert one.head is not None
        bound = unify(one.head, goal)
        if bound is None:
            return
        names = sorted({n.value for p in one.body for n in p if isinstance(n, Variable)})
        text = " ".join([*(f"{sparql(pattern)} ." for pattern in one.body), *one.conditions])
        usable = {name: term for name, term in bound.items() if f"?{name}" in text}
        for row in self._rows(text, usable):
            solution = {**row, **bound}
            if all(name in solution for name in names):
                facts = tuple(instance(pattern, solution) for pattern in one.body)
                premises = tuple(dict.fromkeys(facts)) + one.axioms
                yield Application(one.name, *_labels(one.name), premises, _filters(one.conditions))

    def _rows(self, where: str, bound: Mapping[str, Ground]) -> list[dict[str, Ground]]:
        if not where:
            return [{}]
        query = f"SELECT * WHERE {{ {where} }} LIMIT {self._most + 1}"
        try:
            answer = self._store.select(query, dict(bound))
            rows = [
                {n: t for n, t in zip(answer.variables, row, strict=True) if _ground(t)}
                for row in answer.rows
            ]
        except QueryError:
            return []  # a literal where only a thing can stand: no such statement is derived
        return sorted(rows, key=repr)  # type: ignore[arg-type]

    def _domain_applied(self, one: _Readable, goal: Fact) -> Iterator[Application]:
        rule = one.rule
        for pattern in one.template:
            bound = unify(pattern, goal)
            if bound is None:
                continue
            seen: set[tuple[Fact, ...]] = set()
            labels = rule.label("nl"), rule.label("en")
            for rows, complete, records in self._ways(one, bound, goal):
                premises = self._holding(one, rows)
                if premises and premises not in seen:
                    seen.add(premises)
                    conditions = one.conditions + _sums(one, rows)
                    added = _added(one, rows, records)
                    yield Application(rule.name, *labels, premises, conditions, complete, added)

    def _ways(
        self, one: _Readable, bound: Mapping[str, Ground], goal: Fact
    ) -> Iterator[tuple[list[dict[str, Ground]], bool, int]]:
        """The solutions that each way to apply a rule rests on, and whether these are all.

        Of a sum also over how many values of what it adds up.

        A count rests on everything that it counts; a sum that must only be large enough, on each
        least part of it that is (so that a proof need not lean on itself where what was concluded
        adds to the sum in turn); any other rule on one solution at a time.
        """
        for outer in self._solutions(one, bound):
            if one.grouped is None:
                yield [outer], True, 0
                continue
            most = _MOST_COUNTED if one.counts else self._most
            group = {name: outer[name] for name in one.grouped if name in outer}
            rows = [{**outer, **row} for row in self._inner(one, group, most)]
            if one.rule.enough:
                records = len({row[one.rule.enough] for row in rows})
                for part in self._sufficient(one, outer, rows, goal):
                    yield part, True, records
            elif one.counts:
                yield rows[:most], len(rows) <= most, 0
            else:
                for row in rows[:most]:
                    yield [row], True, 0

    def _sufficient(
        self, one: _Readable, outer: Mapping[str, Ground], rows: list[dict[str, Ground]], goal: Fact
    ) -> Iterator[list[dict[str, Ground]]]:
        """The least parts of a sum that suffice, the smallest first.

        Where there are too many parts to try, one of them: what is left when nothing more can be
        missed, and first is missed what may itself follow from the goal.
        """
        name = one.rule.enough
        by_value: dict[Ground, list[dict[str, Ground]]] = defaultdict(list)
        for row in rows:
            by_value[row[name]].append(row)
        given = {key: term for key, term in outer.items() if key not in one.assigned}

        def solved(part: tuple[Ground, ...]) -> list[dict[str, Ground]]:
            """The solutions of these values, with what they add up to; none when not enough."""
            inner = f"VALUES ?{name} {{ {' '.join(map(str, part))} }} {one.inner}"
            where = one.rule.where.replace(one.inner, inner)
            query = f"{one.rule.prologue}SELECT * WHERE {{ {where} }} LIMIT 1"
            enough = self._asked(query, given)
            return [{**row, **enough[0]} for value in part for row in by_value[value] if enough]

        tried = 0
        found: list[set[Ground]] = []
        for size in range(1, len(by_value) + 1):
            for part in combinations(by_value, size):
                if any(smaller <= set(part) for smaller in found):
                    continue
                if tried == _MOST_TRIED or len(found) == self._most:
                    left = tuple(
                        sorted(by_value, key=lambda v: self._leans(one, by_value[v], goal))
                    )
                    for value in reversed(left):
                        fewer = tuple(other for other in left if other != value)
                        left = fewer if solved(fewer) else left
                    yield solved(left)
                    return
                tried += 1
                if enough := solved(part):
                    found.append(set(part))
                    yield enough

    def _leans(self, one: _Readable, rows: list[dict[str, Ground]], goal: Fact) -> bool:
        """Whether what these solutions need may follow from the goal, by one more step."""
        predicate, object_ = goal[1:]
        return not isinstance(object_, Literal) and any(
            fact[:2] == goal[:2] and self._store.ask(f"ASK {{ {object_} {predicate} {fact[2]} }}")
            for fact in self._holding(one, rows)
        )

    def _solutions(self, one: _Readable, bound: Mapping[str, Ground]) -> list[dict[str, Ground]]:
        assigned = {n: t for n, t in bound.items() if n in one.assigned}
        free = {n: t for n, t in bound.items() if n not in one.assigned}
        after = " ".join(f"VALUES ?{name} {{ {term} }}" for name, term in sorted(assigned.items()))
        where = f"{{ {one.rule.where} }} {after}"
        query = f"{one.rule.prologue}SELECT * WHERE {{ {where} }} LIMIT {self._most}"
        return self._asked(query, free)

    def _inner(
        self, one: _Readable, group: Mapping[str, Ground], most: int
    ) -> list[dict[str, Ground]]:
        query = f"{one.rule.prologue}SELECT * WHERE {{ {one.inner} }} LIMIT {most + 1}"
        return self._asked(query, group)

    def _asked(self, query: str, bound: Mapping[str, Ground]) -> list[dict[str, Ground]]:
        values: dict[str, Term] = {n: t for n, t in bound.items() if f"?{n}" in query}
        answer = self._store.select(query, values)
        rows = [
            {n: t for n, t in zip(answer.variables, row, strict=True) if _ground(t)}
            for row in answer.rows
        ]
        return sorted(rows, key=repr)  # type: ignore[arg-type]

    def _holding(self, one: _Readable, rows: list[dict[str, Ground]]) -> tuple[Fact, ...]:
        """The positive patterns of the rule as facts, those that hold."""
        facts: dict[Fact, None] = {}
        for row in rows:
            for pattern in one.patterns:
                if all(not isinstance(n, Variable) or n.value in row for n in pattern):
                    facts[instance(pattern, row)] = None
        return tuple(
            fact
            for fact in facts
            if not mentions_blank(fact)
            and not isinstance(fact[0], Literal)
            and self._store.ask(f"ASK {{ {' '.join(str(node) for node in fact)} }}")
        )


class _Readable:
    """A domain rule with its template and positive patterns read by rdflib, when first needed."""

    def __init__(self, rule: DomainRule) -> None:
        self.rule = rule

    def rule_may_give(self, goal: Fact) -> bool:
        """A cheap look: the predicate, or the class, is named in the template."""
        iri = goal[2] if key(goal).startswith("a ") else goal[1]
        local = re.split(r"[#/]", iri.value)[-1] if isinstance(iri, NamedNode) else ""
        return bool(local) and re.search(rf"\b{re.escape(local)}\b", self.rule.template) is not None

    @cached_property
    def template(self) -> list[Pattern]:
        """The triples of CONSTRUCT."""
        return _read(f"{self.rule.prologue}CONSTRUCT {{ {self.rule.template} }} WHERE {{ }}")

    @cached_property
    def grouped(self) -> tuple[str, ...] | None:
        """The variables of GROUP BY or SELECT DISTINCT; ``None`` for a plain rule."""
        found = _GROUPED.findall(self.rule.where)  # what is inside of it comes first
        return tuple(re.findall(r"[?$](\w+)", found[-1])) if found else None

    @cached_property
    def counts(self) -> bool:
        """Whether it groups, so that all of a group matters."""
        return re.search(r"\bGROUP\s+BY\b", self.rule.where, re.IGNORECASE) is not None

    @cached_property
    def inner(self) -> str:
        """What is matched: the WHERE itself, or that of the subquery that groups."""
        where = self.rule.where
        opening = _INNER.search(where) if self.grouped is not None else None
        if opening is None:
            return where
        depth, position = 1, opening.end()
        while depth and position < len(where):
            depth += {"{": 1, "}": -1}.get(where[position], 0)
            position += 1
        return where[opening.end() : position - 1]

    @cached_property
    def assigned(self) -> frozenset[str]:
        """Variables that get their value by AS."""
        return frozenset(_ASSIGNED.findall(self.rule.where))

    @cached_property
    def limit(self) -> tuple[str, str, str, str] | None:
        """What a sum adds up, what that is called, ``>`` or ``>=``, and what it is held against."""
        summed = _SUMMED.search(self.rule.where)
        passed = summed and re.search(rf"[?$]{summed[2]}\s*(>=?)\s*[?$](\w+)", self.rule.where)
        return (summed[1], summed[2], passed[1], passed[2]) if summed and passed else None

    @cached_property
    def patterns(self) -> list[Pattern]:
        """The triple patterns that must, or may, match; not those of MINUS and NOT EXISTS."""
        return _read(f"{self.rule.prologue}SELECT * WHERE {{ {self.inner} }}")

    @cached_property
    def conditions(self) -> tuple[str, ...]:
        """The filters, as text: those of a subquery and those on what it gives."""
        return _filters((self.rule.where,))


def unify(pattern: Pattern, fact: Fact) -> dict[str, Ground] | None:
    """The values of the variables that make the pattern this fact; ``None`` when none do."""
    bound: dict[str, Ground] = {}
    for node, term in zip(pattern, fact, strict=True):
        if isinstance(node, Variable):
            if bound.setdefault(node.value, term) != term:
                return None
        elif node != term:
            return None
    return bound


def instance(pattern: Pattern, values: Mapping[str, Ground]) -> Fact:
    """A pattern with every variable replaced."""
    s, p, o = (values[n.value] if isinstance(n, Variable) else n for n in pattern)
    return (s, p, o)


def _sums(one: _Readable, rows: list[dict[str, Ground]]) -> tuple[str, ...]:
    """What the sums of a rule came to over the part of them that these solutions are."""
    if not one.rule.enough:
        return ()
    found = ((name, rows[0].get(name)) for name in sorted(one.assigned))
    return tuple(f"?{name} = {term.value}" for name, term in found if isinstance(term, Literal))


def _added(one: _Readable, rows: list[dict[str, Ground]], records: int) -> Added | None:
    """What the solutions of a sum add up to, the largest first; ``None`` for no such rule."""
    if not one.rule.enough or one.limit is None:
        return None
    value, total, more, threshold = one.limit
    found = {row[one.rule.enough]: _number(row[value]) for row in rows}
    values = sorted(found.items(), key=lambda each: (-each[1], str(each[0])))
    limit, came_to = _number(rows[0][threshold]), _number(rows[0][total])
    return Added(tuple(values), came_to, limit, more == ">", records - len(values))


def _number(term: Ground) -> Decimal:
    return Decimal(term.value) if isinstance(term, Literal) else Decimal()


def _ground(term: Term | None) -> bool:
    return term is not None and not isinstance(term, Triple)


def _labels(name: str) -> tuple[str, str]:
    return rule_label(name, "nl"), rule_label(name, "en")


def _filters(texts: tuple[str, ...]) -> tuple[str, ...]:
    """The FILTER conditions in some SPARQL text, each with its parentheses balanced."""
    found = []
    for text in texts:
        end = 0
        for start in re.finditer(r"\bFILTER\b", text):
            if start.start() < end:
                continue  # inside the one before
            depth, end = 0, start.end()
            while end < len(text):
                depth += {"(": 1, "{": 1, ")": -1, "}": -1}.get(text[end], 0)
                end += 1
                if depth == 0 and text[end - 1] in ")}":
                    break
            found.append(" ".join(text[start.start() : end].split()))
    return tuple(found)


def _read(query: str) -> list[Pattern]:
    """The triples of a CONSTRUCT template, or the positive patterns of a SELECT."""
    from rdflib.plugins.sparql.algebra import translateQuery
    from rdflib.plugins.sparql.parser import parseQuery

    algebra = translateQuery(parseQuery(query)).algebra
    triples = algebra.template if algebra.name == "ConstructQuery" else list(_positive(algebra))
    return [(_node(s), _node(p), _node(o)) for s, p, o in triples]


def _positive(node: CompValue) -> Iterator[tuple[Any, Any, Any]]:
    if node.name == "BGP":
        yield from node.triples
        return
    for name in ("p", "p1", "p2"):
        if name in node and not (node.name == "Minus" and name == "p2"):
            yield from _positive(node[name])


def _node(term: Any) -> Any:
    """An rdflib term or variable as pyoxigraph's."""
    import rdflib

    if isinstance(term, rdflib.Variable):
        return Variable(str(term))
    if isinstance(term, rdflib.BNode):
        return Variable(f"b{term}")
    if isinstance(term, rdflib.Literal):
        if term.language:
            return Literal(str(term), language=term.language)
        datatype = NamedNode(str(term.datatype)) if term.datatype else None
        return Literal(str(term), datatype=datatype)
    return NamedNode(str(term))
