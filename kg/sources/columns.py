"""A header row becomes columns, each of which turns the text of a cell into triples."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from kg.names import DCTERMS, ID, PREF_LABEL, RDF_TYPE, SKOS, SOURCE, VIT, XSD
from kg.schema import ClassInfo, PropertyInfo, Schema, fold
from kg.sources.cells import (
    LEXICAL,
    TEXT_TYPES,
    check_formula,
    check_id,
    check_length,
    shown,
    text_literal,
    typed_literal,
)
from kg.sources.model import Batch, CellError, Links

#: Classes whose things come out of the analysis: nobody may type them in.
_DERIVED: Final = (VIT + "Finding", VIT + "AnalysisContext")


class Cell(NamedTuple):
    """What a cell says: the rest of each triple after its subject, and the ids it refers to."""

    tails: tuple[str, ...]
    links: Links


Read = Callable[[str], Cell]


@dataclass
class Column:
    """A column that is read. ``name`` is the local name of its property, whatever the header says.

    ``cache`` is ``None`` for free text, which seldom repeats.
    """

    position: int
    header: str
    name: str
    read: Read
    is_link: bool
    cache: dict[str, Cell | CellError] | None = field(default_factory=dict)


#: Columns that every table may have: canonical name → (predicate, kind of cell).
_BUILT_IN: Final[dict[str, tuple[str, str]]] = {
    "label": (PREF_LABEL.value, "tagged"),
    "altLabel": (SKOS + "altLabel", "tagged-list"),
    "definition": (SKOS + "definition", "tagged"),
    "description": (DCTERMS + "description", "tagged"),
    "note": (SKOS + "note", "tagged"),
    "notation": (SKOS + "notation", "plain"),
    "title": (DCTERMS + "title", "plain"),
    "publisher": (DCTERMS + "publisher", "plain"),
    "date": (DCTERMS + "issued", "date"),
    "source": (SOURCE.value, "reference"),
    "type": (RDF_TYPE.value, "type"),
}
_CANONICAL: Final = {fold(name): name for name in _BUILT_IN}
_DUTCH: Final = {
    "naam": "label",
    "synoniem": "altLabel",
    "definitie": "definition",
    "omschrijving": "description",
    "beschrijving": "description",
    "opmerking": "note",
    "toelichting": "note",
    "titel": "title",
    "uitgever": "publisher",
    "datum": "date",
    "bron": "source",
    "soort": "type",
}
_LANGUAGES: Final = ("nl", "en")

#: Columns of one table; the ontology knows fewer properties than this.
MAX_COLUMNS: Final = 500
_SEPARATOR: Final = re.compile(r"(?<!\\);")


def resolve_header(
    header: Sequence[str], schema: Schema, of_class: ClassInfo, batch: Batch, row: int
) -> tuple[int, list[Column]]:
    """The position of the id (-1 when there is none) and the columns to read.

    What is wrong goes to ``batch``; columns that cannot be read are left out, so that the others
    are still checked. Of two columns that mean the same neither is used: nobody can tell which.
    """
    if len(header) > MAX_COLUMNS:
        batch.report(
            row,
            "",
            "too-many-columns",
            f"De tabel heeft {len(header)} kolommen; ten hoogste {MAX_COLUMNS} mag. Haal weg wat "
            "niet nodig is.",
            f"The table has {len(header)} columns; at most {MAX_COLUMNS} may be. Remove what is "
            "not needed.",
        )
        return -1, []
    found: dict[str, list[tuple[int, str, Column | None]]] = {}
    for position, raw in enumerate(header):
        name = raw.strip()
        if not name:
            continue
        if fold(name) == "id":
            found.setdefault("id", []).append((position, name, None))
            continue
        try:
            column = _column(position, name, schema, of_class)
        except CellError as error:
            batch.report(row, name, error.code, error.nl, error.en)
            continue
        found.setdefault(column.name, []).append((position, name, column))
    for same in found.values():
        for _, name, _ in same[1:]:
            batch.report(
                row,
                name,
                "duplicate-column",
                f"De kolommen '{shown(same[0][1])}' en '{shown(name)}' betekenen hetzelfde; voeg "
                "ze samen tot een.",
                f"The columns '{shown(same[0][1])}' and '{shown(name)}' mean the same; merge them "
                "into one.",
            )
    single = [same[0] for same in found.values() if len(same) == 1]
    ids = [position for position, _, column in single if column is None]
    return (ids[0] if ids else -1), [column for _, _, column in single if column]


def refuse_class(of_class: ClassInfo, schema: Schema) -> None:
    """Refuse classes of which nobody types things.

    Raises:
        CellError: coded values stand in the ontology; findings come out of the analysis.
    """
    if schema.is_coded(of_class.iri):
        raise CellError(
            "coded-class",
            f"{of_class.local} is een vaste keuzelijst van de ontologie; er is geen tabel van.",
            f"{of_class.local} is a fixed list of the ontology; it has no table.",
        )
    if any(schema.is_subclass(of_class.iri, derived) for derived in _DERIVED):
        raise CellError(
            "derived-class",
            f"{of_class.local} is een uitkomst van de analyse en kan niet worden ingevoerd.",
            f"{of_class.local} is an outcome of the analysis and cannot be entered.",
        )


def _column(position: int, header: str, schema: Schema, of_class: ClassInfo) -> Column:
    base, at, tag = header.partition("@")
    built_in = _CANONICAL.get(fold(base))
    info = None if built_in else _property(base, header, schema, of_class)
    if built_in is None and info is None:
        built_in = _DUTCH.get(fold(base))
    language = tag.strip().lower() if at else "nl"
    tagged = built_in is not None and _BUILT_IN[built_in][1].startswith("tagged")
    tagged = tagged or (info is not None and (info.datatype or "").endswith("#langString"))
    if (at and not tagged) or language not in _LANGUAGES:
        raise CellError(
            "column-language",
            f"Achter kolom '{shown(base)}' kan '@{shown(tag)}' niet staan; gebruik @nl of @en, en "
            "alleen bij tekst zoals label en description.",
            f"'@{shown(tag)}' cannot stand behind column '{shown(base)}'; use @nl or @en, and "
            "only with text such as label and description.",
        )
    if built_in:
        return _built_in_column(position, header, built_in, language, schema, of_class)
    if info is None:
        raise _unknown(header, schema, of_class)
    return _property_column(position, header, info, language if tagged else "", schema)


def _property(name: str, header: str, schema: Schema, of_class: ClassInfo) -> PropertyInfo | None:
    candidates = schema.properties_named(name)
    fitting = [one for one in candidates if schema.admits(one.iri, of_class.iri)]
    if len(fitting) > 1:
        names = ", ".join(one.local for one in fitting)
        raise CellError(
            "ambiguous-column",
            f"De kolom '{shown(header)}' kan verschillende eigenschappen zijn; gebruik een van: "
            f"{names}.",
            f"The column '{shown(header)}' can be several properties; use one of: {names}.",
        )
    if candidates and not fitting and fold(name) not in _DUTCH:
        raise CellError(
            "column-not-of-class",
            f"De eigenschap '{candidates[0].local}' hoort niet bij {of_class.local}; zet haar in "
            f"de tabel van de juiste klasse ({_domain(candidates[0], schema)}).",
            f"The property '{candidates[0].local}' does not belong to {of_class.local}; put it in "
            f"the table of the right class ({_domain(candidates[0], schema)}).",
        )
    return fitting[0] if fitting else None


def _domain(info: PropertyInfo, schema: Schema) -> str:
    names = {
        schema.classes[iri].local for one in info.domains for iri in one if iri in schema.classes
    }
    return ", ".join(sorted(names)) or "-"


def _unknown(header: str, schema: Schema, of_class: ClassInfo) -> CellError:
    possible = {name: name for name in (*_BUILT_IN, "id", *_DUTCH)}
    for info in schema.properties_of(of_class.iri):
        possible |= {info.local: info.local, info.label_nl: info.label_nl}
    folded = {fold(name): name for name in possible}
    typed = fold(header.partition("@")[0])[:100]
    close = difflib.get_close_matches(typed, sorted(folded), 1, 0.6)
    hint_nl = f" Bedoelde u '{folded[close[0]]}'?" if close else ""
    hint_en = f" Did you mean '{folded[close[0]]}'?" if close else ""
    return CellError(
        "unknown-column",
        f"De kolom '{shown(header)}' bestaat niet bij {of_class.local}.{hint_nl} Verbeter de naam "
        "of haal de kolom weg.",
        f"The column '{shown(header)}' does not exist with {of_class.local}.{hint_en} Correct the "
        "name or remove the column.",
    )


def _built_in_column(
    position: int, header: str, name: str, language: str, schema: Schema, of_class: ClassInfo
) -> Column:
    predicate, kind = _BUILT_IN[name]
    full = f"{name}@{language}" if kind.startswith("tagged") and language != "nl" else name
    if kind == "reference":
        return Column(position, header, full, _references(predicate, functional=False), True)
    if kind == "date":
        return Column(
            position, header, full, _typed(predicate, XSD + "date", functional=True), False
        )
    if kind == "type":
        return Column(position, header, full, _types(schema, of_class), False)
    if kind == "tagged-list":
        return Column(
            position, header, full, _texts(predicate, language, functional=False), False, None
        )
    tag = language if kind == "tagged" else ""
    return Column(position, header, full, _text(predicate, tag), False, None)


def _property_column(
    position: int, header: str, info: PropertyInfo, language: str, schema: Schema
) -> Column:
    name = f"{info.local}@{language}" if language and language != "nl" else info.local
    if info.kind == "object":
        codes = schema.coded.get(info.range or "")
        if codes is not None:
            read = _coded(
                info.iri, codes, schema.classes[info.range or ""], functional=info.functional
            )
            return Column(position, header, name, read, False)
        return Column(
            position, header, name, _references(info.iri, functional=info.functional), True
        )
    if info.datatype in TEXT_TYPES or info.datatype not in LEXICAL:
        read = _texts(info.iri, language, functional=info.functional)
        return Column(position, header, name, read, False, None)
    return Column(
        position, header, name, _typed(info.iri, info.datatype, functional=info.functional), False
    )


def _split(text: str, *, functional: bool) -> list[str]:
    """The values of a cell: between semicolons, each once; ``\\;`` is a semicolon in a text."""
    if ";" not in text:
        return [text]
    parts = [part.strip().replace("\\;", ";") for part in _SEPARATOR.split(text)]
    values = list(dict.fromkeys(part for part in parts if part))
    if functional and len(parts) > 1:
        raise CellError(
            "not-a-list",
            f"Hier hoort een waarde, geen lijst: '{shown(text)}'. Kies er een (een puntkomma in "
            "een tekst schrijft u als \\;).",
            f"One value belongs here, not a list: '{shown(text)}'. Choose one (a semicolon in a "
            "text is written \\;).",
        )
    return values


def _guarded(read: Read) -> Read:
    """The same reader, that first looks for what no cell may hold."""

    def guarded(text: str) -> Cell:
        check_length(text)
        try:
            return read(text)
        except CellError:
            check_formula(text)  # says more than "not a number"
            raise

    return guarded


def _text(predicate: str, language: str) -> Read:
    """Free text: a semicolon is a semicolon."""
    return _guarded(lambda text: Cell((f"<{predicate}> {text_literal(text, language)} .\n",), ()))


def _texts(predicate: str, language: str, *, functional: bool) -> Read:
    def read(text: str) -> Cell:
        values = _split(text, functional=functional)
        return Cell(tuple(f"<{predicate}> {text_literal(one, language)} .\n" for one in values), ())

    return _guarded(read)


def _typed(predicate: str, datatype: str, *, functional: bool) -> Read:
    def read(text: str) -> Cell:
        values = _split(text, functional=functional)
        return Cell(
            tuple(f"<{predicate}> {typed_literal(one, datatype)} .\n" for one in values), ()
        )

    return _guarded(read)


def _references(predicate: str, *, functional: bool) -> Read:
    def read(text: str) -> Cell:
        ids = tuple(check_id(one) for one in _split(text, functional=functional))
        return Cell(tuple(f"<{predicate}> <{ID}{one}> .\n" for one in ids), ids)

    return _guarded(read)


def _coded(
    predicate: str, codes: Mapping[str, str], of_class: ClassInfo, *, functional: bool
) -> Read:
    def read(text: str) -> Cell:
        values = [code(one, codes, of_class) for one in _split(text, functional=functional)]
        return Cell(tuple(f"<{predicate}> <{one}> .\n" for one in values), ())

    return _guarded(read)


def code(text: str, codes: Mapping[str, str], of_class: ClassInfo) -> str:
    """The coded value with this local name, notation or label.

    Raises:
        CellError: there is none; lists what may be chosen.
    """
    found = codes.get(fold(text))
    if found is not None:
        return found
    choices = sorted({iri.removeprefix(VIT) for iri in codes.values()})
    close = difflib.get_close_matches(fold(text)[:100], sorted(codes), 1, 0.6)
    meant = codes[close[0]].removeprefix(VIT) if close else ""
    raise CellError(
        "unknown-code",
        f"'{shown(text)}' is geen keuze van "
        f"{of_class.label_nl}.{f' Bedoelde u {meant}?' if meant else ''} Kies uit: "
        f"{', '.join(choices)}.",
        f"'{shown(text)}' is not a choice of "
        f"{of_class.label_en}.{f' Did you mean {meant}?' if meant else ''} Choose from: "
        f"{', '.join(choices)}.",
    )


def _types(schema: Schema, of_class: ClassInfo) -> Read:
    """Classes that a thing has besides that of its table (an operator under two regimes)."""

    def read(text: str) -> Cell:
        found = []
        for name in _split(text, functional=False):
            named = schema.classes_named(name)
            if len(named) != 1:
                raise CellError(
                    "unknown-class",
                    f"'{shown(name)}' is geen klasse van de ontologie; gebruik de naam van een "
                    f"klasse, zoals {of_class.local}.",
                    f"'{shown(name)}' is not a class of the ontology; use the name of a class, "
                    f"such as {of_class.local}.",
                )
            refuse_class(named[0], schema)
            found.append(f"<{RDF_TYPE.value}> <{named[0].iri}> .\n")
        return Cell(tuple(found), ())

    return _guarded(read)
