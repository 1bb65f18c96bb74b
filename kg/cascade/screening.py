"""Every unit, or every pair of units, as what fails first: what each takes down.

Failure only, struck at 0 and for good, up to the horizon; the loops are in
:mod:`kg.cascade.kernels`.

**Pairs: what cannot interact.** Write x_a(u) for the time at which u is lost when a is struck alone
(N(u) where a requirement needs u in full, D(u) elsewhere), and m(u) = min(x_a(u), x_b(u)). The pair
loses nobody later than m, because more outages never save anyone. It loses nobody *earlier* either
unless some requirement r of operation that tolerates t ≥ 1 absences has, within the horizon,

    h_a(r) ≥ 1,  h_b(r) ≥ 1  and  h_a(r) + h_b(r) ≥ t + 1

where h counts the fulfillers of r that each cascade alone takes away. Proof: the times of the pair
are the greatest x with x ≤ F(x), where F(x)(v) is the right-hand side of the definition (Tarski;
see :mod:`kg.cascade.failure`). So m is those times as soon as m ≤ F(m), and for that it is enough
that no requirement is lost earlier under m than under both x_a and x_b: then m(v) ≤ x_a(v) ≤
L_a(r) + b(r) and the same for b, hence m(v) ≤ L_m(r) + b(r). With t = 0 the first of the minima is
the minimum of the firsts, so L_m = min(L_a, L_b). With t ≥ 1, L_m < min(L_a, L_b) says that at
L_m at least t + 1 fulfillers are gone under m and at most t under each alone: both take some, and
together at least t + 1. ∎ A time shift (b falls to a later, struck itself it falls at 0) is in x_b,
so it needs no case of its own. What this leaves is computed; what it leaves out is the union of
the two cascades, unit by unit, and does nothing more.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from kg.cascade.batches import Batches, Outcome, Stop
from kg.cascade.engine import PLAIN_UNTIL, FailureEngine
from kg.errors import UsageError
from kg.network import Network
from kg.network.durations import TICKS_PER_HOUR, to_hours, to_ticks
from kg.network.model import OPERATION, Floats, Ints

Progress = Callable[[int, int], None]
Rows = npt.NDArray[np.void]

#: Units per batch of singles, first units per batch of pairs: what is written, or lost, at once.
_SINGLES: Final = 512
_FIRSTS: Final = 8
#: A kernel comes back after about this many events, to see whether to stop.
_EVENTS: Final = 2_000_000
#: Beyond these many runs compiled kernels pay for being loaded, on any network.
_PLAIN_SINGLES: Final = 4_000
_PLAIN_PART: Final = 100
#: More pairs than this are not one question.
MOST_PAIRS: Final = 20_000_000
#: Where cascades of pairs meet, in entries of 8 bytes.
_MOST_MEETINGS: Final = 100_000_000

_SINGLE: Final = np.dtype(
    [(name, "<i4") for name in ("units", "vital", "sectors", "others", "degraded")]
    + [("hours", "<f8"), ("earliest", "<i8")]
)
_PAIR: Final = np.dtype(
    [(n, "<i4") for n in ("one", "other", "units", "vital", "more_units", "more_vital")]
    + [("hours", "<f8"), ("more_hours", "<f8"), ("earliest", "<i8")]
)


@dataclass(frozen=True, eq=False)
class Singles:
    """What each unit takes down; n rows, one per initiator, in the order of the units.

    Attributes:
        done, total: initiators that were computed, and that were asked for.
        unit: int32[n], the initiator.
        units, vital, degraded: int32[n], units down (the initiator included), vital processes
            down, units degraded and not down, at the horizon.
        sectors: int32[n], different sectors with a unit down.
        others: int32[n], those that are not the initiator's, where a part counts as its whole.
        hours: float64[n], unit-hours down up to the horizon.
        earliest: float64[n], hours to the first vital process down; inf when there is none.
        order: int64[n], places from the heaviest: by vital processes, sectors, unit-hours, the
            earliest loss, then the order of the units.
    """

    horizon_hours: float
    done: int
    total: int
    unit: Ints
    units: Ints
    vital: Ints
    sectors: Ints
    others: Ints
    degraded: Ints
    hours: Floats
    earliest: Floats
    order: npt.NDArray[np.int64]

    @property
    def complete(self) -> bool:
        """Was everything computed that was asked for?"""
        return self.done == self.total


@dataclass(frozen=True, eq=False)
class Pairs:
    """The pairs that do more together than apart; n rows by first, then second unit.

    Attributes:
        done, total: first units whose pairs were computed, and that were asked for.
        asked: pairs among the units asked for; computed: those that could interact and were
            computed, of the first units done.
        one, other: int32[n]; units, vital, hours: what the pair takes down in all.
        more_units, more_vital: int32[n], of these what neither takes down alone.
        more_hours: float64[n], unit-hours beyond those of the two alone, where a unit that both
            take down counts once, from the earlier loss.
        earliest: float64[n], hours to the first vital process that neither takes down alone.
        order: int64[n], places from the heaviest: by more_vital, more_units, more_hours, earliest,
            then the order of the units.
    """

    horizon_hours: float
    done: int
    total: int
    asked: int
    computed: int
    one: Ints
    other: Ints
    units: Ints
    vital: Ints
    hours: Floats
    more_units: Ints
    more_vital: Ints
    more_hours: Floats
    earliest: Floats
    order: npt.NDArray[np.int64]

    @property
    def complete(self) -> bool:
        """Was everything computed that was asked for?"""
        return self.done == self.total


def screen_singles(
    network: Network,
    horizon_hours: float,
    initiators: Sequence[int] | None = None,
    *,
    within: Mapping[str, frozenset[str]] | None = None,
    cores: int = 1,
    state: Path | None = None,
    progress: Progress | None = None,
    stop: Stop | None = None,
    compiled: bool | None = None,
) -> Singles:
    """What every unit takes down if it fails.

    Args:
        horizon_hours: finite.
        initiators: units; all of them by default.
        within: the sectors that a sector is part of, all the way up.
        cores: threads; the result does not depend on it.
        state: a file that keeps what is done, so that another call goes on from there.
        progress: called with how many initiators are done, of how many.
        stop: set it to end early; what is done by then is given.

    Raises:
        UsageError: the state is of something else.

    Cost: that of all cascades, some 0.1 to 0.3 µs per unit reached when compiled.
    """
    units = _chosen(network, initiators)
    horizon = _ticks(horizon_hours)
    sector, main, sectors = main_sectors(network, within or {})
    quick = len(units) > _PLAIN_SINGLES or _large(network) if compiled is None else compiled
    batches = Batches(
        kind="single",
        row=_SINGLE,
        parameters=(horizon, units.tobytes(), main.tobytes()),
        network=network,
        ends=_ends(len(units), _SINGLES),
    )

    def worker() -> Callable[[int, int, Stop], Outcome | None]:
        engine = FailureEngine(network, compiled=quick)
        ready, scratch = engine.ready, engine.scratch
        fixed = (ready(network.vital), ready(sector), ready(main))
        met = scratch(sectors, np.int32), scratch(sectors, np.int32)

        def work(first: int, last: int, stop: Stop) -> Outcome | None:
            size = last - first
            out = (scratch(5 * size, np.int32), scratch(size, np.float64), scratch(size, np.int64))
            struck = ready(units[first:last])
            at = 0
            while at < size:
                if stop.is_set():
                    return None
                engine.clear()
                at = engine.kernels.sweep(
                    *engine.state(), ready(np.zeros(1, np.int64)), struck, 1, at, size, horizon,
                    engine.most_gone, _EVENTS, TICKS_PER_HOUR, *fixed, *met, *out,
                )  # fmt: skip
            rows = np.empty(size, dtype=_SINGLE)
            counts = np.array(out[0], dtype=np.int32).reshape(size, 5)
            for place, name in enumerate(("units", "vital", "sectors", "others", "degraded")):
                rows[name] = counts[:, place]
            rows["hours"], rows["earliest"] = out[1], out[2]
            return Outcome(rows, size)

        return work

    found = batches.run(worker, cores=cores, state=state, progress=progress, stop=stop)
    kept = np.concatenate([np.arange(f, t) for f, t in found.ranges] or [np.zeros(0, np.int64)])
    rows = found.rows
    earliest = _hours(rows["earliest"])
    unit = units[kept]
    order = np.lexsort((unit, earliest, -rows["hours"], -rows["sectors"], -rows["vital"]))
    return Singles(
        horizon_hours,
        done=len(unit),
        total=len(units),
        unit=_frozen(unit),
        units=_frozen(rows["units"]),
        vital=_frozen(rows["vital"]),
        sectors=_frozen(rows["sectors"]),
        others=_frozen(rows["others"]),
        degraded=_frozen(rows["degraded"]),
        hours=_frozen(rows["hours"]),
        earliest=_frozen(earliest),
        order=_frozen(order),
    )


def screen_pairs(
    network: Network,
    horizon_hours: float,
    part: Sequence[int],
    *,
    cores: int = 1,
    state: Path | None = None,
    progress: Progress | None = None,
    stop: Stop | None = None,
    compiled: bool | None = None,
    prune: bool = True,
) -> Pairs:
    """What every pair among these units takes down beyond what its units do alone.

    Args:
        part: units; others as in :func:`screen_singles`, progress counts first units.
        prune: leave out the pairs that cannot interact (see above); the result is the same.

    Raises:
        UsageError: more than :data:`MOST_PAIRS` pairs, cascades that meet in too many places to
            keep, or a state of something else.

    Cost: three cascades per pair that is not pruned.
    """
    units = _chosen(network, part)
    asked = len(units) * (len(units) - 1) // 2
    if asked > MOST_PAIRS:
        raise _too_many(asked)
    horizon = _ticks(horizon_hours)
    quick = len(units) > _PLAIN_PART or _large(network) if compiled is None else compiled
    batches = Batches(
        kind="pair",
        row=_PAIR,
        parameters=(horizon, units.tobytes(), prune),
        network=network,
        ends=_ends(len(units), _FIRSTS),
    )
    meetings = _meetings(network, units, horizon, quick, asked) if prune else None
    tolerated = _tolerated(network)

    def worker() -> Callable[[int, int, Stop], Outcome | None]:
        engine = FailureEngine(network, compiled=quick)
        ready, scratch = engine.ready, engine.scratch
        vital, limit = ready(network.vital), ready(tolerated)
        never = np.full(len(network.units), horizon + 1)
        alone = ready(never), ready(never.copy()), scratch(2 * len(never), np.int32)
        absent = scratch(len(network.requirements), np.int32)
        partners = scratch(len(units), np.int32)

        def seconds(row: int) -> list[int]:
            if meetings is None:
                return list(range(row + 1, len(units)))
            n = engine.kernels.meet(*map(ready, meetings), limit, absent, row, partners)
            return [int(one) for one in partners[:n]]

        def work(first: int, last: int, stop: Stop) -> Outcome | None:
            rows = [(row, other) for row in range(first, last) for other in seconds(row)]
            struck = units[np.array(rows, dtype=np.int64).ravel()]
            size, at = len(rows), 0
            out = (
                scratch(4 * size, np.int32),
                scratch(2 * size, np.float64),
                scratch(size, np.int64),
            )
            given = ready(struck)
            while at < size:
                if stop.is_set():
                    return None
                engine.clear()
                at = engine.kernels.pairs(
                    *engine.state(), ready(np.zeros(2, np.int64)), given, at, size, horizon,
                    engine.most_gone, _EVENTS, TICKS_PER_HOUR, vital, *alone, *out,
                )  # fmt: skip
            found = np.empty(size, dtype=_PAIR)
            found["one"], found["other"] = struck[::2], struck[1::2]
            counts = np.array(out[0], dtype=np.int32).reshape(size, 4)
            for place, name in enumerate(("units", "vital", "more_units", "more_vital")):
                found[name] = counts[:, place]
            found["hours"], found["more_hours"] = out[1][::2], out[1][1::2]
            found["earliest"] = out[2]
            more = (found["more_units"] > 0) | (found["more_hours"] > 0)
            return Outcome(found[more], size)

        return work

    found = batches.run(worker, cores=cores, state=state, progress=progress, stop=stop)
    rows = found.rows
    earliest = _hours(rows["earliest"])
    keys = (-rows[name] for name in ("more_hours", "more_units", "more_vital"))
    order = np.lexsort((rows["other"], rows["one"], earliest, *keys))
    return Pairs(
        horizon_hours,
        done=sum(last - first for first, last in found.ranges),
        total=len(units),
        asked=asked,
        computed=found.computed,
        one=_frozen(rows["one"]),
        other=_frozen(rows["other"]),
        units=_frozen(rows["units"]),
        vital=_frozen(rows["vital"]),
        hours=_frozen(rows["hours"]),
        more_units=_frozen(rows["more_units"]),
        more_vital=_frozen(rows["more_vital"]),
        more_hours=_frozen(rows["more_hours"]),
        earliest=_frozen(earliest),
        order=_frozen(order),
    )


def main_sectors(network: Network, within: Mapping[str, frozenset[str]]) -> tuple[Ints, Ints, int]:
    """Per unit its sector and the topmost sector that this is part of, −1 unknown; how many."""
    names = list(network.sectors)
    number = {name: place for place, name in enumerate(names)}
    main = []
    for name in network.sectors:
        above = sorted(one for one in within.get(name, ()) if not within.get(one))
        top = above[0] if above else name
        main.append(number.setdefault(top, len(number)))
    table = np.array([*main, -1], dtype=np.int32)  # the last one is for −1
    return np.asarray(network.sector), table[network.sector], len(number)


def _meetings(
    network: Network, units: Ints, horizon: int, quick: bool, asked: int
) -> tuple[Any, Any, Any]:
    """What :func:`kg.cascade.kernels.reach` finds for these units."""
    engine = FailureEngine(network, compiled=quick)
    absent = engine.scratch(len(network.requirements), np.int32)
    pointers = engine.scratch(len(units) + 1, np.int64)
    struck, at, room = engine.ready(units), 0, 16 * len(units) + 1024
    found = engine.scratch(room, np.int32), engine.scratch(room, np.int32)
    while at < len(units):
        engine.clear()
        reached = engine.kernels.reach(
            *engine.state(), engine.ready(np.zeros(1, np.int64)), struck, at, horizon,
            engine.most_gone, absent, pointers, *found,
        )  # fmt: skip
        if reached == at or reached < len(units):
            room *= 2
            if room > _MOST_MEETINGS:
                raise _too_many(asked)
            grown = engine.scratch(room, np.int32), engine.scratch(room, np.int32)
            for old, new in zip(found, grown, strict=True):
                new[: len(old)] = old
            found = grown
        at = reached
    used = pointers[len(units)]
    columns = (pointers, found[0][:used], found[1][:used])
    return tuple(np.array(one) for one in columns)  # type: ignore[return-value]


def _tolerated(network: Network) -> Ints:
    absent = (np.diff(network.req_ptr) - network.minimum).astype(np.int32)
    # Restart requirements are in no cascade; reach does not name them either.
    return np.where(network.purpose == OPERATION, absent, 2**30).astype(np.int32)


def _chosen(network: Network, units: Sequence[int] | None) -> Ints:
    if units is None:
        return np.arange(len(network.units), dtype=np.int32)
    return np.unique(np.array(units, dtype=np.int32))


def _large(network: Network) -> bool:
    return len(network.units) + len(network.requirements) > PLAIN_UNTIL


def _ends(size: int, step: int) -> list[int]:
    return [*range(step, size, step), size] if size else []


def _ticks(horizon_hours: float) -> int:
    if not math.isfinite(horizon_hours) or horizon_hours < 0:
        raise UsageError(
            "usage.horizon",
            "Doorlichten kan tot een eindige horizon van 0 uur of meer.",
            "Screening takes a finite horizon of 0 hours or more.",
        )
    return to_ticks(horizon_hours)


def _frozen(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """A copy that nobody can change, without the rows that it stood in."""
    found = np.ascontiguousarray(array).copy()
    found.flags.writeable = False
    return found


def _hours(ticks: npt.NDArray[np.int64]) -> Floats:
    return np.array([math.inf if one < 0 else to_hours(one) for one in ticks.tolist()], np.float64)


def _too_many(asked: int) -> UsageError:
    return UsageError(
        "usage.screen-pairs",
        f"{asked} paren is te veel voor één vraag; kies een sector of minder eenheden.",
        f"{asked} pairs are too many for one question; choose a sector or fewer units.",
    )
