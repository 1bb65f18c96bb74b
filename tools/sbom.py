"""Writes what kg needs at run time, as it is installed here, as a CycloneDX 1.6 bill of materials.

    python tools/sbom.py [FILE]    by default dist/vitaal-kg.cdx.json; `make sbom` does it

The same installation gives the same bytes: all is sorted, the serial number follows from the
content, and the only time is SOURCE_DATE_EPOCH (`make sbom` gives that of the last commit), absent
when that is not set. Licences are those that packages state of themselves. Hashes are those of
locks/run.txt: pip has installed one of the files that they are of.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from importlib.metadata import distribution, requires
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import lock
from cyclonedx.spdx import fixup_id, is_expression
from packaging.requirements import Requirement

from kg.views.page import LIBRARY

OUT: Final = "dist/vitaal-kg.cdx.json"

#: What packages write where an identifier of SPDX belongs. A bare BSD leaves the clauses open.
_SPDX: Final[Mapping[str, str]] = {
    "Apache 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "ISC license": "ISC",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "PSFL": "PSF-2.0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}
_OSI: Final = "License :: OSI Approved :: "
_VERSION: Final = re.compile(r"@version ([\d.]+)")


class SbomError(Exception):
    """Why there is no bill of materials, for whoever asked for one."""


def needed(requirements: Iterable[str]) -> dict[str, set[str]]:
    """What is asked for on this machine and Python, and by that in turn: by name, with what it asks
    for itself. All of it is installed.

    Raises:
        importlib.metadata.PackageNotFoundError: something is not.
    """
    found: dict[str, set[str]] = {}
    done: set[tuple[str, str]] = set()
    todo = holding(requirements)
    while todo:
        one = todo.pop()
        name = lock.normal(one.name)
        asked = found.setdefault(name, set())
        for extra in {"", *one.extras} - {extra for of, extra in done if of == name}:
            done.add((name, extra))
            more = holding(requires(name) or (), extra)
            asked |= {lock.normal(other.name) for other in more}
            todo += more
    return found


def holding(requirements: Iterable[str], extra: str = "") -> list[Requirement]:
    """Those that hold on this machine and Python."""
    return [
        one
        for one in map(Requirement, requirements)
        if one.marker is None or one.marker.evaluate({"extra": extra})
    ]


def licences(name: str) -> list[dict[str, Any]]:
    """The licences that a package states, in the form of CycloneDX."""
    about = distribution(name).metadata
    # Asked in this way: where importlib_metadata is loaded, what is not stated is a KeyError.
    stated = (about.get_all("License-Expression") or [""])[0]
    if not stated:
        lines = (about.get_all("License") or [""])[0].strip().splitlines()
        stated = lines[0].strip() if len(lines) == 1 else ""
        stated = "" if stated == "UNKNOWN" else _SPDX.get(stated, stated)
    if stated and fixup_id(stated) is None and is_expression(stated):
        return [{"expression": stated}]
    if fixup_id(stated) is None:
        classified = (
            one.removeprefix(_OSI)
            for one in about.get_all("Classifier") or ()
            if one.startswith(_OSI)
        )
        if found := sorted(_SPDX.get(one, one) for one in classified):
            return [{"license": _licence(one)} for one in found]
    if not stated:
        raise SbomError(f"{name} states no licence")
    return [{"license": _licence(stated)}]


def _licence(stated: str) -> dict[str, str]:
    known = fixup_id(stated)
    return {"name": stated} if known is None else {"id": known}


def component(pin: lock.Pin) -> dict[str, Any]:
    """A package as a component."""
    here = distribution(pin.name)
    if here.version != pin.version:
        raise SbomError(
            f"{pin.name} {here.version} is installed and {pin.version} is locked: make first"
        )
    purl = f"pkg:pypi/{pin.name}@{pin.version}"
    found: dict[str, Any] = {
        "type": "library",
        "bom-ref": purl,
        "name": pin.name,
        "version": pin.version,
        "licenses": licences(pin.name),
        "purl": purl,
        "externalReferences": [
            {
                "type": "distribution",
                "url": purl,
                "comment": "the files of this version, for all platforms; one is installed",
                "hashes": [{"alg": "SHA-256", "content": one} for one in pin.hashes],
            }
        ],
    }
    if summary := (here.metadata.get_all("Summary") or [""])[0]:
        found["description"] = summary
    if pin.name == "pyvis":
        found["components"] = [_asset()]
    return found


def _asset() -> dict[str, Any]:
    """The script of the pages, which comes inside the package pyvis."""
    data = files("pyvis").joinpath(LIBRARY).read_bytes()
    found = _VERSION.search(data[:2000].decode())
    if found is None:
        raise SbomError(f"{LIBRARY} of pyvis states no version")
    purl = f"pkg:npm/vis-network@{found[1]}"
    return {
        "type": "library",
        "bom-ref": purl,
        "name": "vis-network",
        "version": found[1],
        "description": "draws the pictures of pages; stands inside each page",
        "hashes": [{"alg": "SHA-256", "content": hashlib.sha256(data).hexdigest()}],
        "licenses": [{"expression": "Apache-2.0 OR MIT"}],
        "purl": purl,
        "properties": [{"name": "vitaal-kg:file", "value": f"pyvis/{LIBRARY}"}],
    }


def bill(time: datetime | None = None) -> dict[str, Any]:
    """The whole document.

    Raises:
        SbomError: what is installed is not what is locked, or states no licence.
    """
    own = distribution("vitaal-kg")
    root = f"pkg:pypi/vitaal-kg@{own.version}"
    pins = {pin.name: pin for pin in lock.locked("run")}
    asked = needed(own.requires or ())
    if lost := sorted(asked.keys() - pins.keys()):
        raise SbomError(f"not locked: {', '.join(lost)}: make lock first")
    refs = {name: f"pkg:pypi/{name}@{pins[name].version}" for name in asked}
    direct = {lock.normal(one.name) for one in holding(own.requires or ())}
    uses = {root: direct, **{refs[name]: others for name, others in asked.items()}}
    metadata: dict[str, Any] = {
        "component": {
            "type": "application",
            "bom-ref": root,
            "name": "vitaal-kg",
            "version": own.version,
            "description": (own.metadata.get_all("Summary") or [""])[0],
            "licenses": licences("vitaal-kg"),
            "purl": root,
        }
    }
    if time is not None:
        metadata["timestamp"] = time.strftime("%Y-%m-%dT%H:%M:%SZ")
    found = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": metadata,
        "components": [component(pins[name]) for name in sorted(asked)],
        "dependencies": [
            {"ref": ref, "dependsOn": sorted(refs[other] for other in others)}
            for ref, others in sorted(uses.items())
        ],
    }
    found["serialNumber"] = f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, text(found))}"
    return found


def text(document: Mapping[str, Any]) -> str:
    """As it is written."""
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def main() -> None:
    """Write it and say where."""
    out = Path(sys.argv[1] if len(sys.argv) > 1 else OUT)
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    document = bill(datetime.fromtimestamp(int(epoch), UTC) if epoch else None)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(text(document), encoding="utf-8", newline="\n")
    print(f"{out}: {len(document['components'])} packages, CycloneDX 1.6")


if __name__ == "__main__":
    try:
        main()
    except SbomError as error:
        sys.exit(str(error))
