"""Blind prediction: the rules on a small library, and that an incident never teaches itself."""

import json
from pathlib import Path
from typing import Any

import pytest

from kg.cascade.backtest import blind_needs, compare, predict, score_json, total_of
from kg.cascade.backtest.blind import representative, typical_hours
from kg.sources.archetypes import Library, Range, read_library
from kg.sources.incidents import Incident, read_incident, read_incidents

GOLDEN = Path(__file__).parent / "shipped_blind_scores.json"

TABLES = {
    "Source.csv": """id,title,publisher,date,url,grade,marking,aboutIncident
t-zelf,Verslag (fictief),Krant (fictief),2020-02-01,,B,openbaar,dorp-2020
t-ander,Verslag (fictief),Krant (fictief),2019-02-01,,A,openbaar,stad-2019
t-los,Handboek (fictief),Uitgever (fictief),2018-02-01,,B,openbaar,
""",
    "Archetype.csv": """id,label,label@en,kindCode,archetypeSector,typicalRestartLag,source
soort-t-net,Proefnet,Test grid,t_grid,,,t-los
soort-t-reserve,Proefreserve,Test reserve,t_gen,,,t-los
soort-t-mast,Proefmast,Test mast,t_mast,telecom,PT5H,t-los
soort-t-trein,Proeftrein,Test train,t_train,spoor,,t-los
soort-t-bank,Proefbank,Test bank,t_bank,,,t-los
""",
    "ArchetypeRequirement.csv": """id,label,ofArchetype,suppliedByArchetype,reserveArchetype,\
supplierRule,typicalBuffer,typicalEffect,typicalPurpose,dependencyKind,source
t-mast-net,x,soort-t-mast,soort-t-net,,everySupplier,PT9H,fails,operation,physical,t-los
t-trein-net,x,soort-t-trein,soort-t-net,soort-t-reserve,everySupplier,PT1H,fails,operation,physical,t-los;t-zelf
t-trein-mast,x,soort-t-trein,soort-t-mast,,anySupplier,,degrades,operation,cyber,t-ander
t-bank-net,x,soort-t-bank,soort-t-net,,anySupplier,,fails,operation,physical,t-zelf
""",
    "ArchetypeFigure.csv": """id,label,bufferFigureOf,restartFigureOf,figureLow,figure,figureHigh,\
figureBasis,source
t-c1,x,t-mast-net,,PT1H,,PT3H,observed,t-los
t-c2,x,t-mast-net,,,PT4H,,observed,t-ander
t-c3,x,t-mast-net,,,PT8H,,observed,t-zelf
t-c4,x,,soort-t-mast,,PT6H,,observed,t-zelf
""",
}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    folder = tmp_path_factory.mktemp("bibliotheek")
    for name, text in TABLES.items():
        (folder / name).write_text(text, encoding="utf-8")
    return read_library([folder])


def incident(tmp_path: Path, slug: str = "dorp-2020", **extra: Any) -> Incident:
    kinds = {
        "net1": ("energy", "t_grid"),
        "net2": ("energy", "t_grid"),
        "gen": ("rail", "t_gen"),
        "othergen": ("health", "t_gen"),
        "mast": ("telecom", "t_mast"),
        "fakemast": ("rail", "t_mast"),
        "trein": ("rail", "t_train"),
        "bank": ("payments", "t_bank"),
    }
    value = {
        "slug": slug,
        "title": "x",
        "entities": [{"id": i, "sector": s, "kind": k} for i, (s, k) in kinds.items()],
        "dependencies": [],
        "initiating": [{"entity": "net1", "t_hours": 0}],
        "observed": [{"entity": i, "outcome": "failed"} for i in kinds],
        **extra,
    }
    path = tmp_path / "voorval.json"
    path.write_text(json.dumps(value), encoding="utf-8")
    return read_incident(path)


def needs_of(library: Library, one: Incident) -> set[tuple[str, tuple[str, ...], float | None]]:
    return {(n.dependent, n.suppliers, n.buffer) for n in blind_needs(one, library).needs.needs}


def test_the_rules(library: Library, tmp_path: Path) -> None:
    """Every net is needed; the reserve of the own sector stands by; own figures do not count."""
    found = blind_needs(incident(tmp_path), library)
    assert {
        (n.dependent, n.suppliers, n.minimum, n.buffer, n.degrades) for n in found.needs.needs
    } == {
        ("mast", ("net1",), 1, 3.0, False),  # the median of 2 (of 1 to 3) and 4; 8 is its own
        ("mast", ("net2",), 1, 3.0, False),
        ("trein", ("net1", "gen"), 1, 1.0, False),
        ("trein", ("net2", "gen"), 1, 1.0, False),
        ("trein", ("mast",), 1, None, True),
    }
    assert found.unmatched == ("fakemast",)  # a mast is one in its own sector only
    assert found.left_out == {"bank": ("t-bank-net",)}
    assert found.needs.restart_lags == {}  # its only figure is of this incident
    assert found.needs.reserves == {}


