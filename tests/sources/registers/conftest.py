"""Data at hand that imports have to fit in with, and a way to run an import on samples.

Lets the tests of this folder import register_data, which they share.
"""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from kg.resources import folder
from kg.schema import Schema
from kg.sources.registers.importing import import_files
from kg.sources.registers.known import Known, read_known
from kg.sources.registers.model import About, Imported

sys.path.insert(0, str(Path(__file__).parent))

from register_data import ORGANISATIONS, SAMPLES, SOURCES

Run = Callable[..., Imported]


@pytest.fixture(scope="session")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a user."""
    place = tmp_path_factory.mktemp("gegevens") / "mijn"
    place.mkdir()
    (place / "Source.csv").write_text(SOURCES, encoding="utf-8")
    (place / "Organisation.csv").write_text(ORGANISATIONS, encoding="utf-8")
    return place


@pytest.fixture(scope="session")
def real_schema() -> Schema:
    return Schema.load(folder("ontology"))


@pytest.fixture(scope="session")
def known(own: Path, real_schema: Schema) -> Known:
    return read_known([folder("data") / "reference", own], real_schema)


@pytest.fixture
def run(known: Known) -> Run:
    """Imports samples (by name) or other files, as public unless told otherwise."""

    def run(
        format_: str, *files: str | Path, about: About | None = None, skip_invalid: bool = False
    ) -> Imported:
        paths = [SAMPLES / one if isinstance(one, str) else one for one in files]
        about = about or About("openbaar")
        return import_files(format_, paths, known, about, skip_invalid=skip_invalid)

    return run
