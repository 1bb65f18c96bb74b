"""What lies in the hands of other countries, and what falls when one of them withdraws it."""

from kg.foreign.control import Chain, Control
from kg.foreign.policy import Terms, read_terms
from kg.foreign.withdrawal import Withdrawal, Withdrawer

__all__ = ["Chain", "Control", "Terms", "Withdrawal", "Withdrawer", "read_terms"]
