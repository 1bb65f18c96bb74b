"""Dates and durations are added up by the domain rules, once, with a proof down to the rows."""

import pyoxigraph as ox
import pytest

from kg.names import ID, XSD, thing, vit
from kg.reason import explain
from kg.store import EmbeddedStore
from tests.reason.stores import CONTEXT, bare_ontology, close, store_of

AGE = 'id:p vit:maximumStatementAge "P5Y"^^xsd:duration .'
CYCLE = """
id:ronde a vit:VitalityCycle ; vit:cyclePeriod "P4Y"^^xsd:duration .
id:gas a vit:CriticalityAssessment ; vit:inCycle id:ronde ; vit:completedOn "2024-02-29"^^xsd:date .
id:water a vit:QuickScan ; vit:inCycle id:ronde ; vit:completedOn "2022-02-28"^^xsd:date ;
    vit:dueOn "2023-02-28"^^xsd:date .
id:los a vit:QuickScan ; vit:completedOn "2022-02-28"^^xsd:date .
id:plicht a vit:Duty ; vit:dueOn "2027-01-01"^^xsd:date .
"""
DUTIES = """
id:cbw a vit:Regime .
id:d24 a vit:Duty ; vit:underRegime id:cbw ; vit:dutyKind vit:notificationDuty ;
    vit:addressee vit:essentialEntityRole ; vit:countedFrom vit:fromAwareness ;
    vit:timeLimit "PT24H"^^xsd:duration .
id:d72 a vit:Duty ; vit:underRegime id:cbw ; vit:dutyKind vit:notificationDuty ;
    vit:addressee vit:essentialEntityRole ; vit:countedFrom vit:fromAwareness ;
    vit:timeLimit "PT72H"^^xsd:duration .
id:d1m a vit:Duty ; vit:underRegime id:cbw ; vit:dutyKind vit:notificationDuty ;
    vit:addressee vit:essentialEntityRole ; vit:countedFrom vit:fromNotification ;
    vit:timeLimit "P1M"^^xsd:duration .
id:asked a vit:Duty ; vit:underRegime id:cbw ; vit:dutyKind vit:notificationDuty ;
    vit:addressee vit:essentialEntityRole ; vit:countedFrom vit:fromRequest .
"""
#: An essential entity that warned in time, reported six hours late, and supplemented its warning;
#: one without a known capacity that warned an hour late; one that is silent; one unknown of yet.
INCIDENTS = """
id:net a vit:EssentialEntity .
id:storing a vit:Incident ; vit:incidentOf id:net ;
    vit:awareAt "2026-01-31T07:00:00+01:00"^^xsd:dateTime .
id:n1 vit:ofIncident id:storing ; vit:fulfilsDuty id:d24 ; vit:notificationStage vit:earlyWarning ;
    vit:submittedAt "2026-01-31T20:00:00+01:00"^^xsd:dateTime .
id:n2 vit:ofIncident id:storing ; vit:fulfilsDuty id:d72 ;
    vit:submittedAt "2026-02-03T13:00:00+01:00"^^xsd:dateTime .
id:n3 vit:ofIncident id:storing ; vit:fulfilsDuty id:d24 ; vit:notificationStage vit:earlyWarning ;
    vit:submittedAt "2026-02-05T20:00:00+01:00"^^xsd:dateTime .
id:ander a vit:Organisation .
id:lek a vit:Incident ; vit:incidentOf id:ander ; vit:awareAt "2026-03-01T12:00:00Z"^^xsd:dateTime .
id:n4 vit:ofIncident id:lek ; vit:fulfilsDuty id:d24 ; vit:notificationStage vit:earlyWarning ;
    vit:submittedAt "2026-03-02T14:00:00+01:00"^^xsd:dateTime .
id:stil a vit:Incident ; vit:incidentOf id:net ; vit:awareAt "2026-04-01T12:00:00Z"^^xsd:dateTime .
id:onbekend a vit:Incident ; vit:incidentOf id:net .
"""


@pytest.fixture(scope="module")
def store() -> EmbeddedStore:
    one = store_of(
        bare_ontology(), context=CONTEXT + AGE, cycle=CYCLE, duties=DUTIES, data=INCIDENTS
    )
    assert close(one).inconsistencies == ()
    return one


def values(store: EmbeddedStore, predicate: str) -> dict[str, str]:
    rows = store.select(f"SELECT ?s ?o WHERE {{ ?s {vit(predicate)} ?o }}").rows
    return {str(s.value).removeprefix(ID): str(o.value) for s, o in rows}  # type: ignore[union-attr]


