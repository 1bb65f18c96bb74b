"""The schema says of the ontology what the tables need to know."""

import dataclasses
import time
from pathlib import Path

import pytest

from kg.errors import KgError
from kg.names import VIT, XSD
from kg.resources import folder
from kg.schema import Schema, fold
from kg.sources.cells import LEXICAL, TEXT_TYPES

SMALL = """
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix vit: <https://w3id.org/vitaal/def#> .
vit:CodedValue a owl:Class .
vit:Unit a owl:Class ; skos:prefLabel "eenheid"@nl, "unit"@en .
vit:Process a owl:Class ; rdfs:subClassOf vit:Unit .
vit:Vital a owl:Class ; rdfs:subClassOf vit:Process ; skos:prefLabel "vitaal"@nl .
vit:Other a owl:Class .
vit:Kind a owl:Class ; rdfs:subClassOf vit:CodedValue .
vit:SubKind a owl:Class ; rdfs:subClassOf vit:Kind .
vit:red a vit:Kind ; skos:notation "R" ; skos:prefLabel "Rood"@nl, "red"@en .
vit:darkRed a vit:SubKind .
vit:kind a owl:ObjectProperty ; rdfs:range vit:Kind .
vit:partOf a owl:ObjectProperty ; rdfs:domain vit:Unit ; rdfs:range vit:Unit .
vit:subProcessOf a owl:ObjectProperty ; rdfs:subPropertyOf vit:partOf ; rdfs:domain vit:Vital .
vit:hasPart a owl:ObjectProperty ; owl:inverseOf vit:partOf .
vit:either a owl:DatatypeProperty, owl:FunctionalProperty ; vit:columnDatatype xsd:duration ;
  rdfs:domain [ owl:unionOf ( vit:Vital vit:Other ) ] .
vit:shared a owl:ObjectProperty ; vit:columnRange vit:Other .
vit:free a owl:DatatypeProperty .
"""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Schema:
    path = tmp_path_factory.mktemp("ontology")
    (path / "small.ttl").write_text(SMALL, encoding="utf-8")
    return Schema.load(path)


def test_subclasses_are_transitive_and_reflexive(small: Schema) -> None:
    assert small.is_subclass(VIT + "Vital", VIT + "Unit")
    assert small.is_subclass(VIT + "Vital", VIT + "Vital")
    assert not small.is_subclass(VIT + "Unit", VIT + "Vital")
    assert small.classes[VIT + "Vital"].superclasses == {VIT + "Process", VIT + "Unit"}


def test_labels_fall_back_on_the_local_name(small: Schema) -> None:
    assert small.classes[VIT + "Unit"].label_nl == "eenheid"
    assert small.classes[VIT + "Vital"].label_en == "Vital"


def test_coded_values_by_name_notation_and_label(small: Schema) -> None:
    codes = small.coded[VIT + "Kind"]
    assert {codes[fold(name)] for name in ("red", "r", "ROOD")} == {VIT + "red"}
    assert codes["darkred"] == VIT + "darkRed"
    assert "rood" not in small.coded[VIT + "SubKind"]


def test_ranges_domains_and_datatypes(small: Schema) -> None:
    properties = small.properties
    assert properties[VIT + "subProcessOf"].range == VIT + "Unit"
    assert properties[VIT + "shared"].range == VIT + "Other"
    assert properties[VIT + "hasPart"].range == VIT + "Unit"
    assert properties[VIT + "either"].datatype == XSD + "duration"
    assert properties[VIT + "either"].functional
    assert not properties[VIT + "free"].functional
    assert properties[VIT + "free"].datatype is None


@pytest.mark.parametrize(
    ("name", "of_class", "admitted"),
    [
        ("partOf", "Vital", True),
        ("partOf", "Other", False),
        ("subProcessOf", "Process", False),
        ("hasPart", "Process", True),
        ("hasPart", "Other", False),
        ("either", "Other", True),
        ("either", "Unit", False),
        ("free", "Other", True),
    ],
)
def test_domains_admit(small: Schema, name: str, of_class: str, admitted: bool) -> None:
    assert small.admits(VIT + name, VIT + of_class) is admitted
    locals_ = [info.local for info in small.properties_of(VIT + of_class)]
    assert (name in locals_) is admitted


def test_names_find_classes_and_properties(small: Schema) -> None:
    assert [info.local for info in small.classes_named("EENHEID")] == ["Unit"]
    assert [info.local for info in small.properties_named("hasPart")] == ["hasPart"]
    assert small.classes_named("nothing") == ()


def test_it_cannot_be_changed(small: Schema) -> None:
    with pytest.raises(TypeError):
        small.classes["x"] = small.classes[VIT + "Unit"]  # type: ignore[index]
    with pytest.raises(dataclasses.FrozenInstanceError):
        small.terms = frozenset()  # type: ignore[misc]


def test_a_module_that_does_not_parse_is_named(tmp_path: Path) -> None:
    (tmp_path / "broken.ttl").write_text("<a> <b> ;;", encoding="utf-8")
    with pytest.raises(KgError, match=r"broken\.ttl"):
        Schema.load(tmp_path)


@pytest.fixture(scope="module")
def real() -> Schema:
    """The shipped ontology: what the intake relies on must hold there."""
    return Schema.load(folder("ontology"))


def test_every_datatype_can_be_read(real: Schema) -> None:
    unknown = {
        info.local: info.datatype
        for info in real.properties.values()
        if info.kind == "data" and info.datatype not in TEXT_TYPES and info.datatype not in LEXICAL
    }
    assert unknown == {}


def test_no_table_has_two_properties_of_the_same_name(real: Schema) -> None:
    for of_class in real.classes.values():
        labels = [fold(info.label_nl) for info in real.properties_of(of_class.iri)]
        locals_ = {fold(info.local) for info in real.properties_of(of_class.iri)}
        double = {one for one in labels if labels.count(one) > 1 and one not in locals_}
        assert double == set(), of_class.local


def test_classes_of_the_design_are_there(real: Schema) -> None:
    for name in ("Requirement", "Service", "Organisation", "Source", "Marking"):
        assert VIT + name in real.classes
    assert real.is_subclass(VIT + "CriticalEntity", VIT + "EssentialEntity")
    assert real.coded[VIT + "Grade"]["b"] == VIT + "gradeB"


def test_it_loads_in_a_moment(real: Schema) -> None:
    started = time.process_time()
    Schema.load(folder("ontology"))
    # Some 20 ms; the bound only catches an accident such as parsing with rdflib.
    assert time.process_time() - started < 1.0
