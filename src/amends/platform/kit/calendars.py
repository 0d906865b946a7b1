"""Working days of a jurisdiction, and whether a year's days off are announced or only computed."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from typing import Any

from chinese_calendar import constants as _announced

from amends.platform.kit.errors import BadInput, gettext_noop
from amends.platform.kit.packs import load_version, versions

_DAY = timedelta(days=1)
_SATURDAY = 5
_ANNOUNCED_FROM = min(_announced.holidays).year
_ANNOUNCED_TO = max(_announced.holidays).year


class UnableToFindCalendar(BadInput):
    """There is no calendar for that jurisdiction or region."""


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """The working days of one jurisdiction or one region of it.

    >>> working_days("cn").is_working(date(2026, 2, 14))    # a Saturday worked to make up
    True
    >>> working_days("cn").add(date(2026, 9, 30), 1)        # past National Day
    datetime.date(2026, 10, 8)
    """

    jurisdiction: str
    region: str
    country: str
    announced: bool
    published_from: int
    published_through: int
    zh: str
    en: str
    fallback_zh: str
    fallback_en: str

    def is_working(self, day: date) -> bool:
        """Whether business is done on `day`; never fails, however far the year."""
        if self.announced and self.is_published(day):
            # chinese_calendar.is_workday searches its whole table for its bounds at each call.
            weekday = day.weekday() < _SATURDAY
            return day in _announced.workdays or (weekday and day not in _announced.holidays)
        return day.weekday() < _SATURDAY and day not in self._holidays(day.year)

    def is_published(self, day: date) -> bool:
        """Whether the days off of that year are announced, not only computed."""
        return self.published_from <= day.year <= self.published_through

    def add(self, day: date, count: int) -> date:
        """The `count`-th working day after `day`; `day` itself is not counted."""
        if count < 0:
            raise ValueError("Working days are counted forwards.")
        while count:
            day += _DAY
            count -= self.is_working(day)
        return day

    def on_or_after(self, day: date) -> date:
        """`day` itself if it is a working day, otherwise the next one.

        >>> working_days("uk").on_or_after(date(2026, 12, 25))
        datetime.date(2026, 12, 29)
        """
        while not self.is_working(day):
            day += _DAY
        return day

    def between(self, after: date, upto: date) -> int:
        """Working days after `after`, up to and including `upto`."""
        span = (upto - after).days
        return sum(self.is_working(after + _DAY * n) for n in range(1, span + 1))

    def doubt(self, *days: date) -> tuple[str, str] | None:
        """A sentence in Chinese and English if any of the days falls in a year only computed.

        >>> working_days("cn").doubt(date(2026, 5, 1)) is None
        True
        >>> working_days("cn").doubt(date(2031, 1, 8))[1][:28]
        'The days off of 2031 are not'
        """
        for day in days:
            if not self.is_published(day):
                year = day.year
                return self.fallback_zh.format(year=year), self.fallback_en.format(year=year)
        return None

    def _holidays(self, year: int) -> frozenset[date]:
        return _computed(self.country, self.region, year) if self.country else frozenset()


def working_days(jurisdiction: str, region: str = "") -> WorkingDays:
    """The working days of `jurisdiction` (`cn`, `uk`, `us`, `au`, `in`, `eu`).

    `region` is a State (`au`: NSW, VIC, …), a part (`uk`: ENG, SCT, NIR, WLS) or a member state
    (`eu`: DE, FR, …); it may also follow the jurisdiction: `au-NSW`. A provincial overlay of China
    (`cn-41`) has the national calendar. Raises UnableToFindCalendar.

    >>> working_days("au", "VIC").is_working(date(2026, 11, 3))    # Melbourne Cup
    False
    >>> working_days("au").is_working(date(2026, 11, 3))
    True
    """
    head, _, tail = jurisdiction.partition("-")
    return _working_days(head, region or tail)


@cache
def _working_days(jurisdiction: str, region: str) -> WorkingDays:
    row = _rows().get(jurisdiction)
    if row is None:
        raise UnableToFindCalendar(
            gettext_noop("There is no calendar of working days for “%(jurisdiction)s”."),
            next_step=gettext_noop("Choose one of %(known)s."),
            values={"jurisdiction": jurisdiction, "known": ", ".join(_rows())},
        )
    country, region = _place(row, region if row.get("regions") else "")
    announced = row["library"] == "chinese-calendar"
    known_to = _ANNOUNCED_TO if announced else row["published_through"]
    if jurisdiction == "eu" and not country:
        known_to = 0
    doubt = ("未指明成员国，只除去周末。", "No member state was named: only weekends are left out.")
    return WorkingDays(
        jurisdiction=jurisdiction,
        region=region,
        country=country,
        announced=announced,
        published_from=_ANNOUNCED_FROM if announced else 1,
        published_through=known_to,
        zh=row["zh"],
        en=row["en"],
        fallback_zh=row["fallback_zh"] if known_to else doubt[0],
        fallback_en=row["fallback_en"] if known_to else doubt[1],
    )


def _place(row: Mapping[str, Any], region: str) -> tuple[str, str]:
    """Country and subdivision as the holidays package names them."""
    import holidays

    if row["id"] == "eu":
        country, region = region.upper(), ""
        if country and country not in holidays.list_supported_countries():
            raise UnableToFindCalendar(
                gettext_noop("There is no calendar for the country “%(country)s”."),
                values={"country": country},
            )
        return country, region
    region = region.upper() or row.get("region", "")
    if region and region not in holidays.list_supported_countries()[row["country"]]:
        raise UnableToFindCalendar(
            gettext_noop("%(country)s has no part “%(region)s” in the calendar."),
            values={"country": row["country"], "region": region},
        )
    return row["country"], region


@cache
def _rows() -> dict[str, dict[str, Any]]:
    newest = versions("amends.platform.kit", "calendars")[-1]
    return {
        row["id"]: row for row in load_version("amends.platform.kit", "calendars", newest).rules
    }


@lru_cache(maxsize=1024)
def _computed(country: str, region: str, year: int) -> frozenset[date]:
    import holidays

    with warnings.catch_warnings():
        # Years a table does not reach are computed as far as it goes; `doubt` tells the reader.
        warnings.simplefilter("ignore", UserWarning)
        table = holidays.country_holidays(country, subdiv=region or None, years=year)
    return frozenset(table)
