"""Levels for a marking and compartments: each holds what its reader may know, and nothing else."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kg import beside
from kg.build import build
from kg.clearance import Clearance, clearance_of
from kg.errors import InputError, UsageError
from kg.release import Release

SOURCES = """id,title,publisher,date,url,grade,marking,compartment
s1,Interview,Ministerie,2026-01-15,,B,openbaar,
s2,Nota,Ministerie,2026-01-15,,A,dep-v,
se,Melding,Netbeheerder,2026-01-15,,A,dep-v,kring-energie
st,Melding,Aanbieder,2026-01-15,,A,stg-c,kring-telecom
"""
COMPARTMENTS = """id,label,compartmentOf,source
kring-energie,Kring energie (fictief),energie,s1
kring-telecom,Kring telecom (fictief),telecom,s1
"""
SERVICES = """id,label,inSector,restartLag,source
grid,Regionaal net (fictief),energie,PT2H,s1
wachtpost,Post (fictief),spoor,PT2H,s2
relais,Relais (fictief),energie,PT2H,se
knoop,Knoop (fictief),telecom,PT2H,st
beide,Beide (fictief),telecom,PT2H,se;st
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "eigen"
    folder.mkdir()
    (folder / "Source.csv").write_text(SOURCES)
    (folder / "Compartment.csv").write_text(COMPARTMENTS)
    (folder / "Service.csv").write_text(SERVICES)
    return folder


def units(release: Release) -> list[str]:
    names = {"grid", "wachtpost", "relais", "knoop", "beide"}
    return sorted(names & {iri.rpartition("/")[2] for iri in release.network().units})


def contents(path: Path) -> dict[str, bytes]:
    """Every file of a level but its store and what has a clock in it."""
    return {
        str(file.relative_to(path)): file.read_bytes()
        for file in sorted(path.rglob("*"))
        if file.is_file()
        and "store" not in file.relative_to(path).parts
        and file.name not in {"build.prov.ttl", "SHA256SUMS"}
    }


def test_a_name_says_for_whom_a_level_is() -> None:
    one = Clearance("dep-v", frozenset({"kring-spoor", "kring-energie"}))
    assert one.name == "dep-v+kring-energie+kring-spoor"
    known = ["openbaar", "dep-v"], ["kring-energie", "kring-spoor"]
    assert clearance_of(one.name, *known) == one
    for wrong in ("stg-g", "dep-v+kring-x", "", "dep-v+"):
        with pytest.raises(UsageError, match=r"release\.clearance"):
            clearance_of(wrong, *known)


def test_by_default_each_level_adds_something(data: Path, tmp_path: Path) -> None:
    build([data], tmp_path / "out", validation=False)
    levels = Release.open(tmp_path / "out").levels
    assert levels == (
        "openbaar",
        "dep-v",
        "dep-v+kring-energie",
        "stg-c+kring-telecom",
        "stg-c+kring-energie+kring-telecom",
    )
    opened = {name: Release.open(tmp_path / "out", name) for name in levels}
    assert {name: units(one) for name, one in opened.items()} == {
        "openbaar": ["grid"],
        "dep-v": ["grid", "wachtpost"],
        "dep-v+kring-energie": ["grid", "relais", "wachtpost"],
        "stg-c+kring-telecom": ["grid", "knoop", "wachtpost"],
        "stg-c+kring-energie+kring-telecom": ["beide", "grid", "knoop", "relais", "wachtpost"],
    }
    one = opened["dep-v+kring-energie"]
    assert (one.marking, one.compartments) == ("dep-v", frozenset({"kring-energie"}))


def test_the_levels_that_are_asked_for_are_the_same(data: Path, tmp_path: Path) -> None:
    build([data], tmp_path / "all", validation=False)
    named = ["stg-c+kring-telecom", "openbaar"]
    build([data], tmp_path / "some", validation=False, clearances=named)
    assert Release.open(tmp_path / "some").levels == ("openbaar", "stg-c+kring-telecom")
    for name in named:
        some, whole = (Release.open(tmp_path / one, name) for one in ("some", "all"))
        assert some.id == whole.id
        assert contents(some.path) == contents(whole.path)
    with pytest.raises(UsageError, match="kring-spoor"):
        build([data], tmp_path / "some", clearances=["dep-v+kring-spoor"])


def test_beside_each_other_or_one_after_the_other_is_the_same(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    build([data], tmp_path / "beside", progress=steps.append)
    assert any(one.startswith("dep-v: ") for one in steps)
    monkeypatch.setattr(beside, "_MOST", 0)
    build([data], tmp_path / "one", progress=steps.append)
    assert "niveau dep-v" in steps
    for name in Release.open(tmp_path / "one").levels:
        one, other = (Release.open(tmp_path / out, name) for out in ("one", "beside"))
        assert (one.id, contents(one.path)) == (other.id, contents(other.path))
        assert list(one.store.dump(None)) == list(other.store.dump(None))


def test_what_is_wrong_in_a_level_is_told_from_its_process(data: Path, tmp_path: Path) -> None:
    bad = "id,label,inSector,restartLag,source\nlang,Lang (fictief),spoor,P90000D,s2\n"
    (data / "Asset.csv").write_text(bad)
    with pytest.raises(InputError) as caught:
        build([data], tmp_path / "out")
    assert [(one.location.file, one.location.row) for one in caught.value.problems] == [
        ("eigen/Asset.csv", 2)
    ]
    assert not (tmp_path / "out" / "current").exists()
    assert not list((tmp_path / "out").glob(".building-*"))


def test_no_process_outlives_the_build(data: Path, tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from kg.build import build\n"
        "build([Path(sys.argv[1])], Path(sys.argv[2]), progress=lambda one: print(one, flush=True))"
    )
    command = [sys.executable, "-c", program, str(data), str(tmp_path / "out")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert any("valideren" in line for line in process.stdout)
        process.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 60
    while building := _processes_in(tmp_path):
        assert time.monotonic() < deadline, building
        time.sleep(0.1)


def _processes_in(folder: Path) -> list[str]:
    """Processes that have something open below a folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            opened = [os.readlink(one) for one in (process / "fd").iterdir()]
        except OSError:
            continue
        if process.name != str(os.getpid()) and any(str(folder) in one for one in opened):
            found.append(process.name)
    return found
