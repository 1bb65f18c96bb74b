"""Fixtures of the reasoner's tests."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def no_rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder without domain rules."""
    return tmp_path_factory.mktemp("no-rules")
