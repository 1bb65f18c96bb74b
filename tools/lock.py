"""Writes locks/*.txt: what is installed, in exact versions, with the hash of every file of them.

    python tools/lock.py    ask the package index of this machine anew; `make lock` does it

The versions are those of constraints.txt; a package that is needed and has none there, or stands
there and is needed nowhere, is an error. uv resolves for every platform and for every Python that
pyproject.toml allows, and takes the hashes of all files that the index has of a version (wheels and
sources). pip is given these files with --require-hashes: it refuses a file with another hash, and a
package that is not listed. No address of an index stands in them.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[1]
FOLDER: Final = "locks"

#: NDlib (BSD-2), whose threshold model cascades are timed against, and six (MIT), which it imports
#: and does not ask for.
PEERS: Final = ("ndlib", "six")
#: Resolves and finds the hashes (MIT or Apache-2.0); only for this tool.
TOOLS: Final = ("uv",)

_PIN: Final = re.compile(r"([A-Za-z0-9._-]+)==([^\s;\\]+)(?:\s*;\s*([^\\]+?))?\s*\\?")
_HASH: Final = re.compile(r"--hash=sha256:([0-9a-f]{64})\s*\\?")


class LockError(Exception):
    """What is wrong with the pins, for whoever changed them."""


@dataclass(frozen=True)
class Pin:
    """One line of a lock.

    Attributes:
        name: in its normal form: lower case, with hyphens.
        version: exact.
        marker: on which platforms or Pythons it is installed; empty for all.
        hashes: SHA-256 of each file that may be installed, sorted.
    """

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]

    def __str__(self) -> str:
        head = f"{self.name}=={self.version}" + (f" ; {self.marker}" if self.marker else "")
        return " \\\n".join((head, *(f"    --hash=sha256:{one}" for one in self.hashes)))


def normal(name: str) -> str:
    """The one form of a package's name."""
    return re.sub(r"[-_.]+", "-", name).lower()


def read_pins(text: str) -> list[Pin]:
    """The pins of a lock.

    Raises:
        LockError: a line that is neither a pin, a hash nor a comment; a pin without a hash.
    """
    found: list[tuple[str, str, str, list[str]]] = []
    for line in text.splitlines():
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        if pin := _PIN.fullmatch(stripped):
            found.append((normal(pin[1]), pin[2], pin[3] or "", []))
        elif (one := _HASH.fullmatch(stripped)) and found:
            found[-1][3].append(one[1])
        else:
            raise LockError(f"not a pin and not a hash: {stripped}")
    for name, version, _, hashes in found:
        if not hashes:
            raise LockError(f"{name}=={version} has no hash")
    return [Pin(name, version, marker, tuple(sorted(h))) for name, version, marker, h in found]


def locked(name: str, root: Path = ROOT) -> list[Pin]:
    """The pins of ``locks/<name>.txt``."""
    return read_pins((root / FOLDER / f"{name}.txt").read_text("utf-8"))


def read_constraints(text: str) -> dict[str, str]:
    """Versions by name in its normal form."""
    lines = (line.strip() for line in text.splitlines())
    pairs = (line.split("==") for line in lines if line and not line.startswith("#"))
    return {normal(name): version for name, version in pairs}


def disagreements(pins: Iterable[Pin], constraints: Mapping[str, str]) -> list[str]:
    """Where locks and constraints.txt do not say the same, for the person who changed one."""
    locks: dict[str, set[str]] = {}
    for pin in pins:
        locks.setdefault(pin.name, set()).add(pin.version)
    return [
        *(
            f"{name}=={' or '.join(sorted(versions))} is needed and not so in constraints.txt"
            for name, versions in sorted(locks.items())
            if versions != {constraints.get(name)}
        ),
        *(
            f"{name} stands in constraints.txt and is needed nowhere"
            for name in sorted(constraints.keys() - locks.keys())
        ),
    ]


def asked(project: Mapping[str, Any]) -> dict[str, tuple[tuple[str, ...], tuple[str, ...], str]]:
    """Per lock: what is asked for, of which locks the pins are left out, and what it is for."""
    run = tuple(project["project"]["dependencies"])
    build = tuple(project["build-system"]["requires"])
    dev = tuple(project["project"]["optional-dependencies"]["dev"])
    fuzz = tuple(project["project"]["optional-dependencies"]["fuzz"])
    return {
        "run": (run, (), "What kg needs at run time"),
        "build": (
            (*run, *build),
            ("run",),
            "What installs kg itself from its folder, beside run.txt",
        ),
        "dev": (
            (*run, *build, *dev),
            ("run", "build"),
            "What tests and lint need, beside run.txt and build.txt",
        ),
        "fuzz": (fuzz, (), "What make fuzz follows the code with, beside the others"),
        "peers": (PEERS, (), "What make bench measures against, in an environment of its own"),
        "tools": (TOOLS, (), "What make lock needs, in an environment of its own"),
    }


def compiled(requirements: Sequence[str], python: str) -> list[Pin]:
    """The pins that uv finds for these requirements."""
    found = subprocess.run(  # noqa: S603 - our own tool, with our own requirements
        [
            *(sys.executable, "-m", "uv", "--no-config", "--quiet", "pip", "compile"),
            *("--universal", "--python-version", python, "--generate-hashes"),
            *("--no-header", "--no-annotate", "--constraint", "constraints.txt", "-"),
        ],
        cwd=ROOT,
        input="\n".join(requirements),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return read_pins(found.stdout)


def main() -> None:
    """Write all locks, or none and say what is wrong."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    python = project["project"]["requires-python"].removeprefix(">=")
    found: dict[str, list[Pin]] = {}
    for name, (requirements, without, _) in asked(project).items():
        apart = {pin for one in without for pin in found[one]}
        found[name] = [pin for pin in compiled(requirements, python) if pin not in apart]
    constraints = read_constraints((ROOT / "constraints.txt").read_text("utf-8"))
    wrong = disagreements((pin for pins in found.values() for pin in pins), constraints)
    if wrong:
        raise LockError("\n".join(wrong))
    for name, (_, _, purpose) in asked(project).items():
        header = (
            f"# {purpose}. Made by make lock; not for editing.\n"
            "# The hashes are those of all files that the package index has of a version, for\n"
            f"# every platform and Python >= {python}; pip installs one of them.\n"
        )
        text = header + "".join(f"{pin}\n" for pin in found[name])
        (ROOT / FOLDER / f"{name}.txt").write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    try:
        main()
    except LockError as error:
        sys.exit(str(error))
