"""Every saved query on one release, in a process of its own, as people run them.

``saved_queries.py RELEASE`` prints JSON: by name the median and the 95th percentile in
milliseconds, and the rows; the slowest first.
"""

from __future__ import annotations

import json
import math
import random
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

REPEATS = 20

#: Where the values of required parameters are drawn from, by name of the query: what a person
#: would ask about, so that there is an answer to measure.
DRAWN_FROM = {
    "eigendomsketen": "?stake vit:owned ?organisation",
    "gemeenschappelijk-stroomopwaarts": (
        "?one a vit:VitalProcess ; vit:dependsOn ?first . ?one vit:dependsOn ?second . "
        "FILTER (STR(?first) < STR(?second))"
    ),
    "gevolgen-van-uitval": "?effect a vit:CascadeEffect ; vit:initiator ?initiator",
    "redundantie-in-de-diepte": ("?need a vit:RedundantRequirement ; vit:requiredBy ?unit"),
    "stappen-van-een-cascade": "?process a vit:VitalProcess . ?effect vit:affectedUnit ?process ; "
    "vit:initiator ?initiator ; vit:throughRequirement ?through",
    "stroomopwaarts": "?start a vit:VitalProcess ; vit:dependsOn ?any",
    "waar-leunt-op": "?unit a vit:FunctionalUnit ; vit:dependsOn ?any",
    "wat-haalt-een-proces-neer": "?process a vit:VitalProcess . ?effect a vit:CascadeEffect ; "
    "vit:affectedUnit ?process ; vit:resultingState vit:down",
    "wie-leunt-op": "?need vit:fulfilledBy ?unit",
}


def queries(release: Path) -> dict[str, Any]:
    """Every saved query, warm: median and 95th percentile in milliseconds over ``REPEATS`` runs.

    The first page is asked for, as ``kg query`` does on a terminal. Optional parameters keep their
    defaults; required ones take other things of the release in every run, drawn with a fixed seed.
    ``rows`` is the longest whole answer; a query without any is not measured at all, and is named.
    """
    from kg.names import SPARQL_PREFIXES
    from kg.queries import catalogue, run
    from kg.release import Release

    opened = Release.open(release)
    draw = random.Random(1)
    found = {}
    for query in catalogue():
        names = [param.name for param in query.params if param.required]
        choices: list[dict[str, str]] = [{}]
        if names:
            wanted = " ".join(f"?{name}" for name in names)
            text = f"SELECT DISTINCT {wanted} {{ {DRAWN_FROM[query.name]} }} ORDER BY {wanted}"
            answer = opened.store.select(SPARQL_PREFIXES + text).rows
            choices = [
                dict(zip(names, (str(getattr(term, "value", "")) for term in row), strict=True))
                for row in answer
            ] or [{}]
        times, rows = [], 0
        for _ in range(REPEATS):
            given = draw.choice(choices)
            if names and not given:
                break  # nothing to ask about
            seconds, table = timed(
                lambda given=given, name=query.name: run(opened.store, name, given, page=1)
            )
            times.append(seconds)
            if table.truncated and len(table) >= rows:
                table = run(opened.store, query.name, given)
            rows = max(rows, len(table))
        times = times or [0.0]
        found[query.name] = {
            "median_ms": round(statistics.median(times) * 1000, 1),
            "p95_ms": round(sorted(times)[math.ceil(0.95 * len(times)) - 1] * 1000, 1),
            "rows": rows,
        }
    return dict(sorted(found.items(), key=lambda item: -item[1]["p95_ms"]))


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """The seconds that some work takes, and what it gives."""
    started = time.perf_counter()
    result = work()
    return time.perf_counter() - started, result


if __name__ == "__main__":
    print(json.dumps(queries(Path(sys.argv[1]))))
