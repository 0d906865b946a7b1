"""Dates and times of day as people write them, a cell at a time."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import cache
from importlib.resources import files
from typing import Literal

from amends.platform.kit.plain_letters import folded

Order = Literal["ymd", "ydm", "dmy", "mdy"]
ORDERS: tuple[Order, ...] = ("ymd", "ydm", "dmy", "mdy")
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
    "Z": 0,
    "UTC": 0,
    "GMT": 0,
    "EST": -5,
    "EDT": -4,
    "CDT": -5,
    "MST": -7,
    "MDT": -6,
    "PST": -8,
    "PDT": -7,
    "CET": 1,
    "CEST": 2,
    "BST": 1,
    "HKT": 8,
}
_NUMBERS = re.compile(r"(\d{1,4})\s*[-/.年년]\s*(\d{1,2})\s*[-/.月월]\s*(\d{1,4})\s*[日号號일.]?")
# What people put before a time of day.
_AT = re.compile(r"\b(?:at|um|uhr|a las|à|às|pukul|kl|в)\b\.?", re.IGNORECASE)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T?(\d{2})(\d{2})?(\d{2})?)?")
_MONTH = r"([^\W\d_]{3,12})\.?"
_DAY = r"(\d{1,2})(?:st|nd|rd|th|er|º|\.)?"
_YEAR = r"['’]?(\d{4}|\d{2})"
_GAP = r"[\s,/.-]+"
# The groups of day, month and year in each.
_NAMED = (
    (re.compile(f"{_DAY}{_GAP}(?:of |de )?{_MONTH}{_GAP}(?:de |del )?{_YEAR}"), (1, 2, 3)),
    (re.compile(f"{_MONTH}{_GAP}{_DAY}{_GAP}{_YEAR}"), (2, 1, 3)),
    (re.compile(rf"(\d{{4}}){_GAP}{_MONTH}{_GAP}{_DAY}"), (3, 2, 1)),
)
_NUMERALS = re.compile(r"[〇零○一二三四五六七八九十]+")
_DIGITS = {"〇": 0, "零": 0, "○": 0} | {sign: n for n, sign in enumerate("一二三四五六七八九", 1)}
_ISO = re.compile(r".{4}-..-|\d{8}T\d")
# As programs name their files: 2026.11.24_15.05.30, 2026-11-24_15-05.
_UNDERSCORE = re.compile(r"(\d{4}[-.]\d{2}[-.]\d{2})_(\d{2})[-.:](\d{2})(?:[-.:](\d{2}))?")
_EPOCH = re.compile(r"(\d{10}|\d{13})(?:\.\d+)?")
_SERIAL = re.compile(r"(\d{5})(?:\.\d+)?")
_SERIAL_DAY_0 = datetime(1899, 12, 30)  # noqa: DTZ001
_FIRST, _LAST = date(1990, 1, 1), date(2099, 12, 31)
_CENTURY_TURNS = 69
_MOST_CHARACTERS = 60
# A date at the end of a few words that say when something was written.
_SENTENCE_CHARACTERS, _WORDS_BEFORE = 110, 8
_DATE_AT_END = re.compile(
    rf"(?:{_DAY}{_GAP}(?:of |de )?{_MONTH}{_GAP}(?:de |del )?\d{{4}}"
    rf"|{_MONTH}{_GAP}{_DAY}{_GAP}\d{{4}}"
    r"|(?<!\d)\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4})"
    r"\D{0,6}(?:\d{1,2}:\d{2}(?::\d{2})?(?:\s*[AaPp]\.?[Mm]\.?)?)?\W*$"
)
# 2021年3月5日に日本でレビュー済み; 3 Mart 2021 tarihinde Türkiye'de değerlendirildi
_AFTER_DATE = re.compile(r"(?:に.{0,20}(?:レビュー|投稿)\S*|\s+tarihinde\s.{0,40})$")


@dataclass(frozen=True, slots=True)
class CellMoment:
    """One cell: three numbers in the order written, or a date that allows one reading only."""

    parts: tuple[int, int, int] | None
    fixed: date | None
    clock: time | None
    zone: tzinfo | None = None

    def day(self, order: Order) -> date | None:
        """The date under `order`; a cell that allows another order only is read in that one.

        A cell that begins with its year is no part of a column's order of day and month.
        """
        if self.fixed or self.parts is None:
            return self.fixed
        if self.parts[0] > _LAST_DAY and order[0] != "y":
            order = "ymd"
        return day_of(self.parts, order) or day_of(self.parts, OTHER[order])


OTHER: dict[Order, Order] = {"ymd": "ydm", "ydm": "ymd", "dmy": "mdy", "mdy": "dmy"}
_LAST_DAY = 31
_YEARS_OF_TWO_DIGITS = 100


def read_moment(cell: str) -> CellMoment | None:
    """The cell as a moment, or None if it is no date.

    >>> read_moment("24 Nov 2026").fixed
    datetime.date(2026, 11, 24)
    >>> read_moment("Wed Oct 11 06:55:44 +0000 2017").clock
    datetime.time(6, 55, 44)
    >>> read_moment("2026年11月24日 下午3点05分").clock
    datetime.time(15, 5)
    >>> read_moment("Reviewed in the United States on 5 March 2021").fixed
    datetime.date(2021, 3, 5)
    >>> read_moment("2026.11.24_15.05.30").parts
    (2026, 11, 24)
    """
    text = _without_sentence(cell.strip())
    if match := _UNDERSCORE.fullmatch(text):
        text = f"{match[1]} {match[2]}:{match[3]}:{match[4] or '00'}"
    if not text or len(text) > _MOST_CHARACTERS:
        return None
    if read := _iso(text) or _only_digits(text):
        return read
    text = _without_weekday(text)
    clock, zone = None, None
    if at := _TIME.search(text):
        if (clock := _clock_of(at)) is None:
            return None
        end = at.end()
        if (named := _ZONE.match(text, end)) and (zone := _zone(named)):
            end = named.end()
        text = f"{text[: at.start()].rstrip().removesuffix('T')} {text[end:]}"
        text = _AT.sub(" ", text)
    text = _NUMERALS.sub(_number, text).strip(" ,，")
    if match := _NUMBERS.fullmatch(text):
        parts = (int(match[1]), int(match[2]), int(match[3]))
        year_first = "年" in text or "년" in text
        return CellMoment(
            parts=parts, fixed=day_of(parts, "ymd") if year_first else None, clock=clock, zone=zone
        )
    if match := _COMPACT.fullmatch(text):
        fixed = day_of((int(match[1]), int(match[2]), int(match[3])), "ymd")
        return CellMoment(parts=None, fixed=fixed, clock=clock, zone=zone) if fixed else None
    for form, (day, month, year) in _NAMED:
        if (match := form.fullmatch(text)) and (number := _month(match[month])):
            fixed = day_of((int(match[year]), number, int(match[day])), "ymd")
            return CellMoment(parts=None, fixed=fixed, clock=clock, zone=zone) if fixed else None
    return None


def _without_sentence(text: str) -> str:
    """The date alone of a cell that says in a few words when something was written."""
    if not text or len(text) > _SENTENCE_CHARACTERS:
        return text
    if text[0].isdecimal():
        return _AFTER_DATE.sub("", text)
    match = _DATE_AT_END.search(text) if DIGIT.search(text) else None
    if not match or not match.start():
        return text
    before = folded(text[: match.start()]).replace(":", " ").split()
    if not before or len(before) > _WORDS_BEFORE or DIGIT.search("".join(before)):
        return text
    says_when = before[0] in _words("written") or (len(before) == 1 and before[0] in _words("on"))
    return text[match.start() :].strip(" .)") if says_when else text


def _iso(text: str) -> CellMoment | None:
    """2026-11-24 or 20261124T1405Z, as nearly all programs write dates."""
    if not _ISO.match(text):
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    clock = at.time() if len(text) > 10 else None
    if at.year < _YEARS_OF_TWO_DIGITS:  # 0001 is not 2001
        return CellMoment(
            parts=None, fixed=date(at.year, at.month, at.day), clock=clock, zone=at.tzinfo
        )
    return CellMoment(parts=(at.year, at.month, at.day), fixed=None, clock=clock, zone=at.tzinfo)


def _only_digits(text: str) -> CellMoment | None:
    """20261124, 20261124140500, seconds or milliseconds since 1970, or a spreadsheet's days."""
    if not text[0].isdecimal() or not text[-1].isdecimal():
        return None
    if match := _COMPACT.fullmatch(text):
        fixed = day_of((int(match[1]), int(match[2]), int(match[3])), "ymd")
        clock = _clock(match[4], match[5], match[6], None)
        if fixed and _FIRST <= fixed <= _LAST and (clock is None) == (match[4] is None):
            return CellMoment(None, fixed, clock)
    if match := _EPOCH.fullmatch(text):
        seconds = float(text) / (1000 if len(match[1]) == 13 else 1)
        at = datetime.fromtimestamp(seconds, UTC)
        if _FIRST.year <= at.year <= _LAST.year:
            return CellMoment(
                parts=None, fixed=date(at.year, at.month, at.day), clock=at.time(), zone=UTC
            )
    if match := _SERIAL.fullmatch(text):
        local = _SERIAL_DAY_0 + timedelta(seconds=round(float(text) * 86_400))
        if _FIRST.year <= local.year <= _LAST.year:
            day = date(local.year, local.month, local.day)
            return CellMoment(None, day, local.time() if "." in text else None)
    return None


