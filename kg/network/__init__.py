"""Units and requirements as frozen arrays: RDF ends here."""

from kg.network.builder import NetworkBuilder, network_of
from kg.network.change import apply
from kg.network.classes import Classes
from kg.network.durations import parse_hours
from kg.network.extract import build_network
from kg.network.measures import Measure, Measures
from kg.network.model import KINDS, Network, Note
from kg.network.resolve import candidates, resolve
from kg.network.scenarios import Scenario, ScenarioOutage, Scenarios
from kg.network.standing import Standing, read_standing
from kg.network.strings import Strings
from kg.network.threats import Exposure, Threat, Threats

__all__ = [
    "KINDS",
    "Classes",
    "Exposure",
    "Measure",
    "Measures",
    "Network",
    "NetworkBuilder",
    "Note",
    "Scenario",
    "ScenarioOutage",
    "Scenarios",
    "Standing",
    "Strings",
    "Threat",
    "Threats",
    "apply",
    "build_network",
    "candidates",
    "network_of",
    "parse_hours",
    "read_standing",
    "resolve",
]
