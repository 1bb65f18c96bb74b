"""A small world, drawn; what the reasoner would infer is written out."""

import re
from collections.abc import Callable

import pyoxigraph as ox

from kg.names import G_CONTEXT, GRAPH, PREFIXES
from kg.network import Network, build_network
from kg.store import EmbeddedStore

World = Callable[..., tuple[EmbeddedStore, Network]]

#   China ── moeder ──60%── dochter (Duitsland) ── levering-a ─┬─10 d──> spoor    (20 d)
#                                                              ├─30 d──> water    (20 d)
#   Duitsland ── duits ── levering-b ──1 van 2─┐               │
#                                              └── telecom <───┘
#   Turkije ── turks ── terminal ──onbekend──> energie ──4 h──> spoor
WORLD = """
id:NL a vit:Country ; skos:prefLabel "Nederland"@nl .
id:DE a vit:Country ; skos:prefLabel "Duitsland"@nl, "Germany"@en .
id:CN a vit:Country ; skos:prefLabel "China"@nl, "China"@en .
id:TR a vit:Country ; skos:prefLabel "Turkije"@nl, "Turkey"@en .
id:uit-cn vit:aboutCountry id:CN ; vit:statementKind vit:offensiveCyberProgramme ;
    vit:validFrom "2023-01-01"^^xsd:date ; dcterms:source id:bron-cn .
id:uit-de vit:aboutCountry id:DE ; vit:statementKind vit:euMember ;
    vit:validFrom "1958-01-01"^^xsd:date .
id:uit-tr vit:aboutCountry id:TR ; vit:statementKind vit:natoMember ;
    vit:validFrom "1952-01-01"^^xsd:date .
id:uit-tr2 vit:aboutCountry id:TR ; vit:statementKind vit:emergingCyberActor ;
    vit:validFrom "2022-11-28"^^xsd:date .
id:beleid a vit:Policy ; vit:trustsStatementKind vit:euMember, vit:natoMember ;
    vit:riskyStatementKind vit:offensiveCyberProgramme ;
    vit:overridesTrust vit:emergingCyberActor ; vit:homeCountry id:NL ;
    vit:controlThreshold 0.5 ; vit:hhiThreshold 0.4 ; vit:horizon "P1Y"^^xsd:duration ;
    vit:maximumStatementAge "P5Y"^^xsd:duration .

id:moeder a vit:FunctionalUnit ; skos:prefLabel "Moeder"@nl, "Parent"@en ; vit:seat id:CN ;
    vit:underControlOf id:CN ; dcterms:source id:bron-kvk .
id:dochter a vit:FunctionalUnit ; skos:prefLabel "Dochter"@nl ; vit:seat id:DE ;
    vit:underControlOf id:CN, id:DE .
id:moeder vit:directlyControls id:dochter .
id:eig a vit:Ownership ; vit:owner id:moeder ; vit:owned id:dochter ; vit:share 0.6 ;
    dcterms:source id:bron-kvk .
id:eig-oud a vit:Ownership ; vit:owner id:moeder ; vit:owned id:dochter ; vit:share 0.9 ;
    vit:validUntil "2020-01-01"^^xsd:date .
id:duits a vit:FunctionalUnit ; vit:seat id:DE ; vit:underControlOf id:DE .
id:turks a vit:FunctionalUnit ; skos:prefLabel "Turks"@nl ; vit:seat id:TR ;
    vit:underControlOf id:TR .
id:levering-a a vit:FunctionalUnit, vit:Supply ; skos:prefLabel "Levering A"@nl ;
    vit:suppliedBy id:dochter ; vit:ofProduct id:product ; vit:marketShare 0.75 ;
    vit:underControlOf id:CN, id:DE ; dcterms:source id:bron-inkoop .
id:levering-b a vit:FunctionalUnit, vit:Supply ; skos:prefLabel "Levering B"@nl ;
    vit:suppliedBy id:duits ; vit:ofProduct id:product ; vit:underControlOf id:DE .
id:product a vit:Product ; skos:prefLabel "Besturing"@nl, "Controls"@en .
id:terminal a vit:FunctionalUnit ; skos:prefLabel "Terminal"@nl ; vit:operatedBy id:turks ;
    vit:inSector id:energie-s ; vit:underControlOf id:TR .

id:spoor a vit:FunctionalUnit, vit:VitalProcess ; skos:prefLabel "Treindienst"@nl, "Trains"@en ;
    vit:inSector id:spoor-s .
id:water a vit:FunctionalUnit, vit:VitalProcess ; skos:prefLabel "Water"@nl .
id:telecom a vit:FunctionalUnit, vit:VitalProcess ; skos:prefLabel "Telecom"@nl ;
    vit:inSector id:telecom-s .
id:energie a vit:FunctionalUnit, vit:VitalProcess ; skos:prefLabel "Stroom"@nl ;
    vit:inSector id:gas-s .
id:gas-s vit:subSectorOf id:energie-s .
id:r-spoor a vit:Requirement ; vit:requiredBy id:spoor ; vit:fulfilledBy id:levering-a ;
    vit:buffer "P10D"^^xsd:duration ; vit:substitutionTime "P20D"^^xsd:duration ;
    dcterms:source id:bron-spoor .
id:r-water a vit:Requirement ; vit:requiredBy id:water ; vit:fulfilledBy id:levering-a ;
    vit:buffer "P30D"^^xsd:duration ; vit:substitutionTime "P20D"^^xsd:duration .
id:r-telecom a vit:Requirement ; vit:requiredBy id:telecom ; vit:minimumFulfilled 1 ;
    vit:fulfilledBy id:levering-a, id:levering-b ; vit:buffer "PT0H"^^xsd:duration .
id:r-energie a vit:Requirement ; vit:requiredBy id:energie ; vit:fulfilledBy id:terminal .
id:r-stroom a vit:Requirement ; vit:requiredBy id:spoor ; vit:fulfilledBy id:energie ;
    vit:buffer "PT4H"^^xsd:duration ; vit:substitutionTime "P1Y"^^xsd:duration .
"""
CONTEXT = """
id:analysis a vit:AnalysisContext ; vit:underPolicy id:beleid ;
    vit:analysisDate "2026-08-15"^^xsd:date ; vit:oldestStatementDate "2021-08-15"^^xsd:date .
"""

