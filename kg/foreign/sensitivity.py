"""Which term, moved how far, changes the verdict on a dependency.

Every flip moves one term and leaves all others as they are. For a process that falls (strategic):

horizon       at any horizon shorter than the hours to failure it is not strategic; exact.
buffer        of each requirement on the way that decided when it falls: the nearest longer buffer
              with which it no longer falls within the horizon. None where not even an endless
              buffer helps.
substitution  of the same requirements: the nearest shorter time with which it no longer falls.
control       the lowest control threshold, among the shares in the chains of the country, at which
              it no longer falls: the share of the weakest link (control is a share *above* the
              threshold). None where control is asserted.
trust         the statements that make the policy distrust the country, or that would make it trust
              it when their kind counted.
risk          the statements without which the dependency is not risky.

For one that does not fall: the *horizon* from which it does, exact; and the *substitution* time of
one requirement beyond which it falls within the horizon (where all together are needed, that).

Buffers and substitution times are moved to the two sides of a boundary, one microsecond apart, and
the withdrawal is computed again at both: the value is exact. The boundary tried first follows from
the events: a buffer longer by what is left of the horizon, or as long as the substitution takes; a
substitution that comes just as the next buffer runs out. Where that is not it, bisection finds one.
The exact verdict is not monotone (:mod:`kg.foreign.withdrawal`), so that there may be another
boundary beyond the one that is told. Implicit requirements (who runs or supplies something) have
no times of their own and are left out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple

from kg.cascade import Event, explain_path
from kg.cascade.restoration_kernels import BUFFER, SUBSTITUTION
from kg.foreign.withdrawal import Ticks, Withdrawal
from kg.network.durations import FOREVER, TICKS_PER_HOUR, to_hours, to_ticks

Term = Literal["horizon", "buffer", "substitution", "control", "trust", "risk"]
#: below, until (and including), above, from (and including); absent: the statement does not count;
#: present: it does.
Side = Literal["below", "until", "above", "from", "absent", "present"]

#: Withdrawals that are computed anew for one answer; beyond it the rest is left out, and said so.
MOST_RUNS: Final = 1_000
#: A run counts once more for every so many units that fall in it.
_DEAR: Final = 1_000
_MINUTE: Final = TICKS_PER_HOUR // 60


class Flip(NamedTuple):
    """The verdict becomes another one when ``term`` is on this side of ``value``.

    Attributes:
        subjects: IRIs of requirements, ownerships or statements; empty for the horizon.
        now: what it is, in hours, or as a share from 0 to 1; inf is never, None where it has none.
        value: in the same unit; None for statements.
        becomes: the verdict then; ``none`` is no finding.
    """

    term: Term
    side: Side
    subjects: tuple[str, ...]
    now: float | None
    value: float | None
    becomes: Literal["none", "foreign", "strategic"]

    def to_json(self, names: Mapping[str, str]) -> dict[str, Any]:
        """As in the JSON of ``kg withdraw``; never is null, with ``now_never`` beside it."""
        found: dict[str, Any] = {
            "term": self.term,
            "side": self.side,
            "subjects": [{"iri": one, "label": names.get(one, "")} for one in self.subjects],
            "now": None if self.now is None or math.isinf(self.now) else self.now,
            "value": None if self.value is None or math.isinf(self.value) else self.value,
            "becomes": self.becomes,
        }
        if self.now is not None and math.isinf(self.now):
            found["now_never"] = True
        return found


class _UnknownError(Exception):
    """A run that is beyond the budget, or that keeps swinging."""


class Sensitivity:
    """Moves the times of one withdrawal; runs are shared between its processes.

    Attributes:
        left: runs that may still be done.
        complete: nothing was left out for want of runs.
    """

    def __init__(self, withdrawal: Withdrawal, most_runs: int = MOST_RUNS) -> None:
        self.withdrawal, self.network = withdrawal, withdrawal.network
        self.withdrawer = withdrawal.withdrawer
        self.units = sorted(withdrawal.units)
        self.horizon = withdrawal.horizon
        self.complete = True
        #: A buffer or substitution time this long is endless: nothing happens beyond the horizon.
        self._endless = to_ticks(self.horizon) + 1 if math.isfinite(self.horizon) else FOREVER
        self.left = most_runs
        self._known: dict[tuple[tuple[int, int, int], ...], Ticks | None] = {}

    def of_fallen(self, process: int) -> tuple[Flip, ...]:
        """Horizon, buffers and substitution times that keep a fallen process up."""
        result = self.withdrawal.result
        assert result is not None
        end = result.first(process, ("down",))
        assert end is not None
        found = []
        if end.hours > 0:  # no horizon is shorter than nothing
            found.append(Flip("horizon", "below", (), self.horizon, end.hours, "foreign"))
        path = explain_path(result, process, end)
        for place, event in enumerate(path):
            need = event.because.requirement
            if need is not None and not self.network.implicit[need]:
                found += self._tried(self._longer_buffer, process, end, need)
                found += self._tried(self._faster_substitution, process, path[place:], need)
        return tuple(dict.fromkeys(found))

    def of_standing(self, processes: Sequence[int]) -> dict[int, tuple[Flip, ...]]:
        """What brings each of these processes, which stay up, down after all."""
        found: dict[int, list[Flip]] = {process: [] for process in processes}
        if not processes:
            return {}
        bare = self.withdrawer.without_return(self.units, self.horizon)
        for process in processes:
            found[process] += self._tried(self._longer_horizon, process)
        single = self._deciding(
            self._substituted(), [one for one in processes if bare[one] < FOREVER]
        )
        for need, decided in single:
            for process in decided:
                found[process] += self._tried(self._slower_substitution, process, need)
        for process in processes:
            flips = found[process]
            if bare[process] < FOREVER and not any(one.term == "substitution" for one in flips):
                flips.append(Flip("substitution", "from", (), None, math.inf, "strategic"))
        return {process: tuple(flips) for process, flips in found.items()}

    def _substituted(self) -> list[int]:
        healed = self.withdrawer.healed(self.units, self.horizon)
        return [one.requirement for one in healed if not self.network.implicit[one.requirement]]

    def _deciding(
        self, needs: Sequence[int], processes: Sequence[int]
    ) -> list[tuple[int, list[int]]]:
        """Requirements without whose substitution some of these processes fall; which ones.

        By halves: where a process stays up though none of a group is substituted, no single one of
        that group is looked at. What falls by timing alone may be missed in that way.
        """
        if not needs or not processes:
            return []
        try:
            first = self._run(*((need, SUBSTITUTION, self._endless) for need in needs))
        except _UnknownError:
            self.complete = False
            return []
        falls = [one for one in processes if first[one] < FOREVER]
        if not falls:
            return []
        if len(needs) == 1:
            return [(needs[0], falls)]
        middle = len(needs) // 2
        return [
            *self._deciding(needs[:middle], falls),
            *self._deciding(needs[middle:], falls),
        ]

    def _tried(self, flips: Callable[..., Iterable[Flip]], *arguments: Any) -> list[Flip]:
        """What was found; nothing where a run could not be done, and then it is not complete."""
        try:
            return list(flips(*arguments))
        except _UnknownError:
            self.complete = False
            return []

    def _longer_horizon(self, process: int) -> Iterable[Flip]:
        first = self._run()
        if first[process] < FOREVER:
            hours = to_hours(int(first[process]))
            yield Flip("horizon", "from", (), self.horizon, hours, "strategic")

    def _longer_buffer(self, process: int, end: Event, need: int) -> Iterable[Flip]:
        def up(ticks: int) -> bool:
            return self._up(process, need, BUFFER, ticks)

        now = to_ticks(float(self.network.buffer[need]))
        if now >= self._endless or not up(self._endless):
            return
        left = to_ticks(self.horizon) - to_ticks(end.hours) if math.isfinite(self.horizon) else None
        guesses = [to_ticks(float(self.network.substitution[need])) - 1]
        if left is not None:
            guesses.append(now + left)
        low = _boundary(up, now, self._endless, sorted(one for one in guesses if one > now))
        if low is not None:
            side, value = _side(low, above="above", at_least="from")
            yield Flip("buffer", side, self._name(need), to_hours(now), value, "foreign")

    def _faster_substitution(
        self, process: int, path: Sequence[Event], need: int
    ) -> Iterable[Flip]:
        def falls(ticks: int) -> bool:
            return not self._up(process, need, SUBSTITUTION, ticks)

        now = to_ticks(float(self.network.substitution[need]))
        if now == 0 or falls(0):
            return
        low = _boundary(falls, 0, min(now, self._endless), [self._in_time(path)])
        if low is not None:
            side, value = _side(low, above="until", at_least="below")
            yield Flip("substitution", side, self._name(need), to_hours(now), value, "foreign")

    def _slower_substitution(self, process: int, need: int) -> Iterable[Flip]:
        def falls(ticks: int) -> bool:
            return not self._up(process, need, SUBSTITUTION, ticks)

        now = to_ticks(float(self.network.substitution[need]))
        if now >= self._endless or not falls(self._endless):
            return
        guess = to_ticks(float(self.network.buffer[need]))
        low = _boundary(falls, now, self._endless, [guess])
        if low is not None:
            side, value = _side(low, above="above", at_least="from")
            yield Flip("substitution", side, self._name(need), to_hours(now), value, "strategic")

    def _in_time(self, path: Sequence[Event]) -> int:
        """The substitution time of the first requirement of a path that comes just in time."""
        first, network = path[0], self.network
        need = first.because.requirement
        assert need is not None
        lost = to_ticks(first.hours) - to_ticks(float(network.buffer[need]))
        lags = sum(to_ticks(float(network.restart_lag[event.unit])) for event in path[:-1])
        return max(0, to_ticks(path[-1].hours) - lost - lags)

    def _name(self, need: int) -> tuple[str, ...]:
        return (self.network.requirements[need],)

    def _up(self, process: int, need: int, column: int, ticks: int) -> bool:
        return bool(self._run((need, column, ticks))[process] == FOREVER)

    def _run(self, *moved: tuple[int, int, int]) -> Ticks:
        """When units go down with these times moved: requirement, column, ticks.

        With none moved: with an endless horizon.
        """
        if moved not in self._known:
            if self.left <= 0:
                raise _UnknownError
            times, horizon = self.withdrawer.times, self.horizon
            if moved:
                times = times.copy()
                for need, column, ticks in moved:
                    times[3 * need + column] = ticks
            else:
                horizon = math.inf
            found = self.withdrawer.falls_with(self.units, horizon, times)
            self._known[moved] = found
            fallen = 0 if found is None else int((found < FOREVER).sum())
            self.left -= 1 + fallen // _DEAR
        known = self._known[moved]
        if known is None:
            raise _UnknownError
        return known


def _boundary(
    later: Callable[[int], bool], low: int, high: int, guesses: Iterable[int]
) -> int | None:
    """A tick t on [low, high) such that ``later`` does not hold at t and does at t + 1.

    None when it does not hold at ``high`` or holds at ``low`` already.
    """
    if later(low) or not later(high):
        return None
    for guess in guesses:
        if low <= guess < high and not later(guess) and later(guess + 1):
            return guess
    low, high = _halved(later, low, high, _MINUTE)
    # Times in data are whole minutes, so that the boundary is beside one.
    for guess in (low, high - 1):
        if not later(guess) and later(guess + 1):
            return guess
    return _halved(later, low, high, 1)[0]


def _halved(later: Callable[[int], bool], low: int, high: int, step: int) -> tuple[int, int]:
    """Bisection between whole steps until they are neighbours."""
    while high - low > step:
        middle = (low + high) // 2 // step * step
        if middle <= low:
            middle += step
        if middle >= high:
            break
        if later(middle):
            high = middle
        else:
            low = middle
    return low, high


def _side(low: int, *, above: Side, at_least: Side) -> tuple[Side, float]:
    """A boundary between two ticks as the rounder of both."""
    if (low + 1) % _MINUTE == 0:
        return at_least, to_hours(low + 1)
    return above, to_hours(low)
