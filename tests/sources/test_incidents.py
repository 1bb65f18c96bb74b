"""Incident files: the shipped ones are read, and whatever is wrong is one clear error."""

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from kg.errors import UsageError
from kg.sources.incidents import read_incident, read_incidents, sector_id
from kg.sources.incidents.fields import MAX_FILE, MAX_WARNINGS

GOOD: dict[str, Any] = {
    "slug": "dorp-2020",
    "title": "Village (invented)",
    "title_nl": "Dorp (fictief)",
    "date": "2020-01-31",
    "grade": "B",
    "sources": [{"id": "S1", "title": "Report"}],
    "entities": [
        {"id": "grid", "name": "Grid", "name_nl": "Net", "sector": "energy", "kind": "grid"},
        {"id": "gen", "name": "Generator", "sector": "rail", "kind": "generator"},
        {"id": "rail", "name": "Trains", "sector": "rail", "kind": "service"},
    ],
    "dependencies": [
        {
            "dependent": "rail",
            "suppliers": ["grid", "gen"],
            "redundancy": "k-of-n",
            "buffer_hours": None,
            "source": "S1",
        }
    ],
    "initiating": [{"entity": "grid", "t_hours": 0, "why": "fire"}],
    "observed": [{"entity": "rail", "outcome": "survived", "negative_type": "redundant"}],
}


@pytest.fixture
def written(tmp_path: Path) -> Callable[[Any], Path]:
    def write(value: Any) -> Path:
        path = tmp_path / "voorval.json"
        path.write_text(json.dumps(value), encoding="utf-8")
        return path

    return write


def test_the_shipped_incidents_are_read_without_a_warning() -> None:
    found = read_incidents()
    assert len(found) == 12
    assert [one.slug for one in found] == sorted(one.slug for one in found)
    for incident in found:
        assert incident.warnings == ()
        texts = [incident.title, incident.place, incident.notes, *incident.limits]
        texts += [entity.name for entity in incident.entities]
        texts += [one.why for one in incident.initiating]
        texts += [
            text for one in incident.observed for text in (one.why, one.precision) if any(text)
        ]
        texts += [one.note for one in incident.dependencies if any(one.note)]
        assert all(text.nl and text.en for text in texts), incident.slug
        assert incident.limits, incident.slug


def test_a_file_says_what_it_says(written: Callable[[Any], Path]) -> None:
    incident = read_incident(written(GOOD))
    (one,) = incident.dependencies
    assert (one.minimum, one.k_unknown, one.buffer, one.effect) == (1, True, None, "fails")
    assert incident.name("grid") == "Net"
    assert incident.name("gen") == "Generator"
    assert incident.observation["rail"].negative_type == "redundant"


@pytest.mark.parametrize(
    ("redundancy", "k", "minimum", "unknown"),
    [
        ("all", None, 2, False),
        ("all", 2, 2, False),
        ("any", None, 1, False),
        ("k-of-n", None, 1, True),
        ("k-of-n", 2, 2, False),
        ("2-of-2", None, 2, False),
    ],
)
def test_redundancy(
    written: Callable[[Any], Path], redundancy: str, k: int | None, minimum: int, unknown: bool
) -> None:
    value = deepcopy(GOOD)
    value["dependencies"][0] |= {"redundancy": redundancy, "k": k}
    (one,) = read_incident(written(value)).dependencies
    assert (one.minimum, one.k_unknown) == (minimum, unknown)


def test_unknown_fields_are_reported_and_not_used(written: Callable[[Any], Path]) -> None:
    value = deepcopy(GOOD)
    value["colour"] = "red"
    value["observed"][0]["negative"] = "x"
    value["entities"] += [{"id": f"e{n}", "odd": n} for n in range(100)]
    warnings = [text.en for text in read_incident(written(value)).warnings]
    assert "voorval.json, $.entities[3].odd: unknown field, not used." in warnings
    assert len(warnings) == MAX_WARNINGS + 1
    value["entities"] = GOOD["entities"]
    found = [text.en for text in read_incident(written(value)).warnings]
    assert found == [
        "voorval.json, $.observed[0].negative: unknown field, not used.",
        "voorval.json, $.colour: unknown field, not used.",
    ]


def changed(*path: Any, to: Any) -> dict[str, Any]:
    value = deepcopy(GOOD)
    at: Any = value
    for step in path[:-1]:
        at = at[step]
    if to is KeyError:
        del at[path[-1]]
    else:
        at[path[-1]] = to
    return value


