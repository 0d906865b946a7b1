"""A province no pack knows is refused, with those there are."""

from __future__ import annotations

import pytest
from tests.shell import amends

pytestmark = pytest.mark.no_database

ASKED = ("deadlines", "--received", "2026-04-09T10:00")


@pytest.mark.parametrize(
    ("pack", "province"),
    [("cn", "41"), ("cn", "410100"), ("cn-41", "41"), ("eu", "de"), ("uk", "SCT"), ("au-NSW", "")],
)
def test_what_the_pack_knows_is_answered(pack: str, province: str) -> None:
    assert amends(*ASKED, "--pack", pack, "--province", province, "--json").code == 0


@pytest.mark.parametrize(
    ("pack", "province", "said"),
    [
        ("cn", "99", "knows no province “99”. Choose one of 11, 12"),
        ("cn", "Henan", "knows no province “Henan”"),
        ("eu", "GB", "Choose one of AT, BE"),
        ("au", "XX", "Choose one of ACT, NSW"),
        ("us", "NY", "does not distinguish provinces. Leave --province out"),
        ("cn-41", "44", "is not that of the province “44”"),
    ],
)
def test_what_it_does_not_know_is_refused_with_what_to_do(
    pack: str, province: str, said: str
) -> None:
    told = amends(*ASKED, "--pack", pack, "--province", province)
    assert told.code == 2
    assert said in told.err
