"""Looks at XML, zip and JSON before any parser does, and refuses what is made to do harm."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator
from typing import IO, Any, Final
from xml.sax import ContentHandler, SAXException
from xml.sax.xmlreader import AttributesImpl

from kg.sources.model import FileError

#: Elements or objects inside each other; RDF and spreadsheets stay far below it.
MAX_DEPTH: Final = 100

MAX_UNPACKED: Final = 500_000_000
MAX_MEMBERS: Final = 2_000
#: Bytes of one JSON-LD file; it is read whole, and takes many times its size.
MAX_JSON: Final = 50_000_000

#: A sheet of one repeated value packs some 100 times smaller; a bomb a thousand times or more.
MAX_RATIO: Final = 300
_SMALL: Final = 10_000_000

_DECLARED: Final = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([^"']{1,40})["']""")
_DOCTYPE: Final = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
_WIDE_DOCTYPE: Final = re.compile(
    b"|".join(
        re.escape(word.encode(encoding))
        for word in ("<!DOCTYPE", "<!ENTITY")
        for encoding in ("utf-8", "utf-16-le", "utf-16-be")
    )
)
_PLAIN: Final = frozenset({b"utf-8", b"utf8", b"us-ascii", b"ascii"})


def check_xml(data: bytes) -> None:
    """Refuse document types, entities, other encodings and deep nesting.

    Raises:
        FileError: one of those, or XML that is not well-formed.
    """
    _refuse_doctype(data)
    _check_depth(data)


def _refuse_doctype(data: bytes) -> None:
    declared = _DECLARED.match(data.lstrip())
    if b"\x00" in data or (declared and declared[1].lower() not in _PLAIN):
        raise _no_utf8()
    found = _DOCTYPE.search(data)
    if found:
        raise _doctype(data.count(b"\n", 0, found.start()) + 1)


def _no_utf8() -> FileError:
    return FileError(
        "encoding",
        "De XML is niet in UTF-8; sla het bestand op als UTF-8.",
        "The XML is not in UTF-8; save the file as UTF-8.",
    )


def _doctype(row: int = 0) -> FileError:
    return FileError(
        "xml-doctype",
        "XML met een DOCTYPE of ENTITY wordt geweigerd: die kan bestanden of het netwerk "
        "aanspreken. Haal hem weg.",
        "XML with a DOCTYPE or ENTITY is refused: it can reach files or the network. Remove it.",
        row=row,
    )


