"""Answers, demands, terms, texts: small pure rules, by property and by table."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amends.causes.confirmations.rules.answers import read_answer
from amends.causes.confirmations.rules.channels import is_independent
from amends.causes.confirmations.rules.requirements import UnableToDemand, demand
from amends.causes.confirmations.rules.terms import OrderTerms
from amends.causes.confirmations.rules.texts import UnableToWriteMessage, message

TODAY = date(2026, 11, 24)
TERMS = OrderTerms("open", "p", "s", "value_added", "ring", "1", "", 1000, "CNY", 0, "ring-co")


@given(st.integers(0, 999_999), st.sampled_from(["Y", "y ", "是", "确认 ", "YES+", "同意，"]))
def test_a_yes_with_its_code_is_read_however_it_is_typed(code: int, word: str) -> None:
    said = read_answer(f" {word}{code:06d}。 ")
    assert said is not None
    assert (said.word, said.code) == ("yes", f"{code:06d}")


@given(st.text(min_size=12))
def test_no_long_text_confirms_anything_by_accident(text: str) -> None:
    said = read_answer(text)
    assert said is None or said.code or said.word == "no"


@pytest.mark.parametrize(
    "text", ["", "  ", "12345", "1234567", "不是我订的", "YN123456", "Y 12 34 56", "maybe", "!!!"]
)
def test_what_is_no_answer_is_none(text: str) -> None:
    assert read_answer(text) is None


@given(st.sampled_from(["price_minor", "term_months"]), st.integers(1, 10**9))
def test_other_terms_have_another_hash(field: str, more: int) -> None:
    other = replace(TERMS, **{field: getattr(TERMS, field) + more})
    assert other.digest() != TERMS.digest()


def test_every_pack_says_what_an_order_needs() -> None:
    for pack in ("cn", "cn-41", "eu", "uk", "us", "au", "in"):
        for order in ("open", "change"):
            asked = demand(pack, order=order, kind="value_added", initiator="subscriber", on=TODAY)
            assert asked.times == 2, pack
            assert asked.methods
        stop = demand(pack, order="stop", kind="value_added", initiator="subscriber", on=TODAY)
        assert stop.times == 1
        by_operator = demand(pack, order="stop", kind="x", initiator="operator", on=TODAY)
        assert by_operator.notice_days == 30


def test_the_rules_of_the_day_count() -> None:
    asked = {"order": "open", "kind": "gift", "initiator": "operator"}
    assert demand("cn", on=date(2025, 4, 29), **asked).times == 0
    after = demand("cn", on=date(2025, 4, 30), **asked)
    assert (after.times, after.monthly_bill, after.methods) == (
        1,
        True,
        ("sms_reply", "code", "signature"),
    )
    with pytest.raises(UnableToDemand):
        demand("cn", on=TODAY, order="lend", kind="x", initiator="operator")


def test_who_earns_by_it_takes_nothing_down() -> None:
    for taker in ("ring-co", "shop-7"):
        assert not is_independent(taker_partner=taker, provider="ring-co", agent="shop-7")
    assert is_independent(taker_partner="shop-8", provider="ring-co", agent="shop-7")


def test_no_message_leaves_with_an_empty_field() -> None:
    with pytest.raises(UnableToWriteMessage, match="lacks code"):
        message("ask_yes", "zh", {"what": "开通“彩铃”", "price": "", "provider": ""})
    with pytest.raises(UnableToWriteMessage, match="no message"):
        message("nonsense", "zh", {})


def test_guessing_a_million_times_by_the_limits() -> None:
    """A day's limits leave 30 tries of 1,000,000: a million guesses need 33,334 days, 91 years."""
    limits = demand(
        "cn", order="open", kind="value_added", initiator="subscriber", on=TODAY
    ).challenges
    tries_a_day = limits.attempts * limits.asks_per_day
    assert tries_a_day <= 30
    one_step = 1 - (1 - 1e-6) ** tries_a_day
    assert one_step < 3.1e-5
    # Two steps must fall within one order, so at most `attempts * asks_per_step` tries each.
    per_order = limits.attempts * limits.asks_per_step
    assert (1 - (1 - 1e-6) ** per_order) ** 2 < 1e-10
