"""Writes what a store in memory is given to disk as well, at the same time, in a thread.

Oxigraph lets go of Python while it loads, so that on two cores the writing costs hardly any time
beside the reasoning; writing everything at the end took as long as all the rest of a large build.
Writing is the slower of the two: what waits for it stands in a file, not in memory.
"""

from __future__ import annotations

import os
import queue
import tempfile
import threading
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from kg.store.filling import fill

#: Bytes of N-Quads per load. The loader holds some five times as much; fewer loads leave less to
#: arrange afterwards.
_CHUNK: Final = 40 << 20


class DiskWriter:
    """A store on disk that is only added to, until :meth:`finish`."""

    def __init__(self, target: Path) -> None:
        target.mkdir(parents=True, exist_ok=True)
        self._store = ox.Store(str(target))
        self._lines = tempfile.TemporaryFile(dir=target.parent)  # noqa: SIM115 - closed by finish()
        self._written: queue.SimpleQueue[int | None] = queue.SimpleQueue()
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="disk-writer", daemon=True)
        self._thread.start()

    def put(self, graph: str, ntriples: bytes) -> None:
        """Add N-Triples to a graph; the empty name is the default graph.

        Raises:
            OSError: the disk is full.
        """
        quads = _as_nquads(graph, ntriples)
        self._lines.write(quads)
        self._lines.flush()
        self._written.put(len(quads))

    def finish(self) -> None:
        """Wait until everything is on disk and arranged for reading.

        Raises:
            OSError: the disk is full or unwritable; the store is then not to be used.
        """
        self._written.put(None)
        self._thread.join()
        self._lines.close()
        if self._error is not None:
            raise self._error
        self._store.optimize()
        self._store.flush()
        del self._store

    def _run(self) -> None:
        start = end = 0
        more: int | None = 0
        while more is not None:
            more = self._written.get()
            end += more or 0
            while end - start >= _CHUNK or (more is None and start < end):
                start += self._load(start, end)
                if self._error is not None:
                    return

    def _load(self, start: int, end: int) -> int:
        """Load the lines from ``start`` on, as many as fit in a chunk; their number of bytes."""
        try:
            file = self._lines.fileno()
            lines = os.pread(file, _CHUNK, start)
            # Without a line end it is one line that is longer than a chunk.
            lines = lines[: lines.rfind(b"\n") + 1] or os.pread(file, end - start, start)
            fill(self._store, None, lines, on_disk=True)
        except (OSError, SyntaxError, ValueError) as error:
            self._error = error if isinstance(error, OSError) else OSError(str(error))
            return 0
        return len(lines)


def _as_nquads(graph: str, ntriples: bytes) -> bytes:
    """The lines with the graph written in; line ends inside literals are always escaped."""
    if not graph:
        return ntriples
    return ntriples.replace(b" .\n", f" {ox.NamedNode(graph)} .\n".encode())
