"""Kills builds, switches and prunes at random moments, and counts what was lost: ``make kills``.

Each turn is a process that is ended with SIGKILL: a build, after a random time or just before or
after one of the calls by which the end of a build reaches the disk (write, fsync, rename, symlink,
unlink, lock), or ``use`` or ``prune`` at such a call. After each kill the folder is looked at as a
reader would: the current release opens and every file of it is as it was built, no release is gone
that was not pruned, none is half there, every release is in the log and the chain of the log holds.
A kill that leaves it otherwise stops the run.

A process of its own: RocksDB has threads, which a fork does not take along, so no store is opened
here.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import kg.build
import kg.store.disk
from kg.audit import logs
from kg.audit import verify as verify_log
from kg.build import build
from kg.release import Release
from kg.releases import current_name, leftovers, prune, releases, to_prune, unlogged, use, verify
from kg.sums import compare

SOURCE = """id,title,publisher,date,url,grade,marking
s1,Interview,Ministerie,2026-01-15,,B,openbaar
"""
SERVICE = """id,label,inSector,restartLag,source
grid,Regionaal net (fictief),energie,PT{hours}H,s1
rail,Treindienst (fictief),spoor,PT4H,s1
"""
#: The calls by which something reaches the disk or gets its place.
CALLS = [(os, name) for name in ("write", "fsync", "rename", "replace", "symlink", "unlink")]
CALLS += [(fcntl, "flock")]


def write_data(folder: Path, hours: int) -> None:
    """A data folder; other hours are other inputs."""
    folder.mkdir(exist_ok=True)
    (folder / "Source.csv").write_text(SOURCE)
    (folder / "Service.csv").write_text(SERVICE.format(hours=hours))


def started(work: Callable[[], object], *, kill_at: int | None = None, after: bool = False) -> int:
    """A process that does this; it kills itself at this call, before or after it."""
    process = os.fork()
    if process:
        return process
    status = 1
    try:
        os.setsid()
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        if kill_at is not None:
            count_down(kill_at, after)
        work()
        status = 0
    finally:
        os._exit(status)


def count_down(left: int, after: bool) -> None:
    """From here on count the calls that reach the disk, and end this process at one of them."""
    counter = [left]

    def counted(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            counter[0] -= 1
            if counter[0] < 0 and not after:
                os.kill(os.getpid(), signal.SIGKILL)
            result = real(*arguments, **named)
            if counter[0] < 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return result

        return call

    for module, name in CALLS:
        setattr(module, name, counted(getattr(module, name)))


def calls_of(data: Path, out: Path, told: Path) -> None:
    """A build that writes down how many calls its end takes."""
    real = kg.build.seal
    calls = [0]

    def seal(folder: Path) -> str:
        kg.build.seal = real
        for module, name in CALLS:

            def call(*given: Any, real: Any = getattr(module, name), **named: Any) -> Any:  # noqa: B008 - each its own
                calls[0] += 1
                return real(*given, **named)

            setattr(module, name, call)
        return real(folder)

    kg.build.seal = seal
    build([data], out, validation=False)
    told.write_text(str(calls[0]))


def counted_build(data: Path, out: Path, kill_at: int, after: bool) -> None:
    """A build that counts from where its first level is sealed."""
    real = kg.build.seal

    def seal(folder: Path) -> str:
        kg.build.seal = real
        count_down(kill_at, after)
        return real(folder)

    kg.build.seal = seal
    build([data], out, validation=False)


def run(folder: Path, kills: int, seed: int) -> dict[str, Any]:
    """So many kills; the number of each kind, and of what was lost or half there (none)."""
    draw = random.Random(seed)
    data, out = folder / "mijn", folder / "releases"
    hours = 1
    write_data(data, hours)
    begun = time.perf_counter()
    _, status = os.waitpid(started(lambda: calls_of(data, out, folder / "calls")), 0)
    assert status == 0, "the first build failed"
    seconds = time.perf_counter() - begun
    calls = int((folder / "calls").read_text())
    print(f"a build takes {seconds:.1f} s and {calls} calls at its end", file=sys.stderr)
    counts = dict.fromkeys(("build by time", "build by call", "use", "prune", "finished"), 0)
    worst = {"lost": 0, "half written": 0, "chain broken": 0, "unlogged": 0}
    killed = 0
    while killed < kills:
        before = {one.name for one in releases(out)}
        serving = current_name(out)
        going: set[str] = set()
        kind = draw.choices(list(counts)[:4], (5, 4, 1, 1))[0]
        after = draw.random() < 0.5
        if kind.startswith("build"):
            hours += 1
            write_data(data, hours)
            kg.store.disk._LEAST = draw.choice((1, 16 << 20))  # written by another process, or here
        if kind == "build by time":
            process = started(lambda: build([data], out, validation=False))
            time.sleep(draw.uniform(0, seconds * 1.1))
            os.kill(process, signal.SIGKILL)
        elif kind == "build by call":
            # Most of them are the hashes; the last ones are the log and the names.
            at = draw.randrange(calls) if draw.random() < 0.3 else calls - 1 - draw.randrange(30)
            process = started(lambda at=at, after=after: counted_build(data, out, at, after))
        elif kind == "use":
            name = draw.choice(sorted(before - {serving}) or [serving])
            work = lambda name=name: use(out, name)  # noqa: E731
            process = started(work, kill_at=draw.randrange(8), after=after)
        else:
            going = {one.name for one in to_prune(out, draw.randint(1, 4))}
            work = lambda names=going: prune(out, sorted(names))  # noqa: E731
            process = started(work, kill_at=draw.randrange(12), after=after)
        _, status = os.waitpid(process, 0)
        assert not os.WIFEXITED(status) or os.WEXITSTATUS(status) == 0, f"{kind} failed"
        if os.WIFSIGNALED(status):
            killed += 1
            counts[kind] += 1
        else:
            counts["finished"] += 1
        present = {one.name for one in releases(out)}
        current = current_name(out)
        worst["lost"] += len(before - present - going) + (serving not in present)
        worst["half written"] += sum(
            not verify(out, name).whole for name in {current, *(present - before)}
        )
        worst["chain broken"] += sum(verify_log(log).broken is not None for log in logs(out))
        worst["unlogged"] += len(unlogged(out))
        Release.open(out)
        if any(worst.values()):
            raise SystemExit(f"kills: after kill {killed} ({kind}): {worst}")
        if len(present) > 8:
            prune(out, [one.name for one in to_prune(out, 4)])
        if killed % 50 == 0 or sys.stderr.isatty():
            print(f"\r{killed} of {kills}: {counts}", end="", file=sys.stderr, flush=True)
    write_data(data, hours + 1)
    kg.store.disk._LEAST = 16 << 20
    _, status = os.waitpid(started(lambda: build([data], out, validation=False)), 0)
    assert status == 0, "the last build failed"
    assert not leftovers(out)
    assert not any(compare(out / one.name).damage for one in releases(out))
    return {"kills": killed, **counts, **worst, "seconds": round(time.perf_counter() - begun)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="kills-"))
    try:
        print(json.dumps(run(folder, given.kills, given.seed)))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
