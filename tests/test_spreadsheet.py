"""What a spreadsheet would calculate."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.sources.cells import check_formula
from kg.sources.model import CellError
from kg.spreadsheet import csv_cell, is_formula


@pytest.mark.parametrize(
    "text",
    [
        '=HYPERLINK("http://127.0.0.1:9/?"&A1)',
        "@SUM(1)",
        "+cmd",
        "- punt",
        "-2+cmd|' /C calc'!A0",
        "\uff1d1+1",
        "\uff0b1",
    ],
)
def test_formulas(text: str) -> None:
    assert is_formula(text)
    assert csv_cell(text) == f"'{text}"


@pytest.mark.parametrize(
    "text", ["", "a=b", "-5", "-1,5", "+1.", "-1.5E-3", "-INF", "-PT4H", "a@b.nl"]
)
def test_others(text: str) -> None:
    assert csv_cell(text) == text


@pytest.mark.parametrize("text", ["+31 6 1234", "-1,5 meter", "-2+3"])
def test_a_number_with_more_may_come_in_and_goes_out_as_text(text: str) -> None:
    assert not is_formula(text)
    assert csv_cell(text) == f"'{text}"


def test_a_tab_or_a_line_end_before_it_hides_nothing() -> None:
    assert csv_cell("\t=1+1") == "'\t=1+1"
    assert csv_cell("\r=1+1") == "'\r=1+1"


def test_other_values_stay_values() -> None:
    assert [csv_cell(one) for one in (None, True, -5, -0.5)] == ["", "true", -5, -0.5]


@given(st.text(st.characters(exclude_categories=("Cs",)), min_size=1))
def test_what_goes_out_never_begins_as_a_formula_and_what_comes_in_is_held_to_the_same(
    text: str,
) -> None:
    assert not is_formula(str(csv_cell(text)))
    if is_formula(text):
        with pytest.raises(CellError):
            check_formula(text)
