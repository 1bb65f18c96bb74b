"""Minimal cut sets, probability and importance against their definitions, on random formulas."""

import math
from collections import Counter

import pytest
from drawn_formulas import formulas, minimal, probability
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.errors import UsageError
from kg.faulttree.bounded import bounded
from kg.faulttree.diagram import TooLarge
from kg.faulttree.formula import Formula, FormulaBuilder
from kg.faulttree.modules import modules_of
from kg.faulttree.search import search
from kg.faulttree.solution import Solution

CHANCES = st.lists(st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.9, 1.0]), min_size=7, max_size=7)


@settings(max_examples=200)
@given(formulas())
def test_cut_sets_are_the_minimal_ones(formula: Formula) -> None:
    expected = minimal(formula)
    solution = Solution(formula)
    assert solution.sets() == expected
    assert solution.count == len(expected)
    assert solution.by_order == dict(Counter(map(len, expected)))
    assert solution.events() == sorted({event for one in expected for event in one})


@settings(max_examples=80)
@given(formulas(), st.integers(1, 4), st.integers(0, 6))
def test_an_answer_says_what_it_leaves_out(formula: Formula, order: int, limit: int) -> None:
    expected = minimal(formula)
    within = [one for one in expected if len(one) <= order]
    found = search(formula, order, limit)
    assert found.count == len(within)
    assert found.sets == tuple(within[:limit])
    assert found.complete == (len(within) == len(expected) and len(within) <= limit)
    assert found.single_points == tuple(one[0] for one in expected if len(one) == 1)
    left = sum(stop.left or 0 for stop in found.stopped)
    assert left + len(found.sets) == len(expected)


@settings(max_examples=80)
@given(formulas(), st.integers(1, 4))
def test_order_by_order_loses_nothing(formula: Formula, order: int) -> None:
    expected = minimal(formula)
    part = bounded(formula, order, 100_000)
    assert part.sets() == [one for one in expected if len(one) <= order]
    assert part.dropped or part.count == len(expected)
    assert bounded(formula, None, 100_000).sets() == expected


@settings(max_examples=200)
@given(formulas(), CHANCES)
def test_probability_and_importance_are_their_definitions(
    formula: Formula, chances: list[float]
) -> None:
    chances = chances[: formula.events]
    cuts = minimal(formula)
    solution = Solution(formula)
    total = probability(cuts, chances)
    assert solution.probability(chances) == pytest.approx(total, abs=1e-12)
    weights = solution.importance(chances)
    assert [one.event for one in weights] == solution.events()
    for one in weights:
        never, always = chances[:], chances[:]
        never[one.event], always[one.event] = 0.0, 1.0
        low, high = probability(cuts, never), probability(cuts, always)
        assert one.birnbaum == pytest.approx(high - low, abs=1e-12)
        if total > 0:
            assert one.fussell_vesely == pytest.approx((total - low) / total, abs=1e-9)
            assert one.raw == pytest.approx(high / total)
            if low > 1e-9:
                assert one.rrw == pytest.approx(total / low)
            elif low == 0:
                assert one.rrw == math.inf


@settings(max_examples=40)
@given(formulas(), CHANCES, st.data())
def test_an_unknown_chance_that_matters_makes_the_whole_unknown(
    formula: Formula, chances: list[float], data: st.DataObject
) -> None:
    chances = chances[: formula.events]
    hidden = data.draw(st.integers(0, formula.events - 1))
    chances[hidden] = math.nan
    solution = Solution(formula)
    assert math.isnan(solution.probability(chances)) == (hidden in solution.events())


def test_a_large_k_of_n_stays_small() -> None:
    builder = FormulaBuilder(60)
    formula = builder.build(builder.gate(range(60), 30))
    solution = Solution(formula, steps=5_000)
    assert solution.count == math.comb(60, 30)
    assert solution.by_order == {30: math.comb(60, 30)}
    assert len(solution.sets(limit=3)) == 3


def test_what_occurs_together_is_one_module() -> None:
    builder = FormulaBuilder(6)
    left, right = builder.any([0, 1, 2]), builder.any([0, 1, 3])
    top = builder.gate([left, right, builder.gate([4, 5], 2)], 2)
    found = modules_of(builder.build(top))
    assert (0, 1) in [module.leaves for module in found.values()]
    assert (4, 5) in [module.leaves for module in found.values()]


def hard(size: int) -> Formula:
    """Every pair (i, j) of a grid once in a row and once in a column: no order is a good one."""
    builder = FormulaBuilder(size * size)
    rows = [builder.any([i * size + j for j in range(size)]) for i in range(size)]
    columns = [builder.any([i * size + j for i in range(size)]) for j in range(size)]
    return builder.build(builder.gate([*rows, *columns], 2 * size))


def test_what_is_too_large_is_answered_order_by_order() -> None:
    grid = hard(12)
    with pytest.raises(TooLarge):
        Solution(grid, steps=20_000)
    builder = FormulaBuilder(145)
    nodes = list(range(144))
    for inputs, needed in zip(grid.inputs, grid.needed, strict=True):
        nodes.append(builder.gate([nodes[node] for node in inputs], needed))
    found = search(builder.build(builder.any([144, nodes[-1]])), steps=20_000)
    assert found.by_order == {1: 1}
    assert not found.complete
    assert [stop.reason for stop in found.stopped] == ["size"]
    assert found.stopped[0].order >= 1
    assert found.single_points == (144,)


def test_deep_formulas_need_no_deep_stack() -> None:
    depth = 3_001
    builder = FormulaBuilder(depth)
    node = 0
    for event in range(1, depth):
        node = builder.gate([node, event], 1 + event % 2)
    assert Solution(builder.build(node)).by_order[1] == 1


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"max_order": 0}, "usage.max-order"),
        ({"max_order": -3}, "usage.max-order"),
        ({"limit": -1}, "usage.limit"),
        ({"steps": 0}, "usage.steps"),
    ],
)
def test_numbers_that_make_no_sense(arguments: dict[str, int], code: str) -> None:
    with pytest.raises(UsageError) as caught:
        search(Formula(1, (), (), 0), **arguments)
    assert caught.value.code == code
