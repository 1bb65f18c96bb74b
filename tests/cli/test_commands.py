"""Each command on a small release: what it prints, writes and exits with."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from below_origin import below_origin
from click.testing import Result

from kg.names import ID, PREFIXES
from kg.queries import catalogue

Run = Callable[..., Result]


def load(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def rows(result: Result) -> list[dict[str, str]]:
    assert result.exit_code == 0, result.output
    return list(csv.DictReader(io.StringIO(below_origin(result.stdout))))


# --- build, releases, validate --------------------------------------------------------------------


def test_build_tells_what_it_made(kg: Run, data: Path, tmp_path: Path) -> None:
    result = kg("build", "--data", str(data), "--out", str(tmp_path), "--format", "json")
    (level,) = load(result)["levels"]
    assert level["level"] == "openbaar"
    assert level["counts"]["units"] >= 3
    listed = load(kg("releases", "--release", str(tmp_path), "--format", "json"))
    assert [one["current"] for one in listed] == [True]
    table = kg("build", "--data", str(data), "--out", str(tmp_path))
    assert "openbaar" in table.stdout
    assert level["id"] in table.stdout


def test_build_of_wrong_data_lists_every_error(kg: Run, data: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "fout"
    wrong.mkdir()
    for path in data.iterdir():
        text = path.read_text("utf-8").replace("PT3H", "drie uur").replace(",spoor,", ",nergens,")
        (wrong / path.name).write_text(text, encoding="utf-8")
    result = kg("build", "--data", str(wrong), "--out", str(tmp_path / "uit"))
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "Requirement.csv, rij 2, kolom buffer" in result.stderr
    assert "Service.csv, rij 4, kolom inSector" in result.stderr
    assert "niets is gebouwd" in result.stderr
    skipped = kg("build", "--data", str(wrong), "--out", str(tmp_path / "uit"), "--skip-invalid")
    assert skipped.exit_code == 0, skipped.output
    assert "weggelaten: " in skipped.stderr
    for line in result.stderr.splitlines()[:-1]:
        assert line.removeprefix("kg: ") in skipped.stderr  # in the same words


def test_build_refuses_a_date_that_is_none(kg: Run, data: Path, tmp_path: Path) -> None:
    result = kg("build", "--data", str(data), "--out", str(tmp_path), "--at", "15-8-2026")
    assert result.exit_code == 2
    assert "[build.date]" in result.stderr


def test_validate(kg: Run, data: Path, tmp_path: Path) -> None:
    good = kg("validate", "--data", str(data))
    assert good.exit_code == 0, good.output
    assert "0 fouten" in good.stdout
    wrong = tmp_path / "fout"
    wrong.mkdir()
    for path in data.iterdir():
        text = path.read_text("utf-8").replace("PT2H", "twee uur")
        (wrong / path.name).write_text(text, encoding="utf-8")
    bad = kg("validate", "--data", str(wrong))
    assert bad.exit_code == 1
    assert "Service.csv, rij 2, kolom restartLag" in bad.stdout
    found = kg("validate", "--data", str(wrong), "--format", "json")
    assert found.exit_code == 1
    (problem,) = json.loads(found.stdout)["problems"]
    assert (problem["row"], problem["column"]) == (2, "restartLag")
    turtle = kg("validate", "--data", str(data), "--format", "turtle")
    assert "ValidationReport" in turtle.stdout
    ox.Store().load(turtle.stdout.encode(), format=ox.RdfFormat.TURTLE)
    table = kg("validate", "--data", str(wrong), "--format", "csv")
    assert next(csv.DictReader(io.StringIO(table.stdout)))["severity"] == "error"


# --- query ------------------------------------------------------------------------------------


def test_the_catalogue_is_listed_by_subject(kg: Run) -> None:
    listed = kg("query")
    assert listed.exit_code == 0
    for name in catalogue().names():
        assert name in listed.stdout
    found = load(kg("query", "--format", "json"))
    assert {one["name"] for one in found} == set(catalogue().names())


def test_a_saved_question(kg: Run, release: str) -> None:
    name = "eisen-met-een-vervuller"
    arguments = ("query", name, "-p", "sector=telecom", "--release", release)
    assert "Treinradio (fictief)" in kg(*arguments).stdout
    (row,) = rows(kg(*arguments, "--format", "csv"))
    assert row["unit"] == ID + "gsmr"
    assert row["unit_label"] == "Treinradio (fictief)"
    assert load(kg(*arguments, "--format", "json"))["rows"][0]["buffer"] == "PT3H"
    about = kg("query", name, "--about")
    assert catalogue().get(name).label.nl in about.stdout
    assert "sector" in about.stdout


def test_a_question_in_english(kg: Run, release: str) -> None:
    result = kg("query", "eisen-met-een-vervuller", "--release", release, "--lang", "en")
    assert "Only fulfiller" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["eisen-met-een-vervullr"], "query.unknown"),
        (["eisen-met-een-vervuller", "-p", "sector"], "query.parameter-form"),
        (["eisen-met-een-vervuller", "-p", "kleur=rood"], "query.parameter-unknown"),
        (["eisen-met-een-vervuller", "-p", "sector=nergens"], "usage.unknown-name"),
        (["eisen-met-een-vervuller", "--sparql", "-"], "query.both"),
        (["-p", "sector=spoor"], "query.name"),
    ],
)
def test_a_wrong_question_exits_with_2(
    kg: Run, release: str, arguments: list[str], code: str
) -> None:
    result = kg("query", *arguments, "--release", release)
    assert result.exit_code == 2
    assert f"[{code}]" in result.stderr


def test_sparql_from_stdin_and_file(kg: Run, release: str, tmp_path: Path) -> None:
    place = ("--release", release)
    text = "SELECT ?s ?b { ?s vit:restartLag ?b } ORDER BY ?s"
    found = rows(kg("query", "--sparql", "-", *place, "--format", "csv", stdin=text))
    assert [row["s"] for row in found] == [ID + "grid", ID + "rail"]
    path = tmp_path / "vraag.rq"
    path.write_text("ASK { id:rail vit:dependsOn id:grid }", encoding="utf-8")
    assert kg("query", "--sparql", str(path), *place).stdout.startswith("ja\n\nRubricering: ")
    construct = "CONSTRUCT { ?s a vit:X } WHERE { ?s vit:restartLag ?b }"
    out = kg("query", "--sparql", "-", *place, stdin=construct).stdout
    assert len(list(ox.parse(out.encode(), format=ox.RdfFormat.N_TRIPLES))) == 2
    absent = kg("query", "--sparql", str(tmp_path / "geen.rq"), *place)
    assert absent.exit_code == 2
    assert "geen.rq" in absent.stderr


@pytest.mark.parametrize(
    "text", ["SELECT * { SERVICE <http://localhost:1/> { ?s ?p ?o } }", "SELECT", "CLEAR ALL"]
)
def test_refused_sparql_is_one_plain_error(kg: Run, release: str, text: str) -> None:
    result = kg("query", "--sparql", "-", "--release", release, stdin=text)
    assert result.exit_code == 1
    assert "Traceback" not in result.output
    assert "[query." in result.stderr


def test_the_picture_of_a_question(kg: Run, release: str, tmp_path: Path) -> None:
    html = tmp_path / "vraag.html"
    question = ("eisen-met-een-vervuller", "-p", "sector=telecom")
    result = kg("query", *question, "--release", release, "--html", str(html))
    assert str(html) in result.stderr
    page = html.read_text("utf-8")
    assert "Regionaal net (fictief)" in page
    assert "Content-Security-Policy" in page


# --- cascade, explain -------------------------------------------------------------------------


def test_a_cascade_as_other_programs_read_it(kg: Run, release: str) -> None:
    found = load(
        kg("cascade", "grid@PT1H", "--horizon", "P3D", "--release", release, "--format", "json")
    )
    assert found["level"] == "openbaar"
    assert len(found["release"]) == 16
    assert found["horizon_hours"] == 72
    assert found["outages"][0]["unit"] == ID + "grid"
    assert (found["outages"][0]["start_hours"], found["outages"][0]["end_hours"]) == (1, None)
    events = [(event["hours"], event["unit"], event["state"]) for event in found["events"]]
    assert events == [
        (1, ID + "grid", "down"),
        (1, ID + "rail", "down"),
        (4, ID + "gsmr", "down"),
    ]
    assert found["events"][0]["because"] == {"outage": 0}
    assert found["events"][2]["because"]["requirement"] == ID + "r1"
    assert found["events"][2]["because"]["lost"] == [ID + "grid"]
    assert set(found) >= {"down_at_horizon", "deadlocks", "vital_processes", "assumptions"}


def test_a_cascade_that_ends(kg: Run, release: str) -> None:
    arguments = ("cascade", "grid@PT0H/PT2H", "--release", release)
    found = load(kg(*arguments, "--format", "json"))
    assert (8, ID + "rail", "up") in [(e["hours"], e["unit"], e["state"]) for e in found["events"]]
    assert found["down_at_horizon"] == []
    table = rows(kg(*arguments, "--format", "csv"))
    assert [row["unit"] for row in table][:2] == [ID + "grid", ID + "rail"]


def test_a_cascade_for_people(kg: Run, release: str, tmp_path: Path) -> None:
    html = tmp_path / "c.html"
    result = kg("cascade", "Regionaal net (fictief)", "--release", release, "--html", str(html))
    assert result.exit_code == 0, result.output
    assert "Treindienst (fictief)" in result.stdout
    assert "uitgevallen" in result.stdout
    assert max(map(len, result.stdout.splitlines())) < 250
    assert "Treindienst (fictief)" in html.read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["grit"], "grid"),
        (["grid@morgen"], "grid@morgen"),
        (["grid", "--horizon", "3 dagen"], "3 dagen"),
        (["grid@PT2H/PT1H"], "eind"),
        ([], "ontbreekt"),
    ],
)
def test_a_wrong_cascade_exits_with_2(
    kg: Run, release: str, arguments: list[str], words: str
) -> None:
    result = kg("cascade", *arguments, "--release", release)
    assert result.exit_code == 2, result.output
    assert words in result.stderr
    assert "Traceback" not in result.stderr


def test_explain_down_to_the_row(kg: Run, release: str, tmp_path: Path) -> None:
    arguments = ("explain", "rail", "dependsOn", "grid", "--release", release)
    text = kg(*arguments)
    assert text.exit_code == 0, text.output
    assert "Requirement.csv" in text.stdout
    assert "rij 3" in text.stdout
    found = load(kg(*arguments, "--format", "json"))
    assert found["level"] == "openbaar"
    assert "Requirement.csv" in json.dumps(found["proof"])
    html = tmp_path / "bewijs.html"
    assert kg(*arguments, "--html", str(html)).exit_code == 0
    assert "Requirement.csv" in html.read_text("utf-8")
    assert kg(*arguments, "--all").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("\udcff", "dependsOn", "grid"), "usage.unknown-name"),
        (("rail", "\udcff", "grid"), "usage.unknown-name"),
        (("rail", "dependsOn", "\udcff"), "usage.unknown-name"),
        (("rail", "http://[", "grid"), "usage.iri"),
        (("rail", "http://\udcff", "grid"), "usage.iri"),
    ],
)
def test_explain_of_what_is_no_name(
    kg: Run, release: str, arguments: tuple[str, ...], code: str
) -> None:
    result = kg("explain", *arguments, "--release", release)
    assert isinstance(result.exception, SystemExit)
    assert result.exit_code == 2
    assert f"[{code}]" in result.stderr


def test_explain_says_no(kg: Run, release: str) -> None:
    result = kg("explain", "grid", "dependsOn", "rail", "--release", release)
    assert result.exit_code == 1
    assert "Traceback" not in result.output


# --- export -----------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["turtle", "trig", "nquads", "jsonld", "graphml", "csv"])
def test_an_export_is_stable_and_names_its_release(
    kg: Run, release: str, tmp_path: Path, form: str
) -> None:
    one, two = tmp_path / "1", tmp_path / "2"
    for path in (one, two):
        result = kg("export", "--format", form, "--release", release, "--out", str(path))
        assert result.exit_code == 0, result.output
    content = one.read_bytes()
    assert content == two.read_bytes()
    (name,) = [
        folder["release"]
        for folder in load(kg("releases", "--release", release, "--format", "json"))
    ]
    manifest = json.loads((Path(release) / name / "openbaar" / "manifest.json").read_text("utf-8"))
    assert manifest["id"].encode() in content
    assert b"openbaar" in content


def test_every_rdf_form_holds_the_same(kg: Run, release: str) -> None:
    forms = {
        "trig": ox.RdfFormat.TRIG,
        "nquads": ox.RdfFormat.N_QUADS,
        "jsonld": ox.RdfFormat.JSON_LD,
    }
    found = []
    for form, reader in forms.items():
        out = kg("export", "--format", form, "--release", release).stdout_bytes
        found.append({str(quad) for quad in ox.parse(out, format=reader)})
    assert found[0] == found[1] == found[2]
    turtle = kg("export", "--format", "turtle", "--release", release).stdout_bytes
    triples = {str(quad.triple) for quad in ox.parse(turtle, format=ox.RdfFormat.TURTLE)}
    assert len(triples) <= len(found[0])
    out = kg("export", "--format", "csv", "--release", release).stdout
    assert out.count("\n") >= len(found[0])


def test_one_graph(kg: Run, release: str) -> None:
    out = kg("export", "--format", "nquads", "--graph", "inferred", "--release", release)
    quads = list(ox.parse(out.stdout_bytes, format=ox.RdfFormat.N_QUADS))
    graphs = {str(quad.graph_name) for quad in quads}
    assert f"<{PREFIXES['graph']}inferred>" in graphs
    assert len(graphs) == 2  # the graph, and the two statements about the release
    absent = kg("export", "--graph", "nergens", "--release", release)
    assert absent.exit_code == 2
    assert "inferred" in absent.stderr


def test_an_unknown_level_lists_those_there_are(kg: Run, release: str) -> None:
    result = kg("export", "--level", "stg-zg", "--release", release)
    assert result.exit_code == 2
    assert "openbaar" in result.stderr


# --- demo -------------------------------------------------------------------------------------


def test_the_demo_shows_the_main_job(kg: Run, tmp_path: Path) -> None:
    picture = tmp_path / "cascade.html"
    result = kg("demo", "--out", str(tmp_path / "releases"), "--picture", str(picture))
    assert result.exit_code == 0, result.output
    for words in ("nagekeken", "afgeleid", "Spoor", "Energie", "Telecommunicatie", "(fictief)"):
        assert words in result.stdout
    assert "want: " in result.stdout
    assert "kg cascade " in result.stdout
    assert "(fictief)" in picture.read_text("utf-8")


@pytest.mark.parametrize(
    "arguments",
    [
        ("cascade", "grid"),
        ("cutsets", "rail"),
        ("explain", "rail", "dependsOn", "grid"),
        ("query", "waar-leunt-op", "-p", "unit=rail"),
        ("screen", "--order", "1"),
        ("withdraw", "CN"),
        ("withdraw",),
    ],
    ids=" ".join,
)
def test_an_answer_in_words_ends_with_where_it_is_from(
    kg: Run, release: str, arguments: tuple[str, ...]
) -> None:
    answer = kg(*arguments, "--release", release)
    assert answer.exit_code == 0, answer.stderr
    level = json.loads((Path(release) / "current" / "openbaar" / "manifest.json").read_text())
    assert answer.stdout.splitlines()[-3:] == [
        "",
        f"Rubricering: openbaar · release {level['id']}",
        f"Beleid: {level['policy']} · peildatum {level['date']}",
    ]
    english = kg(*arguments, "--release", release, "--lang", "en").stdout.splitlines()
    assert english[-2].startswith("Marking: openbaar · release ")
    for format_ in ("json", "csv"):  # which carry it themselves
        assert (
            "Rubricering: " not in kg(*arguments, "--release", release, "--format", format_).stdout
        )
