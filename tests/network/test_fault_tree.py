"""A fault tree as a network: the same cut sets along the road of the cascade."""

import math
from pathlib import Path

import pytest

from kg.cascade.cutsets import cut_sets
from kg.errors import UsageError
from kg.faulttree.open_psa import read_open_psa
from kg.faulttree.search import search
from kg.faulttree.solution import Solution
from kg.faulttree.tree import Event, FaultTree, Gate
from kg.names import ID
from kg.network.fault_tree import network_of_tree

TREES = Path(__file__).parent.parent / "faulttree" / "trees"


def test_a_tree_and_its_network_have_the_same_cut_sets_and_probability() -> None:
    tree = read_open_psa(TREES / "pump.xml")
    found = network_of_tree(tree)
    network = found.network
    assert network.units[found.top] == ID + "geen-water"
    assert "onderhoud" not in " ".join(network.units)
    chances = [p if not math.isnan(p) else 0.0 for p in network.unavailability.tolist()]
    result = cut_sets(network, found.top, among=found.events, probability=chances)
    names = [{network.units[u].removeprefix(ID) for u in one} for one in result.found.sets or ()]
    expected = search(tree.formula("geen-water")).sets or ()
    assert names == [{tree.events[event].name for event in one} for one in expected]
    chance = Solution(tree.formula("geen-water")).probability(tree.probability)
    assert result.probability == pytest.approx(chance, rel=1e-12)


def test_an_input_that_stands_twice_counts_twice() -> None:
    gates = (Gate("t", ("a", "a", "b", "c"), 3),)
    events = (Event("a"), Event("b"), Event("c"))
    tree = FaultTree("f", gates, events, {}, ("t",))
    found = network_of_tree(tree)
    result = cut_sets(found.network, found.top, among=found.events)
    names = [{found.network.label(u) for u in one} for one in result.found.sets or ()]
    assert names == [{"a", "b"}, {"a", "c"}]
    assert list(search(tree.formula("t")).sets or ()) == [(0, 1), (0, 2)]


def test_a_top_that_is_always_true_is_no_network() -> None:
    gates = (Gate("t", ("a", "aan"), 1),)
    tree = FaultTree("f", gates, (Event("a"),), {"aan": True}, ("t",))
    with pytest.raises(UsageError) as caught:
        network_of_tree(tree)
    assert caught.value.code == "open-psa.constant"
