"""Random coherent formulas, and what their cut sets are by going through all sets of events."""

from itertools import combinations, product

from hypothesis import strategies as st

from kg.faulttree.formula import FALSE, TRUE, Formula, FormulaBuilder


@st.composite
def formulas(draw: st.DrawFn) -> Formula:
    """Up to seven events and nine gates: shared, nested, with constants and repeated inputs."""
    events = draw(st.integers(1, 7))
    builder = FormulaBuilder(events)
    nodes = [*range(events)]
    top = draw(st.sampled_from([*nodes, TRUE, FALSE]))
    for _ in range(draw(st.integers(0, 9))):
        # The latest gates more often, so that formulas become deep.
        some = st.one_of(st.sampled_from(nodes), st.sampled_from(nodes[-3:]))
        inputs = draw(st.lists(some, min_size=1, max_size=5))
        if draw(st.integers(0, 15)) == 0:
            inputs.append(draw(st.sampled_from([TRUE, FALSE])))
        kind = draw(st.integers(0, 2))
        needed = (1, len(inputs), draw(st.integers(1, len(inputs))))[kind]
        top = builder.gate(inputs, needed)
        if top >= 0:
            nodes.append(top)
    return builder.build(top)


def minimal(formula: Formula) -> list[tuple[int, ...]]:
    """Minimal cut sets by definition, by order and then by event."""
    found: list[tuple[int, ...]] = []
    for order in range(formula.events + 1):
        for one in combinations(range(formula.events), order):
            if formula.holds(one) and not any(set(known) <= set(one) for known in found):
                found.append(one)
    return found


def probability(cuts: list[tuple[int, ...]], chances: list[float]) -> float:
    """Of at least one of these sets, by going through all states of the events."""
    total = 0.0
    for state in product((False, True), repeat=len(chances)):
        if any(all(state[event] for event in one) for one in cuts):
            weight = 1.0
            for true, chance in zip(state, chances, strict=True):
                weight *= chance if true else 1.0 - chance
            total += weight
    return total
