"""A folder of releases: whatever happens to it, the old release serves and damage is found."""

import errno
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, tzinfo
from pathlib import Path

import pytest

from kg import audit
from kg.build import build
from kg.durable import exchange, locked
from kg.errors import AmbiguousError, AuditError, ReleaseError, UsageError
from kg.release import Release
from kg.releases import (
    current_name,
    earlier_level,
    leftovers,
    prune,
    releases,
    to_prune,
    unlogged,
    use,
    verify,
)
from kg.sums import Damage, compare, seal

ROOT = Path(__file__).parent.parent
SOURCES = """id,title,publisher,date,url,grade,marking
s1,Interview,Ministerie,2026-01-15,,B,openbaar
"""
HIDDEN_SOURCE = "s2,Nota,Ministerie,2026-02-15,,A,dep-v\n"
SERVICES = """id,label,inSector,restartLag,source
grid,Regionaal net (fictief),energie,PT2H,s1
rail,Treindienst (fictief),spoor,PT4H,s1
"""
HIDDEN = """id,label,inSector,restartLag,source
geheim,Geheime post (fictief),spoor,PT1H,s2
"""


def data(folder: Path, hours: int = 2, *, hidden: bool = False) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "Source.csv").write_text(SOURCES + HIDDEN_SOURCE * hidden)
    (folder / "Service.csv").write_text(SERVICES.replace("PT2H", f"PT{hours}H"))
    (folder / "Asset.csv").write_text(HIDDEN if hidden else HIDDEN.splitlines()[0] + "\n")
    return folder