#: Pomp needs one of a, b. Without stock for m, a is down on [0, 4) and b from 5 on; with three
#: hours of it a is down on [3, 7), so that both are.
PUMP = """
id:pomp a vit:FunctionalUnit, vit:VitalProcess ; skos:prefLabel "Pomp"@nl .
id:a a vit:FunctionalUnit ; vit:restartLag "PT0H"^^xsd:duration .
id:b a vit:FunctionalUnit .
id:m a vit:FunctionalUnit .
id:n1 a vit:Requirement ; vit:requiredBy id:pomp ; vit:minimumFulfilled 1 ;
    vit:fulfilledBy id:a, id:b ; vit:buffer "PT0H"^^xsd:duration .
id:n2 a vit:Requirement ; vit:requiredBy id:a ; vit:fulfilledBy id:m ;
    vit:buffer "PT0H"^^xsd:duration ; vit:substitutionTime "PT4H"^^xsd:duration .
id:n3 a vit:Requirement ; vit:requiredBy id:b ; vit:fulfilledBy id:terminal ;
    vit:buffer "PT5H"^^xsd:duration .
id:n4 a vit:Requirement ; vit:requiredBy id:m ; vit:fulfilledBy id:terminal ;
    vit:buffer "{stock}"^^xsd:duration .
"""


def make(
    old: str = "", new: str = "", extra: str = "", *, inferred: bool = True
) -> tuple[EmbeddedStore, Network]:
    """The world with a piece of text replaced or added.

    ``inferred``: with what the reasoner would say of control, as if it were stated.
    """
    assert not old or old in WORLD
    prefixes = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items())
    text = (WORLD.replace(old, new) if old else WORLD) + extra
    if not inferred:
        text = re.sub(r"\s*;\s*vit:underControlOf [^;.]+?(?=\s*[;.])", "", text)
    store = EmbeddedStore.memory()
    for graph, turtle in ((GRAPH + "wereld", text), (G_CONTEXT, CONTEXT)):
        quads = ox.parse(prefixes + turtle, format=ox.RdfFormat.TURTLE)
        lines = (f"{q.subject} {q.predicate} {q.object} .\n" for q in quads)
        store.load(graph, "".join(lines).encode())
    return store, build_network(store)
