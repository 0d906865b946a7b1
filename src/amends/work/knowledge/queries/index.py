"""The index of published articles, one in each process, renewed when something is published.

Few articles are indexed by the process that searches. Many are indexed by a job, and processes load
what it stored: until then they search what was published before.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models import QuerySet
from django.utils import timezone
from numpy.typing import NDArray

from amends import __version__
from amends.platform.database.once_per_request import once_per_request
from amends.platform.kit.placeholders import without_placeholders
from amends.work.knowledge.choices import Audience, VersionState
from amends.work.knowledge.models import ArticleVersion, BuiltSearchIndex, KnowledgeChange
from amends.work.knowledge.rules.search_index import IndexedText, SearchIndex
from amends.work.knowledge.rules.search_terms import concepts_on

READABLE: Mapping[str, frozenset[str]] = {
    Audience.PUBLIC: frozenset({Audience.PUBLIC}),
    Audience.PARTNER: frozenset({Audience.PUBLIC, Audience.PARTNER}),
    Audience.DESK: frozenset(Audience.values),
}
"""Reader → audiences whose articles the reader may see."""

BUILT_AT_ONCE = 500
"""Published versions that are indexed while a user waits, in about a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedIndex:
    """The index with the version of the article behind each row, by primary key."""

    change: str
    index: SearchIndex
    versions: NDArray[np.int64]
    audiences: NDArray[np.str_]
    brands: NDArray[np.str_]

    def search(
        self, question: str, *, language: str, audience: str, brand: str, limit: int
    ) -> list[tuple[ArticleVersion, float]]:
        """Versions that a reader may see, the best first, with their scores."""
        allowed = np.isin(self.audiences, list(READABLE[Audience(audience)]))
        if brand:
            allowed &= np.isin(self.brands, ["", brand])
        hits = self.index.search(question, language=language, limit=limit, allowed=allowed)
        scores = {int(self.versions[hit.row]): hit.score for hit in hits}
        rows = indexed_versions().select_related("article").in_bulk(scores)
        return [(rows[key], score) for key, score in scores.items() if key in rows]


_lock = threading.Lock()
_current: PublishedIndex | None = None


def published_index() -> PublishedIndex | None:
    """The index of what is published now; None where the job has not built the first one yet."""
    global _current
    newest = newest_change()
    current_index = _current
    if current_index is not None and current_index.change == newest:
        return current_index
    with _lock:
        if indexed_versions().count() <= BUILT_AT_ONCE:
            _current = built_index(newest)
        elif stored := BuiltSearchIndex.objects.only("change").last():
            if _current is None or _current.change != stored.change:
                _current = unpacked(stored)
        else:
            _current = None
        return _current


@once_per_request
def newest_change() -> str:
    """The newest change of what is published, and the release: another one indexes anew."""
    newest = KnowledgeChange.objects.order_by("-id").values_list("id", flat=True).first()
    return f"{__version__} {newest or ''}"[:64]


def indexed_versions() -> QuerySet[ArticleVersion]:
    """The versions that an index contains."""
    return ArticleVersion.objects.filter(state=VersionState.PUBLISHED, article__retired_at=None)


def built_index(change: str) -> PublishedIndex:
    """Index what is published now: a second for each five hundred versions."""
    versions = list(indexed_versions().select_related("article").order_by("article", "language"))
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
        versions=np.array([row.pk for row in versions], dtype=np.int64),
        audiences=np.array([row.article.audience for row in versions], dtype="U8"),
        brands=np.array([row.article.brand for row in versions], dtype="U40"),
    )


def packed(published: PublishedIndex) -> bytes:
    """An index as a file of NumPy."""
    body = io.BytesIO()
    arrays: dict[str, Any] = published.index.arrays()
    np.savez_compressed(
        body,
        versions=published.versions,
        audiences=published.audiences,
        brands=published.brands,
        **arrays,
    )
    return body.getvalue()


def unpacked(stored: BuiltSearchIndex) -> PublishedIndex:
    """The index that a job stored."""
    with np.load(io.BytesIO(bytes(stored.columns)), allow_pickle=False) as file:
        arrays = dict(file.items())
    return PublishedIndex(
        change=stored.change,
        index=SearchIndex.from_arrays(arrays, concepts_on(timezone.localdate())),
        versions=arrays["versions"],
        audiences=arrays["audiences"],
        brands=arrays["brands"],
    )
