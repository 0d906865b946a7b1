"""Dates as people write them, and what to do when a column can be read in two ways."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Literal

from amends.kit.errors import BadInput
from amends.kit.errors import gettext_noop as _
from amends.kit.translatable import Translatable

Order = Literal["ymd", "ydm", "dmy", "mdy"]
ORDERS: tuple[Order, ...] = ("ymd", "ydm", "dmy", "mdy")
Numbers = Sequence[tuple[int, int, int]]
DIGIT = re.compile(r"\d")

# A cell is a date, and around it at most a weekday, a time of day and a zone. Each is cut out of
# the cell, so they may stand in any order.
_WEEKDAY = re.compile(
    r"(?:\b(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\b\.?,?)"
    r"|[(（]?(?:星期|周|週|礼拜)[一二三四五六日天][)）]?",
    re.IGNORECASE,
)
_HALF = r"([AaPp]\.?[Mm]\b\.?|上午|下午|凌晨|早上|中午|晚上|晚)?"
_TIME = re.compile(
    rf"{_HALF}\s*(?<!\d)(\d{{1,2}})"
    r"(?:[:：时時点點]\s*(\d{2})(?:[:：分]\s*(\d{2})(?:[.,](\d{1,9}))?)?|[时時点點])[分秒]?"
    rf"\s*{_HALF}"
)
_AFTERNOON = ("pm", "p.m.", "p.m", "下午", "晚上", "晚", "中午")
_ZONE = re.compile(r"\s*(Z|[A-Z]{3,4}|(?:UTC|GMT)?([+-])(\d{2}):?(\d{2}))(?![0-9A-Za-z:])")
# CST is not among them: China's and Chicago's are fourteen hours apart.
_ZONES = {
    "Z": 0, "UTC": 0, "GMT": 0, "EST": -5, "EDT": -4, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8,
    "PDT": -7, "CET": 1, "CEST": 2, "BST": 1, "HKT": 8,
}  # fmt: skip
_NUMBERS = re.compile(r"(\d{1,4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,4})\s*[日号號]?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T?(\d{2})(\d{2})?(\d{2})?)?")
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
_MONTH = r"([A-Za-z]{3,9})\.?"
_DAY = r"(\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"['’]?(\d{4}|\d{2})"
_GAP = r"[\s,/.-]+"
# The groups of day, month and year in each.
_NAMED = (
    (re.compile(f"{_DAY}{_GAP}(?:of )?{_MONTH}{_GAP}{_YEAR}"), (1, 2, 3)),
    (re.compile(f"{_MONTH}{_GAP}{_DAY}{_GAP}{_YEAR}"), (2, 1, 3)),
    (re.compile(rf"(\d{{4}}){_GAP}{_MONTH}{_GAP}{_DAY}"), (3, 2, 1)),
)
_NUMERALS = re.compile(r"[〇零○一二三四五六七八九十]+")
_DIGITS = {"〇": 0, "零": 0, "○": 0} | {sign: n for n, sign in enumerate("一二三四五六七八九", 1)}
_ISO = re.compile(r".{4}-..-|\d{8}T\d")
_EPOCH = re.compile(r"(\d{10}|\d{13})(?:\.\d+)?")
_SERIAL = re.compile(r"(\d{5})(?:\.\d+)?")
_SERIAL_DAY_0 = datetime(1899, 12, 30)  # noqa: DTZ001
_FIRST, _LAST = date(1990, 1, 1), date(2099, 12, 31)
_CENTURY_TURNS = 69
_YEARS_APART = 15
# From so many cells on, a time so many times shorter means that a program swapped day and month
# wherever it could.
_MANY, _TIMES = 50, 2
_MOST_CHARACTERS = 60


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
class DateReading:
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
        return [Translatable(self.note, **self.values)] if self.note else []


def read_moment(cell: str) -> Moment | None:
    """The cell as a moment, or None if it is no date.

    >>> read_moment("24 Nov 2026").fixed
    datetime.date(2026, 11, 24)
    >>> read_moment("Wed Oct 11 06:55:44 +0000 2017").clock
    datetime.time(6, 55, 44)
    >>> read_moment("2026年11月24日 下午3点05分").clock
    datetime.time(15, 5)
    """
    text = cell.strip()
    if not text or len(text) > _MOST_CHARACTERS:
        return None
    if read := _iso(text) or _only_digits(text):
        return read
    text = _WEEKDAY.sub(" ", text)
    clock, zone = None, None
    if at := _TIME.search(text):
        if (clock := _clock_of(at)) is None:
            return None
        end = at.end()
        if (named := _ZONE.match(text, end)) and (zone := _zone(named)):
            end = named.end()
        text = f"{text[: at.start()].rstrip().removesuffix('T')} {text[end:]}"
    text = _NUMERALS.sub(_number, text).strip(" ,，")
    if found := _NUMBERS.fullmatch(text):
        parts = (int(found[1]), int(found[2]), int(found[3]))
        return Moment(parts, _date(parts, "ymd") if "年" in text else None, clock, zone)
    if found := _COMPACT.fullmatch(text):
        fixed = _date((int(found[1]), int(found[2]), int(found[3])), "ymd")
        return Moment(None, fixed, clock, zone) if fixed else None
    for form, (day, month, year) in _NAMED:
        if (found := form.fullmatch(text)) and (number := _month(found[month])):
            fixed = _date((int(found[year]), number, int(found[day])), "ymd")
            return Moment(None, fixed, clock, zone) if fixed else None
    return None


def _iso(text: str) -> Moment | None:
    """2026-11-24 or 20261124T1405Z, as nearly all programs write dates."""
    if not _ISO.match(text):
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    parts = (at.year, at.month, at.day)
    return Moment(parts, None, at.time() if len(text) > 10 else None, at.tzinfo)


def _only_digits(text: str) -> Moment | None:
    """20261124, 20261124140500, seconds or milliseconds since 1970, or a spreadsheet's days."""
    if not text[0].isdecimal() or not text[-1].isdecimal():
        return None
    if found := _COMPACT.fullmatch(text):
        fixed = _date((int(found[1]), int(found[2]), int(found[3])), "ymd")
        clock = _clock(found[4], found[5], found[6], None)
        if fixed and _FIRST <= fixed <= _LAST and (clock is None) == (found[4] is None):
            return Moment(None, fixed, clock)
    if found := _EPOCH.fullmatch(text):
        seconds = float(text) / (1000 if len(found[1]) == 13 else 1)
        at = datetime.fromtimestamp(seconds, UTC)
        if _FIRST.year <= at.year <= _LAST.year:
            return Moment(None, date(at.year, at.month, at.day), at.time(), UTC)
    if found := _SERIAL.fullmatch(text):
        local = _SERIAL_DAY_0 + timedelta(seconds=round(float(text) * 86_400))
        if _FIRST.year <= local.year <= _LAST.year:
            day = date(local.year, local.month, local.day)
            return Moment(None, day, local.time() if "." in text else None)
    return None


