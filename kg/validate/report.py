"""The validation report: as rows for people, as JSON, and as the ``sh:ValidationReport`` itself."""

from collections import Counter
from dataclasses import dataclass
from typing import Any, Final, Literal

from kg.errors import Location, Problem, Severity
from kg.language import say
from kg.names import shorten

SeverityName = Literal["Violation", "Warning", "Info"]

#: From worst to mildest; also the order of the report.
SEVERITIES: Final[tuple[SeverityName, ...]] = ("Violation", "Warning", "Info")

SEVERITY_LABELS: Final[dict[SeverityName, tuple[str, str]]] = {
    "Violation": ("fout", "violation"),
    "Warning": ("waarschuwing", "warning"),
    "Info": ("opmerking", "remark"),
}


@dataclass(frozen=True)
class Result:
    """One ``sh:ValidationResult``.

    ``focus``, ``path`` and ``shape`` are IRIs (``path`` is empty for a node constraint, ``shape``
    is empty for an anonymous shape); ``value`` is the text of the offending value.
    """

    severity: SeverityName
    focus: str
    focus_label: str
    path: str
    value: str
    shape: str
    message_nl: str
    message_en: str
    location: Location

    @property
    def message(self) -> str:
        """The message in the language in force."""
        return say(self.message_nl, self.message_en)

    def sort_key(self) -> tuple[int, Location, str, str, str, str]:
        """Worst first, then by place in the input."""
        rank = SEVERITIES.index(self.severity)
        return (rank, self.location, self.focus, self.path, self.value, self.message_nl)

    def to_problem(self) -> Problem:
        """The result as a problem of the input, for lists that also hold intake problems."""
        severities: dict[SeverityName, Severity] = {
            "Violation": "error",
            "Warning": "warning",
            "Info": "info",
        }
        return Problem(
            self.location,
            f"shacl.{self.shape.rpartition('#')[2] or 'shape'}",
            f"{self.focus_label}: {self.message_nl}",
            f"{self.focus_label}: {self.message_en}",
            severities[self.severity],
        )

    def to_json(self) -> dict[str, Any]:
        """Plain values for JSON; ``row`` and ``sheet`` are null when unknown."""
        return {
            "severity": self.severity,
            "focus": self.focus,
            "label": self.focus_label,
            "path": self.path or None,
            "value": self.value or None,
            "shape": self.shape or None,
            "message": {"nl": self.message_nl, "en": self.message_en},
            "file": self.location.file or None,
            "sheet": self.location.sheet or None,
            "row": self.location.row or None,
            "column": self.location.column or None,
        }


@dataclass(frozen=True)
class Report:
    """All results of one run, worst first.

    ``turtle`` is the ``sh:ValidationReport`` as canonical N-Triples (which is also Turtle).
    """

    results: tuple[Result, ...]
    focus_nodes: int
    turtle: str

    @property
    def conforms(self) -> bool:
        """True when nothing is a violation; warnings and remarks do not stop a build."""
        return not any(result.severity == "Violation" for result in self.results)

    def counts(self) -> dict[SeverityName, int]:
        """How many results of each severity, zero included."""
        found = Counter(result.severity for result in self.results)
        return {severity: found[severity] for severity in SEVERITIES}

    def table(self) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
        """Column headers and rows of text, for a terminal or CSV."""
        header = (
            say("ernst", "severity"),
            say("waar", "where"),
            say("wat", "what"),
            say("eigenschap", "property"),
            say("melding", "message"),
        )
        rows = tuple(
            (
                say(*SEVERITY_LABELS[result.severity]),
                str(result.location),
                result.focus_label,
                shorten(result.path),
                result.message,
            )
            for result in self.results
        )
        return header, rows

    def to_json(self) -> dict[str, Any]:
        """``{"conforms", "counts", "results"}``."""
        return {
            "conforms": self.conforms,
            "focus_nodes": self.focus_nodes,
            "counts": self.counts(),
            "results": [result.to_json() for result in self.results],
        }
