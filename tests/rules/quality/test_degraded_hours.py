"""Hours of a cell in which several indicators were degraded count once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from amends.network.quality.rules.degraded_hours import degraded_hours

START = datetime(2026, 11, 26, tzinfo=UTC)
DAY = timedelta(days=1)


def test_three_indicators_of_six_days_are_six_days() -> None:
    stretches = [
        (START, START + 6 * DAY),
        (START + timedelta(hours=3), START + 6 * DAY),
        (START + DAY, START + 5 * DAY),
    ]
    assert degraded_hours(stretches, since=START, until=START + 7 * DAY) == 144


def test_hours_outside_the_period_do_not_count() -> None:
    stretches = [(START - 3 * DAY, START + DAY), (START + 2 * DAY, START + 9 * DAY)]
    assert degraded_hours(stretches, since=START, until=START + 4 * DAY) == 72
