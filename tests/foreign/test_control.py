"""Who controls what: held against the definition itself and against the store, on small graphs."""

from __future__ import annotations

from decimal import Decimal
from itertools import combinations
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg.errors import KgError
from kg.foreign import Control, read_terms
from kg.names import G_INFERRED, ID, VIT
from kg.network import build_network
from kg.store import EmbeddedStore, Graph
from tests.reason.stores import bare_ontology, close, store_of

DATE = "2026-06-01"
CONTEXT = f"""
id:analysis a vit:AnalysisContext ; vit:analysisDate "{DATE}"^^xsd:date ; vit:underPolicy id:p .
id:p a vit:Policy ; vit:controlThreshold 0.5 ; vit:jointControlThreshold 0.5 .
"""


class Record(NamedTuple):
    """An ownership as the tests draw it; ``until`` is its last day."""

    owner: str
    owned: str
    share: str = ""
    says: str = ""  # control: "alone" or "joint"
    until: str = ""
    conflicts: tuple[int, ...] = ()


def turtle(records: list[Record], name: str = "w") -> str:
    lines = []
    for number, one in enumerate(records):
        parts = [f"vit:owner id:{one.owner} ; vit:owned id:{one.owned}"]
        parts += [f"vit:share {one.share}"] * bool(one.share)
        parts += ["vit:control true"] * bool(one.says)
        parts += ["vit:controlBasis vit:jointControl"] * (one.says == "joint")
        parts += [f'vit:validUntil "{one.until}"^^xsd:date'] * bool(one.until)
        parts += [f"vit:conflictsWith id:{name}{other}" for other in one.conflicts]
        lines.append(f"id:{name}{number} {' ; '.join(parts)} .")
    return "\n".join(lines)


def store(text: str) -> EmbeddedStore:
    return store_of(b"", facts=text, context=CONTEXT)


def control(text: str, at: str | None = None) -> Control:
    graph = Graph(store(text))
    return Control(graph, read_terms(graph, at=at))


def of(records: list[Record]) -> Control:
    return control(turtle(records))


def names(iris: object) -> set[str]:
    return {str(iri).removeprefix(ID) for iri in iris}  # type: ignore[attr-defined]


# --- the definition ---------------------------------------------------------------------------


def organisations(records: list[Record]) -> list[str]:
    return sorted({name for one in records for name in (one.owner, one.owned)})


def total(records: list[Record], holders: set[str], owned: str) -> Decimal:
    """What these hold together: of each set of alternatives the highest."""
    ours = {
        number: one for number, one in enumerate(records) if one.owned == owned and not one.until
    }
    part = {number: {number} for number in ours}
    for number, one in ours.items():
        for other in ours:
            if other in one.conflicts or ours[other].owner == one.owner:
                merged = part[number] | part[other]
                for member in merged:
                    part[member] = merged
    highest: dict[frozenset[int], Decimal] = {}
    for number, one in ours.items():
        if one.owner in holders and one.share:
            key = frozenset(part[number])
            highest[key] = max(highest.get(key, Decimal(0)), Decimal(one.share))
    return sum(highest.values(), Decimal(0))


def controlled(records: list[Record], controller: str) -> set[str]:
    """The intersection of all sets of organisations that are closed under the definition."""
    everyone = organisations(records)
    others = [one for one in everyone if one != controller]
    least = set(everyone)
    for size in range(len(others) + 1):
        for chosen in combinations(others, size):
            group = {controller, *chosen}
            outside = [one for one in others if one not in group]
            if not any(
                total(records, group, one) > Decimal("0.5")
                or any(
                    r.owner in group and r.owned == one and r.says == "alone" and not r.until
                    for r in records
                )
                for one in outside
            ):
                least &= group
    return least - {controller}


def alone(records: list[Record]) -> set[tuple[str, str]]:
    return {(one, other) for one in organisations(records) for other in controlled(records, one)}


def jointly(records: list[Record]) -> set[tuple[str, str]]:
    sole = alone(records)
    found = {(r.owner, r.owned) for r in records if r.says == "joint" and not r.until}
    for owned in organisations(records):
        if any(pair[1] == owned for pair in sole):
            continue
        blocking = {}
        for one in organisations(records):
            group = {one} | {other for who, other in sole if who == one}
            if one != owned and total(records, group, owned) >= Decimal("0.5"):
                blocking[one] = {
                    r.owner
                    for r in records
                    if r.owned == owned and r.owner in group and r.share and not r.until
                }
        found |= {
            (one, owned)
            for one, ours in blocking.items()
            if any(not ours & theirs for theirs in blocking.values())
        }
    return found


