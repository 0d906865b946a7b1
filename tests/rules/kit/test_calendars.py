"""Working days: announced ones exactly, the others computed and said to be so."""

from __future__ import annotations

from datetime import date, timedelta

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from amends.platform.kit.calendars import UnableToFindCalendar, working_days

PLACES = ("cn", "cn-41", "uk", "us", "au", "au-NSW", "in", "eu", "eu-DE")
DAYS = st.dates(date(1990, 1, 1), date(2080, 12, 31))


@pytest.mark.parametrize(
    ("day", "working"),
    [
        (date(2026, 2, 14), True),  # a Saturday worked to make up for the Spring Festival
        (date(2026, 2, 15), False),
        (date(2026, 2, 23), False),
        (date(2026, 2, 24), True),
        (date(2026, 2, 28), True),
        (date(2026, 10, 7), False),
        (date(2026, 10, 10), True),
        (date(2024, 10, 12), True),
        (date(2016, 10, 9), True),  # a Sunday
    ],
)
def test_chinese_make_up_days_are_working_days(day: date, working: bool) -> None:
    assert working_days("cn").is_working(day) is working


@pytest.mark.parametrize(
    ("place", "day", "working"),
    [
        ("uk", date(2026, 4, 3), False),  # Good Friday
        ("uk", date(2026, 12, 28), False),  # Boxing Day falls on a Saturday
        ("uk-SCT", date(2026, 8, 31), True),
        ("uk", date(2026, 8, 31), False),
        ("us", date(2026, 7, 3), False),  # the 4th falls on a Saturday
        ("in", date(2026, 1, 26), False),
        ("au-NSW", date(2026, 6, 8), False),
        ("au-WA", date(2026, 6, 8), True),
        ("eu-DE", date(2026, 10, 3), False),
        ("eu-FR", date(2026, 7, 14), False),
        ("eu", date(2026, 7, 14), True),
    ],
)
def test_each_place_has_its_own_days_off(place: str, day: date, working: bool) -> None:
    assert working_days(place).is_working(day) is working


def test_announced_days_are_those_of_the_package() -> None:
    china, day = working_days("cn"), date(2004, 1, 1)
    while china.is_published(day):
        assert china.is_working(day) is chinese_calendar.is_workday(day)
        day += timedelta(days=1)


def test_a_year_not_yet_announced_is_computed_and_said_so() -> None:
    china = working_days("cn")
    assert china.is_working(date(2040, 10, 1)) is False
    assert china.is_working(date(2040, 1, 3)) is True
    zh, en = china.doubt(date(2026, 3, 1), date(2040, 1, 2)) or ("", "")
    assert "2040" in zh
    assert "2040" in en
    assert china.doubt(date(2026, 3, 1)) is None


def test_a_union_without_a_country_is_never_certain() -> None:
    assert working_days("eu").doubt(date(2026, 3, 2)) is not None
    assert working_days("eu", "DE").doubt(date(2026, 3, 2)) is None


@pytest.mark.parametrize(("place", "region"), [("mars", ""), ("au", "ATLANTIS"), ("eu", "XX")])
def test_unknown_places_are_refused(place: str, region: str) -> None:
    with pytest.raises(UnableToFindCalendar):
        working_days(place, region)


@given(st.sampled_from(PLACES), DAYS, st.integers(0, 25))
def test_adding_working_days_counts_each_once(place: str, day: date, count: int) -> None:
    calendar = working_days(place)
    end = calendar.add(day, count)
    assert calendar.between(day, end) == count
    assert count == 0 or calendar.is_working(end)


@given(st.sampled_from(PLACES), DAYS)
def test_the_next_working_day_skips_only_days_off(place: str, day: date) -> None:
    calendar = working_days(place)
    found = calendar.on_or_after(day)
    assert calendar.is_working(found)
    skipped = [day + timedelta(days=n) for n in range((found - day).days)]
    assert not any(calendar.is_working(d) for d in skipped)
