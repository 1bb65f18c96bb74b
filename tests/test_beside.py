"""Levels beside each other: however their processes begin and end, the release is the same."""

import os
import signal
import subprocess
import sys
import time
import weakref
from pathlib import Path
from typing import Any

import pytest
from test_clearance import _processes_in, contents

from kg import beside
from kg.build import build
from kg.clearance import Clearance
from kg.errors import InputError, KgError
from kg.level import Built, Part, standing_on
from kg.release import Release
from kg.sources import SourceGraph, Staged

SOURCES = """id,title,publisher,date,url,grade,marking
s1,Interview,Ministerie,2026-01-15,,B,openbaar
s2,Nota,Ministerie,2026-01-15,,A,dep-v
s3,Nota,Ministerie,2026-01-15,,A,stg-c
"""
SERVICES = """id,label,inSector,restartLag,source
grid,Regionaal net (fictief),energie,PT2H,s1
wachtpost,Post (fictief),spoor,PT2H,s2
relais,Relais (fictief),energie,PT2H,s3
"""
LEVELS = ("openbaar", "dep-v", "stg-c")

#: A build that says what it does, in English, after what is put in place of WAY; each line in one
#: piece, as several threads tell.
PROGRAM = """
import sys
from pathlib import Path
from kg import beside
from kg.build import build
from kg.language import set_language
WAY
set_language("en")
build([Path(sys.argv[1])], Path(sys.argv[2]), validation=sys.argv[3] == "yes",
      progress=lambda one: (sys.stdout.write(one + "\\n"), sys.stdout.flush()))
"""

#: How processes come to be: forked while the files are read, as in a command; from another Python
#: that is started once it is known that there are several levels; each another Python.
WAYS = {
    "forked": "assert beside.may_fork()",
    "another": "beside.may_fork = lambda: False",
    "each": "beside.may_fork = lambda: False; beside._SPLITS = False",
}

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is forked")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("eigen")
    (folder / "Source.csv").write_text(SOURCES)
    (folder / "Service.csv").write_text(SERVICES)
    return folder


