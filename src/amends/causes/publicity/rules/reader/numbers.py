"""Numbers in figures, English words and Chinese numerals."""

from __future__ import annotations

import re

_DIGITS = {mark: value for value, mark in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_SCALES = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
_UNITS = "one two three four five six seven eight nine".split()
_TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_WORDS = (
    {word: at for at, word in enumerate([*_UNITS, *_TEENS], start=1)}
    | {word: 10 * at for at, word in enumerate(_TENS, start=2)}
    | {"a": 1, "hundred": 100, "thousand": 1000, "lakh": 100_000, "million": 1_000_000}
)
_SUFFIXES = {
    "万": 1e4,
    "亿": 1e8,
    "千": 1e3,
    "百": 1e2,
    "k": 1e3,
    "lakh": 1e5,
    "lakhs": 1e5,
    "crore": 1e7,
    "thousand": 1e3,
    "hundred": 1e2,
    "million": 1e6,
}

_TENS_RE, _TEENS_RE, _UNITS_RE = "|".join(_TENS), "|".join(_TEENS), "|".join(_UNITS)
_BELOW_100 = rf"(?:(?:{_TENS_RE})(?:[ -](?:{_UNITS_RE}))?|{_TEENS_RE}|{_UNITS_RE})"
CENTS = rf"(?:(?:{_TENS_RE})(?:[ -](?:{_UNITS_RE}))?|{_TEENS_RE}|oh[ -](?:{_UNITS_RE}))"
"""A number of cents in words, as one says it behind a price."""
_APART = rf"(?: |-(?=(?:{_TENS_RE})-))"
_WHOLE = rf"(?:(?:a|{_BELOW_100})[ -]hundred and {_BELOW_100}|{_BELOW_100})"
_PAIR = rf"(?P<whole>{_WHOLE}){_APART}(?P<part>{CENTS})"
_HAN = "零〇一二两三四五六七八九十百千万亿"
_FIGURE = (
    r"\d+(?:[,.']\d+)*"
    r"(?:\s?(?:万|亿|[千百](?!兆)|k(?![a-z])|lakhs?|crore|thousand|hundred|million))?"
)
_WORD = (
    rf"(?<![a-z])(?:{_UNITS_RE}) and a half(?: (?:hundred|thousand|lakh|million))?(?![a-z])"
    rf"|(?<![a-z])(?<!several )(?<!few )(?<!many )(?<!half )(?<!\d )"
    rf"(?:(?:(?:a|{_BELOW_100})[ -])?(?:hundred|thousand|lakh|million)"
    rf"(?:(?:,? and)? {_BELOW_100}(?: hundred(?: and {_BELOW_100})?)?)?|{_BELOW_100})(?![a-z])"
)
# 一百一十九一个月 is 119 a month: no number goes on with 一 after a digit or a hundred.
_HAN_NUMBER = (
    rf"[{_HAN}]{{1,11}}?(?:(?<=[二两三四五六七八九百千])|(?<=[三四五六七八九]十))(?=一个?月)"
    rf"|[{_HAN}]{{1,12}}"
)
NUMBER = (
    rf"(?:(?<!\d)(?<!\d[.,]){_FIGURE}|{_HAN_NUMBER}"
    rf"|(?<![a-z]){_WHOLE}{_APART}{CENTS}(?![a-z])"
    rf"|(?<![a-z])half an?(?= meg)|{_WORD})"
)
"""A number in lower-case text; `value_of` reads it, and `pair_of` a price as one says it."""


def value_of(text: str, *, decimal_comma: bool = False) -> float | None:
    """The number that figures, Chinese numerals or English words say; None for none.

    decimal_comma  whether "1.000" is a thousand, as in much of the EU

    >>> [value_of(one) for one in ("1万", "三百", "twenty-four", "一百二", "1,00,000", "29,99")]
    [10000.0, 300.0, 24.0, 120.0, 100000.0, 29.99]
    >>> value_of("1.000", decimal_comma=True), value_of("one hundred and twenty")
    (1000.0, 120.0)
    """
    text = text.strip()
    if text[:1].isdigit():
        figure = re.match(r"[\d,.']+", text)
        if figure is None:
            return None
        value = _figure(figure[0].rstrip(",.'"), decimal_comma)
        suffix = text[figure.end() :].strip()
        return None if value is None else value * _SUFFIXES.get(suffix, 1.0)
    if text[:1].isascii():
        if pair := pair_of(text):
            return pair[1]
        if text.startswith("half a"):
            return 0.5
        if " and a half" in text:
            whole_part, _and, scale = text.partition(" and a half")
            return ((_english([whole_part]) or 0) + 0.5) * _SUFFIXES.get(scale.strip(), 1)
        return _english(re.split(r"[ ,-]+", text))
    return _chinese(text)


_PAIRED = re.compile(_PAIR)


def pair_of(text: str) -> tuple[float, float] | None:
    """Both readings of a price said as two numbers: with cents, and in hundreds.

    >>> pair_of("four ninety-nine"), pair_of("ninety-nine")
    ((4.99, 499.0), None)
    """
    pair_match = _PAIRED.fullmatch(text)
    if pair_match is None:
        return None
    whole_number = _english(re.split("[ -]", pair_match["whole"]))
    part = _english([word for word in re.split("[ -]", pair_match["part"]) if word != "oh"])
    if whole_number is None or part is None:
        return None
    return round(whole_number + part / 100, 2), whole_number * 100 + part


def _figure(text: str, decimal_comma: bool) -> float | None:
    text = text.replace("'", "")
    comma, point = text.rfind(","), text.rfind(".")
    if comma >= 0 and point >= 0:
        thousands = "." if comma > point else ","
        text = text.replace(thousands, "").replace(",", ".")
    elif comma >= 0:
        if re.fullmatch(r"\d{1,3}(?:,\d{2,3})*,\d{3}", text):
            text = text.replace(",", "")
        else:
            text = text.replace(",", ".")
    elif decimal_comma and re.fullmatch(r"\d{1,3}(?:\.\d{3})+", text):
        text = text.replace(".", "")
    try:
        return float(text) if len(text) <= 15 else None
    except ValueError:
        return None


def _english(number_words: list[str]) -> float | None:
    total = part = 0
    for word in number_words:
        if word == "and":
            continue
        value = _WORDS.get(word)
        if value is None:
            return None
        if value >= 1000:
            total, part = total + (part or 1) * value, 0
        elif value == 100:
            part = (part or 1) * 100
        else:
            part += value
    return float(total + part)


def _chinese(text: str) -> float | None:
    if not text:
        return None
    if all(mark in _DIGITS for mark in text):
        return float("".join(str(_DIGITS[mark]) for mark in text))
    total = section = digit = 0
    last = 1
    for mark in text:
        if mark in _DIGITS:
            digit = _DIGITS[mark]
            last = 1 if mark in "零〇" else last
        elif mark in "万亿":
            total = (total + section + digit or 1) * _SCALES[mark]
            section = digit = 0
            last = _SCALES[mark]
        else:
            section += (digit or 1) * _SCALES[mark]
            digit, last = 0, _SCALES[mark]
    return float(total + section + digit * (last // 10 if last > 10 else 1))
