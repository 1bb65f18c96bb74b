"""Every shape has data that passes and data that fails, and says exactly what is wrong where.

    tests/shapes/<module>_PASS.ttl    no result of any severity, against the shapes of ALL modules
    tests/shapes/<module>_FAIL.ttl    exactly the results listed in <module>_FAIL.csv (CURIEs),
                                      against the shapes of the module itself

No inference; the ontology stands with the data, as in a build.
"""

import csv
from functools import cache
from pathlib import Path

import pytest
from pyshacl import validate
from rdflib import RDF, SH, Graph, Namespace, URIRef
from rdflib.term import Node

ROOT = Path(__file__).resolve().parent.parent
CASES = ROOT / "tests" / "shapes"
MODULES = sorted(path.stem for path in (ROOT / "shapes").glob("*.ttl"))
SUBJECTS = [module for module in MODULES if module != "ontology"]

VIT = "https://w3id.org/vitaal/def#"
VSH = "https://w3id.org/vitaal/def/shapes#"
OWL = Namespace("http://www.w3.org/2002/07/owl#")
PREFIXES = {
    "id": "https://w3id.org/vitaal/id/",
    "vsh": VSH,
    "vit": VIT,
    "sh": str(SH),
    "def": "https://w3id.org/vitaal/def/",
}
LANGUAGES = {"nl", "en"}

Row = tuple[str, str, str]


@cache
def shapes_of(module: str) -> Graph:
    return Graph().parse(ROOT / "shapes" / f"{module}.ttl")


@cache
def reusable() -> Graph:
    """The property shapes of core, which target nothing until a module uses them."""
    core, out = shapes_of("core"), Graph()
    for shape in core.subjects(RDF.type, SH.PropertyShape):
        out += core.cbd(shape)
    return out


@cache
def all_shapes() -> Graph:
    out = Graph()
    for module in SUBJECTS:
        out += shapes_of(module)
    return out


@cache
def ontology() -> Graph:
    out = Graph()
    for path in sorted((ROOT / "ontology").glob("*.ttl")):
        out.parse(path)
    return out


def short(node: Node | None) -> str:
    text = str(node)
    for prefix, base in sorted(PREFIXES.items(), key=lambda pair: -len(pair[1])):
        if text.startswith(base):
            return f"{prefix}:{text[len(base) :]}"
    return text


def results(data: Graph, shapes: Graph) -> set[Row]:
    """(focus, severity, shape) of every result, as CURIEs."""
    _, report, text = validate(data, shacl_graph=shapes, inference="none", inplace=True)
    assert isinstance(report, Graph), text
    return {
        (
            short(report.value(result, SH.focusNode)),
            short(report.value(result, SH.resultSeverity)),
            short(report.value(result, SH.sourceShape)),
        )
        for result in report.subjects(RDF.type, SH.ValidationResult)
    }


