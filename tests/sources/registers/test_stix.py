"""Bundles of STIX 2.1: who is taken over, what counts as attribution, and what is refused."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from register_data import SAMPLES, counted, places

from kg.errors import InputError, UsageError
from kg.resources import folder
from kg.schema import Schema
from kg.sources import stage
from kg.sources.registers.model import About, Imported
from kg.sources.registers.stix_words import ACTOR_CLASSES, ACTOR_TYPES, SECTOR_WORDS, SECTORS
from kg.sources.registers.writing import write

Run = Callable[..., Imported]
SAMPLE = "stix-bundle.json"


@pytest.fixture
def actors(run: Run) -> dict[str, dict[str, str]]:
    return {row["label"]: row for row in run("stix", SAMPLE).tables["ThreatActor"]}


def changed(tmp_path: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    document = json.loads((SAMPLES / SAMPLE).read_text("utf-8"))
    change(document)
    path = tmp_path / "bundel.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def test_actors_with_class_country_and_sectors(actors: dict[str, dict[str, str]]) -> None:
    assert set(actors) == {
        "Grijze Meeuw (fictief)",
        "Bende Slotgeld (fictief)",
        "Golfslagcampagne (fictief)",
    }
    gull = actors["Grijze Meeuw (fictief)"]
    assert (gull["actorClass"], gull["attributedTo"]) == ("stateActor", "KP")
    assert gull["targetsSector"] == "energie;telecom"
    assert gull["note"] == "Ook genoemd als doelwit (STIX) water"
    assert gull["altLabel"] == "Gull\\; grey (fictional);Meeuw 7 (fictief)"


def test_where_a_group_sits_or_comes_from_is_no_attribution(
    actors: dict[str, dict[str, str]],
) -> None:
    assert actors["Bende Slotgeld (fictief)"]["attributedTo"] == ""
    assert actors["Bende Slotgeld (fictief)"]["actorClass"] == "criminalActor"
    # A campaign has the class and the country of the actor that it is attributed to.
    campaign = actors["Golfslagcampagne (fictief)"]
    assert (campaign["actorClass"], campaign["attributedTo"]) == ("stateActor", "KP")


def test_an_actor_without_a_class_is_proposed(run: Run) -> None:
    found = run("stix", SAMPLE)
    (proposal,) = found.proposals
    assert (proposal["kind"], proposal["register"]) == ("actorsoort", "hacker")
    assert proposal["label"] == "Onbekend gezelschap (fictief)"
    numbers = counted(found)
    assert (numbers["actors"], numbers["attributed"], numbers["targeting"]) == (3, 2, 1)
    assert (numbers["classless"], numbers["revoked"], numbers["others"]) == (1, 1, 1)


def test_the_source_is_what_the_bundle_says(run: Run) -> None:
    (source,) = run("stix", SAMPLE).tables["Source"]
    assert (source["date"], source["publisher"]) == ("2026-06-15", "Oefenredactie (fictief)")


def test_the_folder_is_taken_by_the_intake(
    run: Run, own: Path, real_schema: Schema, tmp_path: Path
) -> None:
    out = tmp_path / "stix"
    write(run("stix", SAMPLE), out)
    staged = stage([folder("data") / "reference", own, out], real_schema)
    assert [str(problem) for problem in staged.problems] == []
    lines = b"".join(graph.ntriples for graph in staged.graphs)
    assert b'altLabel> "Gull; grey (fictional)"@nl' in lines


def test_the_newest_version_of_an_object_counts(run: Run, tmp_path: Path) -> None:
    def newer(document: dict[str, Any]) -> None:
        (one,) = [o for o in document["objects"] if o.get("name") == "Bende Slotgeld (fictief)"]
        copy = {**one, "name": "Bende Hangslot (fictief)", "modified": "2026-07-01T00:00:00.000Z"}
        document["objects"].insert(0, copy)

    labels = {row["label"] for row in run("stix", changed(tmp_path, newer)).tables["ThreatActor"]}
    assert "Bende Hangslot (fictief)" in labels
    assert "Bende Slotgeld (fictief)" not in labels


@pytest.mark.parametrize("version", [1, 2])
def test_what_tlp_restricts_does_not_become_public(run: Run, tmp_path: Path, version: int) -> None:
    one: dict[str, Any] = {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82",
        "created": "2017-01-20T00:00:00.000Z",
        "definition_type": "tlp",
        "name": "TLP:AMBER",
        "definition": {"tlp": "amber"},
    }
    if version == 2:
        del one["definition_type"], one["definition"]
        one["id"] = "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"
        one["extensions"] = {
            "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d": {
                "extension_type": "property-extension",
                "tlp_2_0": "amber",
            }
        }
    path = changed(tmp_path, lambda document: document["objects"].append(one))
    with pytest.raises(UsageError, match="TLP:AMBER"):
        run("stix", path)
    assert run("stix", path, about=About("dep-v")).tables["Source"][0]["marking"] == "dep-v"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda o: o.update(name=7), None),
        (lambda o: o.pop("name"), "stix"),
        (lambda o: o.update(id="threat-actor--1"), "stix"),
        (lambda o: o.update(modified="gisteren"), "stix"),
        (lambda o: o.update(threat_actor_types="nation-state"), None),
        (lambda o: o.update(type=7), "stix"),
        (lambda o: o.update(name="x\x07y"), "control-character"),
    ],
)
def test_each_wrong_object_is_told_with_its_path(
    run: Run, tmp_path: Path, change: Callable[[dict[str, Any]], object], code: str | None
) -> None:
    path = changed(tmp_path, lambda document: change(document["objects"][1]))
    if code is None:  # the library reads what can only mean one thing
        run("stix", path)
        return
    with pytest.raises(InputError) as caught:
        run("stix", path)
    ((found, file, row, where),) = places(caught.value.problems)
    assert (found, file, row) == (f"import.{code}", "bundel.json", 0)
    assert where.startswith("$.objects[1]")
    assert len(run("stix", path, skip_invalid=True).left_out) == 1


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ([], "not-stix"),
        ({"type": "threat-actor"}, "not-stix"),
        ({"type": "bundle", "spec_version": "2.0", "objects": []}, "stix-version"),
        ({"type": "bundle", "objects": [{"type": "threat-actor"}]}, "stix-version"),
        ({"type": "bundle", "objects": {"a": 1}}, "stix-version"),
    ],
)
def test_a_file_that_is_not_what_it_says(
    run: Run, tmp_path: Path, document: object, code: str
) -> None:
    path = tmp_path / "bundel.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        run("stix", path)
    assert [one[0] for one in places(caught.value.problems)] == [f"intake.{code}"]


def test_words_lead_back_to_where_they_came_from(known: Any) -> None:
    assert all(ACTOR_CLASSES[word] == local for local, word in ACTOR_TYPES.items())
    assert all(SECTORS[word] == sector for sector, word in SECTOR_WORDS.items())
    assert set(SECTORS.values()) == set(SECTOR_WORDS) <= set(known.sectors)
