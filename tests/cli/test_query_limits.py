"""``kg query`` within limits of time, memory and rows, as a person meets them."""

import csv
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from below_origin import below_origin
from click.testing import Result

Run = Callable[..., Result]

EVERYTHING = "SELECT ?s ?p ?o { ?s ?p ?o }"
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"


def ask(kg: Run, release: str, text: str, *more: str) -> Result:
    return kg("query", "--sparql", "-", "--release", release, *more, stdin=text)


def test_what_is_cut_off_is_said_in_every_form(kg: Run, release: str) -> None:
    for format_ in ("table", "json", "csv"):
        result = ask(kg, release, EVERYTHING, "--max-rows", "7", "--format", format_)
        assert result.exit_code == 0
        assert "Afgekapt na 7 rijen" in result.stderr
        assert "--max-rows" in result.stderr
    found = json.loads(ask(kg, release, EVERYTHING, "--max-rows", "7", "--format", "json").stdout)
    assert (len(found["rows"]), found["truncated"]) == (7, True)
    assert result.stdout.splitlines()[0].endswith(", truncated after 7 rows")
    rows = list(csv.reader(below_origin(result.stdout).splitlines()))
    assert len(rows) == 1 + 7
    english = ask(kg, release, EVERYTHING, "--max-rows", "7", "--lang", "en")
    assert "Cut off after 7 rows" in english.stderr
    saved = kg("query", "wat-ontbreekt", "--release", release, "--max-rows", "1")
    assert "Afgekapt na 1 rijen" in saved.stderr


def test_what_is_whole_says_nothing(kg: Run, release: str) -> None:
    whole = "SELECT ?s { ?s vit:restartLag ?lag }"
    found = ask(kg, release, whole, "--max-rows", "2", "--format", "json")
    assert json.loads(found.stdout)["truncated"] is False
    assert found.stderr == ""


@pytest.mark.parametrize(
    ("text", "more", "code"),
    [
        (ENDLESS, ("--timeout", "0.5"), "query.timeout"),
        (f"{EVERYTHING} # " + "x" * 20, ("--max-rows", "0"), "usage"),
        (EVERYTHING, ("--timeout", "0"), "usage"),
        (EVERYTHING, ("--max-memory", "veel"), "query.size"),
        (EVERYTHING, ("--max-memory", "1K"), "query.limits"),
        (
            "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?a ?d ?g",
            ("--max-memory", "32M"),
            "query.memory",
        ),
        ("CONSTRUCT WHERE { ?s ?p ?o }", ("--max-rows", "5"), "query.graph-size"),
        ("SELECT * { SERVICE <http://127.0.0.1:9/> { } }", (), "query.service"),
        (f"SELECT * {{ FILTER {'(' * 500_000}1{')' * 500_000} }}", (), "query.too-deep"),
    ],
)
def test_a_limit_ends_in_one_line_that_says_what_to_do(
    kg: Run, release: str, text: str, more: tuple[str, ...], code: str
) -> None:
    result = ask(kg, release, text, *more)
    assert result.exit_code == (2 if code in ("usage", "query.size", "query.limits") else 1), (
        result.output
    )
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith("kg: ")
    assert line.endswith(f"[{code}]")


def test_ctrl_c_ends_the_command_and_its_process(release: str, tmp_path: Path) -> None:
    question = tmp_path / "eindeloos.rq"
    question.write_text(ENDLESS, "utf-8")
    with subprocess.Popen(
        [sys.executable, "-m", "kg", "query", "--sparql", question, "--release", release,
         "--timeout", "3000"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as command:  # fmt: skip
        children = Path(f"/proc/{command.pid}/task/{command.pid}/children")
        end = time.monotonic() + 60
        while not (found := children.read_text().split()) or used(found[0]) < 30:
            assert time.monotonic() < end, "it never began"
            time.sleep(0.05)
        command.send_signal(signal.SIGINT)
        _, said = command.communicate(timeout=60)
    assert (command.returncode, said) == (130, "kg: afgebroken\n")
    assert not Path(f"/proc/{found[0]}").exists()


def used(pid: str) -> int:
    """Hundredths of a second of the processor."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])
