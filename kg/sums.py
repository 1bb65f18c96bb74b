"""The hashes of the files of a release, written at its build and held against it ever after.

Each level has a file ``SHA256SUMS`` of its own, so that a level that is handed on alone can be
checked; the release has one over its own few files and over those of its levels. The hash of that
one stands in the audit log (:mod:`kg.audit`), which is chained. The form is that of ``sha256sum``:
``cd openbaar && sha256sum -c SHA256SUMS`` does not need this program.

The files of RocksDB differ between builds of the same inputs; these hashes say what was written
then, not what would be written again. Two builds are compared by their canonical N-Quads.

Cost: reading every file once; SHA-256 does some 1.3 GB/s per core where the processor has
instructions for it, and files are hashed on several cores.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeVar

from kg.durable import sync, write_text
from kg.errors import ReleaseError

SUMS: Final = "SHA256SUMS"
_LINE: Final = re.compile(r"([0-9a-f]{64})  ([^\n\\]+)\n")
#: A folder within a release; nothing that leads out of it.
_LEVEL: Final = re.compile(r"[^./][^/]*")
#: Bytes below which a file is read at once, which takes less than a buffer to read it by.
_SMALL: Final = 1 << 18
#: Bytes from which several cores are worth it.
_MUCH: Final = 4 << 20
_CORES: Final = min(4, os.cpu_count() or 1)

_Given = TypeVar("_Given")
_Made = TypeVar("_Made")
What = Literal["changed", "missing", "extra", "unreadable"]


@dataclass(frozen=True, order=True)
class Damage:
    """A file that is not as it was built: its path within what was checked, and what is wrong."""

    file: str
    what: What


@dataclass(frozen=True)
class Checked:
    """What was read, and what is wrong with it."""

    files: int
    bytes: int
    damage: tuple[Damage, ...]


def digest(path: Path) -> str:
    """SHA-256 of a file.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_size < _SMALL:
            return hashlib.sha256(file.read()).hexdigest()
        return hashlib.file_digest(file, "sha256").hexdigest()


def seal(folder: Path) -> str:
    """Hash every file below a folder and write its sums; all of it is on disk afterwards.

    Of a folder within it that is sealed already only the sums are hashed.

    Returns:
        The hash of the sums.

    Raises:
        OSError: the disk is full or unwritable.
    """
    names, folders = [], [folder]
    for top, below, files in os.walk(folder):
        at = Path(top)
        sealed = [one for one in below if (at / one / SUMS).is_file()]
        below[:] = [one for one in below if one not in sealed]
        folders += [at / one for one in below]
        names += [at / one for one in files if at != folder or one != SUMS]
        names += [at / one / SUMS for one in sealed]

    def kept(path: Path) -> tuple[str, str]:
        sync(path)
        return path.relative_to(folder).as_posix(), digest(path)

    lines = sorted(_several(kept, names))
    text = "".join(f"{value}  {name}\n" for name, value in lines)
    write_text(folder / SUMS, text)
    for one in reversed(folders):
        sync(one)
    return hashlib.sha256(text.encode()).hexdigest()


def _several(work: Callable[[_Given], _Made], given: Sequence[_Given]) -> list[_Made]:
    """Do this for each, in order, on several cores; hashing and the disk let others go on."""
    if len(given) < 2:
        return [work(one) for one in given]
    from concurrent.futures import ThreadPoolExecutor  # half of what importing this file takes

    with ThreadPoolExecutor(_CORES) as several:
        return list(several.map(work, given))


def read_sums(folder: Path) -> dict[str, str]:
    """The hash of every file of a sealed folder, by its path.

    Raises:
        ReleaseError: the sums are absent or damaged.
    """
    path = folder / SUMS
    try:
        text = path.read_text("ascii")
        if text and _LINE.sub("", text):
            raise ValueError(SUMS)
    except (OSError, ValueError) as error:
        raise damaged(path) from error
    return {name: value for value, name in _LINE.findall(text)}


def check(folder: Path, expected: Mapping[str, str], names: Iterable[str]) -> None:
    """Hold a few files against their sums, before they are used.

    Raises:
        ReleaseError: one of them is not as it was built.
    """

    def same(name: str) -> bool:
        try:
            return digest(folder / name) == expected.get(name)
        except OSError:
            return False

    def size(name: str) -> int:
        try:
            return (folder / name).stat().st_size
        except OSError:
            return 0

    asked = sorted(names)
    much = sum(map(size, asked)) > _MUCH
    right = _several(same, asked) if much else [same(name) for name in asked]
    for name, one in zip(asked, right, strict=True):
        if not one:
            raise damaged(folder / name)


def damaged(path: Path) -> ReleaseError:
    """The complaint about a file that is not as it was built, with what to do."""
    return ReleaseError(
        "release.damaged",
        f"{path} ontbreekt of is beschadigd sinds de bouw. Zie kg releases verify; ga terug met "
        "kg releases use ID, of bouw opnieuw.",
        f"{path} is missing or was damaged since the build. See kg releases verify; go back with "
        "kg releases use ID, or build again.",
    )


def compare(folder: Path) -> Checked:
    """Hold a release, or one level, against its sums: changed, missing and extra files."""
    expected: dict[str, str] = {}
    damage = _expect(folder, "", expected)
    present = {
        (Path(top) / name).relative_to(folder).as_posix()
        for top, below, files in os.walk(folder)
        for name in (*files, *(one for one in below if (Path(top) / one).is_symlink()))
    } - {SUMS}
    damage |= {Damage(name, "missing") for name in expected.keys() - present}
    damage |= {Damage(name, "extra") for name in present - expected.keys()}

    def held(name: str) -> tuple[int, Damage | None]:
        path = folder / name
        try:
            if path.is_symlink():
                return 0, Damage(name, "changed")
            size, found = path.stat().st_size, digest(path)
        except OSError:
            return 0, Damage(name, "unreadable")
        return size, None if found == expected[name] else Damage(name, "changed")

    names = sorted(present & expected.keys())
    results = _several(held, names)
    damage |= {one for _, one in results if one is not None}
    return Checked(len(names), sum(size for size, _ in results), tuple(sorted(damage)))


def _expect(folder: Path, below: str, expected: dict[str, str]) -> set[Damage]:
    """Collect what the sums of a folder, and of the folders that they name, ask for."""
    try:
        sums = read_sums(folder / below)
    except ReleaseError:
        what: What = "changed" if (folder / below / SUMS).exists() else "missing"
        return {Damage(f"{below}{SUMS}", what)}
    damage: set[Damage] = set()
    for name, value in sums.items():
        expected[below + name] = value
        inner, _, last = name.rpartition("/")
        if last == SUMS and not below and _LEVEL.fullmatch(inner):
            damage |= _expect(folder, f"{inner}/", expected)
    return damage
