"""Operations are counted, not derived: on networks small enough to count by hand."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))  # where it stands when it is run

from counting import Operations, operations_of

from kg.cascade.engine import FailureEngine
from kg.network import network_of
from kg.network.durations import TICKS_PER_HOUR

LONG = 100 * TICKS_PER_HOUR


def found(text: str) -> Operations:
    return operations_of(network_of(text), 0, LONG)


def test_every_part_of_the_cost() -> None:
    # b waits for its buffer; c lacks one of the two that it may lack, then both; c → b is late.
    one = found("b <- a buffer=2\nc <- a b k=1\nb <- c")
    assert (one.events, one.edges) == (3, 4)
    assert (one.counters, one.waiting, one.comparisons) == (3, 1, 0)
    assert one.operations > 3 * one.edges


def test_two_buffers_are_compared() -> None:
    assert found("b <- a buffer=2\nc <- a buffer=3").comparisons == 1


def test_what_stays_up_costs_nothing() -> None:
    small, large = (
        found("\n".join(["u1 <- u0", *(f"v{i} <- w{i}" for i in range(many))])) for many in (1, 90)
    )
    assert small == large


@pytest.mark.parametrize("units", [50, 400])
def test_a_chain_costs_the_same_per_unit(units: int) -> None:
    text = "\n".join(f"u{i + 1:04d} <- u{i:04d}" for i in range(units))
    one, network = found(text), network_of(text)
    settled = FailureEngine(network, compiled=False).run([(0, 0)], LONG)
    assert one.events == len(settled.time) == units + 1
    assert one.edges == one.counters == units
    assert np.isclose(one.operations / units, found(text + "\nx <- u0000").operations / units, 0.02)
