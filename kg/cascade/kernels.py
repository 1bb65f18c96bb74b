"""The inner loops of cascades: one text each, run as plain Python on small networks, compiled on
large ones.

A kernel takes only numbers and flat sequences of numbers, so that the very same function runs on
lists (plain Python: no waiting for a compiler, quickest below some ten thousand units) and on
arrays (numba: a hundred times faster, without the interpreter's lock). :func:`compiled` compiles
them once per machine; numba keeps the result on disk.

How failure only looks to a kernel, U units, R requirements, E edges: one from each fulfiller to the
dependent of each requirement of operation whose buffer can run out.

    edge_ptr int64[U+1]   the edges of a unit
    edges int32[4·E]      per edge: dependent·8 + FLAG_FAILS + FLAG_FULL + FLAG_DIRECT,
                          requirement, how many fulfillers may be absent, place in delays
    delays int64[D]       the different buffers in ticks, sorted, the first is 0
    delay_ptr int64[D+1]  how many requirements have each, added up

Most edges lead to what is down already, or are direct: losing one fulfiller is enough and there is
no buffer. Such an edge costs one look at its dependent, as in a breadth-first search; only the rest
looks at the counter of its requirement. What an edge needs stands beside it, in the order in which
it is read: time goes to looks at random places in memory, not to the queue.

Requirements with the same buffer run out in the order in which they were lost. So one queue per
*different* buffer keeps them in the order of time, and only the heads of the queues need a heap.
"""

from __future__ import annotations

from functools import cache
from heapq import heappop, heappush
from types import FunctionType, SimpleNamespace
from typing import Any, Final

# What stands in an edge beside 8 times its dependent.
FLAG_FAILS: Final = 1
FLAG_FULL: Final = 2
FLAG_DIRECT: Final = 4

# Kinds of event: down (also when struck); degraded; down after it was degraded at an earlier
# round, so that requirements that need it in full have counted it already.
DOWN: Final = 0
DEGRADED: Final = 1
DOWN_AFTER_DEGRADED: Final = 2


def settle(
    edge_ptr: Any,
    edges: Any,
    delays: Any,
    delay_ptr: Any,
    unit: Any,
    gone: Any,
    queue_to: Any,
    queue_req: Any,
    queue_time: Any,
    queue_head: Any,
    queue_tail: Any,
    event_time: Any,
    event_round: Any,
    event_unit: Any,
    event_kind: Any,
    event_reason: Any,
    outage_time: Any,
    outage_unit: Any,
    horizon: int,
    unit_base: int,
    gone_base: int,
) -> int:
    """The least solution of failure only (see :mod:`kg.cascade.failure`), in the order of time.

    At one instant, round −1 is what is struck, round 0 what ran out of buffer, round i + 1 what
    those before it bring down at once. Within a round down goes before degraded, and of several
    reasons the lowest outage, then the lowest requirement counts: the outcome depends on no order
    of work.

    Args:
        unit: int32[U] scratch, 2·event + (is it down) above ``unit_base``; up when below.
        gone: int32[R] scratch, the fulfillers that are absent above ``gone_base``; 0 when below.
        queue_to int32[R], queue_req int32[R], queue_time int64[R], queue_head int64[D],
            queue_tail int64[D]: scratch, heads and tails 0 on entry and on return.
        event_*: filled, at most 2·U; reason is a requirement, or −1 − outage.
        outage_time, outage_unit: sorted by time; ticks.
        horizon: ticks, included.

    Returns:
        The number of events. They stand in the order of (time, round); within a round in the
        order in which they were found.

    Cost: O(E + R log D) with D different buffers.
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
            mark = unit[v] - unit_base
            if mark < 0 or mark & 1 == 0:
                event_time[n] = now
                event_round[n] = -1
                event_unit[n] = v
                event_kind[n] = 0 if mark < 0 else 2
                event_reason[n] = -1 - struck
                unit[v] = unit_base + 2 * n + 1
                n += 1
            struck += 1
        while len(waiting) > 0 and waiting[0][0] == now:
            delay = heappop(waiting)[1]
            start = delay_ptr[delay]
            i = queue_head[delay]
            tail = queue_tail[delay]
            while i < tail and queue_time[start + i] == now:
                r = queue_req[start + i]
                v = queue_to[start + i]
                fails = v & 1
                v >>= 3
                i += 1
                mark = unit[v] - unit_base
                if mark >= 0 and mark >> 1 >= first:
                    spot = mark >> 1
                    if mark & 1 < fails:
                        event_kind[spot] = 0
                        event_reason[spot] = r
                        unit[v] += 1
                    elif mark & 1 == fails and r < event_reason[spot]:
                        event_reason[spot] = r
                elif mark < 0 or mark & 1 < fails:
                    event_time[n] = now
                    event_round[n] = 0
                    event_unit[n] = v
                    event_kind[n] = (0 if mark < 0 else 2) if fails else 1
                    event_reason[n] = r
                    unit[v] = unit_base + 2 * n + fails
                    n += 1
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
                for place in range(edge_ptr[u], edge_ptr[u + 1]):
                    v = edges[4 * place]
                    flags = v & 7
                    v >>= 3
                    fails = flags & 1
                    mark = unit[v] - unit_base
                    # What was settled in an earlier round and cannot get worse stays as it is.
                    if mark >= 0 and mark & 1 >= fails and mark >> 1 < first:
                        continue
                    if flags & 2:
                        if kind == 2:
                            continue
                    elif kind == 1:
                        continue
                    r = edges[4 * place + 1]
                    if flags & 4 == 0:
                        absent = gone[r] - gone_base
                        if absent < 0:
                            absent = zero
                        gone[r] = gone_base + absent + 1
                        if absent != edges[4 * place + 2]:
                            continue
                        delay = edges[4 * place + 3]
                        if delay > 0:
                            wait = delays[delay]
                            if wait <= horizon - now:
                                i = queue_tail[delay]
                                spot = delay_ptr[delay] + i
                                queue_to[spot] = edges[4 * place]
                                queue_req[spot] = r
                                queue_time[spot] = now + wait
                                queue_tail[delay] = i + 1
                                if i == queue_head[delay]:
                                    heappush(waiting, (now + wait, zero + delay))
                            continue
                    if mark >= 0 and mark >> 1 >= first:
                        spot = mark >> 1
                        if mark & 1 < fails:
                            event_kind[spot] = 0
                            event_reason[spot] = r
                            unit[v] += 1
                        elif mark & 1 == fails and r < event_reason[spot]:
                            event_reason[spot] = r
                    else:
                        event_time[n] = now
                        event_round[n] = round_
                        event_unit[n] = v
                        event_kind[n] = (0 if mark < 0 else 2) if fails else 1
                        event_reason[n] = r
                        unit[v] = unit_base + 2 * n + fails
                        n += 1
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
