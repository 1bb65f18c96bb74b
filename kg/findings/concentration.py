"""How far the supply of each product lies with few controlling countries: HHI from 0 to 1.

The controlling country of a supply is the seat of whoever is at the top of the control chain of the
maker of the product (who controls every supply of it, whoever sells it), or, where no maker is
known, of its supplier; where there are several countries, the share is divided.

Shares are the market shares; supplies without one divide what is left equally (all of it when none
has one); shares that add up to more than 1 are scaled. Supplies whose country is unknown count as
one country, the pessimistic reading, and the finding says that it rests on that.

Source: the Herfindahl-Hirschman index by country of control, the first of the Commission's core
dependency indicators, applied to supplies in place of trade.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from kg.findings.triples import Writer, decimal, finding_iri, number
from kg.foreign.control import Control
from kg.foreign.policy import Terms
from kg.names import local_id
from kg.network import Network
from kg.store import Graph


class ConcentrationFinding(NamedTuple):
    """A product, its index, and the country with the largest share (empty when unknown)."""

    product: str
    hhi: float
    country: str
    share: float
    high: bool
    iri: str
    told_nl: str
    told_en: str


@dataclass(frozen=True)
class Concentrations:
    """What was found, the most concentrated first."""

    found: tuple[ConcentrationFinding, ...]


def find_concentrations(
    network: Network, graph: Graph, terms: Terms, control: Control, writer: Writer
) -> Concentrations:
    """Write the concentration of every product that has a supply valid on the analysis date."""
    supplies: dict[str, list[str]] = {}
    for supply, product in graph.pairs("ofProduct"):
        if supply in network:
            supplies.setdefault(product, []).append(supply)
    stated = {iri: float(value) for iri, value in graph.single("marketShare").items()}
    suppliers, makers = graph.several("suppliedBy"), graph.several("manufacturer")
    labels = graph.labels(supplies)
    parts = {product: _shares(ours, stated) for product, ours in sorted(supplies.items())}
    found = []
    for product, shares in parts.items():
        by_country: dict[str, float] = {}
        for supply, share in shares.items():
            behind = makers.get(product) or suppliers.get(supply, [])
            countries = sorted({c for one in behind for c in control.countries(one)}) or [""]
            for country in countries:
                by_country[country] = by_country.get(country, 0.0) + share / len(countries)
        names = graph.labels([country for country in by_country if country])
        found.append(_write(writer, terms, product, labels.get(product), shares, by_country, names))
        sellers = {one for supply in shares for one in suppliers.get(supply, ())}
        evidence = sorted({*shares, *sellers, *makers.get(product, ())})
        writer.thing(found[-1].iri).evidence(evidence, graph.sources(evidence))
    return Concentrations(tuple(sorted(found, key=lambda one: (-one.hhi, one.product))))


def _shares(supplies: list[str], stated: dict[str, float]) -> dict[str, float]:
    """Shares that add up to 1."""
    given = {supply: stated[supply] for supply in supplies if supply in stated}
    silent = [supply for supply in supplies if supply not in stated]
    left = max(0.0, 1.0 - sum(given.values()))
    shares = given | {supply: left / len(silent) for supply in silent}
    total = sum(shares.values())
    if total == 0:
        return {supply: 1 / len(supplies) for supply in supplies}
    return {supply: shares[supply] / total for supply in sorted(shares)}


def _write(
    writer: Writer,
    terms: Terms,
    product: str,
    labels: tuple[str, str] | None,
    shares: dict[str, float],
    by_country: dict[str, float],
    names: dict[str, tuple[str, str]],
) -> ConcentrationFinding:
    nl, en = labels or (local_id(product), local_id(product))
    hhi = sum(share * share for share in by_country.values())
    country, share = min(by_country.items(), key=lambda one: (-one[1], one[0]))
    high = terms.hhi_threshold is not None and hhi > terms.hhi_threshold
    iri = finding_iri("concentration", product)
    finding = writer.thing(iri, "Concentration", "Finding")
    finding.link("concernsProduct", product)
    finding.value("hhi", decimal(hhi))
    if terms.iri:
        finding.link("underPolicy", terms.iri)
    if country:
        finding.link("onCountry", country)
    told_nl = (
        f"{nl}: HHI {number(round(hhi, 3))} over {len(shares)} levering(en); grootste aandeel "
        f"{_country(country, names, 0)} ({share:.0%}){'; boven de drempel' if high else ''}"
    )
    told_en = (
        f"{en}: HHI {number(round(hhi, 3))} over {len(shares)} supplies; largest share "
        f"{_country(country, names, 1)} ({share:.0%}){'; above the threshold' if high else ''}"
    )
    finding.labels(told_nl, told_en)
    if "" in by_country:
        unknown = finding_iri("assumption", "unknown-country", product)
        node = writer.thing(unknown, "Assumption")
        node.link("concernsProduct", product)
        node.labels(
            f"Leveringen van '{nl}' zonder bekend land tellen als een land",
            f"Supplies of '{en}' without a known country count as one country",
        )
        finding.link("restsOn", unknown)
    return ConcentrationFinding(product, hhi, country, share, high, iri, told_nl, told_en)


def _country(country: str, names: dict[str, tuple[str, str]], place: int) -> str:
    if not country:
        return ("onbekend", "unknown")[place]
    return names[country][place] if country in names else local_id(country)
