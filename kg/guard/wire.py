"""How questions and answers go between the two processes: frames of JSON, and no code.

A frame is four bytes of length (of what follows), one byte that says what it is, and its body. A
question is one :data:`ASK`. An answer is a :data:`HEAD`, then :data:`ROWS`, :data:`LABELS` or
:data:`LINES` in pieces, then an :data:`END`; or at any point an :data:`ERROR`. Whatever the other
side sends, it becomes terms, texts and numbers, or a :class:`ValueError`.

A term is null (nothing), a text (an IRI), a list (a literal: value, datatype, language, direction,
what is plain left out at the end), or an object (``b``: a blank node, ``t``: a triple).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final, TypeAlias, cast

import pyoxigraph as ox

from kg.errors import AmbiguousError, KgError, QueryError, ReleaseError, UsageError
from kg.names import XSD
from kg.queries import Cell, Column, Param, SavedQuery, Table, Text
from kg.store import QuerySyntaxError

READY: Final = b"!"
ASK: Final = b"?"
HEAD: Final = b"H"
ROWS: Final = b"R"
LABELS: Final = b"L"
LINES: Final = b"N"
END: Final = b"."
ERROR: Final = b"E"

#: Bytes of length and kind before every body.
PREFACE: Final = 5
#: Bytes of a piece, at least; one row is never split.
_PIECE: Final = 1 << 16
_LABELS_AT_ONCE: Final = 500
#: What a literal has whose datatype is left out.
_PLAIN: Final = XSD + "string"

Answer: TypeAlias = Table | bool | bytes
Frame: TypeAlias = tuple[bytes, bytes]


def framed(kind: bytes, body: bytes = b"") -> bytes:
    """A frame as it is sent."""
    return (len(body) + 1).to_bytes(4, "big") + kind + body


def written(value: object) -> bytes:
    """A value as JSON, as short as it can be."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


# --- answers ----------------------------------------------------------------------------------


def frames_of(answer: Answer) -> Iterator[Frame]:
    """The frames of an answer, without the last."""
    if isinstance(answer, bool):
        yield HEAD, written({"boolean": answer})
    elif isinstance(answer, bytes):
        yield HEAD, written({"graph": True})
        for start in range(0, len(answer), _PIECE):
            yield LINES, answer[start : start + _PIECE]
    else:
        columns = [(c.name, c.label.nl, c.label.en, c.type) for c in answer.columns]
        yield HEAD, written({"columns": columns, "truncated": answer.truncated})
        piece: list[bytes] = []
        size = 0
        for row in answer.rows:
            piece.append(written([_cell_out(cell) for cell in row]))
            size += len(piece[-1])
            if size >= _PIECE:
                yield ROWS, b"[" + b",".join(piece) + b"]"
                piece, size = [], 0
        if piece:
            yield ROWS, b"[" + b",".join(piece) + b"]"
        labels = iter(answer.labels.items())
        while some := list(islice(labels, _LABELS_AT_ONCE)):
            yield LABELS, written({iri: (text.nl, text.en) for iri, text in some})


class Received:
    """An answer while its frames come in."""

    def __init__(self) -> None:
        self._head: Mapping[str, Any] | None = None
        self._rows: list[tuple[Cell, ...]] = []
        self._labels: dict[str, Text] = {}
        self._lines = bytearray()

    def take(self, kind: bytes, body: bytes) -> None:
        """Take one frame.

        Raises:
            ValueError: it is not what a frame of an answer can be.
        """
        try:
            if kind == HEAD:
                self._head = json.loads(body)
            elif kind == ROWS:
                self._rows += [tuple(map(_cell_in, row)) for row in json.loads(body)]
            elif kind == LABELS:
                found = json.loads(body).items()
                self._labels |= {iri: Text(str(nl), str(en)) for iri, (nl, en) in found}
            elif kind == LINES:
                self._lines += body
            else:
                raise ValueError(f"frame {kind!r}")
        except (TypeError, LookupError, AttributeError, RecursionError) as error:
            raise ValueError(str(error)) from error

    def answer(self) -> Answer:
        """The whole.

        Raises:
            ValueError: frames are missing.
        """
        try:
            return self._whole()
        except (TypeError, LookupError) as error:
            raise ValueError(str(error)) from error

    def _whole(self) -> Answer:
        head = self._head
        if head is None:
            raise ValueError("no head")
        if "boolean" in head:
            return bool(head["boolean"])
        if "graph" in head:
            return bytes(self._lines)
        columns = tuple(
            Column(str(name), Text(str(nl), str(en)), "iri" if kind == "iri" else "text")
            for name, nl, en, kind in head["columns"]
        )
        if any(len(row) != len(columns) for row in self._rows):
            raise ValueError("row")
        return Table(columns, tuple(self._rows), self._labels, bool(head["truncated"]))


