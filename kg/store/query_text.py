"""What is done to the text of a query before it runs: refuse what reaches outside, bind terms.

Oxigraph follows SERVICE to any host, and under a union default graph it ignores FROM without a
word, so both are looked at here. A word such as ``service`` inside a name (``vit:Service``) is
recognised cheaply; anything less clear is parsed by rdflib, so that normal queries stay fast.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from pyoxigraph import BlankNode, Triple

from kg.errors import QueryError
from kg.store.interface import Term

_TOKEN: Final = re.compile(
    r"""
      (?P<comment>\#[^\n\r]*)
    | (?P<iri><(?![?$])[^<>"{}|^`\\\x00-\x20]*>)
    | (?P<string>\"\"\"(?:\"{0,2}(?:[^"\\]|\\.))*\"\"\" | '''(?:'{0,2}(?:[^'\\]|\\.))*'''
               | "(?:[^"\\\n\r]|\\.)*" | '(?:[^'\\\n\r]|\\.)*')
    | (?P<variable>[?$]\w+)
    | (?P<name>[\w\-.]*:[\w\-.:%\\]*)
    | (?P<word>@?[^\W\d]\w*)
    | (?P<open>\{)
    | (?P<close>\})
    | (?P<space>\s+)
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
#: Codepoint escapes may stand anywhere in SPARQL text, also inside a keyword.
_ESCAPE: Final = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_COMMENT_LINE: Final = re.compile(r"^[ \t]*#[^\r\n]*", re.MULTILINE)
#: The words that reach outside, each with the word characters that stand before it.
_REACHING: Final = {
    word: re.compile(rf"(?<!\w)\w*?{word}", re.IGNORECASE) for word in ("SERVICE", "FROM")
}
_UPDATES: Final = frozenset(
    ["INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH"]
)
_POSITION: Final = re.compile(r"error at (\d+):(\d+): *(.*)", re.DOTALL)


class QuerySyntaxError(QueryError):
    """A query that does not parse; ``line`` and ``column`` count from 1 (0 when not known)."""

    def __init__(self, line: int, column: int, detail: str) -> None:
        shown = _shorten(detail)
        where_nl = f" op regel {line}, kolom {column}" if line else ""
        where_en = f" at line {line}, column {column}" if line else ""
        super().__init__(
            "query.syntax",
            f"De query klopt niet{where_nl}: {shown}",
            f"The query is not valid SPARQL{where_en}: {shown}",
        )
        self.line = line
        self.column = column


@dataclass(frozen=True)
class Token:
    """One lexical unit; ``kind`` is the name of the group in the token pattern."""

    kind: str
    text: str
    start: int

    @property
    def upper(self) -> str:
        """The text as a keyword; empty for what cannot be one."""
        return self.text.upper() if self.kind == "word" else ""


def tokens(text: str) -> Iterator[Token]:
    """The tokens of a SPARQL text, white space and comments left out."""
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or "other"
        if kind not in ("space", "comment"):
            yield Token(kind, match.group(), match.start())


def syntax_error(text: str, error: SyntaxError) -> QueryError:
    """The engine's complaint as an error for people."""
    first = next(tokens(text), None)
    for token in tokens(text):
        if token.upper in _UPDATES:
            return QueryError(
                "query.update",
                f"Alleen vragen zijn toegestaan; '{token.upper}' wijzigt gegevens.",
                f"Only queries are allowed; '{token.upper}' changes data.",
            )
        if token.upper in ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE"):
            break
    if first is None:
        return QueryError("query.empty", "De query is leeg.", "The query is empty.")
    found = _POSITION.match(str(error))
    if found is None:
        return QuerySyntaxError(0, 0, str(error))
    return QuerySyntaxError(int(found[1]), int(found[2]), found[3])


def _shorten(detail: str) -> str:
    """The engine lists every character class that could follow; people need the first few."""
    line = " ".join(detail.split())
    return line if len(line) <= 160 else line[:157] + "…"


