"""``kg releases`` and ``kg audit``: list, verify, use, prune; the log and its chain."""

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from kg.audit import level_log
from kg.build import build

Run = Callable[..., Result]


@pytest.fixture(scope="module")
def two(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two releases."""
    folder = tmp_path_factory.mktemp("twee")
    other = shutil.copytree(data, folder / "mijn")
    build([data], folder / "releases", validation=False)
    (other / "Service.csv").write_text((data / "Service.csv").read_text().replace("PT2H", "PT3H"))
    build([other], folder / "releases", validation=False)
    return folder / "releases"


@pytest.fixture
def out(two: Path, tmp_path: Path) -> Path:
    """A copy of it, to be spoilt."""
    return Path(shutil.copytree(two, tmp_path / "releases", symlinks=True))


def listed(kg: Run, out: Path) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(
        kg("releases", "--release", str(out), "--format", "json").stdout
    )
    return found


def test_the_list_tells_what_one_chooses_by(kg: Run, out: Path) -> None:
    current, other = listed(kg, out)
    assert current["current"] is True
    assert other["current"] is False
    assert set(current) == {
        "release", "levels", "ids", "date", "policy", "built", "bytes", "current",
    }  # fmt: skip
    table = kg("releases", "--release", str(out)).stdout
    for words in ("Release", "Niveaus", "Peildatum", "Beleid", "Gebouwd (UTC)", "Omvang", "MB"):
        assert words in table
    assert "Levels" in kg("releases", "--release", str(out), "--lang", "en").stdout
    assert kg("releases", "--release", str(out), "--format", "csv").stdout.count("\n") == 3


def test_back_and_forth(kg: Run, out: Path) -> None:
    current, other = (str(one["release"]) for one in listed(kg, out))
    done = kg("releases", "use", other[:8], "--release", str(out))
    assert done.exit_code == 0
    assert f"De huidige release is nu {other}." in done.stdout
    assert f"Terug: kg releases use {current}" in done.stderr
    assert listed(kg, out)[0]["release"] == other
    again = kg("releases", "--release", str(out), "use", other, "--lang", "en")
    assert "was the current one already" in again.stdout
    wrong = kg("releases", "use", "nergens", "--release", str(out))
    assert wrong.exit_code == 2
    assert "[release.unknown]" in wrong.stderr


@pytest.mark.parametrize(
    ("language", "words"), [("nl", "veranderd of beschadigd"), ("en", "changed or damaged")]
)
def test_damage_is_told_with_what_to_do(kg: Run, out: Path, language: str, words: str) -> None:
    assert kg("releases", "verify", "--release", str(out)).exit_code == 0
    current, other = (str(one["release"]) for one in listed(kg, out))
    (out / current / "openbaar" / "findings.json").write_text("{}")
    found = kg("releases", "verify", "--release", str(out), "--lang", language)
    assert found.exit_code == 1
    assert "openbaar/findings.json" in found.stdout
    assert words in found.stdout
    assert f"kg releases use {other}" in found.stderr
    assert "kg build" in found.stderr
    as_json = json.loads(
        kg("releases", "verify", current, "--release", str(out), "--format", "json").stdout
    )
    assert as_json["ok"] is False
    assert as_json["releases"][0]["damage"] == [
        {"file": "openbaar/findings.json", "what": "changed"}
    ]
    assert kg("releases", "verify", other, "--release", str(out)).exit_code == 0


def test_a_level_that_is_handed_on_alone_can_be_verified(
    kg: Run, out: Path, tmp_path: Path
) -> None:
    level = Path(shutil.copytree(out / "current" / "openbaar", tmp_path / "stick" / "openbaar"))
    assert kg("releases", "verify", "--release", str(level)).exit_code == 0
    (level / "findings.json").unlink()
    found = kg("releases", "verify", "--release", str(level))
    assert found.exit_code == 1
    assert "findings.json" in found.stdout
    (level / "SHA256SUMS").unlink()
    assert kg("releases", "verify", "--release", str(level)).exit_code == 1


def test_a_broken_log_does_not_choose_what_goes(kg: Run, out: Path) -> None:
    log = out / "audit" / "releases.jsonl"
    log.write_text(log.read_text().replace('"who":"', '"who":"x', 1))
    refused = kg("releases", "prune", "--keep", "1", "--yes", "--release", str(out))
    assert refused.exit_code == 1
    assert "[audit.broken]" in refused.stderr
    assert len(listed(kg, out)) == 2


def test_a_current_release_that_is_gone_is_damage(kg: Run, out: Path) -> None:
    shutil.rmtree((out / "current").resolve())
    found = kg("releases", "verify", "--release", str(out))
    assert found.exit_code == 1
    assert "is er niet meer" in found.stderr


def test_pruning_asks_or_needs_yes(kg: Run, out: Path) -> None:
    current, other = (str(one["release"]) for one in listed(kg, out))
    (out / ".building-1").mkdir()
    asked = kg("releases", "prune", "--keep", "1", "--release", str(out))
    assert asked.exit_code == 2
    assert other in asked.stdout
    assert "1 rest(en)" in asked.stdout
    assert "--yes" in asked.stderr
    assert len(listed(kg, out)) == 2
    done = kg("releases", "prune", "--keep", "1", "--yes", "--release", str(out), "--lang", "en")
    assert done.exit_code == 0
    assert "1 release(s) removed." in done.stdout
    assert [one["release"] for one in listed(kg, out)] == [current]
    again = kg("releases", "prune", "--keep", "1", "--yes", "--release", str(out))
    assert "niets op te ruimen" in again.stdout


def test_an_export_stands_in_the_log_of_its_level(kg: Run, out: Path, tmp_path: Path) -> None:
    import hashlib

    target = tmp_path / "x.nq"
    common = ("--release", str(out))
    assert kg("export", "--format", "nquads", "--out", str(target), *common).exit_code == 0
    (_, last) = json.loads(kg("audit", *common, "--format", "json", "--last", "2").stdout)
    assert last["what"] == "export"
    assert last["to"] == str(target)
    assert last["sha256"] == hashlib.sha256(target.read_bytes()).hexdigest()
    table = kg("audit", *common, "--lang", "en").stdout
    assert "Who" in table
    assert "format=nquads" in table
    folder = kg("audit", "--folder", *common).stdout
    assert "new=true" in folder
    assert "export" not in folder


def test_without_a_log_nothing_leaves(kg: Run, out: Path, tmp_path: Path) -> None:
    shutil.rmtree(out / "audit")
    (out / "audit").write_text("no folder")
    target = tmp_path / "x.nq"
    for where in (["--out", str(target)], []):
        result = kg("export", "--format", "nquads", "--release", str(out), *where)
        assert result.exit_code == 1
        assert result.stdout == ""
        assert "[audit.unwritable]" in result.stderr
    assert not target.exists()
    page = tmp_path / "x.html"
    result = kg("query", "vitaliteitscriterium", "--release", str(out), "--html", str(page))
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "[audit.unwritable]" in result.stderr
    assert not page.exists()


def test_a_page_is_logged_and_kept_whoever_reads_the_table(
    kg: Run, out: Path, tmp_path: Path
) -> None:
    page = tmp_path / "pages" / "x.html"
    arguments = ["query", "vitaliteitscriterium", "--release", str(out), "--html", str(page)]
    process = subprocess.Popen(
        [sys.executable, "-m", "kg", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.close()  # has seen enough
    _, said = process.communicate()
    assert process.returncode == 0, said
    assert str(page) in said.decode()
    lines = level_log(out, "openbaar").read_text("utf-8").splitlines()
    (entry,) = (json.loads(line) for line in lines if '"page"' in line)
    assert entry["to"] == str(page)
    assert entry["sha256"] == hashlib.sha256(page.read_bytes()).hexdigest()


def test_a_log_elsewhere(
    kg: Run, out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KG_AUDIT", str(tmp_path / "log"))
    assert kg("export", "--release", str(out)).exit_code == 0
    assert (tmp_path / "log" / "levels" / "openbaar.jsonl").is_file()


def test_queries_are_logged_when_asked(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from kg import audit
    from kg.release import Release

    release = Release.open(out)
    log = audit.level_log(out, "openbaar")
    before = log.read_bytes()
    audit.record_query(release, name="initiatoren")
    assert log.read_bytes() == before
    monkeypatch.setenv("KG_AUDIT_QUERIES", "1")
    audit.record_query(release, name="initiatoren")
    assert audit.verify(log).entries[-1]["name"] == "initiatoren"


@pytest.mark.parametrize(("language", "word"), [("nl", "regel 1"), ("en", "line 1")])
def test_the_first_broken_line_is_named(kg: Run, out: Path, language: str, word: str) -> None:
    common = ("--release", str(out), "--lang", language)
    whole = kg("audit", "verify", *common)
    assert whole.exit_code == 0
    head = json.loads(kg("audit", "verify", *common, "--format", "json").stdout)["logs"][0]["head"]
    assert kg("audit", "verify", "--head", head, *common).exit_code == 0
    other = kg("audit", "verify", "--head", "f" * 64, *common)
    assert other.exit_code == 1
    log = out / "audit" / "releases.jsonl"
    log.write_text(log.read_text().replace('"who":"', '"who":"x', 1))
    broken = kg("audit", "verify", *common)
    assert broken.exit_code == 1
    assert word in broken.stdout
    assert "mv" in broken.stderr
    shown = kg("audit", "--folder", *common)
    assert word in shown.stderr


def test_a_log_whose_end_was_cut_off_shows_by_its_releases(kg: Run, out: Path) -> None:
    log = out / "audit" / "releases.jsonl"
    log.write_text(log.read_text().splitlines(keepends=True)[0])
    found = kg("audit", "verify", "--release", str(out))
    assert found.exit_code == 1
    assert str(listed(kg, out)[1]["release"]) in found.stderr or "geen regel" in found.stderr


def test_nothing_there_yet(kg: Run, tmp_path: Path) -> None:
    assert "nog geen logboek" in kg("audit", "verify", "--release", str(tmp_path)).stderr
    nothing = kg("releases", "verify", "--release", str(tmp_path))
    assert nothing.exit_code == 0
    assert "nog geen release" in nothing.stderr


def test_both_logs_at_once_is_wrong_use(kg: Run, out: Path) -> None:
    both = kg("audit", "--folder", "--level", "openbaar", "--release", str(out))
    assert both.exit_code == 2


@pytest.mark.parametrize("name", ["releases", "audit"])
def test_parts_of_a_command_have_an_example_in_both_languages(kg: Run, name: str) -> None:
    parts = {"releases": ("verify", "use", "prune"), "audit": ("verify",)}[name]
    for part in parts:
        dutch, english = kg(name, part, "--help"), kg(name, part, "--help", "--lang", "en")
        assert f"kg {name} {part}" in dutch.output.split("Voorbeeld:")[1]
        assert "Example:" in english.output
        assert "Gebruik:" in dutch.output
