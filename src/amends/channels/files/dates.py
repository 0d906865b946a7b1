"""Dates as people write them, and what to do when a column can be read in two ways."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, tzinfo
from typing import Literal

from amends.kit.errors import BadInput
from amends.kit.errors import gettext_noop as _
from amends.kit.said import Said

Order = Literal["ymd", "ydm", "dmy", "mdy"]
ORDERS: tuple[Order, ...] = ("ymd", "ydm", "dmy", "mdy")

_PARTS = re.compile(
    r"\s*(\d{1,4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,4})\s*日?"
    r"(?:[T\s,]\s*(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6})\d*)?)?\s*([AaPp][Mm])?"
    r"\s*(Z|[+-]\d{2}:?\d{2})?)?\s*"
)
_COMPACT = re.compile(r"\s*(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2})?)?\s*")
_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
_NAMED = re.compile(
    r"\s*(?:(\d{1,2})\s+([A-Za-z]{3,9})\.?|([A-Za-z]{3,9})\.?\s+(\d{1,2}),?)\s+(\d{4})\s*"
)
_YEARS_APART = 15
_TIME = re.compile(r"\s*(\d{1,2}):(\d{2})(?::(\d{2}))?\s*([AaPp][Mm])?\s*")


class UnableToReadDates(BadInput):
    """A column of dates can be read in two ways; `choices` names them, the likelier first."""

    code = "date_order_ambiguous"
    choices: tuple[Order, ...] = ()


@dataclass(frozen=True, slots=True)
class Moment:
    """One cell: three numbers in the order written, or a date that allows one reading only."""

    parts: tuple[int, int, int] | None
    fixed: date | None
    clock: time | None
    zone: tzinfo | None = None

    def day(self, order: Order) -> date | None:
        """The date under `order`; a cell that allows another order only is read in that one."""
        if self.fixed or self.parts is None:
            return self.fixed
        return _date(self.parts, order) or _date(self.parts, _OTHER[order])


_OTHER: dict[Order, Order] = {"ymd": "ydm", "ydm": "ymd", "dmy": "mdy", "mdy": "dmy"}


@dataclass(frozen=True, slots=True)
class Reading:
    """How a column is read: its order, and what people should know about it.

    note, values  the words, and what is filled into them once they are told in another language
    """

    order: Order
    note: str = ""
    ambiguous: bool = False
    other: Order | None = None
    values: Mapping[str, object] = field(default_factory=dict)

    def told(self, translate: Callable[[str], str]) -> str:
        """The note in another language; "" if there is none."""
        return translate(self.note) % self.values if self.note else ""

    def notes(self) -> list[str]:
        """The note as a sentence that another language can say; none if there is none."""
        return [Said(self.note, **self.values)] if self.note else []


def read_moment(cell: str) -> Moment | None:
    """The cell as a moment, or None if it is no date.

    >>> read_moment("24 Nov 2026").fixed
    datetime.date(2026, 11, 24)
    """
    if found := _PARTS.fullmatch(cell):
        numbers = (int(found[1]), int(found[2]), int(found[3]))
        clock, zone = _clock(found[4], found[5], found[6], found[8]), _zone(found[9])
        if found[4] and clock is None:
            return None
        return Moment(numbers, None, clock, zone)
    if found := _COMPACT.fullmatch(cell):
        fixed = _date((int(found[1]), int(found[2]), int(found[3])), "ymd")
        return Moment(None, fixed, _clock(found[4], found[5], found[6], None)) if fixed else None
    if found := _NAMED.fullmatch(cell):
        month = _MONTHS.get((found[2] or found[3])[:3].lower())
        fixed = _date((int(found[5]), month, int(found[1] or found[4])), "ymd") if month else None
        return Moment(None, fixed, None) if fixed else None
    return None


def read_time(cell: str) -> time | None:
    """A time of day such as 14:05, 2:05 PM; None if it is none."""
    found = _TIME.fullmatch(cell)
    return _clock(found[1], found[2], found[3], found[4]) if found else None


def reading_of(cells: Sequence[str], *, column: str) -> Reading:
    """In which order the dates of a column are written.

    A column that reads both ways is ambiguous unless one reading is plainly the better: every
    cell that allows two readings then stays within the span of the cells that allow only one.
    """
    moments = [moment for cell in cells if cell.strip() and (moment := read_moment(cell))]
    numbers = [moment.parts for moment in moments if moment.parts]
    if not numbers:
        return Reading("ymd")
    year_first = sum(parts[0] > 31 for parts in numbers) * 2 >= len(numbers)
    first: Order = "ymd" if year_first else "dmy"
    usual = _usual_years(numbers, 0 if year_first else 2)
    return _compare(usual, first, _OTHER[first], column)


def _usual_years(
    numbers: Sequence[tuple[int, int, int]], place: int
) -> Sequence[tuple[int, int, int]]:
    """Without the years far from most others: one mistyped year says nothing about the order."""
    years = sorted(parts[place] for parts in numbers)
    middle = years[len(years) // 2]
    return [parts for parts in numbers if abs(parts[place] - middle) <= _YEARS_APART]


def _compare(
    numbers: Sequence[tuple[int, int, int]], one: Order, other: Order, column: str
) -> Reading:
    both = [(_date(parts, one), _date(parts, other)) for parts in numbers]
    only_one = [a for a, b in both if a and not b]
    only_other = [b for a, b in both if b and not a]
    open_ = [(a, b) for a, b in both if a and b and a != b]
    if not open_:
        return Reading(one if len(only_one) >= len(only_other) else other)
    fixed = only_one + only_other
    spans = {
        one: _span_days(fixed + [a for a, _ in open_]),
        other: _span_days(fixed + [b for _, b in open_]),
    }
    narrow = min(spans, key=lambda order: spans[order])
    wide = _OTHER[narrow]
    clear = bool(fixed) and not (only_one and only_other)
    written: Order = (one if only_one else other) if clear else one
    if clear and spans[written] <= spans[_OTHER[written]]:
        return Reading(written)
    if not fixed and one == "ymd" and spans["ymd"] <= spans["ydm"] * 2:
        # Year first is the international form; nothing in the column speaks against it.
        return Reading("ymd")
    note = _(
        "The dates of column “%(column)s” can be read in two ways: as %(narrow)s they span "
        "%(narrow_days)s days, as %(wide)s %(wide_days)s days over %(months)s months. %(both)s of "
        "%(all)s cells allow both."
    )
    values = {
        "column": column, "narrow": narrow.upper(), "narrow_days": spans[narrow],
        "wide": wide.upper(), "wide_days": spans[wide],
        "months": _months_touched(fixed + [pair[wide != one] for pair in open_]),
        "both": f"{len(open_):,}", "all": f"{len(numbers):,}",
    }  # fmt: skip
    return Reading(narrow, note, ambiguous=True, other=wide, values=values)


def combine(moment: Moment, *, order: Order, clock: time | None, zone: tzinfo) -> datetime | None:
    """Date, time of day and zone as one moment in UTC; None if there is no such moment."""
    day = moment.day(order)
    if day is None:
        return None
    moment_clock = moment.clock or clock or time(0, 0)
    try:
        return datetime.combine(day, moment_clock, tzinfo=moment.zone or zone).astimezone(UTC)
    except OverflowError:
        return None  # The last hours of the year 9999 are beyond it in UTC.


def _date(parts: tuple[int, int, int], order: Order) -> date | None:
    year, month, day = (parts[order.index(letter)] for letter in "ymd")
    if year < 100:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _span_days(days: Sequence[date]) -> int:
    return (max(days) - min(days)).days + 1


def _months_touched(days: Sequence[date]) -> int:
    first, last = min(days), max(days)
    return (last.year - first.year) * 12 + last.month - first.month + 1


def _clock(
    hour: str | None, minute: str | None, second: str | None, half: str | None
) -> time | None:
    if hour is None or minute is None:
        return None
    number = int(hour)
    if half:
        number = number % 12 + (12 if half.lower() == "pm" else 0)
    try:
        return time(number, int(minute), int(second or 0))
    except ValueError:
        return None


def _zone(text: str | None) -> tzinfo | None:
    if not text:
        return None
    return datetime.fromisoformat(f"2000-01-01T00:00:00{text.replace('Z', '+00:00')}").tzinfo
