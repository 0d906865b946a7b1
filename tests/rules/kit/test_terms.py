"""Counting as the law states it: days, working days, weeks, months, hours."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amends.platform.kit.calendars import working_days
from amends.platform.kit.terms import Counting, Ending, Term, UnableToCount, ending, shifted

SHANGHAI = ZoneInfo("Asia/Shanghai")
LONDON = ZoneInfo("Europe/London")
CIVIL_CODE = Counting(carry_over=True)


def ends(
    amount: int, unit: str, start: datetime, place: str = "cn", how: Counting = CIVIL_CODE
) -> Ending:
    zone = start.tzinfo
    assert zone is not None
    return ending(Term(amount, unit), start, zone=zone, working=working_days(place), counting=how)


def test_the_day_of_the_event_is_not_counted_and_the_day_ends_at_midnight() -> None:
    end = ends(15, "calendar_days", datetime(2026, 4, 9, 0, 1, tzinfo=SHANGHAI))
    assert end.at == datetime(2026, 4, 24, 23, 59, 59, tzinfo=SHANGHAI)
    assert not end.moved


def test_a_last_day_that_is_a_day_off_moves_on() -> None:
    end = ends(15, "calendar_days", datetime(2026, 9, 20, 12, tzinfo=SHANGHAI))
    assert end.at.date() == date(2026, 10, 8)
    assert end.moved


def test_a_make_up_saturday_is_a_last_day() -> None:
    end = ends(15, "calendar_days", datetime(2026, 1, 30, 12, tzinfo=SHANGHAI))
    assert end.at.date() == date(2026, 2, 14)
    assert not end.moved


def test_without_carry_over_the_day_stays() -> None:
    end = ends(15, "calendar_days", datetime(2026, 9, 20, 12, tzinfo=SHANGHAI), how=Counting())
    assert end.at.date() == date(2026, 10, 5)


def test_hours_run_from_the_moment_across_a_change_of_clocks() -> None:
    end = ends(48, "hours", datetime(2026, 3, 28, 12, 0, tzinfo=LONDON), "uk", Counting())
    assert end.at == datetime(2026, 3, 30, 13, 0, tzinfo=LONDON)


def test_weeks_end_in_the_offset_of_their_last_day() -> None:
    end = ends(6, "weeks", datetime(2026, 3, 1, 12, 0, tzinfo=LONDON), "uk", Counting())
    assert end.at.isoformat() == "2026-04-12T23:59:59+01:00"


def test_the_local_day_counts_not_the_day_in_utc() -> None:
    late = datetime(2026, 4, 8, 16, 30, tzinfo=UTC)  # 9 April, 00:30 in Shanghai
    end = ending(
        Term(15, "calendar_days"),
        late,
        zone=SHANGHAI,
        working=working_days("cn"),
        counting=CIVIL_CODE,
    )
    assert end.at.date() == date(2026, 4, 24)


@pytest.mark.parametrize(
    ("received", "due"),
    [
        ("2026-04-09T10:00", date(2026, 4, 9)),
        ("2026-04-09T13:00", date(2026, 4, 9)),
        ("2026-04-09T13:01", date(2026, 4, 10)),
        ("2026-04-11T09:00", date(2026, 4, 13)),
    ],
)
def test_an_hour_of_closing_moves_the_receipt(received: str, due: date) -> None:
    start = datetime.fromisoformat(received).replace(tzinfo=ZoneInfo("America/New_York"))
    how = Counting(start_day_counted=True, received_by=time(13, 0))
    assert ends(1, "working_days", start, "us", how).at.date() == due


def test_close_of_business_ends_the_last_day_where_it_is_said() -> None:
    how = Counting(closes=time(17, 30))
    end = ends(5, "working_days", datetime(2026, 4, 9, 10, tzinfo=SHANGHAI), how=how)
    assert end.at == datetime(2026, 4, 16, 17, 30, tzinfo=SHANGHAI)


def test_a_term_into_an_unannounced_year_says_so() -> None:
    end = ends(5, "working_days", datetime(2030, 12, 30, 10, tzinfo=SHANGHAI))
    assert end.doubts
    assert "2030" in end.doubts[0][1]


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
    ],
)
def test_months_end_on_the_corresponding_day(day: date, months: int, expected: date) -> None:
    assert shifted(day, months) == expected


def test_nonsense_is_refused() -> None:
    with pytest.raises(UnableToCount):
        Term(3, "moons")
    with pytest.raises(UnableToCount):
        Term(-1, "weeks")
    with pytest.raises(UnableToCount):
        ending(
            Term(1, "weeks"),
            datetime(2026, 1, 1),  # noqa: DTZ001
            zone=LONDON,
            working=working_days("uk"),
            counting=Counting(),
        )


@given(
    st.datetimes(datetime(2004, 1, 1), datetime(2045, 1, 1), timezones=st.just(SHANGHAI)),  # noqa: DTZ001
    st.integers(1, 40),
    st.sampled_from(["calendar_days", "working_days", "weeks"]),
)
def test_a_longer_term_never_ends_earlier(start: datetime, amount: int, unit: str) -> None:
    assert ends(amount, unit, start).at <= ends(amount + 1, unit, start).at
    assert ends(amount, unit, start).at - start >= timedelta(days=amount - 1)
