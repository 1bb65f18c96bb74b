"""One RDF statement at a time: what may be said with our vocabulary, and what is refused."""

from __future__ import annotations

import difflib
import re
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Final, Literal, NamedTuple

import pyoxigraph as ox

from kg.names import (
    ANALYSIS,
    DERIVED_FROM,
    GRAPH,
    ID,
    OWL,
    RDF,
    RDF_TYPE,
    RDFS,
    SH,
    SOURCE,
    VIT,
    XSD,
    shorten,
)
from kg.schema import PropertyInfo, Schema
from kg.sources.cells import (
    ID_PATTERN,
    LEXICAL,
    TEXT_TYPES,
    check_characters,
    check_length,
    quoted,
    shown,
)
from kg.sources.columns import refuse_class
from kg.sources.model import CellError

_ALLOWED: Final = frozenset(
    {RDF_TYPE.value, RDFS + "label", RDFS + "comment", RDFS + "seeAlso", RDFS + "isDefinedBy"}
)
_SCHEMA_WORDS: Final = (OWL, RDFS, RDF, SH)
_TEXTS: Final = frozenset({XSD + "string", RDF + "langString"})
_WHOLE: Final = frozenset(
    XSD + name for name in ("int", "long", "short", "nonNegativeInteger", "positiveInteger")
)
_BINARY: Final = frozenset({XSD + "double", XSD + "float"})
#: Would run or read something when a page makes a link of it.
_HARMFUL: Final = re.compile(r"(?:javascript|data|vbscript|file|blob):", re.IGNORECASE)

Node = ox.NamedNode | ox.BlankNode


_Kind = Literal["class", "property", "term"]


class Said(NamedTuple):
    """The object as N-Triples writes it, and the key of the thing that it refers to, if any."""

    object: str
    link: str


def key_of(iri: str) -> str:
    """The id of a thing of ours, the whole IRI of any other."""
    return iri.removeprefix(ID)


def check_subject(iri: str) -> None:
    """Refuse subjects that data may not describe.

    Raises:
        CellError: a term of the vocabulary, a graph, the analysis, or an id that is not one.
    """
    if iri.startswith((VIT, GRAPH)) or iri == ANALYSIS:
        raise CellError(
            "reserved-subject",
            f"{shorten(iri)} wordt beheerd door de kennisgraaf zelf; gegevens mogen er niets over "
            "zeggen.",
            f"{shorten(iri)} is kept by the knowledge graph itself; data may say nothing about it.",
        )
    if iri.startswith(ID) and not ID_PATTERN.fullmatch(iri.removeprefix(ID)):
        raise CellError(
            "id",
            f"'{shown(iri.removeprefix(ID))}' is geen id; gebruik letters, cijfers en . _ ~ -.",
            f"'{shown(iri.removeprefix(ID))}' is not an id; use letters, digits and . _ ~ -.",
        )
    _refuse_harmful(iri)


def check_statement(predicate: str, value: object, schema: Schema) -> Said | None:
    """What a statement says, in the form it goes on; ``None`` when it is to be left out silently.

    Blank nodes must have been replaced by IRIs.

    Raises:
        CellError: the statement is refused.
    """
    if not isinstance(value, (ox.NamedNode, ox.Literal)):
        raise CellError(
            "triple-term",
            "Uitspraken over uitspraken (RDF 1.2) worden niet gelezen; haal ze weg.",
            "Statements about statements (RDF 1.2) are not read; remove them.",
        )
    if predicate.startswith(VIT):
        return _own(predicate, value, schema)
    _refuse_word(predicate)
    if predicate == DERIVED_FROM.value and isinstance(value, ox.NamedNode):
        # Where a statement was read from is ours to say; an export that comes back in has old ones.
        return None if value.value.startswith(GRAPH) else _other(value, schema)
    if predicate.startswith(_SCHEMA_WORDS) and predicate not in _ALLOWED:
        raise CellError(
            "schema-statement",
            f"{shorten(predicate)} hoort in de ontologie, niet in de gegevens; haal deze "
            "uitspraak weg.",
            f"{shorten(predicate)} belongs in the ontology, not in the data; remove this "
            "statement.",
        )
    if predicate == RDF_TYPE.value:
        return _type(value, schema)
    if predicate == SOURCE.value and not isinstance(value, ox.NamedNode):
        raise CellError(
            "source-not-a-thing",
            "dcterms:source moet naar een bron (vit:Source) verwijzen, niet naar tekst.",
            "dcterms:source must refer to a source (vit:Source), not to text.",
        )
    return _other(value, schema)


def _type(value: ox.NamedNode | ox.Literal, schema: Schema) -> Said:
    if isinstance(value, ox.Literal) or value.value.startswith(_SCHEMA_WORDS):
        raise CellError(
            "type",
            "Dit type kan niet in gegevens staan; gebruik een klasse van de ontologie.",
            "This type cannot stand in data; use a class of the ontology.",
        )
    if value.value.startswith(VIT):
        found = schema.classes.get(value.value)
        if found is None:
            raise _undeclared(value.value, "class", schema)
        refuse_class(found, schema)
    _refuse_word(value.value)
    return Said(str(value), "")


