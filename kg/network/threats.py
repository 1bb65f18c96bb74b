"""Threats and which units are exposed to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

from kg.errors import UsageError
from kg.language import current_language
from kg.network.model import Network, Note
from kg.network.records import load_records, save_records
from kg.network.resolve import resolve_named
from kg.sums import damaged

FILE: Final = "threats.json"


class Exposure(NamedTuple):
    """A unit is exposed to a threat (position among the threats), by its own record."""

    unit: int
    threat: int
    iri: str
    likelihood: str = ""


@dataclass(frozen=True)
class Threat:
    """A type of threat; ``wider`` are the IRIs of those that it is directly a case of, sorted."""

    iri: str
    label: str
    label_en: str
    wider: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The label in the language in force."""
        return self.label_en if current_language() == "en" else self.label


@dataclass(frozen=True)
class Threats:
    """All types of threat of one release by IRI, and all exposures, sorted."""

    found: tuple[Threat, ...] = ()
    exposures: tuple[Exposure, ...] = ()
    notes: tuple[Note, ...] = ()

    def resolve(self, text: str) -> int:
        """The position of the threat that ``text`` names: IRI, CURIE, id or label.

        Raises:
            AmbiguousError, UsageError: several fit, or none does.
        """
        return resolve_named(
            self.found, text, "usage.unknown-threat", "soort dreiging", "a type of threat"
        )

    def cases_of(self, threat: int) -> frozenset[int]:
        """This threat and everything that is a case of it, however far down; loops end."""
        narrower: dict[str, list[int]] = {}
        for at, one in enumerate(self.found):
            for wider in one.wider:
                narrower.setdefault(wider, []).append(at)
        seen, queue = {threat}, [threat]
        while queue:
            for at in narrower.get(self.found[queue.pop()].iri, ()):
                if at not in seen:
                    seen.add(at)
                    queue.append(at)
        return frozenset(seen)

    def save(self, folder: Path, network: Network) -> None:
        """Write ``threats.json`` beside the network: per threat its exposures, by IRI."""
        exposed: dict[int, list[list[str]]] = {}
        for one in self.exposures:
            row = [network.units[one.unit], one.iri, one.likelihood]
            exposed.setdefault(one.threat, []).append(row)
        save_records(
            folder / FILE,
            [
                {
                    "iri": one.iri,
                    "label": one.label,
                    "label_en": one.label_en,
                    "wider": list(one.wider),
                    "exposures": exposed.get(at, []),
                }
                for at, one in enumerate(self.found)
            ],
            self.notes,
        )

    @staticmethod
    def load(folder: Path, network: Network) -> Threats:
        """Read what :meth:`save` wrote for this network.

        Raises:
            ReleaseError: absent, damaged, or of another network.
        """
        records, notes = load_records(folder / FILE)
        try:
            found = tuple(_threat(one) for one in records)
            exposures = sorted(
                Exposure(network.index(unit), at, iri, likelihood)
                for at, one in enumerate(records)
                for unit, iri, likelihood in one["exposures"]
            )
            return Threats(found, tuple(exposures), notes)
        except (KeyError, TypeError, ValueError, UsageError) as error:
            raise damaged(folder / FILE) from error


def _threat(record: Mapping[str, Any]) -> Threat:
    return Threat(record["iri"], record["label"], record["label_en"], tuple(record["wider"]))
