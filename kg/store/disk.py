"""Writes what a store in memory is given to disk as well, at the same time, in a thread.

Oxigraph lets go of Python while it loads, so that on two cores the writing costs hardly any time
beside the reasoning; writing everything at the end took as long as all the rest of a large build.
"""

from __future__ import annotations

import queue
import threading
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from kg.store.filling import fill

#: Bytes of N-Quads per load: the loader holds a chunk several times over.
_CHUNK: Final = 24 << 20


class DiskWriter:
    """A store on disk that is only added to, until :meth:`finish`."""

    def __init__(self, target: Path) -> None:
        target.mkdir(parents=True, exist_ok=True)
        self._store = ox.Store(str(target))
        self._waiting: queue.SimpleQueue[tuple[str, bytes] | None] = queue.SimpleQueue()
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="disk-writer", daemon=True)
        self._thread.start()

    def put(self, graph: str, ntriples: bytes) -> None:
        """Add N-Triples to a graph; the empty name is the default graph. Returns at once."""
        self._waiting.put((graph, ntriples))

    def finish(self) -> None:
        """Wait until everything is on disk and arranged for reading.

        Raises:
            OSError: the disk is full or unwritable; the store is then not to be used.
        """
        self._waiting.put(None)
        self._thread.join()
        if self._error is not None:
            raise self._error
        self._store.optimize()
        self._store.flush()
        del self._store

    def _run(self) -> None:
        lines: list[bytes] = []
        size = 0
        while True:
            given = self._waiting.get()
            if given is not None and self._error is None:
                quads = _as_nquads(*given)
                lines.append(quads)
                size += len(quads)
            if size > _CHUNK or (given is None and lines):
                self._load(b"".join(lines))
                lines, size = [], 0
            if given is None:
                return

    def _load(self, nquads: bytes) -> None:
        start = 0
        while start < len(nquads) and self._error is None:
            end = nquads.find(b"\n", min(start + _CHUNK, len(nquads)) - 1) + 1 or len(nquads)
            try:
                fill(self._store, None, nquads[start:end])
            except (OSError, SyntaxError, ValueError) as error:
                self._error = error if isinstance(error, OSError) else OSError(str(error))
            start = end


def _as_nquads(graph: str, ntriples: bytes) -> bytes:
    """The lines with the graph written in; line ends inside literals are always escaped."""
    if not graph:
        return ntriples
    return ntriples.replace(b" .\n", f" {ox.NamedNode(graph)} .\n".encode())
