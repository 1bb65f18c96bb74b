"""One entrance for all formats: files in, tables out, or every problem at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path
from typing import Final

from kg.errors import InputError, UsageError
from kg.sources.cells import date_lexical, iri_lexical
from kg.sources.model import CellError, FileError
from kg.sources.registers.importer import Importer
from kg.sources.registers.known import Known
from kg.sources.registers.model import About, Imported, Troubles
from kg.sources.registers.opening import opened

#: What each format is, and its Importer; the library that it needs loads when it is asked for.
FORMATS: Final = {
    "gleif": "kg.sources.registers.gleif:GleifImport",
    "ocds": "kg.sources.registers.ocds:OcdsImport",
    "cyclonedx": "kg.sources.registers.cyclonedx:CycloneDxImport",
    "stix": "kg.sources.registers.stix:StixImport",
}
_UNDONE: Final = ("geschreven", "written")


def import_files(
    format_: str,
    paths: Sequence[Path],
    known: Known,
    about: About,
    *,
    skip_invalid: bool = False,
    step: Callable[[str], None] | None = None,
) -> Imported:
    """Read these files as ``format_`` (one of :data:`FORMATS`).

    Args:
        known: the data at hand, which the tables fit in with.
        about: what the user says of the source.
        skip_invalid: leave out what is wrong, and list it, instead of giving up.
        step: called with the name of each file that is read.

    Raises:
        InputError: a file that is not what it says, or things in it that are wrong.
        UsageError: files that do not go together, or a source that cannot be described so.
    """
    _check(about, known)
    module, _, name = FORMATS[format_].partition(":")
    importer: Importer = getattr(import_module(module), name)(
        known, about, skip_invalid, step or (lambda _: None)
    )
    path = paths[0]
    try:
        with ExitStack() as stack:
            files = []
            for path in paths:
                files.append(stack.enter_context(opened(path)))
            found = importer.read(files)
    except FileError as error:
        raise InputError([error.to_problem(error.file or path.name)], _UNDONE) from error
    if isinstance(found, Troubles):
        raise InputError(found.all(), _UNDONE)
    return found


def _check(about: About, known: Known) -> None:
    if about.marking not in known.ranks:
        choices = ", ".join(sorted(known.ranks, key=lambda one: (known.ranks[one], one)))
        raise UsageError(
            "import.marking",
            f"De markering '{about.marking}' bestaat niet; kies uit: {choices}.",
            f"The marking '{about.marking}' does not exist; choose from: {choices}.",
        )
    try:
        if about.date:
            date_lexical(about.date)
        if about.url:
            iri_lexical(about.url)
    except CellError as error:
        raise UsageError(f"import.{error.code}", error.nl, error.en) from error
