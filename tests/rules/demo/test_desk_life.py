"""How the simulated desk, its handlers and its complainants behave; and what they do not say."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest

from amends.platform.kit.periods import from_ms, to_ms
from amends_demo.rules.handling import (
    answer_by_hand,
    handled_at_ms,
    left_lying,
    say,
    second_look,
)
from amends_demo.rules.handling_days import EVENINGS_MS, FRESH, evenings_between, sittings
from amends_demo.rules.hidden import hidden
from amends_demo.rules.matters import CAUSES
from amends_demo.rules.responding import (
    answer_deadlock,
    answer_proposal,
    answer_question,
    answer_refusal,
)
from amends_demo.rules.scenario import draw_scenario
from amends_demo.rules.tables import DAY_MS, HOUR_MS

END = datetime(2026, 11, 24, 11, 20, tzinfo=UTC)
START = END - timedelta(weeks=26)
CHINA = timedelta(hours=8)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)


def test_the_desk_sits_down_on_thursdays_and_daily_at_the_end() -> None:
    received = list(range(to_ms(START), to_ms(END), 2 * HOUR_MS))
    moments = sittings(to_ms(START), to_ms(END), received)
    assert moments == sorted(set(moments))
    assert to_ms(START) < moments[0] < moments[-1] < to_ms(END)
    weekly = [m for m in moments[:-1] if m < to_ms(END) - 6 * DAY_MS]
    assert {(from_ms(m) + CHINA).strftime("%a %H:%M") for m in weekly} == {"Thu 18:00"}
    assert len(weekly) in (25, 26)
    assert max(np.diff(moments[-4:])) <= DAY_MS
    assert sum(1 for at_ms in received if at_ms >= moments[-1]) == FRESH


def test_what_comes_in_is_looked_at_within_a_week() -> None:
    moments = sittings(to_ms(START), to_ms(END), [])
    assert max(np.diff([to_ms(START), *moments])) <= 7 * DAY_MS


def test_hot_issues_are_looked_for_every_second_day() -> None:
    moments = [to_ms(START), *sittings(to_ms(START), to_ms(END), []), to_ms(END)]
    looks = sorted({*moments, *(m for pair in pairwise(moments) for m in evenings_between(*pair))})
    assert max(np.diff(looks)) <= EVENINGS_MS == 2 * DAY_MS


def test_a_quiet_world_still_leaves_the_last_hours_to_the_reader() -> None:
    *_, last = sittings(to_ms(START), to_ms(END), [to_ms(START) + DAY_MS] * 20)
    assert last == to_ms(END) - 2 * DAY_MS


def test_handlers_keep_deadlines_unless_they_forget(rng: np.random.Generator) -> None:
    due_ms = 5 * DAY_MS
    moments = [handled_at_ms(rng, since_ms=DAY_MS, due_ms=due_ms) for _ in range(2_000)]
    assert min(moments) > DAY_MS
    late = sum(1 for at_ms in moments if at_ms > due_ms)
    assert 0.005 < late / len(moments) < 0.05


def test_only_in_the_last_days_does_work_lie_about(rng: np.random.Generator) -> None:
    end_ms, early, late = 100 * DAY_MS, 50 * DAY_MS, 98 * DAY_MS

    def lying(came_ms: int, at_ms: int) -> int:
        return sum(left_lying(rng, came_ms=came_ms, at_ms=at_ms, end_ms=end_ms) for _ in range(400))

    assert lying(early - DAY_MS, early) == 0
    assert lying(late - DAY_MS, late) > 3 * lying(early, late) > 0


def test_verdicts_by_hand_carry_money_where_they_should(rng: np.random.Generator) -> None:
    for language in ("zh", "en"):
        answers = [answer_by_hand(rng, language=language, enquiry=False) for _ in range(500)]
        assert {one.verdict for one in answers} == {"upheld", "partly_upheld", "not_upheld"}
        assert all((one.amount_minor > 0) == (one.verdict != "not_upheld") for one in answers)
        assert all(len(one.reason) >= 8 for one in answers)
        again = {second_look(rng, language=language).verdict for _ in range(200)}
        assert again == {"upheld", "partly_upheld", "deadlock"}
        assert answer_by_hand(rng, language=language, enquiry=True).verdict == "not_upheld"
    assert say(rng, "deadlock", "en").isascii()
    assert not say(rng, "deadlock", "zh").isascii()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_complainants_answer_in_all_ways_or_not_at_all(
    rng: np.random.Generator, language: str
) -> None:
    asked = {
        answer_proposal: {"accept", "refuse", ""},
        answer_question: {"solved", "partly", "not_solved", ""},
        answer_refusal: {"reopen", "regulator", ""},
        answer_deadlock: {"regulator", ""},
    }
    for ask, ways in asked.items():
        words = [ask(rng, language) for _ in range(1_000)]
        assert Counter(one.what for one in words).keys() == ways
        assert all(one.after_ms >= HOUR_MS for one in words if one.what)
        spoken = [one for one in words if one.what in ("refuse", "not_solved", "reopen")]
        assert all(one.words for one in spoken)


def test_every_hidden_cause_is_told_in_both_languages() -> None:
    scenario = draw_scenario(np.random.default_rng(1), start_ms=to_ms(START), end_ms=to_ms(END))
    told = hidden(scenario)
    assert {one.cause for one in told} == set(CAUSES.values()) - {""}
    for one in told:
        assert one.zh
        assert one.en
        assert to_ms(START) <= one.from_ms < one.to_ms
        assert one.from_ms < to_ms(END)
