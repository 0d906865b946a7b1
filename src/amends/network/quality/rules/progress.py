"""How far a user is with the tests a rule asks for, and when the next may run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

from amends.network.quality.rules.campaign import best_days, pause_after, spaced_tests
from amends.network.quality.rules.speed_tests import SpeedTest

_MORNING = 8


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a series of tests is.

    days     day → tests taken of it, those of a new series that began
    each     tests a day, 0 where the rule names no number
    done, of tests taken, and how many the rule asks for
    next_at  the earliest moment of the next test that counts; None once there are enough
    """

    days: Mapping[date, int]
    each: int
    done: int
    of: int
    next_at: datetime | None


def progress(
    data: Mapping[str, Any], tests: Sequence[SpeedTest], zone: tzinfo, now: datetime
) -> Progress:
    """How far tests that count are, and when the next may run, by the table `[evidence]`."""
    days: dict[date, list[SpeedTest]] = {}
    for test in tests:
        days.setdefault(test.day(zone), []).append(test)
    if "tests_a_day" not in data:
        counts = {day: len(day_tests) for day, day_tests in days.items()}
        daily_minimum = data.get("least_a_day", data["tests"])
        full = sum(1 for count in counts.values() if count >= daily_minimum)
        more = len(tests) < data["tests"] or full < data.get("days", 1)
        return Progress(
            days=counts, each=0, done=len(tests), of=data["tests"], next_at=now if more else None
        )
    # Of a day that has passed with too few tests nothing can be used any more.
    today = now.astimezone(zone).date()
    spaced = {day: spaced_tests(data, day_tests) for day, day_tests in days.items()}
    each, within = data["tests_a_day"], timedelta(days=data["within_days"])
    usable = {
        day: len(day_tests)
        for day, day_tests in spaced.items()
        if day >= today or len(day_tests) == each
    }
    best = best_days(data, usable)
    test_count = sum(usable[day] for day in best)
    if best and test_count < data["tests"] and min(best) + within <= today:
        best = tuple(day for day in best if day == today)
        test_count = sum(usable[day] for day in best)
    counts = {day: usable[day] for day in best}
    if test_count == data["tests"]:
        following = None
    elif not best:
        following = now
    elif counts[max(best)] < each:
        last = spaced[max(best)][-1].at
        following = max(now, last + pause_after(data, counts[max(best)]))
    else:
        free = max(best) + timedelta(days=data["free_days_between"] + 1)
        following = max(now, datetime.combine(free, time(_MORNING), zone))
    return Progress(days=counts, each=each, done=test_count, of=data["tests"], next_at=following)
