"""Who did what with releases, and when: a line per build, switch, prune and what leaves, chained.

On disk, beside the releases (or in the folder that the variable ``KG_AUDIT`` names, for releases
on a disk that is only read)::

    audit/
      releases.jsonl        of whoever keeps the folder: builds, ``kg releases use`` and ``prune``,
                            with the names of releases and all their levels
      levels/openbaar.jsonl of whoever may read that level: builds of it, exports, pages, queries
      levels/dep-v.jsonl …

A log of a level tells nothing of what is above it: no name of a release (which follows from all its
levels), and no line for a build that left the level as it was, which would say that something
above it changed. So each of these files may be read by those who may read the level, and who
guards the folder can give them the rights of its level.

A line is JSON: ``n`` (1, 2, …), ``time`` (UTC), ``who`` (name of the user of the process),
``what``, facts, ``previous`` (the hash of the line before, zeros at first) and ``hash`` (SHA-256
over the rest of the line in the form it is written in). So a line that is changed, removed, added
or moved breaks the chain. That the *end* was cut off shows where a release stands whose build is
in no line, and against a hash that was kept elsewhere (``kg audit verify --head HASH``).

Lines are only ever added, under a lock, and are on disk before what they tell of leaves: who cannot
write the log cannot build or export. ``chattr +a`` makes the file system hold that too. Where a
write broke off (a full disk, no more power) half a line stays; the next line carries its hash as
``skipped``. The clock may jump: the order is that of the lines, never that of their times.
"""

from __future__ import annotations

import hashlib
import json
import os
import pwd
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from kg.durable import locked, sync
from kg.errors import AuditError
from kg.language import say
from kg.release import Release

#: The folder of the logs, when it is not the one beside the releases.
FOLDER_VARIABLE: Final = "KG_AUDIT"
#: ``1`` asks that queries are logged as well.
QUERIES_VARIABLE: Final = "KG_AUDIT_QUERIES"

_FIRST: Final = "0" * 64
#: Of a log is read this much at a time, from its end.
_BLOCK: Final = 1 << 16

Entry = dict[str, Any]


def releases_log(out: Path) -> Path:
    """The log of a folder of releases; it names all levels."""
    return _folder(out) / "releases.jsonl"


def level_log(out: Path, level: str) -> Path:
    """The log of one level of a folder of releases."""
    return _folder(out) / "levels" / f"{level}.jsonl"


def logs(out: Path) -> tuple[Path, ...]:
    """Every log of a folder of releases that is there: that of the folder, then by level."""
    levels = sorted((_folder(out) / "levels").glob("*.jsonl"))
    return tuple(one for one in (releases_log(out), *levels) if one.is_file())


def _folder(out: Path) -> Path:
    elsewhere = os.environ.get(FOLDER_VARIABLE)
    return Path(elsewhere) if elsewhere else out / "audit"


def record(release: Release, what: str, /, **facts: Any) -> Entry:
    """Add a line to the log of the level of a release; it is on disk when this returns.

    Args:
        release: the level that something was done with.
        what: ``export``, ``page``, ``query``.
        facts: what JSON can hold (no objects), and nothing that is marked higher than the level.

    Raises:
        AuditError: the log cannot be written; do not go on.
    """
    log = level_log(release.folder, release.level)
    with opened(log) as book:
        return book.add(what, level=release.level, release=release.id, **facts)


def record_query(release: Release, /, **facts: Any) -> None:
    """Add a line for a query, where ``KG_AUDIT_QUERIES=1`` asks for it.

    Raises:
        AuditError: it is asked for, and the log cannot be written; do not answer.
    """
    if os.environ.get(QUERIES_VARIABLE, "") not in {"", "0"}:
        record(release, "query", **facts)


class Book:
    """A log under its lock; ``opened`` gives it."""

    def __init__(self, path: Path, handle: int) -> None:
        self._path = path
        self._handle = handle

    def add(self, what: str, /, *, time: str | None = None, **facts: Any) -> Entry:
        """Add a line and wait until it is on disk.

        Args:
            what: was done.
            time: when, in UTC; now by default.
            facts: what JSON can hold; no objects, so that half a line never ends as a whole one.

        Raises:
            AuditError: the log cannot be written.
        """
        try:
            last, rest = _end(self._handle)
            entry: Entry = {
                "n": last["n"] + 1 if last else 1,
                "time": time or datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
                "who": user(),
                "what": what,
                **facts,
                "previous": last["hash"] if last else _FIRST,
            }
            if rest:
                entry["skipped"] = hashlib.sha256(rest.removesuffix(b"\n")).hexdigest()
            entry["hash"] = _hash(entry)
            line = _written(entry) + b"\n"
            if not _at_line_start(self._handle):
                line = b"\n" + line
            while line:
                line = line[os.write(self._handle, line) :]
            os.fsync(self._handle)
        except OSError as error:
            raise _unwritable(self._path, error) from error
        return entry


@contextmanager
def opened(log: Path) -> Iterator[Book]:
    """Hold the lock of a log, to add lines to it; made when absent.

    Raises:
        AuditError: the log cannot be written.
    """
    try:
        new = not log.exists()
        log.parent.mkdir(parents=True, exist_ok=True)
        holding = locked(log)
        handle = holding.__enter__()
    except OSError as error:
        raise _unwritable(log, error) from error
    try:
        if new:
            sync(log.parent)
        yield Book(log, handle)
    finally:
        holding.__exit__(None, None, None)


