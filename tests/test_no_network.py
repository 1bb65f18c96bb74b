"""No command uses a network, whatever it is given: nothing is sent, and nothing is tried."""

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import no_network
import pytest
from no_network import Ran

from kg.cli.main import build_group

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "examples" / "registers"
EXERCISE = str(ROOT / "data" / "exercise")

SOURCES = """id,title,publisher,date,url,grade,marking
s1,Interview,Ministerie,2026-01-15,https://voorbeeld.invalid/,B,openbaar
"""
SERVICES = """id,label,inSector,restartLag,source
grid,Regionaal net (fictief),energie,PT2H,s1
"""

#: Per command one or more ways to call it, each with its exit code; what builds well is built in
#: the fixture below. OUT stands for the folder of releases, OLD for the first of two small ones in
#: TWO, NEW for a place to write at.
CALLS: dict[str, list[tuple[list[str], int]]] = {
    "demo": [([], 0)],
    "build": [
        (["--data", "remote-context", "--out", "NEW"], 1),
        (["--data", "remote-entity", "--out", "NEW"], 1),
    ],
    "releases": [(["--release", "TWO"], 0)],
    "releases verify": [(["--release", "TWO"], 0)],
    "releases use": [(["OLD", "--release", "TWO"], 0)],
    "releases prune": [(["--keep", "1", "--yes", "--release", "TWO"], 0)],
    "audit": [(["--release", "TWO"], 0)],
    "audit verify": [(["--release", "TWO"], 0)],
    "validate": [(["--data", "SMALL"], 0)],
    "query": [
        ([], 0),
        (["sectormatrix", "--release", "OUT", "--html", "NEW"], 0),
        (["--sparql", "select.rq", "--release", "OUT"], 0),
        (["--sparql", "service.rq", "--release", "OUT"], 1),
        (["--sparql", "load.rq", "--release", "OUT"], 1),
        (["--sparql", "from.rq", "--release", "OUT"], 1),
    ],
    "explain": [
        (["oef-p-gas", "dependsOn", "oef-a-gas-comp", "--release", "OUT", "--html", "NEW"], 0)
    ],
    "cascade": [
        (["oef-org-dno", "--horizon", "P3D", "--release", "OUT", "--html", "NEW"], 0),
        (["oef-org-dno", "--samples", "50", "--cores", "2", "--release", "OUT"], 0),
    ],
    "screen": [
        (["--order", "1", "--release", "OUT"], 0),
        (["--measures", "--release", "OUT"], 0),
    ],
    "cutsets": [(["oef-p-trein", "--within", "PT8H", "--max-order", "1", "--release", "OUT"], 0)],
    "withdraw": [
        (["KR", "--release", "OUT", "--html", "NEW"], 0),
        (["--release", "OUT", "--html", "NEW"], 0),
    ],
    "owners": [(["oef-org-dc", "--release", "OUT", "--html", "NEW"], 0)],
    "takeover": [(["--owned", "oef-org-dc", "--owner", "oef-org-orchidee", "--release", "OUT"], 0)],
    "procure": [
        (["--offer", str(ROOT / "examples" / "offers" / "kern-oost"), "--release", "OUT"], 0)
    ],
    "backtest": [([str(ROOT / "data" / "incidents" / "nl-kpn-112-2019.json")], 0)],
    "template": [(["Service"], 0)],
    "import": [
        (["cyclonedx", str(SAMPLES / "sbom.cdx.xml"), "--marking", "openbaar", "--out", "NEW"], 0),
        (["stix", str(SAMPLES / "stix-bundle.json"), "--marking", "openbaar", "--out", "NEW"], 0),
        (["ocds", str(SAMPLES / "ocds-releases.json"), "--marking", "openbaar", "--out", "NEW"], 0),
    ],
    "export": [
        (["--format", "jsonld", "--release", "OUT"], 0),
        (["--format", "stix", "--release", "OUT"], 0),
    ],
}

ADDRESS = "http://voorbeeld.invalid/x"
FILES = {
    "select.rq": "SELECT ?one WHERE { ?one a vit:VitalProcess }",
    "service.rq": f"SELECT * WHERE {{ SERVICE SILENT <{ADDRESS}> {{ ?s ?p ?o }} }}",
    "load.rq": f"LOAD SILENT <{ADDRESS}>",
    "from.rq": f"SELECT * FROM <{ADDRESS}> WHERE {{ ?s ?p ?o }}",
    "remote-context/wat.jsonld": json.dumps({"@context": ADDRESS, "@id": "https://example.org/a"}),
    "remote-entity/wat.rdf": f'<!DOCTYPE a [<!ENTITY b SYSTEM "{ADDRESS}">]><a>&b;</a>',
}


