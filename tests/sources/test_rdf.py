"""RDF files: every format says the same, and every statement is held against the ontology."""

import re
from collections.abc import Callable

import pyoxigraph as ox
import pytest

from kg.names import GRAPH, ID, PROV, VIT
from kg.sources import SourceGraph, Staged

Read = Callable[..., Staged]
Places = Callable[[Staged], list[tuple[str, str, int, str]]]

PREFIXES = """@prefix vit: <https://w3id.org/vitaal/def#> .
@prefix id: <https://w3id.org/vitaal/id/> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix prov: <http://www.w3.org/ns/prov#> .
"""

TURTLE = (
    PREFIXES
    + """
id:grid a vit:Service ;
    skos:prefLabel "Net"@nl ;
    vit:inSector id:energie ;
    vit:restartLag "PT2H"^^xsd:duration ;
    dcterms:source id:s1 .

<rail> a vit:Service ; dcterms:source id:s1 .

id:r1 a vit:Requirement ;
    vit:requiredBy id:rail ;
    vit:fulfilledBy id:grid ;
    vit:minimumFulfilled 1 ;
    vit:needsFull true ;
    vit:effect vit:fails ;
    dcterms:source id:s1 .
"""
)
FIRST = PREFIXES.count("\n") + 1


def graph(staged: Staged, name: str) -> SourceGraph:
    """The graph of this file of ``data/``."""
    return next(one for one in staged.graphs if one.iri == f"{GRAPH}data/{name}")


def content(staged: Staged, name: str) -> set[str]:
    """Its triples without provenance."""
    lines = graph(staged, name).ntriples.decode().splitlines()
    return {line for line in lines if "wasDerivedFrom" not in line}


def in_format(kind: str) -> bytes:
    """The same facts in another format."""
    formats = {
        "nt": ox.RdfFormat.N_TRIPLES,
        "nq": ox.RdfFormat.N_QUADS,
        "trig": ox.RdfFormat.TRIG,
        "rdf": ox.RdfFormat.RDF_XML,
        "jsonld": ox.RdfFormat.JSON_LD,
        "ttl": ox.RdfFormat.TURTLE,
    }
    parsed = ox.parse(TURTLE, format=ox.RdfFormat.TURTLE, base_iri=ID)
    quads = [
        ox.Quad(q.subject, q.predicate, q.object, ox.NamedNode("http://example.org/g"))
        if kind in {"nq", "trig"}
        else q
        for q in parsed
    ]
    out = ox.serialize(
        quads if kind in {"nq", "trig", "jsonld"} else [q.triple for q in quads],
        format=formats[kind],
    )
    assert out is not None
    return out


@pytest.mark.parametrize("kind", ["nt", "nq", "trig", "rdf", "jsonld"])
def test_every_format_says_the_same(read: Read, kind: str) -> None:
    staged = read({"x.ttl": TURTLE})
    assert staged.problems == ()
    other = read({f"x.{kind}": in_format(kind), "x.ttl": ""})
    assert other.problems == ()
    assert content(other, f"x.{kind}") == content(staged, "x.ttl")
    assert graph(other, f"x.{kind}").subjects == 3


def test_lines_of_turtle(read: Read) -> None:
    text = graph(read({"x.ttl": TURTLE}), "x.ttl").ntriples.decode()
    rows = dict(re.findall(rf"<{ID}(\w+)> <{PROV}wasDerivedFrom> <\S+#row=(\d+)>", text))
    assert rows == {"grid": str(FIRST + 1), "rail": str(FIRST + 7), "r1": str(FIRST + 9)}


def test_lines_of_ntriples_are_exact(read: Read) -> None:
    data = in_format("nt").decode().splitlines()
    staged = read({"x.nt": "# eerst een regel\n\n" + "\n".join(data) + "\n"})
    text = graph(staged, "x.nt").ntriples.decode()
    rows = dict(re.findall(rf"(<{ID}\w+>) <{PROV}wasDerivedFrom> <\S+#row=(\d+)>", text))
    expected = {
        subject: next(n for n, line in enumerate(data, 3) if line.startswith(subject))
        for subject in (f"<{ID}grid>", f"<{ID}rail>", f"<{ID}r1>")
    }
    assert {subject: int(row) for subject, row in rows.items()} == expected


