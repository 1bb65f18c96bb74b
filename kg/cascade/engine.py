"""A network made ready for the kernels, with the scratch space of one thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from types import SimpleNamespace
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from kg.cascade import kernels
from kg.cascade.compiling import patience
from kg.network import Network
from kg.network.durations import FOREVER, array_to_ticks
from kg.network.model import FAILS, OPERATION

#: Loading numba takes about half a second; plain Python does this many units in that time.
PLAIN_UNTIL: Final = 20_000
#: Scratch counters start anew when they would pass this.
MOST: Final = 2**31 - 1


class Settled(NamedTuple):
    """The events of one run, in the order of time and round.

    Attributes:
        time: int64[n] ticks; round: int32[n]; unit: int32[n].
        kind: int8[n], DOWN, DEGRADED or DOWN_AFTER_DEGRADED.
        reason: int32[n], a requirement, or −1 − position among the outages.
    """

    time: npt.NDArray[np.int64]
    round: npt.NDArray[np.int32]
    unit: npt.NDArray[np.int32]
    kind: npt.NDArray[np.int8]
    reason: npt.NDArray[np.int32]

    def in_order(self) -> Settled:
        """Within a round what went down before what was degraded, then by unit."""
        degraded = self.kind == kernels.DEGRADED
        order = np.lexsort((self.unit, degraded, self.round, self.time))
        return Settled(
            self.time[order],
            self.round[order],
            self.unit[order],
            self.kind[order],
            self.reason[order],
        )


class FailureEngine:
    """Runs failure-only cascades on one network, one after another; not for several threads.

    Args:
        network: is not changed.
        compiled: use the compiled kernels; by default for networks too large for plain Python.

    Cost: O(F + R log R) once, then that of what falls over.
    """

    def __init__(self, network: Network, *, compiled: bool | None = None) -> None:
        self.network = network
        large = len(network.units) + len(network.requirements) > PLAIN_UNTIL
        self.compiled = large if compiled is None else compiled
        # Loading numba and arranging the arrays take as long: side by side, where cores are free.
        loading = _begun(_loaded) if self.compiled else None
        units, requirements = len(network.units), len(network.requirements)
        tolerated = np.diff(network.req_ptr) - network.minimum
        ticks = array_to_ticks(network.buffer)
        # There are few different buffers: finding them and looking them up is quicker than sorting.
        delays = np.unique(np.append(np.unique(ticks), 0))
        delay = np.searchsorted(delays, ticks)
        flags = kernels.FLAG_FAILS * (network.effect == FAILS) + (
            kernels.FLAG_FULL * network.needs_full
        )
        sizes = np.bincount(delay, minlength=len(delays))
        # An edge that can never bring anything down is none.
        counts = (network.purpose == OPERATION) & (ticks < FOREVER)
        uses, edge_ptr = network.use_reqs, network.use_ptr
        if not counts.all():
            kept = counts[uses]
            uses = uses[kept]
            edge_ptr = np.concatenate(([0], np.cumsum(kept)))[edge_ptr].astype(np.int64)
        # Side by side first, so that each edge is one look at its requirement.
        looks = np.empty((requirements, 2), dtype=np.uint32)
        looks[:, 0], looks[:, 1] = network.dependent * 4 + flags, np.arange(requirements)
        both = tolerated * len(delays) + delay
        different = np.unique(both)
        needs = np.zeros((requirements, 2), dtype=np.uint32)
        needs[:, 1] = 2 * np.searchsorted(different, both)
        limits = np.stack(np.divmod(different, len(delays)), axis=1).astype(np.uint32)
        self.most_gone = int(np.diff(network.req_ptr).max(initial=0)) + 1
        # Each run counts from a new base, so that nothing has to be cleared between runs.
        self._unit_base = self._gone_base = 1
        self.arrays = SimpleNamespace(
            edge_ptr=self.ready(edge_ptr.astype(np.uint32)),
            edges=self.ready(looks.take(uses, axis=0).ravel()),
            limits=self.ready(limits.ravel()),
            delays=self.ready(delays),
            delay_ptr=self.ready(np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)),
            unit=self.scratch(units, np.int32),
            needs=self.ready(needs.ravel()),
            queue=self.scratch(2 * requirements, np.uint32),
            batches=self.scratch(2 * requirements, np.int64),
            batch_head=self.scratch(len(delays), np.int64),
            batch_tail=self.scratch(len(delays), np.int64),
            together=kernels.TOGETHER if self.compiled else 0,
            found=self.scratch(len(uses), np.uint32),
        )
        self.events = SimpleNamespace(
            round_time=self.scratch(2 * units + 1, np.int64),
            round_number=self.scratch(2 * units + 1, np.int32),
            round_end=self.scratch(2 * units + 1, np.int64),
            unit=self.scratch(2 * units, np.uint32),
            kind=self.scratch(2 * units, np.int8),
            reason=self.scratch(2 * units, np.int32),
        )
        self.kernels: Any = loading() if loading else kernels

    def run(self, outages: Sequence[tuple[int, int]], horizon: int) -> Settled:
        """What is down or degraded up to and including the horizon.

        Args:
            outages: (tick, unit) in the order of time; positions in it are the reasons.
            horizon: ticks.
        """
        times = self.ready(np.array([time for time, _ in outages], dtype=np.int64))
        units = self.ready(np.array([unit for _, unit in outages], dtype=np.int32))
        room = 2 * len(self.events.unit) + self.most_gone
        if max(self._unit_base, self._gone_base) > MOST - room:
            self.clear()
        n = self.kernels.settle(
            *self.state(), times, units, horizon, self._unit_base, self._gone_base
        )
        self._unit_base += 2 * n
        self._gone_base += self.most_gone
        events = self.events
        rounds = events.round_end[0]
        ends = np.array(events.round_end[: rounds + 1], dtype=np.int64)
        ends[0] = 0  # where how many there are was
        sizes = ends[1:] - ends[:-1]
        return Settled(
            np.array(events.round_time[:rounds], dtype=np.int64).repeat(sizes),
            np.array(events.round_number[:rounds], dtype=np.int32).repeat(sizes),
            np.array(events.unit[:n], dtype=np.int32),
            np.array(events.kind[:n], dtype=np.int8),
            np.array(events.reason[:n], dtype=np.int32),
        )

    def state(self) -> tuple[Any, ...]:
        """What every kernel that settles takes first: the network, its scratch, the events."""
        return (*vars(self.arrays).values(), *vars(self.events).values())

    def clear(self) -> None:
        """Forget what earlier runs left in the scratch space; O(U + R)."""
        self.arrays.unit[:] = self.scratch(len(self.arrays.unit), np.int32)
        self.arrays.needs[::2] = self.scratch(len(self.arrays.needs) // 2, np.uint32)
        self._unit_base = self._gone_base = 1

    def ready(self, array: npt.NDArray[Any]) -> Any:
        """An array as these kernels take it: as it stands, or as a list."""
        return np.ascontiguousarray(array) if self.compiled else array.tolist()

    def scratch(self, size: int, dtype: type[np.generic]) -> Any:
        """Zeros as these kernels take them."""
        return np.zeros(size, dtype=dtype) if self.compiled else [0] * size


#: The types of what a kernel that settles takes, in order: of the network, of the events.
_STATE: Final = "IIIqqiIIqqq", "IqiqIbi"


@cache
def _loaded() -> SimpleNamespace:
    """The compiled kernels, called once on nothing: only then are they read or compiled.

    A Ctrl-C during that one compilation (seconds, once per machine) waits for it; it is kept.
    """
    found = kernels.compiled()
    before, after = ([np.zeros(1, dtype=code) for code in codes] for codes in _STATE)
    times, units = np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int32)
    with patience():
        found.settle(*before, kernels.TOGETHER, *after, times, units, 0, 1, 1)
    return found


def _begun(work: Callable[[], Any]) -> Callable[[], Any]:
    """Begin work in a thread; what is given waits for it and gives its result."""
    pool = ThreadPoolExecutor(1)
    result = pool.submit(work).result
    pool.shutdown(wait=False)
    return result
