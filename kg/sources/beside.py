"""Reads the files of a build in two processes where they are large: the one half here, the other
beside it.

Files share nothing until they are resolved. What is read, and every problem, is the same as when
they are read one after the other here, and in the same order.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, cast

from kg.processes import environment, python
from kg.schema import Schema
from kg.sources.files import Found
from kg.sources.intake import Taken, take_in

#: Bytes that another process must have to read, at the least, to be worth it.
_LEAST: Final = 2 << 20


def read_all(files: Sequence[Found], schema: Schema, *, cores: int) -> list[Taken]:
    """What every file gives, in their order; on one core all of it is read here."""
    here, there = _halves(files) if cores > 1 else (range(len(files)), [])
    if not there:
        return [take_in(found, schema) for found in files]
    taken: dict[int, Taken] = {}
    with _beside([files[at] for at in there], schema) as beside:
        taken |= {at: take_in(files[at], schema) for at in here}
        answer = _answer(beside)
    # Whatever went wrong there (too little memory?) is told where it goes wrong here too.
    given = answer or [take_in(files[at], schema) for at in there]
    taken |= zip(there, given, strict=True)
    return [taken[at] for at in range(len(files))]


def _halves(files: Sequence[Found]) -> tuple[Sequence[int], Sequence[int]]:
    """Which files to read here and which beside: the largest first, each to who has least to do."""
    sizes = [_size(found.path) for found in files]
    halves: tuple[list[int], list[int]] = [], []
    to_do = [0, 0]
    for at in sorted(range(len(files)), key=lambda at: -sizes[at]):
        less = to_do.index(min(to_do))
        halves[less].append(at)
        to_do[less] += sizes[at]
    return halves if to_do[1] >= _LEAST else (range(len(files)), [])


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # reading it says so
        return 0


@contextmanager
def _beside(files: list[Found], schema: Schema) -> Iterator[subprocess.Popen[bytes]]:
    """A process that reads these files; it has ended when this has."""
    process = subprocess.Popen(  # noqa: S603 - this interpreter, our own program
        python(_PROGRAM),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment(),
        start_new_session=True,  # a Ctrl-C is ours to deal with
    )
    try:
        assert process.stdin is not None
        with suppress(BrokenPipeError):  # it is gone: there is no answer then
            _Pickler(process.stdin).dump((files, schema))
            process.stdin.flush()
        yield process
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            with suppress(BrokenPipeError):  # what was not sent any more
                if pipe is not None:
                    pipe.close()


class _Pickler(pickle.Pickler):
    """Sends views of mappings too, which Python does not by itself; a schema consists of them."""

    def reducer_override(self, obj: object) -> Any:
        return (_view, (dict(obj),)) if isinstance(obj, MappingProxyType) else NotImplemented


def _view(values: dict[str, object]) -> Mapping[str, object]:
    return MappingProxyType(values)


def _answer(process: subprocess.Popen[bytes]) -> list[Taken] | None:
    """What it read; ``None`` when it ended without a word."""
    assert process.stdout is not None
    try:
        return cast("list[Taken]", pickle.load(process.stdout))  # noqa: S301 - of our own process
    except (EOFError, pickle.UnpicklingError):
        return None


_PROGRAM: Final = "from kg.sources.beside import read_beside; read_beside()"


def read_beside() -> None:
    """What the other process does: take a task from its standard input, and answer on its output.

    It ends when whoever gave it the task is gone.
    """
    take, give = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever else is printed is no answer
    files, schema = pickle.load(take)  # noqa: S301 - of the process that started this one

    def listen() -> None:
        take.read()
        os._exit(1)

    threading.Thread(target=listen, daemon=True).start()
    pickle.dump([take_in(found, schema) for found in files], give, pickle.HIGHEST_PROTOCOL)
    give.flush()
    os._exit(0)  # giving back all that was read takes longer than ending
