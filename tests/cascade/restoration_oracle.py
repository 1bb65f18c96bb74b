"""The oracle of restoration: event by event with dictionaries, as the definition reads.

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
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from heapq import heappop, heappush
from typing import Final, Literal, NamedTuple

from kg.cascade.model import Because, CascadeResult, Event, Outage, State, conclude
from kg.errors import KgError
from kg.network import Network
from kg.network.durations import FOREVER, to_hours, to_ticks
from kg.network.graphs import components

#: Loops can swing for ever; a run that passes this many changes is refused, never cut short.
MOST_CHANGES: Final = 1_000_000
#: The code of the error that says so.
ENDLESS: Final = "cascade.endless"

_Kind = Literal["start", "end", "drained", "healed", "ready"]


class _Alarm(NamedTuple):
    """Something that may happen at ``time``; it counts only if ``version`` is still the last."""

    time: int
    kind: _Kind
    subject: int  # an outage, a requirement or a unit
    version: int


class _Change(NamedTuple):
    unit: int
    state: State
    because: Because


def restore(
    network: Network,
    outages: Iterable[Outage],
    horizon_hours: float,
    heal: bool = False,
    *,
    most_changes: int = MOST_CHANGES,
) -> CascadeResult:
    """What goes down, is degraded and comes up again, up to and including the horizon, and why.

    Args:
        outages: each holds on [start, end); several may strike the same unit.
        horizon_hours: may be infinite when nothing swings for ever.
        heal: lost requirements are substituted (withdrawal of suppliers); see the module.
        most_changes: a run that has more events is refused.

    Raises:
        KgError: the network swings without end within the horizon.
    """
    struck = tuple(outages)
    run = _Run(network, struck, horizon_hours, heal)
    run.go(most_changes)
    return conclude(network, struck, horizon_hours, run.events, run.deadlocks())


class _Run:
    """The state of one run. Only what was ever touched has an entry: cost is that of what moves."""

    def __init__(
        self, network: Network, outages: tuple[Outage, ...], horizon_hours: float, heal: bool
    ) -> None:
        self.plain = network.plain
        self.outages = outages
        self.horizon = FOREVER - 1 if math.isinf(horizon_hours) else to_ticks(horizon_hours)
        self.heal = heal
        self.now = 0
        self.events: list[Event] = []
        self.alarms: list[_Alarm] = []
        self.versions: dict[tuple[_Kind, int], int] = {}
        # units
        self.strikes: dict[int, set[int]] = {}
        self.down: set[int] = set()
        self.limited: set[int] = set()  # with an exhausted requirement that degrades
        self.absent_since: dict[tuple[int, bool], int] = {}  # (unit, for needsFull) → sequence
        self.ready_since: dict[int, int] = {}
        self.ready_because: dict[int, Because] = {}
        self.sequence = 0
        self.shown: dict[int, State] = {}  # after the last instant; up when it is not there
        # requirements
        self.absent: dict[int, int] = {}  # how many fulfillers are absent now
        self.healed: set[int] = set()
        self.draining: set[int] = set()  # lost when the last instant ended
        self.charge: dict[int, tuple[int, int]] = {}  # (charge, at) of those that ever were lost
        # this instant
        self.changes: list[_Change] = []
        self.touched: set[int] = set()  # requirements
        self.stirred: set[int] = set()  # units whose readiness may have changed

    def go(self, most_changes: int) -> None:
        """Run to the horizon."""
        for position, outage in enumerate(self.outages):
            start, end = to_ticks(outage.start), to_ticks(outage.end)
            if start < end:
                heappush(self.alarms, _Alarm(start, "start", position, 0))
                heappush(self.alarms, _Alarm(end, "end", position, 0))
        while self.alarms and self.alarms[0].time <= self.horizon:
            self.now = self.alarms[0].time
            due: dict[_Kind, list[int]] = {}
            while self.alarms and self.alarms[0].time == self.now:
                alarm = heappop(self.alarms)
                if alarm.version == self.versions.get((alarm.kind, alarm.subject), 0):
                    due.setdefault(alarm.kind, []).append(alarm.subject)
            self.instant(due)
            if len(self.events) > most_changes:
                raise KgError(
                    ENDLESS,
                    f"Dit netwerk blijft op en neer gaan: meer dan {most_changes} wisselingen na "
                    f"{to_hours(self.now):g} uur. Kies een kortere horizon.",
                    f"This network keeps swinging: more than {most_changes} changes after "
                    f"{to_hours(self.now):g} hours. Choose a shorter horizon.",
                )

    def instant(self, due: dict[_Kind, list[int]]) -> None:
        """Everything that happens at ``now``."""
        self.changes = []
        self.touched, self.stirred = set(due.get("drained", ())), set()
        candidates: list[tuple[int, Because | None]] = [(u, None) for u in due.get("ready", ())]
        for position in due.get("end", ()):
            unit = self.outages[position].unit
            self.strikes[unit].discard(position)
            candidates.append((unit, Because(outage=position)))
        for position in sorted(due.get("start", ()), key=lambda one: self.outages[one].unit):
            unit = self.outages[position].unit
            self.strikes.setdefault(unit, set()).add(position)
            self.stirred.add(unit)
            if unit not in self.down:
                self.goes_down(unit, Because(outage=position))
        for requirement in due.get("healed", ()):
            self.healed.add(requirement)
            self.touched.add(requirement)
            back = Because(requirement=requirement)
            candidates.append((self.plain.dependent[requirement], back))
        self.restorations(candidates)
        self.losses(due.get("drained", []))
        self.settle_charges()
        self.settle_readiness()
        self.report()

    def restorations(self, candidates: list[tuple[int, Because | None]]) -> None:
        """Bring up what is ready and has been so for long enough; to a fixpoint."""
        queue = sorted(candidates, key=lambda one: one[0])
        position = 0
        while position < len(queue):
            unit, trigger = queue[position]
            position += 1
            self.stirred.add(unit)
            if unit in self.limited and not any(map(self.limits, self.plain.own[unit])):
                self.limited.remove(unit)
                if unit not in self.down:
                    self.note(unit, trigger or Because())
                    queue += self.returns(unit, for_full=True, for_any=False)
            if unit not in self.down or not self.ready(unit):
                continue
            if trigger is not None:
                self.ready_because.setdefault(unit, trigger)
            lag = self.plain.restart_lag[unit]
            since = self.ready_since.get(unit, self.now)
            if self.now - since >= lag:
                self.down.remove(unit)
                self.note(unit, self.ready_because.get(unit, Because()))
                queue += self.returns(unit, for_full=unit not in self.limited, for_any=True)
        for position, change in enumerate(self.changes):
            # Struck units only go down, so what is degraded here came up just now.
            if change.state == "degraded" and change.unit in self.limited:
                because = self.why_limited(change.unit)
                self.changes[position] = change._replace(because=because)

    def returns(
        self, unit: int, *, for_full: bool, for_any: bool
    ) -> list[tuple[int, Because | None]]:
        """Count a unit as present again; the dependents of what is no longer lost."""
        found: list[tuple[int, Because | None]] = []
        if for_any:
            self.absent_since.pop((unit, False), None)
        if for_full:
            self.absent_since.pop((unit, True), None)
        for requirement in self.plain.uses[unit]:
            if for_full if self.plain.needs_full[requirement] else for_any:
                was_lost = self.lost(requirement)
                self.absent[requirement] -= 1
                self.touched.add(requirement)
                if was_lost and not self.lost(requirement):
                    back = Because(requirement=requirement)
                    found.append((self.plain.dependent[requirement], back))
        return found

    def losses(self, ran_out: list[int]) -> None:
        """Take down or degrade what an exhausted requirement takes down; to a fixpoint.

        Round by round, as :func:`kg.cascade.kernels.settle` does it, so that both tell the same
        reasons: first what ran out of buffer, then what is lost at once through that.
        """
        rounds = [sorted(ran_out), sorted(self.touched.difference(ran_out))]
        while rounds:
            lost: list[int] = []
            # Who is in this round is settled before any of them takes effect.
            gone = [r for r in rounds.pop(0) if self.plain.operation[r] and self.exhausted(r)]
            for degrades, unit, requirement in sorted(map(self.turn, gone)):
                because = Because(requirement=requirement, lost=self.gone(requirement))
                if not degrades and unit not in self.down:
                    lost += self.goes_down(unit, because)
                elif degrades and unit not in self.limited:
                    self.limited.add(unit)
                    if unit not in self.down:
                        self.note(unit, because)
                        lost += self.leaves(unit, for_any=False)
            if lost:
                rounds[:1] = [sorted({*lost, *(rounds[0] if rounds else ())})]

    def turn(self, requirement: int) -> tuple[bool, int, int]:
        """The order of losses in one round: what brings down first, then by unit."""
        plain = self.plain
        return not plain.fails[requirement], plain.dependent[requirement], requirement

    def goes_down(self, unit: int, because: Because) -> list[int]:
        """Take a unit down; the requirements that it fulfilled and that are lost now."""
        self.down.add(unit)
        self.note(unit, because)
        self.stirred.add(unit)
        return self.leaves(unit, for_any=True)

    def leaves(self, unit: int, *, for_any: bool) -> list[int]:
        """Count a unit as absent; the requirements that are lost now."""
        self.sequence += 1
        already = (unit, True) in self.absent_since
        self.absent_since.setdefault((unit, True), self.sequence)
        if for_any:
            self.absent_since[unit, False] = self.sequence
        found = []
        for requirement in self.plain.uses[unit]:
            if not already if self.plain.needs_full[requirement] else for_any:
                self.absent[requirement] = self.absent.get(requirement, 0) + 1
                self.touched.add(requirement)
                if self.lost(requirement):
                    found.append(requirement)
        return found

    def lost(self, requirement: int) -> bool:
        """Are too few fulfillers present, and is it not healed?"""
        if requirement in self.healed or (self.heal and self.plain.substitution[requirement] == 0):
            return False
        return self.absent.get(requirement, 0) > self.plain.tolerated[requirement]

    def level(self, requirement: int) -> int:
        """The charge now, as it drained or refilled since the last instant that touched it."""
        full = self.plain.buffer[requirement]
        if requirement not in self.charge:
            return full
        charge, at = self.charge[requirement]
        if requirement in self.draining:
            return charge if full >= FOREVER else max(0, charge - (self.now - at))
        refill = self.plain.refill[requirement]
        if refill == 0 or full >= FOREVER:
            return full
        return min(full, charge + full * (self.now - at) // refill)

    def exhausted(self, requirement: int) -> bool:
        """Lost, with nothing left."""
        return self.lost(requirement) and self.level(requirement) == 0

    def limits(self, requirement: int) -> bool:
        """Does it keep its unit degraded?"""
        plain = self.plain
        if plain.fails[requirement] or not plain.operation[requirement]:
            return False
        return self.exhausted(requirement)

    def blocks(self, requirement: int) -> bool:
        """Does it keep its unit, when down, from being ready?"""
        plain = self.plain
        if not plain.operation[requirement]:
            return self.lost(requirement)
        return plain.fails[requirement] and self.exhausted(requirement)

    def ready(self, unit: int) -> bool:
        """Could it start, were it not for its restart lag?"""
        return not self.strikes.get(unit) and not any(map(self.blocks, self.plain.own[unit]))

    def gone(self, requirement: int, *, everyone: bool = False) -> tuple[int, ...]:
        """The n − k + 1 fulfillers that have been absent longest, or all that are absent."""
        full = self.plain.needs_full[requirement]
        absent = [
            (self.absent_since[unit, full], unit)
            for unit in self.plain.fulfillers[requirement]
            if (unit, full) in self.absent_since
        ]
        needed = len(absent) if everyone else self.plain.tolerated[requirement] + 1
        return tuple(sorted(unit for _, unit in sorted(absent)[:needed]))

    def settle_charges(self) -> None:
        """The instant is over: what is lost now drains from here, what is not refills."""
        for requirement in sorted(self.touched):
            self.stirred.add(self.plain.dependent[requirement])
            lost = self.lost(requirement)
            if lost == (requirement in self.draining):
                continue
            level = self.level(requirement)
            self.charge[requirement] = (level, self.now)
            if lost:
                self.draining.add(requirement)
                if level > 0:
                    self.alarm(level, "drained", requirement)
                if self.heal:
                    self.alarm(self.plain.substitution[requirement], "healed", requirement)
            else:
                self.draining.remove(requirement)
                self.cancel("drained", requirement)
                self.cancel("healed", requirement)

    def settle_readiness(self) -> None:
        """The instant is over: start or stop the restart of what is down."""
        for unit in sorted(self.stirred):
            if unit not in self.down or not self.ready(unit):
                if self.ready_since.pop(unit, None) is not None:
                    self.cancel("ready", unit)
                self.ready_because.pop(unit, None)
            elif unit not in self.ready_since:
                self.ready_since[unit] = self.now
                self.alarm(self.plain.restart_lag[unit], "ready", unit)

    def alarm(self, delay: int, kind: _Kind, subject: int) -> None:
        if delay < FOREVER:
            version = self.versions.get((kind, subject), 0)
            heappush(self.alarms, _Alarm(self.now + delay, kind, subject, version))

    def cancel(self, kind: _Kind, subject: int) -> None:
        self.versions[kind, subject] = self.versions.get((kind, subject), 0) + 1

    def state(self, unit: int) -> State:
        if unit in self.down:
            return "down"
        return "degraded" if unit in self.limited else "up"

    def note(self, unit: int, because: Because) -> None:
        """Write down the state that a unit has just come into."""
        self.changes.append(_Change(unit, self.state(unit), because))

    def report(self) -> None:
        """Turn the changes of this instant into events; what flipped back is none.

        Degraded on the way to down is kept for the explanation of what that caused.
        """
        hours = to_hours(self.now)
        last = {change.unit: position for position, change in enumerate(self.changes)}
        final = {unit: self.changes[position].state for unit, position in last.items()}
        for position, change in enumerate(self.changes):
            before, after = self.shown.get(change.unit, "up"), final[change.unit]
            overtaken = (before, change.state, after) == ("up", "degraded", "down")
            if after != before and (position == last[change.unit] or overtaken):
                self.events.append(Event(hours, change.unit, change.state, change.because))
        self.shown |= final

    def why_limited(self, unit: int) -> Because:
        """Why a unit that came up again does not work in full."""
        requirement = next(filter(self.limits, self.plain.own[unit]))
        return Because(requirement=requirement, lost=self.gone(requirement))

    def deadlocks(self) -> list[tuple[int, ...]]:
        """Groups with a down unit that wait for each other, and for no outage that lasts.

        Everything that may still come back is given the benefit of the doubt: outages end,
        restarts and substitutions complete. What then remains waits for ever. Of that, what also
        waits for an outage that lasts is not called a deadlock: its outage is not over.
        """
        plain = self.plain
        struck = {unit for unit, outages in self.strikes.items() if outages}
        # Two nodes per unit: 2·u waits to come up, 2·u + 1 waits to work in full.
        blocking = {2 * unit: list(filter(self.blocks, plain.own[unit])) for unit in self.down}
        blocking |= {2 * u + 1: list(filter(self.limits, plain.own[u])) for u in self.limited}
        for unit in struck:
            blocking.pop(2 * unit, None)
        waits: dict[int, list[int]] = {}
        waited_on: dict[int, set[int]] = {}
        excused: list[int] = []
        for node in sorted(blocking):
            waits[node] = []
            for requirement in blocking[node]:
                for unit in self.gone(requirement, everyone=True):
                    if unit in struck:
                        excused.append(node)
                    for other in _nodes(unit, full=plain.needs_full[requirement]):
                        if other in blocking:
                            waits[node].append(other)
                            waited_on.setdefault(other, set()).add(node)
        stuck = self.stuck(blocking, waited_on)
        seen = set(excused)
        while excused:
            for node in waited_on.get(excused.pop(), ()):
                if node not in seen:
                    seen.add(node)
                    excused.append(node)
        left = stuck - seen
        edges = {node: [w for w in waits[node] if w in left] for node in sorted(left)}
        return [
            tuple(dict.fromkeys(node // 2 for node in _ring(group, edges)))
            for group in components(edges)
            if any(node % 2 == 0 for node in group)
        ]

    def stuck(self, blocking: dict[int, list[int]], waited_on: dict[int, set[int]]) -> set[int]:
        """The nodes that stay blocked even when all that is not blocked by them comes back."""
        plain = self.plain
        stuck = set(blocking)

        def satisfied(requirement: int) -> bool:
            if self.heal and plain.substitution[requirement] < FOREVER:
                return True
            full = plain.needs_full[requirement]
            absent = sum(
                any(node in stuck for node in _nodes(unit, full=full))
                for unit in plain.fulfillers[requirement]
            )
            return absent <= plain.tolerated[requirement]

        queue = sorted(stuck)
        while queue:
            node = queue.pop()
            if node in stuck and all(map(satisfied, blocking[node])):
                stuck.remove(node)
                queue.extend(sorted(waited_on.get(node, ())))
        return stuck


def _ring(group: tuple[int, ...], edges: dict[int, list[int]]) -> tuple[int, ...]:
    """A plain ring in the order of waiting, each for the next; any other group as it stands."""
    inside = set(group)
    successors = {node: {w for w in edges[node] if w in inside} for node in group}
    if any(len(found) != 1 for found in successors.values()):
        return group
    ring = [group[0]]
    while len(ring) < len(group):
        ring.extend(successors[ring[-1]])
    return tuple(ring)


def _nodes(unit: int, *, full: bool) -> tuple[int, ...]:
    return (2 * unit, 2 * unit + 1) if full else (2 * unit,)
