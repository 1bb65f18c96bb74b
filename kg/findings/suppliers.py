"""Requirements with a single supplier, and one hand behind suppliers that seem to be apart.

What counts as which is told in :mod:`kg.foreign.suppliers`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from kg.findings.evidence import Evidence
from kg.findings.triples import Subject, Writer, boolean, finding_iri, plain
from kg.foreign.control import Chain, Control
from kg.foreign.policy import Terms
from kg.foreign.suppliers import CommonControl, SoleSupply, Suppliers
from kg.names import local_id
from kg.network import Network
from kg.store import Graph

#: A label names this many suppliers; the links name all.
_NAMED = 4


class SingleSupplierFinding(NamedTuple):
    """A requirement (place) that hangs on one supplier; ``organisation`` is empty when unknown."""

    requirement: int
    organisation: str
    iri: str
    told_nl: str
    told_en: str


class CommonControllerFinding(NamedTuple):
    """One organisation behind several suppliers of ``subject``, a requirement or product."""

    subject: str
    controller: str
    suppliers: tuple[str, ...]
    withhold: bool
    iri: str
    told_nl: str
    told_en: str


@dataclass(frozen=True)
class SupplierFindings:
    """What was found; what was left out: written, or (``unseen``) not even looked at."""

    single: tuple[SingleSupplierFinding, ...]
    common: tuple[CommonControllerFinding, ...]
    single_left_out: int
    common_left_out: int
    common_unseen: int


def find_suppliers(
    network: Network,
    graph: Graph,
    terms: Terms,
    control: Control,
    writer: Writer,
    evidence: Evidence,
    *,
    most: int,
    looked_at: int,
) -> SupplierFindings:
    """Write single suppliers and common controllers.

    Args:
        most: findings that are written of each.
        looked_at: requirements and products of which controllers are looked up.
    """
    suppliers = Suppliers(network, control)
    single = suppliers.single()
    common = suppliers.common(looked_at)
    teller = _Teller(network, graph, terms, control, writer, evidence)
    # What can be withheld whole goes first.
    ranked = sorted(common.found, key=lambda one: not one.withhold)[:most]
    teller.learn(single[:most], ranked)
    return SupplierFindings(
        tuple(map(teller.single, single[:most])),
        tuple(map(teller.common, ranked)),
        len(single[most:]),
        len(common.found[most:]),
        common.unseen,
    )


class _Teller:
    def __init__(
        self,
        network: Network,
        graph: Graph,
        terms: Terms,
        control: Control,
        writer: Writer,
        evidence: Evidence,
    ) -> None:
        self.network, self.graph, self.terms = network, graph, terms
        self.control, self.writer, self.evidence = control, writer, evidence
        self.names: dict[str, tuple[str, str]] = {}

    def learn(self, single: list[SoleSupply], common: list[CommonControl]) -> None:
        """The labels of everything that these name, and their sources, in one go."""
        wanted = {one.product for one in common} - {""}
        records = set(wanted)
        for one in common:
            wanted.update((one.controller, *one.suppliers))
            if one.requirement >= 0:
                records.add(self.network.stated(one.requirement))
            for chain in self._chains(one):
                wanted.update(chain.links)
                records.update(chain.evidence)
        self.names = self.graph.labels(wanted) if wanted else {}
        for sole in single:
            records.update(self._records(sole))
        self.evidence.learn(records)

    def _records(self, one: SoleSupply) -> list[str]:
        network = self.network
        return [network.stated(one.requirement), *(network.units[unit] for unit in one.units)]

    def single(self, one: SoleSupply) -> SingleSupplierFinding:
        network = self.network
        need = network.stated(one.requirement)
        iri = finding_iri("single-supplier", need)
        finding = self._finding(iri, "SingleSupplier")
        finding.link("concernsRequirement", need)
        finding.link("reliesOnUnit", *(network.units[unit] for unit in one.units))
        organisation = network.units[one.organisation] if one.organisation >= 0 else ""
        label = network.requirement_label(one.requirement)
        if organisation:
            finding.link("soleSupplier", organisation)
            who = network.labels[one.organisation], network.labels_en[one.organisation]
            nl = f"{label}: in de gegevens komt dit alleen van {who[0]}"
            en = f"{label}: in the data this comes from {who[1]} only"
        else:
            unit = one.units[0]
            nl = f"{label}: in de gegevens vervult alleen {network.labels[unit]} dit"
            en = f"{label}: in the data only {network.labels_en[unit]} fulfils this"
        finding.labels(nl, en)
        self.evidence.write(finding, self._records(one))
        return SingleSupplierFinding(one.requirement, organisation, iri, nl, en)

    def common(self, one: CommonControl) -> CommonControllerFinding:
        network = self.network
        needed = one.requirement >= 0
        subject = network.stated(one.requirement) if needed else one.product
        iri = finding_iri("common-controller", subject, one.controller)
        finding = self._finding(iri, "CommonController")
        finding.link("concernsRequirement" if needed else "concernsProduct", subject)
        finding.link("commonController", one.controller)
        finding.link("apparentSupplier", *one.suppliers)
        finding.link("reliesOnUnit", *(network.units[unit] for unit in one.units))
        finding.link("onCountry", *sorted(self.control.countries(one.controller)))
        finding.value("canWithhold", boolean(one.withhold))
        chains = self._chains(one)
        ways = [" → ".join(self._name(iri, 0) for iri in chain.links) for chain in chains]
        finding.value("pathText", plain("; ".join(ways)))
        told = [self._told(one, place) for place in (0, 1)]
        finding.labels(told[0], told[1])
        records = {iri for chain in chains for iri in chain.evidence}
        self.evidence.write(finding, {subject, *records})
        return CommonControllerFinding(
            subject, one.controller, one.suppliers, one.withhold, iri, told[0], told[1]
        )

    def _told(self, one: CommonControl, place: int) -> str:
        network = self.network
        named = [self._name(iri, place) for iri in one.suppliers[:_NAMED]]
        if more := len(one.suppliers[_NAMED:]):
            named.append((f"en nog {more}", f"and {more} more")[place])
        who, listed = self._name(one.controller, place), ", ".join(named)
        if one.requirement >= 0:
            subject = network.requirement_label(one.requirement)
            rest = ("zonder hen vervalt de eis", "without them the requirement is lost")[place]
        else:
            subject = self._name(one.product, place)
            rest = (
                "in de gegevens levert niemand anders het",
                "in the data nobody else supplies it",
            )[place]
        text = (
            f"{subject}: {who} heeft zeggenschap over {len(one.suppliers)} leveranciers ({listed})",
            f"{subject}: {who} controls {len(one.suppliers)} suppliers ({listed})",
        )[place]
        return f"{text}; {rest}" if one.withhold else text

    def _chains(self, one: CommonControl) -> list[Chain]:
        units = (self.network.units[unit] for unit in one.units)
        found = (self.control.chain_from(unit, one.controller) for unit in units)
        return [chain for chain in found if chain]

    def _finding(self, iri: str, name: str) -> Subject:
        finding = self.writer.thing(iri, name, "Finding")
        if self.terms.iri:
            finding.link("underPolicy", self.terms.iri)
        return finding

    def _name(self, iri: str, place: int) -> str:
        return self.names[iri][place] if iri in self.names else local_id(iri)
