"""Masks show enough to recognise one's own value and no more."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amends.platform.vault import masks
from amends.platform.vault.normal_forms import normal_email, normal_id_card, normal_phone


@pytest.mark.parametrize(
    ("mask", "value", "shown"),
    [
        (masks.mask_id_card, "11010519491231002X", "110***********002X"),
        (masks.mask_id_card, "110105491231002", "110********1002"),
        (masks.mask_phone, "13812348000", "138****8000"),
        (masks.mask_phone, "+8613812348000", "+86138****8000"),
        (masks.mask_phone, "10086", "****"),
        (masks.mask_name, "李雷", "李*"),
        (masks.mask_name, "司马相如", "司**如"),
        (masks.mask_name, "古丽·买买提", "古*****"),
        (masks.mask_name, "", ""),
        (masks.mask_address, "河南省郑州市金水区文化路88号", "河南省郑州市金水区****"),
        (masks.mask_address, "文化路88号", "****"),
        (masks.mask_address, "12 High Street", "****"),
        (masks.mask_email, "a@b.cn", "a***@b.cn"),
        (masks.mask_email, "not a mailbox", "****"),
    ],
)
def test_shown(mask: object, value: str, shown: str) -> None:
    assert mask(value) == shown  # type: ignore[operator]


@given(st.text(alphabet="0123456789", min_size=7, max_size=20))
def test_a_phone_never_shows_more_than_seven_digits(number: str) -> None:
    assert sum(character.isdigit() for character in masks.mask_phone(number)) <= 7


@given(st.text(min_size=1, max_size=30))
def test_no_mask_shows_the_whole_value(value: str) -> None:
    if not value.strip(" *"):
        return
    assert masks.mask_number(value) != value
    assert masks.mask_address(value) != value
    assert masks.mask_phone(value) != value


@pytest.mark.parametrize(
    "spelling", ["13812348000", "+86 138 1234 8000", "86-138-1234-8000", "１３８１２３４８０００"]
)
def test_spellings_of_one_phone_are_one(spelling: str) -> None:
    assert normal_phone(spelling) == "+8613812348000"


def test_spellings_of_other_values_are_one() -> None:
    assert normal_phone("07700 900123", region="GB") == "+447700900123"
    assert normal_phone("10086") == "+8610086"
    assert normal_phone("none") == "none"
    assert normal_email("Ａnn@Example.com ") == "ann@example.com"
    assert normal_id_card("110105 19491231 002x") == "11010519491231002X"
