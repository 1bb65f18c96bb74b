"""Builds the levels of a release beside each other, each in a process of its own.

What no data change (the modules, the shapes, the ontology) is loaded once, by a process that then
splits off one for each level. It has no data of its own, so that no level has anything of what is
above it in its memory. They share the reading of the files, and what validation found goes up, to
a level that holds all of what was validated (:mod:`kg.validate.reuse`): it waits for that while it
loads. Nothing goes down. Cores are what limits the rest.

Large ones (their stores are in memory until they are done), a single one, and all of them where
there is one core, are built here, one after the other. What is told and made is the same.
"""

from __future__ import annotations

import gc
import os
import pickle
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import IO, Any, Final, NoReturn

from kg.errors import KgError
from kg.language import current_language, say, set_language
from kg.level import Built, Lower, Part, Progress, build_level, prepare, standing_on
from kg.processes import environment, may_fork, python
from kg.validate import Earlier

#: Bytes of N-Triples of all levels together up to which they are built beside each other.
_MOST: Final = 64 << 20

#: Whether a process can be split safely; else each level has one that loads everything itself.
_SPLITS: Final = sys.platform == "linux"

#: When a level looks for loops: more seldom than Python does by itself, which saves a tenth of the
#: time, and more often than a build of one level, as several are in memory.
_COLLECTIONS: Final = (10_000, 20, 50)

#: Seconds to wait for a process that was killed; it may be in the middle of a write to disk.
_PATIENCE: Final = 5

_SIZE: Final = struct.Struct("<Q")


@contextmanager
def loading(*, cores: int, validation: bool) -> Iterator[_Loaded | None]:
    """Begin to load what every level needs, while the files are read here.

    Only where a fork does: starting another Python costs too much as long as nobody knows whether
    there will be several levels.

    Yields:
        What :func:`build_levels` may be given.
    """
    loaded = _Loaded(validation=validation, fork=True) if cores > 1 and may_fork() else None
    try:
        yield loaded
    finally:
        if loaded is not None:
            loaded.kill()


def build_levels(
    parts: list[Part],
    draft: Path,
    out: Path,
    step: Progress,
    *,
    cores: int,
    early: _Loaded | None = None,
) -> list[Built]:
    """Build every part into a folder of its name in ``draft``.

    Args:
        parts: lowest first; the list is emptied, as each is given up once it is loaded.
        out: the folder of releases, where a level may stand that is the same.
        step: told what is being done; with the level before it.
        cores: to build them on.
        early: of :func:`loading`.

    Raises:
        KgError: of the lowest level that could not be built; see :func:`kg.level.build_level`.
    """
    waiting = deque(parts)
    parts.clear()
    if len(waiting) > 1 < cores and sum(part.size for part in waiting) <= _MOST:
        return _beside(waiting, draft, out, step, cores, early)
    if early is not None:
        early.kill()  # its room is needed
    built = []
    found: dict[int | None, Earlier] = {}
    for at, below in enumerate(standing_on(waiting)):
        name = waiting[0].clearance.name
        step(say(f"niveau {name}", f"level {name}"))
        lower = partial(found.get, below)
        keep = partial(found.__setitem__, at) if len(waiting) > 1 else None  # of use to those above
        # Given and not kept: it is let go of there as soon as it is loaded.
        built.append(
            build_level(waiting.popleft(), draft / name, out, step, lower=lower, found=keep)
        )
    return built


def _beside(
    waiting: deque[Part], draft: Path, out: Path, step: Progress, cores: int, early: _Loaded | None
) -> list[Built]:
    """Twice as many at a time as there are cores: three levels of the same size then take as long
    as one and a half on two cores, and not as two.

    A level waits for what validation found in the one below it, and never the other way round. All
    are built to their end, so that which error is told is no matter of speed.
    """
    under = standing_on(waiting)
    judged: list[Future[Earlier | None]] = [Future() for _ in waiting]
    todo = deque(enumerate(waiting))
    at_once = min(2 * cores, len(waiting))
    helped = cores >= 2 * at_once
    waiting.clear()
    ended: dict[int, Built | BaseException] = {}
    language = current_language()  # which a thread does not know
    lock = threading.Lock()
    loaded = [early] if early is not None else []

    def work() -> None:
        while True:
            try:
                with lock:
                    if not todo:
                        return
                    at, part = todo.popleft()
                    if not loaded or not _SPLITS:
                        loaded.append(_Loaded(validation=part.validation))
                    level = loaded[-1].split(last=not todo or not _SPLITS)
                name, below = part.clearance.name, under[at]
                lower = None if below is None else judged[below].result
                task = (_plain(part), draft / name, out, language, helped, lower is not None)
                ended[at] = level.followed(name, task, step, lower, judged[at].set_result)
            except BaseException as error:  # told by who started this thread
                ended[at] = error
            if not judged[at].done():
                judged[at].set_result(None)

    threads = [threading.Thread(target=work, daemon=True) for _ in range(at_once)]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for one in loaded:
            one.wait()
    finally:  # whatever happened, none of these goes on
        with lock:
            todo.clear()
        for thread in threads:
            while thread.is_alive():  # a process may only now have said who it is
                for one in loaded:
                    one.kill()
                thread.join(0.1)
        for one in loaded:
            one.kill()
    for at in sorted(ended):
        if isinstance(found := ended[at], BaseException):
            raise found
    return [found for at in sorted(ended) if isinstance(found := ended[at], Built)]


