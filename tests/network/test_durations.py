"""Durations as hours and as whole ticks."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.network.durations import FOREVER, array_to_ticks, parse_hours, to_hours, to_ticks


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("PT3H", 3),
        ("PT0H", 0),
        ("PT0S", 0),
        ("P1D", 24),
        ("P1W", 168),
        ("P1M", 720),
        ("P1Y", 8760),
        ("PT90M", 1.5),
        ("PT0.5H", 0.5),
        ("PT0,5H", 0.5),
        ("PT36S", 0.01),
        ("P1Y2M3DT4H5M6S", 8760 + 1440 + 72 + 4 + 5 / 60 + 6 / 3600),
        ("-PT3H", -3),
        (" PT3H ", 3),
    ],
)
def test_durations_are_read(text: str, hours: float) -> None:
    assert parse_hours(text) == pytest.approx(hours, rel=1e-14)


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "P1DT", "3", "PT3", "3H", "PTH", "P1H", "PT1D", "+PT1H", "pt3h", "٣"]
)
def test_anything_else_is_not_a_duration(text: str) -> None:
    assert parse_hours(text) is None


@given(st.integers(0, 10**15))
def test_ticks_and_hours_are_inverse(ticks: int) -> None:
    assert to_ticks(to_hours(ticks)) == ticks


def test_forever_stays_forever() -> None:
    assert to_ticks(math.inf) == FOREVER
    assert to_hours(FOREVER) == math.inf
    assert to_ticks(1e300) == FOREVER
    found = array_to_ticks(np.array([0.0, 1.5, math.inf, 1e300]))
    assert found.tolist() == [0, to_ticks(1.5), FOREVER, FOREVER]
