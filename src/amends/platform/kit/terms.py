"""How the law counts time: calendar days, working days, weeks, months, hours.

The last day of a term ends at 24:00. A moment written as 00:00 would read as the day after, so an
ending is given as the last second of the day: 23:59:59 in the zone of the rule.
"""

from __future__ import annotations

import calendar as _month
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from amends.platform.kit.calendars import WorkingDays
from amends.platform.kit.errors import BadInput
from amends.platform.kit.errors import gettext_noop as _

_LAST_SECOND = time(23, 59, 59)
_UNITS = {
    "hours": ("小时", "hour"),
    "calendar_days": ("日", "calendar day"),
    "working_days": ("个工作日", "working day"),
    "weeks": ("周", "week"),
    "months": ("个月", "month"),
    "years": ("年", "year"),
}


class UnableToCount(BadInput):
    """The term cannot be counted."""


@dataclass(frozen=True, slots=True)
class Term:
    """So many of a unit: `Term(15, "calendar_days")`.

    >>> Term(15, "calendar_days").en, Term(2, "working_days").zh, Term(0, "hours").en
    ('15 calendar days', '2个工作日', 'at once')
    """

    amount: int
    unit: str

    def __post_init__(self) -> None:
        if self.unit not in _UNITS:
            raise UnableToCount(_("Time is not counted in “%(unit)s”."), values={"unit": self.unit})
        if self.amount < 0:
            raise UnableToCount(_("A term cannot be negative."))

    @property
    def zh(self) -> str:
        """The term as a Chinese reader says it."""
        return f"{self.amount}{_UNITS[self.unit][0]}" if self.amount else "立即"

    @property
    def en(self) -> str:
        """The term as an English reader says it."""
        if not self.amount:
            return "at once"
        return f"{self.amount} {_UNITS[self.unit][1]}{'' if self.amount == 1 else 's'}"


@dataclass(frozen=True, slots=True)
class Counting:
    """How a jurisdiction counts.

    `start_day_counted`: whether the day of the event is day 1 (China: no, Civil Code 201).
    `carry_over`: a term whose last day is a day off ends on the next working day (Civil Code 203).
    `closes`: close of business, if the last day ends there and not at 24:00 (Civil Code 203).
    `received_by`: what arrives later in the day, or on a day off, counts as received on the next
    working day (only where a rule says so).
    """

    start_day_counted: bool = False
    carry_over: bool = False
    closes: time | None = None
    received_by: time | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    """When a term ends. `moved` tells that a day off pushed it; `doubts` what is not certain."""

    at: datetime
    moved: bool = False
    doubts: tuple[tuple[str, str], ...] = field(default=())


def ending(
    term: Term, start: datetime, *, zone: tzinfo, working: WorkingDays, counting: Counting
) -> Ending:
    """The moment `term` ends when it starts with an event at `start` (aware).

    Hours run from the moment; everything else in days of `zone`. Months and years end on the
    corresponding day, or on the last of the month where there is none (Civil Code 202).

    >>> from zoneinfo import ZoneInfo
    >>> from amends.platform.kit.calendars import working_days
    >>> shanghai, china = ZoneInfo("Asia/Shanghai"), working_days("cn")
    >>> received = datetime(2026, 9, 16, 9, 30, tzinfo=shanghai)
    >>> law = Counting(carry_over=True)
    >>> print(ending(Term(15, "calendar_days"), received, zone=shanghai, working=china,
    ...              counting=law).at)
    2026-10-08 23:59:59+08:00
    """
    if start.tzinfo is None:
        raise UnableToCount(_("The start of a term needs a time zone."))
    if term.unit == "hours":
        return Ending((start.astimezone(UTC) + timedelta(hours=term.amount)).astimezone(zone))
    first = _day_of_receipt(start.astimezone(zone), working, counting)
    nominal = _last_day(term, first, working, counting)
    last = working.on_or_after(nominal) if counting.carry_over else nominal
    closing = counting.closes or _LAST_SECOND
    consulted = (first, nominal) if term.unit == "working_days" else ()
    doubt = working.doubt(*consulted, *((nominal, last) if counting.carry_over else ()))
    return Ending(
        at=datetime.combine(last, closing, tzinfo=zone),
        moved=last != nominal,
        doubts=(doubt,) if doubt else (),
    )


def shifted(day: date, months: int) -> date:
    """The corresponding day `months` later (or earlier), or the last day of a shorter month.

    >>> shifted(date(2026, 1, 31), 1), shifted(date(2026, 7, 31), -5)
    (datetime.date(2026, 2, 28), datetime.date(2026, 2, 28))
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    month += 1
    return date(year, month, min(day.day, _month.monthrange(year, month)[1]))


def _day_of_receipt(local: datetime, working: WorkingDays, counting: Counting) -> date:
    day = local.date()
    if counting.received_by is None:
        return day
    if not working.is_working(day):
        return working.on_or_after(day)
    return working.add(day, 1) if local.time() > counting.received_by else day


def _last_day(term: Term, first: date, working: WorkingDays, counting: Counting) -> date:
    if term.unit == "months":
        return shifted(first, term.amount)
    if term.unit == "years":
        return shifted(first, term.amount * 12)
    base = first - timedelta(days=1) if counting.start_day_counted and term.amount else first
    if term.unit == "working_days":
        return working.add(base, term.amount)
    return base + timedelta(days=term.amount * (7 if term.unit == "weeks" else 1))
