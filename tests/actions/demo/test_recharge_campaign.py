"""Questions about the recharge campaign: the article answers, and complaints fall."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from amends.entrances.chats.queries.figures import chat_figures
from amends.people.subscribers.actions.register import NewSubscriber, register
from amends.work.knowledge.actions.starter import publish_starter
from amends_demo.actions.recharge_campaign import CampaignAnswered, answer_campaign

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)


def _play(*, gates: bool, articles: bool = True) -> CampaignAnswered:
    for number in range(60):
        register(NewSubscriber(phone=f"154001{number:05d}"), now=NOW - timedelta(days=90))
    if articles:
        publish_starter(now=NOW - timedelta(days=90))
    return answer_campaign(seed=3, now=NOW, gates=gates)


def test_complaints_fall_by_the_article_found() -> None:
    campaign = _play(gates=True)
    assert campaign.asked == 24
    assert campaign.shown == campaign.found > campaign.asked / 2
    assert 0 < campaign.complaints < campaign.complaints_without
    chats = chat_figures(start=NOW - timedelta(days=10), end=NOW)
    assert chats.solved_alone > 0


def test_without_gates_nobody_is_shown_the_article() -> None:
    campaign = _play(gates=False)
    assert campaign.found > 0
    assert (campaign.shown, campaign.complaints) == (0, campaign.complaints_without)
    assert campaign.asked_before_complaint_h is not None
    assert campaign.asked_before_complaint_h > 0


def test_without_the_article_gates_change_nothing() -> None:
    campaign = _play(gates=True, articles=False)
    assert (campaign.found, campaign.shown) == (0, 0)
    assert campaign.complaints == campaign.complaints_without
