"""Chapter of the demonstration: the recharge campaign is asked about in chats and at a kiosk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from amends.cases.complaints.actions.intake import Submission
from amends.cases.complaints.actions.receive import receive
from amends.entrances.chats.actions.begin import begin
from amends.entrances.chats.actions.converse import answer, ask_person, write
from amends.entrances.chats.actions.finish import end, give_address, hand_over, rate, solved_alone
from amends.entrances.chats.choices import ChatState
from amends.people.subscribers.queries import pseudonyms
from amends.platform.kit.actors import Actor


@dataclass(frozen=True, slots=True)
class DemoChat:
    """One chat: what the visitor and the handler write in turn, and how it ends.

    ends  alone (an article helped), rated, complaint, active or waiting
    """

    hours_ago: float
    language: str
    turns: Sequence[str]
    ends: str
    rating: int = 0


_CHATS = (
    DemoChat(
        hours_ago=52,
        language="zh",
        turns=(
            "充100送50的活动，送的50什么时候到账？",
            "分5个月到账，每月10元，次月5日前到。",
            "好的，谢谢",
        ),
        ends="rated",
        rating=5,
    ),
    DemoChat(
        hours_ago=47, language="zh", turns=("充值活动送的话费可以抵扣套餐费吗",), ends="alone"
    ),
    DemoChat(
        hours_ago=30,
        language="zh",
        turns=(
            "我充了200，短信说送100，两个月了一分没到",
            "抱歉，我查一下活动规则，请稍等。",
            "活动页面写的是立即到账，你们要说清楚",
        ),
        ends="complaint",
    ),
    DemoChat(
        hours_ago=26,
        language="en",
        turns=(
            "I topped up 100 for the recharge campaign. When do I get the bonus?",
            "It is paid in five parts of 10, by the 5th of each month.",
        ),
        ends="rated",
        rating=3,
    ),
    DemoChat(
        hours_ago=0.3,
        language="zh",
        turns=(
            "参加充值活动会自动续约吗？",
            "不会。活动到期后不续，也不另外收费。",
            "那能提前退出吗？",
        ),
        ends="active",
    ),
    DemoChat(
        hours_ago=0.05,
        language="zh",
        turns=("充值活动的返费这个月没有到账，请帮我看看",),
        ends="waiting",
    ),
    DemoChat(
        hours_ago=0.02,
        language="en",
        turns=("Is the recharge bonus valid for data packs too?",),
        ends="waiting",
    ),
)
_AT_THE_KIOSK = "充值送话费的活动，营业员说马上到账，现在说要分十个月返，我要求按当时说的办。"


def chapter(*, seed: int, now: datetime, staff: Mapping[str, Actor]) -> None:
    """Chats answered by articles, by people, handed over and waiting; one complaint at a kiosk."""
    for number, chat in enumerate(_CHATS):
        _play(number, chat, staff["handler"], now)
    someone = next(iter(pseudonyms()), "")
    receive(
        Submission(
            channel="kiosk",
            key=f"demo:kiosk:{seed}",
            text=_AT_THE_KIOSK,
            received_at=now - timedelta(hours=3),
            subscriber=someone,
            identity="challenge" if someone else "",
            language="zh",
            by="kiosk-1",
        ),
        now=now - timedelta(hours=3),
    )


def _play(number: int, demo_chat: DemoChat, handler: Actor, now: datetime) -> None:
    at = now - timedelta(hours=demo_chat.hours_ago)
    chat = begin(
        text=demo_chat.turns[0], language=demo_chat.language, key=f"demo-{number}-0", now=at
    )
    if demo_chat.ends == "alone" and chat.state == ChatState.OFFERED:
        solved_alone(chat.id, now=at + timedelta(seconds=50))
        return
    if chat.state == ChatState.OFFERED:
        ask_person(chat.id, now=at + timedelta(seconds=20))
    for turn, text in enumerate(demo_chat.turns[1:], start=1):
        then, key = at + timedelta(seconds=45 * turn), f"demo-{number}-{turn}"
        if turn % 2:
            answer(chat.id, text, key=key, actor=handler, now=then)
        else:
            write(chat.id, text, key=key, now=then)
    finished = min(at + timedelta(minutes=6), now)
    if demo_chat.ends == "complaint":
        give_address(chat.id, "chat-visitor@invented.example", now=finished)
        hand_over(chat.id, by=handler.ref, now=finished)
    elif demo_chat.ends in ("rated", "alone"):
        end(chat.id, now=finished)
    if demo_chat.rating:
        rate(chat.id, demo_chat.rating, now=finished)
