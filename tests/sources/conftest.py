"""A small ontology, reference data and a way to write data folders, for all tests of the intake."""

import socket
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NoReturn

import pytest

from kg.errors import Problem
from kg.schema import Schema
from kg.sources import Reading, Staged, stage

ONTOLOGY = """
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix geo: <http://www.opengis.net/ont/geosparql#> .
@prefix vit: <https://w3id.org/vitaal/def#> .

vit:CodedValue a owl:Class ; rdfs:subClassOf skos:Concept .
vit:FunctionalUnit a owl:Class ; skos:prefLabel "functionele eenheid"@nl, "functional unit"@en .
vit:Service a owl:Class ; rdfs:subClassOf vit:FunctionalUnit ;
  skos:prefLabel "dienst"@nl, "service"@en .
vit:Organisation a owl:Class ; rdfs:subClassOf vit:FunctionalUnit ;
  skos:prefLabel "organisatie"@nl, "organisation"@en .
vit:EssentialEntity a owl:Class ; rdfs:subClassOf vit:Organisation ;
  skos:prefLabel "essentiële entiteit"@nl, "essential entity"@en .
vit:Sector a owl:Class ; rdfs:subClassOf skos:Concept ; skos:prefLabel "sector"@nl, "sector"@en .
vit:Source a owl:Class ; skos:prefLabel "bron"@nl, "source"@en .
vit:Marking a owl:Class ; skos:prefLabel "markering"@nl, "marking"@en .
vit:Compartment a owl:Class ; skos:prefLabel "compartiment"@nl, "compartment"@en .
vit:compartment a owl:ObjectProperty ; rdfs:range vit:Compartment ;
  skos:prefLabel "blijft binnen"@nl, "stays within"@en .
vit:Requirement a owl:Class ; skos:prefLabel "eis"@nl, "requirement"@en .
vit:Outage a owl:Class ; skos:prefLabel "uitval"@nl, "outage"@en .
vit:Finding a owl:Class ; skos:prefLabel "bevinding"@nl, "finding"@en .
vit:Cascade a owl:Class ; rdfs:subClassOf vit:Finding ;
  skos:prefLabel "cascade"@nl, "cascade"@en .
vit:Place a owl:Class ; skos:prefLabel "plaats"@nl, "place"@en .
vit:Effect a owl:Class ; rdfs:subClassOf vit:CodedValue ;
  skos:prefLabel "gevolg"@nl, "effect"@en .
vit:Grade a owl:Class ; rdfs:subClassOf vit:CodedValue ; skos:prefLabel "gradatie"@nl, "grade"@en .
vit:fails a vit:Effect ; skos:prefLabel "valt uit"@nl, "fails"@en .
vit:degrades a vit:Effect ; skos:prefLabel "verslechtert"@nl, "degrades"@en .
vit:gradeA a vit:Grade ; skos:notation "A" ; skos:prefLabel "gelezen"@nl, "read"@en .
vit:gradeB a vit:Grade ; skos:notation "B" ;
  skos:prefLabel "uit de tweede hand"@nl, "second hand"@en .

vit:inSector a owl:ObjectProperty, owl:FunctionalProperty ; rdfs:domain vit:FunctionalUnit ;
  rdfs:range vit:Sector ; skos:prefLabel "in sector"@nl, "in sector"@en .
vit:operatedBy a owl:ObjectProperty ; rdfs:domain vit:FunctionalUnit ;
  rdfs:range vit:Organisation ; skos:prefLabel "beheerd door"@nl, "operated by"@en .
vit:restartLag a owl:DatatypeProperty, owl:FunctionalProperty ; rdfs:domain vit:FunctionalUnit ;
  vit:columnDatatype xsd:duration ; skos:prefLabel "hersteltijd"@nl, "restart lag"@en .
vit:requiredBy a owl:ObjectProperty, owl:FunctionalProperty ; rdfs:domain vit:Requirement ;
  rdfs:range vit:FunctionalUnit ; skos:prefLabel "nodig voor"@nl, "required by"@en .
vit:hasRequirement a owl:ObjectProperty ; owl:inverseOf vit:requiredBy ;
  skos:prefLabel "heeft nodig"@nl, "has requirement"@en .
vit:fulfilledBy a owl:ObjectProperty ; rdfs:domain vit:Requirement ;
  rdfs:range vit:FunctionalUnit ; skos:prefLabel "geleverd door"@nl, "fulfilled by"@en .
vit:minimumFulfilled a owl:DatatypeProperty, owl:FunctionalProperty ; rdfs:range xsd:integer ;
  rdfs:domain vit:Requirement ; skos:prefLabel "minimum"@nl, "minimum fulfilled"@en .
vit:buffer a owl:DatatypeProperty, owl:FunctionalProperty ; rdfs:domain vit:Requirement ;
  vit:columnDatatype xsd:duration ; skos:prefLabel "buffer"@nl, "buffer"@en .
vit:bufferLow a owl:DatatypeProperty, owl:FunctionalProperty ; rdfs:domain vit:Requirement ;
  vit:columnDatatype xsd:duration ; skos:prefLabel "buffer laag"@nl, "buffer low"@en .
vit:bufferHigh a owl:DatatypeProperty, owl:FunctionalProperty ; rdfs:domain vit:Requirement ;
  vit:columnDatatype xsd:duration ; skos:prefLabel "buffer hoog"@nl, "buffer high"@en .
vit:needsFull a owl:DatatypeProperty, owl:FunctionalProperty ; rdfs:domain vit:Requirement ;
  rdfs:range xsd:boolean ; skos:prefLabel "volledig nodig"@nl, "needs full"@en .
vit:effect a owl:ObjectProperty, owl:FunctionalProperty ; rdfs:domain vit:Requirement ;
  rdfs:range vit:Effect ; skos:prefLabel "gevolg"@nl, "effect"@en .
vit:resource a owl:DatatypeProperty ; rdfs:domain vit:Requirement ; rdfs:range xsd:string ;
  skos:prefLabel "middel"@nl, "resource"@en .
vit:lei a owl:DatatypeProperty, owl:FunctionalProperty ; rdfs:domain vit:Organisation ;
  rdfs:range xsd:string ; skos:prefLabel "LEI"@nl, "LEI"@en .
vit:share a owl:DatatypeProperty, owl:FunctionalProperty ; rdfs:range xsd:decimal ;
  skos:prefLabel "aandeel"@nl, "share"@en .
vit:validFrom a owl:DatatypeProperty, owl:FunctionalProperty ; vit:columnDatatype xsd:date ;
  skos:prefLabel "geldig vanaf"@nl, "valid from"@en .
vit:validUntil a owl:DatatypeProperty, owl:FunctionalProperty ; vit:columnDatatype xsd:date ;
  skos:prefLabel "geldig tot"@nl, "valid until"@en .
vit:occurredAt a owl:DatatypeProperty ; rdfs:range xsd:dateTime ;
  skos:prefLabel "tijdstip"@nl, "occurred at"@en .
vit:startsAfter a owl:DatatypeProperty, owl:FunctionalProperty ; rdfs:domain vit:Outage ;
  vit:columnDatatype xsd:duration ; skos:prefLabel "begint na"@nl, "starts after"@en .
vit:endsAfter a owl:DatatypeProperty, owl:FunctionalProperty ; rdfs:domain vit:Outage ;
  vit:columnDatatype xsd:duration ; skos:prefLabel "eindigt na"@nl, "ends after"@en .
vit:asWKT a owl:DatatypeProperty ; rdfs:domain vit:Place ; vit:columnDatatype geo:wktLiteral ;
  skos:prefLabel "WKT"@nl, "WKT"@en .
vit:url a owl:DatatypeProperty ; rdfs:range xsd:anyURI ; skos:prefLabel "webadres"@nl, "url"@en .
vit:grade a owl:ObjectProperty, owl:FunctionalProperty ; rdfs:domain vit:Source ;
  rdfs:range vit:Grade ; skos:prefLabel "gradatie"@nl, "grade"@en .
vit:marking a owl:ObjectProperty ; rdfs:range vit:Marking ;
  skos:prefLabel "markering"@nl, "marking"@en .
vit:rank a owl:DatatypeProperty, owl:FunctionalProperty ; rdfs:domain vit:Marking ;
  rdfs:range xsd:integer ; skos:prefLabel "rang"@nl, "rank"@en .
vit:partOf a owl:ObjectProperty ; skos:prefLabel "deel van"@nl, "part of"@en ;
  rdfs:domain [ a owl:Class ; owl:unionOf ( vit:Service vit:Place ) ] .
"""

