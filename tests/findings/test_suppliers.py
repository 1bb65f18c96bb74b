"""Single suppliers, common controllers, trade, weak sources and sensitivity, worked out by hand."""

from collections.abc import Callable

import pyoxigraph as ox
import pytest

from kg.findings import Findings, find
from kg.findings.evidence import Evidence
from kg.findings.suppliers import find_suppliers
from kg.findings.triples import Writer
from kg.foreign.question import Question
from kg.foreign.suppliers import Suppliers
from kg.foreign.weakness import WeakSources
from kg.names import DCTERMS, ID, PROV, SKOS, VIT, local_id
from kg.network import Network
from kg.store import EmbeddedStore

World = Callable[..., tuple[EmbeddedStore, Network]]

#   moeder ──60%── dochter ── levering-a (product)
#   moeder ──80%── zus ────── levering-c (product)
SISTER = """
id:zus a vit:FunctionalUnit ; skos:prefLabel "Zus"@nl ; vit:seat id:NL .
id:eig-zus a vit:Ownership ; vit:owner id:moeder ; vit:owned id:zus ; vit:share 0.8 ;
    dcterms:source id:bron-zus .
id:levering-c a vit:FunctionalUnit, vit:Supply ; skos:prefLabel "Levering C"@nl ;
    vit:suppliedBy id:zus ; vit:ofProduct id:product .
id:r-zus a vit:Requirement ; skos:prefLabel "Besturing"@nl, "Controls"@en ;
    vit:requiredBy id:water ; vit:minimumFulfilled 1 ;
    vit:fulfilledBy id:levering-a, id:levering-c .
"""
FLOWS = """
id:BE a vit:Country . id:uit-be vit:aboutCountry id:BE ; vit:statementKind vit:euMember ;
    vit:validFrom "1958-01-01"^^xsd:date .
id:f1 vit:tradedProduct id:product ; vit:fromCountry id:CN ; vit:toCountry id:NL ;
    vit:tradeValue 60.0 ; vit:tradeYear 2025 ; dcterms:source id:stat .
id:f2 vit:tradedProduct id:product ; vit:fromCountry id:TR ; vit:toCountry id:NL ;
    vit:tradeValue 20.0 ; vit:tradeYear 2025 .
id:f3 vit:tradedProduct id:product ; vit:fromCountry id:DE ; vit:toCountry id:NL ;
    vit:tradeValue 20.0 ; vit:tradeYear 2025 .
id:f4 vit:tradedProduct id:product ; vit:fromCountry id:NL ; vit:toCountry id:BE ;
    vit:tradeValue 40.0 ; vit:tradeYear 2025 .
id:f5 vit:tradedProduct id:product ; vit:fromCountry id:CN ; vit:toCountry id:NL ;
    vit:tradeValue 999.0 ; vit:tradeYear 2024 .
id:beleid vit:cdi2Threshold 0.5 ; vit:cdi3Threshold 1.0 .
"""


def said(findings: Findings, subject: str, predicate: str) -> set[str]:
    """The objects of a finding: ids of things, texts of literals."""
    start = f"{ID}{subject}"
    quads = ox.parse(findings.ntriples, format=ox.RdfFormat.N_TRIPLES)
    return {
        local_id(quad.object.value) if isinstance(quad.object, ox.NamedNode) else quad.object.value
        for quad in quads
        if isinstance(quad.subject, ox.NamedNode)
        and isinstance(quad.object, ox.NamedNode | ox.Literal)
        and (quad.subject.value, quad.predicate.value) == (start, predicate)
    }


# --- suppliers -----------------------------------------------------------------------------------


def single(made: tuple[EmbeddedStore, Network]) -> dict[str, str]:
    network = made[1]
    return {
        local_id(network.requirements[one.requirement]): local_id(one.organisation)
        for one in find(*made).suppliers.single
    }


def test_what_hangs_on_one_supplier(world: World) -> None:
    assert single(world()) == {
        "r-spoor": "dochter",
        "r-water": "dochter",
        "r-energie": "turks",  # who operates the terminal
        "r-stroom": "",  # one unit, and nobody knows whose
    }


def test_two_supplies_of_one_organisation_are_one_supplier(world: World) -> None:
    assert "r-telecom" not in single(world())
    assert single(world("suppliedBy id:duits", "suppliedBy id:dochter"))["r-telecom"] == "dochter"


def test_what_one_runs_oneself_has_no_supplier(world: World) -> None:
    extra = "id:spoor, id:energie vit:operatedBy id:ns . id:ns a vit:FunctionalUnit ."
    extra = extra.replace("id:spoor, id:energie", "id:spoor vit:operatedBy id:ns . id:energie")
    assert "r-stroom" not in single(world(extra=extra))


