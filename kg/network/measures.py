"""Measures: what each would change in the network and what it costs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from kg.errors import UsageError
from kg.language import current_language, say
from kg.names import local_id
from kg.network.model import Network, Note
from kg.network.records import load_records, save_records
from kg.network.resolve import resolve_named
from kg.sums import damaged

FILE: Final = "measures.json"
#: Measures with these statuses are no choice any more: done, or turned down.
CLOSED: Final = frozenset({"completed", "rejected"})


@dataclass(frozen=True)
class Measure:
    """What one measure changes; all sorted, indices of the network, times in hours.

    Attributes:
        status: proposed, decided, inProgress, completed, rejected; empty when unknown.
        investment: euro, ``None`` when unknown.
        adds: (requirement, unit) pairs, the unit joins the fulfillers.
        buffers, substitutions: (requirement, hours).
        restarts: (unit, hours).
        removes: requirements.
    """

    iri: str
    label: str
    label_en: str
    status: str = ""
    investment: float | None = None
    adds: tuple[tuple[int, int], ...] = ()
    buffers: tuple[tuple[int, float], ...] = ()
    substitutions: tuple[tuple[int, float], ...] = ()
    restarts: tuple[tuple[int, float], ...] = ()
    removes: tuple[int, ...] = ()

    @property
    def name(self) -> str:
        """The label in the language in force."""
        return self.label_en if current_language() == "en" else self.label

    @property
    def changes(self) -> bool:
        """Whether it changes anything that the network knows."""
        return self.in_cascades or bool(self.substitutions)

    @property
    def in_cascades(self) -> bool:
        """Whether it changes more than substitution, which plays a part in withdrawals only."""
        return bool(self.adds or self.buffers or self.restarts or self.removes)


@dataclass(frozen=True)
class Measures:
    """All measures of one release that count on the analysis date, and how they were read."""

    found: tuple[Measure, ...] = ()
    notes: tuple[Note, ...] = ()

    def resolve(self, text: str) -> Measure:
        """The measure that ``text`` names: IRI, CURIE, id or label.

        Raises:
            AmbiguousError, UsageError: several fit, or none does.
        """
        code = "usage.unknown-measure"
        for note in self.notes:  # it is there, but does not count on this date
            if text.strip() in (note.iri, local_id(note.iri)) and note.iri not in self._iris:
                raise UsageError(code, note.nl, note.en)
        return self.found[resolve_named(self.found, text, code, "maatregel", "a measure")]

    @cached_property
    def _iris(self) -> frozenset[str]:
        return frozenset(one.iri for one in self.found)

    def save(self, folder: Path, network: Network) -> None:
        """Write ``measures.json`` beside the network; units and requirements by IRI."""
        units, needs = network.units, network.requirements
        save_records(
            folder / FILE,
            [
                {
                    "iri": one.iri,
                    "label": one.label,
                    "label_en": one.label_en,
                    "status": one.status,
                    "investment": one.investment,
                    "adds": [[needs[r], units[u]] for r, u in one.adds],
                    "buffers": [[needs[r], hours] for r, hours in one.buffers],
                    "substitutions": [[needs[r], hours] for r, hours in one.substitutions],
                    "restarts": [[units[u], hours] for u, hours in one.restarts],
                    "removes": [needs[r] for r in one.removes],
                }
                for one in self.found
            ],
            self.notes,
        )

    @staticmethod
    def load(folder: Path, network: Network) -> Measures:
        """Read what :meth:`save` wrote for this network.

        Raises:
            ReleaseError: absent, damaged, or of another network.
        """
        records, notes = load_records(folder / FILE)
        try:
            return Measures(tuple(_measure(one, network) for one in records), notes)
        except (KeyError, TypeError, ValueError, UsageError) as error:
            raise damaged(folder / FILE) from error


def _measure(record: Mapping[str, Any], network: Network) -> Measure:
    unit, need = network.index, network.requirement_index
    return Measure(
        iri=record["iri"],
        label=record["label"],
        label_en=record["label_en"],
        status=record["status"],
        investment=record["investment"],
        adds=tuple((need(r), unit(u)) for r, u in record["adds"]),
        buffers=tuple((need(r), float(hours)) for r, hours in record["buffers"]),
        substitutions=tuple((need(r), float(hours)) for r, hours in record["substitutions"]),
        restarts=tuple((unit(u), float(hours)) for u, hours in record["restarts"]),
        removes=tuple(need(r) for r in record["removes"]),
    )


def status_word(status: str) -> str:
    """The status of a measure in the language in force."""
    return {
        "proposed": say("voorgesteld", "proposed"),
        "decided": say("besloten", "decided"),
        "inProgress": say("in uitvoering", "in progress"),
        "completed": say("voltooid", "completed"),
        "rejected": say("afgewezen", "rejected"),
    }.get(status, say("onbekend", "unknown"))


def measure_json(one: Measure) -> dict[str, Any]:
    """A measure by IRI with its labels, status and cost."""
    return {
        "measure": one.iri,
        "label": one.name,
        "status": one.status or None,
        "investment_euro": one.investment,
    }


def cost_json(measures: Sequence[Measure]) -> dict[str, Any]:
    """What measures cost together, and of how many it is not known."""
    known = [one.investment for one in measures if one.investment is not None]
    return {"known_euro": math.fsum(known), "unknown": len(measures) - len(known)}
