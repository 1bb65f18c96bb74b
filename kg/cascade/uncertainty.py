"""How likely is it that a unit goes down by t, when buffers and outages are uncertain.

Each sample draws a buffer for every requirement with bounds, from the triangular distribution (low,
best, high), draws which outages occur (each independently, with its probability), and runs one
cascade. With one bound the other side is the best estimate; with none the buffer is fixed. What
comes out are counts, so that memory does not grow with the number of samples, and so that neither
the number of cores nor their order changes anything.

Intervals of probabilities are Wilson's at 95 %: E. B. Wilson (1927), Probable inference, the law of
succession, and statistical inference, JASA 22; recommended by L. D. Brown, T. T. Cai & A. DasGupta
(2001), Interval estimation for a binomial proportion, Statistical Science 16(2).
"""

from __future__ import annotations

import math
import os
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from kg.cascade import draws
from kg.cascade.engine import PLAIN_UNTIL
from kg.cascade.model import Assumption, Outage
from kg.cascade.restoration_engine import RestorationEngine, strikes_of
from kg.cascade.restoration_kernels import DONE, NO_ROOM
from kg.cascade.sampled import SampleResult, Varied
from kg.errors import KgError, UsageError
from kg.network import Network
from kg.network.durations import TICKS_PER_HOUR, to_hours, to_ticks
from kg.network.model import OPERATION

#: At this number the interval of any probability is narrower than 0.2 %: far more exact than any
#: estimate of a buffer.
MOST_SAMPLES: Final = 1_000_000
#: Moments of the grid beside 0; between two of them first losses are told apart further.
GRID: Final = 24
_FINEST: Final = 180
#: Numbers in the sums of one core; larger networks are told in coarser steps of time.
_ROOM: Final = 20_000_000
#: Numbers drawn at a time.
_BLOCK: Final = 1 << 20
_MOST_CHANGES: Final = 1_000_000
#: Units times samples up to which loading the compiler takes longer than plain Python.
_PLAIN_WORK: Final = 10 * PLAIN_UNTIL

Ints = npt.NDArray[np.int64]


class _Plan(NamedTuple):
    """What all cores share."""

    network: Network
    outages: tuple[Outage, ...]
    horizon: int
    seed: int
    reached: Ints  # units, sorted
    varied: tuple[Varied, ...]
    grid: int
    per: int
    step: int


def sample(
    network: Network,
    outages: Iterable[Outage],
    horizon_hours: float,
    samples: int,
    seed: int = 0,
    *,
    cores: int = 1,
    compiled: bool | None = None,
    progress: Callable[[int], None] | None = None,
) -> SampleResult:
    """N cascades with buffers and outages drawn at random, added up.

    Args:
        outages: those with a probability occur with it, the others always.
        horizon_hours: finite.
        samples: 1 to :data:`MOST_SAMPLES`.
        seed: 0 to 2⁶³ − 1; the same seed gives the same result.
        cores: threads; they change nothing but the time.
        compiled: by default where that is quicker.
        progress: is told how many samples are done.

    Returns:
        The sums. Interrupted (Ctrl-C), those of the first samples: what a run with just that
        number gives.

    Raises:
        UsageError: a number out of range, or bounds of a buffer that are not low ≤ best ≤ high.
        KgError: the network swings without end within the horizon.

    Cost: samples times that of one cascade; memory that of the reached units.
    """
    struck = tuple(outages)
    _check(horizon_hours, samples, seed, cores)
    plan = _plan(network, struck, horizon_hours, seed)
    if compiled is None:
        compiled = samples * max(1, len(plan.reached)) > _PLAIN_WORK
    cores = min(cores, os.cpu_count() or 1, samples)
    workers = [_Worker(plan, compiled) for _ in range(cores)]
    done = _work(workers, samples, max(1, len(plan.varied) + len(struck)), progress)
    totals = [sum(columns) for columns in zip(*(one.sums() for one in workers), strict=True)]
    return SampleResult(
        network=network,
        outages=struck,
        horizon_hours=horizon_hours,
        asked=samples,
        samples=done,
        seed=seed,
        units=plan.reached,
        step_hours=to_hours(plan.step),
        grid_hours=tuple(
            to_hours(min(moment * plan.per * plan.step, plan.horizon))
            for moment in range(plan.grid + 1)
        ),
        per=plan.per,
        fell=totals[0].reshape(len(plan.reached), plan.grid * plan.per + 1),
        lasted=totals[1],
        units_down=totals[2].reshape(plan.grid + 1, len(plan.reached) + 1),
        vital_down=totals[3].reshape(plan.grid + 1, len(plan.reached) + 1),
        varied=plan.varied,
        fixed=_fixed(plan),
        assumptions=_assumptions(plan),
    )


