"""SHACL over staged triples: severities, messages, places in the input, leaving things out."""

import json
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.errors import KgError, Location
from kg.sources import SourceGraph, Staged
from kg.validate import Shapes, leave_out, validate
from kg.validate.shacl import origin_location

ONTOLOGY = """
@prefix vit: <https://w3id.org/vitaal/def#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
vit:Service rdfs:subClassOf vit:FunctionalUnit .
"""
SHAPES = """
@prefix vit: <https://w3id.org/vitaal/def#> .
@prefix vsh: <https://w3id.org/vitaal/def/shapes#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
vsh:Unit a sh:NodeShape ; sh:targetClass vit:FunctionalUnit ;
  sh:property vsh:UnitSource, vsh:UnitLag .
vsh:UnitSource a sh:PropertyShape ; sh:path dcterms:source ; sh:minCount 1 ;
  sh:message "Geef een bron."@nl, "Give a source."@en .
vsh:UnitLag a sh:PropertyShape ; sh:path vit:restartLag ; sh:minCount 1 ; sh:severity sh:Warning ;
  sh:message "Geef de hersteltijd."@nl, "Give the restart lag."@en .
"""
ID = "https://w3id.org/vitaal/id/"
XSD = "http://www.w3.org/2001/XMLSchema#"
VIT = "https://w3id.org/vitaal/def#"
GRAPH = "https://w3id.org/vitaal/graph/f/Service.csv"
DATA = f"""\
<{ID}a> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{VIT}Service> .
<{ID}a> <http://www.w3.org/2004/02/skos/core#prefLabel> "Net"@nl .
<{ID}a> <http://www.w3.org/ns/prov#wasDerivedFrom> <{GRAPH}#row=7> .
<{ID}b> <http://purl.org/dc/terms/source> <{ID}s1> .
<{ID}b> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{VIT}Service> .
<{ID}b> <https://w3id.org/vitaal/def#restartLag> "PT1H"^^<{XSD}duration> .
<{ID}c> <http://purl.org/dc/terms/source> <{ID}s1> .
<{ID}c> <https://w3id.org/vitaal/def#operatedBy> <{ID}a> .
<{ID}d> <https://w3id.org/vitaal/def#partOf> <{ID}c> .
""".encode()


@pytest.fixture
def shapes(tmp_path: Path) -> Shapes:
    for name, text in (("shapes", SHAPES), ("ontology", ONTOLOGY)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "core.ttl").write_text(text)
    return Shapes.load(tmp_path / "shapes", tmp_path / "ontology")


def test_results_point_at_the_row_and_say_what_to_do(shapes: Shapes) -> None:
    report = validate([DATA], shapes)
    assert not report.conforms
    assert report.counts() == {"Violation": 1, "Warning": 1, "Info": 0}
    violation, warning = report.results
    assert violation.focus == ID + "a"
    assert violation.focus_label == "Net (a)"
    assert violation.shape.endswith("#UnitSource")
    assert (violation.message_nl, violation.message_en) == ("Geef een bron.", "Give a source.")
    assert violation.location == Location("f/Service.csv", "", 7, "source")
    assert warning.severity == "Warning"
    header, rows = report.table()
    assert len(header) == len(rows[0])
    assert rows[0][0] == "fout"


def test_the_report_exists_as_json_and_as_shacl(shapes: Shapes) -> None:
    report = validate([DATA], shapes)
    found = json.loads(json.dumps(report.to_json()))
    assert found["results"][0]["row"] == 7
    graph = list(ox.parse(report.turtle.encode(), format=ox.RdfFormat.TURTLE))
    kinds = {quad.object.value for quad in graph if quad.predicate.value.endswith("#type")}
    assert "http://www.w3.org/ns/shacl#ValidationReport" in kinds
    assert report.turtle == validate([DATA], shapes).turtle


def test_a_sparql_constraint_says_it_in_both_languages(tmp_path: Path) -> None:
    # Of many messages a run would have to pick the Dutch one every time.
    own = "".join(
        f"""vsh:S{n} a sh:NodeShape ; sh:targetClass vit:Service ; sh:sparql [
  sh:select "SELECT $this WHERE {{ $this a <{VIT}Service> }}" ;
  sh:message "Regel {n}."@nl, "Rule {n}."@en ] .
"""
        for n in range(12)
    )
    for name, text in (("shapes", SHAPES + own), ("ontology", ONTOLOGY)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "core.ttl").write_text(text)
    report = validate([DATA], Shapes.load(tmp_path / "shapes", tmp_path / "ontology"))
    told = {(one.message_nl, one.message_en) for one in report.results}
    assert {(f"Regel {n}.", f"Rule {n}.") for n in range(12)} <= told
    assert not any(nl.startswith("Rule") for nl, _ in told)


