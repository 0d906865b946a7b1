"""The days an advert names: when the sale begins and when it ends."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass

from amends.publicity.rules.numerals import HAN, number

_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_N = rf"(?:\d{{1,2}}|{HAN})"
_TO = r"\s*(?:至|到|[-–—~～]|to|until|through)\s*"
_DAY = re.compile(
    rf"(?:(?P<y>\d{{4}}|[零〇一二三四五六七八九]{{4}})年)?(?P<m>{_N})月(?P<d>{_N})[日号](?:{_TO}(?P<d2>{_N})[日号])?"
    r"|(?<![\d/])(?P<sd>\d{1,2})/(?P<sm>\d{1,2})/(?P<sy>20\d\d)(?!\d)"
    r"|(?<![\d.])(?P<iy>20\d\d)[-./](?P<im>\d{1,2})[-./](?P<id>\d{1,2})(?![\d.]*\d)"
    rf"|(?P<ed>\d{{1,2}})(?:st|nd|rd|th)?(?:(?:{_TO})(?P<ed2>\d{{1,2}})(?:st|nd|"
    rf"rd|th)?)?(?: of)? (?P<em>{_MONTH})\b\.?(?:,? (?P<ey>20\d\d))?"
    rf"|\b(?P<fm>{_MONTH})\.? (?P<fd>\d{{1,2}})(?:st|nd|rd|th)?(?:{_TO}(?P<fd2>\d{{1,2}})\b)?"
    rf"(?:,? (?P<fy>20\d\d)"
    rf")?(?!\d)"
    rf"|(?:(?P<ny>\d{{4}})年)?(?P<nm>{_N})月底|(?:the )?end of (?P<lm>{_MONTH})\b(?: (?P<ly>20\d\d)"
    rf")?"
    r"|(?P<yy>20\d\d)年底",
    re.I,
)  # fmt: skip
_START_BEHIND = re.compile(r"\s*(?:起|开始|开售|上市|上线|开放|首发|正式|,? onwards|launch)", re.I)
_END_BEHIND = re.compile(r"\s*(?:[)）]\s*)?(?:前|止|截止|结束|到期|下架|为止|之前|24[点时:])", re.I)
_START = re.compile(
    r"(?:自|从|即|from|starts?|starting|begin\w*|launch\w*|on sale|available(?: on)?|"
    r"开售|上线)\s*(?:on )?(?:the )?$",
    re.I,
)
_END = re.compile(
    r"(?:至|到|截止|截至|有效期|期限|延长至?|until|till?|by|ends?|ending|before|"
    r"through|clos\w+|expir\w+|last day"
    r"|valid(?: until| to)?|to|up to|deadline|[-–—~])\s*(?:于|为|是|:|：)?\s*(?:on )?(?:the )"
    r"?$", re.I,
)  # fmt: skip
_ASIDE = re.compile(
    r"测|数据|来源|发布日|公示|报告|measured|source|as of|survey|report|营业|放假|"
    r"施工|maintenance|works?\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Day:
    """A day of a text: role start, end or unsure; `year` 0 where it does not say; `real` false for
    a day that no calendar has."""

    role: str
    year: int
    month: int
    day: int
    start: int
    end: int
    real: bool = True


def days_of(text: str) -> list[Day]:
    """The days a folded text names; of a range the first is the start."""
    found = [day for this in _DAY.finditer(text) for day in _read(text, this)]
    paired: list[Day] = []
    for at, day in enumerate(found):
        ahead = found[at + 1] if at + 1 < len(found) else None
        role = day.role
        if role == "unsure" and ahead and re.fullmatch(_TO, text[day.end : ahead.start], re.I):
            role = "start"
        if (
            at
            and paired[-1].role == "start"
            and re.fullmatch(_TO, text[found[at - 1].end : day.start], re.I)
        ):
            role = "end"
        paired.append(Day(role, day.year, day.month, day.day, day.start, day.end, day.real))
    return [_with_year(day, paired) for day in paired]


def _with_year(day: Day, days: list[Day]) -> Day:
    years = {one.year for one in days if one.year}
    if day.year or len(years) != 1 or day.role != "start":
        return day
    ends = [one for one in days if one.role == "end" and one.year]
    if not ends:
        return day
    year = ends[0].year - ((day.month, day.day) > (ends[0].month, ends[0].day))
    return Day(day.role, year, day.month, day.day, day.start, day.end, day.real)


def _read(text: str, this: re.Match[str]) -> Iterator[Day]:
    g = this.groupdict()
    year = int(
        number(next((g[k] for k in ("y", "iy", "sy", "ey", "fy", "ny", "ly", "yy") if g[k]), "0"))
        or 0
    )
    first = next((g[k] for k in ("d", "id", "sd", "ed", "fd") if g[k]), "")
    named = next((g[k] for k in ("em", "fm", "lm") if g[k]), "")
    month = int(number(g["m"] or g["im"] or g["sm"] or g["nm"] or "") or 0)
    month = _MONTHS.index(named[:3].lower()) + 1 if named else month or 12
    last = calendar.monthrange(year or 2024, month)[1] if 1 <= month <= 12 else 0
    second = g["d2"] or g["ed2"] or g["fd2"]
    for said, role in ((first, "start" if second else ""), (second, "end")):
        if said is None or (not said and role):
            continue
        day = int(number(said) or 0) if said else last
        yield Day(
            role or _role(text, this), year, month, day, this.start(), this.end(), 1 <= day <= last
        )


def _role(text: str, this: re.Match[str]) -> str:
    ahead, behind = (
        text[max(0, this.start() - 16) : this.start()],
        text[this.end() : this.end() + 10],
    )
    if _ASIDE.search(ahead[-8:]) or _ASIDE.search(behind[:5]):
        return "aside"
    if _END_BEHIND.match(behind):
        return "end"
    if _START_BEHIND.match(behind):
        return "start"
    if _END.search(ahead):
        return "end"
    return "start" if _START.search(ahead) else "unsure"
