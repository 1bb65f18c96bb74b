"""What makes a SELECT query portable: plain SPARQL 1.1, and rows in one order in any engine.

Both checks read the algebra that rdflib makes of the text.

*Plain*: arithmetic only on what is surely a number, comparison by size only on what SPARQL engines
compare (numbers, texts, booleans, dates, times), no functions but those of the standard. What a
variable holds is known from the ontology, through the properties whose value it is. Dates are
compared by every engine that we know, though the letter of SPARQL 1.1 names ``xsd:dateTime`` only.

*Ordered*: the ORDER BY of the query names every column; in a query that groups, every variable it
groups by, since those decide on the rest.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, Final

from rdflib import RDFS, XSD, Graph, Literal, URIRef, Variable
from rdflib.paths import AlternativePath, InvPath, SequencePath
from rdflib.plugins.sparql.algebra import translateQuery
from rdflib.plugins.sparql.parser import parseQuery
from rdflib.plugins.sparql.parserutils import CompValue

from kg.names import VIT

NUMBERS: Final = frozenset(
    {XSD.integer, XSD.decimal, XSD.double, XSD.float, XSD.int, XSD.long, XSD.short}
)
#: Durations have no order in SPARQL (a month may be shorter or longer than 30 days).
SIZED: Final = NUMBERS | {XSD.string, XSD.boolean, XSD.date, XSD.dateTime}
#: SPARQL 1.1, section 17.5; ``xsd:date`` and ``xsd:duration`` are not among them.
CASTS: Final = frozenset(
    {XSD.boolean, XSD.double, XSD.float, XSD.decimal, XSD.integer, XSD.dateTime, XSD.string}
)
#: The functions of SPARQL 1.1 (section 17.4) by what they give; ``None``: what goes in decides.
BUILTINS: Final[dict[str, URIRef | None]] = {
    **dict.fromkeys(
        ("BOUND", "EXISTS", "NOTEXISTS", "SAMETERM", "ISIRI", "ISURI", "ISBLANK", "ISLITERAL",
         "ISNUMERIC", "CONTAINS", "STRSTARTS", "STRENDS", "LANGMATCHES", "REGEX"),
        XSD.boolean,
    ),
    **dict.fromkeys(
        ("STR", "LANG", "UUID", "STRUUID", "SUBSTR", "UCASE", "LCASE", "STRBEFORE", "STRAFTER",
         "ENCODE_FOR_URI", "CONCAT", "REPLACE", "TZ", "MD5", "SHA1", "SHA256", "SHA384", "SHA512"),
        XSD.string,
    ),
    **dict.fromkeys(
        ("STRLEN", "YEAR", "MONTH", "DAY", "HOURS", "MINUTES", "SECONDS", "RAND"), XSD.integer
    ),
    **dict.fromkeys(
        ("IF", "COALESCE", "IRI", "URI", "BNODE", "DATATYPE", "STRDT", "STRLANG", "ABS", "ROUND",
         "CEIL", "FLOOR", "NOW", "TIMEZONE")
    ),
}  # fmt: skip
_SAME: Final = ("Aggregate_Min", "Aggregate_Max", "Aggregate_Sample")

#: The datatypes that something may have; empty: no literal, or nothing is known.
Kinds = frozenset[URIRef]


def algebra(text: str) -> CompValue:
    """The algebra of a query.

    Raises:
        ParseException: it is no SPARQL 1.1.
    """
    found: CompValue = translateQuery(parseQuery(text)).algebra
    return found


def ranges(ontology: Graph) -> dict[URIRef, Kinds]:
    """The datatype of the values of each of our datatype properties."""
    found: dict[URIRef, set[URIRef]] = defaultdict(set)
    for predicate in (RDFS.range, URIRef(VIT + "columnDatatype")):
        for term, kind in ontology.subject_objects(predicate):
            if str(kind).startswith(str(XSD)):
                found[URIRef(str(term))].add(URIRef(str(kind)))
    return {term: frozenset(kinds) for term, kinds in found.items()}


# -- rows in one order -----------------------------------------------------------------------------


def unordered(query: CompValue) -> list[str]:
    """The variables that decide on a row and that the ORDER BY does not name."""
    named: set[str] = set()
    deciding: list[Any] = list(query.PV)
    node = query.p
    while isinstance(node, CompValue) and node.name in (
        "Project", "Distinct", "Reduced", "Slice", "OrderBy", "Extend", "Filter", "AggregateJoin",
    ):  # fmt: skip
        if node.name == "OrderBy":
            named = {str(one.expr) for one in node.expr if isinstance(one.expr, Variable)}
        if node.name == "AggregateJoin":
            deciding = list(node.p.expr or [])
            break
        node = node.p
    return sorted(str(one) for one in deciding if str(one) not in named)


# -- plain SPARQL ----------------------------------------------------------------------------------


def extensions(query: CompValue, datatypes: Mapping[URIRef, Kinds]) -> list[str]:
    """What this query does that SPARQL 1.1 gives no meaning; empty for a portable query."""
    return sorted(set(_Reader(query, datatypes).found()))


class _Reader:
    def __init__(self, query: CompValue, datatypes: Mapping[URIRef, Kinds]) -> None:
        self._query = query
        self._datatypes = datatypes
        self._known: dict[str, list[Kinds]] = defaultdict(list)
        self._computed: dict[str, list[Any]] = defaultdict(list)
        for node in _nodes(query):
            self._learn(node)

    def found(self) -> Iterator[str]:
        for node in _nodes(self._query):
            yield from self._judge(node)

    def _learn(self, node: CompValue) -> None:
        if node.name == "BGP":
            for subject, path, value in node.triples:
                self._use(path, subject, value)
        elif node.name == "Extend":
            self._computed[str(node.var)].append(node.expr)
        elif node.name.startswith("Aggregate_"):
            self._computed[str(node.res)].append(node)
        elif node.name == "values":
            for row in node.res:
                for variable, value in row.items():
                    if isinstance(value, Literal) and value.datatype:
                        self._known[str(variable)].append(frozenset({value.datatype}))

    def _use(self, path: Any, subject: Any, value: Any) -> None:
        """A variable as the value of a property, also at the end of a path."""
        if isinstance(path, SequencePath):
            self._use(path.args[-1], None, value)
            self._use(path.args[0], subject, None)
        elif isinstance(path, AlternativePath):
            for one in path.args:
                self._use(one, subject, value)
        elif isinstance(path, InvPath):
            self._use(path.arg, value, subject)
        elif isinstance(value, Variable) and path in self._datatypes:
            self._known[str(value)].append(self._datatypes[path])

    def _kinds(self, term: Any, inside: frozenset[str] = frozenset()) -> Kinds:
        """What a term or expression may give."""
        if isinstance(term, Literal):
            return frozenset({term.datatype or XSD.string})
        if isinstance(term, Variable):
            name = str(term)
            if name in inside:
                return frozenset()
            known = self._known[name] + [
                self._kinds(one, inside | {name}) for one in self._computed[name]
            ]
            return frozenset().union(*known)
        if not isinstance(term, CompValue):
            return frozenset()
        if term.name in ("Aggregate_Count", "Aggregate_Sum", "Aggregate_Avg"):
            return frozenset({XSD.decimal})
        if term.name == "Aggregate_GroupConcat":
            return frozenset({XSD.string})
        if term.name in _SAME:
            return self._kinds(term.vars, inside)
        if term.name in ("AdditiveExpression", "MultiplicativeExpression", "UnaryMinus"):
            return frozenset({XSD.decimal})
        if term.name == "Function":
            return frozenset({term.iri}) if term.iri in CASTS else frozenset()
        if term.name in ("Builtin_IF", "Builtin_COALESCE"):
            parts = [term.arg2, term.arg3] if term.name == "Builtin_IF" else list(term.arg)
            return frozenset().union(*(self._kinds(one, inside) for one in parts))
        if term.name == "Builtin_NOW":
            return frozenset({XSD.dateTime})
        given = BUILTINS.get(term.name.removeprefix("Builtin_").upper())
        return frozenset({given} if given else ())

    def _judge(self, node: CompValue) -> Iterator[str]:
        name = node.name
        if name in ("AdditiveExpression", "MultiplicativeExpression"):
            for operand in (node.expr, *node.other):
                yield from self._number(operand, "arithmetic")
        elif name in ("UnaryMinus", "UnaryPlus"):
            yield from self._number(node.expr, "arithmetic")
        elif name in ("Aggregate_Sum", "Aggregate_Avg"):
            yield from self._number(node.vars, "arithmetic")
        elif name in ("Aggregate_Min", "Aggregate_Max"):
            yield from self._sized(node.vars)
        elif name == "RelationalExpression" and node.op in ("<", ">", "<=", ">="):
            yield from self._sized(node.expr)
            yield from self._sized(node.other)
        elif name == "Function" and node.iri not in CASTS:
            yield f"function {node.iri}"
        elif name.startswith("Builtin_") and name[8:].upper() not in BUILTINS:
            yield f"function {name[8:]}"
        elif name == "ServiceGraphPattern":
            yield "SERVICE"

    def _number(self, operand: Any, what: str) -> Iterator[str]:
        kinds = self._kinds(operand)
        if not kinds or not kinds <= NUMBERS:
            yield f"{what} on {_shown(operand)}: {_names(kinds) or 'not surely a number'}"

    def _sized(self, operand: Any) -> Iterator[str]:
        unsized = self._kinds(operand) - SIZED
        if unsized:
            yield f"comparison of {_shown(operand)}: {_names(unsized)}"


def _nodes(start: Any) -> Iterator[CompValue]:
    """Every node of an algebra, filters and expressions included."""
    if isinstance(start, CompValue):
        yield start
        for key, value in start.items():
            if key != "_vars":  # rdflib keeps the translated group of EXISTS as an attribute
                yield from _nodes(vars(start).get(key, value))
    elif isinstance(start, list | tuple):
        for one in start:
            yield from _nodes(one)


def _shown(operand: Any) -> str:
    if isinstance(operand, Variable):
        return f"?{operand}"
    return operand.name if isinstance(operand, CompValue) else str(operand)


def _names(kinds: Kinds) -> str:
    return ", ".join(sorted(f"xsd:{str(kind).removeprefix(str(XSD))}" for kind in kinds))
