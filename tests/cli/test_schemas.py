"""What commands print as JSON is what ``schemas/`` says, on the shipped data and on wrong ones."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from kg.build import build
from kg.cli.main import ENTRIES, build_group
from kg.resources import folder

ROOT = Path(__file__).parent.parent.parent
SAMPLES = ROOT / "examples" / "registers"
SCHEMAS = {path.name.split(".")[0]: path for path in folder("schemas").glob("*.schema.json")}
#: Nothing that other programs read comes out of these: a demonstration, and RDF or other formats.
WITHOUT = {"demo", "export"}

#: Asked of the shipped release; {out} is a folder of the test, {bad} data that are wrong.
ASKED = {
    "cascade": (
        "oef-org-dno@PT0H/P2D --horizon P3D",
        "--scenario oef-sc-station",
        "--threat overstroming --in-sector energie --ends P2D",
        "--scenario oef-sc-station --with oef-ma-satelliet",
        "oef-org-dno@PT0H/P2D~0.3 --samples 50 --seed 7 --cores 1",
    ),
    "cutsets": (
        "oef-p-trein --within PT8H --limit 5",
        "oef-p-trein --within PT8H --limit 5 --importance --explain 1",
        "oef-p-trein --within PT8H --max-order 2 --count-only",
        f"--open-psa {ROOT / 'tests/faulttree/trees/pump.xml'} --importance",
        f"--open-psa {ROOT / 'tests/faulttree/trees/parts.xml'} --max-order 1",
    ),
    "backtest": ("", "--blind"),
    "withdraw": ("KR", "RU CN", "--trusted", "--compare oef-beleid-streng"),
    "screen": (
        "--top 5",
        "--order 2 --units oef-org-dno --units oef-org-opwek --units oef-org-dc",
        "--measures --scenario oef-sc-station --budget 500000",
    ),
    "query": (
        "",
        "eigendomsketen --about",
        "eisen-met-een-vervuller --limit 5",
        "onbekende-buffers",
        "--sparql {out}/ask.rq",
    ),
    "explain": (
        "oef-p-gas dependsOn oef-a-gas-comp --all",
        "oef-p-trein a VitalProcess",
    ),
    "owners": ("oef-org-dc", "oef-org-dno"),
    "takeover": (
        "--owned oef-org-dc --owner oef-org-orchidee --share 60%",
        "--owned oef-org-deltabesturing --owner nieuw --owner-seat CN --share 100%",
    ),
    "procure": (
        f"--offer {ROOT / 'examples/offers/kern-oost'} "
        f"--offer {ROOT / 'examples/offers/kern-noord'}",
    ),
    "releases": ("", "verify"),
    "audit": ("", "--folder", "verify"),
    "validate": ("--data {bad}",),
    "build": ("--data {bad} --skip-invalid --out {out}/uit",),
    "template": ("", "Service Requirement", "--archetype ran --for mast-noord"),
    "import": (
        f"cyclonedx {SAMPLES / 'sbom.cdx.json'} --marking openbaar --out {{out}}/sbom",
        f"ocds {SAMPLES / 'ocds-releases.json'} --marking openbaar --out {{out}}/ocds "
        "--skip-invalid",
    ),
}
#: Commands that look at no release.
ALONE = {"backtest", "validate", "build", "template", "import"}


def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads(SCHEMAS[name].read_text("utf-8")))


def wrong(name: str, value: Any) -> str:
    """Where and how a value is not what the schema says; empty where it is."""
    error = best_match(validator(name).iter_errors(value))
    return "" if error is None else f"{error.json_path}: {error.message[:400]}"


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> str:
    out = tmp_path_factory.mktemp("meegeleverd")
    build(None, out)
    return str(out)


@pytest.fixture
def places(tmp_path: Path) -> dict[str, str]:
    bad = tmp_path / "fout"
    bad.mkdir()
    (bad / "Source.csv").write_text(
        "id,title,publisher,date,url,grade,marking\ns1,T,P,2026-01-15,,B,openbaar\n", "utf-8"
    )
    (bad / "Service.csv").write_text(
        "id,label,inSector,restartLag,source\na,A (fictief),energie,3 uur,s1\n"
        "b,B (fictief),energie,PT1H,s1\n",
        "utf-8",
    )
    (tmp_path / "ask.rq").write_text("ASK { ?s a vit:VitalProcess }", "utf-8")
    return {"bad": str(bad), "out": str(tmp_path)}


def test_every_command_that_prints_json_has_its_schema() -> None:
    group = build_group()
    context = click.Context(group)
    for name in ENTRIES:
        command = group.get_command(context, name)
        assert command is not None
        formats = {
            choice
            for param in command.params
            if isinstance(param.type, click.Choice) and "--format" in param.opts
            for choice in param.type.choices
        }
        assert ("json" in formats) == (name in SCHEMAS) or name in WITHOUT, name
        assert (name in SCHEMAS) == (name in ASKED), name
    assert set(SCHEMAS) <= set(ENTRIES)


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_a_schema_is_one_and_says_what_it_is_about(name: str) -> None:
    schema = json.loads(SCHEMAS[name].read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"].endswith(f"/{name}.schema.json")
    assert schema["title"] == f"kg {name}"
    used = json.dumps(schema)
    assert all(f'"#/$defs/{one}"' in used for one in schema.get("$defs", {}))
    if name != "build":  # what a manifest holds may grow
        assert list(_open(schema)) == []


def _open(value: Any, path: str = "$") -> Iterator[str]:
    """Objects with named members that let others in."""
    if isinstance(value, dict):
        if "properties" in value and "type" in value and "additionalProperties" not in value:
            yield path
        for key, one in value.items():
            yield from _open(one, f"{path}.{key}")
    elif isinstance(value, list):
        for at, one in enumerate(value):
            yield from _open(one, f"{path}[{at}]")


@pytest.mark.parametrize("name", sorted(ASKED))
def test_what_a_command_prints_is_what_its_schema_says(
    name: str, shipped: str, places: dict[str, str]
) -> None:
    for asked in ASKED[name]:
        arguments = [name, *asked.format(**places).split(), "--format", "json"]
        if name not in ALONE:
            arguments += ["--release", shipped]
        answer = CliRunner().invoke(build_group(), arguments)
        assert answer.exit_code in ((0, 1) if name == "validate" else (0,)), answer.output
        value = json.loads(answer.stdout)
        assert wrong(name, value) == "", asked


@pytest.mark.parametrize(
    ("name", "asked", "change"),
    [
        ("owners", "oef-org-dc", lambda value: value.update(more=1)),
        ("owners", "oef-org-dc", lambda value: value.pop("chains")),
        ("owners", "oef-org-dc", lambda value: value["above"][0].update(share="60%")),
        ("owners", "oef-org-dc", lambda value: value["above"][0].update(control="maybe")),
        ("explain", "oef-p-gas dependsOn oef-a-gas-comp", lambda value: value["proof"].pop("kind")),
        (
            "explain",
            "oef-p-gas dependsOn oef-a-gas-comp",
            lambda value: value["proof"]["premises"][0].update(more=1),
        ),
    ],
)
def test_what_a_schema_does_not_say_is_seen(
    name: str, asked: str, change: Callable[[Any], Any], shipped: str
) -> None:
    arguments = [name, *asked.split(), "--format", "json", "--release", shipped]
    value = json.loads(CliRunner().invoke(build_group(), arguments).stdout)
    assert wrong(name, value) == ""
    change(value)
    assert wrong(name, value) != ""
