"""Shared by the cascade tests: random networks, naive oracles, and results in short notation."""

from collections.abc import Sequence
from dataclasses import dataclass

from hypothesis import strategies as st

from kg.cascade import CascadeResult, Outage
from kg.names import ID, local_id
from kg.network import Network, NetworkBuilder

NEVER = 10**9


def short(result: CascadeResult) -> list[str]:
    """Events as ``0 grid down``, in the order of the result."""
    return [
        f"{event.hours:g} {local_id(result.network.units[event.unit])} {event.state}"
        for event in result.events
    ]


def unit(network: Network, name: str) -> int:
    return network.index(ID + name)


def states(result: CascadeResult) -> list[tuple[float, int, str]]:
    return [(event.hours, event.unit, event.state) for event in result.events]


@dataclass(frozen=True)
class Need:
    """A requirement before it becomes part of a network; times in whole hours."""

    dependent: int
    fulfillers: tuple[int, ...]
    k: int
    buffer: int | None
    degrades: bool = False
    restart: bool = False
    full: bool = False
    refill: int | None = None
    substitution: int | None = None


@dataclass(frozen=True)
class Drawn:
    """A random network and what strikes it: (unit, start, end or None)."""

    lags: tuple[int, ...]
    needs: tuple[Need, ...]
    outages: tuple[tuple[int, int, int | None], ...]

    def network(self, order: Sequence[int] | None = None) -> Network:
        """The network; ``order`` renames unit i to the name at that place."""
        names = [f"u{i}" for i in (order or range(len(self.lags)))]
        builder = NetworkBuilder()
        for name, lag in zip(names, self.lags, strict=True):
            builder.unit(name, restart=float(lag))
        for need in self.needs:
            builder.need(
                names[need.dependent],
                " ".join(names[f] for f in need.fulfillers),
                k=need.k,
                buffer=need.buffer,
                degrades=need.degrades,
                restart=need.restart,
                full=need.full,
                refill=need.refill,
                substitution=need.substitution,
            )
        return builder.build()

    def struck(self) -> list[Outage]:
        return [
            Outage(u, float(start), float("inf") if end is None else float(end))
            for u, start, end in self.outages
        ]


@st.composite
def drawings(
    draw: st.DrawFn, *, ends: bool = False, restarts: bool = False, heals: bool = False
) -> Drawn:
    """Networks of up to seven units, loops, k-of-n, degradation and needsFull included."""
    size = draw(st.integers(1, 7))
    units = st.integers(0, size - 1)
    needs = []
    for _ in range(draw(st.integers(0, 11))):
        fulfillers = tuple(sorted(draw(st.sets(units, min_size=1, max_size=3))))
        buffer = draw(st.sampled_from([0, 0, 0, 1, 2, 3, 4, None]))
        refills = [None, *(step for step in (1, 2, 4) if (buffer or 0) % step == 0)]
        restart = restarts and draw(st.integers(0, 3)) == 0
        needs.append(
            Need(
                dependent=draw(units),
                fulfillers=fulfillers,
                k=draw(st.integers(1, len(fulfillers))),
                buffer=buffer,
                degrades=draw(st.booleans()),
                restart=restart,
                full=draw(st.booleans()),
                refill=draw(st.sampled_from(refills)) if ends else None,
                substitution=draw(st.sampled_from([None, 0, 1, 3, 6])) if heals else None,
            )
        )
    lags = tuple(draw(st.integers(0, 3)) if restarts else 0 for _ in range(size))
    outages = []
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, 6))
        end = draw(st.one_of(st.none(), st.integers(start + 1, start + 6))) if ends else None
        outages.append((draw(units), start, end))
    return Drawn(lags, tuple(needs), tuple(outages))


def least_losses(drawn: Drawn) -> tuple[list[int], list[int]]:
    """(down from, not in full from) per unit by naive iteration of the definition to a fixpoint."""
    size = len(drawn.lags)
    down, reduced = [NEVER] * size, [NEVER] * size
    changed = True
    while changed:
        changed = False
        for u in range(size):
            fails = [start for struck, start, _ in drawn.outages if struck == u]
            degrades = []
            for need in drawn.needs:
                if need.dependent == u and not need.restart:
                    times = sorted((reduced if need.full else down)[f] for f in need.fulfillers)
                    out = times[len(times) - need.k] + (need.buffer or 0)
                    (degrades if need.degrades else fails).append(min(out, NEVER))
            new_down = min([NEVER, *fails])
            new_reduced = min([new_down, *degrades])
            if (new_down, new_reduced) != (down[u], reduced[u]):
                down[u], reduced[u], changed = new_down, new_reduced, True
    return down, reduced


