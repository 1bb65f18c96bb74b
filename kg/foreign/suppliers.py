"""Requirements that hang on one supplier, and one hand behind suppliers that seem to be apart.

**Single supplier.** Everything that can fulfil the requirement is supplied or operated by one and
the same organisation, another than the one that requires it; or one unit alone can fulfil it, and
nobody knows who supplies or operates that.

**Common controller.** Two or more suppliers of a requirement, or of a product, are different
organisations, but one organisation is or controls both (:mod:`kg.foreign.control`: as owner, alone
or jointly, or as maker of what they sell). Of a chain of controllers the lowest counts, and of
those that control each other the one with the smallest IRI.

Both are found on arrays, in O(F log F) for F fulfilments; chains are looked up only where a common
controller is known to be.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from kg.foreign.control import Control
from kg.network import Network

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
    """What was found; ``unseen`` requirements and products have one too, and are not told."""

    found: tuple[CommonControl, ...]
    unseen: int


class Suppliers:
    """Who supplies what in one network, under the control of one policy."""

    def __init__(self, network: Network, control: Control) -> None:
        self.network, self.control = network, control
        self._holder = _holders(network)
        #: Place of a supply → what it supplies.
        self._product: dict[int, str] = {}
        for supply, product in control.supplied:
            place = network.units.find(supply)
            if place is not None:
                self._product.setdefault(place, product)
        self._supplies = np.array(sorted(self._product), dtype=np.int32)
        self._made = frozenset(product for product, _ in control.makers)

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
            most: requirements and products that are told, what vital processes require first.
        """
        network = self.network
        products: dict[str, list[int]] = {}
        for supply, product in sorted(self._product.items()):
            products.setdefault(product, []).append(supply)
        needs, of_products = self._suspects(list(products.values()))
        names = list(products)
        suspects = [(need, "", network.fulfillers(need).tolist()) for need in needs]
        suspects += [(-1, names[at], products[names[at]]) for at in of_products]
        found: list[CommonControl] = []
        for need, product, units in suspects[:most]:
            spare = len(units) - int(network.minimum[need]) if need >= 0 else len(units) - 1
            for controller, ours in self._behind(units).items():
                suppliers = sorted({network.units[int(self._holder[unit])] for unit in ours})
                withhold = len(ours) > spare
                found.append(
                    CommonControl(
                        need, product, controller, tuple(suppliers), tuple(ours), withhold
                    )
                )
        return CommonControls(tuple(found), len(suspects[most:]))

    def _behind(self, units: Iterable[int]) -> dict[str, list[int]]:
        """The lowest controllers of two or more suppliers, each with the units it has in hand."""
        known = [unit for unit in units if self._holder[unit] >= 0]
        hands: dict[str, list[int]] = {}
        for unit in known:
            for one in self._hands(unit):
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

    def _suspects(self, products: list[list[int]]) -> tuple[list[int], list[int]]:
        """Requirements, what is vital first, and products with one hand behind two suppliers.

        All (requirement or product, controller, supplier) are put side by side and sorted; two
        suppliers beside one controller are what is looked for.

        Args:
            products: the supplies of each.
        """
        network = self.network
        sizes = np.diff(network.req_ptr)
        of_need = np.repeat(np.arange(len(sizes)), sizes)
        kept = (sizes[of_need] > 1) & ~network.implicit[of_need]
        many = [at for at, supplies in enumerate(products) if len(supplies) > 1]
        subject = np.concatenate(
            [of_need[kept], *(np.full(len(products[at]), len(sizes) + at) for at in many)]
        )
        unit = np.concatenate(
            [network.req_units[kept].astype(np.int64), *(np.array(products[at]) for at in many)]
        )
        known = self._holder[unit] >= 0
        subject, unit = subject[known], unit[known]
        holder = self._holder[unit]
        # Who controls a unit hangs on its supplier alone, but for supplies of what someone makes.
        makes = {at for at, product in self._product.items() if product in self._made}
        own = np.isin(unit, np.array(sorted(makes), dtype=np.int64))
        keys, at = np.unique(np.where(own, unit, holder), return_inverse=True)
        code: dict[str, int] = {}
        hands = [
            sorted(code.setdefault(one, len(code)) for one in self._hands(key))
            for key in keys.tolist()
        ]
        count = np.array([len(one) for one in hands], dtype=np.int64)
        start = np.concatenate([[0], np.cumsum(count)])
        flat = np.array([one for ours in hands for one in ours], dtype=np.int64)
        times = count[at]
        row = np.repeat(np.arange(len(at)), times)
        within = np.arange(len(row)) - np.repeat(np.cumsum(times) - times, times)
        subject, holder = subject[row], holder[row]
        controller = flat[start[at[row]] + within]
        order = np.lexsort((holder, controller, subject))
        subject, holder, controller = subject[order], holder[order], controller[order]
        together = (subject[1:] == subject[:-1]) & (controller[1:] == controller[:-1])
        found = np.unique(subject[1:][together & (holder[1:] != holder[:-1])])
        needs = found[found < len(sizes)]
        vital = network.vital[network.dependent[needs]]
        return (
            needs[np.lexsort((needs, ~vital))].tolist(),
            (found[found >= len(sizes)] - len(sizes)).tolist(),
        )

    def _hands(self, unit: int) -> frozenset[str]:
        """Who has this unit in hand; an organisation has itself."""
        iri = self.network.units[unit]
        itself = frozenset({iri}) if int(self._holder[unit]) == unit else frozenset[str]()
        return self.control.above(iri) | itself


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
