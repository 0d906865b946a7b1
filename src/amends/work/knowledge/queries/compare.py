"""Articles compared with each other and with the facts: duplicates, contradictions, figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from amends.work.knowledge.choices import ArticleLanguage, Audience
from amends.work.knowledge.models import ArticleVersion
from amends.work.knowledge.queries.articles import filled_each, published_versions
from amends.work.knowledge.queries.fact_values import known_facts
from amends.work.knowledge.rules.figures import hand_figures
from amends.work.knowledge.rules.search_terms import concepts_on
from amends.work.knowledge.rules.similarity import contradicting_figures, same_subject
from amends.work.knowledge.signals import contradictions_requested


@dataclass(frozen=True, slots=True, kw_only=True)
class ContradictedStatement:
    """A statement of a text that the record of an offer contradicts."""

    key: str
    offer: str
    said: str
    recorded: str


@dataclass(frozen=True, slots=True)
class ArticleFinding:
    """One thing to correct: `other` is what the article disagrees with."""

    article: str
    language: str
    code: str
    other: str
    said: str
    recorded: str


def found_in_articles(*, now: datetime) -> list[ArticleFinding]:
    """Everything that is found in the published articles."""
    rows = list(published_versions(Audience.DESK, ""))
    return [
        *_figures(rows, now),
        *_between_articles(rows),
        *_registered(rows),
    ]


def _figures(rows: Sequence[ArticleVersion], now: datetime) -> Iterator[ArticleFinding]:
    facts = {language: known_facts(language, now=now) for language in ArticleLanguage.values}
    for row in rows:
        for hand_figure in hand_figures(row.text, facts[row.language])[:5]:
            use = ", ".join(f"{{{name}}}" for name in hand_figure.placeholders)
            yield ArticleFinding(
                article=row.article_id,
                language=row.language,
                code="figure",
                other="",
                said=hand_figure.said[:300],
                recorded=use,
            )


def _between_articles(rows: Sequence[ArticleVersion]) -> Iterator[ArticleFinding]:
    for language in ArticleLanguage.values:
        own = [row for row in rows if row.language == language]
        texts = [(row.title, row.text) for row in own]
        for first, second in same_subject(texts, concepts_on(timezone.localdate())):
            version, other_version = own[first], own[second]
            figures = contradicting_figures(version.text, other_version.text)
            code = "contradiction" if figures else "duplicate"
            evidence = ", ".join(figures[0]) if figures else other_version.title
            recorded = ", ".join(figures[1]) if figures else ""
            yield ArticleFinding(
                article=version.article_id,
                language=language,
                code=code,
                other=other_version.article_id,
                said=evidence[:300],
                recorded=recorded[:120],
            )


def _registered(rows: Sequence[ArticleVersion]) -> Iterator[ArticleFinding]:
    """Statements of articles that contradict the catalogue, found by other apps."""
    filled_articles = filled_each(rows)
    texts = {
        f"{filled_article.article}/{filled_article.language}": (
            filled_article.language,
            f"{filled_article.title}\n{filled_article.text}",
        )
        for filled_article in filled_articles
    }
    for _receiver, statements in contradictions_requested.send(None, texts=texts):
        for statement in statements:
            article, _bar, language = statement.key.partition("/")
            yield ArticleFinding(
                article=article,
                language=language,
                code="divergence",
                other=statement.offer,
                said=statement.said[:300],
                recorded=statement.recorded[:120],
            )
