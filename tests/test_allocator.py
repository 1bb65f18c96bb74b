"""The command starts itself again with allocator settings, and nothing else changes by it."""

import os
import subprocess
import sys

import pytest

from kg.allocator import settled, settled_to_load

SHOW = """
import os, sys
from kg.allocator import start_again
start_again()
print(os.environ.get("GLIBC_TUNABLES"), sys.argv[1:], sys.stdin.read(), sep="|")
"""


def started(settings: str | None) -> str:
    environment = {name: value for name, value in os.environ.items() if name != "GLIBC_TUNABLES"}
    if settings is not None:
        environment["GLIBC_TUNABLES"] = settings
    run = subprocess.run(
        [sys.executable, "-c", SHOW, "één", "twee drie", ""],
        env=environment,
        input="ingevoerd",
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stderr == ""
    return run.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="only glibc has these settings")
def test_it_starts_again_with_the_settings_once() -> None:
    expected = settled({})["GLIBC_TUNABLES"]
    assert started(None) == f"{expected}|['één', 'twee drie', '']|ingevoerd\n"


def test_what_the_user_set_stands() -> None:
    own = "glibc.malloc.arena_max=3"
    assert started(own) == f"{own}|['één', 'twee drie', '']|ingevoerd\n"
    assert settled({"GLIBC_TUNABLES": own, "HOME": "/"}) == {"GLIBC_TUNABLES": own, "HOME": "/"}


def test_the_command_runs_as_a_module() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "kg", "query", "--nonsense"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 2
    assert "--nonsense" in run.stderr


def test_who_loads_takes_more_room_at_a_time_unless_the_user_set_his_own() -> None:
    ours = settled({})["GLIBC_TUNABLES"]
    loading = settled_to_load({})["GLIBC_TUNABLES"]
    assert loading.startswith(f"{ours}:")
    assert settled_to_load({"GLIBC_TUNABLES": ours, "HOME": "/"}) == {
        "GLIBC_TUNABLES": loading,
        "HOME": "/",
    }
    own = {"GLIBC_TUNABLES": "glibc.malloc.arena_max=3"}
    assert settled_to_load(own) == own