def refuse_outside(text: str) -> tuple[str, ...] | None:
    """Refuse SERVICE; give back the graphs that FROM and FROM NAMED ask for.

    Returns:
        ``None`` when the query has no dataset clause, else the IRIs that it names.

    Raises:
        QueryError: the query calls another service, or may do so and cannot be understood.
    """
    # Whether escapes are read before or after the text is split into words differs between
    # engines, so both readings must be harmless.
    readings = {text, _ESCAPE.sub(lambda m: _character(m[1] or m[2]), text)}
    suspects: set[str] = set()
    for reading in readings:
        code = _without_comment_lines(reading)
        suspects |= {
            word
            for word, pattern in _REACHING.items()
            # In plain ASCII a quick look settles nearly every query; this runs before each.
            if not (reading.isascii() and word.lower() not in reading.lower())
            and any(not _within_name(code, found.start()) for found in pattern.finditer(code))
        }
    if not suspects:
        return None
    if any(token.upper == "SERVICE" for reading in readings for token in tokens(reading)):
        raise _service()
    return _parsed_dataset(text, suspects)


def _without_comment_lines(text: str) -> str:
    """The text without the lines that are a comment whole; a long string may hold such lines."""
    if '"""' in text or "'''" in text:
        return text
    return _COMMENT_LINE.sub("", text)


def _within_name(text: str, start: int) -> bool:
    """Whether the word characters at ``start`` can only be part of a name, IRI or comment.

    A digit or ``true`` may stand right before a keyword (``1SERVICE`` parses), so what counts is
    the character before the whole word. A ``?`` opens a variable, except right after a path.
    """
    before = text[start - 1 : start]
    if before in ("?", "$"):
        return re.fullmatch(r"[\w)>:.\-]", text[start - 2 : start - 1]) is None
    return before in (":", "/", "#")


def _character(code: str) -> str:
    number = int(code, 16)
    return chr(number) if number <= 0x10FFFF else ""


def _service() -> QueryError:
    return QueryError(
        "query.service",
        "SERVICE is niet toegestaan: een query bevraagt alleen deze release.",
        "SERVICE is not allowed: a query asks this release only.",
    )


def _parsed_dataset(text: str, suspects: set[str]) -> tuple[str, ...] | None:
    """What a full parse says about the suspicious words."""
    from pyparsing import ParseBaseException, ParseResults
    from rdflib.plugins.sparql.parser import parseQuery
    from rdflib.plugins.sparql.parserutils import CompValue

    try:
        prologue, query = parseQuery(text)
    except (ParseBaseException, RecursionError, ValueError) as error:
        if "SERVICE" in suspects or _asks_dataset(text):
            raise QueryError(
                "query.unclear",
                "De query bevat SERVICE of FROM op een plaats die niet te controleren is; "
                "schrijf hem in gewone SPARQL 1.1.",
                "The query has SERVICE or FROM where it cannot be checked; "
                "write it in plain SPARQL 1.1.",
            ) from error
        return None  # no dataset clause for us, and a syntax error for the engine to locate

    def walk(node: object) -> Iterator[CompValue]:
        if isinstance(node, CompValue):
            yield node
            for value in node.values():
                yield from walk(value)
        elif isinstance(node, (list, tuple, ParseResults)):
            for value in node:
                yield from walk(value)

    if any(node.name == "ServiceGraphPattern" for node in walk(query)):
        raise _service()
    clauses = query.datasetClause  # .get() of rdflib gives the name itself when it is absent
    if not clauses:
        return None
    prefixes: dict[str, str] = {}
    base = ""
    for declaration in prologue:
        if declaration.name == "Base":
            base = str(declaration.iri)
        else:
            prefixes[_prefix_of(declaration)] = str(declaration.iri)
    graphs = []
    for clause in clauses:
        named = clause.default if "default" in clause else clause.named
        if isinstance(named, CompValue):
            graphs.append(prefixes.get(_prefix_of(named), "") + str(named.localname))
        else:
            graphs.append(str(named) if ":" in str(named) else base + str(named))
    return tuple(graphs)


def _prefix_of(name: Mapping[str, object]) -> str:
    return str(name["prefix"]) if "prefix" in name else ""


