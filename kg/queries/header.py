"""Saved queries as files: the ``#+`` header in YAML, and the catalogue that finds them by name."""

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

from kg.errors import QueryError, UsageError
from kg.names import XSD, expand
from kg.queries.table import Column, Text
from kg.resources import folder

View = Literal["table", "path", "cascade", "map", "matrix"]
VIEWS: Final[tuple[View, ...]] = ("table", "path", "cascade", "map", "matrix")

#: Folders of queries/ that hold no questions of people.
_NOT_SAVED: Final = frozenset({"rules", "checks"})


@dataclass(frozen=True)
class Param:
    """A parameter of a saved query; the variable of that name is bound to the given term."""

    name: str
    label: Text
    term_type: Literal["iri", "literal"] = "iri"
    datatype: str = XSD + "string"
    required: bool = False
    default: str | None = None
    allowed_values: tuple[str, ...] = ()
    values_query: str = ""
    enumerated: bool = False


@dataclass(frozen=True)
class SavedQuery:
    """One question with its SPARQL text."""

    name: str
    subject: str
    label: Text
    question: Text
    summary: str
    description: str
    tags: tuple[str, ...]
    params: tuple[Param, ...]
    columns: tuple[Column, ...]
    view: View
    pagination: int | None
    #: How deep the subselect stands that a page can be had from; 0 for none. See kg.queries.paging.
    paged: int
    text: str = field(repr=False)

    @property
    def sparql(self) -> str:
        """The text without the words of its header, for the engine; lines keep their numbers."""
        return re.sub(r"(?m)^#\+.*$", "", self.text)

    def param(self, name: str) -> Param:
        """The parameter of this name.

        Raises:
            UsageError: there is none; the message lists those there are.
        """
        for one in self.params:
            if one.name == name:
                return one
        known = ", ".join(one.name for one in self.params)
        raise UsageError(
            "query.parameter-unknown",
            f"De vraag '{self.name}' heeft geen parameter '{name}'"
            + (f"; wel: {known}." if known else "; zij heeft er geen."),
            f"The query '{self.name}' has no parameter '{name}'"
            + (f"; it has: {known}." if known else "; it has none."),
        )


class Catalogue:
    """The saved queries of a folder; headers are read only when asked for."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def _files(self) -> dict[str, Path]:
        return {
            path.stem: path
            for path in sorted(self._root.glob("*/*.rq"))
            if path.parent.name not in _NOT_SAVED
        }

    def names(self) -> tuple[str, ...]:
        """All names, sorted; reads no file."""
        return tuple(sorted(self._files()))

    def subjects(self) -> dict[str, tuple[str, ...]]:
        """The names per subject, both sorted; reads no file."""
        grouped: dict[str, list[str]] = {}
        for name, path in self._files().items():
            grouped.setdefault(path.parent.name, []).append(name)
        return {subject: tuple(sorted(grouped[subject])) for subject in sorted(grouped)}

    def get(self, name: str) -> SavedQuery:
        """The query ``name`` or ``subject/name``.

        Raises:
            UsageError: there is none; close names are suggested.
            QueryError: its header is wrong.
        """
        files = self._files()
        subject, _, stem = name.rpartition("/")
        path = files.get(stem)
        if path is None or (subject and path.parent.name != subject):
            near = difflib.get_close_matches(stem[:100], files, n=3)
            raise UsageError(
                "query.unknown",
                f"Er is geen opgeslagen vraag '{name}'."
                + (f" Bedoelt u: {', '.join(near)}?" if near else " Zie: kg query"),
                f"There is no saved query '{name}'."
                + (f" Did you mean: {', '.join(near)}?" if near else " See: kg query"),
            )
        return read_query(path)

    def __iter__(self) -> Iterator[SavedQuery]:
        for names in self.subjects().values():
            yield from (self.get(name) for name in names)


@cache
def catalogue(root: Path | None = None) -> Catalogue:
    """The saved queries that come with the package, or those of another folder."""
    return Catalogue(root or folder("queries"))


def read_query(path: Path) -> SavedQuery:
    """Read one ``.rq`` file with its header.

    Raises:
        QueryError: the header is not what it must be; the message says what.
    """
    text = path.read_text("utf-8")
    try:
        return _saved(_header(text), path.stem, path.parent.name, text)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        what = f"'{error.args[0]}'" if isinstance(error, KeyError) else str(error)
        raise QueryError(
            "query.header",
            f"{path.name}: de kop van de vraag klopt niet of mist iets: {what}",
            f"{path.name}: the header of the query is wrong or lacks something: {what}",
        ) from error


def _header(text: str) -> dict[str, Any]:
    import yaml  # only a saved query needs it

    block = "\n".join(line[2:].removeprefix(" ") for line in text.split("\n") if line[:2] == "#+")
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        found = yaml.load(block, Loader=loader)  # noqa: S506 - both loaders are the safe ones
    except yaml.YAMLError as error:
        raise ValueError(str(error).replace("\n", " ")) from error
    if not isinstance(found, dict):
        raise ValueError("#+")
    return found


def _saved(header: dict[str, Any], name: str, subject: str, text: str) -> SavedQuery:
    defaults: dict[str, Any] = {}
    given = header.get("defaults") or {}
    for one in given if isinstance(given, list) else [given]:  # grlc writes a list of mappings
        defaults |= one
    enumerated = {str(one) for one in header.get("enumerate") or []}
    view = str(header.get("view", "table"))
    if view not in VIEWS:
        raise ValueError(f"view: {view}")
    return SavedQuery(
        name=name,
        subject=subject,
        label=_text(header["label"]),
        question=_text(header["question"]),
        summary=str(header["summary"]),
        description=str(header.get("description", "")),
        tags=tuple(str(tag) for tag in header.get("tags") or []),
        params=tuple(_param(one, defaults, enumerated) for one in header.get("params") or []),
        columns=tuple(
            Column(str(one["name"]), _text(one["label"]), "iri" if _is_iri(one) else "text")
            for one in header["columns"]
        ),
        view=next(known for known in VIEWS if known == view),
        pagination=int(header["pagination"]) if header.get("pagination") else None,
        paged=int(header.get("paged", False)),
        text=text,
    )


def _is_iri(column: Mapping[str, Any]) -> bool:
    kind = column.get("type", "text")
    if kind not in ("iri", "text"):
        raise ValueError(f"type: {kind}")
    return bool(kind == "iri")


def _text(value: Mapping[str, Any]) -> Text:
    return Text(str(value["nl"]), str(value["en"]))


def _param(one: Mapping[str, Any], defaults: Mapping[str, Any], enumerated: set[str]) -> Param:
    name = str(one["name"])
    if not re.fullmatch(r"[A-Za-z_]\w*", name):
        raise ValueError(f"name: {name}")
    kind = one.get("termType", "iri")
    if kind not in ("iri", "literal"):
        raise ValueError(f"termType: {kind}")
    datatype = expand(str(one.get("datatype", "xsd:string")))
    default = one.get("default", defaults.get(name))
    return Param(
        name=name,
        label=_text(one["label"]),
        term_type="iri" if kind == "iri" else "literal",
        datatype=datatype if "://" in datatype else XSD + datatype,
        required=bool(one.get("required", False)),
        default=None if default is None else _yaml_text(default),
        allowed_values=tuple(_yaml_text(value) for value in one.get("allowedValues") or []),
        values_query=str(one.get("values_query") or ""),
        enumerated=name in enumerated,
    )


def _yaml_text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
