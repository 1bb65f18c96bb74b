"""A proof: a statement, the rule that gives it, and the proofs of what that rule needs."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal

from pyoxigraph import BlankNode

from kg.language import current_language
from kg.reason.model import Fact, plain
from kg.reason.origin import Origin
from kg.reason.sums import Sum

#: A wrapped line has room for so many characters, however deep it stands.
_LEAST: Final = 24
#: How wide a notebook shows a tree.
_COLUMNS: Final = 100

Kind = Literal["asserted", "axiom", "inferred", "finding"]


@dataclass(frozen=True)
class Proof:
    """Why a statement holds.

    Attributes:
        triple: the statement.
        rule: the rule that gives it; ``None`` when it was asserted or is an axiom.
        rule_label_nl, rule_label_en: what the rule is, for people.
        premises: the proofs of what the rule needs; none of them leans on this statement.
        origin: for an asserted statement, everywhere it was written.
        text_nl, text_en: the statement in words.
        parts_nl, parts_en: the same as subject, verb and object.
        kind: asserted, axiom (of the ontology), inferred, or finding (of the analysis).
        conditions: what the rule checks besides its premises, as SPARQL.
        added: what a rule added up, with the threshold; ``None`` for a rule without a sum.
        alternatives: the other proofs, shortest first, when they were asked for.
        complete: whether everything was seen: of one proof, all that a count in it counted; where
            all proofs were asked for, all of those.
    """

    triple: Fact
    rule: str | None = None
    rule_label_nl: str = ""
    rule_label_en: str = ""
    premises: tuple[Proof, ...] = ()
    origin: tuple[Origin, ...] = ()
    text_nl: str = field(default="", compare=False)
    text_en: str = field(default="", compare=False)
    parts_nl: tuple[str, ...] = field(default=(), compare=False)
    parts_en: tuple[str, ...] = field(default=(), compare=False)
    kind: Kind = "asserted"
    conditions: tuple[str, ...] = ()
    alternatives: tuple[Proof, ...] = ()
    complete: bool = True
    added: Sum | None = field(default=None, compare=False)

    def size(self) -> int:
        """The number of statements in the tree."""
        return 1 + sum(premise.size() for premise in self.premises)

    def walk(self) -> Iterator[Proof]:
        """This proof and every proof in it, top down."""
        yield self
        for premise in self.premises:
            yield from premise.walk()

    def to_text(self, language: str = "nl", width: int = 0) -> str:
        """The tree drawn with lines, in ``nl`` or ``en``, no wider than ``width``."""
        lines = list(_drawn(self, language, width, "", ""))
        dutch = language != "en"
        for number, other in enumerate(self.alternatives, 2):
            lines += ["", f"{'Bewijs' if dutch else 'Proof'} {number}:"]
            lines += _drawn(other, language, width, "", "")
        if not self.complete:
            lines += [
                "",
                "Dit is niet alles: er is meer dan hier past."
                if dutch
                else "This is not all: there is more than fits here.",
            ]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        """What a notebook shows: the tree, in the language in force."""
        # Folded here, behind its stems: a notebook would fold within words and break the tree.
        text = html.escape(self.to_text(current_language(), _COLUMNS))
        return (
            f'<pre style="white-space: pre; overflow-x: auto; font-family: monospace">{text}</pre>'
        )

    def to_json(self) -> dict[str, Any]:
        """The tree as JSON: IRIs in full, literals as N-Triples writes them."""
        found: dict[str, Any] = {
            "triple": dict(zip("spo", map(plain, self.triple), strict=True)),
            "text": {"nl": self.text_nl, "en": self.text_en},
            "kind": self.kind,
            "rule": self.rule,
        }
        if self.rule:
            found["rule_label"] = {"nl": self.rule_label_nl, "en": self.rule_label_en}
        if self.conditions:
            found["conditions"] = list(self.conditions)
        if self.added:
            found["sum"] = self.added.to_json()
        if self.origin:
            found["origin"] = [asdict(one) for one in self.origin]
        if self.premises:
            found["premises"] = [premise.to_json() for premise in self.premises]
        if self.alternatives:
            found["alternatives"] = [other.to_json() for other in self.alternatives]
        if not self.complete:
            found["complete"] = False
        return found


def _drawn(proof: Proof, language: str, width: int, first: str, rest: str) -> Iterator[str]:
    dutch = language != "en"
    stem = f"{rest}│  " if proof.premises else f"{rest}   "
    yield from _wrapped(proof.text_nl if dutch else proof.text_en, width, first, stem)
    for note in _notes(proof, dutch, language):
        yield from _wrapped(note, width, stem, f"{stem}  ")
    for number, premise in enumerate(proof.premises):
        last = number == len(proof.premises) - 1
        yield from _drawn(
            premise,
            language,
            width,
            f"{rest}{'└─ ' if last else '├─ '}",
            f"{rest}{'   ' if last else '│  '}",
        )


def _wrapped(text: str, width: int, first: str, rest: str) -> Iterator[str]:
    """The text behind its stem; what does not fit goes on below, behind the next stem."""
    room = max(width - len(first), _LEAST) if width else len(text) + 1
    lines = textwrap.wrap(text, room, break_long_words=False, break_on_hyphens=False) or [""]
    yield first + lines[0]
    if len(lines) > 1:
        room = max(width - len(rest), _LEAST)
        below = " ".join(lines[1:])
        for line in textwrap.wrap(below, room, break_long_words=False, break_on_hyphens=False):
            yield rest + line


def _notes(proof: Proof, dutch: bool, language: str) -> Iterator[str]:
    if proof.rule:
        label = proof.rule_label_nl if dutch else proof.rule_label_en
        yield f"{'door' if dutch else 'by'} {label} [{proof.rule}]"
        if proof.added:  # says what the conditions say, for people
            yield from proof.added.lines(language)
            return
        for condition in proof.conditions:
            yield f"{'voorwaarde' if dutch else 'condition'}: {condition}"
    for origin in proof.origin:
        yield f"{'uit' if dutch else 'from'} {origin.text(language)}"


def mentions_blank(fact: Fact) -> bool:
    """Whether a fact has a nameless node, which no query can spell."""
    return any(isinstance(node, BlankNode) for node in fact)
