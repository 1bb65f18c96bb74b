"""What a target is, and what comes of an input: accepted, told, or a crash."""

from __future__ import annotations

import random
import re
import shutil
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from kg.errors import InputError, KgError, Problem

Outcome = Literal["accepted", "told"]

_CODE = re.compile(r"[a-z][a-z0-9-]*(\.[a-z0-9-]+)+")


class WrongError(Exception):
    """What came of an input breaks a promise: got into a release, an error without words, …"""


@dataclass(frozen=True)
class Case:
    """One hostile input: files by name, texts beside them; the first line of a report."""

    files: dict[str, bytes] = field(default_factory=dict)
    texts: tuple[str, ...] = ()

    def written(self, folder: Path) -> Path:
        """The files in a fresh folder."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for name, data in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        return folder


class Target(ABC):
    """Something that takes input of people: how inputs for it are made, and what it does."""

    #: How many of a thousand inputs are for it.
    share: int = 50
    #: Seconds after which an input counts as a hang.
    limit: float = 20.0

    def __init__(self, work: Path) -> None:
        """``work`` is a folder of its own, with ``releases`` in the one above it."""
        self.work = work

    @property
    def releases(self) -> Path:
        """A folder with one small release."""
        return self.work.parent / "releases"

    @abstractmethod
    def make(self, rng: random.Random) -> Case:
        """An input; the same for the same ``rng``."""

    @abstractmethod
    def run(self, case: Case) -> Outcome:
        """Give the input to the project.

        Raises:
            WrongError: a promise is broken.
            Exception: whatever else it ends in is a crash.
        """


def outcome_of_error(error: KgError) -> Outcome:
    """An error of ours is an answer, if it has a code and says in two languages what to do.

    Raises:
        WrongError: it does not.
    """
    check_words(error.code, error.nl, error.en)
    if isinstance(error, InputError):
        if not error.problems:
            raise WrongError("an InputError without problems")
        check_problems(error.problems)
    return "told"


def check_problems(problems: tuple[Problem, ...]) -> None:
    """Every problem has its words; none is as long as the input itself."""
    for one in problems:
        check_words(one.code, one.nl, one.en)
        if len(one.nl) > 3_000:
            raise WrongError(f"a problem of {len(one.nl)} characters: {one.code}")


def check_words(code: str, nl: str, en: str) -> None:
    """A stable code and both languages."""
    if not _CODE.fullmatch(code) or not nl.strip() or not en.strip():
        raise WrongError(f"an error without its words: {code!r} {nl!r} {en!r}")


@contextmanager
def no_network() -> Iterator[None]:
    """Any connection is a crash: what is read names others, and is followed nowhere."""
    import socket

    def refuse(*_: object, **__: object) -> None:
        raise WrongError("a connection was tried")

    kept = socket.create_connection, socket.getaddrinfo, socket.socket.connect
    socket.create_connection = refuse  # type: ignore[assignment]
    socket.getaddrinfo = refuse  # type: ignore[assignment]
    socket.socket.connect = refuse  # type: ignore[assignment,method-assign]
    try:
        yield
    finally:
        socket.create_connection, socket.getaddrinfo = kept[:2]
        socket.socket.connect = kept[2]  # type: ignore[method-assign]
