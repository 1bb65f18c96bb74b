"""What encoding bytes are in, and whether every cell has to be looked at closely."""

import codecs
import re
from typing import Final

from kg.sources.model import FileError

_WIDE_MARKS: Final = (
    (codecs.BOM_UTF32_LE, "UTF-32", "utf-32"),
    (codecs.BOM_UTF32_BE, "UTF-32", "utf-32"),
    (codecs.BOM_UTF16_LE, "UTF-16", "utf-16"),
    (codecs.BOM_UTF16_BE, "UTF-16", "utf-16"),
)
_ASCII_CONTROLS: Final = bytes([*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F])
_NO_CONTROLS: Final = bytes(set(range(256)) - set(_ASCII_CONTROLS))
_RARE: Final = re.compile(rb"\xc2[\x80-\x9f]|\xef\xbf[\xbe\xbf]")
_CHUNK: Final = 1 << 20


def refuse_wide(data: bytes) -> None:
    """Refuse UTF-16 and UTF-32, with or without a byte order mark.

    Raises:
        FileError: names the encoding and how to save as UTF-8.
    """
    name = next((name for mark, name, _ in _WIDE_MARKS if data.startswith(mark)), "")
    if not name and _every_other_is_zero(data[:4096]):
        name = "UTF-16"
    if name:
        raise FileError(
            "encoding",
            f"Het bestand is {name}, niet UTF-8. Sla het op als UTF-8 (Excel: Opslaan als, CSV "
            "UTF-8; Kladblok: Opslaan als, Codering UTF-8).",
            f"The file is {name}, not UTF-8. Save it as UTF-8 (Excel: Save as, CSV UTF-8; "
            "Notepad: Save as, Encoding UTF-8).",
        )


def as_utf8(data: bytes) -> bytes:
    """What was refused as UTF-16 or UTF-32, as UTF-8, so that the rest can be checked as well.

    Empty when it cannot be read that way either.
    """
    name = next((codec for mark, _, codec in _WIDE_MARKS if data.startswith(mark)), "")
    if not name:
        name = "utf-16-be" if data[:1] == b"\x00" else "utf-16-le"
    try:
        return data.decode(name).encode()
    except UnicodeError:
        return b""


def _every_other_is_zero(start: bytes) -> bool:
    """UTF-16 of Western text without a mark: one half of the bytes is zero, the other is not."""
    even, odd = start[::2], start[1::2]
    if len(odd) < 4:
        return False
    halves = sorted((even.count(0) / len(even), odd.count(0) / len(odd)))
    return halves[0] < 0.05 and halves[1] > 0.7


def without_mark(data: bytes) -> bytes:
    """The bytes without the UTF-8 byte order mark that Windows puts in front."""
    return data.removeprefix(codecs.BOM_UTF8)


def is_utf8(data: bytes) -> bool:
    """Whether all of it is UTF-8; reads in pieces, so that a large file is not held twice."""
    if data.isascii():
        return True
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(data), _CHUNK):
            decoder.decode(data[start : start + _CHUNK], final=start + _CHUNK >= len(data))
    except UnicodeDecodeError:
        return False
    return True


def is_suspect(data: bytes) -> bool:
    """Whether some character needs a closer look: controls, or bytes that are not UTF-8."""
    if data.translate(None, _NO_CONTROLS):
        return True
    return not is_utf8(data) or _RARE.search(data) is not None
