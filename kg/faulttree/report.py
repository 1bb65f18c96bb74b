"""Cut sets as plain values for programs: the JSON of ``kg cutsets``, hours and probabilities."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from kg.errors import UsageError
from kg.faulttree.search import Found
from kg.faulttree.solution import Weight


def answer(
    found: Found,
    target: str,
    within_hours: float,
    max_order: int | None,
    *,
    name: Callable[[int], str],
    label: Callable[[int], str],
    probability: float | None,
    importance: Sequence[Weight],
) -> dict[str, Any]:
    """Everything that a program may want to read; what JSON cannot hold becomes null.

    ``cut_sets`` is absent when the sets were only counted. ``left_out`` is how many minimal cut
    sets are not in the count, null where unknown.
    """
    result: dict[str, Any] = {
        "target": target,
        "within_hours": _finite(within_hours),
        "max_order": max_order,
        "complete": found.complete,
        "stopped": [
            {"reason": one.reason, "order": one.order, "left_out": one.left, "text": one.text()}
            for one in found.stopped
        ],
        "count": found.count,
        "by_order": {str(order): count for order, count in found.by_order.items()},
    }
    result["single_points"] = [name(event) for event in found.single_points]
    if found.sets is not None:
        result["cut_sets"] = [[name(event) for event in one] for one in found.sets]
    if probability is not None:
        result["probability"] = _finite(probability)
        result["importance"] = [
            {
                "unit": name(one.event),
                "label": label(one.event),
                "birnbaum": _finite(one.birnbaum),
                "fussell_vesely": _finite(one.fussell_vesely),
                "raw": _finite(one.raw),
                "rrw": _finite(one.rrw),
            }
            for one in importance
        ]
    return result


def checked_chances(chances: Sequence[float], size: int) -> list[float]:
    """Probabilities as a list, one per event; NaN is unknown.

    Raises:
        UsageError: another number of them, or one outside [0, 1].
    """
    found = [float(one) for one in chances]
    if len(found) != size:
        raise UsageError(
            "usage.probability",
            f"Er zijn {len(found)} kansen voor {size} eenheden.",
            f"There are {len(found)} probabilities for {size} units.",
        )
    for one in found:
        if not (math.isnan(one) or 0.0 <= one <= 1.0):
            raise UsageError(
                "usage.probability",
                f"{one:g} is geen kans; een kans ligt tussen 0 en 1.",
                f"{one:g} is not a probability; one lies between 0 and 1.",
            )
    return found


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None
