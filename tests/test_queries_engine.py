"""The engine of saved queries: finding, headers, parameters as terms, tables."""

import csv
import io
import json
from pathlib import Path

import pandas as pd
import pyoxigraph as ox
import pytest

from kg.errors import AmbiguousError, QueryError, UsageError
from kg.language import set_language
from kg.names import ID, VIT, XSD
from kg.queries import (
    Catalogue,
    Column,
    SavedQuery,
    Table,
    Text,
    allowed_terms,
    catalogue,
    query_form,
    read_query,
    resolve,
    resolve_triple,
    run,
    run_text,
)
from kg.store import EmbeddedStore

DATA = b"""
@prefix : <https://w3id.org/vitaal/id/> .
@prefix vit: <https://w3id.org/vitaal/def#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
:energie a vit:Sector ; skos:prefLabel "Energie"@nl , "Energy"@en .
:spoor a vit:Sector ; skos:prefLabel "Spoor"@nl , "Rail"@en .
:grid a vit:Service ; skos:prefLabel "Regionaal net"@nl ;
    vit:inSector :energie ; vit:marketShare 0.25 .
:rail a vit:Service ; skos:prefLabel "Treindienst"@nl , "Train service"@en ;
    vit:inSector :spoor ; vit:marketShare 0.5 ; vit:inCore true .
:twin1 a vit:Service ; skos:prefLabel "Tweeling"@nl .
:twin2 a vit:Service ; skos:prefLabel "Tweeling"@nl .
vit:fails a vit:Effect ; skos:prefLabel "valt uit"@nl .
"""

HEADER = """#+ summary: Diensten per sector
#+ tags: [sector]
#+ label: {nl: Diensten, en: Services}
#+ question: {nl: 'Welke diensten?', en: 'Which services?'}
#+ params:
#+   - name: sector
#+     label: {nl: Sector, en: Sector}
#+     values_query: "SELECT ?s WHERE { ?s a vit:Sector }"
#+   - name: least
#+     termType: literal
#+     datatype: xsd:decimal
#+     label: {nl: Minstens, en: At least}
#+ defaults: [{least: 0.1}]
#+ pagination: 1
#+ columns:
#+   - {name: unit, type: iri, label: {nl: Dienst, en: Service}}
#+   - {name: share, label: {nl: Aandeel, en: Share}}
"""
BODY = """PREFIX vit: <https://w3id.org/vitaal/def#>
SELECT ?unit ?share ?sector WHERE {
  ?unit vit:inSector ?sector ; vit:marketShare ?share .
  FILTER (?share >= ?least)
}
"""


@pytest.fixture(scope="module")
def store() -> EmbeddedStore:
    made = EmbeddedStore.memory()
    document = ox.serialize(
        (quad.triple for quad in ox.parse(DATA, format=ox.RdfFormat.TURTLE)),
        format=ox.RdfFormat.N_TRIPLES,
    )
    assert document is not None
    made.load("https://w3id.org/vitaal/graph/test", document)
    return made


def saved(tmp_path: Path, header: str = HEADER, body: str = BODY) -> SavedQuery:
    path = tmp_path / "sector" / "diensten.rq"
    path.parent.mkdir(exist_ok=True)
    path.write_text(header + body, encoding="utf-8")
    return read_query(path)


def units(table: Table) -> list[str]:
    return [row[0].value.removeprefix(ID) for row in table.rows if isinstance(row[0], ox.NamedNode)]


# --- the catalogue ------------------------------------------------------------------------------


def test_one_query_is_found_without_reading_the_others(
    tmp_path: Path, store: EmbeddedStore
) -> None:
    saved(tmp_path)
    (tmp_path / "sector" / "kapot.rq").write_text("#+ : : :\n", encoding="utf-8")
    found = Catalogue(tmp_path)
    assert found.names() == ("diensten", "kapot")
    assert found.subjects() == {"sector": ("diensten", "kapot")}
    assert found.get("diensten").label.nl == "Diensten"
    assert found.get("sector/diensten").subject == "sector"
    with pytest.raises(QueryError, match=r"kapot\.rq"):
        found.get("kapot")


