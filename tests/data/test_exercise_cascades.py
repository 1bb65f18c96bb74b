"""What an analyst must find in the exercise set: cascades with their times, deadlocks, withdrawals.

Worked out by hand on the tables. Here the network is built straight from them, so that a change of
the data shows here and a change of the pipeline elsewhere.
"""

from __future__ import annotations

import csv
import math
from functools import cache
from pathlib import Path

import pytest

from kg.cascade.failure import fail
from kg.cascade.model import CascadeResult, Outage
from kg.cascade.restoration import restore
from kg.names import ID
from kg.network import Network, NetworkBuilder, parse_hours

EXERCISE = Path(__file__).resolve().parents[2] / "data" / "exercise"
UNITS = (
    "VitalProcess", "Process", "Service", "Asset", "Segment", "LevelCrossing", "Supply", "Stock",
    "StrategicStock", "Organisation",
)  # fmt: skip
YEAR = 8760.0


def table(name: str) -> list[dict[str, str]]:
    with (EXERCISE / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def hours(text: str | None) -> float | None:
    return float(parse_hours(text)) if text else None


@cache
def network(confidential: bool = False) -> Network:
    """The exercise set as a network, with or without what is marked dep-v."""
    hidden = {row["id"] for row in table("Source") if row["marking"] != "openbaar"}
    builder = NetworkBuilder()
    stock: dict[str, float] = {}
    operators = []
    for name in UNITS:
        for row in table(name):
            builder.unit(
                row["id"],
                sector=row["inSector"] or None,
                vital=name == "VitalProcess",
                restart=hours(row.get("restartLag")),
            )
            if row.get("coversRequirement"):
                stock[row["coversRequirement"]] = 24 * float(row["daysOfCover"])
            operators += [
                (row["id"], row[field]) for field in ("operatedBy", "suppliedBy") if row.get(field)
            ]
    for row in table("Requirement"):
        # Of two that contradict each other the one that names the other has the older source.
        if not row["conflictsWith"] and (confidential or row["source"] not in hidden):
            known = hours(row["buffer"])
            builder.need(
                row["requiredBy"],
                row["fulfilledBy"].replace(";", " "),
                k=int(row["minimumFulfilled"]),
                buffer=None if known is None else known + stock.get(row["id"], 0.0),
                degrades=row["effect"] == "degrades",
                restart=row["purpose"] == "restart",
                full=row["needsFull"] == "true",
                refill=hours(row["refillTime"]),
                substitution=hours(row["substitutionTime"]),
                name=row["id"],
            )
    for unit, operator in operators:
        builder.need(unit, operator)
    return builder.build()


def outage(net: Network, unit: str, start: float = 0.0, end: float = math.inf) -> Outage:
    return Outage(net.index(f"{ID}oef-{unit}"), start, end)


def down_at(result: CascadeResult) -> dict[str, float]:
    """When each unit first goes down."""
    net = result.network
    found: dict[str, float] = {}
    for event in result.events:
        if event.state == "down":
            name = net.units[event.unit].removeprefix(f"{ID}oef-")
            found.setdefault(name, round(event.hours, 2))
    return found


def for_good(*units: str, horizon: float, confidential: bool = False) -> dict[str, float]:
    net = network(confidential)
    return down_at(fail(net, [outage(net, unit) for unit in units], horizon))


def vital_down(found: dict[str, float]) -> set[str]:
    return {name for name in found if name.startswith("p-") and name != "p-kantoor"}


# --- across sectors, both ways ---------------------------------------------------------------


def test_energy_to_rail_and_telecom() -> None:
    found = for_good("a-hs-holmer", horizon=72)
    assert found["p-trein"] == 0  # two of three traction feeders hang on one station
    assert found["a-mast-a-centrum"] == found["a-mast-b-centrum"] == 2
    assert found["a-bb-holmer"] == 8
    assert "p-mobiel" not in found  # one region of four


def test_rail_to_telecom_to_energy() -> None:
    found = for_good("a-spoorvoeding", horizon=72)
    assert found["p-trein-beveil"] == 0.5
    assert found["s-backbone"] == found["p-data"] == found["p-mobiel"] == found["p-112"] == 4
    assert found["a-bvc-dno"] == 12
    assert found["p-elek-distributie"] == 36


def test_rail_to_energy() -> None:
    found = for_good("p-goederen", horizon=10 * 24)
    assert found["a-depot-linder"] == 5 * 24
    assert found["a-centrale-braker"] == 7 * 24
    assert found["p-warmte"] == 7 * 24 + 6


def test_telecom_to_rail() -> None:
    found = for_good("a-gsmr-soft", horizon=24)
    assert found["s-gsmr"] == 0  # two cores, one software
    assert found["p-trein"] == found["p-goederen"] == 0.25


def test_drinking_water_to_telecom_and_energy() -> None:
    found = for_good("p-dw-holmer", horizon=72)
    assert found["a-dc-1"] == 24
    assert found["a-centrale-wier"] == 48


def test_water_to_energy() -> None:
    assert for_good("p-kering", horizon=96)["a-ms-zilver"] == 72


def test_one_bridge_two_sectors() -> None:
    found = for_good("a-brug", horizon=24)
    assert found["seg-vo"] == 0
    assert found["p-dw-oude"] == 6


def test_energy_and_telecom_lean_on_each_other() -> None:
    assert "a-ms-centrum" in for_good("p-mobiel", "s-noodnet", horizon=240)
    assert "p-mobiel" in for_good("a-ms-centrum", "a-ms-veld", horizon=240)


def test_a_fallback_post_saves_traffic_control() -> None:
    assert "p-trein-vl" not in for_good("a-post-holmer", horizon=72)
    assert "p-trein-vl" in for_good("a-post-holmer", "s-uitwijk", horizon=72)


def test_what_is_confidential_changes_the_answer() -> None:
    public = for_good("a-spoorvoeding", "p-dw-holmer", horizon=240)
    inside = for_good("a-spoorvoeding", "p-dw-holmer", horizon=240, confidential=True)
    assert "p-elek-transport" not in public
    assert "p-elek-transport" in inside


# --- the scenarios ---------------------------------------------------------------------------


def scenario(name: str) -> CascadeResult:
    net = network()
    (row,) = (row for row in table("Scenario") if row["id"] == f"oef-{name}")
    outages = {row["id"]: row for row in table("Outage")}
    struck = [
        outage(
            net,
            outages[one]["outageOf"].removeprefix("oef-"),
            hours(outages[one]["startsAfter"]) or 0.0,
            hours(outages[one]["endsAfter"]) or math.inf,
        )
        for one in row["hasOutage"].split(";")
    ]
    return restore(net, struck, hours(row["horizon"]) or 0.0)


def test_a_fire_in_a_substation_ends_in_a_recovery_deadlock() -> None:
    result = scenario("sc-station")
    found = down_at(result)
    assert found["a-post-holmer"] == 0.35  # the UPS lasts 21 minutes, the generator does not start
    assert found["p-trein-vl"] == 0.35
    assert found["a-bb-holmer"] == 8
    assert found["a-glas-hs"] == 10
    (deadlock,) = result.deadlocks
    sectors = {network().sectors[network().sector[unit]] for unit in deadlock}
    assert sectors == {f"{ID}energie", f"{ID}telecom"}


def test_a_shorter_fire_recovers() -> None:
    net = network()
    result = restore(net, [outage(net, "a-hs-holmer", 0, 6)], 72)
    assert not result.deadlocks
    assert not result.down_at_horizon


def test_the_gsmr_error_recovers_stepwise() -> None:
    result = scenario("sc-gsmr")
    ups = {
        network().units[event.unit].removeprefix(f"{ID}oef-"): event.hours
        for event in result.events
        if event.state == "up"
    }
    assert ups["s-gsmr"] == 14
    assert ups["p-trein"] == 18
    assert not result.down_at_horizon


def test_withdrawal_during_a_flood() -> None:
    result = scenario("sc-terugtrekking")
    found = down_at(result)
    assert found["p-trein"] == 48.25
    assert found["p-warmte"] == 48.25 + 7 * 24 + 6
    assert found["p-dw-holmer"] == 12 * 24
    names = {
        network().units[unit].removeprefix(f"{ID}oef-") for one in result.deadlocks for unit in one
    }
    assert {"a-ms-zilver", "a-gemaal-noord", "p-kering"} <= names  # no power, no pumps, no dry feet


# --- withdrawal by a country (§6) ------------------------------------------------------------

CONTROLLED = {
    "CN": ("org-jadefoon", "org-mittelau", "org-spoorradio", "l-gsmr", "org-lotusgolf", "l-core-a"),
    "JP": ("org-kazehara", "org-kazehara-eu", "l-bev", "l-bev-2", "l-trafo-jp", "org-tokiwara"),
    "KR": (
        "org-hanbitgang", "org-zwinoord", "org-aquasturing", "org-daeyangsol",
        "org-deltabesturing", "l-pa-1", "l-pa-2", "l-trafo-kr",
    ),
    "RU": ("org-severolicht", "org-wendorau", "l-turbine"),
    "CH": ("org-laerchentobel", "l-pellets"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("country", "expected"),
    [
        ("CN", {"p-trein", "p-goederen", "p-warmte"}),
        ("JP", {"p-trein", "p-goederen", "p-trein-beveil", "p-warmte"}),
        ("KR", {"p-dw-holmer", "p-dw-oude"}),
        ("RU", set()),  # a stock of 180 days, and replaced within 90
        ("CH", set()),  # another supplier suffices
    ],
)
def test_withdrawal_of_all_that_a_country_controls(country: str, expected: set[str]) -> None:
    net = network()
    struck = [outage(net, unit) for unit in CONTROLLED[country]]
    assert vital_down(down_at(restore(net, struck, YEAR, heal=True))) == expected


def test_one_of_two_korean_suppliers_is_not_enough() -> None:
    assert not vital_down(for_good("l-pa-1", horizon=YEAR))
    assert not vital_down(for_good("l-pa-2", horizon=YEAR))
