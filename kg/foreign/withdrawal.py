"""What falls when everything under the control of a country is withdrawn at once.

Each lost requirement is met again, for good, its substitution time after it was lost; where that
is unknown it counts as what the policy says, by default never. Whatever does not fail without
substitution does not fail with it, so failure only is tried first; and when none of the
requirements that ran out can be substituted the two are the same.

**Exact and robust.** The exact verdict follows every loss and every return, and is not monotone:
what comes later may coincide with something else. Worked out (times in hours, everything leans on
X, which is withdrawn at 0)::

    P <- A B  k=1           one of two is enough
    A <- M    substitution=4
    M <- X    buffer=0      never substituted
    B <- X    buffer=5

A is down on [0, 4) and B from 5 on: P never falls. Give M a buffer of 3 hours, which is better, and
A is down on [3, 7): together with B from 5 on, and P falls at 5.

So beside the exact verdict stands a robust bound, which ignores that anything comes back. A
requirement *may run out* when its substitution takes longer than its buffer, or when its buffer
takes time to refill, so that several short losses may add up. The bound B is the least solution of

    B(v) = min( 0 where v is withdrawn, min over r: d(r) = v, r may run out of  L(r) + b(r) )
    L(r) = the (n − k + 1)-th smallest of { B(u) : u ∈ F(r) }

which is a failure-only cascade (:mod:`kg.cascade.failure`) in which the other requirements never
run out. It is monotone in everything: a longer buffer, more stock (which is part of the buffer),
one more fulfiller, a shorter substitution time and fewer units withdrawn never make B(v) earlier.
What goes down exactly at t has B ≤ t. A process that stays up while B is within the horizon is
**possibly strategic**: it hangs on the timely return of something it leans on. Strategic ones are
so as well. That no improvement makes a dependency possibly strategic is the law that holds without
exception; only one that is so already can an improvement make strategic.

Why strategic itself is not that wider verdict: whatever contains all that falls exactly and obeys
the law must hold every dependency that *some* improvement makes fall. Let 4 hours above be 30 days
and 5 hours 300: A is back long before B's stock is out, the alternative is there in time, and yet
290 days of stock for M would make both absent at day 300. To call that strategic is to say that
there is no alternative in time where there is one; to leave out what does fall because it would not
with less stock is to miss it. So there are two verdicts.

Proof that B ≤ t, by induction over the events: a unit goes down exactly at t because it is
withdrawn, or because an operation requirement r is lost and its charge is 0. Then r was lost for
b(r) hours in all since its first loss L'(r) ≥ L(r) (by induction over its fulfillers), so that
t ≥ L(r) + b(r). And r may run out: without refill time a return fills it at once, so it was lost
for b(r) hours on end without being substituted, hence its substitution time exceeds b(r).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from kg.cascade import CascadeResult, Outage, fail, restore
from kg.cascade.engine import FailureEngine
from kg.cascade.kernels import DEGRADED
from kg.cascade.restoration import ENDLESS
from kg.cascade.restoration_engine import Changes, RestorationEngine, fixed_columns
from kg.cascade.restoration_kernels import RESTORED, TO_DEGRADED, TO_DOWN
from kg.errors import KgError
from kg.foreign.reach import Reach
from kg.network import Network
from kg.network.durations import FOREVER, array_to_ticks, to_hours, to_ticks
from kg.network.model import FAILS, OPERATION

Ticks = npt.NDArray[np.int64]

#: A withdrawal that has more events than this keeps swinging; on shipped data they are hundreds.
_MOST_CHANGES: Final = 100_000


class Healed(NamedTuple):
    """A requirement that is met again by substitution; hours after the withdrawal."""

    requirement: int
    lost: float
    met: float


class Withdrawer:
    """Withdraws one set of units after another from one network; not for several threads.

    Args:
        network: is not changed.
        unknown_substitution: hours that an unknown substitution time counts as; inf is never.

    Attributes:
        network: with unknown substitution times counted in that way.
        unknown: bool[R], the substitution time is not known.
    """

    def __init__(self, network: Network, unknown_substitution: float = math.inf) -> None:
        self.unknown = np.isinf(network.substitution)
        if math.isfinite(unknown_substitution) and self.unknown.any():
            counted = np.where(self.unknown, unknown_substitution, network.substitution)
            network = replace(network, substitution=counted)
        self.network = network
        self.most_changes = max(_MOST_CHANGES, 4 * len(network.units))

    @cached_property
    def failure(self) -> FailureEngine:
        """For what falls when nothing comes back."""
        return FailureEngine(self.network)

    @cached_property
    def restoration(self) -> RestorationEngine:
        """For what falls when substitution brings it back."""
        return RestorationEngine(self.network)

    @cached_property
    def times(self) -> Ticks:
        """int64[3·R]: the times of requirements, as the restoration engine takes them."""
        return fixed_columns(self.network, array_to_ticks(self.network.substitution))

    @cached_property
    def _bounding(self) -> FailureEngine:
        network = self.network
        buffer, substitution = network.buffer, array_to_ticks(network.substitution)
        may_run_out = (substitution > array_to_ticks(buffer)) | (
            (network.refill > 0) & (substitution > 0)
        )
        return FailureEngine(replace(network, buffer=np.where(may_run_out, buffer, math.inf)))

    @cached_property
    def _reaching(self) -> FailureEngine:
        """Every requirement needs all its fulfillers at once: what falls is what leans on it."""
        network = self.network
        reqs = len(network.requirements)
        return FailureEngine(
            replace(
                network,
                minimum=np.diff(network.req_ptr).astype(np.int32),
                buffer=np.zeros(reqs),
                effect=np.full(reqs, FAILS, dtype=np.int8),
                purpose=np.full(reqs, OPERATION, dtype=np.int8),
                needs_full=np.zeros(reqs, dtype=np.bool_),
            )
        )

    def reached(self, units: Sequence[int]) -> npt.NDArray[np.bool_]:
        """bool[U]: what transitively requires something of these units, themselves included."""
        found = np.zeros(len(self.network.units), dtype=np.bool_)
        found[self._reaching.run([(0, unit) for unit in units], 0).unit] = True
        return found

    def bound(self, units: Sequence[int], horizon_hours: float) -> Ticks:
        """int64[U]: the robust bound B in ticks, FOREVER beyond the horizon; see the module."""
        return self._falls(self._bounding, units, _ticks(horizon_hours))

    def without_return(self, units: Sequence[int], horizon_hours: float) -> Ticks:
        """int64[U]: when units go down if nothing is substituted; FOREVER where they do not."""
        return self._falls(self.failure, units, _ticks(horizon_hours))

    def falls(self, units: Sequence[int], horizon_hours: float) -> Ticks | None:
        """int64[U]: when units first go down, in ticks, FOREVER where they do not.

        Exact for vital processes, as the rest is not looked at when none of them falls. None when
        the network keeps swinging.
        """
        struck, horizon = [(0, unit) for unit in units], _ticks(horizon_hours)
        settled = self.failure.run(struck, horizon)
        down = settled.kind != DEGRADED
        first = np.full(len(self.network.units), FOREVER, dtype=np.int64)
        first[settled.unit[down]] = settled.time[down]
        ran_out = settled.reason[settled.reason >= 0]
        if (
            not (first[self.network.vital] < FOREVER).any()
            or not np.isfinite(self.network.substitution[ran_out]).any()
        ):
            return first
        return self.falls_with(units, horizon_hours)

    def falls_with(
        self, units: Sequence[int], horizon_hours: float, times: Ticks | None = None
    ) -> Ticks | None:
        """As :meth:`falls`, for every unit, and with other times of requirements."""
        changes = self._changes(units, horizon_hours, times)
        if not changes.complete:
            return None
        first = np.full(len(self.network.units), FOREVER, dtype=np.int64)
        down = (changes.kind == TO_DOWN) & ~changes.hidden
        np.minimum.at(first, changes.unit[down], changes.time[down])
        return first

    def healed(self, units: Sequence[int], horizon_hours: float) -> tuple[Healed, ...]:
        """What substitution meets again up to and including the horizon, by time."""
        changes, plain = self._changes(units, horizon_hours), self.network.plain
        absent: set[int] = set()
        reduced: set[int] = set()
        since: dict[int, int] = {}
        found: dict[int, tuple[int, int]] = {}
        touched: set[int] = set()

        def over(now: int) -> None:
            """The instant is over: who is lost from here on, and who no longer is."""
            for need in touched - found.keys():
                gone = reduced if plain.needs_full[need] else absent
                count = sum(unit in gone for unit in plain.fulfillers[need])
                if count > plain.tolerated[need]:
                    since.setdefault(need, now)
                elif need in since:
                    lost = since.pop(need)
                    if lost + plain.substitution[need] <= now:
                        found[need] = (lost, lost + plain.substitution[need])
            touched.clear()

        before = 0
        columns = (changes.time, changes.round, changes.unit, changes.kind)
        for time, turn, unit, kind in zip(*(one.tolist() for one in columns), strict=True):
            if time != before:
                over(before)
                before = time
            _follow(absent, reduced, unit, kind, turn)
            touched.update(plain.uses[unit])
        over(before)
        horizon = _ticks(horizon_hours)
        for need, lost in since.items():
            if need not in found and lost + plain.substitution[need] <= horizon:
                found[need] = (lost, lost + plain.substitution[need])
        return tuple(
            Healed(need, to_hours(lost), to_hours(met))
            for need, (lost, met) in sorted(found.items(), key=lambda item: (item[1][1], item[0]))
        )

    def _changes(
        self, units: Sequence[int], horizon_hours: float, times: Ticks | None = None
    ) -> Changes:
        strikes = [(0, FOREVER, unit) for unit in units]
        return self.restoration.run(
            strikes, _ticks(horizon_hours), heal=True, most=self.most_changes, fixed=times
        )

    def _falls(self, engine: FailureEngine, units: Sequence[int], horizon: int) -> Ticks:
        settled = engine.run([(0, unit) for unit in units], horizon)
        down = settled.kind != DEGRADED
        first = np.full(len(self.network.units), FOREVER, dtype=np.int64)
        first[settled.unit[down]] = settled.time[down]
        return first


def _ticks(horizon_hours: float) -> int:
    return FOREVER - 1 if math.isinf(horizon_hours) else to_ticks(horizon_hours)


def _follow(absent: set[int], reduced: set[int], unit: int, kind: int, turn: int) -> None:
    """Keep who is absent at all, and in full."""
    if kind == TO_DOWN:
        absent.add(unit)
        reduced.add(unit)
    elif kind == TO_DEGRADED:
        reduced.add(unit)
        if turn == RESTORED:
            absent.discard(unit)
    else:
        absent.discard(unit)
        reduced.discard(unit)


class Withdrawal:
    """Everything under the control of some countries goes at 0 and does not come back.

    Attributes:
        countries: withdrawn together; one, as a rule.
        units: indices of what is withdrawn.
        result: what happened, None before :meth:`go` and when the network kept swinging.
        judged: the result is there, or there is nothing to compute.
    """

    def __init__(
        self,
        withdrawer: Withdrawer,
        countries: tuple[str, ...],
        units: Sequence[int],
        horizon_hours: float,
    ) -> None:
        self.withdrawer, self.network = withdrawer, withdrawer.network
        self.countries, self.horizon = countries, horizon_hours
        self.outages = [Outage(unit) for unit in units]
        self.units = frozenset(units)
        self.result: CascadeResult | None = None
        self.judged = False

    @cached_property
    def reach(self) -> Reach:
        """Who leans on what is withdrawn, and through what."""
        return Reach(self.network, sorted(self.units))

    def go(self, *, whole: bool = False) -> int:
        """Compute what falls; what it cost, in events.

        Args:
            whole: also where no vital process falls, and an endless run is an error.

        Raises:
            KgError: with ``whole``, when the network keeps swinging.
        """
        self.judged = True
        if not whole and not (self.reach.reached & self.network.vital).any():
            return 0
        bound = fail(self.network, self.outages, self.horizon, engine=self.withdrawer.failure)
        self.result = bound
        cost = len(bound.events)
        ran_out = {event.because.requirement for event in bound.causal} - {None}
        substitution = self.network.substitution
        if (whole or bound.vital) and any(math.isfinite(substitution[one]) for one in ran_out):
            try:
                self.result = restore(
                    self.network,
                    self.outages,
                    self.horizon,
                    heal=True,
                    most_changes=self.withdrawer.most_changes,
                    engine=self.withdrawer.restoration,
                )
            except KgError as error:
                if error.code != ENDLESS or whole:
                    raise
                self.result, self.judged = None, False
                return cost + _MOST_CHANGES
            cost += 4 * len(self.result.events)
        return cost

    @cached_property
    def lost(self) -> dict[int, float]:
        """The vital processes that go down, and when, in hours."""
        return {loss.unit: loss.hours for loss in self.result.vital} if self.result else {}

    @cached_property
    def bounds(self) -> dict[int, float]:
        """The vital processes with a robust bound within the horizon, in hours; see the module."""
        bound = self.withdrawer.bound(sorted(self.units), self.horizon)
        within: list[int] = ((bound < FOREVER) & self.network.vital).nonzero()[0].tolist()
        return {one: to_hours(int(bound[one])) for one in within}

    def dependent(self) -> list[int]:
        """The vital processes that transitively require something of the countries, sorted."""
        found: list[int] = (self.reach.reached & self.network.vital).nonzero()[0].tolist()
        return found