def _check(horizon_hours: float, samples: int, seed: int, cores: int) -> None:
    if not math.isfinite(horizon_hours) or horizon_hours < 0:
        raise UsageError(
            "usage.horizon",
            "Voor een steekproef is een eindige horizon nodig.",
            "Sampling needs a finite horizon.",
        )
    if not 1 <= samples <= MOST_SAMPLES:
        raise UsageError(
            "usage.samples",
            f"{samples} trekkingen kan niet; kies er 1 tot en met {MOST_SAMPLES}. Bij het meeste "
            "is het interval van elke kans al smaller dan 0,2 procentpunt.",
            f"{samples} samples is not possible; choose 1 to {MOST_SAMPLES}. At the most the "
            "interval of any probability is narrower than 0.2 percentage points.",
        )
    if not 0 <= seed < draws.SEEDS:
        raise UsageError(
            "usage.seed",
            f"{seed} kan geen beginwaarde zijn; kies een geheel getal van 0 tot 2^63.",
            f"{seed} cannot be a seed; choose a whole number from 0 to 2^63.",
        )
    if cores < 1:
        raise UsageError(
            "usage.cores",
            f"Op {cores} kernen kan niet gerekend worden; kies er 1 of meer.",
            f"{cores} cores cannot compute anything; choose 1 or more.",
        )


