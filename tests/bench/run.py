"""The figures of the README, measured in one run: ``make bench`` writes bench-out/bench.{json,md}.

Everything that has a peer is timed against it in the same run, because machines differ and are
noisy; times that stand alone are of whole processes, memory is the peak of the process.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import cutsets as aralia  # noqa: E402 - the folder is no package
import guarding  # noqa: E402
import levels as marked  # noqa: E402
import registers as lei  # noqa: E402

ROOT = HERE.parent.parent
SIZES = (1_000, 10_000, 100_000)
PARTS = (
    "reasoning", "builds", "cascades", "restoration", "withdrawals", "queries", "cutsets",
    "registers", "guard", "levels",
)  # fmt: skip


def measured(code: str, *arguments: str) -> dict[str, float]:
    """Seconds and peak megabytes of a Python process of its own, with what it starts."""
    started = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-c", code, *arguments], cwd=ROOT)
    together = 0
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            break
        looked = time.perf_counter()
        together = max(together, held(process.pid))
        # Looking holds up who is looked at.
        time.sleep(max(0.02, 20 * (time.perf_counter() - looked)))
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"bench: {code!r} ended with {process.returncode}")
    return {
        "seconds": round(seconds, 2),
        "processor_seconds": round(usage.ru_utime + usage.ru_stime, 2),
        "megabytes": round(max(usage.ru_maxrss * 1024, together) / 2**20, 1),
    }


def held(process: int) -> int:
    """Bytes that a process and its children hold in memory now; 0 once it has ended.

    What several hold together counts once (PSS).
    """
    try:
        tasks = Path(f"/proc/{process}/task").glob("*/children")
        children = [child for one in tasks for child in one.read_text().split()]
        rollup = Path(f"/proc/{process}/smaps_rollup").read_text().split("Pss:")[1]
    except (OSError, IndexError):
        return 0
    return int(rollup.split()[0]) * 1024 + sum(held(int(child)) for child in children)


BUILD = """
from kg.allocator import start_again
start_again()  # as `kg build` does
import sys
from pathlib import Path
from kg.build import build
data = [Path(sys.argv[2])] if sys.argv[2] else None
build(data, Path(sys.argv[1]), validation=sys.argv[3] == "yes")
"""

REASON = """
import json, sys, time
from pathlib import Path
from kg.resources import folder
from kg.reason import reason
from kg.build import check
from kg.store import EmbeddedStore
sys.path.insert(0, "tests/bench")
from common import loaded, facts
store = loaded(Path(sys.argv[1]), int(sys.argv[2]))
started = time.perf_counter()
reason(store, folder("ontology"), folder("queries") / "rules", reasoner=sys.argv[3])
seconds = time.perf_counter() - started
Path(sys.argv[4]).write_text(json.dumps({"seconds": seconds, "facts": facts(store)}))
"""


WITHDRAW = """
import sys
from kg.cli.main import main
with open(sys.argv[2], "w", encoding="utf-8") as sys.stdout:
    main(["withdraw", *sys.argv[3:], "--release", sys.argv[1], "--format", "json"])
