"""The log: chained, only added to, per level, on disk before what it tells of leaves."""

import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kg import audit
from kg.errors import AuditError


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return audit.level_log(tmp_path, "openbaar")


def add(log: Path, *whats: str) -> None:
    for what in whats:
        with audit.opened(log) as book:
            book.add(what, level="openbaar", release="3f2a", to="naar «buiten»")


def test_lines_are_chained_and_say_who_and_when(log: Path) -> None:
    add(log, "build", "export", "export")
    found = audit.verify(log)
    assert found.broken is None
    assert [one["n"] for one in found.entries] == [1, 2, 3]
    assert found.entries[0]["previous"] == "0" * 64
    assert found.entries[2]["previous"] == found.entries[1]["hash"]
    assert found.head == found.entries[2]["hash"]
    assert {one["who"] for one in found.entries} == {audit.user()}
    assert all(one["time"].endswith("Z") for one in found.entries)
    assert all(json.loads(line) for line in log.read_text("utf-8").splitlines())


def test_the_user_is_that_of_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "iemand-anders")
    monkeypatch.setenv("USER", "iemand-anders")
    assert audit.user() != "iemand-anders"


@pytest.mark.parametrize("line", range(1, 6))
@pytest.mark.parametrize("how", ["flip", "remove", "double", "swap", "forge", "blank"])
def test_the_first_broken_line_is_told(log: Path, line: int, how: str) -> None:
    add(log, "build", *["export"] * 4)
    lines = log.read_bytes().splitlines(keepends=True)
    at = line - 1
    expected = line
    if how == "flip":
        place = random.Random(line).randrange(len(lines[at]) - 2)
        lines[at] = lines[at][:place] + bytes([lines[at][place] ^ 4]) + lines[at][place + 1 :]
    elif how == "remove":
        del lines[at]
        if at == len(lines):  # the end: only a hash kept elsewhere shows that
            assert audit.verify(log).broken is None
            return
    elif how == "double":
        lines.insert(at, lines[at])
        expected = line + 1
    elif how == "swap":
        other = at - 1 if at else 1
        lines[at], lines[other] = lines[other], lines[at]
        expected = min(at, other) + 1
    elif how == "forge":  # with a right hash of its own
        entry = json.loads(lines[at]) | {"who": "iemand-anders"}
        entry["hash"] = audit._hash(entry)
        lines[at] = audit._written(entry) + b"\n"
        expected = line + 1
    else:
        lines.insert(at, b"\n")
    log.write_bytes(b"".join(lines))
    found = audit.verify(log)
    if how == "forge" and line == 5:
        assert found.broken is None  # the last one: its hash, kept elsewhere, shows it
        return
    assert found.broken is not None
    assert found.broken.line == expected
    assert len(found.entries) == expected - 1


def test_the_end_that_was_cut_off_shows_against_a_hash_kept_elsewhere(log: Path) -> None:
    add(log, "build", "export")
    head = audit.verify(log).head
    lines = log.read_bytes().splitlines(keepends=True)
    log.write_bytes(lines[0])
    add(log, "query")
    assert head not in {one["hash"] for one in audit.verify(log).entries}


@pytest.mark.parametrize("cut", [1, 2, 40, 200])
def test_half_a_line_stays_and_the_chain_goes_on(log: Path, cut: int) -> None:
    add(log, "build", "export")
    whole = log.read_bytes()
    log.write_bytes(whole[:-cut])
    add(log, "export", "export")
    found = audit.verify(log)
    assert found.broken is None
    if cut == 1:  # the line is whole
        assert len(found.entries) == 4
        return
    assert found.torn == (2,)
    assert [one["n"] for one in found.entries] == [1, 2, 3]
    changed = log.read_bytes().replace(b'"export"', b'"exporT"', 1)
    lines = log.read_bytes().split(b"\n")
    lines[1] = lines[1][:-1] + b"~"
    for spoilt in (b"\n".join(lines), changed):
        log.write_bytes(spoilt)
        assert audit.verify(log).broken is not None


def test_twice_half_a_line(log: Path) -> None:
    add(log, "build")
    with log.open("ab") as file:
        file.write(b'{"half')
    add(log, "export")
    lines = log.read_bytes().split(b"\n")
    log.write_bytes(b"\n".join([*lines[:2], lines[2][:30]]))
    add(log, "export")
    found = audit.verify(log)
    assert found.broken is None
    assert found.torn == (2, 3)


def test_a_damaged_end_does_not_stop_the_log_and_does_not_pass(log: Path) -> None:
    add(log, "build", "export")
    log.write_bytes(log.read_bytes().replace(b'"what":"export"', b'"what":"exporT"'))
    add(log, "export")
    found = audit.verify(log)
    assert found.broken is not None
    assert found.broken.line == 2


def test_a_log_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "audit").write_text("a file where the folder should be")
    with pytest.raises(AuditError, match=r"niets gedaan.*KG_AUDIT"):
        add(audit.level_log(tmp_path, "openbaar"), "export")


def test_a_full_disk_is_an_error_and_the_chain_holds(
    log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(log, "build")
    real = os.write
    left = [100]

    def write(handle: int, data: bytes) -> int:
        if not left[0]:
            raise OSError(28, "No space left on device")
        took, left[0] = min(left[0], len(data)), left[0] - min(left[0], len(data))
        return real(handle, data[:took])

    monkeypatch.setattr(os, "write", write)
    with pytest.raises(AuditError):
        add(log, "export")
    monkeypatch.setattr(os, "write", real)
    add(log, "export")
    found = audit.verify(log)
    assert found.broken is None
    assert found.torn == (2,)
    assert [one["n"] for one in found.entries] == [1, 2]


def test_many_writers_at_once_make_one_chain(log: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from kg import audit\n"
        "for _ in range(25):\n"
        "    with audit.opened(Path(sys.argv[1])) as book: book.add('export')\n"
    )
    several = [subprocess.Popen([sys.executable, "-c", code, str(log)]) for _ in range(3)]
    assert [one.wait() for one in several] == [0, 0, 0]
    found = audit.verify(log)
    assert found.broken is None
    assert len(found.entries) == 75


def test_another_folder_for_the_logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KG_AUDIT", str(tmp_path / "elders"))
    assert audit.releases_log(tmp_path) == tmp_path / "elders" / "releases.jsonl"


@pytest.mark.skipif(not shutil.which("chattr"), reason="needs chattr")
def test_an_append_only_file_will_do(log: Path) -> None:
    add(log, "build")
    if subprocess.run(["chattr", "+a", log], capture_output=True).returncode:
        pytest.skip("chattr is not allowed here")
    try:
        add(log, "export")
        assert audit.verify(log).broken is None
    finally:
        subprocess.run(["chattr", "-a", log], check=True)
