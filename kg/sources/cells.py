"""One cell, one literal: what each datatype accepts, and what to say when it does not."""

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Final

from pyoxigraph import NamedNode

from kg.names import GEO, RDF, XSD
from kg.sources import wkt
from kg.sources.model import CellError
from kg.spreadsheet import is_formula

#: Characters in one cell; more is a mistake (a whole document) or an attack.
MAX_CELL: Final = 100_000

#: The grammar of ids, the same in every file.
ID_PATTERN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]{0,199}")

_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_ESCAPE_NEEDED: Final = re.compile(r'[\\"\n\r\t]')
_ESCAPES: Final = str.maketrans(
    {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"},
)

# Nine digits per part keep every duration inside what the store can calculate with.
_DURATION: Final = re.compile(
    r"P(?=.)(?:(\d{1,9})Y)?(?:(\d{1,9})M)?(?:(\d{1,9})D)?"
    r"(?:T(?=.)(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9}(?:\.\d{1,9})?)S)?)?",
    re.ASCII,
)
_WEEKS: Final = re.compile(r"P(\d{1,8})W", re.ASCII)
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_DUTCH_DATE: Final = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})", re.ASCII)
_DATE_TIME: Final = re.compile(
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|[+-]\d{2}:\d{2})?", re.ASCII
)
_INTEGER: Final = re.compile(r"[+-]?\d{1,18}", re.ASCII)
_DECIMAL: Final = re.compile(r"[+-]?(\d{1,18}(\.\d{0,15})?|\.\d{1,15})", re.ASCII)
_NUMBER_WITH_COMMA: Final = re.compile(r"[+-]?[\d.]*\d,\d+", re.ASCII)
_YEAR: Final = re.compile(r"\d{4}", re.ASCII)
# javascript: and data: would become a link that runs on the pages.
_IRI: Final = re.compile(r"(?:https?|ftp|urn|info|doi|mailto):[^\x00-\x20<>\"{}|\\^`]+")
_ERROR_VALUES: Final = frozenset(
    {"#N/A", "#N/B", "#REF!", "#VERW!", "#VALUE!", "#WAARDE!", "#NAME?", "#NAAM?", "#DIV/0!"}
    | {"#DEEL/0!", "#NUM!", "#GETAL!", "#NULL!", "#LEEG!", "#SPILL!", "#CALC!"}
)


def quoted(text: str) -> str:
    """The text between quotes as N-Triples writes it."""
    if _ESCAPE_NEEDED.search(text):
        text = text.translate(_ESCAPES)
    return f'"{text}"'


