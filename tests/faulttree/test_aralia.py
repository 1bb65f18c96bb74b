"""The ten Aralia trees, where they are at hand: numbers of cut sets and probabilities."""

import csv
from pathlib import Path

import pytest

from kg.faulttree.open_psa import read_open_psa
from kg.faulttree.solution import Solution

FOLDER = Path(__file__).parents[3] / "shared" / "aralia"
EXPECTED = FOLDER / "expected.csv"
LINES = EXPECTED.read_text("utf-8").splitlines() if EXPECTED.is_file() else []


@pytest.mark.skipif(not LINES, reason="../shared/aralia is absent: the Aralia trees are not tested")
def test_counts_and_probabilities_of_the_aralia_trees() -> None:
    rows = list(csv.DictReader(LINES))
    assert len(rows) == 10
    for row in rows:
        tree = read_open_psa(FOLDER / f"{row['tree']}.xml")
        solution = Solution(tree.formula(tree.choose(None)))
        assert solution.count == int(row["minimal_cut_sets"]), row["tree"]
        assert sum(solution.by_order.values()) == solution.count
        probability = solution.probability(tree.probability)
        assert probability == pytest.approx(float(row["top_event_probability"]), rel=1e-5)
