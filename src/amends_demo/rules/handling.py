"""How the simulated handlers work: how long they take, and what they say where rules cannot.

The world holds no truth about these answers; they keep the demonstration's inbox as a desk's inbox
is, and count as decided by a person.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from amends_demo.rules.tables import DAY_MS, HOUR_MS

_MEAN_DAYS = 2.6
_LONGEST_DAYS = 12.0
_FORGOTTEN_SHARE = 0.02
_FORGOTTEN_DAYS = 24
_SHORT_STAFFED_DAYS = 14
_LEFT_LYING_SHARE, _LEFT_OLD_SHARE = 0.75, 0.2
_CORRECTED_SHARE = 0.25
_REPAIR_HOURS, _LONGEST_REPAIR = 14.0, 120.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What a handler decides where the rules leave it to a person; money in fen."""

    verdict: str
    amount_minor: int
    reason: str
    customer_text: str


_CREDITS = (500, 1_000, 2_000, 3_000)
_LARGE = (24_000, 36_000, 52_000)
_AWAY_DAYS = 10
_REASONS = {
    ("not_upheld", "zh"): (
        "已核实，未发现我方差错，已向用户解释。",
        "现场和后台都查过，情况与所述不符，已说明。",
        "属于资费说明问题，已逐条解释清楚。",
    ),
    ("not_upheld", "en"): (
        "Checked; no fault of ours was found, and it was explained.",
        "The site and the systems were looked at; they do not show what was described.",
    ),
    ("upheld", "zh"): (
        "情况属实，已安排整改，并给予话费补偿。",
        "处理拖延是我们的责任，致歉并补偿话费。",
        "已派人处理完毕，按惯例补偿话费。",
    ),
    ("upheld", "en"): (
        "It is as described; it is being put right, with a credit for the trouble.",
        "The delay was ours; with our apology and a credit.",
    ),
    ("partly_upheld", "zh"): (
        "责任各占一半，补偿一部分话费，请用户确认。",
        "问题已经处理，前期影响按天折算补偿。",
        "宣传口径不够清楚，愿意承担部分费用。",
    ),
    ("partly_upheld", "en"): (
        "We share the blame and offer a part of it as a credit.",
        "It has been put right; we offer a credit for the days it took.",
    ),
    ("enquiry", "zh"): ("这是咨询，已当场答复用户。",),
    ("enquiry", "en"): ("This was a question; it has been answered.",),
    ("unidentified", "zh"): ("多次联系未能核实身份，暂按现有材料答复。",),
    ("unidentified", "en"): (
        "Who writes could not be established; answered as far as that allows.",
    ),
    ("elsewhere", "zh"): ("同一笔费用已在该用户的另一件投诉中退还，不再重复退费。",),
    ("elsewhere", "en"): (
        "This charge was already given back under another complaint of the same person.",
    ),
    ("deadlock", "zh"): (
        "补偿方案已是我们能承担的上限，双方未能达成一致。",
        "责任认定有分歧，我们不再提出新的方案。",
    ),
    ("deadlock", "en"): ("Our offer is as far as we can go, and we do not agree.",),
    ("repaired", "zh"): (
        "抢修人员更换了损坏的线路，测试正常。",
        "已重启并更换故障设备，信号恢复。",
    ),
    ("repaired", "en"): (
        "A damaged line was replaced, and tested.",
        "The faulty equipment was restarted and replaced; it works again.",
    ),
    ("closed", "zh"): ("已按受理机构意见办结。",),
    ("closed", "en"): ("The authority has answered; the case is closed.",),
}
# What the same handler says to the complainant.
_CUSTOMER_TEXTS = {
    ("not_upheld", "zh"): "我们查了系统记录，也核对了现场情况，没有发现我方差错。",
    ("not_upheld", "en"): "We checked our systems and the site, and found no fault of ours.",
    ("upheld", "zh"): "您反映的情况属实，给您添麻烦了。我们正在整改，并给您补偿。",
    ("upheld", "en"): "You are right, and we are sorry. We are putting it right, with a credit.",
    ("partly_upheld", "zh"): "问题已经处理。对您受到的影响，我们愿意补偿一部分，请您确认。",
    ("partly_upheld", "en"): "It has been put right. For the trouble we offer you a credit.",
    ("enquiry", "zh"): "您询问的事，我们已经答复您。",
    ("enquiry", "en"): "We have answered your question.",
    ("unidentified", "zh"): "我们没能核实您的身份，只能按现有材料答复。",
    ("unidentified", "en"): "We could not establish who writes, and answer as far as that allows.",
    ("elsewhere", "zh"): "这笔费用已在您的另一件投诉中退还，不再重复退费。",
    ("elsewhere", "en"): "We have already given this charge back under another complaint of yours.",
    ("deadlock", "zh"): "这是我们能提出的最后方案，双方没有达成一致。",
    ("deadlock", "en"): "Our offer is as far as we can go, and we do not agree.",
}
# Where records do not tell: the parts of each verdict by hand; the rest is not upheld.
_GRANTED_SHARE, _PARTLY_SHARE, _LARGE_SHARE = 0.28, 0.34, 0.15
# After a refused proposal.
_DEADLOCK_SHARE, _PROPOSED_AGAIN_SHARE = 0.3, 0.25


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


