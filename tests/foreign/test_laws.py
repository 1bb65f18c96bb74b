"""Laws: what makes things better never makes a dependency strategic; see kg/foreign/withdrawal.py.

They hold of what is possibly strategic without exception, and therefore of what is strategic
wherever it was not possibly so already.
"""

import math
from dataclasses import replace

import numpy as np
from drawn_networks import Drawn, Need, drawings, unit
from hypothesis import given
from hypothesis import strategies as st
from small_world import make

from kg.foreign import Control, Withdrawer, read_terms
from kg.foreign.matrix import rows
from kg.foreign.question import VerdictName, verdict_of
from kg.network import Network, network_of
from kg.network.assemble import RequirementRow, UnitRow, assemble
from kg.network.durations import FOREVER, to_ticks
from kg.store import Graph

HORIZON = 40.0

DRAWN = drawings(ends=True, restarts=True, heals=True)


def struck(drawn: Drawn) -> list[int]:
    """What is withdrawn: everything that the drawing strikes, from 0 and for good."""
    return sorted({one for one, _, _ in drawn.outages})


def bound(network: Network, units: list[int], horizon: float = HORIZON) -> np.ndarray:
    return Withdrawer(network).bound(units, horizon)


def exact(network: Network, units: list[int], horizon: float = HORIZON) -> np.ndarray:
    found = Withdrawer(network).falls_with(units, horizon)
    assert found is not None
    return found


def verdicts(network: Network, units: list[int]) -> dict[int, VerdictName]:
    """Per vital process that depends on these units."""
    (one,) = rows(Withdrawer(network), {"X": units}, HORIZON) or (None,)
    if one is None:
        return {}
    return {p: verdict_of(one.hours[p], one.bounds[p], risky=False) for p in one.hours}


@st.composite
def improvements(draw: st.DrawFn) -> tuple[Drawn, Drawn, list[int], list[int]]:
    """A drawing, one that is better in one respect, and what is withdrawn in each."""
    drawn = draw(DRAWN.filter(lambda one: one.needs))
    units = struck(drawn)
    place = draw(st.integers(0, len(drawn.needs) - 1))
    need = drawn.needs[place]
    kind = draw(st.sampled_from(["buffer", "substitution", "alternative", "fewer"]))
    if kind == "fewer":
        return drawn, drawn, units, [one for one in units if draw(st.booleans())]
    if kind == "buffer":
        better = replace(need, buffer=(need.buffer or 0) + draw(st.integers(1, 5)))
        return drawn, changed(drawn, place, better), units, units
    if kind == "substitution":
        most = 8 if need.substitution is None else need.substitution
        better = replace(need, substitution=draw(st.integers(0, most)))
        return drawn, changed(drawn, place, better), units, units
    # A fulfiller more that nobody withdraws, and that needs nothing itself.
    new = len(drawn.lags)
    better = replace(need, fulfillers=(*need.fulfillers, new))
    wider = replace(changed(drawn, place, better), lags=(*drawn.lags, 0))
    return drawn, wider, units, units


def changed(drawn: Drawn, place: int, need: Need) -> Drawn:
    needs = (*drawn.needs[:place], need, *drawn.needs[place + 1 :])
    return replace(drawn, needs=needs)


@given(DRAWN)
def test_what_falls_falls_no_earlier_than_the_bound(drawn: Drawn) -> None:
    network, units = drawn.network(), struck(drawn)
    assert (exact(network, units) >= bound(network, units)).all()


@given(DRAWN)
def test_without_substitution_nothing_falls_later(drawn: Drawn) -> None:
    network, units = drawn.network(), struck(drawn)
    assert (exact(network, units) >= Withdrawer(network).without_return(units, HORIZON)).all()


@given(improvements())
def test_an_improvement_never_moves_the_bound_forward(
    case: tuple[Drawn, Drawn, list[int], list[int]],
) -> None:
    before, after, units, left = case
    size = len(before.lags)
    assert (bound(after.network(), left)[:size] >= bound(before.network(), units)).all()


@given(improvements())
def test_an_improvement_never_makes_possibly_strategic(
    case: tuple[Drawn, Drawn, list[int], list[int]],
) -> None:
    """Nor, therefore, strategic what was not possibly so."""
    before, after, units, left = case
    old, new = verdicts(before.network(), units), verdicts(after.network(), left)
    for unit_, verdict in new.items():
        if verdict != "foreign":
            assert old[unit_] != "foreign"


def test_an_improvement_can_make_strategic_what_hung_on_timing() -> None:
    #   A is down on [0, 4), B from 5 on; with three hours for M, A is down on [3, 7)
    drawing = """
        p vital
        p <- a b k=1
        a <- m   substitution=4
        m <- x   buffer={}
        b <- x   buffer=5
    """
    before, after = network_of(drawing.format(0)), network_of(drawing.format(3))
    for network, hours, verdict in ((before, math.inf, "possible"), (after, 5, "strategic")):
        (one,) = rows(Withdrawer(network), {"X": [unit(network, "x")]}, HORIZON)
        p = unit(network, "p")
        assert one.hours == {p: hours}
        assert one.bounds == {p: 5}
        assert verdict_of(one.hours[p], one.bounds[p], risky=False) == verdict


