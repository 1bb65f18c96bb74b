"""The process that writes a store to disk: whole, or a clear failure, and never left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kg.errors import ReleaseError
from kg.store import EmbeddedStore
from kg.store.disk import DiskWriter, _write

LINES = b"".join(b"<urn:s%d> <urn:p> <urn:o> .\n" % n for n in range(1_000))


_before: set[int] = set()


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other process is started for any line."""
    monkeypatch.setattr("kg.store.disk._LEAST", 1)
    # Queries of a release that other tests share are answered in processes that go on.
    monkeypatch.setattr(sys.modules[__name__], "_before", _children())


def _children() -> set[int]:
    return set(map(int, Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()))


def writers() -> list[int]:
    """The processes that this one started in this test and that still run."""
    return sorted(_children() - _before)


def test_it_runs_beside_and_ends_with_the_store(tmp_path: Path) -> None:
    with EmbeddedStore.create(tmp_path / "store") as store:
        store.load("urn:g", LINES)
        assert len(writers()) == 1
    assert not writers()
    with EmbeddedStore.open(tmp_path / "store") as opened:
        assert opened.count("urn:g") == 1_000


def test_without_help_all_is_written_at_the_end(tmp_path: Path) -> None:
    with EmbeddedStore.create(tmp_path / "store", helped=False) as store:
        store.load("urn:g", LINES)
        assert not writers()
    with EmbeddedStore.open(tmp_path / "store") as opened:
        assert opened.count("urn:g") == 1_000


def half_a_store(path: Path) -> None:
    with EmbeddedStore.create(path) as store:
        store.load("urn:g", LINES)
        assert writers()
        store.load("urn:g", b"this is no triple")


def test_an_error_in_between_stops_it(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="1"):
        half_a_store(tmp_path / "store")
    assert not writers()


def test_killed_it_is_an_error_of_the_disk(tmp_path: Path) -> None:
    writer = DiskWriter(tmp_path / "store")
    writer.put("urn:g", LINES)
    (process,) = writers()
    os.kill(process, signal.SIGKILL)
    with pytest.raises(OSError, match="-9"):
        writer.finish()


def test_its_own_complaint_is_passed_on(tmp_path: Path) -> None:
    writer = DiskWriter(tmp_path / "other")
    (tmp_path / "other").rmdir()
    (tmp_path / "other").write_text("in the way")
    writer.put("urn:g", LINES)
    with pytest.raises(OSError, match=r"(?i)not a directory|exist"):
        writer.finish()


PARENT = """
import sys, time
from pathlib import Path
import kg.store.disk as disk
disk._LEAST = 1
writer = disk.DiskWriter(Path(sys.argv[1]))
writer.put("urn:g", b"<urn:s> <urn:p> <urn:o> .\\n")
print(writer._process.pid, flush=True)
time.sleep(60)
"""


def test_it_does_not_outlive_who_started_it(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path / "store")], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.kill()
    for _ in range(200):
        if not Path(f"/proc/{child}").exists() or _ended(child):
            break
        time.sleep(0.05)
    else:
        pytest.fail("the writer still runs")


def _ended(process: int) -> bool:
    """Whether it is a zombie that nobody has collected yet."""
    stat = Path(f"/proc/{process}/stat").read_text()
    return stat.rpartition(")")[2].split()[0] == "Z"


def test_a_module_in_the_current_folder_is_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pyoxigraph.py").write_text("raise SystemExit('hostile')")
    monkeypatch.chdir(tmp_path)
    writer = DiskWriter(tmp_path / "store")
    writer.put("urn:g", LINES)
    writer.finish()


def test_a_last_line_that_grows_is_taken_when_it_is_whole(tmp_path: Path) -> None:
    """The file is looked at while it is written: in the middle of a line, too."""
    path = tmp_path / "lines"
    path.write_bytes(b"<urn:a> <urn:p> <urn:o> .\n<urn:b> <urn:p>")
    asked = []

    def ended(seconds: float) -> bool:
        asked.append(seconds)
        if len(asked) == 3:
            with path.open("ab") as file:
                file.write(b" <urn:o> .\n")
        return len(asked) > 3

    with path.open("rb") as file:
        _write(tmp_path / "store", file.fileno(), ended)
    with EmbeddedStore.open(tmp_path / "store") as opened:
        assert opened.ask("ASK { <urn:a> <urn:p> <urn:o> . <urn:b> <urn:p> <urn:o> }")


@pytest.mark.parametrize("number", [1, 2, 3, 1_000])
def test_what_is_left_at_the_end_is_written_in_halves(tmp_path: Path, number: int) -> None:
    """Some of it is about things without a name, of which both halves speak."""
    lines = [b"<urn:s%d> <urn:p> _:same .\n" % one for one in range(number)]
    path = tmp_path / "lines"
    path.write_bytes(b"".join(lines))
    with path.open("rb") as file:
        _write(tmp_path / "store", file.fileno(), lambda _: True)
    with EmbeddedStore.open(tmp_path / "store") as opened:
        assert len(list(opened.select("SELECT ?s ?o { ?s <urn:p> ?o }").rows)) == number
        assert len(list(opened.select("SELECT DISTINCT ?o { ?s <urn:p> ?o }").rows)) == 1


def test_nothing_is_added_once_that_was_said(tmp_path: Path) -> None:
    with EmbeddedStore.create(tmp_path / "store") as store:
        store.load("urn:g", LINES)
        store.no_more()
        with pytest.raises(ReleaseError):
            store.load("urn:g", LINES)
        assert store.count("urn:g") == 1_000
    with EmbeddedStore.open(tmp_path / "store") as opened:
        assert opened.count("urn:g") == 1_000
