"""What SECURITY.md names exists: every test, module, file, command and target of make."""

import ast
import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import click
import pytest

from kg.cli.main import build_group

ROOT = Path(__file__).resolve().parent.parent
SECURITY = (ROOT / "SECURITY.md").read_text("utf-8")
TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))


def names(text: str) -> list[str]:
    """What stands between backticks."""
    return re.findall(r"`([^`\n]+(?:\n[^`\n]+)?)`", text)


def lost(text: str) -> Iterator[str]:
    """What is named and does not exist."""
    for name in (" ".join(one.split()) for one in names(text)):
        if name.startswith("tests/") and "::" in name:
            path, *within = name.split("::")
            if not (ROOT / path).is_file() or not _defines(
                (ROOT / path).read_text("utf-8"), within
            ):
                yield name
        elif re.fullmatch(r"kg(\.\w+)+", name):
            if find_spec(name) is None:
                yield name
        elif name.startswith("make "):
            if name.removeprefix("make ") not in TARGETS:
                yield name
        elif name.startswith("kg "):
            if not _is_command(name.split()[1:]):
                yield name
        elif (
            re.fullmatch(r"[\w./-]+/|[\w./-]+\.(py|md|txt)|Makefile", name)
            and not (ROOT / name).exists()
        ):
            yield name


def _defines(source: str, within: list[str]) -> bool:
    body: list[ast.stmt] = ast.parse(source).body
    for name in within:
        found = [
            one
            for one in body
            if isinstance(one, ast.ClassDef | ast.FunctionDef) and one.name == name
        ]
        if not found:
            return False
        body = found[0].body
    return True


def _is_command(words: list[str]) -> bool:
    group: click.Command | None = build_group()
    for word in words:
        if not isinstance(group, click.Group):
            return False
        group = group.get_command(click.Context(group), word)
    return group is not None


def test_everything_named_exists() -> None:
    assert list(lost(SECURITY)) == []


def test_every_promise_has_a_module_and_a_test() -> None:
    tables = SECURITY.partition("## What is promised")[2].partition("## What is not promised")[0]
    rows = [line for line in tables.splitlines() if line.startswith("| ")]
    promises = [line.strip("| ").split(" | ") for line in rows if not line.startswith("| promise")]
    assert len(promises) > 30
    for promise, held_by, shown_by in promises:
        assert "tests/" in shown_by, promise
        assert "`" in held_by or "all of" in held_by, promise


def test_the_readme_leads_there() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert "(SECURITY.md)" in readme
    assert "\n## Security\n" in readme
    assert list(lost(readme.partition("\n## Security\n")[2].partition("\n## ")[0])) == []


@pytest.mark.parametrize(
    "text",
    [
        "`tests/test_security_text.py::test_that_is_not_there`",
        "`tests/sources/test_hostile.py::TestXml::test_refused`",
        "`tests/test_not_there.py::test_this`",
        "`kg.not_there`",
        "`make rijk`",
        "`kg releases sell`",
        "`kg\nsell`",
        "`tools/not_there.py`",
        "`not-there/`",
    ],
)
def test_what_does_not_exist_is_seen(text: str) -> None:
    assert list(lost(text))
