"""Objects of JSON with their place: typed fields, and an error that says where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from kg.errors import Location
from kg.sources.model import CellError
from kg.sources.registers.model import Troubles, date_of, text_of

_KINDS: Final = (
    (dict, "een object", "an object"),
    (list, "een lijst", "a list"),
    (bool, "true of false", "true or false"),
    (str, "een tekst", "a text"),
    ((int, float, Decimal), "een getal", "a number"),
)


class Misfit(Exception):
    """A field that does not fit; what it belongs to cannot be taken over."""

    def __init__(self, location: Location, code: str, nl: str, en: str) -> None:
        super().__init__(nl)
        self.location = location
        self.code = code
        self.nl = nl
        self.en = en

    def to(self, troubles: Troubles) -> None:
        """Note it."""
        troubles.add(self.location, self.code, self.nl, self.en)


class Node:
    """One object of a file, and its path in it (``$.releases[0].awards[1]``)."""

    def __init__(self, file: str, path: str, values: Mapping[str, Any]) -> None:
        self.file = file
        self.path = path
        self.values = values

    def misfit(self, key: str, code: str, nl: str, en: str) -> Misfit:
        """The error about one field."""
        return Misfit(Location(self.file, path=f"{self.path}.{key}"), code, nl, en)

    def raw(self, key: str) -> str:
        """A text or a number as text, as it stands; empty where it is absent or null."""
        value = self.values.get(key)
        if value is None:
            return ""
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise self._expected(key, value, "een tekst", "a text")
        return str(value)

    def text(self, key: str) -> str:
        """A name or title as one line that our intake takes."""
        try:
            return text_of(self.raw(key))
        except CellError as error:
            raise self.misfit(key, error.code, error.nl, error.en) from error

    def date(self, key: str) -> str:
        """The day of a date or a date with a time."""
        try:
            return date_of(self.raw(key))
        except CellError as error:
            raise self.misfit(key, error.code, error.nl, error.en) from error

    def number(self, key: str) -> Decimal | None:
        """A number; None where it is absent."""
        value = self.values.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
            raise self._expected(key, value, "een getal", "a number")
        return Decimal(str(value))

    def node(self, key: str) -> Node | None:
        """An object; None where it is absent."""
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise self._expected(key, value, "een object", "an object")
        return Node(self.file, f"{self.path}.{key}", value)

    def nodes(self, key: str) -> list[Node]:
        """A list of objects; empty where it is absent."""
        value = self.values.get(key)
        if value is None:
            return []
        if not isinstance(value, list):
            raise self._expected(key, value, "een lijst", "a list")
        found = []
        for number, one in enumerate(value):
            if not isinstance(one, dict):
                raise self._expected(f"{key}[{number}]", one, "een object", "an object")
            found.append(Node(self.file, f"{self.path}.{key}[{number}]", one))
        return found

    def texts(self, key: str) -> list[str]:
        """A list of texts; empty where it is absent."""
        value = self.values.get(key)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise self._expected(key, value, "een lijst van teksten", "a list of texts")
        return list(value)

    def _expected(self, key: str, value: object, nl: str, en: str) -> Misfit:
        is_nl, is_en = next(
            ((kind_nl, kind_en) for kind, kind_nl, kind_en in _KINDS if isinstance(value, kind)),
            ("iets anders", "something else"),
        )
        return self.misfit(
            key,
            "type",
            f"Hier hoort {nl} en er staat {is_nl}; verbeter het veld.",
            f"{en[0].upper()}{en[1:]} belongs here and there is {is_en}; correct the field.",
        )
