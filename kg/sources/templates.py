"""Empty tables to fill in, and requirements that the library proposes for a new unit."""

from __future__ import annotations

import csv
import difflib
from collections.abc import Iterator
from functools import cache
from typing import Final, NamedTuple

from kg.errors import AmbiguousError, UsageError
from kg.language import say
from kg.names import ID
from kg.resources import folder
from kg.schema import ClassInfo, Schema, fold
from kg.sources.archetypes import Archetype, ArchetypeRequirement, Library
from kg.sources.cells import check_id, shown
from kg.sources.columns import refuse_class
from kg.sources.model import CellError

#: Where the shipped tables stand whose columns are taken over, the most complete first.
_FOLDERS: Final = ("exercise", "public", "reference")
_FIRST: Final = ("id", "title", "label", "label@en")
_LAST: Final = ("note", "source")

#: The columns of a proposed requirement, all of them columns of ``Requirement.csv``.
PROPOSAL: Final = (
    "id",
    "label",
    "requiredBy",
    "fulfilledBy",
    "minimumFulfilled",
    "buffer",
    "bufferLow",
    "bufferHigh",
    "bufferBasis",
    "effect",
    "purpose",
    "dependencyKind",
    "resource",
    "note",
    "source",
)


class Template(NamedTuple):
    """A class that a table can be made of, and the columns of that table."""

    of_class: ClassInfo
    columns: tuple[str, ...]


def templates(schema: Schema) -> Iterator[Template]:
    """Every class of which a table may be typed, by name."""
    for info in sorted(schema.classes.values(), key=lambda one: one.local):
        try:
            refuse_class(info, schema)
        except CellError:
            continue
        yield Template(info, columns_of(info, schema))


def template(schema: Schema, name: str) -> Template:
    """The table of one class, by local name or label.

    Raises:
        UsageError: no such class, or one of which nobody types things.
    """
    found = schema.classes_named(name)
    if len(found) != 1:
        names = {fold(one): info.local for info in schema.classes.values() for one in _names(info)}
        near = difflib.get_close_matches(fold(name)[:100], sorted(names), 1, 0.6)
        raise UsageError(
            "usage.unknown-class",
            f"'{shown(name)}' is geen klasse van de ontologie."
            + (f" Bedoelde u {names[near[0]]}?" if near else " kg template noemt ze."),
            f"'{shown(name)}' is not a class of the ontology."
            + (f" Did you mean {names[near[0]]}?" if near else " kg template lists them."),
        )
    try:
        refuse_class(found[0], schema)
    except CellError as error:
        raise UsageError(f"usage.{error.code}", error.nl, error.en) from error
    return Template(found[0], columns_of(found[0], schema))


def _names(info: ClassInfo) -> tuple[str, ...]:
    return info.local, info.label_nl, info.label_en


def columns_of(of_class: ClassInfo, schema: Schema) -> tuple[str, ...]:
    """The columns that the shipped tables of this class use; where there are none, the properties
    that the ontology gives this class or one above it."""
    used = _shipped().get(of_class.local)
    if used is None:
        own = (p.local for p in schema.properties_of(of_class.iri) if p.domains)
        used = ("id", "label", "label@en", *own, "note", "source")
    middle = [one for one in used if one not in (*_FIRST, *_LAST)]
    return (*(c for c in _FIRST if c in used), *middle, *(c for c in _LAST if c in used))


@cache
def _shipped() -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for name in _FOLDERS:
        for path in sorted((folder("data") / name).glob("*.csv")):
            with path.open(encoding="utf-8", newline="") as file:
                header = next(csv.reader(file), [])
            found.setdefault(path.stem, {}).update(dict.fromkeys(header))
    return {name: tuple(columns) for name, columns in found.items()}


