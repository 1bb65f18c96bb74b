"""The folder of an import: one CSV per class, ``Source.csv`` and proposals; whole or not at all."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from kg.errors import UsageError
from kg.sources.files import PROPOSALS
from kg.sources.registers.model import PROPOSAL, Imported, Row

#: The columns of each table, in this order; a column that nothing fills is left out.
COLUMNS: Final = {
    "Country": ("label", "label@en", "isoAlpha2", "note"),
    "Contract": (
        "label", "label@en", "contractingParty", "contractSupplier", "contractValue",
        "validFrom", "validUntil", "note",
    ),
    "Organisation": ("label", "label@en", "seat", "kvkNumber", "lei", "note"),
    "Ownership": (
        "label", "label@en", "owner", "owned", "control", "controlBasis", "validFrom",
        "validUntil", "note",
    ),
    "Procurement": ("label", "label@en", "procuredBy", "resultsIn", "note"),
    "Product": ("label", "label@en", "productKind", "manufacturer", "containsComponent", "note"),
    "RegisterEntry": (
        "label", "label@en", "entryOf", "matchedBy", "entryNumber", "registeredName",
        "registeredSeat", "note",
    ),
    "Source": ("title", "publisher", "date", "url", "grade", "marking", "sha256", "note"),
    "Supply": ("label", "label@en", "suppliedBy", "ofProduct", "note"),
    "ThreatActor": (
        "label", "label@en", "altLabel", "actorClass", "attributedTo", "targetsSector",
        "usesThreat", "note",
    ),
}  # fmt: skip
#: Columns in which our intake splits on semicolons, and a text may hold one.
_ESCAPED: Final = frozenset({"registeredName"})


def refuse_existing(out: Path) -> None:
    """Refuse a folder in which something stands.

    Raises:
        UsageError: there is something.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError(
            "usage.folder-exists",
            f"'{out}' bestaat al; kies een nieuwe map, of haal de oude eerst weg.",
            f"'{out}' exists already; choose a new folder, or remove the old one first.",
        )


def write(imported: Imported, out: Path) -> tuple[Path, ...]:
    """Write the folder in one move: into a hidden one beside it, then renamed.

    Raises:
        UsageError: there is something in ``out`` already.
    """
    refuse_existing(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}-") as aside:
        building = Path(aside) / out.name
        building.mkdir()  # has the rights that the user gives to what is new
        names = []
        for table, rows in imported.tables.items():
            names.append(f"{table}.csv")
            (building / names[-1]).write_bytes(table_csv(table, rows))
        if imported.proposals:
            names.append(PROPOSALS)
            (building / PROPOSALS).write_bytes(_csv(PROPOSAL, imported.proposals))
        building.replace(out)
    return tuple(out / name for name in sorted(names))


def table_csv(table: str, rows: Sequence[Row]) -> bytes:
    """One table as our own intake reads it."""
    filled = {column for row in rows for column, value in row.items() if value}
    columns = ["id", *(c for c in COLUMNS[table] if c in filled)]
    if table != "Source":
        columns += [c for c in ("marking", "source") if c in filled]
    escaped = [
        {c: v.replace(";", "\\;") if c in _ESCAPED else v for c, v in row.items()} for row in rows
    ]
    return _csv(columns, escaped)


def _csv(columns: Sequence[str], rows: Iterable[Row]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([row.get(column, "") for column in columns] for row in rows)
    return out.getvalue().encode()
