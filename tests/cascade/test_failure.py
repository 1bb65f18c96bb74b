"""Failure only, worked out by hand."""

import math

from drawn_networks import short, unit

from kg.cascade import Outage, explain_path, fail, path_units
from kg.names import local_id
from kg.network import Network, network_of


def failing(network: Network, *names: str, horizon: float = 72) -> list[str]:
    return short(fail(network, [Outage(unit(network, name)) for name in names], horizon))


def test_the_minimal_folder() -> None:
    #   grid ──3h──> gsmr
    #     └────2 of 2──┴──> rail
    network = network_of("""
        gsmr <- grid        buffer=3 name=r1
        rail <- grid gsmr   k=2 name=r2
    """)
    assert failing(network, "grid") == ["0 grid down", "0 rail down", "3 gsmr down"]
    assert failing(network, "gsmr") == ["0 gsmr down", "0 rail down"]
    assert failing(network, "rail") == ["0 rail down"]


def test_two_of_three_hold_until_the_second_goes() -> None:
    #   a ─┐
    #   b ─┼─ 2 of 3, 1 h ──> x        c ──5h──> b
    #   c ─┘
    network = network_of("""
        x <- a b c   k=2 buffer=1
        b <- c       buffer=5
    """)
    assert failing(network, "a") == ["0 a down"]
    assert failing(network, "c") == ["0 c down", "5 b down", "6 x down"]
    result = fail(network, [Outage(unit(network, "c")), Outage(unit(network, "a"))], 72)
    x = result.first(unit(network, "x"))
    assert x is not None
    assert x.hours == 1
    assert x.because.lost == (unit(network, "a"), unit(network, "c"))


def test_one_of_two_needs_both_to_go() -> None:
    network = network_of("x <- a b k=1 buffer=2")
    assert failing(network, "a") == ["0 a down"]
    assert failing(network, "a", "b") == ["0 a down", "0 b down", "2 x down"]


def test_all_are_needed_when_no_minimum_is_given() -> None:
    assert failing(network_of("x <- a b"), "b") == ["0 b down", "0 x down"]


def test_the_earlier_of_two_ways_wins() -> None:
    network = network_of("""
        x <- a   buffer=9
        x <- b   buffer=2
        b <- a   buffer=3
    """)
    assert failing(network, "a") == ["0 a down", "3 b down", "5 x down"]


def test_a_loop_goes_down_when_something_starts_it_and_never_by_itself() -> None:
    #   out ──> a ──1h──> b ──> c ──> a
    network = network_of("""
        a <- out
        b <- a   buffer=1
        c <- b
        a <- c
    """)
    assert failing(network, "out") == ["0 a down", "0 out down", "1 b down", "1 c down"]
    assert failing(network, "b") == ["0 a down", "0 b down", "0 c down"]
    assert fail(network, [], 72).events == ()


def test_a_unit_that_needs_itself_is_no_trouble() -> None:
    assert failing(network_of("a <- a b"), "b") == ["0 a down", "0 b down"]
    assert failing(network_of("a <- a b k=1"), "b") == ["0 b down"]


def test_degraded_counts_as_available() -> None:
    #   a ╌degrades, 2h╌> b ──> c          b ──needs full──> d
    network = network_of("""
        b <- a   buffer=2 degrades
        c <- b
        d <- b   buffer=1 full
    """)
    assert failing(network, "a") == ["0 a down", "2 b degraded", "3 d down"]


def test_a_degraded_unit_can_go_down_later() -> None:
    network = network_of("""
        b <- a   buffer=2 degrades
        b <- a   buffer=5
        c <- b   full degrades
        d <- b
    """)
    assert failing(network, "a") == [
        "0 a down",
        "2 b degraded",
        "2 c degraded",
        "5 b down",
        "5 d down",
    ]


def test_down_and_degraded_at_the_same_instant_is_down() -> None:
    network = network_of("""
        b <- a   buffer=2 degrades
        b <- a   buffer=2
    """)
    assert failing(network, "a") == ["0 a down", "2 b down"]


