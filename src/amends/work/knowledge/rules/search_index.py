"""A search index in memory: stems, character n-grams and concepts, weighted as BM25 does."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from amends.work.knowledge.rules.search_terms import Concepts, language_of, terms_of
from amends.work.knowledge.rules.subjects import subjects_of

KINDS = {"w": 1.0, "g": 0.4, "c": 2.0}
"""How much a stem, an n-gram of characters and a concept count."""

TEXT = 0.5
"""Weight of a term of the text, where one of the title counts 1."""

SATURATION, LENGTH = 1.2, 0.4
"""BM25's k1 and b, for the text."""

COVERED = 0.4
"""Bonus where the question covers all concepts of the title."""

_SUBJECT_LETTERS = 600

OTHER_LANGUAGE = 0.3
"""Factor for an article in another language than the question's."""

SUBJECT = 0.35
"""Bonus where question and article have the same subject by the classifier."""

VECTOR = 0.5
"""Share of the vectors in the score of `rerank`."""


@dataclass(frozen=True, slots=True)
class IndexedText:
    """An article in one language."""

    article: str
    language: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class SearchHit:
    """`row` of the texts of the index; `score` from 0, where nothing matches, to about 2."""

    row: int
    score: float


class SearchIndex:
    """Texts by their terms; a search among ten thousand takes milliseconds.

    >>> from datetime import date
    >>> from amends.work.knowledge.rules.search_terms import concepts_on
    >>> texts = [IndexedText("stop", "en", "Unsubscribe from a service", "Press Stop."),
    ...          IndexedText("bill", "en", "Your invoice", "It lists what you used.")]
    >>> index = SearchIndex(texts, concepts_on(date(2026, 12, 1)))
    >>> [texts[hit.row].article for hit in index.search("get rid of the ringtone")]
    ['stop']
    """

    def __init__(self, texts: Sequence[IndexedText], concepts: Concepts) -> None:
        self.articles = [text.article for text in texts]
        self.concepts = concepts
        self.languages = np.array([text.language.lower()[:2] for text in texts], dtype="U2")
        titles = [terms_of(text.title, concepts) for text in texts]
        bodies = [terms_of(text.text, concepts) for text in texts]
        lengths = np.array([sum(body_counts.values()) for body_counts in bodies], dtype=np.float64)
        mean = float(lengths.mean()) if len(lengths) else 1.0
        postings: dict[str, tuple[list[int], list[float], list[bool]]] = {}
        for row, (title, body) in enumerate(zip(titles, bodies, strict=True)):
            norm = SATURATION * (1 - LENGTH + LENGTH * lengths[row] / (mean or 1.0))
            for term in title.keys() | body.keys():
                rows, weights, in_title = postings.setdefault(term, ([], [], []))
                rows.append(row)
                count = body[term]
                body_weight = TEXT * count * (SATURATION + 1) / (count + norm)
                weights.append(body_weight + (title[term] > 0))
                in_title.append(title[term] > 0)
        self._subjects = (
            subjects_of([text.title for text in texts]),
            subjects_of([f"{text.title}. {text.text[:_SUBJECT_LETTERS]}" for text in texts]),
        )
        total = len(texts)
        self._postings = {
            term: _Posting(
                idf=KINDS[term[0]] * math.log(1 + (total - len(rows) + 0.5) / (len(rows) + 0.5)),
                rows=np.array(rows, dtype=np.int32),
                weights=np.array(weights, dtype=np.float32),
                in_title=np.array(in_title, dtype=bool),
            )
            for term, (rows, weights, in_title) in postings.items()
        }
        self._title_weights = np.array(
            [
                sum(self._postings[term].idf for term in title if term[0] == "c") or 1.0
                for title in titles
            ]
        )

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Everything but the concepts as arrays, for `from_arrays`."""
        postings = self._postings.values()
        return {
            "articles": _encoded(self.articles),
            "languages": self.languages,
            "terms": _encoded(list(self._postings)),
            "idf": np.array([posting.idf for posting in postings], dtype=np.float64),
            "lengths": np.array([len(posting.rows) for posting in postings], dtype=np.int32),
            "rows": _joined([posting.rows for posting in postings], np.int32),
            "weights": _joined([posting.weights for posting in postings], np.float32),
            "in_title": _joined([posting.in_title for posting in postings], np.bool_),
            "title_weights": self._title_weights,
            "title_subjects": self._subjects[0],
            "text_subjects": self._subjects[1],
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], concepts: Concepts) -> SearchIndex:
        """The index that `arrays` were taken of."""
        index = cls.__new__(cls)
        index.articles = _decoded(arrays["articles"])
        index.concepts = concepts
        index.languages = arrays["languages"]
        ends = np.cumsum(arrays["lengths"]).tolist()
        starts = [0, *ends[:-1]]
        rows, weights, in_title = (arrays[name] for name in ("rows", "weights", "in_title"))
        index._postings = {
            term: _Posting(idf, rows[start:end], weights[start:end], in_title[start:end])
            for term, idf, start, end in zip(
                _decoded(arrays["terms"]), arrays["idf"].tolist(), starts, ends, strict=True
            )
        }
        index._title_weights = arrays["title_weights"]
        index._subjects = (arrays["title_subjects"], arrays["text_subjects"])
        return index

    def search(
        self,
        question: str,
        *,
        language: str = "",
        limit: int = 3,
        allowed: NDArray[np.bool_] | None = None,
    ) -> list[SearchHit]:
        """The best texts, one for each article, the best first.

        language  of the reader; "" for that of the question
        allowed   which rows the reader may see
        """
        if not self.articles:
            return []
        scores = self._scores(question)
        wanted = (language or language_of(question)).lower()[:2]
        scores = np.where(self.languages == wanted, scores, scores * OTHER_LANGUAGE)
        if allowed is not None:
            scores = np.where(allowed, scores, 0)
        hits: dict[str, SearchHit] = {}
        for row in _largest(scores, limit * 4):
            if scores[row] > 0:
                article = self.articles[row]
                hits.setdefault(article, SearchHit(int(row), round(float(scores[row]), 4)))
        return list(hits.values())[:limit]

    def _scores(self, question: str) -> NDArray[np.float64]:
        scores = np.zeros(len(self.articles))
        covered = np.zeros(len(self.articles))
        max_score = 0.0
        for term, count in self._terms(question).items():
            posting = self._postings.get(term)
            if posting is None:
                max_score += KINDS[term[0]]
                continue
            weight = posting.idf * min(count, 2)
            max_score += weight
            scores[posting.rows] += weight * posting.weights
            if term[0] == "c":
                covered[posting.rows[posting.in_title]] += posting.idf
        scores = scores / max_score if max_score else scores
        weighted: NDArray[np.float64] = scores * (1 + COVERED * covered / self._title_weights)
        best = float(weighted.max(initial=0.0))
        if not best:
            return weighted
        question_subjects = subjects_of([question])[0]
        titles, texts = self._subjects
        likeness = (
            np.clip(titles @ question_subjects, 0, 1) + np.clip(texts @ question_subjects, 0, 1)
        ) / 2
        likened: NDArray[np.float64] = weighted + best * SUBJECT * likeness * (weighted > 0)
        return likened

    def _terms(self, question: str) -> Counter[str]:
        """The terms of a question; n-grams only of stems that no text has."""
        terms = terms_of(question, self.concepts, question=True)
        indexed_words = {term[2:] for term in terms if term[0] == "w" and term in self._postings}
        return Counter(
            {
                term: count
                for term, count in terms.items()
                if term[0] != "g" or not any(term[2:].strip("^$") in word for word in indexed_words)
            }
        )


@dataclass(frozen=True, slots=True)
class _Posting:
    """Where a term occurs: `weights` of the rows, and whether in the title."""

    idf: float
    rows: NDArray[np.int32]
    weights: NDArray[np.float32]
    in_title: NDArray[np.bool_]


def _joined(parts: Sequence[NDArray[Any]], dtype: type[np.generic]) -> NDArray[Any]:
    return np.concatenate(parts) if parts else np.zeros(0, dtype=dtype)


def _encoded(texts: Sequence[str]) -> NDArray[np.uint8]:
    """Texts without line breaks as bytes."""
    return np.frombuffer("\n".join(texts).encode(), dtype=np.uint8)


def _decoded(encoded: NDArray[np.uint8]) -> list[str]:
    return encoded.tobytes().decode().split("\n") if encoded.size else []


def rerank(hits: Sequence[SearchHit], cosines: Sequence[float]) -> list[SearchHit]:
    """Hits in the order of their scores mixed with the likeness of their vectors.

    cosines  of the vector of the question and of each hit
    """
    if len(hits) < 2:
        return list(hits)
    low, high, best = min(cosines), max(cosines), max(hit.score for hit in hits)
    mixed = [
        SearchHit(
            hit.row,
            round(
                best
                * (
                    (1 - VECTOR) * hit.score / (best or 1.0)
                    + VECTOR * (cosine - low) / ((high - low) or 1.0)
                ),
                4,
            ),
        )
        for hit, cosine in zip(hits, cosines, strict=True)
    ]
    return sorted(mixed, key=lambda hit: -hit.score)


def _largest(scores: NDArray[np.float64], count: int) -> NDArray[np.int64]:
    if len(scores) > count:
        top_rows = np.argpartition(-scores, count)[:count]
        return top_rows[np.argsort(-scores[top_rows], kind="stable")]
    return np.argsort(-scores, kind="stable")
