"""Minimal cut sets in time: by hand, and against the failure engine on random networks."""

import math
from itertools import combinations
from pathlib import Path

import pytest
from drawn_networks import Drawn, drawings, unit
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.cascade import Outage, fail
from kg.cascade import cutsets as engine
from kg.cascade.cutsets import CutSets, as_formula, cut_sets, parse_within
from kg.cascade.fault_tree import fault_tree
from kg.errors import KgError, UsageError
from kg.faulttree.open_psa import read_open_psa
from kg.faulttree.search import search
from kg.faulttree.write import open_psa
from kg.names import local_id
from kg.network import Network, network_of

DEADLINES = st.sampled_from([math.inf, 0.0, 1.0, 2.0, 3.0, 5.0, 8.0, 30.0])


def named(result: CutSets) -> list[str]:
    """Cut sets as words: ``grid gsmr``."""
    units = result.network.units
    return [" ".join(local_id(units[one]) for one in cut) for cut in result.found.sets or ()]


def falls(network: Network, target: int, within: float, struck: tuple[int, ...]) -> bool:
    result = fail(network, [Outage(one) for one in struck], within)
    return result.first(target, ("down",)) is not None


def minimal(network: Network, target: int, within: float) -> list[tuple[int, ...]]:
    """By trying every set of units with the failure engine."""
    found: list[tuple[int, ...]] = []
    for order in range(len(network.units) + 1):
        for struck in combinations(range(len(network.units)), order):
            known = any(set(one) <= set(struck) for one in found)
            if not known and falls(network, target, within, struck):
                found.append(struck)
    return found


# --- by hand --------------------------------------------------------------------------------------

RAIL = network_of(
    """
    gsmr <- grid          buffer=3
    rail <- grid diesel   k=1 buffer=1
    rail <- gsmr
    """
)


@pytest.mark.parametrize(
    ("within", "expected"),
    [
        (0, ["gsmr", "rail"]),
        (1, ["gsmr", "rail", "diesel grid"]),
        (2.99, ["gsmr", "rail", "diesel grid"]),
        (3, ["grid", "gsmr", "rail"]),
        (math.inf, ["grid", "gsmr", "rail"]),
    ],
)
def test_a_deadline_decides_what_is_in_time(within: float, expected: list[str]) -> None:
    result = cut_sets(RAIL, unit(RAIL, "rail"), within)
    assert named(result) == expected
    assert result.found.complete


def test_a_loop_does_not_hold_itself_down() -> None:
    network = network_of(
        """
        power <- telecom    buffer=4
        telecom <- power    buffer=2
        power <- plant
        """
    )
    target = unit(network, "power")
    assert named(cut_sets(network, target)) == ["plant", "power", "telecom"]
    assert named(cut_sets(network, target, 3.9)) == ["plant", "power"]


def test_degraded_counts_only_where_full_is_needed() -> None:
    network = network_of(
        """
        clock <- mast     degrades buffer=1
        radio <- clock    full buffer=1
        phone <- clock
        """
    )
    assert named(cut_sets(network, unit(network, "radio"))) == ["clock", "mast", "radio"]
    assert named(cut_sets(network, unit(network, "radio"), 1)) == ["clock", "radio"]
    assert named(cut_sets(network, unit(network, "phone"))) == ["clock", "phone"]


def test_what_starts_again_and_endless_buffers_play_no_part() -> None:
    network = network_of(
        """
        rail <- grid      restart
        rail <- stock     buffer=inf
        """
    )
    assert named(cut_sets(network, unit(network, "rail"))) == ["rail"]


def test_k_of_n_is_not_written_out() -> None:
    names = " ".join(f"p{number:02d}" for number in range(40))
    network = network_of(f"water <- {names} k=20\n")
    result = cut_sets(network, unit(network, "water"), count_only=True)
    assert result.found.by_order == {1: 1, 21: math.comb(40, 21)}
    assert result.found.complete
    assert result.found.sets is None


def test_unknown_buffers_are_named_where_the_answer_rests_on_them() -> None:
    network = network_of("rail <- grid buffer=?\nwater <- grid buffer=?\n")
    target = unit(network, "rail")
    (one,) = cut_sets(network, target, 8).assumptions
    assert one.iri(network) == network.requirements[int(network.own(target)[0])]
    assert cut_sets(network, target).assumptions == ()


def test_json_has_what_programs_read() -> None:
    result = cut_sets(RAIL, unit(RAIL, "rail"), 1, 1, probability=[0.5] * 4)
    values = result.to_json("r", "openbaar")
    assert values["target"].endswith("/rail")
    assert (values["within_hours"], values["max_order"], values["complete"]) == (1, 1, False)
    assert (values["count"], values["by_order"]) == (2, {"1": 2})
    assert [one["reason"] for one in values["stopped"]] == ["order"]
    assert values["stopped"][0]["left_out"] == 1
    assert cut_sets(RAIL, unit(RAIL, "rail")).to_json()["within_hours"] is None


# --- laws -----------------------------------------------------------------------------------------


@settings(max_examples=120, deadline=None)
@given(drawings(), DEADLINES, st.data())
def test_cut_sets_are_what_trying_every_set_gives(
    drawn: Drawn, within: float, data: st.DataObject
) -> None:
    network = drawn.network()
    target = data.draw(st.integers(0, len(network.units) - 1))
    expected = minimal(network, target, within)
    result = cut_sets(network, target, within)
    assert result.found.sets == tuple(expected)
    assert result.found.complete
    order = data.draw(st.integers(1, 4))
    part = cut_sets(network, target, within, order)
    assert part.found.sets == tuple(one for one in expected if len(one) <= order)
    assert part.found.complete == all(len(one) <= order for one in expected)


