"""Compiles the axioms of an ontology to rules, by the tables of OWL 2 RL/RDF.

Tables 5 and 6 are in files of their own; here are Table 4 (equality), Table 7 (class axioms) and
the order in which rules are run. https://www.w3.org/TR/owl2-profiles/
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations
from typing import Final

from pyoxigraph import BlankNode, NamedNode, Variable

from kg.errors import KgError
from kg.names import OWL, RDF_TYPE, VIT
from kg.reason.axioms import EQUIVALENT_CLASS, FIRST, ONE_OF, REST, SUB_CLASS, Axioms
from kg.reason.model import (
    ANY,
    ANY_TYPE,
    NOTHING,
    SAME_AS,
    THING,
    Fact,
    Ground,
    Rule,
    is_nameless,
    key,
)
from kg.reason.owlrl_classes import Expressions, Outcome, Part, rule
from kg.reason.owlrl_properties import X, Y, Z, property_rules

_S: Final = Variable("s")
_P: Final = Variable("p")
_O: Final = Variable("o")
_T: Final = Variable("t")
_DIFFERENT: Final = NamedNode(OWL + "differentFrom")

#: The transitive closure of this one is quadratic on a connected network: never derived.
DEPENDS_ON: Final = NamedNode(VIT + "dependsOn")

#: Equality itself has its own rules; the members of a list are syntax, one in each place.
_NOT_CARRIED: Final = f"{SAME_AS}, {FIRST}, {REST}"
#: Rules of equality that look at every predicate. They run only once something is the same.
EQUALITY: Final = (
    Rule("eq-sym", ((X, SAME_AS, Y),), (Y, SAME_AS, X)),
    Rule("eq-trans", ((X, SAME_AS, Y), (Y, SAME_AS, Z)), (X, SAME_AS, Z), (),
         ("FILTER(?x != ?z)",)),
    Rule("eq-rep-s", ((_S, SAME_AS, _T), (_S, _P, _O)), (_T, _P, _O), (),
         (f"FILTER(?p NOT IN ({_NOT_CARRIED}) && ?s != ?t)",)),
    Rule("eq-rep-p", ((_P, SAME_AS, _T), (_S, _P, _O)), (_S, _T, _O), (), ("FILTER(?p != ?t)",)),
    Rule("eq-rep-o", ((_O, SAME_AS, _T), (_S, _P, _O)), (_S, _P, _T), (),
         (f"FILTER(?p NOT IN ({_NOT_CARRIED}) && ?o != ?t)",)),
)  # fmt: skip


def compile_rules(axioms: Axioms) -> tuple[Rule, ...]:
    """Every rule that the axioms give, equality apart; contradictions are rules without a head.

    Raises:
        KgError: an axiom would derive the transitive closure of ``vit:dependsOn``.
    """
    expressions = Expressions(axioms)
    found = [
        *property_rules(expressions),
        *_class_rules(expressions),
        *_definitions(expressions),
        *_disjoint_classes(expressions),
        *_differences(axioms),
        Rule("cls-nothing2", ((X, RDF_TYPE, NOTHING),), None),
    ]
    rules = tuple(
        dict.fromkeys(one for one in found if one.head is None or one.body != (one.head,))
    )
    _guard_depends_on(rules)
    return rules


def _guard_depends_on(rules: tuple[Rule, ...]) -> None:
    """No rule may close ``dependsOn``, or what follows from it alone, under composition."""
    carried = {str(DEPENDS_ON)}
    while True:
        more = {
            one.head_key
            for one in rules
            if one.head is not None and len(one.body) == 1 and one.body_keys <= carried
        }
        if more <= carried:
            break
        carried |= more
    carried = {name for name in carried if not name.startswith("a ")}
    for group in ordered(rules):
        for one in group if recursive(group) else ():
            if one.head_key in carried and sum(key(p) in carried for p in one.body) > 1:
                raise KgError(
                    "reason.closure",
                    f"De ontologie maakt vit:dependsOn transitief ({one.name}). Die afsluiting "
                    "wordt nooit opgeslagen: op een verbonden netwerk groeit zij kwadratisch.",
                    f"The ontology makes vit:dependsOn transitive ({one.name}). That closure is "
                    "never stored: on a connected network it grows quadratically.",
                )


def _class_rules(expressions: Expressions) -> Iterator[Rule]:
    """cax-sco, cax-eqc1, cax-eqc2, and membership of nameless classes that is asserted."""
    axioms = expressions.axioms
    for sub, above in axioms.pairs(SUB_CLASS):
        yield from _inclusion(expressions, "cax-sco", sub, above, (sub, SUB_CLASS, above))
    for one, two in axioms.pairs(EQUIVALENT_CLASS):
        fact = (one, EQUIVALENT_CLASS, two)
        yield from _inclusion(expressions, "cax-eqc1", one, two, fact)
        yield from _inclusion(expressions, "cax-eqc2", two, one, fact)
    for sub, above in _hidden_inclusions(axioms):
        yield from _inclusion(expressions, "cax-sco", sub, above, (sub, SUB_CLASS, above))
    for individual, class_ in axioms.expressions_of_individuals():
        if isinstance(individual, BlankNode):
            continue  # a nameless thing cannot be spelt in a query
        above_it = {above for sub, above in axioms.schema(SUB_CLASS) if sub == class_}
        for above in sorted({class_, *above_it}, key=str):
            for outcome in expressions.outcomes(above, individual):
                seen: list[Fact] = [(individual, RDF_TYPE, class_)]
                if above != class_:
                    seen.append((class_, SUB_CLASS, above))
                yield rule(Part(), [] if above == class_ else ["cax-sco"], outcome, seen)


def _inclusion(
    expressions: Expressions, name: str, sub: Ground, above: Ground, axiom: tuple[Ground, ...]
) -> Iterator[Rule]:
    if above == THING or sub in (above, NOTHING):
        return
    s, p, o = axiom
    for part in expressions.membership(sub, X):
        body = part
        if sub == THING:
            body = Part(((X, RDF_TYPE, Variable("class")),))
        for outcome in expressions.outcomes(above, X):
            yield rule(body, [name], outcome, [(s, p, o)])


def _hidden_inclusions(axioms: Axioms) -> list[tuple[Ground, Ground]]:
    """Inclusions that hold by way of a nameless class, or by the rules about restrictions.

    What follows by going up from named class to named class needs no rule of its own; but no fact
    tells that something is in a nameless class, so no rule can go on from there.
    """
    up: dict[Ground, set[Ground]] = defaultdict(set)
    for sub, above in axioms.pairs(SUB_CLASS):
        up[sub].add(above)
    for one, two in axioms.pairs(EQUIVALENT_CLASS):
        up[one].add(two)
        up[two].add(one)

    def reached(start: Ground) -> set[Ground]:
        seen, todo = {start}, [start]
        while todo:
            for above in up.get(todo.pop(), ()):
                if above not in seen:
                    seen.add(above)
                    if not is_nameless(above):
                        todo.append(above)
        return seen

    pairs = sorted(axioms.schema(SUB_CLASS), key=str)
    by_sub = {sub: reached(sub) for sub, _ in pairs}
    return [(sub, above) for sub, above in pairs if above not in by_sub[sub]]


def _definitions(expressions: Expressions) -> Iterator[Rule]:
    """Named classes that are themselves an expression (``A owl:unionOf (B C)``)."""
    axioms = expressions.axioms
    for node in axioms.defined_names():
        for part in expressions.by_definition(node, X):
            yield rule(part, [], Outcome(Part(), (X, RDF_TYPE, node)), [])
        typed = Part(((X, RDF_TYPE, node),))
        for outcome in expressions.by_definition_outcomes(node, X):
            yield rule(typed, [], outcome, [])
    for named, head in axioms.pairs(ONE_OF):
        if isinstance(named, NamedNode):
            for member in axioms.items(head):
                if isinstance(member, NamedNode):
                    yield Rule("cls-oo", (), (member, RDF_TYPE, named), ((named, ONE_OF, head),))


def _disjoint_classes(expressions: Expressions) -> Iterator[Rule]:
    axioms = expressions.axioms
    predicate = NamedNode(OWL + "disjointWith")
    for one, two in axioms.pairs(predicate):
        yield from _apart(expressions, "cax-dw", one, two, (one, predicate, two))
    members = NamedNode(OWL + "members")
    for node in axioms.typed("AllDisjointClasses"):
        for head in axioms.values(node, members):
            for one, two in combinations(axioms.items(head), 2):
                yield from _apart(expressions, "cax-adc", one, two, (node, members, head))


def _apart(
    expressions: Expressions, name: str, one: Ground, two: Ground, axiom: tuple[Ground, ...]
) -> Iterator[Rule]:
    s, p, o = axiom
    for part in expressions.membership(one, X):
        for other in expressions.membership(two, X):
            yield rule(part + other, [name], Outcome(Part(), None), [(s, p, o)])


def _differences(axioms: Axioms) -> Iterator[Rule]:
    """eq-diff1, eq-diff2, eq-diff3: the same and yet different."""
    yield Rule("eq-diff1", ((X, SAME_AS, Y), (X, _DIFFERENT, Y)), None)
    yield Rule("eq-diff1", ((X, SAME_AS, Y), (Y, _DIFFERENT, X)), None)
    for local, name in (("members", "eq-diff2"), ("distinctMembers", "eq-diff3")):
        predicate = NamedNode(OWL + local)
        for node in axioms.typed("AllDifferent"):
            for head in axioms.values(node, predicate):
                names = ", ".join(
                    str(item) for item in axioms.items(head) if isinstance(item, NamedNode)
                )
                pair = f"FILTER(?x IN ({names}) && ?y IN ({names}) && STR(?x) < STR(?y))"
                if names:
                    yield Rule(name, ((X, SAME_AS, Y),), None, ((node, predicate, head),), (pair,))


# --- order --------------------------------------------------------------------------------------


def ordered(rules: tuple[Rule, ...]) -> list[list[Rule]]:
    """Rules in groups such that each group needs only what is in it or before it.

    A group of more than one rule, or a rule that needs what it gives, is run until nothing
    changes; every other rule once (Tarjan 1972, strongly connected components, without recursion).
    """
    giving: dict[str, list[int]] = defaultdict(list)
    for number, one in enumerate(rules):
        giving[one.head_key].append(number)
    types = [
        number for name, numbers in giving.items() if name.startswith("a ") for number in numbers
    ]
    needs: list[list[int]] = []
    for one in rules:
        found: set[int] = set()
        for wanted in one.body_keys:
            if wanted == ANY:
                found.update(range(len(rules)))
            elif wanted == ANY_TYPE:
                found.update(types)
            else:
                found.update(giving.get(wanted, ()))
        needs.append(sorted(found))
    return [[rules[number] for number in sorted(group)] for group in _components(needs)]


def _components(needs: list[list[int]]) -> list[list[int]]:
    index: dict[int, int] = {}
    low: dict[int, int] = {}
    stack: list[int] = []
    on_stack: set[int] = set()
    groups: list[list[int]] = []
    for root in range(len(needs)):
        if root in index:
            continue
        work = [(root, 0)]
        while work:
            node, position = work.pop()
            if position == 0:
                index[node] = low[node] = len(index)
                stack.append(node)
                on_stack.add(node)
            descend = False
            for place in range(position, len(needs[node])):
                other = needs[node][place]
                if other not in index:
                    work += [(node, place + 1), (other, 0)]
                    descend = True
                    break
                if other in on_stack:
                    low[node] = min(low[node], low[other])
            if descend:
                continue
            if low[node] == index[node]:
                group = []
                while True:
                    member = stack.pop()
                    on_stack.discard(member)
                    group.append(member)
                    if member == node:
                        break
                groups.append(group)
            if work:
                parent = work[-1][0]
                low[parent] = min(low[parent], low[node])
    return groups


def recursive(group: list[Rule]) -> bool:
    """Whether a group must be run more than once."""
    if len(group) > 1:
        return True
    wanted = group[0].head_key
    keys = group[0].body_keys
    return wanted in keys or ANY in keys or (wanted.startswith("a ") and ANY_TYPE in keys)
