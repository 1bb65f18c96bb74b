"""The inner loops of cascades: one text each, run as plain Python on small networks, compiled on
large ones.

A kernel takes only numbers and flat sequences of numbers, so that the very same function runs on
lists (plain Python: no waiting for a compiler, quickest below some ten thousand units) and on
arrays (numba: a hundred times faster, without the interpreter's lock). :func:`compiled` compiles
them once per machine; numba keeps the result on disk.

How a network looks to a kernel, U units, R requirements, F fulfilments:

    use_ptr int64[U+1], use_reqs int32[F]   the requirements that a unit fulfils
    rows int32[4·R]       per requirement: dependent, tolerated·8 + flags, delay, scratch
    delays int64[D]       the different buffers in ticks, sorted, the first is 0
    delay_ptr int64[D+1]  how many requirements have each, added up

Requirements with the same buffer run out in the order in which they were lost. So one queue per
*different* buffer keeps them in the order of time, and only the heads of the queues need a heap.
"""

from __future__ import annotations

from functools import cache
from heapq import heappop, heappush
from types import FunctionType, SimpleNamespace
from typing import Any, Final

# What stands in rows[4·r + 1] beside 8 times the number of fulfillers that may be absent.
FLAG_FAILS: Final = 1
FLAG_OPERATION: Final = 2
FLAG_FULL: Final = 4

# Kinds of event: down (also when struck); degraded; down after it was degraded at an earlier
# round, so that requirements that need it in full have counted it already.
DOWN: Final = 0
DEGRADED: Final = 1
DOWN_AFTER_DEGRADED: Final = 2


