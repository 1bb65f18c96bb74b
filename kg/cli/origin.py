"""What leaves says where it is from: level, id of the release, policy and date.

A command that answers from a release opens it here; JSON and CSV then carry it by themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from kg.release import Release

_ORIGIN: Final[ContextVar[Mapping[str, str]]] = ContextVar("origin")


def open_release(path: Path, level: str | None) -> Release:
    """Open a release, for this command to answer from.

    Raises:
        ReleaseError, UsageError: as :meth:`kg.release.Release.open`.
    """
    from kg.release import Release

    release = Release.open(path, level)
    _ORIGIN.set(origin_of(release))
    return release


def origin_of(release: Release) -> Mapping[str, str]:
    """``release``, ``level``, ``policy``, and ``date`` of the analysis, as every JSON has them."""
    return {
        "release": release.id,
        "level": release.level,
        "policy": release.policy,
        "date": release.date,
    }


def origin() -> Mapping[str, str]:
    """That of the release that this command answers from; empty when there is none."""
    return _ORIGIN.get({})


def forget() -> None:
    """A new command begins."""
    _ORIGIN.set({})


def origin_line(of: Mapping[str, str]) -> str:
    """One line for formats that know comments: ``# vitaal-kg release 3f2a…, level dep-v, …``."""
    return "# vitaal-kg " + ", ".join(f"{name} {value}" for name, value in of.items())
