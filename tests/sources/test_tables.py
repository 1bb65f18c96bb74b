"""Tables: what a good folder becomes, and every rule on a cell, with the place that it names."""

from collections.abc import Callable

import pytest

from kg.names import DCTERMS, GRAPH, ID, PROV, RDF_TYPE, SKOS, VIT, XSD
from kg.sources import Staged

Read = Callable[..., Staged]
Places = Callable[[Staged], list[tuple[str, str, int, str]]]

SERVICES = (
    "id,label,inSector,restartLag,source\n"
    "grid,Regionaal net,energie,PT2H,s1\n"
    "gsmr,GSM-R,telecom,,s1\n"
    "rail,Treindienst,spoor,PT4H,s1\n"
)
REQUIREMENTS = (
    "id,requiredBy,fulfilledBy,minimumFulfilled,buffer,effect,source\n"
    "r1,gsmr,grid,1,PT3H,fails,s1\n"
    "r2,rail,grid;gsmr,2,PT0H,fails,s1\n"
)


def lines(staged: Staged, name: str) -> list[str]:
    """The triples of the graph with this name, without ``data/``."""
    found = [graph for graph in staged.graphs if graph.iri == f"{GRAPH}data/{name}"]
    return found[0].ntriples.decode().splitlines()


def test_the_minimal_folder_of_the_design_works(read: Read) -> None:
    staged = read({"Service.csv": SERVICES, "Requirement.csv": REQUIREMENTS})
    assert staged.problems == ()
    assert staged.left_out == ()
    r2 = f"<{ID}r2>"
    assert lines(staged, "Requirement.csv")[-10:] == [
        f"{r2} <{DCTERMS}source> <{ID}s1> .",
        f"{r2} {RDF_TYPE} <{VIT}Requirement> .",
        f'{r2} <{SKOS}prefLabel> "r2"@nl .',
        f"{r2} <{PROV}wasDerivedFrom> <{GRAPH}data/Requirement.csv#row=3> .",
        f'{r2} <{VIT}buffer> "PT0H"^^<{XSD}duration> .',
        f"{r2} <{VIT}effect> <{VIT}fails> .",
        f"{r2} <{VIT}fulfilledBy> <{ID}grid> .",
        f"{r2} <{VIT}fulfilledBy> <{ID}gsmr> .",
        f'{r2} <{VIT}minimumFulfilled> "2"^^<{XSD}integer> .',
        f"{r2} <{VIT}requiredBy> <{ID}rail> .",
    ]
    graph = next(graph for graph in staged.graphs if graph.iri.endswith("data/Service.csv"))
    assert (graph.subjects, graph.marking, graph.name, graph.date) == (
        3, "openbaar", "data/Service.csv", None,
    )  # fmt: skip
    assert [file.name for file in staged.files if file.name.startswith("data/")] == [
        "data/Requirement.csv",
        "data/Service.csv",
        "data/Source.csv",
    ]


def test_a_source_has_its_own_columns(read: Read) -> None:
    staged = read(
        {}, sources="id,title,publisher,date,url,grade,marking,description,note,label@en\n"
        "s1,Interview,Ministerie,2026-01-15,https://example.org/a?b=c,b,openbaar,Over,Let op,Talk\n"
    )  # fmt: skip
    assert staged.problems == ()
    s1 = f"<{ID}s1>"
    assert lines(staged, "Source.csv") == [
        f'{s1} <{DCTERMS}description> "Over"@nl .',
        f'{s1} <{DCTERMS}issued> "2026-01-15"^^<{XSD}date> .',
        f'{s1} <{DCTERMS}publisher> "Ministerie" .',
        f'{s1} <{DCTERMS}title> "Interview" .',
        f"{s1} {RDF_TYPE} <{VIT}Source> .",
        f'{s1} <{SKOS}note> "Let op"@nl .',
        f'{s1} <{SKOS}prefLabel> "Interview"@nl .',
        f'{s1} <{SKOS}prefLabel> "Talk"@en .',
        f"{s1} <{PROV}wasDerivedFrom> <{GRAPH}data/Source.csv#row=2> .",
        f"{s1} <{VIT}grade> <{VIT}gradeB> .",
        f"{s1} <{VIT}marking> <{ID}openbaar> .",
        f'{s1} <{VIT}url> "https://example.org/a?b=c"^^<{XSD}anyURI> .',
    ]
    dates = {graph.iri.removeprefix(GRAPH): graph.date for graph in staged.graphs}
    assert dates["data/Source.csv"] == "2026-01-15"


