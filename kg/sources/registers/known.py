"""What the data at hand have already, and how the register's organisations are recognised in it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final, NamedTuple

import pyoxigraph as ox

from kg.errors import InputError
from kg.names import ID, RDF_TYPE, SKOS, VIT
from kg.schema import Schema, fold
from kg.sources import stage

#: The code of GLEIF's list of registration authorities for the Dutch trade register.
KVK_AUTHORITY: Final = "RA000463"

_KVK: Final = re.compile(r"[0-9]{8}")
_LEI: Final = re.compile(r"[0-9A-Z]{18}[0-9]{2}")
_DIGITS: Final = {
    ord(letter): str(value) for value, letter in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZ", 10)
}
_ASCII_REST: Final = {code: None for code in range(128) if not chr(code).isalnum()}


def normalised_name(name: str) -> str:
    """A name in lower case, letters and digits only: what ``vit:normalisedName`` is.

    The same as rule 41 of the reasoner, which a test holds; here for millions of names.
    """
    if name.isascii():
        return name.translate(_ASCII_REST).lower()
    return "".join(one for one in name if unicodedata.category(one)[0] in "LN").lower()


def is_lei(text: str) -> bool:
    """Whether this is an LEI with the right check digits (ISO 17442-1, ISO 7064 MOD 97-10)."""
    return bool(_LEI.fullmatch(text)) and int(text.translate(_DIGITS)) % 97 == 1


def is_kvk(text: str) -> bool:
    """Whether this has the form of a number in the Dutch trade register."""
    return bool(_KVK.fullmatch(text))


class Organisation(NamedTuple):
    """An organisation of the data at hand. ``names`` are all its labels, ``seats`` ids."""

    id: str
    label: str
    label_en: str
    names: tuple[str, ...]
    lei: str
    kvk: str
    seats: tuple[str, ...]
    marking: str


@dataclass(frozen=True)
class Known:
    """The data at hand, read only.

    ``markings`` gives the marking of every thing by id (the lowest, where files say several),
    ``ranks`` the rank of every marking. ``countries`` maps codes of two letters and folded names
    to ids.
    """

    organisations: tuple[Organisation, ...]
    markings: Mapping[str, str]
    ranks: Mapping[str, int]
    countries: Mapping[str, str]
    sectors: Mapping[str, str]
    threats: frozenset[str]

    def highest(self, markings: Iterable[str]) -> str:
        """The most secret of these."""
        return max(markings, key=lambda one: (self.ranks.get(one, 0), one))

    def lowest(self, markings: Iterable[str]) -> str:
        """The least secret of these."""
        return min(markings, key=lambda one: (self.ranks.get(one, 0), one))

    @cached_property
    def by_id(self) -> Mapping[str, Organisation]:
        """Organisations by id."""
        return {one.id: one for one in self.organisations}

    @cached_property
    def by_lei(self) -> Mapping[str, tuple[Organisation, ...]]:
        """Organisations by their LEI; more than one is a mistake in the data."""
        return _grouped((one.lei, one) for one in self.organisations if one.lei)

    @cached_property
    def by_kvk(self) -> Mapping[str, tuple[Organisation, ...]]:
        """Organisations by their KvK number."""
        return _grouped((one.kvk, one) for one in self.organisations if one.kvk)

    @cached_property
    def by_name(self) -> Mapping[str, tuple[Organisation, ...]]:
        """Organisations by each of their names, normalised."""
        return _grouped(
            (key, one)
            for one in self.organisations
            for key in sorted({normalised_name(name) for name in one.names})
            if key
        )


def _grouped(pairs: Iterable[tuple[str, Organisation]]) -> dict[str, tuple[Organisation, ...]]:
    found: dict[str, tuple[Organisation, ...]] = {}
    for key, one in pairs:
        found[key] = (*found.get(key, ()), one)
    return found


def read_known(paths: Sequence[Path], schema: Schema) -> Known:
    """Read data folders for what an import has to fit in with; a second for the shipped data.

    Raises:
        InputError: the intake refuses something in them.
        UsageError: a path does not exist.
    """
    staged = stage(paths, schema)
    if staged.problems:
        raise InputError(staged.problems, ("geïmporteerd", "imported"))
    things: dict[str, dict[str, list[str]]] = {}
    labels: dict[str, dict[str, list[str]]] = {}
    markings: dict[str, str] = {}
    # From the least secret to the most: the first file that names a thing says how secret it is.
    for graph in sorted(staged.graphs, key=lambda one: staged.markings.get(one.marking, 0)):
        for triple in ox.parse(graph.ntriples, format=ox.RdfFormat.N_TRIPLES):
            subject = triple.subject
            if not isinstance(subject, ox.NamedNode) or not subject.value.startswith(ID):
                continue
            key, value = subject.value.removeprefix(ID), triple.object
            markings.setdefault(key, graph.marking)
            predicate = triple.predicate.value
            if predicate in _LABELS and isinstance(value, ox.Literal):
                labels.setdefault(key, {}).setdefault(value.language or "", []).append(value.value)
            elif predicate in _READ or predicate == RDF_TYPE.value:
                text = value.value if isinstance(value, ox.NamedNode | ox.Literal) else ""
                things.setdefault(key, {}).setdefault(predicate, []).append(text.removeprefix(ID))
    return _known(things, labels, markings, staged.markings, schema)


_LABELS: Final = (SKOS + "prefLabel", SKOS + "altLabel")
_READ: Final = frozenset({VIT + "lei", VIT + "kvkNumber", VIT + "seat", VIT + "isoAlpha2"})

_Things = Mapping[str, Mapping[str, Sequence[str]]]


def _known(
    things: _Things,
    labels: _Things,
    markings: Mapping[str, str],
    ranks: Mapping[str, int],
    schema: Schema,
) -> Known:
    organisations = []
    countries: dict[str, str] = {}
    sectors: dict[str, str] = {}
    threats = set()
    for key in sorted(things):
        facts, names = things[key], labels.get(key, {})
        kinds = facts.get(RDF_TYPE.value, ())
        every = tuple(dict.fromkeys(name for tag in sorted(names) for name in names[tag]))
        if any(schema.is_subclass(kind, VIT + "Organisation") for kind in kinds):
            label = next(iter(names.get("nl", ())), key)
            organisations.append(
                Organisation(
                    id=key,
                    label=label,
                    label_en=next(iter(names.get("en", ())), label),
                    names=every,
                    lei=next(iter(facts.get(VIT + "lei", ())), ""),
                    kvk=next(iter(facts.get(VIT + "kvkNumber", ())), ""),
                    seats=tuple(sorted(set(facts.get(VIT + "seat", ())))),
                    marking=markings[key],
                )
            )
        if VIT + "Country" in kinds:
            for name in (*facts.get(VIT + "isoAlpha2", ()), *every):
                countries.setdefault(fold(name), key)
        if VIT + "Sector" in kinds:
            sectors[key] = next(iter(names.get("en", ())), key)
        if VIT + "ThreatType" in kinds:
            threats.add(key)
    return Known(
        organisations=tuple(organisations),
        markings=markings,
        ranks=ranks,
        countries=countries,
        sectors=sectors,
        threats=frozenset(threats),
    )
