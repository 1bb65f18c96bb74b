"""What falls over, when, and why, if something fails."""

from collections.abc import Iterable

from kg.cascade.explain import explain_path, path_units
from kg.cascade.failure import fail
from kg.cascade.model import (
    Assumption,
    Because,
    CascadeResult,
    Event,
    Outage,
    VitalLoss,
    parse_horizon,
    parse_moment,
    parse_outage,
)
from kg.cascade.restoration import restore
from kg.cascade.sampled import SampleResult
from kg.cascade.screening import Pairs, Singles, screen_pairs, screen_singles
from kg.cascade.uncertainty import sample
from kg.network import Network

__all__ = [
    "Assumption",
    "Because",
    "CascadeResult",
    "Event",
    "Outage",
    "Pairs",
    "SampleResult",
    "Singles",
    "VitalLoss",
    "cascade",
    "explain_path",
    "fail",
    "parse_horizon",
    "parse_moment",
    "parse_outage",
    "path_units",
    "restore",
    "sample",
    "screen_pairs",
    "screen_singles",
]


def cascade(network: Network, outages: Iterable[Outage], horizon_hours: float) -> CascadeResult:
    """The cascade of these outages: failure only when none of them ends, else with restoration.

    The two agree where both apply; failure only is faster.
    """
    struck = tuple(outages)
    ends = any(outage.end < float("inf") for outage in struck)
    return restore(network, struck, horizon_hours) if ends else fail(network, struck, horizon_hours)
