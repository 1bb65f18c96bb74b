"""One JSON object at a time: typed fields, with file and JSON path in every error."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, TypeVar

from kg.errors import UsageError
from kg.sources.incidents.model import Text

Choice = TypeVar("Choice", bound=str)

#: Bytes of one file; a documented incident has a few thousand.
MAX_FILE: Final = 5_000_000
#: Hours; a hundred years.
MAX_HOURS: Final = 876_000.0
MAX_TEXT: Final = 4_000
#: Things in one list of a file; more than any text documents, few enough to compare all pairs.
MAX_THINGS: Final = 500
#: Warnings per file; one more says that there are others.
MAX_WARNINGS: Final = 50

_KINDS: Final = (
    (dict, "een object", "an object"),
    (list, "een lijst", "a list"),
    (bool, "true of false", "true or false"),
    (str, "een tekst", "a text"),
    (int, "een getal", "a number"),
    (float, "een getal", "a number"),
    (type(None), "null", "null"),
)


def wrong(file: str, path: str, code: str, nl: str, en: str) -> UsageError:
    """The error about one place in a file."""
    return UsageError(f"incident.{code}", f"{file}, {path}: {nl}", f"{file}, {path}: {en}")


def load(path: Path) -> dict[str, Any]:
    """The JSON object in a file.

    Raises:
        UsageError: not there, too large, not UTF-8, not JSON, NaN, a key twice, not an object.
    """
    file = path.name
    try:
        if path.stat().st_size > MAX_FILE:
            raise wrong(
                file,
                "$",
                "too-large",
                f"het bestand is groter dan {MAX_FILE // 1_000_000} MB; een voorval is klein.",
                f"the file is larger than {MAX_FILE // 1_000_000} MB; an incident is small.",
            )
        data = path.read_bytes()
    except OSError as error:
        raise wrong(
            file,
            "$",
            "unreadable",
            f"niet te lezen ({error.strerror}).",
            f"cannot be read ({error.strerror}).",
        ) from error
    try:
        value = json.loads(
            data.decode("utf-8-sig"),
            object_pairs_hook=lambda pairs: _unique(file, pairs),
            parse_constant=lambda name: _constant(file, name),
        )
    except UnicodeDecodeError as error:
        raise wrong(
            file,
            "$",
            "encoding",
            "niet in UTF-8; sla het bestand op als UTF-8.",
            "not in UTF-8; save the file as UTF-8.",
        ) from error
    except json.JSONDecodeError as error:
        raise wrong(
            file,
            f"$ (regel {error.lineno}, teken {error.colno})",
            "syntax",
            f"geen JSON: {error.msg}.",
            f"not JSON: {error.msg}.",
        ) from error
    except RecursionError as error:
        raise wrong(
            file, "$", "syntax", "te diep genest; maak het plat.", "nested too deep; flatten it."
        ) from error
    except ValueError as error:  # a number of thousands of digits
        raise wrong(file, "$", "value", "een getal is te lang.", "a number is too long.") from error
    if not isinstance(value, dict):
        raise wrong(
            file,
            "$",
            "type",
            "een voorval is één JSON-object; zie data/incidents voor voorbeelden.",
            "an incident is one JSON object; see data/incidents for examples.",
        )
    return value


def _unique(file: str, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise wrong(
            file,
            f"…{twice[:60]}",
            "duplicate",
            "deze sleutel staat twee keer in hetzelfde object; houd er één.",
            "this key stands twice in the same object; keep one.",
        )
    return found


def _constant(file: str, name: str) -> None:
    raise wrong(
        file,
        "$",
        "value",
        f"{name} is geen getal; schrijf null als het onbekend is.",
        f"{name} is no number; write null if it is unknown.",
    )


def _kind(value: object) -> tuple[str, str]:
    return next((nl, en) for kind, nl, en in _KINDS if isinstance(value, kind))


class Fields:
    """The fields of one object; what nobody asked for is reported at the end."""

    def __init__(self, file: str, path: str, values: dict[str, Any], warnings: list[Text]) -> None:
        self._file = file
        self._path = path
        self._values = values
        self._warnings = warnings
        self._used: set[str] = set()

    def wrong(self, key: str, code: str, nl: str, en: str) -> UsageError:
        """The error about one field."""
        return wrong(self._file, f"{self._path}.{key}", code, nl, en)

    def _get(self, key: str) -> Any:
        self._used.add(key)
        return self._values.get(key)

    def _expected(self, key: str, value: object, nl: str, en: str) -> UsageError:
        is_nl, is_en = _kind(value)
        return self.wrong(
            key,
            "type",
            f"hier hoort {nl}, er staat {is_nl}.",
            f"{en} belongs here, there is {is_en}.",
        )

    def text(self, key: str, default: str | None = None) -> str:
        """A text; ``default`` where the field is absent or null, else that is an error."""
        value = self._get(key)
        if value is None and default is not None:
            return default
        if value is None:
            raise self.wrong(
                key,
                "missing",
                "dit veld ontbreekt; vul het in.",
                "this field is missing; fill it in.",
            )
        if not isinstance(value, str):
            raise self._expected(key, value, "een tekst", "a text")
        if len(value) > MAX_TEXT or (default is None and not value.strip()):
            raise self.wrong(
                key,
                "value",
                f"een tekst van 1 tot {MAX_TEXT} tekens hoort hier.",
                f"a text of 1 to {MAX_TEXT} characters belongs here.",
            )
        return value

    def both(self, key: str) -> Text:
        """A text and its Dutch beside it (``key_nl``)."""
        return Text(self.text(f"{key}_nl", default=""), self.text(key, default=""))

    def choice(
        self, key: str, choices: tuple[Choice, ...], default: Choice | None = None
    ) -> Choice:
        """One of these words."""
        value = self.text(key, default=default)
        for one in choices:
            if value == one:
                return one
        raise self.wrong(
            key,
            "value",
            f"'{value[:40]}' kan hier niet; kies uit {', '.join(choices)}.",
            f"'{value[:40]}' is not possible here; choose from {', '.join(choices)}.",
        )

    def hours(self, key: str) -> float | None:
        """Hours, 0 or more; ``None`` for null or absent."""
        value = self._get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._expected(key, value, "een aantal uren of null", "a number of hours or null")
        if not 0 <= value <= MAX_HOURS:
            raise self.wrong(
                key,
                "value",
                f"een tijd ligt tussen 0 en {MAX_HOURS:g} uur vanaf het begin.",
                f"a time lies between 0 and {MAX_HOURS:g} hours from the start.",
            )
        return float(value)

    def whole(self, key: str) -> int | None:
        """A whole number; ``None`` for null or absent."""
        value = self._get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int):
            raise self._expected(key, value, "een heel getal of null", "a whole number or null")
        return value

    def flag(self, key: str) -> bool:
        """true or false; false for null or absent."""
        value = self._get(key)
        if not isinstance(value, bool | None):
            raise self._expected(key, value, "true of false", "true or false")
        return bool(value)

    def objects(self, key: str, *, required: bool = True, least: int = 0) -> Iterator[Fields]:
        """The objects of a list, each with its own path."""
        value = self._get(key)
        if value is None and not required:
            return
        if value is None:
            raise self.wrong(
                key,
                "missing",
                "deze lijst ontbreekt; laat haar leeg ([]) als er niets is.",
                "this list is missing; leave it empty ([]) if there is nothing.",
            )
        if not isinstance(value, list):
            raise self._expected(key, value, "een lijst", "a list")
        if len(value) > MAX_THINGS:
            raise self.wrong(
                key,
                "too-many",
                f"hier staan er {len(value)}; ten hoogste {MAX_THINGS} in één voorval.",
                f"there are {len(value)} here; at most {MAX_THINGS} in one incident.",
            )
        if len(value) < least:
            raise self.wrong(key, "missing", "noem er ten minste één.", "name at least one.")
        for position, one in enumerate(value):
            if not isinstance(one, dict):
                raise self._expected(f"{key}[{position}]", one, "een object", "an object")
            yield Fields(self._file, f"{self._path}.{key}[{position}]", one, self._warnings)

    def reference(self, key: str, known: frozenset[str]) -> str:
        """The id of an entity of this incident."""
        return self._known(key, self.text(key), known)

    def references(self, key: str, known: frozenset[str]) -> tuple[str, ...]:
        """At least one id of an entity, none twice."""
        value = self._get(key)
        if not isinstance(value, list):
            raise self._expected(key, value, "een lijst van id's", "a list of ids")
        if not value:
            raise self.wrong(key, "missing", "noem er ten minste één.", "name at least one.")
        found: list[str] = []
        for position, one in enumerate(value):
            at = f"{key}[{position}]"
            if not isinstance(one, str):
                raise self._expected(at, one, "een id", "an id")
            if one in found:
                raise self.wrong(
                    at,
                    "duplicate",
                    f"'{one[:60]}' staat er al; noem elk één keer.",
                    f"'{one[:60]}' is there already; name each once.",
                )
            found.append(self._known(at, one, known))
        return tuple(found)

    def _known(self, at: str, name: str, known: frozenset[str]) -> str:
        if name in known:
            return name
        near = difflib.get_close_matches(name[:100], sorted(known), 1, 0.6)
        raise self.wrong(
            at,
            "unknown-entity",
            f"'{name[:60]}' is geen eenheid van dit voorval."
            + (f" Bedoelde u '{near[0]}'?" if near else " Noem haar bij entities."),
            f"'{name[:60]}' is not an entity of this incident."
            + (f" Did you mean '{near[0]}'?" if near else " Name it under entities."),
        )

    def report_unused(self) -> None:
        """Warn of fields that nothing asked for."""
        for key in sorted(self._values.keys() - self._used):
            if len(self._warnings) < MAX_WARNINGS:
                self._warnings.append(
                    Text(
                        f"{self._file}, {self._path}.{key[:60]}: onbekend veld, niet gebruikt.",
                        f"{self._file}, {self._path}.{key[:60]}: unknown field, not used.",
                    )
                )
            elif len(self._warnings) == MAX_WARNINGS:
                self._warnings.append(
                    Text(
                        f"{self._file}: er zijn meer onbekende velden; zij worden niet genoemd.",
                        f"{self._file}: there are more unknown fields; they are not listed.",
                    )
                )