def is_plain_number(cell: str) -> bool:
    """Whether a cell is digits alone: a date only where its column is called one."""
    return cell.strip().replace(".", "", 1).isdecimal()


def read_time(cell: str) -> time | None:
    """A time of day such as 14:05, 2:05 PM, 下午2点; None if it is none."""
    match = _TIME.fullmatch(cell.strip())
    return _clock_of(match) if match else None


def date_form(cell: str) -> str:
    """The form of a date without its digits: it tells what is wrong and nothing about anybody.

    >>> date_form("31.02.2026 14:05")
    '##.##.#### ##:##'
    """
    return DIGIT.sub("#", cell)


def combine(
    moment: CellMoment, *, order: Order, clock: time | None, zone: tzinfo
) -> datetime | None:
    """Date, time of day and zone as one moment in UTC; None if there is no such moment."""
    day = moment.day(order)
    if day is None:
        return None
    moment_clock = moment.clock or clock or time(0, 0)
    try:
        return datetime.combine(day, moment_clock, tzinfo=moment.zone or zone).astimezone(UTC)
    except OverflowError:
        return None  # The last hours of the year 9999 are beyond it in UTC.


def day_of(parts: tuple[int, int, int], order: Order) -> date | None:
    """Three numbers as a date under an order; None if there is no such day."""
    year, month, day = (parts[order.index(letter)] for letter in "ymd")
    try:
        return date(whole_year(year), month, day)
    except ValueError:
        return None


