"""Questions about the recharge campaign, before it is complained of.

People ask on the help centre, in the chat and on social media. The real search looks for the
article in both worlds; only with gates on it is shown. How people behave then is assumed, by
chances drawn once for both worlds.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from amends.cases.complaints.actions.intake import Submission
from amends.cases.complaints.actions.receive import receive
from amends.entrances.chats.actions.begin import begin
from amends.entrances.chats.actions.finish import end, solved_alone
from amends.entrances.chats.choices import ChatState
from amends.people.subscribers.queries import pseudonyms
from amends.platform.kit.ids import random_id
from amends.work.knowledge.actions.readers import bind_readings, rate, record_reading
from amends.work.knowledge.queries import articles_answering, search

ARTICLE = "recharge-offer"
"""The article that answers: one of those a new installation begins with."""
DAYS = 9
CHANNELS = ("help", "chat", "social")
COMPLAIN, COMPLAIN_ANSWERED = 0.5, 0.15
"""Shares of those who asked that complain: without the right article, and after reading it."""
LEAST_PEOPLE, MOST_PEOPLE = 24, 80
_PATIENCE_H = 20.0
_QUESTIONS = (
    ("zh", "充100送50，那50块到底哪天给我？"),
    ("zh", "充值返的钱怎么是一个月一个月给的"),
    ("zh", "参加了充值有礼，换成便宜的套餐还送不送"),
    ("zh", "充值活动的钱能退吗，不想参加了"),
    ("zh", "说好的充话费送话费，余额里没看到"),
    ("zh", "充值优惠是不是要在网满一年"),
    ("zh", "营业员帮我办了充值活动，我都不知道"),
    ("zh", "送的话费可以拿来交宽带费吗"),
    ("en", "I recharged 100, where are my extra 50?"),
    ("en", "how long until the top-up bonus shows up"),
    ("en", "Can I switch plans and still get the recharge bonus?"),
    ("en", "somebody signed me up for a top up promotion I never wanted"),
)
_COMPLAINTS = {
    "zh": "我参加充值送话费活动，说好送的钱没有按宣传的到账，要求按当时的宣传补给我。",
    "en": "I joined the recharge promotion and the bonus was not paid as advertised. Pay it.",
}


@dataclass(frozen=True, slots=True)
class CampaignAnswered:
    """Outcome of the questions about the campaign.

    asked, found              questions; those for which the right article came first, in all
                              and by channel
    shown                     people who were shown it
    complaints                people who complained; without: of the same world without gates
    asked_before_complaint_h  hours from the first question to the first complaint; None for none
    """

    asked: int
    found: int
    by_channel: dict[str, dict[str, int]]
    shown: int
    complaints: int
    complaints_without: int
    asked_before_complaint_h: float | None
    gates: bool

    def as_dict(self) -> dict[str, Any]:
        """The part of the demonstration's document about the campaign."""
        return {"recharge_campaign": asdict(self)}


@dataclass(frozen=True, slots=True)
class _Asker:
    number: int
    person: str
    channel: str
    language: str
    question: str
    at: datetime
    patience: timedelta
    chance: float


def answer_campaign(*, seed: int, now: datetime, gates: bool) -> CampaignAnswered:
    """Play the nine days of questions; with `gates` who asks is shown the article found."""
    askers = _askers(seed, now)
    by_channel = {channel: {"asked": 0, "found": 0} for channel in CHANNELS}
    shown_count = without = 0
    complained_at: list[datetime] = []
    for asker in askers:
        has_article = _is_found(asker)
        by_channel[asker.channel]["asked"] += 1
        by_channel[asker.channel]["found"] += has_article
        without += asker.chance < COMPLAIN
        answered = gates and has_article
        shown_count += answered
        complains = asker.chance < (COMPLAIN_ANSWERED if answered else COMPLAIN)
        visit = _show(asker, helped=not complains) if answered else ""
        complaint_at = asker.at + asker.patience
        if complains:
            complained_at.append(complaint_at)
            bind_readings(visit, complaint=_complain(asker, complaint_at), now=complaint_at)
    first_h = None
    if complained_at:
        lead = min(complained_at) - askers[0].at
        first_h = round(lead.total_seconds() / 3600, 1)
    return CampaignAnswered(
        asked=len(askers),
        found=sum(channel_counts["found"] for channel_counts in by_channel.values()),
        by_channel=by_channel,
        shown=shown_count,
        complaints=len(complained_at),
        complaints_without=without,
        asked_before_complaint_h=first_h,
        gates=gates,
    )


def _askers(seed: int, now: datetime) -> Sequence[_Asker]:
    """The people with their questions, in order of time."""
    chance = random.Random(f"recharge-{seed}")  # noqa: S311 (no secret)
    everybody = sorted(pseudonyms())
    wanted = min(MOST_PEOPLE, max(LEAST_PEOPLE, len(everybody) // 50))
    people = chance.sample(everybody, min(wanted, len(everybody)))
    askers = []
    for number, person in enumerate(people):
        language, question = _QUESTIONS[number % len(_QUESTIONS)]
        askers.append(
            _Asker(
                number=number,
                person=person,
                channel=chance.choice(CHANNELS),
                language=language,
                question=question,
                at=now - timedelta(days=2 + (DAYS - 2) * chance.random()),
                patience=timedelta(hours=min(40, 1 + chance.expovariate(1 / _PATIENCE_H))),
                chance=chance.random(),
            )
        )
    return sorted(askers, key=lambda asker: asker.at)


def _is_found(asker: _Asker) -> bool:
    """Whether the right article comes first in the search of that channel."""
    if asker.channel == "social":
        answers = articles_answering(asker.question, asker.language)
        return bool(answers) and answers[0].article == ARTICLE
    hits = search(asker.question, asker.language)
    return bool(hits) and hits[0].article == ARTICLE


def _show(asker: _Asker, *, helped: bool) -> str:
    """Show the article on the channel; the visit that read it, where the channel has visits."""
    if asker.channel == "help":
        visit = random_id("vst")
        record_reading(ARTICLE, asker.language, visit=visit, now=asker.at)
        rate(ARTICLE, asker.language, helped=helped, now=asker.at)
        return visit
    if asker.channel == "chat":
        key = f"demo-recharge-{asker.number}"
        chat = begin(text=asker.question, language=asker.language, key=key, now=asker.at)
        finish = solved_alone if helped and chat.state == ChatState.OFFERED else end
        finish(chat.id, now=asker.at + timedelta(minutes=1))
    return ""


def _complain(asker: _Asker, at: datetime) -> str:
    receipt = receive(
        Submission(
            channel="app",
            key=f"demo:recharge:{asker.number}",
            text=_COMPLAINTS[asker.language],
            received_at=at,
            subscriber=asker.person,
            identity="operator_login",
            language=asker.language,
        ),
        now=at,
    )
    return receipt.complaint
