"""Times, money and figures as their reader writes them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from amends.platform.kit.formats import (
    NOTHING,
    format_count,
    format_date,
    format_duration,
    format_moment,
    format_money,
    format_speed,
    is_chinese,
    join_words,
)

NOW = datetime(2026, 11, 24, 6, 5, tzinfo=UTC)


def test_a_moment_stands_on_the_readers_clock() -> None:
    assert format_moment(NOW, "zh-hans", "Asia/Shanghai") == "2026年11月24日 14:05"
    assert format_moment(NOW, "en-GB", "Europe/London") == "24 Nov 2026 06:05"
    summer = datetime(2026, 7, 1, 6, 5, tzinfo=UTC)
    assert format_moment(summer, "en", "Europe/London") == "1 Jul 2026 07:05"


def test_a_day_is_the_local_day() -> None:
    late = datetime(2026, 11, 24, 20, 0, tzinfo=UTC)
    assert format_date(late, "zh", "Asia/Shanghai") == "2026年11月25日"
    assert format_date(date(2026, 3, 1), "en") == "1 Mar 2026"


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        format_moment(datetime(2026, 1, 1), "en", "UTC")  # noqa: DTZ001


def test_nothing_is_a_dash_and_never_zero() -> None:
    assert format_money(None, "CNY") == NOTHING
    assert format_money(0, "CNY") == "¥0.00"
    assert format_moment(None, "zh", "UTC") == format_date(None, "en") == NOTHING
    assert format_count(None, "en") == format_speed(None) == format_duration(None, "zh") == NOTHING
    assert join_words([], "en") == NOTHING


@pytest.mark.parametrize(
    ("seconds", "zh", "en"),
    [
        (59, "不到1分钟", "less than a minute"),
        (60, "1分钟", "1 minute"),
        (3_600, "1小时", "1 hour"),
        (90_000, "1天1小时", "1 day 1 hour"),
        (172_860, "2天1分钟", "2 days 1 minute"),
    ],
)
def test_a_length_of_time_has_two_units_at_most(seconds: int, zh: str, en: str) -> None:
    assert format_duration(seconds, "zh") == zh
    assert format_duration(seconds, "en") == en


def test_large_counts_and_speeds_take_their_unit() -> None:
    assert format_count(1_234_567, "zh") == "123.5万"
    assert format_count(99_999, "zh") == "99,999"
    assert format_speed(1_000_000) == "1000 Mbit/s"
    assert is_chinese("zh")
    assert not is_chinese("en")
