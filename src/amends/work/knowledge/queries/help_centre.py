"""Lists of the help centre: categories with their articles, and how they are rated."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from amends.work.knowledge.choices import ArticleCategory, Audience, VersionState
from amends.work.knowledge.models import ArticleRating, ArticleReading, ArticleVersion, HelpArticle
from amends.work.knowledge.queries.articles import filled_each, in_language, published_versions
from amends.work.knowledge.queries.index import READABLE

IN_CATEGORY = 12
"""Articles of each category on the first page of the help centre."""

A_PAGE = 50
"""Articles of one category on a page."""


@dataclass(frozen=True, slots=True)
class ListedArticle:
    """An article in a list."""

    article: str
    title: str
    category: str


@dataclass(frozen=True, slots=True)
class ArticleReadBefore:
    """An article read before a complaint."""

    article: str
    title: str
    read_at: object


@dataclass(frozen=True, slots=True)
class ListedCategory:
    """A category with its first articles; `total` counts all of them."""

    category: ArticleCategory
    articles: list[ListedArticle]
    total: int

    @property
    def has_more(self) -> bool:
        """Whether there are more articles than the first ones."""
        return self.total > len(self.articles)


def categories(
    language: str, *, audience: str = Audience.PUBLIC, brand: str = ""
) -> list[ListedCategory]:
    """Each category that has articles, with the first `IN_CATEGORY` in the reader's language."""
    of_category = {"partition_by": "category"}
    ranked = _readable(audience, brand).annotate(
        place=Window(RowNumber(), order_by="slug", **of_category),
        total=Window(Count("slug"), **of_category),
    )
    first = ranked.filter(place__lte=IN_CATEGORY).order_by("category", "slug")
    totals: dict[str, int] = {}
    slugs: list[str] = []
    for slug, category, total in first.values_list("slug", "category", "total"):
        slugs.append(slug)
        totals[category] = total
    articles_by_category: dict[str, list[ListedArticle]] = defaultdict(list)
    for listed in _listed(slugs, language, audience, brand):
        articles_by_category[listed.category].append(listed)
    return [
        ListedCategory(category, articles_by_category[category], totals[category])
        for category in ArticleCategory
        if articles_by_category[category]
    ]


def category_page(
    category: ArticleCategory,
    language: str,
    page: str,
    *,
    audience: str = Audience.PUBLIC,
    brand: str = "",
) -> tuple[Page[HelpArticle], list[ListedArticle]]:
    """One page of the articles of a category, `A_PAGE` each.

    page  its number as the address has it; "" for the first
    """
    rows = _readable(audience, brand).filter(category=category).order_by("slug")
    paged = Paginator(rows, A_PAGE).get_page(page)
    return paged, _listed([row.slug for row in paged], language, audience, brand)


def _readable(audience: str, brand: str) -> QuerySet[HelpArticle]:
    published = ArticleVersion.objects.filter(article=OuterRef("pk"), state=VersionState.PUBLISHED)
    rows = HelpArticle.objects.filter(
        Exists(published), retired_at=None, audience__in=READABLE[Audience(audience)]
    )
    return rows.filter(brand__in=("", brand)) if brand else rows


def _listed(slugs: list[str], language: str, audience: str, brand: str) -> list[ListedArticle]:
    """These articles in the reader's language, without those that lack a fact today."""
    rows = published_versions(audience, brand).filter(article__in=slugs)
    return [
        ListedArticle(filled_article.article, filled_article.title, filled_article.category)
        for filled_article in filled_each(in_language(rows, language))
    ]


def read_before(complaint: str, language: str) -> list[ArticleReadBefore]:
    """Articles read in the help centre before a complaint, in order."""
    rows = list(ArticleReading.objects.filter(complaint=complaint).select_related("article"))
    published = published_versions(Audience.DESK, "").filter(
        article__in={row.article_id for row in rows}
    )
    titles = {(row.article_id, row.language): row.title for row in published} if rows else {}
    return [
        ArticleReadBefore(
            row.article_id,
            titles.get((row.article_id, language))
            or titles.get((row.article_id, row.language), row.article_id),
            row.read_at,
        )
        for row in rows
    ]


def ratings(articles: Iterable[str]) -> dict[str, tuple[int, int]]:
    """How often each of some articles helped, and how often not."""
    rated = ArticleRating.objects.filter(article__in=list(articles))
    rows = rated.values("article").annotate(
        yes=Count("pk", filter=Q(helped=True)), no=Count("pk", filter=Q(helped=False))
    )
    return {row["article"]: (row["yes"], row["no"]) for row in rows.order_by("article")}
