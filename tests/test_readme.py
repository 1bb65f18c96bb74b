"""What the README shows is what comes out: its commands are run, in order, and held against it.

Names of releases (hashes) may differ; ``…`` stands for what is left out; how lines are broken is a
matter of the width of a terminal.
"""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text("utf-8")
#: The tables of a user, as the README gives them, and what is wrong in them in its other example.
TABLES = re.compile(r"^mijn/(\w+\.csv) +(.*\n(?: {10,}.*\n)*)", re.MULTILINE)
WRONG = (("PT3H", "3 uur"), ("grid;gsmr", "grid;gsm"))
NOT_RUN = {
    "kg releases verify": "of a damaged release: tests/test_releases.py",
}


@dataclass(frozen=True)
class Example:
    """Commands of one block, each with what it prints."""

    line: int
    steps: tuple[tuple[str, str], ...]


def examples() -> list[Example]:
    found = []
    for block in re.finditer(r"^```text\n(.*?)^```$", README, re.MULTILINE | re.DOTALL):
        parts = re.split(r"^\$ ((?:kg|make) .*)\n", block[1], flags=re.MULTILINE)
        steps = tuple(zip(parts[1::2], parts[2::2], strict=True))
        if steps and not any(steps[0][0].startswith(one) for one in NOT_RUN):
            found.append(Example(README.count("\n", 0, block.start()) + 1, steps))
    return found


def globbed(word: str, folder: Path) -> list[str]:
    """As a shell does."""
    if "*" not in word:
        return [word]
    return sorted(str(one.relative_to(folder)) for one in folder.glob(word))


def said(command: str, folder: Path) -> str:
    """What a command prints where nothing is said of a terminal, words and lines as they come."""
    words = [one for word in command.split() for one in globbed(word, folder)]
    given = words[1:] if words[0] == "kg" else ["demo"]
    settings = {
        key: value for key, value in os.environ.items() if key not in ("COLUMNS", "KG_LANG")
    }
    result = subprocess.run(
        [sys.executable, "-m", "kg", *given],
        cwd=folder,
        env=settings,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode in (0, 1), result.stderr
    return result.stdout + result.stderr


def plain(text: str) -> str:
    return " ".join(re.sub(r"\b[0-9a-f]{16}\b", "#", text).split())


def first_missing(shown: str, printed: str) -> str | None:
    """The first piece of the example that does not follow the one before it in what was printed."""
    printed, at = plain(printed), 0
    for piece in re.split(r"…|\n", shown):
        wanted = plain(piece)
        place = printed.find(wanted, at)
        if place < 0:
            return wanted
        at = place + len(wanted)
    return None


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lezer")
    said("kg build", folder)
    return folder


@pytest.fixture
def reader(shipped: Path, tmp_path: Path) -> Path:
    """The folder of somebody who reads: the checkout's data and a release of it."""
    for name in ("data", "examples"):
        (tmp_path / name).symlink_to(ROOT / name)
    shutil.copytree(shipped / "releases", tmp_path / "releases", symlinks=True)
    (tmp_path / "mijn").mkdir()
    for name, lines in TABLES.findall(README):
        text = "".join(f"{line.strip()}\n" for line in lines.splitlines())
        (tmp_path / "mijn" / name).write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("example", examples(), ids=lambda one: f"line {one.line}")
def test_an_example_prints_what_it_says(example: Example, reader: Path) -> None:
    if "[input.invalid]" in example.steps[0][1]:
        table = reader / "mijn" / "Requirement.csv"
        text = table.read_text("utf-8")
        for right, wrong in WRONG:
            text = text.replace(right, wrong)
        table.write_text(text, encoding="utf-8")
    for command, shown in example.steps:
        printed = said(command, reader)
        missing = first_missing(shown, printed)
        assert missing is None, f"{command}: not there, or not there any more: {missing}\n{printed}"


def test_the_python_of_the_readme_runs(reader: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(reader)
    (block,) = re.findall(r"^```python\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    names: dict[str, object] = {}
    exec(compile(block, "README.md", "exec"), names)
    assert {"release", "table", "fall"} <= names.keys()


def test_every_example_is_run_or_said_not_to_be() -> None:
    found = examples()
    assert len(found) >= 12
    commands = [step[0] for one in found for step in one.steps]
    assert not [one for one in NOT_RUN if README.count(f"$ {one}") != 1]
    assert README.count("\n$ ") == len(commands) + len(NOT_RUN)


def test_what_is_missing_is_seen() -> None:
    assert first_missing("een …\ndrie", "een twee\ndrie") is None
    assert first_missing("drie\neen", "een twee\ndrie") == "een"
    assert first_missing("vier", "een twee\ndrie") == "vier"
