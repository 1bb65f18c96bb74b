"""Laws that hold for every cascade, on random networks with loops."""

import math
from collections.abc import Callable
from dataclasses import replace

from drawn_networks import NEVER, Drawn, Hourly, Need, drawings, least_losses, states
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.cascade import Outage, explain_path, fail, restore

HORIZON = 30


def lost_hours(events: list[tuple[float, int, str]], size: int) -> list[tuple[float, float]]:
    """Per unit the first hour down and the first hour not in full."""
    down, reduced = [math.inf] * size, [math.inf] * size
    for hours, unit, state in events:
        if state == "down":
            down[unit] = min(down[unit], hours)
        if state != "up":
            reduced[unit] = min(reduced[unit], hours)
    return list(zip(down, reduced, strict=True))


def absent_at(drawn: Drawn, hour: int, *, heal: bool = False) -> list[int]:
    """0 up, 1 degraded, 2 down, per unit."""
    found = [0] * len(drawn.lags)
    for hours, unit, state in states(restore(drawn.network(), drawn.struck(), HORIZON, heal)):
        if hours <= hour:
            found[unit] = ("up", "degraded", "down").index(state)
    return found


@settings(max_examples=400)
@given(drawings())
def test_failure_is_the_least_solution(drawn: Drawn) -> None:
    down, reduced = least_losses(drawn)
    result = fail(drawn.network(), drawn.struck(), HORIZON)
    expected = [
        (
            d if d <= HORIZON else math.inf,
            r if r <= HORIZON else math.inf,
        )
        for d, r in zip(down, reduced, strict=True)
    ]
    assert lost_hours(states(result), len(drawn.lags)) == expected
    assert set(result.down_at_horizon) == {u for u, d in enumerate(down) if d <= HORIZON}


@settings(max_examples=400)
@given(drawings())
def test_failure_equals_restoration_when_nothing_ends(drawn: Drawn) -> None:
    network, outages = drawn.network(), drawn.struck()
    one, other = fail(network, outages, HORIZON), restore(network, outages, HORIZON)
    assert one.causal == other.causal
    assert one.assumptions == other.assumptions
    assert other.deadlocks == ()


@settings(max_examples=600)
@given(drawings(ends=True, restarts=True))
def test_restoration_is_what_the_hourly_definition_gives(drawn: Drawn) -> None:
    result = restore(drawn.network(), drawn.struck(), HORIZON)
    assert states(result) == Hourly(drawn).run(HORIZON)


@settings(max_examples=400)
@given(drawings(ends=True, restarts=True, heals=True))
def test_healing_is_what_the_hourly_definition_gives(drawn: Drawn) -> None:
    result = restore(drawn.network(), drawn.struck(), HORIZON, heal=True)
    assert states(result) == Hourly(drawn, heal=True).run(HORIZON)


@settings(max_examples=200)
@given(drawings(ends=True, restarts=True), st.integers(0, 6), st.integers(0, 5), st.integers(0, 29))
def test_more_outages_never_save_anyone(drawn: Drawn, unit: int, start: int, hour: int) -> None:
    more = (unit % len(drawn.lags), start, start + 3)
    worse = replace(drawn, outages=(*drawn.outages, more))
    pairs = zip(absent_at(drawn, hour), absent_at(worse, hour), strict=True)
    assert all(before <= after for before, after in pairs)


@settings(max_examples=200)
@given(drawings(ends=True, restarts=True), st.integers(0, 10), st.integers(0, 29))
def test_a_larger_buffer_never_hurts(drawn: Drawn, number: int, hour: int) -> None:
    never_hurts(
        lambda need: replace(need, buffer=(need.buffer or 0) + 2, refill=None), drawn, number, hour
    )


@settings(max_examples=200)
@given(drawings(ends=True, restarts=True), st.integers(0, 10), st.integers(0, 29))
def test_needing_one_fewer_never_hurts(drawn: Drawn, number: int, hour: int) -> None:
    never_hurts(lambda need: replace(need, k=max(1, need.k - 1)), drawn, number, hour)


def never_hurts(ease: Callable[[Need], Need], drawn: Drawn, number: int, hour: int) -> None:
    """Nobody is worse off when one of the requirements is eased."""
    if not drawn.needs:
        return
    number %= len(drawn.needs)
    needs = (*drawn.needs[:number], ease(drawn.needs[number]), *drawn.needs[number + 1 :])
    pairs = zip(absent_at(replace(drawn, needs=needs), hour), absent_at(drawn, hour), strict=True)
    assert all(better <= before for better, before in pairs)


