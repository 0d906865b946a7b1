"""One voice: letters, chat and kiosk in the matrix, and a stopped offer disappears everywhere."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.utils import timezone
from tests.second_person import approve_waiting

from amends.causes.publicity.actions.register_offers import register_offers
from amends.causes.publicity.queries import channels, matrix
from amends.entrances.chats.actions.begin import begin
from amends.entrances.chats.choices import ChatState
from amends.entrances.selfservice.actions.answer_text import answer_text
from amends.entrances.selfservice.queries import IdentifiedUser, orderable
from amends.people.subscribers.actions.register import NewSubscriber, register
from amends.platform.kit.actors import Actor
from amends.record.catalogue.actions.freeze import freeze
from amends.record.facts.offers.key_facts import KeyFacts
from amends.work.casework.actions.text_modules import save_text_module
from amends.work.knowledge.actions.write import ArticleDraft, publish_article, save_article
from amends.work.knowledge.queries import answer, search

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 27, 2, tzinfo=UTC)
MANAGER = Actor("user", "usr-manager", ("manager",))
OFFER = KeyFacts("tone", "星空彩铃", price=6, kind="value_added", sold_alone=True)


@pytest.fixture(autouse=True)
def _published() -> None:
    """An offer with an article and a letter about it."""
    register_offers([OFFER], actor=MANAGER, now=NOW)
    article = ArticleDraft(
        slug="tone",
        language="zh",
        title="星空彩铃怎么收费",
        text="星空彩铃资费：{offer.tone.price}。",
        category="charges",
        review_date=date(2027, 6, 1),
    )
    save_article(article, actor=MANAGER, now=NOW)
    publish_article("tone", actor=MANAGER, now=NOW)
    approve_waiting("article", now=NOW)


def _letter(text: str) -> None:
    words = {"title": "彩铃资费", "subject": "关于彩铃", "text": text, "mode": "reply"}
    save_text_module("tone", "zh", actor=MANAGER, now=NOW, **words)


def test_letters_and_menus_are_compared_with_the_record() -> None:
    _letter("星空彩铃每月8元。")
    names = channels()
    assert {"help", "letter", "chat", "kiosk"} <= set(names)
    (row,) = [one for one in matrix(names, now=timezone.now()) if one.field == "price"]
    said = dict(zip(names, row.said, strict=True))
    assert said["letter"] == ("8", False)
    assert said["help"] == said["chat"] == said["kiosk"] == ("6", True)
    _letter("星空彩铃每月6元。")
    assert not any(one.differs for one in matrix(names, now=timezone.now()))


def test_a_stopped_offer_disappears_everywhere_at_once() -> None:
    now = timezone.now()
    person = register(NewSubscriber(phone="15400100001"), now=NOW)
    user = IdentifiedUser(person, "kiosk")
    question = "星空彩铃怎么收费"

    def chat_menu(key: str) -> str:
        return answer_text(user, "offers", key=key, now=now)

    assert [one.article for one in search(question, "zh")] == ["tone"]
    assert begin(text=question, language="zh", key="one", now=now).state == ChatState.OFFERED
    assert [one.ref for one in orderable(user, now=now)] == ["tone"]
    assert "星空彩铃" in chat_menu("one")
    freeze("offer", "tone", cause="emergency:1", reason="unasked orders", by="usr", now=now)
    assert search(question, "zh") == []
    assert answer("tone", "zh") == ""
    assert begin(text=question, language="zh", key="two", now=now).state == ChatState.WAITING
    assert orderable(user, now=now) == []
    assert "星空彩铃" not in chat_menu("two")
    assert {"help", "chat", "kiosk"}.isdisjoint(channels())
