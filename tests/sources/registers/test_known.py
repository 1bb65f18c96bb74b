"""Names as the reasoner compares them, and the check digits of LEIs."""

import pyoxigraph as ox
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kg.names import ID, PREF_LABEL, RDF_TYPE, VIT
from kg.resources import folder
from kg.sources.registers.known import is_kvk, is_lei, normalised_name

RULE = (folder("queries") / "rules" / "41_normalised_name.rq").read_text("utf-8")


def as_the_rule_does(name: str) -> str:
    store = ox.Store()
    thing = ox.NamedNode(ID + "x")
    store.add(ox.Quad(thing, RDF_TYPE, ox.NamedNode(VIT + "Organisation")))
    store.add(ox.Quad(thing, PREF_LABEL, ox.Literal(name, language="nl")))
    found = list(store.query(RULE))
    return str(found[0].object.value)


@given(st.text(st.characters(blacklist_categories=("Cs", "Cn", "Co")), max_size=12))
@example("N.V. Gas-Transport (fictief)")
@example("Øresund & Söhne AG №1 ²³")
@example("ΣΊΣΥΦΟΣ ΑΕ")
@example("İstanbul A.Ş.")
@example("株式会社 テスト")
@example("e\u0301cole")
def test_a_name_is_normalised_as_rule_41_does(name: str) -> None:
    assert normalised_name(name) == as_the_rule_does(name)


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("OEF0REGNETNOORD01030", True),
        ("OEF0REGNETNOORD01031", False),
        ("OEF0REGNETNOORD01103", False),
        ("oef0regnetnoord01030", False),
        ("OEF0REGNETNOORD0103", False),
        ("00000000000000000098", True),
        ("", False),
    ],
)
def test_check_digits(text: str, right: bool) -> None:
    assert is_lei(text) is right


def test_kvk_numbers_have_eight_digits() -> None:
    assert is_kvk("00009001")
    assert not is_kvk("9001")
    assert not is_kvk("0000 9001")
