"""Words that burst: an issue nobody has a class for, and words for issues found by counting."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import numpy as np
import pytest
from tests.actions.hotissues.desk_days import NOW, write

from amends.cases.complaints.models import Complaint, Contact
from amends.platform.database.rows import insert
from amends.platform.kit.ids import time_ordered_id
from amends.problems.hotissues.actions.scan_desk import scan_desk
from amends.problems.hotissues.actions.scan_words import scan_words
from amends.problems.hotissues.models import HotIssue
from amends.problems.hotissues.queries import issues, members
from amends.problems.hotissues.queries.issue_summary import curve, issue_summary
from amends.problems.hotissues.queries.membership import main_place

pytestmark = pytest.mark.django_db

USUAL = [
    "宽带又断了，晚上刷视频卡得不行",
    "每个月话费都对不上，多扣了钱",
    "打客服电话等了半个小时没人接",
    "营业厅办理业务排队太久",
    "家里信号只有一格，电话打不出去",
    "套餐里的流量还没用完就提醒超了",
    "the line is slow in the evening",
    "I was charged twice this month",
    "nobody answers the phone",
]
NEW = [
    "手机里多出一个星河家园会员，谁给我开的",
    "星河家园会员扣了我十块，没办过",
    "星河家园会员怎么退订",
    "莫名其妙被开通星河家园会员",
    "账单里有星河家园会员费，我不知道这是什么",
]


def say(texts: Sequence[str], days: Sequence[int], code: str, **more: object) -> list[str]:
    """Complaints with these words on these days before `NOW`; every class by chance."""
    refs = write(days, code, **more)
    moments = [NOW - timedelta(days=day, minutes=7) for day in days]
    insert(
        Contact,
        {
            "id": [time_ordered_id() for _ in refs],
            "complaint_id": refs,
            "channel": ["web"] * len(refs),
            "key": refs,
            "received_at": moments,
            "text": list(texts),
        },
    )
    return refs


def usual(seed: int) -> None:
    chance = np.random.default_rng(seed)
    days = [day for day in range(60) for _ in range(chance.poisson(8))]
    for code in ("network.speed", "billing.wrong_charge"):
        own = [day for day in days if chance.random() < 0.5]
        say([USUAL[chance.integers(len(USUAL))] for _ in own], own, code)


def test_words_without_a_class_open_an_issue_and_later_sayers_join() -> None:
    usual(1)
    chance = np.random.default_rng(2)
    codes = ["network.speed", "billing.wrong_charge", "service.attitude", "other.unclear"]
    refs = [
        ref
        for at in range(12)
        for ref in say([NEW[at % 5]], [int(chance.integers(0, 2))], codes[at % 4])
    ]
    found = scan_words(now=NOW)
    assert (len(found.opened), found.about) == (1, [])
    issue = HotIssue.objects.get(id=found.opened[0])
    assert "星河家园会员" in issue.words[0]
    assert main_place(issue) == f"words={issue.words[0]}"
    assert {one.complaint for one in members(issue.id)} == set(refs)
    assert issue.expected < 2 < issue.persons
    assert Complaint.objects.filter(hot_issue=issue.number).count() == 12
    late = say([NEW[0]], [0], "service.attitude")
    scan_words(now=NOW)
    assert late[0] in {one.complaint for one in members(issue.id)}
    told = issue_summary(issue)
    assert len(told.quoted) == 5
    assert any("星河家园" in words for _, _, words in told.quoted) or told.words
    assert sum(day.persons for day in curve(issue)) == 13


def test_an_issue_found_by_counting_is_told_in_words() -> None:
    usual(3)
    texts = [f"整栋楼断网了，光猫亮红灯，已经{at}小时" for at in range(16)]
    say(texts, [0] * 16, "network.outage", area="south")
    scan_desk(now=NOW)
    (issue,) = issues(state="open")
    assert issue.words == []
    found = scan_words(now=NOW)
    assert found.opened == []
    issue.refresh_from_db()
    assert any("断网" in word or "光猫" in word or "红灯" in word for word in issue.words)


def test_ordinary_words_open_nothing_and_nothing_new_is_not_looked_at_again() -> None:
    usual(4)
    first = scan_words(now=NOW)
    assert (first.opened, first.texts > 200) == ([], True)
    assert scan_words(now=NOW).texts == 0
    assert issues() == []


def test_one_person_who_says_it_a_hundred_times_is_no_topic() -> None:
    usual(5)
    say([NEW[at % 5] for at in range(100)], [0] * 100, "other.unclear", person="the-same")
    assert scan_words(now=NOW).opened == []


def test_too_few_days_are_not_judged() -> None:
    say(NEW, [0, 0, 1, 1, 2], "other.unclear")
    assert scan_words(now=NOW).texts == 0


def test_what_two_issues_have_in_common_is_no_third(db: None) -> None:
    """A storm in the south and a slow north: both say that the internet is bad, in one phrase."""
    usual(7)
    say(["光纤入户彻底没信号"] * 12, [0] * 12, "network.outage", area="south")
    say(["光纤入户彻底没信号"] * 12, [0] * 12, "billing.refund_credit", area="north")
    scan_desk(now=NOW)
    counted = {one.id for one in issues()}
    assert len(counted) == 2
    found = scan_words(now=NOW)
    assert found.topics
    assert found.opened == []
    assert {one.id for one in issues()} == counted
