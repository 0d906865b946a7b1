"""Lists for editors: articles with their state, searches without results, findings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from amends.work.knowledge.choices import ArticleLanguage, SearchGapState, VersionState
from amends.work.knowledge.models import ArticleVersion, HelpArticle, KnowledgeFinding, SearchGap
from amends.work.knowledge.queries.help_centre import ratings


@dataclass(frozen=True, slots=True)
class ArticleSummary:
    """An article as the desk lists it.

    languages  those it is published in
    drafts     languages with a draft that waits
    findings   open ones
    helped, not_helped  how readers rated it
    """

    article: str
    title: str
    category: str
    audience: str
    owner: str
    review_date: date
    is_overdue: bool
    reread_since: datetime | None
    retired: bool
    languages: tuple[str, ...]
    drafts: tuple[str, ...]
    findings: int
    helped: int
    not_helped: int


def visible_articles(brand: str) -> QuerySet[HelpArticle]:
    """The articles that a colleague of a brand may see; "" for every brand."""
    rows = HelpArticle.objects.order_by("category", "slug")
    return rows.filter(brand__in=("", brand)) if brand else rows


def article_summaries(
    language: str, *, brand: str = "", rows: Iterable[HelpArticle] | None = None
) -> list[ArticleSummary]:
    """Articles with their titles in a language, else in the other."""
    listed = (
        visible_articles(brand)
        .annotate(
            open_findings=Count("findings", filter=Q(findings__dismissed_at=None), distinct=True)
        )
        .prefetch_related("versions")
        if rows is None
        else rows
    )
    rated, today = ratings(), timezone.localdate()
    return [_summary(row, language, rated.get(row.slug, (0, 0)), today) for row in listed]


def _summary(
    row: HelpArticle, language: str, rated: tuple[int, int], today: date
) -> ArticleSummary:
    versions = list(row.versions.all())
    published = {
        version.language: version for version in versions if version.state == VersionState.PUBLISHED
    }
    waiting = {
        version.language: version
        for version in versions
        if version.state in (VersionState.DRAFT, VersionState.REVIEW)
    }
    named = {**waiting, **published}
    best = named.get(language) or next(iter(named.values()), None)
    return ArticleSummary(
        article=row.slug,
        title=best.title if best else row.slug,
        category=row.category,
        audience=row.audience,
        owner=row.owner,
        review_date=row.review_date,
        is_overdue=row.review_date < today,
        reread_since=row.reread_since,
        retired=row.retired_at is not None,
        languages=tuple(sorted(published)),
        drafts=tuple(sorted(waiting)),
        findings=getattr(row, "open_findings", 0),
        helped=rated[0],
        not_helped=rated[1],
    )


def newest_versions(slug: str) -> dict[str, ArticleVersion]:
    """Language → the newest version of an article."""
    versions_by_language: dict[str, ArticleVersion] = {}
    for row in ArticleVersion.objects.filter(article=slug).order_by("version"):
        versions_by_language[row.language] = row
    return {
        language: versions_by_language[language]
        for language in ArticleLanguage.values
        if language in versions_by_language
    }


def versions_of(slug: str) -> list[ArticleVersion]:
    """Every version of an article, the newest first."""
    return list(ArticleVersion.objects.filter(article=slug).order_by("-written_at", "-id"))


def gaps(*, state: str = SearchGapState.OPEN, limit: int = 200) -> list[SearchGap]:
    """Searches that found nothing, the most frequent first."""
    return list(SearchGap.objects.filter(state=state)[:limit])


def open_findings(brand: str = "") -> list[KnowledgeFinding]:
    """Findings that wait for the owner of the article."""
    rows = KnowledgeFinding.objects.filter(dismissed_at=None).select_related("article")
    return list(rows.filter(article__brand__in=("", brand)) if brand else rows)
