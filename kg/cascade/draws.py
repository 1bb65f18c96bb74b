"""Random numbers that depend on what they are for, not on when or by whom they are drawn.

The number for one thing in one sample is a hash of (seed, sample, name of the thing). So it is the
same on any number of cores and in any order, and the same for a network before and after a
measure, so that the two can be compared sample by sample (common random numbers).

The hash is the finaliser of SplitMix64, twice: G. L. Steele, D. Lea & C. H. Flood (2014), Fast
splittable pseudorandom number generators, OOPSLA. Triangular: S. Kotz & J. R. van Dorp (2004),
Beyond Beta, chapter 1.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Words = npt.NDArray[np.uint64]

#: Seeds are whole numbers below this.
SEEDS: Final = 1 << 63
_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
_FIRST: Final = np.uint64(0xBF58476D1CE4E5B9)
_SECOND: Final = np.uint64(0x94D049BB133111EB)


def keys(names: Iterable[str]) -> Words:
    """A word per name; names may be any text."""
    digests = [hashlib.sha256(name.encode()).digest()[:8] for name in names]
    return np.frombuffer(b"".join(digests), dtype="<u8").astype(np.uint64)


def uniform(seed: int, first: int, last: int, words: Words) -> Floats:
    """float64[last − first, len(words)] in (0, 1): for each sample and each thing."""
    samples = np.arange(first, last, dtype=np.uint64) + np.uint64(1)
    of_seed = _mixed(np.array([seed], dtype=np.uint64) + _GOLDEN)
    of_sample = _mixed(of_seed + samples * _GOLDEN)
    bits = _mixed(_mixed(of_sample[:, None] ^ words[None, :]) + _GOLDEN)
    # 53 bits and a half: never 0, never 1.
    return ((bits >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53


def triangular(chances: Floats, low: Floats, best: Floats, high: Floats) -> Floats:
    """The inverse of the triangular distribution function; low ≤ best ≤ high, low < high.

    Args:
        chances: float64[n, D] in (0, 1); low, best, high: float64[D].
    """
    width = high - low
    rising = low + np.sqrt(chances * width * (best - low))
    falling = high - np.sqrt((1.0 - chances) * width * (high - best))
    return np.where(chances * width < best - low, rising, falling)


def _mixed(words: Words) -> Words:
    words = (words ^ (words >> np.uint64(30))) * _FIRST
    words = (words ^ (words >> np.uint64(27))) * _SECOND
    return words ^ (words >> np.uint64(31))
