"""Arrays in files, mapped into memory and held against their sums.

The sums are XXH3 (128 bits, https://xxhash.com): they find every damage that happens by itself, at
a tenth of the cost of SHA-256, which matters as it is done at every opening. Whoever changes a file
on purpose can change its sum as well: that is found by the SHA-256 of every file, which the chained
log holds (:mod:`kg.sums`, ``kg releases verify``).
"""

from __future__ import annotations

import io
import mmap
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from numpy.lib import format as npy
from xxhash import xxh3_128_hexdigest

from kg.sums import damaged


def sum_of(path: Path) -> str:
    """The sum of the bytes of a file.

    Raises:
        OSError: it cannot be read.
    """
    return xxh3_128_hexdigest(_bytes(path))


def map_array(path: Path, expected: str) -> npt.NDArray[Any]:
    """Map a .npy file (version 1.0, no objects), read only.

    The sum is looked at first: numpy evaluates the head of the file, and stumbles over a wrong one.

    Args:
        expected: the sum of its bytes.

    Raises:
        ReleaseError: it is missing or damaged.
    """
    try:
        whole = _bytes(path)
        if xxh3_128_hexdigest(whole) != expected:
            raise damaged(path)
        head = io.BytesIO(whole[: 1 << 10])
        if npy.read_magic(head) != (1, 0):
            raise damaged(path)
        shape, columns_first, kind = npy.read_array_header_1_0(head)
        if kind.hasobject:  # the bytes would be taken for addresses
            raise damaged(path)
        order: Literal["C", "F"] = "F" if columns_first else "C"
        return np.ndarray(shape, kind, whole, head.tell(), order=order)
    except (OSError, ValueError) as error:
        raise damaged(path) from error


def _bytes(path: Path) -> mmap.mmap:
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