def test_an_alternative_in_time_does_not_make_strategic_though_more_stock_would() -> None:
    """Why the law holds of what is possibly strategic, and not of a wider *strategic*."""
    days = """
        p vital
        p <- a b k=1
        a <- m   substitution=720
        m <- x   buffer={}
        b <- x   buffer=7200
    """
    replaced, stocked = network_of(days.format(0)), network_of(days.format(6960))
    year = 8760.0
    for network, hours in ((replaced, math.inf), (stocked, 7200)):
        (one,) = rows(Withdrawer(network), {"X": [unit(network, "x")]}, year)
        p = unit(network, "p")
        assert (one.hours[p], one.bounds[p]) == (hours, 7200)


@given(drawn=DRAWN, place=st.integers(0, 10), who=st.integers(0, 10))
def test_two_suppliers_under_one_controller_count_as_one(
    drawn: Drawn, place: int, who: int
) -> None:
    """One more fulfiller that is withdrawn as well changes nothing, exactly."""
    units = struck(drawn)
    if not drawn.needs or not units:
        return
    need = drawn.needs[place % len(drawn.needs)]
    if units[who % len(units)] not in need.fulfillers:
        return  # the first supplier of the country must be there
    size = len(drawn.lags)
    more = changed(
        drawn,
        place % len(drawn.needs),
        replace(need, fulfillers=(*need.fulfillers, size)),
    )
    wider = replace(more, lags=(*drawn.lags, 0)).network()
    assert (exact(wider, [*units, size])[:size] == exact(drawn.network(), units)).all()
    assert (bound(wider, [*units, size])[:size] == bound(drawn.network(), units)).all()


@given(DRAWN)
def test_who_controls_nothing_on_any_path_brings_nothing_down(drawn: Drawn) -> None:
    network, units = drawn.network(), struck(drawn)
    reached = Withdrawer(network).reached(units)
    assert (exact(network, units)[~reached] == FOREVER).all()
    assert (bound(network, units)[~reached] == FOREVER).all()


@given(st.sets(st.sampled_from(["CN", "DE", "TR", "NL"])))
def test_a_wider_trusted_group_never_adds_a_finding(trusted: set[str]) -> None:
    store, network = make()
    graph = Graph(store)
    terms = read_terms(graph)
    iris = {f"https://w3id.org/vitaal/id/{one}" for one in trusted}
    wider = replace(terms, trusted=terms.trusted | iris)
    found = []
    for one in (terms, wider):
        controlled = Control(graph, one).units(network)
        rows_ = rows(Withdrawer(network), controlled, one.horizon_hours)
        found.append({(row.country, p, h) for row in rows_ for p, h in row.hours.items()})
    assert found[1] <= found[0]


@given(DRAWN, st.integers(0, 10))
def test_stock_is_buffer(drawn: Drawn, stock: int) -> None:
    """A stock lengthens how long a requirement may be lost: the same as so much more buffer."""
    units = [UnitRow(f"u{at}", vital=True, restart=0.0) for at in range(2)]
    needs = [
        RequirementRow("r", "u1", ("u0",), 1, buffer, substitution=9.0, stock=more)
        for buffer, more in ((float(stock), 0.0), (0.0, float(stock)))
    ]
    one, two = (exact(assemble(units, [need]), [0]) for need in needs)
    assert (one == two).all()
    assert (one[1] < FOREVER) == (stock < 9)
    assert one[1] in (to_ticks(stock), FOREVER)


@given(DRAWN)
def test_what_heals_is_met_its_substitution_time_after_it_was_lost(drawn: Drawn) -> None:
    network, units = drawn.network(), struck(drawn)
    withdrawer = Withdrawer(network)
    for one in withdrawer.healed(units, HORIZON):
        assert one.met == one.lost + network.substitution[one.requirement] <= HORIZON
        # Held against the engine: never again a reason of a loss from then on.
        changes = withdrawer._changes(units, HORIZON)
        losses = (changes.reason == one.requirement) & (changes.round >= 0)
        assert (changes.time[losses] <= to_ticks(one.met)).all()


@given(DRAWN, st.floats(0, 20))
def test_an_unknown_substitution_time_counts_as_the_policy_says(drawn: Drawn, hours: float) -> None:
    network, units = drawn.network(), struck(drawn)
    unknown = np.isinf(network.substitution)
    stated = replace(network, substitution=np.where(unknown, hours, network.substitution))
    counted = Withdrawer(network, hours)
    assert counted.unknown.tolist() == unknown.tolist()
    found = counted.falls_with(units, HORIZON)
    assert found is not None
    assert (found == exact(stated, units)).all()


def test_a_buffer_that_refills_slowly_may_run_out_in_parts() -> None:
    #   a is down on [0, 4) and from 5 on; ten hours of buffer, eight to substitute, and yet
    network = network_of(
        """
        p vital
        p <- a buffer=10 substitution=8 refill=100
        a <- x substitution=4
        a <- y buffer=5
        """
    )
    units, p = [unit(network, "x"), unit(network, "y")], unit(network, "p")
    assert exact(network, units)[p] == to_ticks(11.1)
    assert bound(network, units)[p] == to_ticks(10)
    at_once = replace(network, refill=np.zeros(len(network.requirements)))
    assert exact(at_once, units)[p] == bound(at_once, units)[p] == FOREVER
