"""Indicators by channel: the figures agree with the chats, and each has its interval."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from amends.entrances.chats.choices import ChatOutcome, ChatState
from amends.entrances.chats.models import Chat
from amends.platform.kit.actors import Actor
from amends.problems.indicators.queries.channels import channel_figures
from amends.work.knowledge.actions.participate import answer_question, ask, check_question, suggest
from tests.pages.conftest import colleague, complain, signed_in
from tests.shell import amends

pytestmark = pytest.mark.django_db


def chat(outcome: str, *, brand: str = "", answer_s: int = 0, rating: int | None = None) -> None:
    now = timezone.now()
    asked = now - timedelta(hours=2)
    Chat.objects.create(
        language="zh",
        brand=brand,
        state=ChatState.ENDED,
        outcome=outcome,
        began_at=asked,
        visitor_at=asked,
        asked_at=asked if answer_s else None,
        first_answer_at=asked + timedelta(seconds=answer_s) if answer_s else None,
        ended_at=now,
        rating=rating,
    )


def test_each_figure_of_the_chat_with_its_interval() -> None:
    for seconds in (10, 20, 30, 40, 50, 60):
        chat(ChatOutcome.ANSWERED, answer_s=seconds, rating=5)
    chat(ChatOutcome.SOLVED_ALONE, rating=2)
    chat(ChatOutcome.TRANSFERRED)
    today = timezone.localdate()
    found = channel_figures(today - timedelta(days=1), today)
    (row,) = found.channels
    assert (row.channel, row.contacts, row.electronic) == ("chat", 7, True)
    assert row.first_answer is not None
    assert (row.first_answer.median, row.first_answer.low, row.first_answer.high) == (35, 10, 60)
    for share, count, of in (
        (row.transferred, 1, 8),
        (row.solved_alone, 1, 8),
        (row.satisfied, 6, 7),
        (found.electronic, 7, 7),
    ):
        assert share is not None
        assert (share.count, share.of) == (count, of)
        assert share.low < count / of <= share.high


def test_questions_and_suggestions_are_counted() -> None:
    now = timezone.now()
    manager = Actor("user", "lin", ("manager",))
    for number in range(3):
        asked = ask(f"怎么退订业务{number}", "zh", now=now - timedelta(hours=4))
        check_question(asked.ref, publish=number < 2, actor=manager)
        if not number:
            answer_question(asked.ref, "回复TD。", actor=manager, now=now - timedelta(hours=1))
    suggest("首页显示余量", "zh", now=now)
    today = timezone.localdate()
    found = channel_figures(today - timedelta(days=1), today).participation
    assert found.answered is not None
    assert (found.answered.count, found.answered.of) == (1, 2), "a refused question is not counted"
    assert found.first_answer is not None
    assert found.first_answer.median == 3 * 3600
    assert found.decided is not None
    assert (found.decided.count, found.decided.of) == (0, 1)
    assert channel_figures(today, today, brand="south").participation.answered is None


def test_a_brand_has_its_own_figures() -> None:
    chat(ChatOutcome.ANSWERED, brand="north", answer_s=5)
    today = timezone.localdate()
    assert channel_figures(today, today, brand="south").channels == []


@pytest.mark.usefixtures("world")
def test_page_and_command_give_the_same_figures() -> None:
    complain()
    chat(ChatOutcome.ANSWERED, answer_s=90, rating=4)
    day = f"{timezone.localdate():%Y-%m-%d}"
    first = f"{timezone.localdate() - timedelta(days=60):%Y-%m-%d}"
    page = signed_in(colleague("lin", "manager")).get(
        f"/desk/indicators/channels/?since={first}&until={day}"
    )
    assert "Time to first answer" in page.content.decode()
    assert "Suggestions decided" in page.content.decode()
    document = amends("indicators", "channels", "--from", first, "--to", day, "--json").document
    assert {one["channel"] for one in document["channels"]} == {"app", "chat"}
    assert document["channels"][-1]["contacts"] == 1
