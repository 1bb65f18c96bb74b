"""What this program asks of the libraries below it, before they are loaded.

**The C library's memory allocator: large pages.**

The store is millions of small pieces. On pages of 4 kB the processor spends much of its time
finding them; on large ones a store is filled in some 80 % of the time. glibc (2.35 and later) reads
this once, when a process starts; other C libraries do not know it and go on as they are.

**Linear algebra: no threads.** It has little to do here, its threads keep a process from being
forked safely, and with them what is computed may depend on the number of cores.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Final

#: https://www.gnu.org/software/libc/manual/html_node/Memory-Allocation-Tunables.html: transparent
#: huge pages, where the kernel gives them to who asks. Keeping freed room as well (thresholds) wins
#: a little more, for half again as much memory.
_SETTINGS: Final = "glibc.malloc.hugetlb=1"
#: For a process that only loads, in a thread of Oxigraph: room is taken this much at a time, and
#: not page by page, which saves a tenth of its time for some 40 MB more.
_LOADING: Final = f"{_SETTINGS}:glibc.malloc.top_pad={64 << 20}"
_VARIABLE: Final = "GLIBC_TUNABLES"
#: https://www.openmathlib.org/OpenBLAS/docs/runtime_variables/
_THREADS: Final = "OPENBLAS_NUM_THREADS"
_OURS: Final = (_VARIABLE, _SETTINGS)


def settled(environment: Mapping[str, str]) -> dict[str, str]:
    """An environment for a process that works like this; what the user set himself stands."""
    return {_VARIABLE: _SETTINGS, **environment}


def no_threads() -> None:
    """Have linear algebra start none; what the user set himself stands."""
    os.environ.setdefault(_THREADS, "1")


def settled_to_load(environment: Mapping[str, str]) -> dict[str, str]:
    """As :func:`settled`, for a process that fills a store on disk."""
    own = {name: value for name, value in environment.items() if (name, value) != _OURS}
    return {_VARIABLE: _LOADING, **own}


def start_again() -> None:
    """Become this same command with these settings, unless it has them or they do not exist here.

    The process keeps its number, files and terminal; it costs the start of Python once more
    (some 20 ms).
    """
    no_threads()
    if sys.platform != "linux" or _VARIABLE in os.environ or not _is_glibc():
        return
    os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], settled(os.environ))  # noqa: S606 - this very command


def _is_glibc() -> bool:
    try:
        return bool(os.confstr("CS_GNU_LIBC_VERSION"))
    except (OSError, ValueError):
        return False
