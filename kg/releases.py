"""A folder of releases: built into whole or not at all, listed, verified, switched, pruned.

A build makes a draft beside the releases, and at its very end: every file of the draft is on disk
and hashed, the log tells of it, the draft gets its name, ``current`` points at it. Each step is
atomic and on disk before the next. Killed anywhere, the old release goes on serving; what the log
then tells of too early is told again by the next build.

Two locks, held by the kernel and gone with their holder. ``.lock`` is for what takes long and may
not meet its like: builds and prunes; the second waits and says so, because what comes after it
(which release is current, what is left of others) is then always the same, and a script that
builds gets its release. The log of the folder is the lock for a moment: who switches ``current`` or
removes a release holds it, so that going back never waits for a build.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from kg import audit
from kg.durable import locked, replace_folder, sync
from kg.errors import AmbiguousError, AuditError, KgError, ReleaseError, UsageError
from kg.language import say
from kg.release import CURRENT, read_json
from kg.sums import SUMS, Checked, compare, digest

BUILDING: Final = ".building-"
REMOVED: Final = ".removed-"
_LOCK: Final = ".lock"
_NEXT: Final = f".{CURRENT}-next"

#: Given a line for the person who waits.
Say = Callable[[str], None]


@dataclass(frozen=True)
class Listed:
    """One release of a folder, as far as it can be read.

    Attributes:
        name: of its folder, the hash of what went into all its levels.
        levels: lowest first; empty when even that cannot be read.
        current: whether it is the one in use.
        ids: the id of each level, in the order of ``levels``; empty where it cannot be read.
        date: the analysis date; ``None`` when it cannot be read.
        policy: likewise.
        built: when, by the log, in UTC; ``None`` when the log does not tell.
        size: bytes.
    """

    name: str
    levels: tuple[str, ...]
    current: bool
    ids: tuple[str, ...]
    date: str | None
    policy: str | None
    built: str | None
    size: int


def releases(out: Path) -> tuple[Listed, ...]:
    """Every release in a folder, the one that was last built or put in use first.

    The order is that of the log, which a clock that jumps does not change; releases that the log
    does not name come last, by the time of their files.
    """
    if not out.is_dir():
        return ()
    current = current_name(out)
    told = _told(out)
    found = [
        _listed(path, path.name == current, told.get(path.name, (0, None))[1])
        for path in out.iterdir()
        if _is_release(path)
    ]
    found.sort(key=lambda one: ((out / one.name).lstat().st_mtime, one.name), reverse=True)
    found.sort(key=lambda one: told.get(one.name, (0, None))[0], reverse=True)
    return tuple(found)


def current_name(out: Path) -> str:
    """The name that ``current`` points at, also when nothing is there; empty when it is absent."""
    link = out / CURRENT
    return link.readlink().name if link.is_symlink() else ""


def _is_release(path: Path) -> bool:
    if path.is_symlink() or path.name.startswith(".") or not path.is_dir():
        return False
    return (path / "levels.json").exists() or (path / SUMS).exists()


def _told(out: Path) -> dict[str, tuple[int, str | None]]:
    """By name: the place in the log where it last came into use, and when it was built."""
    log = audit.releases_log(out)
    found: dict[str, tuple[int, str | None]] = {}
    for at, entry in enumerate(audit.verify(log).entries if log.is_file() else (), 1):
        if entry["what"] in {"build", "use"}:
            name = str(entry.get("release"))
            made = entry["what"] == "build" and entry.get("new")
            before = found.get(name, (0, None))[1]
            found[name] = (at, str(entry["time"]) if made else before)
    return found


def _listed(path: Path, current: bool, built: str | None) -> Listed:
    levels: tuple[str, ...] = ()
    ids, date, policy = [], None, None
    try:
        levels = tuple(read_json(path / "levels.json")["levels"])
        for level in levels:
            manifest = read_json(path / level / "manifest.json")
            ids.append(str(manifest["id"]))
            date, policy = str(manifest["date"]), str(manifest["policy"])
    except (KgError, KeyError, TypeError):
        ids = [*ids, *("" for _ in levels[len(ids) :])]
    size = sum(
        one.lstat().st_size
        for top, _, files in os.walk(path)
        for one in (Path(top) / name for name in files)
        if one.exists()
    )
    return Listed(path.name, levels, current, tuple(ids), date, policy, built, size)


def find(out: Path, wanted: str) -> Listed:
    """The release that a name, the beginning of one, or the id of a level means.

    Raises:
        UsageError: none; several (all are listed).
    """
    there = releases(out)
    exact = [one for one in there if one.name == wanted]
    fits = exact or [one for one in there if wanted and one.name.startswith(wanted)]
    fits = fits or [
        one for one in there if wanted and any(each.startswith(wanted) for each in one.ids)
    ]
    if len(fits) == 1:
        return fits[0]
    if fits:
        raise AmbiguousError(wanted, [(one.name, " ".join(one.levels)) for one in fits])
    known = ", ".join(one.name for one in there) or "–"
    raise UsageError(
        "release.unknown",
        f"In {out} staat geen release '{wanted}'; wel: {known}.",
        f"There is no release '{wanted}' in {out}; there is: {known}.",
    )


# --- verifying ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Verified:
    """What was found of one release; ``logged`` is ``None`` where no log tells of it."""

    name: str
    checked: Checked
    logged: bool | None

    @property
    def whole(self) -> bool:
        """Whether it is what was built."""
        return not self.checked.damage and self.logged is not False


def verify_alone(path: Path) -> Verified:
    """Hold a release or a level that stands by itself against its sums; no log tells of it."""
    return Verified(path.resolve().name, compare(path), None)


def verify(out: Path, name: str) -> Verified:
    """Hold every file of a release against its sums, and the sums against the log."""
    path = out / name
    checked = compare(path)
    log = audit.releases_log(out)
    told = {
        entry.get("sums")
        for entry in (audit.verify(log).entries if log.is_file() else ())
        if entry["what"] == "build" and entry.get("release") == name
    }
    try:
        logged = digest(path / SUMS) in told if told else None
    except OSError:
        logged = None  # that it is absent stands in the damage
    return Verified(name, checked, logged)


# --- building -------------------------------------------------------------------------------------


@contextmanager
def building(out: Path, told: Say | None = None) -> Iterator[Path]:
    """A draft folder on the same file system; gone afterwards unless it was published.

    Raises:
        OSError: the folder cannot be written.
    """
    out.mkdir(parents=True, exist_ok=True)
    with _alone(out, told):
        _sweep(out)
        draft = out / f"{BUILDING}{os.getpid()}"
        draft.mkdir()
        try:
            yield draft
        finally:
            shutil.rmtree(draft, ignore_errors=True)


@contextmanager
def _alone(out: Path, told: Say | None) -> Iterator[None]:
    """Wait for builds and prunes of others in this folder, and keep them out."""
    path = out / _LOCK

    def waiting() -> None:
        if told is None:
            return
        try:
            who = path.read_text("utf-8").split("\n")[0]
        except (OSError, ValueError):
            who = ""
        told(
            say(
                f"In {out} wordt al gebouwd of opgeruimd ({who}); dit wacht tot dat klaar is. "
                "Afbreken kan met Ctrl-C.",
                f"A build or prune in {out} is under way ({who}); this waits until it is done. "
                "Ctrl-C stops waiting.",
            )
        )

    with locked(path, waiting) as handle:
        os.ftruncate(handle, 0)
        os.write(handle, f"{audit.user()}, {os.getpid()}\n".encode())
        yield


def _sweep(out: Path) -> int:
    """Remove what killed builds and prunes left (under the lock nobody is at it); the number."""
    left = [*out.glob(f"{BUILDING}*"), *out.glob(f"{REMOVED}*")]
    for one in left:
        shutil.rmtree(one, ignore_errors=True)
    return len(left)


def earlier_level(out: Path, level: str, level_id: str) -> Path | None:
    """A level of a release in this folder that was built from the very same inputs."""
    names = [current_name(out), *sorted(one.name for one in out.iterdir() if _is_release(one))]
    for path in (out / name / level for name in names if name):
        try:
            if read_json(path / "manifest.json")["id"] == level_id:
                return path
        except (KgError, KeyError, TypeError):
            continue
    return None


@dataclass(frozen=True)
class BuiltLevel:
    """What the log tells of a level of a draft.

    ``new`` is whether it was built now, not taken from an earlier release; ``built`` is when it was
    done, which is told in its log: the time at which all levels were done would tell how much there
    is above it.
    """

    level: str
    id: str
    inputs: str
    sums: str
    built: str
    new: bool


def publish(draft: Path, out: Path, name: str, levels: Sequence[BuiltLevel]) -> None:
    """Log a sealed draft, move it to its place and switch ``current``, in that order.

    What stands in its place from an earlier build of the same inputs stays, unless it is damaged.

    Raises:
        AuditError: the log cannot be written; nothing was changed.
        OSError: the folder cannot be written.
    """
    target = out / name
    kept = target.exists() and verify(out, name).whole
    with audit.opened(audit.releases_log(out)) as book:
        for one in levels:
            if one.new and not kept:
                with audit.opened(audit.level_log(out, one.level)) as own:
                    own.add(
                        "build",
                        time=one.built,
                        level=one.level,
                        release=one.id,
                        inputs=one.inputs,
                        sums=one.sums,
                    )
        book.add(
            "build",
            release=name,
            levels=[one.level for one in levels],
            ids=[one.id for one in levels],
            inputs=[one.inputs for one in levels],
            sums=digest((target if kept else draft) / SUMS),
            new=not kept,
        )
        if not kept and target.exists():
            replace_folder(draft, target, out / f"{REMOVED}{name}-{os.getpid()}")
        elif not kept:
            draft.rename(target)
        sync(out)
        _switch(out, name)


def _switch(out: Path, name: str) -> None:
    """Point ``current`` at a release, in one step; under the lock of the log."""
    link = out / _NEXT
    link.unlink(missing_ok=True)
    link.symlink_to(name)
    link.replace(out / CURRENT)
    sync(out)


# --- switching and pruning ------------------------------------------------------------------------


def use(out: Path, name: str, *, force: bool = False) -> str:
    """Make a release the current one; gives the name of the one before it.

    Args:
        out: the folder of releases.
        name: of the release, in full.
        force: also when it is damaged.

    Raises:
        ReleaseError: it is damaged, or gone meanwhile.
        AuditError: the log cannot be written; nothing was changed.
        OSError: the folder cannot be written.
    """
    whole = verify(out, name).whole
    if not whole and not force:
        raise ReleaseError(
            "release.damaged",
            f"Release {name} is niet meer zoals zij gebouwd is en wordt niet in gebruik genomen; "
            f"zie kg releases verify {name}. Toch doen: --force.",
            f"Release {name} is no longer as it was built and is not put in use; see kg releases "
            f"verify {name}. To do it all the same: --force.",
        )
    with audit.opened(audit.releases_log(out)) as book:
        if not (out / name).is_dir():
            raise ReleaseError(
                "release.gone",
                f"Release {name} is intussen opgeruimd.",
                f"Release {name} was pruned meanwhile.",
            )
        before = current_name(out)
        if before != name:
            facts: Mapping[str, Any] = {} if whole else {"damaged": True}
            book.add("use", release=name, before=before, **facts)
            _switch(out, name)
    return before


def to_prune(out: Path, keep: int) -> tuple[Listed, ...]:
    """The releases that go when the ``keep`` last used ones stay; the current one always stays.

    Raises:
        AuditError: the log is broken, so that it does not tell which were used last.
    """
    log = audit.releases_log(out)
    broken = audit.verify(log).broken if log.is_file() else None
    if broken is not None:
        raise AuditError(
            "audit.broken",
            f"Het logboek {log} klopt niet vanaf regel {broken.line}, en zegt dus niet welke "
            "releases het laatst gebruikt zijn; er is niets verwijderd. Zie kg audit verify.",
            f"The log {log} is wrong from line {broken.line} on, so it does not tell which "
            "releases were used last; nothing was removed. See kg audit verify.",
        )
    there = releases(out)
    stay = {one.name for one in there if one.current}
    for one in there:
        if len(stay) < keep:
            stay.add(one.name)
    return tuple(one for one in there if one.name not in stay)


def leftovers(out: Path) -> int:
    """How many drafts of killed builds, and remains of killed prunes, are in a folder."""
    return sum(1 for kind in (BUILDING, REMOVED) for _ in out.glob(f"{kind}*"))


def prune(out: Path, names: Sequence[str], told: Say | None = None) -> tuple[str, ...]:
    """Remove releases and what killed builds left; gives the names that went.

    A release that came into use meanwhile stays. On a full disk the first may go before the log
    can tell of it; nothing else goes unlogged.

    Raises:
        AuditError: the log cannot be written.
        OSError: the folder cannot be written.
    """
    with _alone(out, told):
        _sweep(out)
        gone = []
        for name in names:
            aside = out / f"{REMOVED}{name}-{os.getpid()}"
            with audit.opened(audit.releases_log(out)) as book:
                if name == current_name(out) or not (out / name).is_dir():
                    continue
                (out / name).rename(aside)
                sync(out)
                try:
                    book.add("prune", release=name)
                except AuditError as error:
                    if not _is_full(error):
                        aside.rename(out / name)
                        raise
                    shutil.rmtree(aside, ignore_errors=True)
                    book.add("prune", release=name)
            shutil.rmtree(aside, ignore_errors=True)
            gone.append(name)
        return tuple(gone)


def _is_full(error: AuditError) -> bool:
    cause = error.__cause__
    return isinstance(cause, OSError) and cause.errno in {errno.ENOSPC, errno.EDQUOT}


def unlogged(out: Path) -> tuple[str, ...]:
    """The releases of a folder whose build, with the sums that they have, is in no line of the log.

    The log is read up to its first broken line.
    """
    log = audit.releases_log(out)
    told = {
        (entry.get("release"), entry.get("sums"))
        for entry in (audit.verify(log).entries if log.is_file() else ())
        if entry["what"] == "build"
    }
    found = []
    for path in sorted(out.iterdir()) if out.is_dir() else ():
        if _is_release(path):
            try:
                known = (path.name, digest(path / SUMS)) in told
            except OSError:
                known = False
            if not known:
                found.append(path.name)
    return tuple(found)