SHARES = ("", "0.1", "0.2", "0.25", "0.3", "0.5", "0.51", "0.6")


@st.composite
def ownerships(draw: st.DrawFn) -> list[Record]:
    """Up to ten records among five organisations: loops, alternatives, conflicts, ended ones."""
    every = "abcde"[: draw(st.integers(2, 5))]
    records: list[Record] = []
    for number in range(draw(st.integers(0, 10))):
        owner, owned = draw(st.permutations(every))[:2]
        share = draw(st.sampled_from(SHARES))
        says = draw(st.sampled_from(("", "", "", "", "alone", "joint")))
        until = draw(st.sampled_from(("", "", "", "2026-05-31")))
        same = [place for place in range(number) if records[place].owned == owned]
        conflicts = draw(st.sets(st.sampled_from(same), max_size=1)) if same else set()
        records.append(Record(owner, owned, share, says, until, tuple(conflicts)))
    return records


def found(one: Control, records: list[Record]) -> tuple[set[object], set[object]]:
    """Pairs (who, whom): alone, and jointly."""
    every = organisations(records)
    return (
        {(who, name) for name in every for who in names(one.controllers(ID + name))},
        {(who, name) for name in every for who in names(one.joint_controllers(ID + name))},
    )


@given(records=ownerships())
@settings(max_examples=200, deadline=None)
def test_it_is_the_definition(records: list[Record]) -> None:
    assert found(of(records), records) == (alone(records), jointly(records))


@given(records=ownerships())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_store_says_the_same(records: list[Record]) -> None:
    made = store_of(bare_ontology(), facts=turtle(records), context=CONTEXT)
    assert close(made).inconsistencies == ()

    def pairs(local: str) -> set[object]:
        rows = made.select(
            f"SELECT ?s ?o {{ GRAPH <{G_INFERRED}> {{ ?s <{VIT}{local}> ?o }} FILTER (?s != ?o) }}"
        ).rows
        return {
            (getattr(s, "value", "").removeprefix(ID), getattr(o, "value", "").removeprefix(ID))
            for s, o in rows
        }

    graph = Graph(made)
    one = Control(graph, read_terms(graph))
    assert (pairs("controls"), pairs("jointlyControls")) == found(one, records)
    blocking = {(who, o) for o in organisations(records) for who in names(one.blockers(ID + o))}
    assert pairs("canBlockIn") == blocking


# --- laws -------------------------------------------------------------------------------------


@given(records=ownerships(), data=st.data())
@settings(max_examples=100, deadline=None)
def test_the_order_of_the_records_changes_nothing(
    records: list[Record], data: st.DataObject
) -> None:
    lines = turtle(records).splitlines()
    other = control("\n".join(data.draw(st.permutations(lines))))
    assert found(other, records) == found(of(records), records)


@given(records=ownerships())
@settings(max_examples=100, deadline=None)
def test_names_change_nothing(records: list[Record]) -> None:
    to = dict(zip("abcde", ("z", "y9", "m", "b", "a"), strict=True))
    renamed = [one._replace(owner=to[one.owner], owned=to[one.owned]) for one in records]
    expected = tuple({(to[a], to[b]) for a, b in pairs} for pairs in found(of(records), records))  # type: ignore[misc,index]
    assert found(control(turtle(renamed, "q")), renamed) == expected


@given(records=ownerships(), data=st.data())
@settings(max_examples=100, deadline=None)
def test_more_shares_never_take_control_away(records: list[Record], data: st.DataObject) -> None:
    if not records:
        return
    at = data.draw(st.integers(0, len(records) - 1))
    more = data.draw(st.sampled_from([s for s in SHARES if s >= records[at].share]))
    grown = [*records]
    grown[at] = records[at]._replace(share=more)
    before, after = of(records), of(grown)
    assert found(before, records)[0] <= found(after, records)[0]
    # Who gets more keeps what it controlled jointly, alone now or not.
    owner, owned = ID + records[at].owner, ID + records[at].owned
    if owner in before.joint_controllers(owned):
        assert owner in after.joint_controllers(owned) | after.controllers(owned)


