"""Which clock holds, for any past day, in every pack; dates worked out by hand from the notes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amends.engines.decisions.deadlines import (
    KINDS,
    Due,
    Pause,
    UnableToCountDeadlines,
    UnableToExtend,
    deadlines,
    due_for_many,
    extend,
    later,
    paused,
    rule_sets,
    statements,
    urgent_classes,
)

PLACES = ("cn", "cn-41", "cn-50", "cn-33", "uk", "us", "au", "in", "eu")
ZONES = {
    "cn": "Asia/Shanghai",
    "uk": "Europe/London",
    "au": "Australia/Sydney",
    "us": "America/New_York",
    "in": "Asia/Kolkata",
    "eu": "Europe/Brussels",
}


def ask(place: str, received: str, **more: Any) -> list[Due]:
    zone = ZoneInfo(ZONES[place[:2]])
    received_at = datetime.fromisoformat(received).replace(tzinfo=zone)
    return deadlines(jurisdiction=place, received_at=received_at, **more)


def one(place: str, received: str, step: str, **more: Any) -> Due:
    return next(d for d in ask(place, received, **more) if d.step == step and d.binding)


@pytest.mark.parametrize(
    ("place", "received", "step", "more", "last_day"),
    [
        # China: 15 working days to 2016-07-29 (Order 7), 15 days after (Order 35).
        ("cn", "2016-07-29T10:00", "resolve", {}, "2016-08-19"),
        ("cn", "2016-07-30T10:00", "resolve", {}, "2016-08-15"),  # 14 August is a Sunday
        ("cn", "2026-04-09T10:00", "resolve", {}, "2026-04-24"),
        ("cn", "2026-09-16T10:00", "resolve", {}, "2026-10-08"),  # over National Day
        ("cn", "2026-01-30T23:59", "resolve", {}, "2026-02-14"),  # a worked Saturday
        ("cn-41", "2026-02-10T10:00", "resolve", {}, "2026-02-24"),  # over the Spring Festival
        ("cn-41", "2020-12-31T10:00", "resolve", {}, "2021-01-15"),  # before the overlay
        ("cn-50", "2026-04-09T10:00", "resolve", {}, "2026-04-24"),
        ("cn", "2026-04-09T10:00", "resolve", {"kind": "platform"}, "2026-04-23"),
        # United Kingdom: 8 weeks, from 2026-04-08 6 weeks, by the day first raised.
        ("uk", "2022-05-03T10:00", "adr_letter", {}, "2022-06-28"),
        ("uk", "2026-04-07T23:30", "adr_letter", {}, "2026-06-02"),
        ("uk", "2026-04-08T00:00", "adr_letter", {}, "2026-05-20"),
        ("uk", "2026-04-09T10:00", "repair", {"kind": "network.speed"}, "2026-05-09"),
        # Australia: 15 working days, from 2025-06-30 10; urgent 2.
        ("au", "2025-06-27T10:00", "resolve", {}, "2025-07-18"),
        ("au", "2025-06-30T10:00", "resolve", {}, "2025-07-14"),
        ("au", "2025-06-30T10:00", "acknowledge", {}, "2025-07-02"),
        ("au", "2026-01-22T10:00", "resolve", {"urgent": True}, "2026-01-27"),  # Australia Day
        ("au-VIC", "2026-11-02T10:00", "resolve", {"urgent": True}, "2026-11-05"),  # Cup Day
        ("au", "2026-11-02T10:00", "resolve", {"urgent": True}, "2026-11-04"),
        ("us", "2026-04-09T10:00", "answer_regulator", {}, "2026-05-09"),
        ("us", "2026-04-09T10:00", "port", {"kind": "port"}, "2026-04-09"),
        ("us", "2026-04-09T15:00", "port", {"kind": "port"}, "2026-04-10"),
        ("in", "2026-04-09T10:00", "resolve", {}, "2026-04-12"),
        ("in", "2026-04-09T10:00", "resolve", {"kind": "billing"}, "2026-05-07"),
        ("in", "2025-03-13T10:00", "act", {"kind": "spam"}, "2025-04-12"),
        ("in", "2025-03-14T10:00", "act", {"kind": "spam"}, "2025-03-19"),
    ],
)
def test_the_last_day(
    place: str, received: str, step: str, more: dict[str, Any], last_day: str
) -> None:
    due = one(place, received, step, **more)
    assert due.due_at.isoformat()[:19] == f"{last_day}T23:59:59"


def test_both_clocks_are_shown_and_the_shorter_holds() -> None:
    henan = [d for d in ask("cn", "2026-04-09T10:00", province="410100") if d.step == "resolve"]
    assert [(d.rule, d.counting, d.binding) for d in henan] == [
        ("deadlines-cn-41@2021-01-01", "5 working days", True),
        ("deadlines-cn@2016-07-30", "15 calendar days", False),
    ]
    chongqing = [d for d in ask("cn-50", "2026-04-09T10:00") if d.step == "resolve"]
    assert [(d.rule, d.binding) for d in chongqing] == [
        ("deadlines-cn@2016-07-30", True),
        ("deadlines-cn-50@2018-01-01", False),
    ]


def test_repair_runs_in_hours_from_the_report() -> None:
    both = [d for d in ask("cn", "2026-04-09T10:00", kind="outage") if d.step == "repair"]
    assert [(d.due_at.isoformat(), d.binding) for d in both] == [
        ("2026-04-11T10:00:00+08:00", True),
        ("2026-04-12T10:00:00+08:00", False),
    ]
    rural = ask("cn", "2026-04-09T10:00", kind="outage", rural=True)
    assert [d.counting for d in rural if d.step == "repair"] == ["72 hours"]


def test_the_docket_is_due_at_once() -> None:
    due = one("in", "2026-04-09T10:00", "acknowledge")
    assert (due.counting, due.counting_zh) == ("at once", "立即")
    assert due.due_at.isoformat() == "2026-04-09T10:00:00+05:30"


def test_a_later_event_starts_its_own_clock() -> None:
    accepted = datetime(2026, 1, 8, 9, tzinfo=ZoneInfo("Australia/Sydney"))
    due = one("au", "2026-01-05T10:00", "implement", events={"accepted": accepted})
    assert due.due_at.date() == date(2026, 1, 15)
    waiting = later(jurisdiction="au", on=date(2026, 1, 5), started=["accepted"])
    assert waiting == []


def test_paid_arrears_restore_service_sooner_in_henan() -> None:
    paid = datetime(2026, 4, 20, 8, tzinfo=UTC)
    dues = ask("cn-41", "2026-04-09T10:00", events={"paid": paid})
    assert [d.due_at - paid for d in dues if d.step == "restore"] == [
        timedelta(hours=24),
        timedelta(hours=48),
    ]


def test_an_authoritys_term_moved_by_a_day_off_is_an_assumption() -> None:
    appeal = {"appeal": datetime(2026, 9, 2, 9, tzinfo=ZoneInfo("Asia/Shanghai"))}
    moved = one("cn", "2026-08-10T10:00", "appeal_answer", events=appeal)
    assert moved.due_at.date() == date(2026, 10, 8)
    assert moved.verified is False
    assert "assumption" in moved.note_en
    plain = {"appeal": datetime(2026, 4, 2, 9, tzinfo=ZoneInfo("Asia/Shanghai"))}
    kept = one("cn", "2026-03-10T10:00", "appeal_answer", events=plain)
    assert kept.due_at.date() == date(2026, 5, 6)  # 2 May moves on over the holiday
    assert kept.verified is False
    early = {"appeal": datetime(2026, 3, 4, 9, tzinfo=ZoneInfo("Asia/Shanghai"))}
    assert one("cn", "2026-02-10T10:00", "appeal_answer", events=early).verified is True


def test_what_was_not_found_is_not_called_verified() -> None:
    assert one("uk", "2026-04-09T10:00", "adr_letter").verified is False
    assert one("uk", "2026-02-11T10:00", "adr_letter").verified is False
    assert one("uk", "2026-02-10T10:00", "adr_letter").verified is True
    assert one("cn", "2026-04-09T10:00", "resolve").verified is True
    assert one("cn", "2016-07-29T10:00", "resolve").verified == "press"
    moved = one("cn", "2016-07-30T10:00", "resolve")  # before the Civil Code
    assert moved.verified is False
    assert "General Principles" in moved.note_en
    assert one("cn", "2026-09-16T10:00", "resolve").verified is True
    assert "Civil Code 203" in one("cn", "2026-09-16T10:00", "resolve").note_en
    forwarded = {"appeal_forwarded": datetime(2026, 4, 9, tzinfo=UTC)}
    assert one("cn", "2026-03-01T10:00", "answer_regulator", events=forwarded).verified is False


def test_a_year_not_announced_does_not_fail_and_is_not_called_verified() -> None:
    due = one("cn-41", "2031-12-30T10:00", "resolve")
    assert due.due_at.date() == date(2032, 1, 7)
    assert due.verified is False
    assert "2031" in due.note_en
    assert "2031" in due.note_zh


def test_the_union_sets_no_days_and_says_so() -> None:
    assert ask("eu", "2026-04-09T10:00") == []
    (said,) = statements(jurisdiction="eu", on=date(2026, 4, 9))
    assert "simple" in said.en
    assert "没有规定" in said.zh


def test_domestic_violence_is_urgent_from_2026() -> None:
    assert urgent_classes(jurisdiction="au", on=date(2025, 12, 31)) == []
    (urgent,) = urgent_classes(jurisdiction="au", on=date(2026, 1, 1))
    assert urgent.verified is True


def test_a_complaint_keeps_the_rules_of_its_day() -> None:
    assert one("au", "2025-06-27T10:00", "resolve").rule == "deadlines-au@2018-07-01"
    asked = one("au", "2025-06-27T10:00", "resolve", on=date(2026, 3, 1))
    assert (asked.counting, asked.rule) == ("10 working days", "deadlines-au@2026-01-01")
    assert asked.effective_from == date(2025, 6, 30)


def test_a_zone_may_be_named() -> None:
    perth = one("au", "2026-04-09T10:00", "acknowledge", zone="Australia/Perth", province="WA")
    assert perth.due_at.utcoffset() == timedelta(hours=8)


@pytest.mark.parametrize(
    "more",
    [
        {"jurisdiction": "mars"},
        {"kind": "weather"},
        {"zone": "Moon/Tycho"},
        {"received_at": datetime(2026, 1, 1)},  # noqa: DTZ001
        {"events": {"moonrise": datetime(2026, 1, 1, tzinfo=UTC)}},
        {"received_at": datetime(1999, 1, 1, tzinfo=UTC)},
    ],
)
def test_what_cannot_be_answered_is_refused(more: dict[str, Any]) -> None:
    question = {"jurisdiction": "cn", "received_at": datetime(2026, 1, 1, tzinfo=UTC), **more}
    with pytest.raises(UnableToCountDeadlines):
        deadlines(**question)


def test_a_pause_counts_only_where_the_rule_has_one() -> None:
    plain = one("cn", "2026-04-09T10:00", "resolve")
    pause = Pause(
        "awaiting_user", plain.due_at - timedelta(days=5), plain.due_at - timedelta(days=2)
    )
    kept = paused(plain, [pause])
    assert kept.due_at == plain.due_at
    assert "awaiting_user" in kept.note_en
    pausable = replace(plain, pauses=("awaiting_user",))
    assert paused(pausable, [pause]).due_at == plain.due_at + timedelta(days=3)
    twice = [pause, Pause("awaiting_user", pause.start, pause.end - timedelta(days=1))]
    assert paused(pausable, twice).due_at == plain.due_at + timedelta(days=3)
    too_late = Pause("awaiting_user", plain.due_at + timedelta(1), plain.due_at + timedelta(2))
    assert paused(pausable, [too_late]).due_at == plain.due_at


def test_an_operator_may_not_extend_its_own_limit() -> None:
    due = one("cn", "2026-04-09T10:00", "resolve")
    with pytest.raises(UnableToExtend):
        extend(due, days=5, reason="busy")
    longer = extend(replace(due, extension_days=10), days=5, reason="invented rule")
    assert longer.due_at - due.due_at == timedelta(days=5)


MOMENTS = st.datetimes(datetime(2021, 1, 1), datetime(2029, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


@given(
    st.sampled_from(PLACES),
    st.lists(st.tuples(MOMENTS, st.sampled_from(sorted(KINDS)), st.booleans()), max_size=12),
)
def test_many_at_once_equal_one_by_one(place: str, rows: list[tuple[datetime, str, bool]]) -> None:
    many = due_for_many(
        jurisdiction=place,
        received=[row[0] for row in rows],
        kinds=[row[1] for row in rows],
        urgents=[row[2] for row in rows],
    )
    assert many == [
        deadlines(jurisdiction=place, received_at=moment, kind=kind, urgent=urgent)
        for moment, kind, urgent in rows
    ]


@settings(deadline=None)
@given(st.sampled_from(PLACES), MOMENTS, st.sampled_from(sorted(KINDS)), st.booleans())
def test_each_step_has_one_binding_clock_and_it_is_the_shortest(
    place: str, moment: datetime, kind: str, urgent: bool
) -> None:
    dues = deadlines(jurisdiction=place, received_at=moment, kind=kind, urgent=urgent)
    assert dues == sorted(dues, key=lambda due: due.due_at)
    for step in {due.step for due in dues}:
        same = [due for due in dues if due.step == step]
        assert [due for due in same if due.binding] == same[:1]
    for due in dues:
        assert due.due_at >= moment
        assert due.source
        assert due.zh.endswith("。")


def test_columns_of_unequal_length_are_refused() -> None:
    with pytest.raises(UnableToCountDeadlines):
        due_for_many(jurisdiction="cn", received=[datetime(2026, 1, 1, tzinfo=UTC)] * 2, kinds=[""])


def test_hours_are_counted_for_each_complaint_of_a_day() -> None:
    morning = datetime(2026, 4, 9, 1, tzinfo=UTC)
    received = [morning, morning + timedelta(hours=5), morning]
    many = due_for_many(jurisdiction="cn", received=received, kinds=["outage"] * 3)
    repair = [next(d.due_at for d in dues if d.step == "repair") for dues in many]
    assert repair == [moment + timedelta(hours=48) for moment in received]


def test_an_old_row_does_not_stop_a_batch() -> None:
    days = [datetime(1999, 1, 1, tzinfo=UTC), datetime(2026, 4, 9, tzinfo=UTC)]
    assert [len(dues) for dues in due_for_many(jurisdiction="cn", received=days)] == [0, 1]


def test_provinces_may_differ_within_a_batch() -> None:
    received = datetime(2026, 4, 9, 2, tzinfo=UTC)
    found = due_for_many(jurisdiction="cn", received=[received] * 3, provinces=["41", "", "440100"])
    assert [dues[0].counting for dues in found] == [
        "5 working days",
        "15 calendar days",
        "15 calendar days",
    ]


def test_the_rule_of_the_day_is_answered_for_any_past_day() -> None:
    asked = {
        date(2010, 5, 1): "deadlines-cn@2001-01-11",
        date(2016, 7, 30): "deadlines-cn@2016-07-30",
    }
    for day, version in asked.items():
        assert [file.version for file in rule_sets(jurisdiction="cn", on=day)] == [version]
