"""Outcomes and untold charges against a count by hand; the figures of the desk are those here."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from amends.cases.audits.rules.coverage import DutyTally, count, worst_first
from amends.cases.audits.rules.outcomes import STATES, outcomes
from amends.engines.decisions.dossier.sheet import questions
from amends.engines.duties.tolerance import tolerance

DAY = date(2026, 11, 24)
MARKS = tolerance(DAY)
HOUR_MS = 3_600_000
START_MS = 1_790_000_000_000
NOW_MS = START_MS + 60 * 24 * HOUR_MS
DUTY = "cn.allowance_reached"
hours = st.none() | st.integers(0, 1_400)
worlds = st.lists(st.tuples(st.integers(30, 1_300), hours, hours, hours), min_size=1, max_size=12)
gap_lists = st.lists(st.tuples(st.integers(0, 1_400), st.integers(1, 200)), max_size=2)


@given(worlds, gap_lists)
def test_outcomes_equal_a_count_by_hand(
    world: list[tuple[int, int | None, int | None, int | None]], holes: list[tuple[int, int]]
) -> None:
    """Every notice bears its key; `None` is a thing that did not happen."""
    gaps = [(_ms(first), _ms(first + length)) for first, length in holes]
    rows = [
        {
            "key": f"k{number}",
            "subscriber": "p",
            "service": f"s{number}",
            "duty": DUTY,
            "due_at_ms": _ms(due),
            "scope": "all",
        }
        for number, (due, *_) in enumerate(world)
    ]
    document = {
        kind: _told([(f"k{number}", one[place]) for number, one in enumerate(world)])
        for place, kind in ((1, "NoticeSent"), (2, "NoticeDelivered"), (3, "NoticeFailed"))
    }
    found = outcomes(pl.DataFrame(rows), document, {"all": gaps}, MARKS, now_ms=NOW_MS)
    by_key = dict(found.select("key", "state").rows())
    for number, one in enumerate(world):
        assert by_key[f"k{number}"] == _by_hand(one, gaps), one
    counts = count(found, "Asia/Shanghai")
    assert sum(one.due for one in counts) == len(world)
    for state in STATES:
        assert sum(getattr(one, state) for one in counts) == list(by_key.values()).count(state)


def _by_hand(
    one: tuple[int, int | None, int | None, int | None], gaps: list[tuple[int, int]]
) -> str:
    due, sent, delivered, failed = one
    by_ms = _ms(due) + HOUR_MS
    if delivered is not None:
        return "in_time" if _ms(delivered) <= by_ms else "late"
    if failed is not None:
        return "failed"
    begun = _ms(sent) if sent is not None else by_ms
    end = begun + 72 * HOUR_MS
    covered = not any(first < end and last > _ms(due) - 24 * HOUR_MS for first, last in gaps)
    waited = (end if sent is not None else by_ms) <= NOW_MS
    if not covered or not waited:
        return "unknown"
    return "failed" if sent is not None else "missing"


def _ms(hour: int) -> int:
    return START_MS + hour * HOUR_MS


def _told(seen: list[tuple[str, int | None]]) -> pl.DataFrame:
    rows: list[dict[str, Any]] = [
        {"key": key, "service": f"s{key[1:]}", "duty": DUTY, "at_ms": _ms(hour)}
        for key, hour in seen
        if hour is not None
    ]
    schema = {"key": pl.String, "service": pl.String, "duty": pl.String, "at_ms": pl.Int64}
    return pl.DataFrame(rows, schema=schema)


def test_what_was_announced_early_counts_for_what_was_due_later() -> None:
    due = pl.DataFrame(
        [
            {
                "key": "k",
                "subscriber": "p",
                "service": "s",
                "duty": "cn.change",
                "due_at_ms": _ms(1_000),
                "scope": "all",
            }
        ]
    )
    early = pl.DataFrame(
        [{"key": "theirs", "service": "s", "duty": "cn.change_ahead", "at_ms": _ms(200)}]
    )
    nothing = early.clear()
    document = {"NoticeSent": early, "NoticeDelivered": early, "NoticeFailed": nothing}
    found = outcomes(due, document, {"all": []}, MARKS, now_ms=NOW_MS)
    assert found["state"].to_list() == ["in_time"]


def test_a_notice_has_the_channel_it_first_reached_the_user_on_or_was_sent_on() -> None:
    due = pl.DataFrame(
        [
            {
                "key": f"k{one}",
                "subscriber": "p",
                "service": f"s{one}",
                "duty": DUTY,
                "due_at_ms": _ms(100),
                "scope": "all",
            }
            for one in range(4)
        ]
    )

    def facts(*seen: tuple[int, int, str]) -> pl.DataFrame:
        return pl.DataFrame(
            [
                {
                    "key": f"k{one}",
                    "service": f"s{one}",
                    "duty": DUTY,
                    "at_ms": _ms(hour),
                    "channel": channel,
                }
                for one, hour, channel in seen
            ],
            schema={
                "key": pl.String,
                "service": pl.String,
                "duty": pl.String,
                "at_ms": pl.Int64,
                "channel": pl.String,
            },
        )

    document = {
        "NoticeSent": facts((0, 98, "mail"), (0, 97, "app"), (1, 99, "sms"), (2, 99, "mail")),
        "NoticeDelivered": facts((0, 99, "mail"), (0, 98, "app")),
        "NoticeFailed": facts((2, 99, "mail")),
    }
    found = outcomes(due, document, {"all": []}, MARKS, now_ms=NOW_MS)
    assert found.sort("key")["channel"].to_list() == ["app", "sms", "mail", ""]


def test_the_worst_share_stands_first_and_the_unknown_last() -> None:
    counts = [
        DutyTally("good", "2026-10-01", in_time=99, late=1),
        DutyTally("bad", "2026-10-01", missing=3),
        DutyTally("dark", "2026-10-01", unknown=7),
        DutyTally("bad", "2026-11-01", in_time=1),
    ]
    assert [(one.duty, one.covered_share) for one in worst_first(counts)] == [
        ("bad", 0.25),
        ("good", 0.99),
        ("dark", None),
    ]


def test_the_desk_and_the_audit_call_the_same_things_late() -> None:
    desk = questions(DAY)
    assert MARKS.receipt_hours == desk.numbers["receipt_wait_hours"]
    assert MARKS.ahead_hours[""] == desk.numbers["notice_ahead_hours"]
    assert MARKS.late_minutes[""] == desk.numbers["notice_late_minutes"]
    for family in {*MARKS.late_minutes, *MARKS.names.values()} - {""}:
        name = desk.duty_name(f"cn.{family}")
        own = desk.numbers.get(f"notice_late_minutes_{name}", desk.numbers["notice_late_minutes"])
        assert MARKS.late_ms(f"cn.{family}") == own * 60_000, family
        assert name in desk.words["duty"], name
    for old, family in MARKS.names.items():
        assert desk.duty_name(f"cn.{family}") == desk.duty_name(f"cn.{old}")


def test_every_duty_of_china_has_its_name_at_the_desk() -> None:
    from amends.engines.duties.book import book

    desk = questions(DAY)
    for duty in book("cn", DAY).duties:
        if duty.met_by == "notice":
            assert desk.duty_name(duty.id) in desk.words["duty"], duty.id
