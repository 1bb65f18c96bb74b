"""The inner loop of cascades with restoration: one text, plain Python or compiled.

As in :mod:`kg.cascade.kernels` the functions here take numbers and flat sequences only, and run on
lists as on arrays. What :mod:`kg.cascade.restoration` defines is kept as counters:

- per requirement how many of its fulfillers are absent, and whether it is *lost*; while lost it
  *blocks* (a restart requirement at once, an operation requirement once its charge is 0);
- per unit how many outages strike it, how many requirements block it, how many limit it.

So a unit is ready when two counters are 0, and an event costs what leans on its unit, nothing more.
Only what a run touches is changed, and :func:`clear` undoes just that. All kernels stand in one
file because they call each other (:mod:`kg.cascade.compiling`); :func:`sample`, at the end, is the
loop of :mod:`kg.cascade.uncertainty`.

A network and its scratch, U units, R requirements, F fulfilments; ticks:

    use_ptr int64[U+1], use_reqs int64[F]   the requirements that a unit fulfils
    own_ptr int64[U+1], own_reqs int64[R]   the requirements of a unit
    lag int64[U]        restart lags
    fixed int64[3·R]    per requirement the columns BUFFER … SUBSTITUTION
    req int64[8·R]      per requirement the columns DEPENDENT and RULE and, as scratch beside them
                        because an event looks at both, ABSENT … HEALED_AT
    unit int64[8·U]     scratch per unit, the columns STATUS … PLACE
    marks int64[2·U+2·R], count int64[4]    what was met in this run and touched in this instant
    events int64[5·n]   per event the columns TIME … REASON
    strikes int64[3·n]  per start or end of an outage: time, unit, position of the outage
"""

from __future__ import annotations

from heapq import heappop, heappush
from types import SimpleNamespace
from typing import Any, Final

from kg.cascade.compiling import compile_kernels, once

# Columns of ``fixed``.
BUFFER: Final = 0
REFILL: Final = 1
SUBSTITUTION: Final = 2  # NEVER where lost requirements do not heal

# What stands in RULE beside 8 times the number of fulfillers that may be absent.
FAILS: Final = 1
OPERATION: Final = 2
FULL: Final = 4

# Columns of ``req``; what is not available of the buffer is SPENT, as it was at SINCE.
DEPENDENT: Final = 0
RULE: Final = 1
ABSENT: Final = 2
HELD: Final = 3
SPENT: Final = 4
SINCE: Final = 5
DRAINED_AT: Final = 6  # when it will be empty; 0 when nothing waits for that
HEALED_AT: Final = 7  # likewise

# What stands in HELD.
LOST: Final = 1
BLOCKS: Final = 2  # and, with effect degrades, limits
DRAINING: Final = 4  # lost when the last instant ended
HEALED: Final = 8
TOUCHED: Final = 16  # lost or returned in this instant
MET: Final = 32  # in this run; for units as well

# Columns of ``unit``; its status after the last instant is SHOWN, its last event PLACE.
STATUS: Final = 0
SHOWN: Final = 1
STRIKES: Final = 2
BLOCKED: Final = 3
LIMITS: Final = 4
READY_AT: Final = 5  # 1 + when its restart is over; 0 while not ready
WHY: Final = 6  # what made it ready, less NOTHING
PLACE: Final = 7

# What stands in STATUS.
DOWN: Final = 1
LIMITED: Final = 2
STIRRED: Final = 4  # in this instant

# Columns of ``events``, and the kinds; HIDDEN is added to what flipped back within its instant.
TIME: Final = 0
ROUND: Final = 1
UNIT: Final = 2
KIND: Final = 3
REASON: Final = 4
TO_DOWN: Final = 0
TO_DEGRADED: Final = 1
TO_UP: Final = 2
HIDDEN: Final = 4

# Rounds of an instant; losses follow from 0, counted as kernels.settle does.
STRUCK: Final = -2
RESTORED: Final = -1

#: A change without a reason of its own; other reasons are requirements, or −1 − outage.
NOTHING: Final = -(1 << 31)
#: More than any time; buffers and lags of this length never end.
NEVER: Final = 1 << 62

# For whom a unit leaves or comes back: those who need it at all, or in full.
AT_ALL: Final = 1
IN_FULL: Final = 2

# How a run ended.
DONE: Final = 0
NO_ROOM: Final = 1