def test_another_incident_does_learn_from_it(library: Library, tmp_path: Path) -> None:
    found = blind_needs(incident(tmp_path, "elders-2021"), library)
    assert ("bank", ("net1", "net2"), None) in {
        (n.dependent, n.suppliers, n.buffer) for n in found.needs.needs
    }
    assert found.left_out == {}
    assert found.needs.restart_lags == {"mast": 6.0}
    assert {n.buffer for n in found.needs.needs if n.dependent == "mast"} == {4.0}
    gone = needs_of(library, incident(tmp_path, "stad-2019"))
    assert not any(suppliers == ("mast",) for _, suppliers, _ in gone)


def test_the_dependencies_of_the_file_are_not_read(library: Library, tmp_path: Path) -> None:
    plain = needs_of(library, incident(tmp_path))
    told = [{"dependent": "bank", "suppliers": ["gen"], "redundancy": "all", "buffer_hours": 1}]
    assert needs_of(library, incident(tmp_path, dependencies=told)) == plain
    observed = [{"entity": "bank", "outcome": "survived"}]
    assert needs_of(library, incident(tmp_path, observed=observed)) == plain


def test_a_usual_reserve_is_taken_to_be_there(library: Library, tmp_path: Path) -> None:
    one = incident(
        tmp_path,
        entities=[
            {"id": "net1", "sector": "energy", "kind": "t_grid"},
            {"id": "trein", "name": "Train", "sector": "rail", "kind": "t_train"},
        ],
        observed=[{"entity": "trein", "outcome": "failed"}],
    )
    found = blind_needs(one, library)
    ((reserve, name),) = found.needs.reserves.items()
    assert found.needs.needs[0].suppliers == ("net1", reserve)
    assert name.nl == "eigen reserve van Train (aanname)"
    assert any("eigen reserve er is" in text.nl for text in found.needs.assumptions)
    (comparison,) = compare(predict(one, found.needs), found).comparisons
    assert comparison.predicted == "survived"
    assert comparison.explanation is not None
    assert "eigen reserve van Train (aanname) bleef" in comparison.explanation.nl


@pytest.mark.parametrize(
    ("entity", "words"),
    [
        ("fakemast", "geen archetype"),
        ("bank", "die alleen op dit voorval rusten"),
        ("net2", "kent voor deze soort geen eis"),
    ],
)
def test_what_the_library_lacks_is_said(
    library: Library, tmp_path: Path, entity: str, words: str
) -> None:
    one = incident(tmp_path)
    found = blind_needs(one, library)
    score = compare(predict(one, found.needs), found)
    texts = {c.entity: c.explanation for c in score.comparisons}
    assert texts[entity] is not None
    assert words in texts[entity].nl
    told = score_json(score)
    assert told["left_out"] == ["t-bank-net"]
    assert told["unmatched"] == ["fakemast"]


def test_what_was_left_out_is_said_beside_what_was_not(library: Library, tmp_path: Path) -> None:
    one = incident(tmp_path, "stad-2019", initiating=[{"entity": "bank", "t_hours": 0}])
    found = blind_needs(one, library)
    texts = {c.entity: c.explanation for c in compare(predict(one, found.needs), found).comparisons}
    assert texts["trein"] is not None
    assert "viel in het model niet uit" in texts["trein"].nl
    assert "tellen niet mee (t-trein-mast)" in texts["trein"].nl


def test_who_serves_whom_is_what_kinds_do_not_say(library: Library, tmp_path: Path) -> None:
    one = incident(tmp_path, observed=[{"entity": "mast", "outcome": "survived"}])
    found = blind_needs(one, library)
    (comparison,) = compare(predict(one, found.needs), found).comparisons
    assert comparison.explanation is not None
    assert "dat zeggen de soorten niet" in comparison.explanation.nl


def test_figures() -> None:
    assert representative(Range(None, None, None)) is None
    assert representative(Range("PT1H", None, "PT3H")) == 2
    assert representative(Range("PT1H", "PT1H30M", "PT3H")) == 1.5
    assert representative(Range(None, None, "PT2H")) == 2
    assert typical_hours([]) is None
    assert typical_hours([Range(None, "PT1H", None), Range(None, "PT3H", None)]) == 2


def test_the_blind_score_of_the_shipped_incidents_is_pinned() -> None:
    library = read_library()
    scores = []
    for one in read_incidents():
        found = blind_needs(one, library)
        scores.append(compare(predict(one, found.needs), found))
    pinned = {
        "total": total_of(scores),
        "incidents": {
            score.incident.slug: {
                one.entity: f"{one.observed} {one.predicted}{' (given)' if one.given else ''}"
                for one in score.comparisons
            }
            for score in scores
        },
    }
    assert pinned == json.loads(GOLDEN.read_text("utf-8"))


def test_no_incident_is_predicted_with_what_it_taught() -> None:
    """Of the shipped library: no need of an incident rests only on sources about that incident."""
    library = read_library()
    by_id = {one.id: one for one in library.requirements}
    learnt = 0
    for one in read_incidents():
        found = blind_needs(one, library)
        for need in found.needs.needs:
            sources = by_id[need.origin].sources
            assert any(one.slug not in library.incidents[source] for source in sources)
        learnt += sum(map(len, found.left_out.values()))
    assert learnt > 10  # the rule has something to leave out
