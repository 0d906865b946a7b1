"""How the simulated handlers work: how long they take, and what they say where rules cannot.

The world holds no truth about these answers; they keep the demonstration's inbox as a desk's inbox
is, and count as decided by a person.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from amends.demo.rules.tables import DAY_MS, HOUR_MS

_MEAN_DAYS = 2.6
_LONGEST_DAYS = 12.0
_FORGOTTEN_SHARE = 0.02
_FORGOTTEN_DAYS = 24


@dataclass(frozen=True, slots=True)
class Answer:
    """What a handler decides where the rules leave it to a person; money in fen."""

    verdict: str
    amount_minor: int
    reason: str


_REFUSED = (
    "已核实，未发现我方差错，已向用户解释。",
    "现场和后台都查过，情况与所述不符，已说明。",
    "属于资费说明问题，已逐条解释清楚。",
)
_GRANTED = (
    "情况属实，已安排整改，并给予话费补偿。",
    "处理拖延是我们的责任，致歉并补偿话费。",
    "已派人处理完毕，按惯例补偿话费。",
)
AWAY_DAYS = 10
"""The handlers stop this long before the end, so that the console opens on a desk with work."""

_ENQUIRY = "这是咨询，已当场答复用户。"
_CREDITS = (500, 1_000, 2_000, 3_000)
_GRANTED_SHARE = 0.55


def handled_at_ms(rng: np.random.Generator, *, since_ms: int, due_ms: int | None) -> int:
    """When a handler gets to a complaint: some days on, before its deadline, or forgotten.

    since_ms  when it came to the desk; due_ms its deadline, None where none runs
    """
    if rng.random() < _FORGOTTEN_SHARE:
        return since_ms + _FORGOTTEN_DAYS * DAY_MS
    at_ms = since_ms + int(min(rng.exponential(_MEAN_DAYS) + 0.2, _LONGEST_DAYS) * DAY_MS)
    if due_ms is not None and at_ms > due_ms - HOUR_MS:
        return max(since_ms, due_ms - HOUR_MS)
    return at_ms


def answer_by_hand(rng: np.random.Generator, *, enquiry: bool) -> Answer:
    """What a handler decides on what the records cannot tell."""
    if enquiry:
        return Answer("not_upheld", 0, _ENQUIRY)
    if rng.random() < _GRANTED_SHARE:
        return Answer(
            "upheld", int(rng.choice(_CREDITS)), _GRANTED[int(rng.integers(len(_GRANTED)))]
        )
    return Answer("not_upheld", 0, _REFUSED[int(rng.integers(len(_REFUSED)))])


REFUNDED_ELSEWHERE = Answer(
    "not_upheld", 0, "同一笔费用已在该用户的另一件投诉中退还，不再重复退费。"
)
