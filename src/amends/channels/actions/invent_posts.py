"""Accounts and posts for the demonstration; the channel stays in its sandbox."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

from amends.channels.actions.take_posts import stored_post, take_in
from amends.channels.social.connector import FoundPost, PostChange
from amends.channels.social.models import SocialPost
from amends.channels.social.settings import PlatformAccount, social_settings

_FILE = """# Written by the demonstration. Nothing is sent: there is no `send = true`.
[[accounts]]
name = "weibo"
platform = "weibo"
account_id = "2000000001"
handle = "@蓝天电信客服"
url = "https://api.weibo.com"
business_url = "https://c.api.weibo.com"
messages_url = "https://m.api.weibo.com"
ip = "203.0.113.5"
token_file = "social-demo.token"

[[accounts]]
name = "square"
platform = "webhook"
account_id = "7000"
handle = "@Lantian Telecom"
secret_file = "social-demo.token"
url = "https://gateway.example/answers"
"""
_TOKEN = "demonstration-only-not-a-token"  # noqa: S105 (opens nothing)
_ASKED = (
    ("@蓝天电信客服 充100送50的活动，送的钱怎么没到账？", "zh"),
    ("@蓝天电信客服 充值送话费说好立即到账，等了三天了", "zh"),
    ("充了200，短信说送100，话费里根本没有 @蓝天电信客服", "zh"),
    ("@蓝天电信客服 充值活动送的话费要分12个月？宣传里可没写", "zh"),
    ("有人知道充值活动送的钱能抵套餐费吗 @蓝天电信客服", "zh"),
    ("@Lantian Telecom I topped up 100 for the campaign, where is my bonus?", "en"),
    ("@Lantian Telecom is the top-up bonus paid at once or over months?", "en"),
)


@dataclass(frozen=True, slots=True)
class DemoPosts:
    """The posts that colleagues work on in the demonstration."""

    answered: SocialPost
    proposed: SocialPost
    complained: SocialPost


def write_accounts() -> bool:
    """Write the accounts into the data directory; False where the installation has accounts."""
    if social_settings().accounts:
        return False
    folder = Path(settings.DATA_DIR)
    (folder / "social-demo.token").write_text(_TOKEN, encoding="utf-8")
    (folder / "social.toml").write_text(_FILE, encoding="utf-8")
    return True


def posts_of_campaign(*, seed: int, now: datetime, days: int = 9) -> DemoPosts:
    """Questions about the recharge campaign, more every day: before anyone complains of it."""
    chance, accounts = random.Random(seed), social_settings().accounts  # noqa: S311 (no secret)
    number = 0
    for day in range(days, 0, -1):
        for _post in range(1 + (days - day) // 2):
            number += 1
            text, language = _ASKED[number % len(_ASKED)]
            account = accounts["weibo" if language == "zh" else "square"]
            at = now - timedelta(days=day, minutes=chance.randint(0, 600))
            _take(account, [_post_of(number, text, at)])
    weibo = accounts["weibo"]
    at = now - timedelta(hours=3)
    fake = _post_of(900, "充值活动补偿登记，私信我领取", at, name="蓝天电信客服中心")
    private = _post_of(901, "充值活动少给了我50元，请查一下", at, kind="private")
    edited, gone = _post_of(902, "充值送的钱没有到", at), _post_of(903, "骗人的充值活动", at)
    _take(weibo, [fake, private, edited, gone])
    changes = [
        PostChange(id="demo-902", text="充值送的钱到了，谢谢客服", at=now - timedelta(hours=1)),
        PostChange(id="demo-903", deleted=True, at=now - timedelta(hours=1)),
    ]
    take_in(weibo, [], changes, now=now)
    worked_on = [stored_post(weibo, f"demo-{post_number}") for post_number in (1, 2, 3)]
    answered, proposed, complained = (stored for stored in worked_on if stored is not None)
    return DemoPosts(answered, proposed, complained)


def _take(account: PlatformAccount, posts: Sequence[FoundPost]) -> None:
    for post in posts:
        take_in(account, [post], now=post.posted_at + timedelta(minutes=4))


def _post_of(
    number: int, text: str, at: datetime, *, name: str = "", kind: str = "mention"
) -> FoundPost:
    return FoundPost(
        id=f"demo-{number}",
        author_id=f"demo-author-{number % 23}",
        author_name=name or f"网友{number % 23}",
        text=text,
        posted_at=at,
        kind=kind,  # type: ignore[arg-type]
    )
