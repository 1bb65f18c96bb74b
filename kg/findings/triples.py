"""Writes findings as N-Triples: sorted unique lines, IRIs made from the ids of their subjects."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Final
from urllib.parse import quote

from kg.names import DCTERMS, ID, PROV, RDF, SKOS, VIT, XSD

_ESCAPES: Final = str.maketrans(
    {
        "\\": "\\\\",
        '"': '\\"',
        "\n": "\\n",
        "\r": "\\r",
        "\t": "\\t",
        **{chr(code): f"\\u{code:04X}" for code in (*range(9), 11, 12, *range(14, 32), 127)},
    }
)
#: Characters of an id that stay as they are; ``~`` separates the parts and ``/`` is escaped.
_SAFE: Final = "-._"


def key(iri: str) -> str:
    """What stands for a thing in the IRI of a finding: its id, or a hash for things elsewhere."""
    if iri.startswith(ID):
        return quote(iri[len(ID) :], safe=_SAFE).replace("~", "%7E")
    return "x" + hashlib.sha256(iri.encode()).hexdigest()[:16]


def finding_iri(kind: str, *parts: str) -> str:
    """``…/id/finding-<kind>~<part>~<part>``; parts are full IRIs or fixed words."""
    return f"{ID}finding-{kind}~" + "~".join(key(p) if ":" in p else p for p in parts)


def text(value: str, language: str) -> str:
    """A literal with a language."""
    return f'"{value.translate(_ESCAPES)}"@{language}'


def plain(value: str) -> str:
    """A literal without a language."""
    return f'"{value.translate(_ESCAPES)}"'


def number(value: float) -> str:
    """The digits of a decimal: no exponent, no needless zeros."""
    return f"{value:.6f}".rstrip("0").rstrip(".")


def decimal(value: float) -> str:
    """An xsd:decimal."""
    return f'"{number(value)}"^^<{XSD}decimal>'


def integer(value: int) -> str:
    """An xsd:integer."""
    return f'"{value}"^^<{XSD}integer>'


def boolean(value: bool) -> str:
    """An xsd:boolean."""
    return f'"{str(value).lower()}"^^<{XSD}boolean>'


class Writer:
    """Collects triples; every method takes full IRIs and literals made by the functions above."""

    def __init__(self) -> None:
        self._lines: set[str] = set()

    def thing(self, iri: str, *classes: str) -> Subject:
        """Start with a thing of these classes (local names); vit:Finding's superclass included."""
        subject = Subject(iri, self._lines)
        for name in classes:
            subject.raw(f"{RDF}type", f"<{VIT}{name}>")
        return subject

    def ntriples(self) -> bytes:
        """Everything, as sorted lines."""
        return "".join(sorted(self._lines)).encode()


class Subject:
    """One thing that triples are written about."""

    __slots__ = ("_lines", "_start", "iri")

    def __init__(self, iri: str, lines: set[str]) -> None:
        self.iri = iri
        self._start = f"<{iri}> <"
        self._lines = lines

    def raw(self, predicate: str, value: str) -> None:
        """A triple with a full predicate and a value that is N-Triples already."""
        self._lines.add(f"{self._start}{predicate}> {value} .\n")

    def link(self, local: str, *iris: str) -> None:
        """vit: triples to other things."""
        for iri in iris:
            self._lines.add(f"{self._start}{VIT}{local}> <{iri}> .\n")

    def value(self, local: str, literal: str) -> None:
        """A vit: triple with a literal."""
        self._lines.add(f"{self._start}{VIT}{local}> {literal} .\n")

    def labels(self, nl: str, en: str) -> None:
        """skos:prefLabel in both languages."""
        self.raw(f"{SKOS}prefLabel", text(nl, "nl"))
        self.raw(f"{SKOS}prefLabel", text(en, "en"))

    def note(self, nl: str, en: str) -> None:
        """skos:note in both languages."""
        self.raw(f"{SKOS}note", text(nl, "nl"))
        self.raw(f"{SKOS}note", text(en, "en"))

    def evidence(self, iris: Iterable[str], sources: Iterable[str] = ()) -> None:
        """prov:wasDerivedFrom what it rests on, dcterms:source the documents behind that."""
        for iri in iris:
            self.raw(f"{PROV}wasDerivedFrom", f"<{iri}>")
        for iri in sources:
            self.raw(f"{DCTERMS}source", f"<{iri}>")
