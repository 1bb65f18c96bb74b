"""Reasoning: OWL 2 RL as rules inside the store, domain rules, and proofs of what was derived."""

from kg.reason.contradictions import Inconsistency
from kg.reason.explain import explain
from kg.reason.origin import Origin
from kg.reason.proof import Proof
from kg.reason.run import Reasoned, reason

__all__ = ["Inconsistency", "Origin", "Proof", "Reasoned", "explain", "reason"]
