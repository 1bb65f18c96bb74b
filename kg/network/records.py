"""Small frozen records beside the network as JSON: the same records give the same bytes."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from kg.network.model import Note
from kg.sums import damaged


def save_records(path: Path, records: list[dict[str, Any]], notes: tuple[Note, ...]) -> None:
    """Write records and notes as one JSON file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    value = {"notes": [list(note) for note in notes], "records": records}
    text = json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def load_records(path: Path) -> tuple[list[dict[str, Any]], tuple[Note, ...]]:
    """What :func:`save_records` wrote.

    Raises:
        ReleaseError: absent or damaged.
    """
    try:
        value = json.loads(path.read_text("utf-8"))
        return list(value["records"]), tuple(Note(*note) for note in value["notes"])
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise damaged(path) from error


def finite(hours: float) -> float | None:
    """Hours as JSON has them; what is for good is null."""
    return hours if math.isfinite(hours) else None


def endless(hours: float | None) -> float:
    """The inverse of :func:`finite`."""
    return math.inf if hours is None else float(hours)