def test_a_unit_with_two_operators_has_no_single_one(world: World) -> None:
    extra = "id:terminal vit:operatedBy id:duits ."
    assert single(world(extra=extra))["r-energie"] == ""


def test_supplies_and_vital_processes_go_first_and_the_rest_is_counted(world: World) -> None:
    store, network = world()
    question = Question(store, network)
    found = find_suppliers(
        network,
        question.graph,
        question.terms,
        question.control,
        Writer(),
        Evidence(question.graph, WeakSources(question.graph, question.terms)),
        most=1,
        looked_at=0,
    )
    assert [local_id(network.requirements[one.requirement]) for one in found.single] == ["r-spoor"]
    assert found.single_left_out == 3
    assert found.common == ()


def test_one_hand_behind_two_suppliers(world: World) -> None:
    findings = find(*world(extra=SISTER))
    found = {
        (local_id(one.subject), local_id(one.controller)): one for one in findings.suppliers.common
    }
    assert {key: one.withhold for key, one in found.items()} == {
        ("r-zus", "moeder"): True,
        ("product", "moeder"): False,  # levering-b is of another
    }
    name = "finding-common-controller~r-zus~moeder"
    assert said(findings, name, VIT + "apparentSupplier") == {"dochter", "zus"}
    assert said(findings, name, VIT + "onCountry") == {"CN"}
    assert said(findings, name, VIT + "pathText") == {
        "Moeder → Dochter → Levering A; Moeder → Zus → Levering C"
    }
    assert {"eig", "eig-zus", "r-zus"} <= said(findings, name, PROV + "wasDerivedFrom")
    assert said(findings, name, SKOS + "prefLabel") == {
        "Besturing: Moeder heeft zeggenschap over 2 leveranciers (Dochter, Zus); "
        "zonder hen vervalt de eis",
        "Besturing: Parent controls 2 suppliers (Dochter, Zus); "
        "without them the requirement is lost",
    }


@pytest.mark.parametrize("share", ["0.5", "0.3"])
def test_a_holding_without_control_is_no_common_hand(world: World, share: str) -> None:
    store = world("vit:share 0.6", f"vit:share {share}", SISTER)
    assert find(*store).suppliers.common == ()


def test_the_maker_is_behind_everyone_who_sells_what_it_makes(world: World) -> None:
    made = world(extra="id:product vit:manufacturer id:fabriek . id:fabriek a vit:FunctionalUnit .")
    found = {(local_id(o.subject), local_id(o.controller)) for o in find(*made).suppliers.common}
    assert found == {("r-telecom", "fabriek"), ("product", "fabriek")}


def test_of_those_in_a_circle_one_is_named(world: World) -> None:
    circle = """
    id:eig-om a vit:Ownership ; vit:owner id:top ; vit:owned id:moeder ; vit:share 0.9 .
    id:eig-terug a vit:Ownership ; vit:owner id:moeder ; vit:owned id:top ; vit:share 0.9 .
    id:top a vit:FunctionalUnit .
    """
    found = find(*world(extra=SISTER + circle)).suppliers.common
    assert {local_id(one.controller) for one in found} == {"moeder"}


def test_what_was_not_looked_at_is_counted(world: World) -> None:
    store, network = world(extra=SISTER)
    question = Question(store, network)
    found = Suppliers(network, question.control).common(0)
    assert found.found == ()
    assert found.unseen == 2


# --- trade ---------------------------------------------------------------------------------------


def test_the_three_indicators(world: World) -> None:
    findings = find(*world(extra=FLOWS))
    home = "finding-trade~product~home"
    assert said(findings, home, VIT + "tradeYear") == {"2025"}  # not what was larger before
    assert said(findings, home, VIT + "cdi1") == {"0.625"}  # (60² + 20²) / 80²
    assert said(findings, home, VIT + "cdi2") == {"0.8"}
    assert said(findings, home, VIT + "cdi3") == {"2"}
    assert said(findings, home, VIT + "indicatorsAboveThreshold") == {"3"}
    assert said(findings, home, VIT + "onCountry") == {"CN"}
    assert said(findings, home, PROV + "wasDerivedFrom") == {"f1", "f2", "f3", "f4"}
    trusted = "finding-trade~product~trusted"
    assert said(findings, trusted, VIT + "cdi2") == {"0.571429"}  # 80 / (100 + 40 to Belgium)
    assert said(findings, trusted, VIT + "cdi3") == {"1.333333"}  # 80 / (20 + 40)


