"""A release on disk: opened, listed, and put in its place whole or not at all.

On disk::

    releases/
      current -> 3f2a…            switched atomically, at the very end of a build
      3f2a…/                      named by the hash of what went in
        levels.json                 which levels there are, lowest first
        left_out.json               what was left out and why, of all levels
        openbaar/                 one folder per marking level, each built only from sources
          manifest.json             at or below that level
          store/                  embedded quad store, read only from here on
          network/                the arrays that cascades run on, and as JSON beside them the
                                  scenarios, measures and threats
          report.json report.ttl  what SHACL found
          findings.json           what analysis found, in words
        dep-v/ …
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from kg.errors import ReleaseError, UsageError
from kg.store import EmbeddedStore

if TYPE_CHECKING:
    from kg.network import Measures, Network, Scenarios, Threats

CURRENT: Final = "current"
BUILDING: Final = ".building-"
#: Of the files of a release; another number cannot be read.
FORMAT: Final = 2


@dataclass(frozen=True)
class Release:
    """One level of one release, read only.

    ``id`` is the hash of the inputs of this level; ``path`` the folder of this level.
    """

    path: Path
    id: str
    level: str
    levels: tuple[str, ...]
    manifest: Mapping[str, Any] = field(repr=False)

    @staticmethod
    def open(path: Path, level: str | None = None) -> Release:
        """Open a folder of releases (its ``current``), one release, or one level of it.

        Without ``level`` it is the lowest one present: what anyone may see.

        Raises:
            ReleaseError: nothing there, or not a release of this version.
            UsageError: the release has no such level.
        """
        root = path / CURRENT if (path / CURRENT).exists() else path
        if (root / "manifest.json").is_file():  # the folder of one level was named
            return _open_level(root, (root.name,))
        levels = _levels(root)
        if not levels:
            raise ReleaseError(
                "release.none",
                f"In {path} staat geen release. Maak er een met: kg build --out {path}",
                f"There is no release in {path}. Make one with: kg build --out {path}",
            )
        chosen = level or levels[0]
        if chosen not in levels:
            raise UsageError(
                "release.level",
                f"Deze release heeft geen niveau '{chosen}'; wel: {', '.join(levels)}.",
                f"This release has no level '{chosen}'; it has: {', '.join(levels)}.",
            )
        return _open_level((root / chosen).resolve(), levels)

    @cached_property
    def store(self) -> EmbeddedStore:
        """The quads: sources, ontology, inferred facts and findings, each in their graphs."""
        return EmbeddedStore.open(self.path / "store")

    @cached_property
    def _network(self) -> Network:
        from kg.network import Network  # numpy is only needed here

        return Network.load(self.path / "network")

    def network(self) -> Network:
        """The frozen arrays that cascades run on."""
        return self._network

    @cached_property
    def scenarios(self) -> Scenarios:
        """The standing scenarios."""
        from kg.network import Scenarios

        return Scenarios.load(self.path / "network", self._network)

    @cached_property
    def measures(self) -> Measures:
        """The measures that count on the analysis date."""
        from kg.network import Measures

        return Measures.load(self.path / "network", self._network)

    @cached_property
    def threats(self) -> Threats:
        """The types of threat, and which units are exposed to them."""
        from kg.network import Threats

        return Threats.load(self.path / "network", self._network)

    @cached_property
    def findings(self) -> Mapping[str, Any]:
        """What analysis found, as :meth:`kg.findings.Findings.to_json` wrote it."""
        return cast("Mapping[str, Any]", read_json(self.path / "findings.json"))

    @cached_property
    def report(self) -> Mapping[str, Any]:
        """The validation report, as :meth:`kg.validate.Report.to_json` wrote it."""
        return cast("Mapping[str, Any]", read_json(self.path / "report.json"))

    @property
    def left_out(self) -> tuple[Mapping[str, Any], ...]:
        """What the build left out, of all levels; empty where only this level was handed on."""
        path = self.path.parent / "left_out.json"
        return tuple(read_json(path)) if path.is_file() else ()

    @property
    def policy(self) -> str:
        """The id of the policy that fixed the terms."""
        return str(self.manifest["policy"])

    @property
    def date(self) -> str:
        """The analysis date, ISO 8601."""
        return str(self.manifest["date"])


def read_json(path: Path) -> Any:
    """A JSON file of a release.

    Raises:
        ReleaseError: absent or damaged.
    """
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ReleaseError(
            "release.damaged",
            f"{path} ontbreekt of is beschadigd ({error}). Bouw opnieuw of kies een andere.",
            f"{path} is missing or damaged ({error}). Build again, or choose another one.",
        ) from error


def _levels(root: Path) -> tuple[str, ...]:
    """The levels of one release, lowest first."""
    if not (root / "levels.json").is_file():
        return ()
    return tuple(read_json(root / "levels.json")["levels"])


def _open_level(path: Path, levels: tuple[str, ...]) -> Release:
    manifest = read_json(path / "manifest.json")
    if manifest.get("format") != FORMAT:
        raise ReleaseError(
            "release.format",
            f"{path} is van een andere versie van vitaal-kg; bouw de release opnieuw.",
            f"{path} is of another version of vitaal-kg; build the release again.",
        )
    return Release(path, manifest["id"], manifest["level"], levels, manifest)


def releases(out: Path) -> tuple[tuple[str, tuple[str, ...], bool], ...]:
    """Every release in a folder: its name, its levels, and whether it is the current one."""
    current = (out / CURRENT).resolve().name if (out / CURRENT).exists() else ""
    found = sorted(path for path in out.iterdir() if _levels(path)) if out.is_dir() else []
    return tuple(
        (path.name, _levels(path), path.name == current) for path in found if not path.is_symlink()
    )


def write_text(path: Path, text: str) -> None:
    """Write a file and wait until it is on disk."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def write_json(path: Path, value: Any) -> None:
    """Write JSON in the one form that gives the same bytes for the same value."""
    write_text(path, json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n")


@contextmanager
def building(out: Path) -> Iterator[Path]:
    """A draft folder on the same file system; gone afterwards unless it was published."""
    for left in out.glob(f"{BUILDING}*"):  # of builds that were killed
        if not _alive(left.name.removeprefix(BUILDING)):
            shutil.rmtree(left, ignore_errors=True)
    draft = out / f"{BUILDING}{os.getpid()}"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    try:
        yield draft
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _alive(process: str) -> bool:
    try:
        os.kill(int(process), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True  # it runs, under another user
    return True


def publish(draft: Path, out: Path, name: str) -> None:
    """Move the draft to its place and switch ``current``; both steps are atomic."""
    target = out / name
    if target.exists():
        # The same inputs were built before. What stands there is served already: leave it.
        shutil.rmtree(draft)
    else:
        draft.rename(target)
    _sync(out)
    link = out / f".{CURRENT}-{os.getpid()}"
    link.unlink(missing_ok=True)
    link.symlink_to(name)
    link.replace(out / CURRENT)
    _sync(out)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
