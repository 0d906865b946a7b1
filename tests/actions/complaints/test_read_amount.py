"""An amount a handler writes is read as it is meant, or not at all."""

from __future__ import annotations

import pytest

from amends.cases.complaints.actions.parse_amount import UnableToReadAmount, read_amount


@pytest.mark.no_database
@pytest.mark.parametrize(
    ("text", "minor"),
    [("12.5", 1250), ("1,012.50", 101250), ("1，012", 101200), (" 7 ", 700), ("", 0), ("0", 0)],
)
def test_figures_are_read(text: str, minor: int) -> None:
    assert read_amount(text, "CNY") == minor


@pytest.mark.no_database
@pytest.mark.parametrize(
    "text",
    ["12,50", "1,2,3.99", "-1", "1e30", "nan", "١٢", "12.", "123.999", "9" * 13, "12.50 yuan"],
)
def test_what_may_be_read_in_two_ways_is_refused(text: str) -> None:
    with pytest.raises(UnableToReadAmount):
        read_amount(text, "CNY")