@pytest.mark.parametrize(
    ("statement", "column", "code"),
    [
        ("id:x vit:restartLagg 1", "vit:restartLagg", "undeclared-term"),
        ("id:x a vit:Servise", "rdf:type", "undeclared-term"),
        ("id:x a vit:Effect", "rdf:type", "coded-class"),
        ("id:x a vit:Cascade", "rdf:type", "derived-class"),
        ("id:x a owl:Class", "rdf:type", "type"),
        ('id:x a "Service"', "rdf:type", "type"),
        ("id:x skos:related vit:Nothing", "skos:related", "undeclared-term"),
        ('id:x vit:inSector "energie"', "vit:inSector", "thing-expected"),
        ("id:x vit:inSector id:nergens", "vit:inSector", "unknown-reference"),
        ("id:x vit:inSector <http://example.org/s>", "vit:inSector", "unknown-reference"),
        ("id:x skos:related id:nergens", "skos:related", "unknown-reference"),
        ("id:x vit:restartLag id:grid", "vit:restartLag", "literal-expected"),
        ('id:x vit:restartLag "PT2H"', "vit:restartLag", "datatype"),
        ('id:x vit:restartLag "2 uur"^^xsd:duration', "vit:restartLag", "duration"),
        ('id:x vit:share "0,5"^^xsd:decimal', "vit:share", "decimal-comma"),
        ('id:x vit:share "1e999999999"^^xsd:double', "vit:share", "decimal"),
        ('id:x vit:share "abc"^^xsd:double', "vit:share", "decimal"),
        ('id:x vit:url "javascript:alert(1)"^^xsd:anyURI', "vit:url", "iri"),
        ("id:x vit:lei 5", "vit:lei", "datatype"),
        ('id:x dcterms:issued "2026-13-01"^^xsd:date', "dcterms:issued", "date"),
        ("id:x rdfs:seeAlso <javascript:alert(1)>", "rdfs:seeAlso", "iri"),
        ("id:x owl:sameAs id:grid", "owl:sameAs", "schema-statement"),
        ("id:x rdfs:subClassOf id:grid", "rdfs:subClassOf", "schema-statement"),
        ('id:x dcterms:source "boek"', "dcterms:source", "source-not-a-thing"),
        ("id:x dcterms:source id:s9", "dcterms:source", "unknown-source"),
        ("id:x skos:related <<( id:a id:b id:c )>>", "skos:related", "triple-term"),
        ('id:x skos:note "a\\u0007b"', "skos:note", "control-character"),
        ("id:r2 a vit:Requirement ; vit:effect vit:gradeA", "vit:effect", "unknown-code"),
        (
            "id:r2 a vit:Requirement ; vit:fulfilledBy id:grid ; vit:minimumFulfilled 2",
            "vit:minimumFulfilled",
            "minimum-above-fulfillers",
        ),
        (
            'id:x vit:validFrom "2026-02-01"^^xsd:date ; vit:validUntil "2026-01-01"^^xsd:date',
            "vit:validUntil",
            "order",
        ),
    ],
)
def test_a_statement_that_is_wrong(
    read: Read, places: Places, statement: str, column: str, code: str
) -> None:
    given = TURTLE + f"\nid:x a vit:Service ; dcterms:source id:s1 .\n{statement} .\n"
    if statement.startswith("id:r2"):
        given += "id:r2 dcterms:source id:s1 .\n"
    subject = "id:r2" if statement.startswith("id:r2") else "id:x"
    line = next(n for n, text in enumerate(given.split("\n"), 1) if text.startswith(subject))
    assert places(read({"x.ttl": given})) == [(code, "x.ttl", line, column)]


@pytest.mark.parametrize(
    ("predicate", "code"),
    [
        ("<https://w3id.org/vitaal/id/>", "id"),
        ("<https://w3id.org/vitaal/id/a/b>", "id"),
        ("<javascript:alert(1)>", "iri"),
    ],
)
def test_a_predicate_that_is_refused(read: Read, places: Places, predicate: str, code: str) -> None:
    given = f'{TURTLE}\nid:x a vit:Service ; dcterms:source id:s1 ; {predicate} "x" .\n'
    assert [one[0] for one in places(read({"x.ttl": given}))] == [code]


@pytest.mark.parametrize(
    ("kind", "code"), [("<https://w3id.org/vitaal/id/'=1>", "id"), ("<data:text/html,x>", "iri")]
)
def test_a_type_that_is_refused(read: Read, places: Places, kind: str, code: str) -> None:
    given = f"{TURTLE}\nid:x a vit:Service , {kind} ; dcterms:source id:s1 .\n"
    assert [one[0] for one in places(read({"x.ttl": given}))] == [code]


