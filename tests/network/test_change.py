"""Network → network: what measures make of it, to the number."""

import math
from dataclasses import fields

import numpy as np
import pytest

from kg.names import ID
from kg.network import Measure, Network, NetworkBuilder, apply, network_of

DRAWING = """
    grid                restart=2
    rail                vital restart=?
    gsmr <- grid        buffer=3 refill=1 name=r1
    rail <- grid gsmr   name=r2
    rail <- gsmr        buffer=? restart substitution=24 name=r3
    spare <- grid       name=r4
"""
GRID, GSMR, RAIL, SPARE = range(4)
R1, R2, R3, R4 = range(4)


@pytest.fixture
def network() -> Network:
    return network_of(DRAWING)


def measure(name: str = "m", **changes: object) -> Measure:
    return Measure(ID + name, name, name, **changes)  # type: ignore[arg-type]


def same_but(one: Network, two: Network, *different: str) -> bool:
    """Whether all fields but these are equal to the byte."""
    return all(
        np.array_equal(getattr(one, field.name), getattr(two, field.name), equal_nan=True)
        if isinstance(getattr(one, field.name), np.ndarray) and field.type == "Floats"
        else np.array_equal(getattr(one, field.name), getattr(two, field.name))
        if isinstance(getattr(one, field.name), np.ndarray)
        else getattr(one, field.name) == getattr(two, field.name)
        for field in fields(one)
        if field.name not in different
    )


def test_nothing_changes_nothing(network: Network) -> None:
    assert apply(network, []) is network
    assert apply(network, [measure()]).digest() == network.digest()


def test_an_added_fulfiller_raises_n_and_leaves_k(network: Network) -> None:
    before = network.digest()
    changed = apply(network, [measure(adds=((R2, SPARE),))])
    assert changed.fulfillers(R2).tolist() == [GRID, GSMR, SPARE]
    assert changed.minimum.tolist() == network.minimum.tolist()
    assert changed.uses(SPARE).tolist() == [R2]
    assert changed.uses(GRID).tolist() == [R1, R2, R4]
    assert same_but(network, changed, "req_ptr", "req_units", "use_ptr", "use_reqs")
    assert network.digest() == before  # the given one is as it was


def test_a_new_buffer_is_known_and_has_no_range(network: Network) -> None:
    changed = apply(network, [measure(buffers=((R3, 5.0),))])
    assert (changed.buffer[R3], changed.buffer_known[R3]) == (5, True)
    assert math.isnan(changed.buffer_low[R3])
    assert same_but(network, changed, "buffer", "buffer_known")


def test_times_only_get_better(network: Network) -> None:
    no_use = measure(buffers=((R1, 2.0),), substitutions=((R3, 30.0),), restarts=((GRID, 3.0),))
    changed = apply(network, [no_use])
    assert same_but(network, changed, "notes")
    assert len(changed.notes) == 3
    assert all("verandert niets" in note.nl for note in changed.notes)


def test_restart_lags_and_substitution_times(network: Network) -> None:
    done = measure(substitutions=((R3, 8.0), (R1, 9.0)), restarts=((GRID, 1.0), (RAIL, 4.0)))
    changed = apply(network, [done])
    assert changed.substitution.tolist() == [9, math.inf, 8, math.inf]
    assert changed.restart_lag[[GRID, RAIL]].tolist() == [1, 4]
    assert changed.restart_known[RAIL]
    # It counted as 0 before: that recovery seems later now must be said.
    assert [note.iri for note in changed.notes if "was onbekend" in note.nl] == [ID + "m"]


def test_a_removed_requirement_is_gone(network: Network) -> None:
    changed = apply(network, [measure(removes=(R2,))])
    assert changed.requirements == (ID + "r1", ID + "r3", ID + "r4")
    assert changed.own(RAIL).tolist() == [1]
    assert changed.uses(GRID).tolist() == [0, 2]
    assert changed.buffer_known.tolist() == [True, False, True]
    # As if it had never been there.
    without = "\n".join(line for line in DRAWING.splitlines() if "r2" not in line)
    assert changed.digest() == network_of(without).digest()


def test_conflicts_are_resolved_by_the_better_one_and_said(network: Network) -> None:
    long, short = measure("a", buffers=((R1, 9.0),)), measure("b", buffers=((R1, 5.0),))
    gone = measure("c", removes=(R2,))
    adds = measure("d", adds=((R2, SPARE), (R1, GRID)))
    changed = apply(network, [short, gone, adds, long])
    assert changed.buffer[0] == 9
    notes = {note.iri: note.nl for note in changed.notes}
    assert "een andere maatregel geeft 9" in notes[ID + "b"]
    assert ID + "a" not in notes
    texts = [note.nl for note in changed.notes if note.iri == ID + "d"]
    assert any("neemt haar weg" in text for text in texts)
    assert any("vervult eis r1 al" in text for text in texts)


def test_the_same_measure_twice_is_once(network: Network) -> None:
    one = measure(adds=((R2, SPARE),), buffers=((R1, 9.0),))
    assert apply(network, [one, one]).digest() == apply(network, [one]).digest()


def test_an_added_fulfiller_is_what_a_builder_would_have_made() -> None:
    one = NetworkBuilder().unit("c").need("x", "a b", k=2, name="r").build()
    both = NetworkBuilder().unit("c").need("x", "a b c", k=2, name="r").build()
    added = apply(one, [measure(adds=((0, one.index(ID + "c")),))])
    assert added.digest() == both.digest()
