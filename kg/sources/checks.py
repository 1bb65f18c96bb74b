"""What must hold between the cells of one row: orders of times, and a minimum that can be met."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from kg.sources.cells import duration_hours

#: (lower, upper, may they be equal): both durations or both dates.
_ORDERS: Final = (
    ("bufferLow", "buffer", True),
    ("buffer", "bufferHigh", True),
    ("bufferLow", "bufferHigh", True),
    ("startsAfter", "endsAfter", False),
    ("validFrom", "validUntil", True),
)


@dataclass(frozen=True)
class Fault:
    """A rule between cells that a row breaks, and the column to look at."""

    column: str
    code: str
    nl: str
    en: str


#: Every property that a rule looks at.
CHECKED: Final = frozenset(
    {name for lower, upper, _ in _ORDERS for name in (lower, upper)}
    | {"minimumFulfilled", "fulfilledBy"}
)


def faults(cells: Mapping[str, str], fulfillers: int) -> Iterator[Fault]:
    """The rules that this row breaks.

    Args:
        cells: valid, non-empty cells by local name of the property.
        fulfillers: how many different things ``fulfilledBy`` names.
    """
    minimum = cells.get("minimumFulfilled")
    if minimum is not None:
        yield from _minimum(int(minimum), fulfillers if "fulfilledBy" in cells else None)
    for lower, upper, equal in _ORDERS:
        if lower not in cells or upper not in cells:
            continue
        low, high = cells[lower], cells[upper]
        if _size(low) > _size(high) or (not equal and _size(low) == _size(high)):
            yield Fault(
                upper,
                "order",
                f"{upper} ({high}) moet {'niet kleiner zijn' if equal else 'groter zijn'} dan "
                f"{lower} ({low}).",
                f"{upper} ({high}) must {'not be less' if equal else 'be more'} than {lower} "
                f"({low}).",
            )


def _minimum(minimum: int, fulfillers: int | None) -> Iterator[Fault]:
    if minimum < 1:
        yield Fault(
            "minimumFulfilled",
            "minimum-below-one",
            f"minimumFulfilled is {minimum}; het moet ten minste 1 zijn. Laat de cel leeg als "
            "alle leveranciers nodig zijn.",
            f"minimumFulfilled is {minimum}; it must be at least 1. Leave the cell empty when "
            "every fulfiller is needed.",
        )
    elif fulfillers is not None and minimum > fulfillers:
        yield Fault(
            "minimumFulfilled",
            "minimum-above-fulfillers",
            f"minimumFulfilled is {minimum}, maar fulfilledBy noemt er {fulfillers}; verlaag het "
            "getal of vul fulfilledBy aan.",
            f"minimumFulfilled is {minimum}, but fulfilledBy names {fulfillers}; lower the number "
            "or add to fulfilledBy.",
        )


def _size(text: str) -> tuple[float, str]:
    """Sortable among durations, and among dates."""
    hours = duration_hours(text)
    return (0.0, text) if hours is None else (hours, "")
