"""Units and requirements as frozen arrays: RDF ends here."""

from kg.network.builder import NetworkBuilder, network_of
from kg.network.durations import parse_hours
from kg.network.extract import build_network
from kg.network.model import KINDS, Network, Note
from kg.network.resolve import candidates, resolve
from kg.network.strings import Strings

__all__ = [
    "KINDS",
    "Network",
    "NetworkBuilder",
    "Note",
    "Strings",
    "build_network",
    "candidates",
    "network_of",
    "parse_hours",
    "resolve",
]
