"""Rows of CSV and objects of JSON, one at a time, each with its place, in bounded memory."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from kg.sources.cells import shown
from kg.sources.guard import MAX_DEPTH
from kg.sources.model import FileError
from kg.sources.registers.opening import Opened

#: Bytes of one object in a list; the largest releases of OCDS have a few MB.
MAX_RECORD: Final = 32_000_000
#: Layers that may open in one piece of a file; real records have some ten.
_MAX_OPEN: Final = 1_000
_PIECE: Final = 1 << 16
#: Bytes that are searched for the list that says what a JSON file is.
_HEAD: Final = 1 << 20
_OPENS: Final = frozenset({"start_map", "start_array"})
_CLOSES: Final = frozenset({"end_map", "end_array"})

Json = dict[str, Any]


def csv_header(file: Opened) -> list[str]:
    """The cells of the first row; as CSV with commas."""
    for _, cells in csv_rows(file):
        return [cell.strip() for cell in cells]
    return []


def csv_rows(file: Opened) -> Iterator[tuple[int, list[str]]]:
    """All rows with their number (the header is 1), comma separated, as the golden copy is.

    Raises:
        FileError: quotes that do not match, a cell of more than 131,072 characters, a wrong byte.
    """
    number = 0
    with file.text() as text:
        reader = csv.reader(text, strict=True)
        try:
            for number, cells in enumerate(reader, 1):
                yield number, cells
        except csv.Error as error:
            raise FileError(
                "csv",
                f"Na rij {number} is het geen CSV meer ({error}); haal het bestand opnieuw op, of "
                "sluit de aanhalingstekens.",
                f"After row {number} it is no CSV any more ({error}); get the file again, or close "
                "the quotation marks.",
                row=number + 1,
            ) from error
        except UnicodeDecodeError as error:
            raise FileError(
                "encoding",
                f"Na rij {number} staat een teken dat geen UTF-8 is; haal het bestand opnieuw op "
                "of sla het op als UTF-8.",
                f"After row {number} there is a character that is not UTF-8; get the file again "
                "or save it as UTF-8.",
                row=number + 1,
            ) from error


def positions(header: Sequence[str], needed: Iterable[str]) -> dict[str, int]:
    """Where these columns stand.

    Raises:
        FileError: one is absent, or stands twice.
    """
    found: dict[str, int] = {}
    for name in needed:
        if header.count(name) != 1:
            many = header.count(name) > 1
            raise FileError(
                "column",
                f"De kolom '{name}' {'staat twee keer in' if many else 'ontbreekt op'} de eerste "
                "rij; neem het bestand zoals de uitgever het levert.",
                f"The column '{name}' {'stands twice in' if many else 'is absent from'} the first "
                "row; take the file as the publisher gives it.",
                row=1,
                column=name,
            )
        found[name] = header.index(name)
    return found


def json_list(file: Opened, names: Iterable[str]) -> str:
    """Which of these lists at the top of a JSON file comes first; empty when none does soon.

    Only the beginning is read, so that a file of gigabytes that is something else costs nothing.
    """
    import ijson

    wanted = {(name, "start_array"): name for name in names}
    events: list[tuple[str, str, Any]] = ijson.sendable_list()
    parser = ijson.parse_coro(events)
    read = 0
    for piece in file.chunks(_PIECE):
        _feed(parser, piece, ijson)
        for prefix, event, _ in events:
            if (prefix, event) in wanted:
                return wanted[prefix, event]
        del events[:]
        read += len(piece)
        if read >= _HEAD:
            break
    return ""


def json_fields(file: Opened, names: Iterable[str]) -> dict[str, str]:
    """The texts at these paths (``publisher.name``) of the top object; empty where absent.

    Reads until all have been found, so that a file that begins with them is not read whole.
    """
    import ijson

    found = dict.fromkeys(names, "")
    waiting = {}
    for name in found:
        values: list[Any] = ijson.sendable_list()
        waiting[name] = (values, ijson.items_coro(values, name))
    for piece in file.chunks(_PIECE):
        for name, (values, parser) in list(waiting.items()):
            _feed(parser, piece, ijson)
            if values:
                found[name] = values[0] if isinstance(values[0], str) else ""
                del waiting[name]
        if not waiting:
            break
    return found


def json_records(file: Opened, name: str) -> Iterator[tuple[int, Json]]:
    """The objects of the list ``name`` at the top of a JSON file, with their number from 0.

    Numbers with a fraction are ``Decimal``. Built here from the plain events of the parser, which
    is quicker than its own objects and sees what those hide: keys that come twice, and depth.

    Raises:
        FileError: no JSON, cut off, a wrong byte, an object that is too large or too deep, a key
            that stands twice in one object, something in the list that is no object.
    """
    import ijson

    events: list[tuple[str, Any]] = ijson.sendable_list()
    parser = ijson.basic_parse_coro(events)
    number = since = 0
    depth = 0  # layers outside the list, or inside something else than the list
    inside = False
    key = ""
    stack: list[Any] = []
    for piece in file.chunks(_PIECE):
        since += len(piece)
        _feed(parser, piece, ijson, f"$.{name}[{number}]")
        for event, value in events:
            if not inside:
                if event == "map_key":
                    key = value
                elif event in _OPENS:
                    inside = depth == 1 and event == "start_array" and key == name
                    depth += 1
                elif event in _CLOSES:
                    depth -= 1
                continue
            if event == "map_key":
                key = value
                continue
            if event in _CLOSES:
                if not stack:  # of the list itself
                    inside = False
                    depth -= 1
                    continue
                one = stack.pop()
                if not stack:
                    yield number, one
                    number += 1
                    since = 0
                continue
            if event in _OPENS:
                value = {} if event == "start_map" else []
            if not stack:
                if event != "start_map":
                    raise _no_object(name, number)
            elif type(stack[-1]) is list:
                stack[-1].append(value)
            elif key in stack[-1]:
                raise _twice(key, f"$.{name}[{number}]")
            else:
                stack[-1][key] = value
            if event in _OPENS:
                stack.append(value)
                if len(stack) > MAX_DEPTH:
                    raise _too_deep(f"$.{name}[{number}]")
        del events[:]
        if since > MAX_RECORD:
            raise FileError(
                "record-too-large",
                f"Wat hier begint is groter dan {MAX_RECORD // 1_000_000} MB; haal het bestand "
                "opnieuw op.",
                f"What begins here is larger than {MAX_RECORD // 1_000_000} MB; get the file "
                "again.",
                path=f"$.{name}[{number}]",
            )
    try:
        parser.close()
    except ijson.JSONError as error:
        raise _no_json(error, f"$.{name}[{number}]") from error


def _twice(key: str, place: str) -> FileError:
    return FileError(
        "json-duplicate-key",
        f"De sleutel '{shown(key)}' staat hier twee keer in één object; houd er één.",
        f"The key '{shown(key)}' stands twice in one object here; keep one.",
        path=place,
    )


def _too_deep(place: str) -> FileError:
    return FileError(
        "too-deep",
        "Er staan te veel lagen in elkaar; neem het bestand zoals de uitgever het levert.",
        "Too many layers stand inside each other; take the file as the publisher gives it.",
        path=place,
    )


def _feed(parser: Any, piece: bytes, ijson: Any, place: str = "$") -> None:
    # The parser names each layer by all above it: thousands would take it quadratic time.
    opens = piece.count(b"[") + piece.count(b"{") - piece.count(b"]") - piece.count(b"}")
    if opens > _MAX_OPEN:
        raise _too_deep(place)
    try:
        parser.send(piece)
    except StopIteration:
        return
    except ijson.JSONError as error:
        raise _no_json(error, place) from error
    except UnicodeDecodeError as error:  # in a text, where the parser itself does not look
        raise _no_utf8(place) from error


_REASON: Final = re.compile(r"(?:lexical|parse) error: ([^\n]{1,100})")


def _no_json(error: Exception, place: str) -> FileError:
    text = str(error.args[0].decode("utf-8", "replace") if _raw(error) else error)
    reason = _REASON.search(text)
    why = shown(reason[1].rstrip(".") if reason else text.strip())
    if "UTF8" in text:
        return _no_utf8(place)
    return FileError(
        "syntax",
        f"Hier of kort daarna klopt de JSON niet ({why}); haal het bestand opnieuw op.",
        f"Here or shortly after, the JSON is not well-formed ({why}); get the file again.",
        path=place,
    )


def _no_utf8(place: str) -> FileError:
    return FileError(
        "encoding",
        "Hier of kort daarna staat een teken dat geen UTF-8 is; sla het bestand op als UTF-8.",
        "Here or shortly after is a character that is not UTF-8; save the file as UTF-8.",
        path=place,
    )


def _raw(error: Exception) -> bool:
    return bool(error.args) and isinstance(error.args[0], bytes)


def _no_object(name: str, number: int) -> FileError:
    return FileError(
        "record",
        "Hier hoort een object; neem het bestand zoals de uitgever het levert.",
        "An object belongs here; take the file as the publisher gives it.",
        path=f"$.{name}[{number}]",
    )
