"""Chapter of the demonstration: visitors ask about a promotion before they complain."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from amends.platform import registry
from amends.platform.kit.actors import Actor
from amends.platform.kit.ids import random_id
from amends.record.catalogue.queries import areas
from amends.work.knowledge.actions.findings import check_articles
from amends.work.knowledge.actions.participate import (
    answer_question,
    ask,
    check_question,
    decide_idea,
    suggest,
    vote,
)
from amends.work.knowledge.actions.readers import bind_readings, rate, record_gap, record_reading
from amends.work.knowledge.actions.starter import publish_starter
from amends.work.knowledge.choices import IdeaState
from amends.work.knowledge.queries import search

WEEKS = 26
_VISITORS = 160
_READ_FIRST_SHARE = 0.7
_ABOUT_PROMOTION = (
    ("zh", "充200送200的活动钱怎么没返"),
    ("zh", "业务员说送三个月，结果还在扣钱"),
    ("zh", "充值活动能不能退"),
    ("en", "the promotion said half price but I was charged in full"),
    ("en", "where is the bonus of my top-up"),
)
_OTHERS = (
    ("zh", "彩铃怎么退订"),
    ("zh", "流量用完怎么收费"),
    ("zh", "去泰国怎么开漫游"),
    ("zh", "宽带亮红灯"),
    ("zh", "投诉多久有答复"),
    ("zh", "携号转网怎么办"),
    ("en", "my phone has no signal"),
    ("en", "how do I cancel a subscription"),
    ("en", "my bill is higher than usual"),
)
_WITHOUT_ARTICLE = (
    ("zh", "机顶盒遥控器"),
    ("zh", "机顶盒遥控器"),
    ("en", "remote control"),
)
_QUESTION = "充值活动返的话费，中途换套餐还返吗？"
_ANSWER = "返还按活动确认短信里写的条件执行；短信没写不能换的，换套餐不影响返还。"
_IDEAS = (
    ("zh", "在首页直接看到剩余流量", 31, IdeaState.PLANNED, "已列入下季度计划。"),
    ("zh", "退订不要再打电话挽留", 58, IdeaState.DONE, "自本月起，退订后不再外呼挽留。"),
    ("en", "Show the end of my contract on the bill", 17, IdeaState.OPEN, ""),
)


def chapter(*, seed: int, now: datetime, staff: Mapping[str, Actor]) -> None:
    """Searches, readings and ratings of half a year, a question with its answer, suggestions."""
    chance = random.Random(seed)  # noqa: S311 (no secret)
    begin = now - timedelta(weeks=WEEKS)
    publish_starter(now=begin)
    _read_before_complaining(chance, begin, now)
    for _visitor in range(_VISITORS):
        at = begin + (now - begin) * chance.random()
        _visit(chance, chance.choice(_OTHERS), at)
    for language, query in _WITHOUT_ARTICLE:
        record_gap(query, language, now=now - timedelta(days=chance.randint(1, 20)))
    _take_part(chance, now, staff)
    check_articles(now=now)


def _read_before_complaining(chance: random.Random, begin: datetime, now: datetime) -> None:
    """Some of those who complained about a promotion had searched the help centre hours before."""
    codes = [area.code for area in areas()]
    for received_complaint in registry.complaints_received(begin, now, areas=codes):
        if received_complaint.code.startswith("marketing.") and chance.random() < _READ_FIRST_SHARE:
            at = received_complaint.at - timedelta(minutes=chance.randint(5, 600))
            visit = _visit(chance, chance.choice(_ABOUT_PROMOTION), at, helped=False)
            bind_readings(visit, complaint=received_complaint.ref, now=received_complaint.at)


def _visit(
    chance: random.Random,
    question: tuple[str, str],
    at: datetime,
    *,
    helped: bool | None = None,
) -> str:
    """One visitor searches, reads the first article and sometimes rates it; the visit's token."""
    language, query = question
    visit = random_id("vst")
    hits = search(query, language)
    if not hits:
        record_gap(query, language, now=at)
        return visit
    first = hits[0]
    record_reading(first.article, first.language, visit=visit, now=at)
    if chance.random() < 0.5:
        good = chance.random() < 0.8 if helped is None else helped
        rate(first.article, first.language, helped=good, now=at)
    return visit


def _take_part(chance: random.Random, now: datetime, staff: Mapping[str, Actor]) -> None:
    manager = staff["manager"]
    public_question = ask(_QUESTION, "zh", now=now - timedelta(days=12))
    check_question(public_question.ref, publish=True, actor=manager)
    answer_question(public_question.ref, _ANSWER, actor=manager, now=now - timedelta(days=11))
    ask("家里装修，光猫能换个位置吗？", "zh", now=now - timedelta(hours=3))
    _suggestions(chance, now, manager, _IDEAS)


def _suggestions(
    chance: random.Random,
    now: datetime,
    manager: Actor,
    rows: Sequence[tuple[str, str, int, IdeaState, str]],
) -> None:
    for language, idea_text, votes, state, outcome in rows:
        idea = suggest(idea_text, language, now=now - timedelta(days=chance.randint(20, 60)))
        decide_idea(idea.ref, state=IdeaState.OPEN, outcome="", actor=manager, now=now)
        for number in range(votes):
            vote(idea.ref, voter=f"demo-{number}", is_identified=True, now=now)
        if state != IdeaState.OPEN:
            decide_idea(idea.ref, state=state, outcome=outcome, actor=manager, now=now)