def repaired_at_ms(rng: np.random.Generator, *, came_ms: int) -> int:
    """When a fault somebody reports is gone: mostly within a day, now and then after the limit."""
    return came_ms + int(min(rng.lognormal(np.log(_REPAIR_HOURS), 0.7), _LONGEST_REPAIR) * HOUR_MS)


def left_lying(rng: np.random.Generator, *, came_ms: int, at_ms: int, end_ms: int) -> bool:
    """Whether a complaint stays in the inbox: in the last days part of the desk is away.

    Those who are there see to what is nearest to its deadline; little of it lies about.

    came_ms  when it came in, the first time or again; at_ms when somebody would get to it
    """
    short_from_ms = end_ms - _SHORT_STAFFED_DAYS * DAY_MS
    share = _LEFT_LYING_SHARE if came_ms > short_from_ms else _LEFT_OLD_SHARE
    return at_ms > short_from_ms and bool(rng.random() < share)


def corrects(rng: np.random.Generator) -> bool:
    """Whether a handler sets a wrong class right before deciding."""
    return bool(rng.random() < _CORRECTED_SHARE)


def answer_by_hand(rng: np.random.Generator, *, language: str, enquiry: bool) -> Answer:
    """What a handler decides on what the records cannot tell."""
    if enquiry:
        return worded_answer(rng, "not_upheld", 0, "enquiry", language)
    drawn = float(rng.random())
    if drawn < _GRANTED_SHARE:
        return worded_answer(rng, "upheld", _credit(rng), "upheld", language)
    if drawn < _GRANTED_SHARE + _PARTLY_SHARE:
        large = rng.random() < _LARGE_SHARE
        amount = int(rng.choice(_LARGE)) if large else _credit(rng)
        return worded_answer(rng, "partly_upheld", amount, "partly_upheld", language)
    return worded_answer(rng, "not_upheld", 0, "not_upheld", language)


def large_proposal(rng: np.random.Generator, *, language: str) -> Answer:
    """A proposal above what whoever makes it may approve."""
    return worded_answer(rng, "partly_upheld", int(rng.choice(_LARGE)), "partly_upheld", language)


def waits_for_seniors(*, at_ms: int, end_ms: int) -> bool:
    """Whether those who may approve more are away: for the last days."""
    return at_ms > end_ms - _AWAY_DAYS * DAY_MS


def second_look(rng: np.random.Generator, *, language: str) -> Answer:
    """What follows a refused proposal: everything, another proposal, or the verdict "deadlock"."""
    drawn = float(rng.random())
    if drawn < _DEADLOCK_SHARE:
        return worded_answer(rng, "deadlock", 0, "deadlock", language)
    verdict = "upheld"
    if drawn < _DEADLOCK_SHARE + _PROPOSED_AGAIN_SHARE:
        verdict = "partly_upheld"
    return worded_answer(rng, verdict, 2 * _credit(rng), verdict, language)


def worded_answer(
    rng: np.random.Generator, verdict: str, amount_minor: int, what: str, language: str
) -> Answer:
    """An answer with the reason for colleagues and the text for the complainant.

    what  which words: the verdict, or why there is no other
    """
    answer_text = say(rng, what, language)
    return Answer(
        verdict=verdict,
        amount_minor=amount_minor,
        reason=answer_text,
        customer_text=_CUSTOMER_TEXTS[what, language],
    )


def say(rng: np.random.Generator, what: str, language: str) -> str:
    """One of the ways a handler gives a reason."""
    ways = _REASONS[what, language]
    return ways[int(rng.integers(len(ways)))]


def _credit(rng: np.random.Generator) -> int:
    return int(rng.choice(_CREDITS))