# --- worked by hand ---------------------------------------------------------------------------


def test_shares_along_several_paths_add_up_with_all_records_as_evidence() -> None:
    #  top ─60%─> a ─30%─> y      w4: half of b, so top does not control b
    #   ├──────────25%─────> y
    #   └─50%─> b ─40%─> y
    text = turtle(
        [
            Record("top", "a", "0.6"),
            Record("a", "y", "0.3"),
            Record("top", "y", "0.25"),
            Record("top", "b", "0.5"),
            Record("b", "y", "0.4"),
        ]
    )
    one = control(text + "\nid:top vit:seat id:CN .")
    assert names(one.controllers(ID + "y")) == {"top"}
    chain = one.chain(ID + "y", ID + "CN")
    assert chain is not None
    assert [iri.removeprefix(ID) for iri in chain.links] == ["top", "y"]
    assert [names(step) for step in chain.records] == [{"w0", "w1", "w2"}]
    assert names(chain.evidence) == {"top", "w0", "w1", "w2"}
    holdings = one.holdings(ID + "y")
    assert holdings[ID + "top"] == pytest.approx(0.25 + 0.6 * 0.3 + 0.5 * 0.4)
    assert list(holdings) == [ID + "top", ID + "b", ID + "a"]


def test_two_owners_of_one_country_do_not_control_together() -> None:
    records = turtle([Record("a", "y", "0.3"), Record("b", "y", "0.3")])
    one = control(records + "\nid:a vit:seat id:CN . id:b vit:seat id:CN .")
    assert one.chain(ID + "y", ID + "CN") is None
    assert one.countries(ID + "y") == frozenset()


def test_what_was_concluded_adds_to_the_next_sum() -> None:
    records = [
        Record("x", "a", "0.6"), Record("a", "b", "0.3"), Record("x", "b", "0.3"),
        Record("b", "c", "0.3"), Record("a", "c", "0.3"),
    ]  # fmt: skip
    assert names(of(records).controllers(ID + "c")) == {"x"}


def test_owners_in_a_circle_control_each_other_only_where_shares_say_so() -> None:
    weak = [Record("a", "b", "0.3"), Record("b", "a", "0.3")]
    assert of(weak).controllers(ID + "a") == frozenset()
    strong = [Record("a", "b", "0.6"), Record("b", "a", "0.3"), Record("x", "a", "0.3")]
    # b's share in a is a's own through the circle, and nobody else's.
    assert names(of(strong).controllers(ID + "b")) == {"a"}
    assert of(strong).controllers(ID + "a") == frozenset()


def test_a_half_alone_blocks_and_two_halves_control_jointly() -> None:
    half = [Record("a", "y", "0.5"), Record("b", "y", "0.25"), Record("c", "y", "0.25")]
    one = of(half)
    assert names(one.blockers(ID + "y")) == {"a"}
    assert one.joint_controllers(ID + "y") == frozenset()
    # The other half, split over an owner and what it controls.
    split = [*half, Record("b", "c", "0.51")]
    assert names(of(split).joint_controllers(ID + "y")) == {"a", "b"}
    # Who controls both halves controls alone.
    above = [*half, Record("t", "a", "1.0"), Record("t", "b", says="alone")]
    assert names(of(above).controllers(ID + "y")) == {"t"}
    assert of(above).joint_controllers(ID + "y") == frozenset()


def test_joint_control_does_not_add_up() -> None:
    records = [
        Record("a", "jv", "0.5"), Record("b", "jv", "0.5"),
        Record("jv", "y", "0.3"), Record("a", "y", "0.3"),
    ]  # fmt: skip
    text = turtle(records) + "\nid:a vit:seat id:CN . id:b vit:seat id:DE ."
    one = control(text)
    assert one.controllers(ID + "y") == frozenset()
    # What the joint venture controls lies with both.
    more = control(text + "\nid:m vit:owner id:jv ; vit:owned id:z ; vit:share 0.8 .")
    assert names(more.countries(ID + "z")) == {"CN", "DE"}


