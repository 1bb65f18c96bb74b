"""From what people type (ids, CURIEs, labels, values) to RDF terms, and from things to labels."""

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Final

import pyoxigraph as ox

from kg.errors import AmbiguousError, UsageError
from kg.names import ID, PREF_LABEL, RDF_TYPE, SPARQL_PREFIXES, VIT, XSD, expand, local_id
from kg.queries.header import Param
from kg.queries.table import Text
from kg.store import GraphStore

#: On one line, so that the line numbers of error messages stay those of the person.
PREFIX_LINE: Final = SPARQL_PREFIXES.replace("\n", " ")
_LABELS_AT_ONCE: Final = 500


def resolve(
    store: GraphStore, name: str, among: Sequence[ox.NamedNode] | None = None
) -> ox.NamedNode:
    """The thing that a person means by an IRI, a CURIE, an id or a label.

    ``among`` narrows labels to these things (the allowed values of a parameter).

    Raises:
        UsageError: nothing is called so; close ids are suggested.
        AmbiguousError: the label belongs to several things.
    """
    # Half a character (a lone surrogate) is in no IRI and in no label.
    typed = name.strip().encode("utf-8", "replace").decode()
    if typed.startswith("_:"):
        raise UsageError(
            "usage.nameless",
            f"'{name}' is een naamloos ding, en die naam geldt alleen in één bestand. In een "
            "release heeft het een id (genid-…); gebruik die.",
            f"'{name}' is a nameless thing, and that name holds within one file only. In a "
            "release it has an id (genid-…); use that.",
        )
    iri = expand(typed.removeprefix("<").removesuffix(">"))
    guesses = [iri] if "://" in iri or iri.startswith("urn:") else [ID + iri, VIT + iri]
    for guess in guesses:
        try:
            node = ox.NamedNode(guess)
        except ValueError:  # what people type need not be an IRI; it may be a label
            continue
        if _exists(store, node):
            return node
    found = _by_label(store, typed)
    if among is not None and len(found) > 1:
        found = [node for node in found if node in among] or found
    if len(found) == 1:
        return found[0]
    if found:
        labels = labels_of(store, found)
        raise AmbiguousError(name, [(n.value, str(labels.get(n.value, ""))) for n in found])
    near = _near(store, typed)
    raise UsageError(
        "usage.unknown-name",
        f"'{name}' komt in deze release niet voor."
        + (f" Bedoelt u: {', '.join(near)}?" if near else ""),
        f"'{name}' does not occur in this release."
        + (f" Did you mean: {', '.join(near)}?" if near else ""),
    )


def resolve_triple(
    store: GraphStore, subject: str, predicate: str, object_: str
) -> tuple[ox.NamedNode, ox.NamedNode, ox.NamedNode | ox.Literal]:
    """A statement as people type it: ``rail dependsOn grid``, ``rail a VitalProcess``.

    The object may also be a value that the store holds for this subject and predicate.

    Raises:
        UsageError, AmbiguousError: one of the three is not understood.
    """
    thing = resolve(store, subject)
    if predicate == "a":
        verb = RDF_TYPE
    elif "://" in expand(predicate):  # a verb need not be described anywhere to be used
        verb = _verb(expand(predicate))
    else:
        verb = resolve(store, predicate)
    found: list[ox.NamedNode | ox.Literal] = [
        row[0]
        for row in store.select(f"SELECT DISTINCT ?o WHERE {{ {thing} {verb} ?o }}").rows
        if isinstance(row[0], ox.NamedNode | ox.Literal)
    ]
    typed = object_.strip()
    same = [
        term
        for term in found
        if typed == term.value or (isinstance(term, ox.NamedNode) and typed == local_id(term.value))
    ]
    return thing, verb, same[0] if len(same) == 1 else resolve(store, object_)


def _verb(iri: str) -> ox.NamedNode:
    try:
        return ox.NamedNode(iri)
    except ValueError as error:  # what people type need not be an IRI
        raise UsageError(
            "usage.iri",
            f"'{iri}' is geen IRI; schrijf bijvoorbeeld dependsOn of vit:dependsOn.",
            f"'{iri}' is not an IRI; write dependsOn or vit:dependsOn, for example.",
        ) from error


def _exists(store: GraphStore, node: ox.NamedNode) -> bool:
    return store.ask(f"ASK {{ {{ {node} ?p ?o }} UNION {{ ?s ?p {node} }} }}")


def _by_label(store: GraphStore, label: str) -> list[ox.NamedNode]:
    exact = [ox.Literal(label, language=tag) for tag in ("nl", "en")] + [ox.Literal(label)]
    values = " ".join(str(term) for term in exact)
    for pattern in (
        f"VALUES ?label {{ {values} }} ?thing {PREF_LABEL} ?label",
        f"?thing {PREF_LABEL} ?label FILTER(LCASE(STR(?label)) = LCASE({ox.Literal(label)}))",
    ):
        query = f"SELECT DISTINCT ?thing WHERE {{ {pattern} }}"
        found = {row[0] for row in store.select(query).rows if isinstance(row[0], ox.NamedNode)}
        if found:
            return sorted(found, key=lambda node: node.value)
    return []


