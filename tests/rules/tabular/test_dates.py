"""Dates: read as written, and asked about when a column can be read in two ways."""

from __future__ import annotations

import csv
from datetime import date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amends.platform.tabular.date_order import OtherDates, reading_of
from amends.platform.tabular.dates import combine, read_moment, read_time


@pytest.mark.parametrize(
    ("cell", "order", "day"),
    [
        ("2026-11-24", "ymd", date(2026, 11, 24)),
        ("2026年11月24日", "ymd", date(2026, 11, 24)),
        ("20261124", "ymd", date(2026, 11, 24)),
        ("24/11/2026", "dmy", date(2026, 11, 24)),
        ("11/24/2026", "mdy", date(2026, 11, 24)),
        ("24.11.2026 14:05", "dmy", date(2026, 11, 24)),
        ("Nov 24, 2026", "ymd", date(2026, 11, 24)),
        ("2026-11-24T14:05:00+08:00", "ymd", date(2026, 11, 24)),
    ],
)
def test_dates_as_people_write_them(cell: str, order: str, day: date) -> None:
    moment = read_moment(cell)
    assert moment is not None
    assert moment.day(order) == day  # type: ignore[arg-type]


@pytest.mark.parametrize("cell", ["", "soon", "2026-13-45", "99", "2026-02-30", "12:30"])
def test_what_is_no_date_has_no_day(cell: str) -> None:
    moment = read_moment(cell)
    assert moment is None or moment.day("ymd") is None


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        ("22-Apr-2015", "2015-04-22T00:00:00+08:00"),
        ("Wed Oct 11 06:55:44 +0000 2017", "2017-10-11T06:55:44+00:00"),
        ("1683871450", "2023-05-12T06:04:10+00:00"),
        ("1683871450000", "2023-05-12T06:04:10+00:00"),
        ("2023-05-12T06:04:10.5Z", "2023-05-12T06:04:10.500000+00:00"),
        ("2023-05-12 06:04:10 -07:00", "2023-05-12T06:04:10-07:00"),
        ("2023年5月12日 星期五 下午3点20分", "2023-05-12T15:20:00+08:00"),
        ("二〇二三年十一月三十日", "2023-11-30T00:00:00+08:00"),
        ("May 12th, 2023 3:20 p.m.", "2023-05-12T15:20:00+08:00"),
    ],
)
def test_moments_of_other_programs(cell: str, moment: str) -> None:
    read = read_moment(cell)
    assert read is not None
    found = combine(read, order="ymd", clock=None, zone=ZoneInfo("Asia/Shanghai"))
    assert found == datetime.fromisoformat(moment)


@pytest.mark.parametrize("cell", ["3天前", "Oct 11 06:55:44 CST 2017", "Q1/23", "13812348000"])
def test_what_could_be_several_moments_is_none(cell: str) -> None:
    assert read_moment(cell) is None


@pytest.mark.parametrize(
    ("cells", "order"),
    [
        (["22-04-15", "04-08-15", "18-06-15"], "dmy"),
        (["4/22/15", "5/3/15", "12/30/14"], "mdy"),
        (["15-04-22", "15-06-30", "15-12-31"], "ymd"),
        (["26-11-02", "26-11-03", "26-10-05"], "ymd"),
    ],
)
def test_years_of_two_digits_are_placed_by_evidence(cells: list[str], order: str) -> None:
    reading = reading_of(cells, column="day", latest=date(2026, 11, 30))
    assert (reading.order, reading.ambiguous) == (order, False)
    assert "two digits" in reading.translated(str)


def test_another_column_of_the_same_dates_settles_the_order() -> None:
    cells, words = ["04-08-15", "05-09-15"], ["04-Aug-15", "05-Sep-15"]
    assert reading_of(cells, column="day").ambiguous
    reading = reading_of(cells, column="day", witness_columns=[OtherDates("Month", words)])
    assert (reading.order, reading.ambiguous) == ("dmy", False)
    assert "“Month”" in reading.translated(str)


def test_midnight_and_noon_are_told_apart() -> None:
    assert read_time("12:05 AM") == time(0, 5)
    assert read_time("12:05 pm") == time(12, 5)
    assert read_time("25:00") is None


def test_times_are_stored_in_utc() -> None:
    moment = read_moment("2026-11-24")
    assert moment is not None
    stored = combine(moment, order="ymd", clock=time(8, 0), zone=ZoneInfo("Asia/Shanghai"))
    assert stored == datetime(2026, 11, 24, 0, 0, tzinfo=ZoneInfo("UTC"))


@pytest.mark.shared
def test_the_published_column_is_ambiguous_and_the_corrected_one_is_not(shared: Path) -> None:
    with (shared / "data/comcast_titles/comcast_dev.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    right = reading_of([row["date"] for row in rows], column="date")
    assert (right.order, right.ambiguous) == ("ymd", False)
    published = reading_of([row["date_as_published"] for row in rows], column="date_as_published")
    assert published.ambiguous
    assert (published.order, published.other) == ("ydm", "ymd")
    assert "span 91 days" in published.translated(str)
    assert "over 12 months" in published.translated(str)
    for row in rows:
        moment = read_moment(row["date_as_published"])
        assert moment is not None
        assert moment.day("ydm") == date.fromisoformat(row["date"])


@given(st.lists(st.dates(date(2000, 1, 1), date(2030, 12, 31)), min_size=1, max_size=60))
def test_a_column_is_never_read_otherwise_than_written_without_a_question(days: list[date]) -> None:
    for form in ("%d/%m/%Y", "%m/%d/%Y", "%Y-%m-%d"):
        cells = [f"{day:{form}}" for day in days]
        reading = reading_of(cells, column="day")
        if reading.ambiguous:
            continue
        read = [moment.day(reading.order) for cell in cells if (moment := read_moment(cell))]
        assert read == days