def clear(unit: Any, req: Any, marks: Any, count: Any) -> None:
    """Undo what the last run touched."""
    units = len(unit) // 8
    reqs = len(req) // 8
    for i in range(count[0]):
        start = 8 * marks[i]
        for at in range(start, start + 8):
            unit[at] = 0
    for i in range(units, count[1]):
        start = 8 * marks[i]
        for at in range(start + ABSENT, start + 8):
            req[at] = 0
    # Where the next one is written: units met, requirements met, units and requirements touched.
    count[0] = 0
    count[1] = units
    count[2] = units + reqs
    count[3] = 2 * units + reqs


def share(whole: int, part: int, of: int) -> int:
    """whole · part // of, for 0 ≤ part < of ≤ 2⁶², without a number beyond 63 bits."""
    if part == 0 or whole <= 0x7FFFFFFFFFFFFFFF // part:
        return whole * part // of
    found = 0
    rest = 0
    for bit in range(62, -1, -1):
        found *= 2
        rest *= 2
        if rest >= of:
            rest -= of
            found += 1
        if (whole >> bit) & 1:
            rest += part
            if rest >= of:
                rest -= of
                found += 1
    return found


def charge(fixed: Any, req: Any, r: int, now: int) -> Any:
    """What is left of a buffer now, as it drained or refilled since an instant last touched it."""
    full = fixed[3 * r + BUFFER]
    if full >= NEVER or full == 0:
        return full
    level = full - req[8 * r + SPENT]
    passed = now - req[8 * r + SINCE]
    if req[8 * r + HELD] & DRAINING:
        return level - passed if passed < level else 0
    refill = fixed[3 * r + REFILL]
    if level == full or passed >= refill:
        return full
    level += share(full, passed, refill)
    return level if level < full else full


def touch(req: Any, marks: Any, count: Any, r: int) -> None:
    """Note that a requirement was lost or returned in this instant."""
    if req[8 * r + HELD] & TOUCHED == 0:
        marks[count[3]] = r
        count[3] += 1
        req[8 * r + HELD] |= TOUCHED


def stir(unit: Any, marks: Any, count: Any, u: int) -> None:
    """Note that the readiness of a unit may have changed in this instant."""
    status = unit[8 * u + STATUS]
    if status & STIRRED == 0:
        marks[count[2]] = u
        count[2] += 1
        if status & MET == 0:
            marks[count[0]] = u
            count[0] += 1
        unit[8 * u + STATUS] = status | STIRRED | MET


def block(unit: Any, req: Any, marks: Any, count: Any, r: int) -> None:
    """Count a requirement in, or out, as one that keeps its unit down or degraded."""
    u = req[8 * r + DEPENDENT]
    stir(unit, marks, count, u)
    held = req[8 * r + HELD] ^ BLOCKS
    req[8 * r + HELD] = held
    step = 1 if held & BLOCKS else -1
    limits = req[8 * r + RULE] & (FAILS | OPERATION) == OPERATION
    unit[8 * u + (LIMITS if limits else BLOCKED)] += step


def note(unit: Any, events: Any, n: int, now: int, turn: int, u: int, reason: int) -> int:
    """Write down the state that a unit has just come into; the number of events."""
    status = unit[8 * u + STATUS]
    events[5 * n + TIME] = now
    events[5 * n + ROUND] = turn
    events[5 * n + UNIT] = u
    events[5 * n + KIND] = TO_DOWN if status & DOWN else TO_DEGRADED if status & LIMITED else TO_UP
    events[5 * n + REASON] = reason
    unit[8 * u + PLACE] = n
    return n + 1


def leave(
    use_ptr: Any,
    use_reqs: Any,
    fixed: Any,
    unit: Any,
    req: Any,
    marks: Any,
    count: Any,
    losing: Any,
    u: int,
    whom: int,
    now: int,
) -> None:
    """Count a unit as absent for those who need it at all, or in full; collect what that ends."""
    for place in range(use_ptr[u], use_ptr[u + 1]):
        r = use_reqs[place]
        flags = req[8 * r + RULE]
        if whom & (IN_FULL if flags & FULL else AT_ALL) == 0:
            continue
        gone = req[8 * r + ABSENT] + 1
        req[8 * r + ABSENT] = gone
        held = req[8 * r + HELD]
        if held & MET == 0:
            marks[count[1]] = r
            count[1] += 1
            held |= MET
            req[8 * r + HELD] = held
        if gone <= flags >> 3 or held & (LOST | HEALED):
            continue
        if fixed[3 * r + SUBSTITUTION] > 0:
            req[8 * r + HELD] = held | LOST
            touch(req, marks, count, r)
            if flags & OPERATION == 0 or charge(fixed, req, r, now) == 0:
                block(unit, req, marks, count, r)
                if flags & OPERATION:
                    losing.append(r)


