"""Days counted from another one: "2 months ago", "il y a 2 mois", "vor 3 Tagen", 3天前."""

from __future__ import annotations

import re
import tomllib
from datetime import date, timedelta
from functools import cache
from importlib.resources import files

from amends.platform.kit.plain_letters import folded

_MOST_CHARACTERS = 40
_DAYS = {"second": 0, "minute": 0, "hour": 0, "day": 1, "week": 7}
_MONTHS = {"month": 1, "year": 12}
_CJK = frozenset({"zh", "ja"})


def is_relative(cell: str) -> bool:
    """Whether a cell says how long ago something was.

    >>> [is_relative(one) for one in ("2 months ago", "il y a 2 mois", "3天前", "May 2026")]
    [True, True, True, False]
    """
    return relative_day(cell, date(2000, 1, 1)) is not None


def relative_day(cell: str, on: date) -> date | None:
    """The day a cell means on the day `on`; None if it is no such cell. Hours count as that day.

    >>> relative_day("hace 2 días", date(2026, 3, 1))
    datetime.date(2026, 2, 27)
    >>> relative_day("a month ago", date(2026, 3, 31))
    datetime.date(2026, 2, 28)
    """
    text = folded(cell.strip())
    if not text or len(text) > _MOST_CHARACTERS:
        return None
    for forms, numbers, units, days in _languages():
        if text in days:
            return on - timedelta(days=days[text])
        for form in forms:
            if match := form.fullmatch(text):
                number = numbers.get(match[1]) if match[1] in numbers else _whole(match[1])
                if number is not None:
                    return _before(on, number, units[match[2]])
    return None


def _whole(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 4 else None


def _before(on: date, number: int, unit: str) -> date:
    if unit in _DAYS:
        return on - timedelta(days=number * _DAYS[unit])
    months = on.year * 12 + on.month - 1 - number * _MONTHS[unit]
    year, month = divmod(months, 12)
    last = (date(year + month // 11, (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month + 1, min(on.day, last))


Language = tuple[list[re.Pattern[str]], dict[str, int], dict[str, str], dict[str, int]]


@cache
def _languages() -> list[Language]:
    """Forms, words for numbers, units and named days of each language."""
    path = files("amends.platform.tabular") / "relative_dates.toml"
    languages: list[Language] = []
    for code, vocabulary in tomllib.loads(path.read_text("utf-8")).items():
        units = {
            folded(name): unit for unit, names in vocabulary["units"].items() for name in names
        }
        numbers = {folded(name): number for name, number in vocabulary["numbers"].items()}
        gap = r"\s*" if code in _CJK or code in ("ko", "en") else r"\s+"
        number = "|".join([r"\d{1,3}", *map(re.escape, sorted(numbers, key=len, reverse=True))])
        unit = "|".join(map(re.escape, sorted(units, key=len, reverse=True)))
        both = rf"({number}){gap}({unit})" if "" not in numbers else rf"({number})\s*({unit})"
        forms = [
            re.compile(re.escape(folded(form)).replace(r"%s", both).replace(r"\ ", r"\s+"))
            for form in vocabulary["forms"]
        ]
        days = {folded(name): count for name, count in vocabulary["days"].items()}
        languages.append((forms, numbers, units, days))
    return languages
