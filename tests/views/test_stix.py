"""Threat actors out as STIX 2.1 and back in again."""

import json
from pathlib import Path

import stix2

from kg.build import build
from kg.resources import folder
from kg.schema import Schema
from kg.sources.registers.importing import import_files
from kg.sources.registers.known import read_known
from kg.sources.registers.model import About
from kg.views import Frame
from kg.views.stix import bundle

SOURCE = """id,title,publisher,date,url,grade,marking
s1,Lijst (fictief),Redactie (fictief),2026-01-15,,B,openbaar
"""
ACTORS = """id,label,altLabel,actorClass,attributedTo,targetsSector,usesThreat,source
a-meeuw,Meeuw (fictief),Vogel (fictief),stateActor,KP;RU,energie;spoor,spionage,s1
a-bende,Bende (fictief),,criminalActor;nonStateActor,,,,s1
a-kaal,Kaal (fictief),,insiderActor,,plaats-tijd,,s1
"""
COLUMNS = ("id", "label", "altLabel", "actorClass", "attributedTo", "targetsSector", "usesThreat")


def test_out_and_in_again_gives_the_same_actors(tmp_path: Path) -> None:
    data = tmp_path / "mijn"
    data.mkdir()
    (data / "Source.csv").write_text(SOURCE, encoding="utf-8")
    (data / "ThreatActor.csv").write_text(ACTORS, encoding="utf-8")
    release = build([data], tmp_path / "releases", validation=False)
    frame = Frame(release.level, release.id, release.policy, release.date)
    content = bundle(release.store, frame)
    assert content == bundle(release.store, frame)

    parsed = stix2.parse(content.decode(), version="2.1")  # strict: nothing of our own is in it
    assert {one.type for one in parsed.objects} >= {"threat-actor", "location", "relationship"}
    days = {one["created"] for one in json.loads(content)["objects"]}
    assert days == {f"{release.date}T00:00:00.000Z"}
    assert f"vitaal-kg release {release.id}, openbaar" in content.decode()

    path = tmp_path / "actoren.json"
    path.write_bytes(content)
    schema = Schema.load(folder("ontology"))
    # Without the actors at hand, as another organisation would read it.
    known = read_known([folder("data") / "reference"], schema)
    found = import_files("stix", [path], known, About("openbaar"))
    rows = {row["id"]: row for row in found.tables["ThreatActor"]}
    expected = dict(zip(COLUMNS, ACTORS.splitlines()[1].split(",")[:7], strict=True))
    assert {column: rows["a-meeuw"].get(column, "") for column in COLUMNS} == expected
    assert rows["a-bende"]["actorClass"] == "criminalActor;nonStateActor"
    assert rows["a-kaal"]["targetsSector"] == "plaats-tijd"  # has no word in STIX, keeps its id
    # What the reference data have already is not written again.
    assert set(rows) == {"a-meeuw", "a-bende", "a-kaal"}
