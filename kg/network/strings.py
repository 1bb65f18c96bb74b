"""Many texts as two arrays, so that a million names open without being read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, overload

import numpy as np
import numpy.typing as npt

#: One search by halving costs as much as reading so many texts.
_HALVING: Final = 64


class Strings(Sequence[str]):
    """Texts that stand after each other as UTF-8; decoded one by one when asked for.

    Attributes:
        data: uint8[bytes], all texts.
        ends: int64[N + 1], where each text starts and the last one ends.
    """

    __slots__ = ("_asked", "_places", "data", "ends")

    def __init__(self, data: npt.NDArray[np.uint8], ends: npt.NDArray[np.int64]) -> None:
        self.data, self.ends = data, ends
        self._asked = 0
        self._places: dict[str, int] | None = None

    @staticmethod
    def of(texts: Iterable[str]) -> Strings:
        """Put these texts after each other; O(bytes)."""
        encoded = [text.encode() for text in texts]
        ends = np.zeros(len(encoded) + 1, dtype=np.int64)
        np.cumsum([len(one) for one in encoded], out=ends[1:])
        return Strings(np.frombuffer(b"".join(encoded), dtype=np.uint8), ends)

    def __len__(self) -> int:
        return len(self.ends) - 1

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[str, ...]: ...
    def __getitem__(self, place: int | slice) -> str | tuple[str, ...]:
        if isinstance(place, slice):
            return tuple(self[one] for one in range(*place.indices(len(self))))
        at = place + len(self) if place < 0 else place
        if not 0 <= at < len(self):
            raise IndexError(place)
        return self.data[self.ends[at] : self.ends[at + 1]].tobytes().decode()

    def __iter__(self) -> Iterator[str]:
        whole, ends = self.data.tobytes(), self.ends.tolist()
        return (whole[ends[i] : ends[i + 1]].decode() for i in range(len(self)))

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Strings):
            return np.array_equal(self.ends, other.ends) and np.array_equal(self.data, other.data)
        return (
            isinstance(other, Sequence)
            and len(other) == len(self)
            and all(one == two for one, two in zip(self, other, strict=True))
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Strings({len(self)})"

    def find(self, text: str) -> int | None:
        """Where a text stands in sorted texts; ``None`` when it is not there.

        By halving, O(log N), until so much was asked that reading all of them once costs less.
        UTF-8 sorts as code points do, so texts sorted in Python are sorted here.
        """
        if self._places is not None:
            return self._places.get(text)
        self._asked += 1
        if self._asked * _HALVING > len(self):
            self._places = {one: place for place, one in enumerate(self)}
            return self._places.get(text)
        low, high = 0, len(self)
        while low < high:
            middle = (low + high) // 2
            if self[middle] < text:
                low = middle + 1
            else:
                high = middle
        return low if low < len(self) and self[low] == text else None