def test_rules_and_checks_are_no_questions(tmp_path: Path) -> None:
    for subject in ("rules", "checks"):
        (tmp_path / subject).mkdir()
        (tmp_path / subject / "x.rq").write_text("", encoding="utf-8")
    assert Catalogue(tmp_path).names() == ()


def test_an_unknown_name_gets_a_suggestion(tmp_path: Path) -> None:
    saved(tmp_path)
    with pytest.raises(UsageError, match="Bedoelt u: diensten"):
        Catalogue(tmp_path).get("dienste")
    with pytest.raises(UsageError):
        Catalogue(tmp_path).get("dependency/diensten")


def test_the_shipped_catalogue_can_be_read() -> None:
    assert {query.name for query in catalogue()} == set(catalogue().names())


def test_the_header_is_read_whole(tmp_path: Path) -> None:
    query = saved(tmp_path)
    assert query.pagination == 1
    assert [param.name for param in query.params] == ["sector", "least"]
    assert query.param("least").default == "0.1"
    assert query.param("least").datatype == XSD + "decimal"
    assert [column.type for column in query.columns] == ["iri", "text"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("#+ label: {nl: Diensten, en: Services}\n", ""),
        ("en: Services}", "fr: Services}"),
        ("termType: literal", "termType: tekst"),
        ("#+ tags: [sector]", "#+ view: taart"),
        ("name: sector", "name: 'sec tor'"),
        ("type: iri", "type: ding"),
        ("#+ tags: [sector]", "#+ tags: [sector"),
        ("#+ defaults: [{least: 0.1}]", "#+ defaults: [0.1]"),
    ],
)
def test_a_wrong_header_is_named(tmp_path: Path, old: str, new: str) -> None:
    assert old in HEADER
    with pytest.raises(QueryError, match=r"diensten\.rq"):
        saved(tmp_path, HEADER.replace(old, new))


# --- parameters ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    ["spoor", "id:spoor", ID + "spoor", f"<{ID}spoor>", "Spoor", "Rail", "SPOOR", " spoor "],
)
def test_an_iri_is_typed_in_many_ways(tmp_path: Path, store: EmbeddedStore, typed: str) -> None:
    assert units(run(store, saved(tmp_path), {"sector": typed})) == ["rail"]


def test_a_parameter_that_is_not_given_stays_free(tmp_path: Path, store: EmbeddedStore) -> None:
    assert units(run(store, saved(tmp_path))) == ["grid", "rail"]


def test_a_default_counts_and_can_be_overruled(tmp_path: Path, store: EmbeddedStore) -> None:
    assert units(run(store, saved(tmp_path), {"least": "0.3"})) == ["rail"]
    assert units(run(store, saved(tmp_path), {"least": "0.9"})) == []
    free = BODY.replace("FILTER (?share >= ?least)", "FILTER (!BOUND(?least))")
    assert units(run(store, saved(tmp_path, body=free), {"least": ""})) == ["grid", "rail"]


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"sectr": "spoor"}, "query.parameter-unknown"),
        ({"sector": "nergens"}, "usage.unknown-name"),
        ({"sector": "grid"}, "query.parameter-value"),
        ({"least": "veel"}, "query.parameter-type"),
        ({"least": "0.1 || true"}, "query.parameter-type"),
        ({"sector": "energie> . ?s ?p ?o . <x"}, "usage.unknown-name"),
    ],
)
def test_what_does_not_fit_is_refused(
    tmp_path: Path, store: EmbeddedStore, params: dict[str, str], code: str
) -> None:
    with pytest.raises(UsageError) as caught:
        run(store, saved(tmp_path), params)
    assert caught.value.code == code


def test_a_required_parameter_is_asked_for(tmp_path: Path, store: EmbeddedStore) -> None:
    header = HEADER.replace("#+   - name: least", "#+     required: true\n#+   - name: least")
    with pytest.raises(UsageError, match="-p sector="):
        run(store, saved(tmp_path, header))


