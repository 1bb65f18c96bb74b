"""Hostile inputs, many of them: none may crash, hang or get into a release.

    python tests/fuzz/run.py [--inputs N] [--seed S] [--target NAME]… [--only NUMBER]

Every input follows from target, seed and number alone. What fails is written to ``fuzz-out/`` with
the command that repeats it; the end is a table. Exit code 1 when anything failed.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import queue
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from cases import Case  # noqa: E402
from targets import TARGETS  # noqa: E402
from worker import rng_of  # noqa: E402

#: Seconds to get ready: imports, ontology, reference data.
_START = 120.0
#: Inputs that one process takes in a row.
_BATCH = 200

DATA = {
    "Source.csv": b"id,title,publisher,date,url,grade,marking\n"
    b"s1,Interview,Ministerie,2026-01-15,,B,openbaar\n",
    "Service.csv": b"id,label,inSector,restartLag,locatedAt,source\n"
    b"grid,Regionaal net (fictief),energie,PT2H,hier,s1\n"
    b"gsmr,Treinradio (fictief),telecom,,,s1\nrail,Treindienst (fictief),spoor,PT4H,,s1\n",
    "Place.csv": b"id,label,asWKT,source\nhier,Hier (fictief),POINT(5 52),s1\n",
    "Requirement.csv": b"id,label,requiredBy,fulfilledBy,minimumFulfilled,buffer,effect,source\n"
    b"r1,Stroom voor de treinradio,gsmr,grid,1,PT3H,fails,s1\n"
    b"r2,Stroom en radio voor de treindienst,rail,grid;gsmr,2,PT0H,fails,s1\n",
}


@dataclass
class Tally:
    """What came of the inputs of one target."""

    name: str
    inputs: int = 0
    told: int = 0
    accepted: int = 0
    crashes: int = 0
    hangs: int = 0
    slowest: float = 0.0
    failures: list[dict[str, Any]] = field(default_factory=list)

    def count(self, report: dict[str, Any]) -> None:
        self.inputs += 1
        outcome = report["outcome"]
        if outcome in ("crash", "hang"):
            self.failures.append(report)
        self.told += outcome == "told"
        self.accepted += outcome == "accepted"
        self.crashes += outcome == "crash"
        self.hangs += outcome == "hang"
        self.slowest = max(self.slowest, report["seconds"])


class _Process:
    """A worker, its reports as they come."""

    def __init__(self, name: str, work: Path, seed: int, numbers: Sequence[int]) -> None:
        self.log = tempfile.TemporaryFile()  # noqa: SIM115
        self._it = subprocess.Popen(
            [sys.executable, str(HERE / "worker.py"), name, str(work), str(seed)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            start_new_session=True,
            cwd=HERE,
        )
        assert self._it.stdin is not None
        self._it.stdin.write(" ".join(map(str, numbers)).encode())
        self._it.stdin.close()
        self._reports: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._it.stdout is not None
        for line in self._it.stdout:
            self._reports.put(json.loads(line))
        self._reports.put(None)

    def next(self, seconds: float) -> dict[str, Any] | None:
        """The next report; ``None`` when the process ended.

        Raises:
            queue.Empty: nothing was said for so long.
        """
        return self._reports.get(timeout=seconds)

    def end(self) -> str:
        """End it with all that it started; how it ended, with the last of what it complained."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._it.pid, signal.SIGKILL)
        code = self._it.wait()
        self._reader.join()
        assert self._it.stdout is not None
        self._it.stdout.close()
        self.log.seek(0)
        told = self.log.read()[-3_000:].decode("utf-8", "replace")
        self.log.close()
        return f"ended with {code}\n{told}"


