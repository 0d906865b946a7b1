"""What changed between two versions of an advert."""

from __future__ import annotations

import random
import time

import pytest

from amends.causes.publicity.web.differences import differences

pytestmark = pytest.mark.no_database
RANDOM = random.Random(7)


def _of(words: str, number: int) -> str:
    return "".join(RANDOM.choice(words) for _ in range(number))


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        (
            "每月49元。",
            "每月59元。",
            [("same", "每月"), ("removed", "49"), ("added", "59"), ("same", "元。")],
        ),
        (
            "¥49 a month",
            "¥59.90 a month",
            [("same", "¥"), ("removed", "49"), ("added", "59.90"), ("same", " a month")],
        ),
        ("", "new", [("added", "new")]),
        (
            "首批用户礼每月79元。名额有限，先到先得！",
            "首批用户礼每月79元。活动截止到12月31日。",
            [
                ("same", "首批用户礼每月79元。"),
                ("removed", "名额有限，先到先得！"),
                ("added", "活动截止到12月31日。"),
            ],
        ),
        ("same", "same", [("same", "same")]),
    ],
)
def test_words_and_numbers_are_whole(before: str, after: str, found: list[tuple[str, str]]) -> None:
    assert differences(before, after) == found


@pytest.mark.parametrize("words", ["的", "的了", "一二三四五六七八九十", "的。", "a ", ".\n!"])
def test_any_two_texts_are_put_together_again_and_quickly(words: str) -> None:
    for number in (500, 5_000):
        before, after = _of(words, number), _of(words, number) + "完"
        began = time.process_time()
        found = differences(before, after)
        # Ten versions of a copy are shown on one page; the processor here is shared.
        assert time.process_time() - began < 1
        assert "".join(text for kind, text in found if kind != "added") == before
        assert "".join(text for kind, text in found if kind != "removed") == after