def built(out: Path, hours: int = 2, *, hidden: bool = False) -> str:
    """Build; gives the name of the release."""
    build([data(out.parent / "mijn", hours, hidden=hidden)], out, validation=False)
    return current_name(out)


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two releases; the second, of two levels, is the current one."""
    out = tmp_path_factory.mktemp("twee") / "releases"
    built(out, 2)
    built(out, 3, hidden=True)
    return out


@pytest.fixture
def out(two: Path, tmp_path: Path) -> Path:
    """A copy of it, to be spoilt."""
    shutil.copytree(two, tmp_path / "releases", symlinks=True)
    return tmp_path / "releases"


def names(out: Path) -> tuple[str, str]:
    """The current release and the other one."""
    current, other = (one.name for one in releases(out))
    return current, other


# --- listing and switching ------------------------------------------------------------------------


def test_what_is_there_is_listed_the_last_used_first(out: Path) -> None:
    current, other = releases(out)
    assert current.current
    assert not other.current
    assert current.levels == ("openbaar", "dep-v")
    assert other.levels == ("openbaar",)
    assert len(current.ids) == 2
    assert current.policy == "beleid-2026"
    assert current.date is not None
    assert current.built is not None
    assert current.size > 1_000_000


def test_going_back_and_forth(out: Path) -> None:
    current, other = names(out)
    assert use(out, other) == current
    assert current_name(out) == other
    assert Release.open(out).levels == ("openbaar",)
    assert [one.name for one in releases(out)] == [other, current]
    use(out, current)
    assert Release.open(out).levels == ("openbaar", "dep-v")
    entries = audit.verify(audit.releases_log(out)).entries
    assert [one["what"] for one in entries] == ["build", "build", "use", "use"]


def test_a_damaged_one_is_not_put_in_use(out: Path) -> None:
    current, other = names(out)
    (out / other / "openbaar" / "findings.json").write_text("{}")
    with pytest.raises(ReleaseError, match="--force"):
        use(out, other)
    assert current_name(out) == current
    use(out, other, force=True)
    assert current_name(out) == other
    assert audit.verify(audit.releases_log(out)).entries[-1]["damaged"] is True


def test_names_are_found_by_their_beginning_and_by_level(out: Path) -> None:
    from kg.releases import find

    current, other = releases(out)
    assert find(out, current.name[:6]) == current
    assert find(out, other.ids[0]) == other
    with pytest.raises(UsageError, match="nergens"):
        find(out, "nergens")
    shutil.copytree(out / other.name, out / f"{other.name}-kopie")
    with pytest.raises(AmbiguousError):
        find(out, other.name[:6])


def test_a_current_release_that_is_gone_says_what_to_do(out: Path) -> None:
    current, other = names(out)
    shutil.rmtree(out / current)
    with pytest.raises(ReleaseError, match="kg releases use"):
        Release.open(out)
    use(out, other)
    assert Release.open(out).levels == ("openbaar",)


def test_pruning_keeps_the_last_used_and_always_the_current(out: Path) -> None:
    current, other = names(out)
    use(out, other)  # the older one is current now
    third = built(out, 5)
    use(out, other)
    assert {one.name for one in to_prune(out, 1)} == {current, third}
    assert {one.name for one in to_prune(out, 2)} == {current}
    (out / ".building-1").mkdir()
    (out / ".removed-x-1").mkdir()
    assert leftovers(out) == 2
    assert prune(out, [current, other]) == (current,)
    assert leftovers(out) == 0
    assert {one.name for one in releases(out)} == {other, third}
    assert verify(out, other).whole
    last = audit.verify(audit.releases_log(out)).entries[-1]
    assert (last["what"], last["release"]) == ("prune", current)


def test_a_clock_that_jumps_back_changes_no_order(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kg import provenance

    class Back(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> "Back":
            return cls(1999, 12, 31, 23, 59, 59, tzinfo=tz)

    current, other = names(out)
    for module in (audit, provenance):
        monkeypatch.setattr(module, "datetime", Back)
    third = built(out, 6)
    assert [one.name for one in releases(out)] == [third, current, other]
    assert releases(out)[0].built == "1999-12-31T23:59:59Z"
    assert [one.name for one in to_prune(out, 2)] == [other]
    assert audit.verify(audit.releases_log(out)).broken is None
    assert all(verify(out, one.name).whole for one in releases(out))


# --- damage ---------------------------------------------------------------------------------------


def test_what_was_built_verifies_also_with_sha256sum(out: Path) -> None:
    for name in names(out):
        assert verify(out, name).whole
        assert verify(out, name).logged is True
        for sums in (out / name).rglob("SHA256SUMS"):
            subprocess.run(
                ["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=sums.parent, check=True
            )
    assert unlogged(out) == ()


def test_any_flipped_bit_in_any_file_is_found(out: Path) -> None:
    draw = random.Random(20261127)
    current, _ = names(out)
    files = [one for one in sorted((out / current).rglob("*")) if one.is_file()]
    assert len(files) > 100
    for path in files:
        whole = path.read_bytes()
        if not whole:
            continue
        at = draw.randrange(len(whole))
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << draw.randrange(8)]) + whole[at + 1 :])
        assert not verify(out, current).whole, path
        path.write_bytes(whole)
    assert verify(out, current).whole


def test_missing_extra_and_truncated_files_are_told(out: Path) -> None:
    current, _ = names(out)
    folder = out / current
    (folder / "openbaar" / "manifest.json").unlink()
    (folder / "dep-v" / "vreemd.txt").write_text("?")
    (folder / "ook-vreemd").write_text("?")
    sst = max((folder / "dep-v" / "store").glob("*.sst"), key=lambda one: one.stat().st_size)
    os.truncate(sst, 1000)
    network = folder / "dep-v" / "network"
    (network / "vital.npy").unlink()
    (network / "vital.npy").symlink_to("effect.npy")
    assert compare(folder).damage == (
        Damage("dep-v/network/vital.npy", "changed"),
        Damage(f"dep-v/store/{sst.name}", "changed"),
        Damage("dep-v/vreemd.txt", "extra"),
        Damage("ook-vreemd", "extra"),
        Damage("openbaar/manifest.json", "missing"),
    )


def test_changed_with_its_sums_is_found_by_the_log(out: Path) -> None:
    current, _ = names(out)
    level = out / current / "openbaar"
    (level / "findings.json").write_text("{}")
    for folder in (level, level.parent):
        (folder / "SHA256SUMS").unlink()
        seal(folder)
    assert compare(level.parent).damage == ()
    assert verify(out, current).logged is False
    assert not verify(out, current).whole
    assert unlogged(out) == (current,)


@pytest.mark.parametrize("name", ["manifest.json", "findings.json", "report.json", "network"])
def test_what_is_opened_is_held_against_its_sums(out: Path, name: str) -> None:
    level = (out / "current" / "openbaar").resolve()
    path = level / name
    if name == "network":
        path = level / "network" / "buffer.npy"
        path = path if path.stat().st_size > 128 else level / "network" / "restart_lag.npy"
    whole = path.read_bytes()
    path.write_bytes(whole[:-3] + bytes([whole[-3] ^ 1]) + whole[-2:])

    def read() -> tuple[object, ...]:
        release = Release.open(out)
        return release.findings, release.report, release.network()

    with pytest.raises(ReleaseError, match="kg releases verify"):
        read()


def exported(out: Path) -> "subprocess.CompletedProcess[bytes]":
    arguments = ["export", "--release", str(out), "--format", "nquads"]
    return subprocess.run(
        [sys.executable, "-m", "kg", *arguments], capture_output=True, cwd=ROOT, check=False
    )


@pytest.fixture(scope="module")
def whole_export(two: Path) -> bytes:
    return exported(two).stdout


@pytest.mark.parametrize("how", ["flip", "half", "empty", "gone"])
@pytest.mark.parametrize("kind", ["CURRENT", "MANIFEST", "OPTIONS", "IDENTITY", ".log", ".sst"])
def test_a_damaged_store_is_an_answer_never_a_crash(
    out: Path, whole_export: bytes, kind: str, how: str
) -> None:
    store = (out / "current" / "openbaar" / "store").resolve()
    path = max(
        (one for one in store.iterdir() if kind in one.name), key=lambda one: one.stat().st_size
    )
    whole = path.read_bytes()
    if how == "gone":
        path.unlink()
    else:
        half = len(whole) // 2
        flipped = whole[:half] + bytes([whole[half] ^ 16]) + whole[half + 1 :]
        path.write_bytes({"flip": flipped, "half": whole[:half], "empty": b""}[how])
    process = exported(out)
    assert b"Traceback" not in process.stderr
    if kind == ".sst" and how == "flip" and process.returncode == 0:
        assert process.stdout == whole_export  # it did not read that block: verify does
        assert not verify(out, current_name(out)).whole
        return
    assert process.returncode == 1, process.stderr
    assert process.stdout == b""
    assert b"kg releases verify" in process.stderr


# --- building -------------------------------------------------------------------------------------


def test_building_again_replaces_what_is_damaged(out: Path) -> None:
    current, other = names(out)
    for path in (out / current / "openbaar" / "store").glob("*.sst"):
        path.write_bytes(b"?")
    assert not verify(out, current).whole
    assert built(out, 3, hidden=True) == current
    assert verify(out, current).whole
    assert list(Release.open(out).store.dump(None))
    assert verify(out, other).whole
    assert leftovers(out) == 0


def test_folders_change_places_also_where_the_kernel_cannot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kg import durable

    for name in ("een", "twee"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    assert exchange(tmp_path / "een", tmp_path / "twee")
    assert (tmp_path / "een" / "twee").exists()
    monkeypatch.setattr(durable, "exchange", lambda one, other: False)
    durable.replace_folder(tmp_path / "een", tmp_path / "twee", tmp_path / "opzij")
    assert (tmp_path / "twee" / "twee").exists()
    assert (tmp_path / "opzij" / "een").exists()


def test_a_level_is_taken_from_any_earlier_release(out: Path) -> None:
    _, other = names(out)
    before = (out / other / "openbaar" / "build.prov.ttl").read_bytes()
    level = Release.open(out / other).id
    assert earlier_level(out, "openbaar", level) == out / other / "openbaar"
    built(out, 2, hidden=True)
    assert Release.open(out).id == level
    assert verify(out, current_name(out)).whole
    assert (out / "current" / "openbaar" / "build.prov.ttl").read_bytes() == before


def test_two_builds_at_once_both_end_and_harm_nothing(out: Path) -> None:
    before = {one.name for one in releases(out)}
    code = (
        "import sys; from pathlib import Path; from kg.build import build\n"
        "build([Path(sys.argv[1])], Path(sys.argv[2]), validation=False, told=print)"
    )
    several = [
        subprocess.Popen(
            [sys.executable, "-c", code, data(out.parent / f"nr{at}" / "mijn", at), out],
            stdout=subprocess.PIPE,
            text=True,
        )
        for at in (7, 8)
    ]
    told = [one.communicate()[0] for one in several]
    assert [one.returncode for one in several] == [0, 0]
    after = {one.name for one in releases(out)}
    assert before < after
    assert len(after) == len(before) + 2
    assert all(verify(out, name).whole for name in after)
    assert audit.verify(audit.releases_log(out)).broken is None
    assert leftovers(out) == 0
    # Which of them waited depends on the machine; one that did says for whom.
    assert all(not text or "dit wacht tot dat klaar is" in text for text in told)


def test_who_waits_is_told_for_whom(out: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from kg.releases import prune\n"
        "print('begint', flush=True)\n"
        "prune(Path(sys.argv[1]), [], lambda text: print(text, flush=True))"
    )
    with locked(out / ".lock") as handle:
        os.ftruncate(handle, 0)
        os.write(handle, b"anna, 123\n")
        process = subprocess.Popen(
            [sys.executable, "-c", code, out], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "begint\n"
        assert "(anna, 123)" in process.stdout.readline()
        use(out, names(out)[1])  # going back does not wait for a build
    process.communicate()
    assert process.returncode == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "schijf"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=40m", "none", str(disk)]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("a small file system may not be mounted here")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def test_a_full_disk_keeps_the_old_release_and_says_so(small_disk: Path, tmp_path: Path) -> None:
    out = small_disk / "releases"
    own = data(tmp_path / "mijn")
    build([own], out, validation=False)
    old = current_name(out)
    (small_disk / "vol").write_bytes(bytes(shutil.disk_usage(small_disk).free - 1_000_000))
    data(own, 9)
    with pytest.raises(ReleaseError, match="Maak ruimte"):
        build([own], out, validation=False)
    assert current_name(out) == old
    assert verify(out, old).whole
    assert leftovers(out) == 0
    assert unlogged(out) == ()
    free = shutil.disk_usage(small_disk).free
    with (small_disk / "vol").open("ab") as file:
        file.write(bytes(max(0, free - 4096)))
    (small_disk / "vol").unlink()
    build([own], out, validation=False)
    assert current_name(out) != old


def test_pruning_works_on_a_full_disk(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, other = names(out)
    real = audit.Book.add
    tries = []

    def add(book: audit.Book, what: str, /, **facts: object) -> object:
        tries.append(what)
        if len(tries) == 1:
            raise AuditError("audit.unwritable", "", "") from OSError(errno.ENOSPC, "full")
        return real(book, what, **facts)

    monkeypatch.setattr(audit.Book, "add", add)
    assert prune(out, [other]) == (other,)
    assert tries == ["prune", "prune"]
    assert audit.verify(audit.releases_log(out)).entries[-1]["release"] == other


def test_a_read_only_folder_is_said_and_can_be_read(out: Path, tmp_path: Path) -> None:
    mount = ["mount", "--bind", "-o", "ro", str(out), str(out)]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("a folder may not be mounted read-only here")
    current, other = names(out)
    try:
        with pytest.raises(ReleaseError, match="schrijfrecht"):
            build([data(tmp_path / "mijn", 9)], out, validation=False)
        with pytest.raises(AuditError):
            use(out, other)
        assert verify(out, current).whole
        assert Release.open(out).store.ask("ASK { ?s ?p ?o }")
    finally:
        subprocess.run(["umount", "-l", str(out)], check=True)


def test_a_log_that_cannot_be_written_stops_the_build(out: Path, tmp_path: Path) -> None:
    current, _ = names(out)
    shutil.rmtree(out / "audit")
    (out / "audit").write_text("no folder")
    with pytest.raises(AuditError):
        build([data(tmp_path / "mijn", 9)], out, validation=False)
    assert current_name(out) == current
    assert len(releases_without_log(out)) == 2


def releases_without_log(out: Path) -> list[str]:
    return [one.name for one in out.iterdir() if (one / "levels.json").exists() and not
            one.is_symlink()]  # fmt: skip


def test_kills_at_random_moments_lose_nothing() -> None:
    """``make kills`` does 1,000."""
    process = subprocess.run(
        [sys.executable, "tests/bench/kills.py", "--kills", "12", "--seed", "3"],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert process.returncode == 0, process.stderr
    found = json.loads(process.stdout)
    assert found["kills"] == 12
    assert found["lost"] == found["half written"] == found["unlogged"] == 0


# --- the same everywhere --------------------------------------------------------------------------

#: A build whose clock is wrong, and jumps back while it runs.
_ELSEWHERE = """
import datetime, hashlib, json, sys, time
from pathlib import Path
real, offset = time.time, [float(sys.argv[3])]
def faked():
    offset[0] -= 5000
    return real() + offset[0]
