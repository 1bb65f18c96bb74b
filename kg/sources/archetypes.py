"""The library of archetypes: what a kind of unit typically requires, read from tables.

The tables are read by the same intake as any data (``Archetype.csv``, ``ArchetypeRequirement.csv``,
``ArchetypeFigure.csv`` and the sources, sectors and markings that they refer to). Durations stay as
they are written, in ISO 8601.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple

import pyoxigraph as ox

from kg.errors import InputError, UsageError
from kg.names import DCTERMS, ID, RDF_TYPE, SKOS, VIT
from kg.resources import folder
from kg.schema import Schema
from kg.sources import stage
from kg.sources.incidents.model import Text, sector_id

#: The tables of a folder that belong to the library; the others in it are left alone.
TABLES: Final = (
    "Archetype.csv",
    "ArchetypeFigure.csv",
    "ArchetypeRequirement.csv",
    "Marking.csv",
    "MarkingScheme.csv",
    "Sector.csv",
    "Source.csv",
)

_Thing = Mapping[str, tuple[str, ...]]
_Found = dict[str, dict[str, list[str]]]


class Range(NamedTuple):
    """Low, best and high as ISO 8601 durations; ``None`` where not given."""

    low: str | None
    best: str | None
    high: str | None


class Archetype(NamedTuple):
    """A kind of unit. ``kinds`` are the words of incident files; no ``sectors`` is any sector."""

    id: str
    label: Text
    kinds: tuple[str, ...]
    sectors: tuple[str, ...]
    restart: Range
    sources: tuple[str, ...]


class ArchetypeRequirement(NamedTuple):
    """What an archetype typically requires.

    ``any_supplier``: one supplier is enough, else each is needed. ``effect`` is ``fails`` or
    ``degrades``, ``purpose`` ``operation`` or ``restart``, as coded in the ontology.
    """

    id: str
    label: Text
    archetype: str
    suppliers: tuple[str, ...]
    reserves: tuple[str, ...]
    any_supplier: bool
    buffer: Range
    effect: str
    purpose: str
    kind: str
    resource: str
    sources: tuple[str, ...]


class Figure(NamedTuple):
    """A figure of one source about ``subject``: a requirement (buffer) or archetype (restart)."""

    id: str
    subject: str
    value: Range
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Library:
    """Archetypes, their requirements and figures, each sorted by id.

    ``incidents`` gives per source the slugs of the incidents that it is about, ``grades`` its
    grade (A, B, C).
    """

    archetypes: tuple[Archetype, ...]
    requirements: tuple[ArchetypeRequirement, ...]
    figures: tuple[Figure, ...]
    incidents: Mapping[str, tuple[str, ...]]
    grades: Mapping[str, str]

    @cached_property
    def archetype(self) -> Mapping[str, Archetype]:
        """Archetypes by id."""
        return MappingProxyType({one.id: one for one in self.archetypes})

    def of_kind(self, kind: str, sector: str) -> tuple[Archetype, ...]:
        """The archetypes that fit a kind in a sector, both in the words of an incident file."""
        where = sector_id(sector)
        return tuple(
            one
            for one in self.archetypes
            if kind in one.kinds and (not one.sectors or where in one.sectors)
        )

    def requirements_of(self, archetype: str) -> tuple[ArchetypeRequirement, ...]:
        """What one archetype typically requires."""
        return tuple(one for one in self.requirements if one.archetype == archetype)

    def figures_of(self, subject: str) -> tuple[Figure, ...]:
        """The figures about one requirement or archetype."""
        return tuple(one for one in self.figures if one.subject == subject)

    def grade(self, sources: Iterable[str]) -> str:
        """The best grade among these sources; empty when none has one."""
        return min((self.grades[s] for s in sources if self.grades.get(s)), default="")

    def rests_only_on(self, slug: str, sources: Sequence[str]) -> bool:
        """Are all these sources about this one incident?"""
        return bool(sources) and all(slug in self.incidents.get(one, ()) for one in sources)


def read_library(extra: Sequence[Path] = ()) -> Library:
    """The shipped library, and the same tables in these folders on top of it; about 60 ms.

    Raises:
        UsageError: a folder that is not there or has no such table.
        InputError: tables that the intake refuses.
    """
    paths = []
    # Own folders first: of files with the same name, the first keeps it in messages.
    for place in (*extra, folder("data") / "reference"):
        tables = [place / name for name in TABLES if (place / name).is_file()]
        if not any(path.name.startswith("Archetype") for path in tables):
            raise UsageError(
                "usage.no-such-path",
                f"In '{place}' staat geen Archetype.csv of ArchetypeRequirement.csv.",
                f"There is no Archetype.csv or ArchetypeRequirement.csv in '{place}'.",
            )
        paths += tables
    staged = stage(paths, Schema.load(folder("ontology")))
    if staged.problems:
        raise InputError(staged.problems)
    things: _Found = {}
    labels: dict[str, Text] = {}
    for graph in staged.graphs:
        for quad in ox.parse(graph.ntriples, format=ox.RdfFormat.N_TRIPLES):
            _add(things, labels, quad.triple)
    return _library(things, labels)


def _add(things: _Found, labels: dict[str, Text], triple: ox.Triple) -> None:
    subject, value = _name(triple.subject), triple.object
    if triple.predicate.value == SKOS + "prefLabel" and isinstance(value, ox.Literal):
        before = labels.get(subject, Text())
        english = value.language == "en"
        labels[subject] = before._replace(**{"en" if english else "nl": value.value})
        return
    values = things.setdefault(subject, {}).setdefault(_name(triple.predicate), [])
    values.append(value.value if isinstance(value, ox.Literal) else _name(value))


def _name(term: object) -> str:
    """The id of a thing, the local name of a term of ours, the IRI of anything else."""
    text = term.value if isinstance(term, ox.NamedNode) else str(term)
    return text.removeprefix(ID).removeprefix(VIT)


def _library(things: _Found, labels: Mapping[str, Text]) -> Library:
    def of(kind: str) -> list[tuple[str, _Thing]]:
        return [
            (subject, {key: tuple(sorted(set(value))) for key, value in values.items()})
            for subject, values in sorted(things.items())
            if kind in values.get(RDF_TYPE.value, ())
        ]

    return Library(
        archetypes=tuple(
            Archetype(
                subject,
                labels.get(subject, Text(subject, subject)),
                one.get("kindCode", ()),
                one.get("archetypeSector", ()),
                _range(one, "typicalRestartLag"),
                _sources(one),
            )
            for subject, one in of("Archetype")
        ),
        requirements=tuple(
            ArchetypeRequirement(
                subject,
                labels.get(subject, Text(subject, subject)),
                _one(one, "ofArchetype"),
                one.get("suppliedByArchetype", ()),
                one.get("reserveArchetype", ()),
                _one(one, "supplierRule") == "anySupplier",
                _range(one, "typicalBuffer"),
                _one(one, "typicalEffect") or "fails",
                _one(one, "typicalPurpose") or "operation",
                _one(one, "dependencyKind"),
                _one(one, "resource"),
                _sources(one),
            )
            for subject, one in of("ArchetypeRequirement")
        ),
        figures=tuple(
            Figure(
                subject,
                _one(one, "bufferFigureOf") or _one(one, "restartFigureOf"),
                _range(one, "figure"),
                _sources(one),
            )
            for subject, one in of("ArchetypeFigure")
        ),
        incidents=MappingProxyType({s: one.get("aboutIncident", ()) for s, one in of("Source")}),
        grades=MappingProxyType(
            {s: _one(one, "grade").removeprefix("grade") for s, one in of("Source")}
        ),
    )


def _one(thing: _Thing, key: str) -> str:
    return thing.get(key, ("",))[0]


def _range(thing: _Thing, key: str) -> Range:
    return Range(*(_one(thing, key + end) or None for end in ("Low", "", "High")))


def _sources(thing: _Thing) -> tuple[str, ...]:
    return thing.get(DCTERMS + "source", ())
