"""Lists for editors: articles with their state, searches without results, findings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet
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
    listed = list(with_summary(visible_articles(brand)) if rows is None else rows)
    rated, today = ratings(row.slug for row in listed), timezone.localdate()
    return [_summary(row, language, rated.get(row.slug, (0, 0)), today) for row in listed]


def with_summary(rows: QuerySet[HelpArticle]) -> QuerySet[HelpArticle]:
    """Articles with the figures and versions that their summaries show, without the texts."""
    versions = ArticleVersion.objects.defer("text", "facts")
    return rows.annotate(
        open_findings=Count("findings", filter=Q(findings__dismissed_at=None), distinct=True)
    ).prefetch_related(Prefetch("versions", versions))


def articles_by_state(today: date) -> dict[str, Q]:
    """State of the list of articles → which articles are in it."""
    waiting = ArticleVersion.objects.filter(
        article=OuterRef("pk"), state__in=(VersionState.DRAFT, VersionState.REVIEW)
    )
    undecided = KnowledgeFinding.objects.filter(article=OuterRef("pk"), dismissed_at=None)
    return {
        "draft": Q(Exists(waiting)),
        "reread": Q(reread_since__isnull=False),
        "overdue": Q(review_date__lt=today),
        "findings": Q(Exists(undecided)),
        "retired": Q(retired_at__isnull=False),
    }


def article_counts(brand: str, today: date) -> dict[str, int]:
    """How many articles are in each state, all of them under "", counted in one statement."""
    states = articles_by_state(today)
    counts = {name: Count("pk", filter=state) for name, state in states.items()}
    counted = visible_articles(brand).order_by().aggregate(total=Count("pk"), **counts)
    return {"": counted["total"]} | {name: counted[name] for name in states}


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
