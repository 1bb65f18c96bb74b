"""Changes of ownership, worked out by hand, and the laws that they obey."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_world import World, make

from kg.errors import AmbiguousError, UsageError
from kg.foreign.question import Question
from kg.foreign.takeover import ASSUMED_OWNER, Takeover, read_share, take_over
from kg.names import local_id

#: Two owners, a golden share, and a source that says who has control.
#:   hollands ──60%── bedrijf ──levering-c   (product)
#:   kapitaal ──40%──┘   staat: golden share
EXTRA = """
id:moeder a vit:Organisation . id:duits a vit:Organisation . id:turks a vit:Organisation .
id:ander a vit:Organisation ; skos:prefLabel "Ander"@nl ; vit:seat id:CN .
id:hollands a vit:Organisation ; skos:prefLabel "Hollands"@nl ; vit:seat id:NL .
id:kapitaal a vit:Organisation ; skos:prefLabel "Kapitaal"@nl ; vit:seat id:TR .
id:staat a vit:Organisation ; skos:prefLabel "Staat"@nl ; vit:seat id:NL .
id:bedrijf a vit:Organisation ; skos:prefLabel "Bedrijf"@nl ; vit:seat id:NL .
id:e1 a vit:Ownership ; vit:owner id:hollands ; vit:owned id:bedrijf ; vit:share 0.6 .
id:e2 a vit:Ownership ; vit:owner id:kapitaal ; vit:owned id:bedrijf ; vit:share 0.4 ;
    vit:control true .
id:e3 a vit:Ownership ; vit:owner id:staat ; vit:owned id:bedrijf ; vit:share 0.0 ;
    vit:control true ; vit:controlBasis vit:goldenShare .
"""


def asked(
    world: World, owned: str, owner: str, share: str = "1", seat: str | None = None, extra: str = ""
) -> Takeover:
    question = Question(*world(extra=EXTRA + extra))
    return take_over(question, owned, owner, Decimal(share), seat)


def effects(found: Takeover) -> dict[tuple[str, str], tuple[object, ...]]:
    return {
        (local_id(one.country), local_id(one.process)): (
            one.kind, one.before, one.after, one.hours_before, one.hours_after,
        )
        for one in found.change.effects
    }  # fmt: skip


def controllers(found: Takeover) -> tuple[set[str], set[str]]:
    before, after = (
        {local_id(one.organisation) for one in side} for side in (found.before, found.after)
    )
    return before, after


def test_the_mother_sells_to_germany_and_china_is_out(world: World) -> None:
    found = asked(world, "dochter", "duits")
    assert controllers(found) == ({"moeder"}, {"duits"})
    assert effects(found) == {
        ("CN", "spoor"): ("vanishes", "risky", None, 240, None),
        ("CN", "water"): ("vanishes", "foreign", None, None, None),
        ("CN", "telecom"): ("vanishes", "foreign", None, None, None),
    }
    assert found.change.worse == ()
    # Both supplies of the product, and both fulfillers of telecom, are German and in one hand.
    assert {(local_id(one.subject), local_id(one.controller)) for one in found.change.one_hand} == {
        ("product", "duits"), ("r-telecom", "duits"),
    }  # fmt: skip
    (one,) = found.change.concentrated
    assert one.before is not None
    assert one.after is not None
    assert (one.before.hhi, one.after.hhi) == (0.75**2 + 0.25**2, 1.0)


def test_china_buys_the_other_supplier_and_telecom_falls(world: World) -> None:
    found = asked(world, "duits", "moeder", "0.51")
    assert effects(found) == {("CN", "telecom"): ("changes", "foreign", "risky", None, 0)}
    assert [local_id(one.organisation) for one in found.after] == ["moeder"]
    assert found.steps == (Decimal("0.1"), Decimal("0.2"), Decimal("0.25"))
    assert {local_id(one) for one in found.leaning} == {"telecom"}
    (gained,) = [one for one in found.change.moved if one.gained and "levering" in one.unit]
    assert gained.chain is not None
    assert [local_id(one) for one in gained.chain.links] == ["moeder", "duits", "levering-b"]


def test_a_minority_changes_nothing_but_passes_steps(world: World) -> None:
    found = asked(world, "duits", "moeder", "0.2")
    assert effects(found) == {}
    assert found.after == ()
    assert found.steps == (Decimal("0.1"), Decimal("0.2"))


def test_others_shrink_in_proportion(world: World) -> None:
    found = asked(world, "bedrijf", "ander", "0.5")
    held = {local_id(one.owner): (one.before, one.after) for one in found.holders}
    assert held == {
        "ander": (None, Decimal("0.5")),
        "hollands": (Decimal("0.6"), Decimal("0.3")),
        "kapitaal": (Decimal("0.4"), Decimal("0.2")),
    }
    # At the threshold nobody has control by shares; what a source establishes stays.
    assert controllers(found) == ({"hollands", "kapitaal", "staat"}, {"kapitaal", "staat"})
    assert found.ended == ()


def test_above_the_threshold_recorded_control_ends_but_not_a_golden_share(world: World) -> None:
    found = asked(world, "bedrijf", "ander", "0.6")
    assert controllers(found)[1] == {"ander", "staat"}
    assert [local_id(one) for one in found.ended] == ["e2"]
    assert [local_id(one) for one in found.kept] == ["e3"]


def test_who_sells_down_lets_nobody_grow(world: World) -> None:
    found = asked(world, "bedrijf", "hollands", "0.1")
    held = {local_id(one.owner): one.after for one in found.holders}
    assert held == {"hollands": Decimal("0.1"), "kapitaal": Decimal("0.4")}


def test_an_owner_that_is_not_in_the_data(world: World) -> None:
    found = asked(world, "duits", "Nieuw Fonds (fictief)", seat="China")
    assert found.owner == ASSUMED_OWNER
    assert found.assumed
    assert [local_id(one) for one in found.countries] == ["CN"]
    assert effects(found) == {("CN", "telecom"): ("changes", "foreign", "risky", None, 0)}
    (one,) = found.change.effects
    assert one.told == "China → Nieuw Fonds (fictief) → duits → Levering B → Telecom"


def test_what_one_holds_already_changes_nothing(world: World) -> None:
    for owned, owner, share in (("dochter", "moeder", "0.6"), ("bedrijf", "kapitaal", "0.4")):
        found = asked(world, owned, owner, share)
        assert found.unchanged
        assert (effects(found), found.change.moved, found.ended) == ({}, (), ())
        assert controllers(found)[0] == controllers(found)[1]


def test_owners_in_a_circle_are_all_at_the_top(world: World) -> None:
    circle = """
