"""The figures of restoration and sampling: the kernel against the oracle of dictionaries, in turn.

``run.py --only restoration`` calls this.
"""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path
from typing import Any

from kg.cascade import Outage, sample
from kg.cascade.restoration_engine import RestorationEngine, strikes_of
from kg.network import Network, NetworkBuilder
from kg.network.durations import TICKS_PER_HOUR, to_ticks

sys.path.insert(0, str(Path(__file__).parent.parent / "cascade"))

DAYS = 8
REPEATS = 4


def network_of(units: int) -> Network:
    """Three requirements per unit on earlier ones; restarts, refills, degradation, bounds."""
    pick = random.Random(7)
    builder = NetworkBuilder()
    for number in range(units):
        builder.unit(f"u{number:05d}", restart=pick.choice([0, 0.25, 0.5]))
    for number in range(1, units):
        for _ in range(3):
            near = {
                f"u{pick.randrange(max(0, number - 2000), number):05d}"
                for _ in range(pick.randint(1, 3))
            }
            builder.need(
                f"u{number:05d}",
                " ".join(sorted(near)),
                k=pick.randint(1, len(near)),
                buffer=pick.choice([0, 0.5, 1, 4.123]),
                refill=pick.choice([None, 6, 10]),
                degrades=pick.random() < 0.2,
                full=pick.random() < 0.1,
                restart=pick.random() < 0.05,
            )
    return builder.build()


def restoration(units: int = 10_000) -> dict[str, Any]:
    """A tenth of the units out for six to twelve hours, day after day."""
    import restoration_oracle

    network = network_of(units)
    outages = [
        Outage(unit, 24 * day + unit % 5, 24 * day + 6 + unit % 7)
        for day in range(DAYS)
        for unit in range(0, units, 10)
    ]
    horizon = 24 * (DAYS + 2)
    engine = RestorationEngine(network, compiled=True)
    starts, ends = strikes_of([(to_ticks(o.start), to_ticks(o.end), o.unit) for o in outages])
    rows = (starts.ravel(), ends.ravel(), len(starts), len(ends))
    assert network.plain  # made once, outside the measurement
    ours, oracle, events = [], [], [0, 0]
    for _ in range(REPEATS):
        spent = time.process_time()
        _, events[0] = engine.kernels.run(
            *engine.uses, engine.fixed, *engine.scratch, engine.events, *rows,
            horizon * TICKS_PER_HOUR, 10**6,
        )  # fmt: skip
        ours.append(time.process_time() - spent)
        run = restoration_oracle._Run(network, tuple(outages), horizon, False)
        spent = time.process_time()
        run.go(10**6)
        oracle.append(time.process_time() - spent)
        events[1] = len(run.events)
    sampled = sample(network, outages[:1], 72, 10, compiled=True)
    spent = time.process_time()
    sampled = sample(network, outages[:1], 72, 100, compiled=True)
    spent = time.process_time() - spent
    return {
        "units": units,
        "events": events[1],
        "events_per_second": round(events[0] / min(ours)),
        "oracle_events_per_second": round(events[1] / min(oracle)),
        "ratio": round((events[0] / min(ours)) / (events[1] / min(oracle)), 1),
        "samples": sampled.samples,
        "reached": len(sampled.units),
        "sample_us": round(spent / sampled.samples * 1e6),
    }
