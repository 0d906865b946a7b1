"""What an answer says beside the first code: how sure, a second code, an enquiry, nothing at all."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from amends.engines.classification.classify import UNSPECIFIC, classify, classify_columns
from amends.engines.classification.model.model import (
    best_curve,
    curve,
    expected_calibration_error,
    reliability,
)

HERE = Path(__file__).parent


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "!!! ???",
        "12345",
        "0",
        "😡😡",
        "a b c",
        "мне не нравится интернет",
        "الإنترنت بطيء جدا",
        "인터넷이 너무 느려요",
        "インターネットおそい",
        "qwrtz plmkj",
    ],
)
def test_what_cannot_be_read_is_asked_about(text: str) -> None:
    answer = classify([text])[0]
    assert answer.code == UNSPECIFIC
    assert answer.confidence == 0
    assert answer.ask
    assert answer.code2 == ""
    assert answer.enquiry_share == 0


@pytest.mark.parametrize(
    "text",
    [
        "mi internet no funciona desde ayer",
        "la facture est beaucoup trop chère ce mois",
        "wo de wang hen man",
        "meine Rechnung stimmt schon wieder nicht",
    ],
)
def test_another_language_in_our_letters_is_asked_about(text: str) -> None:
    answer = classify([text])[0]
    assert answer.confidence < 0.6
    assert answer.ask


@given(st.lists(st.text(max_size=40), max_size=6))
def test_any_text_gets_a_sound_answer(texts: list[str]) -> None:
    answers = classify(texts)
    assert len(answers) == len(texts)
    for answer in answers:
        assert 0 <= answer.confidence <= 1
        assert 0 <= answer.enquiry_share <= 1
        assert (answer.confidence2 > 0) == bool(answer.code2)
        assert answer.code2 != answer.code
        assert answer.ask or answer.code != UNSPECIFIC


def test_complaints_by_strangers_are_seldom_taken_for_enquiries() -> None:
    rows = rows_of(HERE / "texts_by_strangers.csv")
    for language, most in (("zh", 0.03), ("en", 0.03)):
        texts = [row["text"] for row in rows if row["lang"] == language]
        share = classify_columns(texts).enquiry_share
        assert float((share >= 0.5).mean()) <= most


def test_enquiries_are_known() -> None:
    rows = rows_of(HERE / "enquiries.csv")
    for language in ("zh", "en"):
        texts = [row["text"] for row in rows if row["lang"] == language]
        assert len(texts) >= 40
        share = classify_columns(texts).enquiry_share
        assert float((share >= 0.5).mean()) >= 0.7


def test_two_matters_get_two_codes() -> None:
    answer = classify(
        ["The internet keeps dropping out every evening. Also you billed me twice for May."]
    )[0]
    assert {answer.code, answer.code2} == {"network.outage", "billing.wrong_charge"}
    assert answer.confidence2 >= 0.5
    one = classify(["They billed me twice for May"])[0]
    assert one.code2 == ""


@pytest.mark.shared
def test_second_codes_are_found_and_as_sure_as_they_say(shared: Path) -> None:
    folder = shared / "data/comcast_titles"
    rows = rows_of(folder / "labels_dev.csv") + rows_of(folder / "labels_dev_enriched.csv")
    columns = classify_columns([row["text"] for row in rows])
    labels = [{row["label"], row["label2"]} - {""} for row in rows]
    pairs = list(zip(columns.names(), columns.second_names(), labels, strict=True))
    both = [set(pair[:2]) == pair[2] for pair in pairs if len(pair[2]) == 2]
    assert len(both) == 78
    assert sum(both) / len(both) >= RECALL
    named = np.array([bool(second) for _, second, _ in pairs])
    right = np.array([second in label for _, second, label in pairs])
    assert right[named].mean() >= PRECISION
    assert abs(right[named].mean() - columns.confidence2[named].mean()) <= 0.15


RECALL, PRECISION = 0.28, 0.5
"""Of pairs of labels found whole: whole texts of one matter each cost a few pairs."""


FEW = 5


def test_confidence_keeps_its_word() -> None:
    """It may be right more often than it says: it is made cautious, for texts of other people."""
    rows = rows_of(HERE / "texts_by_strangers.csv")
    columns = classify_columns([row["text"] for row in rows])
    right = np.array(
        [
            name in {row["label"], row["label2"]}
            for name, row in zip(columns.names(), rows, strict=True)
        ]
    )
    sure = columns.confidence.astype(np.float64)
    assert expected_calibration_error(sure, right) <= 0.08
    for step in reliability(sure, right, bins=5):
        if step.texts < FEW:
            continue
        # Two standard errors of a share, and a tenth.
        allowed = 0.1 + 2 * (step.sure * (1 - step.sure) / step.texts) ** 0.5
        assert step.sure - step.right <= allowed
    assert right[~columns.ask].mean() > right[columns.ask].mean()


def test_a_curve_is_found_again() -> None:
    chance = np.random.default_rng(7)
    evidence = chance.normal(size=(20_000, 2)).astype(np.float32)
    truth = np.array([-0.5, 1.2, -0.7], dtype=np.float32)
    happened = chance.random(20_000) < curve(evidence, truth)
    assert np.allclose(best_curve(evidence, happened), truth, atol=0.08)
