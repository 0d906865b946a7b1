"""The days an advert names, in the manner of each country."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from amends.causes.publicity.rules.reader.numbers import value_of

_NAMES = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_NAME = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_HAN = "[零〇一二三四五六七八九十]"
_N = rf"(?:\d{{1,2}}|{_HAN}{{1,3}})"
_Y4 = r"20\d\d(?!\s?(?:min|分钟))"
_TO = r"\s*(?:至|到|-|--|to|until|through|and)\s*"
_ORD = r"(?:st|nd|rd|th)?"
_DAY = re.compile(
    # 2026年12月31日, 12月31日, 12月1日至31日
    rf"(?:(?P<y>\d{{4}}|[零〇一二三四五六七八九]{{4}}|次|今"
    rf"|明)年)?(?P<m>{_N})月(?P<d>{_N})[日号](?:{_TO}(?P<d2>{_N})[日号])?"
    # 8月15到9月30, as one says it
    rf"|(?<![前首头满共每\d])(?P<sm>{_N})月(?P<sd>{_N})(?=\s?(?:[到至-]|前|止|截止?|开|起|收|结束))"
    rf"|(?<=[到至-])(?P<sm2>{_N})月(?P<sd2>{_N})(?=\s?(?:[，。,;；!]|$))"
    # 2026-12-31, 2026/12/31, 2026.12.31
    rf"|(?<![\d.])(?P<iy>{_Y4})[-./](?P<im>\d{{1,2}})[-./](?P<id>\d{{1,2}})(?![\d]|\.\d)"
    # 31/12/2026, 12/31/2026, 31.12.2026, 31-12-26
    rf"|(?<![\d/.,])(?P<na>\d{{1,2}})(?P<sep>[-/.])(?P<nb>\d{{1,2}})(?P=sep)(?P<ny>{_Y4}"
    rf"|2\d)(?!\d)"
    # 31 December 2026, 1st to 31st of December
    rf"|(?<![\d.,£$€₹])(?P<ed>\d{{1,2}}){_ORD}(?:{_TO}(?P<ed2>\d{{1,2}}){_ORD})?"
    rf"(?: of)?[ -]?(?P<em>{_NAME})"
    rf"(?![a-z])(?:,?[ -](?P<ey>{_Y4}|'2\d)(?!\d))?"
    # December 31, 2026
    rf"|(?<![a-z])(?P<fm>{_NAME})[ -](?P<fd>\d{{1,2}}){_ORD}(?![\d:%]|\s?(?:gb|mb|months|am|pm))"
    rf"(?:{_TO}(?P<fd2>\d{{1,2}}){_ORD}(?![\d/.-]|\s[a-z]))?(?:,? (?P<fy>{_Y4})(?!\d))?"
    # 12月底, end of December, 2026年底
    rf"|(?:(?P<ly>\d{{4}})年)?(?P<lm>{_N})月(?:底|末)"
    rf"|(?:the )?end of (?P<em2>{_NAME})(?![a-z])(?: (?P<ey2>{_Y4}))?"
    rf"|(?P<yy>{_Y4})年底",
)
_SHORT = re.compile(
    r"(?<![\d.¥£$€,])(?P<m>1[0-2]|[1-9])\.(?P<d>[12]\d|3[01]|[1-9])(?![\d.%万元块折GgMm兆个倍])"
)
"""12.31, as Chinese adverts write a day; read only beside words of a beginning or an end."""
_SHORT_SLASH = re.compile(
    r"(?:until|till?|by|ends?|ending|expires?|before|through|thru|from|between|to|and|starts?|begin\w{0,5}"
    r"|-|至|到|截止)\s?(?:on |midnight on |midnight )?"
    r"(?P<day>(?P<a>\d{1,2})/(?P<b>\d{1,2}))(?!\d|/|%|\.\d)"
    r"|(?<![\d/£$€₹.])(?P<day2>(?P<a2>\d{1,2})/(?P<b2>\d{1,2}))(?=\s?(?:前|止|截止|-\s?\d{1,2}/\d))"
)
_SHORT_BY = re.compile(
    r"(?:至|到|-|截止|活动|有效期|时间|起|止|前|开[抢售卖始张闸]|上[线市]|收[摊官尾场]|结束|落幕|打烊)"
)
_MAYBE = re.compile(rf"月|年底|20\d\d|\d[-/.]\d{{1,2}}[-/.]\d|{_NAME}")


@dataclass(frozen=True, slots=True)
class NamedDay:
    """A day of a text; `year` 0 where it does not say, `real` false where no calendar has it.

    place  "first" or "last" where both ends of a range stand in one word: 1-15 December
    """

    year: int
    month: int
    day: int
    start: int
    end: int
    real: bool = True
    place: str = ""

    @property
    def value(self) -> float:
        """Year × 10,000 + month × 100 + day."""
        return float(self.year * 10_000 + self.month * 100 + self.day)


def days_of(text: str, order: str) -> Iterator[NamedDay]:
    """The days that a text in small letters names.

    order  of day and month in figures: "dmy", "mdy", or "ymd"

    >>> [(day.month, day.day) for day in days_of("ends 12/11/2026", "mdy")]
    [(12, 11)]
    """
    if _MAYBE.search(text):
        for this in _DAY.finditer(text):
            yield from _read(this, order)
    if "/" in text:
        for this in _SHORT_SLASH.finditer(text):
            which = "day" if this["day"] else "day2"
            first, second = int(this["a"] or this["a2"]), int(this["b"] or this["b2"])
            month, day = (second, first) if order == "dmy" else (first, second)
            named_day = _made(0, month, day, this)
            if named_day.real:
                yield replace(named_day, start=this.start(which), end=this.end(which))
    if order == "ymd" and "." in text:
        for this in _SHORT.finditer(text):
            around = (
                text[max(0, this.start() - 4) : this.start()] + text[this.end() : this.end() + 2]
            )
            if _SHORT_BY.search(around):
                yield _made(0, int(this["m"]), int(this["d"]), this)


def _read(this: re.Match[str], order: str) -> Iterator[NamedDay]:
    groups = {name: value for name, value in this.groupdict().items() if value}
    if "na" in groups:
        yield _in_figures(this, order)
        return
    year_text = next(
        (groups[k] for k in ("y", "iy", "ey", "fy", "ly", "ey2", "yy") if k in groups), "0"
    )
    year = int(value_of(year_text.strip("'")) or 0) if year_text[-1:] not in "次今明" else 0
    year = year + 2000 if 0 < year < 100 else year
    name = next((groups[k] for k in ("em", "fm", "em2") if k in groups), "")
    figure = next((groups[k] for k in ("m", "im", "lm", "sm", "sm2") if k in groups), "12")
    month = _NAMES.index(name[:3]) + 1 if name else int(value_of(figure) or 0)
    first = next((groups[k] for k in ("d", "id", "ed", "fd", "sd", "sd2") if k in groups), "")
    second = next((groups[k] for k in ("d2", "ed2", "fd2") if k in groups), "")
    if second:
        yield _made(year, month, int(value_of(first) or 0), this, "first")
        yield _made(year, month, int(value_of(second) or 0), this, "last")
    elif first:
        yield _made(year, month, int(value_of(first) or 0), this)
    else:
        yield _made(year, month, _last(year, month), this)


def _in_figures(this: re.Match[str], order: str) -> NamedDay:
    first, second, year = int(this["na"]), int(this["nb"]), int(this["ny"])
    month, day = (first, second) if order == "mdy" and first <= 12 else (second, first)
    if month > 12 >= day:
        month, day = day, month
    return _made(year % 100 + 2000, month, day, this)


def _last(year: int, month: int) -> int:
    return calendar.monthrange(year or 2024, month)[1] if 1 <= month <= 12 else 0


def _made(year: int, month: int, day: int, this: re.Match[str], day_text: str = "") -> NamedDay:
    real = 1 <= day <= _last(year, month)
    return NamedDay(
        year=year,
        month=month,
        day=day,
        start=this.start(),
        end=this.end(),
        real=real,
        place=day_text,
    )