def _plan(network: Network, outages: tuple[Outage, ...], horizon_hours: float, seed: int) -> _Plan:
    horizon = to_ticks(horizon_hours)
    reached = _reach(network, [one.unit for one in outages])
    per = max(1, min(_FINEST, _ROOM // (GRID * max(1, len(reached)))))
    step = max(1, -(-horizon // (GRID * per)))
    return _Plan(
        network, outages, horizon, seed, reached, _varied(network, reached), GRID, per, step
    )


def _reach(network: Network, units: Sequence[int]) -> Ints:
    """The units that can be reached from these along operation requirements, sorted."""
    seen = np.zeros(len(network.units), dtype=np.bool_)
    edge = np.unique(np.array(units, dtype=np.int64))
    while len(edge):
        seen[edge] = True
        starts, sizes = network.use_ptr[edge], np.diff(network.use_ptr)[edge]
        offsets = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        reqs = network.use_reqs[np.repeat(starts, sizes) + offsets]
        next_ = np.unique(network.dependent[reqs[network.purpose[reqs] == OPERATION]])
        edge = next_[~seen[next_]]
    return np.flatnonzero(seen).astype(np.int64)


def _relevant(network: Network, reached: Ints) -> Ints:
    """The operation requirements of what can be reached."""
    inside = np.zeros(len(network.units), dtype=np.bool_)
    inside[reached] = True
    return np.flatnonzero(inside[network.dependent] & (network.purpose == OPERATION))


def _varied(network: Network, reached: Ints) -> tuple[Varied, ...]:
    """The requirements whose buffer is drawn."""
    found = []
    for requirement in _relevant(network, reached).tolist():
        low, high = (float(a[requirement]) for a in (network.buffer_low, network.buffer_high))
        best = float(network.buffer[requirement])
        missing = "".join(side for side, one in (("low", low), ("high", high)) if math.isnan(one))
        low, high = (best if math.isnan(one) else one for one in (low, high))
        if not low <= best <= high:
            raise UsageError(
                "usage.bounds",
                f"De buffer van '{network.requirement_label(requirement)}' is laag {low:g}, best "
                f"{best:g} en hoog {high:g} uur; dat hoort oplopend te zijn.",
                f"The buffer of '{network.requirement_label(requirement)}' is low {low:g}, best "
                f"{best:g} and high {high:g} hours; these should go up.",
            )
        if low < high < math.inf:
            found.append(Varied(requirement, low, best, high, missing))
    return tuple(found)


def _fixed(plan: _Plan) -> tuple[int, ...]:
    """The requirements that count with one buffer in every sample."""
    drawn = {one.requirement for one in plan.varied}
    relevant = _relevant(plan.network, plan.reached).tolist()
    return tuple(one for one in relevant if one not in drawn)


def _assumptions(plan: _Plan) -> tuple[Assumption, ...]:
    """What is unknown and counted as 0, among all that can be reached."""
    network = plan.network
    found = [
        Assumption("unknown-buffer", one) for one in _fixed(plan) if not network.buffer_known[one]
    ]
    if any(math.isfinite(one.end) for one in plan.outages):
        found += [
            Assumption("unknown-restart-lag", one)
            for one in plan.reached.tolist()
            if not network.restart_known[one]
        ]
    return tuple(sorted(found))


class _Worker:
    """One thread with its scratch and its sums."""

    def __init__(self, plan: _Plan, compiled: bool) -> None:
        self.plan = plan
        self.engine = engine = RestorationEngine(plan.network, compiled=compiled)
        rows, outages = len(plan.reached), plan.outages
        # Outages that are alike are told apart by their number.
        seen: Counter[str] = Counter()
        names = []
        for one in outages:
            name = f"{plan.network.units[one.unit]} {one.start!r} {one.end!r} {one.cause!r}"
            names.append(f"outage {name} {seen[name]}")
            seen[name] += 1
        self.words = draws.keys(
            [plan.network.requirements[one.requirement] for one in plan.varied] + names
        )
        bounds = [(one.low, one.best, one.high) for one in plan.varied]
        self.bounds = np.array(bounds, dtype=np.float64).reshape(-1, 3).T * TICKS_PER_HOUR
        self.chances = np.array([_certain(one) for one in outages], dtype=np.float64)
        starts, ends = strikes_of(
            [(to_ticks(one.start), to_ticks(one.end), one.unit) for one in outages]
        )
        row = np.full(len(plan.network.units), -1, dtype=np.int64)
        row[plan.reached] = np.arange(rows)
        drawn = np.array([one.requirement for one in plan.varied], dtype=np.int64)
        self.drawn = engine.ready(drawn)
        self.strikes = [engine.ready(one.ravel()) for one in (starts, ends)]
        self.work = [engine.zeros(3 * len(outages)) for _ in range(2)]
        self.rows = [engine.ready(row), engine.ready(plan.network.vital.astype(np.int64))]
        self.marks = [engine.zeros(rows), engine.zeros(2 * (plan.grid + 1))]
        counts = (plan.grid + 1) * (rows + 1)
        edges = plan.grid * plan.per + 1
        self.totals = [engine.zeros(size) for size in (rows * edges, rows, counts, counts)]

    def go(self, first: int, last: int) -> None:
        """Do these samples."""
        plan, engine = self.plan, self.engine
        chances = draws.uniform(plan.seed, first, last, self.words)
        split = len(plan.varied)
        buffers = np.rint(draws.triangular(chances[:, :split], *self.bounds)).astype(np.int64)
        occurs = (chances[:, split:] < self.chances).astype(np.int64)
        buffers_, occurs_ = engine.ready(buffers.ravel()), engine.ready(occurs.ravel())
        done = 0
        while done < last - first:
            status, done = engine.kernels.sample(
                *engine.uses,
                engine.fixed,
                *engine.scratch,
                engine.events,
                self.drawn,
                buffers_,
                *self.strikes,
                occurs_,
                *self.work,
                plan.horizon,
                _MOST_CHANGES,
                done,
                last - first,
                plan.step,
                plan.per,
                *self.rows,
                *self.marks,
                *self.totals,
            )
            if status == NO_ROOM:
                engine.events = engine.zeros(2 * len(engine.events))
            elif status == DONE and done < last - first:
                raise KgError(
                    "cascade.endless",
                    f"Trekking {first + done} blijft op en neer gaan: meer dan {_MOST_CHANGES} "
                    "wisselingen. Kies een kortere horizon.",
                    f"Sample {first + done} keeps swinging: more than {_MOST_CHANGES} changes. "
                    "Choose a shorter horizon.",
                )

    def sums(self) -> list[Ints]:
        """What was added up."""
        return [np.array(one, dtype=np.int64) for one in self.totals]


def _certain(outage: Outage) -> float:
    return 1.0 if outage.probability is None else outage.probability


def _work(
    workers: Sequence[_Worker],
    samples: int,
    drawn: int,
    progress: Callable[[int], None] | None,
) -> int:
    """Hand out the samples in order until they are done or somebody interrupts; how many are done.

    Whatever was handed out is finished, so that the samples done are always the first ones.
    """
    size = max(1, min(256, _BLOCK // drawn))
    blocks = iter(range(0, samples, size))
    stop = threading.Event()
    done = 0

    def follow(worker: _Worker, first: int) -> int:
        worker.go(first, min(first + size, samples))
        return min(first + size, samples) - first

    with ThreadPoolExecutor(len(workers)) as pool:
        running: dict[Future[int], _Worker] = {}
        idle = list(workers)
        while True:
            try:
                while idle and not stop.is_set() and (first := next(blocks, None)) is not None:
                    worker = idle.pop()
                    running[pool.submit(follow, worker, first)] = worker
                if not running:
                    return done
                finished, _ = wait(running, timeout=0.2, return_when=FIRST_COMPLETED)
                for future in finished:
                    idle.append(running.pop(future))
                    done += future.result()
                if progress is not None and finished:
                    progress(done)
            except KeyboardInterrupt:
                stop.set()
