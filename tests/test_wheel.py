"""The built wheel works outside the checkout, with everything that it needs inside."""

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, ROOT],
        check=True,
        capture_output=True,
    )
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def command(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """``kg`` of the installed wheel; the dependencies come from the environment of the tests."""
    home = tmp_path_factory.mktemp("installed")
    venv.create(home, with_pip=False)
    site = next(home.glob("lib/python*/site-packages"))
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    return [str(home / "bin" / "python"), "-m", "kg"]


def run(command: list[str], *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    dependencies = next(path for path in sys.path if path.endswith("site-packages"))
    environment = {**os.environ, "PYTHONPATH": dependencies}
    return subprocess.run(
        [*command, *arguments],
        cwd=cwd,
        env=environment,
        input="SELECT ?one WHERE { ?one a vit:VitalProcess }",
        capture_output=True,
        text=True,
        check=False,
    )


def test_everything_is_in_the_wheel(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    for folder in ("ontology", "shapes", "queries", "data", "schemas"):
        expected = {
            f"kg/_resources/{path.relative_to(ROOT).as_posix()}"
            for path in (ROOT / folder).rglob("*")
            if path.is_file() and not path.name.startswith(".")
        }
        assert expected, folder
        assert expected <= names
    assert "kg/py.typed" in names


def test_the_wheel_builds_and_answers(command: list[str], tmp_path: Path) -> None:
    built = run(command, "build", cwd=tmp_path)
    assert built.returncode == 0, built.stderr
    answered = run(command, "query", "--sparql", "-", "--format", "csv", cwd=tmp_path)
    assert answered.returncode == 0, answered.stderr
    assert "proces-spoor" in answered.stdout
    listed = run(command, "query", cwd=tmp_path)
    assert listed.returncode == 0, listed.stderr
    assert listed.stdout.strip()
