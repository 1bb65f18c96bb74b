"""What of the graph becomes what in the network; the table of kg.network.extract, row by row."""

import math
from collections.abc import Callable

import pytest

from kg.errors import KgError, UsageError
from kg.names import ID, VIT
from kg.network import KINDS, build_network
from kg.store import EmbeddedStore

StoreOf = Callable[..., EmbeddedStore]

MINIMAL = """
id:grid a vit:FunctionalUnit, vit:Service ; skos:prefLabel "Regionaal net"@nl, "Grid"@en ;
    vit:inSector id:energie ; vit:restartLag "PT2H"^^xsd:duration .
id:gsmr a vit:FunctionalUnit, vit:Service ; skos:prefLabel "GSM-R"@nl ; vit:inSector id:telecom .
id:rail a vit:FunctionalUnit, vit:VitalProcess ; skos:prefLabel "Treindienst"@nl .
id:energie a vit:Sector ; skos:prefLabel "Energie"@nl .
id:r1 a vit:Requirement ; vit:requiredBy id:gsmr ; vit:fulfilledBy id:grid ;
    vit:minimumFulfilled 1 ; vit:buffer "PT3H"^^xsd:duration ; vit:effect vit:fails ;
    vit:dependencyKind vit:physical .
id:r2 a vit:Requirement ; skos:prefLabel "stroom en radio"@nl ;
    vit:requiredBy id:rail ; vit:fulfilledBy id:grid, id:gsmr .
"""


def test_the_minimal_graph(store_of: StoreOf) -> None:
    network = build_network(store_of(MINIMAL))
    assert network.units == (ID + "grid", ID + "gsmr", ID + "rail")
    assert network.labels == ("Regionaal net", "GSM-R", "Treindienst")
    assert network.labels_en == ("Grid", "GSM-R", "Treindienst")
    assert [network.sector_of(u) for u in range(3)] == [ID + "energie", ID + "telecom", None]
    assert network.sector_labels == ("Energie", "telecom")
    assert network.vital.tolist() == [False, False, True]
    assert network.restart_lag.tolist() == [2, 0, 0]
    assert network.restart_known.tolist() == [True, False, False]
    assert network.requirements == (ID + "r1", ID + "r2")
    assert [network.requirement_label(r) for r in range(2)] == [
        "GSM-R ← Regionaal net",
        "stroom en radio",
    ]
    assert network.minimum.tolist() == [1, 2]
    assert network.buffer.tolist() == [3, 0]
    assert network.buffer_known.tolist() == [True, False]
    assert KINDS[network.kind[0]] == "physical"
    assert network.kind[1] == -1
    assert network.fulfillers(1).tolist() == [0, 1]
    assert network.date == "2026-08-15"
    assert network.notes == ()


def test_everything_about_a_requirement(store_of: StoreOf) -> None:
    network = build_network(
        store_of("""
id:a a vit:FunctionalUnit . id:b a vit:FunctionalUnit .
id:r a vit:Requirement ; vit:requiredBy id:a ; vit:fulfilledBy id:b ;
    vit:buffer "P1D"^^xsd:duration ; vit:bufferLow "PT12H"^^xsd:duration ;
    vit:bufferHigh "P2D"^^xsd:duration ; vit:effect vit:degrades ; vit:purpose vit:restart ;
    vit:needsFull true ; vit:refillTime "PT6H"^^xsd:duration ;
    vit:substitutionTime "P1M"^^xsd:duration ; vit:dependencyKind vit:cyber .
""")
    )
    numbers = (
        network.buffer[0],
        network.buffer_low[0],
        network.buffer_high[0],
        network.refill[0],
        network.substitution[0],
    )
    assert numbers == (24, 12, 48, 6, 720)
    assert (network.effect[0], network.purpose[0], network.needs_full[0]) == (1, 1, True)