def come(
    use_ptr: Any,
    use_reqs: Any,
    fixed: Any,
    unit: Any,
    req: Any,
    marks: Any,
    count: Any,
    queue: Any,
    u: int,
    whom: int,
) -> None:
    """Count a unit as present again; queue the dependents of what is no longer lost."""
    for place in range(use_ptr[u], use_ptr[u + 1]):
        r = use_reqs[place]
        if whom & (IN_FULL if req[8 * r + RULE] & FULL else AT_ALL) == 0:
            continue
        gone = req[8 * r + ABSENT] - 1
        req[8 * r + ABSENT] = gone
        held = req[8 * r + HELD]
        if held & LOST and gone <= req[8 * r + RULE] >> 3:
            req[8 * r + HELD] = held ^ LOST
            touch(req, marks, count, r)
            if held & BLOCKS:
                block(unit, req, marks, count, r)
            queue.append((req[8 * r + DEPENDENT], r))


def lose(
    use_ptr: Any,
    use_reqs: Any,
    fixed: Any,
    unit: Any,
    req: Any,
    marks: Any,
    count: Any,
    events: Any,
    losing: Any,
    start: int,
    end: int,
    n: int,
    now: int,
    turn: int,
) -> int:
    """Take down or degrade what ``losing[start:end]`` has run out of: one round.

    Who is in the round is settled before any of it takes effect; within it down goes before
    degraded, and of several requirements the lowest is told.

    Returns:
        The number of events; ``losing`` has got what is lost, with nothing left, through this.
    """
    first = n
    for i in range(start, end):
        if req[8 * losing[i] + HELD] & BLOCKS == 0:
            losing[i] = -1  # it returned within the instant
    for wanted in (FAILS, 0):
        for i in range(start, end):
            r = losing[i]
            if r < 0 or req[8 * r + RULE] & FAILS != wanted:
                continue
            u = req[8 * r + DEPENDENT]
            status = unit[8 * u + STATUS]
            bit = DOWN if wanted else LIMITED
            if status & bit:
                place = unit[8 * u + PLACE]
                if (
                    place >= first
                    and events[5 * place + REASON] > r
                    and (events[5 * place + KIND] == TO_DOWN) == (wanted == FAILS)
                ):
                    events[5 * place + REASON] = r
                continue
            unit[8 * u + STATUS] = status | bit
            if wanted or status & DOWN == 0:
                n = note(unit, events, n, now, turn, u, r)
                whom = AT_ALL if wanted else 0
                if status & LIMITED == 0:
                    whom |= IN_FULL
                leave(use_ptr, use_reqs, fixed, unit, req, marks, count, losing, u, whom, now)
    return n


def restart(
    use_ptr: Any,
    use_reqs: Any,
    own_ptr: Any,
    own_reqs: Any,
    lag: Any,
    fixed: Any,
    unit: Any,
    req: Any,
    marks: Any,
    count: Any,
    events: Any,
    queue: Any,
    n: int,
    now: int,
) -> int:
    """Bring up what is queued, is ready and has been so for long enough, to a fixpoint.

    First come, first served, so that what made a unit ready is told as it came about.

    Returns:
        The number of events.
    """
    zero = now - now
    turn = zero + RESTORED
    first = n
    place = 0
    while place < len(queue):
        u, reason = queue[place]
        place += 1
        stir(unit, marks, count, u)
        if unit[8 * u + STATUS] & LIMITED and unit[8 * u + LIMITS] == 0:
            unit[8 * u + STATUS] ^= LIMITED
            if unit[8 * u + STATUS] & DOWN == 0:
                n = note(unit, events, n, now, turn, u, reason)
                whom = zero + IN_FULL
                come(use_ptr, use_reqs, fixed, unit, req, marks, count, queue, u, whom)
        if unit[8 * u + STATUS] & DOWN == 0:
            continue
        if unit[8 * u + STRIKES] > 0 or unit[8 * u + BLOCKED] > 0:
            continue
        if unit[8 * u + WHY] == 0:
            unit[8 * u + WHY] = reason - NOTHING
        due = unit[8 * u + READY_AT]
        if now + 1 >= due if due > 0 else lag[u] == 0:
            unit[8 * u + STATUS] ^= DOWN
            n = note(unit, events, n, now, turn, u, unit[8 * u + WHY] + NOTHING)
            whom = AT_ALL if unit[8 * u + STATUS] & LIMITED else AT_ALL | IN_FULL
            come(use_ptr, use_reqs, fixed, unit, req, marks, count, queue, u, whom)
    for i in range(first, n):
        if events[5 * i + KIND] == TO_DEGRADED:
            # Why it does not work in full, now that all that comes back has come.
            u = events[5 * i + UNIT]
            for at in range(own_ptr[u], own_ptr[u + 1]):
                r = own_reqs[at]
                limits = req[8 * r + RULE] & (FAILS | OPERATION) == OPERATION
                if limits and req[8 * r + HELD] & BLOCKS:
                    events[5 * i + REASON] = r
                    break
    return n


