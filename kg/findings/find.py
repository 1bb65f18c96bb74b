"""All analyses of one network, in one go; the same network and graph give the same bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from kg.cascade import screen_singles
from kg.findings.assumptions import Assumptions
from kg.findings.cascades import Cascades, find_cascades
from kg.findings.concentration import Concentrations, find_concentrations
from kg.findings.evidence import Evidence
from kg.findings.foreign import Foreign, find_foreign
from kg.findings.scenarios import ScenarioFindings, find_scenarios
from kg.findings.sensitivity import VerdictChanges
from kg.findings.suppliers import SupplierFindings, find_suppliers
from kg.findings.trade import TradeFindings, find_trade
from kg.findings.triples import Writer
from kg.findings.vitality import Vitality, find_vitality
from kg.foreign.question import Question
from kg.names import ID
from kg.network import Network, Scenarios
from kg.network.records import finite
from kg.network.standing import read_standing
from kg.processes import usual_cores
from kg.store import Graph, GraphStore

#: Cascades of single units look this far: thirty days.
CASCADE_HORIZON_HOURS: Final = 720.0
#: Effects that the cascades of all single units may have in all. Shipped data stay far below.
EFFECT_BUDGET: Final = 10_000
#: Events that the withdrawals of all countries may cost.
WITHDRAWAL_BUDGET: Final = 300_000
#: Foreign dependencies that are written out.
MOST_FOREIGN: Final = 1_000
#: Single suppliers, and common controllers, that are written out.
MOST_SUPPLIERS: Final = 300
#: Requirements and products of which the hands behind the suppliers are looked up.
MOST_SUSPECTS: Final = 2_000
#: Foreign dependencies that are told in words.
_TOLD: Final = 500


@dataclass(frozen=True)
class Findings:
    """What was found.

    Attributes:
        ntriples: the findings graph, sorted N-Triples.
        cut: what a budget left out, as (nl, en) sentences; empty when everything is in.
    """

    network: Network
    policy: str
    ntriples: bytes
    cascades: Cascades
    foreign: Foreign
    concentrations: Concentrations
    suppliers: SupplierFindings
    trade: TradeFindings
    vitality: Vitality
    scenarios: ScenarioFindings
    cut: tuple[tuple[str, str], ...]

    @property
    def summary(self) -> dict[str, int]:
        """Counts by kind."""
        found = self.foreign.found
        return {
            "cascades": self.cascades.initiators,
            "cascade_effects": self.cascades.effects,
            "cross_sector_paths": self.cascades.cross_sector_paths,
            "foreign_dependencies": len(found),
            "strategic_dependencies": sum(one.hours is not None for one in found),
            "possibly_strategic_dependencies": sum(one.bound is not None for one in found),
            "risky_strategic_dependencies": sum(one.risky for one in found),
            "vitality_findings": len(self.vitality.found),
            "cascade_criterion_met": sum(o.hours is not None for o in self.vitality.found),
            "scenario_findings": len(self.scenarios.found),
            "concentrations": len(self.concentrations.found),
            "concentrations_above_threshold": sum(o.high for o in self.concentrations.found),
            "single_suppliers": len(self.suppliers.single),
            "common_controllers": len(self.suppliers.common),
            "trade_dependencies": len(self.trade.found),
        }

    def to_json(self) -> dict[str, Any]:
        """What the command line prints: the most telling first, each with its sentence."""
        network = self.network
        return {
            "policy": self.policy,
            "horizon_hours": CASCADE_HORIZON_HOURS,
            "summary": self.summary,
            "cross_sector_paths": [
                {
                    "initiator": network.units[path.initiator],
                    "initiator_label": network.labels[path.initiator],
                    "process": network.units[path.process],
                    "process_label": network.labels[path.process],
                    "from_sector": path.from_sector,
                    "to_sector": path.to_sector,
                    "hours": path.hours,
                    "units": [network.units[unit] for unit in path.units],
                    "text": {"nl": path.told_nl, "en": path.told_en},
                }
                for path in self.cascades.paths
            ],
            "foreign_dependencies": [
                {
                    "finding": one.iri,
                    "country": one.country,
                    "process": network.units[one.process],
                    "process_label": network.labels[one.process],
                    "hours": one.hours,
                    "hours_at_earliest": one.bound,
                    "strategic": one.hours is not None,
                    "risky": one.risky,
                    "text": {"nl": one.told_nl, "en": one.told_en},
                }
                for one in self.foreign.found[:_TOLD]
            ],
            "concentrations": [
                {
                    "finding": one.iri,
                    "product": one.product,
                    "hhi": one.hhi,
                    "country": one.country or None,
                    "share": one.share,
                    "above_threshold": one.high,
                    "text": {"nl": one.told_nl, "en": one.told_en},
                }
                for one in self.concentrations.found[:_TOLD]
            ],
            "single_suppliers": [
                {
                    "finding": one.iri,
                    "requirement": network.requirements[one.requirement],
                    "organisation": one.organisation or None,
                    "text": {"nl": one.told_nl, "en": one.told_en},
                }
                for one in self.suppliers.single[:_TOLD]
            ],
            "common_controllers": [
                {
                    "finding": one.iri,
                    "subject": one.subject,
                    "controller": one.controller,
                    "suppliers": list(one.suppliers),
                    "can_withhold": one.withhold,
                    "text": {"nl": one.told_nl, "en": one.told_en},
                }
                for one in self.suppliers.common[:_TOLD]
            ],
            "trade_dependencies": [
                {
                    "finding": one.iri,
                    "product": one.indicators.product,
                    "area": one.indicators.area,
                    "year": one.indicators.year,
                    "cdi1": one.indicators.cdi1,
                    "cdi2": one.indicators.cdi2,
                    "cdi3": None if one.indicators.cdi3 is None else finite(one.indicators.cdi3),
                    "above_threshold": list(one.indicators.above),
                    "text": {"nl": one.told_nl, "en": one.told_en},
                }
                for one in self.trade.found[:_TOLD]
            ],
            "vitality": [
                {
                    "finding": one.iri,
                    "process": network.units[one.process],
                    "process_label": network.labels[one.process],
                    "other_sectors": list(one.sectors),
                    "meets_criterion": one.hours is not None,
                    "hours": one.hours,
                    "text": {"nl": one.told_nl, "en": one.told_en},
                }
                for one in self.vitality.found[:_TOLD]
            ],
            "scenarios": [
                {
                    "finding": one.iri,
                    "scenario": one.scenario,
                    "units_lost": one.units,
                    "unit_hours_lost": one.unit_hours,
                    "down_at_horizon": one.down_at_horizon,
                    "deadlocks": one.deadlocks,
                    "vital_processes": [
                        {
                            "unit": network.units[unit],
                            "label": network.labels[unit],
                            "hours": hours,
                        }
                        for unit, hours in one.vital
                    ],
                    "text": {"nl": one.told_nl, "en": one.told_en},
                }
                for one in self.scenarios.found[:_TOLD]
            ],
            "notes": [{"about": n.iri, "nl": n.nl, "en": n.en} for n in network.notes],
            "cut": [{"nl": nl, "en": en} for nl, en in self.cut],
        }


def find(
    store: GraphStore,
    network: Network,
    *,
    effect_budget: int = EFFECT_BUDGET,
    withdrawal_budget: int = WITHDRAWAL_BUDGET,
    scenarios: Scenarios | None = None,
) -> Findings:
    """Everything that single failures, foreign control and concentration give.

    Args:
        store: reasoned; its analysis context names the policy and the date.
        network: built from that store.
        scenarios: the standing ones; read from the store when not given.
        effect_budget, withdrawal_budget: what big networks may cost; what is cut short is said,
            in ``cut`` and as a finding of its own.
    """
    question, writer = Question(store, network), Writer()
    graph, terms, control = question.graph, question.terms, question.control
    evidence = Evidence(graph, question.weak_sources)
    changes = VerdictChanges(question, writer)
    assumptions = Assumptions(network, writer)
    within = _within(graph)
    singles = screen_singles(network, CASCADE_HORIZON_HOURS, within=within, cores=usual_cores())
    cascades = find_cascades(
        network, writer, assumptions, singles, budget=effect_budget, within=within
    )
    sectors = {*network.sectors, *(one for above in within.values() for one in above)}
    vitality = find_vitality(
        network,
        writer,
        assumptions,
        singles,
        within=within,
        paths=cascades.path_iris,
        sector_labels=graph.labels(sectors) if sectors else {},
    )
    standing = find_scenarios(
        network,
        read_standing(store, network).scenarios if scenarios is None else scenarios,
        writer,
        assumptions,
        horizon_hours=CASCADE_HORIZON_HOURS,
        paths=cascades.path_iris,
    )
    foreign = find_foreign(
        question,
        writer,
        assumptions,
        evidence,
        changes,
        budget=withdrawal_budget,
        most=MOST_FOREIGN,
    )
    concentrations = find_concentrations(network, graph, terms, control, writer, evidence)
    suppliers = find_suppliers(
        network,
        graph,
        terms,
        control,
        writer,
        evidence,
        most=MOST_SUPPLIERS,
        looked_at=MOST_SUSPECTS,
    )
    trade = find_trade(graph, terms, writer, evidence)
    cut = (
        *_cut(cascades, vitality, standing, foreign),
        *_cut_of_suppliers(suppliers),
        *_cut_of_changes(changes),
    )
    if cut:
        finding = writer.thing(f"{ID}finding-budget", "Finding")
        finding.labels("Wat niet is doorgerekend", "What was not computed")
        for nl, en in cut:
            finding.note(nl, en)
        finding.evidence([terms.iri] if terms.iri else [])
    return Findings(
        network=network,
        policy=terms.iri,
        ntriples=writer.ntriples(),
        cascades=cascades,
        foreign=foreign,
        concentrations=concentrations,
        suppliers=suppliers,
        trade=trade,
        vitality=vitality,
        scenarios=standing,
        cut=cut,
    )


def _within(graph: Graph) -> dict[str, frozenset[str]]:
    """The sectors that each sector is part of, all the way up."""
    above = graph.several("subSectorOf")
    found = {}
    for sector in above:
        seen: set[str] = set()
        queue = [sector]
        while queue:
            for one in above.get(queue.pop(), ()):
                if one not in seen:
                    seen.add(one)
                    queue.append(one)
        found[sector] = frozenset(seen)
    return found


def _cut(
    cascades: Cascades, vitality: Vitality, standing: ScenarioFindings, foreign: Foreign
) -> tuple[tuple[str, str], ...]:
    """What the budgets left out, in words."""
    found = []
    if cascades.left_out:
        found.append(
            (
                f"Van {cascades.left_out} eenheden is de cascade wel doorgerekend, maar staan de "
                "aantallen hier niet: vitale processen en wat het meest weegt gingen voor. Alle "
                "aantallen: kg screen.",
                f"The cascade of {cascades.left_out} units was computed, but its counts are not "
                "here: vital processes and what weighs most went first. All counts: kg screen.",
            )
        )
    if cascades.undetailed:
        found.append(
            (
                f"Van {cascades.undetailed} cascades staan alleen de aantallen hier, niet de "
                "gevolgen een voor een: de eenheden waar de meeste eisen op leunen gingen voor.",
                f"Of {cascades.undetailed} cascades only the counts are here, not the effects one "
                "by one: the units that most requirements lean on went first.",
            )
        )
    if vitality.left_out:
        found.append(
            (
                f"Van {vitality.left_out} vitale processen is niet bepaald of hun uitval twee "
                "andere sectoren raakt: wat de meeste sectoren raakt ging voor.",
                f"Of {vitality.left_out} vital processes it was not settled whether their loss "
                "reaches two other sectors: what reaches most sectors went first.",
            )
        )
    if standing.left_out:
        found.append(
            (
                f"{standing.left_out} scenario's zijn niet doorgerekend (te veel werk, of het "
                "netwerk blijft op en neer gaan).",
                f"{standing.left_out} scenarios were not computed (too much work, or the network "
                "keeps swinging).",
            )
        )
    if cascades.cut:
        found.append(
            (
                f"Van {cascades.cut} cascades zijn niet alle gevolgen uitgeschreven; de aantallen "
                "gelden wel voor alle.",
                f"Of {cascades.cut} cascades not all effects are written out; the counts are of "
                "all of them.",
            )
        )
    if foreign.unjudged:
        found.append(
            (
                f"Van {len(foreign.unjudged)} landen is niet doorgerekend of terugtrekken een "
                "proces doet uitvallen (te veel werk, of het netwerk blijft op en neer gaan); hun "
                "afhankelijkheden staan er als buitenlands.",
                f"Of {len(foreign.unjudged)} countries it was not computed whether withdrawal "
                "brings a process down (too much work, or the network keeps swinging); their "
                "dependencies are listed as foreign.",
            )
        )
    if foreign.left_out:
        found.append(
            (
                f"{foreign.left_out} buitenlandse afhankelijkheden zijn niet uitgeschreven; "
                "strategische gingen voor.",
                f"{foreign.left_out} foreign dependencies are not written out; strategic ones "
                "went first.",
            )
        )
    return tuple(found)


def _cut_of_suppliers(suppliers: SupplierFindings) -> list[tuple[str, str]]:
    found = []
    if suppliers.single_left_out:
        found.append(
            (
                f"{suppliers.single_left_out} eisen met een enige leverancier zijn niet "
                "uitgeschreven: leveringen en wat vitale processen zelf nodig hebben gingen voor.",
                f"{suppliers.single_left_out} requirements with a single supplier are not written "
                "out: supplies and what vital processes require themselves went first.",
            )
        )
    if suppliers.common_left_out:
        found.append(
            (
                f"{suppliers.common_left_out} keer gemeenschappelijke zeggenschap is niet "
                "uitgeschreven: wat geheel onthouden kan worden ging voor.",
                f"{suppliers.common_left_out} common controllers are not written out: what can be "
                "withheld whole went first.",
            )
        )
    if suppliers.common_unseen:
        found.append(
            (
                f"Van {suppliers.common_unseen} eisen en producten vallen leveranciers ook onder "
                "een zeggenschap, maar is niet uitgezocht welke: wat vitale processen zelf nodig "
                "hebben ging voor.",
                f"Suppliers of {suppliers.common_unseen} more requirements and products are under "
                "one control, but it was not looked up whose: what vital processes require "
                "themselves went first.",
            )
        )
    return found


def _cut_of_changes(changes: VerdictChanges) -> list[tuple[str, str]]:
    if not changes.unseen:
        return []
    return [
        (
            f"Van {changes.unseen} buitenlandse afhankelijkheden is niet alles nagegaan wat hun "
            "oordeel verandert; kg withdraw doet dat per land.",
            f"Of {changes.unseen} foreign dependencies not everything that changes their verdict "
            "was looked at; kg withdraw does that per country.",
        )
    ]
