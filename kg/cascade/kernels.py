"""The inner loops of cascades: one text each, run as plain Python on small networks, compiled on
large ones. They stand together because numba looks only at the file of a kernel to see whether what
it kept on disk still holds, and some call others.

A kernel takes only numbers and flat sequences of numbers, so that the very same function runs on
lists (plain Python: no waiting for a compiler, quickest below some ten thousand units) and on
arrays (numba: a hundred times faster, without the interpreter's lock). :func:`compiled` compiles
them once per machine; numba keeps the result on disk.

How failure only looks to a kernel, U units, R requirements, E edges: one from each fulfiller to the
dependent of each requirement of operation whose buffer can run out.

    edge_ptr uint32[U+1]  the edges of a unit
    edges uint32[2·E]     per edge: dependent·4 + FLAG_FAILS + FLAG_FULL, requirement
    limits uint32[2·L]    the different pairs of: fulfillers that may be absent, place in delays
    delays int64[D]       the different buffers in ticks, sorted, the first is 0
    delay_ptr int64[D+1]  how many requirements have each, added up

A large cascade is as quick as memory is, so four things are done about that:

* What is read in one go stands in one place, and is no larger than need be: the counter of a
  requirement beside which limits it has, no time per event but one per round of events.
* Looks at random places are made for many events at a time, in loops without a branch that depends
  on what is found: then the processor fetches the next while it waits for the first. What is worth
  another look is put in ``found``, which is small enough to stay at hand. That may be done because
  what was down before a round began needs no look during it.
* What those loops look at is asked for one loop ahead (:func:`prefetch`): while one handful of
  events is looked at, the edges of the next are fetched, and where the edges of the one after that
  stand. Without it a cascade of a million units takes more than twice as long.
* Numbers that are never negative have no sign, so that numba need not look for negative indices.

Requirements with the same buffer run out in the order in which they were lost. So one queue per
*different* buffer keeps them in the order of time, and only the heads of the queues need a heap.
"""

from __future__ import annotations

from heapq import heappop, heappush
from types import SimpleNamespace
from typing import Any, Final

from kg.cascade.compiling import compile_kernels, once

# What stands in an edge beside 4 times its dependent.
FLAG_FAILS: Final = 1
FLAG_FULL: Final = 2

# Kinds of event: down (also when struck); degraded; down after it was degraded at an earlier
# round, so that requirements that need it in full have counted it already.
DOWN: Final = 0
DEGRADED: Final = 1
DOWN_AFTER_DEGRADED: Final = 2

#: So many events are looked at together where numba compiles. Fewer, and what is asked for comes
#: too late; more, and what came is driven out before it is used.
TOGETHER: Final = 16
#: Fewer than so many are looked at one by one: most cascades are small.
FEW: Final = 8


def prefetch(sequence: Any, place: int) -> None:
    """Ask for a place of an array that is looked at soon; in plain Python there is no need.

    It changes nothing else, and no place is wrong: memory that does not exist is not fetched.
    """


