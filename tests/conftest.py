"""For all tests: a busy machine is no failure, and every test starts in Dutch."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from kg.language import set_language

settings.register_profile("project", settings.default, deadline=None)
settings.load_profile("project")


@pytest.fixture(autouse=True)
def dutch(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Dutch, whatever the shell asks for; and again for what is made once for a module."""
    monkeypatch.delenv("KG_LANG", raising=False)
    set_language("nl")
    yield
    set_language("nl")
