"""On which line of an RDF file a subject first stands, where that can be had cheaply."""

import re
from collections.abc import Iterator, Mapping
from typing import Final
from xml.sax.saxutils import unescape

from kg.names import ID

_LINE_TOKEN: Final = re.compile(r"\s*(<[^<>]*>|_:[^\s<>\"]+)")
_ESCAPE: Final = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_PREFIX: Final = re.compile(
    r"^[ \t]*@?prefix\s+([\w.-]*):\s*<([^<>]*)>", re.IGNORECASE | re.MULTILINE
)
_TURTLE_TOKEN: Final = re.compile(
    r"^([ \t]*)(<[^<>\s]*>|_:[\w.-]+|[\w.-]*:[\w.~%-]+)(?=[ \t\r\n]|$)", re.MULTILINE
)
_ABOUT: Final = re.compile(r"""\brdf:(about|nodeID)\s*=\s*["']([^"'<]*)["']""")


def subject_lines(kind: str, data: bytes, blank: Mapping[str, str]) -> dict[str, int]:
    """Line (from 1) by IRI: exact for N-Triples and N-Quads, the line where a subject begins for
    Turtle and TriG, that of ``rdf:about`` for RDF/XML, nothing for JSON-LD.

    ``blank`` gives the IRI of a blank node by its label. Cost: one pass over the text.
    """
    if kind == ".jsonld":
        return {}
    text = data.decode("utf-8")
    if kind in {".nt", ".nq"}:
        return _first(_by_line(text), blank)
    if kind in {".ttl", ".trig"}:
        return _first(_turtle(text), blank)
    return _first(_xml(text), blank)


def _first(tokens: Iterator[tuple[str, int]], blank: Mapping[str, str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for token, line in tokens:
        iri = blank.get(token[2:], "") if token.startswith("_:") else token
        if iri:
            found.setdefault(iri, line)
    return found


def _by_line(text: str) -> Iterator[tuple[str, int]]:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for number, line in enumerate(lines, 1):
        found = _LINE_TOKEN.match(line)
        if found:
            token = found[1]
            if token.startswith("<"):
                token = token[1:-1]
                if "\\" in token:
                    token = _ESCAPE.sub(lambda one: chr(int(one[1] or one[2], 16)), token)
            yield token, number


def _turtle(text: str) -> Iterator[tuple[str, int]]:
    """Tokens that begin a line, those without indent first: an indented one may be an object."""
    prefixes = dict(_PREFIX.findall(text))
    later: list[tuple[str, int]] = []
    line, at = 1, 0
    for found in _TURTLE_TOKEN.finditer(text):
        line += text.count("\n", at, found.start())
        at = found.start()
        token = found[2]
        if token.startswith("<"):
            iri = token[1:-1] if ":" in token else ID + token[1:-1]
        elif token.startswith("_:"):
            iri = token
        else:
            prefix, _, local = token.partition(":")
            iri = prefixes[prefix] + local if prefix in prefixes else ""
        if found[1]:
            later.append((iri, line))
        elif iri:
            yield iri, line
    yield from later


def _xml(text: str) -> Iterator[tuple[str, int]]:
    line, at = 1, 0
    for found in _ABOUT.finditer(text):
        line += text.count("\n", at, found.start())
        at = found.start()
        value = unescape(found[2])
        if found[1] == "nodeID":
            yield f"_:{value}", line
        else:
            yield (value if ":" in value else ID + value), line