def settle(
    use_ptr: Any,
    use_reqs: Any,
    rows: Any,
    delays: Any,
    delay_ptr: Any,
    unit: Any,
    queue_req: Any,
    queue_time: Any,
    queue_head: Any,
    queue_tail: Any,
    outage_time: Any,
    outage_unit: Any,
    horizon: int,
    unit_base: int,
    gone_base: int,
    event_time: Any,
    event_round: Any,
    event_unit: Any,
    event_kind: Any,
    event_reason: Any,
) -> int:
    """The least solution of failure only (see :mod:`kg.cascade.failure`), in the order of time.

    At one instant, round −1 is what is struck, round 0 what ran out of buffer, round i + 1 what
    those before it bring down at once. Within a round down goes before degraded, and of several
    reasons the lowest outage, then the lowest requirement counts: the outcome depends on no order
    of work.

    Args:
        rows: the last column is overwritten; values below ``gone_base`` count as 0.
        unit: int32[2·U] scratch: state above ``unit_base`` (0 up, 1 degraded, 2 down), event.
        queue_req int32[R], queue_time int64[R], queue_head int64[D], queue_tail int64[D]:
            scratch, heads and tails 0 on entry and on return.
        outage_time, outage_unit: sorted by time; ticks.
        horizon: ticks, included.
        event_*: filled, at most 2·U; reason is a requirement, or −1 − outage.

    Returns:
        The number of events. They stand in the order of (time, round); within a round in the
        order in which they were found.

    Cost: O(F + R log D) with D different buffers.
    """
    zero = horizon - horizon
    waiting = [(horizon, zero)]
    waiting.pop()
    n = 0
    head = 0
    struck = 0
    outages = len(outage_time)
    while True:
        now = horizon + 1
        if struck < outages:
            now = outage_time[struck]
        if len(waiting) > 0 and waiting[0][0] < now:
            now = waiting[0][0]
        if now > horizon:
            break
        first = n
        while struck < outages and outage_time[struck] == now:
            v = outage_unit[struck]
            before = unit[2 * v] - unit_base
            if before < 2:
                event_time[n] = now
                event_round[n] = -1
                event_unit[n] = v
                event_kind[n] = 2 if before == 1 else 0
                event_reason[n] = -1 - struck
                unit[2 * v] = unit_base + 2
                unit[2 * v + 1] = n
                n += 1
            struck += 1
        while len(waiting) > 0 and waiting[0][0] == now:
            delay = heappop(waiting)[1]
            start = delay_ptr[delay]
            i = queue_head[delay]
            tail = queue_tail[delay]
            while i < tail and queue_time[start + i] == now:
                r = queue_req[start + i]
                i += 1
                v = rows[4 * r]
                before = unit[2 * v] - unit_base
                fails = rows[4 * r + 1] & 1
                if before <= 0 or (before == 1 and fails):
                    place = unit[2 * v + 1]
                    if before == 1 and place >= first:
                        event_kind[place] = 0
                        event_reason[place] = r
                    else:
                        event_time[n] = now
                        event_round[n] = 0
                        event_unit[n] = v
                        event_kind[n] = (2 if before == 1 else 0) if fails else 1
                        event_reason[n] = r
                        unit[2 * v + 1] = n
                        n += 1
                    unit[2 * v] = unit_base + 1 + fails
                elif before == 1 + fails:
                    place = unit[2 * v + 1]
                    if place >= first and r < event_reason[place]:
                        event_reason[place] = r
            if i < tail:
                queue_head[delay] = i
                heappush(waiting, (queue_time[start + i], zero + delay))
            else:
                queue_head[delay] = 0
                queue_tail[delay] = 0
        round_ = 0
        while head < n:
            round_ += 1
            first = n
            while head < first:
                u = event_unit[head]
                kind = event_kind[head]
                head += 1
                for place in range(use_ptr[u], use_ptr[u + 1]):
                    r = use_reqs[place]
                    flags = rows[4 * r + 1]
                    if flags & 4:
                        if kind == 2:
                            continue
                    elif kind == 1:
                        continue
                    gone = rows[4 * r + 3]
                    if gone < gone_base:
                        gone = gone_base
                    gone += 1
                    rows[4 * r + 3] = gone
                    if gone - gone_base != (flags >> 3) + 1 or flags & 2 == 0:
                        continue
                    delay = rows[4 * r + 2]
                    if delay > 0:
                        wait = delays[delay]
                        if wait <= horizon - now:
                            i = queue_tail[delay]
                            queue_req[delay_ptr[delay] + i] = r
                            queue_time[delay_ptr[delay] + i] = now + wait
                            queue_tail[delay] = i + 1
                            if i == queue_head[delay]:
                                heappush(waiting, (now + wait, zero + delay))
                        continue
                    v = rows[4 * r]
                    before = unit[2 * v] - unit_base
                    fails = flags & 1
                    if before <= 0 or (before == 1 and fails):
                        spot = unit[2 * v + 1]
                        if before == 1 and spot >= first:
                            event_kind[spot] = 0
                            event_reason[spot] = r
                        else:
                            event_time[n] = now
                            event_round[n] = round_
                            event_unit[n] = v
                            event_kind[n] = (2 if before == 1 else 0) if fails else 1
                            event_reason[n] = r
                            unit[2 * v + 1] = n
                            n += 1
                        unit[2 * v] = unit_base + 1 + fails
                    elif before == 1 + fails:
                        spot = unit[2 * v + 1]
                        if spot >= first and r < event_reason[spot]:
                            event_reason[spot] = r
    return n


_KERNELS: Final = (settle,)


@cache
def compiled() -> SimpleNamespace:
    """The kernels under their own names, compiled by numba and kept on disk for the next time.

    A kernel may call those before it in the list. Where nothing can be kept (no folder that can
    be written), they are compiled for this process only.
    """
    import numba

    names = dict(globals())
    for kernel in _KERNELS:
        # A copy whose globals hold the compiled versions of what it calls.
        copy = FunctionType(kernel.__code__, names, kernel.__name__)
        copy.__qualname__ = kernel.__qualname__
        try:
            names[kernel.__name__] = numba.njit(cache=True, nogil=True)(copy)
        except RuntimeError:  # numba found no place to keep it
            names[kernel.__name__] = numba.njit(nogil=True)(copy)
    return SimpleNamespace(**{kernel.__name__: names[kernel.__name__] for kernel in _KERNELS})
