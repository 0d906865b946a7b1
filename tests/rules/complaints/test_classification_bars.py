"""The shipped classifier: as good as it must be, and it can say why."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from amends.classification.classify import FOREIGN_FROM, classify, classify_columns
from amends.complaints.rules.enquiries import is_enquiry

HERE = Path(__file__).parent
OTHER_KINDS = HERE.parents[1] / "strangers/texts_strangers.csv"
SELF_SERVICE = "service.self_service"


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


def test_texts_of_other_kinds_are_as_sure_as_they_say() -> None:
    """Reviews, tweets, chats, calls and messages, labelled by a stranger; never trained on."""
    rows = read(OTHER_KINDS)
    columns = classify_columns([row["text"] for row in rows])
    labels = [(row["codes"] or "other.unspecific").split(";") for row in rows]
    right = np.array([name in some for name, some in zip(columns.names(), labels, strict=True)])
    assert right.mean() >= 0.78
    confident = columns.confidence >= 0.8
    assert confident.sum() >= 150
    assert abs(right[confident].mean() - columns.confidence[confident].mean()) <= 0.04
    own = np.array([some[0] == SELF_SERVICE for some in labels])
    assert right[own].mean() >= 0.7


def test_another_subject_is_said_and_seldom_wrongly() -> None:
    rows = read(OTHER_KINDS)
    columns = classify_columns([row["text"] for row in rows])
    foreign = columns.foreign_share >= FOREIGN_FROM
    telecom = np.array([row["telecom"] == "1" for row in rows])
    assert foreign[~telecom].mean() >= 0.35
    assert foreign[telecom].mean() <= 0.03
    answer = classify(["The pizza arrived cold and the driver threw it at the door"])[0]
    assert (answer.code, answer.ask) == ("other.unspecific", True)
    assert answer.foreign_share >= FOREIGN_FROM


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("The app crashes as soon as I open it, I cannot see my bill", SELF_SERVICE),
        ("手机营业厅登不上去，密码重置了也没用", SELF_SERVICE),
        ("My number was suspended on suspicion of fraud and I did nothing", "consent.cancel_stop"),
        ("号码被停机了，说涉嫌诈骗，我什么都没干", "consent.cancel_stop"),
        ("My account was hacked, somebody changed the password", "privacy.data_misuse"),
    ],
)
def test_neighbours_of_the_operators_own_app(text: str, code: str) -> None:
    assert classify([text])[0].code == code


@pytest.mark.parametrize("text", ["投诉热线是多少？", "What is the number for complaints?"])
def test_who_asks_for_the_complaint_hotline_enquires(text: str) -> None:
    assert is_enquiry(text, share=classify([text])[0].enquiry_share)
