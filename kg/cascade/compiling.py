"""Kernels through numba: compiled once per machine, kept on disk, and never in silence.

numba keeps what it compiled beside the file that defines the function, and notices a change by
the time of that file alone. Kernels that call each other must therefore stand in one file.
"""

from __future__ import annotations

import atexit
import gc
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache, wraps
from types import FunctionType, SimpleNamespace
from typing import Any, Final

from kg.language import say

#: Waiting longer than this many seconds is explained to whoever watches.
PATIENCE: Final = 1.0


_LOADING: Final = threading.RLock()


def once(load: Callable[[], SimpleNamespace]) -> Callable[[], SimpleNamespace]:
    """Load kernels at the first call, whichever thread comes first; the others wait for it.

    One lock for all kernels: threads that import different parts of numba at the same time may
    find each other's half imported.
    """
    loaded = cache(load)

    @wraps(load)
    def waiting() -> SimpleNamespace:
        with _LOADING:
            return loaded()

    return waiting


def compile_kernels(kernels: Sequence[Any], names: Mapping[str, Any]) -> SimpleNamespace:
    """The kernels under their own names, compiled by numba when they are first called.

    Args:
        kernels: of one file; each may call those before it.
        names: the globals of that file.

    Where nothing can be kept (no folder that can be written), they are compiled for this process
    only.
    """
    import numba

    # At its end the process would look for loops among all that numba brought: half a second.
    atexit.register(gc.freeze)
    # Plain Python's error on division by zero is not asked for: no kernel divides by what may be 0.
    options: dict[str, Any] = {"nogil": True, "error_model": "numpy"}
    found = dict(names)
    for kernel in kernels:
        # A copy whose globals hold the compiled versions of what it calls.
        copy = FunctionType(kernel.__code__, found, kernel.__name__)
        copy.__qualname__ = kernel.__qualname__
        try:
            found[kernel.__name__] = numba.njit(cache=True, **options)(copy)
        except RuntimeError:  # numba found no place to keep it
            found[kernel.__name__] = numba.njit(**options)(copy)
    return SimpleNamespace(**{kernel.__name__: found[kernel.__name__] for kernel in kernels})


@contextmanager
def patience() -> Iterator[None]:
    """Around the first call of a kernel: when it takes long, say on a terminal what is going on."""
    if not sys.stderr.isatty():
        yield
        return
    later = threading.Timer(PATIENCE, _tell)
    later.daemon = True
    later.start()
    try:
        yield
    finally:
        later.cancel()
        later.join()


def _tell() -> None:
    text = say(
        "De rekenkern wordt eenmalig voor deze machine vertaald; dat duurt even.",
        "The engine is being compiled for this machine, once; this takes a moment.",
    )
    print(text, file=sys.stderr, flush=True)