def test_degraded_on_the_way_to_down_keeps_the_explanation_without_a_circle() -> None:
    #   a ╌> v (degraded) ──full──> w ──> v (down), all at once
    network = network_of("""
        v <- a   degrades
        w <- v   full
        v <- w
    """)
    result = fail(network, [Outage(unit(network, "a"))], 72)
    assert short(result) == ["0 a down", "0 v down", "0 w down"]
    path = explain_path(result, unit(network, "v"))
    names = [local_id(network.units[event.unit]) for event in path]
    assert [(name, event.state) for name, event in zip(names, path, strict=True)] == [
        ("a", "down"),
        ("v", "degraded"),
        ("w", "down"),
        ("v", "down"),
    ]


def test_an_endless_buffer_never_runs_out() -> None:
    assert failing(network_of("x <- a buffer=inf"), "a", horizon=math.inf) == ["0 a down"]


def test_restart_requirements_play_no_part() -> None:
    assert failing(network_of("x <- a restart"), "a") == ["0 a down"]


def test_the_horizon_is_inclusive() -> None:
    network = network_of("x <- a buffer=3")
    assert failing(network, "a", horizon=3) == ["0 a down", "3 x down"]
    assert failing(network, "a", horizon=2.999) == ["0 a down"]
    assert failing(network, "a", horizon=0) == ["0 a down"]


def test_later_outages_count_from_their_start() -> None:
    network = network_of("x <- a b k=1 buffer=1")
    a, b = unit(network, "a"), unit(network, "b")
    assert short(fail(network, [Outage(a, 2), Outage(b, 5)], 72)) == [
        "2 a down",
        "5 b down",
        "6 x down",
    ]


def test_thirds_of_an_hour_add_up() -> None:
    """20 minutes three times is an hour, on the horizon and not a fraction past it."""
    network = network_of("""
        b <- a   buffer=0.3333333333333333
        c <- b   buffer=0.3333333333333333
        d <- c   buffer=0.3333333333333333
    """)
    assert failing(network, "a", horizon=1)[-1] == "1 d down"


def test_unknown_buffers_are_listed_by_what_rests_on_them() -> None:
    network = network_of("""
        b <- a   buffer=?
        c <- b   buffer=2
        d <- a   buffer=1
    """)
    result = fail(network, [Outage(unit(network, "a"))], 72)
    assert [one.iri(network) for one in result.assumptions] == [network.requirements[0]]
    resting = {
        local_id(network.units[event.unit])
        for event in result.events
        if result.assumptions_of(event)[0]
    }
    assert resting == {"b", "c"}


def test_a_long_chain_of_unknown_buffers_lists_the_nearest_and_says_that_there_are_more() -> None:
    lines = [f"u{i + 1:03d} <- u{i:03d} buffer=?" for i in range(60)]
    network = network_of("\n".join(lines))
    result = fail(network, [Outage(unit(network, "u000"))], 72)
    assert len(result.assumptions) == 60
    last = result.first(unit(network, "u060"))
    assert last is not None
    listed, complete = result.assumptions_of(last)
    assert (len(listed), complete) == (25, False)
    assert listed[0].subject == 59


def test_vital_processes_are_listed_by_the_hour_at_which_they_go() -> None:
    network = network_of("""
        rail vital sector=spoor
        water vital
        rail <- grid   buffer=5
        water <- grid  buffer=1
    """)
    result = fail(network, [Outage(unit(network, "grid"))], 72)
    assert [(network.label(loss.unit), loss.hours) for loss in result.vital] == [
        ("water", 1),
        ("rail", 5),
    ]


def test_the_path_follows_what_decided_the_time() -> None:
    #   x needs 1 of {early, late}: it goes when late goes
    network = network_of("""
        early <- a   buffer=1
        late  <- a   buffer=4
        x <- early late   k=1 buffer=2
    """)
    result = fail(network, [Outage(unit(network, "a"))], 72)
    path = explain_path(result, unit(network, "x"))
    assert [network.label(u) for u in path_units(path)] == ["a", "late", "x"]
    assert [event.hours for event in path] == [0, 4, 6]
    assert explain_path(result, unit(network, "a"))[0].because.outage == 0


def test_what_is_not_touched_has_no_path() -> None:
    network = network_of("x <- a")
    assert explain_path(fail(network, [Outage(unit(network, "x"))], 1), unit(network, "a")) == ()
