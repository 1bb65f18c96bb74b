"""The ontology is in OWL 2 RL; and the check of that finds each kind of thing that is not."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest
from rdflib import Graph

ROOT = Path(__file__).resolve().parent.parent


def _module(path: Path) -> ModuleType:
    """A module by its path: tests are no package and tools/ is not installed."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


violations = _module(Path(__file__).with_name("owl2rl_profile.py")).violations

PREFIXES = """
@prefix : <https://example.org/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
:A a owl:Class . :B a owl:Class . :C a owl:Class .
:p a owl:ObjectProperty . :q a owl:ObjectProperty . :r a owl:ObjectProperty .
:d a owl:DatatypeProperty . :n a owl:AnnotationProperty .
:i a owl:NamedIndividual .
"""


def rules(turtle: str) -> set[str]:
    return {violation.rule for violation in violations(Graph().parse(data=PREFIXES + turtle))}


def test_the_whole_ontology_is_in_the_profile() -> None:
    graph = Graph()
    for path in sorted((ROOT / "ontology").glob("*.ttl")):
        graph.parse(path)
    assert len(graph) > 5000
    assert violations(graph) == []


def some(filler: str) -> str:
    return f"[ a owl:Restriction ; owl:onProperty :p ; owl:someValuesFrom {filler} ]"


def most(number: int) -> str:
    return (
        "[ a owl:Restriction ; owl:onProperty :p ; "
        f'owl:maxCardinality "{number}"^^xsd:nonNegativeInteger ]'
    )


ONLY = "[ a owl:Restriction ; owl:onProperty :p ; owl:allValuesFrom :B ]"
VALUE = "[ a owl:Restriction ; owl:onProperty :p ; owl:hasValue :i ]"
UNION = "[ a owl:Class ; owl:unionOf ( :A :B ) ]"
BOTH = "[ a owl:Class ; owl:intersectionOf ( :A :B ) ]"
NOT = "[ a owl:Class ; owl:complementOf :B ]"
ONE_OF = "[ a owl:Class ; owl:oneOf ( :i ) ]"


@pytest.mark.parametrize(
    "turtle",
    [
        ":A rdfs:subClassOf :B .",
        f"{UNION} rdfs:subClassOf :C .",
        f"{BOTH} rdfs:subClassOf :C .",
        f"{ONE_OF} rdfs:subClassOf :C .",
        f"{some(':B')} rdfs:subClassOf :C .",
        f"{some('owl:Thing')} rdfs:subClassOf :C .",
        f":A rdfs:subClassOf {ONLY} .",
        f":A rdfs:subClassOf {NOT} .",
        f":A rdfs:subClassOf {VALUE} .",
        f":A rdfs:subClassOf {BOTH} .",
        f":A rdfs:subClassOf {most(0)} .",
        f":A rdfs:subClassOf {most(1)} .",
        f":A owl:equivalentClass {BOTH} .",
        f":A owl:equivalentClass {VALUE} .",
        ":A owl:disjointWith :B .",
        "[] a owl:AllDisjointClasses ; owl:members ( :A :B :C ) .",
        ":d rdfs:range xsd:decimal .",
        ":d a owl:FunctionalProperty .",
        ":p owl:propertyChainAxiom ( :q :r ) .",
        ":p owl:propertyChainAxiom ( :q :p ) .",
        ":p owl:propertyChainAxiom ( :p :p ) .",
        ":p owl:inverseOf :q ; a owl:AsymmetricProperty , owl:IrreflexiveProperty .",
        ":p a owl:TransitiveProperty ; rdfs:subPropertyOf :q .",
        ':A :n "1"^^xsd:integer .',
    ],
)
def test_what_the_profile_allows_is_left_alone(turtle: str) -> None:
    assert rules(turtle) == set()


