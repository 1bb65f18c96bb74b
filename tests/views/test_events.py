"""What happened, as sentences."""

from collections.abc import Iterator

import pytest

from kg.cascade import Outage, fail, restore
from kg.language import set_language
from kg.names import ID
from kg.network import Network, network_of
from kg.views.events import event_line


@pytest.fixture(autouse=True)
def dutch() -> Iterator[None]:
    set_language("nl")
    yield
    set_language("nl")


def unit(network: Network, name: str) -> int:
    return network.index(ID + name)


@pytest.mark.parametrize(
    ("language", "line"),
    [
        (
            "nl",
            "na 30 minuten: gsmr: uitgevallen. Weggevallen: grid; de buffer van 30 minuten is op. "
            "Eis: gsmr ← grid.",
        ),
        (
            "en",
            "after 30 minutes: gsmr: down. Lost: grid; the buffer of 30 minutes ran out. "
            "Requirement: gsmr ← grid.",
        ),
    ],
)
def test_a_loss_says_through_what(language: str, line: str) -> None:
    network = network_of("gsmr <- grid buffer=0.5 name=r1")
    result = fail(network, [Outage(unit(network, "grid"))], 72)
    set_language(language)
    assert event_line(result, result.events[-1]) == line


def test_what_was_struck_says_until_when() -> None:
    network = network_of("x <- a")
    outages = [Outage(unit(network, "a"), 0, 2)]
    assert event_line(restore(network, outages, 72), restore(network, outages, 72).events[0]) == (
        "na 0 uur: a: getroffen. Rechtstreeks getroffen, tot 2 uur."
    )


def test_a_return_says_why() -> None:
    network = network_of("""
        grid restart=2
        rail restart=4
        gsmr <- grid        buffer=3 name=r1
        rail <- grid gsmr   k=2 name=r2
    """)
    result = restore(network, [Outage(unit(network, "grid"), 0, 2)], 72)
    assert [event_line(result, event) for event in result.events if event.state == "up"] == [
        "na 4 uur: grid: hersteld. De uitval is voorbij, na een herstarttijd van 2 uur.",
        "na 4 uur: gsmr: hersteld. grid is er weer. Eis: gsmr ← grid.",
        "na 8 uur: rail: hersteld. grid, gsmr zijn er weer, na een herstarttijd van 4 uur. "
        "Eis: rail ← grid, gsmr.",
    ]


def test_what_was_replaced_is_said_to_be() -> None:
    network = network_of("x <- s buffer=10 substitution=12 name=r1")
    result = restore(network, [Outage(unit(network, "s"))], 72, heal=True)
    set_language("en")
    told = event_line(result, result.events[-1])
    assert told == "after 12 hours: x: restored. What lacked was replaced. Requirement: x ← s."
