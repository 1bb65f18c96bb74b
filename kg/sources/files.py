"""Finds the files of the data folders and names them; follows nothing that leads outside."""

import hashlib
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from kg.errors import Location, Problem, UsageError
from kg.names import GRAPH
from kg.sources.model import FileError, InputFile

#: Bytes in one file.
MAX_FILE: Final = 500_000_000

TABLES: Final = frozenset({".csv"})
WORKBOOKS: Final = frozenset({".xlsx"})
RDF_FILES: Final = frozenset({".ttl", ".trig", ".nq", ".nt", ".rdf", ".owl", ".jsonld"})
_READ: Final = TABLES | WORKBOOKS | RDF_FILES
_SILENT: Final = frozenset({".md"})
#: Tables for people in a folder that ``kg import`` wrote: what somebody has to decide.
PROPOSALS: Final = "voorstellen.csv"
#: Data in a form that we do not read: leaving it out without an error would lose what was typed.
_ALMOST: Final = frozenset({".xls", ".xlsm", ".xlsb", ".ods", ".tsv", ".n3"})


@dataclass(frozen=True)
class Found:
    """A file that will be read. ``name`` is what people see: ``exercise/Requirement.csv``."""

    path: Path
    name: str

    @property
    def kind(self) -> str:
        """The extension, in lower case, with its dot."""
        return self.path.suffix.lower()

    @property
    def graph(self) -> str:
        """The IRI of its graph; what an IRI cannot hold is percent-encoded."""
        # '~' separates file and marking in graph names, so a file name may not bring its own.
        return GRAPH + quote(self.name).replace("~", "%7E")


@dataclass(frozen=True)
class Discovery:
    """The files to read, what is wrong with others, and what is left aside."""

    files: tuple[Found, ...]
    problems: tuple[Problem, ...]
    ignored: tuple[Problem, ...]


def discover(paths: Sequence[Path]) -> Discovery:
    """Every file under these folders (and these files themselves), in a fixed order.

    Two folders of the same name get different names: ``data``, ``data-2``.

    Raises:
        UsageError: a path does not exist, or is a file of a kind that is not read.
    """
    files: list[Found] = []
    problems: list[Problem] = []
    ignored: list[Problem] = []
    taken: set[str] = set()
    for path in paths:
        if not path.exists():
            raise UsageError(
                "usage.no-such-path",
                f"'{path}' bestaat niet; noem een bestaande map of een bestaand bestand.",
                f"'{path}' does not exist; name an existing folder or file.",
            )
        root = path.resolve()
        name = _free(root.name or "data", taken)
        taken.add(name)
        candidates = _walk(root, name, problems) if root.is_dir() else iter([Found(root, name)])
        if root.is_file() and path.suffix.lower() not in _READ | _ALMOST:
            raise UsageError(
                "usage.file-type",
                f"'{path}' is geen soort bestand dat gelezen wordt; noem een map of een bestand "
                f"op {', '.join(sorted(_READ))}.",
                f"'{path}' is not a kind of file that is read; name a folder or a file that ends "
                f"in {', '.join(sorted(_READ))}.",
            )
        for found in candidates:
            _sort_out(found, files, problems, ignored)
    return Discovery(tuple(files), tuple(problems), tuple(ignored))


def _free(name: str, taken: set[str]) -> str:
    free, count = name, 1
    while free in taken:
        count += 1
        stem, dot, suffix = name.rpartition(".")
        free = f"{stem}-{count}.{suffix}" if dot and stem else f"{name}-{count}"
    return free


def _walk(root: Path, name: str, problems: list[Problem]) -> Iterator[Found]:
    for folder, folders, names in os.walk(root, followlinks=False):
        here = Path(folder)
        prefix = "/".join((name, *here.relative_to(root).parts))
        links = [one for one in sorted(folders) if (here / one).is_symlink()]
        problems += [_link(f"{prefix}/{one}") for one in links]
        folders[:] = sorted(one for one in folders if not one.startswith("."))
        for one in sorted(names):
            if one.startswith((".", "~$")):  # hidden, or the lock of a workbook that is open
                continue
            path = here / one
            if path.is_symlink() and not path.resolve().is_relative_to(root):
                problems.append(_link(f"{prefix}/{one}"))
                continue
            yield Found(path, f"{prefix}/{one}")