"""


def generate(units: int, out: Path, countries: int = 0) -> Path:
    """A generated data folder of this many units, made once; ``countries`` hold something each."""
    target = out / (f"data-{units}-{countries}" if countries else f"data-{units}")
    if not target.is_dir():
        subprocess.run(
            [sys.executable, HERE / "generate.py", "--units", str(units), "--out", target,
             "--seed", "1", "--countries", str(countries)],
            check=True, cwd=ROOT,
        )  # fmt: skip
    return target


def reasoning(out: Path) -> dict[str, Any]:
    """Ours against owlrl on some 19 thousand triples; the facts must be the same."""
    data = generate(1_000, out)
    found = {}
    for reasoner in ("sparql", "owlrl"):
        result = out / f"reason-{reasoner}.json"
        measured(REASON, str(data), "19000", reasoner, str(result))
        found[reasoner] = json.loads(result.read_text())
    ours, reference = found["sparql"], found["owlrl"]
    only_ours = sorted(set(ours["facts"]) - set(reference["facts"]))
    only_theirs = sorted(set(reference["facts"]) - set(ours["facts"]))
    return {
        "ours_seconds": round(ours["seconds"], 3),
        "owlrl_seconds": round(reference["seconds"], 2),
        "ratio": round(reference["seconds"] / ours["seconds"], 1),
        "facts": len(ours["facts"]),
        "only_ours": len(only_ours),
        "only_owlrl": len(only_theirs),
        "examples": [*only_ours[:3], *only_theirs[:3]],
    }


def builds(out: Path, sizes: tuple[int, ...]) -> dict[str, Any]:
    """The shipped data with validation; generated sets without, and how cost grows."""
    found: dict[str, Any] = {"shipped": measured(BUILD, str(out / "r-shipped"), "", "yes")}
    for units in sizes:
        data = generate(units, out)
        found[str(units)] = measured(BUILD, str(out / f"r-{units}"), str(data), "no")
    for small, large in itertools.pairwise(sizes):
        one, two = found[str(small)], found[str(large)]
        bound = n_log_n(small, large)
        two["growth"] = {
            "time": round(two["seconds"] / one["seconds"], 2),
            "memory": round(two["megabytes"] / one["megabytes"], 2),
            "n_log_n": round(bound, 2),
        }
    return found


def n_log_n(small: int, large: int) -> float:
    """How much more n log n is."""
    return large * math.log(large) / (small * math.log(small))


def withdrawals(out: Path, units: int = 10_000, countries: int = 60) -> dict[str, Any]:
    """Whole commands: all countries at once, and the one with most in hand, explained."""
    release, answer = out / f"r-{units}-{countries}", out / "withdrawals.json"
    measured(BUILD, str(release), str(generate(units, out, countries)), "no")
    ask = (WITHDRAW, str(release), str(answer))
    measured(*ask, "--trusted")  # the kernels are compiled once on a machine
    whole = sorted((measured(*ask, "--trusted") for _ in range(3)), key=lambda one: one["seconds"])
    found = json.loads(answer.read_text("utf-8"))
    most = max(found["rows"], key=lambda row: (row["strategic"], row["country"]))
    one = measured(*ask, most["country"])
    return {
        "units": units,
        "countries": found["countries"],
        "processes": len(found["processes"]),
        "fall": sum(row["strategic"] for row in found["rows"]),
        "seconds": whole[1]["seconds"],
        "megabytes": whole[1]["megabytes"],
        "one_seconds": one["seconds"],
        "one_falls": most["strategic"],
    }


#: Queries that have no rows in any release, and why.
EMPTY_BY_DESIGN = {
    "feiten-zonder-bron": "the intake refuses facts without a source",
}


def without_rows(found: dict[str, Any]) -> list[str]:
    """The queries whose milliseconds prove nothing."""
    return sorted(
        name
        for name, one in found.get("queries", {}).items()
        if not one.get("rows") and name not in EMPTY_BY_DESIGN
    )


def markdown(found: dict[str, Any]) -> str:
    """The figures as one table per subject."""
    lines = ["# Figures", ""]
    if "reasoning" in found:
        one = found["reasoning"]
        lines += [
            f"Reasoning, 19 thousand triples: {one['ours_seconds']} s, owlrl "
            f"{one['owlrl_seconds']} s: {one['ratio']} times faster; {one['facts']} facts, "
            f"{one['only_ours']} only ours, {one['only_owlrl']} only owlrl.",
            "",
        ]
    if "builds" in found:
        lines += [
            "| build | seconds | peak MB | time × | memory × | n log n × |",
            "|---|---|---|---|---|---|",
        ]
        for name, one in found["builds"].items():
            growth = one.get("growth", {})
            lines.append(
                f"| {name} | {one['seconds']} | {one['megabytes']} | {growth.get('time', '')} | "
                f"{growth.get('memory', '')} | {growth.get('n_log_n', '')} |"
            )
        lines.append("")
    if "cascades" in found:
        lines += cascade_lines(found["cascades"])
    if one := found.get("restoration"):
        lines += [
            "",
            f"Restoration of {one['units']:,} units, {one['events']:,} events: "
            f"{one['events_per_second']:,} a second; the oracle {one['oracle_events_per_second']:,}"
            f" ({one['ratio']} times). A sample that may reach {one['reached']:,} units: "
            f"{one['sample_us']} µs.",
            "",
        ]
    if one := found.get("withdrawals"):
        lines += [
            f"Withdrawal of each of {one['countries']} countries, {one['units']:,} units, whole "
            f"command: {one['seconds']} s, {one['megabytes']} MB; {one['fall']} times one of "
            f"{one['processes']} vital processes falls. One country explained, with what changes "
            f"each of its {one['one_falls']} verdicts: {one['one_seconds']} s.",
            "",
        ]
    if "cutsets" in found:
        lines += aralia.markdown(found["cutsets"])
    if "registers" in found:
        lines += lei.markdown(found["registers"])
    if "levels" in found:
        lines += marked.markdown(found["levels"])
    if "guard" in found:
        lines += guarding.markdown(found["guard"])
    if "queries" in found:
        slow = [one["p95_ms"] for one in found["queries"].values()]
        lines += [
            f"Saved queries with a 95th percentile under 300 ms: {sum(ms < 300 for ms in slow)} of "
            f"{len(slow)}; the slowest {max(slow):.0f} ms.",
            "",
        ]
        lines += ["| query | median ms | p95 ms | rows |", "|---|---|---|---|"]
        lines += [
            f"| {name} | {one['median_ms']} | {one['p95_ms']} | {one['rows'] or '**0**'} |"
            for name, one in found["queries"].items()
        ]
    return "\n".join(lines) + "\n"


def steps(points: list[dict[str, Any]]) -> list[str]:
    """A table of how much more each network costs than the one before it, and in all."""
    from screening import CURVES, grown  # which needs what stands here

    times = grown(points)
    pairs = [*itertools.pairwise(range(len(points)))]
    if len(points) > 2:
        pairs.append((0, len(points) - 1))
    names = [name for name, *_ in CURVES]
    lines = [
        "| growth, units | " + " | ".join(f"{title} ×" for _, title, *_ in CURVES) + " |",
        "|---" * (1 + len(names)) + "|",
    ]
    for one, two in pairs:
        cells = [f"{times[two][name] / times[one][name]:.4g}" for name in names]
        sizes = f"{points[one]['units']:,} to {points[two]['units']:,}"
        lines.append(f"| {sizes} | {' | '.join(cells)} |")
    return lines


def cascade_lines(found: dict[str, Any]) -> list[str]:
    """The figures of cascades and screening."""
    lines = [
        "| one cascade of everything, units | ms | loop alone, ms | operations | ns each | "
        "search: units | and requirements | fresh process, s | processor s | peak MB |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {one['units']:,} | {one['cascade_ms']} | {one['search']['cascade_ms']} | "
        f"{one['operations']['operations']:,} | "
        f"{one['search']['cascade_ms'] * 1e6 / one['operations']['operations']:.2f} | "
        f"{one['search']['ratio_units']} × | "
        f"{one['search']['ratio_requirements']} × | {one['fresh_seconds']} | "
        f"{one['fresh_processor_seconds']} | {one['fresh_megabytes']} |"
        for one in found["growth"]
    ]
    lines += [
        "",
        "Search: how many times a plain breadth-first search over the same fulfilments, in numba "
        "too, straight from unit to unit, and over the requirements between them.",
        "",
        "Operations: looks at and changes of arrays and comparisons in the heap, counted while the "
        "same text runs as plain Python (tests/bench/counting.py says what they are made of). The "
        "times of growth are those of the loops alone.",
        "",
        *steps(found["growth"]),
        "",
        "![growth](growth.svg)",
        "",
    ]
    lines += [
        "| all single failures, 72 h | s | processor s | ns per unit reached |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| {one['units']:,} units | {one['wall_seconds']} | {one['processor_seconds']} | "
        f"{one['ns_per_unit_reached']} |"
        for one in found["singles"]
    ]
    pairs = found["pairs"]
    lines += [
        "",
        f"Pairs: {pairs['computed']} of {pairs['pairs']} computed in "
        f"{pairs['processor_seconds']} processor s; all of them "
        f"{pairs['unpruned_processor_seconds']} s.",
        "",
        f"NDlib: {found['ndlib']}",
        "",
    ]
    return lines


def ran(part: str, out: Path, largest: int) -> bool:
    """Measure a part in a process of its own; whether that went well.

    What a process held before it starts another one counts as the peak of that one too (getrusage).
    """
    own = [__file__, "--out", str(out), "--largest", str(largest), "--only", part]
    process = subprocess.run([sys.executable, *own], check=False, stdout=subprocess.DEVNULL)
    return process.returncode == 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "bench-out")
    parser.add_argument("--only", choices=PARTS, action="append")
    parser.add_argument("--largest", type=int, default=SIZES[-1])
    options = parser.parse_args()
    out: Path = options.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    sizes = tuple(size for size in SIZES if size <= options.largest)
    wanted = options.only or ()
    failed = [] if wanted else [part for part in PARTS if not ran(part, out, options.largest)]
    path = out / "bench.json"
    found = json.loads(path.read_text()) if path.exists() else {}
    if "reasoning" in wanted:
        found["reasoning"] = reasoning(out)
    if "builds" in wanted:
        found["builds"] = builds(out, sizes)
    if "cascades" in wanted:
        from screening import cascades  # which measures with what stands here

        found["cascades"] = cascades(out, sizes[-1])
    if "queries" in wanted:
        told = subprocess.run(
            [sys.executable, HERE / "saved_queries.py", out / f"r-{sizes[-1]}"],
            check=True,
            capture_output=True,
        ).stdout
        found["queries"] = json.loads(told)
    if "guard" in wanted:
        release = out / "r-shipped"
        if not release.is_dir():
            measured(BUILD, str(release), "", "no")
        told = subprocess.run(
            [sys.executable, HERE / "guarding.py", release], check=True, capture_output=True
        ).stdout
        found["guard"] = json.loads(told)
    if "levels" in wanted:
        found["levels"] = marked.levels(out, ROOT / "data", measured)
    if "restoration" in wanted:
        from restoring import restoration  # which needs the oracle of the tests

        found["restoration"] = restoration()
    if "withdrawals" in wanted:
        found["withdrawals"] = withdrawals(out)
    if "cutsets" in wanted:
        found["cutsets"] = aralia.cutsets()
    if "registers" in wanted:
        found["registers"] = lei.registers(out, measured)
    path.write_text(json.dumps(found, indent=1) + "\n")
    (out / "bench.md").write_text(markdown(found))
    print(markdown(found))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"(this process: {peak:.0f} MB)")
    if empty := without_rows(found):
        raise SystemExit(f"bench: no rows, so nothing was measured: {', '.join(empty)}")
    if failed:
        raise SystemExit(f"bench: these parts failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
