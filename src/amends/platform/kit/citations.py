"""Sources of rules in the reader's language.

A rule cites its source as it was read, in one language. `cited` says it in the other from a table
of names; the places inside a law (article, section, item) are turned here. What the table does not
know stays as it was written.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from amends.platform.kit.formats import is_chinese

_TABLE = "citations@2026-11-25.toml"
_DIGITS = "零一二三四五六七八九"
_UNIT = {"条": "article", "项": "item"}
_NUMBER = "[零一二三四五六七八九十百]+"
_HAN_PLACE = re.compile(rf"(?:第(?:{_NUMBER}[、至]?)+[条项]、?)+")
_PLACE = re.compile(
    r",? (?P<unit>[Aa]rticles?|arts?\.?|[Ss]ections?|s\.|items?) "
    r"(?P<number>\d[\w().]*(?:(?:, | and |[–-])(?:\d[\w().]*|\(\d+\)))*)"
)


_OWN = re.compile(
    r"(?:house (?:rule|words)|own |amends\b|the (?:operator|provider|carrier)'s own |经营者自己)",
    re.I,
)


def is_own(source: str) -> bool:
    """Whether a rule is the operator's or the platform's own, so that no text of law stands behind.

    >>> is_own("house rule"), is_own("Order 35, article 10(4); own reading")
    (True, False)
    """
    return _OWN.match(source) is not None


def cited(source: str, language: str) -> str:
    """`source` as a reader of `language` (`zh…` or `en…`) expects it.

    >>> cited("Order 35, article 10(4)", "zh-hans")
    '电信用户申诉处理办法（工信部令第35号）第10(4)条'
    >>> cited("电信条例第三十条、第四十条（未写明预告期限）", "en")
    'Telecommunications Regulations, articles 30, 40 (no notice period is named)'
    """
    chinese = is_chinese(language)
    pattern, terms = _words(chinese)
    text = pattern.sub(lambda match: _apart(terms[match[0]]), source)
    if chinese:
        text = _PLACE.sub(_han_place, text)
        text = re.sub(r", in force (\d{4}-\d\d-\d\d)", r"（\1起施行）", text)
        text = re.sub(r", edition (\d{4}-\d\d-\d\d)", r"（\1版）", text)
        text = re.sub(r"^As (\d{4}-\d\d-\d\d)", r"同\1", text)
        text = re.sub(r", paragraphs? (\d+)-(\d+)", r"第\1–\2款", text)
        text = re.sub(r"; ?", "；", text).replace(" and ", "和").replace(", ", "，")
        return re.sub(r"\s+（", "（", text)
    text = _HAN_PLACE.sub(_place, text)
    text = re.sub(r"（(\d{4}-\d\d-\d\d)起?）", r" (from \1)", text)
    for here, replacement in (
        ("；", "; "),
        ("（", " ("),
        ("）", ")"),
        ("，", ", "),
        ("：", ": "),
        ("、", ", "),
    ):
        text = text.replace(here, replacement)
    return re.sub(r"\s{2,}", " ", text).replace(" ,", ",").replace(") (", ") (").strip()


def _apart(text: str) -> str:
    """English puts a space before a bracket."""
    return f" {text}" if text.startswith("(") else text


def untranslated_names() -> frozenset[str]:
    """Names that read alike in both languages."""
    return frozenset(_table()["kept"]["names"])


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(
        (files("amends.platform.kit") / "data" / _TABLE).read_text(encoding="utf-8")
    )


@cache
def _words(chinese: bool) -> tuple[re.Pattern[str], dict[str, str]]:
    """What to look for, the longest first, and what stands for it."""
    table = _table()
    terms = {written: han if chinese else en for written, en, han in table["mixed"]["triples"]}
    for english, han in table["words"]["pairs"]:
        here, translation = (english, han) if chinese else (han, english)
        terms.setdefault(here, translation)
    longest = sorted(terms, key=len, reverse=True)
    return re.compile("|".join(re.escape(word) for word in longest)), terms


def _han_place(match: re.Match[str]) -> str:
    unit = "项" if match["unit"].startswith("item") else "条"
    number = match["number"].replace(", ", "、").replace(" and ", "、").replace("-", "–")
    return f"第{number}{unit}"


def _place(match: re.Match[str]) -> str:
    """“第三十条、第四十条” as “, articles 30, 40”."""
    unit = _UNIT["项" if "项" in match[0] else "条"]
    numbers = re.findall(_NUMBER, match[0])
    joint = "–" if "至" in match[0] else ", "
    numbers_text = joint.join(str(_value(number)) for number in numbers)
    return f", {unit}{'s' if len(numbers) > 1 else ''} {numbers_text}"


def _value(number: str) -> int:
    """The value of a Chinese numeral below a thousand.

    >>> [_value(number) for number in ("六", "十", "三十", "三十二", "一百零四")]
    [6, 10, 30, 32, 104]
    """
    total, digit = 0, 0
    for sign in number:
        if sign in "十百":
            total += (digit or 1) * (10 if sign == "十" else 100)
            digit = 0
        else:
            digit = _DIGITS.index(sign)
    return total + digit
