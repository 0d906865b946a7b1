"""A machine with many names: numbered texts are nearly the same too, and stay counted."""

from __future__ import annotations

from datetime import datetime

import polars as pl
import pytest
from tests.actions.hotissues.test_cube import FIRST, LAST, NOW, receive

from amends.platform.kit.actors import system
from amends.problems.hotissues.actions.fill_cube import update_cube
from amends.problems.hotissues.actions.join import join
from amends.problems.hotissues.actions.open_issue import open_issue
from amends.problems.hotissues.actions.record_data_quality import note_doubts
from amends.problems.hotissues.queries import doubts
from amends.problems.hotissues.queries.cube import rows_between
from amends.problems.hotissues.queries.duplicate_senders import one_sender
from amends.problems.hotissues.queries.issue_summary import issue_summary
from amends.problems.hotissues.rules.suspect_rows import suspected

pytestmark = pytest.mark.postgres_too

SCAN = system("scan")
OTHERS = (
    "宽带断网",
    "话费算错",
    "流量扣多",
    "短信骚扰",
    "套餐改了",
    "信号很差",
    "客服不接",
    "彩铃乱扣",
    "退费没到",
    "发票没开",
    "携号被拒",
    "合约违约",
    "宽带很慢",
    "漫游太贵",
    "积分没了",
    "充值没到",
    "实名没过",
    "补卡太慢",
    "电视没有",
    "安装没来",
    "停机误判",
    "账单看不懂",
    "提醒没发",
    "亲情号没加",
    "副卡被停",
)


def rows() -> pl.DataFrame:
    update_cube()
    return rows_between(FIRST, LAST)


@pytest.mark.parametrize(("senders", "flagged"), [(25, 25), (12, 0)])
def test_numbered_texts_of_a_minute_are_nearly_the_same(
    db: None, senders: int, flagged: int
) -> None:
    refs = [
        receive(number, "你们乱扣费，请立即退费，否则投诉到工信部", received_at=NOW)
        for number in range(senders)
    ]
    found = one_sender(rows())
    assert len(found) == flagged
    issue = open_issue([""], started_at=NOW, now=NOW, actor=SCAN)
    join(issue.id, refs, because="scan: everything", actor=SCAN, now=NOW)
    assert issue_summary(issue).suspected == flagged
    note_doubts(rows(), rows(), now=NOW, brand="", moves={}, missed=[])
    assert [one.numbers["n"] for one in doubts() if one.kind == "one_sender"] == (
        [flagged] if flagged else []
    )


def test_many_who_say_different_things_in_one_minute_are_many(db: None) -> None:
    for number, text in enumerate(OTHERS):
        receive(number, f"{text}，{text[::-1]}", received_at=NOW)
    assert one_sender(rows()) == set()


@pytest.mark.no_database
def test_without_a_time_of_day_no_minute_is_known() -> None:
    midnight = datetime(2026, 11, 24)  # noqa: DTZ001 (as files are read)
    frame = pl.DataFrame({"at": [midnight] * 30, "text": ["Comcast billing"] * 30})
    assert suspected(frame) == ([False] * 30, [])
    later = frame.with_columns(pl.col("at") + pl.duration(hours=9))
    assert sum(suspected(later)[0]) == 30


@pytest.mark.no_database
def test_many_minutes_are_one_sentence() -> None:
    minutes = pl.datetime_range(
        pl.datetime(2026, 11, 24, 9), pl.datetime(2026, 11, 24, 9, 29), "1m", eager=True
    )
    frame = pl.DataFrame({"at": [one for one in minutes for _ in range(25)]}).with_columns(
        text=pl.lit("Refund me now")
    )
    flags, (note,) = suspected(frame)
    assert all(flags)
    assert note.startswith("750 rows of 30 minutes, 25 of them in that of 2026-11-24 09:29, say")