def _plain(part: Part) -> Part:
    """The same, to be sent: a view of a mapping cannot be."""
    staged = part.staged
    markings, true_rows = dict(staged.markings), dict(staged.true_rows)
    return replace(part, staged=replace(staged, markings=markings, true_rows=true_rows))


class _Loaded:
    """A process that loads what every level needs, and splits off one for each."""

    def __init__(self, *, validation: bool, fork: bool = False) -> None:
        """Start it: as a fork of this process, or as another Python."""
        self._levels: list[_Level] = []
        self._asked, theirs = socket.socketpair()
        self._popen: subprocess.Popen[bytes] | None = None
        self._ended = False
        with theirs:
            if fork:
                self._pid = os.fork()
                if not self._pid:
                    self._asked.close()  # or it would never see us go
                    _become(theirs, validation=validation)
                return
            self._popen = subprocess.Popen(  # noqa: S603 - this interpreter, our own program
                python(_PROGRAM, str(theirs.fileno()), str(int(validation))),
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                env=environment(),
                start_new_session=True,  # a Ctrl-C is ours to deal with
            )
            self._pid = self._popen.pid

    def split(self, *, last: bool) -> _Level:
        """Have it split off a process for a level; the last one it becomes itself."""
        told, tell = os.pipe()
        answered, answers = os.pipe()
        with suppress(BrokenPipeError, ConnectionResetError):  # then nothing will be answered
            socket.send_fds(self._asked, [_LAST if last else _NEXT], [told, answers])
        os.close(told)
        os.close(answers)
        self._levels.append(_Level(os.fdopen(tell, "wb"), os.fdopen(answered, "rb")))
        return self._levels[-1]

    def wait(self) -> None:
        """Until it has ended; it is asked for no more."""
        self._asked.close()
        if self._popen is not None:
            self._popen.wait()
        elif not self._ended:
            with suppress(ChildProcessError):  # somebody else in this program waited for all
                os.waitpid(self._pid, 0)
        self._ended = True
        for level in self._levels:
            level.close()

    def kill(self) -> None:
        """End it at once, and all that it split off; harmless when they have ended."""
        if not self._ended:
            with suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)
        for level in self._levels:
            level.kill()
        self.wait()


class _Level:
    """A process that builds one level."""

    def __init__(self, tell: IO[bytes], answered: IO[bytes]) -> None:
        self._tell, self._answered = tell, answered
        self._pid = 0

    def followed(
        self,
        name: str,
        task: object,
        step: Progress,
        lower: Lower | None,
        found: Callable[[Earlier], None],
    ) -> Built:
        """Give it its task, pass on what it tells and asks, and give what it made."""
        said = None
        try:
            with self._answered, suppress(BrokenPipeError):
                if (pid := _received(self._answered)) is not None:
                    self._pid = pid
                    _send(self._tell, pickle.dumps(task))
                    del task
                    while isinstance(said := _received(self._answered), str | Earlier | _Below):
                        if isinstance(said, str):
                            step(f"{name}: {said}")
                        elif isinstance(said, Earlier):
                            found(said)
                        elif lower is not None:
                            _send(self._tell, pickle.dumps(_Below(lower())))
        except BaseException:  # of who is told: nobody follows it any more
            self.kill()
            raise
        self._pid = 0  # what has this number from now on is no matter of ours
        if isinstance(said, Built):
            return said
        if isinstance(said, BaseException):
            raise said
        raise KgError(
            "build.process",
            f"Het proces dat niveau {name} bouwde, is geëindigd zonder iets te zeggen (te "
            "weinig geheugen?); er is niets veranderd.",
            f"The process that built level {name} ended without a word (out of memory?); "
            "nothing was changed.",
        )

    def kill(self) -> None:
        """End it at once, if it is known and has not ended."""
        if self._pid:
            _end(self._pid)

    def close(self) -> None:
        """Let go of it; it ends when it has not."""
        with suppress(BrokenPipeError):  # what was not sent any more
            self._tell.close()