def settle_instant(
    lag: Any,
    fixed: Any,
    unit: Any,
    req: Any,
    marks: Any,
    count: Any,
    events: Any,
    alarms: Any,
    first: int,
    n: int,
    now: int,
    horizon: int,
) -> None:
    """The instant is over: drain or refill from here, start or stop restarts, hide what flipped."""
    units = len(lag)
    reqs = len(fixed) // 3
    for i in range(2 * units + reqs, count[3]):
        r = marks[i]
        held = req[8 * r + HELD] ^ TOUCHED
        if (held & LOST != 0) != (held & DRAINING != 0):
            level = charge(fixed, req, r, now)
            req[8 * r + SPENT] = fixed[3 * r + BUFFER] - level
            req[8 * r + SINCE] = now
            held ^= DRAINING
            if held & LOST:
                if 0 < level <= horizon - now and req[8 * r + RULE] & OPERATION:
                    req[8 * r + DRAINED_AT] = now + level
                    heappush(alarms, (now + level, r))
                wait = fixed[3 * r + SUBSTITUTION]
                if wait < NEVER and wait <= horizon - now:
                    req[8 * r + HEALED_AT] = now + wait
                    heappush(alarms, (now + wait, reqs + r))
            else:
                req[8 * r + DRAINED_AT] = 0
                req[8 * r + HEALED_AT] = 0
        req[8 * r + HELD] = held
    count[3] = 2 * units + reqs
    for i in range(units + reqs, count[2]):
        u = marks[i]
        status = unit[8 * u + STATUS] ^ STIRRED
        unit[8 * u + STATUS] = status
        if status & DOWN == 0 or unit[8 * u + STRIKES] > 0 or unit[8 * u + BLOCKED] > 0:
            unit[8 * u + READY_AT] = 0
            unit[8 * u + WHY] = 0
        elif unit[8 * u + READY_AT] == 0:
            # What is over after the horizon needs no alarm.
            unit[8 * u + READY_AT] = NEVER
            if lag[u] <= horizon - now:
                unit[8 * u + READY_AT] = now + lag[u] + 1
                heappush(alarms, (now + lag[u], 2 * reqs + u))
    count[2] = units + reqs
    for i in range(first, n):
        u = events[5 * i + UNIT]
        before = unit[8 * u + SHOWN]
        after = unit[8 * u + STATUS]
        kind = events[5 * i + KIND]
        # Degraded on the way from up to down is kept, for the explanation of what that caused.
        overtaken = before == 0 and kind == TO_DEGRADED and after & DOWN != 0
        same = before == after & (DOWN | LIMITED) or before & after & DOWN != 0
        if same or not (i == unit[8 * u + PLACE] or overtaken):
            events[5 * i + KIND] = kind + HIDDEN
    for i in range(first, n):
        u = events[5 * i + UNIT]
        unit[8 * u + SHOWN] = unit[8 * u + STATUS] & (DOWN | LIMITED)


