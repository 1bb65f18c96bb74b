"""Relationships and the records of parents, on disk while an import runs."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from kg.sources.registers.gleif.rows import Entity, Relation


class Relations:
    """Relationships and the records of parents, on disk while an import runs."""

    def __init__(self, path: Path) -> None:
        self._base = sqlite3.connect(path, isolation_level=None)
        self._base.execute("PRAGMA journal_mode = OFF")
        self._base.execute("PRAGMA synchronous = OFF")
        self._base.execute(
            "CREATE TABLE relation (child, parent, kind, start, stop, standard, place INTEGER)"
        )
        self._base.execute(
            "CREATE TABLE entity (lei PRIMARY KEY, name, country, authority, number, status, "
            "registration, place INTEGER) WITHOUT ROWID"
        )
        self.parents: set[str] = set()

    def close(self) -> None:
        self._base.close()

    def fill(self, relations: Iterator[Relation]) -> None:
        def noted() -> Iterator[Relation]:
            for one in relations:
                self.parents.add(one.parent)
                yield one

        self._base.execute("BEGIN")
        self._base.executemany("INSERT INTO relation VALUES (?, ?, ?, ?, ?, ?, ?)", noted())
        self._base.execute("CREATE INDEX by_child ON relation (child)")
        self._base.execute("COMMIT")

    def keep(self, one: Entity) -> None:
        self._base.execute("INSERT OR IGNORE INTO entity VALUES (?, ?, ?, ?, ?, ?, ?, ?)", one)

    def of(self, child: str) -> list[Relation]:
        """What is above this one, direct first; the same relationship given twice comes once."""
        rows = self._base.execute(
            "SELECT * FROM relation WHERE child = ? ORDER BY kind, parent, place", (child,)
        )
        found: dict[tuple[str, str], Relation] = {}
        for row in rows:
            one = Relation(*row)
            found.setdefault((one.kind, one.parent), one)
        return list(found.values())

    def entity(self, lei: str) -> Entity | None:
        row = self._base.execute("SELECT * FROM entity WHERE lei = ?", (lei,)).fetchone()
        return Entity(*row) if row else None
