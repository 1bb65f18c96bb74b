"""Screening: counts as cascades give them, pairs as brute force does; kept and gone on with."""

import math
import threading
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from queue import Queue

import numpy as np
import pytest
from drawn_networks import Drawn, drawings
from hypothesis import given, settings

from kg.cascade import Outage, Pairs, Singles, batches, fail, screen_pairs, screen_singles
from kg.cascade.screening import MOST_PAIRS
from kg.errors import UsageError
from kg.names import ID, local_id
from kg.network import Network, network_of

HORIZON = 30.0

#   grid ──3 h──> gsmr ──> rail (also grid)      a ─┬─ 1 van 2 ──5 h──> plant ──> tap (vital)
#                                                b ─┘
DRAWING = """
grid  sector=energie
gsmr  sector=telecom
rail  sector=spoor vital
plant sector=drinkwater
tap   sector=drinkwater vital
a     sector=chemie
b     sector=chemie
c     sector=chemie
gsmr <- grid buffer=3
rail <- gsmr buffer=1
rail <- grid degrades
plant <- a b k=1 buffer=5
tap <- plant
c <- a
"""


def losses(network: Network, units: tuple[int, ...]) -> dict[int, float]:
    """When each unit goes down, by the public cascade."""
    result = fail(network, [Outage(unit) for unit in units], HORIZON)
    return {event.unit: event.hours for event in result.events if event.state == "down"}


def rows(found: Singles | Pairs) -> list[tuple[object, ...]]:
    arrays = [one for one in vars(found).values() if isinstance(one, np.ndarray)]
    return list(zip(*(one.tolist() for one in arrays), strict=True))


def test_a_hand_worked_screening() -> None:
    network = network_of(DRAWING)
    found = screen_singles(network, 10)
    told = {
        local_id(network.units[unit]): (units, vital, sectors, others, degraded, hours, earliest)
        for unit, units, vital, sectors, others, degraded, hours, earliest, _ in rows(found)
    }
    # grid at 0, gsmr at 3, rail degraded at 0 and down at 4: 10 + 7 + 6 unit-hours
    assert told["grid"] == (3, 1, 3, 2, 0, 23, 4)
    assert told["a"] == (2, 0, 1, 0, 0, 20, math.inf)  # c at once; plant has b
    assert told["plant"] == (2, 1, 1, 0, 0, 20, 0)
    ranked = [local_id(network.units[found.unit[place]]) for place in found.order]
    # vital, then sectors, then hours, then the soonest, then the order of the units
    assert ranked == ["grid", "gsmr", "plant", "rail", "tap", "a", "b", "c"]
    assert screen_singles(network, 3).degraded.max() == 1  # of grid: rail, not down yet
    assert found.complete


def test_a_hand_worked_pair() -> None:
    network = network_of(DRAWING)
    found = screen_pairs(network, 10, range(len(network.units)))
    (row,) = rows(found)
    one, other, units, vital, hours, more_units, more_vital, more_hours, earliest, _ = row
    assert {local_id(network.units[int(str(u))]) for u in (one, other)} == {"a", "b"}
    # plant and tap at 5; c is lost with a alone
    assert (units, vital, hours) == (5, 1, 40)
    assert (more_units, more_vital, more_hours, earliest) == (2, 1, 10, 5)
    assert (found.asked, found.computed) == (28, 1)


def test_a_part_counts_as_its_whole() -> None:
    drawing = (
        "a sector=gas\nb sector=energie\nc sector=stroom\nd sector=spoor\nb <- a\nc <- a\nd <- a"
    )
    network = network_of(drawing)
    whole = frozenset({ID + "energie"})
    found = screen_singles(network, 1, within={ID + "gas": whole, ID + "stroom": whole})
    assert (found.sectors[0], found.others[0]) == (4, 1)
    assert screen_singles(network, 1).others[0] == 3


