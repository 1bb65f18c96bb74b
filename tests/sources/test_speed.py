"""Large tables stay cheap: time and memory grow with the number of rows and no faster."""

import time
import tracemalloc
from collections.abc import Callable

import pytest

from kg.sources import Staged

Read = Callable[..., Staged]


def folder(units: int) -> dict[str, str]:
    """Services and requirements, four rows of some six cells per unit."""
    services = [f"u{n},Dienst {n} é,energie,PT{n % 48}H,s1\n" for n in range(units)]
    needs = [
        f"r{n},u{n % units},u{(n * 7) % units};u{(n * 11 + 1) % units},1,PT{n % 24}H,fails,s1\n"
        for n in range(units * 3)
    ]
    return {
        "Service.csv": "id,label,inSector,restartLag,source\n" + "".join(services),
        "Requirement.csv": "id,requiredBy,fulfilledBy,minimumFulfilled,buffer,effect,source\n"
        + "".join(needs),
    }


@pytest.mark.parametrize("skip_invalid", [False, True])
def test_time_grows_with_the_rows(read: Read, skip_invalid: bool) -> None:
    def seconds(units: int) -> float:
        files = folder(units)
        files["Service.csv"] += "fout,Fout,energie,1 uur,s1\n" * skip_invalid
        started = time.process_time()
        staged = read(files, skip_invalid=skip_invalid)
        assert staged.problems == ()
        return time.process_time() - started

    seconds(500)  # warm
    small, large = seconds(1_000), seconds(8_000)
    # Eight times the rows; a quadratic step would take 64 times as long.
    assert large < 25 * max(small, 0.05)


def test_a_long_chain_of_consequences_ends_soon(read: Read) -> None:
    units = 20_000
    rows = ["u0,U,s1,nergens\n", *(f"u{n},U,s1,u{n - 1}\n" for n in range(1, units))]
    started = time.process_time()
    staged = read(
        {"Service.csv": "id,label,source,operatedBy\n" + "".join(rows)}, skip_invalid=True
    )
    assert len(staged.left_out) == units
    assert time.process_time() - started < 20


def test_memory_stays_within_a_few_times_the_output(read: Read) -> None:
    files = folder(5_000)
    tracemalloc.start()
    try:
        staged = read(files)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 4 * sum(len(graph.ntriples) for graph in staged.graphs) + 10_000_000
