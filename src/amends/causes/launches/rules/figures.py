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
    found = _parts(text)
    if found is None:
        return None
    marks = [one for one in (found["before"], found["after"]) if one]
    is_percentage = found["after"] == "%"
    money = [mark for mark in marks if mark != "%"]
    meant = [_SIGNS.get(one, (one,) if re.fullmatch("[A-Z]{3}", one) else ()) for one in money]
    if len(money) > 1 or not all(meant) or (money and is_percentage):
        return None
    split = _split(found["digits"])
    if split is None or (found["minus"] and found["inner"]):
        return None
    number = float(f"{split[0]}.{split[1] or 0}")
    sign = -1 if found["minus"] or found["inner"] else 1
    return Figure(sign * number, is_percentage, meant[0] if meant else ())


def is_ambiguous(text: str) -> bool:
    """Whether a mark before three digits may part thousands or begin the decimals.

    >>> is_ambiguous("1,200"), is_ambiguous("1,200.50"), is_ambiguous("0,125")
    (True, False, False)
    """
    found = _parts(text)
    return bool(found and _EITHER.fullmatch(found["digits"]))


def has_decimal_comma(texts: Iterable[str]) -> bool:
    """Whether one of the texts can only be read with a comma before its decimals.

    >>> has_decimal_comma(["1,200", "129,00"]), has_decimal_comma(["1,200.50"])
    (True, False)
    """
    split = (_split(found["digits"]) for found in map(_parts, texts) if found)
    return any(one is not None and one[2] == "," for one in split)


def _parts(text: str) -> re.Match[str] | None:
    if len(text) > _LONGEST:
        return None
    plain = unicodedata.normalize("NFKC", text).replace("\u2212", "-").replace("\u2019", "'")
    return _WRITTEN.fullmatch(" ".join(plain.split()))


def _split(digits: str) -> tuple[str, str, str] | None:
    """The digits before and after the decimal mark, and the mark; None where they make no sense."""
    decimal = max(".,", key=digits.rfind) if "." in digits or "," in digits else ""
    whole, _, decimals = digits.rpartition(decimal) if decimal else (digits, "", "")
    if decimal and (decimal in whole or (decimal == "," and _EITHER.fullmatch(digits))):
        whole, decimals, decimal = digits, "", ""
    if not decimals.isdecimal() and decimals:
        return None
    grouping = {one for one in whole if not one.isdecimal()}
    if grouping:
        mark = grouping.pop()
        parts = _GROUPED[mark].fullmatch(whole) or (mark == "," and _INDIAN.fullmatch(whole))
        if grouping or not parts:
            return None
        whole = whole.replace(mark, "")
    return whole or "0", decimals, decimal
