"""Restoration, worked out by hand."""

import pytest
from drawn_networks import short, unit

from kg.cascade import Outage, cascade, restore
from kg.errors import KgError
from kg.names import local_id
from kg.network import Network, network_of


def run(
    network: Network, *outages: tuple[str, float, float], horizon: float = 72, heal: bool = False
) -> list[str]:
    struck = [Outage(unit(network, name), start, end) for name, start, end in outages]
    return short(restore(network, struck, horizon, heal))


def test_the_minimal_folder() -> None:
    #   grid (restart 2 h) out on [0, 2): all clear at 2, working at 4
    network = network_of("""
        grid restart=2
        rail restart=4
        gsmr <- grid        buffer=3
        rail <- grid gsmr   k=2
    """)
    assert run(network, ("grid", 0, 2)) == [
        "0 grid down",
        "0 rail down",
        "3 gsmr down",
        "4 grid up",
        "4 gsmr up",
        "8 rail up",
    ]


def test_a_buffer_that_runs_out_as_the_supply_returns_was_long_enough() -> None:
    assert run(network_of("x <- a buffer=3"), ("a", 0, 3)) == ["0 a down", "3 a up"]
    assert run(network_of("x <- a buffer=2.999"), ("a", 0, 3)) == [
        "0 a down",
        "2.999 x down",
        "3 a up",
        "3 x up",
    ]


def test_minutes_meet_exactly() -> None:
    """20 minutes of buffer, an outage from 10 to 30 minutes: enough, without a rounding error."""
    network = network_of("x <- a buffer=0.3333333333333333")
    sixth = 0.16666666666666666
    assert [line.split(" ", 1)[1] for line in run(network, ("a", sixth, 0.5))] == [
        "a down",
        "a up",
    ]


def test_without_a_refill_time_the_buffer_is_full_at_once() -> None:
    assert run(network_of("x <- a buffer=3"), ("a", 0, 2), ("a", 2.5, 4.5)) == [
        "0 a down",
        "2 a up",
        "2.5 a down",
        "4.5 a up",
    ]


def test_a_buffer_refills_over_its_refill_time() -> None:
    #   4 h, drained to 1 at hour 3; refills at 4 h per 8 h: 2 at hour 5, empty at hour 7
    network = network_of("x <- a buffer=4 refill=8")
    assert run(network, ("a", 0, 3), ("a", 5, 10)) == [
        "0 a down",
        "3 a up",
        "5 a down",
        "7 x down",
        "10 a up",
        "10 x up",
    ]


def test_the_restart_lag_starts_anew_after_a_break() -> None:
    #   x is ready on [2, 3), which is less than its 2 h, and again from 5
    network = network_of("""
        x restart=2
        x <- a
    """)
    assert run(network, ("a", 0, 2), ("a", 3, 5)) == [
        "0 a down",
        "0 x down",
        "2 a up",
        "3 a down",
        "5 a up",
        "7 x up",
    ]


def test_outages_on_one_unit_may_overlap() -> None:
    network = network_of("x <- a buffer=9")
    assert run(network, ("a", 0, 3), ("a", 2, 5)) == ["0 a down", "5 a up"]
    assert run(network, ("a", 0, 3), ("a", 3, 5)) == ["0 a down", "5 a up"]


def test_buffers_drain_while_the_dependent_is_down() -> None:
    #   x is struck on [0, 2); its supply is away from 0; the 3 h run out at 3 all the same
    network = network_of("x <- a buffer=3")
    assert run(network, ("x", 0, 2), ("a", 0, 9)) == [
        "0 a down",
        "0 x down",
        "2 x up",
        "3 x down",
        "9 a up",
        "9 x up",
    ]


def test_what_flips_back_within_one_instant_is_no_event() -> None:
    #   a returns at 2, just as b goes, and c with it: x stays down, and what leans on x
    #   has not seen it for a moment, so that its 3 h run on
    network = network_of("""
        x <- a
        x <- c
        c <- b
        y <- x   buffer=3
    """)
    assert run(network, ("a", 0, 2), ("b", 2, 9)) == [
        "0 a down",
        "0 x down",
        "2 a up",
        "2 b down",
        "2 c down",
        "3 y down",
        "9 b up",
        "9 c up",
        "9 x up",
        "9 y up",
    ]


def test_a_restart_requirement_holds_back_and_never_brings_down() -> None:
    network = network_of("""
        x <- a
        x <- b   restart
    """)
    assert run(network, ("b", 0, 9)) == ["0 b down", "9 b up"]
    assert run(network, ("b", 0, 9), ("a", 1, 2)) == [
        "0 b down",
        "1 a down",
        "1 x down",
        "2 a up",
        "9 b up",
        "9 x up",
    ]


def test_a_restart_requirement_ignores_its_buffer() -> None:
    network = network_of("x <- b restart buffer=100")
    assert run(network, ("b", 0, 9), ("x", 1, 2)) == [
        "0 b down",
        "1 x down",
        "9 b up",
        "9 x up",
    ]


def test_degraded_and_back() -> None:
    network = network_of("""
        b <- a   buffer=1 degrades
        c <- b   full
        d <- b
    """)
    assert run(network, ("a", 0, 3)) == [
        "0 a down",
        "1 b degraded",
        "1 c down",
        "3 a up",
        "3 b up",
        "3 c up",
    ]


def test_a_unit_comes_back_degraded_while_that_is_all_it_can() -> None:
    network = network_of("""
        b <- a   degrades
    """)
    assert run(network, ("a", 0, 9), ("b", 1, 2)) == [
        "0 a down",
        "0 b degraded",
        "1 b down",
        "2 b degraded",
        "9 a up",
        "9 b up",
    ]


