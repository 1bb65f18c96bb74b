"""Waiting for the compiler is explained, on a terminal and when it lasts, and only then."""

import io
import time

import pytest

from kg.cascade import compiling


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "lasts", "told"),
    [(Terminal, True, True), (Terminal, False, False), (io.StringIO, True, False)],
)
def test_who_waits_is_told(
    stream: type[io.StringIO], lasts: bool, told: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = stream()
    monkeypatch.setattr("sys.stderr", found)
    monkeypatch.setattr(compiling, "PATIENCE", 0.05 if lasts else 30)
    with compiling.patience():
        time.sleep(0.3 if lasts else 0)
    assert ("eenmalig" in found.getvalue()) is told