def _link(name: str) -> Problem:
    return Problem(
        Location(_printable(name)),
        "intake.link",
        "Dit is een verwijzing (symlink) naar een map of naar buiten de gegevensmap; die wordt "
        "niet gevolgd. Zet het bestand zelf in de map.",
        "This is a link (symlink) to a folder or to outside the data folder; it is not followed. "
        "Put the file itself in the folder.",
    )


def _printable(name: str) -> str:
    return name.encode("utf-8", "replace").decode()


def _sort_out(
    found: Found, files: list[Found], problems: list[Problem], ignored: list[Problem]
) -> None:
    location = Location(_printable(found.name))
    if not found.name.isprintable():
        problems.append(
            Problem(
                location,
                "intake.file-name",
                "De bestandsnaam bevat tekens die niet leesbaar zijn; hernoem het bestand.",
                "The file name contains characters that cannot be read; rename the file.",
            )
        )
    elif found.path.name == PROPOSALS:
        ignored.append(
            Problem(
                location,
                "intake.proposals",
                "Voorstellen van kg import zijn voor mensen; wat u overneemt, zet u zelf in de "
                "tabellen.",
                "Proposals of kg import are for people; what you accept, you put into the tables "
                "yourself.",
                "info",
            )
        )
    elif found.kind in _READ:
        files.append(found)
    elif found.kind in _ALMOST:
        problems.append(
            Problem(
                location,
                "intake.file-type",
                f"Bestanden van het soort {found.kind} worden niet gelezen. Sla een tabel op als "
                ".xlsx of als .csv (UTF-8), RDF als .ttl.",
                f"Files of the kind {found.kind} are not read. Save a table as .xlsx or as .csv "
                "(UTF-8), RDF as .ttl.",
            )
        )
    elif found.kind not in _SILENT:
        ignored.append(
            Problem(
                location,
                "intake.ignored",
                "Dit soort bestand wordt niet gelezen (wel: .csv, .xlsx, .ttl, .trig, .nq, .nt, "
                ".rdf, .jsonld).",
                "This kind of file is not read (these are: .csv, .xlsx, .ttl, .trig, .nq, .nt, "
                ".rdf, .jsonld).",
                "info",
            )
        )


def read_bytes(found: Found) -> bytes:
    """The bytes of a file, read once, so that what is hashed is what is parsed.

    Raises:
        FileError: not a plain file, too large, or unreadable.
    """
    try:
        status = found.path.stat()
        # A pipe or a device would block for ever.
        if not stat.S_ISREG(status.st_mode):
            raise FileError(
                "not-a-file",
                "Dit is geen gewoon bestand; zet een gewoon bestand in de map.",
                "This is not a plain file; put a plain file in the folder.",
            )
        with found.path.open("rb") as file:
            # One more than it should have, to see it when a file grows meanwhile.
            data = file.read(min(status.st_size, MAX_FILE) + 1)
    except OSError as error:
        raise FileError(
            "unreadable",
            f"Het bestand kan niet worden gelezen ({error.strerror}); geef leesrecht of haal het "
            "weg.",
            f"The file cannot be read ({error.strerror}); give read permission or remove it.",
        ) from error
    if max(len(data), status.st_size) > MAX_FILE:
        raise FileError(
            "too-large",
            f"Het bestand is groter dan {MAX_FILE // 1_000_000} MB; splits het.",
            f"The file is larger than {MAX_FILE // 1_000_000} MB; split it.",
        )
    if len(data) != status.st_size:
        raise FileError(
            "changed",
            "Het bestand veranderde tijdens het lezen; wacht tot het is opgeslagen en probeer het "
            "opnieuw.",
            "The file changed while it was read; wait until it has been saved and try again.",
        )
    return data


def input_file(found: Found, data: bytes) -> InputFile:
    """The record of a file that was read."""
    return InputFile(found.name, hashlib.sha256(data).hexdigest(), len(data))