def run(
    use_ptr: Any,
    use_reqs: Any,
    own_ptr: Any,
    own_reqs: Any,
    lag: Any,
    fixed: Any,
    unit: Any,
    req: Any,
    marks: Any,
    count: Any,
    events: Any,
    starts: Any,
    ends: Any,
    started: int,
    ended: int,
    horizon: int,
    most: int,
) -> tuple[int, int]:
    """One cascade with restoration, up to and including the horizon.

    Args:
        unit, req, marks, count: scratch; what the run before left behind is cleared first.
        events: room for five per unit, and then some.
        starts, ends: strikes sorted by time, unit and position; only the first ``started`` and
            ``ended`` of them count.
        most: it stops after the instant in which more events than this were found.

    Returns:
        How it ended (DONE or NO_ROOM) and the number of events, those that are hidden included.

    Cost: O(log) per alarm, and what leans on each unit that changes.
    """
    clear(unit, req, marks, count)
    reqs = len(fixed) // 3
    room = len(events) // 5 - 5 * len(lag)
    zero = horizon - horizon
    # Lists of a known kind of number, for the compiler.
    alarms = [(horizon, zero) for _ in range(0)]
    order = [(zero, zero, zero) for _ in range(0)]
    losing = [zero for _ in range(0)]
    queue = [(zero, zero) for _ in range(0)]
    n = zero
    next_start = 0
    next_end = 0
    while n <= most:
        now = horizon + 1
        if next_start < started:
            now = min(now, starts[3 * next_start])
        if next_end < ended:
            now = min(now, ends[3 * next_end])
        if len(alarms) > 0:
            now = min(now, alarms[0][0])
        if now > horizon:
            break
        if n > room:
            return NO_ROOM, n
        first = n
        losing.clear()
        queue.clear()
        while len(alarms) > 0 and alarms[0][0] == now:
            code = heappop(alarms)[1]
            if code < reqs:
                if req[8 * code + DRAINED_AT] == now:
                    req[8 * code + DRAINED_AT] = 0
                    block(unit, req, marks, count, code)
                    losing.append(code)
            elif code < 2 * reqs:
                r = code - reqs
                if req[8 * r + HEALED_AT] == now:
                    req[8 * r + HEALED_AT] = 0
                    heappush(order, (zero + req[8 * r + DEPENDENT], zero + 2, zero + r))
            elif unit[8 * (code - 2 * reqs) + READY_AT] == now + 1:
                heappush(order, (zero + code - 2 * reqs, zero, zero))
        drained = len(losing)
        while next_end < ended and ends[3 * next_end] == now:
            u = ends[3 * next_end + 1]
            stir(unit, marks, count, u)
            unit[8 * u + STRIKES] -= 1
            heappush(order, (zero + u, zero + 1, zero + ends[3 * next_end + 2]))
            next_end += 1
        while next_start < started and starts[3 * next_start] == now:
            u = starts[3 * next_start + 1]
            reason = -1 - starts[3 * next_start + 2]
            next_start += 1
            stir(unit, marks, count, u)
            unit[8 * u + STRIKES] += 1
            status = unit[8 * u + STATUS]
            if status & DOWN == 0:
                unit[8 * u + STATUS] = status | DOWN
                n = note(unit, events, n, now, zero + STRUCK, u, reason)
                whom = AT_ALL if status & LIMITED else AT_ALL | IN_FULL
                leave(use_ptr, use_reqs, fixed, unit, req, marks, count, losing, u, whom, now)
        while len(order) > 0:
            u, rank, subject = heappop(order)
            reason = NOTHING + zero
            if rank == 1:
                reason = -1 - subject
            elif rank == 2:
                reason = subject
                touch(req, marks, count, subject)
                held = req[8 * subject + HELD]
                req[8 * subject + HELD] = (held | HEALED | LOST) ^ LOST
                if held & BLOCKS:
                    block(unit, req, marks, count, subject)
            queue.append((u, reason))
        if len(queue) > 0:
            n = restart(
                use_ptr,
                use_reqs,
                own_ptr,
                own_reqs,
                lag,
                fixed,
                unit,
                req,
                marks,
                count,
                events,
                queue,
                n,
                now,
            )
        # First what ran out of buffer, then what is lost at once, through that or what was struck.
        start = zero
        end = zero + drained
        turn = zero
        while start < len(losing):
            n = lose(
                use_ptr,
                use_reqs,
                fixed,
                unit,
                req,
                marks,
                count,
                events,
                losing,
                start,
                end,
                n,
                now,
                turn,
            )
            start = end
            end = len(losing)
            turn += 1
        settle_instant(lag, fixed, unit, req, marks, count, events, alarms, first, n, now, horizon)
    return DONE, n


