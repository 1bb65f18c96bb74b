"""The command line as a whole: quick to start, two languages, one line per error, exit codes."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import Result

from kg.cli.base import clean
from kg.cli.main import ENTRIES, build_group
from kg.language import set_language

Run = Callable[..., Result]
HEAVY = ("rdflib", "rich", "numpy", "pyoxigraph", "yaml", "jinja2", "pandas", "pyvis", "pyshacl")


def imported_by(statement: str) -> set[str]:
    """Which heavy packages this statement pulls in, in a fresh interpreter."""
    code = f"import sys\n{statement}\nprint(*sorted(sys.modules))"
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    return set(out.split()) & set(HEAVY)


def test_the_list_of_commands_imports_nothing_heavy() -> None:
    assert imported_by("import kg.cli.main") == set()
    show = "from kg.cli.main import main\ntry: main(['--help'])\nexcept SystemExit: pass"
    assert imported_by(show) == set()
    assert imported_by("import kg") == set()


def test_a_heavy_import_is_seen() -> None:
    assert imported_by("import numpy") == {"numpy"}


def test_listing_the_questions_needs_no_release() -> None:
    show = "from kg.cli.main import main\ntry: main(['query'])\nexcept SystemExit: pass"
    assert imported_by(show) & {"numpy", "rdflib", "rich", "jinja2", "pyshacl"} == set()


def test_help_in_both_languages(kg: Run) -> None:
    nl, en = kg("--help"), kg("--help", "--lang", "en")
    assert nl.exit_code == en.exit_code == 0
    assert "Gebruik: kg" in nl.output
    assert "Opdrachten:" in nl.output
    assert "Usage: kg" in en.output
    assert "Commands:" in en.output
    for name in ENTRIES:
        assert name in nl.output


def test_what_must_be_given_is_said_in_both_languages(kg: Run) -> None:
    dutch = kg("takeover", "--help").output
    assert "--owned X          Wie wordt overgenomen: id, IRI of label. [verplicht]" in dutch
    assert "required" not in dutch
    english = kg("takeover", "--help", "--lang", "en").output
    assert english.count("[required]") == 2


def test_the_variable_chooses_the_language(kg: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KG_LANG", "en")
    assert "Commands:" in kg("--help").output
    assert "Opdrachten:" in kg("--help", "--lang=nl").output


@pytest.mark.parametrize("name", ENTRIES)
def test_every_command_has_help_with_an_example_in_both_languages(kg: Run, name: str) -> None:
    nl, en = kg(name, "--help"), kg(name, "--help", "--lang", "en")
    assert nl.exit_code == en.exit_code == 0, nl.output + en.output
    assert "Voorbeeld:" in nl.output
    assert f"kg {name}" in nl.output.split("Voorbeeld:")[1]
    assert "Example:" in en.output
    assert "Opties:" in nl.output
    assert "--lang" in nl.output
    assert max(map(len, nl.output.splitlines())) <= 80


@pytest.mark.parametrize("name", ENTRIES)
def test_every_option_is_explained_in_both_languages(name: str) -> None:
    helps = []
    for language in ("nl", "en"):
        set_language(language)
        group = build_group()
        command = group.get_command(click.Context(group), name)
        assert command is not None
        parts = {"": command, **getattr(command, "commands", {})}
        helps.append(
            {(at, p.name): p.help for at, one in parts.items() for p in one.params
             if isinstance(p, click.Option)}
            | {(at, ""): one.help for at, one in parts.items()}
        )  # fmt: skip
    nl, en = helps
    assert all(nl.values())
    assert all(en.values())
    assert all(nl[key] != en[key] for key in nl if not key[1])


def test_without_arguments_it_shows_the_help(kg: Run) -> None:
    result = kg()
    assert result.exit_code == 0
    assert "Opdrachten:" in result.output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["fly"], "De opdracht 'fly' bestaat niet"),
        (["releases", "--colour"], "De optie '--colour' bestaat niet"),
        (["releases", "--format", "pdf"], "kies uit table, json, csv"),
        (["releases", "--release"], "vraagt een waarde"),
        (["releases", "extra"], "De opdracht 'extra' bestaat niet; zie kg releases --help"),
        (["releases", "verify", "a", "extra"], "Onverwacht: extra"),
        (["releases", "--lang", "de"], "kies uit nl, en"),
        (["screen", "--order", "3"], "geef een geheel getal van 1 tot en met 2"),
    ],
)
def test_wrong_use_is_one_line_and_exit_code_2(kg: Run, arguments: list[str], words: str) -> None:
    result = kg(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert words in result.stderr
    assert result.stderr.startswith("kg: ")
    assert result.stderr.count("\n") == 1


def test_wrong_use_in_english(kg: Run) -> None:
    assert "There is no command 'fly'" in kg("fly", "--lang", "en").stderr
    assert "choose from" in kg("releases", "--format", "pdf", "--lang", "en").stderr


def test_no_release_is_a_plain_no(kg: Run, tmp_path: Path) -> None:
    result = kg("query", "--sparql", "-", "--release", str(tmp_path), stdin="ASK {}")
    assert result.exit_code == 1
    assert "[release.none]" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_file_that_is_not_there_is_a_plain_no(kg: Run, tmp_path: Path) -> None:
    assert kg("releases", "--release", str(tmp_path / "nergens")).exit_code == 0
    assert "nog geen release" in kg("releases", "--release", str(tmp_path)).stderr


def test_an_interrupt_ends_cleanly(kg: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("kg.releases.releases", interrupted)
    result = kg("releases")
    assert result.exit_code == 130
    assert result.stderr == "kg: afgebroken\n"


def test_a_reader_that_stops_is_no_error() -> None:
    """``kg query | head -1`` must not end in a traceback."""
    code = (
        "from kg.cli import base, main\n"
        "import click\n"
        "class Long(base.LazyGroup):\n"
        "    def get_command(self, ctx, name):\n"
        "        talk = lambda: [click.echo('y' * 9999) for _ in range(999)]\n"
        "        return click.Command('x', callback=talk)\n"
        "Long({'x': base.Entry('', '', '')}, name='kg').main(['x'])\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as writer:
        assert writer.stdout is not None
        assert writer.stderr is not None
        writer.stdout.read(10)
        writer.stdout.close()
        assert writer.wait() == 0
        assert writer.stderr.read() == b""


def test_data_cannot_steer_the_terminal() -> None:
    assert clean("a\x1b[2Jb\x07\u202e") == "a\ufffd[2Jb\ufffd\ufffd"
    assert clean("half \udcff teken") == "half \ufffd teken"
    assert clean("gewoon é → ✓") == "gewoon é → ✓"


def test_a_real_process_ends_with_the_code(
    process: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    assert process("--help").returncode == 0
    assert process("fly").returncode == 2


@pytest.mark.parametrize(
    ("arguments", "nl", "en"),
    [
        (["query", "--sparql", "{}/nergens.rq"], "bestaat niet", "does not exist"),
        (["query", "--sparql", "{}"], "is een map; noem een bestand", "is a folder; name a file"),
        (["build", "--out", "{}/bestand"], "is een bestand; noem een map", "is a file; name a"),
        (["build", "--data", "{}/bestand"], "geen soort bestand", "not a kind of file"),
    ],
)
def test_a_wrong_path_is_said_in_the_language(
    kg: Run, tmp_path: Path, release: str, arguments: list[str], nl: str, en: str
) -> None:
    (tmp_path / "bestand").write_text("", encoding="utf-8")
    given = [one.format(tmp_path) for one in arguments]
    if given[0] == "query":
        given += ["--release", release]
    for language, words in (("nl", nl), ("en", en)):
        result = kg(*given, "--lang", language)
        assert result.exit_code == 2
        assert words in result.stderr