def test_electricity_and_telecom_wait_for_each_other() -> None:
    #   power ──4h──> telecom ──to restart──> power
    network = network_of("""
        power restart=1
        telecom restart=1
        telecom <- power   buffer=4
        power <- telecom   restart
    """)
    short_outage = restore(network, [Outage(unit(network, "power"), 0, 2)], 72)
    assert short(short_outage) == ["0 power down", "3 power up"]
    assert short_outage.deadlocks == ()
    long_outage = restore(network, [Outage(unit(network, "power"), 0, 6)], 72)
    assert short(long_outage) == ["0 power down", "4 telecom down"]
    assert long_outage.deadlocks == ((unit(network, "power"), unit(network, "telecom")),)
    assert long_outage.down_at_horizon == (unit(network, "power"), unit(network, "telecom"))


def test_while_an_outage_lasts_nothing_is_called_a_deadlock() -> None:
    network = network_of("""
        telecom <- power   buffer=4
        power <- telecom   restart
    """)
    assert restore(network, [Outage(unit(network, "power"), 0, 100)], 72).deadlocks == ()
    assert restore(network, [Outage(unit(network, "power"))], 72).deadlocks == ()


def test_a_deadlock_does_not_name_what_only_waits_for_it_or_may_still_restart() -> None:
    #   rail waits for power, which waits for telecom; slow is restarting
    network = network_of("""
        slow restart=200
        telecom <- power   buffer=4
        power <- telecom   restart
        rail <- power
        slow <- start
        rail <- slow
    """)
    struck = [Outage(unit(network, "power"), 0, 6), Outage(unit(network, "start"), 0, 1)]
    result = restore(network, struck, 72)
    names = [[local_id(network.units[u]) for u in group] for group in result.deadlocks]
    assert names == [["power", "telecom"]]
    assert len(result.down_at_horizon) == 4


def test_a_ring_is_told_in_the_order_of_waiting() -> None:
    #   a waits for c, c for b, b for a
    network = network_of("""
        a <- c   restart
        c <- b   restart
        b <- a   restart
    """)
    struck = [Outage(unit(network, name), 0, 1) for name in "abc"]
    assert restore(network, struck, 9).deadlocks == ((0, 2, 1),)


def test_a_fallback_breaks_the_deadlock() -> None:
    network = network_of("""
        telecom <- power   buffer=4
        power <- telecom satellite   k=1 restart
    """)
    result = restore(network, [Outage(unit(network, "power"), 0, 6)], 72)
    assert result.deadlocks == result.down_at_horizon == ()


def test_a_deadlock_may_run_through_a_degraded_unit() -> None:
    #   a needs b in full to restart; b works in full only with a
    network = network_of("""
        a <- b   restart full
        b <- a   degrades
    """)
    result = restore(network, [Outage(unit(network, "a"), 0, 1)], 72)
    assert short(result) == ["0 a down", "0 b degraded"]
    assert result.deadlocks == ((unit(network, "a"), unit(network, "b")),)


def test_healing_counts_from_the_loss() -> None:
    #   s is withdrawn; 10 h of stock, substituted after 12 h
    network = network_of("""
        x restart=1
        x <- s   buffer=10 substitution=12
    """)
    assert run(network, ("s", 0, float("inf")), heal=True) == [
        "0 s down",
        "10 x down",
        "13 x up",
    ]
    assert run(network, ("s", 0, float("inf"))) == ["0 s down", "10 x down"]


def test_a_substitute_that_is_there_as_the_buffer_runs_out_is_in_time() -> None:
    network = network_of("x <- s buffer=12 substitution=12")
    assert run(network, ("s", 0, float("inf")), heal=True) == ["0 s down"]


def test_a_substitute_at_once_means_that_nothing_is_lost() -> None:
    network = network_of("x <- s substitution=0")
    assert run(network, ("s", 0, float("inf")), heal=True) == ["0 s down"]


def test_a_loop_that_swings_for_ever_is_refused() -> None:
    #   half an hour of outage travels round and round
    network = network_of("""
        a restart=1
        b restart=1
        b <- a   buffer=1
        a <- b   buffer=1
    """)
    assert len(run(network, ("a", 0, 0.5), horizon=5)) > 5
    with pytest.raises(KgError, match=r"\[cascade.endless\]"):
        restore(network, [Outage(unit(network, "a"), 0, 0.5)], 10_000 * 8760, most_changes=100)


def test_unknown_restart_times_are_said_where_something_comes_up() -> None:
    network = network_of("""
        x restart=?
        y restart=?
        x <- a
    """)
    result = restore(network, [Outage(unit(network, "a"), 0, 1)], 72)
    assert [(one.kind, one.iri(network)) for one in result.assumptions] == [
        ("unknown-restart-lag", network.units[unit(network, "x")])
    ]


def test_up_events_name_what_ended_or_came_back() -> None:
    network = network_of("x <- a name=r1")
    result = restore(network, [Outage(unit(network, "a"), 0, 1)], 72)
    ups = {event.unit: event.because for event in result.events if event.state == "up"}
    assert ups[unit(network, "a")].outage == 0
    assert ups[unit(network, "x")].requirement == network.requirement_index(
        "https://w3id.org/vitaal/id/r1"
    )


def test_the_one_entry_takes_the_fast_way_only_when_nothing_ends() -> None:
    network = network_of("x <- a buffer=1")
    a = unit(network, "a")
    assert short(cascade(network, [Outage(a)], 9)) == ["0 a down", "1 x down"]
    assert short(cascade(network, [Outage(a, 0, 2)], 9)) == [
        "0 a down",
        "1 x down",
        "2 a up",
        "2 x up",
    ]