def whole_year(year: int) -> int:
    """1969 to 2068 for a year of two digits, as POSIX has it."""
    if year >= _YEARS_OF_TWO_DIGITS:
        return year
    return year + (2000 if year < _CENTURY_TURNS else 1900)


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


def _clock_of(match: re.Match[str]) -> time | None:
    clock = _clock(match[2], match[3], match[4], match[1] or match[6])
    return clock.replace(microsecond=int(f"{match[5]:0<6.6}")) if clock and match[5] else clock


def _zone(match: re.Match[str]) -> tzinfo | None:
    name, sign, hours, minutes = match.groups()
    if not sign:
        return timezone(timedelta(hours=_ZONES[name])) if name in _ZONES else None
    away = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(-away if sign == "-" else away) if away < timedelta(hours=24) else None


def _month(word: str) -> int | None:
    """The number of a month by its name, or the beginning of it."""
    return _months().get(folded(word))


@cache
def _names() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads((files("amends.platform.tabular") / "months.toml").read_text("utf-8"))


@cache
def _months() -> dict[str, int]:
    """Month by its name and by every beginning of three letters that is one month's alone."""
    numbers_by_name: dict[str, int] = {"sept": 9}
    cut: dict[str, set[int]] = {}
    for names in _names()["months"].values():
        for number, name in enumerate(names, 1):
            numbers_by_name.setdefault(folded(name), number)
            for end in range(3, len(name)):
                cut.setdefault(folded(name)[:end], set()).add(number)
    return {
        name: numbers.pop() for name, numbers in cut.items() if len(numbers) == 1
    } | numbers_by_name


def _without_weekday(text: str) -> str:
    text = _WEEKDAY.sub(" ", text)
    first, gap, remainder = text.partition(",") if "," in text else text.partition(" ")
    return remainder if gap and folded(first.strip(" .")).replace("-", " ") in _weekdays() else text


@cache
def _weekdays() -> frozenset[str]:
    return frozenset(folded(name) for names in _names()["weekdays"].values() for name in names)


@cache
def _words(table: str) -> frozenset[str]:
    return frozenset(folded(word) for names in _names()[table].values() for word in names)


def _number(numerals: re.Match[str]) -> str:
    """二〇二三 or 十二 in digits."""
    text = numerals[0]
    if "十" not in text:
        return "".join(str(_DIGITS[sign]) for sign in text)
    tens, _ten, ones = text.partition("十")
    return f"{_DIGITS.get(tens, 1)}{_DIGITS.get(ones, 0)}"
