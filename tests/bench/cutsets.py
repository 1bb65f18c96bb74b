"""The ten Aralia trees as whole commands: numbers, probabilities, seconds.

Looks in ../shared/aralia, next to the checkout; where that is absent it says so. SCRAM's seconds
are of whole commands on a like machine, for the four trees of which they are known. On a machine
with other work the processor seconds are the ones to compare.
"""

from __future__ import annotations

import csv
import json
import math
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final

ROOT = Path(__file__).parent.parent.parent
FOLDER = ROOT.parent / "shared" / "aralia"
ABSENT: Final = f"the Aralia trees are absent ({FOLDER.name}): nothing measured"
SCRAM: Final = {"chinese": 0.10, "baobab1": 0.36, "edf9205": 0.14, "jbd9601": 0.28}


def cutsets() -> dict[str, Any]:
    """Per tree: whether count and probability are as expected, and seconds of the whole command."""
    expected = FOLDER / "expected.csv"
    if not expected.is_file():
        return {"absent": ABSENT}
    found: dict[str, Any] = {"trees": {}}
    for row in csv.DictReader(expected.read_text("utf-8").splitlines()):
        path = FOLDER / f"{row['tree']}.xml"
        arguments = ["cutsets", "--open-psa", str(path), "--count-only", "--format", "json"]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        started = time.perf_counter()
        run = subprocess.run(
            [sys.executable, "-m", "kg", *arguments],
            capture_output=True,
            check=True,
            cwd=ROOT,
        )
        seconds = time.perf_counter() - started
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        answer = json.loads(run.stdout)
        wanted = float(row["top_event_probability"])
        found["trees"][row["tree"]] = {
            "count": answer["count"],
            "count_ok": answer["count"] == int(row["minimal_cut_sets"]) and answer["complete"],
            "probability": answer["probability"],
            "probability_ok": math.isclose(answer["probability"], wanted, rel_tol=1e-5),
            "seconds": round(seconds, 3),
            "processor_seconds": round(used, 3),
            "scram_seconds": SCRAM.get(row["tree"]),
        }
    trees = found["trees"]
    for kind in ("seconds", "processor_seconds"):
        found[f"total_{kind}"] = round(sum(one[kind] for one in trees.values()), 2)
        found[f"{kind}_of_the_four"] = round(sum(trees[name][kind] for name in SCRAM), 2)
    found["scram_of_the_four"] = round(sum(SCRAM.values()), 2)
    return found


def markdown(found: dict[str, Any]) -> list[str]:
    """The figures as lines of a table."""
    if "absent" in found:
        return [f"Cut sets: {found['absent']}.", ""]
    lines = [
        "| tree | minimal cut sets | as expected | probability | as expected | seconds | of which "
        "processor | SCRAM |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, one in found["trees"].items():
        lines.append(
            f"| {name} | {one['count']} | {'yes' if one['count_ok'] else 'NO'} | "
            f"{one['probability']:.6g} | {'yes' if one['probability_ok'] else 'NO'} | "
            f"{one['seconds']} | {one['processor_seconds']} | {one['scram_seconds'] or ''} |"
        )
    theirs = found["scram_of_the_four"]
    elapsed, used = found["seconds_of_the_four"], found["processor_seconds_of_the_four"]
    lines += [
        "",
        f"All ten: {found['total_seconds']} s, {found['total_processor_seconds']} s of the "
        f"processor. The four with a figure of SCRAM ({theirs} s): {elapsed} s "
        f"({elapsed / theirs:.1f} ×), {used} s of the processor ({used / theirs:.1f} ×).",
        "",
    ]
    return lines


if __name__ == "__main__":
    print("\n".join(markdown(cutsets())))