@settings(max_examples=100)
@given(drawings(ends=True, restarts=True, heals=True), st.integers(0, 29))
def test_healing_never_hurts(drawn: Drawn, hour: int) -> None:
    pairs = zip(absent_at(drawn, hour, heal=True), absent_at(drawn, hour), strict=True)
    assert all(healed <= before for healed, before in pairs)


@settings(max_examples=200)
@given(drawings(ends=True, restarts=True), st.data())
def test_names_do_not_matter(drawn: Drawn, data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(drawn.lags))))
    renamed = [Outage(order[o.unit], o.start, o.end) for o in drawn.struck()]
    back = {new: old for old, new in enumerate(order)}
    for run in (fail, restore):
        one = states(run(drawn.network(), drawn.struck(), HORIZON))
        other = states(run(drawn.network(order), renamed, HORIZON))
        assert sorted(one) == sorted((h, back[u], s) for h, u, s in other)


@given(drawings(ends=True, restarts=True))
def test_nothing_in_nothing_out(drawn: Drawn) -> None:
    for result in (fail(drawn.network(), [], HORIZON), restore(drawn.network(), [], HORIZON)):
        assert result.events == result.deadlocks == result.assumptions == ()


@settings(max_examples=300)
@given(drawings())
def test_every_explanation_of_a_failure_checks_out(drawn: Drawn) -> None:
    network, outages = drawn.network(), drawn.struck()
    result = fail(network, outages, HORIZON)
    for event in result.causal:
        requirement = event.because.requirement
        if requirement is None:
            struck = outages[event.because.outage or 0]
            assert (struck.unit, struck.start) == (event.unit, event.hours)
            continue
        causes = result.causes(event)
        assert network.dependent[requirement] == event.unit
        assert [cause.unit for cause in causes] == list(event.because.lost)
        n, k = len(network.fulfillers(requirement)), network.minimum[requirement]
        assert len(causes) == n - k + 1
        last = max(cause.hours for cause in causes)
        assert last + network.buffer[requirement] == event.hours
        assert all(result.place(cause) < result.place(event) for cause in causes)
    for event in result.events:
        path = explain_path(result, event.unit)
        assert path[-1].unit == event.unit
        assert path[0].because.outage is not None


@settings(max_examples=300)
@given(drawings(ends=True, restarts=True))
def test_every_explanation_with_restoration_checks_out(drawn: Drawn) -> None:
    network = drawn.network()
    result = restore(network, drawn.struck(), HORIZON)
    state: dict[int, str] = {}
    instants = sorted({event.hours for event in result.events})
    for hours in instants:
        for event in result.events:
            if event.hours == hours:
                state[event.unit] = event.state
        for event in result.events:
            requirement = event.because.requirement
            if event.hours != hours or requirement is None or event.state == "up":
                continue
            full = network.needs_full[requirement]
            for lost in event.because.lost:
                assert state[lost] == "down" or (full and state[lost] == "degraded")
            assert len(result.causes(event)) == len(event.because.lost)
    for event in result.events:
        if event.state != "up":
            assert explain_path(result, event.unit)[0].because.outage is not None


@given(drawings(ends=True, restarts=True))
def test_the_same_input_gives_the_same_output(drawn: Drawn) -> None:
    one = restore(drawn.network(), drawn.struck(), HORIZON).to_json()
    assert one == restore(drawn.network(), drawn.struck(), HORIZON).to_json()


@settings(max_examples=300)
@given(drawings(ends=True, restarts=True))
def test_a_deadlock_is_one(drawn: Drawn) -> None:
    """Members are down or degraded for good, even if everything else is forced to work."""
    network = drawn.network()
    result = restore(network, drawn.struck(), HORIZON)
    later = restore(network, drawn.struck(), 20 * HORIZON)
    for group in result.deadlocks:
        assert set(group) & set(result.down_at_horizon)
        ends = [e for e in later.events if e.unit in group and e.hours > HORIZON]
        assert [e for e in ends if e.state == "up"] == []


def test_the_oracle_can_tell_never() -> None:
    """A loop that nothing starts does not fail by itself."""
    assert least_losses(Drawn((0,), (), ())) == ([NEVER], [NEVER])