def _asks_dataset(text: str) -> bool:
    return any(token.upper == "FROM" for token in tokens(text))


# --- bindings ---------------------------------------------------------------------------------


@dataclass
class _Group:
    """One pair of braces while the text is walked."""

    start: int  # just after the brace
    kind: str  # "pattern", "select" (holds a subquery), "template" or "data"
    parent: _Group | None
    variables: set[str] = field(default_factory=set)
    end: int = -1


def bind(text: str, bindings: Mapping[str, Term]) -> str:
    """The query with variables bound to terms, by a one-row VALUES block in every group that
    uses them.

    The engine's own substitution ignores a variable that is not selected, takes ``BOUND`` of a
    bound variable for false and plans as if nothing were bound; a VALUES block does none of these.
    The term is written by its own serialiser, so it stays one term whatever it contains.

    Raises:
        QueryError: a name is no variable, a variable is not in the query, or the value is a
            blank node or a triple (they have no meaning outside their store).
    """
    if not bindings:
        return text
    values = {name.lstrip("?$"): _written(name, term) for name, term in bindings.items()}
    text = _long_form(text)
    groups = _groups(text)
    used = {token.text[1:] for token in tokens(text) if token.kind == "variable"}
    for name in sorted(values):
        if name not in used:
            raise QueryError(
                "query.unknown-variable",
                f"De query heeft geen variabele ?{name}.",
                f"The query has no variable ?{name}.",
            )
    pieces: list[str] = []
    position = 0
    for group in groups:
        if group.kind != "pattern":
            continue
        owner = group.parent
        visible = set(group.variables)
        if owner is None:
            visible |= used
        elif owner.kind == "select":
            visible |= owner.variables
        block = "".join(
            f" VALUES ?{name} {{ {value} }}"
            for name, value in sorted(values.items())
            if name in visible
        )
        pieces += [text[position : group.start], block, " " if block else ""]
        position = group.start
    return "".join([*pieces, text[position:]])


def _long_form(text: str) -> str:
    """``CONSTRUCT WHERE { … }`` and ``DESCRIBE ?x`` with a group of their own to bind in."""
    read = list(tokens(text))
    for first, second in pairwise(read):
        if first.upper == "CONSTRUCT" and second.upper == "WHERE":
            start, end = text.index("{", second.start), text.rindex("}") + 1
            return f"{text[: second.start]} {text[start:end]} {text[second.start :]}"
        if first.upper == "DESCRIBE" and not any(token.kind == "open" for token in read):
            return f"{text}\nWHERE {{ }}"
    return text


def _written(name: str, term: Term) -> str:
    if not re.fullmatch(r"[?$]?\w+", name):
        raise QueryError(
            "query.bad-variable", f"'{name}' is geen variabele.", f"'{name}' is not a variable."
        )
    if isinstance(term, (BlankNode, Triple)):
        raise QueryError(
            "query.bad-binding",
            f"De waarde van ?{name} moet een IRI of een literal zijn.",
            f"The value of ?{name} must be an IRI or a literal.",
        )
    return str(term)


def _groups(text: str) -> list[_Group]:
    """Every pair of braces in order of opening, with the variables between them (nested too)."""
    found: list[_Group] = []
    open_groups: list[_Group] = []
    recent: list[Token] = []
    values_open = False
    for token in tokens(text):
        if token.kind == "open":
            previous = recent[-1].upper if recent else ""
            kind = "data" if values_open else "template" if previous == "CONSTRUCT" else "pattern"
            values_open = False
            parent = open_groups[-1] if open_groups else None
            group = _Group(token.start + 1, kind, parent)
            found.append(group)
            open_groups.append(group)
        elif token.kind == "close" and open_groups:
            open_groups.pop().end = token.start
        elif token.kind == "variable":
            for group in open_groups:
                group.variables.add(token.text[1:])
        elif token.upper == "VALUES":
            values_open = True
        elif token.upper == "SELECT" and open_groups and recent[-1].kind == "open":
            open_groups[-1].kind = "select"
        recent = [*recent[-1:], token]
    return found
