"""What findings rest on that nobody knows, each as one node that they all point at."""

from __future__ import annotations

import math
from typing import Literal

from kg.cascade import Assumption
from kg.findings.triples import Writer, finding_iri
from kg.language import in_dutch
from kg.network import Network

Kind = Literal["unknown-buffer", "unknown-restart-lag", "unknown-substitution"]


class Assumptions:
    """Writes an assumption when it is first named."""

    def __init__(self, network: Network, writer: Writer) -> None:
        self.network, self.writer = network, writer
        self.written: dict[tuple[Kind, int], str] = {}

    def iri(self, assumption: Assumption) -> str:
        """The node of an assumption that a cascade made."""
        return self.node(assumption.kind, assumption.subject)

    def substitution(self, requirement: int, counted_hours: float = math.inf) -> str:
        """The node of an unknown substitution time, and what it is counted as."""
        return self.node("unknown-substitution", requirement, counted_hours)

    def node(self, kind: Kind, subject: int, counted_hours: float = math.inf) -> str:
        """The node, written once."""
        if (kind, subject) in self.written:
            return self.written[kind, subject]
        network = self.network
        of_unit = kind == "unknown-restart-lag"
        about = network.units[subject] if of_unit else network.requirements[subject]
        label = network.labels[subject] if of_unit else network.requirement_label(subject)
        iri = finding_iri("assumption", kind, about)
        node = self.writer.thing(iri, "Assumption")
        node.link("affectedUnit" if of_unit else "throughRequirement", about)
        node.labels(*_texts(kind, label, counted_hours))
        self.written[kind, subject] = iri
        return iri


def _texts(kind: Kind, label: str, counted_hours: float) -> tuple[str, str]:
    if kind == "unknown-buffer":
        return (
            f"De buffer van '{label}' is onbekend en telt als 0 uur",
            f"The buffer of '{label}' is unknown and counts as 0 hours",
        )
    if kind == "unknown-restart-lag":
        return (
            f"De herstarttijd van '{label}' is onbekend en telt als 0 uur",
            f"The restart time of '{label}' is unknown and counts as 0 hours",
        )
    if math.isinf(counted_hours):
        nl, en = "nooit", "never"
    else:
        nl, en = f"{in_dutch(counted_hours)} uur", f"{counted_hours:g} hours"
    return (
        f"De vervangingstijd van '{label}' is onbekend en telt als {nl}",
        f"The substitution time of '{label}' is unknown and counts as {en}",
    )