def test_what_is_absent_gets_its_default(store_of: StoreOf) -> None:
    network = build_network(
        store_of("""
id:a a vit:FunctionalUnit . id:b a vit:FunctionalUnit .
id:r a vit:Requirement ; vit:requiredBy id:a ; vit:fulfilledBy id:b .
""")
    )
    assert (network.effect[0], network.purpose[0], network.needs_full[0]) == (0, 0, False)
    assert math.isinf(network.substitution[0])
    assert math.isnan(network.buffer_low[0])
    assert network.refill[0] == 0
    assert not network.implicit[0]


def test_a_low_estimate_stands_in_for_an_unknown_buffer(store_of: StoreOf) -> None:
    network = build_network(
        store_of("""
id:a a vit:FunctionalUnit . id:b a vit:FunctionalUnit .
id:r a vit:Requirement ; vit:requiredBy id:a ; vit:fulfilledBy id:b ;
    vit:bufferLow "PT1H"^^xsd:duration ; vit:bufferHigh "PT3H"^^xsd:duration .
""")
    )
    assert (network.buffer[0], network.buffer_known[0]) == (1, True)


@pytest.mark.parametrize("link", ["operatedBy", "suppliedBy"])
def test_who_operates_or_supplies_is_required(store_of: StoreOf, link: str) -> None:
    network = build_network(
        store_of(f"""
id:a a vit:FunctionalUnit ; vit:{link} id:org . id:org a vit:FunctionalUnit, vit:Organisation .
""")
    )
    assert network.requirements == (f"{ID}a/{link}/org",)
    assert (network.buffer[0], network.buffer_known[0]) == (0, True)
    assert (network.minimum[0], network.implicit[0]) == (1, True)
    assert KINDS[network.kind[0]] == "logical"
    assert network.stated(0) == ID + "a"


def test_stocks_come_on_top_of_the_buffer(store_of: StoreOf) -> None:
    network = build_network(
        store_of("""
id:a a vit:FunctionalUnit . id:b a vit:FunctionalUnit .
id:r a vit:Requirement ; vit:requiredBy id:a ; vit:fulfilledBy id:b ;
    vit:buffer "PT3H"^^xsd:duration ; vit:bufferLow "PT1H"^^xsd:duration .
id:q a vit:Requirement ; vit:requiredBy id:b ; vit:fulfilledBy id:a .
id:s1 vit:coversRequirement id:r ; vit:daysOfCover 2.0 .
id:s2 vit:coversRequirement id:r, id:q ; vit:daysOfCover 0.5 .
id:s3 vit:coversRequirement id:r ; vit:daysOfCover 9.0 ; vit:validUntil "2026-08-14"^^xsd:date .
id:s4 vit:coversRequirement id:r .
""")
    )
    by_name = dict(zip(network.requirements, network.buffer.tolist(), strict=True))
    assert by_name == {ID + "r": 3 + 48 + 12, ID + "q": 12}
    assert network.buffer_low[network.requirement_index(ID + "r")] == 61
    assert network.buffer_known.tolist() == [False, True]  # q, r


@pytest.mark.parametrize(
    ("dates", "counts"),
    [
        ('vit:validFrom "2026-08-15"^^xsd:date', True),
        ('vit:validFrom "2026-08-16"^^xsd:date', False),
        ('vit:validUntil "2026-08-15"^^xsd:date', True),
        ('vit:validUntil "2026-08-14"^^xsd:date', False),
    ],
)
def test_only_what_is_valid_on_the_analysis_date_counts(
    store_of: StoreOf, dates: str, counts: bool
) -> None:
    requirement = "id:r a vit:Requirement ; vit:requiredBy id:a ; vit:fulfilledBy id:b"
    units = "id:a a vit:FunctionalUnit . id:b a vit:FunctionalUnit . "
    assert len(build_network(store_of(f"{units} {requirement} ; {dates} .")).requirements) == counts
    store = store_of(f"{units} id:c a vit:FunctionalUnit ; {dates} . {requirement}, id:c .")
    network = build_network(store)
    assert len(network.units) == 2 + counts
    assert network.minimum.tolist() == [1 + counts]  # all that there are
    assert network.notes == ()