def test_a_date_and_a_policy_of_choice() -> None:
    text = turtle([Record("a", "y", "0.6", until="2020-12-31"), Record("b", "y", "0.3")])
    assert control(text).controllers(ID + "y") == frozenset()
    assert names(control(text, at="2020-12-31").controllers(ID + "y")) == {"a"}
    graph = Graph(store(text + "\nid:q a vit:Policy ; vit:controlThreshold 0.25 ."))
    strict = Control(graph, read_terms(graph, policy=ID + "q"))
    assert names(strict.controllers(ID + "y")) == {"b"}


def test_what_one_controller_has_below_it_counts_together() -> None:
    # Two suppliers, one by a majority and one by shares that add up; a third of somebody else.
    records = [
        Record("top", "a", "0.6"), Record("top", "b", "0.3"), Record("a", "b", "0.3"),
        Record("other", "c", "0.6"),
    ]  # fmt: skip
    text = turtle(records) + "\nid:top vit:seat id:CN . id:other vit:seat id:DE ."
    for name in "abc":
        text += f"\nid:l-{name} a vit:FunctionalUnit ; vit:suppliedBy id:{name} ."
    made = store(text)
    graph = Graph(made)
    network = build_network(made)
    units = Control(graph, read_terms(graph)).units(network)
    assert {
        country.removeprefix(ID): names(network.units[unit] for unit in found)
        for country, found in units.items()
    } == {"CN": {"l-a", "l-b"}, "DE": {"l-c"}}


# --- integrated shares ------------------------------------------------------------------------


def test_integrated_shares_in_a_circle() -> None:
    # a holds .5 of b, b holds .5 of a, x holds .5 of a: x has .5 + .5·.25 + … of a in the end.
    records = [Record("a", "b", "0.5"), Record("b", "a", "0.5"), Record("x", "a", "0.5")]
    holdings = of(records).holdings(ID + "a")
    assert holdings[ID + "x"] == pytest.approx(0.5 / 0.75)
    assert holdings[ID + "b"] == pytest.approx(0.5 / 0.75)
    assert holdings[ID + "a"] == pytest.approx(0.25 / 0.75)  # what it has in itself


def test_influence_through_chains_is_apart_from_control() -> None:
    #  x ─40%─> a ─50%─> y <─30%─ b <─40%─ x: a fifth and a bit more than a tenth
    records = [
        Record("x", "a", "0.4"), Record("a", "y", "0.5"), Record("x", "b", "0.4"),
        Record("b", "y", "0.3"), Record("m", "a", "0.6"), Record("n", "b", "0.2"),
    ]  # fmt: skip
    policy = "id:p vit:significantInfluenceThreshold 0.1 ."
    one = control(f"{turtle(records)}\n{policy}")
    influence = {iri.removeprefix(ID): share for iri, share in one.influence(ID + "y").items()}
    assert influence == pytest.approx({"a": 0.5, "x": 0.32, "b": 0.3, "m": 0.3})
    assert names(one.influence(ID + "a")) == {"x"}  # m controls it
    tenth = [Record("x", "a", "0.25"), Record("a", "y", "0.4")]
    assert names(control(f"{turtle(tenth)}\n{policy}").influence(ID + "y")) == {"a"}
    assert of(tenth).influence(ID + "y") == {}


def test_owners_that_own_each_other_whole_are_named() -> None:
    records = [Record("a", "b", "1.0"), Record("b", "a", "1.0"), Record("b", "y", "0.5")]
    with pytest.raises(KgError) as error:
        of(records).holdings(ID + "y")
    assert error.value.code == "foreign.closed-circle"
    assert "Boven y " in error.value.nl
    assert "Above y " in error.value.en


def test_nobody_above_is_nobody() -> None:
    assert of([Record("a", "b", "0.5")]).holdings(ID + "a") == {}


@given(records=ownerships())
@settings(max_examples=100, deadline=None)
def test_integrated_shares_are_the_sum_over_all_paths(records: list[Record]) -> None:
    one = of([r._replace(share="0.1" if r.share else "") for r in records])
    for name in organisations(records):
        # The series itself, cut off where nothing is left of it.
        level = one.direct_shares(ID + name)
        total_: dict[str, float] = {}
        for _ in range(60):
            for owner, share in level.items():
                total_[owner] = total_.get(owner, 0.0) + share
            following: dict[str, float] = {}
            for owned, share in level.items():
                for owner, part in one.direct_shares(owned).items():
                    following[owner] = following.get(owner, 0.0) + part * share
            level = following
        assert one.holdings(ID + name) == pytest.approx(total_)
