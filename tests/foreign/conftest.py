"""The small world of the findings and the drawn networks of the cascades, for these tests too."""

import sys
from functools import partial
from pathlib import Path

import pytest

for folder in ("findings", "cascade"):
    sys.path.insert(0, str(Path(__file__).parent.parent / folder))
from small_world import World, make  # noqa: E402 - found in the first of these


@pytest.fixture
def world() -> World:
    """``world(old, new, extra=...)``: only ownership and supply give control in it."""
    return partial(make, inferred=False)