def _undeclared(iri: str, kind: _Kind, schema: Schema) -> CellError:
    kind_nl = {"class": "klasse", "property": "eigenschap", "term": "term"}[kind]
    near = _nearest(iri.removeprefix(VIT), kind, schema)
    hint_nl = f" Bedoelde u vit:{near}?" if near else ""
    hint_en = f" Did you mean vit:{near}?" if near else ""
    return CellError(
        "undeclared-term",
        f"{shown(shorten(iri))} bestaat niet als {kind_nl} van de ontologie.{hint_nl} "
        "Verbeter de naam.",
        f"{shown(shorten(iri))} does not exist as a {kind} of the ontology.{hint_en} "
        "Correct the name.",
    )


@lru_cache(maxsize=1_000)  # the same mistake is often made a thousand times
def _nearest(local: str, kind: _Kind, schema: Schema) -> str:
    iris = {"class": schema.classes, "property": schema.properties, "term": schema.terms}[kind]
    names = sorted(iri.removeprefix(VIT) for iri in iris)
    return next(iter(difflib.get_close_matches(local[:100], names, 1, 0.6)), "")


def _own(predicate: str, value: ox.NamedNode | ox.Literal, schema: Schema) -> Said:
    info = schema.properties.get(predicate)
    if info is None:
        raise _undeclared(predicate, "property", schema)
    if isinstance(value, ox.Literal):
        if info.kind == "object":
            raise CellError(
                "thing-expected",
                f"vit:{info.local} verwijst naar een ding; hier staat de tekst "
                f"'{shown(value.value)}'.",
                f"vit:{info.local} refers to a thing; here stands the text '{shown(value.value)}'.",
            )
        return Said(_literal(value, info), "")
    if info.kind == "data":
        raise CellError(
            "literal-expected",
            f"vit:{info.local} heeft een waarde ({shorten(info.datatype or 'xsd:string')}), geen "
            "verwijzing.",
            f"vit:{info.local} has a value ({shorten(info.datatype or 'xsd:string')}), not a "
            "reference.",
        )
    codes = schema.coded.get(info.range or "")
    if codes is not None and value.value not in codes.values():
        names = {iri.removeprefix(VIT) for iri in codes.values()}
        choices = ", ".join(f"vit:{name}" for name in sorted(names))
        raise CellError(
            "unknown-code",
            f"{shown(shorten(value.value))} is geen keuze voor vit:{info.local}. Kies uit: "
            f"{choices}.",
            f"{shown(shorten(value.value))} is not a choice for vit:{info.local}. Choose from: "
            f"{choices}.",
        )
    said = _other(value, schema)
    # Everything that we reason over must be known, wherever its IRI lives.
    return said if value.value.startswith(VIT) else Said(said.object, key_of(value.value))


def _literal(value: ox.Literal, info: PropertyInfo) -> str:
    _check_text(value)
    wanted, given = info.datatype, value.datatype.value
    if wanted in TEXT_TYPES:
        if given not in _TEXTS:
            raise _wrong_datatype(info, given)
        return str(value)
    if wanted not in LEXICAL:
        return str(value)
    text = value.value
    if wanted == XSD + "decimal" and (given in _BINARY or "e" in text.lower()):
        text, given = _plain_decimal(text), wanted
    if given in _WHOLE or (given == XSD + "integer" and wanted == XSD + "decimal"):
        given = wanted
    if given != wanted:
        raise _wrong_datatype(info, given)
    return f"{quoted(LEXICAL[wanted](text))}^^<{wanted}>"


def _plain_decimal(text: str) -> str:
    """A number with an exponent (JSON, Turtle) without one; left alone when it is out of reach."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    return format(number, "f") if number.is_finite() and -15 <= number.adjusted() < 18 else text


def _wrong_datatype(info: PropertyInfo, given: str) -> CellError:
    wanted = shorten(info.datatype or XSD + "string")
    return CellError(
        "datatype",
        f"vit:{info.local} heeft het datatype {wanted}; hier staat {shown(shorten(given))}.",
        f"vit:{info.local} has the datatype {wanted}; here stands {shown(shorten(given))}.",
    )


def _other(value: ox.NamedNode | ox.Literal, schema: Schema) -> Said:
    if isinstance(value, ox.Literal):
        _check_text(value)
        if value.datatype.value in LEXICAL:
            LEXICAL[value.datatype.value](value.value)
        return Said(str(value), "")
    _refuse_harmful(value.value)
    if value.value.startswith(VIT) and value.value not in schema.terms:
        raise _undeclared(value.value, "term", schema)
    return Said(str(value), key_of(value.value) if value.value.startswith(ID) else "")


def _check_text(value: ox.Literal) -> None:
    check_characters(value.value)
    check_length(value.value)


def _refuse_word(iri: str) -> None:
    """A property or class that is in no vocabulary that we know may stand; what harms may not."""
    if iri.startswith(ID) and not ID_PATTERN.fullmatch(iri.removeprefix(ID)):
        raise CellError(
            "id",
            f"'{shown(iri)}' is geen term en geen id; gebruik een term van de ontologie.",
            f"'{shown(iri)}' is not a term and not an id; use a term of the ontology.",
        )
    _refuse_harmful(iri)


def _refuse_harmful(iri: str) -> None:
    if _HARMFUL.match(iri):
        raise CellError(
            "iri",
            f"'{shown(iri)}' is geen adres dat in de graaf mag staan; gebruik http(s) of urn.",
            f"'{shown(iri)}' is not an address that may stand in the graph; use http(s) or urn.",
        )