@pytest.mark.parametrize(
    "statement",
    [
        "skos:exactMatch <http://example.org/x>",
        'rdfs:comment "vrij"',
        "vit:share 1",
        "vit:share 0.5e0",
        'dcterms:issued "2026-01-01"^^xsd:date',
        'vit:url "https://example.org/"^^xsd:anyURI',
        "a <http://www.w3.org/ns/org#Organization>",
        "skos:related id:grid",
    ],
)
def test_a_statement_that_is_right(read: Read, statement: str) -> None:
    given = TURTLE + f"\nid:x a vit:Service ; dcterms:source id:s1 ; {statement} .\n"
    assert read({"x.ttl": given}).problems == ()


@pytest.mark.parametrize(
    ("subject", "code"),
    [
        ("vit:Service", "reserved-subject"),
        ("<https://w3id.org/vitaal/graph/data/Service.csv>", "reserved-subject"),
        ("<https://w3id.org/vitaal/graph/findings>", "reserved-subject"),
        ("id:analysis", "reserved-subject"),
        ("<https://w3id.org/vitaal/id/a/b>", "id"),
        ("<https://w3id.org/vitaal/id/>", "id"),
        ("<file:///etc/passwd>", "iri"),
    ],
)
def test_a_subject_that_is_refused(read: Read, places: Places, subject: str, code: str) -> None:
    staged = read({"x.ttl": f"{PREFIXES}{subject} a vit:Service ; dcterms:source id:s1 .\n"})
    assert [one[0] for one in places(staged)] == [code]


def test_things_need_a_class_and_a_source(read: Read, places: Places) -> None:
    given = TURTLE + '\nid:x skos:note "a" .\nid:y a vit:Service .\n'
    line = given.split("\n").index('id:x skos:note "a" .') + 1
    assert places(read({"x.ttl": given})) == [
        ("no-source", "x.ttl", line, "dcterms:source"),
        ("no-type", "x.ttl", line, "rdf:type"),
        ("no-source", "x.ttl", line + 1, "dcterms:source"),
    ]


def test_two_rdf_files_may_describe_one_thing(read: Read) -> None:
    more = PREFIXES + 'id:grid skos:note "ook hier"@nl ; dcterms:source id:s1 .\n'
    staged = read({"x.ttl": TURTLE, "y.ttl": more})
    assert staged.problems == ()
    assert graph(staged, "y.ttl").subjects == 1


def test_a_table_and_an_rdf_file_may_not(read: Read, places: Places) -> None:
    staged = read({"x.ttl": TURTLE, "Service.csv": "id,label,source\ngrid,Net,s1\n"})
    assert [one[:2] for one in places(staged)] == [("duplicate-id", "x.ttl")]


@pytest.mark.parametrize(
    ("name", "text", "row", "column"),
    [
        ("x.ttl", "<a> <b> <c> .\n<a> <b> .\n", 2, "9"),
        ("x.ttl", "x:a x:b x:c .", 1, "1"),
        ("x.nt", "<a> <b> <c> .", 1, "1"),
        ("x.nt", "<http://a b> <http://b> <http://c> .", 1, "1"),
        ("x.nq", '\n\n<http://a> <http://b> "open .', 3, "23"),
        ("x.ttl", "<http://a/> a <http://b/{}> .", 1, "15"),
    ],
)
def test_syntax_errors_have_line_and_character(
    read: Read, places: Places, name: str, text: str, row: int, column: str
) -> None:
    assert places(read({name: text})) == [("syntax", name, row, column)]


def test_what_the_parser_says_is_cut_short(read: Read) -> None:
    (problem,) = read({"x.ttl": f'<a> <b> "{"x" * 5_000}\n" .'}).problems
    assert problem.code == "intake.syntax"
    assert len(problem.nl) < 600
    assert len(problem.en) < 600


def test_a_datatype_is_quoted_short(read: Read) -> None:
    value = f'"1"^^<urn:{"x" * 5_000}>'
    given = f"{TURTLE}\nid:x a vit:Service ; dcterms:source id:s1 ; vit:share {value} .\n"
    (problem,) = read({"x.ttl": given}).problems
    assert problem.code == "intake.datatype"
    assert len(problem.nl) < 300