@pytest.mark.parametrize("name", ["Service.csv", "dienst.csv", "SERVICE.CSV", "Dienst.csv"])
@pytest.mark.parametrize(
    "header",
    [
        "id,label,inSector,restartLag,source",
        "ID,Naam,In sector,Hersteltijd,Bron",
        "id,label@nl,in sector,restart lag,source",
        " id , label , inSector,restartLag , source ",
    ],
)
def test_names_may_be_dutch_or_english(read: Read, name: str, header: str) -> None:
    named = read({name: SERVICES.replace(SERVICES.partition("\n")[0], header)})
    assert named.problems == ()
    assert f'<{ID}rail> <{VIT}restartLag> "PT4H"^^<{XSD}duration> .' in lines(named, name)
    assert f'<{ID}rail> <{SKOS}prefLabel> "Treindienst"@nl .' in lines(named, name)


@pytest.mark.parametrize("cell", ["fails", "valt uit", "Valt Uit", "FAILS"])
def test_coded_values_by_name_and_label(read: Read, cell: str) -> None:
    table = REQUIREMENTS.replace("PT3H,fails", f"PT3H,{cell}")
    staged = read({"Service.csv": SERVICES, "Requirement.csv": table})
    assert staged.problems == ()
    assert f"<{ID}r1> <{VIT}effect> <{VIT}fails> ." in lines(staged, "Requirement.csv")


def test_extra_classes_in_the_column_type(read: Read) -> None:
    staged = read({"Organisation.csv": "id,label,type,source\no1,Een,essentiële entiteit,s1\n"})
    assert staged.problems == ()
    assert f"<{ID}o1> {RDF_TYPE} <{VIT}EssentialEntity> ." in lines(staged, "Organisation.csv")
    assert f"<{ID}o1> {RDF_TYPE} <{VIT}Organisation> ." in lines(staged, "Organisation.csv")


def test_an_escaped_semicolon_is_text(read: Read) -> None:
    staged = read(
        {
            "Service.csv": SERVICES,
            "Requirement.csv": "id,requiredBy,fulfilledBy,resource,source\n"
            "r1,gsmr,grid,stroom; warmte ;diesel\\; reserve,s1\n",
        }
    )
    assert staged.problems == ()
    found = [one for one in lines(staged, "Requirement.csv") if "resource" in one]
    assert [one.split(" ", 2)[2] for one in found] == [
        '"diesel; reserve" .',
        '"stroom" .',
        '"warmte" .',
    ]


def test_text_is_never_split(read: Read) -> None:
    staged = read({"Service.csv": 'id,label,description,source\na,"A; B","C; D",s1\n'})
    assert staged.problems == ()
    assert f'<{ID}a> <{SKOS}prefLabel> "A; B"@nl .' in lines(staged, "Service.csv")
    assert f'<{ID}a> <{DCTERMS}description> "C; D"@nl .' in lines(staged, "Service.csv")


def test_semicolons_of_a_dutch_excel(read: Read) -> None:
    table = (
        "id;requiredBy;fulfilledBy;minimumFulfilled;source\r\n"
        'r2;rail;"grid;gsmr";2;s1\r\n'
    )  # fmt: skip
    for content in (table, "\ufeff" + table, "sep=;\r\n" + table):
        staged = read({"Service.csv": SERVICES, "Requirement.csv": content})
        assert staged.problems == ()
        assert f"<{ID}r2> <{VIT}fulfilledBy> <{ID}gsmr> ." in lines(staged, "Requirement.csv")
        assert "#row=2>" in "".join(lines(staged, "Requirement.csv"))


