"""Releases: built whole or not at all, named by their inputs, one per marking level."""

import json
from pathlib import Path

import pytest

from kg.build import build, check
from kg.errors import InputError, ReleaseError, UsageError
from kg.release import Release
from kg.releases import releases

SOURCES = """id,title,publisher,date,url,grade,marking
s1,Interview,Ministerie,2026-01-15,,B,openbaar
s2,Nota,Ministerie,2026-02-15,,A,dep-v
"""
SERVICES = """id,label,inSector,restartLag,source
grid,Regionaal net,energie,PT2H,s1
gsmr,GSM-R,telecom,,s1
rail,Treindienst,spoor,PT4H,s1
"""
REQUIREMENTS = """id,requiredBy,fulfilledBy,minimumFulfilled,buffer,effect,dependencyKind,source
r1,gsmr,grid,1,PT3H,fails,physical,s1
r2,rail,grid;gsmr,2,PT0H,fails,physical,s1
"""
HIDDEN = """id,label,inSector,restartLag,source
geheim,Geheime post,spoor,PT1H,s2
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "eigen"
    folder.mkdir()
    (folder / "Source.csv").write_text(SOURCES)
    (folder / "Service.csv").write_text(SERVICES)
    (folder / "Requirement.csv").write_text(REQUIREMENTS)
    return folder


def contents(path: Path) -> dict[str, bytes]:
    """Every file of a level that is the same each time; the store is compared by its quads.

    Who built it when is not, nor are the hashes of the files of the store.
    """
    return {
        str(file.relative_to(path)): file.read_bytes()
        for file in sorted(path.rglob("*"))
        if file.is_file()
        and "store" not in file.relative_to(path).parts
        and file.name not in {"build.prov.ttl", "SHA256SUMS"}
    }


def test_the_smallest_folder_works(data: Path, tmp_path: Path) -> None:
    release = build([data], tmp_path / "out")
    assert release.level == "openbaar"
    assert release.date == "2026-01-15" or release.date > "2026-01-15"
    assert release.policy == "beleid-2026"
    network = release.network()
    assert {"grid", "gsmr", "rail"} <= {iri.rpartition("/")[2] for iri in network.units}
    assert release.store.ask(
        "ASK { <https://w3id.org/vitaal/id/rail> <https://w3id.org/vitaal/def#dependsOn> "
        "<https://w3id.org/vitaal/id/grid> }"
    )
    assert release.report["conforms"] is True


def test_the_same_inputs_give_the_same_release(data: Path, tmp_path: Path) -> None:
    one, two = build([data], tmp_path / "one"), build([data], tmp_path / "two")
    assert one.id == two.id
    assert one.path.parent.name == two.path.parent.name
    assert contents(one.path) == contents(two.path)
    assert list(one.store.dump(None)) == list(two.store.dump(None))


def test_another_input_gives_another_release_and_the_old_one_stays(
    data: Path, tmp_path: Path
) -> None:
    first = build([data], tmp_path / "out")
    (data / "Service.csv").write_text(SERVICES.replace("PT2H", "PT3H"))
    second = build([data], tmp_path / "out")
    assert second.id != first.id
    listed = releases(tmp_path / "out")
    assert {one.name for one in listed} == {first.path.parent.name, second.path.parent.name}
    assert [one.name for one in listed if one.current] == [second.path.parent.name]
    assert Release.open(tmp_path / "out" / first.path.parent.name).id == first.id


def test_what_is_marked_higher_is_not_in_the_lower_level(data: Path, tmp_path: Path) -> None:
    before = build([data], tmp_path / "before")
    (data / "Asset.csv").write_text(HIDDEN)
    after = build([data], tmp_path / "after")
    assert after.levels == ("openbaar", "dep-v")
    assert after.id == before.id
    assert contents(after.path) == contents(before.path)
    assert list(after.store.dump(None)) == list(before.store.dump(None))
    assert b"Geheime post" not in b"".join(after.store.dump(None))
    higher = Release.open(tmp_path / "after", "dep-v")
    assert b"Geheime post" in b"".join(higher.store.dump(None))


def test_wrong_input_builds_nothing_and_keeps_the_old(data: Path, tmp_path: Path) -> None:
    old = build([data], tmp_path / "out")
    (data / "Requirement.csv").write_text(REQUIREMENTS.replace("grid;gsmr", "grid;nergens"))
    with pytest.raises(InputError) as caught:
        build([data], tmp_path / "out")
    (problem,) = caught.value.problems
    assert problem.location.row == 3
    assert "nergens" in problem.nl
    assert Release.open(tmp_path / "out").id == old.id
    assert [one.name for one in releases(tmp_path / "out")] == [old.path.parent.name]
    assert not list((tmp_path / "out").glob(".building-*"))


def test_the_rest_is_built_when_asked(data: Path, tmp_path: Path) -> None:
    (data / "Requirement.csv").write_text(REQUIREMENTS.replace("grid;gsmr", "grid;nergens"))
    release = build([data], tmp_path / "out", skip_invalid=True)
    left_out = release.left_out
    assert any(one["row"] == 3 and "nergens" in one["nl"] for one in left_out)
    assert any(iri.endswith("/id/r1") for iri in release.network().requirements)
    assert not any(iri.endswith("/id/r2") for iri in release.network().requirements)


def test_checking_builds_nothing(data: Path, tmp_path: Path) -> None:
    (data / "Service.csv").write_text(SERVICES.replace("spoor,PT4H,s1", "spoor,PT4H,"))
    checked = check([data])
    assert checked.staged.problems or not checked.report.conforms


def test_an_absent_level_or_release_says_what_to_do(data: Path, tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="kg build"):
        Release.open(tmp_path / "nothing")
    build([data], tmp_path / "out")
    with pytest.raises(UsageError, match="stg-g"):
        Release.open(tmp_path / "out", "stg-g")


def test_from_a_level_that_stands_alone_no_other_is_had(data: Path, tmp_path: Path) -> None:
    (data / "Asset.csv").write_text(HIDDEN)
    build([data], tmp_path / "out", validation=False)
    alone = tmp_path / "out" / "current" / "dep-v"
    assert Release.open(alone, "dep-v").level == Release.open(alone).level == "dep-v"
    with pytest.raises(UsageError, match="niveau 'dep-v', en niet 'openbaar'"):
        Release.open(alone, "openbaar")


def test_a_damaged_manifest_is_said(data: Path, tmp_path: Path) -> None:
    release = build([data], tmp_path / "out")
    manifest = release.path / "manifest.json"
    manifest.write_text(manifest.read_text()[:-20])
    with pytest.raises(ReleaseError, match="beschadigd"):
        Release.open(tmp_path / "out")
    manifest.write_text(json.dumps({"format": 99}))
    with pytest.raises(ReleaseError, match="andere versie"):
        Release.open(tmp_path / "out")


def test_what_a_killed_build_left_is_swept(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    dead = out / ".building-999999999"
    dead.mkdir()
    (dead / "half").write_text("half")
    build([data], out)
    assert not dead.exists()


def test_markings_that_cannot_be_compared_are_refused(data: Path, tmp_path: Path) -> None:
    (data / "Source.csv").write_text(SOURCES.replace("dep-v", "tlp-red"))
    (data / "Asset.csv").write_text(HIDDEN)
    with pytest.raises(InputError) as caught:
        build([data], tmp_path / "out")
    assert {problem.code for problem in caught.value.problems} == {"release.marking-scheme"}
    assert not (tmp_path / "out" / "current").exists()


def test_what_the_intake_and_the_shapes_find_is_told_in_one_run(data: Path, tmp_path: Path) -> None:
    wrong = REQUIREMENTS.replace("grid;gsmr", "grid;nergens") + "r3,,grid,1,PT1H,fails,cyber,s1\n"
    (data / "Requirement.csv").write_text(wrong)
    with pytest.raises(InputError) as caught:
        build([data], tmp_path / "out")
    found = [(problem.location.row, problem.code) for problem in caught.value.problems]
    assert [row for row, _ in found] == [3, 4]
    assert found[1][1].startswith("shacl.")
