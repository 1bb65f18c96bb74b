"""What analysis found, as RDF with its evidence and as sentences for people."""

from kg.findings.find import EFFECT_BUDGET, Findings, find
from kg.findings.foreign import ForeignFinding

__all__ = ["EFFECT_BUDGET", "Findings", "ForeignFinding", "find"]
