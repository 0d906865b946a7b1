"""`amends knowledge search`: articles and questions of other systems."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from tests.shell import amends

pytestmark = pytest.mark.no_database

ARTICLES = """article,language,title,text
stop,en-GB,Unsubscribe from a service,Press Stop.
bill,en-GB,Your invoice,"Lists what you used, and fees."
tuiding,zh_CN,退订业务,点停用。
,en,No id,Left out.
"""
QUESTIONS = "question,text\n1,get rid of the ringtone\n2,彩铃不想要了\n3,\n"


def test_three_ranks_for_each_question_and_counts_that_add_up(tmp_path: Path) -> None:
    articles, questions, out = (tmp_path / name for name in ("a.csv", "q.csv", "out.csv"))
    articles.write_text(ARTICLES, encoding="utf-8")
    questions.write_text(QUESTIONS, encoding="utf-8")
    arguments = ("knowledge", "search", str(articles), str(questions), "--out", str(out))
    done = amends(*arguments, "--no-with-meaning", "--json")
    assert done.code == 0, done.err
    document = done.document
    assert (document["articles"], document["questions"], document["rejected"]) == (3, 2, 2)
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["question", "rank", "article", "score"]
    best = {row["question"]: row["article"] for row in rows if row["rank"] == "1"}
    assert best == {"1": "stop", "2": "tuiding"}


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    articles, questions = tmp_path / "a.csv", tmp_path / "q.csv"
    articles.write_text("article,heading\na,b\n", encoding="utf-8")
    questions.write_text(QUESTIONS, encoding="utf-8")
    out = tmp_path / "out.csv"
    done = amends("knowledge", "search", str(articles), str(questions), "--out", str(out))
    assert done.code == 2
    assert "title" in done.err
    assert not out.exists()