@pytest.mark.parametrize(
    ("turtle", "rule"),
    [
        (":A owl:disjointUnionOf ( :B :C ) .", "construct"),
        (":p a owl:ReflexiveProperty .", "construct"),
        (
            ":A rdfs:subClassOf [ a owl:Restriction ; owl:onProperty :p ; owl:hasSelf true ] .",
            "construct",
        ),
        (
            ":A rdfs:subClassOf [ a owl:Restriction ; owl:onProperty :p ; "
            'owl:minCardinality "1"^^xsd:nonNegativeInteger ] .',
            "construct",
        ),
        (
            ":A rdfs:subClassOf [ a owl:Restriction ; owl:onProperty :p ; "
            'owl:cardinality "1"^^xsd:nonNegativeInteger ] .',
            "superclass-position",
        ),
        (":A a owl:Klasse .", "construct"),
        (":A owl:subClassOf :B .", "construct"),
        (f":A rdfs:subClassOf {some(':B')} .", "superclass-position"),
        (f":A rdfs:subClassOf {UNION} .", "superclass-position"),
        (f":A rdfs:subClassOf {ONE_OF} .", "superclass-position"),
        (f":p rdfs:domain {UNION} .", "superclass-position"),
        (f":p rdfs:range {UNION} .", "superclass-position"),
        (f":i a {some(':B')} .", "superclass-position"),
        (f"{ONLY} rdfs:subClassOf :A .", "subclass-position"),
        (f"{NOT} rdfs:subClassOf :A .", "subclass-position"),
        (f"{most(1)} rdfs:subClassOf :A .", "subclass-position"),
        (f":A owl:disjointWith {NOT} .", "subclass-position"),
        (f"[] a owl:AllDisjointClasses ; owl:members ( :A {NOT} ) .", "subclass-position"),
        (f":A owl:equivalentClass {UNION} .", "equivalent-position"),
        (f":A owl:equivalentClass {some(':B')} .", "equivalent-position"),
        (f":A owl:equivalentClass {ONLY} .", "equivalent-position"),
        (f":A rdfs:subClassOf {most(2)} .", "cardinality"),
        (":A rdfs:subClassOf owl:Thing .", "thing"),
        ("owl:Thing rdfs:subClassOf :A .", "thing"),
        (":A owl:unionOf ( :B :C ) .", "class-definition"),
        (":d rdfs:range xsd:duration .", "datatype"),
        (":d rdfs:range xsd:date .", "datatype"),
        (":d rdfs:range owl:real .", "datatype"),
        (':A :n "P1D"^^xsd:duration .', "datatype"),
        (
            ":d rdfs:range [ a rdfs:Datatype ; owl:onDatatype xsd:integer ; "
            "owl:withRestrictions ( [ xsd:minInclusive 0 ] ) ] .",
            "data-range",
        ),
        (':d rdfs:range [ a rdfs:Datatype ; owl:oneOf ( "x" ) ] .', "data-range"),
        (":p rdfs:range xsd:string .", "datatype-as-class"),
        (":d a owl:TransitiveProperty .", "data-property"),
        (":d a owl:InverseFunctionalProperty .", "data-property"),
        (":p owl:propertyChainAxiom ( :q ) .", "chain"),
        (":p owl:propertyChainAxiom ( :q :d ) .", "chain"),
        (":p owl:inverseOf :d .", "inverse"),
        (":p rdfs:subPropertyOf :d .", "subproperty"),
        (":p a owl:TransitiveProperty , owl:FunctionalProperty .", "not-simple"),
        (":p a owl:TransitiveProperty , owl:IrreflexiveProperty .", "not-simple"),
        (":p owl:propertyChainAxiom ( :q :r ) ; a owl:AsymmetricProperty .", "not-simple"),
        (
            ":p a owl:TransitiveProperty ; rdfs:subPropertyOf :q . :q a owl:FunctionalProperty .",
            "not-simple",
        ),
        (f":p a owl:TransitiveProperty . :A rdfs:subClassOf {most(1)} .", "not-simple"),
        (
            ":p owl:propertyChainAxiom ( :q :r ) . :q owl:propertyChainAxiom ( :p :r ) .",
            "irregular",
        ),
        (":p owl:propertyChainAxiom ( :q :p :r ) .", "irregular"),
        (":A :onbekend :B .", "undeclared"),
        (":A rdfs:subClassOf :Onbekend .", "undeclared"),
        (":p rdfs:domain :Onbekend .", "undeclared"),
        (":i a :Onbekend .", "undeclared"),
        (":p a owl:DatatypeProperty .", "punning"),
        (":p a owl:AnnotationProperty .", "punning"),
    ],
)
def test_what_the_profile_does_not_allow_is_found(turtle: str, rule: str) -> None:
    assert rule in rules(turtle)