def test_without_an_analysis_date_everything_counts(store_of: StoreOf) -> None:
    store = store_of('id:a a vit:FunctionalUnit ; vit:validUntil "1900-01-01"^^xsd:date .', date="")
    assert build_network(store).units == (ID + "a",)


def test_a_stated_minimum_that_cannot_be_met_is_noted(store_of: StoreOf) -> None:
    network = build_network(
        store_of("""
id:a a vit:FunctionalUnit . id:b a vit:FunctionalUnit .
id:c a vit:FunctionalUnit ; vit:validUntil "2020-01-01"^^xsd:date .
id:r a vit:Requirement ; vit:requiredBy id:a ; vit:fulfilledBy id:b, id:c ;
    vit:minimumFulfilled 2 .
""")
    )
    assert network.minimum.tolist() == [1]
    assert "vraagt er 2" in network.notes[0].nl


CONFLICT = """
id:a a vit:FunctionalUnit . id:b a vit:FunctionalUnit .
id:r1 a vit:Requirement ; vit:requiredBy id:a ; vit:fulfilledBy id:b ; dcterms:source id:s1 .
id:r2 a vit:Requirement ; vit:requiredBy id:a ; vit:fulfilledBy id:b ; dcterms:source id:s2 ;
    vit:conflictsWith id:r1 .
id:r1 vit:conflictsWith id:r2 .
"""


@pytest.mark.parametrize(
    ("one", "other", "kept"),
    [
        (("gradeB", "2026-01-01"), ("gradeA", "2020-01-01"), "r2"),
        (("gradeA", "2020-01-01"), ("gradeA", "2026-01-01"), "r2"),
        (("gradeA", "2026-01-01"), ("gradeB", "2026-01-01"), "r1"),
        (("gradeA", "2026-01-01"), ("gradeA", "2026-01-01"), "r1"),
    ],
)
def test_of_facts_that_contradict_the_better_source_counts_and_a_note_says_so(
    store_of: StoreOf, one: tuple[str, str], other: tuple[str, str], kept: str
) -> None:
    sources = "".join(
        f'id:s{n} vit:grade vit:{grade} ; dcterms:issued "{issued}"^^xsd:date .\n'
        for n, (grade, issued) in enumerate((one, other), 1)
    )
    network = build_network(store_of(CONFLICT + sources))
    assert network.requirements == (ID + kept,)
    assert len(network.notes) == 1
    assert kept in network.notes[0].nl


def test_the_same_triple_in_two_graphs_counts_once(store_of: StoreOf) -> None:
    store = store_of(MINIMAL)
    store.load(
        "https://w3id.org/vitaal/graph/twee", store.construct("CONSTRUCT WHERE { ?s ?p ?o }")
    )
    assert build_network(store).digest() == build_network(store_of(MINIMAL)).digest()


def test_several_values_where_one_belongs_are_noted_and_the_smallest_counts(
    store_of: StoreOf,
) -> None:
    store = store_of(MINIMAL + 'id:r1 vit:buffer "PT1H"^^xsd:duration .')
    network = build_network(store)
    assert network.buffer[0] == 1
    assert [note.iri for note in network.notes] == [ID + "r1"]


def test_the_order_in_the_graph_does_not_matter(store_of: StoreOf) -> None:
    backwards = "\n".join(reversed([s + " ." for s in MINIMAL.strip().rstrip(".").split(" .\n")]))
    assert build_network(store_of(backwards)).digest() == build_network(store_of(MINIMAL)).digest()


@pytest.mark.parametrize(
    "value",
    [
        'vit:buffer "drie uur"',
        'vit:buffer "-PT1H"^^xsd:duration',
        'vit:minimumFulfilled "een"',
        "vit:minimumFulfilled -1",
    ],
)
def test_values_that_were_not_validated_are_refused(store_of: StoreOf, value: str) -> None:
    with pytest.raises(KgError, match=r"\[network\.value\]"):
        build_network(store_of(MINIMAL.replace('vit:buffer "PT3H"^^xsd:duration', value)))