def _end(pid: int) -> None:
    """Kill a process that may not be a child of ours, and wait until it is gone where one can."""
    with suppress(ProcessLookupError):
        if sys.platform != "linux":
            os.kill(pid, signal.SIGKILL)
            return
        process = os.pidfd_open(pid)
        try:
            signal.pidfd_send_signal(process, signal.SIGKILL)
            select.select([process], [], [], _PATIENCE)
        finally:
            os.close(process)


@dataclass(frozen=True)
class _Below:
    """What validation found in the level below; asked for like this, and told in answer."""

    found: Earlier | None = None


#: Split off a process for a level; become one.
_NEXT: Final = b"n"
_LAST: Final = b"l"

_PROGRAM: Final = "from kg.beside import build_asked; build_asked()"


def build_asked() -> None:
    """What such a process does that is another Python."""
    _build_asked(socket.socket(fileno=int(sys.argv[1])), validation=sys.argv[2] == "1")


def _become(asked: socket.socket, *, validation: bool) -> NoReturn:
    """In a fork: be such a process, and nothing else of what we were."""
    try:
        os.setsid()  # a Ctrl-C is for who asks
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        _build_asked(asked, validation=validation)
    finally:
        os._exit(1)  # whatever happened: the rest of the program is not ours


def _build_asked(asked: socket.socket, *, validation: bool) -> NoReturn:
    """Load everything, then split at every word that comes in.

    It ends after all that it split off, so that what those cost counts with whoever asked.
    """
    os.dup2(2, 1)  # whatever is printed is no answer
    with suppress(KgError):  # told by the level that meets it
        prepare(validation=validation)
    gc.collect()
    gc.freeze()  # or each would look at all of it, and thereby have a copy
    gc.set_threshold(*_COLLECTIONS)
    word = _NEXT
    while word == _NEXT:
        word, level, _, _ = socket.recv_fds(asked, 1, 2)
        if word == _LAST or (word == _NEXT and _is_split_off()):
            asked.close()
            _build_one(*level)
            break
        for one in level:
            os.close(one)
    with suppress(ChildProcessError):  # no more of them
        while True:
            os.wait()
    os._exit(0)  # giving back the room of a store takes longer than ending


def _is_split_off() -> bool:
    """Split; whether this is the new process. Its session is its own: the system divides the cores
    among sessions."""
    if os.fork():
        return False
    os.setsid()
    return True


def _build_one(told: int, answers: int) -> None:
    """Say who this is, take a task, and answer; it ends when whoever gave the task is gone."""
    take, give = os.fdopen(told, "rb"), os.fdopen(answers, "wb")
    _send(give, pickle.dumps(os.getpid()))
    task = _received(take)
    if task is None:
        os._exit(1)
    part, target, out, language, helped, stands = task
    set_language(language)
    heard: SimpleQueue[Earlier | None] = SimpleQueue()

    def listen() -> None:
        while (said := _received(take)) is not None:
            heard.put(said.found)
        os._exit(1)

    def tell(said: str | Earlier | _Below) -> None:
        _send(give, pickle.dumps(said))

    def lower() -> Earlier | None:
        tell(_Below())
        return heard.get()

    threading.Thread(target=listen, daemon=True).start()
    try:
        answer: Built | BaseException = build_level(
            part, target, out, tell, helped=helped, lower=lower if stands else None, found=tell
        )
    except BaseException as error:  # told by who asked for this
        answer = error
    _send(give, pickle.dumps(answer))


def _send(pipe: IO[bytes], message: bytes) -> None:
    pipe.write(_SIZE.pack(len(message)) + message)
    pipe.flush()


def _received(pipe: IO[bytes]) -> Any:
    """The next message, of our own process at the other end; ``None`` when there is none."""
    head = pipe.read(_SIZE.size)
    if len(head) < _SIZE.size:
        return None
    (size,) = _SIZE.unpack(head)
    body = pipe.read(size)
    return pickle.loads(body) if len(body) == size else None  # noqa: S301 - see above
