"""Chapter of the demonstration: ordinary reports of spam, a few each week.

The wave of frauds after the leak is played by `demo/actions/scam_wave.py`.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import datetime, timedelta

from amends.causes.protection.actions.report import NewReport, UnableToReportMore, report
from amends.causes.protection.choices import ReportedThing
from amends.people.subscribers.queries import pseudonyms
from amends.platform.kit.actors import Actor

DAYS = 60
_PEOPLE = 60
FRAUDS = (
    (
        "10698800001",
        "【顺风快递】您的包裹因地址不详滞留仓库，请在24小时内登录 sf-kuaidi-help.top/c 更新地址",
    ),
    ("10698800002", "[顺风]您的包裹地址有误，请点击 sf-kuaidi-help.top/c 补缴运费0.3元"),
    ("17000001111", "您好，我是平台客服，您购买的商品质量有问题，双倍退款，请加QQ 1029384756 办理"),
    ("+85299990000", "这里是公安局，您名下账户涉嫌洗钱，请将资金转入安全账户核查，不得告诉他人"),
)
_SPAM = (
    ("10650000088", "新楼盘开盘在即，地铁口三房首付20万起，电话 17000002222"),
    ("10650000088", "小额贷款当天放款，不看征信，联系 17000002222"),
)


def chapter(*, seed: int, now: datetime, staff: Mapping[str, Actor]) -> None:
    """People report a spam message now and then."""
    chance = random.Random(seed)  # noqa: S311 (no secret)
    all_pseudonyms = list(pseudonyms())
    people = chance.sample(all_pseudonyms, min(len(all_pseudonyms), _PEOPLE))
    for day in range(DAYS, 0, -1):
        at = now - timedelta(days=day, hours=chance.randint(1, 9))
        if people and chance.random() < 0.4:
            sender, text = chance.choice(_SPAM)
            _report(chance.choice(people), sender, text, f"demo:{day}", at)


def _report(subscriber: str, number: str, text: str, key: str, at: datetime) -> None:
    try:
        report(
            NewReport(
                key=key,
                thing=ReportedThing.MESSAGE,
                channel="app",
                number=number,
                text=text,
                subscriber=subscriber,
                proven=True,
            ),
            now=at,
        )
    except UnableToReportMore:
        return