def test_deadlines(store: EmbeddedStore) -> None:
    """From awareness by capacity or by notification; from the first that is more than a warning."""
    assert values(store, "deadlineAt") == {
        "storing/deadline/d24": "2026-02-01T07:00:00+01:00",
        "storing/deadline/d72": "2026-02-03T07:00:00+01:00",
        "storing/deadline/d1m": "2026-03-03T13:00:00+01:00",
        "lek/deadline/d24": "2026-03-02T12:00:00Z",
        "stil/deadline/d24": "2026-04-02T12:00:00Z",
        "stil/deadline/d72": "2026-04-04T12:00:00Z",
    }


def test_late_by(store: EmbeddedStore) -> None:
    assert values(store, "lateBy") == {"storing/deadline/d72": "PT6H", "lek/deadline/d24": "PT1H"}
    (row,) = store.select(
        f"SELECT DISTINCT (DATATYPE(?o) AS ?t) WHERE {{ ?s {vit('lateBy')} ?o }}"
    ).rows
    assert row == (ox.NamedNode(XSD + "duration"),)


def test_next_due(store: EmbeddedStore) -> None:
    """The day that is given goes first; without a period or a day there is none."""
    assert values(store, "nextDueOn") == {"gas": "2028-02-29", "water": "2023-02-28"}


def test_oldest_statement_date(store: EmbeddedStore) -> None:
    assert values(store, "oldestStatementDate") == {"analysis": "2021-06-01"}


def test_without_an_age_no_oldest_date() -> None:
    one = store_of(bare_ontology(), context=CONTEXT)
    close(one)
    assert values(one, "oldestStatementDate") == {}


def test_an_iri_from_elsewhere_gets_a_deadline_of_its_own() -> None:
    data = """
    <https://example.org/a#d> vit:timeLimit "PT1H"^^xsd:duration .
    <https://example.org/b#d> vit:timeLimit "PT2H"^^xsd:duration .
    <https://example.org/a#d> vit:countedFrom vit:fromAwareness .
    <https://example.org/b#d> vit:countedFrom vit:fromAwareness .
    <https://example.org/i> vit:awareAt "2026-03-01T12:00:00Z"^^xsd:dateTime .
    id:n vit:ofIncident <https://example.org/i> ;
        vit:fulfilsDuty <https://example.org/a#d>, <https://example.org/b#d> .
    """
    one = store_of(bare_ontology(), context=CONTEXT, data=data)
    close(one)
    assert values(one, "deadlineAt") == {
        "https://example.org/i/deadline/https%3A%2F%2Fexample.org%2Fa%23d": "2026-03-01T13:00:00Z",
        "https://example.org/i/deadline/https%3A%2F%2Fexample.org%2Fb%23d": "2026-03-01T14:00:00Z",
    }


@pytest.mark.parametrize(
    ("subject", "predicate", "value", "kind", "rule", "premises"),
    [
        (
            "storing/deadline/d72", "deadlineAt", "2026-02-03T07:00:00+01:00", "dateTime",
            "deadline_from_awareness", {"awareAt", "countedFrom", "timeLimit", "fulfilsDuty"},
        ),
        (
            "stil/deadline/d72", "deadlineAt", "2026-04-04T12:00:00Z", "dateTime",
            "deadline_from_awareness", {"awareAt", "countedFrom", "timeLimit", "incidentOf"},
        ),
        (
            "storing/deadline/d1m", "deadlineAt", "2026-03-03T13:00:00+01:00", "dateTime",
            "deadline_from_notification", {"submittedAt", "countedFrom", "timeLimit"},
        ),
        (
            "lek/deadline/d24", "lateBy", "PT1H", "duration",
            "late_notification", {"submittedAt", "deadlineAt", "fulfilsDuty"},
        ),
        ("gas", "nextDueOn", "2028-02-29", "date", "next_due", {"completedOn", "cyclePeriod"}),
        ("water", "nextDueOn", "2023-02-28", "date", "next_due", {"dueOn"}),
        (
            "analysis", "oldestStatementDate", "2021-06-01", "date",
            "oldest_statement_date", {"analysisDate", "maximumStatementAge"},
        ),
    ],
)  # fmt: skip
def test_the_proof_names_what_was_added_up(
    store: EmbeddedStore,
    subject: str,
    predicate: str,
    value: str,
    kind: str,
    rule: str,
    premises: set[str],
) -> None:
    literal = ox.Literal(value, datatype=ox.NamedNode(XSD + kind))
    proof = explain(store, thing(subject), vit(predicate), literal)
    assert proof.rule == rule
    said = {one.triple[1].value.rpartition("#")[2] for one in proof.walk()}
    assert premises <= said