def is_plain_number(cell: str) -> bool:
    """Whether a cell is digits alone: a date only where its column is called one."""
    return cell.strip().replace(".", "", 1).isdecimal()


def read_time(cell: str) -> time | None:
    """A time of day such as 14:05, 2:05 PM, 下午2点; None if it is none."""
    found = _TIME.fullmatch(cell.strip())
    return _clock_of(found) if found else None


def date_form(cell: str) -> str:
    """The form of a date without its digits: it tells what is wrong and nothing about anybody.

    >>> date_form("31.02.2026 14:05")
    '##.##.#### ##:##'
    """
    return DIGIT.sub("#", cell)


def reading_of(
    cells: Sequence[str],
    *,
    column: str,
    latest: date | None = None,
    others: Mapping[str, Sequence[str]] | None = None,
) -> DateReading:
    """In which order the dates of a column are written.

    The cells that allow one order only decide for all. The column is ambiguous where there are
    none, where they disagree, or where the other order makes the whole far shorter.

    latest  no date lies after it; where years have two digits this tells days from years
    others  further columns, by name: one that holds the same dates in a form that reads one way
            settles the order
    """
    moments = [moment for cell in cells if cell.strip() and (moment := read_moment(cell))]
    numbers = [moment.parts for moment in moments if moment.parts and not moment.fixed]
    if not numbers:
        return DateReading("ymd")
    first = _first_order(numbers, latest)
    usual = _usual_years(numbers, first)
    found = _compare(usual, first, _OTHER[first], column)
    if found.ambiguous:
        found = _settled(cells, found, others or {})
    if not found.note and (short := _two_digits(usual, found.order)):
        said = _("The years of column “%(column)s” have two digits: %(short)s is read as %(year)s.")
        return replace(found, note=said, values={"column": column, **short})
    return found


def _two_digits(numbers: Numbers, order: Order) -> dict[str, object] | None:
    """A year of two digits and what it is taken for, where the column has one."""
    years = (parts[order.index("y")] for parts in numbers)
    short = next((year for year in years if year < 100), None)
    return None if short is None else {"short": f"{short:02}", "year": _whole_year(short)}


def _first_order(numbers: Numbers, latest: date | None) -> Order:
    """Whether the year stands first or last; of two digits, whichever makes more dates that can
    be and, failing that, the shorter time from first to last."""
    if sum(parts[0] > 31 for parts in numbers) * 2 >= len(numbers):
        return "ymd"
    if sum(parts[2] > 31 for parts in numbers) * 2 >= len(numbers):
        return "dmy"
    judged: dict[Order, tuple[int, int]] = {}
    for order in ("dmy", "ymd", "mdy"):
        dates = (_date(parts, order) for parts in numbers)
        days = [day for day in dates if day and (latest is None or day <= latest)]
        judged[order] = (len(days), -_span_days(days) if days else 0)
    last = max(judged["dmy"], judged["mdy"])
    return "ymd" if judged["ymd"] > last else "dmy"


