"""A small store on disk, and a guard of it for each way to start a process."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.guard import Guard, Limits
from kg.names import SKOS
from kg.store import EmbeddedStore

#: Enough that three patterns side by side never end, and little else.
NODES = 300


@pytest.fixture(scope="session")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ring with chords: every node reaches every other."""
    folder = tmp_path_factory.mktemp("guard") / "store"
    lines = [
        f"<urn:n{at}> <urn:{name}> <urn:n{(at + step) % NODES}> .\n"
        for at in range(NODES)
        for name, step in (("next", 1), ("over", 7))
    ]
    labels = [f'<urn:n{at}> <{SKOS}prefLabel> "knoop {at}"@nl .\n' for at in range(NODES)]
    with EmbeddedStore.create(folder) as store:
        store.load("urn:g", "".join(lines).encode())
        store.load("urn:labels", "".join(labels).encode())
    return folder


@pytest.fixture(scope="session", params=[None, False], ids=["as-it-is-safe", "spawned"])
def guard(path: Path, request: pytest.FixtureRequest) -> Iterator[Guard]:
    with Guard(path, Limits(seconds=120), fork=request.param) as one:
        yield one
