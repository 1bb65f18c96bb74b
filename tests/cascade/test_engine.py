"""The kernels: compiled and plain give the same, run after run, in the same scratch space."""

import random

import numpy as np
import pytest
from drawn_networks import Drawn, drawings
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.cascade import kernels
from kg.cascade.engine import FailureEngine, Settled
from kg.network import NetworkBuilder, network_of
from kg.network.durations import TICKS_PER_HOUR

HORIZON = 30 * TICKS_PER_HOUR


def starts(drawn: Drawn) -> list[tuple[int, int]]:
    return sorted((start * TICKS_PER_HOUR, unit) for unit, start, _ in drawn.outages)


def same(one: Settled, other: Settled) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


@settings(max_examples=300, deadline=None)
@given(drawings())
def test_compiled_and_plain_give_the_same(drawn: Drawn) -> None:
    network, outages = drawn.network(), starts(drawn)
    plain, quick = (FailureEngine(network, compiled=one) for one in (False, True))
    for _ in range(2):  # what an earlier run left behind does not matter
        assert same(plain.run(outages, HORIZON), quick.run(outages, HORIZON))


@settings(max_examples=300, deadline=None)
@given(drawings(), st.integers(1, 3))
def test_looking_at_events_together_changes_nothing(drawn: Drawn, together: int) -> None:
    """Drawn networks are too small for it, so plain Python is made to do what numba compiles."""
    network, outages = drawn.network(), starts(drawn)
    one_by_one, batched = (FailureEngine(network, compiled=False) for _ in range(2))
    batched.arrays.together = together
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernels, "FEW", 0)
        found = [batched.run(outages, HORIZON) for _ in range(2)]
    assert all(same(one, one_by_one.run(outages, HORIZON)) for one in found)


@pytest.mark.parametrize("seed", range(12))
def test_compiled_and_plain_give_the_same_where_much_happens_at_once(seed: int) -> None:
    """Rounds of some, of many, and of more events than are looked at together."""
    pick = random.Random(seed)
    units = 900
    builder = NetworkBuilder()
    for at in range(units):
        builder.unit(f"u{at}")
    for at in range(2 * units):
        fulfillers = pick.sample(range(at // 30 + 3), pick.choice((1, 1, 2)))
        builder.need(
            f"u{at // 2}",
            " ".join(f"u{one}" for one in fulfillers),
            k=pick.randint(1, len(fulfillers)),
            buffer=pick.choice((0, 0, 0, 1, 2, 5)),
            degrades=pick.random() < 0.3,
            full=pick.random() < 0.3,
        )
    network = builder.build()
    outages = [(hour * TICKS_PER_HOUR, unit) for hour, unit in ((0, 0), (0, 2), (1, 1), (3, 7))]
    plain, quick = (FailureEngine(network, compiled=one) for one in (False, True))
    expected = plain.run(outages, HORIZON)
    rounds = np.unique(np.stack([expected.time, expected.round]), axis=1, return_counts=True)[1]
    assert rounds.min() < kernels.FEW < kernels.TOGETHER < rounds.max()
    assert same(quick.run(outages, HORIZON), expected)


@pytest.mark.parametrize("compiled", [False, True])
def test_counters_start_anew_before_they_overflow(compiled: bool) -> None:
    network = network_of("b <- a\nc <- a b k=1 buffer=2\nd <- c b")
    engine = FailureEngine(network, compiled=compiled)
    first = engine.run([(0, 0)], HORIZON)
    engine._unit_base = 2**31 - 10
    assert same(engine.run([(0, 0)], HORIZON), first)
    assert engine._unit_base == 1 + 2 * len(first.time)


def test_the_kernels_are_kept_on_disk_or_work_without(monkeypatch: pytest.MonkeyPatch) -> None:
    import numba

    real = numba.njit

    def nowhere(**options: bool) -> object:
        if options.get("cache"):
            raise RuntimeError("no locator available")
        return real(**options)

    monkeypatch.setattr(numba, "njit", nowhere)
    names = kernels.compiled.__wrapped__()
    assert names.settle.targetoptions.get("nogil")


def test_an_empty_network_settles() -> None:
    for compiled in (False, True):
        assert len(FailureEngine(network_of(""), compiled=compiled).run([], HORIZON).time) == 0


def test_the_kernels_are_ready_before_the_first_run() -> None:
    """The call on nothing is of the very types of a real one: nothing is compiled or read later."""
    builder = NetworkBuilder()
    builder.unit("u0")
    builder.unit("u1")
    builder.need("u1", "u0")
    engine = FailureEngine(builder.build(), compiled=True)
    ready = list(engine.kernels.settle.signatures)
    assert ready
    engine.run([(0, 0)], HORIZON)
    assert engine.kernels.settle.signatures == ready
