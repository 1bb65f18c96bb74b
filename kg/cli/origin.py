"""What leaves says where it is from: level, id of the release, policy and date.

A command that answers from a release opens it here. JSON, CSV and RDF then carry it by themselves;
below everything else stands a line that says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kg.language import say

if TYPE_CHECKING:
    from kg.release import Release

_ORIGIN: Final[ContextVar[Mapping[str, str]]] = ContextVar("origin")
_CARRIED: Final[ContextVar[bool]] = ContextVar("carried", default=False)


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


def carry() -> Mapping[str, str]:
    """That of the release that this command answers from, for output that carries it itself; empty
    when there is none."""
    _CARRIED.set(True)
    return _ORIGIN.get({})


def forget() -> None:
    """A new command begins."""
    _ORIGIN.set({})
    _CARRIED.set(False)


def footer() -> str:
    """What is to stand below an answer in words; empty where it carries its origin itself, or is
    from no release."""
    of = _ORIGIN.get({})
    if _CARRIED.get() or not of:
        return ""
    return say(
        f"Rubricering: {of['level']} · release {of['release']}\n"
        f"Beleid: {of['policy']} · peildatum {of['date']}",
        f"Marking: {of['level']} · release {of['release']}\n"
        f"Policy: {of['policy']} · analysis date {of['date']}",
    )


def origin_line(of: Mapping[str, str]) -> str:
    """One line for formats that know comments: ``# vitaal-kg release 3f2a…, level dep-v, …``."""
    return "# vitaal-kg " + ", ".join(f"{name} {value}" for name, value in of.items())
