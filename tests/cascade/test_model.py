"""Asking for a cascade, and the JSON that other programs read."""

import json
import math

import pytest
from drawn_networks import unit

from kg.cascade import Outage, cascade, fail, parse_horizon, parse_outage
from kg.errors import AmbiguousError, UsageError
from kg.network import Network, NetworkBuilder, network_of

GRID = "https://w3id.org/vitaal/id/grid"


@pytest.fixture
def network() -> Network:
    return network_of("""
        grid label=Regionaal_net
        rail vital sector=spoor label=Treindienst
        gsmr <- grid        buffer=? name=r1
        rail <- grid gsmr   k=2 name=r2
    """)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("grid", 0, math.inf),
        ("grid@PT0H", 0, math.inf),
        ("grid@PT0H/PT2H", 0, 2),
        ("id:grid@PT30M/P1D", 0.5, 24),
        (f"{GRID}@P1M/P1Y", 720, 8760),
        ("regionaal NET@PT1H30M/P1W", 1.5, 168),
    ],
)
def test_outages_are_read(network: Network, text: str, start: float, end: float) -> None:
    assert parse_outage(network, text) == Outage(unit(network, "grid"), start, end)


@pytest.mark.parametrize(
    "text",
    [
        "grid@PT2H/PT1H",
        "grid@PT2H/PT2H",
        "grid@-PT2H",
        "grid@PT2H/-PT1H",
        "grid@",
        "grid@PT1H/",
        "grid@2",
        "grid@P",
        "grid@PT",
        "grid@P200000Y",
        "grid@PT0H/P99999999999999999999999Y",
        "@PT1H",
        "nothing@PT1H",
        "",
    ],
)
def test_outages_that_make_no_sense_are_refused(network: Network, text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_outage(network, text)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("text", "start", "end", "probability"),
    [
        ("grid~0.2", 0, math.inf, 0.2),
        ("grid@PT1H~1", 1, math.inf, 1),
        ("grid@PT0H/PT2H~0", 0, 2, 0),
        ("grid@PT0H/PT2H~1e-3", 0, 2, 0.001),
    ],
)
def test_probabilities_are_read(
    network: Network, text: str, start: float, end: float, probability: float
) -> None:
    grid = unit(network, "grid")
    assert parse_outage(network, text) == Outage(grid, start, end, probability=probability)


@pytest.mark.parametrize(
    "text", ["grid~", "grid~2", "grid~-0.1", "grid~nan", "grid~20%", "grid~0.2@PT1H", "~0.2"]
)
def test_probabilities_that_make_no_sense_are_refused(network: Network, text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_outage(network, text)
    assert caught.value.exit_code == 2


def test_a_name_with_a_tilde_is_a_name() -> None:
    network = NetworkBuilder().unit("x", label="pomp~2").build()
    assert parse_outage(network, "pomp~2") == Outage(0)
    assert parse_outage(network, "pomp~2@PT1H") == Outage(0, 1)
    assert parse_outage(network, "pomp~2~0.5") == Outage(0, probability=0.5)
    assert parse_outage(network, "pomp~2@PT1H~0.5") == Outage(0, 1, probability=0.5)


@pytest.mark.parametrize("start", [-1, math.nan, math.inf])
def test_an_outage_cannot_start_nowhere(start: float) -> None:
    with pytest.raises(UsageError):
        Outage(0, start)


def test_a_name_with_an_at_sign_is_a_name() -> None:
    network = NetworkBuilder().unit("x", label="meldkamer@PT1H").build()
    assert parse_outage(network, "meldkamer@PT1H") == Outage(0)
    assert parse_outage(network, "meldkamer@PT1H@PT3H") == Outage(0, 3)


def test_an_ambiguous_unit_lists_the_candidates() -> None:
    network = NetworkBuilder().unit("a", label="Net").unit("b", label="net").build()
    with pytest.raises(AmbiguousError) as caught:
        parse_outage(network, "NET@PT1H")
    assert [label for _, label in caught.value.candidates] == ["Net", "net"]


@pytest.mark.parametrize(
    ("text", "hours"), [("PT72H", 72), ("PT0H", 0), ("P3D", 72), ("P10000Y", 87_600_000)]
)
def test_horizons_are_read(text: str, hours: float) -> None:
    assert parse_horizon(text) == hours


@pytest.mark.parametrize("text", ["", "72", "-PT1H", "P", "PT", "P1000000Y", "PT1H2", "72 uur"])
def test_horizons_that_make_no_sense_are_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_horizon(text)


def test_ten_thousand_years_are_computed(network: Network) -> None:
    outage = parse_outage(network, "grid@P9999Y/P10000Y")
    result = cascade(network, [outage], parse_horizon("P10000Y"))
    assert result.events[0].hours == 9999 * 8760
    assert result.down_at_horizon == ()


def test_the_json(network: Network) -> None:
    struck = [parse_outage(network, "grid@PT1H")]
    found = fail(network, struck, 72).to_json("abc", "openbaar")
    base = "https://w3id.org/vitaal/id/"
    lost = {"lost": [GRID]}
    assert found == {
        "release": "abc",
        "level": "openbaar",
        "horizon_hours": 72,
        "outages": [
            {
                "unit": GRID,
                "label": "Regionaal net",
                "start_hours": 1.0,
                "end_hours": None,
                "cause": None,
            }
        ],
        "events": [
            {
                "hours": 1.0,
                "unit": GRID,
                "label": "Regionaal net",
                "state": "down",
                "because": {"outage": 0},
                "assumptions": [],
            },
            {
                "hours": 1.0,
                "unit": base + "gsmr",
                "label": "gsmr",
                "state": "down",
                "because": {"requirement": base + "r1", "label": "gsmr ← Regionaal net", **lost},
                "assumptions": [0],
            },
            {
                "hours": 1.0,
                "unit": base + "rail",
                "label": "Treindienst",
                "state": "down",
                "because": {
                    "requirement": base + "r2",
                    "label": "Treindienst ← Regionaal net, gsmr",
                    **lost,
                },
                "assumptions": [],
            },
        ],
        "down_at_horizon": [GRID, base + "gsmr", base + "rail"],
        "deadlocks": [],
        "vital_processes": [
            {"unit": base + "rail", "label": "Treindienst", "sector": base + "spoor", "hours": 1.0}
        ],
        "assumptions": [
            {
                "kind": "unknown-buffer",
                "requirement": base + "r1",
                "label": "gsmr ← Regionaal net",
                "text": "De buffer van 'gsmr ← Regionaal net' is onbekend en telt als 0 uur.",
            }
        ],
        "labels": {GRID: "Regionaal net", base + "gsmr": "gsmr", base + "rail": "Treindienst"},
    }
    json.dumps(found, allow_nan=False)


def test_events_are_sorted_by_hours_then_unit() -> None:
    network = network_of("""
        z <- a
        b <- a   buffer=1
        c <- a
    """)
    events = fail(network, [Outage(unit(network, "a"))], 9).to_json()["events"]
    keys = [(event["hours"], event["unit"]) for event in events]
    assert keys == sorted(keys)