REFERENCE = {
    "Source.csv": "id,title,publisher,date,url,grade,marking\n"
    "basis,Basis,Rijk,2026-01-01,https://example.org/basis,A,openbaar\n",
    "Marking.csv": "id,label,rank,source\n"
    "openbaar,Openbaar,0,basis\ndep-v,Departementaal vertrouwelijk,10,basis\n"
    "stg-c,Stg. Confidentieel,20,basis\n",
    "Sector.csv": "id,label,source\n"
    "energie,Energie,basis\ntelecom,Telecom,basis\nspoor,Spoor,basis\n",
}

SOURCES = (
    "id,title,publisher,date,url,grade,marking\n"
    "s1,Interview,Ministerie,2026-01-15,,B,openbaar\n"
    "s2,Vertrouwelijk gesprek,Ministerie,2026-02-15,,B,dep-v\n"
)

Read = Callable[..., Staged]


@pytest.fixture(scope="session")
def schema(tmp_path_factory: pytest.TempPathFactory) -> Schema:
    """The small ontology."""
    folder = tmp_path_factory.mktemp("ontology")
    (folder / "small.ttl").write_text(ONTOLOGY, encoding="utf-8")
    return Schema.load(folder)


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any connection is an error, whatever the test reads."""

    def refuse(*_: object, **__: object) -> NoReturn:
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def write(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """A folder with these files."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