def sample(
    use_ptr: Any,
    use_reqs: Any,
    own_ptr: Any,
    own_reqs: Any,
    lag: Any,
    fixed: Any,
    unit: Any,
    req: Any,
    marks: Any,
    count: Any,
    events: Any,
    drawn: Any,
    buffers: Any,
    starts: Any,
    ends: Any,
    occurs: Any,
    begin: Any,
    finish: Any,
    horizon: int,
    most: int,
    first: int,
    last: int,
    step: int,
    per: int,
    row: Any,
    vital: Any,
    mark: Any,
    change: Any,
    fell: Any,
    lasted: Any,
    units_down: Any,
    vital_down: Any,
) -> tuple[int, int]:
    """Cascades one after another, each with its own buffers and outages, added up.

    Args:
        drawn int64[D]: requirements whose buffer differs from sample to sample;
            buffers int64[n·D]: those buffers, per sample.
        occurs int64[n·O]: does an outage occur, per sample; begin, finish: scratch for strikes.
        first, last: the samples to do, of the n.
        step: ticks between the edges at which first losses are told apart; per: edges between
            the moments of the grid.
        row int64[U]: where a unit stands in the sums (only those that can be reached).
        vital int64[U]: 1 for vital processes.
        mark int64[rows], change int64[2·(grid + 1)]: scratch, 0 on entry and on return.
        fell int64[rows·(edges + 1)]: samples in which a unit first went down up to that edge.
        lasted int64[rows]: samples in which it is down at the horizon.
        units_down, vital_down int64[(grid + 1)·(rows + 1)]: samples in which so many are down.

    Returns:
        How the last run ended, and the first sample that was not added.
    """
    grid = len(change) // 2 - 1
    edges = grid * per
    rows = len(mark)
    outages = len(begin) // 3
    for one in range(first, last):
        for at in range(len(drawn)):
            fixed[3 * drawn[at] + BUFFER] = buffers[one * len(drawn) + at]
        started = 0
        for at in range(len(starts) // 3):
            if occurs[one * outages + starts[3 * at + 2]]:
                for column in range(3):
                    begin[3 * started + column] = starts[3 * at + column]
                started += 1
        ended = 0
        for at in range(len(ends) // 3):
            if occurs[one * outages + ends[3 * at + 2]]:
                for column in range(3):
                    finish[3 * ended + column] = ends[3 * at + column]
                ended += 1
        status, n = run(
            use_ptr,
            use_reqs,
            own_ptr,
            own_reqs,
            lag,
            fixed,
            unit,
            req,
            marks,
            count,
            events,
            begin,
            finish,
            started,
            ended,
            horizon,
            most,
        )
        if status != DONE or n > most:
            return status, one
        for at in range(n):
            kind = events[5 * at + KIND]
            if kind >= HIDDEN:
                continue
            u = events[5 * at + UNIT]
            place = row[u]
            edge = (events[5 * at + TIME] + step - 1) // step
            moment = (edge + per - 1) // per
            if kind == TO_DOWN:
                if mark[place] == 0:
                    fell[place * (edges + 1) + edge] += 1
                mark[place] = 3
                change[2 * moment] += 1
                change[2 * moment + 1] += vital[u]
            elif mark[place] & 1:
                mark[place] = 2
                change[2 * moment] -= 1
                change[2 * moment + 1] -= vital[u]
        for at in range(n):
            place = row[events[5 * at + UNIT]]
            lasted[place] += mark[place] & 1
            mark[place] = 0
        down = 0
        processes = 0
        for moment in range(grid + 1):
            down += change[2 * moment]
            processes += change[2 * moment + 1]
            change[2 * moment] = 0
            change[2 * moment + 1] = 0
            units_down[moment * (rows + 1) + down] += 1
            vital_down[moment * (rows + 1) + processes] += 1
    return DONE, last


_KERNELS: Final[tuple[Any, ...]] = (
    clear,
    share,
    charge,
    touch,
    stir,
    block,
    note,
    leave,
    come,
    lose,
    restart,
    settle_instant,
    run,
    sample,
)


@once
def compiled() -> SimpleNamespace:
    """The kernels of this file, compiled (:func:`kg.cascade.compiling.compile_kernels`)."""
    return compile_kernels(_KERNELS, globals())
