"""Who controls what in the data that come with the project, on several days."""

from functools import cache

import pytest

from kg.build import data_folders
from kg.foreign import Control, read_terms
from kg.names import ID
from kg.resources import folder
from kg.schema import Schema
from kg.sources import stage
from kg.store import EmbeddedStore, Graph

POLICY = ID + "beleid-2026"


@cache
def graph() -> Graph:
    """What is stated, without any reasoning."""
    store = EmbeddedStore.memory()
    for one in stage(data_folders(None), Schema.load(folder("ontology"))).graphs:
        store.load(one.iri, one.ntriples)
    return Graph(store)


@cache
def control(at: str) -> Control:
    return Control(graph(), read_terms(graph(), at=at, policy=POLICY))


def local(iris: object) -> set[str]:
    return {str(iri).removeprefix(ID) for iri in iris}  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("day", "country", "other", "record"),
    [
        ("2024-05-30", "FR", "JP", "eigendom-gts-thales"),
        ("2024-05-31", "JP", "FR", "eigendom-gts-hitachi"),
    ],
)
def test_a_takeover_changes_the_country_on_its_day(
    day: str, country: str, other: str, record: str
) -> None:
    one = control(day)
    chain = one.chain(ID + "gts", ID + country)
    assert chain is not None
    assert ID + record in chain.evidence
    assert local(chain.records[-1]) == {record}
    assert country in local(one.countries(ID + "gts"))
    assert one.chain(ID + "gts", ID + other) is None


def test_equal_halves_are_joint_control_and_leave_both_countries() -> None:
    one = control("2026-06-01")
    assert one.controllers(ID + "vodafoneziggo") == frozenset()
    assert local(one.joint_controllers(ID + "vodafoneziggo")) == {
        "liberty-global",
        "vodafone-group",
    }
    assert control("2016-12-31").joint_controllers(ID + "vodafoneziggo") == frozenset()


def test_a_golden_share_is_control() -> None:
    one = control("2026-06-01")
    assert local(one.controllers(ID + "oef-org-tso")) == {"oef-org-min-en"}
    assert one.holdings(ID + "oef-org-tso")[ID + "oef-org-min-en"] == pytest.approx(0.01)


def test_a_source_may_state_joint_control() -> None:
    one = control("2026-06-01")
    assert one.controllers(ID + "oef-org-terminal") == frozenset()
    owners = {"oef-org-fjordterm", "oef-org-haven"}
    assert local(one.joint_controllers(ID + "oef-org-terminal")) == owners
    chain = one.chain(ID + "oef-org-terminal", ID + "NO")
    assert chain is not None
    assert local(chain.records[0]) == {"oef-eig-fjordterm-terminal"}


def test_shares_add_up_with_what_is_controlled() -> None:
    one = control("2026-06-01")
    assert local(one.controllers(ID + "oef-org-tokiwara")) == {"oef-org-kazehara"}
    assert one.holdings(ID + "oef-org-tokiwara")[ID + "oef-org-kazehara"] == pytest.approx(0.57)
    # The subsidiary came in 2012, both holdings in 2018.
    assert control("2017-12-31").controllers(ID + "oef-org-tokiwara") == frozenset()


def test_a_seat_may_differ_from_where_the_control_lies() -> None:
    one = control("2026-06-01")
    chain = one.chain(ID + "oef-org-spoorradio", ID + "CN")
    assert chain is not None
    assert [iri.removeprefix(ID) for iri in chain.links] == [
        "oef-org-jadefoon", "oef-org-mittelau", "oef-org-spoorradio",
    ]  # fmt: skip
    assert local(one.countries(ID + "oef-org-mittelau")) == {"CN"}
    assert local(graph().several("seat")[ID + "oef-org-mittelau"]) == {"DE"}


def test_records_that_contradict_each_other_do_not_add_up() -> None:
    # A tenth in the old register and a quarter in the new one.
    holdings = control("2026-06-01").holdings(ID + "oef-org-kernhulp")
    assert holdings[ID + "oef-org-lotusgolf"] == pytest.approx(0.25)


def test_loops_in_the_data_end() -> None:
    one = control("2026-06-01")
    ring = {"oef-org-ringlaan-a", "oef-org-ringlaan-b"}
    assert local(one.controllers(ID + "oef-org-ringlaan-a")) == ring - {"oef-org-ringlaan-a"}
    assert ring <= local(one.holdings(ID + "oef-org-brakerolie"))