def find_archetype(library: Library, name: str) -> Archetype:
    """The archetype with this id, kind code or label.

    Raises:
        AmbiguousError: several; lists them.
        UsageError: none.
    """
    wanted = fold(name)
    by_id = [a for a in library.archetypes if wanted in (fold(a.id), fold(a.id.partition("-")[2]))]
    found = by_id or [
        a
        for a in library.archetypes
        if wanted in {fold(one) for one in (*a.kinds, a.label.nl, a.label.en)}
    ]
    if len(found) > 1:
        raise AmbiguousError(shown(name), [(ID + one.id, str(one.label)) for one in found])
    if not found:
        names = {fold(one): one for a in library.archetypes for one in (a.label.nl, *a.kinds)}
        near = difflib.get_close_matches(wanted[:100], sorted(names), 3, 0.5)
        hint = ", ".join(names[one] for one in near)
        raise UsageError(
            "usage.unknown-archetype",
            f"'{shown(name)}' is geen archetype."
            + (f" Bedoelde u: {hint}?" if hint else " kg query archetypen noemt ze."),
            f"'{shown(name)}' is no archetype."
            + (f" Did you mean: {hint}?" if hint else " kg query archetypen lists them."),
        )
    return found[0]


def propose(library: Library, archetype: Archetype, unit: str) -> list[dict[str, str]]:
    """Rows of ``Requirement.csv`` for a unit of this kind, by column of :data:`PROPOSAL`.

    Every row is marked as an assumption; an unknown buffer stays empty. ``fulfilledBy`` is empty
    on purpose: the library knows the kind of the supplier, not which unit it is, and no build
    accepts the row before it is filled in.

    Raises:
        UsageError: ``unit`` is no id.
    """
    try:
        check_id(unit)
    except CellError as error:
        raise UsageError(f"usage.{error.code}", error.nl, error.en) from error
    return [_row(library, archetype, one, unit) for one in library.requirements_of(archetype.id)]


def _row(
    library: Library, archetype: Archetype, one: ArchetypeRequirement, unit: str
) -> dict[str, str]:
    low, best, high = one.buffer
    own = archetype.id.removeprefix("soort-")
    what = one.id.removeprefix("soorteis-").removeprefix(f"{own}-")
    return {
        "id": f"eis-{unit}-{what}",
        "label": f"{unit}: {_what(library, one)}",
        "requiredBy": unit,
        "fulfilledBy": "",
        "minimumFulfilled": "1" if one.any_supplier or one.reserves else "",
        "buffer": best or "",
        "bufferLow": low or "",
        "bufferHigh": high or "",
        "bufferBasis": "assumption",
        "effect": one.effect,
        "purpose": one.purpose,
        "dependencyKind": one.kind,
        "resource": one.resource,
        "note": _note(library, archetype, one),
        "source": ";".join(one.sources),
    }


def _what(library: Library, one: ArchetypeRequirement) -> str:
    kinds = [library.archetype[supplier].label.nl for supplier in one.suppliers]
    return "nodig is " + " of ".join(kinds)


def _note(library: Library, archetype: Archetype, one: ArchetypeRequirement) -> str:
    """What the analyst must know and do, in the language in force; without separators of lists."""

    def names(ids: tuple[str, ...]) -> str:
        return say(" of ", " or ").join(str(library.archetype[one].label) for one in ids)

    grade = library.grade(one.sources) or "?"
    reserve_nl = f" Noem ook de reserve: {names(one.reserves)}." if one.reserves else ""
    reserve_en = f" Name the reserve as well: {names(one.reserves)}." if one.reserves else ""
    return say(
        f"Aanname uit de bibliotheek ({one.id}, graad {grade}) voor {archetype.label.nl}. Vul bij "
        f"fulfilledBy in wie dit levert: {names(one.suppliers)}.{reserve_nl}",
        f"Assumption from the library ({one.id}, grade {grade}) for {archetype.label.en}. Fill in "
        f"at fulfilledBy who supplies this: {names(one.suppliers)}.{reserve_en}",
    )