@settings(max_examples=150, deadline=None)
@given(drawings())
def test_singles_are_what_the_cascades_give(drawn: Drawn) -> None:
    network = drawn.network()
    plain = screen_singles(network, HORIZON, compiled=False)
    assert rows(plain) == rows(screen_singles(network, HORIZON, compiled=True))
    for unit in range(len(network.units)):
        lost = losses(network, (unit,))
        assert plain.units[unit] == len(lost)
        assert plain.hours[unit] == sum(HORIZON - hours for hours in lost.values())
        result = fail(network, [Outage(unit)], HORIZON)
        degraded = {e.unit for e in result.events if e.state == "degraded"} - set(lost)
        assert plain.degraded[unit] == len(degraded)


@settings(max_examples=200, deadline=None)
@given(drawings(restarts=True))
def test_pruning_loses_nothing(drawn: Drawn) -> None:
    """Pairs that pass the pruning are what brute force finds among all pairs."""
    network = drawn.network()
    everyone = range(len(network.units))
    expected = []
    for one, other in combinations(everyone, 2):
        alone = [losses(network, (unit,)) for unit in (one, other)]
        both = losses(network, (one, other))
        apart = {u: min(x.get(u, HORIZON) for x in alone) for u in both}
        more = sorted(u for u in both if all(u not in x for x in alone))
        more_hours = sum(apart[u] - both[u] for u in both)
        if more or more_hours:
            expected.append((one, other, len(both), len(more), more_hours))
    for options in ({"compiled": False}, {"compiled": True}, {"prune": False}):
        found = screen_pairs(network, HORIZON, everyone, **options)
        columns = (found.one, found.other, found.units, found.more_units, found.more_hours)
        assert list(zip(*(c.tolist() for c in columns), strict=True)) == expected


def test_pruning_leaves_something_out() -> None:
    network = network_of("x <- a b k=1\ny <- c d k=1\nz <- a c")
    pruned = screen_pairs(network, 1, range(len(network.units)))
    assert pruned.computed < screen_pairs(network, 1, range(7), prune=False).computed == 21
    assert [network.units[u][-1] for u in (*pruned.one, *pruned.other)] == ["a", "c", "b", "d"]


def chain(size: int) -> Network:
    return network_of("\n".join(f"u{i + 1:04d} <- u{i:04d} v{i % 7} k=1" for i in range(size)))


def test_cores_change_nothing() -> None:
    network = chain(1100)
    assert len(network.units) > 2 * 512
    one = screen_singles(network, 5, compiled=True)
    assert rows(one) == rows(screen_singles(network, 5, compiled=True, cores=4))
    part = range(0, len(network.units), 40)
    assert rows(screen_pairs(network, 5, part)) == rows(screen_pairs(network, 5, part, cores=3))


def test_a_kernel_that_stops_for_room_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    network = chain(60)
    one, pairs = screen_singles(network, 5), screen_pairs(network, 5, range(40))
    monkeypatch.setattr("kg.cascade.screening._EVENTS", 1)
    assert rows(screen_singles(network, 5)) == rows(one)
    assert rows(screen_pairs(network, 5, range(40))) == rows(pairs)


class Narrow(Queue):  # type: ignore[type-arg]
    """Holds one result, so that no thread runs ahead of who takes them."""

    def __init__(self) -> None:
        super().__init__(maxsize=1)


def interrupted(network: Network, state: Path, monkeypatch: pytest.MonkeyPatch) -> Singles:
    """Ctrl-C as soon as the first batch is there."""
    monkeypatch.setattr(batches, "SimpleQueue", Narrow)
    stop = threading.Event()
    found = screen_singles(
        network, 5, compiled=False, state=state, stop=stop, progress=lambda *_: stop.set()
    )
    assert not found.complete
    assert 0 < found.done < found.total
    return found