def test_warnings_do_not_stop_a_build(shapes: Shapes) -> None:
    kept = b"".join(
        line for line in DATA.splitlines(True) if not line.startswith(f"<{ID}a>".encode())
    )
    report = validate([kept], shapes)
    assert report.conforms


def test_what_refers_to_a_thing_that_is_left_out_goes_too(shapes: Shapes) -> None:
    graph = SourceGraph(GRAPH, "f/Service.csv", "0", "openbaar", DATA, 4, None)
    staged = Staged((graph,), (), (), (), {"openbaar": 0})
    report = validate([DATA], shapes)
    left = leave_out(staged, [one for one in report.results if one.severity == "Violation"])
    subjects = {line.partition(b" ")[0] for line in left.graphs[0].ntriples.splitlines()}
    assert subjects == {f"<{ID}b>".encode()}
    assert left.graphs[0].subjects == 1
    assert [problem.code for problem in left.left_out].count("skip.refers") == 2
    assert any("Geef een bron." in problem.nl for problem in left.left_out)


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        (f"{GRAPH}#row=5", Location("f/Service.csv", "", 5)),
        (f"{GRAPH}~dep-v#row=5", Location("f/Service.csv", "", 5)),
        (
            "https://w3id.org/vitaal/graph/f/b.xlsx#sheet=Service&row=3",
            Location("f/b.xlsx", "Service", 3),
        ),
        (GRAPH, Location("f/Service.csv")),
    ],
)
def test_a_place_is_read_from_its_iri(origin: str, expected: Location) -> None:
    assert origin_location(origin) == expected


def test_a_broken_installation_says_which_file(tmp_path: Path) -> None:
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "core.ttl").write_text("this is not Turtle")
    with pytest.raises(KgError, match=r"core\.ttl"):
        Shapes.load(tmp_path / "s", tmp_path / "s")


def test_shapes_aimed_anew_find_the_same(tmp_path: Path) -> None:
    """Property shapes take over the targets; who is referred to, and what is off, stays."""
    (tmp_path / "shapes").mkdir()
    (tmp_path / "ontology").mkdir()
    (tmp_path / "ontology" / "core.ttl").write_text(ONTOLOGY)
    (tmp_path / "shapes" / "core.ttl").write_text(
        SHAPES
        + """
vsh:Also a sh:NodeShape ; sh:targetSubjectsOf vit:operatedBy ; sh:property vsh:UnitLag ;
  sh:node vsh:Referred .
vsh:Referred a sh:NodeShape ; sh:property vsh:Part .
vsh:Part a sh:PropertyShape ; sh:path vit:partOf ; sh:minCount 1 .
vsh:Off a sh:NodeShape ; sh:targetClass vit:FunctionalUnit ; sh:deactivated true ;
  sh:property vsh:Label .
vsh:Label a sh:PropertyShape ; sh:path rdfs:label ; sh:minCount 1 .
""".replace("rdfs:label", "<http://www.w3.org/2000/01/rdf-schema#label>")
    )
    report = validate([DATA], Shapes.load(tmp_path / "shapes", tmp_path / "ontology"))
    assert sorted(
        (one.focus[-1], one.shape.partition("#")[2], one.severity) for one in report.results
    ) == [
        ("a", "UnitLag", "Warning"),
        ("a", "UnitSource", "Violation"),
        ("c", "Also", "Violation"),
        ("c", "Part", "Violation"),  # pySHACL also tells why the shape referred to fails
        ("c", "UnitLag", "Warning"),
    ]


def test_a_shape_with_a_target_keeps_what_others_ask_through_it(tmp_path: Path) -> None:
    shapes = """
@prefix vit: <https://w3id.org/vitaal/def#> .
@prefix vsh: <https://w3id.org/vitaal/def/shapes#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
vsh:Held a sh:NodeShape ; sh:targetClass vit:Sector ; sh:property vsh:HeldLag .
vsh:HeldLag a sh:PropertyShape ; sh:path vit:restartLag ; sh:minCount 1 .
vsh:Holds a sh:NodeShape ; sh:targetClass vit:Service ; sh:property vsh:HoldsIt .
vsh:HoldsIt a sh:PropertyShape ; sh:path vit:inSector ; sh:node vsh:Held .
"""
    for name, text in (("shapes", shapes), ("ontology", ONTOLOGY)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "core.ttl").write_text(text)
    link = f"<{ID}a> <{VIT}inSector> <{ID}c> .\n".encode()  # which is no Sector, and has no lag
    report = validate([DATA + link], Shapes.load(tmp_path / "shapes", tmp_path / "ontology"))
    assert (ID + "a", "HoldsIt") in {
        (one.focus, one.shape.rpartition("#")[2]) for one in report.results
    }
