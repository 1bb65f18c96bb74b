"""The figures of cascades and screening: kernel against a plain search, NDlib, growth, memory.

Growth is told twice, as operations and as time: how many operations there are follows from the
algorithm, how long one takes from where in memory it must look.

``run.py --only cascades`` calls this; networks are built from rows, without RDF between.
"""

from __future__ import annotations

import json
import math
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from counting import operations_of  # which stands here

from kg.cascade import screen_pairs, screen_singles
from kg.cascade.engine import FailureEngine
from kg.network import Network, parse_hours
from kg.network.assemble import RequirementRow, UnitRow, assemble
from kg.network.durations import TICKS_PER_HOUR
from kg.processes import usual_cores

HERE = Path(__file__).parent
#: The environment of what is measured against and needed for nothing else; the Makefile makes it.
PEERS = HERE.parent.parent / ".venv" / "peers" / "bin" / "python"
GROWTH = (1_000, 10_000, 100_000, 1_000_000)
#: Long enough for every buffer on the way to run out.
LONG = 10_000 * TICKS_PER_HOUR
REPEATS = 40
BUFFERS = (0, 0, 0, 0.25, 0.5, 1, 2, 4, 8, 24, 72)


def generated(units: int) -> Network:
    """The network of ``generate.py``, as a build would make it."""
    sys.path.insert(0, str(HERE))
    import generate

    tables = generate.tables_of(units, 1)
    found: list[UnitRow] = []
    needs: list[RequirementRow] = []

    def named(name: str) -> list[dict[str, Any]]:
        return [dict(zip(tables.columns[name], row, strict=True)) for row in tables.rows[name]]

    for name in ("VitalProcess", "Process", "Service", "Asset", "Supply", "StrategicStock"):
        for row in named(name):
            lag = parse_hours(row["restartLag"]) if row.get("restartLag") else None
            vital = name == "VitalProcess"
            found.append(UnitRow(row["id"], row["label"], "", row["inSector"], vital, lag))
            for link in ("operatedBy", "suppliedBy"):
                if row.get(link):
                    iri = f"{row['id']}/{link}/{row[link]}"
                    needs.append(RequirementRow(iri, row["id"], (row[link],), 1, 0.0))
    found += [UnitRow(row["id"], row["label"]) for row in named("Organisation")]
    for row in named("Requirement"):
        buffer = parse_hours(row["buffer"]) if row["buffer"] else None
        fulfillers = tuple(row["fulfilledBy"].split(";"))
        needs.append(
            RequirementRow(
                row["id"], row["requiredBy"], fulfillers, row["minimumFulfilled"], buffer,
                degrades=row["effect"] == "degrades", restart=row["purpose"] == "restart",
            )
        )  # fmt: skip
    return assemble(found, needs)


def connected(units: int) -> Network:
    """Two requirements and four fulfilments per unit; unit 0 takes everything down."""
    pick = random.Random(1)
    rows = [UnitRow(f"u{i:07d}", sector=f"s{i // 7 % 12}", vital=i % 200 == 199) for i in
            range(units)]  # fmt: skip
    needs = []
    for unit in range(1, units):
        for place in range(2):
            near = max(0, unit - 1 - int(pick.random() ** 2 * 12))
            fulfillers = (f"u{near:07d}", f"u{pick.randrange(units):07d}")
            needs.append(
                RequirementRow(f"r{2 * unit + place:07d}", f"u{unit:07d}", fulfillers, 2 - place,
                               float(pick.choice(BUFFERS)))
            )  # fmt: skip
    return assemble(rows, needs)


def seconds(work: Callable[[], object]) -> float:
    """Processor time of this thread: other programs on the machine count as little as can be."""
    started = time.thread_time()
    work()
    return time.thread_time() - started


