"""Builds the levels of a release beside each other, each in a process of its own.

Levels share nothing but the reading of the files, so cores are what limits them. Large ones (their
stores are in memory until they are done), a single one, and all of them where there is one core,
are built here, one after the other. What is told and made is the same.
"""

from __future__ import annotations

import os
import pickle
import struct
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import IO, Any, Final

from kg.errors import KgError
from kg.language import say, set_language
from kg.level import Built, Part, Progress, build_level
from kg.processes import environment, python

#: Bytes of N-Triples of all levels together up to which they are built beside each other.
_MOST: Final = 64 << 20

_SIZE: Final = struct.Struct("<Q")


def build_levels(
    parts: list[Part], draft: Path, out: Path, step: Progress, *, cores: int
) -> list[Built]:
    """Build every part into a folder of its name in ``draft``.

    Args:
        parts: lowest first; the list is emptied, as each is given up once it is loaded.
        out: the folder of releases, where a level may stand that is the same.
        step: told what is being done; with the level before it.
        cores: to build them on.

    Raises:
        KgError: of the lowest level that could not be built; see :func:`kg.level.build_level`.
    """
    waiting = deque(parts)
    parts.clear()
    if len(waiting) > 1 < cores and sum(part.size for part in waiting) <= _MOST:
        return _beside(waiting, draft, out, step, cores)
    built = []
    while waiting:
        name = waiting[0].clearance.name
        step(say(f"niveau {name}", f"level {name}"))
        built.append(build_level(waiting.popleft(), draft / name, out, step))
    return built


def _beside(
    waiting: deque[Part], draft: Path, out: Path, step: Progress, cores: int
) -> list[Built]:
    """Twice as many at a time as there are cores: three levels of the same size then take as long
    as one and a half on two cores, and not as two.

    All are built to their end, so that which error is told is no matter of speed.
    """
    # The most that there is to do first: what comes last is then short.
    order = sorted(range(len(waiting)), key=lambda at: -waiting[at].size)
    todo = deque((at, waiting[at]) for at in order)
    at_once = min(2 * cores, len(waiting))
    waiting.clear()
    ended: dict[int, Built | BaseException] = {}
    lock = threading.Lock()
    running: set[_Level] = set()

    def work() -> None:
        while True:
            with lock:
                if not todo:
                    return
                at, part = todo.popleft()
            try:
                with _Level(part, draft, out) as level:
                    with lock:
                        running.add(level)
                    ended[at] = level.followed(step)
            except BaseException as error:  # told by who started this thread
                ended[at] = error

    threads = [threading.Thread(target=work, daemon=True) for _ in range(at_once)]
    with _ended(running):
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    for at in sorted(ended):
        if isinstance(found := ended[at], BaseException):
            raise found
    return [found for at in sorted(ended) if isinstance(found := ended[at], Built)]


@contextmanager
def _ended(running: set[_Level]) -> Iterator[None]:
    """Whatever happens, none of these goes on."""
    try:
        yield
    finally:
        for level in running:
            level.kill()


class _Level:
    """A process that builds one level."""

    def __init__(self, part: Part, draft: Path, out: Path) -> None:
        self._name = part.clearance.name
        staged = part.staged
        plain = replace(  # a view of a mapping cannot be sent
            staged, markings=dict(staged.markings), true_rows=dict(staged.true_rows)
        )
        part = replace(part, staged=plain)
        self._task = pickle.dumps((part, draft / self._name, out, say("nl", "en")))
        self._process = subprocess.Popen(  # noqa: S603 - this interpreter, our own program
            python(_PROGRAM),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment(),
            start_new_session=True,  # a Ctrl-C is ours to deal with
        )

    def __enter__(self) -> _Level:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(BrokenPipeError):  # what was not sent any more
                if pipe is not None:
                    pipe.close()

    def kill(self) -> None:
        """End it at once; harmless when it has ended."""
        self._process.kill()
        self._process.wait()

    def followed(self, step: Progress) -> Built:
        """Give it its task, pass on what it tells, and give what it made."""
        give, take = self._process.stdin, self._process.stdout
        assert give is not None
        assert take is not None
        try:
            _send(give, self._task)
            while (said := _received(take)) is not None:
                if not isinstance(said, str):
                    break
                step(f"{self._name}: {said}")
        except BrokenPipeError:
            said = None
        if isinstance(said, Built):
            return said
        if isinstance(said, BaseException):
            raise said
        raise KgError(
            "build.process",
            f"Het proces dat niveau {self._name} bouwde, is geëindigd zonder iets te zeggen (te "
            "weinig geheugen?); er is niets veranderd.",
            f"The process that built level {self._name} ended without a word (out of memory?); "
            "nothing was changed.",
        )


_PROGRAM: Final = "from kg.beside import build_one; build_one()"


def build_one() -> None:
    """What such a process does: take a task from its standard input, and answer on its output.

    It ends when whoever gave it the task is gone.
    """
    take, give = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever else is printed is no answer
    task = _received(take)
    if task is None:
        sys.exit(1)  # whoever asked for this is gone
    part, target, out, chosen = task
    set_language(chosen)

    def listen() -> None:
        take.read()
        os._exit(1)

    threading.Thread(target=listen, daemon=True).start()
    try:
        answer: Built | BaseException = build_level(
            part, target, out, lambda text: _send(give, pickle.dumps(text))
        )
    except BaseException as error:  # told by who asked for this
        answer = error
    _send(give, pickle.dumps(answer))
    give.flush()
    os._exit(0)  # giving back the room of a store takes longer than ending


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
