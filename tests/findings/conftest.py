"""The small world of these tests as a fixture."""

import sys
from pathlib import Path

import pytest

from kg.names import G_FINDINGS

sys.path.insert(0, str(Path(__file__).parent))
from small_world import World, make


@pytest.fixture
def world() -> World:
    """``world(old, new, extra=...)``: the world with a piece of text replaced or added."""
    return make


@pytest.fixture
def findings_graph() -> str:
    return G_FINDINGS
