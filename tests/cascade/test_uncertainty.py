"""Sampling: against probabilities worked out by hand, and what may not change the answer."""

import math
from itertools import pairwise

import numpy as np
import pytest
from drawn_networks import Drawn, drawings
from hypothesis import given, settings

from kg.cascade import Outage, draws, restore, sample, uncertainty
from kg.cascade.sampled import Chance, wilson
from kg.errors import KgError, UsageError
from kg.names import ID
from kg.network import Network
from kg.network.assemble import RequirementRow, UnitRow, assemble

A, X, Y = 0, 1, 2


def chain(**bounds: float | None) -> Network:
    """a ──buffer──> x ──1 h──> y, y a vital process."""
    return assemble(
        [UnitRow(ID + "a"), UnitRow(ID + "x", restart=0.0), UnitRow(ID + "y", vital=True)],
        [
            RequirementRow(ID + "r1", ID + "x", (ID + "a",), **bounds),  # type: ignore[arg-type]
            RequirementRow(ID + "r2", ID + "y", (ID + "x",), buffer=1.0),
        ],
    )


def near(chance: Chance, exact: float, samples: int = 20_000) -> bool:
    """Within four standard errors: a sound draw fails this once in 16,000."""
    return abs(chance.p - exact) < 4 * math.sqrt(exact * (1 - exact) / samples)


BOUNDS = {"low": 2.0, "buffer": 4.0, "high": 8.0}


def test_a_probability_worked_out_by_hand() -> None:
    #   x goes down by 6 when its buffer is at most 6: 1 − (8 − 6)² / ((8 − 2)(8 − 4)) = 5/6
    result = sample(chain(**BOUNDS), [Outage(A)], 12, 20_000)
    by = dict(zip(result.grid_hours, result.down_by(X), strict=True))
    assert near(by[6], 5 / 6)
    #   by 3: (3 − 2)² / (6 · 2) = 1/12;  by 2: never;  by 8: always
    assert near(by[3], 1 / 12)
    assert by[2].p == 0
    assert by[8].p == 1
    #   y is an hour later
    later = dict(zip(result.grid_hours, result.down_by(Y), strict=True))
    assert [later[hour + 1].p for hour in range(2, 9)] == [by[hour].p for hour in range(2, 9)]


def test_percentiles_worked_out_by_hand() -> None:
    #   the median m: (m − 2)² rises to 1/3 at 4, then 1 − (8 − m)²/24 = 1/2: m = 8 − √12
    result = sample(chain(**BOUNDS), [Outage(A)], 12, 20_000)
    x = next(one for one in result.chances if one.unit == X)
    exact = (2 + math.sqrt(0.05 * 12), 8 - math.sqrt(12), 8 - math.sqrt(0.05 * 24))
    assert x.hours == pytest.approx(exact, abs=0.1)
    band = dict(zip(result.grid_hours, result.band(result.units_down), strict=True))
    assert band[0] == (1, 1, 1)
    assert band[3] == (1, 1, 2)  # x with 1/12
    assert band[9] == (3, 3, 3)
    processes = result.band(result.vital_down)
    assert processes[0] == (0, 0, 0)
    assert processes[-1] == (1, 1, 1)


def test_outages_occur_with_their_probability_and_end() -> None:
    outages = [Outage(A, 0, 5, probability=0.3)]
    result = sample(chain(**BOUNDS), outages, 12, 20_000)
    a, x = result.chances[:2]
    assert near(a.ever, 0.3)
    #   x needs the outage and a buffer below 5: 0.3 · (1 − 9/24)
    assert near(x.ever, 0.3 * 0.625)
    assert a.lasting.p == x.lasting.p == 0
    assert a.hours == (0, None, None)


def test_of_two_independent_outages_each_counts() -> None:
    outages = [Outage(A, probability=0.5), Outage(A, probability=0.5)]
    result = sample(chain(buffer=0.0), outages, 1, 20_000)
    ever = result.chances[0].ever
    assert near(ever, 0.75)


def test_certain_and_impossible() -> None:
    for probability, expected in ((1.0, 1.0), (0.0, 0.0), (None, 1.0)):
        result = sample(chain(buffer=0.0), [Outage(A, probability=probability)], 1, 50)
        assert result.down_by(Y)[-1].p == expected


