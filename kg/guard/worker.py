"""The process that queries run in: opens the store by itself, answers, and holds itself to limits.

What ends it, whatever the engine is doing at that moment:

- memory: ``RLIMIT_DATA`` (what it may write to; RocksDB reads files into such memory, and maps
  none), set for each query at what it holds already and the limit. The engine then aborts;
- time: an alarm that nothing here catches, should whoever asked fail to end it;
- whoever asked is gone: the pipe that questions come through makes the kernel send SIGIO when its
  other end closes, which nothing here catches either. Between questions it reads the end of file.
"""

from __future__ import annotations

import fcntl
import json
import os
import resource
import select
import signal
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from kg.errors import KgError, QueryError
from kg.guard import wire
from kg.language import language_from, set_language
from kg.queries import run, run_text
from kg.store import EmbeddedStore

#: Seconds after the limit at which the alarm goes: whoever asked comes first.
_GRACE: Final = 1.0
#: Bytes that are sent together, at least.
_AT_ONCE: Final = 1 << 15
#: Bytes that it may write to any file: its last words, when the engine aborts.
_FILES: Final = 1 << 20
#: A process that holds this share of its limit after an answer is not used again.
_KEPT: Final = 0.5


def main() -> None:
    """Entry point of a process of its own: store, and the ends of the two pipes."""
    store, questions, answers = sys.argv[1:]
    serve(Path(store), int(questions), int(answers))


def serve(path: Path, questions: int, answers: int) -> None:
    """Answer until the other end of the pipe of questions closes."""
    _settle()
    try:
        store = EmbeddedStore.open(path)
    except KgError as error:
        _send(answers, wire.ERROR, wire.error_out(error))
        return
    resource.setrlimit(resource.RLIMIT_FSIZE, (_FILES, _FILES))
    started = _data()
    _send(answers, wire.READY)
    while True:
        preface = _read(questions, wire.PREFACE)
        if preface is None:
            return
        body = _read(questions, int.from_bytes(preface[:4], "big") - 1)
        if body is None:
            return
        question = json.loads(body)
        with _held(questions, question["seconds"], question["memory"]):
            rest = _answer(store, question, answers)
        retired = _data() - started > _KEPT * question["memory"]
        _send(answers, wire.END, wire.written({"retired": retired}), rest)
        if retired:
            return


def _settle() -> None:
    """Nothing of whoever started us may get in the way: signals, dumps, long last words."""
    for name in (signal.SIGINT, signal.SIGPIPE):
        signal.signal(name, signal.SIG_IGN)
    for name in (signal.SIGTERM, signal.SIGALRM, signal.SIGIO):
        signal.signal(name, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.environ["RUST_BACKTRACE"] = "0"


@contextmanager
def _held(questions: int, seconds: float, memory: int) -> Iterator[None]:
    """Hold this process to time, memory, and the life of whoever asked."""
    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    held = _data()
    limit = held + memory if held else most
    if most != resource.RLIM_INFINITY:
        limit = min(limit, most)
    flags = fcntl.fcntl(questions, fcntl.F_GETFL)
    fcntl.fcntl(questions, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(questions, fcntl.F_SETFL, flags | os.O_ASYNC)
    waiting = select.poll()
    waiting.register(questions, select.POLLIN)
    if waiting.poll(0):  # closed just before; nobody asks twice
        os._exit(0)
    signal.setitimer(signal.ITIMER_REAL, seconds + _GRACE)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))
        signal.setitimer(signal.ITIMER_REAL, 0)
        fcntl.fcntl(questions, fcntl.F_SETFL, flags)


def _data() -> int:
    """Bytes of memory that this process may write to; 0 where the system does not say."""
    try:
        statm = Path("/proc/self/statm").read_text("ascii").split()
    except OSError:
        return 0
    return int(statm[5]) * resource.getpagesize()


def _answer(store: EmbeddedStore, question: Mapping[str, Any], answers: int) -> bytes:
    """Send an answer, or an error; gives back what is still to be sent with what comes next.

    A short answer goes in one piece, so that the other side wakes up once. What is none of our
    errors becomes our last words.
    """
    set_language(language_from(["--lang", question["language"]]))
    waiting = b""
    try:
        for kind, body in wire.frames_of(_asked(store, question)):
            waiting += wire.framed(kind, body)
            if len(waiting) >= _AT_ONCE:
                _write(answers, waiting)
                waiting = b""
    except KgError as error:
        if _out_of_memory(str(error)):
            os._exit(_said("MemoryError"))
        return waiting + wire.framed(wire.ERROR, wire.error_out(error))
    except MemoryError:
        os._exit(_said("MemoryError"))
    except Exception:
        os._exit(_said(traceback.format_exc(limit=-3)))
    return waiting


def _asked(store: EmbeddedStore, question: Mapping[str, Any]) -> wire.Answer:
    limit, most = question["limit"], question["rows"]
    if "text" in question:
        answer = run_text(store, question["text"], limit=limit, most=most)
    else:
        saved, page = wire.saved_in(question["saved"]), question["page"]
        answer = run(store, saved, question["params"], page=page, limit=limit, most=most)
    if isinstance(answer, bytes) and answer.count(b"\n") > most:
        raise QueryError(
            "query.graph-size",
            f"Dit geeft meer dan {most} triples, en een halve graaf zegt iets anders. Vraag minder "
            "(LIMIT), verhoog de grens (--max-rows), of neem alles met kg export.",
            f"This gives more than {most} triples, and half a graph says something else. Ask for "
            "less (LIMIT), raise the limit (--max-rows), or take everything with kg export.",
        )
    return answer


def _out_of_memory(text: str) -> bool:
    return "Cannot allocate memory" in text


def _said(words: str) -> int:
    """Say what went wrong, and give the exit code that goes with it."""
    with suppress(OSError):
        os.write(2, words.encode(errors="replace"))
    return 1


def _send(answers: int, kind: bytes, body: bytes = b"", before: bytes = b"") -> None:
    _write(answers, before + wire.framed(kind, body))


def _write(answers: int, data: bytes) -> None:
    left = memoryview(data)
    try:
        while left:
            left = left[os.write(answers, left) :]
    except BrokenPipeError:
        os._exit(0)  # nobody listens


def _read(questions: int, size: int) -> bytes | None:
    """So many bytes; ``None`` when there will be no more."""
    found = bytearray()
    while len(found) < size:
        piece = os.read(questions, size - len(found))
        if not piece:
            return None
        found += piece
    return bytes(found)
