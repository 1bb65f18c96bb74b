"""What falls when everything under the control of one country is withdrawn at once.

Each lost requirement is met again, for good, its substitution time after it was lost; where that
is unknown it counts as never. Whatever does not fail without substitution does not fail with it,
so failure only is tried first; and when none of the requirements that ran out can be substituted
the two are the same.
"""

from __future__ import annotations

import math
from functools import cached_property
from typing import Final

from kg.cascade import CascadeResult, Outage, fail, restore
from kg.cascade.restoration import ENDLESS
from kg.cascade.restoration_engine import RestorationEngine
from kg.errors import KgError
from kg.foreign.reach import Reach
from kg.network import Network

#: A withdrawal that has more events than this keeps swinging; on shipped data they are hundreds.
_MOST_CHANGES: Final = 100_000


class Withdrawal:
    """Everything under the control of one country goes at 0 and does not come back."""

    def __init__(
        self, network: Network, country: str, units: list[int], horizon_hours: float
    ) -> None:
        self.network, self.country, self.horizon = network, country, horizon_hours
        self.outages = [Outage(unit) for unit in units]
        self.units = set(units)
        self.reach = Reach(network, units)
        self.result: CascadeResult | None = None
        self.judged = False

    def go(self, engine: RestorationEngine) -> int:
        """Compute what falls; what it cost, in events."""
        self.judged = True
        if not (self.reach.reached & self.network.vital).any():
            return 0
        bound = fail(self.network, self.outages, self.horizon)
        self.result = bound
        cost = len(bound.events)
        ran_out = {event.because.requirement for event in bound.causal} - {None}
        substitution = self.network.substitution
        if bound.vital and any(math.isfinite(substitution[one]) for one in ran_out):
            try:
                self.result = restore(
                    self.network,
                    self.outages,
                    self.horizon,
                    heal=True,
                    most_changes=max(_MOST_CHANGES, 4 * len(self.network.units)),
                    engine=engine,
                )
            except KgError as error:
                if error.code != ENDLESS:
                    raise
                self.result, self.judged = None, False
                return cost + _MOST_CHANGES
            cost += 4 * len(self.result.events)
        return cost

    @cached_property
    def lost(self) -> dict[int, float]:
        """The vital processes that go down, and when."""
        return {loss.unit: loss.hours for loss in self.result.vital} if self.result else {}

    def dependent(self) -> list[int]:
        """The vital processes that transitively require something of the country, sorted."""
        found: list[int] = (self.reach.reached & self.network.vital).nonzero()[0].tolist()
        return found
