"""ISO 8601 durations as hours, and hours as whole ticks so that times can be compared exactly."""

import math
import re
from decimal import Decimal
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

#: A month is 30 days and a year 365 days: a fixed length, so that the sums can be checked.
_SECONDS: Final = {
    "years": 365 * 86_400,
    "months": 30 * 86_400,
    "weeks": 7 * 86_400,
    "days": 86_400,
    "hours": 3_600,
    "minutes": 60,
    "seconds": 1,
}
_NUMBER: Final = r"[0-9]+(?:[.,][0-9]+)?"
_DURATION: Final = re.compile(
    rf"(?P<sign>-)?P(?=.)(?:(?P<years>{_NUMBER})Y)?(?:(?P<months>{_NUMBER})M)?"
    rf"(?:(?P<weeks>{_NUMBER})W)?(?:(?P<days>{_NUMBER})D)?"
    rf"(?:T(?=.)(?:(?P<hours>{_NUMBER})H)?(?:(?P<minutes>{_NUMBER})M)?"
    rf"(?:(?P<seconds>{_NUMBER})S)?)?"
)

#: Cascades are computed in microseconds: sums of 20 minutes stay sums of 20 minutes, and what
#: happens at the same instant is seen to.
TICKS_PER_HOUR: Final = 3_600_000_000
#: Later than any time that can be asked for.
FOREVER: Final = 1 << 62
_LONGEST: Final = FOREVER / TICKS_PER_HOUR


@lru_cache(maxsize=4096)  # a large set has few different durations
def parse_hours(text: str) -> float | None:
    """The length of an ISO 8601 duration in hours; ``None`` when it is not one.

    ``PT3H`` is 3, ``P1D`` 24, ``P1W`` 168, ``P1M`` 720, ``P1Y`` 8760. A leading minus counts.
    """
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        return None
    seconds = Decimal(0)
    for unit, length in _SECONDS.items():
        amount = match[unit]
        if amount:
            seconds += Decimal(amount.replace(",", ".")) * length
    hours = float(seconds / 3600)
    return -hours if match["sign"] else hours


def to_ticks(hours: float) -> int:
    """Hours as whole microseconds; infinity becomes :data:`FOREVER`."""
    return FOREVER if hours >= _LONGEST else round(hours * TICKS_PER_HOUR)


def to_hours(ticks: int) -> float:
    """Microseconds as hours; the inverse of :func:`to_ticks`."""
    return math.inf if ticks >= FOREVER else ticks / TICKS_PER_HOUR


def array_to_ticks(hours: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """:func:`to_ticks` of a whole array."""
    endless = hours >= _LONGEST
    ticks = np.rint(np.where(endless, 0.0, hours) * TICKS_PER_HOUR).astype(np.int64)
    return np.where(endless, np.int64(FOREVER), ticks)
