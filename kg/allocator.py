"""What this program asks of the C library's memory allocator: large pages, and room that is kept.

The store is millions of small pieces. On pages of 4 kB the processor spends much of its time
finding them, and glibc gives freed room back to the system only to ask for it again. With these
settings a store is filled in memory in some 70 % of the time, one on disk in 80 %; questions gain a
few per cent. glibc reads them once, when a process starts; other C libraries, and glibc before 2.35
for the pages, do not know them and go on as they are.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Final

#: https://www.gnu.org/software/libc/manual/html_node/Memory-Allocation-Tunables.html; in bytes.
_SETTINGS: Final = {
    "glibc.malloc.hugetlb": 1,  # transparent huge pages, where the kernel has them
    "glibc.malloc.mmap_threshold": 1 << 30,
    "glibc.malloc.trim_threshold": 1 << 32,
    "glibc.malloc.top_pad": 1 << 26,
}
_VARIABLE: Final = "GLIBC_TUNABLES"


def settled(environment: Mapping[str, str]) -> dict[str, str]:
    """An environment for a process that works like this; what the user set himself stands."""
    return {_VARIABLE: ":".join(f"{name}={value}" for name, value in _SETTINGS.items())} | dict(
        environment
    )


def start_again() -> None:
    """Become this same command with these settings, unless it has them or they do not exist here.

    The process keeps its number, files and terminal; it costs the start of Python once more
    (some 20 ms).
    """
    if sys.platform != "linux" or _VARIABLE in os.environ or not _is_glibc():
        return
    os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], settled(os.environ))  # noqa: S606 - this very command


def _is_glibc() -> bool:
    try:
        return bool(os.confstr("CS_GNU_LIBC_VERSION"))
    except (OSError, ValueError):
        return False
