"""What is installed: every pin has a hash, and locks, constraints.txt and pyproject.toml agree."""

import hashlib
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import lock
import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from sbom import needed

ROOT = Path(__file__).resolve().parent.parent
LOCKS = sorted(path.stem for path in (ROOT / "locks").glob("*.txt"))
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def here(found: Iterable[lock.Pin]) -> dict[str, str]:
    """Versions by name, of the pins whose marker holds on this machine."""
    return {
        pin.name: pin.version for pin in found if not pin.marker or Marker(pin.marker).evaluate()
    }


def pins(*names: str) -> Iterator[lock.Pin]:
    for name in names:
        yield from lock.locked(name)


def test_there_is_a_lock_for_each_purpose() -> None:
    assert sorted(lock.asked(PROJECT)) == LOCKS


@pytest.mark.parametrize("name", LOCKS)
def test_every_pin_has_hashes_and_no_file_an_address(name: str) -> None:
    text = (ROOT / "locks" / f"{name}.txt").read_text("utf-8")
    found = lock.read_pins(text)
    assert found
    assert all(len(set(pin.hashes)) == len(pin.hashes) > 0 for pin in found)
    for pin in found:
        assert f"{pin}\n" in text, "not as the tool writes it"
    assert not re.search(r"://|\b(index-url|find-links|trusted-host)\b", text)


def test_locks_and_constraints_say_the_same() -> None:
    constraints = lock.read_constraints((ROOT / "constraints.txt").read_text("utf-8"))
    assert lock.disagreements(pins(*LOCKS), constraints) == []


def test_what_is_needed_at_run_time_is_locked_and_nothing_else() -> None:
    wanted = needed(PROJECT["project"]["dependencies"])
    assert here(pins("run")) == {name: version(name) for name in wanted}


def test_what_else_is_asked_for_is_locked_within_its_bounds() -> None:
    dev = PROJECT["project"]["optional-dependencies"]["dev"]
    build = PROJECT["build-system"]["requires"]
    run = PROJECT["project"]["dependencies"]
    locked = here(pins("run", "build", "dev"))
    assert locked.keys() == needed([*run, *build, *dev]).keys()
    for text in [*run, *build, *dev]:
        asked = Requirement(text)
        assert asked.specifier.contains(locked[lock.normal(asked.name)]), text


def test_what_is_installed_is_what_is_locked() -> None:
    for name, pinned in here(pins("run", "build", "dev")).items():
        assert version(name) == pinned, name


def test_every_installation_of_make_asks_for_hashes() -> None:
    """Of what comes from elsewhere; the other line installs this folder, and looks nowhere."""
    for line in re.findall(r"^.*\$\(INSTALL\).*$", MAKEFILE, re.MULTILINE):
        assert "--require-hashes --only-binary :all:" in line or "--no-index -e ." in line
    assert len(re.findall(r"\bpip install\b", MAKEFILE)) == 1
    assert "-c constraints.txt" not in MAKEFILE


@pytest.mark.parametrize("right", [True, False])
def test_a_file_with_another_hash_is_not_installed(tmp_path: Path, right: bool) -> None:
    """As ``make`` calls pip; the index is a folder with one wheel."""
    wheel = tmp_path / "index" / "proef-1.0-py3-none-any.whl"
    wheel.parent.mkdir()
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("proef.py", "")
        about = "Metadata-Version: 2.1\nName: proef\nVersion: 1.0\n"
        archive.writestr("proef-1.0.dist-info/METADATA", about)
        kind = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        archive.writestr("proef-1.0.dist-info/WHEEL", kind)
        archive.writestr("proef-1.0.dist-info/RECORD", "")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    pin = lock.Pin("proef", "1.0", "", (digest if right else "0" * 64,))
    (tmp_path / "lock.txt").write_text(f"{pin}\n", encoding="utf-8")
    flags = re.findall(r"^LOCKED := \$\(INSTALL\) (.+)$", MAKEFILE, re.MULTILINE)
    assert flags == ["--require-hashes --only-binary :all:"]
    place = ["--no-index", "--find-links", str(wheel.parent), "--target", str(tmp_path / "in")]
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pip", "--isolated", "install", *flags[0].split(), *place),
            *("--disable-pip-version-check", "-r", str(tmp_path / "lock.txt")),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode == 0) == right, done.stderr
    assert (tmp_path / "in" / "proef.py").exists() == right
    assert ("DO NOT MATCH THE HASHES" in done.stderr) != right


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("click==8.5.1\n", "click==8.5.1 has no hash"),
        ("click==8.5.1 \\\nrich==15.0.0 \\\n    --hash=sha256:" + "0" * 64, "click==8.5.1 has no"),
        ("click>=8\n", "not a pin"),
        ("--index-url https://example.org\n", "not a pin"),
        ("click==8.5.1 \\\n    --hash=sha256:123\n", "not a pin"),
    ],
)
def test_a_lock_that_holds_nothing_is_seen(text: str, words: str) -> None:
    with pytest.raises(lock.LockError, match=words):
        lock.read_pins(text)


def test_a_pin_that_differs_is_seen() -> None:
    found = [lock.Pin("click", "8.5.1", "", ("0" * 64,)), lock.Pin("rich", "1", "", ("0" * 64,))]
    assert lock.disagreements(found, {"click": "8.5.0", "six": "1"}) == [
        "click==8.5.1 is needed and not so in constraints.txt",
        "rich==1 is needed and not so in constraints.txt",
        "six stands in constraints.txt and is needed nowhere",
    ]


def test_a_package_that_is_not_there_is_seen() -> None:
    with pytest.raises(PackageNotFoundError):
        needed(["vitaal-kg-bestaat-niet"])
