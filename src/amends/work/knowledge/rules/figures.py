"""Figures written by hand in an article: prices, terms, amounts; and the placeholder to use."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from amends.platform.kit.placeholders import without_placeholders

_NUMBER = r"\d+(?:[.,]\d+)*"
_HAN_NUMBER = "[一二两三四五六七八九十百千万半]+"
_UNITS_ZH = (
    "元|块钱|角|分钱|折|个?工作日|日内|天|小时|分钟|秒|个月|周|年|GB|G流量|MB|Mbps|M(?![A-Za-z])|兆"
    "|条|次|倍|%|％"
)
_UNITS_EN = (
    r"yuan|RMB|CNY|dollars?|pounds?|euros?|pence|cents?|p\b|(?:working |calendar |business )?days?"
    r"|hours?|minutes?|seconds?|weeks?|months?|years?|GB|MB|gigabytes?|megabytes?|Mbit/s|Mbps|kbit/s"
    r"|per ?cent|%|texts?|messages?|times"
)
_WORDS_EN = (
    "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fourteen|fifteen|twenty|thirty"
    "|forty|fifty|sixty|ninety|hundred"
)
_FIGURE = re.compile(
    rf"[¥￥$€£]\s?{_NUMBER}"
    rf"|{_NUMBER}\s?(?:{_UNITS_ZH})"
    rf"|{_HAN_NUMBER}\s?(?:元|块钱|个?工作日|日内|天内|天|小时|分钟|个月|GB|兆)"
    rf"|\b{_NUMBER}[\s-]?(?:{_UNITS_EN})\b"
    rf"|\b{_NUMBER}%"
    rf"|\b(?:{_WORDS_EN})[\s-](?:{_UNITS_EN})\b",
    re.IGNORECASE,
)
_LIST_NUMBER = re.compile(r"^[ \t]*\d+[.)、]", re.MULTILINE)
_DIGITS = re.compile(r"\d+(?:\.\d+)?")
_HARMLESS = re.compile(
    r"24\s?(?:小时|hours)(?:\s?(?:客服|热线|人工|a day))|一天(?=里|中)|\bone[ -]times?\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class HandFigure:
    """A figure written by hand: its text, position, and placeholders that say the same today."""

    said: str
    line: int
    column: int
    placeholders: tuple[str, ...]


def hand_figures(text: str, facts: Mapping[str, str]) -> list[HandFigure]:
    """The figures of a text that are not placeholders.

    facts  every placeholder with its value in the language of the text

    >>> found = hand_figures("It costs {offer.A.price}, or ¥19 a month.", {"offer.B.price": "¥19"})
    >>> [(one.said, one.line, one.column, one.placeholders) for one in found]
    [('¥19', 1, 30, ('offer.B.price',))]
    """
    blank = _blanked(text)
    harmless = [harmless_match.span() for harmless_match in _HARMLESS.finditer(blank)]
    figures = []
    for figure_match in _FIGURE.finditer(blank):
        if any(start <= figure_match.start() < end for start, end in harmless):
            continue
        before = blank[: figure_match.start()]
        figures.append(
            HandFigure(
                said=figure_match[0].strip(),
                line=before.count("\n") + 1,
                column=figure_match.start() - (before.rfind("\n") + 1) + 1,
                placeholders=_saying(figure_match[0], facts),
            )
        )
    return figures


def _blanked(text: str) -> str:
    """Placeholders replaced by as many spaces, so that positions agree; link targets as well."""
    text = re.sub(
        r"\{\{?[^{}]*\}\}?",
        lambda match: (
            " " * len(match[0]) if not without_placeholders(match[0]).strip() else match[0]
        ),
        text,
    )
    text = _LIST_NUMBER.sub(lambda match: " " * len(match[0]), text)
    return re.sub(r"\]\([^)]*\)", lambda match: " " * len(match[0]), text)


def _saying(figure: str, facts: Mapping[str, str]) -> tuple[str, ...]:
    digits = _DIGITS.findall(figure.replace(",", ""))
    if not digits:
        return ()
    unit = re.sub(r"[\d,.\s]", "", figure)
    same = [
        name
        for name, value in facts.items()
        if digits[0] in _DIGITS.findall(value.replace(",", ""))
    ]
    close = [name for name in same if unit and unit[:1] in facts[name]]
    return tuple((close or same)[:3])
