"""How the simulated complainants answer: proposals, refusals, and whether it is solved.

The world holds no truth about these answers; they are drawn, and make the console's complaints go
the ways that complaints go.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from amends_demo.rules.tables import DAY_MS, HOUR_MS


@dataclass(frozen=True, slots=True)
class Word:
    """What somebody says, how long after he was told, and in which words; `what` "" is silence.

    satisfaction  how content with the handling, 1 to 5; None where it was not said
    """

    what: str
    after_ms: int = 0
    words: str = ""
    satisfaction: int | None = None


SILENCE = Word("")
# The parts of those who answer in each way; the rest says nothing.
_TO_A_PROPOSAL = (("accept", 0.66), ("refuse", 0.22))
_TO_THE_QUESTION = (("solved", 0.56), ("partly", 0.06), ("not_solved", 0.07))
_TO_A_REFUSAL = (("reopen", 0.055), ("regulator", 0.012))
_TO_A_DEADLOCK = (("regulator", 0.6),)
# How content those are who say whether it is solved; 0 left it out. Read by the minute of the
# answer, so that no other draw of a file moves.
_CONTENT = {"solved": "5544455340", "partly": "3324300223", "not_solved": "1212013112"}
_MEAN_DAYS = {"proposal": 2.0, "question": 2.5, "refusal": 2.0, "deadlock": 6.0}

_WORDS = {
    ("refuse", "zh"): (
        "这点钱打发谁呢，我不接受。",
        "不同意，当时说好全退的。",
        "只补一半没道理，请重新算。",
        "方案我看了，没解决根本问题。",
    ),
    ("refuse", "en"): (
        "That does not even cover half of it. No.",
        "Not acceptable, I was told I would get all of it back.",
        "You are not addressing the actual problem.",
    ),
    ("not_solved", "zh"): (
        "说是办好了，这个月又出现一样的情况。",
        "钱到账了，可问题还在。",
        "没有解决，昨天又来了一次。",
        "答应的事只做了一半。",
    ),
    ("not_solved", "en"): (
        "It came back this month, exactly the same.",
        "The money arrived, the problem is still there.",
        "Only half of what was promised has been done.",
    ),
    ("reopen", "zh"): (
        "你们的说法我不认，请再查一遍。",
        "我没收到过那条短信，记录肯定有误。",
        "麻烦换个人复核一下。",
    ),
    ("reopen", "en"): (
        "I do not agree, please look at it again.",
        "I never got that message. Your records are wrong.",
    ),
}


def answer_proposal(rng: np.random.Generator, language: str) -> Word:
    """Accepted, refused, or not answered at all."""
    return _draw(rng, _TO_A_PROPOSAL, "proposal", language)


def refusal(rng: np.random.Generator, language: str) -> Word:
    """Refused within a day."""
    ways = _WORDS["refuse", language]
    return Word("refuse", DAY_MS, ways[int(rng.integers(len(ways)))])


def answer_question(rng: np.random.Generator, language: str) -> Word:
    """Weeks later: solved, in part, not solved, or not answered."""
    return _draw(rng, _TO_THE_QUESTION, "question", language)


def answer_refusal(rng: np.random.Generator, language: str) -> Word:
    """Told that it is not upheld: most leave it there, some ask again, few go to the regulator."""
    return _draw(rng, _TO_A_REFUSAL, "refusal", language)


def answer_deadlock(rng: np.random.Generator, language: str) -> Word:
    """After the letter of deadlock: on to the regulator, or not."""
    return _draw(rng, _TO_A_DEADLOCK, "deadlock", language)


def _draw(
    rng: np.random.Generator, parts: tuple[tuple[str, float], ...], occasion: str, language: str
) -> Word:
    left = float(rng.random())
    for what, part in parts:
        if left < part:
            after_ms = HOUR_MS + int(rng.exponential(_MEAN_DAYS[occasion]) * DAY_MS)
            ways = _WORDS.get((what, language), ("",))
            content = int(_CONTENT.get(what, "0" * 10)[after_ms // 60_000 % 10])
            return Word(
                what=what,
                after_ms=after_ms,
                words=ways[int(rng.integers(len(ways)))],
                satisfaction=content or None,
            )
        left -= part
    return SILENCE