def _unwritable(log: Path, error: OSError) -> AuditError:
    why = error.strerror or str(error)
    return AuditError(
        "audit.unwritable",
        f"Het logboek {log} is niet te schrijven ({why}); daarom is er niets gedaan. Maak het "
        f"schrijfbaar, of noem in {FOLDER_VARIABLE} een map waar het wel kan.",
        f"The log {log} cannot be written ({why}), so nothing was done. Make it writable, or name "
        f"in {FOLDER_VARIABLE} a folder where it can be.",
    )


def user() -> str:
    """The user that this process runs as; what the environment claims does not count."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def _written(entry: Mapping[str, Any]) -> bytes:
    return json.dumps(
        entry, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    ).encode("utf-8", "backslashreplace")


def _hash(entry: Mapping[str, Any]) -> str:
    rest = {key: value for key, value in entry.items() if key != "hash"}
    return hashlib.sha256(_written(rest)).hexdigest()


def _read(line: bytes) -> Entry | None:
    """A line as it was written by :meth:`Book.add`; ``None`` for anything else."""
    try:
        entry = json.loads(line)
        whole = isinstance(entry, dict) and isinstance(entry.get("n"), int)
        if not whole or entry.get("hash") != _hash(entry) or _written(entry) != line:
            return None
    except (ValueError, RecursionError):
        return None
    return dict(entry)


def _at_line_start(handle: int) -> bool:
    size = os.fstat(handle).st_size
    return size == 0 or os.pread(handle, 1, size - 1) == b"\n"


def _end(handle: int) -> tuple[Entry | None, bytes]:
    """The last whole line of a log, and the bytes after it, which nobody can read."""
    size = os.fstat(handle).st_size
    taken = b""
    start = size
    while True:
        lines = taken.split(b"\n")
        # The first is whole only where the reading has come to the beginning.
        for at in range(len(lines) - 1, -1 if start == 0 else 0, -1):
            entry = _read(lines[at])
            if entry is not None:
                return entry, b"\n".join(lines[at + 1 :])
        if start == 0:
            return None, taken
        start, before = max(0, start - _BLOCK), start
        taken = os.pread(handle, before - start, start) + taken


# --- reading --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Broken:
    """The first line of a log that is not as it was written, and why, in two languages."""

    line: int
    nl: str
    en: str

    def __str__(self) -> str:
        return say(self.nl, self.en)


@dataclass(frozen=True)
class Verdict:
    """What a log is worth: its lines, the hash of the last one, what is broken, half lines."""

    log: Path
    entries: tuple[Entry, ...]
    broken: Broken | None
    torn: tuple[int, ...]

    @property
    def head(self) -> str:
        """The hash of the last line; kept elsewhere it proves that nothing before it changed."""
        return str(self.entries[-1]["hash"]) if self.entries else _FIRST


def verify(log: Path) -> Verdict:
    """Read a log from its first line to its last, or to the first one that is broken.

    Raises:
        AuditError: it cannot be read.
    """
    try:
        lines = log.read_bytes().split(b"\n")
    except OSError as error:
        why = error.strerror or str(error)
        raise AuditError(
            "audit.unreadable",
            f"Het logboek {log} is niet te lezen ({why}).",
            f"The log {log} cannot be read ({why}).",
        ) from error
    entries: list[Entry] = []
    torn: list[int] = []
    skipped: list[bytes] = []

    def ended(broken: Broken | None) -> Verdict:
        return Verdict(log, tuple(entries), broken, tuple(torn))

    last = lines.pop()
    if last and _read(last) is not None:  # only its line end is not there
        lines.append(last)
        last = b""
    for number, line in enumerate(lines, 1):
        entry = _read(line)
        if entry is None:
            if line.endswith(b"}") or not line:
                return ended(Broken(number, "de regel is veranderd", "the line was changed"))
            torn.append(number)
            skipped.append(line)
            continue
        wrong = _misfit(entries, entry, b"\n".join(skipped) if skipped else None)
        if wrong is not None:
            return ended(Broken(torn[-len(skipped)] if skipped else number, *wrong))
        entries.append(entry)
        skipped = []
    if last:
        torn.append(len(lines) + 1)
    elif skipped:
        # A line end comes after half a line only together with the next line.
        return ended(Broken(torn[-len(skipped)], "de regel is veranderd", "the line was changed"))
    return ended(None)


def _misfit(entries: list[Entry], entry: Entry, skipped: bytes | None) -> tuple[str, str] | None:
    """Why a line that is whole by itself cannot stand here."""
    number, previous = (entries[-1]["n"], entries[-1]["hash"]) if entries else (0, _FIRST)
    if entry["n"] != number + 1 or entry.get("previous") != previous:
        return (
            f"hier hoort regel {number + 1} van de keten, en dat is deze niet: er is een regel "
            "weggehaald, verplaatst of tussengevoegd",
            f"line {number + 1} of the chain belongs here, and this is not it: a line was removed, "
            "moved or put in",
        )
    told = None if skipped is None else hashlib.sha256(skipped).hexdigest()
    if entry.get("skipped") != told:
        return ("de regel is veranderd", "the line was changed")
    return None
