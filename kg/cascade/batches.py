"""Long work in batches over several threads: it can be stopped, kept in a file and gone on with.

Which thread does which batch, and in what order they end, changes nothing: what was found is put
together in the order of the batches.
"""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from kg import __version__
from kg.errors import UsageError
from kg.network import Network

Stop = threading.Event
#: The state is written at most this often, in seconds, and at the end.
_BETWEEN: Final = 5.0
#: How long Ctrl-C may wait, in seconds.
_ALERT: Final = 0.2
_MAGIC: Final = "kg screen 1"


class Outcome(NamedTuple):
    """What a batch gave: rows, and how many cases were computed for them."""

    rows: npt.NDArray[np.void]
    computed: int


Work = Callable[[int, int, Stop], Outcome | None]


class Found(NamedTuple):
    """What is done: the ranges, their rows in that order, and how many cases were computed."""

    ranges: list[tuple[int, int]]
    rows: npt.NDArray[np.void]
    computed: int


@dataclass
class Batches:
    """Batches of one piece of work.

    Attributes:
        kind, row, parameters, network: what the work is; a state of other work is refused.
        ends: where each batch ends, ascending.
    """

    kind: str
    row: np.dtype[np.void]
    parameters: Sequence[Any]
    network: Network
    ends: list[int]
    _done: dict[int, Outcome] = field(default_factory=dict)

    def run(
        self,
        worker: Callable[[], Work],
        *,
        cores: int,
        state: Path | None,
        progress: Callable[[int, int], None] | None,
        stop: Stop | None,
    ) -> Found:
        """Do what is not done yet.

        Args:
            worker: makes what one thread works with; that gives None when it was stopped.

        Ctrl-C ends it as ``stop`` does: what is done is given, and kept in ``state``.

        Raises:
            UsageError: ``state`` is not of this work.
        """
        digest = self._digest() if state is not None else ""
        if state is not None and state.exists():
            self._done = self._read(state, digest)
        job = _Job(self.ends, set(self._done), stop or Stop())
        threads = [
            threading.Thread(target=job.loop, args=(worker,))
            for _ in range(max(1, min(cores, len(job.ranges) - len(self._done))))
        ]
        for thread in threads:
            thread.start()
        failure = self._collect(job, len(threads), state, digest, progress)
        for thread in threads:
            thread.join()
        if state is not None:
            self._write(state, digest)
        if failure is not None:
            raise failure
        places = sorted(self._done)
        parts = [self._done[place].rows for place in places]
        return Found(
            [job.ranges[place] for place in places],
            np.concatenate(parts) if parts else np.empty(0, dtype=self.row),
            sum(self._done[place].computed for place in places),
        )

    def _collect(
        self,
        job: _Job,
        running: int,
        state: Path | None,
        digest: str,
        progress: Callable[[int, int], None] | None,
    ) -> BaseException | None:
        """Take what the threads find until they have all ended; what went wrong in one."""
        failure: BaseException | None = None
        written = time.monotonic()
        units = sum(job.size(place) for place in self._done)
        while running:
            try:
                found = job.results.get(timeout=_ALERT)
                if found is None:
                    running -= 1
                elif isinstance(found, BaseException):
                    failure = failure or found
                    job.stop.set()
                else:
                    self._done[found[0]] = found[1]
                    units += job.size(found[0])
                    if progress:
                        progress(units, self.ends[-1])
                    if state is not None and time.monotonic() - written > _BETWEEN:
                        self._write(state, digest)
                        written = time.monotonic()
            except Empty:
                continue
            except KeyboardInterrupt:
                job.stop.set()
        return failure

    def _digest(self) -> str:
        """What the work is, whole: another network, other parameters or batches differ."""
        total = hashlib.sha256(f"{__version__}\n{self.kind}\n{self.row}\n{self.ends}\n".encode())
        total.update(self.network.digest().encode())
        for one in self.parameters:
            total.update(b"\n" + (one if isinstance(one, bytes) else repr(one).encode()))
        return total.hexdigest()

    def _write(self, state: Path, digest: str) -> None:
        """Put the state in its place whole or not at all."""
        lengths = np.full((2, len(self.ends)), -1, dtype=np.int64)
        for place, outcome in self._done.items():
            lengths[:, place] = len(outcome.rows), outcome.computed
        parts = [self._done[place].rows for place in sorted(self._done)]
        body = BytesIO()
        np.save(body, lengths)
        np.save(body, np.concatenate(parts) if parts else np.empty(0, dtype=self.row))
        kept = body.getvalue()
        head = f"{_MAGIC}\n{digest}\n{hashlib.sha256(kept).hexdigest()}\n"
        draft = state.with_name(f".{state.name}-{os.getpid()}")
        try:
            with draft.open("wb") as file:
                file.write(head.encode() + kept)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(state)
        finally:
            draft.unlink(missing_ok=True)

    def _read(self, state: Path, digest: str) -> dict[int, Outcome]:
        with state.open("rb") as file:
            if file.read(len(_MAGIC) + 1) != f"{_MAGIC}\n".encode():
                raise UsageError(
                    "usage.screen-state",
                    f"{state} is geen stand van een doorlichting; kies een ander bestand.",
                    f"{state} is not the state of a screening; choose another file.",
                )
            work, checksum = (file.readline(80).decode("ascii", "replace").strip() for _ in "12")
            body = file.read()
        if hashlib.sha256(body).hexdigest() != checksum:
            raise UsageError(
                "usage.screen-state",
                f"{state} is beschadigd; verwijder het en begin opnieuw.",
                f"{state} is damaged; remove it and start again.",
            )
        if work != digest:
            raise UsageError(
                "usage.screen-state",
                f"{state} hoort bij een ander netwerk, een andere vraag of een andere versie; kies "
                "een ander bestand, of verwijder het om opnieuw te beginnen.",
                f"{state} is of another network, another question or another version; choose "
                "another file, or remove it to start again.",
            )
        stream = BytesIO(body)
        lengths = np.load(stream, allow_pickle=False)
        rows = np.load(stream, allow_pickle=False)
        done: dict[int, Outcome] = {}
        at = 0
        for place, (length, computed) in enumerate(lengths.T.tolist()):
            if length >= 0:
                done[place] = Outcome(rows[at : at + length], computed)
                at += length
        return done


class _Job:
    """What the threads share."""

    def __init__(self, ends: Sequence[int], done: set[int], stop: Stop) -> None:
        self.ranges = list(pairwise([0, *ends]))
        self.stop = stop
        self.results: SimpleQueue[tuple[int, Outcome] | BaseException | None] = SimpleQueue()
        self._left = iter([place for place in range(len(self.ranges)) if place not in done])
        self._lock = threading.Lock()

    def size(self, place: int) -> int:
        first, last = self.ranges[place]
        return last - first

    def loop(self, worker: Callable[[], Work]) -> None:
        """One thread: the next batch that nobody has, until none is left or it must stop."""
        try:
            work = None
            while not self.stop.is_set() and (place := self._next()) is not None:
                work = work or worker()
                outcome = work(*self.ranges[place], self.stop)
                if outcome is not None:
                    self.results.put((place, outcome))
        except BaseException as error:  # told by the thread that waits
            self.results.put(error)
        finally:
            self.results.put(None)

    def _next(self) -> int | None:
        with self._lock:
            return next(self._left, None)