def test_one_bound_is_the_best_estimate_on_the_other_side() -> None:
    #   low 2, best 4: density rises to 4; by 3 a quarter.  best 4, high 8: by 6 three quarters
    one = sample(chain(buffer=4.0, low=2.0), [Outage(A)], 12, 20_000)
    by = dict(zip(one.grid_hours, one.down_by(X), strict=True))
    assert near(by[3], 1 / 4)
    assert by[4].p == 1
    assert [varied.missing for varied in one.varied] == ["high"]
    other = sample(chain(buffer=4.0, high=8.0), [Outage(A)], 12, 20_000)
    by = dict(zip(other.grid_hours, other.down_by(X), strict=True))
    assert by[4].p == 0
    assert near(by[6], 3 / 4)
    assert [varied.missing for varied in other.varied] == ["low"]


def test_what_is_fixed_and_what_is_unknown_is_told() -> None:
    network = chain(buffer=None)
    result = sample(network, [Outage(A, 0, 1)], 12, 10)
    assert result.varied == ()
    assert result.fixed == (0, 1)
    kinds = [one.kind for one in result.assumptions]
    assert kinds == ["unknown-buffer", "unknown-restart-lag", "unknown-restart-lag"]


@settings(max_examples=100, deadline=None)
@given(drawings(ends=True, restarts=True))
def test_without_anything_to_draw_every_sample_is_the_cascade(drawn: Drawn) -> None:
    network, outages = drawn.network(), drawn.struck()
    cascade = restore(network, outages, 24)
    for compiled in (False, True):
        result = sample(network, outages, 24, 3, compiled=compiled)
        lasting = {one.unit for one in result.chances if one.lasting.p == 1}
        assert lasting == set(cascade.down_at_horizon)
        first = {one.unit: one.hours for one in result.chances}
        told = {u: cascade.first(u, ("down",)) for u in range(len(network.units))}
        assert first == {u: (event.hours,) * 3 for u, event in told.items() if event}
        down: set[int] = set()
        counts = []
        for hour in range(25):
            for event in cascade.events:
                if event.hours == hour:
                    (down.add if event.state == "down" else down.discard)(event.unit)
            counts.append((len(down),) * 3)
        assert list(result.band(result.units_down)) == counts


def test_cores_form_and_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    network, outages = chain(**BOUNDS), [Outage(A, 0, 5, probability=0.3), Outage(Y, 2)]
    first = sample(network, outages, 12, 1500, 7).to_json()
    assert sample(network, outages, 12, 1500, 7, cores=2).to_json() == first
    assert sample(network, outages, 12, 1500, 7, cores=2, compiled=True).to_json() == first
    monkeypatch.setattr(uncertainty, "_BLOCK", 30)
    assert sample(network, outages, 12, 1500, 7, cores=2).to_json() == first
    assert sample(network, outages, 12, 1500, 8).to_json() != first


def test_room_for_events_is_made_without_counting_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    #   half an hour of outage travels round and round, for thousands of changes
    network = assemble(
        [UnitRow(ID + name, restart=1.0) for name in "ab"],
        [
            RequirementRow(ID + "r1", ID + "b", (ID + "a",), buffer=1.0),
            RequirementRow(ID + "r2", ID + "a", (ID + "b",), buffer=1.0),
        ],
    )
    for compiled in (False, True):
        result = sample(network, [Outage(0, 0, 0.5)], 2000, 5, compiled=compiled)
        assert result.fell.sum(axis=1).tolist() == [5, 5]
    monkeypatch.setattr(uncertainty, "_MOST_CHANGES", 100)
    with pytest.raises(KgError, match=r"cascade.endless"):
        sample(network, [Outage(0, 0, 0.5)], 2000, 5)


def test_a_name_has_its_own_numbers() -> None:
    """Common random numbers: what else is drawn does not matter."""
    both = draws.uniform(3, 10, 20, draws.keys(["a", "b"]))
    assert np.array_equal(both[:, 1:], draws.uniform(3, 10, 20, draws.keys(["b"])))
    assert np.array_equal(both[5:], draws.uniform(3, 15, 20, draws.keys(["a", "b"])))
    assert not np.array_equal(both, draws.uniform(4, 10, 20, draws.keys(["a", "b"])))


