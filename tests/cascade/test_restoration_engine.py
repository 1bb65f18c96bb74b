"""Restoration: the engine against the oracle of dictionaries, compiled against plain, in full."""

import math
import random

import numpy as np
import pytest
import restoration_oracle
from drawn_networks import Drawn, drawings
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.cascade import CascadeResult, Outage, fail, restore
from kg.cascade import restoration_kernels as kernels
from kg.cascade.restoration_engine import RestorationEngine
from kg.errors import KgError
from kg.names import ID
from kg.network import Network, NetworkBuilder, network_of

HORIZON = 30


def same(one: CascadeResult, other: CascadeResult) -> None:
    assert one.causal == other.causal
    assert one.events == other.events
    assert one.deadlocks == other.deadlocks
    assert one.assumptions == other.assumptions


@settings(max_examples=200, deadline=None)
@given(drawings(ends=True, restarts=True, heals=True), st.booleans())
def test_the_engine_tells_what_the_oracle_tells(drawn: Drawn, heal: bool) -> None:
    network, outages = drawn.network(), drawn.struck()
    expected = restoration_oracle.restore(network, outages, HORIZON, heal)
    same(restore(network, outages, HORIZON, heal), expected)


@settings(max_examples=100, deadline=None)
@given(drawings(ends=True, restarts=True, heals=True), st.booleans())
def test_compiled_and_plain_tell_the_same(drawn: Drawn, heal: bool) -> None:
    network, outages = drawn.network(), drawn.struck()
    plain, quick = (RestorationEngine(network, compiled=one) for one in (False, True))
    for horizon in (HORIZON, 5, HORIZON):  # what an earlier run left behind does not matter
        one = restore(network, outages, horizon, heal, engine=plain)
        same(restore(network, outages, horizon, heal, engine=quick), one)


def a_large_network(size: int, seed: int) -> Network:
    """Loops, restarts, refills, degradation: three requirements a unit, one or two fulfillers."""
    chance = random.Random(seed)
    builder = NetworkBuilder()
    for number in range(size):
        builder.unit(f"u{number:05d}", restart=chance.choice([0, 1, 2.5]))
    for number in range(3 * size):
        fulfillers = {f"u{chance.randrange(size):05d}" for _ in range(chance.randint(1, 3))}
        builder.need(
            f"u{number // 3:05d}",
            " ".join(sorted(fulfillers)),
            k=chance.randint(1, len(fulfillers)),
            buffer=chance.choice([0, 4, 8, 24.123]),
            refill=chance.choice([None, 6, 10]),
            degrades=chance.random() < 0.2,
            full=chance.random() < 0.1,
            restart=chance.random() < 0.05,
            name=f"r{number:06d}",
        )
    return builder.build()


def test_oracle_plain_and_compiled_agree_on_a_large_network() -> None:
    network = a_large_network(400, 7)
    outages = [Outage(unit, unit % 5, 12 + unit % 7) for unit in range(0, 400, 10)]
    expected = restoration_oracle.restore(network, outages, 72)
    assert len(expected.events) > 500
    for compiled in (False, True):
        engine = RestorationEngine(network, compiled=compiled)
        same(restore(network, outages, 72, engine=engine), expected)


def a_swing() -> Network:
    return network_of("""
        a restart=1
        b restart=1
        b <- a   buffer=1
        a <- b   buffer=1
    """)


@pytest.mark.parametrize("compiled", [None, False, True])
def test_a_run_gets_the_room_it_needs(compiled: bool | None) -> None:
    """Room for events is made while running; a long run goes on in compiled form."""
    network = a_swing()
    engine = RestorationEngine(network, compiled=compiled)
    outages = [Outage(0, 0, 0.5)]
    few = restore(network, outages, 40, engine=engine)
    many = restore(network, outages, 4000, engine=engine)
    assert many.causal[: len(few.causal)] == few.causal
    assert len(many.events) > 90 * len(few.events)


@pytest.mark.parametrize("compiled", [False, True])
def test_a_swing_is_refused_whole(compiled: bool) -> None:
    network = a_swing()
    engine = RestorationEngine(network, compiled=compiled)
    with pytest.raises(KgError, match=r"\[cascade.endless\]"):
        restore(network, [Outage(0, 0, 0.5)], math.inf, most_changes=5000, engine=engine)
    # A run that was refused leaves nothing behind.
    one = restore(network, [Outage(0, 0, 0.5)], 9, engine=engine)
    same(one, restore(network, [Outage(0, 0, 0.5)], 9))


@given(st.integers(0, 1 << 62), st.integers(0, 1 << 62).filter(bool), st.integers(0, (1 << 62) - 1))
def test_shares_of_any_length_are_exact(whole: int, of: int, part: int) -> None:
    part %= of
    assert kernels.share(whole, part, of) == whole * part // of
    assert kernels.compiled().share(whole, part, of) == whole * part // of


def test_thousands_of_years_refill_exactly() -> None:
    #   drained for 1,000 of 90,000 years, refilled over 80,000; then it lasts 89,000 + 9,000/8
    year = 8760
    network = NetworkBuilder().need("x", "a", buffer=90_000 * year, refill=80_000 * year).build()
    outages = [Outage(0, 0, 1000 * year), Outage(0, 1100 * year, math.inf)]
    expected = restoration_oracle.restore(network, outages, 100_000 * year)
    assert [event.unit for event in expected.events] == [0, 0, 0, 1]
    for compiled in (False, True):
        engine = RestorationEngine(network, compiled=compiled)
        same(restore(network, outages, 100_000 * year, engine=engine), expected)


def test_an_empty_network_stays_empty() -> None:
    network = network_of("")
    for compiled in (False, True):
        engine = RestorationEngine(network, compiled=compiled)
        assert restore(network, [], 72, engine=engine).events == ()


def test_why_a_unit_comes_back_in_part_is_what_still_lacks_then() -> None:
    #   x comes up at 2 without a in full; b, which it leans on too, goes at that very instant
    network = network_of("""
        x <- a   degrades name=r2
        x <- b   degrades name=r1
    """)
    outages = [Outage(0, 0, 9), Outage(2, 1, 2), Outage(1, 2, 9)]
    for result in (
        restore(network, outages, 72),
        restoration_oracle.restore(network, outages, 72),
    ):
        up = next(e for e in result.causal if (e.hours, e.unit) == (2, 2))
        assert up.state == "degraded"
        assert len(result.causes(up)) == len(up.because.lost) == 1


@settings(max_examples=50, deadline=None)
@given(drawings())
def test_an_engine_without_ends_is_failure_only(drawn: Drawn) -> None:
    network, outages = drawn.network(), drawn.struck()
    engine = RestorationEngine(network, compiled=True)
    one = restore(network, outages, HORIZON, engine=engine)
    assert one.causal == fail(network, outages, HORIZON).causal


def test_many_short_runs_go_on_in_compiled_form(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kg.cascade.restoration_engine._PLAIN_IN_ALL", 20)
    network = network_of("x <- a b k=1\ny <- x")
    engine, plain = RestorationEngine(network), RestorationEngine(network, compiled=False)
    struck = [(0, 60, network.index(ID + "a")), (30, 90, network.index(ID + "b"))]
    forms = []
    for _ in range(8):
        found, expected = (vars(one.run(struck, 600, most=100)) for one in (engine, plain))
        assert all(np.array_equal(found[name], expected[name]) for name in expected)
        assert engine.holding() == plain.holding()
        forms.append(engine.compiled)
    assert forms == sorted(forms)
    assert set(forms) == {False, True}
    assert not plain.compiled
