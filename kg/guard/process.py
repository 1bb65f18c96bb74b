"""A process that queries run in, seen from here: started, asked, ended.

It is forked where that is safe: on Linux while this process has a single thread, as in a command.
That takes a few milliseconds, as everything is loaded already. Else it is a new interpreter.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import resource
import select
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final, NoReturn

from kg.errors import QueryError
from kg.guard import wire
from kg.guard.limits import Limits, shown_size
from kg.guard.worker import serve
from kg.processes import environment, may_fork, python

_PROGRAM: Final = "from kg.guard.worker import main; main()"
#: Seconds in which a process must be ready to answer; a disk may be slow.
_READY_WITHIN: Final = 60.0
#: Seconds between two looks at how much memory it holds.
_LOOK: Final = 0.2
#: What the limit on memory does not see (files in memory) may be this much more.
_UNSEEN: Final = 256 << 20
#: Bytes read at once.
_PIECE: Final = 1 << 18
_OUT_OF_MEMORY: Final = re.compile(
    r"memory allocation of|bad_alloc|MemoryError|out of memory|Cannot allocate", re.IGNORECASE
)
#: Signals by which a process ends that overflowed its stack, or that the engine itself ended.
_BROKEN: Final = frozenset(
    -one for one in (signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT, signal.SIGILL, signal.SIGTRAP)
)


class Process:
    """One process with the store open, that answers one question at a time."""

    def __init__(self, store: Path, *, fork: bool | None = None) -> None:
        """Start it; :meth:`ready` waits until it answers.

        Args:
            fork: whether to fork; by default where that is safe.
        """
        self._last_words = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
        theirs_in, self._to = map(_above_standard, os.pipe())
        self._from, theirs_out = map(_above_standard, os.pipe())
        self._status: int | None = None
        self._popen: subprocess.Popen[bytes] | None = None
        self._is_ready = False
        try:
            if may_fork() if fork is None else fork:
                self.pid = os.fork()
                if not self.pid:
                    self._become(store, theirs_in, theirs_out)
            else:
                self._popen = subprocess.Popen(  # noqa: S603 - this interpreter, our own program
                    python(_PROGRAM, str(store), str(theirs_in), str(theirs_out)),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=self._last_words,
                    pass_fds=[theirs_in, theirs_out],
                    env=environment(),
                    start_new_session=True,  # a Ctrl-C is ours to deal with
                )
                self.pid = self._popen.pid
        except BaseException:
            self.forget()
            raise
        finally:
            os.close(theirs_in)
            os.close(theirs_out)
        os.set_blocking(self._to, False)
        os.set_blocking(self._from, False)

    def _become(self, store: Path, questions: int, answers: int) -> NoReturn:
        """In the forked process: be one that answers, and nothing else of what we were."""
        status = 1
        try:
            os.setsid()
            os.close(self._to)
            os.close(self._from)
            os.dup2(self._last_words.fileno(), 2)  # first: it may be one of the other two itself
            nothing = os.open(os.devnull, os.O_RDWR)
            for standard in (0, 1):
                os.dup2(nothing, standard)
            serve(store, questions, answers)
            status = 0
        finally:
            os._exit(status)  # whatever happened: the rest of the program is not ours

    # --- asking -------------------------------------------------------------------------------

    def ready(self) -> None:
        """Wait until it answers.

        Raises:
            QueryError: it does not.
            ReleaseError: the store cannot be opened.
        """
        if self._is_ready:
            return
        for kind, body in self._frames(time.monotonic() + _READY_WITHIN, None):
            if kind == wire.ERROR:
                self.end()
                raise wire.error_in(body)
            self._is_ready = kind == wire.READY
            return

    def ask(self, question: bytes, limits: Limits) -> wire.Answer:
        """The answer to a question. Afterwards the process may have ended, see :meth:`alive`.

        Raises:
            KgError: what the query is wrong in, or the limit that it met.
        """
        deadline = time.monotonic() + limits.seconds
        self._send(wire.framed(wire.ASK, question), deadline, limits)
        received = wire.Received()
        failed = None
        try:
            for kind, body in self._frames(deadline, limits):
                if kind == wire.ERROR:
                    failed = wire.error_in(body)
                elif kind == wire.END:
                    if json.loads(body)["retired"]:
                        self.end()
                    if failed is not None:
                        raise failed
                    return received.answer()
                else:
                    received.take(kind, body)
        except (ValueError, LookupError, TypeError) as error:
            self.end()
            raise _broken(f"{type(error).__name__}: {error}") from error
        raise AssertionError("frames end with an END or an error")

    def _send(self, data: bytes, deadline: float, limits: Limits) -> None:
        left = memoryview(data)
        waiting = select.poll()
        waiting.register(self._to, select.POLLOUT)
        while left:
            self._wait(waiting, deadline, limits, 0)
            try:
                left = left[os.write(self._to, left) :]
            except BlockingIOError:
                continue
            except BrokenPipeError:
                raise self._why(limits) from None

    def _frames(self, deadline: float, limits: Limits | None) -> Iterator[wire.Frame]:
        """What comes in, frame by frame; no more of it than the limit of memory."""
        waiting = select.poll()
        waiting.register(self._from, select.POLLIN)
        before = self.resident()
        buffer = bytearray()
        total = 0
        while True:
            while len(buffer) >= wire.PREFACE:
                end = 4 + int.from_bytes(buffer[:4], "big")
                if len(buffer) < end:
                    break
                yield bytes(buffer[4:5]), bytes(buffer[wire.PREFACE : end])
                del buffer[:end]
            self._wait(waiting, deadline, limits, before)
            try:
                piece = os.read(self._from, _PIECE)
            except BlockingIOError:
                continue
            if not piece:
                raise self._why(limits)
            buffer += piece
            total += len(piece)
            if limits is not None and total > limits.memory:
                self.end()
                raise _too_much_memory(limits)

    def _wait(
        self, waiting: select.poll, deadline: float, limits: Limits | None, before: int
    ) -> None:
        """Until something can be read or written; ends the process at a limit."""
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                self.end()
                raise _too_late(limits)
            if waiting.poll(1000 * min(left, _LOOK) + 1):
                return
            if limits and self.resident() - before > limits.memory + _UNSEEN:
                self.end()
                raise _too_much_memory(limits)

    # --- ending -------------------------------------------------------------------------------

    def resident(self) -> int:
        """Bytes that it holds in memory; 0 where the system does not say."""
        try:
            pages = Path(f"/proc/{self.pid}/statm").read_text("ascii").split()[1]
        except (OSError, IndexError):
            return 0
        return int(pages) * resource.getpagesize()

    def alive(self) -> bool:
        """Whether it can be asked."""
        return self._poll(os.WNOHANG) is None and self._from >= 0

    def end(self) -> None:
        """Kill it, and let go of what it takes here. May be called twice."""
        if self._from < 0:
            return
        if self._poll(os.WNOHANG) is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            self._poll(0)
        self.forget()

    def forget(self) -> None:
        """Let go of a process that is someone else's: in a fork of ours, or when it has ended."""
        self._last_words.close()
        for handle in (self._to, self._from):
            if handle >= 0:
                os.close(handle)
        self._to = self._from = -1

    def _poll(self, how: int) -> int | None:
        """How it ended, below zero by which signal; ``None`` while it runs."""
        if self._status is None:
            if self._popen is not None:
                self._status = self._popen.poll() if how else self._popen.wait()
            else:
                try:
                    pid, status = os.waitpid(self.pid, how)
                except ChildProcessError:  # somebody else in this program waited for all children
                    self._status = 1
                else:
                    self._status = os.waitstatus_to_exitcode(status) if pid else None
        return self._status

    def _why(self, limits: Limits | None) -> QueryError:
        """It closed the pipe: what to tell the person."""
        try:
            self._wait_for_end()
            self._last_words.seek(0)
            words = self._last_words.read(1 << 16).decode(errors="replace").strip()
            status = self._status
        finally:
            self.end()
        if status == -signal.SIGALRM:
            return _too_late(limits)
        if _OUT_OF_MEMORY.search(words):
            return _too_much_memory(limits)
        if status in _BROKEN:
            return QueryError(
                "query.too-deep",
                "De vraag is niet te verwerken: de zoekmachine liep erop stuk. Waarschijnlijk zijn "
                "er te veel haakjes of groepen in elkaar; schrijf haar eenvoudiger.",
                "The query could not be handled: the engine broke on it. Most likely too many "
                "brackets or groups are nested; write it in a simpler way.",
            )
        if status == -signal.SIGKILL:
            return QueryError(
                "query.stopped",
                "Het proces van de vraag is van buiten gestopt, misschien omdat het geheugen van "
                "deze machine op was. Stel haar opnieuw, of vraag minder.",
                "The process of the query was stopped from outside, perhaps because this machine "
                "ran out of memory. Ask again, or ask for less.",
            )
        return _broken(words.splitlines()[-1] if words else f"exit {status}")

    def _wait_for_end(self) -> None:
        for _ in range(200):
            if self._poll(os.WNOHANG) is not None:
                return
            time.sleep(0.01)