def test_without_exports_given_the_third_is_unknown(world: World) -> None:
    text = FLOWS.replace("id:fromCountry id:NL ; vit:toCountry id:BE", "")
    text = "\n".join(part for part in text.split("id:f4")[:1]) + "id:f5" + text.split("id:f5")[1]
    findings = find(*world(extra=text))
    (one,) = [o for o in findings.trade.found if o.indicators.area == "home"]
    assert one.indicators.cdi3 is None
    assert "CDI 3 niet bekend" in one.told_nl
    assert said(findings, one.iri.removeprefix(ID), VIT + "cdi3") == set()


def test_exports_of_nothing_cannot_replace_anything(world: World) -> None:
    (one,) = [
        o
        for o in find(*world(extra=FLOWS.replace("40.0", "0.0"))).trade.found
        if o.indicators.area == "home"
    ]
    assert one.indicators.above == (1, 2, 3)
    assert "CDI 3 geen uitvoer (boven de drempel)" in one.told_nl


def test_of_two_statements_of_one_flow_the_better_source_counts(world: World) -> None:
    other = """
    id:f0 vit:tradedProduct id:product ; vit:fromCountry id:CN ; vit:toCountry id:NL ;
        vit:tradeValue 5.0 ; vit:tradeYear 2025 ; dcterms:source id:krant .
    id:krant vit:grade vit:gradeB . id:stat vit:grade vit:gradeA .
    """
    findings = find(*world(extra=FLOWS + other))
    home = "finding-trade~product~home"
    assert said(findings, home, VIT + "cdi2") == {"0.8"}
    assert "f0" not in said(findings, home, PROV + "wasDerivedFrom")
    assert any("tellen niet mee" in note for note in said(findings, home, SKOS + "note"))


def test_without_trade_data_there_is_no_trade_finding(world: World) -> None:
    assert find(*world()).trade.found == ()


# --- weak sources --------------------------------------------------------------------------------

GRADES = """
id:bron-kvk vit:grade vit:gradeA ; vit:verification vit:textRead ;
    dcterms:issued "2021-08-15"^^xsd:date .
id:bron-inkoop vit:grade vit:gradeA ; dcterms:issued "2021-08-14"^^xsd:date ;
    skos:prefLabel "Inkoopregister"@nl, "Register"@en .
id:bron-spoor vit:grade vit:gradeB ; skos:prefLabel "Vakblad"@nl .
id:bron-cn vit:grade vit:gradeA ; vit:verification vit:generalKnowledge .
"""


def test_a_finding_names_its_old_and_second_hand_sources(world: World) -> None:
    findings = find(*world(extra=GRADES))
    name = "finding-foreign~CN~spoor"
    assert said(findings, name, VIT + "weakSource") == {"bron-inkoop", "bron-spoor", "bron-cn"}
    assert said(findings, name, SKOS + "note") == {
        "Rust op een bron van voor 2021-08-15: Inkoopregister; uit de tweede hand: Vakblad; "
        "die nauwelijks is na te gaan: bron-cn.",
        "Rests on a source from before 2021-08-15: Register; at second hand: Vakblad; "
        "that can hardly be checked: bron-cn.",
    }


def test_a_finding_on_good_sources_says_nothing(world: World) -> None:
    findings = find(*world(extra="id:bron-kvk vit:grade vit:gradeA ."))
    assert said(findings, "finding-foreign~CN~spoor", VIT + "weakSource") == set()
    assert said(findings, "finding-foreign~CN~spoor", SKOS + "note") == set()
    assert said(findings, "finding-foreign~CN~spoor", DCTERMS + "source")


# --- sensitivity ---------------------------------------------------------------------------------


def test_a_strategic_dependency_says_what_changes_it(world: World) -> None:
    findings = find(*world(inferred=False))
    name = "finding-foreign~CN~spoor"
    labels = {
        label
        for change in said(findings, name, VIT + "changesWith")
        for label in said(findings, change, SKOS + "prefLabel")
    }
    assert {
        "horizon korter dan 240 uur (nu 8760 uur): niet strategisch",
        "buffer minstens 480 uur (nu 240 uur): niet strategisch",
        "vervangingstijd hoogstens 240 uur (nu 480 uur): niet strategisch",
        "drempel zeggenschap minstens 0,6 (nu 0,5): geen bevinding meer",
        "uitspraak telt niet mee: strategisch, niet risicovol",
    } <= labels


def test_one_that_does_not_fall_says_what_would_bring_it_down(world: World) -> None:
    findings = find(*world(inferred=False))
    changes = said(findings, "finding-foreign~CN~water", VIT + "changesWith")
    labels = {label for one in changes for label in said(findings, one, SKOS + "prefLabel")}
    assert any(label.startswith("vervangingstijd") for label in labels), labels
