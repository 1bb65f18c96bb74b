"""``kg import``: from files of others to a release, with its account, errors and exit codes."""

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from kg.build import build
from kg.names import SPARQL_PREFIXES
from kg.sources.registers.importing import FORMATS

Run = Callable[..., Result]
SAMPLES = Path(__file__).parents[2] / "examples" / "registers"
LEI = [str(one) for one in sorted(SAMPLES.glob("*gleif*.csv"))]
#: A sample of each format, and the table that comes of it.
EACH = {
    "gleif": (LEI, "RegisterEntry"),
    "ocds": ([str(SAMPLES / "ocds-releases.json")], "Contract"),
    "cyclonedx": ([str(SAMPLES / "sbom.cdx.json")], "Product"),
    "stix": ([str(SAMPLES / "stix-bundle.json")], "ThreatActor"),
}


@pytest.fixture(scope="session")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("gegevens") / "mijn"
    place.mkdir()
    (place / "Source.csv").write_text(
        "id,title,publisher,date,url,grade,marking\n"
        "s1,Lijst (fictief),Redactie (fictief),2026-01-15,,B,openbaar\n",
        encoding="utf-8",
    )
    (place / "Organisation.csv").write_text(
        "id,label,seat,kvkNumber,lei,source\n"
        "net,Netbeheer Proefland (fictief),NL,,OEF0REGNETNOORD01030,s1\n"
        "seinen,Seinbouw (fictief),NL,00009002,,s1\n",
        encoding="utf-8",
    )
    return place


@pytest.fixture
def take(kg: Run, own: Path) -> Run:
    def take(*arguments: str) -> Result:
        return kg("import", *arguments, "--marking", "openbaar", "--data", str(own))

    return take


def test_every_format_has_a_sample() -> None:
    assert set(EACH) == set(FORMATS)


@pytest.mark.parametrize("format_", EACH)
def test_every_format_validates_after_its_import(
    take: Run, kg: Run, own: Path, tmp_path: Path, format_: str
) -> None:
    files, table = EACH[format_]
    out = tmp_path / "uit"
    result = take(format_, *files, "--out", str(out))
    assert result.exit_code == 0, result.output
    assert f"{table}.csv" in result.stdout
    assert "Geschreven:" in result.stderr
    checked = kg("validate", "--data", str(own), "--data", str(out), "--format", "json")
    found = json.loads(checked.stdout)
    assert checked.exit_code == 0
    assert found["conforms"]
    assert found["problems"] == []


def test_who_stands_above_is_found_in_the_release(take: Run, own: Path, tmp_path: Path) -> None:
    out = tmp_path / "lei"
    assert take("gleif", *LEI, "--out", str(out)).exit_code == 0
    release = build([own, out], tmp_path / "releases", validation=False)
    assert release.store.ask(
        SPARQL_PREFIXES
        + "ASK { id:net vit:controlledBy id:lei-OEF0REGTOPGROEP01017 ; vit:underControlOf id:CN }"
    )


def test_the_account_as_json_and_csv(take: Run, tmp_path: Path) -> None:
    result = take("gleif", *LEI, "--out", str(tmp_path / "a"), "--format", "json")
    account = json.loads(result.stdout)
    assert account["tables"]["RegisterEntry"] == 2
    assert account["counts"]["leiMatch"] == account["counts"]["kvkMatch"] == 1
    assert account["left_out"] == []
    result = take("gleif", *LEI, "--out", str(tmp_path / "b"), "--format", "csv", "--lang", "en")
    lines = dict(csv.reader(io.StringIO(result.stdout)))
    assert lines["organisations recognised by their LEI"] == "1"
    assert lines["RegisterEntry.csv"] == "2"


def test_what_the_user_says_of_the_source_counts(take: Run, tmp_path: Path) -> None:
    out = tmp_path / "uit"
    said = {
        "--source": "bron-x",
        "--title": "Mijn lijst",
        "--publisher": "Wij",
        "--date": "2026-02-03",
        "--url": "https://example.org/x",
        "--grade": "A",
    }
    options = [part for pair in said.items() for part in pair]
    assert take("stix", *EACH["stix"][0], "--out", str(out), *options).exit_code == 0
    (row,) = csv.DictReader(io.StringIO((out / "Source.csv").read_text("utf-8")))
    assert [*row.values()][:6] == [*said.values()]


@pytest.mark.parametrize(
    ("arguments", "exit_code", "words"),
    [
        (["gleif"], 2, "Er ontbreekt"),
        (["xbrl", LEI[0]], 2, "kies uit"),
        (["gleif", "bestaat-niet.csv"], 2, "[usage.no-such-path]"),
        (["ocds", LEI[0]], 1, "[intake.not-ocds]"),
        (["stix", EACH["ocds"][0][0]], 1, "[intake.not-stix]"),
        (["cyclonedx", EACH["ocds"][0][0]], 1, "[intake.not-cyclonedx]"),
        (["gleif", EACH["ocds"][0][0]], 1, "[intake.not-gleif]"),
        (["gleif", *LEI, "--source", "a b"], 2, "[usage.id]"),
        (["gleif", *LEI, "--date", "3-2-2026"], 2, "[import.date]"),
        (["gleif", *LEI, "--url", "javascript:alert(1)"], 2, "[import.iri]"),
    ],
)
def test_wrong_use_and_wrong_files(
    take: Run, tmp_path: Path, arguments: list[str], exit_code: int, words: str
) -> None:
    out = tmp_path / "uit"
    result = take(*arguments, "--out", str(out))
    assert result.exit_code == exit_code
    assert words in result.stderr
    assert result.stdout == ""
    assert list(tmp_path.iterdir()) == []  # nothing, not even half of it


def test_a_folder_in_use_is_told_before_anything_is_read(take: Run, tmp_path: Path) -> None:
    (tmp_path / "iets").write_text("x", encoding="utf-8")
    result = take("gleif", "bestaat-niet.csv", "--out", str(tmp_path))
    assert result.exit_code == 2
    assert "[usage.folder-exists]" in result.stderr


def test_what_is_made_has_the_rights_that_the_user_gives(take: Run, tmp_path: Path) -> None:
    place, before = tmp_path / "uit", os.umask(0o077)
    try:
        assert take("stix", str(SAMPLES / "stix-bundle.json"), "--out", str(place)).exit_code == 0
    finally:
        os.umask(before)
    rights = {path.stat().st_mode & 0o777 for path in place.iterdir()}
    assert (place.stat().st_mode & 0o777, rights) == (0o700, {0o600})
    assert [path.name for path in tmp_path.iterdir()] == ["uit"]  # and nothing else is left


def test_the_marking_must_be_given(kg: Run, tmp_path: Path) -> None:
    result = kg("import", "gleif", *LEI, "--out", str(tmp_path / "uit"))
    assert result.exit_code == 2
    assert "--marking" in result.stderr


def test_the_libraries_of_other_formats_stay_out_of_the_way() -> None:
    code = "import sys\nimport kg.cli.import_\nprint(*sorted(sys.modules))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {"stix2", "ijson", "cyclonedx", "requests"} & set(out.stdout.split()) == set()


def test_actors_go_out_as_stix(kg: Run, release: str, tmp_path: Path) -> None:
    out = tmp_path / "actoren.json"
    result = kg("export", "--format", "stix", "--release", release, "--out", str(out))
    assert result.exit_code == 0, result.output
    assert json.loads(out.read_bytes())["type"] == "bundle"
    wrong = kg("export", "--format", "stix", "--graph", "findings", "--release", release)
    assert wrong.exit_code == 2
    assert "[export.graph]" in wrong.stderr