def _near(store: GraphStore, name: str) -> list[str]:
    rows = store.select(f"SELECT DISTINCT ?thing WHERE {{ ?thing {PREF_LABEL} ?label }}").rows
    ids = sorted(local_id(row[0].value) for row in rows if isinstance(row[0], ox.NamedNode))
    return difflib.get_close_matches(name[:100], ids, n=3)


def labels_of(store: GraphStore, nodes: Iterable[ox.NamedNode]) -> dict[str, Text]:
    """The labels of these things, by IRI; where one language lacks, the other stands in."""
    found: dict[str, dict[str, str]] = {}
    queue = iter(sorted(set(nodes), key=lambda node: node.value))
    while chunk := list(islice(queue, _LABELS_AT_ONCE)):
        values = " ".join(str(node) for node in chunk)
        query = f"SELECT ?s ?l WHERE {{ VALUES ?s {{ {values} }} ?s {PREF_LABEL} ?l }}"
        for thing, label in store.select(query).rows:
            if isinstance(thing, ox.NamedNode) and isinstance(label, ox.Literal):
                by_language = found.setdefault(thing.value, {})
                language = label.language or ""
                # Several labels in one language: the first in the alphabet, always the same.
                by_language[language] = min(by_language.get(language, label.value), label.value)
    return {iri: _both(by_language) for iri, by_language in found.items()}


def _both(by_language: Mapping[str, str]) -> Text:
    other = next(by_language[tag] for tag in sorted(by_language))
    nl = by_language.get("nl", by_language.get("", by_language.get("en", other)))
    return Text(nl, by_language.get("en", nl))


def term_of(store: GraphStore, param: Param, given: str) -> ox.NamedNode | ox.Literal:
    """What a person typed for a parameter, as an RDF term.

    Raises:
        UsageError: not of the right type, or not one of the allowed values.
    """
    if param.term_type == "literal":
        literal = _literal(param, given)
        if param.allowed_values and given not in param.allowed_values:
            raise _not_allowed(param, given, param.allowed_values)
        return literal
    allowed = _allowed(store, param)
    node = resolve(store, given, allowed or None)
    if allowed and node not in allowed:
        raise _not_allowed(param, given, [local_id(one.value) for one in allowed])
    return node


def allowed_terms(store: GraphStore, param: Param) -> tuple[tuple[ox.NamedNode, Text], ...]:
    """The things to choose from for an IRI parameter, with labels, sorted; empty: anything."""
    nodes = _allowed(store, param)
    labels = labels_of(store, nodes)
    return tuple(
        (node, labels.get(node.value, Text(local_id(node.value), local_id(node.value))))
        for node in nodes
    )


def _allowed(store: GraphStore, param: Param) -> list[ox.NamedNode]:
    """The same without their labels, which cost more than the things."""
    if param.term_type == "literal":
        return []
    nodes = [resolve(store, value) for value in param.allowed_values]
    if param.values_query:
        for row in store.select(PREFIX_LINE + param.values_query).rows:
            nodes += [row[0]] if isinstance(row[0], ox.NamedNode) else []
    return sorted(set(nodes), key=lambda node: node.value)


def _not_allowed(param: Param, given: str, allowed: Iterable[str]) -> UsageError:
    names = ", ".join(allowed)
    return UsageError(
        "query.parameter-value",
        f"Parameter '{param.name}' kan niet '{given}' zijn; kies uit: {names}.",
        f"Parameter '{param.name}' cannot be '{given}'; choose from: {names}.",
    )


_DURATION: Final = re.compile(
    r"-?P(?=\d|T\d)(\d+Y)?(\d+M)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?"
)
_PATTERNS: Final[dict[str, tuple[re.Pattern[str], str, str]]] = {
    XSD + "integer": (re.compile(r"[+-]?\d+"), "een geheel getal, zoals 3", "a whole number"),
    XSD + "decimal": (re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)"), "een getal, zoals 0.25", "a number"),
    XSD + "boolean": (re.compile(r"true|false"), "true of false", "true or false"),
    XSD + "duration": (_DURATION, "een duur, zoals PT8H of P3D", "a duration such as PT8H"),
}


def _literal(param: Param, given: str) -> ox.Literal:
    """The literal, checked against its datatype."""
    kind = param.datatype
    if kind in (XSD + "date", XSD + "dateTime"):
        fits = _is_date(given, datetime if kind.endswith("dateTime") else date)
        what = ("een datum, zoals 2026-08-15", "a date such as 2026-08-15")
    elif kind in _PATTERNS:
        pattern, nl, en = _PATTERNS[kind]
        fits, what = pattern.fullmatch(given) is not None, (nl, en)
    else:
        fits, what = True, ("", "")
    if not fits:
        raise UsageError(
            "query.parameter-type",
            f"Parameter '{param.name}': '{given}' is geen geldige waarde; geef {what[0]}.",
            f"Parameter '{param.name}': '{given}' is not a valid value; give {what[1]}.",
        )
    return ox.Literal(given, datatype=ox.NamedNode(kind))


def _is_date(given: str, kind: type[date]) -> bool:
    try:
        kind.fromisoformat(given)
    except ValueError:
        return False
    return True
