"""A verdict on the user's own tests answers what speed was measured, or leaves it to a person."""

from __future__ import annotations

import pytest
from tests.rules.complaints.telling import FIBRE, Story, day, fibre


def judged(verdict: str, *, down_kbps: int, verified: str = "press") -> Story:
    story = fibre()
    story.add(
        "SpeedJudged",
        FIBRE,
        day(145),
        "quality",
        rule="de-fixed@2021-12-13",
        verdict=verdict,
        tests=32,
        counted=30,
        down_kbps=down_kbps,
        verified=verified,
        slow_days="2026-05-24,2026-05-26",
    )
    return story


def test_a_strong_breach_is_decided_alone_and_the_slow_days_are_credited() -> None:
    decision = judged("breach_strong", down_kbps=60_000).decide()
    assert (decision.verdict, decision.rule) == ("upheld", "cn.speed_promised")
    assert decision.may_act_alone
    assert decision.amount is not None
    assert decision.amount.minor > 0
    assert "证据充分" in decision.reasons[0].zh


@pytest.mark.parametrize(
    ("verdict", "down_kbps", "verified", "why"),
    [
        ("breach_weak", 60_000, "press", "weak_evidence"),
        ("breach_strong", 260_000, "false", "rule_unverified"),
        ("insufficient", 60_000, "press", "not_measured"),
    ],
)
def test_what_proves_less_is_left_to_a_person(
    verdict: str, down_kbps: int, verified: str, why: str
) -> None:
    decision = judged(verdict, down_kbps=down_kbps, verified=verified).decide()
    assert (decision.verdict, decision.why_person) == ("person_must_decide", why)


def test_below_the_guaranteed_minimum_even_an_unverified_rule_may_answer() -> None:
    assert judged("breach_strong", down_kbps=60_000, verified="false").decide().may_act_alone


def test_a_contract_that_is_kept_refutes_the_complaint() -> None:
    assert judged("no_breach", down_kbps=299_000).decide().verdict == "not_upheld"


def test_tests_of_the_operator_that_say_otherwise_are_a_contradiction() -> None:
    story = judged("breach_strong", down_kbps=60_000).measured(FIBRE, day(144), 299_000)
    assert story.decide().why_person == "conflicting_evidence"