def test_what_is_kept_is_gone_on_with(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    network, state = chain(3000), tmp_path / "stand"
    part = interrupted(network, state, monkeypatch)
    steps: list[int] = []
    whole = screen_singles(
        network, 5, compiled=False, state=state, progress=lambda done, _: steps.append(done)
    )
    assert whole.complete
    assert min(steps) > part.done
    assert rows(whole)[: part.done][0][:7] == rows(part)[0][:7]
    assert rows(whole) == rows(screen_singles(network, 5, compiled=True))
    screen_singles(network, 5, state=state, progress=lambda *_: pytest.fail("nothing is left"))
    assert [one.name for one in tmp_path.iterdir()] == ["stand"]


def test_pairs_are_kept_too(tmp_path: Path) -> None:
    network, state = network_of(DRAWING), tmp_path / "stand"
    one = screen_pairs(network, 10, range(8), state=state)
    again = screen_pairs(network, 10, range(8), state=state)
    assert (rows(one), one.computed) == (rows(again), again.computed)


class Impatient(Narrow):
    """Ctrl-C while the second result is waited for."""

    gets = 0

    def get(self, block: bool = True, timeout: float | None = None) -> object:
        self.gets += 1
        if self.gets == 2:
            raise KeyboardInterrupt
        return super().get(block, timeout)


def test_ctrl_c_keeps_what_is_done(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(batches, "SimpleQueue", Impatient)
    state = tmp_path / "stand"
    found = screen_singles(chain(8000), 5, compiled=False, state=state)
    assert not found.complete
    assert state.exists()


def pairs_of_all(network: Network, hours: float, state: Path) -> Pairs:
    return screen_pairs(network, hours, range(8), state=state)


def first_two(network: Network, hours: float, state: Path) -> Singles:
    return screen_singles(network, hours, [0, 1], state=state)


def everyone(network: Network, hours: float, state: Path) -> Singles:
    return screen_singles(network, hours, state=state)


@pytest.mark.parametrize(
    ("screen", "drawing", "hours"),
    [
        (everyone, DRAWING + "b <- c", 10),
        (everyone, DRAWING, 11),
        (first_two, DRAWING, 10),
        (pairs_of_all, DRAWING, 10),
    ],
)
def test_a_state_of_something_else_is_refused(
    tmp_path: Path, screen: Callable[..., object], drawing: str, hours: float
) -> None:
    state = tmp_path / "stand"
    everyone(network_of(DRAWING), 10, state)
    before = state.read_bytes()
    with pytest.raises(UsageError, match="ander netwerk") as raised:
        screen(network_of(drawing), hours, state)
    assert raised.value.code == "usage.screen-state"
    assert state.read_bytes() == before


@pytest.mark.parametrize("damage", [b"", b"id,label\n", b"kg screen 1\n", b"cut", b"flip"])
def test_a_file_that_is_no_state_is_refused_and_left_alone(tmp_path: Path, damage: bytes) -> None:
    state = tmp_path / "stand"
    screen_singles(network_of(DRAWING), 10, state=state)
    whole = state.read_bytes()
    bad = {b"cut": whole[:-9], b"flip": whole[:-1] + bytes([whole[-1] ^ 1])}.get(damage, damage)
    state.write_bytes(bad)
    with pytest.raises(UsageError) as raised:
        screen_singles(network_of(DRAWING), 10, state=state)
    assert raised.value.code == "usage.screen-state"
    assert state.read_bytes() == bad


def test_an_error_in_a_thread_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("kg.cascade.screening.FailureEngine", broken)
    with pytest.raises(ZeroDivisionError):
        screen_singles(network_of(DRAWING), 10, cores=2)


def test_nothing_in_nothing_out() -> None:
    network = network_of("")
    assert rows(screen_singles(network, 1)) == rows(screen_pairs(network, 1, [])) == []
    assert screen_singles(network, 1).complete


def test_hostile_numbers() -> None:
    network = network_of("a\nb <- a")
    for hours in (math.inf, math.nan, -1.0):
        with pytest.raises(UsageError):
            screen_singles(network, hours)
    assert screen_singles(network, 0).hours.tolist() == [0, 0]
    assert screen_singles(network, 876_000_000).hours[0] == 2 * 876_000_000
    with pytest.raises(UsageError) as raised:
        screen_pairs(chain(7000), 1, range(7000))
    assert raised.value.code == "usage.screen-pairs"
    assert MOST_PAIRS < 7000 * 6999 // 2
