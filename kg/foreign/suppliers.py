"""Requirements that hang on one supplier, and one hand behind suppliers that seem to be apart.

**Single supplier.** Everything that can fulfil the requirement is supplied or operated by one and
the same organisation, another than the one that requires it; or one unit alone can fulfil it, and
nobody knows who supplies or operates that.

**Common controller.** Two or more suppliers of a requirement, or of a product, are different
organisations, but one organisation is or controls both (:mod:`kg.foreign.control`: as owner, alone
or jointly, or as maker of what they sell). Of a chain of controllers the lowest counts, and of
those that control each other the one with the smallest IRI.

Only what one group of organisations has in hand more than once can have a common controller. That
is found on arrays, in O(F log F) for F fulfilments; chains are looked up for those alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from kg.foreign.control import Control
from kg.network import Network
from kg.store import Graph

_Codes = npt.NDArray[np.int64]


class SoleSupply(NamedTuple):
    """A requirement that hangs on one supplier; places in the network.

    Attributes:
        units: all that can fulfil it.
        organisation: who supplies or operates these units; -1 when unknown.
    """

    requirement: int
    units: tuple[int, ...]
    organisation: int


class CommonControl(NamedTuple):
    """One organisation behind several suppliers.

    Attributes:
        requirement: place in the network; -1 for a product.
        product: IRI; empty for a requirement.
        controller: IRI.
        suppliers: IRIs of two or more different organisations, sorted.
        units: what they supply or operate, places in the network, sorted.
        withhold: without these units the requirement is lost, or nobody supplies the product.
    """

    requirement: int
    product: str
    controller: str
    suppliers: tuple[str, ...]
    units: tuple[int, ...]
    withhold: bool


@dataclass(frozen=True)
class CommonControls:
    """What was found; ``unseen`` requirements and products were not looked at: too many."""

    found: tuple[CommonControl, ...]
    unseen: int


class Suppliers:
    """Who supplies what in one network, under the control of one policy."""

    def __init__(self, network: Network, graph: Graph, control: Control) -> None:
        self.network, self.control = network, control
        self._holder = _holders(network)
        #: Place of a supply → what it supplies.
        self._product: dict[int, str] = {}
        for supply, product in graph.pairs("ofProduct"):
            place = network.units.find(supply)
            if place is not None:
                self._product.setdefault(place, product)
        self._supplies = np.array(sorted(self._product), dtype=np.int32)
        self._makers = graph.several("manufacturer") if self._product else {}
        self._above: dict[int, frozenset[str]] = {}

    def single(self) -> list[SoleSupply]:
        """Every requirement that hangs on one supplier: supplies first, then what a vital process
        requires itself, then by place."""
        network, holder = self.network, self._holder
        if not len(network.requirements):
            return []
        start = network.req_ptr[:-1]
        of_units = holder[network.req_units]
        low = np.minimum.reduceat(of_units, start)
        same = low == np.maximum.reduceat(of_units, start)
        other = (low < 0) | (low != holder[network.dependent])
        needs = np.flatnonzero(same & other & ~network.implicit)
        is_supply = np.isin(network.req_units[start[needs]], self._supplies)
        vital = network.vital[network.dependent[needs]]
        order = np.lexsort((needs, ~vital, ~is_supply))
        return [
            SoleSupply(
                need,
                tuple(network.fulfillers(need).tolist()),
                max(-1, int(low[need])),
            )
            for need in needs[order].tolist()
        ]

    def common(self, most: int) -> CommonControls:
        """Every organisation behind two or more suppliers of one requirement or product.

        Args:
            most: requirements and products that are looked at, vital processes first.
        """
        network = self.network
        products: dict[str, list[int]] = {}
        for supply, product in sorted(self._product.items()):
            products.setdefault(product, []).append(supply)
        group = self._groups()
        needs = self._suspect_requirements(group)
        suspects: list[tuple[int, str, list[int]]] = [
            (need, "", network.fulfillers(need).tolist()) for need in needs
        ]
        suspects += [
            (-1, product, supplies)
            for product, supplies in sorted(products.items())
            if _twice(group[supplies], self._holder[supplies])
        ]
        found: list[CommonControl] = []
        for need, product, units in suspects[:most]:
            spare = len(units) - int(network.minimum[need]) if need >= 0 else len(units) - 1
            for controller, ours in self._behind(units).items():
                names = sorted({network.units[int(self._holder[unit])] for unit in ours})
                withhold = len(ours) > spare
                found.append(
                    CommonControl(need, product, controller, tuple(names), tuple(ours), withhold)
                )
        return CommonControls(tuple(found), len(suspects[most:]))

    def _behind(self, units: Iterable[int]) -> dict[str, list[int]]:
        """The lowest controllers of two or more suppliers, each with the units it has in hand."""
        known = [unit for unit in units if self._holder[unit] >= 0]
        hands: dict[str, list[int]] = {}
        for unit in known:
            for one in self._controllers(unit):
                hands.setdefault(one, []).append(unit)
        several = {
            one: ours
            for one, ours in hands.items()
            if len({int(self._holder[unit]) for unit in ours}) > 1
        }
        return {
            one: ours
            for one, ours in sorted(several.items())
            if not any(
                self._under(lower, one) and (not self._under(one, lower) or lower < one)
                for lower, theirs in several.items()
                if lower != one and theirs == ours
            )
        }

    def _under(self, lower: str, upper: str) -> bool:
        return upper in self.control.above(lower)

    def _controllers(self, unit: int) -> frozenset[str]:
        if unit not in self._above:
            self._above[unit] = self.control.above(self.network.units[unit])
        return self._above[unit]

    def _groups(self) -> _Codes:
        """Per unit a code; units that one organisation may control have the same. -1: none known.

        Organisations are joined along control, and a supplier with the maker of what it sells.
        """
        network, root = self.network, dict[str, str]()

        def find(iri: str) -> str:
            while root.setdefault(iri, iri) != iri:
                root[iri] = iri = root[root[iri]]
            return iri

        def join(one: str, other: str) -> None:
            low, high = sorted((find(one), find(other)))
            root[high] = low

        for owned, owner in self.control.links():
            join(owned, owner)
        for supply, product in self._product.items():
            seller = int(self._holder[supply])
            for maker in self._makers.get(product, ()):
                join(network.units[seller if seller >= 0 else supply], maker)
        code: dict[str, int] = {}
        joined = np.arange(len(network.units), dtype=np.int64)
        for iri in sorted(root):
            place = network.units.find(iri)
            if place is not None:
                joined[place] = code.setdefault(find(iri), place)
        holder = self._holder
        return np.where(holder >= 0, joined[np.maximum(holder, 0)], -1)

    def _suspect_requirements(self, group: _Codes) -> list[int]:
        """Requirements with two fulfillers of one group and different suppliers; vital first."""
        network = self.network
        sizes = np.diff(network.req_ptr)
        of_need = np.repeat(np.arange(len(sizes)), sizes)
        groups, holders = group[network.req_units], self._holder[network.req_units]
        kept = (groups >= 0) & (sizes[of_need] > 1) & ~network.implicit[of_need]
        of_need, groups, holders = of_need[kept], groups[kept], holders[kept]
        order = np.lexsort((holders, groups, of_need))
        of_need, groups, holders = of_need[order], groups[order], holders[order]
        together = (of_need[1:] == of_need[:-1]) & (groups[1:] == groups[:-1])
        needs = np.unique(of_need[1:][together & (holders[1:] != holders[:-1])])
        vital = network.vital[network.dependent[needs]]
        found: list[int] = needs[np.lexsort((needs, ~vital))].tolist()
        return found


def _holders(network: Network) -> _Codes:
    """Per unit who supplies or operates it, as a place; what has no single known one has a negative
    number of its own. An organisation that is a unit itself holds itself."""
    count = len(network.units)
    holder = -1 - np.arange(count, dtype=np.int64)
    needs = np.flatnonzero(network.implicit)
    sizes = np.diff(network.req_ptr)[needs]
    one = needs[sizes == 1]
    units, given = network.dependent[one], network.req_units[network.req_ptr[one]]
    holder[units] = given
    # Several operators, in one requirement or in more: nobody is the one supplier.
    several = np.bincount(network.dependent[needs], minlength=count) > 1
    several[network.dependent[needs[sizes > 1]]] = True
    holder[several] = -1 - np.flatnonzero(several)
    itself = np.unique(given)
    alone = itself[holder[itself] < 0]
    holder[alone] = alone
    return holder


def _twice(groups: _Codes, holders: _Codes) -> bool:
    """Do two have the same group and another holder?"""
    seen: Mapping[int, set[int]] = {int(one): set() for one in groups}
    for group, holder in zip(groups.tolist(), holders.tolist(), strict=True):
        if group >= 0:
            seen[group].add(holder)
    return any(len(ours) > 1 for ours in seen.values())
