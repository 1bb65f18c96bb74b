"""The tables of a generated set: rows per class, ids, and the sources that they name."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

SUFFIX = "(fictief)"
SOURCES = 20


@dataclass
class Tables:
    """Rows per class, in the order in which they are written: by id."""

    seed: int
    units: int
    rows: dict[str, list[Sequence[object]]] = field(default_factory=dict)
    columns: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # Random numbers of this kind are meant to repeat, not to hide anything.
        self.random = random.Random(self.seed)

    def table(self, name: str, columns: str) -> list[Sequence[object]]:
        """The rows of a class; ``columns`` come between label and source."""
        self.columns[name] = ("id", "label", *columns.split(), "source")
        return self.rows.setdefault(name, [])


def key(kind: str, number: int) -> str:
    """An id of which the order as text is the order as number."""
    return f"gen-{kind}-{number:07d}"


def source(number: int) -> str:
    return f"gen-bron-{number % SOURCES:02d}"
