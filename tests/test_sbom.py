"""The bill of materials: valid, complete, the same every time, and read by our own import."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

import lock
import pytest
import sbom
from click.testing import CliRunner
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from kg.cli.main import build_group
from kg.views.page import LIBRARY, render_page

ROOT = Path(__file__).resolve().parent.parent
TIME = datetime(2026, 1, 15, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def bill() -> dict[str, Any]:
    return sbom.bill(TIME)


def problems(document: dict[str, Any]) -> list[str]:
    found = JsonStrictValidator(SchemaVersion.V1_6).validate_str(
        sbom.text(document), all_errors=True
    )
    return [str(one) for one in found or ()]


def test_it_is_valid_cyclonedx(bill: dict[str, Any]) -> None:
    assert problems(bill) == []
    assert bill["specVersion"] == "1.6"


@pytest.mark.parametrize(
    "change",
    [
        lambda bill: bill.update(bomFormat="SPDX"),
        lambda bill: bill["components"][0].pop("name"),
        lambda bill: bill["components"][0].update(licenses=[{"license": {"id": "Geen"}}]),
        lambda bill: bill["metadata"].update(timestamp=3),
    ],
)
def test_what_is_not_valid_is_seen(
    bill: dict[str, Any], change: Callable[[dict[str, Any]], object]
) -> None:
    document = json.loads(sbom.text(bill))
    change(document)
    assert problems(document)


def test_what_is_installed_stands_in_it_with_licences_and_hashes(bill: dict[str, Any]) -> None:
    pins = {pin.name: pin for pin in lock.locked("run")}
    named = {one["name"]: one for one in bill["components"]}
    for name in ("pyoxigraph", "rdflib", "pyshacl", "numpy", "markupsafe", "rpds-py", "pytest"):
        assert (name in named) == (name not in ("rpds-py", "pytest")), "only what runs"
    for name, one in named.items():
        assert one["version"] == version(name) == pins[name].version
        assert one["licenses"], name
        (reference,) = one["externalReferences"]
        assert [given["content"] for given in reference["hashes"]] == list(pins[name].hashes)


def test_what_uses_what_is_told_and_reaches_everything(bill: dict[str, Any]) -> None:
    uses = {one["ref"]: one["dependsOn"] for one in bill["dependencies"]}
    root = bill["metadata"]["component"]["bom-ref"]
    reached, todo = {root}, [root]
    while todo:
        for other in uses[todo.pop()]:
            if other not in reached:
                reached.add(other)
                todo.append(other)
    assert reached == {root, *(one["bom-ref"] for one in bill["components"])}


def test_the_script_inside_pages_is_a_component_of_pyvis(bill: dict[str, Any]) -> None:
    (pyvis,) = (one for one in bill["components"] if one["name"] == "pyvis")
    (script,) = pyvis["components"]
    data = files("pyvis").joinpath(LIBRARY).read_bytes()
    assert script["version"] == "9.1.2"
    assert script["hashes"] == [{"alg": "SHA-256", "content": hashlib.sha256(data).hexdigest()}]
    assert render_page.__module__ == "kg.views.page", "which puts that file into each page"


def test_the_same_installation_gives_the_same_bytes(tmp_path: Path) -> None:
    written = []
    for seed in ("1", "2"):
        out = tmp_path / seed
        subprocess.run(
            [sys.executable, ROOT / "tools" / "sbom.py", out],
            env={**os.environ, "PYTHONHASHSEED": seed, "SOURCE_DATE_EPOCH": "1768478400"},
            check=True,
            capture_output=True,
        )
        written.append(out.read_bytes())
    assert written[0] == written[1]
    assert json.loads(written[0]) == sbom.bill(TIME)


def test_without_a_time_there_is_none(bill: dict[str, Any]) -> None:
    without = sbom.bill()
    assert "timestamp" not in without["metadata"]
    assert problems(without) == []
    assert without["serialNumber"] != bill["serialNumber"]


def test_another_version_than_the_locked_is_an_error() -> None:
    with pytest.raises(sbom.SbomError, match=r"click .* is installed and 0\.1 is locked"):
        sbom.component(lock.Pin("click", "0.1", "", ("0" * 64,)))


def test_our_own_import_reads_it(bill: dict[str, Any], tmp_path: Path) -> None:
    path, out = tmp_path / "vitaal-kg.cdx.json", tmp_path / "tabellen"
    path.write_text(sbom.text(bill), encoding="utf-8")
    arguments = ["import", "cyclonedx", str(path), "--marking", "openbaar", "--out", str(out)]
    done = CliRunner().invoke(build_group(), arguments)
    assert done.exit_code == 0, done.output
    rows = (out / "Product.csv").read_text("utf-8")
    assert "vis-network 9.1.2" in rows
    # itself, each package, and the script within one of them
    assert len(rows.splitlines()) == 1 + 1 + len(bill["components"]) + 1
