"""A search index in memory: BM25 over words, character n-grams and concepts, mixed with vectors."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from amends.knowledge.rules.search_terms import Concepts, language_of, terms_of

KINDS = {"w": 1.0, "g": 0.35, "c": 1.6}
"""How much a word, an n-gram of characters and a concept count."""

TITLE = 3.0
"""A term of the title counts as so many of the text."""

SATURATION, LENGTH = 1.2, 0.5
"""BM25's k1 and b."""

OTHER_LANGUAGE = 0.45
"""Factor for an article in another language than the question's."""

VECTOR = 0.5
"""Share of the vectors in the score, where there are vectors."""


@dataclass(frozen=True, slots=True)
class IndexedText:
    """An article in one language."""

    article: str
    language: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class SearchHit:
    """`row` of the texts of the index; `score` from 0, where nothing matches, to about 1."""

    row: int
    score: float


class SearchIndex:
    """Texts by their terms. About 2 KB of memory for each; searches take milliseconds.

    vectors  one of length one for each text, or None
    """

    def __init__(
        self,
        texts: Sequence[IndexedText],
        concepts: Concepts,
        *,
        vectors: NDArray[np.float32] | None = None,
    ) -> None:
        self.texts = list(texts)
        self.concepts = concepts
        self.vectors = vectors
        self.languages = np.array([one.language.lower()[:2] for one in self.texts], dtype="U2")
        counts = [_counts(one, concepts) for one in self.texts]
        lengths = np.array([sum(one.values()) for one in counts], dtype=np.float64)
        mean = float(lengths.mean()) if len(lengths) else 1.0
        postings: dict[str, tuple[list[int], list[float]]] = {}
        for row, terms in enumerate(counts):
            norm = SATURATION * (1 - LENGTH + LENGTH * lengths[row] / (mean or 1.0))
            for term, count in terms.items():
                rows, weights = postings.setdefault(term, ([], []))
                rows.append(row)
                weights.append(count * (SATURATION + 1) / (count + norm))
        total = len(self.texts)
        self._postings = {
            term: (np.array(rows, dtype=np.int32), np.array(weights, dtype=np.float32))
            for term, (rows, weights) in postings.items()
        }
        self._idf = {
            term: KINDS[term[0]] * math.log(1 + (total - len(rows) + 0.5) / (len(rows) + 0.5))
            for term, (rows, _weights) in postings.items()
        }

    def search(
        self,
        question: str,
        *,
        language: str = "",
        limit: int = 3,
        vector: NDArray[np.float32] | None = None,
        allowed: NDArray[np.bool_] | None = None,
    ) -> list[SearchHit]:
        """The best texts, one for each article, the best first.

        language  of the reader; "" for that of the question
        vector    of the question, where the index has vectors
        allowed   which rows the reader may see
        """
        if not self.texts:
            return []
        scores = self._scores(question)
        if vector is not None and self.vectors is not None:
            scores = _mixed(scores, self.vectors @ vector)
        wanted = (language or language_of(question)).lower()[:2]
        scores = np.where(self.languages == wanted, scores, scores * OTHER_LANGUAGE)
        if allowed is not None:
            scores = np.where(allowed, scores, 0)
        found: dict[str, SearchHit] = {}
        for row in _largest(scores, limit * 4):
            if scores[row] > 0:
                article = self.texts[row].article
                found.setdefault(article, SearchHit(int(row), round(float(scores[row]), 4)))
        return list(found.values())[:limit]

    def _scores(self, question: str) -> NDArray[np.float64]:
        scores = np.zeros(len(self.texts))
        most = 0.0
        for term, count in terms_of(question, self.concepts, question=True).items():
            idf = self._idf.get(term)
            if idf is None:
                most += KINDS[term[0]]
                continue
            weight = idf * min(count, 2)
            most += weight
            rows, weights = self._postings[term]
            scores[rows] += weight * weights
        return scores / (most * (SATURATION + 1)) if most else scores


def _counts(one: IndexedText, concepts: Concepts) -> Counter[str]:
    counts = terms_of(one.text, concepts)
    for term, count in terms_of(one.title, concepts).items():
        counts[term] += int(count * TITLE)
    return counts


def _mixed(scores: NDArray[np.float64], cosines: NDArray[np.float32]) -> NDArray[np.float64]:
    return scores / (scores.max() or 1.0) * (1 - VECTOR) + _stretched(cosines) * VECTOR


def _stretched(cosines: NDArray[np.float32]) -> NDArray[np.float64]:
    low, high = float(np.median(cosines)), float(cosines.max())
    return np.clip((cosines - low) / ((high - low) or 1.0), 0, 1)


def _largest(scores: NDArray[np.float64], count: int) -> NDArray[np.int64]:
    if len(scores) > count:
        some = np.argpartition(-scores, count)[:count]
        return some[np.argsort(-scores[some], kind="stable")]
    return np.argsort(-scores, kind="stable")
