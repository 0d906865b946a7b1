"""The help centre: starter articles, search, what it remembers and forgets."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from amends.entrances.portals.actions.drafts import words_of
from amends.entrances.portals.models import Draft
from amends.work.knowledge.actions.readers import bind_readings, forget_readings
from amends.work.knowledge.actions.starter import publish_starter, starter_articles
from amends.work.knowledge.models import ArticleRating, ArticleReading, HelpArticle, SearchGap
from amends.work.knowledge.queries import search

pytestmark = pytest.mark.django_db


@pytest.fixture
def starter() -> None:
    """The articles of the Chinese pack."""
    publish_starter(now=timezone.now())


def test_the_starter_articles_name_no_figure_by_hand_and_answer(starter: None) -> None:
    assert HelpArticle.objects.count() == len(starter_articles("cn")) >= 25
    assert publish_starter(now=timezone.now()) == 0
    for language, question, article in (
        ("zh", "彩铃不想要了怎么弄", "stop-service"),
        ("zh", "充200送200的钱怎么没到账", "recharge-offer"),
        ("en", "my phone was stolen", "lost-phone"),
        ("en", "you signed me up for something I never ordered", "service-not-ordered"),
    ):
        assert search(question, language)[0].article == article, question


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_search_read_and_rate(starter: None, language: str) -> None:
    visitor = Client(headers={"accept-language": language})
    assert "/help/articles/complain/" in visitor.get("/help/").content.decode()
    found = visitor.get("/help/", {"q": "投诉多久答复" if language != "en" else "how to complain"})
    assert "/help/articles/complain/" in found.content.decode()
    page = visitor.get("/help/articles/complain/").content.decode()
    assert ("15日" if language != "en" else "15 calendar days") in page
    assert "{rule" not in page
    visitor.post("/help/articles/complain/helped/", {"helped": "yes"})
    assert ArticleRating.objects.get().helped
    assert visitor.get("/help/articles/none/").status_code == 404


@pytest.mark.parametrize("question", ["best restaurant near me", "what is the weather tomorrow"])
def test_a_question_about_something_else_gets_no_titles_but_a_person(
    starter: None, question: str
) -> None:
    page = Client(headers={"accept-language": "en"}).get("/help/", {"q": question})
    answers = page.content.decode().partition("Answers</h2>")[2].partition("</section>")[0]
    assert "/help/articles/" not in answers
    assert 'href="/chat/"' in answers
    assert SearchGap.objects.count() == 1


def test_an_answer_shows_its_beginning(starter: None) -> None:
    page = Client(headers={"accept-language": "en"}).get("/help/", {"q": "my phone was stolen"})
    answers = page.content.decode().partition("Answers</h2>")[2].partition("</section>")[0]
    assert "/help/articles/lost-phone/" in answers
    assert '<p class="soft small" lang="en">' in answers


def test_a_search_without_result_becomes_an_article_to_write(starter: None) -> None:
    for words in ("zzqx 13900001234", "ZZQX  13900001234!"):
        assert Client().get("/help/", {"q": words}).status_code == 200
    gap = SearchGap.objects.get()
    assert gap.times == 2
    assert "13900001234" not in gap.words


def test_suggestions_are_at_most_three_and_store_nothing(starter: None) -> None:
    page = Client().post("/help/suggest/", {"text": "每月扣我10块钱彩铃费，我没有订过"})
    assert 1 <= page.content.decode().count("<li>") <= 3
    assert Client().post("/help/suggest/", {"text": "嗯"}).content == b""
    assert not SearchGap.objects.exists()


def test_what_was_read_is_bound_to_the_complaint_and_otherwise_forgotten(starter: None) -> None:
    reader = Client(headers={"accept-language": "zh-hans"})
    reader.get("/help/articles/stop-service/")
    reader.post("/complain/", {"text": "彩铃退不掉，还在扣费，请处理。"})
    visit = words_of(Draft.objects.get()).help_visit
    assert bind_readings(visit, complaint="cmp-1", now=timezone.now()) == 1
    Client().get("/help/articles/refund/")
    assert forget_readings(now=timezone.now() + timedelta(hours=25)) == 1
    assert [one.complaint for one in ArticleReading.objects.all()] == ["cmp-1"]


def test_a_forged_cookie_is_ignored(starter: None) -> None:
    visitor = Client()
    visitor.cookies["amends_help"] = "vst-somebody"
    visitor.get("/help/articles/refund/")
    assert not ArticleReading.objects.filter(visit="vst-somebody").exists()
