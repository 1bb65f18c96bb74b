"""Writes the concentration of the supply of each product: see :mod:`kg.foreign.concentration`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from kg.findings.evidence import Evidence
from kg.findings.triples import Writer, decimal, finding_iri, number
from kg.foreign.concentration import Concentration, concentrations
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
    network: Network,
    graph: Graph,
    terms: Terms,
    control: Control,
    writer: Writer,
    evidence: Evidence,
) -> Concentrations:
    """Write the concentration of every product that has a supply valid on the analysis date."""
    computed = concentrations(network, graph, control)
    labels = graph.labels(computed)
    found = []
    for product, one in computed.items():
        names = graph.labels([country for country in one.by_country if country])
        found.append(_write(writer, terms, one, labels.get(product), names))
        evidence.write(writer.thing(found[-1].iri), one.evidence)
    return Concentrations(tuple(sorted(found, key=lambda one: (-one.hhi, one.product))))


def _write(
    writer: Writer,
    terms: Terms,
    computed: Concentration,
    labels: tuple[str, str] | None,
    names: dict[str, tuple[str, str]],
) -> ConcentrationFinding:
    product, shares, hhi = computed.product, computed.shares, computed.hhi
    nl, en = labels or (local_id(product), local_id(product))
    country, share = computed.largest
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
    if "" in computed.by_country:
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