def test_a_text_is_a_term_and_never_a_piece_of_query(tmp_path: Path, store: EmbeddedStore) -> None:
    header = HEADER.replace("datatype: xsd:decimal", "datatype: xsd:string")
    header = header.replace("#+ defaults: [{least: 0.1}]\n", "")
    body = BODY.replace("?share >= ?least", "STR(?unit) = ?least")
    evil = '") || true || ("'
    assert run(store, saved(tmp_path, header, body), {"least": evil}).rows == ()
    assert units(run(store, saved(tmp_path, header, body), {"least": ID + "rail"})) == ["rail"]


@pytest.mark.parametrize(
    ("datatype", "good", "bad"),
    [
        ("xsd:integer", "3", "3.5"),
        ("xsd:boolean", "true", "ja"),
        ("xsd:date", "2026-08-15", "15-08-2026"),
        ("xsd:dateTime", "2026-08-15T10:00:00", "gisteren"),
        ("xsd:duration", "PT8H", "8 uur"),
        ("xsd:duration", "P1DT2H", "PT"),
    ],
)
def test_literals_are_checked(
    tmp_path: Path, store: EmbeddedStore, datatype: str, good: str, bad: str
) -> None:
    header = HEADER.replace("xsd:decimal", datatype).replace("#+ defaults: [{least: 0.1}]\n", "")
    body = BODY.replace("FILTER (?share >= ?least)", "FILTER (BOUND(?least) && true)")
    assert len(run(store, saved(tmp_path, header, body), {"least": good})) == 2
    with pytest.raises(UsageError, match="least"):
        run(store, saved(tmp_path, header, body), {"least": bad})


def test_allowed_values_have_labels(tmp_path: Path, store: EmbeddedStore) -> None:
    allowed = allowed_terms(store, saved(tmp_path).param("sector"))
    assert [(node.value, text.nl) for node, text in allowed] == [
        (ID + "energie", "Energie"),
        (ID + "spoor", "Spoor"),
    ]


def test_names(store: EmbeddedStore) -> None:
    assert resolve(store, "fails").value == VIT + "fails"
    assert resolve(store, "Train service").value == ID + "rail"
    with pytest.raises(AmbiguousError) as caught:
        resolve(store, "Tweeling")
    assert [iri for iri, _ in caught.value.candidates] == [ID + "twin1", ID + "twin2"]
    with pytest.raises(UsageError, match="Bedoelt u: rail"):
        resolve(store, "raill")
    with pytest.raises(UsageError):
        resolve(store, "https://example.org/nergens")


def test_statements(store: EmbeddedStore) -> None:
    thing, verb, value = resolve_triple(store, "rail", "vit:marketShare", "0.5")
    assert (thing.value, verb.value, value.value) == (ID + "rail", VIT + "marketShare", "0.5")
    assert isinstance(value, ox.Literal)
    assert resolve_triple(store, "Treindienst", "a", "vit:Service")[2].value == VIT + "Service"
    assert resolve_triple(store, "rail", "vit:inSector", "Energie")[2].value == ID + "energie"


# --- answers ------------------------------------------------------------------------------------


def test_columns_follow_the_header(tmp_path: Path, store: EmbeddedStore) -> None:
    table = run(store, saved(tmp_path))
    assert [column.name for column in table.columns] == ["unit", "share"]
    assert table.headings() == ("Dienst", "Aandeel")
    header = HEADER.replace("name: share", "name: aandeel")
    with pytest.raises(QueryError, match="aandeel"):
        run(store, saved(tmp_path, header))


def test_rows_without_order_by_are_sorted(tmp_path: Path, store: EmbeddedStore) -> None:
    ordered = saved(tmp_path, body=BODY + "ORDER BY DESC(?share)")
    assert units(run(store, ordered)) == ["rail", "grid"]
    inner = BODY.replace("FILTER", "{ SELECT ?unit { ?unit ?p ?o } ORDER BY ?o } FILTER")
    assert units(run(store, saved(tmp_path, body=inner)))[0] == "grid"


