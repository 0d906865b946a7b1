"""The emergency plan: levels, deadlines, delays, closing; every figure from the dated file."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from amends.problems.emergencies.rules.emergency import (
    EmergencyScope,
    EmergencyStatus,
    closing_rule,
    due_steps,
    grade,
    not_yet,
    plan_on,
    regrade,
    step_state,
)

PLAN = plan_on(date(2026, 11, 25))
AT = datetime(2026, 11, 25, 8, tzinfo=UTC)
LEVELS = [one.id for one in PLAN.levels]
KINDS = ["billing", "privacy", "network", "outage", "emergency_number"]


@given(st.integers(0, 50_000), st.integers(0, 50_000), st.floats(0, 20), st.sampled_from(KINDS))
def test_more_persons_or_more_growth_never_make_it_less_grave(
    persons: int, more: int, growth: float, kind: str
) -> None:
    def gravity(hit: EmergencyScope) -> int:
        level = grade(hit, PLAN).level
        return -PLAN.level(level).grade if level else -9

    base = gravity(EmergencyScope(persons, growth, kind))
    assert gravity(EmergencyScope(persons + more, growth, kind)) >= base
    assert gravity(EmergencyScope(persons, growth + 1, kind)) >= base


def test_the_emergency_number_is_grave_for_one_person() -> None:
    assert grade(EmergencyScope(1, None, "emergency_number"), PLAN).level == "level1"


def test_a_graver_level_gives_less_time_for_every_step() -> None:
    for step in PLAN.steps:
        times = [step.within[level] for level in LEVELS if level in step.within]
        assert times == sorted(times), step.id
        assert set(step.within) <= set(LEVELS)


@given(st.lists(st.sampled_from(LEVELS), min_size=1, max_size=6), st.sampled_from(KINDS))
def test_changing_the_level_to_and_fro_never_gives_an_open_step_more_time(
    levels: list[str], kind: str
) -> None:
    standing = {
        due.step: EmergencyStatus(due.step, due.due_at)
        for due in due_steps(levels[0], kind, PLAN, at=AT)
    }
    first = {step: one.due_at for step, one in standing.items()}
    now = AT
    for level in levels[1:]:
        now += timedelta(minutes=10)
        changed = regrade(list(standing.values()), level, kind, PLAN, at=now)
        for due in changed.added:
            standing[due.step] = EmergencyStatus(due.step, due.due_at)
        for due in changed.sooner:
            assert due.due_at < standing[due.step].due_at
            standing[due.step] = EmergencyStatus(due.step, due.due_at)
        for step in changed.dropped:
            del standing[step]
            first.pop(step, None)
        asked = {due.step for due in due_steps(level, kind, PLAN, at=now)}
        assert set(standing) == asked
    for step, one in standing.items():
        assert one.due_at <= first.get(step, one.due_at)


def test_what_was_done_stays_done() -> None:
    done = EmergencyStatus("answer", AT, done_at=AT + timedelta(hours=1))
    now = AT + timedelta(minutes=1)
    assert step_state(done, now + timedelta(days=1)) == "done_late"
    assert "answer" not in regrade([done], "level4", "billing", PLAN, at=now).dropped


def test_the_bulk_offer_closes_an_australian_outage_and_nothing_else() -> None:
    rule = closing_rule("outage", "au", PLAN)
    assert not_yet(rule, {"cause_ended", "reviewed"}) == ("offer_told",)
    assert rule.verified is False
    assert closing_rule("billing", "au", PLAN).id == "general"
    for closing in PLAN.closings:
        assert set(closing.needs) <= set(PLAN.needs)


def test_a_natural_disaster_is_closed_by_the_general_rule() -> None:
    """Before, “natural disasters excepted” was a note and the rule held for them all the same."""
    assert closing_rule("outage", "au", PLAN, disaster=True).id == "general"
    assert closing_rule("outage", "au", PLAN, disaster=False).id == "au_outage"
