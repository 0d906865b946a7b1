"""Articles and questions in people's own words, of three help centres in different styles."""

from __future__ import annotations

from pathlib import Path

from amends.work.knowledge.rules.search_index import IndexedText

FOLDER = Path(__file__).parent / "knowledge"


def read_set(name: str) -> tuple[list[IndexedText], list[tuple[set[str], str]]]:
    """The articles, and for each question the articles that answer it."""
    articles: list[IndexedText] = []
    questions: list[tuple[set[str], str]] = []
    for line in (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("?"):
            answers, _bar, question = line[1:].partition("|")
            questions.append((set(answers.split(",")), question))
        elif line and not line.startswith("#"):
            language, article, title, text = line.split("|", 3)
            articles.append(IndexedText(article, language, title, text))
    return articles, questions
