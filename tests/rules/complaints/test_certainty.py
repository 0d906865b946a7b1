"""From which confidence on a class is certain: measured anew on the held-out texts."""

from __future__ import annotations

import pytest
from training.certainty import DATA, MEASURED_ON, document, held_out_texts, measure

from amends.engines.classification.certainty import NEVER, measured_certainty
from amends.engines.classification.classify import classify, shipped_model

pytestmark = pytest.mark.no_database


def test_the_shipped_figures_are_those_of_the_shipped_model() -> None:
    shipped = (DATA / f"certainty@{MEASURED_ON.isoformat()}.toml").read_text("utf-8")
    assert shipped == document(measure(held_out_texts())), "run python -m training.certainty"


def test_a_certain_text_is_right_in_99_of_100_cases() -> None:
    for figures in measured_certainty().by_language.values():
        assert figures.sure >= 50
        assert figures.sure_right >= 0.99
        assert figures.covered >= 0.95


def test_no_class_is_certain_by_a_model_that_was_not_measured() -> None:
    assert measured_certainty().fingerprint == shipped_model().version
    assert measured_certainty().of("another", "zh").certain_from == NEVER


def test_an_uncertain_text_has_its_possible_classes_and_a_certain_one_none() -> None:
    sure, unsure = classify(
        [
            "家里宽带网速太慢了，一千兆的宽带测速只有两百兆，晚上看视频一直卡",
            "跟团去日本就这么205元没了，一条到顶的短信都没见着。本人王建国，身份证号码：",
        ]
    )
    assert sure.confidence >= measured_certainty().by_language["zh"].certain_from
    assert sure.plausible == ()
    assert unsure.plausible[0][0] == unsure.code
    assert len(unsure.plausible) >= 2
    shares = [share for _, share in unsure.plausible]
    assert shares == sorted(shares, reverse=True)


def test_what_identifies_the_writer_is_not_read() -> None:
    for words in (
        "本人王**，身份证号码：110***********3515",
        "身份证110***********3515，你们可以核对。",
    ):
        plain, named = classify(
            ["什么破运营商，用一次气一次", f"什么破运营商，用一次气一次。{words}"]
        )
        assert (plain.code, plain.ask) == (named.code, named.ask)
    kept = classify(["有人用我身份证110***********3515办了卡，我没同意过"])[0]
    assert kept.code in ("privacy.data_misuse", "consent.unauthorised_change")