def _cell_out(cell: Cell) -> Any:
    if cell is None:
        return None
    if isinstance(cell, ox.NamedNode):
        return cell.value
    if isinstance(cell, ox.Literal):
        if cell.language is None:
            kind = cell.datatype.value
            return [cell.value] if kind == _PLAIN else [cell.value, kind]
        if cell.direction is None:
            return [cell.value, None, cell.language]
        return [cell.value, None, cell.language, str(cell.direction)]
    if isinstance(cell, ox.BlankNode):
        return {"b": cell.value}
    return {"t": [_cell_out(part) for part in (cell.subject, cell.predicate, cell.object)]}


def _cell_in(found: Any) -> Cell:
    if found is None:
        return None
    if isinstance(found, str):
        return ox.NamedNode(found)
    if isinstance(found, list):
        value, kind, language, direction = (*found, None, None, None)[:4]
        if direction is not None:
            side = ox.BaseDirection(direction)
            return ox.Literal(value, language=language, direction=side)
        if language is not None:
            return ox.Literal(value, language=language)
        return ox.Literal(value, datatype=None if kind is None else ox.NamedNode(kind))
    if "b" in found:
        return ox.BlankNode(found["b"])
    subject, predicate, object_ = map(_cell_in, found["t"])
    return ox.Triple(cast("Any", subject), cast("Any", predicate), cast("Any", object_))


# --- questions --------------------------------------------------------------------------------


def saved_out(query: SavedQuery) -> dict[str, Any]:
    """A saved query as plain values."""
    label, question = vars(query.label), vars(query.question)
    params = [{**vars(one), "label": vars(one.label)} for one in query.params]
    columns = [{**vars(one), "label": vars(one.label)} for one in query.columns]
    more = {"label": label, "question": question, "params": params, "columns": columns}
    return {**vars(query), **more}


def saved_in(found: Mapping[str, Any]) -> SavedQuery:
    """A saved query from what :func:`saved_out` made of it."""
    return SavedQuery(
        **{
            **found,
            "label": Text(**found["label"]),
            "question": Text(**found["question"]),
            "tags": tuple(found["tags"]),
            "params": tuple(_param(one) for one in found["params"]),
            "columns": tuple(
                Column(one["name"], Text(**one["label"]), one["type"]) for one in found["columns"]
            ),
        }
    )


def _param(one: Mapping[str, Any]) -> Param:
    label, allowed = Text(**one["label"]), tuple(one["allowed_values"])
    return Param(**{**one, "label": label, "allowed_values": allowed})


# --- errors -----------------------------------------------------------------------------------

#: The errors that may come from the other side; anything else becomes a QueryError.
_KINDS: Final[Mapping[str, type[KgError]]] = {
    kind.__name__: kind
    for kind in (QueryError, QuerySyntaxError, UsageError, AmbiguousError, ReleaseError)
}
_PLACES: Final = ("line", "column", "candidates")


def error_out(error: KgError) -> bytes:
    """One of our errors."""
    kind = type(error).__name__
    more = {name: getattr(error, name) for name in _PLACES if hasattr(error, name)}
    return written({"kind": kind, "code": error.code, "nl": error.nl, "en": error.en, **more})


def error_in(body: bytes) -> KgError:
    """The same error on this side.

    Raises:
        ValueError: it is not one.
    """
    try:
        found = json.loads(body)
        kind = _KINDS.get(found["kind"], QueryError)
        error = kind.__new__(kind)
        KgError.__init__(error, str(found["code"]), str(found["nl"]), str(found["en"]))
        if isinstance(error, QuerySyntaxError):
            error.line, error.column = int(found["line"]), int(found["column"])
        if isinstance(error, AmbiguousError):
            pairs: Sequence[Sequence[str]] = found["candidates"]
            error.candidates = tuple((str(iri), str(label)) for iri, label in pairs)
    except (TypeError, LookupError, AttributeError, RecursionError) as problem:
        raise ValueError(str(problem)) from problem
    return error