REQUIREMENT = (
    "id,requiredBy,fulfilledBy,minimumFulfilled,buffer,bufferLow,bufferHigh,needsFull,effect"
)


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ("r1,gsmr,grid,0,,,,,", "minimumFulfilled", "minimum-below-one"),
        ("r1,gsmr,grid,2,,,,,", "minimumFulfilled", "minimum-above-fulfillers"),
        ("r1,rail,grid;grid,2,,,,,", "minimumFulfilled", "minimum-above-fulfillers"),
        ("r1,gsmr,grid,een,,,,,", "minimumFulfilled", "integer"),
        ("r1,gsmr,grid,1.0,,,,,", "minimumFulfilled", "integer"),
        ("r1,gsmr,grid,1;2,,,,,", "minimumFulfilled", "not-a-list"),
        ("r1,gsmr,grid,,4 uur,,,,", "buffer", "duration"),
        ("r1,gsmr,grid,,-PT4H,,,,", "buffer", "duration"),
        ("r1,gsmr,grid,,P2W,,,,", "buffer", "duration"),
        ("r1,gsmr,grid,,P,,,,", "buffer", "duration"),
        ("r1,gsmr,grid,,PT,,,,", "buffer", "duration"),
        ("r1,gsmr,grid,,P1DT,,,,", "buffer", "duration"),
        ("r1,gsmr,grid,,PT9999999999H,,,,", "buffer", "duration"),
        ("r1,gsmr,grid,,PT3H,PT4H,,,", "buffer", "order"),
        ("r1,gsmr,grid,,PT3H,,PT179M,,", "bufferHigh", "order"),
        ("r1,gsmr,grid,,,P2D,PT47H,,", "bufferHigh", "order"),
        ("r1,gsmr,grid,,,,,ja,", "needsFull", "boolean"),
        ("r1,gsmr,grid,,,,,TRUE,", "needsFull", "boolean"),
        ("r1,gsmr,grid,,,,,1,", "needsFull", "boolean"),
        ("r1,gsmr,grid,,,,,,kapot", "effect", "unknown-code"),
        ("r1,gsmr;rail,grid,,,,,,", "requiredBy", "not-a-list"),
        ("r1,grd,grid,,,,,,", "requiredBy", "unknown-reference"),
        ("r1,gsmr,grid;nergens,,,,,,", "fulfilledBy", "unknown-reference"),
        ("r1,gsmr,../grid,,,,,,", "fulfilledBy", "id"),
        ("r1,gsmr,https://x.org/a,,,,,,", "fulfilledBy", "id"),
        ("r1,gsmr,net oost,,,,,,", "fulfilledBy", "id"),
        ("../r1,gsmr,grid,,,,,,", "id", "id"),
        ("é1,gsmr,grid,,,,,,", "id", "id"),
        ("r 1,gsmr,grid,,,,,,", "id", "id"),
        (f"{'r' * 201},gsmr,grid,,,,,,", "id", "id"),
        (",gsmr,grid,,,,,,", "id", "no-id"),
        ("analysis,gsmr,grid,,,,,,", "id", "reserved-id"),
        ("genid-1,gsmr,grid,,,,,,", "id", "reserved-id"),
        ("r1,=A1,grid,,,,,,", "requiredBy", "formula"),
        ("=1+1,gsmr,grid,,,,,,", "id", "formula"),
        ("r1,gsmr,grid,=SOM(A1),,,,,", "minimumFulfilled", "formula"),
        ("r1,gsmr,grid,#REF!,,,,,", "minimumFulfilled", "error-value"),
    ],
)
def test_a_cell_that_is_wrong(read: Read, places: Places, row: str, column: str, code: str) -> None:
    table = f"{REQUIREMENT},source\nr0,rail,grid,,,,,,,s1\n{row},s1\n"
    staged = read({"Service.csv": SERVICES, "Requirement.csv": table})
    assert places(staged) == [(code, "Requirement.csv", 3, column)]


@pytest.mark.parametrize(
    "row",
    [
        "r1,gsmr,grid,1,PT3H,PT3H,PT3H,true,fails",
        "r1,rail,grid;gsmr,2,P1D,PT24H,P1M,false,degrades",
        "r1,gsmr,grid,,PT0S,,,,",
        "r1,gsmr,grid,,P1Y2M3DT4H5M6.5S,,,,",
        "r1,gsmr,,,,,,,",
    ],
)
def test_a_row_that_is_right(read: Read, row: str) -> None:
    table = f"{REQUIREMENT},source\n{row},s1\n"
    assert read({"Service.csv": SERVICES, "Requirement.csv": table}).problems == ()