id:o1 a vit:Ownership ; vit:owner id:ander ; vit:owned id:turks ; vit:share 0.6 .
id:o2 a vit:Ownership ; vit:owner id:turks ; vit:owned id:ander ; vit:share 0.6 .
"""
    found = asked(world, "duits", "turks", extra=circle)
    assert [local_id(one) for one in found.acquirer] == ["ander", "turks"]
    assert [local_id(one) for one in found.countries] == ["CN", "TR"]
    assert controllers(found)[1] == {"ander", "turks"}


def test_the_release_is_not_changed(world: World) -> None:
    question = Question(*world(extra=EXTRA))
    before = question.control.units(question.network, trusted=True)
    take_over(question, "duits", "moeder")
    assert question.control.units(question.network, trusted=True) == before


@given(st.integers(min_value=1, max_value=99))
def test_there_and_back_is_where_one_was(percent: int) -> None:
    """A takes all of it and then sells B its part again: the shares are what they were."""
    part = Decimal(percent) / 100
    extra = f"""
id:a a vit:Organisation ; vit:seat id:CN . id:b a vit:Organisation ; vit:seat id:TR .
id:x vit:seat id:NL .
id:o1 a vit:Ownership ; vit:owner id:a ; vit:owned id:x ; vit:share {1 - part} .
id:o2 a vit:Ownership ; vit:owner id:b ; vit:owned id:x ; vit:share {part} .
"""
    question = Question(*make(extra=extra, inferred=False))
    gone = take_over(question, "x", "a", Decimal(1))
    back = take_over(gone.change.after, "x", "b", part)
    assert {one.owner: one.after for one in back.holders} == {
        one.owner: one.before for one in gone.holders
    }
    assert controllers(back)[1] == controllers(gone)[0]


def test_a_sole_owner_gone_and_back_restores_every_finding(world: World) -> None:
    question = Question(*world(extra=EXTRA))
    gone = take_over(question, "dochter", "turks", Decimal(1))
    back = take_over(gone.change.after, "dochter", "moeder", Decimal("1"))
    assert back.change.after.control.units(question.network) == question.control.units(
        question.network
    )


@pytest.mark.parametrize("text", ["0", "-0.2", "1.01", "101%", "veel", "", "nan", "inf"])
def test_a_share_is_above_nought_and_at_most_one(text: str) -> None:
    with pytest.raises(UsageError, match="geen aandeel"):
        read_share(text)


@pytest.mark.parametrize(
    ("text", "share"), [("0.51", "0.51"), ("0,51", "0.51"), ("51%", "0.51"), (" 1 ", "1")]
)
def test_a_share_as_people_write_it(text: str, share: str) -> None:
    assert read_share(text) == Decimal(share)


@pytest.mark.parametrize(
    ("owned", "owner", "seat", "code"),
    [
        ("nergens", "moeder", None, "usage.unknown-organisation"),
        ("duits", "niemand", None, "usage.unknown-organisation"),
        ("duits", "duits", None, "usage.takeover"),
        ("duits", "Hollands", "CN", "usage.takeover"),
        ("duits", "  ", "CN", "usage.takeover"),
        ("duits", "Nieuw (fictief)", "XX", "usage.unknown-country"),
    ],
)
def test_what_does_not_exist_is_refused(
    world: World, owned: str, owner: str, seat: str | None, code: str
) -> None:
    with pytest.raises(UsageError) as caught:
        asked(world, owned, owner, seat=seat)
    assert caught.value.code == code


def test_a_share_out_of_range_is_refused(world: World) -> None:
    for share in ("0", "-1", "1.5"):
        with pytest.raises(UsageError, match="geen aandeel"):
            asked(world, "duits", "moeder", share)


def test_a_label_of_two_organisations_lists_both(world: World) -> None:
    twins = '\nid:t1 a vit:Organisation ; skos:prefLabel "Twee"@nl .' + (
        '\nid:t2 a vit:Organisation ; skos:prefLabel "Twee"@nl .'
    )
    with pytest.raises(AmbiguousError) as caught:
        asked(world, "duits", "Twee", extra=twins)
    assert [local_id(iri) for iri, _ in caught.value.candidates] == ["t1", "t2"]