def run_target(name: str, work: Path, seed: int, numbers: Sequence[int]) -> Tally:
    """Run these inputs of a target, in as many processes as it takes."""
    tally = Tally(name)
    left = list(numbers)
    failed_starts = 0
    while left:
        process = _Process(name, work, seed, left[:_BATCH])
        limit, at, done = _START, -1, 0
        try:
            while True:
                try:
                    report = process.next(limit if at >= 0 else _START)
                except queue.Empty:
                    report = {"number": at, "seconds": limit, "outcome": "hang", "why": "hang"}
                    report["trace"] = process.end()
                    tally.count(report)
                    done += 1
                    break
                if report is None:
                    told = process.end()
                    if at >= 0:
                        why = f"the process {told.splitlines()[0]}"
                        crash = {"number": at, "seconds": 0.0, "outcome": "crash", "why": why}
                        tally.count({**crash, "trace": told})
                        done += 1
                    elif done == 0:
                        failed_starts += 1
                        if failed_starts > 1:
                            raise RuntimeError(f"{name} does not start: {told}")
                    break
                if "limit" in report:
                    limit = report["limit"]
                elif "at" in report:
                    at = report["at"]
                else:
                    tally.count(report)
                    done, at = done + 1, -1
        finally:
            if process._it.poll() is None:
                process.end()
        left = left[done:]
    return tally