@pytest.mark.parametrize(
    ("column", "cell", "code"),
    [
        ("share", '"0,51"', "decimal-comma"),
        ("share", '"1.234,5"', "decimal-comma"),
        ("share", "51%", "decimal"),
        ("share", "1e3", "decimal"),
        ("share", "half", "decimal"),
        ("validFrom", "15-01-2026", "date"),
        ("validFrom", "2026-02-30", "date"),
        ("validFrom", "2026", "date"),
        ("occurredAt", "2026-01-15", "date-time"),
        ("occurredAt", "2026-01-15T25:00:00", "date-time"),
        ("url", "www.example.org", "iri"),
        ("url", "https://example.org/a b", "iri"),
        ("url", "https://example.org/<x>", "iri"),
        ("url", "javascript:alert(1)", "iri"),
        ("lei", "A;B", "not-a-list"),
        ("label", "=HYPERLINK(1)", "formula"),
        ("label", "@SUM(1)", "formula"),
        ("label", "+cmd", "formula"),
        ("label", "-2+cmd|' /C calc'!A0", "formula"),
        ("label", "- punt", "formula"),
        ("label", "#N/A", "error-value"),
        ("type", "Iets", "unknown-class"),
        ("type", "Effect", "coded-class"),
        ("source", "s9", "unknown-source"),
        ("source", "energie", "not-a-source"),
    ],
)
def test_a_literal_that_is_wrong(
    read: Read, places: Places, column: str, cell: str, code: str
) -> None:
    given = {"id": "o1", "label": "Een", "source": "s1", column: cell}
    table = f"{','.join(given)}\n{','.join(given.values())}\n"
    assert places(read({"Organisation.csv": table})) == [(code, "Organisation.csv", 2, column)]


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("share", "0.51"), ("share", ".5"), ("share", "-1"), ("share", "+1."), ("share", "100"),
        ("validFrom", "2024-02-29"),
        ("occurredAt", "2026-01-15T09:30:00"), ("occurredAt", "2026-01-15T09:30:00.5+01:00"),
        ("url", "https://example.org/ë?a=b#c"), ("url", "urn:nbn:nl:1"),
        ("label", "-5 graden"), ("label", "+31 6 1234"), ("label", "e-mail: a@b"),
    ],
)  # fmt: skip
def test_a_literal_that_is_right(read: Read, column: str, cell: str) -> None:
    given = {"id": "o1", "source": "s1", column: cell}
    table = f"{','.join(given)}\n{','.join(given.values())}\n"
    assert read({"Organisation.csv": table}).problems == ()


@pytest.mark.parametrize(
    ("cell", "right"),
    [
        ("POINT(4.9 52.4)", True),
        ("<http://www.opengis.net/def/crs/OGC/1.3/CRS84> POINT (4.9 52.4)", True),
        ("MULTILINESTRING((1 2, 3 4), (5 6, 7 8))", True),
        ("GEOMETRYCOLLECTION(POINT(4.9 52.4), LINESTRING(4.9 52.4, 5 52))", True),
        ("GEOMETRYCOLLECTION EMPTY", False),
        ("52.4 4.9", False),
        ("POINT(4.9 52.4", False),
        ("POINT(x)DROP", False),
    ],
)
def test_geometry(read: Read, places: Places, cell: str, right: bool) -> None:
    staged = read({"Place.csv": f'id,label,asWKT,source\np,P,"{cell}",s1\n'})
    assert places(staged) == ([] if right else [("wkt", "Place.csv", 2, "asWKT")])


def test_columns_are_named_as_the_file_names_them(read: Read, places: Places) -> None:
    staged = read({"Service.csv": "ID,Naam,Bron,Markering\na,A,s9,\na,B,s1,\nb,B,s1,geheim\n"})
    assert places(staged) == [
        ("unknown-source", "Service.csv", 2, "Bron"),
        ("duplicate-id", "Service.csv", 2, "ID"),
        ("unknown-marking", "Service.csv", 4, "Markering"),
    ]


