"""What sampling found: probabilities with their interval, and bands over time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from kg.cascade.model import Assumption, Outage
from kg.network import Network

Ints = npt.NDArray[np.int64]

#: The standard normal quantile of a two-sided 95 % interval.
Z95: Final = 1.959963984540054
#: The percentiles of the bands.
PERCENTILES: Final = (5, 50, 95)


class Varied(NamedTuple):
    """A requirement whose buffer is drawn, in hours; ``missing`` is the bound that was not given
    (low or high; the best estimate stands in for it), or empty."""

    requirement: int
    low: float
    best: float
    high: float
    missing: str


class Chance(NamedTuple):
    """A probability and its 95 % interval."""

    p: float
    low: float
    high: float

    def to_json(self) -> dict[str, float]:
        return self._asdict()


class UnitChance(NamedTuple):
    """One unit: ``ever`` goes down within the horizon, ``lasting`` is down at the horizon; hours
    until it first goes down at the 5th, 50th and 95th percentile, None for beyond the horizon."""

    unit: int
    ever: Chance
    lasting: Chance
    hours: tuple[float | None, ...]


def wilson(count: int, total: int) -> Chance:
    """The share of ``count`` in ``total`` > 0, with Wilson's 95 % interval (Wilson 1927)."""
    share, z2 = count / total, Z95 * Z95
    middle = (share + z2 / (2 * total)) / (1 + z2 / total)
    reach = Z95 * math.sqrt(share * (1 - share) / total + z2 / (4 * total * total))
    reach /= 1 + z2 / total
    # At the ends the interval reaches 0 or 1 exactly; rounding may not pass it.
    low = 0.0 if count == 0 else max(0.0, middle - reach)
    high = 1.0 if count == total else min(1.0, middle + reach)
    return Chance(share, low, high)


@dataclass(frozen=True, eq=False)
class SampleResult:
    """Sums over samples. U units that can be reached, G + 1 moments, E + 1 = G·per + 1 edges.

    Attributes:
        asked, samples: how many were asked for and done; fewer when it was interrupted.
        units: int64[U], sorted.
        step_hours: the time between two edges; times to failure are rounded up to an edge.
        grid_hours: the G + 1 moments, 0 and the horizon included.
        fell: int64[U, E + 1], samples in which a unit first went down up to that edge.
        lasted: int64[U], samples in which it is down at the horizon.
        units_down, vital_down: int64[G + 1, U + 1], samples in which so many units, or vital
            processes, are down at that moment.
        varied, fixed: requirements whose buffer is drawn, and those that count with one buffer.
        assumptions: what is unknown and counts as 0 among all that can be reached.
    """

    network: Network
    outages: tuple[Outage, ...]
    horizon_hours: float
    asked: int
    samples: int
    seed: int
    units: Ints
    step_hours: float
    grid_hours: tuple[float, ...]
    per: int
    fell: Ints
    lasted: Ints
    units_down: Ints
    vital_down: Ints
    varied: tuple[Varied, ...]
    fixed: tuple[int, ...]
    assumptions: tuple[Assumption, ...]

    @property
    def complete(self) -> bool:
        """Were all samples done?"""
        return self.samples == self.asked

    @cached_property
    def _by(self) -> Ints:
        return np.cumsum(self.fell, axis=1)

    def down_by(self, unit: int) -> tuple[Chance, ...]:
        """P(unit goes down by t) at each moment of the grid."""
        row = int(np.searchsorted(self.units, unit))
        if row == len(self.units) or self.units[row] != unit:
            return tuple(wilson(0, self.samples) for _ in self.grid_hours)
        return tuple(wilson(int(one), self.samples) for one in self._by[row, :: self.per])

    @cached_property
    def chances(self) -> tuple[UnitChance, ...]:
        """The units that went down in any sample, the likeliest and then the soonest first."""
        found = []
        for row, unit in enumerate(self.units.tolist()):
            by = self._by[row]
            if by[-1] == 0:
                continue
            hours = tuple(self._reached(by, percent) for percent in PERCENTILES)
            ever = wilson(int(by[-1]), self.samples)
            found.append(UnitChance(unit, ever, wilson(int(self.lasted[row]), self.samples), hours))
        return tuple(sorted(found, key=lambda one: (-one.ever.p, _soonest(one), one.unit)))

    def _reached(self, by: Ints, percent: int) -> float | None:
        place = int(np.searchsorted(by, _needed(percent, self.samples)))
        return None if place == len(by) else min(place * self.step_hours, self.horizon_hours)

    def band(self, counts: Ints) -> tuple[tuple[int, ...], ...]:
        """Percentiles of ``units_down`` or ``vital_down`` at each moment of the grid."""
        by = np.cumsum(counts, axis=1)
        return tuple(
            tuple(
                int(np.searchsorted(line, _needed(percent, self.samples)))
                for percent in PERCENTILES
            )
            for line in by
        )

    def to_json(self, release: str | None = None, level: str | None = None) -> dict[str, Any]:
        """The JSON of ``kg cascade --samples``: full IRIs with labels, times in hours."""
        network = self.network
        return {
            "release": release,
            "level": level,
            "horizon_hours": self.horizon_hours,
            "samples": self.samples,
            "asked_samples": self.asked,
            "complete": self.complete,
            "seed": self.seed,
            "outages": [one.to_json(network) for one in self.outages],
            "interval": "Wilson, 95 %",
            "resolution_hours": self.step_hours,
            "grid_hours": list(self.grid_hours),
            "units": [self._unit_json(one) for one in self.chances],
            "bands": {
                "units": self._band_json(self.units_down),
                "vital_processes": self._band_json(self.vital_down),
            },
            "varied": [
                {
                    "requirement": network.requirements[one.requirement],
                    "label": network.requirement_label(one.requirement),
                    "low_hours": one.low,
                    "best_hours": one.best,
                    "high_hours": one.high,
                    "missing": one.missing or None,
                }
                for one in self.varied
            ],
            "fixed": [network.requirements[one] for one in self.fixed],
            "assumptions": [one.to_json(network) for one in self.assumptions],
        }

    def _unit_json(self, one: UnitChance) -> dict[str, Any]:
        network, by = self.network, self.down_by(one.unit)
        return {
            "unit": network.units[one.unit],
            "label": network.label(one.unit),
            "sector": network.sector_of(one.unit),
            "vital": bool(network.vital[one.unit]),
            "down_within_horizon": one.ever.to_json(),
            "down_at_horizon": one.lasting.to_json(),
            "hours_to_failure": _percentiles(one.hours),
            "down_by": {
                "p": [chance.p for chance in by],
                "low": [chance.low for chance in by],
                "high": [chance.high for chance in by],
            },
        }

    def _band_json(self, counts: Ints) -> list[dict[str, Any]]:
        return [
            {"hours": hours, **_percentiles(line)}
            for hours, line in zip(self.grid_hours, self.band(counts), strict=True)
        ]


def _needed(percent: int, samples: int) -> int:
    """The least number of samples that is this share of them."""
    return -(-percent * samples // 100)


def _percentiles(values: Sequence[Any]) -> dict[str, Any]:
    return {f"p{percent}": one for percent, one in zip(PERCENTILES, values, strict=True)}


def _soonest(one: UnitChance) -> float:
    return next((hours for hours in one.hours[1::-1] if hours is not None), math.inf)
