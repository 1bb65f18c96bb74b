"""Several processes for queries on one store, started when they are needed."""

from __future__ import annotations

import os
import threading
import time
import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Literal

from kg.errors import KgError, QueryError
from kg.guard import wire
from kg.guard.limits import Limits
from kg.guard.process import Process
from kg.language import current_language
from kg.queries import SavedQuery, Table, catalogue

#: Characters of a query. The engine takes many times as much while it reads one.
_LONGEST: Final = 16 << 20


class Guard:
    """Asks saved queries and SPARQL of a store, each in another process, within limits.

    May be used by several threads; as many queries run at once as there are processes, and what
    comes after that waits for its turn, no longer than its own limit of time.
    """

    def __init__(
        self,
        store: Path,
        limits: Limits | None = None,
        *,
        processes: int | None = None,
        fork: bool | None = None,
    ) -> None:
        """
        Args:
            store: the folder of the store.
            limits: of a query that gives none of its own.
            processes: how many at once; by default as many as there are processors, at least 4.
            fork: whether to fork them; by default where that is safe.
        """
        self.limits = limits or Limits()
        self._store = store
        self._fork = fork
        self._most = processes or max(4, os.cpu_count() or 1)
        self._all: set[Process] = set()
        self._new()
        self._at_exit = weakref.finalize(self, _end_all, self._all)
        _guards.add(self)

    def _new(self) -> None:
        self._changed = threading.Condition()
        self._idle: list[Process] = []
        self._running = 0
        self._all.clear()

    # --- asking -------------------------------------------------------------------------------

    def run(
        self,
        query: str | SavedQuery,
        params: Mapping[str, str] | None = None,
        *,
        page: int | None = None,
        limit: int | None = None,
        limits: Limits | None = None,
    ) -> Table:
        """Run a saved query as :func:`kg.queries.run` does.

        Raises:
            UsageError: an unknown query or parameter, a wrong or missing value.
            QueryError: the query is wrong, or it meets a limit.
        """
        saved = catalogue().get(query) if isinstance(query, str) else query
        given = {_valid(name): _valid(text) for name, text in (params or {}).items()}
        asked = {"saved": wire.saved_out(saved), "params": given, "page": page, "limit": limit}
        answer = self._ask(asked, limits or self.limits)
        assert isinstance(answer, Table)
        return answer

    def run_text(
        self, text: str, *, limit: int | None = None, limits: Limits | None = None
    ) -> wire.Answer:
        """Run SPARQL that a person wrote as :func:`kg.queries.run_text` does.

        Raises:
            QueryError: it does not parse, is refused, or meets a limit.
        """
        if len(text) > _LONGEST:
            raise QueryError(
                "query.too-long",
                f"De vraag telt meer dan {_LONGEST} tekens. Zet de gegevens in een release en "
                "vraag daarnaar.",
                f"The query has more than {_LONGEST} characters. Put the data into a release and "
                "ask for them there.",
            )
        return self._ask({"text": _valid(text), "limit": limit}, limits or self.limits)

    def begin(self) -> None:
        """Start a process ahead of the first question, and do not wait for it."""
        with self._changed:
            if self._running or self._idle:
                return
            self._running += 1
        try:
            process = self._started()
        except BaseException:
            self._give_back(None)
            raise
        self._give_back(process)

    def _ask(self, asked: Mapping[str, Any], limits: Limits) -> wire.Answer:
        question = wire.written(
            {
                **asked,
                "language": current_language(),
                "seconds": limits.seconds,
                "memory": limits.memory,
                "rows": limits.rows,
            }
        )
        with self._process(limits.seconds) as process:
            return process.ask(question, limits)

    @contextmanager
    def _process(self, seconds: float) -> Iterator[Process]:
        """A process that is ready; afterwards it is free again, or gone if it has ended."""
        process: Process | None = self._free(seconds)
        done = False
        try:
            if process is None:
                process = self._started()
            process.ready()
            yield process
            done = True
        except KgError:
            done = True  # it said so itself, or has been ended
            raise
        finally:
            # A Ctrl-C, or anything else that came in between: what it is doing, nobody wants.
            if process is not None and not (done and process.alive()):
                process.end()
                self._all.discard(process)
                process = None
            self._give_back(process)

    def _started(self) -> Process:
        try:
            process = Process(self._store, fork=self._fork)
        except OSError as error:
            raise QueryError(
                "query.start",
                f"Er kan geen proces voor de vraag gestart worden ({error}). Sluit andere "
                "programma's en stel haar opnieuw.",
                f"No process for the query can be started ({error}). Close other programs and ask "
                "again.",
            ) from error
        self._all.add(process)
        return process

    def _free(self, seconds: float) -> Process | None:
        """A process that was started before, or leave to start one."""
        deadline = time.monotonic() + seconds
        with self._changed:
            while True:
                while self._idle:
                    process = self._idle.pop()
                    if process.alive():
                        self._running += 1
                        return process
                    process.end()
                    self._all.discard(process)
                if self._running < self._most:
                    self._running += 1
                    return None
                if not self._changed.wait(max(0.0, deadline - time.monotonic())):
                    raise QueryError(
                        "query.busy",
                        f"Er lopen al {self._most} vragen; probeer het zo nog eens.",
                        f"{self._most} queries run already; try again in a moment.",
                    )

    def _give_back(self, process: Process | None) -> None:
        with self._changed:
            self._running -= 1
            if process is not None:
                self._idle.append(process)
            self._changed.notify()

    # --- ending -------------------------------------------------------------------------------

    def close(self) -> None:
        """End the processes that wait for a question; a next question starts one anew.

        Those at work finish their answer, and end with this process.
        """
        with self._changed:
            for process in self._idle:
                process.end()
                self._all.discard(process)
            self._idle.clear()

    def __enter__(self) -> Guard:
        return self

    def __exit__(self, *_: object) -> Literal[False]:
        self.close()
        return False

    def _forget(self) -> None:
        """In a fork of this process: the processes are not ours to ask or to end."""
        for process in self._all:
            process.forget()
        self._new()


def _valid(text: str) -> str:
    """Half a character (a lone surrogate) is in no valid text; whoever reads it may complain."""
    return text.encode("utf-8", "replace").decode("utf-8")


_guards: weakref.WeakSet[Guard] = weakref.WeakSet()


def _forget_all() -> None:
    for guard in _guards:
        guard._forget()


os.register_at_fork(after_in_child=_forget_all)


def _end_all(processes: set[Process]) -> None:
    for process in list(processes):
        process.end()