def test_pages_and_limits(tmp_path: Path, store: EmbeddedStore) -> None:
    query = saved(tmp_path)
    assert units(run(store, query, page=1)) == ["grid"]
    assert run(store, query, page=1).truncated
    assert units(run(store, query, page=2)) == ["rail"]
    assert not run(store, query, page=2).truncated
    assert len(run(store, query, limit=1)) == 1
    assert not run(store, query, limit=2).truncated


def test_a_table_speaks_many_formats(tmp_path: Path, store: EmbeddedStore) -> None:
    table = run(store, saved(tmp_path))
    record = {"unit": ID + "grid", "unit_label": "Regionaal net", "share": 0.25}
    assert json.loads(json.dumps(table.to_json()))["rows"][0] == record
    assert next(csv.DictReader(io.StringIO(table.to_csv())))["unit_label"] == "Regionaal net"
    frame = table.to_pandas()
    assert isinstance(frame, pd.DataFrame)
    assert list(frame.columns) == ["unit", "unit_label", "share"]
    assert frame["share"].sum() == pytest.approx(0.75)
    assert next(iter(table.shown_rows())) == ("Regionaal net", "0,25")
    assert ">Regionaal net</td>" in table._repr_html_()


def test_an_empty_table_keeps_its_columns(tmp_path: Path, store: EmbeddedStore) -> None:
    table = run(store, saved(tmp_path), {"least": "2"})
    assert table.to_csv() == "unit,unit_label,share\n"
    assert list(table.to_pandas().columns) == ["unit", "unit_label", "share"]


def test_labels_follow_the_language(tmp_path: Path, store: EmbeddedStore) -> None:
    table = run(store, saved(tmp_path))
    set_language("en")
    assert list(table.shown_rows()) == [("Regionaal net", "0.25"), ("Train service", "0.5")]


def test_csv_and_html_are_safe() -> None:
    column = Column("x", Text("<b>", "<b>"))
    rows = tuple((ox.Literal(text),) for text in ("=1+1", "@SUM", "-2 graden", "<script>"))
    table = Table((column,), rows)
    assert table.to_csv().split("\n")[1:5] == ["'=1+1", "'@SUM", "'-2 graden", "<script>"]
    assert "<script>" not in table._repr_html_()
    assert "<b>" not in table._repr_html_()


# --- sparql that people write -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("SELECT * { ?s ?p ?o }", "SELECT"),
        ("# ASK nothing\nselect * { ?s ?p ?o }", "SELECT"),
        ("PREFIX ask: <http://construct/> SELECT * {}", "SELECT"),
        ("ask { ?s ?p 'SELECT' }", "ASK"),
        ("PREFIX a: <x:#construct>\nASK {}", "ASK"),
        ("CONSTRUCT WHERE { ?s ?p ?o }", "CONSTRUCT"),
        ("DESCRIBE <x:y>", "CONSTRUCT"),
    ],
)
def test_the_form_of_a_query(text: str, form: str) -> None:
    assert query_form(text) == form


def test_free_sparql(store: EmbeddedStore) -> None:
    table = run_text(store, "SELECT ?s ?x { ?s a vit:Sector ; skos:prefLabel ?x }", limit=3)
    assert isinstance(table, Table)
    assert [column.type for column in table.columns] == ["iri", "text"]
    assert table.truncated
    assert run_text(store, "ASK { id:rail vit:inCore true }") is True
    triples = run_text(store, "CONSTRUCT { ?s a vit:X } WHERE { ?s a vit:Sector }")
    assert isinstance(triples, bytes)
    assert triples.count(b"\n") == 2


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?s { ?s ?p }",
        "SELECT * { SERVICE <https://example.org/> { ?s ?p ?o } }",
        "INSERT DATA { <x:a> <x:b> <x:c> }",
        "LOAD <file:///etc/passwd>",
        "",
    ],
)
def test_what_is_wrong_or_dangerous_is_refused(store: EmbeddedStore, text: str) -> None:
    with pytest.raises(QueryError):
        run_text(store, text)
