"""A network made ready for the restoration kernels, with the scratch space of one thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from kg.cascade import restoration_kernels as kernels
from kg.cascade.compiling import patience
from kg.cascade.engine import PLAIN_UNTIL
from kg.network import Network
from kg.network.durations import array_to_ticks
from kg.network.model import FAILS, OPERATION

#: A run with more events than this is not finished in plain Python.
_PLAIN_EVENTS: Final = 40_000
#: Nor is a run begun in it after so many in all: some two seconds, twice what loading numba takes.
_PLAIN_IN_ALL: Final = 100_000

Struck = tuple[int, int, int]  # start, end, unit


@dataclass(frozen=True)
class Changes:
    """What happened in one run, in causal order, with what flipped back within its instant.

    Attributes:
        time: int64[n] ticks; unit: int64[n].
        round: int64[n], STRUCK, RESTORED, or the round of the losses from 0.
        kind: int64[n], TO_DOWN, TO_DEGRADED or TO_UP.
        hidden: bool[n], flipped back within the instant.
        reason: int64[n], a requirement, −1 − position among the outages, or NOTHING.
        complete: False when the run was stopped for having more changes than asked for.
    """

    time: npt.NDArray[np.int64]
    round: npt.NDArray[np.int64]
    unit: npt.NDArray[np.int64]
    kind: npt.NDArray[np.int64]
    hidden: npt.NDArray[np.bool_]
    reason: npt.NDArray[np.int64]
    complete: bool


class Holding(NamedTuple):
    """How things stand when a run is over, for what it touched; units and requirements sorted.

    Attributes:
        down, limited, struck: units; limited ones may be down as well.
        blocking: requirements that are lost and keep their unit down or degraded.
    """

    down: tuple[int, ...]
    limited: tuple[int, ...]
    struck: tuple[int, ...]
    blocking: tuple[int, ...]


class RestorationEngine:
    """Runs cascades with restoration on one network, one after another; not for several threads.

    Args:
        network: is not changed.
        compiled: use the compiled kernels; by default for networks too large for plain Python,
            and for runs that turn out too long, by themselves or together.

    Attributes:
        kernels: where the functions are found.
        uses, fixed, scratch, events: their arguments, see :mod:`kg.cascade.restoration_kernels`.

    Cost: O(F + R) once, then that of what changes.
    """

    def __init__(self, network: Network, *, compiled: bool | None = None) -> None:
        self.network = network
        large = len(network.units) + len(network.requirements) > PLAIN_UNTIL
        self._may_switch = compiled is None
        self._done = 0  # events, in plain Python
        self._set_up(large if compiled is None else compiled)

    def _set_up(self, compiled: bool) -> None:
        self.compiled = compiled
        self.kernels: Any = kernels.compiled() if compiled else kernels
        network = self.network
        units, reqs = len(network.units), len(network.requirements)
        never = np.full(reqs, kernels.NEVER, dtype=np.int64)
        self.fixed = self.ready(fixed_columns(network, never))
        self._healing = self.ready(fixed_columns(network, array_to_ticks(network.substitution)))
        self.uses = [
            self.ready(one.astype(np.int64))  # one kind of number: compiled once
            for one in (network.use_ptr, network.use_reqs, network.own_ptr, network.own_reqs)
        ]
        self.uses.append(self.ready(array_to_ticks(network.restart_lag)))
        self.scratch = [
            self.zeros(8 * units),
            self.ready(scratch_rows(network)),
            self.zeros(2 * (units + reqs)),
            self.zeros(4),
        ]
        self.events = self.zeros(5 * (8 * units + 64))
        if compiled:
            with patience():  # the first call compiles, where that was not done before
                self.run([], 0, most=0)

    def run(
        self,
        outages: Sequence[Struck],
        horizon: int,
        *,
        heal: bool = False,
        most: int,
        fixed: npt.NDArray[np.int64] | None = None,
    ) -> Changes:
        """What changes up to and including the horizon.

        Args:
            outages: in ticks, on [start, end); positions in it are the reasons.
            horizon: ticks.
            heal: lost requirements are met again their substitution time after they were lost.
            most: a run with more changes is stopped.
            fixed: other times than those of the network, from :func:`fixed_columns`; goes before
                ``heal``.
        """
        starts, ends = strikes_of(outages)
        if not self.compiled and self._may_switch and self._done > _PLAIN_IN_ALL:
            self._set_up(True)
        while True:
            own = None if fixed is None else self.ready(fixed)
            status, n = self.kernels.run(
                *self.uses,
                own if own is not None else self._healing if heal else self.fixed,
                *self.scratch,
                self.events,
                self.ready(starts.ravel()),
                self.ready(ends.ravel()),
                len(starts),
                len(ends),
                horizon,
                most,
            )
            if status == kernels.DONE:
                self._done += n
                return self._changes(n, n <= most)
            if not self.compiled and self._may_switch and n > _PLAIN_EVENTS:
                self._set_up(True)
            else:
                self.events = self.zeros(2 * len(self.events))

    def holding(self) -> Holding:
        """How things stood at the end of the last run."""
        units, reqs = (np.array(one, dtype=np.int64) for one in self.scratch[:2])
        marks, count = (np.array(one, dtype=np.int64) for one in self.scratch[2:])
        unit, req = units.reshape(-1, 8), reqs.reshape(-1, 8)
        met = np.sort(marks[: count[0]])
        status, strikes = unit[met, kernels.STATUS], unit[met, kernels.STRIKES]
        touched = np.sort(marks[len(unit) : max(count[1], len(unit))])
        held = req[touched, kernels.HELD]
        return Holding(
            down=tuple(met[status & kernels.DOWN > 0].tolist()),
            limited=tuple(met[status & kernels.LIMITED > 0].tolist()),
            struck=tuple(met[strikes > 0].tolist()),
            blocking=tuple(touched[held & kernels.BLOCKS > 0].tolist()),
        )

    def _changes(self, n: int, complete: bool) -> Changes:
        events = np.array(self.events[: 5 * n], dtype=np.int64).reshape(-1, 5)
        time, turn, unit, kind, reason = (np.ascontiguousarray(one) for one in events.T)
        restored = turn == kernels.RESTORED
        base = kind % kernels.HIDDEN
        # Restorations stand in the order in which they came about; losses of one round together.
        order = np.lexsort(
            (
                np.where(restored, 0, unit),
                np.where(restored, False, base == kernels.TO_DEGRADED),
                turn,
                time,
            )
        )
        return Changes(
            time[order],
            turn[order],
            unit[order],
            base[order],
            (kind >= kernels.HIDDEN)[order],
            reason[order],
            complete,
        )

    def ready(self, array: npt.NDArray[Any]) -> Any:
        """An array in the form that the kernels of this engine want."""
        return np.ascontiguousarray(array) if self.compiled else array.tolist()

    def zeros(self, size: int) -> Any:
        """Scratch or sums, int64."""
        # Memory of an array that is not written to costs nothing.
        return np.zeros(size, dtype=np.int64) if self.compiled else [0] * size


def fixed_columns(network: Network, substitution: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """int64[3·R]: the times of the requirements; ``substitution`` in ticks."""
    columns = (array_to_ticks(network.buffer), array_to_ticks(network.refill), substitution)
    return np.stack(columns, axis=1).ravel()


def scratch_rows(network: Network) -> npt.NDArray[np.int64]:
    """int64[8·R]: what requirements are, in the rows where runs keep how they stand."""
    rows = np.zeros((len(network.requirements), 8), dtype=np.int64)
    rows[:, kernels.DEPENDENT] = network.dependent
    rows[:, kernels.RULE] = (
        (np.diff(network.req_ptr) - network.minimum) * 8
        + kernels.FAILS * (network.effect == FAILS)
        + kernels.OPERATION * (network.purpose == OPERATION)
        + kernels.FULL * network.needs_full
    )
    return rows.ravel()


def strikes_of(
    outages: Sequence[Struck],
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Starts and ends, int64[n, 3]: tick, unit and position, sorted.

    What is over before it starts is left out; an outage that lasts has no end.
    """
    lasting = [(*one, place) for place, one in enumerate(outages) if one[0] < one[1]]
    starts = sorted((start, unit, place) for start, _, unit, place in lasting)
    ends = sorted((end, unit, place) for _, end, unit, place in lasting if end < kernels.NEVER)
    return (
        np.array(starts, dtype=np.int64).reshape(-1, 3),
        np.array(ends, dtype=np.int64).reshape(-1, 3),
    )