def _above_standard(handle: int) -> int:
    """The same behind what a process reads and says, for one that was started without those."""
    if handle > 2:
        return handle
    above = fcntl.fcntl(handle, fcntl.F_DUPFD_CLOEXEC, 3)
    os.close(handle)
    return above


def _too_late(limits: Limits | None) -> QueryError:
    seconds = f"{limits.seconds if limits else _READY_WITHIN:g}"
    return QueryError(
        "query.timeout",
        f"De vraag is gestopt: na {seconds} s was er nog geen heel antwoord. Vraag minder (LIMIT, "
        "een nauwer patroon, geen patronen los naast elkaar) of geef meer tijd (--timeout).",
        f"The query was stopped: after {seconds} s there was no whole answer yet. Ask for less "
        "(LIMIT, a narrower pattern, no patterns unconnected) or allow more time (--timeout).",
    )


def _too_much_memory(limits: Limits | None) -> QueryError:
    size = shown_size(limits.memory) if limits else "?"
    return QueryError(
        "query.memory",
        f"De vraag is gestopt: zij had meer dan {size} geheugen nodig. Vraag minder (LIMIT, geen "
        "ORDER BY of GROUP BY over alles) of geef meer geheugen (--max-memory).",
        f"The query was stopped: it needed more than {size} of memory. Ask for less (LIMIT, no "
        "ORDER BY or GROUP BY over everything) or allow more memory (--max-memory).",
    )


def _broken(what: str) -> QueryError:
    return QueryError(
        "query.process",
        f"Het proces van de vraag hield op met: {what}. Stel haar opnieuw; blijft dit, meld het.",
        f"The process of the query ended with: {what}. Ask again; if it stays, report it.",
    )