def test_messages_say_what_to_do(read: Read) -> None:
    table = 'id,label,share,validFrom,inSectr,source\no1,Een,"0,51",15-1-2026,x,s1\n'
    found = {p.location.column: p for p in read({"Organisation.csv": table}).problems}
    assert "0.51" in found["share"].nl
    assert "2026-01-15" in found["validFrom"].nl
    assert "Bedoelde u 'inSector'?" in found["inSectr"].nl
    assert "Did you mean 'inSector'?" in found["inSectr"].en


def test_an_unknown_reference_suggests(read: Read) -> None:
    table = "id,requiredBy,fulfilledBy,source\nr1,Rail,gridd,s1\n"
    found = read({"Service.csv": SERVICES, "Requirement.csv": table}).problems
    assert ["'grid'" in one.nl or "'rail'" in one.nl for one in found] == [True, True]


@pytest.mark.parametrize(
    ("header", "column", "code"),
    [
        ("id,label,bufer,source", "bufer", "unknown-column"),
        ("id,label,buffer,source", "buffer", "column-not-of-class"),
        ("id,label,label,source", "label", "duplicate-column"),
        ("id,label,naam,source", "naam", "duplicate-column"),
        ("id,label,label@nl,source", "label@nl", "duplicate-column"),
        ("id,label,restartLag,Hersteltijd,source", "Hersteltijd", "duplicate-column"),
        ("id,label,id,source", "id", "duplicate-column"),
        ("id,label,label@fr,source", "label@fr", "column-language"),
        ("id,label,inSector@en,source", "inSector@en", "column-language"),
        ("label,source", "id", "no-id-column"),
        ("id,label", "source", "no-source-column"),
    ],
)
def test_a_header_that_is_wrong(
    read: Read, places: Places, header: str, column: str, code: str
) -> None:
    staged = read({"Service.csv": f"{header}\n"})
    assert places(staged) == [(code, "Service.csv", 1, column)]


def test_ids_twice(read: Read, places: Places) -> None:
    staged = read(
        {
            "Service.csv": SERVICES + "grid,Nog een,energie,,s1\n",
            "Organisation.csv": "id,label,source\nrail,Spoor,s1\nenergie,Sector,s1\n",
        }
    )
    assert places(staged) == [
        ("duplicate-id", "Organisation.csv", 3, "id"),
        ("duplicate-id", "Service.csv", 4, "id"),
        ("duplicate-id", "Service.csv", 5, "id"),
    ]
    assert "data/Organisation.csv, rij 2" in staged.problems[1].nl


def test_rows_as_people_see_them(read: Read, places: Places) -> None:
    table = (
        "id,label,restartLag,source\r\n"
        'a,"twee\nregels",PT1H,s1\n'
        "\r\n"
        'b,"drie\r\nregels\rhier",PT1H,s1\r'
        ",,,\n"
        "c,C,fout,s1\n"
    )
    staged = read({"Service.csv": table})
    assert places(staged) == [("duration", "Service.csv", 6, "restartLag")]
    text = "\n".join(lines(staged, "Service.csv"))
    assert f"<{ID}b> <{PROV}wasDerivedFrom> <{GRAPH}data/Service.csv#row=4> ." in text
    assert f'<{ID}b> <{SKOS}prefLabel> "drie\\nregels\\nhier"@nl .' in text


def test_every_problem_in_one_run(read: Read, places: Places) -> None:
    staged = read(
        {
            "Service.csv": "id,label,restartLag,onbekend,source\n"
            "a b,A,1 uur,,s1\nb,B,2 uur,,\nc,C,PT1H,,s7\n",
            "Requirement.csv": "id,requiredBy,fulfilledBy,minimumFulfilled,source\n"
            "r1,b,zomaar,3,s1\n",
            "Dinst.csv": "id\n",
        }
    )
    assert places(staged) == [
        ("unknown-class", "Dinst.csv", 0, ""),
        ("unknown-reference", "Requirement.csv", 2, "fulfilledBy"),
        ("minimum-above-fulfillers", "Requirement.csv", 2, "minimumFulfilled"),
        ("unknown-column", "Service.csv", 1, "onbekend"),
        ("id", "Service.csv", 2, "id"),
        ("duration", "Service.csv", 2, "restartLag"),
        ("duration", "Service.csv", 3, "restartLag"),
        ("no-source", "Service.csv", 3, "source"),
        ("unknown-source", "Service.csv", 4, "source"),
    ]


