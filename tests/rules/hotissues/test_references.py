"""Which periods a period is held against."""

from datetime import date

import numpy as np
import pytest

from amends.engines.detection.baseline.references import references


def test_weeks_follow_the_calendar():
    found = references(575, start=date(2010, 1, 4), years=5)
    assert (found.first, found.fitted, found.row) == (311, 238, 575)
    ends = np.flatnonzero(np.diff(found.levels[: found.fitted])) + 1
    runs = np.diff([0, *ends, found.fitted])
    year, long_year = [7, *[5] * 9], [7, 6, *[5] * 8]
    assert runs.tolist() == [*year, *year, *long_year, *year, 7, 5, 5, 5, 5, 2]
    assert found.levels[-1] == 0


@pytest.mark.parametrize(
    ("row", "levels", "trend"), [(30, 1, False), (120, 10, False), (170, 10, True)]
)
def test_a_short_history_asks_for_less(row, levels, trend):
    found = references(row)
    assert int(found.levels.max()) + 1 == levels
    assert found.trend is trend
    assert found.fitted >= 8


def test_hardly_any_history_is_none():
    assert references(7) is None
    assert references(0, period="day") is None


def test_hours_are_alike_by_hour_of_the_week():
    found = references(3_000, period="hour")
    same = found.levels[:-1] == found.levels[-1]
    assert set((found.row - found.first - np.flatnonzero(same)) % 168) == {0}


def test_a_moving_holiday_is_held_against_itself():
    special = np.zeros(400, dtype=np.int64)
    special[[300, 352, 399]] = 1
    found = references(399, special=special)
    alike = np.flatnonzero(found.levels == found.levels[-1]) + found.first
    assert alike.tolist() == [300, 352, 399]
    special[[300, 352]] = 0
    unlearnt = references(399, special=special)
    assert (unlearnt.levels == unlearnt.levels[-1]).sum() > 1