class Hourly:
    """Restoration hour by hour, everything recomputed each time: slow, and close to the text."""

    def __init__(self, drawn: Drawn, *, heal: bool = False) -> None:
        self.drawn, self.heal = drawn, heal
        size = len(drawn.lags)
        self.down = [False] * size
        self.limited = [False] * size
        self.since: list[int | None] = [None] * size
        self.charge = [need.buffer or 0 for need in drawn.needs]
        self.lost_since: list[int | None] = [None] * len(drawn.needs)
        self.healed = [heal and need.substitution == 0 for need in drawn.needs]
        self.events: list[tuple[float, int, str]] = []

    def lost(self, number: int) -> bool:
        need = self.drawn.needs[number]
        there = sum(
            not self.down[f] and not (need.full and self.limited[f]) for f in need.fulfillers
        )
        return there < need.k and not self.healed[number]

    def exhausted(self, number: int) -> bool:
        return self.lost(number) and self.charge[number] == 0

    def own(self, u: int, *, restart: bool = False, degrades: bool = False) -> list[int]:
        return [
            number
            for number, need in enumerate(self.drawn.needs)
            if need.dependent == u
            and need.restart == restart
            and (restart or need.degrades == degrades)
        ]

    def ready(self, u: int, struck: set[int]) -> bool:
        return (
            u not in struck
            and not any(self.exhausted(n) for n in self.own(u))
            and not any(self.lost(n) for n in self.own(u, restart=True))
        )

    def states(self) -> list[str]:
        return [
            "down" if down else "degraded" if limited else "up"
            for down, limited in zip(self.down, self.limited, strict=True)
        ]

    def hour(self, now: int) -> None:
        units = range(len(self.down))
        before = self.states()
        struck = {
            u for u, start, end in self.drawn.outages if start <= now and (end is None or now < end)
        }
        for number, need in enumerate(self.drawn.needs):
            since = self.lost_since[number]
            full, refill = need.buffer or 0, need.refill or 0
            if since is not None:
                self.charge[number] = max(0, self.charge[number] - (now > since))
                if self.heal and need.substitution is not None:
                    self.healed[number] |= now - since >= need.substitution
            elif refill == 0:
                self.charge[number] = full
            else:
                self.charge[number] = min(full, self.charge[number] + full // refill)
        for u in struck:
            self.down[u] = True
        changed = True
        while changed:
            changed = False
            for u in units:
                limited = any(self.exhausted(n) for n in self.own(u, degrades=True))
                if self.limited[u] and not limited:
                    self.limited[u], changed = False, True
                since = self.since[u]
                waited = now - since if since is not None else 0
                if self.down[u] and self.ready(u, struck) and waited >= self.drawn.lags[u]:
                    self.down[u], changed = False, True
        changed = True
        while changed:
            changed = False
            for u in units:
                if not self.down[u] and any(self.exhausted(n) for n in self.own(u)):
                    self.down[u], changed = True, True
                limited = any(self.exhausted(n) for n in self.own(u, degrades=True))
                if limited and not self.limited[u]:
                    self.limited[u], changed = True, True
        for number in range(len(self.drawn.needs)):
            if not self.lost(number):
                self.lost_since[number] = None
            elif self.lost_since[number] is None:
                self.lost_since[number] = now
        for u in units:
            waiting = self.down[u] and self.ready(u, struck)
            if not waiting:
                self.since[u] = None
            elif self.since[u] is None:
                self.since[u] = now
        for u, (old, new) in enumerate(zip(before, self.states(), strict=True)):
            if old != new:
                self.events.append((float(now), u, new))

    def run(self, horizon: int) -> list[tuple[float, int, str]]:
        for now in range(horizon + 1):
            self.hour(now)
        return self.events
