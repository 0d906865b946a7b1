"""Figures as people write them in a cell: ¥129; 129,00; 1,200.50; full-width digits; 30 %."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

_LONGEST = 60
_SIGNS = {
    "¥": ("CNY", "JPY"),
    "元": ("CNY",),
    "RMB": ("CNY",),
    "人民币": ("CNY",),
    "円": ("JPY",),
    "€": ("EUR",),
    "£": ("GBP",),
    "₹": ("INR",),
    "₩": ("KRW",),
    "₽": ("RUB",),
    "$": ("USD", "AUD", "CAD", "HKD", "MXN", "NZD", "SGD", "TWD"),
    "A$": ("AUD",),
    "HK$": ("HKD",),
    "US$": ("USD",),
}
"""Sign beside an amount → the currencies it may mean; a code of three letters means itself."""
_WRITTEN = re.compile(
    r"(?P<minus>-)? ?(?P<before>[^\d\s.,%'-]{1,4})? ?(?P<inner>-)?"
    r"(?P<digits>[\d.,' ]*\d) ?(?P<after>[^\d\s.,'-]{1,4})?"
)
_GROUPED = {mark: re.compile(rf"\d{{1,3}}(?:{re.escape(mark)}\d{{3}})+") for mark in ",.' "}
_INDIAN = re.compile(r"\d{1,2}(?:,\d{2})+,\d{3}")
_EITHER = re.compile(r"[1-9]\d{0,2}[,.]\d{3}")


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure as it was written.

    currencies  codes of the money that its sign may mean; empty where it names none
    """

    value: float
    is_percentage: bool = False
    currencies: tuple[str, ...] = ()


def read_figure(text: str) -> Figure | None:
    """The figure a text gives, None where it gives none.

    >>> read_figure("¥1,200.50").value, read_figure("129,00").value, read_figure("１２ ％").value
    (1200.5, 129.0, 12.0)
    >>> read_figure("4 fen") is read_figure("1,2,3") is None
    True
    """
    parts = _parts(text)
    if parts is None:
        return None
    marks = [mark for mark in (parts["before"], parts["after"]) if mark]
    is_percentage = parts["after"] == "%"
    money = [mark for mark in marks if mark != "%"]
    currencies = [
        _SIGNS.get(mark, (mark,) if re.fullmatch("[A-Z]{3}", mark) else ()) for mark in money
    ]
    if len(money) > 1 or not all(currencies) or (money and is_percentage):
        return None
    split = _split(parts["digits"])
    if split is None or (parts["minus"] and parts["inner"]):
        return None
    number = float(f"{split[0]}.{split[1] or 0}")
    sign = -1 if parts["minus"] or parts["inner"] else 1
    return Figure(sign * number, is_percentage, currencies[0] if currencies else ())


def is_ambiguous(text: str) -> bool:
    """Whether a mark before three digits may part thousands or begin the decimals.

    >>> is_ambiguous("1,200"), is_ambiguous("1,200.50"), is_ambiguous("0,125")
    (True, False, False)
    """
    parts = _parts(text)
    return bool(parts and _EITHER.fullmatch(parts["digits"]))


def has_decimal_comma(texts: Iterable[str]) -> bool:
    """Whether one of the texts can only be read with a comma before its decimals.

    >>> has_decimal_comma(["1,200", "129,00"]), has_decimal_comma(["1,200.50"])
    (True, False)
    """
    split = (_split(parts["digits"]) for parts in map(_parts, texts) if parts)
    return any(split_figure is not None and split_figure[2] == "," for split_figure in split)


def _parts(text: str) -> re.Match[str] | None:
    if len(text) > _LONGEST:
        return None
    plain = unicodedata.normalize("NFKC", text).replace("\u2212", "-").replace("\u2019", "'")
    return _WRITTEN.fullmatch(" ".join(plain.split()))


def _split(digits: str) -> tuple[str, str, str] | None:
    """The digits before and after the decimal mark, and the mark; None where they make no sense."""
    decimal = max(".,", key=digits.rfind) if "." in digits or "," in digits else ""
    whole_part, _, decimals = digits.rpartition(decimal) if decimal else (digits, "", "")
    if decimal and (decimal in whole_part or (decimal == "," and _EITHER.fullmatch(digits))):
        whole_part, decimals, decimal = digits, "", ""
    if not decimals.isdecimal() and decimals:
        return None
    grouping = {character for character in whole_part if not character.isdecimal()}
    if grouping:
        mark = grouping.pop()
        parts = _GROUPED[mark].fullmatch(whole_part) or (
            mark == "," and _INDIAN.fullmatch(whole_part)
        )
        if grouping or not parts:
            return None
        whole_part = whole_part.replace(mark, "")
    return whole_part or "0", decimals, decimal
