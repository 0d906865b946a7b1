"""Times, money and figures as a reader writes them, in Chinese and in English.

`language` is `zh` or `en` everywhere; a tag such as `zh-hans` or `en-GB` is read by its first part.
Nothing is shown as a dash, never as 0.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from amends.platform.kit.money import format_minor

NOTHING = "—"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WAN = 10_000
_SECONDS_A_DAY = 86_400


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def is_chinese(language: str) -> bool:
    """Whether a reader of `language` reads Chinese.

    >>> is_chinese("zh-hans"), is_chinese("en")
    (True, False)
    """
    return language[:2] == "zh"


def local(moment: datetime | int, zone: str) -> datetime:
    """A moment (aware datetime, or milliseconds since 1970 UTC) on the clock of `zone`.

    >>> local(0, "Asia/Shanghai").hour
    8
    """
    if isinstance(moment, int):
        moment = _EPOCH + timedelta(milliseconds=moment)
    if moment.tzinfo is None:
        raise ValueError("A moment needs a time zone.")
    return moment.astimezone(_zone(zone))


def format_date(day: date | datetime | int | None, language: str, zone: str = "UTC") -> str:
    """A day in words; a datetime or milliseconds are first put on the clock of `zone`.

    >>> format_date(date(2026, 11, 4), "en"), format_date(date(2026, 11, 4), "zh")
    ('4 Nov 2026', '2026年11月4日')
    """
    if day is None:
        return NOTHING
    if isinstance(day, datetime | int):
        day = local(day, zone)
    return both_dates(day)[0 if is_chinese(language) else 1]


def both_dates(local_date: date) -> tuple[str, str]:
    """A local day in Chinese and in English.

    >>> both_dates(date(2026, 11, 4))
    ('2026年11月4日', '4 Nov 2026')
    """
    month = _MONTHS[local_date.month - 1]
    return (
        f"{local_date.year}年{local_date.month}月{local_date.day}日",
        f"{local_date.day} {month} {local_date.year}",
    )


def format_day_month(day: date, language: str) -> str:
    """A local day without its year, for the axis of a chart.

    >>> format_day_month(date(2026, 11, 4), "zh"), format_day_month(date(2026, 11, 4), "en")
    ('11月4日', '4 Nov')
    """
    zh, en = both_dates(day)
    return zh.split("年", 1)[-1] if is_chinese(language) else en.rsplit(" ", 1)[0]


def format_moment(moment: datetime | int | None, language: str, zone: str) -> str:
    """A moment to the minute, on the clock of `zone`.

    >>> format_moment(datetime(2026, 11, 24, 6, 5, tzinfo=UTC), "zh", "Asia/Shanghai")
    '2026年11月24日 14:05'
    >>> format_moment(datetime(2026, 11, 24, 6, 5, tzinfo=UTC), "en", "Asia/Shanghai")
    '24 Nov 2026 14:05'
    """
    if moment is None:
        return NOTHING
    return both_moments(local(moment, zone))[0 if is_chinese(language) else 1]


def both_moments(local_time: datetime) -> tuple[str, str]:
    """A moment on the local clock, to the minute, in Chinese and in English."""
    clock = f"{local_time.hour:02d}:{local_time.minute:02d}"
    zh, en = both_dates(local_time)
    return f"{zh} {clock}", f"{en} {clock}"


def format_money(minor: int | None, currency: str) -> str:
    """Minor units with the sign of the currency; the same in both languages.

    >>> format_money(123400, "CNY"), format_money(None, "CNY")
    ('¥1,234.00', '—')
    """
    return NOTHING if minor is None else format_minor(minor, currency)


def format_count(count: int | None, language: str) -> str:
    """A whole number; Chinese readers count in 万 from 100,000 on.

    >>> format_count(123_456, "en"), format_count(123_456, "zh"), format_count(1_234, "zh")
    ('123,456', '12.3万', '1,234')
    """
    if count is None:
        return NOTHING
    if is_chinese(language) and abs(count) >= 10 * _WAN:
        return f"{count / _WAN:.1f}万"
    return f"{count:,}"


def format_speed(kbps: int | None) -> str:
    """A line speed in Mbit/s, or kbit/s below one.

    >>> format_speed(100_000), format_speed(83_500), format_speed(512)
    ('100 Mbit/s', '83.5 Mbit/s', '512 kbit/s')
    """
    if kbps is None:
        return NOTHING
    if kbps < 1000:
        return f"{kbps} kbit/s"
    text = f"{kbps / 1000:.1f}"
    return f"{text.removesuffix('.0')} Mbit/s"


def format_duration(seconds: float | None, language: str) -> str:
    """A length of time in its two largest units, minutes at the smallest.

    >>> format_duration(93_780, "en"), format_duration(93_780, "zh")
    ('1 day 2 hours', '1天2小时')
    >>> format_duration(30, "en")
    'less than a minute'
    """
    if seconds is None:
        return NOTHING
    minutes = int(seconds) // 60
    if minutes < 1:
        return "不到1分钟" if is_chinese(language) else "less than a minute"
    days, remaining = divmod(minutes, 1440)
    hours, left = divmod(remaining, 60)
    parts = [(days, "day", "天"), (hours, "hour", "小时"), (left, "minute", "分钟")]
    main_parts = [part for part in parts if part[0]][:2]
    if is_chinese(language):
        return "".join(f"{number}{zh}" for number, _, zh in main_parts)
    return " ".join(f"{number} {en}{'' if number == 1 else 's'}" for number, en, _ in main_parts)


def join_words(texts: Iterable[str], language: str) -> str:
    """Several words as one phrase.

    >>> join_words(["sms", "app", "web"], "en"), join_words(["短信", "网站", "营业厅"], "zh")
    ('sms, app and web', '短信、网站和营业厅')
    """
    listed = list(texts)
    if not listed:
        return NOTHING
    comma, link = ("、", "和") if is_chinese(language) else (", ", " and ")
    return link.join([comma.join(listed[:-1]), listed[-1]] if len(listed) > 1 else listed)
