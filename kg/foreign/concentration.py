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

from typing import NamedTuple

from kg.foreign.control import Control
from kg.network import Network
from kg.store import Graph


class Concentration(NamedTuple):
    """How far the supply of one product lies with few countries.

    Attributes:
        shares: per supply, from 0 to 1; they add up to 1.
        by_country: per controlling country its share; the empty name is what is unknown.
        evidence: the supplies, who sells them and who makes the product, sorted.
    """

    product: str
    shares: dict[str, float]
    by_country: dict[str, float]
    evidence: tuple[str, ...]

    @property
    def hhi(self) -> float:
        """The sum of the squares of the shares of the countries, from 0 to 1."""
        return sum(share * share for share in self.by_country.values())

    @property
    def largest(self) -> tuple[str, float]:
        """The country with the largest share, and that share; then by IRI."""
        return min(self.by_country.items(), key=lambda one: (-one[1], one[0]))


def concentrations(network: Network, graph: Graph, control: Control) -> dict[str, Concentration]:
    """Per product that has a supply in the network, sorted by IRI."""
    supplies: dict[str, list[str]] = {}
    for supply, product in control.supplied:
        if supply in network:
            supplies.setdefault(product, []).append(supply)
    stated = {iri: float(value) for iri, value in graph.single("marketShare").items()}
    suppliers, makers = graph.several("suppliedBy"), graph.several("manufacturer")
    found = {}
    for product, ours in sorted(supplies.items()):
        shares = _shares(ours, stated)
        by_country: dict[str, float] = {}
        for supply, share in shares.items():
            behind = makers.get(product) or suppliers.get(supply, [])
            countries = sorted({c for one in behind for c in control.countries(one)}) or [""]
            for country in countries:
                by_country[country] = by_country.get(country, 0.0) + share / len(countries)
        sellers = {one for supply in shares for one in suppliers.get(supply, ())}
        evidence = sorted({*shares, *sellers, *makers.get(product, ())})
        found[product] = Concentration(product, shares, by_country, tuple(evidence))
    return found


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
