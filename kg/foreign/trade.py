"""How far an area depends on imports of a product: the Commission's core dependency indicators.

    CDI 1   concentration      Σ (imports from c / imports from outside)², over countries c outside
    CDI 2   importance         imports from outside / all imports
    CDI 3   substitutability   imports from outside / exports

The Commission takes the EU as the area, all countries beyond it as outside, and above 0.4, 0.5 and
1 as a dependency. Here outside is every country that the policy does not trust, and the area is
either the home country, or all trusted countries together; then what they trade among each other
is in all imports and all exports, as intra-EU trade is with the Commission. Thresholds are of the
policy. The latest year in which the area imports counts, exports of that same year. Where nothing
was exported but exports are given, CDI 3 is infinite; where no export is given, it is unknown.

Flows of the same product, countries and year are alternatives: the better grade counts, then the
newer source, then the smaller IRI. CDI 1 here is by country of *origin*; the index by *controlling*
country, of supplies, is in :mod:`kg.foreign.concentration`.

Source: European Commission, Strategic dependencies and capacities, SWD(2021) 352, 5 May 2021.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final, Literal, NamedTuple

from kg.foreign.policy import Terms
from kg.names import DCTERMS
from kg.store import Graph

Area = Literal["home", "trusted"]

_LAST: Final = "~"


class Flow(NamedTuple):
    """One trade flow; ``value`` in euro."""

    iri: str
    product: str
    origin: str
    destination: str
    year: int
    value: Decimal


class Indicators(NamedTuple):
    """The indicators of one product for one area in one year.

    Attributes:
        outside, imports, exports: values in euro; ``exports`` is None when none is given.
        cdi1: None when nothing came from outside; cdi3: None when unknown, inf without exports.
        largest: the country outside with the largest value; empty when there is none.
        above: which indicators (1, 2, 3) lie above the threshold of the policy.
        flows: IRIs of the flows that counted, sorted; ``ignored``: of alternatives that did not.
    """

    product: str
    area: Area
    year: int
    outside: Decimal
    imports: Decimal
    exports: Decimal | None
    cdi1: float | None
    cdi2: float
    cdi3: float | None
    largest: str
    above: tuple[int, ...]
    flows: tuple[str, ...]
    ignored: tuple[str, ...]


def read_flows(graph: Graph) -> tuple[list[Flow], dict[str, tuple[str, ...]]]:
    """The flows that count, by IRI, and per counted flow the alternatives that do not."""
    product, value = graph.single("tradedProduct"), graph.single("tradeValue")
    if not product:
        return [], {}
    origin, destination = graph.single("fromCountry"), graph.single("toCountry")
    year = graph.single("tradeYear")
    grade, issued = graph.single("grade"), graph.single("issued", DCTERMS)
    source = graph.several("source", DCTERMS)

    def rank(one: Flow) -> tuple[str, str, str]:
        sources = source.get(one.iri, [])
        best = min((grade.get(iri, _LAST) for iri in sources), default=_LAST)
        newest = max((issued.get(iri, "")[:10] for iri in sources), default="")
        # The newest first: digits turned round.
        turned = newest.translate(str.maketrans("0123456789", "9876543210")) or _LAST
        return best, turned, one.iri

    same: dict[tuple[str, str, str, int], list[Flow]] = {}
    for iri in sorted(product):
        if iri in origin and iri in destination and iri in year and iri in value:
            flow = Flow(
                iri,
                product[iri],
                origin[iri],
                destination[iri],
                int(year[iri]),
                Decimal(value[iri]),
            )
            same.setdefault(flow[1:5], []).append(flow)
    counted, ignored = [], {}
    for flows in same.values():
        first, *others = sorted(flows, key=rank)
        counted.append(first)
        if others:
            ignored[first.iri] = tuple(sorted(one.iri for one in others))
    return sorted(counted), ignored


def trade_indicators(
    terms: Terms, flows: Sequence[Flow], ignored: dict[str, tuple[str, ...]] | None = None
) -> list[Indicators]:
    """The indicators of every product with imports, for the home country and the trusted group.

    The trusted group is left out where no flow of another member than the home country is given:
    it would say the same once more.
    """
    products: dict[str, list[Flow]] = {}
    for one in flows:
        products.setdefault(one.product, []).append(one)
    areas: tuple[tuple[Area, frozenset[str]], ...] = (
        ("home", terms.home),
        ("trusted", terms.trusted | terms.home),
    )
    found = []
    for _, ours in sorted(products.items()):
        for area, members in areas:
            ends = {one.destination for one in ours} | {
                one.origin for one in ours if one.destination not in terms.home
            }
            if area == "trusted" and not ends & (members - terms.home):
                continue
            if of_area := _of_area(terms, area, members, ours, ignored or {}):
                found.append(of_area)
    return found


def _of_area(
    terms: Terms,
    area: Area,
    members: frozenset[str],
    flows: Sequence[Flow],
    ignored: dict[str, tuple[str, ...]],
) -> Indicators | None:
    """The indicators of one product; None when nothing of value came in."""
    year = max((one.year for one in flows if one.destination in members and one.value), default=0)
    ours = [one for one in flows if one.year == year]
    coming = [one for one in ours if one.destination in members]
    going = [one for one in ours if one.origin in members]
    trusted = terms.trusted | terms.home
    by_origin: dict[str, Decimal] = {}
    for one in coming:
        if one.origin not in trusted:
            by_origin[one.origin] = by_origin.get(one.origin, Decimal(0)) + one.value
    imports, outside = _total(coming), sum(by_origin.values(), Decimal(0))
    if not imports:
        return None
    exports = _total(going) if going else None
    cdi1 = float(sum((v / outside) ** 2 for v in by_origin.values())) if outside else None
    cdi2 = float(outside / imports)
    cdi3: float | None = None
    if exports is not None and outside:
        cdi3 = float(outside / exports) if exports else math.inf
    elif exports:
        cdi3 = 0.0
    limits = (terms.hhi_threshold, terms.cdi2_threshold, terms.cdi3_threshold)
    above = tuple(
        number
        for number, (value, limit) in enumerate(zip((cdi1, cdi2, cdi3), limits, strict=True), 1)
        if value is not None and limit is not None and value > limit
    )
    largest = min(by_origin, key=lambda one: (-by_origin[one], one)) if outside else ""
    counted = tuple(sorted({one.iri for one in (*coming, *going)}))
    return Indicators(
        ours[0].product,
        area,
        year,
        outside,
        imports,
        exports,
        cdi1,
        cdi2,
        cdi3,
        largest,
        above,
        counted,
        tuple(sorted(other for iri in counted for other in ignored.get(iri, ()))),
    )


def _total(flows: Iterable[Flow]) -> Decimal:
    return sum((one.value for one in flows), Decimal(0))
