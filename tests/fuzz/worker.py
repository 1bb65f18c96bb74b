"""Runs inputs of one target in a process of its own, and says of each what came of it.

    python worker.py TARGET WORK SEED NUMBER…

Writes a line of JSON before and after each input; :mod:`run` reads them, and ends a process that
says nothing for too long.
"""

import contextlib
import json
import os
import random
import resource
import sys
import time
import traceback
import warnings
from pathlib import Path

#: What one process may take: less than the machine has, more than any input needs.
MEMORY = 6 << 30


def rng_of(target: str, seed: int, number: int) -> random.Random:
    """The chance of one input."""
    return random.Random(f"{seed}/{target}/{number}")


def main() -> None:
    """See above."""
    name, work, seed = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    numbers = [int(one) for one in sys.argv[4:]] or [int(one) for one in sys.stdin.read().split()]
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.environ.pop("KG_LANG", None)
    reports = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a library prints is no report
    from cases import Case, no_network
    from targets import TARGETS

    # Inputs that write files write them here, and nowhere else.
    work.mkdir(parents=True, exist_ok=True)
    os.chdir(work)
    target = TARGETS[name](work)

    def say(**what: object) -> None:
        reports.write(json.dumps(what) + "\n")
        reports.flush()

    say(limit=target.limit)
    for number in numbers:
        case = Case()
        say(at=number)
        started = time.perf_counter()
        told: dict[str, object] = {}
        try:
            case = target.make(rng_of(name, seed, number))
            started = time.perf_counter()
            # The guard of queries talks with processes of its own; those reach no network either.
            alone = contextlib.nullcontext() if name in ("parameters", "sparql") else no_network()
            with alone, warnings.catch_warnings():
                warnings.simplefilter("ignore", ResourceWarning)
                told["outcome"] = target.run(case)
        except BaseException as error:
            told = {
                "outcome": "crash",
                "why": _why(error),
                "trace": traceback.format_exc()[-6_000:],
            }
        say(number=number, seconds=time.perf_counter() - started, **told)


def _why(error: BaseException) -> str:
    """Type, message and the innermost place in the project: what tells one crash from another."""
    places = [
        f"{Path(frame.filename).name}:{frame.lineno}"
        for frame in traceback.extract_tb(error.__traceback__)
        if f"{os.sep}kg{os.sep}" in frame.filename
    ]
    return f"{type(error).__name__} {places[-1] if places else ''} {str(error)[:160]}"


if __name__ == "__main__":
    main()
