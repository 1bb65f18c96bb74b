"""Runs the command line as a person would, in this process and in one of its own."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

sys.path.insert(0, str(Path(__file__).parent))

from kg.build import build
from kg.cli.main import build_group
from kg.language import language_from, set_language


@pytest.fixture
def kg() -> Callable[..., Result]:
    def run(*arguments: str, stdin: str | None = None) -> Result:
        set_language(language_from(list(arguments)))
        return CliRunner().invoke(build_group(), list(arguments), input=stdin)

    return run


@pytest.fixture
def process() -> Callable[..., subprocess.CompletedProcess[str]]:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "kg.cli.main", *arguments],
            capture_output=True,
            text=True,
            check=False,
        )

    return run


SOURCES = """id,title,publisher,date,url,grade,marking
s1,Interview,Ministerie,2026-01-15,,B,openbaar
"""
SERVICES = """id,label,inSector,restartLag,source
grid,Regionaal net (fictief),energie,PT2H,s1
gsmr,Treinradio (fictief),telecom,,s1
rail,Treindienst (fictief),spoor,PT4H,s1
"""
REQUIREMENTS = """id,label,requiredBy,fulfilledBy,minimumFulfilled,buffer,effect,source
r1,Stroom voor de treinradio,gsmr,grid,1,PT3H,fails,s1
r2,Stroom en radio voor de treindienst,rail,grid;gsmr,2,PT0H,fails,s1
"""


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The minimal folder of a user."""
    folder = tmp_path_factory.mktemp("gegevens") / "mijn"
    folder.mkdir()
    (folder / "Source.csv").write_text(SOURCES, encoding="utf-8")
    (folder / "Service.csv").write_text(SERVICES, encoding="utf-8")
    (folder / "Requirement.csv").write_text(REQUIREMENTS, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def release(data: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A folder with a release of that data, built once."""
    out = tmp_path_factory.mktemp("uit") / "releases"
    build([data], out)
    return str(out)
