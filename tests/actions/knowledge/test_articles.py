"""Articles: written, published, found and filled with the facts of today."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from pytest_django import DjangoAssertNumQueries
from tests.second_person import approve_waiting

from amends.platform.kit.actors import Actor
from amends.record.catalogue.actions.freeze import freeze
from amends.record.catalogue.actions.publish_offers import NewOffer, publish_offers
from amends.work.knowledge.actions.write import (
    ArticleDraft,
    UnableToActOnKnowledge,
    UnableToSaveArticle,
    publish_article,
    retire_article,
    save_article,
)
from amends.work.knowledge.queries import answer, filled, search
from amends.work.knowledge.queries.fact_values import known_facts

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 27, 2, 0, tzinfo=UTC)
MANAGER = Actor("user", "usr-manager", ("manager",))
HANDLER = Actor("user", "usr-handler", ("handler",))


def draft(slug: str = "complaint-answer", language: str = "zh", **changed: object) -> ArticleDraft:
    """An article about when a complaint is answered."""
    given = {
        "title": "投诉多久有答复",
        "text": "您提交投诉后，我们在{rule.cn.answer}内答复。",
        "category": "complaints",
        "review_date": date(2027, 6, 1),
    }
    return ArticleDraft(slug=slug, language=language, **{**given, **changed})  # type: ignore[arg-type]


def publish(*drafts: ArticleDraft) -> None:
    """Save drafts of one article and publish it."""
    for one in drafts:
        save_article(one, actor=MANAGER, now=NOW)
    publish_article(drafts[0].slug, actor=MANAGER, now=NOW)
    approve_waiting("article", now=NOW)


def test_a_published_article_is_found_and_says_what_the_rule_says() -> None:
    publish(draft())
    assert [one.article for one in search("投诉了几天能回复我", "zh")] == ["complaint-answer"]
    found = filled("complaint-answer", "zh", now=NOW)
    assert found is not None
    assert found.text == "您提交投诉后，我们在15日内答复。"
    assert answer("complaint-answer", "en").startswith("您提交投诉后")


def test_a_draft_is_not_found() -> None:
    save_article(draft(), actor=MANAGER, now=NOW)
    assert search("投诉了几天能回复我", "zh") == []


def test_what_is_written_for_staff_never_reaches_the_public() -> None:
    publish(draft(audience="desk"))
    assert search("投诉了几天能回复我", "zh") == []
    assert filled("complaint-answer", "zh") is None
    assert [one.article for one in search("投诉答复", "zh", audience="desk")] == [
        "complaint-answer"
    ]


def test_a_withdrawn_article_disappears_at_once() -> None:
    publish(draft())
    assert search("投诉答复", "zh")
    retire_article("complaint-answer", actor=MANAGER, now=NOW)
    assert search("投诉答复", "zh") == []


def test_an_unknown_placeholder_is_refused() -> None:
    with pytest.raises(UnableToSaveArticle):
        save_article(draft(text="每月{offer.NOSUCH.price}"), actor=MANAGER, now=NOW)


def test_a_handler_may_not_write() -> None:
    with pytest.raises(UnableToActOnKnowledge):
        save_article(draft(), actor=HANDLER, now=NOW)


def test_one_author_does_not_open_a_published_article_to_more_readers() -> None:
    publish(draft(audience="desk"))
    with pytest.raises(UnableToSaveArticle, match="fewer readers"):
        save_article(draft(audience="public"), actor=MANAGER, now=NOW)
    assert filled("complaint-answer", "zh") is None
    save_article(draft(slug="narrower", audience="public"), actor=MANAGER, now=NOW)
    save_article(draft(slug="narrower", audience="desk"), actor=MANAGER, now=NOW)

    retire_article("complaint-answer", actor=MANAGER, now=NOW)
    save_article(draft(audience="public"), actor=MANAGER, now=NOW)
    assert filled("complaint-answer", "zh") is None
    publish_article("complaint-answer", actor=MANAGER, now=NOW)
    approve_waiting("article", now=NOW)
    assert filled("complaint-answer", "zh") is not None


def test_values_of_all_offers_are_read_at_once_and_a_frozen_one_has_none(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    publish_offers(
        [
            NewOffer(
                f"plan-{number}", "1", "plan", f"套餐{number}", f"Plan {number}", 1900, "CNY", NOW
            )
            for number in range(30)
        ]
    )
    freeze("offer", "plan-7", cause="launch:7", reason="stopped", by="usr-manager", now=NOW)
    with django_assert_max_num_queries(8):
        values = known_facts("en", now=NOW)
    assert values["offer.plan-8.name"] == "Plan 8"
    assert "19" in values["offer.plan-8.price"]
    assert not any(name.startswith("offer.plan-7.") for name in values)
