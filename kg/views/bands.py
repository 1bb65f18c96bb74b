"""Bands of percentiles over time: an SVG without script, and the table that says the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from kg.language import say
from kg.views.model import Band
from kg.views.words import short_duration

WIDTH: Final = 360
HEIGHT: Final = 210
_LEFT, _RIGHT, _TOP, _BOTTOM = 40, 14, 12, 30
#: At most this many lines across and marks along.
_LINES: Final = 5
_MARKS: Final = 6


@dataclass(frozen=True)
class Drawn:
    """One band as shapes, in the coordinates of a picture of WIDTH × HEIGHT."""

    title: str
    about: str
    fill: str
    stroke: str
    area: str
    line: str
    across: tuple[tuple[float, str], ...]  # y and its number
    along: tuple[tuple[float, str, str], ...]  # x, its text and how that is anchored


def draw(band: Band) -> Drawn:
    """The shapes of a band, as steps: what holds at a moment is drawn up to the next."""
    most = max((high for _, _, high in band.values), default=0)
    step = _round_step(max(1.0, most) / (_LINES - 1))
    top = step * max(1, -(-most // step))
    end = band.hours[-1] or 1.0

    def x(hours: float) -> float:
        return round(_LEFT + (WIDTH - _LEFT - _RIGHT) * hours / end, 1)

    def y(value: float) -> float:
        return round(HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * value / top, 1)

    def steps(place: int) -> list[tuple[float, float]]:
        found: list[tuple[float, float]] = []
        for hours, values in zip(band.hours, band.values, strict=True):
            if found:
                found.append((x(hours), found[-1][1]))
            found.append((x(hours), y(values[place])))
        return found

    every = max(1, -(-(len(band.hours) - 1) // _MARKS))
    marks = band.hours[::every]
    low, middle, high = band.values[-1]
    return Drawn(
        title=band.title,
        about=say(
            f"{band.title}: aan het eind {middle:g}, met 90 % tussen {low:g} en {high:g}.",
            f"{band.title}: {middle:g} at the end, 90 % between {low:g} and {high:g}.",
        ),
        fill=band.fill,
        stroke=band.stroke,
        area=_points([*steps(2), *reversed(steps(0))]),
        line=_points(steps(1)),
        across=tuple((y(step * i), f"{step * i:g}") for i in range(round(top / step) + 1)),
        along=tuple(
            (x(one), short_duration(one), "end" if one == marks[-1] and i else "middle")
            for i, one in enumerate(marks)
        ),
    )


def _round_step(least: float) -> float:
    """1, 2 or 5 times a power of ten, whole, not below ``least``."""
    power = 1.0
    while True:
        for times in (1, 2, 5):
            if times * power >= least:
                return times * power
        power *= 10


def _points(places: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in places)
