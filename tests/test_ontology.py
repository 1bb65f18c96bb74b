"""The vocabulary as a whole: its modules, its names, and that nobody uses a term that is not there.

Quality of the single terms (labels, definitions, sources) is checked by shapes/ontology.ttl, and
the OWL 2 RL profile by test_owl2rl_profile.py.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from rdflib import OWL, RDF, RDFS, SKOS, XSD, Graph, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

import kg
from kg.names import VIT

ROOT = Path(__file__).resolve().parent.parent
DEF = "https://w3id.org/vitaal/def"
MODULES = sorted(path.stem for path in (ROOT / "ontology").glob("*.ttl") if path.stem != "vitaal")
PROPERTY_KINDS = (OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty)

#: Where terms are used, and how a term is written there. Each pattern has one group: local name.
USES = {
    "ontology/**/*.ttl": ("curie", "iri"),
    "shapes/**/*.ttl": ("curie", "iri"),
    "data/**/*.*": ("curie", "iri"),
    "queries/**/*.rq": ("curie", "iri"),
    "kg/**/*.py": ("curie", "iri", "call", "sum", "format"),
    "kg/findings/**/*.py": ("writer",),
    "tests/shapes/[!o]*.ttl": ("curie", "iri"),
}
PATTERNS = {
    "curie": re.compile(r"(?<![\w:/-])vit:([A-Za-z][\w-]*)"),
    "iri": re.compile(r"https://w3id\.org/vitaal/def#([A-Za-z][\w-]*)"),
    "call": re.compile(r"\bvit\(\s*[\"'](\w+)[\"']"),
    "sum": re.compile(r"\bVIT\s*\+\s*[\"'](\w+)[\"']"),
    "format": re.compile(r"\{VIT\}(\w+)"),
    "writer": re.compile(r"\.(?:link|value)\(\s*[\"'](\w+)[\"']"),
}


@cache
def module(name: str) -> Graph:
    return Graph().parse(ROOT / "ontology" / f"{name}.ttl")


@cache
def ontology() -> Graph:
    out = Graph()
    for name in MODULES:
        out += module(name)
    return out


def own_terms(graph: Graph) -> set[Node]:
    kinds = (OWL.Class, *PROPERTY_KINDS, OWL.NamedIndividual)
    return {s for k in kinds for s in graph.subjects(RDF.type, k) if str(s).startswith(VIT)}


@cache
def declared() -> frozenset[str]:
    return frozenset(str(term).removeprefix(VIT) for term in own_terms(ontology()))


def names_used(text: str, kinds: tuple[str, ...]) -> Iterator[str]:
    """Local names of our vocabulary that stand in a text."""
    for kind in kinds:
        yield from (match[1] for match in PATTERNS[kind].finditer(text))


# -- modules ---------------------------------------------------------------------------------------


def test_the_root_imports_every_module_and_says_nothing_else() -> None:
    root = Graph().parse(ROOT / "ontology" / "vitaal.ttl")
    here = URIRef(DEF)
    imports = {URIRef(f"{DEF}/{name}") for name in MODULES}
    assert set(root.objects(here, OWL.imports)) == imports
    assert str(root.value(here, OWL.versionInfo)) == kg.__version__
    assert (here, RDF.type, OWL.Ontology) in root
    assert len(root) == len(imports) + 2


@pytest.mark.parametrize("name", MODULES)
def test_a_module_declares_itself_and_its_terms_point_to_it(name: str) -> None:
    graph, here = module(name), URIRef(f"{DEF}/{name}")
    assert list(graph.subjects(RDF.type, OWL.Ontology)) == [here]
    elsewhere = {t for t in own_terms(graph) if list(graph.objects(t, RDFS.isDefinedBy)) != [here]}
    assert elsewhere == set()


@pytest.mark.parametrize("name", MODULES)
def test_a_file_says_in_its_first_line_what_it_is_for(name: str) -> None:
    first = (ROOT / "ontology" / f"{name}.ttl").read_text(encoding="utf-8").split("\n", 1)[0]
    assert re.fullmatch(r"# \S.{15,}\.", first)


def test_no_term_is_declared_by_two_modules() -> None:
    homes: dict[Node, list[str]] = defaultdict(list)
    for name in MODULES:
        for term in own_terms(module(name)):
            homes[term].append(name)
    assert {term: where for term, where in homes.items() if len(where) > 1} == {}


# -- names that tables lean on ---------------------------------------------------------------------


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("kinds", [PROPERTY_KINDS, (OWL.Class,)], ids=["properties", "classes"])
def test_labels_are_unique(language: str, kinds: tuple[URIRef, ...]) -> None:
    """A column header, or the name of a sheet, means one thing."""
    found: dict[str, set[str]] = defaultdict(set)
    for term in {s for kind in kinds for s in ontology().subjects(RDF.type, kind)}:
        for label in ontology().objects(term, SKOS.prefLabel):
            if label.language == language:
                found[str(label).casefold()].add(str(term))
    assert {label: terms for label, terms in found.items() if len(terms) > 1} == {}


def test_a_label_of_one_property_is_never_the_name_of_another() -> None:
    graph = ontology()
    properties = {s for kind in PROPERTY_KINDS for s in graph.subjects(RDF.type, kind)}
    names = {str(p).removeprefix(VIT).casefold(): p for p in properties}
    clashes = {
        (str(label), str(names[str(label).casefold()]))
        for p in properties
        for label in graph.objects(p, SKOS.prefLabel)
        if names.get(str(label).casefold(), p) != p
    }
    assert clashes == set()


def test_coded_values_of_a_class_can_be_told_apart() -> None:
    graph = ontology()
    coded = set(graph.transitive_subjects(RDFS.subClassOf, URIRef(VIT + "CodedValue")))
    for kind in coded:
        keys: dict[str, set[Node]] = defaultdict(set)
        for value in graph.subjects(RDF.type, kind):
            keys[str(value).removeprefix(VIT).casefold()].add(value)
            for predicate in (SKOS.notation, SKOS.prefLabel):
                for text in graph.objects(value, predicate):
                    keys[str(text).casefold()].add(value)
        assert {key: values for key, values in keys.items() if len(values) > 1} == {}, kind


def test_coded_values_of_a_class_are_declared_different() -> None:
    """Or two values of a functional property would be taken for one, and no error seen."""
    graph = ontology()
    different = [
        set(Collection(graph, members))
        for node in graph.subjects(RDF.type, OWL.AllDifferent)
        for members in graph.objects(node, OWL.distinctMembers)
    ]
    coded = set(graph.transitive_subjects(RDFS.subClassOf, URIRef(VIT + "CodedValue")))
    for kind in coded:
        values = set(graph.subjects(RDF.type, kind))
        assert len(values) < 2 or any(values <= members for members in different), kind


def test_what_owl_has_no_range_for_says_its_datatype() -> None:
    graph, column = ontology(), URIRef(VIT + "columnDatatype")
    kinds = set(graph.objects(None, column))
    wkt = URIRef("http://www.opengis.net/ont/geosparql#wktLiteral")
    assert {XSD.duration, XSD.date} <= kinds <= {XSD.duration, XSD.date, XSD.gYear, wkt}


# -- meaning that everything else leans on ---------------------------------------------------------


def test_depends_on_is_direct_only() -> None:
    depends = URIRef(VIT + "dependsOn")
    assert (depends, RDF.type, OWL.TransitiveProperty) not in ontology()
    chains = [
        [str(p).removeprefix(VIT) for p in Collection(ontology(), head)]
        for head in ontology().objects(depends, OWL.propertyChainAxiom)
    ]
    assert chains == [["hasRequirement", "fulfilledBy"]]


def test_a_critical_entity_is_an_essential_one_and_never_the_other_way_round() -> None:
    critical, essential = URIRef(VIT + "CriticalEntity"), URIRef(VIT + "EssentialEntity")
    assert critical in ontology().transitive_subjects(RDFS.subClassOf, essential)
    assert essential not in ontology().transitive_subjects(RDFS.subClassOf, critical)


def test_the_kinds_of_unit_exclude_each_other() -> None:
    names = ("Process", "Service", "Asset", "Supply", "Organisation")
    kinds = {URIRef(VIT + name) for name in names}
    groups = [
        set(Collection(ontology(), head))
        for node in ontology().subjects(RDF.type, OWL.AllDisjointClasses)
        for head in ontology().objects(node, OWL.members)
    ]
    assert kinds in groups


# -- nobody uses a term that no module declares ----------------------------------------------------


@pytest.mark.parametrize("pattern", USES)
def test_every_term_that_is_used_is_declared(pattern: str) -> None:
    unknown = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in sorted(ROOT.glob(pattern))
        if path.is_file()
        for name in names_used(path.read_text(encoding="utf-8", errors="replace"), USES[pattern])
        if name not in declared()
    }
    assert sorted(unknown) == []


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("?r a vit:Requirment .", "curie"),
        ("SELECT ?r {?r vit:Requirment ?x}", "curie"),
        ("<https://w3id.org/vitaal/def#Requirment>", "iri"),
        ('TYPE = vit("Requirment")', "call"),
        ('TYPE = VIT + "Requirment"', "sum"),
        ('f"<{VIT}Requirment>"', "format"),
        ('effect.link("Requirment", iri)', "writer"),
    ],
)
def test_a_planted_typo_is_caught(text: str, kind: str) -> None:
    assert list(names_used(text, (kind,))) == ["Requirment"]
    assert "Requirment" not in declared()
    assert any(kind in kinds for kinds in USES.values())


@pytest.mark.parametrize("text", ["id:vit:x", "activit:Name", "https://w3id.org/vitaal/id/x"])
def test_what_only_looks_like_a_term_is_left_alone(text: str) -> None:
    assert list(names_used(text, tuple(PATTERNS))) == []