def _settled(
    cells: Sequence[str], found: DateReading, others: Mapping[str, Sequence[str]]
) -> DateReading:
    """The order under which another column, whose months are words, holds the same dates."""
    for name, beside in others.items():
        pairs = [
            (one, two.fixed)
            for cell, other in zip(cells, beside, strict=True)
            if (one := read_moment(cell)) and one.parts
            and not is_plain_number(other) and (two := read_moment(other)) and two.fixed
        ]  # fmt: skip
        for order in (found.order, found.other):
            if order and pairs and all(one.day(order) == fixed for one, fixed in pairs):
                said = _("Column “%(name)s” holds the same dates in a form that reads one way.")
                return DateReading(order, said, values={"name": name})
    return found


def _usual_years(numbers: Numbers, order: Order) -> Numbers:
    """Without the years far from most others: one mistyped year says nothing about the order."""
    place = order.index("y")
    years = sorted(parts[place] for parts in numbers)
    middle = years[len(years) // 2]
    return [parts for parts in numbers if abs(parts[place] - middle) <= _YEARS_APART]


def _compare(numbers: Numbers, one: Order, other: Order, column: str) -> DateReading:
    both = [(_date(parts, one), _date(parts, other)) for parts in numbers]
    only_one = [a for a, b in both if a and not b]
    only_other = [b for a, b in both if b and not a]
    open_ = [(a, b) for a, b in both if a and b and a != b]
    if not open_:
        return DateReading(one if len(only_one) >= len(only_other) else other)
    fixed = only_one + only_other
    spans = {
        order: _span_days(fixed + [pair[at] for pair in open_])
        for at, order in ((0, one), (1, other))
    }
    narrow = min(spans, key=lambda order: spans[order])
    wide = _OTHER[narrow]
    clear = bool(fixed) and not (only_one and only_other)
    written: Order = (one if only_one else other) if clear else one
    if clear and (len(numbers) < _MANY or spans[written] <= _TIMES * spans[_OTHER[written]]):
        return DateReading(written)
    if not fixed and one == "ymd" and spans["ymd"] <= spans["ydm"] * 2:
        # Year first is the international form; nothing in the column speaks against it.
        return DateReading("ymd")
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
    return DateReading(narrow, note, ambiguous=True, other=wide, values=values)


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
    try:
        return date(_whole_year(year), month, day)
    except ValueError:
        return None


def _whole_year(year: int) -> int:
    """1969 to 2068 for a year of two digits, as POSIX has it."""
    return year if year >= 100 else year + (2000 if year < _CENTURY_TURNS else 1900)


def _span_days(days: Sequence[date]) -> int:
    return (max(days) - min(days)).days + 1


def _months_touched(days: Sequence[date]) -> int:
    first, last = min(days), max(days)
    return (last.year - first.year) * 12 + last.month - first.month + 1


def _clock(
    hour: str | None, minute: str | None, second: str | None, half: str | None
) -> time | None:
    if hour is None:
        return None
    number = int(hour)
    if half and not (half == "中午" and number > 10):
        number = number % 12 + (12 if half.lower() in _AFTERNOON else 0)
    try:
        return time(number, int(minute or 0), int(second or 0))
    except ValueError:
        return None


def _clock_of(found: re.Match[str]) -> time | None:
    clock = _clock(found[2], found[3], found[4], found[1] or found[6])
    return clock.replace(microsecond=int(f"{found[5]:0<6.6}")) if clock and found[5] else clock


def _zone(found: re.Match[str]) -> tzinfo | None:
    name, sign, hours, minutes = found.groups()
    if not sign:
        return timezone(timedelta(hours=_ZONES[name])) if name in _ZONES else None
    away = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(-away if sign == "-" else away) if away < timedelta(hours=24) else None


def _month(word: str) -> int | None:
    """The number of a month by its English name, or the beginning of it."""
    plain = word.lower()
    return next((n for n, name in enumerate(_MONTHS, 1) if name.startswith(plain)), None) or (
        9 if plain == "sept" else None
    )


def _number(numerals: re.Match[str]) -> str:
    """二〇二三 or 十二 in digits."""
    text = numerals[0]
    if "十" not in text:
        return "".join(str(_DIGITS[sign]) for sign in text)
    tens, _ten, ones = text.partition("十")
    return f"{_DIGITS.get(tens, 1)}{_DIGITS.get(ones, 0)}"
