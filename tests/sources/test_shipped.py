"""The minimal folder of the design, with the real ontology and the real reference data."""

from pathlib import Path

import pytest

from kg.resources import folder
from kg.schema import Schema
from kg.sources import stage

MINIMAL = {
    "Source.csv": """id,title,publisher,date,url,grade,marking
s1,Interview,Ministerie,2026-01-15,,B,openbaar
""",
    "Service.csv": """id,label,inSector,restartLag,source
grid,Regionaal net,energie,PT2H,s1
gsmr,GSM-R,telecom,,s1
rail,Treindienst,spoor,PT4H,s1
""",
    "Requirement.csv": """\
id,requiredBy,fulfilledBy,minimumFulfilled,buffer,effect,dependencyKind,source
r1,gsmr,grid,1,PT3H,fails,physical,s1
r2,rail,grid;gsmr,2,PT0H,fails,physical,s1
""",
}


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_the_minimal_folder_works(tmp_path: Path, delimiter: str) -> None:
    for name, text in MINIMAL.items():
        content = text
        if delimiter == ";":
            content = text.replace("grid;gsmr", '"grid|gsmr"').replace(",", ";").replace("|", ";")
        (tmp_path / name).write_text(content, encoding="utf-8")
    staged = stage([folder("data") / "reference", tmp_path], Schema.load(folder("ontology")))
    assert [problem for problem in staged.problems if tmp_path.name in problem.location.file] == []
    own = {one.iri.rpartition("/")[2]: one for one in staged.graphs if tmp_path.name in one.iri}
    assert {name: one.subjects for name, one in own.items()} == {
        "Requirement.csv": 2,
        "Service.csv": 3,
        "Source.csv": 1,
    }
    assert {one.marking for one in own.values()} == {"openbaar"}