def against_search(network: Network) -> dict[str, Any]:
    """One cascade of everything beside a breadth-first search over the same fulfilments, in turn.

    ``units``: from a unit straight to its dependents, the least that any program must do.
    ``requirements``: over the requirement between them, each seen once: the same graph.
    """
    import numba

    @numba.njit
    def by_units(pointers, targets, seen, queue, stamp):  # type: ignore[no-untyped-def]
        queue[0], seen[0], head, n = 0, stamp, 0, 1
        while head < n:
            unit = queue[head]
            head += 1
            for place in range(pointers[unit], pointers[unit + 1]):
                target = targets[place]
                if seen[target] != stamp:
                    seen[target] = stamp
                    queue[n] = target
                    n += 1
        return n

    @numba.njit
    def by_requirements(pointers, needs, dependent, seen, met, queue, stamp):  # type: ignore[no-untyped-def]
        queue[0], seen[0], head, n = 0, stamp, 0, 1
        while head < n:
            unit = queue[head]
            head += 1
            for place in range(pointers[unit], pointers[unit + 1]):
                need = needs[place]
                if met[need] != stamp:
                    met[need] = stamp
                    target = dependent[need]
                    if seen[target] != stamp:
                        seen[target] = stamp
                        queue[n] = target
                        n += 1
        return n

    units = len(network.units)
    engine = FailureEngine(network, compiled=True)
    targets = np.ascontiguousarray(network.dependent[network.use_reqs])
    seen, queue = np.zeros(units, np.int32), np.zeros(units, np.int32)
    met = np.zeros(len(network.dependent), np.int32)
    start, struck = np.zeros(1, np.int64), np.zeros(1, np.int32)
    turn = [0]
    bases = [1, 1]

    def search_units() -> int:
        turn[0] += 1
        return int(by_units(network.use_ptr, targets, seen, queue, turn[0]))

    def search_requirements() -> int:
        turn[0] += 1
        pointers, needs = network.use_ptr, network.use_reqs
        return int(by_requirements(pointers, needs, network.dependent, seen, met, queue, turn[0]))

    def settle() -> int:
        n = int(engine.kernels.settle(*engine.state(), start, struck, LONG, *bases))
        bases[0] += 2 * n
        bases[1] += engine.most_gone
        return n

    engine.clear()

    works = (search_units, search_requirements, settle)
    reached = [work() for work in works]  # compiled here
    times: list[list[float]] = [[], [], []]
    for _ in range(REPEATS):
        for place, work in enumerate(works):
            times[place].append(seconds(work))
    best = [min(one) * 1000 for one in times]
    return {
        "units": units,
        "fulfilments": len(network.use_reqs),
        "reached": reached,
        "search_units_ms": round(best[0], 4),
        "search_requirements_ms": round(best[1], 4),
        "cascade_ms": round(best[2], 4),
        "ratio_units": round(best[2] / best[0], 2),
        "ratio_requirements": round(best[2] / best[1], 2),
    }


def screened(network: Network, horizon_hours: float = 72.0) -> dict[str, Any]:
    """All single failures, warm, on all cores; the best of three for networks that are quick."""
    screen_singles(network, 1.0, range(8), compiled=True)
    times, work = [], []
    for _ in range(3 if len(network.units) < 50_000 else 1):
        wall, spent = time.perf_counter(), time.process_time()
        found = screen_singles(network, horizon_hours, cores=usual_cores(), compiled=True)
        times.append(time.perf_counter() - wall)
        work.append(time.process_time() - spent)
    reached = int(found.units.sum() + found.degraded.sum())
    return {
        "units": len(network.units),
        "cores": usual_cores(),
        "wall_seconds": round(min(times), 2),
        "processor_seconds": round(min(work), 2),
        "reached": reached,
        "ns_per_unit_reached": round(min(work) / max(1, reached) * 1e9),
    }


