"""What the guard of queries costs: small queries in turn here and through it; starting a process.

``guarding.py RELEASE`` prints JSON, in milliseconds. It is a process of its own: with one thread,
as a command has, so that starting can fork. Times of the two ways are taken one after the other,
pair by pair, so that a slow spell of the machine meets both. On a machine that does other things as
well, most of what is added is waiting for a processor; so the time of the processors, of both
processes together, is told beside it.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kg.guard import Guard
from kg.queries import Table, run, run_text
from kg.release import Release

REPEATS = 200
STARTS = 10

TEXTS = {
    "one row": "SELECT ?label { ?process a vit:VitalProcess ; skos:prefLabel ?label } LIMIT 1",
    "vital processes": "SELECT ?process { ?process a vit:VitalProcess }",
    "ask": "ASK { ?process a vit:VitalProcess }",
}
SAVED = "lijsten-vitale-processen"


def milliseconds(what: Callable[[], object]) -> float:
    started = time.perf_counter()
    what()
    return 1000 * (time.perf_counter() - started)


def processor(guard: Guard) -> float:
    """Milliseconds of the processor that this process and those of the guard have had."""
    theirs = sum(
        int(Path(f"/proc/{one.pid}/task/{task}/schedstat").read_text().split()[0])
        for one in guard._all
        for task in os.listdir(f"/proc/{one.pid}/task")
    )
    return 1000 * time.process_time() + theirs / 1e6


def processor_ms(guard: Guard, what: Callable[[], object]) -> float:
    """Of one call, over ``REPEATS`` of them."""
    before = processor(guard)
    for _ in range(REPEATS):
        what()
    return (processor(guard) - before) / REPEATS


def started(store: Path, fork: bool) -> float:
    """From nothing to the answer of a first small query; the median of some."""

    def first() -> None:
        with Guard(store, fork=fork) as guard:
            guard.run_text(TEXTS["one row"])

    return round(statistics.median(milliseconds(first) for _ in range(STARTS)), 1)


def main() -> None:
    release = Release.open(Path(sys.argv[1]))
    place = release.path / "store"
    forked = started(place, True)  # first: opening the store here starts threads
    spawned = started(place, False)
    store = release.store
    ways: dict[str, tuple[Callable[[], Any], Callable[[], Any]]] = {}
    with Guard(place) as guard:
        for name, text in TEXTS.items():
            ways[name] = (
                lambda text=text: run_text(store, text),  # type: ignore[misc]
                lambda text=text: guard.run_text(text),  # type: ignore[misc]
            )
        ways[SAVED] = (lambda: run(store, SAVED), lambda: guard.run(SAVED))
        queries = {}
        for name, (direct, guarded) in ways.items():
            answer = direct()
            if answer != guarded():
                raise SystemExit(f"bench: {name}: another answer through the guard")
            pairs = [(milliseconds(direct), milliseconds(guarded)) for _ in range(REPEATS)]
            one, two = (statistics.median(column) for column in zip(*pairs, strict=True))
            used = processor_ms(guard, guarded) - processor_ms(guard, direct)
            added = sorted(there - here for here, there in pairs)
            queries[name] = {
                "rows": len(answer.rows) if isinstance(answer, Table) else 1,
                "direct_ms": round(one, 2),
                "guarded_ms": round(two, 2),
                "added_ms": round(statistics.median(added), 2),
                "added_p95_ms": round(added[int(0.95 * len(added))], 2),
                "added_processor_ms": round(used, 2),
                "ratio": round(two / one, 2),
            }
    print(json.dumps({"fork_ms": forked, "spawn_ms": spawned, "queries": queries}))


def markdown(found: dict[str, Any]) -> list[str]:
    """The figures as lines."""
    return [
        f"Guard: a process is there with its first answer in {found['fork_ms']} ms (forked), "
        f"{found['spawn_ms']} ms (a new interpreter).",
        "",
        "| small query, warm | rows | direct, ms | guarded, ms | added, ms | added, p95 | "
        "added, processor ms | × |",
        "|---|---|---|---|---|---|---|---|",
        *(
            f"| {name} | {one['rows']} | {one['direct_ms']} | {one['guarded_ms']} | "
            f"{one['added_ms']} | {one['added_p95_ms']} | {one['added_processor_ms']} | "
            f"{one['ratio']} |"
            for name, one in found["queries"].items()
        ),
        "",
    ]


if __name__ == "__main__":
    main()