def expected(module: str) -> list[Row]:
    with (CASES / f"{module}_FAIL.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["focus", "severity", "shape"]
    return [(row[0], row[1], row[2]) for row in rows[1:]]


def with_ontology(file: Path, module: str) -> Graph:
    data = Graph()
    if module != "ontology":  # its cases are small vocabularies of their own
        data += ontology()
    return data.parse(file)


def reporting(shapes: Graph) -> set[URIRef]:
    """The shapes that a result can name: those with a constraint, so with a message."""
    kinds = {SH.NodeShape, SH.PropertyShape}
    named = {s for s in shapes.subjects(SH.message, None) if shapes.value(s, RDF.type) in kinds}
    named |= set(shapes.subjects(SH.sparql, None))
    return {shape for shape in named if isinstance(shape, URIRef)}


@pytest.mark.parametrize("module", MODULES)
def test_data_that_fails_gives_exactly_these_results(module: str) -> None:
    shapes = shapes_of(module) + reusable()
    found = results(with_ontology(CASES / f"{module}_FAIL.ttl", module), shapes)
    assert sorted(found) == sorted(set(expected(module)))


@pytest.mark.parametrize("module", MODULES)
def test_data_that_passes_gives_no_result(module: str) -> None:
    shapes = shapes_of("ontology") if module == "ontology" else all_shapes()
    assert sorted(results(with_ontology(CASES / f"{module}_PASS.ttl", module), shapes)) == []


@pytest.mark.parametrize("module", MODULES)
def test_every_shape_fires_in_a_case(module: str) -> None:
    fired = {shape for _, _, shape in expected(module)}
    assert sorted(short(s) for s in reporting(shapes_of(module)) if short(s) not in fired) == []


@pytest.mark.parametrize("module", MODULES)
def test_the_expectations_are_sorted_and_unique(module: str) -> None:
    rows = expected(module)
    assert rows == sorted(set(rows))


@pytest.mark.parametrize("module", MODULES)
def test_every_shape_speaks_dutch_and_english(module: str) -> None:
    shapes = shapes_of(module)
    speakers = reporting(shapes) | set(shapes.subjects(RDF.type, SH.SPARQLConstraint))
    speakers -= {s for s in shapes.subjects(SH.sparql, None) if not shapes.value(s, SH.message)}
    missing = {
        short(shape): sorted(LANGUAGES - {m.language for m in shapes.objects(shape, SH.message)})
        for shape in speakers
    }
    assert {shape: tags for shape, tags in missing.items() if tags} == {}


@pytest.mark.parametrize("module", MODULES)
def test_every_shape_has_a_name_and_states_its_severity(module: str) -> None:
    shapes = shapes_of(module)
    properties = set(shapes.objects(None, SH.property))
    assert [p for p in properties if not isinstance(p, URIRef)] == []
    assert [short(s) for s in shapes.subjects(RDF.type, SH.NodeShape) if VSH not in str(s)] == []
    stating = {s for s in reporting(shapes) if shapes.value(s, SH.message)}
    assert sorted(short(s) for s in stating if not shapes.value(s, SH.severity)) == []


def test_every_property_shape_is_used() -> None:
    for module in MODULES:
        shapes = shapes_of(module) + (all_shapes() if module == "core" else Graph())
        used = set(shapes.objects(None, SH.property))
        declared = set(shapes.subjects(RDF.type, SH.PropertyShape))
        assert sorted(short(s) for s in declared - used) == []


def test_shapes_that_are_used_exist() -> None:
    declared = set(all_shapes().subjects(RDF.type, SH.PropertyShape))
    declared |= set(shapes_of("ontology").subjects(RDF.type, SH.PropertyShape))
    used = {p for module in MODULES for p in shapes_of(module).objects(None, SH.property)}
    assert sorted(short(p) for p in used - declared) == []


def test_no_shape_is_declared_by_two_modules() -> None:
    homes: dict[str, list[str]] = {}
    for module in MODULES:
        for kind in (SH.NodeShape, SH.PropertyShape):
            for shape in shapes_of(module).subjects(RDF.type, kind):
                homes.setdefault(short(shape), []).append(module)
    assert {shape: where for shape, where in homes.items() if len(where) > 1} == {}


def test_every_ontology_module_has_shapes_and_every_case_a_module() -> None:
    modules = {path.stem for path in (ROOT / "ontology").glob("*.ttl")} - {"vitaal"}
    assert modules | {"ontology"} == set(MODULES)
    cases = {path.name for path in CASES.iterdir()}
    kinds = ("PASS.ttl", "FAIL.ttl", "FAIL.csv")
    assert cases == {f"{module}_{kind}" for module in MODULES for kind in kinds}


def test_the_ontology_itself_passes_its_quality_shapes() -> None:
    own = Graph()
    own += ontology()
    # Terms of other vocabularies are declared for OWL's sake, and described by their own makers.
    for kind in (OWL.Class, OWL.AnnotationProperty, OWL.ObjectProperty, OWL.DatatypeProperty):
        for term in list(own.subjects(RDF.type, kind)):
            if not str(term).startswith(VIT):
                own.remove((term, RDF.type, kind))
    assert sorted(results(own, shapes_of("ontology"))) == []