@settings(max_examples=60, deadline=None)
@given(drawings(), DEADLINES)
def test_every_set_brings_the_target_down_and_needs_all_its_units(
    drawn: Drawn, within: float
) -> None:
    network = drawn.network()
    for cut in cut_sets(network, 0, within).found.sets or ():
        assert falls(network, 0, within, cut)
        for left_out in cut:
            assert not falls(network, 0, within, tuple(one for one in cut if one != left_out))


@settings(max_examples=60, deadline=None)
@given(drawings(), DEADLINES, st.data())
def test_names_do_not_matter(drawn: Drawn, within: float, data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(drawn.lags))))
    target = data.draw(st.integers(0, len(order) - 1))
    one = cut_sets(drawn.network(), target, within).found.sets or ()
    other = cut_sets(drawn.network(order), order[target], within).found.sets or ()
    assert {frozenset(order[u] for u in cut) for cut in one} == {frozenset(cut) for cut in other}


@settings(max_examples=60, deadline=None)
@given(drawings(), DEADLINES, st.data())
def test_the_probability_is_that_of_all_states(
    drawn: Drawn, within: float, data: st.DataObject
) -> None:
    network = drawn.network()
    size = len(network.units)
    chances = data.draw(
        st.lists(st.sampled_from([0.0, 0.2, 0.5, 1.0]), min_size=size, max_size=size)
    )
    total = 0.0
    for order in range(size + 1):
        for struck in combinations(range(size), order):
            if falls(network, 0, within, struck):
                total += math.prod(
                    chance if one in struck else 1 - chance for one, chance in enumerate(chances)
                )
    result = cut_sets(network, 0, within, probability=chances)
    assert result.probability == pytest.approx(total, abs=1e-12)
    for weight in result.importance:
        never = [0.0 if u == weight.event else p for u, p in enumerate(chances)]
        always = [1.0 if u == weight.event else p for u, p in enumerate(chances)]
        low = cut_sets(network, 0, within, probability=never).probability
        high = cut_sets(network, 0, within, probability=always).probability
        assert weight.birnbaum == pytest.approx((high or 0.0) - (low or 0.0), abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(drawn=drawings(), within=DEADLINES, steps=st.sampled_from([60, 1_000_000]))
def test_a_tree_that_is_written_says_the_same_when_read(
    tmp_path_factory: pytest.TempPathFactory, drawn: Drawn, within: float, steps: int
) -> None:
    network = drawn.network()
    try:
        unfolded, _ = as_formula(network, 0, within, steps)
    except KgError:
        assert steps == 60
        return
    path = tmp_path_factory.getbasetemp() / "netwerk.xml"
    path.write_bytes(open_psa(fault_tree(network, 0, unfolded)))
    tree = read_open_psa(path)
    found = search(tree.formula(tree.choose(None))).sets or ()
    names = {frozenset(tree.events[event].name for event in one) for one in found}
    expected = cut_sets(network, 0, within)
    assert names == {frozenset(one.split()) for one in named(expected)}


# --- limits ---------------------------------------------------------------------------------------


def tangled(size: int = 14) -> Network:
    """Everyone needs two of three others, round and round."""
    lines = []
    for one in range(size):
        others = (f"u{(one * step + start) % size}" for step, start in ((5, 1), (3, 2), (7, 3)))
        lines.append(f"u{one} <- {' '.join(others)} k=2 buffer={one % 3}")
    return network_of("\n".join(lines))


def test_what_is_too_large_says_how_far_it_came() -> None:
    network = tangled()
    whole = cut_sets(network, 0)
    assert whole.found.complete
    part = cut_sets(network, 0, steps=150)
    (stop,) = part.found.stopped
    assert stop.reason == "size"
    assert not part.found.complete
    assert part.found.sets == tuple(one for one in whole.found.sets or () if len(one) <= stop.order)
    asked = cut_sets(network, 0, max_order=1, steps=150)
    assert [one.reason for one in asked.found.stopped] in (["order"], ["size"])


def test_an_interruption_keeps_what_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    original, calls = engine.find, []

    def impatient(*arguments: object, **options: object) -> object:
        calls.append(options["order"])
        if len(calls) == 3:
            raise KeyboardInterrupt
        return original(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(engine, "find", impatient)
    result = cut_sets(tangled(), 0)
    (stop,) = result.found.stopped
    assert (stop.reason, stop.order) == ("interrupted", 2)
    assert set(result.found.by_order) <= {1, 2}
    assert not result.found.complete


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"max_order": 0}, "usage.max-order"),
        ({"max_order": -1}, "usage.max-order"),
        ({"limit": -1}, "usage.limit"),
        ({"within_hours": -1.0}, "usage.within"),
        ({"within_hours": math.nan}, "usage.within"),
        ({"within_hours": 1e15}, "usage.within"),
        ({"probability": [0.5]}, "usage.probability"),
        ({"probability": [0.5, 0.5, 0.5, 1.5]}, "usage.probability"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments: dict[str, float], code: str) -> None:
    with pytest.raises(UsageError) as caught:
        cut_sets(RAIL, 0, **arguments)  # type: ignore[arg-type]
    assert caught.value.code == code


@pytest.mark.parametrize("text", ["8 uur", "-PT8H", "P200000Y", ""])
def test_a_deadline_that_is_none(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_within(text)
    assert caught.value.code == "usage.within"


def test_a_tree_too_large_to_write_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KgError) as caught:
        as_formula(tangled(), 0, steps=30)
    assert caught.value.code == "cutsets.too-large"
