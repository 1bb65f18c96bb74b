"""Where a statement was written: file, row, and the sources that the row names."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Source:
    """A source that a row names; ``label`` and ``grade`` where they are known."""

    iri: str
    label: str | None = None
    grade: str | None = None

    def text(self) -> str:
        """The name for people, with the grade."""
        return f"{self.label or self.iri}{f' ({self.grade})' if self.grade else ''}"


@dataclass(frozen=True, order=True)
class Origin:
    """Where an asserted statement was written: graph, file, row as people see it, sources."""

    graph: str
    file: str
    row: int | None = None
    sheet: str | None = None
    sources: tuple[Source, ...] = ()

    def text(self, language: str) -> str:
        """One line for people."""
        dutch = language != "en"
        parts = [self.file]
        if self.sheet:
            parts.append(f"{'blad' if dutch else 'sheet'} {self.sheet}")
        if self.row is not None:
            parts.append(f"{'rij' if dutch else 'row'} {self.row}")
        if self.sources:
            nl, en = ("bron", "source") if len(self.sources) == 1 else ("bronnen", "sources")
            names = "; ".join(source.text() for source in self.sources)
            parts.append(f"{nl if dutch else en}: {names}")
        return ", ".join(parts)
