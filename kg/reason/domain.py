"""Domain rules: CONSTRUCT queries in files, with a ``#+`` header, run in the order of their names.

A file holds one CONSTRUCT whose WHERE is either plain, or one subquery with GROUP BY or DISTINCT,
followed by what is plain; :mod:`kg.reason.backward` reads premises from that form.

A rule may look at what it gives itself, or at what a later rule gives, when more of that only makes
it give more: sums that must exceed something do, counts that are stored do not. One that says what
is *not* there must come after the rules that put it there. A rule whose header says ``enough: x``
sums over values of ``?x`` and holds as soon as some of them suffice; its proofs name those.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from pyoxigraph import RdfFormat, parse

from kg.errors import KgError, UsageError
from kg.names import G_INFERRED, PREFIXES, RDF_TYPE
from kg.store import EmbeddedStore

_HEADER: Final = re.compile(r"^#\+ ?(.*)$", re.MULTILINE)
_PREFIX: Final = re.compile(r"PREFIX\s+([\w-]*):\s*<([^>]*)>", re.IGNORECASE)
#: Predicate and, where it is an IRI, object; the object matters of typings only.
_LINE: Final = re.compile(
    rb"^\S+ (<[^>]*>) (?:(?<=22-rdf-syntax-ns#type> )(<[^>]*>))?", re.MULTILINE
)
_NAME: Final = re.compile(r"(?<![\w<?$:/#])([A-Za-z][\w-]*):([\w-]+)")


@dataclass(frozen=True)
class DomainRule:
    """One rule file."""

    name: str
    text: str

    @staticmethod
    def load(folder: Path) -> tuple[DomainRule, ...]:
        """Every rule of a folder, in order; ``10_directly_controls.rq`` is ``directly_controls``.

        Raises:
            UsageError: a file is no CONSTRUCT query.
        """
        rules = []
        for path in sorted(folder.glob("*.rq")):
            name = re.sub(r"^\d+_", "", path.stem)
            one = DomainRule(name, path.read_text("utf-8"))
            if not re.search(r"\bCONSTRUCT\s*\{[^{}]*\}\s*WHERE\s*\{", one.text):
                raise UsageError(
                    "reason.rule-file",
                    f"{path.name} is geen query van de vorm CONSTRUCT {{ … }} WHERE {{ … }}.",
                    f"{path.name} is not a query of the form CONSTRUCT {{ … }} WHERE {{ … }}.",
                )
            rules.append(one)
        return tuple(rules)

    @cached_property
    def header(self) -> dict[str, Any]:
        """What the ``#+`` lines say: ``label`` in nl and en, ``summary``."""
        import yaml

        found = yaml.safe_load("\n".join(_HEADER.findall(self.text))) or {}
        return found if isinstance(found, dict) else {}

    def label(self, language: str) -> str:
        """The name for people."""
        label = self.header.get("label", {})
        return str(label.get(language, self.name)) if isinstance(label, dict) else self.name

    @cached_property
    def enough(self) -> str:
        """The variable of which some values may suffice for what it gives; empty for none."""
        return str(self.header.get("enough", ""))

    @cached_property
    def prologue(self) -> str:
        """The PREFIX lines."""
        return "".join(f"PREFIX {p}: <{iri}>\n" for p, iri in _PREFIX.findall(self.text))

    @cached_property
    def template(self) -> str:
        """What stands between the braces of CONSTRUCT."""
        return self._group(r"\bCONSTRUCT\s*\{")

    @cached_property
    def where(self) -> str:
        """What stands between the braces of WHERE."""
        return self._group(r"\bWHERE\s*\{")

    def _group(self, opening: str) -> str:
        found = re.search(opening, self.text)
        assert found is not None, opening  # load() saw to it
        return self.text[found.end() : _closing(self.text, found.end() - 1)]

    @cached_property
    def looks_at(self) -> frozenset[str]:
        """The IRIs in its WHERE: a change to none of them cannot change what it gives."""
        prefixes = {**PREFIXES, **dict(_PREFIX.findall(self.text))}
        body = re.sub(r"#[^\n>]*$", "", self.where, flags=re.MULTILINE)
        found = {prefixes[p] + local for p, local in _NAME.findall(body) if p in prefixes}
        return frozenset(found | set(re.findall(r"<([^>\s]+)>", body)))

    def due(self, changed: set[str]) -> bool:
        """Whether a change to these keys (see :func:`kg.reason.model.key`) concerns it."""
        return any(
            name == "*" or name.removeprefix("a ")[1:-1] in self.looks_at for name in changed
        )


def _closing(text: str, start: int) -> int:
    """The brace that closes the one at ``start``; rule files have no braces in strings."""
    depth = 0
    for position in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[position], 0)
        if depth == 0:
            return position
    return len(text)


class DomainRules:
    """The domain rules over one store: what each gave, and what is due again."""

    def __init__(self, store: EmbeddedStore, rules: tuple[DomainRule, ...]) -> None:
        self.store = store
        self.rules = rules
        self._given: dict[str, frozenset[int]] = {}

    def apply(self, one: DomainRule) -> tuple[int, set[str]]:
        """Add what one rule gives now.

        Returns:
            The number of new facts, and the keys of what was added.

        Raises:
            KgError: it no longer gives what it gave before, so a count went stale: a later rule
                changed what it looks at, and its file must come after that one.
        """
        written = self.store.construct(one.text)
        lines = list(dict.fromkeys(written.splitlines(keepends=True)))
        given = frozenset(map(hash, lines))
        before = self._given.get(one.name, frozenset())
        if not before <= given:
            raise KgError(
                "reason.rule-order",
                f"Domeinregel {one.name} geeft later iets anders dan eerst; nummer hem na de "
                "regels die wijzigen waar hij naar kijkt.",
                f"Domain rule {one.name} gives something else later than at first; number it "
                "after the rules that change what it looks at.",
            )
        self._given[one.name] = given
        if before:
            lines = [line for line in lines if hash(line) not in before]
        new = b"".join(lines)
        keys = _keys(new)
        if any(map(self._has, keys)):
            lines = [line for line in lines if not self._contains(line)]
            new = b"".join(lines)
            keys = _keys(new)
        self.store.add_new(G_INFERRED, new)
        return len(lines), keys

    def _has(self, name: str) -> bool:
        pattern = f"?s {RDF_TYPE} {name[2:]}" if name.startswith("a ") else f"?s {name} ?o"
        return self.store.ask(f"ASK {{ {pattern} }}")

    def _contains(self, line: bytes) -> bool:
        quad = next(iter(parse(line, format=RdfFormat.N_TRIPLES)))
        return self.store.contains(quad.triple)


def _keys(ntriples: bytes) -> set[str]:
    """The keys (see :func:`kg.reason.model.key`) of triples written as N-Triples."""
    found = set(_LINE.findall(ntriples))
    typing = str(RDF_TYPE).encode()
    return {
        f"a {object_.decode()}" if predicate == typing else predicate.decode()
        for predicate, object_ in found
    }
