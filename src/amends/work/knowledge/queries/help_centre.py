"""Lists of the help centre: categories with their articles, and how they are rated."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Count, Q

from amends.work.knowledge.choices import ArticleCategory, Audience
from amends.work.knowledge.models import ArticleRating, ArticleReading
from amends.work.knowledge.queries.articles import filled_many
from amends.work.knowledge.queries.index import published_index


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


def categories(
    language: str, *, audience: str = Audience.PUBLIC, brand: str = ""
) -> list[tuple[ArticleCategory, list[ListedArticle]]]:
    """Each category that has articles, with them in the reader's language."""
    articles_by_category: dict[str, list[ListedArticle]] = defaultdict(list)
    readable = published_index().readable(audience, brand)
    for filled_article in filled_many(readable, language):
        articles_by_category[filled_article.category].append(
            ListedArticle(filled_article.article, filled_article.title, filled_article.category)
        )
    return [
        (category, articles_by_category[str(category)])
        for category in ArticleCategory
        if str(category) in articles_by_category
    ]


def read_before(complaint: str, language: str) -> list[ArticleReadBefore]:
    """Articles read in the help centre before a complaint, in order."""
    rows = ArticleReading.objects.filter(complaint=complaint).select_related("article")
    titles = {(row.article_id, row.language): row.title for row in published_index().versions}
    return [
        ArticleReadBefore(
            row.article_id,
            titles.get((row.article_id, language))
            or titles.get((row.article_id, row.language), row.article_id),
            row.read_at,
        )
        for row in rows
    ]


def ratings() -> dict[str, tuple[int, int]]:
    """Article → how often it helped, how often not."""
    rows = ArticleRating.objects.values("article").annotate(
        yes=Count("pk", filter=Q(helped=True)), no=Count("pk", filter=Q(helped=False))
    )
    return {row["article"]: (row["yes"], row["no"]) for row in rows.order_by("article")}
