"""Cascades in which outages end: event by event, exact at instants.

At each instant, in this order: outages start and end; restorations to a fixpoint; losses to a
fixpoint. Both are monotone, so the order within them does not matter for what comes out.

- A requirement is *lost* while more than n − k of its fulfillers are absent. A unit that is down is
  absent; one that is degraded is so for requirements with needsFull.
- Its charge starts at the buffer, drains at rate 1 while lost, and refills over the refill time
  while not lost (at once when there is none). It is *exhausted* while lost with charge 0.
- A unit goes down when struck, or when an operation requirement with effect fails is exhausted; it
  is degraded while up with an exhausted operation requirement with effect degrades.
- A down unit is *ready* while not struck, with no operation requirement with effect fails
  exhausted, and no restart requirement lost. Ready for its restart lag without a break, it is up.
- With ``heal`` every lost requirement counts as met, for good, from its substitution time after it
  was lost (without a break); that is a restoration.

What is decided here and not in the definition: a unit that is struck is absent from the first of
the three steps on; charges change with time only, so that what flips back within one instant
refills nothing; times are whole microseconds, refills rounded down.

The loop itself is :func:`kg.cascade.restoration_kernels.run`; here it becomes events that explain
themselves.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Final

from kg.cascade.deadlocks import deadlocks
from kg.cascade.model import Because, CascadeResult, Event, Outage, State, conclude
from kg.cascade.restoration_engine import Changes, RestorationEngine
from kg.cascade.restoration_kernels import NOTHING, RESTORED, TO_DEGRADED, TO_DOWN
from kg.errors import KgError
from kg.network import Network
from kg.network.durations import FOREVER, to_hours, to_ticks

#: Loops can swing for ever; a run that passes this many changes is refused, never cut short.
MOST_CHANGES: Final = 1_000_000
#: The code of the error that says so.
ENDLESS: Final = "cascade.endless"


def restore(
    network: Network,
    outages: Iterable[Outage],
    horizon_hours: float,
    heal: bool = False,
    *,
    most_changes: int = MOST_CHANGES,
    engine: RestorationEngine | None = None,
) -> CascadeResult:
    """What goes down, is degraded and comes up again, up to and including the horizon, and why.

    Args:
        outages: each holds on [start, end); several may strike the same unit.
        horizon_hours: may be infinite when nothing swings for ever.
        heal: lost requirements are substituted (withdrawal of suppliers); see the module.
        most_changes: a run that has more changes of state is refused.
        engine: of this network, for those who run many cascades one after another.

    Raises:
        KgError: the network swings without end within the horizon.
    """
    struck = tuple(outages)
    horizon = FOREVER - 1 if math.isinf(horizon_hours) else to_ticks(horizon_hours)
    engine = engine or RestorationEngine(network)
    strikes = [(to_ticks(one.start), to_ticks(one.end), one.unit) for one in struck]
    changes = engine.run(strikes, horizon, heal=heal, most=most_changes)
    if not changes.complete:
        hours = to_hours(int(changes.time[-1]))
        raise KgError(
            ENDLESS,
            f"Dit netwerk blijft op en neer gaan: meer dan {most_changes} wisselingen na "
            f"{hours:g} uur. Kies een kortere horizon.",
            f"This network keeps swinging: more than {most_changes} changes after "
            f"{hours:g} hours. Choose a shorter horizon.",
        )
    events = _Teller(network).tell(changes)
    stuck = deadlocks(network, engine.holding(), heal=heal)
    return conclude(network, struck, horizon_hours, events, stuck)


class _Teller:
    """Turns changes into events with their explanations."""

    def __init__(self, network: Network) -> None:
        self.plain = network.plain
        # Who is absent, and the place in the causal order from where: at all, and in full.
        self.absent: dict[int, int] = {}
        self.reduced: dict[int, int] = {}
        self.events: list[Event] = []

    def tell(self, changes: Changes) -> list[Event]:
        """The events in causal order, without those that flipped back within their instant."""
        columns = (
            changes.time,
            changes.round,
            changes.unit,
            changes.kind,
            changes.hidden,
            changes.reason,
        )
        told: list[tuple[bool, Event]] = []
        waiting: list[int] = []  # restored in part: told when all that comes back has come
        last = (-1, 0)
        for place, (time, turn, unit, kind, hidden, reason) in enumerate(
            zip(*(column.tolist() for column in columns), strict=True)
        ):
            if last != (time, turn):
                self.finish(told, waiting)
                last = (time, turn)
            because = Because()
            if reason != NOTHING and reason < 0:
                because = Because(outage=-1 - reason)
            elif reason != NOTHING and turn == RESTORED:
                because = Because(requirement=reason)
                if kind == TO_DEGRADED:
                    waiting.append(place)
            elif reason != NOTHING:
                because = Because(requirement=reason, lost=self.gone(reason))
            told.append((hidden, Event(to_hours(time), unit, _STATES[kind], because)))
            self.follow(unit, kind, turn, place)
        self.finish(told, waiting)
        return [event for hidden, event in told if not hidden]

    def finish(self, told: list[tuple[bool, Event]], waiting: list[int]) -> None:
        """Complete the explanation of what came back in part."""
        for place in waiting:
            hidden, event = told[place]
            requirement = event.because.requirement
            if requirement is not None:
                because = Because(requirement=requirement, lost=self.gone(requirement))
                told[place] = (hidden, event._replace(because=because))
        waiting.clear()

    def follow(self, unit: int, kind: int, turn: int, place: int) -> None:
        """Keep who is absent."""
        if kind == TO_DOWN:
            self.absent[unit] = place
            self.reduced.setdefault(unit, place)
        elif kind == TO_DEGRADED and turn == RESTORED:
            self.absent.pop(unit, None)
        elif kind == TO_DEGRADED:
            self.reduced.setdefault(unit, place)
        else:
            self.absent.pop(unit, None)
            self.reduced.pop(unit, None)

    def gone(self, requirement: int) -> tuple[int, ...]:
        """The n − k + 1 fulfillers that have been absent longest, sorted."""
        since = self.reduced if self.plain.needs_full[requirement] else self.absent
        absent = sorted(
            (since[unit], unit) for unit in self.plain.fulfillers[requirement] if unit in since
        )
        return tuple(sorted(unit for _, unit in absent[: self.plain.tolerated[requirement] + 1]))


_STATES: Final[tuple[State, ...]] = ("down", "degraded", "up")