def commands() -> Iterator[str]:
    """Every command of ``kg``, and those within them."""
    group = build_group()
    context = click.Context(group)
    for name in group.list_commands(context):
        yield name
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from (f"{name} {part}" for part in command.list_commands(context))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with data, hostile files, a release of the exercise set, and two small ones; the
    releases are built without a network."""
    folder = tmp_path_factory.mktemp("zonder-netwerk")
    for name, text in FILES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    for name, services in (("small", SERVICES), ("other", SERVICES.replace("PT2H", "PT3H"))):
        (folder / name).mkdir()
        (folder / name / "Source.csv").write_text(SOURCES, encoding="utf-8")
        (folder / name / "Service.csv").write_text(services, encoding="utf-8")
    for out, data in (("two", "small"), ("two", "other"), ("out", EXERCISE)):
        nothing_tried(
            no_network.kg(
                _scratch(folder, f"{out}-{Path(data).name}"),
                *("build", "--data", data, "--out", out),
                cwd=folder,
            )
        )
    return folder


def _scratch(folder: Path, name: str) -> Path:
    made = folder / "scratch" / name
    made.mkdir(parents=True)
    return made


def nothing_tried(ran: Ran, code: int = 0) -> None:
    assert ran.code == code, ran.output
    assert ran.interpreters > 0, "nothing was watched"
    assert ran.tried == []


def test_every_command_has_a_call() -> None:
    assert sorted(CALLS) == sorted(commands())


@pytest.mark.parametrize(
    ("command", "arguments", "code"),
    [
        pytest.param(command, arguments, code, id=f"{command.replace(' ', '-')}-{number}")
        for command, calls in CALLS.items()
        for number, (arguments, code) in enumerate(calls, 1)
    ],
)
def test_no_command_tries_a_network(
    place: Path, tmp_path: Path, command: str, arguments: list[str], code: int
) -> None:
    two = place / "two"
    if command in ("releases use", "releases prune"):
        two = Path(shutil.copytree(two, tmp_path / "two", symlinks=True))
    log = (two / "audit" / "releases.jsonl").read_text("utf-8").splitlines()
    words = {
        "OUT": str(place / "out"),
        "TWO": str(two),
        "OLD": json.loads(log[0])["release"],
        "SMALL": str(place / "small"),
        "NEW": str(tmp_path / "nieuw"),
    }
    given = [words.get(one, one) for one in arguments]
    scratch = _scratch(tmp_path, "scratch")
    ran = no_network.kg(scratch, *command.split(), *given, cwd=place)
    nothing_tried(ran, code)
    if "NEW" in arguments and not code:
        assert Path(words["NEW"]).exists()


TRIES = {
    "connect": "import socket; socket.socket().connect(('127.0.0.1', 8080))",
    "name": "import socket; socket.getaddrinfo('voorbeeld.invalid', 80)",
    "send": (
        "import socket; s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM); "
        "s.sendto(b'', ('2001:db8::1', 53))"
    ),
    "caught": (
        "import urllib.request as r\n"
        "try: r.urlopen('http://voorbeeld.invalid/')\n"
        "except OSError: pass"
    ),
    "child": (
        "import subprocess, sys; subprocess.run([sys.executable, '-P', '-c', "
        "'import socket; socket.socket().connect((\"127.0.0.1\", 8080))'])"
    ),
    "fork": (
        "import os, socket\n"
        "if os.fork() == 0: socket.socket().connect(('127.0.0.1', 8080))\n"
        "os.wait()"
    ),
}
#: An engine in native code, which Python does not see.
NATIVE = f"import pyoxigraph as o; o.Store().update('LOAD SILENT <{ADDRESS}>')"


@pytest.mark.parametrize("how", TRIES)
def test_an_attempt_is_written_down_and_goes_nowhere(tmp_path: Path, how: str) -> None:
    ran = no_network.run([sys.executable, "-c", TRIES[how]], tmp_path, apart=False)
    assert len(ran.attempts) == 1
    assert ran.counts == {}


@pytest.mark.parametrize("how", [*TRIES, "native"])
def test_the_kernel_counts_an_attempt_by_itself(tmp_path: Path, how: str) -> None:
    if not no_network.namespaces():
        pytest.skip("no network namespace may be made here")
    program = {**TRIES, "native": NATIVE}[how]
    ran = no_network.run([sys.executable, "-c", program], tmp_path, recorded=False)
    assert (ran.interpreters, ran.attempts) == (0, ())
    assert ran.tried


@pytest.mark.parametrize("apart", [True, False])
def test_what_is_no_attempt_is_not_taken_for_one(tmp_path: Path, apart: bool) -> None:
    if apart and not no_network.namespaces():
        pytest.skip("no network namespace may be made here")
    program = "import socket; a, b = socket.socketpair(); a.send(b'x'); print(b.recv(1))"
    ran = no_network.run([sys.executable, "-c", program], tmp_path, apart=apart)
    nothing_tried(ran)
    assert bool(ran.counts) == apart


def test_without_a_namespace_commands_are_watched_as_well(place: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "kg", "query", "sectormatrix", "--release", str(place / "out")]
    nothing_tried(no_network.run(command, tmp_path, apart=False))