@pytest.mark.parametrize(
    ("name", "code"),
    [("Dinst", "unknown-class"), ("Effect", "coded-class"), ("Cascade", "derived-class")],
)
def test_tables_that_do_not_exist(read: Read, places: Places, name: str, code: str) -> None:
    staged = read({f"{name}.csv": "id,label,source\n"})
    assert places(staged) == [(code, f"{name}.csv", 0, "")]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", [("empty-file", "Service.csv", 0, "")]),
        (" \n\r\n", [("empty-file", "Service.csv", 0, "")]),
        ("\ufeff", [("empty-file", "Service.csv", 0, "")]),
        ("id,label,source\n", []),
        ("id,label,source", []),
        ("id,label,source\na,A,s1,,\n", []),
        ("id,label,source\na,A,s1,x\n", [("ragged-row", "Service.csv", 2, "")]),
        ("id,label,source\na,A\n", [("ragged-row", "Service.csv", 2, "")]),
        ("id,label,,source\na,A,,s1\n", []),
        ("id,label,,source\na,A,x,s1\nb,B,y,s1\n", [("nameless-column", "Service.csv", 2, "3")]),
        ('id,label,source\na,"A,s1\nb,B,s1\n', [("open-quote", "Service.csv", 2, "")]),
        ('id,label,source\na,"A"x,s1\nb,B,s1\n', [("quotes", "Service.csv", 2, "")]),
        ("id\tlabel\tsource\n", [
            ("unknown-column", "Service.csv", 1, "id\tlabel\tsource"),
            ("no-id-column", "Service.csv", 1, "id"),
        ]),
    ],
)  # fmt: skip
def test_odd_tables(
    read: Read, places: Places, content: str, expected: list[tuple[str, str, int, str]]
) -> None:
    assert sorted(places(read({"Service.csv": content}))) == sorted(expected)


def test_order_on_outages(read: Read, places: Places) -> None:
    table = (
        "id,label,startsAfter,endsAfter,source\n"
        "o1,A,PT1H,PT60M,s1\no2,B,PT1H,PT2H,s1\no3,C,P1D,PT2H,s1\n"
    )
    assert places(read({"Outage.csv": table})) == [
        ("order", "Outage.csv", 2, "endsAfter"),
        ("order", "Outage.csv", 4, "endsAfter"),
    ]


def test_order_of_validity(read: Read, places: Places) -> None:
    table = (
        "id,label,validFrom,validUntil,source\n"
        "a,A,2026-01-01,2025-12-31,s1\nb,B,2026-01-01,2026-01-01,s1\n"
    )
    assert places(read({"Service.csv": table})) == [("order", "Service.csv", 2, "validUntil")]


def test_sources_that_cannot_be_used(read: Read, places: Places) -> None:
    staged = read(
        {"Service.csv": SERVICES},
        sources="id,title,date,marking\ns1,Zonder,2026-01-01,\ns2,Fout,2026-01-01,geheim\n"
        "s3,Datum,gisteren,openbaar\n",
    )
    assert places(staged) == [
        ("no-marking", "Source.csv", 2, "marking"),
        ("unknown-marking", "Source.csv", 3, "marking"),
        ("date", "Source.csv", 4, "date"),
    ]
    assert "openbaar, dep-v, stg-c" in staged.problems[0].nl


def test_a_marking_needs_a_rank(read: Read, places: Places) -> None:
    staged = read({"Marking.csv": "id,label,rank,source\neigen,Eigen,,s1\nander,Ander,5,s1\n"})
    assert places(staged) == [("no-rank", "Marking.csv", 2, "rank")]
    assert staged.markings["ander"] == 5
