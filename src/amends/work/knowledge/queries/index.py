"""The index of published articles, one in each process, renewed when something is published."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from django.utils import timezone
from numpy.typing import NDArray

from amends.platform.database.once_per_request import once_per_request
from amends.platform.kit.placeholders import without_placeholders
from amends.work.knowledge.choices import Audience, VersionState
from amends.work.knowledge.models import ArticleVersion, KnowledgeChange
from amends.work.knowledge.rules.search_index import IndexedText, SearchIndex
from amends.work.knowledge.rules.search_terms import concepts_on

READABLE: Mapping[str, frozenset[str]] = {
    Audience.PUBLIC: frozenset({Audience.PUBLIC}),
    Audience.PARTNER: frozenset({Audience.PUBLIC, Audience.PARTNER}),
    Audience.DESK: frozenset(Audience.values),
}
"""Reader → audiences whose articles the reader may see."""


@dataclass(frozen=True, slots=True)
class PublishedIndex:
    """The index with the version of the article behind each row."""

    change: str
    index: SearchIndex
    versions: list[ArticleVersion]
    audiences: NDArray[np.str_]
    brands: NDArray[np.str_]

    def readable(self, audience: str, brand: str) -> list[ArticleVersion]:
        """Versions that a reader may see, by article and language."""
        return [
            row
            for row, seen in zip(self.versions, self._allowed(audience, brand), strict=True)
            if seen
        ]

    def _allowed(self, audience: str, brand: str) -> NDArray[np.bool_]:
        allowed = np.isin(self.audiences, list(READABLE[Audience(audience)]))
        return allowed & np.isin(self.brands, ["", brand]) if brand else allowed

    def search(
        self, question: str, *, language: str, audience: str, brand: str, limit: int
    ) -> list[tuple[ArticleVersion, float]]:
        """Versions that a reader may see, the best first, with their scores."""
        allowed = self._allowed(audience, brand)
        hits = self.index.search(question, language=language, limit=limit, allowed=allowed)
        return [(self.versions[hit.row], hit.score) for hit in hits]


_lock = threading.Lock()
_current: PublishedIndex | None = None


def published_index() -> PublishedIndex:
    """The index of what is published now."""
    global _current
    newest = _newest_change()
    current_index = _current
    if current_index is not None and current_index.change == newest:
        return current_index
    with _lock:
        _current = _built(newest)
        return _current


@once_per_request
def _newest_change() -> str:
    return KnowledgeChange.objects.order_by("-id").values_list("id", flat=True).first() or ""


def _built(change: str) -> PublishedIndex:
    versions = list(
        ArticleVersion.objects.filter(state=VersionState.PUBLISHED, article__retired_at=None)
        .select_related("article")
        .order_by("article", "language")
    )
    texts = [
        IndexedText(
            article=row.article_id,
            language=row.language,
            title=without_placeholders(row.title),
            text=without_placeholders(row.text),
        )
        for row in versions
    ]
    return PublishedIndex(
        change=change,
        index=SearchIndex(texts, concepts_on(timezone.localdate())),
        versions=versions,
        audiences=np.array([row.article.audience for row in versions], dtype="U8"),
        brands=np.array([row.article.brand for row in versions], dtype="U40"),
    )