@pytest.fixture(scope="module")
def expected(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One after the other."""
    out = tmp_path_factory.mktemp("een")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(beside, "_MOST", 0)
        build([data], out, validation=False)
    return out


def started(way: str, data: Path, out: Path, validation: str = "no") -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM.replace("WAY", WAYS[way]), str(data), str(out), validation],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )


@pytest.mark.parametrize("way", WAYS)
def test_however_they_begin_the_levels_are_the_same(
    way: str, data: Path, expected: Path, tmp_path: Path
) -> None:
    with started(way, data, tmp_path) as process:
        said, wrong = process.communicate()
    assert (process.returncode, wrong) == (0, "")
    assert {f"{name}: reasoning" for name in LEVELS} <= set(said.splitlines())
    assert Release.open(tmp_path).levels == LEVELS
    for name in LEVELS:
        one, other = (Release.open(out, name) for out in (tmp_path, expected))
        assert (one.id, contents(one.path)) == (other.id, contents(other.path))
        assert list(one.store.dump(None)) == list(other.store.dump(None))


@pytest.mark.parametrize("way", [*WAYS, "one after the other"])
def test_what_a_lower_level_found_is_taken_over(
    way: str, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The report of each level is that of building it alone."""
    if way in WAYS:
        with started(way, data, tmp_path / "all", validation="yes") as process:
            said, wrong = process.communicate()
        assert (process.returncode, wrong) == (0, "")
        assert {f"{name}: validating" for name in LEVELS} <= set(said.splitlines())
    else:
        monkeypatch.setattr(beside, "_MOST", 0)
        build([data], tmp_path / "all")
    for name in LEVELS:
        build([data], tmp_path / "one", clearances=[name])
        one, other = (Release.open(tmp_path / out, name) for out in ("one", "all"))
        assert (one.id, contents(one.path)) == (other.id, contents(other.path))


def test_what_a_level_is_built_from_is_not_kept(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a large set these are hundreds of megabytes, of use until they are loaded."""
    make = beside.build_level
    kept: list[Part | None] = []

    def made(part: Part, *rest: Any, **named: Any) -> Built:
        built = make(part, *rest, **named)
        known = weakref.ref(part)
        del part
        kept.append(known())
        return built

    monkeypatch.setattr(beside, "_MOST", 0)
    monkeypatch.setattr(beside, "build_level", made)
    build([data], tmp_path, validation=False)
    assert kept == [None] * len(LEVELS)


def test_what_is_wrong_in_a_lower_level_is_told_of_that_level(data: Path, tmp_path: Path) -> None:
    """And nothing of what is wrong above it."""
    (tmp_path / "Requirement.csv").write_text(
        "id,label,requiredBy,fulfilledBy,source\n"
        "net-eis,Eis (fictief),grid,grid,s1\n"
        "post-eis,Eis (fictief),wachtpost,wachtpost,s2\n"
    )
    for file in data.iterdir():
        (tmp_path / file.name).write_text(file.read_text())
    with pytest.raises(InputError) as caught:
        build([tmp_path], tmp_path / "out")
    told = [one.nl for one in caught.value.problems if one.code == "shacl.Requirement-notItself"]
    assert len(told) == 1
    assert "(net-eis)" in told[0]


def test_each_stands_on_the_largest_that_it_holds_all_of() -> None:
    def part(*documents: bytes) -> Part:
        graphs = tuple(
            SourceGraph(f"g{n}", "", "", "openbaar", one, 1, None)
            for n, one in enumerate(documents)
        )
        staged = Staged(graphs, (), (), (), {"openbaar": 0})
        return Part(Clearance("openbaar", frozenset()), staged, None, None, "sparql", False, True)

    parts = [part(b"a"), part(b"a", b"b"), part(b"a", b"c"), part(b"a", b"b", b"c"), part(b"d")]
    assert standing_on(parts) == [None, 0, 0, 1, None]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_none_goes_on_without_the_build(
    way: str, how: signal.Signals, data: Path, tmp_path: Path
) -> None:
    """After a Ctrl-C all is gone at once; after a kill as soon as the others see it."""
    with started(way, data, tmp_path, validation="yes") as process:
        assert process.stdout is not None
        assert any(line.endswith(": validating\n") for line in process.stdout)
        process.send_signal(how)
        process.communicate()
    assert process.returncode
    deadline = time.monotonic() + (0 if how == signal.SIGINT else 60)
    while building := _processes_in(tmp_path):
        assert time.monotonic() < deadline, building
        time.sleep(0.1)
    assert how == signal.SIGKILL or not list(tmp_path.glob(".building-*"))


@pytest.mark.parametrize("at", [0, -1])
def test_a_level_whose_process_is_killed_is_told(
    at: int, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first is split off, the last is the one that split it off."""
    begun: list[beside._Level] = []
    begin = beside._Level.__init__

    def noted(self: beside._Level, *pipes: object) -> None:
        begun.append(self)
        begin(self, *pipes)  # type: ignore[arg-type]

    def kill(said: str) -> None:
        if said.endswith(": laden"):
            begun[at].kill()

    monkeypatch.setattr(beside._Level, "__init__", noted)
    with pytest.raises(KgError, match=r"build\.process") as caught:
        build([data], tmp_path, validation=False, progress=kill)
    assert any(name in caught.value.nl for name in LEVELS)
    assert not list(tmp_path.glob(".building-*"))
    assert not (tmp_path / "current").exists()


@pytest.mark.parametrize("name", LEVELS)
def test_a_level_that_is_killed_keeps_none_waiting(
    name: str, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is higher then validates everything, and is built to its end."""
    begun: dict[str, beside._Level] = {}
    follow = beside._Level.followed

    def noted(self: beside._Level, level: str, *rest: Any) -> Built:
        begun[level] = self
        return follow(self, level, *rest)

    said: list[str] = []

    def kill(one: str) -> None:
        said.append(one)
        if one == f"{name}: valideren":
            begun[name].kill()

    monkeypatch.setattr(beside._Level, "followed", noted)
    with pytest.raises(KgError, match=r"build\.process") as caught:
        build([data], tmp_path, progress=kill)
    assert f"niveau {name} " in caught.value.nl
    assert {f"{one}: wegschrijven" for one in LEVELS if one != name} <= set(said)


def test_an_error_of_who_is_told_ends_all(data: Path, tmp_path: Path) -> None:
    def fail(said: str) -> None:
        if said.endswith(": laden"):
            raise RuntimeError(said)

    with pytest.raises(RuntimeError, match="openbaar: laden"):
        build([data], tmp_path, validation=False, progress=fail)
    assert not _processes_in(tmp_path)
    assert not list(tmp_path.glob(".building-*"))