class TestBlankNodes:
    """Nodes without a name get a stable one, and the sources of what refers to them."""

    GIVEN = (
        TURTLE
        + """
id:p a vit:Place ; dcterms:source id:s1 ; skos:related [ skos:note "een" ; skos:related [
    skos:note "binnen" ] ] , [ skos:note "twee" ] .
"""
    )

    def names(self, staged: Staged) -> dict[str, str]:
        text = graph(staged, "x.ttl").ntriples.decode()
        return {note: iri for iri, note in re.findall(r'<(\S+genid-\S+)> <\S+note> "(\w+)"', text)}

    def test_they_get_iris_and_sources(self, read: Read) -> None:
        staged = read({"x.ttl": self.GIVEN})
        assert staged.problems == ()
        names = self.names(staged)
        assert sorted(names) == ["binnen", "een", "twee"]
        assert all(iri.startswith(ID + "genid-") for iri in names.values())
        text = graph(staged, "x.ttl").ntriples.decode()
        assert "_:" not in text
        for iri in names.values():
            assert f"<{iri}> <http://purl.org/dc/terms/source> <{ID}s1> ." in text
        assert staged.graphs == read({"x.ttl": self.GIVEN}).graphs

    def test_adding_another_thing_does_not_rename_them(self, read: Read) -> None:
        more = (
            self.GIVEN
            + 'id:a a vit:Place ; dcterms:source id:s1 ; skos:related [ skos:note "z" ] .'
        )
        before, after = self.names(read({"x.ttl": self.GIVEN})), self.names(read({"x.ttl": more}))
        assert before.items() < after.items()

    def test_the_same_label_in_two_files_is_two_things(self, read: Read) -> None:
        text = PREFIXES + '_:b a vit:Place ; dcterms:source id:s1 ; skos:note "n" .\n'
        staged = read({"x.ttl": text, "y.ttl": text})
        assert staged.problems == ()
        one, two = graph(staged, "x.ttl").ntriples, graph(staged, "y.ttl").ntriples
        assert one.split()[0] != two.split()[0]

    def test_a_named_blank_node_has_its_line(self, read: Read) -> None:
        text = PREFIXES + "\n_:b a vit:Place ; dcterms:source id:s1 .\n"
        assert f"x.ttl#row={FIRST + 1}>".encode() in graph(read({"x.ttl": text}), "x.ttl").ntriples


def test_old_provenance_is_replaced(read: Read) -> None:
    given = TURTLE + (
        "\nid:x a vit:Service ; dcterms:source id:s1 ; "
        "prov:wasDerivedFrom <https://w3id.org/vitaal/graph/secret/Service.csv#row=7> .\n"
    )
    staged = read({"x.ttl": given})
    assert staged.problems == ()
    assert b"secret" not in graph(staged, "x.ttl").ntriples


def test_sources_and_markings_may_be_rdf(read: Read) -> None:
    given = PREFIXES + (
        'id:rdfbron a vit:Source ; dcterms:title "Boek" ; vit:marking id:nieuw ;\n'
        '  dcterms:issued "2026-04-01"^^xsd:date .\n'
        'id:nieuw a vit:Marking ; skos:prefLabel "Nieuw"@nl ; vit:rank 5 ; dcterms:source id:s1 .\n'
    )
    staged = read({"x.ttl": given, "Service.csv": "id,label,source\na,A,rdfbron\n"})
    assert staged.problems == ()
    assert staged.markings["nieuw"] == 5
    service = graph(staged, "Service.csv")
    assert service.marking == "nieuw"
    assert {
        one.iri.rpartition("/")[2]: one.date for one in staged.graphs if "x.ttl" in one.iri
    } == {
        "x.ttl": None,
        "x.ttl~nieuw": "2026-04-01",
    }


def test_a_decimal_with_an_exponent_is_written_out(read: Read) -> None:
    given = (
        '{"@context":{"vit":"https://w3id.org/vitaal/def#","dcterms":"http://purl.org/dc/terms/"},'
        '"@id":"a","@type":"vit:Service","vit:share":0.25,"dcterms:source":{"@id":"s1"}}'
    )
    staged = read({"x.jsonld": given})
    assert staged.problems == ()
    text = graph(staged, "x.jsonld").ntriples.decode()
    assert f'<{VIT}share> "0.25"^^' in text
    assert f"<{GRAPH}data/x.jsonld> .\n" in text  # no line in JSON-LD


def test_lines_do_not_tell_what_stands_above(read: Read) -> None:
    secret = (
        'id:geheim a vit:Service ; dcterms:source id:s2 ;\n    skos:note "drie",\n  "regels" .\n'
    )
    last = "id:z a vit:Service ; dcterms:source id:s1 .\n"
    without = read({"x.ttl": TURTLE + last})
    with_secret = read({"x.ttl": TURTLE + secret + last})
    assert with_secret.problems == ()
    assert graph(with_secret, "x.ttl").ntriples == graph(without, "x.ttl").ntriples
    assert graph(with_secret, "x.ttl~dep-v").subjects == 1
    assert list(with_secret.true_rows.values()) == [(TURTLE + secret).count("\n") + 1]