class _Depth(ContentHandler):
    """Counts how deep elements stand inside each other."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = 0

    def startElement(self, name: str, attrs: AttributesImpl) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise _too_deep()

    def endElement(self, name: str) -> None:
        self._depth -= 1


def _too_deep() -> FileError:
    return FileError(
        "too-deep",
        f"Er staan meer dan {MAX_DEPTH} lagen in elkaar; maak het bestand vlakker.",
        f"More than {MAX_DEPTH} layers stand inside each other; make the file flatter.",
    )


def _check_depth(data: bytes) -> None:
    from defusedxml import DefusedXmlException
    from defusedxml.sax import parseString

    try:
        parseString(data, _Depth(), forbid_dtd=True)
    except SAXException as error:
        line = getattr(error, "getLineNumber", lambda: 0)() or 0
        raise FileError(
            "syntax",
            f"De XML klopt niet: {error.getMessage()}.",
            f"The XML is not well-formed: {error.getMessage()}.",
            row=line,
        ) from error
    except DefusedXmlException as error:
        raise _doctype() from error
    except (LookupError, ValueError) as error:  # an odd encoding, declared further on
        raise _no_utf8() from error


def check_workbook(data: bytes) -> None:
    """Refuse what is not a plain, modest .xlsx: other formats, bombs, odd names, entities.

    Raises:
        FileError: one of those.
    """
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise FileError(
            "workbook-format",
            "Dit is een oud Excel-bestand of er zit een wachtwoord op; sla het zonder wachtwoord "
            "op als .xlsx.",
            "This is an old Excel file or has a password; save it without password as .xlsx.",
        )
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_members(archive, len(data))
    except (
        zipfile.BadZipFile,
        EOFError,
        OSError,
        ValueError,
        NotImplementedError,
        RuntimeError,
    ) as error:
        raise _not_a_workbook() from error
    except Exception as error:
        # zlib, bz2 and lzma each have errors of their own; none may end the run.
        if isinstance(error, FileError):
            raise
        raise _not_a_workbook() from error


def _not_a_workbook() -> FileError:
    return FileError(
        "workbook-format",
        "Dit is geen leesbaar .xlsx-bestand; open het in Excel of LibreOffice en sla het opnieuw "
        "op.",
        "This is not a readable .xlsx file; open it in Excel or LibreOffice and save it again.",
    )


def _check_members(archive: zipfile.ZipFile, packed: int) -> None:
    members = archive.infolist()
    unpacked = sum(member.file_size for member in members)
    too_dense = unpacked > _SMALL and unpacked > MAX_RATIO * packed
    if len(members) > MAX_MEMBERS or unpacked > MAX_UNPACKED or too_dense:
        raise FileError(
            "zip-bomb",
            f"Het uitgepakte werkboek is onredelijk groot ({unpacked // 1_000_000} MB, "
            f"{len(members)} onderdelen). Splits het, of sla het opnieuw op.",
            f"The unpacked workbook is unreasonably large ({unpacked // 1_000_000} MB, "
            f"{len(members)} parts). Split it, or save it again.",
        )
    for member in members:
        parts = member.filename.replace("\\", "/").split("/")
        if ".." in parts or parts[0] == "" or ":" in parts[0]:
            raise FileError(
                "zip-name",
                "Het werkboek bevat een onderdeel met een pad naar buiten (../); het wordt "
                "geweigerd.",
                "The workbook holds a part whose path leads outside (../); it is refused.",
            )
        with archive.open(member) as file:
            _scan(file, is_xml=member.filename.lower().endswith((".xml", ".rels")))


def _scan(file: IO[bytes], *, is_xml: bool) -> None:
    """Look for a DOCTYPE in pieces; reading also checks size and checksum of the member.

    Any member can be declared to be XML, whatever its name, so pictures are searched as well.
    """
    tail = b""
    while piece := file.read(1 << 20):
        if is_xml:
            _refuse_doctype(tail + piece)
        elif _WIDE_DOCTYPE.search(tail + piece):
            raise _doctype()
        tail = piece[-32:]


def check_jsonld(data: bytes) -> None:
    """Refuse contexts that would be fetched, deep nesting, and keys that would be lost in silence.

    Raises:
        FileError: one of those, or text that is not JSON.
    """
    if len(data) > MAX_JSON:
        raise FileError(
            "too-large",
            f"JSON-LD mag ten hoogste {MAX_JSON // 1_000_000} MB zijn; gebruik N-Triples of "
            "Turtle.",
            f"JSON-LD may be at most {MAX_JSON // 1_000_000} MB; use N-Triples or Turtle.",
        )
    document = load_json(data)
    nodes = list(_objects(document))
    contexts = [node["@context"] for node in nodes if "@context" in node]
    for context in contexts:
        _check_context(context)
    _check_keys(nodes, contexts)


def load_json(data: bytes) -> Any:
    """The document; refuses a key that stands twice in an object, NaN, and deep nesting.

    Raises:
        FileError: one of those, text that is not JSON, or not UTF-8.
    """
    try:
        document: Any = json.loads(data, object_pairs_hook=_unique, parse_constant=_no_constant)
    except RecursionError as error:
        raise _too_deep() from error
    except json.JSONDecodeError as error:
        raise FileError(
            "syntax",
            f"De JSON klopt niet: {error.msg} (regel {error.lineno}, teken {error.colno}).",
            f"The JSON is not well-formed: {error.msg} (line {error.lineno}, character "
            f"{error.colno}).",
            row=error.lineno,
        ) from error
    except UnicodeDecodeError as error:
        raise FileError(
            "encoding",
            "Het bestand is niet in UTF-8; sla het op als UTF-8.",
            "The file is not in UTF-8; save it as UTF-8.",
        ) from error
    except ValueError as error:  # a number of thousands of digits
        raise FileError(
            "syntax",
            "In de JSON staat een getal dat te lang is; kort het in.",
            "The JSON holds a number that is too long; shorten it.",
        ) from error
    _refuse_depth(document)
    return document


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise FileError(
            "json-duplicate-key",
            "In de JSON staat een sleutel twee keer in hetzelfde object; voeg ze samen tot een "
            "lijst.",
            "In the JSON a key stands twice in the same object; merge them into a list.",
        )
    return found


def _no_constant(name: str) -> None:
    raise FileError(
        "syntax",
        f"{name} is geen JSON; haal het weg.",
        f"{name} is not JSON; remove it.",
    )


def _refuse_depth(document: Any) -> None:
    for _ in _objects(document):
        pass


def _objects(document: Any) -> Iterator[dict[str, Any]]:
    """Every object of the document, however deep."""
    todo = [(document, 0)]
    while todo:
        value, depth = todo.pop()
        if depth > MAX_DEPTH:
            raise _too_deep()
        if isinstance(value, dict):
            yield value
            todo += [(one, depth + 1) for one in value.values()]
        elif isinstance(value, list):
            todo += [(one, depth + 1) for one in value]


def _check_context(context: Any) -> None:
    for one in context if isinstance(context, list) else [context]:
        if one is None:
            continue
        if not isinstance(one, dict) or "@import" in one:
            raise FileError(
                "remote-context",
                "De JSON-LD verwijst naar een @context elders; er wordt niets opgehaald. Zet de "
                "context zelf in het bestand.",
                "The JSON-LD refers to an @context elsewhere; nothing is fetched. Put the "
                "context itself in the file.",
            )


def _check_keys(nodes: list[dict[str, Any]], contexts: list[Any]) -> None:
    """A key that no context knows is dropped by JSON-LD without a word; say it instead."""
    inline = [one for c in contexts for one in (c if isinstance(c, list) else [c]) if one]
    if any("@vocab" in context for context in inline):
        return
    known = {term for context in inline for term in context}
    definitions = [id(inner) for context in inline for inner in _objects(context)]
    inside = frozenset(definitions)
    lost = sorted(
        {
            key
            for node in nodes
            if id(node) not in inside
            for key in node
            if not key.startswith("@") and ":" not in key and key not in known
        }
    )
    if lost:
        names = ", ".join(f"'{name[:60]}'" for name in lost[:10])
        raise FileError(
            "json-unknown-key",
            f"Geen @context zegt wat deze sleutels betekenen: {names}. Ze zouden verloren gaan; "
            "vul de context aan of verbeter de naam.",
            f"No @context says what these keys mean: {names}. They would be lost; complete the "
            "context or correct the name.",
        )
