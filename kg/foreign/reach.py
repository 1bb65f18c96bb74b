"""What transitively requires something of a set of units, and the shortest way there."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from kg.network import Network

Indices = npt.NDArray[np.int64]


class Reach:
    """Breadth first from a set of units along the requirements that they fulfil; O(U + F) arrays.

    Attributes:
        reached: bool[U], the starting units included.
    """

    def __init__(self, network: Network, start: list[int]) -> None:
        self._parent = np.full(len(network.units), -1, dtype=np.int64)
        self._through = np.full(len(network.units), -1, dtype=np.int64)
        self.reached = np.zeros(len(network.units), dtype=np.bool_)
        frontier = np.array(sorted(start), dtype=np.int64)
        self.reached[frontier] = True
        while len(frontier):
            requirements, sources = _expand(network, frontier)
            targets = network.dependent[requirements].astype(np.int64)
            fresh = ~self.reached[targets]
            # The first way found counts: the smallest source, then the smallest requirement.
            targets, first = np.unique(targets[fresh], return_index=True)
            self._parent[targets] = sources[fresh][first]
            self._through[targets] = requirements[fresh][first]
            self.reached[targets] = True
            frontier = targets

    def path(self, unit: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Units from a starting unit to ``unit``, and the requirements between them."""
        units, requirements = [unit], []
        while self._parent[units[-1]] >= 0:
            requirements.append(int(self._through[units[-1]]))
            units.append(int(self._parent[units[-1]]))
        return tuple(reversed(units)), tuple(reversed(requirements))


def _expand(network: Network, units: Indices) -> tuple[Indices, Indices]:
    """The requirements that these units fulfil, and the unit that each was reached from."""
    starts = network.use_ptr[units]
    counts = network.use_ptr[units + 1] - starts
    sources = np.repeat(units, counts)
    offsets = np.arange(len(sources)) - np.repeat(np.cumsum(counts) - counts, counts)
    places = np.repeat(starts, counts) + offsets
    return network.use_reqs[places].astype(np.int64), sources
