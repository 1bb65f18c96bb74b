"""Large files are read in two processes: the same is read, and the same is wrong, in one order."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kg.resources import folder
from kg.schema import Schema
from kg.sources import Staged, stage
from kg.sources.beside import _halves
from kg.sources.files import Found


@pytest.fixture(autouse=True)
def much(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any file is large, and there are two cores."""
    monkeypatch.setattr("kg.sources.beside._LEAST", 1)
    monkeypatch.setattr("kg.sources.usual_cores", lambda: 2)


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    """Files with something wrong in each, of every kind that is read."""
    data = tmp_path / "data"
    data.mkdir()
    (data / "Source.csv").write_text(
        "id,title,date,grade\nbron-a,Bron a,2026-01-01,A\nbron-a,Weer a,gisteren,A\n", "utf-8"
    )
    (data / "Service.csv").write_text(
        "id,label,inSector,source\nd-1,Een (fictief),spoor,bron-a\nd-2,Twee,nergens,bron-z\n",
        "utf-8",
    )
    (data / "Nonsense.csv").write_text("id\nx\n", "utf-8")
    (data / "meer.ttl").write_text("<urn:x> <urn:y> .", "utf-8")
    (data / "Sector.xlsx").write_bytes(b"no workbook")
    return data


def staged(*paths: Path, skip_invalid: bool = False) -> Staged:
    return stage(paths, Schema.load(folder("ontology")), skip_invalid=skip_invalid)


def in_one(monkeypatch: pytest.MonkeyPatch, *paths: Path, skip_invalid: bool = False) -> Staged:
    with monkeypatch.context() as one:
        one.setattr("kg.sources.usual_cores", lambda: 1)
        return staged(*paths, skip_invalid=skip_invalid)


def count_processes(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[bytes]]:
    """What is started from here on."""
    started: list[subprocess.Popen[bytes]] = []
    start = subprocess.Popen

    def noted(*arguments: Any, **options: Any) -> subprocess.Popen[bytes]:
        process = start(*arguments, **options)
        started.append(process)
        return process

    monkeypatch.setattr("kg.sources.beside.subprocess.Popen", noted)
    return started


def test_shipped_data_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    data = folder("data")
    expected = in_one(monkeypatch, data)
    started = count_processes(monkeypatch)
    assert staged(data) == expected
    assert len(started) == 1


@pytest.mark.parametrize("skip_invalid", [False, True])
def test_what_is_wrong_is_the_same(
    wrong: Path, monkeypatch: pytest.MonkeyPatch, skip_invalid: bool
) -> None:
    reference = folder("data") / "reference"
    expected = in_one(monkeypatch, reference, wrong, skip_invalid=skip_invalid)
    found = staged(reference, wrong, skip_invalid=skip_invalid)
    assert found == expected
    assert len(found.problems or found.left_out) > 4


def test_what_one_process_cannot_read_the_other_does(
    wrong: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = in_one(monkeypatch, wrong)
    monkeypatch.setattr("kg.sources.beside._PROGRAM", "import os; os._exit(1)")
    assert staged(wrong) == expected


def test_an_error_here_ends_the_other(wrong: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started = count_processes(monkeypatch)

    def fails(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("kg.sources.beside.take_in", fails)
    with pytest.raises(KeyboardInterrupt):
        staged(wrong)
    (process,) = started
    assert process.returncode is not None


def test_it_ends_with_who_started_it() -> None:
    program = "from kg.sources.beside import read_beside; read_beside()"
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
    ) as process:
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(timeout=60)


def test_small_files_are_read_here(wrong: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kg.sources.beside._LEAST", 2 << 20)
    started = count_processes(monkeypatch)
    staged(wrong)
    assert not started


def test_each_gets_about_half(tmp_path: Path) -> None:
    files = []
    for name, size in (("a", 10), ("b", 60), ("c", 30), ("d", 15), ("e", 0)):
        (tmp_path / name).write_bytes(b"x" * size)
        files.append(Found(tmp_path / name, name))
    files.append(Found(tmp_path / "gone", "gone"))
    here, there = _halves(files)
    assert sorted([*here, *there]) == list(range(len(files)))
    assert list(here) == [1]
    assert list(there[:3]) == [2, 3, 0]


def test_a_single_file_is_read_here(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x")
    assert _halves([Found(tmp_path / "a", "a")]) == (range(1), [])
