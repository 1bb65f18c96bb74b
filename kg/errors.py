"""One error tree; each error has a code, a Dutch and an English message, and an exit code.

KgError                    exit 1  the answer is "no", or it cannot be done
├── UsageError             exit 2  asked in a wrong way (unknown unit, bad parameter)
│   └── AmbiguousError     exit 2  a name that means several things; lists them
├── InputError             exit 1  the input is wrong; carries every problem found
├── QueryError             exit 1  a query that is refused or does not parse
├── InconsistentError      exit 1  the reasoner found contradictions
├── ReleaseError           exit 1  a release that is absent, damaged or unreadable
└── AuditError             exit 1  a log that cannot be written or read
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from kg.language import say

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, order=True)
class Location:
    """Where in the input: file, sheet (workbooks), row as people see it (header = 1), column.

    In JSON ``path`` says where, in the words of JSONPath: ``$.releases[0].date``.
    """

    file: str
    sheet: str = ""
    row: int = 0
    column: str = ""
    path: str = ""

    def __str__(self) -> str:
        parts = [self.file]
        if self.sheet:
            parts.append(say(f"blad {self.sheet}", f"sheet {self.sheet}"))
        if self.row:
            parts.append(say(f"rij {self.row}", f"row {self.row}"))
        if self.column:
            parts.append(say(f"kolom {self.column}", f"column {self.column}"))
        if self.path:
            parts.append(self.path)
        return ", ".join(parts)


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong in the input, and what to do about it.

    ``code`` is stable (``intake.unknown-column``); ``nl`` and ``en`` are whole sentences.
    """

    location: Location
    code: str
    nl: str
    en: str
    severity: Severity = "error"

    def __str__(self) -> str:
        return f"{self.location}: {say(self.nl, self.en)} [{self.code}]"

    def to_json(self) -> dict[str, Any]:
        """Plain values, as a release keeps what was left out of it; without the severity."""
        return {
            "file": self.location.file,
            "sheet": self.location.sheet or None,
            "row": self.location.row or None,
            "column": self.location.column or None,
            "code": self.code,
            "nl": self.nl,
            "en": self.en,
        }

    @staticmethod
    def from_json(kept: Mapping[str, Any]) -> Problem:
        """The problem that :meth:`to_json` gave these values of, as an error."""
        place = (kept["file"], kept["sheet"] or "", kept["row"] or 0, kept["column"] or "")
        return Problem(Location(*place), kept["code"], kept["nl"], kept["en"])


class KgError(Exception):
    """Base of everything that this package raises on purpose."""

    exit_code: ClassVar[int] = 1

    def __init__(self, code: str, nl: str, en: str) -> None:
        super().__init__(nl)
        self.code = code
        self.nl = nl
        self.en = en

    def __str__(self) -> str:
        return f"{say(self.nl, self.en)} [{self.code}]"

    def __reduce__(self) -> tuple[object, ...]:
        """To another process and back: whole, whatever its class asks to be made."""
        return (_again, (type(self), self.args, self.__dict__))


def _again(kind: type[KgError], args: tuple[object, ...], state: dict[str, object]) -> KgError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error


class UsageError(KgError):
    """The command or call was given something that it cannot use."""

    exit_code = 2


class AmbiguousError(UsageError):
    """A name that fits several things; ``candidates`` are their IRIs with labels."""

    def __init__(self, name: str, candidates: Sequence[tuple[str, str]]) -> None:
        lines = "".join(f"\n  {iri}  {label}" for iri, label in candidates)
        super().__init__(
            "usage.ambiguous",
            f"'{name}' kan verschillende dingen zijn; kies er een:{lines}",
            f"'{name}' can mean several things; choose one:{lines}",
        )
        self.candidates = tuple(candidates)


class InputError(KgError):
    """Input that cannot go into a release; carries all problems, not just the first.

    ``undone`` says in Dutch and English what was therefore not done.
    """

    def __init__(
        self, problems: Sequence[Problem], undone: tuple[str, str] = ("gebouwd", "built")
    ) -> None:
        count = len(problems)
        super().__init__(
            "input.invalid",
            f"{count} fout(en) in de invoer; niets is {undone[0]}.",
            f"{count} error(s) in the input; nothing was {undone[1]}.",
        )
        self.problems = tuple(sorted(problems))


class QueryError(KgError):
    """A query that does not parse, is refused, or is given wrong parameters."""


class InconsistentError(KgError):
    """The data contradict the ontology; ``explanations`` are texts, one per contradiction."""

    def __init__(self, explanations: Sequence[str]) -> None:
        joined = "\n".join(explanations)
        super().__init__(
            "reason.inconsistent",
            f"{len(explanations)} tegenspraak/tegenspraken met de ontologie:\n{joined}",
            f"{len(explanations)} contradiction(s) with the ontology:\n{joined}",
        )
        self.explanations = tuple(explanations)


class ReleaseError(KgError):
    """A release that is absent, damaged or of another version."""


class AuditError(KgError):
    """A log that cannot be written or read; what it was to tell of is therefore not done."""
