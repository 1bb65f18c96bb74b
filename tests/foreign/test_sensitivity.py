"""What changes a verdict: worked by hand, and every flip tried on both sides on drawn networks."""

import math
from dataclasses import replace

import numpy as np
import pytest
from drawn_networks import Drawn, drawings, unit
from hypothesis import given
from hypothesis import strategies as st

from kg.foreign import Withdrawal, Withdrawer
from kg.foreign.sensitivity import Flip, Sensitivity
from kg.names import local_id
from kg.network import Network, network_of
from kg.network.durations import FOREVER, to_hours, to_ticks

TICK = to_hours(1)


def withdrawn(network: Network, units: list[int], horizon: float) -> Withdrawal:
    found = Withdrawal(Withdrawer(network), ("X",), units, horizon)
    found.go(whole=True)
    return found


def told(flips: tuple[Flip, ...]) -> list[tuple[str, str, str, float | None]]:
    return [(one.term, one.side, " ".join(map(local_id, one.subjects)), one.value) for one in flips]


#   x ─10 h, 30 h to replace──> m ─4 h──> p, and a year ahead
CHAIN = """
    p vital
    m <- x buffer=10 substitution=30 name=need-m
    p <- m buffer=4  name=need-p
"""


def test_a_chain_worked_out() -> None:
    network = network_of(CHAIN)
    found = withdrawn(network, [unit(network, "x")], 8760)
    p = unit(network, "p")
    assert found.lost == {p: 14}
    assert told(Sensitivity(found).of_fallen(p)) == [
        ("horizon", "below", "", 14),
        # M is down from 10 until 30: P lasts when its own buffer or that of M spans that.
        ("buffer", "from", "need-m", 26),
        ("substitution", "until", "need-m", 14),
        ("buffer", "from", "need-p", 20),
        ("substitution", "until", "need-p", 4),
    ]


def test_a_short_horizon_is_outlasted_by_a_longer_buffer() -> None:
    network = network_of(CHAIN.replace(" substitution=30", ""))
    found = withdrawn(network, [unit(network, "x")], 24)
    assert told(Sensitivity(found).of_fallen(unit(network, "p"))) == [
        ("horizon", "below", "", 14),
        ("buffer", "above", "need-m", 20),
        ("substitution", "until", "need-m", 14),
        ("buffer", "above", "need-p", 14),
        ("substitution", "until", "need-p", 4),
    ]


def test_what_stands_falls_when_the_horizon_or_the_substitution_is_longer() -> None:
    network = network_of(CHAIN.replace("substitution=30", "substitution=12"))
    p = unit(network, "p")
    found = withdrawn(network, [unit(network, "x")], 8760)
    assert found.lost == {}
    assert told(Sensitivity(found).of_standing([p])[p]) == [("substitution", "above", "need-m", 14)]
    soon = withdrawn(network_of(CHAIN), [unit(network, "x")], 12)
    # Within twelve hours nothing was substituted: only the horizon is short.
    assert told(Sensitivity(soon).of_standing([p])[p]) == [("horizon", "from", "", 14)]


def test_of_two_that_are_substituted_either_is_enough() -> None:
    network = network_of(
        """
        p vital
        p <- a b k=1
        a <- x substitution=0.5 buffer=1
        b <- x substitution=0.5 buffer=1
        """
    )
    p = unit(network, "p")
    found = withdrawn(network, [unit(network, "x")], 100)
    flips = Sensitivity(found).of_standing([p])[p]
    assert [(one.term, one.subjects, one.value) for one in flips] == [
        ("substitution", (), math.inf)
    ]


def test_what_is_withdrawn_itself_has_no_horizon_to_flip_at() -> None:
    network = network_of("p vital")
    found = withdrawn(network, [unit(network, "p")], 100)
    assert Sensitivity(found).of_fallen(unit(network, "p")) == ()


def test_beyond_its_budget_it_says_that_it_is_not_complete() -> None:
    network = network_of(CHAIN)
    tester = Sensitivity(withdrawn(network, [unit(network, "x")], 8760), most_runs=3)
    flips = tester.of_fallen(unit(network, "p"))
    assert told(flips) == [("horizon", "below", "", 14)]
    assert not tester.complete


@given(drawings(ends=True, restarts=True, heals=True), st.integers(5, 40))
def test_every_flip_flips(drawn: Drawn, horizon: int) -> None:
    network = drawn.network()
    network = replace(network, vital=np.ones(len(network.units), dtype=np.bool_))
    units = sorted({one for one, _, _ in drawn.outages})
    found = withdrawn(network, units, horizon)
    tester = Sensitivity(found)
    flips = {process: tester.of_fallen(process) for process in found.lost}
    standing = [one for one in found.dependent() if one not in found.lost]
    flips |= tester.of_standing(standing)
    for process, listed in flips.items():
        for flip in listed:
            if flip.subjects or flip.term == "horizon":
                for beyond in (False, True):
                    assert falls(network, units, horizon, flip, beyond, process) == (
                        beyond == (flip.becomes == "strategic")
                    ), flip


def falls(
    network: Network, units: list[int], horizon: float, flip: Flip, beyond: bool, process: int
) -> bool:
    """Whether the process falls with the term just before, or just beyond, its boundary."""
    assert flip.value is not None
    inside = {"below": -TICK, "until": 0.0, "above": TICK, "from": 0.0}[flip.side]
    outside = {"below": 0.0, "until": TICK, "above": 0.0, "from": -TICK}[flip.side]
    value = max(0.0, flip.value + (inside if beyond else outside))
    if flip.term == "horizon":
        horizon = value
    else:
        (subject,) = flip.subjects
        name = {"buffer": "buffer", "substitution": "substitution"}[flip.term]
        values = getattr(network, name).copy()
        values[network.requirement_index(subject)] = value
        network = replace(network, **{name: values})
    first = Withdrawer(network).falls_with(units, horizon)
    assert first is not None
    return bool(first[process] < FOREVER) and first[process] <= to_ticks(horizon)


@pytest.mark.parametrize("horizon", [math.inf, 8760.0])
def test_an_endless_horizon_can_be_asked(horizon: float) -> None:
    network = network_of(CHAIN)
    found = withdrawn(network, [unit(network, "x")], horizon)
    assert found.lost == {unit(network, "p"): 14}
    assert len(Sensitivity(found).of_fallen(unit(network, "p"))) == 5
