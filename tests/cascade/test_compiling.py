"""The compiler: who waits for it is told, and threads that want it at once all get it."""

import io
import subprocess
import sys
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


TOGETHER = """
import threading
from kg.cascade import kernels, restoration_kernels
gate, got = threading.Barrier(4), []
def load(part):
    gate.wait()
    got.append(part.compiled())
wanted = (kernels, restoration_kernels, kernels, restoration_kernels)
threads = [threading.Thread(target=load, args=(part,)) for part in wanted]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(len(got), len(set(map(id, got))))
"""


def test_threads_that_load_kernels_at_once_get_the_same() -> None:
    """In a process of its own, where numba is not imported yet."""
    run = subprocess.run(
        [sys.executable, "-c", TOGETHER], capture_output=True, text=True, check=True
    )
    assert (run.stderr, run.stdout) == ("", "4 2\n")
