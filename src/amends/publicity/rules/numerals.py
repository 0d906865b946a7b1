"""Text folded for reading: half width, no mark-up, and numbers as figures or words.

Folding keeps a map of positions, so that each fact points at the words as they were published.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_MARKUP = re.compile(
    r"<(script|style)\b[^>]*>.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)|</?[a-zA-Z][^<>]{0,2000}>",
    re.S | re.I,
)
_DIGITS = {mark: value for value, mark in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_SCALES = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
_UNITS = "one two three four five six seven eight nine".split()
_TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_WORDS = (
    {word: at for at, word in enumerate([*_UNITS, *_TEENS], start=1)}
    | {word: 10 * at for at, word in enumerate(_TENS, start=2)}
    | {"a": 1, "hundred": 100, "thousand": 1000}
)
_BELOW_100 = (
    rf"(?:(?:{'|'.join(_TENS)})(?:[ -](?:{'|'.join(_UNITS)}))?|{'|'.join(_TEENS)}"
    rf"|(?:{'|'.join(_UNITS)}))"
)
FIGURE = r"(?<!\d)(?<!\d\.)(?:\d{1,3}(?:,\d{3}){1,4}(?:\.\d{1,4})?|\d{1,12}(?:\.\d{1,4})?)"
_HAN = "零〇一二两三四五六七八九十百千万亿"
HAN = rf"(?<![{_HAN}])[{_HAN}]{{1,12}}"
WORD = rf"(?:(?:a|{_BELOW_100}) (?:hundred|thousand)(?:(?: and)? {_BELOW_100}\b)?|{_BELOW_100})"
NUMBER = rf"(?:(?:{FIGURE})\s?(?:[万亿千](?!兆)|k\b)|(?:{FIGURE})(?![\d])|{HAN}|\b(?:{WORD})\b)"


@dataclass(frozen=True, slots=True)
class Folded:
    """`text` for reading; `places[i]` is where its character i stands in the original."""

    text: str
    places: tuple[int, ...] | None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The same stretch in the original."""
        if self.places is None:
            return start, end
        return self.places[start], self.places[end - 1] + 1 if end > start else self.places[start]


def fold(text: str) -> Folded:
    """Half width, without mark-up, spaces for line breaks of HTML.

    >>> fold("５９元").text
    '59元'
    """
    if "<" in text:
        text = _MARKUP.sub(lambda found: " " * len(found[0]), text)
    if text.isascii():
        return Folded(text, None)
    parts = [unicodedata.normalize("NFKC", one) if one not in "。，；：" else one for one in text]
    folded = "".join(parts)
    if len(folded) == len(text):
        return Folded(folded, None)
    places = tuple(at for at, part in enumerate(parts) for _ in part)
    return Folded(folded, places)


def number(said: str) -> float | None:
    """The number that figures, Chinese numerals or English words say; None for none.

    >>> number("1万"), number("三百"), number("twenty-four"), number("两千五"), number("1,200")
    (10000.0, 300.0, 24.0, 2500.0, 1200.0)
    """
    text = said.strip().lower().replace(",", "")
    if (words := re.split(r"[ -]+", text)) and words[0] in _WORDS:
        return _english(words)
    scale = 1.0
    if text.endswith("k") and text[:-1].replace(".", "").isdigit():
        return float(text[:-1]) * 1000
    if text[-1:] in "万千亿" and text[:1].isdigit():
        scale, text = float(_SCALES[text[-1]]), text[:-1].strip()
    try:
        return float(text) * scale
    except ValueError:
        return _chinese(text)


def _english(words: list[str]) -> float | None:
    total = part = 0
    for word in words:
        if word == "and":
            continue
        if word not in _WORDS:
            return None
        value = _WORDS[word]
        if value >= 100:
            total, part = total + (part or 1) * value, 0
        else:
            part += value
    return float(total + part)


def _chinese(text: str) -> float | None:
    if not text or any(mark not in _DIGITS and mark not in _SCALES for mark in text):
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
