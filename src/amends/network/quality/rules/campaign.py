"""Which tests a rule takes as evidence, and what is missing until they are enough."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from itertools import combinations, pairwise
from typing import Any

from amends.network.quality.rules.speed_tests import SpeedCase, SpeedTest
from amends.platform.kit.errors import gettext_noop
from amends.platform.kit.translatable import Translatable

MONDAY_TO_FRIDAY = range(5)

SELDOM_DAYS, SELDOM_SHARE = 10, 0.1
"""House rule: with tests of so many days, a line that is slow on at most this share of them has no
fault to report. The code of 2019 names the minimum after the slowest tenth of similar lines."""


@dataclass(frozen=True, slots=True)
class AcceptedTests:
    """Tests a rule takes, those it leaves out by reason, and what is missing in words."""

    tests: tuple[SpeedTest, ...]
    marked: dict[str, int] = field(default_factory=dict)
    missing: list[Translatable] = field(default_factory=list)


def take(
    data: Mapping[str, Any],
    tests: tuple[SpeedTest, ...],
    case: SpeedCase,
    zone: tzinfo | None,
    now: datetime | None,
) -> AcceptedTests:
    """The evidence a rule takes of tests that count, by its table `[evidence]`."""
    if data["directions"] == ["down"] and any(test.down_mbps is None for test in tests):
        accepted = take(data, tuple(t for t in tests if t.down_mbps is not None), case, zone, now)
        empty = len(tests) - len(accepted.tests) - sum(accepted.marked.values())
        return AcceptedTests(
            accepted.tests, {**accepted.marked, "no_data": empty}, accepted.missing
        )
    if "tests_a_day" in data:
        return _campaign(data, tests, zone, now)
    if "days_to_mend" in data:
        return _after_report(data, tests, case, zone)
    return _days(data, tests, zone)


# A campaign: so many tests on so many days, with pauses


def _campaign(
    data: Mapping[str, Any],
    tests: tuple[SpeedTest, ...],
    zone: tzinfo | None,
    now: datetime | None,
) -> AcceptedTests:
    """The earliest full campaign; else the fullest set of days that can still become one."""
    days: dict[date, list[SpeedTest]] = {}
    for test in tests:
        days.setdefault(test.day(zone), []).append(test)
    spaced = {day: spaced_tests(data, day_tests) for day, day_tests in days.items()}
    chosen = best_days(data, {day: len(day_tests) for day, day_tests in spaced.items()})
    chosen_tests = tuple(test for day in chosen for test in spaced[day])
    close = sum(
        1
        for day, day_tests in days.items()
        if len(spaced[day]) < data["tests_a_day"]
        for test in day_tests
        if test not in spaced[day]
    )
    marked = {"too_close": close, "outside_campaign": len(tests) - len(chosen_tests) - close}
    marked = {reason: count for reason, count in marked.items() if count}
    missing = _missing(data, {day: len(spaced[day]) for day in chosen}, zone, now)
    return AcceptedTests(chosen_tests, marked, missing)


def spaced_tests(data: Mapping[str, Any], tests: Sequence[SpeedTest]) -> list[SpeedTest]:
    """The first tests of a day that keep their distance. To take each as early as possible leaves
    the most room for the rest."""
    chosen_tests: list[SpeedTest] = []
    for test in tests:
        pause = pause_after(data, len(chosen_tests)).total_seconds()
        if chosen_tests and test.at.timestamp() - chosen_tests[-1].at.timestamp() < pause:
            continue
        chosen_tests.append(test)
        if len(chosen_tests) == data["tests_a_day"]:
            break
    return chosen_tests


def pause_after(data: Mapping[str, Any], taken_count: int) -> timedelta:
    """How long after a test the next of the same day may run."""
    if taken_count == data["pause_after"]:
        return timedelta(hours=data["pause_hours"])
    return timedelta(minutes=data["minutes_between"])


def best_days(data: Mapping[str, Any], tests: Mapping[date, int]) -> tuple[date, ...]:
    """The days with most tests that fit into one campaign, the earliest of equal ones."""
    apart = timedelta(days=data["free_days_between"] + 1)
    span = timedelta(days=data["within_days"] - 1)
    best: tuple[int, tuple[date, ...]] = (0, ())
    ordered = sorted(tests)
    for first in ordered:
        near = [day for day in ordered if first + apart <= day <= first + span]
        for number in range(data["days"]):
            for further_days in combinations(near, number):
                days = (first, *further_days)
                if any(b - a < apart for a, b in pairwise(days)):
                    continue
                test_count = sum(tests[day] for day in days)
                if test_count > best[0]:
                    best = test_count, days
        if best[0] == data["tests"]:
            break
    return best[1]


def _missing(
    data: Mapping[str, Any], days: Mapping[date, int], zone: tzinfo | None, now: datetime | None
) -> list[Translatable]:
    """What completes the series; and, once its time has passed, that it begins anew."""
    each = data["tests_a_day"]
    if sum(days.values()) == data["tests"]:
        return []
    anew = Translatable(
        gettext_noop(
            "A new series of %(tests)s wired tests: %(each)s on each of %(days)s days, "
            "with a free day between and all within %(within)s days."
        ),
        tests=data["tests"],
        each=each,
        days=data["days"],
        within=data["within_days"],
    )
    if not days:
        return [anew]
    until = min(days) + timedelta(days=data["within_days"] - 1)
    missing = [
        Translatable(
            gettext_noop("Still needed: wired tests, %(count)s on %(day)s."),
            count=each - test_count,
            day=day.isoformat(),
        )
        for day, test_count in days.items()
        if test_count < each
    ]
    missing += [
        Translatable(
            gettext_noop(
                "Still needed: wired tests, %(count)s on another day by %(until)s, with a free day "
                "between; %(minutes)s minutes apart, %(hours)s hours between the fifth and sixth."
            ),
            count=each,
            until=until.isoformat(),
            minutes=data["minutes_between"],
            hours=data["pause_hours"],
        )
    ] * (data["days"] - len(days))
    today = now.astimezone(zone).date() if now else None
    last = [day for day, test_count in days.items() if test_count < each] + [until]
    if today is not None and min(last) < today:
        missing.append(anew)
    return missing


# So many tests on so many days


def _days(
    data: Mapping[str, Any], tests: tuple[SpeedTest, ...], zone: tzinfo | None
) -> AcceptedTests:
    hours = data.get("weekday_hours")
    timely_tests = tuple(
        test
        for test in tests
        if hours is None
        or (
            test.local(zone).weekday() in MONDAY_TO_FRIDAY
            and hours[0] <= test.local(zone).hour < hours[1]
        )
    )
    marked = (
        {"outside_hours": len(tests) - len(timely_tests)} if len(timely_tests) < len(tests) else {}
    )
    return AcceptedTests(
        timely_tests, marked, _lacking(data, timely_tests, zone, weekdays=hours is not None)
    )


def _lacking(
    data: Mapping[str, Any], tests: tuple[SpeedTest, ...], zone: tzinfo | None, *, weekdays: bool
) -> list[Translatable]:
    per_day: dict[date, int] = {}
    for test in tests:
        day = test.day(zone)
        per_day[day] = per_day.get(day, 0) + 1
    full = sum(1 for count in per_day.values() if count >= data["least_a_day"])
    missing = []
    if len(tests) < data["tests"]:
        missing.append(
            Translatable(
                gettext_noop("Still needed: wired tests, %(count)s on weekday evenings.")
                if weekdays
                else gettext_noop("Still needed: wired tests, %(count)s in all."),
                count=data["tests"] - len(tests),
            )
        )
    if full < data["days"]:
        missing.append(
            Translatable(
                gettext_noop("Still needed: wired tests on other weekday evenings, %(count)s more.")
                if weekdays
                else gettext_noop(
                    "Still needed: wired tests on other days, %(count)s more, "
                    "at least %(each)s each."
                ),
                count=data["days"] - full,
                each=data["least_a_day"],
            )
        )
    return missing


# After the provider was told


def _after_report(
    data: Mapping[str, Any], tests: tuple[SpeedTest, ...], case: SpeedCase, zone: tzinfo | None
) -> AcceptedTests:
    """Tests from the day on which the time to mend has passed; before it only a kept minimum
    can be told."""
    minimum = case.plan.down_min_mbps
    below = [test for test in tests if minimum is not None and (test.down_mbps or 0.0) < minimum]
    if (
        below
        and zone
        and _seldom(tests, below, zone)
        and not _slow_after_term(data, below, case, zone)
    ):
        fast = tuple(test for test in tests if test not in below)
        return AcceptedTests(fast, {"seldom_slow": len(below)}, _few(data, fast))
    if case.reported_at is None:
        if below:
            sentence = gettext_noop(
                "Still needed: a report to the provider (reported_at), and wired tests "
                "%(days)s days later."
            )
            return AcceptedTests(tests, {}, [Translatable(sentence, days=data["days_to_mend"])])
        return AcceptedTests(tests, {}, _few(data, tests))
    due_day = case.reported_at.astimezone(zone).date() + timedelta(days=data["days_to_mend"])
    late = tuple(test for test in tests if test.day(zone) >= due_day)
    since = tuple(test for test in tests if test.at > case.reported_at)
    if not late and len(since) >= data["tests"] and not set(since) & set(below):
        late = since
    marked = {"outside_campaign": len(tests) - len(late)} if len(late) < len(tests) else {}
    if set(late) & set(below):
        return AcceptedTests(late, marked)
    if len(late) >= data["tests"]:
        return AcceptedTests(late, marked)
    sentence = gettext_noop("Still needed: wired tests, %(count)s on %(day)s or later.")
    return AcceptedTests(
        late,
        marked,
        [Translatable(sentence, count=data["tests"] - len(late), day=due_day.isoformat())],
    )


def _seldom(tests: Sequence[SpeedTest], below: Sequence[SpeedTest], zone: tzinfo | None) -> bool:
    """Whether slow tests are so few that no fault need be reported: the promised minimum is the
    speed of the slowest tenth, so a line that keeps it is below now and then."""
    days = {test.day(zone) for test in tests}
    slow = {test.day(zone) for test in below}
    return len(days) >= SELDOM_DAYS and len(slow) <= SELDOM_SHARE * len(days)


def _slow_after_term(
    data: Mapping[str, Any], below: Sequence[SpeedTest], case: SpeedCase, zone: tzinfo | None
) -> bool:
    """Whether the provider's days to mend a reported fault are over and the line is still slow."""
    if case.reported_at is None:
        return False
    due_day = case.reported_at.astimezone(zone).date() + timedelta(days=data["days_to_mend"])
    return any(test.day(zone) >= due_day for test in below)


def _few(data: Mapping[str, Any], tests: Sequence[SpeedTest]) -> list[Translatable]:
    if len(tests) >= data["tests"]:
        return []
    return [
        Translatable(
            gettext_noop("Still needed: wired tests, %(count)s in all."),
            count=data["tests"] - len(tests),
        )
    ]
