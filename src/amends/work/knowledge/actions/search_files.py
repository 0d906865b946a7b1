"""Search articles of a file for questions of a file, without storing either."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from django.utils.translation import gettext_noop as _
from numpy.typing import NDArray

from amends.engines.classification.classify import Vectors
from amends.platform.kit.errors import BadInput
from amends.platform.kit.placeholders import without_placeholders
from amends.platform.tabular.exports import write_csv
from amends.platform.tabular.tables import Table, read_table
from amends.work.knowledge.rules.search_index import IndexedText, SearchHit, SearchIndex, rerank
from amends.work.knowledge.rules.search_terms import concepts_on

SHOWN = 3
CANDIDATES = 16
"""So many of the best of each question are compared by their vectors."""

AT_A_TIME = 32
_TITLES = {
    "article": ("article", "id", "slug", "文章"),
    "language": ("language", "lang", "locale", "语言"),
    "title": ("title", "标题"),
    "text": ("text", "body", "content", "正文", "问题"),
    "question": ("question", "id", "编号"),
}


@dataclass(frozen=True, slots=True)
class FileSearch:
    """Result of a search over files.

    questions      of these `unanswered` found no article
    rejected       rows of either file that could not be used
    with_meaning   whether vectors decided as well
    search_ms      median of one search, without vectors, in milliseconds
    """

    articles: int
    questions: int
    unanswered: int
    rejected: int
    with_meaning: bool
    index_seconds: float
    search_ms: float
    seconds: float
    out: str


def search_files(
    articles: Path,
    questions: Path,
    out: Path,
    *,
    vectors: Vectors | None,
    on: date,
    limit: int | None = None,
) -> FileSearch:
    """Write the three best articles for each question to `out`.

    most  with more articles or questions than that, vectors are not asked: each takes some 30 ms
    """
    began = time.monotonic()
    article_table, question_table = (
        read_table(articles, flat=True),
        read_table(questions, flat=True),
    )
    texts, left_out = _articles(article_table, articles)
    question_rows, empty = _questions(question_table, questions)
    if limit is not None and max(len(texts), len(question_rows)) > limit:
        vectors = None
    index = SearchIndex(texts, concepts_on(on))
    indexed = time.monotonic()
    times: list[float] = []
    hits_by_question: list[list[SearchHit]] = []
    for _ref, text in question_rows:
        start = time.perf_counter()
        hits_by_question.append(index.search(text, limit=CANDIDATES if vectors else SHOWN))
        times.append(time.perf_counter() - start)
    by_meaning = _by_meaning(
        [text for _ref, text in question_rows], hits_by_question, texts, vectors
    )
    rows = (
        [ref, rank, texts[hit.row].article, f"{hit.score:.4f}"]
        for (ref, _text), hits in zip(question_rows, by_meaning or hits_by_question, strict=True)
        for rank, hit in enumerate(hits[:SHOWN], start=1)
    )
    try:
        with out.open("w", encoding="utf-8", newline="") as target:
            write_csv(target, ["question", "rank", "article", "score"], rows, for_spreadsheet=False)
    except OSError as error:
        raise BadInput(
            _("%(file)s cannot be written: %(why)s."),
            next_step=_("Choose another place."),
            values={"file": out, "why": error.strerror},
            code="unable_to_search_files",
        ) from error
    return FileSearch(
        articles=len({article_text.article for article_text in texts}),
        questions=len(question_rows),
        unanswered=sum(not hits for hits in hits_by_question),
        rejected=len(article_table.rejects) + len(question_table.rejects) + left_out + empty,
        with_meaning=by_meaning is not None,
        index_seconds=round(indexed - began, 3),
        search_ms=round(float(np.median(times)) * 1000, 3) if times else 0.0,
        seconds=round(time.monotonic() - began, 3),
        out=str(out),
    )


def _articles(table: Table, path: Path) -> tuple[list[IndexedText], int]:
    columns = {name: _column(table, name, path) for name in ("article", "title", "text")}
    languages = _column(table, "language", path, required=False)
    texts = [
        IndexedText(
            article=article.strip(),
            language=languages[row].strip() if languages else "",
            title=without_placeholders(columns["title"][row]),
            text=without_placeholders(columns["text"][row]),
        )
        for row, article in enumerate(columns["article"])
    ]
    usable = [text for text in texts if text.article and (text.title.strip() or text.text.strip())]
    return usable, len(texts) - len(usable)


def _questions(table: Table, path: Path) -> tuple[list[tuple[str, str]], int]:
    refs, texts = _column(table, "question", path), _column(table, "text", path)
    rows = [(ref.strip(), text) for ref, text in zip(refs, texts, strict=True)]
    usable = [row for row in rows if row[0] and row[1].strip()]
    return usable, len(rows) - len(usable)


def _column(table: Table, name: str, path: Path, *, required: bool = True) -> list[str]:
    titles = {title.strip().lower(): title for title in table.header}
    for column_title in _TITLES[name]:
        if column_title in titles:
            return table.column(titles[column_title])
    if not required:
        return []
    raise BadInput(
        _("There is no column “%(name)s”; there are %(known)s."),
        where=path.name,
        next_step=_("Name the columns as docs/knowledge.md lists them."),
        values={"name": name, "known": ", ".join(table.header[:20])},
        code="unable_to_search_files",
    )


def _by_meaning(
    questions: Sequence[str],
    hits_by_question: Sequence[list[SearchHit]],
    texts: Sequence[IndexedText],
    vectors: Vectors | None,
) -> list[list[SearchHit]] | None:
    """The hits in the order that vectors suggest; None where nothing gives vectors."""
    if vectors is None or not questions:
        return None
    rows = sorted({hit.row for hits in hits_by_question for hit in hits})
    of_rows = _vectors([f"{texts[row].title} {texts[row].text}" for row in rows], vectors)
    of_questions = _vectors(questions, vectors)
    if of_rows is None or of_questions is None:
        return None
    positions = {row: at for at, row in enumerate(rows)}
    return [
        rerank(hits, [float(of_rows[positions[hit.row]] @ question_vector) for hit in hits])
        for hits, question_vector in zip(hits_by_question, of_questions, strict=True)
    ]


def _vectors(texts: Sequence[str], vectors: Vectors) -> NDArray[np.float32] | None:
    parts = []
    for low in range(0, len(texts), AT_A_TIME):
        part = vectors(texts[low : low + AT_A_TIME])
        if part is None:
            return None
        parts.append(part)
    return np.concatenate(parts) if parts else None