class Late(datetime.datetime):
    @classmethod
    def now(cls, tz=None): return cls.fromtimestamp(faked(), tz)
class Today(datetime.date):
    @classmethod
    def today(cls): return cls.fromtimestamp(faked())
time.time, datetime.datetime, datetime.date = faked, Late, Today
from kg.build import build
from kg.release import Release
release = build([Path(sys.argv[1])], Path(sys.argv[2]), validation=len(sys.argv) > 4)
found = {}
for level in release.levels:
    one = Release.open(Path(sys.argv[2]), level)
    names = sorted(p.relative_to(one.path).as_posix() for p in one.path.rglob("*") if p.is_file())
    kept = [n for n in names if not n.startswith("store/")
            and n not in ("build.prov.ttl", "SHA256SUMS")]
    found[level] = [one.id, hashlib.sha256(b"".join(one.store.dump())).hexdigest(),
                    {n: hashlib.sha256((one.path / n).read_bytes()).hexdigest() for n in kept}]
    span = (one.path / "build.prov.ttl").read_text()
print(json.dumps([release.path.parent.name, found]))
"""


def test_another_day_folder_zone_locale_and_hash_seed_give_the_same(tmp_path: Path) -> None:
    found = []
    for at, (zone, locale, seed, offset) in enumerate(
        [("UTC", "C.UTF-8", "1", "0"), ("Asia/Kathmandu", "C", "4711", "-900000000"),
         ("Pacific/Kiritimati", "nl_NL.UTF-8", "random", "900000000")]
    ):  # fmt: skip
        own = data(tmp_path / f"nr {at}" / "mijn", 4, hidden=True)
        found.append(
            subprocess.run(
                [sys.executable, "-c", _ELSEWHERE, own, tmp_path / f"nr {at}" / "uit", offset],
                env={**os.environ, "TZ": zone, "LC_ALL": locale, "PYTHONHASHSEED": seed,
                     "PYTHONPATH": str(ROOT)},
                cwd=own, capture_output=True, text=True, check=True,
            ).stdout
        )  # fmt: skip
    assert found[0] == found[1] == found[2]
    assert '"dep-v"' in found[0]


def test_what_is_marked_higher_leaves_the_log_and_provenance_of_a_level_alone(
    tmp_path: Path,
) -> None:
    """A new release whose lowest level is as it was: no line, and the same record of its build."""
    out = tmp_path / "releases"
    built(out, 2)
    log = audit.level_log(out, "openbaar").read_bytes()
    record = (out / "current" / "openbaar" / "build.prov.ttl").read_bytes()
    built(out, 2, hidden=True)
    assert Release.open(out).levels == ("openbaar", "dep-v")
    assert audit.level_log(out, "openbaar").read_bytes() == log
    assert (out / "current" / "openbaar" / "build.prov.ttl").read_bytes() == record
    for level in ("openbaar", "dep-v"):
        text = (out / "current" / level / "build.prov.ttl").read_text()
        assert ("Asset.csv" in text) == (level == "dep-v") or level == "openbaar"
    lines = audit.level_log(out, "openbaar").read_text()
    for hidden in ("dep-v", *(one.name for one in releases(out))):
        assert hidden not in lines
    assert "dep-v" not in record.decode()


def test_the_record_of_a_build_is_prov(out: Path) -> None:
    import rdflib
    from rdflib.namespace import PROV

    release = Release.open(out, "dep-v")
    graph = rdflib.Graph().parse(release.path / "build.prov.ttl")
    (activity,) = graph.subjects(rdflib.RDF.type, PROV.Activity)
    begun, ended = (graph.value(activity, PROV[n]) for n in ("startedAtTime", "endedAtTime"))
    assert begun.toPython() <= ended.toPython()
    used = {str(one) for one in graph.objects(activity, PROV.used)}
    assert {one["graph"] for one in release.manifest["inputs"]} <= used
    agents = {str(graph.value(one, rdflib.RDFS.label))
              for one in graph.objects(activity, PROV.wasAssociatedWith)}  # fmt: skip
    assert audit.user() in agents
