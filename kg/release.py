"""A release on disk, opened to be read.

On disk::

    releases/
      current -> 3f2a…            switched atomically, at the very end of a build
      audit/                      who did what when (kg.audit)
      3f2a…/                      named by the hash of what went in
        levels.json                 which levels there are, lowest first
        left_out.json               what was left out and why, of all levels
        SHA256SUMS                  of these, and of the sums of the levels (kg.sums)
        openbaar/                 one folder per marking level, each built only from sources
          manifest.json             at or below that level
          store/                  embedded quad store, read only from here on
          network/                the arrays that cascades run on, and as JSON beside them the
                                  scenarios, measures and threats
          report.json report.ttl  what SHACL found
          findings.json           what analysis found, in words
          build.prov.ttl          who built it when (kg.provenance); no other file has a clock in it
          SHA256SUMS              of every file of this level
        dep-v/ …

What is opened is held against its sums before it is used: the manifest, the network (its arrays by
a quicker sum, :mod:`kg.network.mapped`), findings, report, and of the store the small files that
say what it consists of (one that is cut short would pass for an empty store). The blocks of the
store carry checksums of their own, which RocksDB holds against whatever it reads; reading all of it
at each opening would cost more than most questions. ``kg releases verify`` does that.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from kg.errors import ReleaseError, UsageError
from kg.store import EmbeddedStore
from kg.sums import check, damaged, read_sums

if TYPE_CHECKING:
    from kg.network import Measures, Network, Scenarios, Threats

CURRENT: Final = "current"
#: Of the files of a release; another number cannot be read.
FORMAT: Final = 4


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
        if root == path and (path / CURRENT).is_symlink():
            gone = (path / CURRENT).readlink()
            raise ReleaseError(
                "release.dangling",
                f"De huidige release van {path} ({gone}) is er niet meer. Zie kg releases, en kies "
                "een andere met kg releases use ID.",
                f"The current release of {path} ({gone}) is no longer there. See kg releases, and "
                "choose another one with kg releases use ID.",
            )
        if (root / "manifest.json").is_file():  # the folder of one level was named
            return _the_level(_open_level(root, (root.name,)), level)
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

    @property
    def folder(self) -> Path:
        """The folder of releases that this one stands in; of a level alone, the one around it."""
        release = self.path.parent
        return release.parent if (release / "levels.json").is_file() else release

    @cached_property
    def _sums(self) -> Mapping[str, str]:
        return read_sums(self.path)

    def _as_built(self, *names: str) -> None:
        """Refuse files that are not as they were built."""
        check(self.path, self._sums, names)

    @cached_property
    def store(self) -> EmbeddedStore:
        """The quads: sources, ontology, inferred facts and findings, each in their graphs.

        Raises:
            ReleaseError: it is damaged.
        """
        small = [one for one in self._sums if one.startswith("store/") and one[-4:] != ".sst"]
        self._as_built(*small)
        try:
            return EmbeddedStore.open(self.path / "store")
        except RuntimeError as error:  # so Oxigraph calls corruption
            raise damaged(self.path / "store") from error

    @cached_property
    def _network(self) -> Network:
        from kg.network import Network  # numpy is only needed here

        # That of names.json holds the sums of the arrays, which loading holds them against.
        small = [one for one in self._sums if one.startswith("network/") and one[-4:] != ".npy"]
        self._as_built(*small)
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
        self._as_built("findings.json")
        return cast("Mapping[str, Any]", read_json(self.path / "findings.json"))

    @cached_property
    def report(self) -> Mapping[str, Any]:
        """The validation report, as :meth:`kg.validate.Report.to_json` wrote it."""
        self._as_built("report.json")
        return cast("Mapping[str, Any]", read_json(self.path / "report.json"))

    @property
    def left_out(self) -> tuple[Mapping[str, Any], ...]:
        """What the build left out, of all levels; empty where only this level was handed on."""
        path = self.path.parent / "left_out.json"
        return tuple(read_json(path)) if path.is_file() else ()

    @property
    def marking(self) -> str:
        """The id of the marking that this level goes up to."""
        return str(self.manifest["marking"])

    @property
    def compartments(self) -> frozenset[str]:
        """The ids of the compartments that this level holds something of."""
        return frozenset(self.manifest["compartments"])

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
    except (OSError, ValueError, RecursionError) as error:
        raise damaged(path) from error


def _levels(root: Path) -> tuple[str, ...]:
    """The levels of one release, lowest first."""
    if not (root / "levels.json").is_file():
        return ()
    try:
        return tuple(map(str, read_json(root / "levels.json")["levels"]))
    except (TypeError, KeyError) as error:
        raise damaged(root / "levels.json") from error


def _the_level(release: Release, level: str | None) -> Release:
    """One level stands by itself, so that no other can be had from it: not a lower one either."""
    if level not in {None, release.level}:
        raise UsageError(
            "release.level",
            f"Dit is niveau '{release.level}', en niet '{level}'; kies de map van de hele release.",
            f"This is level '{release.level}', not '{level}'; choose the folder of the release.",
        )
    return release


def _open_level(path: Path, levels: tuple[str, ...]) -> Release:
    manifest = read_json(path / "manifest.json")
    if not isinstance(manifest, dict):
        raise damaged(path / "manifest.json")
    if manifest.get("format") != FORMAT:
        raise ReleaseError(
            "release.format",
            f"{path} is van een andere versie van vitaal-kg; bouw de release opnieuw.",
            f"{path} is of another version of vitaal-kg; build the release again.",
        )
    check(path, read_sums(path), ["manifest.json"])
    return Release(path, manifest["id"], manifest["level"], levels, manifest)
