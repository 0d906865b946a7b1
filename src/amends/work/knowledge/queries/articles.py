"""Articles as readers see them: found, filled with the figures of today."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Q, QuerySet
from django.utils import timezone

from amends.platform.database.once_per_request import once_per_request
from amends.platform.kit.placeholders import fill_placeholders, placeholders_in
from amends.platform.registry import PublishedText
from amends.work.knowledge.choices import Audience, VersionState
from amends.work.knowledge.models import ArticleVersion
from amends.work.knowledge.queries.fact_values import fact_values
from amends.work.knowledge.queries.index import READABLE, published_index
from amends.work.knowledge.rules.markdown import plain_text

MOST_LETTERS = 500
"""Longer questions are cut to this length."""

EXCERPT_LETTERS = 160


@dataclass(frozen=True, slots=True)
class FilledArticle:
    """A published article in one language with its placeholders filled.

    text   Markdown
    facts  value of each placeholder
    """

    article: str
    language: str
    version: int
    category: str
    audience: str
    title: str
    text: str
    published_at: datetime
    review_date: date
    facts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FoundArticle:
    """An article found for a question; score from 0 to about 2; how it begins."""

    article: str
    language: str
    title: str
    score: float
    excerpt: str = ""


def search(
    text: str,
    language: str = "",
    *,
    audience: str = Audience.PUBLIC,
    brand: str = "",
    limit: int = 3,
) -> list[FoundArticle]:
    """Published articles that answer a question, the best first.

    language  of the reader, which is preferred; "" for that of the question
    audience  who reads: `public`, `partner` or `desk`
    An article is left out while a fact it names is missing, such as the price of a stopped offer.
    """
    question = text[:MOST_LETTERS]
    if not question.strip():
        return []
    published = published_index()
    if published is None:
        titled = published_versions(audience, brand).filter(title__icontains=question.strip())
        hits = [(row, 1.0) for row in titled[: limit * 3]]
    else:
        hits = published.search(
            question, language=language, audience=audience, brand=brand, limit=limit * 3
        )
    found_articles: list[FoundArticle] = []
    for row, score in hits:
        filled_article = _filled(row)
        if filled_article is not None and len(found_articles) < limit:
            found_articles.append(
                FoundArticle(
                    article=filled_article.article,
                    language=filled_article.language,
                    title=filled_article.title,
                    score=score,
                    excerpt=plain_text(filled_article.text, longest=EXCERPT_LETTERS),
                )
            )
    return found_articles


def filled(
    article: str,
    language: str,
    *,
    audience: str = Audience.PUBLIC,
    brand: str = "",
    now: datetime | None = None,
) -> FilledArticle | None:
    """The published article in a language, else in the other; None where there is none to read.

    None as well while a fact it names is missing: a stopped offer is answered about no more.
    """
    rows = _published_versions(article, audience, brand)
    own = language.lower()[:2]
    for row in sorted(rows, key=lambda version_row: version_row.language != own):
        return _filled(row, now=now)
    return None


def answer(
    article: str,
    language: str,
    *,
    audience: str = Audience.PUBLIC,
    brand: str = "",
    longest: int | None = None,
) -> str:
    """The filled text of an article for a message, without Markdown; "" where there is none.

    longest  characters; what is cut off ends at a sentence
    """
    filled_article = filled(article, language, audience=audience, brand=brand)
    return plain_text(filled_article.text, longest=longest) if filled_article else ""


def in_language(rows: Iterable[ArticleVersion], language: str) -> list[ArticleVersion]:
    """One version of each article, in a language where it is written in it."""
    own = language.lower()[:2]
    chosen: dict[str, ArticleVersion] = {}
    for row in rows:
        if row.article_id not in chosen or row.language == own:
            chosen[row.article_id] = row
    return list(chosen.values())


def filled_each(rows: Iterable[ArticleVersion]) -> list[FilledArticle]:
    """Every version that can be filled today; the facts of all are read together."""
    names_by_row = {row: placeholders_in(f"{row.title}\n{row.text}") for row in rows}
    now = timezone.now()
    names_by_language: dict[str, set[str]] = {}
    for row, names in names_by_row.items():
        names_by_language.setdefault(row.language, set()).update(names)
    values = {
        language: fact_values(names, language, now=now)
        for language, names in names_by_language.items()
    }
    filled_articles = (
        _filled_with(row, names, values[row.language]) for row, names in names_by_row.items()
    )
    return [filled_article for filled_article in filled_articles if filled_article is not None]


def published_texts() -> list[PublishedText]:
    """Texts of articles about offers, for the matrix of offers, facts and channels."""
    published = []
    for filled_article in filled_each(published_versions(Audience.PUBLIC, "")):
        names = (
            name.split(".", 1)[1] for name in filled_article.facts if name.startswith("offer.")
        )
        offers = {name.rpartition(".")[0] for name in names}
        if len(offers) == 1:
            published.append(
                PublishedText(
                    key=f"{filled_article.article}/{filled_article.language}",
                    channel="help",
                    language=filled_article.language,
                    text=f"{filled_article.title}\n{filled_article.text}",
                    offer=offers.pop(),
                )
            )
    return published


def _filled(row: ArticleVersion, *, now: datetime | None = None) -> FilledArticle | None:
    names = placeholders_in(f"{row.title}\n{row.text}")
    values = fact_values(names, row.language, now=now or timezone.now())
    return _filled_with(row, names, values)


def _filled_with(
    row: ArticleVersion, names: Iterable[str], known_values: Mapping[str, str]
) -> FilledArticle | None:
    values = {name: known_values[name] for name in names if name in known_values}
    if set(names) - set(values):
        return None
    article = row.article
    return FilledArticle(
        article=article.slug,
        language=row.language,
        version=row.version,
        category=article.category,
        audience=article.audience,
        title=fill_placeholders(row.title, values),
        text=fill_placeholders(row.text, values),
        published_at=row.published_at or row.written_at,
        review_date=article.review_date,
        facts=values,
    )


@once_per_request
def _published_versions(article: str, audience: str, brand: str) -> list[ArticleVersion]:
    return list(published_versions(audience, brand).filter(article=article))


def published_versions(audience: str, brand: str) -> QuerySet[ArticleVersion]:
    """Published versions that a reader may see, by article and language."""
    brands = Q(article__brand="") | Q(article__brand=brand)
    return (
        ArticleVersion.objects.filter(
            brands if brand else Q(),
            state=VersionState.PUBLISHED,
            article__retired_at=None,
            article__audience__in=READABLE[Audience(audience)],
        )
        .select_related("article")
        .order_by("article", "language")
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleAnswer:
    """An article that answers a question; `text` is plain, its figures those of today.

    score  from 0 to about 2
    """

    article: str
    language: str
    title: str
    text: str
    score: float


def articles_answering(
    text: str, language: str, *, audience: str = "public", brand: str = "", limit: int = 3
) -> list[ArticleAnswer]:
    """Articles that answer a question, the best first, with their filled texts."""
    return [
        ArticleAnswer(
            article=match.article,
            language=match.language,
            title=match.title,
            text=answer(match.article, match.language, audience=audience, brand=brand),
            score=match.score,
        )
        for match in search(text, language, audience=audience, brand=brand, limit=limit)
    ]