def clean(text: str) -> str:
    """A cell without the space around it, line ends as ``\\n``."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.strip()


def check_characters(text: str) -> None:
    """Refuse what cannot stand in RDF or was read in the wrong encoding.

    Raises:
        CellError: control characters, or bytes that are not UTF-8 (as lone surrogates).
    """
    if _SURROGATE.search(text):
        raise _encoding_error(text)
    found = _CONTROL.search(text)
    if found:
        code = f"U+{ord(found[0]):04X}"
        raise CellError(
            "control-character",
            f"De cel bevat het stuurteken {code}; verwijder het.",
            f"The cell contains the control character {code}; remove it.",
        )


def _encoding_error(text: str) -> CellError:
    if not all("\udc80" <= one <= "\udcff" for one in _SURROGATE.findall(text)):
        return CellError(
            "surrogate",
            "De cel bevat een half teken (los surrogaat); typ de tekst opnieuw.",
            "The cell contains half a character (lone surrogate); type the text again.",
        )
    # Every surrogate stands for one byte that did not decode: show what it was meant to be.
    meant = shown(text.encode("utf-8", "surrogateescape").decode("cp1252", "replace"))
    return CellError(
        "encoding",
        "Deze cel is geen UTF-8; het bestand is waarschijnlijk Windows-1252 (dan staat er: "
        f"'{meant}'). Sla het op als UTF-8 (Excel: Opslaan als, CSV UTF-8).",
        f"This cell is not UTF-8; the file is probably Windows-1252 (it then reads: '{meant}'). "
        "Save it as UTF-8 (Excel: Save as, CSV UTF-8).",
    )


def check_length(text: str) -> None:
    """Refuse a cell of more than ``MAX_CELL`` characters.

    Raises:
        CellError: the cell is longer.
    """
    if len(text) > MAX_CELL:
        raise CellError(
            "cell-too-long",
            f"De cel heeft {len(text)} tekens; ten hoogste {MAX_CELL} mag. Kort de tekst in.",
            f"The cell has {len(text)} characters; at most {MAX_CELL} may be. Shorten the text.",
        )


def check_formula(text: str) -> None:
    """Refuse what a spreadsheet would calculate, and what it writes when that failed.

    Raises:
        CellError: a formula or an error value.
    """
    first = text[:1]
    if is_formula(text):
        raise CellError(
            "formula",
            f"'{shown(text)}' is een formule of lijkt daarop; plak de uitkomst als waarde, of "
            f"begin de tekst niet met '{first}'.",
            f"'{shown(text)}' is a formula or looks like one; paste the result as a value, or do "
            f"not begin the text with '{first}'.",
        )
    if first == "#" and text.upper() in _ERROR_VALUES:
        raise CellError(
            "error-value",
            f"'{text}' is een foutmelding van het rekenblad; herstel de cel of maak haar leeg.",
            f"'{text}' is an error of the spreadsheet; repair the cell or empty it.",
        )


def check_id(text: str) -> str:
    """The id, if it is one.

    Raises:
        CellError: something else; says which characters may be used.
    """
    if ID_PATTERN.fullmatch(text):
        return text
    raise CellError(
        "id",
        f"'{shown(text)}' is geen id. Een id begint met een letter of cijfer en heeft daarna "
        "letters (a-z, A-Z, zonder accenten), cijfers en . _ ~ - (ten hoogste 200 tekens); geen "
        "spaties of schuine strepen.",
        f"'{shown(text)}' is not an id. An id begins with a letter or digit, followed by letters "
        "(a-z, A-Z, no accents), digits and . _ ~ - (at most 200 characters); no spaces or "
        "slashes.",
    )


def shown(text: str) -> str:
    """A value as a message quotes it: short, on one line, printable."""
    short = text if len(text) <= 60 else text[:57] + "…"
    return "".join(one if one.isprintable() else "�" for one in short)


def text_literal(text: str, language: str = "") -> str:
    """A string literal, with a language tag if one is given.

    Raises:
        CellError: a formula or an error value.
    """
    if text[0] in "=+-@#":
        check_formula(text)
    return f"{quoted(text)}@{language}" if language else quoted(text)


@lru_cache(maxsize=10_000)
def duration_hours(text: str) -> float | None:
    """The length of an ISO 8601 duration in hours; a month is 30 days, a year 365.

    ``None`` when it is not a duration that is zero or more.
    """
    found = _DURATION.fullmatch(text)
    if found is None:
        return None
    years, months, days, hours, minutes, seconds = (float(part or 0) for part in found.groups())
    return (years * 365 + months * 30 + days) * 24 + hours + minutes / 60 + seconds / 3600


def duration_lexical(text: str) -> str:
    """The text, if it is a duration that is zero or more.

    Raises:
        CellError: something else, with the nearest thing that is a duration.
    """
    if duration_hours(text) is not None:
        return text
    weeks = _WEEKS.fullmatch(text)
    if weeks:
        days = f"P{int(weeks[1]) * 7}D"
        hint = (
            f"Weken bestaan hier niet; schrijf {days}.",
            f"Weeks do not exist here; write {days}.",
        )
    elif text.startswith("-"):
        hint = ("Een duur is nooit negatief.", "A duration is never negative.")
    else:
        hint = (
            "Schrijf bijvoorbeeld PT30M (30 minuten), PT4H (4 uur), P10D (10 dagen) of P1DT12H.",
            "Write for example PT30M (30 minutes), PT4H (4 hours), P10D (10 days) or P1DT12H.",
        )
    raise CellError(
        "duration",
        f"'{shown(text)}' is geen duur. {hint[0]}",
        f"'{shown(text)}' is not a duration. {hint[1]}",
    )


def date_lexical(text: str) -> str:
    """The text, if it is a calendar date ``YYYY-MM-DD``.

    Raises:
        CellError: something else.
    """
    if _DATE.fullmatch(text) and _parses(date.fromisoformat, text):
        return text
    dutch = _DUTCH_DATE.fullmatch(text)
    meant = f"{dutch[3]}-{int(dutch[2]):02}-{int(dutch[1]):02}" if dutch else "2026-01-15"
    raise CellError(
        "date",
        f"'{shown(text)}' is geen datum. Schrijf jaar-maand-dag, bijvoorbeeld {meant}.",
        f"'{shown(text)}' is not a date. Write year-month-day, for example {meant}.",
    )


def _date_time_lexical(text: str) -> str:
    if _DATE_TIME.fullmatch(text) and _parses(datetime.fromisoformat, text):
        return text
    raise CellError(
        "date-time",
        f"'{shown(text)}' is geen tijdstip. Schrijf bijvoorbeeld 2026-01-15T09:30:00+01:00.",
        f"'{shown(text)}' is not a date and time. Write for example 2026-01-15T09:30:00+01:00.",
    )


def _parses(parse: Callable[[str], object], text: str) -> bool:
    try:
        parse(text)
    except ValueError:
        return False
    return True


def _boolean_lexical(text: str) -> str:
    if text in {"true", "false"}:
        return text
    raise CellError(
        "boolean",
        f"'{shown(text)}' is geen ja of nee. Schrijf true (ja) of false (nee), in kleine letters.",
        f"'{shown(text)}' is not yes or no. Write true or false, in lower case.",
    )


def _integer_lexical(text: str) -> str:
    if _INTEGER.fullmatch(text):
        return str(int(text))
    raise CellError(
        "integer",
        f"'{shown(text)}' is geen heel getal. Schrijf alleen cijfers, bijvoorbeeld 2.",
        f"'{shown(text)}' is not a whole number. Write digits only, for example 2.",
    )


def decimal_lexical(text: str) -> str:
    """The text, if it is a decimal number with a point.

    Raises:
        CellError: something else; a decimal comma is named.
    """
    if _DECIMAL.fullmatch(text):
        return format(Decimal(text), "f")
    if _NUMBER_WITH_COMMA.fullmatch(text):
        meant = text.replace(".", "").replace(",", ".")
        raise CellError(
            "decimal-comma",
            f"'{text}' heeft een komma. Schrijf het getal met een punt: {meant}.",
            f"'{text}' has a comma. Write the number with a point: {meant}.",
        )
    raise CellError(
        "decimal",
        f"'{shown(text)}' is geen getal. Schrijf cijfers met een punt, bijvoorbeeld 0.51; geen "
        "eenheid, geen procentteken.",
        f"'{shown(text)}' is not a number. Write digits with a point, for example 0.51; no unit, "
        "no percent sign.",
    )


def _year_lexical(text: str) -> str:
    if _YEAR.fullmatch(text):
        return text
    raise CellError(
        "year",
        f"'{shown(text)}' is geen jaartal van vier cijfers.",
        f"'{shown(text)}' is not a year of four digits.",
    )


def iri_lexical(text: str) -> str:
    """The text, if it is a full IRI that may stand in RDF and on a page.

    Raises:
        CellError: something else.
    """
    if _IRI.fullmatch(text) and _parses(NamedNode, text):
        return text
    raise CellError(
        "iri",
        f"'{shown(text)}' is geen volledig webadres of IRI. Begin met https:// (of urn:) en "
        "gebruik geen "
        'spaties of de tekens < > " { } | \\ ^ `.',
        f"'{shown(text)}' is not a full web address or IRI. Begin with https:// (or urn:) and use "
        "no "
        'spaces or the characters < > " { } | \\ ^ `.',
    )


def _wkt_lexical(text: str) -> str:
    if wkt.is_position(text):
        return text
    raise CellError(
        "wkt",
        f"'{shown(text)}' is geen ligging als WKT in CRS84. Schrijf bijvoorbeeld POINT(4.9 52.4): "
        "eerst de lengte, dan de breedte.",
        f"'{shown(text)}' is not a position as WKT in CRS84. Write for example POINT(4.9 52.4): "
        "longitude first, then latitude.",
    )


#: The lexical check of every datatype that the ontology may use, apart from text.
LEXICAL: Final[dict[str, Callable[[str], str]]] = {
    XSD + "duration": duration_lexical,
    XSD + "date": date_lexical,
    XSD + "dateTime": _date_time_lexical,
    XSD + "boolean": _boolean_lexical,
    XSD + "integer": _integer_lexical,
    XSD + "decimal": decimal_lexical,
    XSD + "gYear": _year_lexical,
    XSD + "anyURI": iri_lexical,
    GEO + "wktLiteral": _wkt_lexical,
}

#: Datatypes of plain text.
TEXT_TYPES: Final = frozenset({None, XSD + "string", RDF + "langString"})


def typed_literal(text: str, datatype: str) -> str:
    """A literal of one of the ``LEXICAL`` datatypes.

    Raises:
        CellError: the text is not one.
    """
    return f"{quoted(LEXICAL[datatype](text))}^^<{datatype}>"
