"""The shipped classifier: as good as it must be, and it can say why."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from amends.classification.classify import classify, classify_columns

HERE = Path(__file__).parent


def right_share(rows: list[dict[str, str]]) -> float:
    """Share of texts whose first code equals either label."""
    answers = classify([row["text"] for row in rows])
    right = [
        answer.code in {row["label"], row["label2"]}
        for answer, row in zip(answers, rows, strict=True)
    ]
    return sum(right) / len(right)


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_texts_by_a_stranger_are_understood() -> None:
    rows = read(HERE / "texts_by_strangers.csv")
    chinese = [row for row in rows if row["lang"] == "zh"]
    assert len(chinese) >= 150
    assert len({row["label"] for row in chinese}) == 22
    assert right_share(chinese) >= 0.85
    assert right_share([row for row in rows if row["lang"] == "en"]) >= 0.75


@pytest.mark.shared
def test_labelled_titles_are_understood(shared: Path) -> None:
    folder = shared / "data/comcast_titles"
    rows = read(folder / "labels_dev.csv") + read(folder / "labels_dev_enriched.csv")
    assert len(rows) == 223
    assert right_share(rows) >= 0.75


def test_the_words_that_decided_stand_in_the_text() -> None:
    text = "每月都扣我十块钱，说是彩铃费，我从来没有订过"
    answer = classify([text])[0]
    assert answer.language == "zh"
    assert answer.because
    assert all(word in text for word in answer.because)


def test_columns_and_single_answers_agree() -> None:
    texts = [row["text"] for row in read(HERE / "texts_by_strangers.csv")[:60]]
    columns, single = classify_columns(texts), classify(texts)
    assert columns.names() == [answer.code for answer in single]
    assert columns.second_names() == [answer.code2 for answer in single]
