"""A file of a register: hashed and read once opened, zipped or not, within bounds."""

from __future__ import annotations

import hashlib
import io
import lzma
import os
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, Literal

from kg.errors import UsageError
from kg.sources.encoding import refuse_wide
from kg.sources.model import FileError

#: Bytes of one file, unpacked. Level 1 of GLEIF is 5 GB as CSV and some 10 GB as JSON.
MAX_UNPACKED: Final = 50_000_000_000
#: The golden copy packs ten times smaller, a sheet of one repeated value a hundred times.
MAX_RATIO: Final = 300
_SMALL: Final = 10_000_000
_CHUNK: Final = 1 << 20
_ZIP: Final = b"PK\x03\x04"
#: ValueError: a name that is no UTF-8, an offset before the start.
_DAMAGE: Final = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, RuntimeError,
    ValueError,
)  # fmt: skip

Kind = Literal["json", "xml", "text"]


@dataclass(frozen=True)
class Opened:
    """A file that stays open while it is read.

    ``name`` is the file as people see it, ``inner`` the name of the file that a zip holds (else
    that of the file itself), ``kind`` what its first character says, ``sha256`` is of the file as
    it lies on disk.
    """

    name: str
    inner: str
    sha256: str
    size: int
    kind: Kind
    _handle: IO[bytes]
    _member: zipfile.ZipInfo | None

    def chunks(self, size: int = _CHUNK) -> Iterator[bytes]:
        """The bytes from the start, unpacked.

        Raises:
            FileError: a zip that is damaged, a disk that cannot be read.
        """
        try:
            if self._member is None:
                self._handle.seek(0)
                while piece := self._handle.read(size):
                    yield piece
                return
            with zipfile.ZipFile(self._handle) as archive, archive.open(self._member) as member:
                while piece := member.read(size):
                    yield piece
        except _DAMAGE as error:
            raise _damaged() from error
        except OSError as error:
            raise FileError(
                "unreadable",
                f"Het bestand kan niet worden gelezen ({error.strerror}).",
                f"The file cannot be read ({error.strerror}).",
            ) from error

    def text(self) -> io.TextIOWrapper:
        """The file as UTF-8 text, line ends as they are; a wrong byte raises UnicodeDecodeError."""
        raw = io.BufferedReader(_Raw(self.chunks()), _CHUNK)
        return io.TextIOWrapper(raw, "utf-8-sig", newline="")

    def whole(self, limit: int) -> bytes:
        """All bytes, at most ``limit`` of them.

        Raises:
            FileError: there are more.
        """
        found = bytearray()
        for piece in self.chunks():
            found += piece
            if len(found) > limit:
                raise FileError(
                    "too-large",
                    f"Het bestand is groter dan {limit // 1_000_000} MB; splits het.",
                    f"The file is larger than {limit // 1_000_000} MB; split it.",
                )
        return bytes(found).removeprefix(b"\xef\xbb\xbf")


class _Raw(io.RawIOBase):
    """Chunks as a file that can be read."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        if not self._left:
            self._left = next(self._chunks, b"")
        count = min(len(buffer), len(self._left))
        buffer[:count] = self._left[:count]
        self._left = self._left[count:]
        return count


@contextmanager
def opened(path: Path) -> Iterator[Opened]:
    """Open, hash and look at the first bytes.

    Raises:
        UsageError: there is no such file.
        FileError: not a plain file, unreadable, a zip that is damaged or holds anything but one
            modest file, an encoding other than UTF-8, an empty file.
    """
    if not path.exists():
        raise UsageError(
            "usage.no-such-path",
            f"'{path}' bestaat niet; noem een bestaand bestand.",
            f"'{path}' does not exist; name an existing file.",
        )
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise FileError(
            "not-a-file",
            "Dit is geen gewoon bestand; noem het bestand zelf.",
            "This is not a plain file; name the file itself.",
        )
    with path.open("rb") as handle:
        digest = hashlib.file_digest(handle, "sha256").hexdigest()
        handle.seek(0)
        member = _only_member(handle, status.st_size) if handle.read(4) == _ZIP else None
        inner = os.path.basename(member.filename) if member else path.name
        draft = Opened(path.name, inner, digest, status.st_size, "text", handle, member)
        head = next(draft.chunks(4096), b"")
        refuse_wide(head)
        start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
        if not start:
            raise FileError(
                "empty-file",
                "Het bestand is leeg; haal het opnieuw op.",
                "The file is empty; get it again.",
            )
        kinds: dict[bytes, Kind] = {b"{": "json", b"[": "json", b"<": "xml"}
        kind = kinds.get(start, "text")
        yield Opened(path.name, inner, digest, status.st_size, kind, handle, member)


def _only_member(handle: IO[bytes], packed: int) -> zipfile.ZipInfo:
    try:
        with zipfile.ZipFile(handle) as archive:
            # is_dir() of a member without a name is an IndexError.
            members = [one for one in archive.infolist() if not one.filename.endswith("/")]
    except _DAMAGE as error:
        raise _damaged() from error
    if len(members) != 1:
        raise FileError(
            "zip-members",
            f"De zip bevat {len(members)} bestanden; hier hoort één bestand in een zip. Pak haar "
            "uit en noem de bestanden.",
            f"The zip holds {len(members)} files; one file in a zip belongs here. Unpack it and "
            "name the files.",
        )
    (member,) = members
    if member.flag_bits & 1:
        raise FileError(
            "zip-password",
            "Op de zip zit een wachtwoord; pak haar uit en noem het bestand.",
            "The zip has a password; unpack it and name the file.",
        )
    size = member.file_size
    if size > MAX_UNPACKED or (size > _SMALL and size > MAX_RATIO * packed):
        raise FileError(
            "zip-bomb",
            f"De zip is uitgepakt onredelijk groot ({size // 1_000_000} MB uit "
            f"{packed // 1_000_000} MB); haal haar opnieuw op bij de uitgever.",
            f"The zip is unreasonably large once unpacked ({size // 1_000_000} MB from "
            f"{packed // 1_000_000} MB); get it again from the publisher.",
        )
    return member


def _damaged() -> FileError:
    return FileError(
        "zip-damaged",
        "De zip is beschadigd of afgebroken; haal haar opnieuw op.",
        "The zip is damaged or cut off; get it again.",
    )


@contextmanager
def named(file: Opened) -> Iterator[None]:
    """Errors about a file get its name."""
    try:
        yield
    except FileError as error:
        error.file = error.file or file.name
        raise
