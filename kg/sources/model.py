"""What the intake hands on (``Staged``), and what its parts hand each other (``Batch``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from kg.errors import Location, Problem

#: Stands in a block of triples where the IRI of the row goes; no cell can hold this character.
PLACE: Final = b"\x00"

Links = tuple[str, ...]

#: Columns that decide who sees a thing; they are kept apart from what it refers to otherwise.
APART: Final = frozenset({"source", "marking", "compartment"})


@dataclass(frozen=True)
class InputFile:
    """A file that was read: its name as people see it, its SHA-256 and its size in bytes."""

    name: str
    sha256: str
    bytes: int


@dataclass(frozen=True)
class SourceGraph:
    """The triples of one file at one marking.

    ``ntriples`` are sorted unique lines, ``marking`` the id of the marking, ``subjects`` the number
    of things, ``date`` the latest ``dcterms:issued`` among the sources that it describes.
    """

    iri: str
    name: str
    sha256: str
    marking: str
    ntriples: bytes = field(repr=False)
    subjects: int
    date: str | None


@dataclass(frozen=True)
class Staged:
    """Everything that was read.

    ``problems`` must be solved before anything is built; ``left_out`` lists what is not in
    ``graphs`` and why (files of an unknown kind; with ``skip_invalid`` all that is wrong).
    ``markings`` gives the rank of every marking by id. ``true_rows`` holds, for rows of files with
    several markings, the row in the file where it differs from the row in the provenance IRI (which
    counts only rows at or below the marking, so that it says nothing about rows above it).
    """

    graphs: tuple[SourceGraph, ...]
    files: tuple[InputFile, ...]
    problems: tuple[Problem, ...]
    left_out: tuple[Problem, ...]
    markings: Mapping[str, int]
    true_rows: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Known:
    """What stands in a release that files are read beside: to refer to, not to define again.

    Keys as in :class:`Batch`. ``sources`` gives the marking by source, ``markings`` the rank by
    marking, ``within`` the compartments by source, ``compartments`` those that exist. All of it may
    be referred to from any marking, as it is no more secret than its release.
    """

    things: frozenset[str] = frozenset()
    sources: Mapping[str, str] = field(default_factory=dict)
    markings: Mapping[str, int] = field(default_factory=dict)
    within: Mapping[str, Links] = field(default_factory=dict)
    compartments: frozenset[str] = frozenset()


@dataclass
class Batch:
    """The things of one sheet or RDF file, in the order of the file; lists run in parallel.

    A key is the id of a thing, or the full IRI of one outside our namespace; it is empty where a
    row has no usable id. A block holds the triples of a thing, with ``PLACE`` where the IRI of its
    row goes. ``links`` maps a column to what each thing refers to there; sources, markings and
    compartments, which decide where a thing goes, are kept apart from them. ``headers`` says what
    the file calls the columns ``id``, ``source``, ``marking`` and ``compartment``. ``hidden`` are
    the rows of things that were taken out, because they stay within other compartments.
    """

    file: InputFile
    graph: str
    sheet: str = ""
    rdf: bool = False
    headers: dict[str, str] = field(default_factory=dict)
    keys: list[str] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    blocks: list[bytes] = field(default_factory=list)
    links: dict[str, list[Links]] = field(default_factory=dict)
    sources: list[Links] = field(default_factory=list)
    own_markings: dict[int, Links] = field(default_factory=dict)
    own_compartments: dict[int, Links] = field(default_factory=dict)
    is_source: set[int] = field(default_factory=set)
    is_compartment: set[int] = field(default_factory=set)
    issued: dict[int, str] = field(default_factory=dict)
    ranks: dict[str, int] = field(default_factory=dict)
    untyped: set[int] = field(default_factory=set)
    bad: set[int] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    hidden: Sequence[int] = ()

    def report(self, row: int, column: str, code: str, nl: str, en: str) -> None:
        """Note a problem; it makes nothing bad by itself."""
        location = Location(self.file.name, self.sheet, row, column)
        self.problems.append(Problem(location, f"intake.{code}", nl, en))


class CellError(Exception):
    """What is wrong with one value; the caller knows where it stands."""

    def __init__(self, code: str, nl: str, en: str) -> None:
        super().__init__(nl)
        self.code = code
        self.nl = nl
        self.en = en


class FileError(Exception):
    """A file that cannot be used at all; ``row`` and ``column``, or ``path`` in JSON, where known.

    ``file`` is its name, set by who knows it.
    """

    def __init__(
        self, code: str, nl: str, en: str, *, row: int = 0, column: str = "", path: str = ""
    ) -> None:
        super().__init__(nl)
        self.code = code
        self.nl = nl
        self.en = en
        self.row = row
        self.column = column
        self.path = path
        self.file = ""

    def to_problem(self, file: str) -> Problem:
        """The problem of that file."""
        location = Location(file, "", self.row, self.column, self.path)
        return Problem(location, f"intake.{self.code}", self.nl, self.en)


#: A row as it was read, or why it could not be read, with the number that a person sees.
Record = tuple[int, Sequence[str] | CellError]