@pytest.fixture
def read(tmp_path: Path, schema: Schema) -> Read:
    """Stages reference data and a folder ``data`` with these files (and ``Source.csv``)."""

    def read(
        files: Mapping[str, str | bytes], *, skip_invalid: bool = False, sources: str = SOURCES
    ) -> Staged:
        reference = write(tmp_path / "reference", REFERENCE)
        folder = write(tmp_path / "data", {"Source.csv": sources, **files})
        return stage([reference, folder], schema, skip_invalid=skip_invalid)

    return read


@pytest.fixture
def reading(tmp_path: Path, schema: Schema) -> Callable[[Mapping[str, str]], Reading]:
    """Reads reference data and a folder ``data`` with these files, not staged yet."""

    def reading(files: Mapping[str, str]) -> Reading:
        folders = [write(tmp_path / "reference", REFERENCE), write(tmp_path / "data", files)]
        return Reading(folders, schema)

    return reading


@pytest.fixture
def places() -> Callable[[Staged], list[tuple[str, str, int, str]]]:
    """(code, file, row, column) of every problem: what the tests assert."""

    def places(staged: Staged) -> list[tuple[str, str, int, str]]:
        return [place(problem) for problem in staged.problems]

    return places


def place(problem: Problem) -> tuple[str, str, int, str]:
    """Where a problem stands, and which one it is; its sentences must both be there."""
    assert problem.nl.strip().endswith((".", ")"))
    assert problem.en.strip().endswith((".", ")"))
    code = problem.code.removeprefix("intake.")
    where = problem.location
    return code, where.file.removeprefix("data/"), where.row, where.column
