"""Strategic foreign dependencies, worked out by hand on the small world of conftest."""

from collections.abc import Callable

import pytest
from small_world import PUMP

from kg.findings import Findings, find
from kg.foreign import withdrawal
from kg.names import ID, PROV, VIT, local_id
from kg.network import Network
from kg.store import EmbeddedStore

World = Callable[..., tuple[EmbeddedStore, Network]]


def found(made: tuple[EmbeddedStore, Network]) -> dict[tuple[str, str], tuple[float | None, bool]]:
    """(country, process) → (hours to failure, risky)."""
    return found_in(find(*made), made[1])


def found_in(
    findings: Findings, network: Network
) -> dict[tuple[str, str], tuple[float | None, bool]]:
    return {
        (local_id(one.country), local_id(network.units[one.process])): (one.hours, one.risky)
        for one in findings.foreign.found
    }


def objects(findings: Findings, subject: str, predicate: str) -> set[str]:
    """The objects of a finding, as ids."""
    start = f"<{ID}{subject}> <{predicate}> "
    lines = findings.ntriples.decode().splitlines()
    return {local_id(line[len(start) : -2].strip("<>")) for line in lines if line.startswith(start)}


def test_who_can_bring_down_what(world: World) -> None:
    assert found(world()) == {
        ("CN", "spoor"): (240, True),  # ten days of stock, twenty to substitute
        ("CN", "water"): (None, False),  # substituted before the stock is gone
        ("CN", "telecom"): (None, False),  # another supplier is there
        ("TR", "energie"): (0, False),  # in NATO, but an emerging cyber actor; not risky
        ("TR", "spoor"): (4, False),
    }


def test_a_substitute_within_the_buffer_is_in_time(world: World) -> None:
    buffer = '"P10D"^^xsd:duration ; vit:substitutionTime '
    assert found(world(buffer + '"P20D"', buffer + '"P10D"'))["CN", "spoor"] == (None, False)


def test_beyond_the_horizon_it_is_foreign_and_not_strategic(world: World) -> None:
    assert found(world('"P1Y"^^xsd:duration ;\n    vit:max', '"P9D"^^xsd:duration ;\n    vit:max'))[
        "CN", "spoor"
    ] == (None, False)