def paired(network: Network, most: int = 200) -> dict[str, Any]:
    """All pairs among the heaviest single failures, with and without pruning."""
    singles = screen_singles(network, 72.0, cores=usual_cores(), compiled=True)
    part = singles.unit[singles.order[:most]].tolist()
    screen_pairs(network, 72.0, part[:2], cores=1)  # compiles, where that was not done before
    times, found = [], []
    for prune in (True, False):
        spent = time.process_time()
        found.append(screen_pairs(network, 72.0, part, cores=usual_cores(), prune=prune))
        times.append(round(time.process_time() - spent, 2))
    assert len(found[0].one) == len(found[1].one)
    return {
        "pairs": found[0].asked,
        "computed": found[0].computed,
        "interacting": len(found[0].one),
        "processor_seconds": times[0],
        "unpruned_processor_seconds": times[1],
    }


OPENED = """
import sys
from pathlib import Path
from kg.cascade.engine import FailureEngine
from kg.network import Network
from kg.network.durations import TICKS_PER_HOUR
network = Network.load(Path(sys.argv[1]))
unit = network.index(network.units[0])
settled = FailureEngine(network).run([(0, unit)], 10_000 * TICKS_PER_HOUR)
assert len(settled.time) >= len(network.units), len(settled.time)
"""


def warm(network: Network) -> list[float]:
    """One cascade of everything, again and again."""
    engine = FailureEngine(network, compiled=True)
    engine.run([(0, 0)], LONG)
    return [seconds(lambda: engine.run([(0, 0)], LONG)) for _ in range(20)]


def growth(out: Path, sizes: tuple[int, ...]) -> list[dict[str, Any]]:
    """One cascade of everything per size, beside the searches; and in a fresh process."""
    from run import measured

    found = []
    for size in sizes:
        network = connected(size)
        folder = out / f"network-{size}"
        network.save(folder)
        times = warm(network)
        search = against_search(network)
        operations = operations_of(network, 0, LONG)
        assert operations.events == search["reached"][-1]
        del network
        opened = [measured(OPENED, str(folder)) for _ in range(3)]
        found.append(
            {
                "units": size,
                "cascade_ms": round(min(times) * 1000, 3),
                "search": search,
                "operations": operations._asdict(),
                "fresh_seconds": min(one["seconds"] for one in opened),
                "fresh_processor_seconds": min(one["processor_seconds"] for one in opened),
                "fresh_megabytes": min(one["megabytes"] for one in opened),
            }
        )
    return found


def ndlib_threshold(network: Network, out: Path) -> dict[str, Any] | None:
    """NDlib's threshold model on the same edges; None where it is not installed.

    Both get the same graph: an edge from each fulfiller to its dependent, all of threshold 0+, so
    that one absent neighbour is enough. It runs until nothing changes.
    """
    if not PEERS.exists():
        return None
    graph = out / "ndlib-edges.npz"
    sources = np.repeat(np.arange(len(network.units)), np.diff(network.use_ptr))
    targets = network.dependent[network.use_reqs]
    np.savez(graph, nodes=len(network.units), sources=sources, targets=targets)
    script = HERE / "ndlib_threshold.py"
    told = subprocess.run([PEERS, script, graph], check=True, capture_output=True).stdout
    theirs = json.loads(told.splitlines()[-1])
    ours = min(warm(network))
    return {
        "units": len(network.units),
        "ndlib_seconds": round(theirs["seconds"], 3),
        "ndlib_rounds": theirs["rounds"],
        "ndlib_reached": theirs["reached"],
        "ours_seconds": round(ours, 5),
        "ratio": round(theirs["seconds"] / ours),
    }


#: What grows, and how it is drawn.
CURVES = (
    ("operations", "operations of the cascade", "#2a7f3f", ""),
    ("cascade", "time of the cascade", "#154273", ""),
    ("search", "time of a breadth-first search", "#c60", ""),
    ("n_log_n", "n log n", "#999", "5 4"),
)


