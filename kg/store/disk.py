"""Writes what a store in memory is given to disk as well, at the same time, in another process.

On two cores the writing then costs hardly any time beside the reasoning. A thread does not do: two
threads that both allocate and free this much get in each other's way in the memory allocator and
the page tables (a fifth of the time of a large build).

The lines go to a nameless file. Whoever writes them to the store takes what has arrived; the other
process is only started when there is much of it. Where other work keeps all cores busy it would
only take its share of them and of the memory: then all is written at the end.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from kg.allocator import settled_to_load
from kg.processes import environment, python
from kg.store.filling import fill

#: Bytes of N-Quads per load, at most. The loader holds some five times as much; fewer loads leave
#: less to arrange afterwards.
_MOST: Final = 64 << 20
#: Bytes to wait for before a load; also how much must come before another process is worth it.
_LEAST: Final = 16 << 20
#: Seconds between two looks whether there is that much.
_PAUSE: Final = 0.05


class DiskWriter:
    """A store on disk that is only added to, until :meth:`finish` or :meth:`abandon`.

    Args:
        helped: whether another process may write meanwhile.
    """

    def __init__(self, target: Path, *, helped: bool = True) -> None:
        target.mkdir(parents=True, exist_ok=True)
        self._target = target
        self._lines = tempfile.TemporaryFile(dir=target.parent)  # noqa: SIM115 - closed at its end
        self._helped = helped
        self._written = 0
        self._process: subprocess.Popen[bytes] | None = None

    def put(self, graph: str, ntriples: bytes) -> None:
        """Add N-Triples to a graph; the empty name is the default graph.

        Raises:
            OSError: the disk is full.
        """
        quads = _as_nquads(graph, ntriples)
        self._lines.write(quads)
        self._lines.flush()
        self._written += len(quads)
        if self._helped and self._process is None and self._written >= _LEAST:
            self._process = _start(self._target, self._lines.fileno())

    def no_more(self) -> None:
        """Say that all lines are there; what is left to do may go on meanwhile."""
        said_to = self._process.stdin if self._process is not None else None
        if said_to is not None and not said_to.closed:
            with contextlib.suppress(BrokenPipeError):  # it failed: finish() says why
                said_to.write(_END)
                said_to.close()

    def finish(self) -> None:
        """Wait until everything is on disk and arranged for reading.

        Raises:
            OSError: the disk is full or unwritable; the store is then not to be used.
        """
        self.no_more()
        process, self._process = self._process, None
        try:
            if process is None:
                _write(self._target, self._lines.fileno(), _at_once)
                return
            assert process.stderr is not None
            with process:
                said = process.stderr.read().decode(errors="replace").strip()
            if process.returncode:
                raise OSError(said or f"writing the store ended with {process.returncode}")
        finally:
            self._lines.close()

    def abandon(self) -> None:
        """Stop writing; what stands on disk is of no use. Harmless after :meth:`finish`."""
        process, self._process = self._process, None
        self._lines.close()
        if process is not None:
            with process:
                process.kill()


#: Said to the other process when all lines are there. It ends when nobody can say so any more.
_END: Final = b"end"


def _start(target: Path, lines: int) -> subprocess.Popen[bytes]:
    """Begin writing in another process, in a session of its own: a Ctrl-C is ours to deal with."""
    return subprocess.Popen(  # noqa: S603 - this interpreter, our own program
        python(_PROGRAM, str(target), str(lines)),
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        pass_fds=[lines],
        env=settled_to_load(environment()),
        start_new_session=True,
    )


_PROGRAM: Final = "import sys; from kg.store.disk import write_beside; sys.exit(write_beside())"


def write_beside() -> str | None:
    """What the other process does; gives the complaint, if there is one."""
    target, lines = Path(sys.argv[1]), int(sys.argv[2])
    ended = threading.Event()

    def listen() -> None:
        if sys.stdin.buffer.read() != _END:
            os._exit(1)  # whoever asked for this is gone
        ended.set()

    threading.Thread(target=listen, daemon=True).start()
    try:
        _write(target, lines, ended.wait)
    except (OSError, SyntaxError, ValueError) as error:
        return str(error)
    return None


def _at_once(_: float) -> bool:
    return True


def _write(target: Path, lines: int, ended: Callable[[float], bool]) -> None:
    """Load the lines of a file that may still grow, and arrange the store for reading.

    Args:
        target: the folder of the store.
        lines: the file, as its descriptor; N-Quads.
        ended: waits so many seconds for the file to be complete, and says whether it is.

    Raises:
        OSError: the disk is full or unwritable.
        SyntaxError: the lines are no N-Quads.
    """
    store = ox.Store(str(target))
    start = 0
    complete = False
    while True:
        # Asked before looking at the size: what is complete grows no more.
        complete = complete or ended(0)
        waiting = os.fstat(lines).st_size - start
        if complete and not waiting:
            break
        if waiting < _LEAST and not complete:
            ended(_PAUSE)
            continue
        start += _load(store, lines, start, waiting, complete=complete)
    store.optimize()
    store.flush()


def _load(store: ox.Store, lines: int, start: int, waiting: int, *, complete: bool) -> int:
    """Load the lines from ``start`` on, as many as fit; their number of bytes.

    Once all lines are there nobody else is at work, so that there is a core for each half of them;
    of few lines the two loads would leave more to arrange than they win.
    """
    taken = os.pread(lines, min(waiting, _MOST), start)
    if b"\n" not in taken:  # one line that is longer than all this
        taken = os.pread(lines, waiting, start)
    # What comes after the last line end is still being written.
    size = len(taken) if complete and waiting == len(taken) else taken.rfind(b"\n") + 1
    middle = taken.rfind(b"\n", 0, size // 2) + 1
    if complete and size >= 2 * _LEAST and middle:
        with ThreadPoolExecutor(2) as both:
            halves = taken[:middle], taken[middle:size]
            list(both.map(lambda half: fill(store, None, half, on_disk=True), halves))
    else:
        fill(store, None, taken[:size], on_disk=True)
    return size


def _as_nquads(graph: str, ntriples: bytes) -> bytes:
    """The lines with the graph written in; line ends inside literals are always escaped."""
    if not graph:
        return ntriples
    return ntriples.replace(b" .\n", f" {ox.NamedNode(graph)} .\n".encode())
