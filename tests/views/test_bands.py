"""Bands as shapes: worked out by hand, and for what is empty or odd."""

import pytest

from kg.views.bands import HEIGHT, WIDTH, draw
from kg.views.model import Band


def band(*values: tuple[float, float, float], end: float = 2.0) -> Band:
    hours = tuple(end * i / (len(values) - 1) for i in range(len(values)))
    return Band("Uit", "#eee", "#111", hours, values)


def test_a_band_is_drawn_as_steps() -> None:
    drawn = draw(band((0, 0, 0), (1, 2, 4), (2, 3, 4)))
    #   0 at y 180, 4 at y 12; hours 0, 1, 2 at x 40, 193, 346
    assert drawn.line == "40,180 193,180 193,96 346,96 346,54"
    assert drawn.area.startswith("40,180 193,180 193,12 346,12 346,12 346,96")
    assert [text for _, text in drawn.across] == ["0", "1", "2", "3", "4"]
    assert [text for _, text, _ in drawn.along] == ["0 u", "1 u", "2 u"]
    assert drawn.about == "Uit: aan het eind 3, met 90 % tussen 2 en 4."


@pytest.mark.parametrize("most", [0, 1, 7, 99, 481, 123_456])
def test_everything_lies_inside(most: int) -> None:
    drawn = draw(band((0, 0, 0), (0, most / 2, most), end=72))
    for point in f"{drawn.area} {drawn.line}".split():
        x, y = map(float, point.split(","))
        assert 0 <= x <= WIDTH
        assert 0 <= y <= HEIGHT
    assert 2 <= len(drawn.across) <= 6


def test_no_time_at_all_is_drawn() -> None:
    assert draw(band((1, 1, 1), (1, 1, 1), end=0)).line
