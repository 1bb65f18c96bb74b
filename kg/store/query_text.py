"""What is done to the text of a query before it runs: refuse what reaches outside, bind terms.

Oxigraph follows SERVICE to any host, and under a union default graph it ignores FROM without a
word, so both are looked at here. Who decides what is a keyword is the parser that will read the
query when it runs, and no other: where the letters of one occur, it is given the same text with
one of them changed, everywhere. A name, a text or a comment can bear that (SERVICE becomes
SERVICQ); a keyword cannot, and the text no longer parses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from pyoxigraph import BlankNode, NamedNode, QuerySolutions, Store, Triple

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
#: A keyword as it may be spelt: every letter in either case, or as an escape.
_SPELT: Final = {
    word: re.compile(
        "".join(
            rf"(?:[{upper}{lower}]|\\(?:u|U0000)00(?i:{ord(upper):x}|{ord(lower):x}))"
            for upper, lower in zip(word, word.lower(), strict=True)
        )
    )
    for word in ("SERVICE", "FROM")
}
_FORMS: Final = frozenset(["SELECT", "ASK", "CONSTRUCT", "DESCRIBE"])
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
        if token.upper in _FORMS:
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
        ``None`` when the query has no dataset clause, else the IRIs that it names; none of them
        where it may have one that cannot be made out.

    Raises:
        QueryError: the query calls another service, or it does not parse and may do so.
    """
    error = _without("SERVICE", text)
    if error is not None:
        # Whether it calls a service or is wrong elsewhere: it does not run. Which of the two, is
        # for the message only.
        if any(
            token.upper == "SERVICE" for one in (text, _unescaped(text)) for token in tokens(one)
        ):
            raise QueryError(
                "query.service",
                "SERVICE is niet toegestaan: een query bevraagt alleen deze release.",
                "SERVICE is not allowed: a query asks this release only.",
            ) from error
        raise syntax_error(text, error) from error
    return None if _without("FROM", text) is None else _dataset(text)


def _without(word: str, text: str) -> SyntaxError | None:
    """What the parser complains of when this word is no keyword any more, if anything.

    ``None`` says that the query does not use the keyword. It holds because all that changes is one
    letter, in every place alike: names that were the same stay the same, and those that were not do
    not become so.
    """
    lowered = text.lower()
    if word.lower() not in lowered and "\\u" not in lowered:
        return None
    end = "q"
    while word[:-1].lower() + end in lowered:
        end += "q"

    def other(found: re.Match[str]) -> str:
        if found[0].startswith("\\") and _backslashes_before(text, found.start()) % 2:
            return found[0]  # an escaped backslash, and then letters
        plain = _unescaped(found[0])
        return plain[:-1] + (end.upper() if plain[-1].isupper() else end)

    changed = _SPELT[word].sub(other, text)
    if changed == text:
        return None
    try:
        Store().query(changed)
    except SyntaxError as error:
        return error
    except (OSError, RuntimeError, ValueError):  # it parses, and fails on something else
        return None
    return None


def _backslashes_before(text: str, end: int) -> int:
    start = end
    while start and text[start - 1] == "\\":
        start -= 1
    return end - start


def _unescaped(text: str) -> str:
    """The text with escapes of characters read; engines differ in where they may stand."""
    return _ESCAPE.sub(lambda found: _character(found[1] or found[2]), text)


def _character(code: str) -> str:
    number = int(code, 16)
    return chr(number) if number <= 0x10FFFF else ""


def _dataset(text: str) -> tuple[str, ...]:
    """The graphs that the dataset clauses name; none where they cannot be made out.

    The engine looks at its own reading of the clauses when it runs, so that nothing can be asked
    here that it would not ask; what this adds is a complaint about a graph that is not there.
    """
    read = list(tokens(text))
    rest = text
    names = []
    for at, token in enumerate(read):
        if token.upper == "FROM":
            following = read[at + 1 : at + 3]
            named = bool(following) and following[0].upper == "NAMED"
            graph = following[named : named + 1]
            if graph and graph[0].kind in ("iri", "name"):
                names.append(graph[0].text)
                end = graph[0].start + len(graph[0].text)
                rest = rest[: token.start] + " " * (end - token.start) + rest[end:]
    form = next((token.start for token in read if token.upper in _FORMS), None)
    if not names or form is None or _without("FROM", rest) is not None:
        return ()
    chosen = " ".join(f"({name} AS ?g{number})" for number, name in enumerate(names))
    try:
        resolved = Store().query(f"{text[:form]} SELECT {chosen} {{}}")
    except (SyntaxError, OSError, RuntimeError, ValueError):
        return ()
    assert isinstance(resolved, QuerySolutions)
    return tuple(term.value for row in resolved for term in row if isinstance(term, NamedNode))


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