def _prefetching() -> Any:
    """:func:`prefetch` for numba: LLVM's instruction of that name.

    It stands here so that numba sees when it changes. LLVM Language Reference, llvm.prefetch.
    """
    from llvmlite import ir  # type: ignore[import-untyped]
    from numba.core import types
    from numba.extending import intrinsic

    number, pointer = ir.IntType(32), ir.IntType(8).as_pointer()
    shape = ir.FunctionType(ir.VoidType(), (pointer, number, number, number))
    options = [number(one) for one in (0, 3, 1)]  # read; keep close by; data

    def instruction(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        array, place = signature.args
        start = context.make_array(array)(context, builder, values[0]).data
        at = builder.gep(start, [context.cast(builder, values[1], place, types.intp)])
        named = builder.module.declare_intrinsic("llvm.prefetch", (pointer,), shape)
        builder.call(named, [builder.bitcast(at, pointer), *options])
        return context.get_dummy_value()

    @intrinsic
    def fetch(_: Any, sequence: Any, place: Any) -> Any:
        return types.void(sequence, place), instruction

    return fetch


def settle(
    edge_ptr: Any,
    edges: Any,
    limits: Any,
    delays: Any,
    delay_ptr: Any,
    unit: Any,
    needs: Any,
    queue: Any,
    batches: Any,
    batch_head: Any,
    batch_tail: Any,
    together: int,
    found: Any,
    round_time: Any,
    round_number: Any,
    round_end: Any,
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
        needs: uint32[2·R], per requirement: scratch, the fulfillers that are absent above
            ``gone_base``, 0 when below; place in limits.
        queue: uint32[2·R] scratch, per buffer what waits: an edge as it stands in edges.
        batches: int64[2·R] scratch, per buffer what runs out together: when, and its end in queue.
        batch_head, batch_tail: int64[D] scratch, 0 on entry and on return.
        together: look at so many events together; 0 to look at them one by one.
        found: uint32[E] scratch.
        round_*: filled, at most 2·U + 1: time in ticks, number, and after which event it ends; the
            first place of ``round_end`` is how many rounds there are, those without events left
            out.
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
    rounds = 0
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
                event_unit[n] = v
                event_kind[n] = 0 if mark < 0 else 2
                event_reason[n] = -1 - struck
                unit[v] = unit_base + 2 * n + 1
                n += 1
            struck += 1
        if n > first:
            round_time[rounds] = now
            round_number[rounds] = -1
            rounds += 1
            round_end[rounds] = n
        begun = n
        while len(waiting) > 0 and waiting[0][0] == now:
            delay = heappop(waiting)[1]
            batch = batch_head[delay]
            place = 2 * (delay_ptr[delay] + batch)
            i = delay_ptr[delay] if batch == 0 else batches[place - 1]
            end = batches[place + 1]
            while i < end:
                # Which units run out is known ahead; where they stand in memory is anywhere.
                if together > 0 and i + together < end:
                    prefetch(unit, queue[2 * (i + together)] >> 2)
                v = queue[2 * i]
                r = queue[2 * i + 1]
                i += 1
                fails = v & 1
                v >>= 2
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
                    event_unit[n] = v
                    event_kind[n] = (0 if mark < 0 else 2) if fails else 1
                    event_reason[n] = r
                    unit[v] = unit_base + 2 * n + fails
                    n += 1
            if batch + 1 < batch_tail[delay]:
                batch_head[delay] = batch + 1
                heappush(waiting, (batches[place + 2], zero + delay))
            else:
                batch_head[delay] = 0
                batch_tail[delay] = 0
        if n > begun:
            round_time[rounds] = now
            round_number[rounds] = 0
            rounds += 1
            round_end[rounds] = n
        number = 0
        while head < n:
            number += 1
            first = n
            while head < first:
                # What is lost by these events, to ``found``. What was settled in an earlier round
                # and cannot get worse stays as it is; degraded counts where full is needed.
                m = 0
                stop = min(first, head + together)
                if stop - head < FEW:
                    stop = first
                    for at in range(head, stop):
                        u = event_unit[at]
                        kind = event_kind[at]
                        for place in range(edge_ptr[u], edge_ptr[u + 1]):
                            v = edges[2 * place]
                            mark = unit[v >> 2] - unit_base
                            if mark >= 0 and mark & 1 >= v & 1 and mark >> 1 < first:
                                continue
                            if v & 2:
                                if kind == 2:
                                    continue
                            elif kind == 1:
                                continue
                            need = 2 * edges[2 * place + 1]
                            absent = needs[need] - gone_base
                            if absent < 0:
                                absent = zero
                            needs[need] = gone_base + absent + 1
                            if absent == limits[needs[need + 1]]:
                                found[m] = place
                                m += 1
                else:
                    # Those behind them are asked for now; they may be of the next round already.
                    soon = min(n, stop + together)
                    for at in range(soon, min(n, soon + together)):
                        prefetch(edge_ptr, event_unit[at])
                    for at in range(stop, soon):
                        u = event_unit[at]
                        prefetch(edges, 2 * edge_ptr[u])
                        prefetch(edges, 2 * edge_ptr[u + 1] - 1)
                    for at in range(head, stop):
                        u = event_unit[at]
                        kind = event_kind[at]
                        for place in range(edge_ptr[u], edge_ptr[u + 1]):
                            found[m] = 4 * place + kind
                            m += 1
                            prefetch(unit, edges[2 * place] >> 2)
                    k = 0
                    for at in range(m):
                        place = found[at] >> 2
                        kind = found[at] & 3
                        v = edges[2 * place]
                        mark = unit[v >> 2] - unit_base
                        prefetch(needs, 2 * edges[2 * place + 1])
                        found[k] = place
                        k += ((mark < 0) | (mark >= 2 * first) | ((mark & 1) < (v & 1))) & (
                            kind != 1 + (v >> 1 & 1)
                        )
                    m = 0
                    for at in range(k):
                        place = found[at]
                        need = 2 * edges[2 * place + 1]
                        absent = max(needs[need] - gone_base, 0)
                        needs[need] = gone_base + absent + 1
                        found[m] = place
                        m += absent == limits[needs[need + 1]]
                head = stop
                for at in range(m):
                    v = edges[2 * found[at]]
                    r = edges[2 * found[at] + 1]
                    delay = limits[needs[2 * r + 1] + 1]
                    if delay > 0:
                        wait = delays[delay]
                        if wait <= horizon - now:
                            batch = batch_tail[delay]
                            place = 2 * (delay_ptr[delay] + batch)
                            i = delay_ptr[delay] if batch == 0 else batches[place - 1]
                            queue[2 * i] = v
                            queue[2 * i + 1] = r
                            if batch > 0 and batches[place - 2] == now + wait:
                                batches[place - 1] = i + 1
                            else:
                                batches[place] = now + wait
                                batches[place + 1] = i + 1
                                batch_tail[delay] = batch + 1
                                if batch == 0:
                                    heappush(waiting, (now + wait, zero + delay))
                        continue
                    fails = v & 1
                    v >>= 2
                    mark = unit[v] - unit_base
                    if mark >= 0 and mark >> 1 >= first:
                        spot = mark >> 1
                        if mark & 1 < fails:
                            event_kind[spot] = 0
                            event_reason[spot] = r
                            unit[v] += 1
                        elif mark & 1 == fails and r < event_reason[spot]:
                            event_reason[spot] = r
                    else:
                        event_unit[n] = v
                        event_kind[n] = (0 if mark < 0 else 2) if fails else 1
                        event_reason[n] = r
                        unit[v] = unit_base + 2 * n + fails
                        n += 1
            if n > first:
                round_time[rounds] = now
                round_number[rounds] = number
                rounds += 1
                round_end[rounds] = n
    round_end[0] = rounds
    return n


def sweep(
    edge_ptr: Any,
    edges: Any,
    limits: Any,
    delays: Any,
    delay_ptr: Any,
    unit: Any,
    needs: Any,
    queue: Any,
    batches: Any,
    batch_head: Any,
    batch_tail: Any,
    together: int,
    found: Any,
    round_time: Any,
    round_number: Any,
    round_end: Any,
    event_unit: Any,
    event_kind: Any,
    event_reason: Any,
    outage_time: Any,
    struck: Any,
    width: int,
    first: int,
    last: int,
    horizon: int,
    most_gone: int,
    most_events: int,
    hour: int,
    vital: Any,
    sector: Any,
    main: Any,
    met: Any,
    met_main: Any,
    counts: Any,
    hours: Any,
    earliest: Any,
) -> int:
    """Settle every row of ``struck`` from ``first`` on and add up what is lost.

    Args:
        outage_time: int64[width], zeros; struck: int32[rows·width], the units of each row.
        most_gone: a counter of absent fulfillers stays below this.
        most_events: go on to the next row as long as there were fewer events.
        hour: ticks in an hour.
        vital: bool[U]; sector, main: int32[U], its sector, and the sector that this is part of.
        met, met_main: int32 scratch, one place per sector.
        counts: int32[5·rows], filled: units down, vital processes down, sectors with a unit down,
            main sectors with a unit down other than those of the units struck, units degraded.
        hours: float64[rows], filled: unit-hours down up to the horizon.
        earliest: int64[rows], filled: ticks of the first vital process down, −1 when none is.

    Returns:
        The first row that is not done; what fits the scratch space is.
    """
    unit_base = 1
    gone_base = 1
    spent = 0
    for place in range(len(met)):
        met[place] = 0
        met_main[place] = 0
    i = first
    room = 2**31 - 1 - 2 * len(event_unit) - most_gone
    while i < last and spent < most_events and unit_base < room and gone_base < room:
        units = struck[i * width : (i + 1) * width]
        n = settle(
            edge_ptr,
            edges,
            limits,
            delays,
            delay_ptr,
            unit,
            needs,
            queue,
            batches,
            batch_head,
            batch_tail,
            together,
            found,
            round_time,
            round_number,
            round_end,
            event_unit,
            event_kind,
            event_reason,
            outage_time,
            units,
            horizon,
            unit_base,
            gone_base,
        )
        unit_base += 2 * n
        gone_base += most_gone
        spent += n
        stamp = i - first + 1
        for v in units:
            if main[v] >= 0:
                met_main[main[v]] = stamp
        down = vitals = sectors = others = degraded = whole = rest = 0
        soonest = -1
        event = 0
        for number in range(round_end[0]):
            lost = horizon - round_time[number]
            before = down
            for place in range(event, round_end[number + 1]):
                kind = event_kind[place]
                if kind == 1:
                    degraded += 1
                    continue
                if kind == 2:
                    degraded -= 1
                v = event_unit[place]
                down += 1
                if vital[v]:
                    vitals += 1
                    if soonest < 0:
                        soonest = round_time[number]
                s = sector[v]
                if s >= 0 and met[s] != stamp:
                    met[s] = stamp
                    sectors += 1
                s = main[v]
                if s >= 0 and met_main[s] != stamp:
                    met_main[s] = stamp
                    others += 1
            event = round_end[number + 1]
            # Apart, so that the sum stays exact for any number of units and any horizon.
            whole += (down - before) * (lost // hour)
            rest += (down - before) * (lost % hour)
        counts[5 * i] = down
        counts[5 * i + 1] = vitals
        counts[5 * i + 2] = sectors
        counts[5 * i + 3] = others
        counts[5 * i + 4] = degraded
        hours[i] = whole + rest / hour
        earliest[i] = soonest
        i += 1
    return i


def reach(
    edge_ptr: Any,
    edges: Any,
    limits: Any,
    delays: Any,
    delay_ptr: Any,
    unit: Any,
    needs: Any,
    queue: Any,
    batches: Any,
    batch_head: Any,
    batch_tail: Any,
    together: int,
    found: Any,
    round_time: Any,
    round_number: Any,
    round_end: Any,
    event_unit: Any,
    event_kind: Any,
    event_reason: Any,
    outage_time: Any,
    struck: Any,
    first: int,
    horizon: int,
    most_gone: int,
    absent: Any,
    found_ptr: Any,
    found_req: Any,
    found_count: Any,
) -> int:
    """The requirements that may lose fulfillers which each unit of ``struck`` takes away.

    Only of requirements that tolerate an absence; see :mod:`kg.cascade.screening`.

    Args:
        outage_time: int64[1], zero; struck: int32[rows].
        absent: int32[R] scratch, 0 on entry and on return.
        found_ptr: int64[rows + 1], the entry at ``first`` says where to go on.
        found_req, found_count: int32, filled: a requirement, and how many fulfillers it lacks.

    Returns:
        The first row that is not done: the scratch space or the room for what was found is full.
    """
    unit_base = 1
    gone_base = 1
    i = first
    room = 2**31 - 1 - 2 * len(event_unit) - most_gone
    while i < len(struck) and unit_base < room and gone_base < room:
        units = struck[i : i + 1]
        n = settle(
            edge_ptr,
            edges,
            limits,
            delays,
            delay_ptr,
            unit,
            needs,
            queue,
            batches,
            batch_head,
            batch_tail,
            together,
            found,
            round_time,
            round_number,
            round_end,
            event_unit,
            event_kind,
            event_reason,
            outage_time,
            units,
            horizon,
            unit_base,
            gone_base,
        )
        unit_base += 2 * n
        gone_base += most_gone
        start = found_ptr[i]
        end = start
        full = False
        for event in range(n):
            u = event_unit[event]
            kind = event_kind[event]
            for place in range(edge_ptr[u], edge_ptr[u + 1]):
                r = edges[2 * place + 1]
                if limits[needs[2 * r + 1]] == 0:
                    continue
                if edges[2 * place] & 2:
                    if kind == 2:
                        continue
                elif kind == 1:
                    continue
                if absent[r] == 0:
                    if end == len(found_req):
                        full = True
                        break
                    found_req[end] = r
                    end += 1
                absent[r] += 1
            if full:
                break
        for place in range(start, end):
            found_count[place] = absent[found_req[place]]
            absent[found_req[place]] = 0
        if full:
            return i
        i += 1
        found_ptr[i] = end
    return i


def pairs(
    edge_ptr: Any,
    edges: Any,
    limits: Any,
    delays: Any,
    delay_ptr: Any,
    unit: Any,
    needs: Any,
    queue: Any,
    batches: Any,
    batch_head: Any,
    batch_tail: Any,
    together: int,
    found: Any,
    round_time: Any,
    round_number: Any,
    round_end: Any,
    event_unit: Any,
    event_kind: Any,
    event_reason: Any,
    outage_time: Any,
    struck: Any,
    first: int,
    last: int,
    horizon: int,
    most_gone: int,
    most_events: int,
    hour: int,
    vital: Any,
    one: Any,
    other: Any,
    held: Any,
    counts: Any,
    hours: Any,
    earliest: Any,
) -> int:
    """Settle pairs, and add up what each takes down beyond what its two units do alone.

    Args:
        outage_time: int64[2], zeros.
        struck: int32[2·rows]; rows with the same first unit stand together.
        one, other: int64[U] scratch, beyond the horizon on entry and on return.
        held: int32[2·U] scratch.
        counts: int32[4·rows], filled: units down; vital processes down; of these what neither
            unit takes down alone, units and vital processes.
        hours: float64[2·rows], filled: unit-hours down, and those beyond the earlier of the two
            losses alone.
        earliest: int64[rows], filled: ticks of the first vital process that neither takes down
            alone, −1 when there is none.

    Returns:
        The first row that is not done.
    """
    unit_base = 1
    gone_base = 1
    spent = 0
    never = horizon + 1
    start = outage_time[:1]
    alone = 0
    i = first
    room = 2**31 - 1 - 6 * len(event_unit) - 3 * most_gone
    while i < last and spent < most_events and unit_base < room and gone_base < room:
        if i == first or struck[2 * i] != struck[2 * i - 2]:
            for place in range(alone):
                one[held[place]] = never
            alone = 0
            units = struck[2 * i : 2 * i + 1]
            n = settle(
                edge_ptr,
                edges,
                limits,
                delays,
                delay_ptr,
                unit,
                needs,
                queue,
                batches,
                batch_head,
                batch_tail,
                together,
                found,
                round_time,
                round_number,
                round_end,
                event_unit,
                event_kind,
                event_reason,
                start,
                units,
                horizon,
                unit_base,
                gone_base,
            )
            unit_base += 2 * n
            gone_base += most_gone
            spent += n
            event = 0
            for number in range(round_end[0]):
                for place in range(event, round_end[number + 1]):
                    if event_kind[place] != 1:
                        held[alone] = event_unit[place]
                        one[event_unit[place]] = round_time[number]
                        alone += 1
                event = round_end[number + 1]
        units = struck[2 * i + 1 : 2 * i + 2]
        n = settle(
            edge_ptr,
            edges,
            limits,
            delays,
            delay_ptr,
            unit,
            needs,
            queue,
            batches,
            batch_head,
            batch_tail,
            together,
            found,
            round_time,
            round_number,
            round_end,
            event_unit,
            event_kind,
            event_reason,
            start,
            units,
            horizon,
            unit_base,
            gone_base,
        )
        unit_base += 2 * n
        gone_base += most_gone
        spent += n
        both = alone
        event = 0
        for number in range(round_end[0]):
            for place in range(event, round_end[number + 1]):
                if event_kind[place] != 1:
                    held[both] = event_unit[place]
                    other[event_unit[place]] = round_time[number]
                    both += 1
            event = round_end[number + 1]
        units = struck[2 * i : 2 * i + 2]
        n = settle(
            edge_ptr,
            edges,
            limits,
            delays,
            delay_ptr,
            unit,
            needs,
            queue,
            batches,
            batch_head,
            batch_tail,
            together,
            found,
            round_time,
            round_number,
            round_end,
            event_unit,
            event_kind,
            event_reason,
            outage_time,
            units,
            horizon,
            unit_base,
            gone_base,
        )
        unit_base += 2 * n
        gone_base += most_gone
        spent += n
        down = vitals = more = more_vitals = whole = rest = more_whole = more_rest = 0
        soonest = -1
        event = 0
        for number in range(round_end[0]):
            time = round_time[number]
            lost = horizon - time
            lost_whole = lost // hour
            lost_rest = lost % hour
            for place in range(event, round_end[number + 1]):
                if event_kind[place] == 1:
                    continue
                v = event_unit[place]
                down += 1
                whole += lost_whole
                rest += lost_rest
                before = min(one[v], other[v])
                if vital[v]:
                    vitals += 1
                    if before == never:
                        more_vitals += 1
                        if soonest < 0:
                            soonest = time
                if before == never:
                    more += 1
                    more_whole += lost_whole
                    more_rest += lost_rest
                else:
                    more_whole += (before - time) // hour
                    more_rest += (before - time) % hour
            event = round_end[number + 1]
        for place in range(alone, both):
            other[held[place]] = never
        counts[4 * i] = down
        counts[4 * i + 1] = vitals
        counts[4 * i + 2] = more
        counts[4 * i + 3] = more_vitals
        hours[2 * i] = whole + rest / hour
        hours[2 * i + 1] = more_whole + more_rest / hour
        earliest[i] = soonest
        i += 1
    for place in range(alone):
        one[held[place]] = never
    return i


def meet(
    found_ptr: Any,
    found_req: Any,
    found_count: Any,
    tolerated: Any,
    absent: Any,
    row: int,
    partners: Any,
) -> int:
    """The rows after ``row`` that together with it may lose a requirement which neither loses.

    Args:
        found_ptr, found_req, found_count: as :func:`reach` filled them.
        tolerated: int32[R], how many fulfillers of a requirement may be absent.
        absent: int32[R] scratch, 0 on entry and on return.
        partners: int32[rows], filled.

    Returns:
        How many partners there are.
    """
    for place in range(found_ptr[row], found_ptr[row + 1]):
        absent[found_req[place]] = found_count[place]
    n = 0
    for other in range(row + 1, len(found_ptr) - 1):
        for place in range(found_ptr[other], found_ptr[other + 1]):
            r = found_req[place]
            if absent[r] > 0 and absent[r] + found_count[place] > tolerated[r]:
                partners[n] = other
                n += 1
                break
    for place in range(found_ptr[row], found_ptr[row + 1]):
        absent[found_req[place]] = 0
    return n


_KERNELS: Final = (settle, sweep, reach, pairs, meet)


@once
def compiled() -> SimpleNamespace:
    """The kernels of this file, compiled (:func:`kg.cascade.compiling.compile_kernels`)."""
    return compile_kernels(_KERNELS, {**globals(), prefetch.__name__: _prefetching()})