def test_an_empty_graph_is_an_empty_network(store_of: StoreOf) -> None:
    assert build_network(store_of("")).units == ()


CLASSES = """
vit:Asset rdfs:subClassOf vit:FunctionalUnit . vit:Stock rdfs:subClassOf vit:Asset .
vit:Process rdfs:subClassOf vit:FunctionalUnit .
id:a a vit:FunctionalUnit . id:b a vit:FunctionalUnit, vit:Asset .
id:c a vit:FunctionalUnit, vit:Asset, vit:Stock, vit:Process .
"""


def test_units_carry_their_most_specific_classes(store_of: StoreOf) -> None:
    network = build_network(store_of(CLASSES + 'vit:Asset skos:prefLabel "object"@nl .'))
    classes = network.classes
    own = [[classes.names[c] for c in classes.sets[s]] for s in network.class_set.tolist()]
    assert own == [[VIT + "FunctionalUnit"], [VIT + "Asset"], [VIT + "Process", VIT + "Stock"]]
    for text in ("Asset", "OBJECT", "vit:Asset", VIT + "Asset"):
        assert network.units_within(classes.resolve(text)).tolist() == [1, 2]
    assert network.units_within(classes.resolve("stock")).tolist() == [2]
    assert network.units_within(classes.resolve("FunctionalUnit")).tolist() == [0, 1, 2]
    with pytest.raises(UsageError, match="Process"):
        classes.resolve("Brug")


def test_classes_that_are_each_others_subclass_are_both_kept(store_of: StoreOf) -> None:
    ring = "vit:Asset rdfs:subClassOf vit:Stock . id:b a vit:Stock ."
    network = build_network(store_of(CLASSES + ring))
    lowest = [network.classes.names[c] for c in network.classes.sets[network.class_set[1]]]
    assert lowest == [VIT + "Asset", VIT + "Stock"]


def test_where_units_stand(store_of: StoreOf) -> None:
    network = build_network(
        store_of("""
id:a a vit:FunctionalUnit ; vit:locatedAt id:hier .
id:b a vit:FunctionalUnit ; vit:locatedAt id:hier, id:daar .
id:c a vit:FunctionalUnit ; vit:locatedAt id:hier ; vit:asWKT "POINT (9 9)" .
id:d a vit:FunctionalUnit ; vit:locatedAt id:nergens, id:voorbij .
id:e a vit:FunctionalUnit ; geo:hasGeometry id:g . id:g geo:asWKT "POINT (7 7)" .
id:hier vit:asWKT "POINT (1 2)" . id:nergens a vit:Place .
id:daar vit:asWKT "<http://www.opengis.net/def/crs/OGC/1.3/CRS84> POINT (3 4)" .
id:voorbij vit:asWKT "POINT (5 5)" ; vit:validUntil "2020-01-01"^^xsd:date .
""")
    )
    assert [network.place_of(unit) for unit in range(5)] == [
        "POINT (1 2)",
        "GEOMETRYCOLLECTION (POINT (3 4), POINT (1 2))",
        "POINT (9 9)",
        "",
        "POINT (7 7)",
    ]


def test_unavailability_is_a_probability_or_unknown(store_of: StoreOf) -> None:
    unit = "id:a a vit:FunctionalUnit . id:b a vit:FunctionalUnit . id:a vit:unavailability "
    network = build_network(store_of(unit + "0.25 ."))
    assert network.unavailability[0] == 0.25
    assert math.isnan(network.unavailability[1])
    for wrong in ("1.5", '"veel"', "-0.1", '"NaN"^^xsd:double'):
        with pytest.raises(KgError, match="unavailability"):
            build_network(store_of(unit + wrong + " ."))