def shares(total: int, names: Sequence[str]) -> dict[str, int]:
    """How many inputs each target gets of so many; at least one each, together the total."""
    weights = {name: TARGETS[name].share for name in names}
    whole = sum(weights.values())
    found = {name: max(1, total * weight // whole) for name, weight in weights.items()}
    most = max(found, key=lambda name: weights[name])
    found[most] = max(1, found[most] + total - sum(found.values()))
    return found


def prepare(work: Path) -> None:
    """The release that questions and commands are asked of."""
    from kg.build import build

    if not (work / "releases").exists():
        build([Case(dict(DATA)).written(work / "mijn")], work / "releases")


def run(
    per_target: dict[str, int],
    seed: int,
    work: Path,
    cores: int,
    done: Callable[[Tally, Path], None],
) -> list[Tally]:
    """Run so many inputs of each target, ``cores`` targets at a time.

    Args:
        done: is told what came of a part of the inputs of a target, and its folder.
    """
    prepare(work)
    waiting: queue.Queue[tuple[str, range]] = queue.Queue()
    tallies = {name: Tally(name) for name in per_target}
    pieces = []
    for name, count in per_target.items():
        size = max(1, min(count, 20 if name == "build" else 2 * _BATCH))
        pieces += [(name, range(at, min(at + size, count))) for at in range(0, count, size)]
    # What takes longest first, so that no processor waits at the end.
    pieces.sort(key=lambda piece: -TARGETS[piece[0]].limit)
    for piece in pieces:
        waiting.put(piece)
    lock = threading.Lock()
    errors: list[BaseException] = []

    def take() -> None:
        while True:
            try:
                name, numbers = waiting.get_nowait()
            except queue.Empty:
                return
            place = work / f"{name}-{numbers.start}"
            try:
                found = run_target(name, place, seed, numbers)
            except BaseException as error:
                errors.append(error)
                return
            with lock:
                done(found, place)
                shutil.rmtree(place, ignore_errors=True)
                whole = tallies[name]
                for key in ("inputs", "told", "accepted", "crashes", "hangs"):
                    setattr(whole, key, getattr(whole, key) + getattr(found, key))
                whole.slowest = max(whole.slowest, found.slowest)
                whole.failures += found.failures

    threads = [threading.Thread(target=take) for _ in range(cores)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return list(tallies.values())


def keep(tally: Tally, seed: int, out: Path, work: Path) -> None:
    """Write each failing input with what came of it and the command that repeats it."""
    target = TARGETS[tally.name](work) if tally.failures else None
    for failure in tally.failures:
        assert target is not None
        number = failure["number"]
        place = out / f"{tally.name}-{seed}-{number}"
        place.mkdir(parents=True, exist_ok=True)
        command = f"python tests/fuzz/run.py --target {tally.name} --seed {seed} --only {number}\n"
        text = f"{command}\n{failure['why']}\n\n{failure.get('trace', '')}\n"
        (place / "REPEAT.txt").write_text(text, "utf-8", "backslashreplace")
        case = target.make(rng_of(tally.name, seed, number))
        for name, data in case.files.items():
            path = place / "input" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        if case.texts:
            (place / "texts.json").write_text(json.dumps(case.texts, indent=1), "utf-8")


def table(tallies: Sequence[Tally]) -> str:
    """What came of it, a line per target and one of all."""
    lines = [("target", "inputs", "told", "accepted", "crashes", "hangs", "slowest")]
    total = Tally("all")
    for one in tallies:
        for key in ("inputs", "told", "accepted", "crashes", "hangs"):
            setattr(total, key, getattr(total, key) + getattr(one, key))
        total.slowest = max(total.slowest, one.slowest)
    for one in [*tallies, total]:
        numbers = (one.inputs, one.told, one.accepted, one.crashes, one.hangs)
        lines.append((one.name, *map(str, numbers), f"{one.slowest:.2f} s"))
    widths = [max(len(line[at]) for line in lines) for at in range(7)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if at == 0 else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    )


def run_covered(seed: int, seconds: int, out: Path) -> list[str]:
    """The part that follows the code that it reaches; what failed, in a line each."""
    from covered import READERS

    if find_spec("atheris") is None:
        print("atheris is not there for this Python: the part that follows coverage is left out")
        return []
    out.mkdir(parents=True, exist_ok=True)
    wrong = []
    for name in READERS:
        command = [sys.executable, str(HERE / "covered.py"), name, str(out)]
        options = [f"-seed={seed}", f"-max_total_time={seconds}", "-timeout=20", "-max_len=65536"]
        done = subprocess.run(
            [*command, *options, "-rss_limit_mb=4096", "-verbosity=1", "-print_final_stats=1"],
            capture_output=True,
            check=False,
            timeout=_START + 10 * seconds,
        )
        told = (done.stdout + done.stderr).decode("utf-8", "replace")
        number = re.search(r"number_of_executed_units: *(\d+)", told)
        print(f"atheris, {name}: {number[1] if number else '?'} inputs, code {done.returncode}")
        if done.returncode:
            (out / f"{name}-covered.txt").write_text(told[-20_000:], "utf-8")
            wrong.append(f"atheris, {name}: see {out}/{name}-covered.txt")
    return wrong


def main(arguments: Sequence[str] | None = None) -> int:
    """See above."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--inputs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--target", action="append", choices=list(TARGETS))
    parser.add_argument("--only", type=int, help="just this input of one target")
    parser.add_argument("--cores", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--covered", type=int, default=15, help="seconds of atheris per reader")
    parser.add_argument("--out", type=Path, default=Path("fuzz-out"))
    given = parser.parse_args(arguments)
    names = given.target or list(TARGETS)
    started = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="kg-fuzz-") as folder:
        work = Path(folder)
        if given.only is not None:
            prepare(work)
            number = range(given.only, given.only + 1)
            tallies = [run_target(name, work / name, given.seed, number) for name in names]
            for tally in tallies:
                keep(tally, given.seed, given.out, work / tally.name)
        else:

            def done(found: Tally, place: Path) -> None:
                keep(found, given.seed, given.out, place)
                worst = f", {len(found.failures)} failed" if found.failures else ""
                print(f"{found.name}: {found.inputs} inputs{worst}", file=sys.stderr, flush=True)

            tallies = run(shares(given.inputs, names), given.seed, work, given.cores, done)
    failures = [(tally, one) for tally in tallies for one in tally.failures]
    for why in dict.fromkeys(f"{tally.name}: {one['why']}" for tally, one in failures):
        print(why, file=sys.stderr)
    print(table(tallies))
    wrong: list[str] = []
    if given.target is None and given.only is None and given.covered:
        wrong = run_covered(given.seed, given.covered, given.out)
        print("".join(f"{line}\n" for line in wrong), end="", file=sys.stderr)
    seconds = time.perf_counter() - started
    print(f"seed {given.seed}, {seconds:.0f} s" + (f"; see {given.out}/" if failures else ""))
    return 1 if failures or wrong else 0


if __name__ == "__main__":
    sys.exit(main())