def test_what_hangs_on_timely_return_is_possibly_strategic(world: World) -> None:
    store, network = world(extra=PUMP.format(stock="PT0H"))
    findings = find(store, network)
    (pump,) = [one for one in findings.foreign.found if network.units[one.process] == ID + "pomp"]
    assert (local_id(pump.country), pump.hours, pump.bound) == ("TR", None, 5)
    assert "zonder tijdig herstel op zijn vroegst na 5 uur" in pump.told_nl
    name = "finding-foreign~TR~pomp"
    classes = objects(findings, name, "http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
    assert "vit:PossiblyStrategicDependency" in classes
    assert "vit:StrategicDependency" not in classes
    assert len(objects(findings, name, VIT + "hoursToFailureAtEarliest")) == 1
    assert found(world(extra=PUMP.format(stock="PT3H")))["TR", "pomp"] == (5, False)


def test_an_alternative_from_the_same_country_is_none(world: World) -> None:
    same = world(extra="id:levering-b vit:underControlOf id:CN .")
    assert found(same)["CN", "telecom"] == (0, True)


def test_trust_is_by_statement_and_by_date(world: World) -> None:
    assert not [pair for pair in found(world()) if pair[0] in ("DE", "NL")]
    assert found(world("1958-01-01", "2027-01-01"))["DE", "telecom"] == (0, False)
    over = world(extra='id:uit-de vit:validUntil "2026-08-14"^^xsd:date .')
    assert ("DE", "spoor") in found(over)


def test_the_home_country_is_never_foreign(world: World) -> None:
    made = world("homeCountry id:NL", "homeCountry id:CN")
    assert {country for country, _ in found(made)} == {"TR"}


@pytest.mark.parametrize(
    ("since", "risky"), [("2021-08-16", True), ("2021-08-01", False), ("2026-08-16", False)]
)
def test_statements_count_for_as_long_as_the_policy_says(
    world: World, since: str, risky: bool
) -> None:
    assert found(world("2023-01-01", since))["CN", "spoor"] == (240, risky)


def test_an_old_statement_with_an_end_date_counts_until_then(world: World) -> None:
    extra = 'id:uit-cn vit:validUntil "2027-01-01"^^xsd:date .'
    assert found(world("2023-01-01", "2019-01-01", extra))["CN", "spoor"] == (240, True)


def test_membership_does_not_grow_old_and_override_does(world: World) -> None:
    assert "TR" not in {country for country, _ in found(world("2022-11-28", "2019-11-28"))}


def test_only_vital_processes_are_processes(world: World) -> None:
    made = world("id:spoor a vit:FunctionalUnit, vit:VitalProcess", "id:spoor a vit:FunctionalUnit")
    assert not [pair for pair in found(made) if pair[1] == "spoor"]


def test_the_evidence_is_the_whole_chain(world: World) -> None:
    findings = find(*world())
    name = "finding-foreign~CN~spoor"
    assert objects(findings, name, PROV + "wasDerivedFrom") == {
        "moeder",  # its seat
        "eig",  # not the ownership that has ended
        "levering-a",  # who supplies it
        "r-spoor",
        "uit-cn",
    }
    assert objects(findings, name, "http://purl.org/dc/terms/source") == {
        "bron-kvk",
        "bron-inkoop",
        "bron-spoor",
        "bron-cn",
    }
    assert objects(findings, name, VIT + "underPolicy") == {"beleid"}
    assert objects(findings, name, VIT + "controlledUnit") == {"levering-a"}
    assert objects(findings, name, VIT + "pathText") == {
        '"China → Moeder → Dochter → Levering A → Treindienst"'
    }
    classes = objects(findings, name, "http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
    assert classes == {
        "vit:RiskyStrategicDependency",
        "vit:StrategicDependency",
        "vit:PossiblyStrategicDependency",
        "vit:ForeignDependency",
        "vit:Finding",
    }


def test_what_it_rests_on_is_said(world: World) -> None:
    findings = find(*world())
    assert objects(findings, "finding-foreign~CN~spoor", VIT + "restsOn") == set()
    rests = objects(findings, "finding-foreign~TR~energie", VIT + "restsOn")
    assert rests == {
        "finding-assumption~unknown-buffer~r-energie",
        "finding-assumption~unknown-substitution~r-energie",
    }


def test_a_dependency_that_is_not_strategic_has_a_path_too(world: World) -> None:
    findings = find(*world())
    name = "finding-foreign~CN~telecom"
    assert objects(findings, name, VIT + "pathText") == {
        '"China → Moeder → Dochter → Levering A → Telecom"'
    }
    assert objects(findings, name, VIT + "hoursToFailure") == set()
    assert "r-telecom" in objects(findings, name, PROV + "wasDerivedFrom")


def test_sentences_in_both_languages_the_risky_ones_first(world: World) -> None:
    told = find(*world()).to_json()["foreign_dependencies"]
    assert told[0]["text"] == {
        "nl": "China → Moeder → Dochter → Levering A → Treindienst: uitval na 240 uur.",
        "en": "China → Parent → Dochter → Levering A → Trains: down after 240 hours.",
    }
    assert [one["strategic"] for one in told] == [True, True, True, False, False]


def test_without_a_policy_every_country_is_foreign_and_nothing_is_risky(world: World) -> None:
    store, network = world()
    store.clear("https://w3id.org/vitaal/graph/context")
    one = find(store, network).foreign
    assert {local_id(country) for country in one.countries} == {"CN", "DE", "TR"}
    assert not any(finding.risky for finding in one.found)


def test_a_budget_for_withdrawals_says_what_it_left_out(world: World) -> None:
    findings = find(*world(), withdrawal_budget=1)
    assert [local_id(country) for country in findings.foreign.unjudged] == ["TR"]
    assert "Van 1 landen" in findings.cut[0][0]
    assert {one.hours for one in findings.foreign.found if one.country == ID + "TR"} == {None}


def test_a_budget_goes_to_the_risky_countries_first(world: World) -> None:
    other = "id:levering-b vit:underControlOf id:AA ."  # in the alphabet before China
    findings = find(*world(extra=other), withdrawal_budget=1)
    assert sorted(map(local_id, findings.foreign.unjudged)) == ["AA", "TR"]
    assert any(one.risky for one in findings.foreign.found)


def test_a_network_that_keeps_swinging_leaves_its_country_unjudged(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    #   half an hour without china-dienst travels round a ↔ b for ever
    made = world(
        extra="""
id:a a vit:FunctionalUnit ; vit:restartLag "PT1H"^^xsd:duration .
id:b a vit:FunctionalUnit ; vit:restartLag "PT1H"^^xsd:duration .
id:r-a a vit:Requirement ; vit:requiredBy id:a ; vit:fulfilledBy id:levering-a ;
    vit:buffer "PT0H"^^xsd:duration ; vit:substitutionTime "PT30M"^^xsd:duration .
id:r-b a vit:Requirement ; vit:requiredBy id:b ; vit:fulfilledBy id:a ;
    vit:buffer "PT1H"^^xsd:duration .
id:r-ba a vit:Requirement ; vit:requiredBy id:a ; vit:fulfilledBy id:b ;
    vit:buffer "PT1H"^^xsd:duration .
"""
    )
    monkeypatch.setattr(withdrawal, "_MOST_CHANGES", 50)
    findings = find(*made)
    assert [local_id(country) for country in findings.foreign.unjudged] == ["CN"]
    assert found_in(findings, made[1])["CN", "spoor"] == (None, False)
    assert "blijft op en neer gaan" in findings.cut[0][0]


def test_concentration_by_controlling_country(world: World) -> None:
    #   levering-a 0.75 (China, through its parent), levering-b the rest (Duitsland)
    (one,) = find(*world()).concentrations.found
    assert one.hhi == pytest.approx(0.75**2 + 0.25**2)
    assert (local_id(one.country), one.share, one.high) == ("CN", 0.75, True)
    assert one.told_nl == (
        "Besturing: HHI 0.625 over 2 levering(en); grootste aandeel China (75%); boven de drempel"
    )


def test_a_maker_controls_every_supply_whoever_sells_it(world: World) -> None:
    (one,) = find(*world(extra="id:product vit:manufacturer id:turks .")).concentrations.found
    assert (local_id(one.country), one.hhi) == ("TR", 1)


def test_without_shares_supplies_count_equally(world: World) -> None:
    (one,) = find(*world("vit:marketShare 0.75 ;", "")).concentrations.found
    assert one.hhi == pytest.approx(0.5)


def test_an_unknown_country_is_said(world: World) -> None:
    findings = find(
        *world("id:duits a vit:FunctionalUnit ; vit:seat id:DE", "id:duits a vit:FunctionalUnit")
    )
    rests = objects(findings, "finding-concentration~product", VIT + "restsOn")
    assert rests == {"finding-assumption~unknown-country~product"}


def test_shares_beyond_the_whole_are_scaled(world: World) -> None:
    (one,) = find(*world("vit:marketShare 0.75", "vit:marketShare 1.5")).concentrations.found
    assert one.hhi == pytest.approx(1)
