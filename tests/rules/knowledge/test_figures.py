"""Figures written by hand are found with their place; what is no figure is left alone."""

from __future__ import annotations

import pytest

from amends.work.knowledge.rules.figures import hand_figures

pytestmark = pytest.mark.no_database

FACTS = {"rule.cn.answer": "15 calendar days", "offer.A.price": "¥30 a month"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("每月只要30元", "30元"),
        ("十五天内答复", "十五天内"),
        ("It costs ¥30.", "¥30"),
        ("We answer within 15 days", "15 days"),
        ("a fifteen-day wait", "fifteen-day"),
        ("after 80% of your data", "80%"),
        ("twenty minutes", "twenty minutes"),
    ],
)
def test_figures(text: str, said: str) -> None:
    assert "".join(one.said for one in hand_figures(text, FACTS)) == said


@pytest.mark.parametrize(
    "text",
    [
        "拨打12300",
        "4G和5G网络",
        "1. 打开页面",
        "{rule.cn.answer}内答复",
        "[三步](/a/3-days/)",
        "Wi-Fi 6",
    ],
)
def test_no_figures(text: str) -> None:
    assert hand_figures(text, FACTS) == []


def test_the_place_and_the_placeholder_to_use() -> None:
    found = hand_figures("Hello\nWe answer within 15 days", FACTS)[0]
    assert (found.line, found.column, found.placeholders) == (2, 18, ("rule.cn.answer",))