WRONG = [
    (changed("slug", to=KeyError), "$.slug", "missing"),
    (changed("slug", to="a b"), "$.slug", "value"),
    (changed("title", to=7), "$.title", "type"),
    (changed("title", to="x" * 5000), "$.title", "value"),
    (changed("entities", to=KeyError), "$.entities", "missing"),
    (changed("entities", to=[]), "$.entities", "missing"),
    (changed("entities", to={}), "$.entities", "type"),
    (changed("entities", 0, to="grid"), "$.entities[0]", "type"),
    (changed("entities", 1, "id", to="grid"), "$.entities[1].id", "duplicate"),
    (changed("entities", 1, "id", to=1), "$.entities[1].id", "type"),
    (changed("dependencies", to=None), "$.dependencies", "missing"),
    (changed("dependencies", 0, "dependent", to="rial"), ".dependent", "unknown-entity"),
    (changed("dependencies", 0, "suppliers", to=["grid", "gne"]), "suppliers[1]", "unknown-entity"),
    (changed("dependencies", 0, "suppliers", to=["grid", "grid"]), "suppliers[1]", "duplicate"),
    (changed("dependencies", 0, "suppliers", to=["rail"]), ".suppliers", "value"),
    (changed("dependencies", 0, "suppliers", to=[]), ".suppliers", "missing"),
    (changed("dependencies", 0, "suppliers", to="grid"), ".suppliers", "type"),
    (changed("dependencies", 0, "suppliers", to=[1]), ".suppliers[0]", "type"),
    (changed("dependencies", 0, "redundancy", to="most"), ".redundancy", "value"),
    (changed("dependencies", 0, "redundancy", to="3-of-4"), ".redundancy", "value"),
    (changed("dependencies", 0, "k", to=3), ".k", "value"),
    (changed("dependencies", 0, "k", to=0), ".k", "value"),
    (changed("dependencies", 0, "k", to=1.5), ".k", "type"),
    (changed("dependencies", 0, "buffer_hours", to=-1), ".buffer_hours", "value"),
    (changed("dependencies", 0, "buffer_hours", to=1e300), ".buffer_hours", "value"),
    (changed("dependencies", 0, "buffer_hours", to="2"), ".buffer_hours", "type"),
    (changed("dependencies", 0, "buffer_hours", to=True), ".buffer_hours", "type"),
    (changed("dependencies", 0, "effect", to="explodes"), ".effect", "value"),
    (changed("dependencies", 0, "inferred", to="yes"), ".inferred", "type"),
    (changed("initiating", to=[]), "$.initiating", "missing"),
    (changed("initiating", 0, "t_hours", to=None), ".t_hours", "missing"),
    (changed("initiating", 0, "t_end_hours", to=0), ".t_end_hours", "value"),
    (changed("initiating", 0, "entity", to="net"), ".entity", "unknown-entity"),
    (changed("observed", 0, "outcome", to="fine"), ".outcome", "value"),
    (changed("observed", 0, "negative_type", to="lucky"), ".negative_type", "value"),
    (changed("observed", 0, "t_fail_hours", to=1), ".t_fail_hours", "value"),
    (changed("observed", 0, "entity", to="bus"), ".entity", "unknown-entity"),
    (changed("observed", to=[GOOD["observed"][0]] * 2), "$.observed[1].entity", "duplicate"),
    (
        changed(
            "observed",
            to=[{"entity": "rail", "outcome": "failed", "t_fail_hours": 3, "t_recover_hours": 2}],
        ),
        ".t_recover_hours",
        "value",
    ),
    (
        changed(
            "observed",
            to=[
                {
                    "entity": "rail",
                    "outcome": "failed",
                    "t_fail_min_hours": 3,
                    "t_fail_max_hours": 2,
                }
            ],
        ),
        ".t_fail_min_hours",
        "value",
    ),
    (changed("initiating", to=[{}] * 1001), "$.initiating", "too-many"),
    (changed("limits", to="none"), "$.limits", "type"),
    (changed("sources", to=[{"title": "x"}]), "$.sources[0].id", "missing"),
]


@pytest.mark.parametrize(("value", "path", "code"), WRONG)
def test_what_is_wrong_is_one_error_with_its_place(
    written: Callable[[Any], Path], value: Any, path: str, code: str
) -> None:
    with pytest.raises(UsageError) as caught:
        read_incident(written(value))
    assert caught.value.code == f"incident.{code}"
    for text in (caught.value.nl, caught.value.en):
        assert text.startswith("voorval.json, $")
        assert f"{path}: " in text
        assert "\n" not in text


def test_a_near_miss_gets_a_suggestion(written: Callable[[Any], Path]) -> None:
    with pytest.raises(UsageError, match="Bedoelde u 'rail'"):
        read_incident(written(changed("initiating", 0, "entity", to="rial")))


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "syntax"),
        (b"{", "syntax"),
        (b"[]", "type"),
        (b"\xff\xfe{}", "encoding"),
        (b'{"slug": NaN}', "value"),
        (b'{"slug": -Infinity}', "value"),
        (b'{"slug": 1' + b"0" * 5000 + b"}", "value"),
        (b'{"slug": "a", "slug": "b"}', "duplicate"),
        (b"[" * 200_000, "syntax"),
        (b" " * (MAX_FILE + 1), "too-large"),
    ],
)
def test_hostile_files_are_refused(tmp_path: Path, data: bytes, code: str) -> None:
    path = tmp_path / "boos.json"
    path.write_bytes(data)
    with pytest.raises(UsageError) as caught:
        read_incident(path)
    assert caught.value.code == f"incident.{code}"
    assert caught.value.exit_code == 2


def test_folders_files_and_what_is_not_there(
    tmp_path: Path, written: Callable[[Any], Path]
) -> None:
    with pytest.raises(UsageError, match="bestaat niet"):
        read_incidents([tmp_path / "weg"])
    with pytest.raises(UsageError, match="geen voorval"):
        read_incidents([tmp_path])
    path = written(GOOD)
    (tmp_path / "README.md").write_text("tekst", encoding="utf-8")
    assert [one.slug for one in read_incidents([tmp_path, path])] == ["dorp-2020"]
    (tmp_path / "zelfde.json").write_bytes(path.read_bytes())
    with pytest.raises(UsageError, match=r"voorval\.json"):
        read_incidents([tmp_path])


def test_words_for_sectors() -> None:
    assert sector_id("rail") == "spoor"
    assert sector_id("spoor") == "spoor"
    assert sector_id("broadcast") == "broadcast"
