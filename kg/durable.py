"""What is written stays written: files and folders on disk for certain; locks of processes."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final


def write_text(path: Path, text: str) -> None:
    """Write a file and wait until it is on disk."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def write_json(path: Path, value: Any) -> None:
    """Write JSON in the one form that gives the same bytes for the same value."""
    write_text(path, json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n")


def sync(path: Path) -> None:
    """Wait until a file, or the list of names in a folder, is on disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def locked(path: Path, waiting: Callable[[], None] | None = None) -> Iterator[int]:
    """Hold the lock that a file is; gives its descriptor, open for reading and appending.

    The kernel lets go of the lock when its holder ends, in whatever way, so that there is nothing
    to clean up after a kill; that is why it is safe to wait for it.

    Args:
        path: the file; made when absent.
        waiting: called once when another holds the lock, before waiting for it.

    Raises:
        OSError: the file cannot be made or written.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o666)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if waiting is not None:
                waiting()
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield handle
    finally:
        os.close(handle)


#: https://man7.org/linux/man-pages/man2/renameat2.2.html
_AT_FDCWD: Final = -100
_RENAME_EXCHANGE: Final = 2


def exchange(one: Path, other: Path) -> bool:
    """Let two names change places in one step; ``False`` where this system cannot do that.

    Raises:
        OSError: one of them is not there, or may not be renamed.
    """
    import ctypes  # milliseconds, for a rare call

    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    names = (os.fsencode(one), os.fsencode(other))
    if not rename(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_EXCHANGE):
        return True
    number = ctypes.get_errno()
    if number in {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP}:
        return False
    raise OSError(number, os.strerror(number), str(one))


def replace_folder(new: Path, place: Path, aside: Path) -> None:
    """Put a folder in the place of another, which then stands at ``new`` or ``aside``.

    Raises:
        OSError: a folder may not be renamed.
    """
    if exchange(new, place):
        return
    place.rename(aside)
    try:
        new.rename(place)
    except OSError:
        with contextlib.suppress(OSError):
            aside.rename(place)
        raise
