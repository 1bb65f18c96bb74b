"""Durations and numbers as people read them, in both languages."""

import pytest

from kg.language import set_language
from kg.views.words import counted, duration, number, share_text, short_duration


@pytest.mark.parametrize(
    ("hours", "nl", "en"),
    [
        (0, "0 uur", "0 hours"),
        (1 / 60, "1 minuut", "1 minute"),
        (0.5, "30 minuten", "30 minutes"),
        (1, "1 uur", "1 hour"),
        (4.5, "4,5 uur", "4.5 hours"),
        (48, "2 dagen", "2 days"),
        (48 + 10 / 60, "2 dagen", "2 days"),
        (49, "2 dagen 1 uur", "2 days 1 hour"),
        (76, "3 dagen 4 uur", "3 days 4 hours"),
        (float("inf"), "blijvend", "for good"),
    ],
)
def test_durations(hours: float, nl: str, en: str) -> None:
    assert duration(hours) == nl
    set_language("en")
    assert duration(hours) == en


def test_ticks() -> None:
    assert [short_duration(h) for h in (0, 0.25, 4, 36, 72)] == [
        "0 u",
        "15 min",
        "4 u",
        "36 u",
        "3 d",
    ]
    set_language("en")
    assert short_duration(4) == "4 h"


def test_numbers_and_words() -> None:
    assert number(2.50) == "2,5"
    assert number(100) == "100"
    assert counted(1, ("sector", "sectoren"), ("sector", "sectors")) == "1 sector"
    assert counted(0, ("sector", "sectoren"), ("sector", "sectors")) == "0 sectoren"


@pytest.mark.parametrize(
    ("share", "nl"),
    [
        (None, "?"),
        (0, "0%"),
        (0.125, "12,5%"),
        (1 / 3, "33,33%"),
        (0.00001, "< 0,01%"),
        (0.99999, "> 99,99%"),
        (0.1 + 0.2 + 0.7 - 1e-15, "100%"),
        (1, "100%"),
    ],
)
def test_shares(share: float | None, nl: str) -> None:
    assert share_text(share) == nl
    assert share_text(None, "–") == "–"
