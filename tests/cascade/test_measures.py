"""Measures before and after, ranked and chosen greedily: by hand, and laws on random networks."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
from drawn_networks import Drawn, drawings, unit
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.cascade import Outage, cascade, fail
from kg.cascade.measures import Case, Gain, compare, down_hours, gain_of, rank_measures
from kg.errors import UsageError
from kg.names import ID
from kg.network import Measure, Network, apply, network_of

#   grid ─3 h─▶ radio ─0─▶ rail (vital)      grid ─0─▶ pump (vital)      spare
DRAWING = """
    rail vital restart=1
    pump vital
    radio restart=1
    spare
    radio <- grid  buffer=3 name=r1
    rail  <- radio name=r2
    pump  <- grid  name=r3
"""
R1, R2, R3 = range(3)


def measure(name: str, price: float | None = None, status: str = "", **changes: object) -> Measure:
    return Measure(ID + name, name, name, status, price, **changes)  # type: ignore[arg-type]


@pytest.fixture
def network() -> Network:
    return network_of(DRAWING)


def case(network: Network, *outages: Outage, hours: float = 24.0) -> Case:
    return Case("grid", ID + "grid", outages or (Outage(unit(network, "grid")),), hours)


# --- before and after ----------------------------------------------------------------------------


def test_hours_down_and_hours_won(network: Network) -> None:
    longer = measure("m", 2e6, buffers=((R1, 10.0),))
    found = compare(network, [longer], [Outage(unit(network, "grid"))], 24, cascade)
    assert [(network.labels[one.unit], *one[1:]) for one in found.changes] == [
        ("radio", 3, 10, 21, 14),
        ("rail", 3, 10, 21, 14),
    ]
    assert found.gain == Gain(7, 14, 0, 0)
    told = found.to_json()
    assert told["investment"] == {"known_euro": 2e6, "unknown": 0}
    assert told["gain"]["unit_hours_per_million_euro"] == 7


def test_a_spare_saves_what_leans_on_it(network: Network) -> None:
    spare = unit(network, "spare")
    second = measure("m", adds=((R1, spare), (R3, spare)))
    found = compare(network, [second], [Outage(unit(network, "grid"))], 24, cascade)
    assert found.gain == Gain(21 + 24, 21 + 21 + 24, 2, 3)
    assert all(math.isinf(one.first_after) for one in found.changes)
    assert found.to_json()["units"][0]["first_down_after_hours"] is None
    assert found.to_json()["gain"]["vital_hours_per_million_euro"] is None  # the cost is unknown


def test_with_an_end_a_shorter_restart_wins_the_difference(network: Network) -> None:
    quick = measure("m", restarts=((unit(network, "rail"), 0.5),))
    outage = Outage(unit(network, "grid"), 0, 5)
    found = compare(network, [quick], [outage], 24, cascade)
    # radio 3–6 either way; rail is back at 6.5 and not at 7
    assert [one[1:] for one in found.changes] == [(3, 3, 4, 3.5)]
    assert found.gain.vital_hours == 0.5


def test_nothing_done_nothing_won(network: Network) -> None:
    found = compare(network, [], [Outage(unit(network, "grid"))], 24, cascade)
    assert found.changes == found.notes == ()
    assert found.gain == Gain()


def test_an_infinite_horizon_has_no_hours(network: Network) -> None:
    with pytest.raises(UsageError, match="eindige horizon"):
        down_hours(cascade(network, [Outage(0)], math.inf))


# --- ranking and greedy choice --------------------------------------------------------------------


def test_measures_are_ranked_by_vital_hours_then_all_then_price(network: Network) -> None:
    spare = unit(network, "spare")
    measures = [
        measure("niets"),
        measure("vervang", substitutions=((R1, 1.0),)),
        measure("radio", 3e6, adds=((R1, spare),)),  # 21 vital hours, 42 in all
        measure("rail", 1e6, removes=(R2,)),  # 21 vital hours, 21 in all
        measure("rail2", 5e5, adds=((R2, spare),)),  # the same for less
        measure("pomp", 9e6, adds=((R3, spare),)),  # 24
    ]
    found = rank_measures(network, measures, [case(network)], cascade)
    assert [one.measure.label for one in found.ranked] == ["pomp", "radio", "rail2", "rail"]
    assert [one.gain.vital_hours for one in found.ranked] == [24, 21, 21, 21]
    assert [one.label for one in found.without_change] == ["niets"]
    assert [one.label for one in found.substitution_only] == ["vervang"]


def test_the_greedy_choice_counts_what_is_added_to_what_was_chosen(network: Network) -> None:
    spare = unit(network, "spare")
    measures = [
        measure("a", 1e6, adds=((R1, spare),)),  # saves radio and rail
        measure("b", 1e6, removes=(R2,)),  # saves rail; nothing more after a
        measure("c", 1e6, adds=((R3, spare),)),
        measure("klaar", 0.0, "completed", removes=(R1, R3)),
    ]
    found = rank_measures(network, measures, [case(network)], cascade)
    assert [(one.measure.label, one.adds.vital_hours, one.spent) for one in found.steps] == [
        ("c", 24, 1e6),
        ("a", 21, 2e6),
    ]
    assert found.steps[-1].together == Gain(45, 66, 2, 3)
    assert not found.cut
    short = rank_measures(network, measures, [case(network)], cascade, most_steps=1)
    assert [one.measure.label for one in short.steps] == ["c"]
    assert short.cut


def test_a_budget_is_kept_and_goes_by_gain_per_euro(network: Network) -> None:
    spare = unit(network, "spare")
    measures = [
        measure("duur", 10e6, adds=((R3, spare),)),
        measure("goedkoop", 1e6, buffers=((R1, 10.0),)),
        measure("onbekend", None, adds=((R1, spare),)),
    ]
    found = rank_measures(network, measures, [case(network)], cascade, budget=10e6)
    assert [one.measure.label for one in found.steps] == ["goedkoop"]
    assert [one.label for one in found.over_budget] == ["onbekend"]
    both = rank_measures(network, measures, [case(network)], cascade, budget=11e6)
    assert [one.measure.label for one in both.steps] == ["goedkoop", "duur"]
    assert both.steps[-1].spent == 11e6
    assert rank_measures(network, measures, [case(network)], cascade, budget=0).steps == ()


def test_what_is_free_goes_first_under_a_budget(network: Network) -> None:
    measures = [
        measure("betaald", 1.0, adds=((R3, unit(network, "spare")),)),
        measure("gratis", 0.0, buffers=((R1, 4.0),)),
        measure("gratis-niets", 0.0, buffers=((R1, 3.0),)),
    ]
    found = rank_measures(network, measures, [case(network)], cascade, budget=5.0)
    assert [one.measure.label for one in found.steps] == ["gratis", "betaald"]


def test_cases_count_equally(network: Network) -> None:
    longer = measure("m", buffers=((R1, 10.0),))
    cases = [case(network), case(network, Outage(unit(network, "radio")))]
    (one,) = rank_measures(network, [longer], cases, cascade).ranked
    assert [gain.vital_hours for gain in one.per_case] == [7, 0]
    assert one.gain.vital_hours == 7


# --- laws -----------------------------------------------------------------------------------------


@st.composite
def with_measures(draw: st.DrawFn, *, ends: bool = False) -> tuple[Drawn, tuple[Measure, ...]]:
    drawn = draw(drawings(ends=ends, restarts=ends))
    units, needs = len(drawn.lags), len(drawn.needs)
    found = []
    for number in range(draw(st.integers(0, 3))):
        need, unit = st.integers(0, max(needs - 1, 0)), st.integers(0, units - 1)
        changes = draw(
            st.fixed_dictionaries(
                {},
                optional={
                    "adds": st.tuples(st.tuples(need, unit)),
                    "buffers": st.tuples(st.tuples(need, st.sampled_from([0.0, 1.0, 3.0, 8.0]))),
                    "removes": st.tuples(need),
                }
                if needs
                else {},
            )
        )
        restarts = draw(st.sampled_from([(), ((draw(unit), 1.0),)]))
        found.append(measure(f"m{number}", float(number), restarts=restarts, **changes))
    return drawn, tuple(found)


@settings(max_examples=150)
@given(with_measures(), st.randoms(use_true_random=False))
def test_the_order_of_measures_does_not_matter(given_: object, random: object) -> None:
    drawn, measures = given_  # type: ignore[misc]
    mixed = list(measures)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    network = drawn.network()
    before = network.digest()
    assert apply(network, measures).digest() == apply(network, mixed).digest()
    assert network.digest() == before


@settings(max_examples=200)
@given(with_measures())
def test_no_measure_makes_anything_fail_earlier(given_: tuple[Drawn, tuple[Measure, ...]]) -> None:
    drawn, measures = given_
    network = drawn.network()
    changed = apply(network, measures)

    def first(result: object) -> dict[int, float]:
        return {
            unit: event.hours
            for unit in range(len(network.units))
            if (event := result.first(unit, ("down",)))  # type: ignore[attr-defined]
        }

    before = first(fail(network, drawn.struck(), 30))
    after = first(fail(changed, drawn.struck(), 30))
    assert all(before.get(unit, math.inf) <= hours for unit, hours in after.items())


@settings(max_examples=100)
@given(with_measures(), st.data())
def test_names_do_not_matter(
    given_: tuple[Drawn, tuple[Measure, ...]], data: st.DataObject
) -> None:
    """Renaming units and then changing is changing and then renaming."""
    drawn, measures = given_
    order = data.draw(st.permutations(range(len(drawn.lags))))
    renamed = [
        Measure(
            one.iri,
            one.label,
            one.label_en,
            adds=tuple((need, order[unit]) for need, unit in one.adds),
            buffers=one.buffers,
            restarts=tuple((order[unit], hours) for unit, hours in one.restarts),
            removes=one.removes,
        )
        for one in measures
    ]
    here = apply(drawn.network(), measures)
    there = apply(drawn.network(order), renamed)
    for need in range(len(here.requirements)):
        assert sorted(order[u] for u in here.fulfillers(need)) == there.fulfillers(need).tolist()
    assert np.array_equal(here.buffer, there.buffer)
    assert [here.restart_lag[u] for u in range(len(order))] == [
        there.restart_lag[order[u]] for u in range(len(order))
    ]


@settings(max_examples=120)
@given(with_measures(ends=True))
def test_what_is_skipped_would_have_come_out_the_same(
    given_: tuple[Drawn, tuple[Measure, ...]],
) -> None:
    """The ranking leaves cascades out; each gain is that of computing all of it."""
    drawn, measures = given_
    network, outages = drawn.network(), tuple(drawn.struck())
    cases = [Case("een", "een", outages, 30.0), Case("deel", "deel", outages[:1], 12.0)]
    found = rank_measures(network, measures, cases, cascade)

    def whole(chosen: Sequence[Measure]) -> list[Gain]:
        changed = apply(network, chosen)
        return [
            gain_of(
                network,
                down_hours(cascade(network, one.outages, one.hours)),
                down_hours(cascade(changed, one.outages, one.hours)),
            )
            for one in cases
        ]

    for one in found.ranked:
        assert list(one.per_case) == whole([one.measure])
    chosen: list[Measure] = []
    for step in found.steps:
        chosen.append(step.measure)
        hours = sum(gain.unit_hours for gain in whole(chosen))
        assert step.together.unit_hours == pytest.approx(hours)
