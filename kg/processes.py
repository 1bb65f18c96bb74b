"""What every process that we start ourselves has in common: it finds this very package. And how
many there may be at work."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

_PACKAGE: Final = Path(__file__).parents[1]


def python(program: str, *arguments: str) -> list[str]:
    """The command that runs a program text in this interpreter; no module of the folder at hand
    can get in its way."""
    return [sys.executable, "-P", "-c", program, *arguments]


def environment() -> Mapping[str, str]:
    """Our environment, in which such a program finds this package and no other."""
    places = [str(_PACKAGE), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(places)}


def may_fork() -> bool:
    """Whether nothing else runs in this process that a fork would cut off halfway."""
    try:
        return sys.platform == "linux" and len(os.listdir("/proc/self/task")) == 1
    except OSError:
        return False


def usual_cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
