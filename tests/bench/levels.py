"""Three levels of the shipped data against the highest of them alone."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

#: A third level: the shipped data have two.
SOURCES: Final = (
    "id,title,publisher,date,url,grade,marking\n"
    "meet-bron,Meetbron (fictief),Meting (fictief),2026-01-15,,A,stg-c\n"
)
SERVICES: Final = (
    "id,label,inSector,restartLag,source\nmeet-post,Meetpost (fictief),spoor,PT1H,meet-bron\n"
)

#: Odd, so that one of them is the median.
PAIRS: Final = 5

BUILD: Final = """
import sys
from pathlib import Path
from kg.allocator import start_again
start_again()
from kg.build import build
build([Path(one) for one in sys.argv[3:]], Path(sys.argv[1]), clearances=sys.argv[2].split())
"""


def levels(out: Path, shipped: Path, measured: Callable[..., dict[str, float]]) -> dict[str, Any]:
    """Seconds and processor seconds of both in the pair with the median ratio, and all ratios.

    In turn: where the speed of a machine comes and goes, two that follow each other compare.
    """
    extra = out / "data-levels"
    extra.mkdir(parents=True, exist_ok=True)
    (extra / "Source.csv").write_text(SOURCES, "utf-8")
    (extra / "Service.csv").write_text(SERVICES, "utf-8")
    data = [str(one) for one in (shipped / "public", shipped / "exercise", extra)]
    times: dict[str, list[dict[str, float]]] = {"stg-c": [], "openbaar dep-v stg-c": []}
    for _ in range(PAIRS):
        for names, found in times.items():
            release = out / "r-levels"
            shutil.rmtree(release, ignore_errors=True)
            found.append(measured(BUILD, str(release), names, *data))
    pairs = sorted(zip(*times.values(), strict=True), key=_ratio)
    one, three = pairs[PAIRS // 2]
    ratios = [round(_ratio(pair), 2) for pair in pairs]
    return {"one": one, "three": three, "ratio": ratios[PAIRS // 2], "ratios": ratios}


def _ratio(pair: tuple[dict[str, float], dict[str, float]]) -> float:
    one, three = pair
    return three["seconds"] / one["seconds"]


def markdown(found: dict[str, Any]) -> list[str]:
    one, three = found["one"], found["three"]
    return [
        f"Three levels of the shipped data: {three['seconds']} s, {three['megabytes']} MB; the "
        f"highest alone: {one['seconds']} s ({found['ratio']} ×, the median of "
        f"{', '.join(map(str, found['ratios']))}). Of the processor "
        f"{three['processor_seconds']} and {one['processor_seconds']} s.",
        "",
    ]