def grown(points: list[dict[str, Any]]) -> list[dict[str, float]]:
    """How many times as much as the smallest network each one takes.

    ``cascade`` and ``search`` are times of the loops alone, measured in turn; the search goes
    straight from unit to unit. ``operations`` are counted (:mod:`counting`).
    """
    rows = [
        {
            "operations": p["operations"]["operations"],
            "cascade": p["search"]["cascade_ms"],
            "search": p["search"]["search_units_ms"],
            "n_log_n": p["units"] * math.log(p["units"]),
        }
        for p in points
    ]
    return [{name: row[name] / rows[0][name] for name in row} for row in rows]


def picture(points: list[dict[str, Any]]) -> str:
    """Cost against size on logarithmic axes, as times that of the smallest network: SVG.

    Operations and time of the cascade, the time of a search over the same graph, and n log n.
    """
    from jinja2 import Template

    times = grown(points)
    top = max(1, math.ceil(math.log10(max(max(one.values()) for one in times))))
    left, right = (math.log10(points[at]["units"]) for at in (0, -1))

    def x(units: float) -> float:
        return round(70 + 500 * (math.log10(units) - left) / max(right - left, 1), 1)

    def y(factor: float) -> float:
        return round(330 - 290 * math.log10(factor) / top, 1)

    places = [x(p["units"]) for p in points]
    return Template(PICTURE, autoescape=True).render(
        curves=[
            (title, colour, dashes, 58 + 18 * at,
             [(a, y(one[name])) for a, one in zip(places, times, strict=True)])
            for at, (name, title, colour, dashes) in enumerate(CURVES)
        ],
        points=list(zip(places, points, strict=True)),
        lines=[(10**power, y(10**power)) for power in range(top + 1)],
    )  # fmt: skip


PICTURE = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 620 410" font-family="sans-serif">
<title>One cascade of everything: cost against units, as times that of the smallest network</title>
<rect width="620" height="410" fill="#fff"/>
{% for factor, at in lines %}<path d="M70 {{ at }}H570" stroke="#ddd"/>
<text x="64" y="{{ at + 4 }}" font-size="12" text-anchor="end">× {{ "{:,}".format(factor) }}</text>
{% endfor %}
{% for title, colour, dashes, at, places in curves %}
<polyline fill="none" stroke="{{ colour }}" stroke-width="2" stroke-dasharray="{{ dashes }}"
  points="{% for a, b in places %}{{ a }},{{ b }} {% endfor %}"/>
<path d="M84 {{ at }}h24" stroke="{{ colour }}" stroke-width="2" stroke-dasharray="{{ dashes }}"/>
<text x="114" y="{{ at + 4 }}" font-size="12">{{ title }}</text>
{% endfor %}
{% for a, p in points %}
<text x="{{ a }}" y="350" font-size="12" text-anchor="middle">{{ "{:,}".format(p.units) }}</text>
<text x="{{ a }}" y="366" font-size="11" text-anchor="middle" fill="#154273">
{{ p.search.cascade_ms }} ms</text>
{% endfor %}
<text x="320" y="392" font-size="12" text-anchor="middle">
units, and how long their cascade takes</text>
</svg>
"""


def cascades(out: Path, largest: int) -> dict[str, Any]:
    """All figures; writes growth.svg beside them."""
    sizes = tuple(size for size in GROWTH if size <= 10 * largest)
    points = growth(out, sizes)
    (out / "growth.svg").write_text(picture(points), encoding="utf-8")
    found: dict[str, Any] = {"growth": points}
    networks = [generated(size) for size in (10_000, 100_000) if size <= largest]
    found["singles"] = [screened(network) for network in networks]
    found["pairs"] = paired(networks[0])
    found["ndlib"] = ndlib_threshold(connected(10_000), out) or "not installed"
    return found


if __name__ == "__main__":
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "bench-out")
    sys.path.insert(0, str(HERE))
    target.mkdir(parents=True, exist_ok=True)
    print(json.dumps(cascades(target, 100_000), indent=1))
