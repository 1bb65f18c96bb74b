"""Limits, and how people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import UsageError
from kg.guard import Limits, read_size
from kg.guard.limits import shown_size


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("512M", 512 << 20),
        ("1.5 GB", 3 << 29),
        ("2GiB", 2 << 30),
        ("0,5g", 1 << 29),
        ("65536", 1 << 16),
        ("1k", 1024),
    ],
)
def test_sizes_as_people_write_them(text: str, size: int) -> None:
    assert read_size(text) == size


@pytest.mark.parametrize("text", ["", "M", "-1G", "1 2", "veel", "1P", "1e9"])
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(UsageError, match=r"query\.size"):
        read_size(text)


@given(st.integers(1, 999), st.sampled_from("KMGT"))
def test_a_size_is_shown_as_it_is_read(number: int, letter: str) -> None:
    assert read_size(shown_size(read_size(f"{number}{letter}"))) == read_size(f"{number}{letter}")


@pytest.mark.parametrize(
    "wrong",
    [
        {"seconds": 0},
        {"seconds": -1},
        {"seconds": float("inf")},
        {"seconds": float("nan")},
        {"rows": 0},
        {"memory": 1000},
    ],
)
def test_limits_that_hold_nothing(wrong: dict[str, float]) -> None:
    with pytest.raises(UsageError, match=r"query\.limits"):
        Limits(**wrong)  # type: ignore[arg-type]
