"""With many articles, lists have pages and the search index comes from a job."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from django.utils import timezone

from amends.work.knowledge.choices import VersionState
from amends.work.knowledge.jobs.upkeep import build_search_index
from amends.work.knowledge.models import (
    ArticleVersion,
    BuiltSearchIndex,
    HelpArticle,
    KnowledgeChange,
)
from amends.work.knowledge.queries import index, search
from amends.work.knowledge.queries.help_centre import A_PAGE, IN_CATEGORY
from tests.pages.conftest import colleague, signed_in

pytestmark = pytest.mark.django_db

MANY = 120
REVIEW = date(2027, 1, 1)


def write(count: int, *, state: str = VersionState.PUBLISHED, prefix: str = "roaming") -> None:
    """Articles about roaming in one country each."""
    articles = [
        HelpArticle(slug=f"{prefix}-{n:03}", category="roaming", review_date=REVIEW)
        for n in range(count)
    ]
    HelpArticle.objects.bulk_create(articles)
    ArticleVersion.objects.bulk_create(
        ArticleVersion(
            article=article,
            language="en",
            version=1,
            title=f"Roaming in country {article.slug}",
            text="Switch data roaming on in the settings of your phone.",
            state=state,
            written_by="usr-manager",
            written_at=timezone.now(),
        )
        for article in articles
    )
    KnowledgeChange.objects.create(at=timezone.now())


@pytest.fixture
def reader() -> Client:
    client = Client()
    client.cookies["amends_language"] = "en"
    return client


@pytest.fixture
def job_builds(monkeypatch: pytest.MonkeyPatch) -> None:
    """However few articles there are, the job builds their index."""
    monkeypatch.setattr(index, "BUILT_AT_ONCE", 0)
    monkeypatch.setattr("amends.work.knowledge.actions.build_index.BUILT_AT_ONCE", 0)
    monkeypatch.setattr(index, "_current", None)


def test_the_help_centre_shows_the_first_articles_and_leads_to_all(reader: Client) -> None:
    write(MANY)
    page = reader.get("/help/").content.decode()
    assert page.count("Roaming in country") == IN_CATEGORY
    assert f"All {MANY} articles: Roaming" in page
    last = reader.get(f"/help/?category=roaming&page={1 + (MANY - 1) // A_PAGE}").content.decode()
    assert last.count("Roaming in country") == MANY % A_PAGE
    assert "Page 3 of 3" in last
    assert reader.get("/help/?category=zebra").status_code == 404


def test_the_list_of_the_desk_has_pages_and_counts_every_article() -> None:
    write(MANY)
    write(3, state=VersionState.DRAFT, prefix="draft")
    client = signed_in(colleague("zhao", "manager"))
    page = client.get("/desk/knowledge/")
    assert len(page.context["rows"]) == A_PAGE
    assert page.context["total"] == MANY + 3
    assert 'rel="next" href="?page=2"' in page.content.decode()
    drafts = client.get("/desk/knowledge/?state=draft")
    assert [row.article for row, _category, _languages in drafts.context["rows"]] == [
        "draft-000",
        "draft-001",
        "draft-002",
    ]


def test_a_search_loads_the_index_that_the_job_built(
    job_builds: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(3)
    assert search("how do I switch on data roaming", "en") == []
    assert [hit.article for hit in search("Roaming in country roaming-001", "en")] == [
        "roaming-001"
    ], "until the job has run, titles are searched"
    assert build_search_index(timezone.now()) == 3
    assert build_search_index(timezone.now()) == 0, "nothing changed"
    with monkeypatch.context() as patch:
        patch.setattr(index, "built_index", None)
        hits = search("how do I switch on data roaming", "en")
    assert {hit.article for hit in hits} == {"roaming-000", "roaming-001", "roaming-002"}


def test_a_withdrawn_article_is_not_found_before_the_index_is_built_anew(job_builds: None) -> None:
    write(2)
    build_search_index(timezone.now())
    HelpArticle.objects.filter(slug="roaming-000").update(retired_at=timezone.now())
    KnowledgeChange.objects.create(at=timezone.now())
    hits = search("how do I switch on data roaming", "en")
    assert [hit.article for hit in hits] == ["roaming-001"]
    assert build_search_index(timezone.now()) == 1
    assert BuiltSearchIndex.objects.count() == 1


def test_a_stored_index_answers_as_the_one_that_was_built(job_builds: None) -> None:
    write(20)
    built = index.built_index("change")
    stored = BuiltSearchIndex(change="change", columns=index.packed(built))
    loaded = index.unpacked(stored)
    for question in ("roaming in country 007", "手机在国外怎么上网", "data", "nothing of this"):
        hits = [
            published.search(question, language="en", audience="public", brand="", limit=5)
            for published in (built, loaded)
        ]
        assert hits[0] == hits[1]