def test_the_numbers_are_uniform_and_independent() -> None:
    drawn = draws.uniform(0, 0, 50_000, draws.keys("abcd"))
    assert drawn.min() > 0
    assert drawn.max() < 1
    assert np.abs(drawn.mean(axis=0) - 0.5).max() < 0.006
    counts = np.histogram(drawn, bins=64, range=(0, 1))[0]
    assert ((counts - 3125) ** 2 / 3125).sum() < 120  # chi-squared, 63 degrees: P < 0.0001
    between = np.corrcoef(np.vstack([drawn.T, np.roll(drawn[:, 0], 1)]))
    assert np.abs(between - np.eye(5)).max() < 0.02


def test_intervals_hold_what_they_promise() -> None:
    #   of 200 seeds some 95 % of the intervals should hold 5/6
    network = chain(**BOUNDS)
    held = 0
    for seed in range(200):
        result = sample(network, [Outage(A)], 12, 60, seed)
        chance = result.down_by(X)[12]
        held += chance.low <= 5 / 6 <= chance.high
    assert 182 <= held <= 198


def test_more_samples_narrow_the_interval() -> None:
    widths = [
        (chance := sample(chain(**BOUNDS), [Outage(A)], 12, n).down_by(X)[12]).high - chance.low
        for n in (100, 1000, 10_000)
    ]
    assert all(wide > 2 * narrow for wide, narrow in pairwise(widths))


def test_wilson_as_published() -> None:
    #   Brown, Cai & DasGupta's interval for 0 of 10, and 5 of 10 by hand
    assert wilson(0, 10) == pytest.approx((0, 0, 0.2775), abs=1e-4)
    assert wilson(10, 10) == pytest.approx((1, 0.7225, 1), abs=1e-4)
    assert wilson(5, 10) == pytest.approx((0.5, 0.2366, 0.7634), abs=1e-4)


def test_an_interruption_keeps_the_first_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    network, outages = chain(**BOUNDS), [Outage(A, 0, 5)]

    def interrupt(done: int) -> None:
        if done >= 512:
            raise KeyboardInterrupt

    part = sample(network, outages, 12, 100_000, 7, cores=2, progress=interrupt)
    assert 512 <= part.samples < 5000
    assert not part.complete
    whole = sample(network, outages, 12, part.samples, 7).to_json()
    assert part.to_json() == {**whole, "asked_samples": 100_000, "complete": False}


@pytest.mark.parametrize(
    ("samples", "seed", "cores", "horizon", "code"),
    [
        (0, 0, 1, 12, "usage.samples"),
        (-5, 0, 1, 12, "usage.samples"),
        (10_000_000, 0, 1, 12, "usage.samples"),
        (10, -1, 1, 12, "usage.seed"),
        (10, 1 << 63, 1, 12, "usage.seed"),
        (10, 0, 0, 12, "usage.cores"),
        (10, 0, 1, math.inf, "usage.horizon"),
    ],
)
def test_what_cannot_be_drawn_is_refused(
    samples: int, seed: int, cores: int, horizon: float, code: str
) -> None:
    with pytest.raises(UsageError) as caught:
        sample(chain(**BOUNDS), [Outage(A)], horizon, samples, seed, cores=cores)
    assert caught.value.code == code


@pytest.mark.parametrize(
    "bounds",
    [
        {"low": 5.0, "buffer": 4.0, "high": 8.0},
        {"low": 2.0, "buffer": 9.0, "high": 8.0},
        {"buffer": 4.0, "high": 3.0},
    ],
)
def test_bounds_that_do_not_go_up_are_refused(bounds: dict[str, float]) -> None:
    with pytest.raises(UsageError, match=r"\[usage.bounds\]"):
        sample(chain(**bounds), [Outage(A)], 12, 10)


@pytest.mark.parametrize("probability", [-0.1, 1.1, math.nan])
def test_a_probability_is_one(probability: float) -> None:
    with pytest.raises(UsageError):
        Outage(0, probability=probability)


def test_nothing_struck_and_no_time_at_all() -> None:
    assert sample(chain(**BOUNDS), [], 12, 10).chances == ()
    at_once = sample(chain(buffer=0.0), [Outage(A)], 0, 10)
    assert [one.ever.p for one in at_once.chances] == [1, 1]
