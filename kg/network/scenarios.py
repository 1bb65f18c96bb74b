"""Standing scenarios: sets of outages that the sources describe, ready to be computed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

from kg.errors import UsageError
from kg.language import current_language
from kg.network.model import Network, Note
from kg.network.records import endless, finite, load_records, save_records
from kg.network.resolve import resolve_named
from kg.sums import damaged

FILE: Final = "scenarios.json"


class ScenarioOutage(NamedTuple):
    """A unit is struck on [start, end) hours; ``end`` infinite is for good.

    ``cause`` is the IRI of a threat, ``probability`` that of this outage; ``None`` when unknown.
    """

    unit: int
    start: float
    end: float
    cause: str | None = None
    probability: float | None = None


@dataclass(frozen=True)
class Scenario:
    """A named set of outages, sorted; ``horizon`` in hours, ``None`` when not given."""

    iri: str
    label: str
    label_en: str
    horizon: float | None
    outages: tuple[ScenarioOutage, ...]

    @property
    def name(self) -> str:
        """The label in the language in force."""
        return self.label_en if current_language() == "en" else self.label


@dataclass(frozen=True)
class Scenarios:
    """All standing scenarios of one release by IRI, and how they were read."""

    found: tuple[Scenario, ...] = ()
    notes: tuple[Note, ...] = ()

    def resolve(self, text: str) -> Scenario:
        """The scenario that ``text`` names: IRI, CURIE, id or label.

        Raises:
            AmbiguousError, UsageError: several fit, or none does.
        """
        code = "usage.unknown-scenario"
        return self.found[resolve_named(self.found, text, code, "scenario", "a scenario")]

    def save(self, folder: Path, network: Network) -> None:
        """Write ``scenarios.json`` beside the network; units by IRI, times in hours."""
        save_records(
            folder / FILE,
            [
                {
                    "iri": one.iri,
                    "label": one.label,
                    "label_en": one.label_en,
                    "horizon": one.horizon,
                    "outages": [
                        {
                            "unit": network.units[outage.unit],
                            "start": outage.start,
                            "end": finite(outage.end),
                            "cause": outage.cause,
                            "probability": outage.probability,
                        }
                        for outage in one.outages
                    ],
                }
                for one in self.found
            ],
            self.notes,
        )

    @staticmethod
    def load(folder: Path, network: Network) -> Scenarios:
        """Read what :meth:`save` wrote for this network.

        Raises:
            ReleaseError: absent, damaged, or of another network.
        """
        records, notes = load_records(folder / FILE)
        try:
            return Scenarios(tuple(_scenario(one, network) for one in records), notes)
        except (KeyError, TypeError, ValueError, UsageError) as error:
            raise damaged(folder / FILE) from error


def _scenario(record: Mapping[str, Any], network: Network) -> Scenario:
    return Scenario(
        record["iri"],
        record["label"],
        record["label_en"],
        record["horizon"],
        tuple(
            ScenarioOutage(
                network.index(one["unit"]),
                float(one["start"]),
                endless(one["end"]),
                one["cause"],
                one["probability"],
            )
            for one in record["outages"]
        ),
    )
