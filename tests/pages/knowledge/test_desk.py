"""Pages of the desk: write in both languages, publish, findings, questions, suggestions."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from amends.channels.models import OutboxMessage
from amends.platform.kit.actors import system
from amends.work.casework.choices import ComposerMode
from amends.work.casework.queries.kinds import CaseSummary
from amends.work.casework.queries.modules import text_modules_for
from amends.work.knowledge.actions.findings import check_articles, mark_changed_facts
from amends.work.knowledge.actions.participate import answer_question, ask, suggest, vote
from amends.work.knowledge.actions.write import ArticleDraft, publish_article, save_article
from amends.work.knowledge.models import (
    ArticleVersion,
    HelpArticle,
    IdeaVote,
    ImprovementIdea,
    KnowledgeChange,
    KnowledgeFinding,
    PublicAnswer,
    PublicQuestion,
)
from tests.pages.conftest import colleague, signed_in
from tests.second_person import approve_waiting

pytestmark = pytest.mark.django_db

ARTICLE = {
    "slug": "answer-time",
    "category": "complaints",
    "audience": "public",
    "review_date": "2027-06-01",
    "title_zh": "多久答复",
    "text_zh": "我们在{rule.cn.answer}内答复。",
    "title_en": "When we answer",
    "text_en": "We answer within {rule.cn.answer}.",
}


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_an_article_is_written_read_over_and_published(language: str) -> None:
    manager = signed_in(colleague("li.na", "manager"), language)
    assert manager.get("/desk/knowledge/").status_code == 200
    assert "rule.cn.answer" in manager.get("/desk/knowledge/new/").content.decode()
    preview = manager.post("/desk/knowledge/preview/", ARTICLE).content.decode()
    assert "15" in preview
    assert manager.post("/desk/knowledge/new/", ARTICLE).status_code == 302
    assert Client().get("/help/articles/answer-time/").status_code == 404
    page = manager.get("/desk/knowledge/articles/answer-time/").content.decode()
    assert "publish" in page
    manager.post("/desk/knowledge/articles/answer-time/publish/")
    assert Client().get("/help/articles/answer-time/").status_code == 404, "the writer alone"
    second = signed_in(colleague("m.ei", "manager"), language)
    second.post("/desk/knowledge/articles/answer-time/publish/")
    assert Client().get("/help/articles/answer-time/").status_code == 200
    changed = ARTICLE | {"text_en": "We always answer within {rule.cn.answer}."}
    manager.post("/desk/knowledge/articles/answer-time/edit/", changed)
    assert ArticleVersion.objects.filter(language="en").count() == 2
    assert ArticleVersion.objects.filter(language="zh").count() == 1


def test_a_figure_written_by_hand_is_refused_with_its_place_and_placeholder() -> None:
    manager = signed_in(colleague("li.na", "manager"), "en")
    page = manager.post("/desk/knowledge/new/", ARTICLE | {"text_en": "Within 15 days."})
    assert page.status_code == 400
    body = page.content.decode()
    assert "line 1, column 8" in body
    assert "rule.cn.answer" in body


def test_a_handler_reads_and_does_not_write() -> None:
    handler = signed_in(colleague("ho", "handler"), "en")
    assert handler.get("/desk/knowledge/").status_code == 200
    assert handler.post("/desk/knowledge/new/", ARTICLE).status_code == 403
    assert not HelpArticle.objects.exists()


def _publish(slug: str, title: str, text: str) -> None:
    draft = ArticleDraft(
        slug=slug,
        language="en",
        title=title,
        text=text,
        category="complaints",
        review_date=timezone.localdate(),
        imported=True,
    )
    save_article(draft, actor=system("test"), now=timezone.now())
    publish_article(slug, actor=system("test"), now=timezone.now())
    approve_waiting("article", now=timezone.now())


def test_duplicates_and_contradictions_are_findings_until_they_are_corrected() -> None:
    _publish("one", "How long does a refund take", "A refund takes 5 days to reach your card.")
    _publish("two", "How long does a refund take?", "A refund takes 15 days to reach your card.")
    assert check_articles(now=timezone.now()) == 3
    codes = sorted(KnowledgeFinding.objects.values_list("code", flat=True))
    assert codes == ["contradiction", "figure", "figure"]
    manager = signed_in(colleague("li.na", "manager"), "en")
    page = manager.get("/desk/knowledge/findings/").content.decode()
    assert "5 days" in page
    _publish("two", "How long does a refund take?", "A refund reaches your card soon.")
    check_articles(now=timezone.now())
    assert not KnowledgeFinding.objects.filter(code="contradiction").exists()


def test_a_changed_fact_marks_the_article_to_read_again() -> None:
    _publish("one", "When we answer", "Within {rule.cn.answer}.")
    assert mark_changed_facts(now=timezone.now()) == []
    ArticleVersion.objects.update(facts={"rule.cn.answer": "20 calendar days"})
    assert mark_changed_facts(now=timezone.now()) == ["one"]
    assert mark_changed_facts(now=timezone.now()) == []
    manager = signed_in(colleague("li.na", "manager"), "en")
    assert "rule.cn.answer" in manager.get("/desk/knowledge/articles/one/").content.decode()
    manager.post("/desk/knowledge/articles/one/reread/")
    assert HelpArticle.objects.get().reread_since is None


def test_a_question_is_checked_answered_merged_and_the_asker_notified_once() -> None:
    visitor = Client(headers={"accept-language": "en"})
    asked = {"text": "Why was I charged? 13900001234", "email": "a@b.example"}
    assert visitor.post("/help/questions/", asked).status_code == 302
    row = PublicQuestion.objects.get()
    assert "13900001234" not in row.text
    assert "Why was I charged" not in visitor.get("/help/questions/").content.decode()
    manager = signed_in(colleague("li.na", "manager"), "en")
    path = f"/desk/knowledge/questions/{row.ref}/"
    manager.post(path, {"verb": "publish"})
    assert "Why was I charged" in visitor.get("/help/questions/").content.decode()
    visitor.post(
        f"/help/questions/{row.ref}/", {"text": "Same here, <script>x</script> it was a bug"}
    )
    assert "it was a bug" not in visitor.get(f"/help/questions/{row.ref}/").content.decode()
    answer = PublicAnswer.objects.get()
    manager.post(path, {"verb": "publish-answer", "answer": answer.pk})
    body = visitor.get(f"/help/questions/{row.ref}/").content.decode()
    assert "it was a bug" in body
    assert "<script>x" not in body
    assert OutboxMessage.objects.count() == 1
    _publish("one", "Charges", "About charges.")
    manager.post(path, {"verb": "merge", "article": "one"})
    assert visitor.get(f"/help/questions/{row.ref}/")["Location"] == "/help/articles/one/"
    assert OutboxMessage.objects.count() == 1, "the address was deleted after the first answer"


def test_an_unchecked_question_cannot_be_answered_by_users() -> None:
    row = ask("Secret?", "en", now=timezone.now())
    assert Client().post(f"/help/questions/{row.ref}/", {"text": "x"}).status_code == 404
    with pytest.raises(Exception, match="not open"):
        answer_question(row.ref, "x", now=timezone.now())


def test_suggestions_are_voted_on_once_and_end_with_what_came_of_it() -> None:
    idea = suggest(
        "Show data left on the first page", "en", email="a@b.example", now=timezone.now()
    )
    visitor = Client(headers={"accept-language": "en"})
    manager = signed_in(colleague("li.na", "manager"), "en")
    decide = f"/desk/knowledge/ideas/{idea.ref}/"
    manager.post(decide, {"state": "open"})
    for _time in range(2):
        visitor.post(f"/help/ideas/{idea.ref}/vote/")
    assert ImprovementIdea.objects.get().votes == IdeaVote.objects.count() == 1
    assert manager.post(decide, {"state": "done"}).status_code != 302
    manager.post(decide, {"state": "done", "outcome": "It is there since Monday."})
    assert "since Monday" in visitor.get("/help/ideas/").content.decode()
    assert OutboxMessage.objects.count() == 1


def test_twenty_addresses_are_not_twenty_votes() -> None:
    idea = suggest("Show data left on the first page", "en", now=timezone.now())
    signed_in(colleague("li.na", "manager"), "en").post(
        f"/desk/knowledge/ideas/{idea.ref}/", {"state": "open"}
    )
    for number in range(20):
        Client(REMOTE_ADDR=f"203.0.113.{number}").post(f"/help/ideas/{idea.ref}/vote/")
    assert ImprovementIdea.objects.get().votes == 1, "one network"
    for number in range(20):
        Client(REMOTE_ADDR=f"198.51.{number}.7").post(f"/help/ideas/{idea.ref}/vote/")
    assert ImprovementIdea.objects.get().votes == 3, "three at most without a known person"
    for person in ("sub-1", "sub-1", "sub-2"):
        vote(idea.ref, voter=person, is_identified=True, now=timezone.now())
    assert ImprovementIdea.objects.get().votes == 5


def test_a_reply_may_start_from_an_article() -> None:
    _publish("stop", "退订业务怎么办", "在我的业务里停用。")
    case = CaseSummary(
        "complaint", "c1", "A", "彩铃退订不了", "/", "", "", "zh", "", True, timezone.now()
    )
    ArticleVersion.objects.update(language="zh")
    KnowledgeChange.objects.create(at=timezone.now())
    offered = [one.slug for one in text_modules_for(case, ComposerMode.REPLY)]
    assert offered == ["article:stop"]
    assert text_modules_for(case, ComposerMode.NOTE) == []


def test_a_long_number_of_an_answer_is_refused_beside_the_question() -> None:
    row = ask("Why was I charged?", "en", now=timezone.now())
    manager = signed_in(colleague("li.na", "manager"), "en")
    path = f"/desk/knowledge/questions/{row.ref}/"
    manager.post(path, {"verb": "publish"})
    for number in ("9" * 25, "9" * 5000, "x"):
        answer = manager.post(path, {"verb": "publish-answer", "answer": number})
        assert answer.status_code == 400
        assert "Why was I charged?" in answer.content.decode()
    empty = manager.post(path, {"verb": "answer", "text": " "})
    assert empty.status_code == 400
    assert f'id="{row.ref}-text_error"' in empty.content.decode()
    unknown = manager.post(path, {"verb": "merge", "article": "nothing"})
    assert f'id="{row.ref}-article_error"' in unknown.content.decode()


def test_a_decision_without_an_outcome_is_shown_beside_its_field() -> None:
    idea = suggest("Show data left on the first page", "en", now=timezone.now())
    manager = signed_in(colleague("li.na", "manager"), "en")
    page = manager.post(f"/desk/knowledge/ideas/{idea.ref}/", {"state": "done"}).content.decode()
    assert "Write what came of it." in page.partition(f'id="{idea.ref}-outcome_error"')[2][:300]
    assert '<option value="done" selected>' in page
