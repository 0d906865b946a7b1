"""When the regulator takes a complaint, and which regulator: the law's figures, and their edges."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amends.engines.decisions.admissibility import (
    Admissibility,
    AppealMatter,
    UnableToJudgeAdmissibility,
    admissibility,
    regulator,
)
from amends.platform.kit.packs import jurisdictions

SHANGHAI = ZoneInfo("Asia/Shanghai")
LONDON = ZoneInfo("Europe/London")


def at(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def china(asked: str, **more: Any) -> Admissibility:
    known: dict[str, Any] = {
        "complained_at": at("2026-04-09T10:00"),
        "event_at": at("2026-03-01T00:30"),
    }
    return admissibility(
        jurisdiction="cn", matter=AppealMatter(**(known | more)), asked_at=at(asked)
    )


@pytest.mark.parametrize(
    ("asked", "more", "verdict"),
    [
        ("2026-04-24T23:59", {}, "not_yet"),
        ("2026-04-25T00:00", {}, "admissible"),
        ("2026-04-12T09:00", {"answered_at": at("2026-04-11T15:00")}, "admissible"),
        ("2026-08-01T23:59:59", {"charge_dispute": True}, "admissible"),  # five months
        ("2026-08-02T00:00", {"charge_dispute": True}, "too_late"),
        ("2026-08-02T00:00", {}, "admissible"),  # not about a charge: two years
        ("2028-03-01T23:59", {}, "admissible"),
        ("2028-03-02T00:00", {}, "too_late"),
        ("2026-05-20T09:00", {"complained_at": None}, "inadmissible"),  # sent back: ask first
        ("2026-05-20T09:00", {"settled": True}, "inadmissible"),
        ("2026-05-20T09:00", {"already_handled": True}, "inadmissible"),
        ("2026-05-20T09:00", {"elsewhere": True}, "inadmissible"),
        ("2026-05-20T09:00", {"direct_interest": False}, "inadmissible"),
        ("2026-05-20T09:00", {"event_at": None}, "unknown"),
    ],
)
def test_order_35(asked: str, more: dict[str, Any], verdict: str) -> None:
    assert china(asked, **more).verdict == verdict


def test_five_months_from_the_31st_end_with_the_month() -> None:
    found = china("2026-05-20T09:00", charge_dispute=True, event_at=at("2026-01-31T10:00"))
    assert found.closes_at == at("2026-06-30T23:59:59")


def test_before_2016_the_wait_is_in_working_days() -> None:
    matter = AppealMatter(complained_at=at("2016-07-01T10:00"), event_at=at("2016-06-01T10:00"))
    found = admissibility(jurisdiction="cn", matter=matter, asked_at=at("2016-07-20T10:00"))
    assert (found.verdict, found.rule) == ("not_yet", "admissibility-cn@2001-01-11")
    assert found.opens_at == at("2016-07-23T00:00")


def test_every_condition_is_shown_whether_met_or_not() -> None:
    found = china("2026-04-20T10:00", settled=True)
    assert {c.rule_id: c.holds for c in found.conditions} == {
        "cn.waited": False,
        "cn.age.other": True,
        "cn.direct_interest": True,
        "cn.settled": False,
        "cn.handled": True,
        "cn.elsewhere": True,
    }
    assert all(c.source for c in found.conditions)


@pytest.mark.parametrize(
    ("complained", "asked", "letter", "verdict", "verified"),
    [
        ("2026-04-08T09:00", "2026-05-20T12:00", None, "not_yet", False),
        ("2026-04-08T09:00", "2026-05-21T00:00", None, "admissible", False),
        ("2026-04-07T09:00", "2026-05-21T00:00", None, "not_yet", False),
        ("2026-04-07T09:00", "2026-06-03T00:00", None, "admissible", False),
        ("2022-05-03T09:00", "2022-06-29T00:00", None, "admissible", True),
        ("2026-04-08T09:00", "2026-04-20T12:00", "2026-04-19T12:00", "admissible", False),
        ("2026-04-08T09:00", "2027-04-21T12:00", "2026-04-19T12:00", "too_late", False),
    ],
)
def test_united_kingdom(
    complained: str, asked: str, letter: str | None, verdict: str, verified: bool
) -> None:
    matter = AppealMatter(
        complained_at=at(complained, LONDON),
        letter_at=at(letter, LONDON) if letter else None,
        small_customer=True,
    )
    found = admissibility(jurisdiction="uk", matter=matter, asked_at=at(asked, LONDON))
    assert found.verdict == verdict
    waited = next(c for c in found.conditions if c.rule_id.startswith("uk.waited"))
    assert waited.verified is verified


def test_a_large_business_is_outside_and_an_unknown_one_is_a_question() -> None:
    matter = AppealMatter(complained_at=at("2026-04-09T10:00", LONDON))
    asked = at("2026-07-01T10:00", LONDON)
    assert admissibility(jurisdiction="uk", matter=matter, asked_at=asked).verdict == "unknown"
    large = replace(matter, small_customer=False)
    assert admissibility(jurisdiction="uk", matter=large, asked_at=asked).verdict == "inadmissible"


def test_india_wants_an_answer_first() -> None:
    india = ZoneInfo("Asia/Kolkata")
    matter = AppealMatter(complained_at=at("2026-04-01T10:00", india))
    asked = at("2026-04-20T10:00", india)
    assert admissibility(jurisdiction="in", matter=matter, asked_at=asked).verdict == "inadmissible"
    answered = replace(matter, answered_at=at("2026-04-03T10:00", india))
    assert admissibility(jurisdiction="in", matter=answered, asked_at=asked).verdict == "admissible"
    late = asked + timedelta(days=30)
    assert admissibility(jurisdiction="in", matter=answered, asked_at=late).verdict == "too_late"


@pytest.mark.parametrize("place", ["us", "au", "eu"])
def test_where_no_rule_was_found_a_person_decides(place: str) -> None:
    matter = AppealMatter(complained_at=datetime(2026, 1, 1, tzinfo=UTC))
    found = admissibility(
        jurisdiction=place, matter=matter, asked_at=datetime(2026, 6, 1, tzinfo=UTC)
    )
    assert (found.verdict, found.conditions) == ("unknown", ())


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(UnableToJudgeAdmissibility):
        admissibility(jurisdiction="cn", matter=AppealMatter(None), asked_at=datetime(2026, 1, 1))  # noqa: DTZ001


@pytest.mark.parametrize("place", jurisdictions())
def test_every_regulator_is_named_and_an_address_says_where_it_was_read(place: str) -> None:
    found = regulator(place)
    assert all((found.zh, found.en, found.channel_zh, found.when_en, found.source))
    for said in (found.contact_zh, found.contact_en):
        has_address = re.search(r"\d{4,}|https?://|www\.", said) is not None
        assert has_address is bool(found.contact_source), said


def test_the_respondents_province_has_the_case() -> None:
    assert regulator("cn", "500000").zh == "重庆市通信管理局"
    assert regulator("cn-33").zh == "浙江省通信管理局"
    assert regulator("cn", "99").zh == "工业和信息化部电信用户申诉受理中心"


@given(st.integers(0, 900))
def test_the_window_opens_once_and_closes_once(days: int) -> None:
    found = china("2026-04-09T12:00")
    asked = at("2026-04-09T12:00") + timedelta(days=days)
    verdict = china(asked.isoformat()[:19]).verdict
    assert found.opens_at is not None
    assert found.closes_at is not None
    inside = found.opens_at <= asked <= found.closes_at
    assert (verdict == "admissible") is inside
