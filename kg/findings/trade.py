"""How far the home country and the trusted group depend on imports, where trade data are given."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, NamedTuple

from kg.findings.evidence import Evidence
from kg.findings.triples import Writer, decimal, finding_iri, integer, number
from kg.foreign.policy import Terms
from kg.foreign.trade import Area, Indicators, read_flows, trade_indicators
from kg.names import VIT, local_id
from kg.store import Graph

_AREAS: Final[dict[Area, tuple[str, str, str]]] = {
    "home": (VIT + "homeArea", "eigen land", "home country"),
    "trusted": (VIT + "trustedArea", "vertrouwde groep", "trusted group"),
}


class TradeFinding(NamedTuple):
    """The indicators of a product, and the sentence that says them."""

    indicators: Indicators
    iri: str
    told_nl: str
    told_en: str


@dataclass(frozen=True)
class TradeFindings:
    """What was found, most indicators above the threshold first."""

    found: tuple[TradeFinding, ...]


def find_trade(graph: Graph, terms: Terms, writer: Writer, evidence: Evidence) -> TradeFindings:
    """Write the indicators of every product of which imports are given."""
    flows, ignored = read_flows(graph)
    found = trade_indicators(terms, flows, ignored)
    things = {one.product for one in found} | {one.largest for one in found if one.largest}
    names = graph.labels(things) if things else {}
    told = [_write(one, terms, writer, evidence, names) for one in found]
    return TradeFindings(tuple(sorted(told, key=lambda one: (-len(one.indicators.above), one.iri))))


def _write(
    one: Indicators,
    terms: Terms,
    writer: Writer,
    evidence: Evidence,
    names: dict[str, tuple[str, str]],
) -> TradeFinding:
    area = _AREAS[one.area]
    iri = finding_iri("trade", one.product, one.area)
    finding = writer.thing(iri, "TradeDependency", "Finding")
    finding.link("concernsProduct", one.product)
    finding.link("tradeArea", area[0])
    finding.value("tradeYear", integer(one.year))
    for local, value in (("cdi1", one.cdi1), ("cdi2", one.cdi2), ("cdi3", one.cdi3)):
        if value is not None and math.isfinite(value):
            finding.value(local, decimal(value))
    finding.value("indicatorsAboveThreshold", integer(len(one.above)))
    if terms.iri:
        finding.link("underPolicy", terms.iri)
    if one.largest:
        finding.link("onCountry", one.largest)
    nl, en = (_told(one, area[1 + place], names, place) for place in (0, 1))
    finding.labels(nl, en)
    if one.ignored:
        count = len(one.ignored)
        finding.note(
            f"{count} andere opgave(n) van dezelfde handelsstroom tellen niet mee: de bron met de "
            "beste kwaliteit ging voor, dan de nieuwste.",
            f"{count} other statement(s) of the same trade flow do not count: the source of the "
            "better grade went first, then the newer.",
        )
    evidence.write(finding, one.flows)
    return TradeFinding(one, iri, nl, en)


def _told(one: Indicators, area: str, names: dict[str, tuple[str, str]], place: int) -> str:
    def name(iri: str) -> str:
        return names[iri][place] if iri in names else local_id(iri)

    high = ("boven de drempel", "above the threshold")[place]
    unknown = ("niet bekend", "not known")[place]
    parts = []
    for position, value in enumerate((one.cdi1, one.cdi2, one.cdi3), 1):
        if value is None:
            text = unknown
        elif math.isinf(value):
            text = ("geen uitvoer", "no exports")[place]
        else:
            text = number(round(value, 3))
        parts.append(f"CDI {position} {text}{f' ({high})' if position in one.above else ''}")
    listed = ", ".join(parts)
    largest = f"; {('meest uit', 'most from')[place]} {name(one.largest)}" if one.largest else ""
    return f"{name(one.product)}, {area}, {one.year}: {listed}{largest}"
