"""Does a new contact belong to a complaint that is already open? The same person is given."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from amends.platform.kit.texts import plain

NEAR_SHARE = 0.7
SAME_MATTER_WITHIN = timedelta(days=30)
UNSPECIFIC = "other.unspecific"
# Classes in which one and the same charge is complained of in different words.
ABOUT_MONEY = ("billing.", "consent.", "thirdparty.", "marketing.", "reminder.")
_NUMBER = r"\d+(?:\.\d+)?"
_AMOUNT = re.compile(
    rf"(?:[¥￥$£€]|\brmb|\bcny)\s?({_NUMBER})(?![\d*])"
    rf"|(?<![\d.*])({_NUMBER})\s?(?:元|块|圆|yuan|rmb|cny|pounds?|euros?|dollars?|rupees?)",
    re.IGNORECASE,
)
_HAN_RUN = re.compile(r"[\u4e00-\u9fff]+")
_LATIN_RUN = re.compile(r"[a-z]+(?: [a-z]+)*")
HAN_NAME, LATIN_NAME = 4, 11


@dataclass(slots=True)
class OpenComplaint:
    """An open complaint of the person: its first words (masked), class, service and time."""

    id: str
    text_fingerprint: int
    text: str
    code: str
    service: str
    received_at: datetime
    brand: str = ""
    code2: str = ""
    kind: str = "complaint"


def likeness(first: str, second: str) -> float:
    """Share (0–1) of the character pairs two texts have in common (Jaccard).

    >>> likeness("abcd", "abcd")
    1.0
    """
    return _in_common(_pairs(plain(first)), _pairs(plain(second)))


def _in_common(first: set[str], second: set[str]) -> float:
    if not first or not second:
        return float(first == second)
    return len(first & second) / len(first | second)


def amounts(text: str) -> frozenset[Decimal]:
    """The sums of money a text names, in units of the currency; figures of other things are not.

    >>> sorted(map(str, amounts("说好49块钱，实际收79.50元，宽带300兆，139****1234")))
    ['49', '79.50']
    """
    folded = unicodedata.normalize("NFKC", text)
    return frozenset(Decimal(first or second) for first, second in _AMOUNT.findall(folded))


def names_the_same(first: str, second: str) -> bool:
    """Whether two texts share a run of words long enough to be the name of a thing.

    >>> names_the_same("星音彩铃是什么", "谁开的星音彩铃")
    True
    >>> names_the_same("扣我钱", "扣我钱")
    False
    """
    return bool(_runs(first) & _runs(second))


def joins(
    *,
    text: str,
    print_: int,
    code: str,
    service: str,
    received_at: datetime,
    open_complaints: Iterable[OpenComplaint],
    code2: str = "",
) -> tuple[str, str]:
    """The complaint the contact joins and why, or ("", "new").

    Exact words first, then near-duplicate words; then, for the same service within 30 days, the
    same class, or classes about money and the same charge (see `_same_charge`). An unspecific
    class never joins by class. What names another service is another matter, whatever its words.
    """
    candidates = sorted(
        (item for item in open_complaints if not _apart(item.service, service)),
        key=lambda item: item.received_at,
        reverse=True,
    )
    for item in candidates:
        if item.text_fingerprint == print_:
            return item.id, "exact"
    pairs = _pairs(plain(text)) if candidates else set()
    for item in candidates:
        if _in_common(_pairs(plain(item.text)), pairs) >= NEAR_SHARE:
            return item.id, "near"
    recent = [
        item
        for item in candidates
        if abs(received_at - item.received_at) <= SAME_MATTER_WITHIN and service == item.service
    ]
    for item in recent:
        if code == item.code != UNSPECIFIC:
            return item.id, "same_matter"
    for item in recent:
        codes = ({code, code2}, {item.code, item.code2})
        if all(any(map(_about_money, class_codes)) for class_codes in codes) and _same_charge(
            item.text, text
        ):
            return item.id, "same_charge"
    return "", "new"


def _apart(first: str, second: str) -> bool:
    """Whether two services are named, and not the same; the one not named may be any."""
    return bool(first and second and first != second)


def _about_money(code: str) -> bool:
    return code.startswith(ABOUT_MONEY)


def _same_charge(first: str, second: str) -> bool:
    """Two sums in common, or one sum and one name: a price alone is shared by many services."""
    shared = amounts(first) & amounts(second)
    return len(shared) > 1 or (len(shared) == 1 and names_the_same(first, second))


def _runs(text: str) -> set[str]:
    """Every run of Han characters or Latin words of the length a name has."""
    folded = unicodedata.normalize("NFKC", text).lower()
    return _slices(_HAN_RUN.findall(folded), HAN_NAME) | _slices(
        _LATIN_RUN.findall(folded), LATIN_NAME
    )


def _slices(runs: Iterable[str], size: int) -> set[str]:
    return {run[at : at + size] for run in runs for at in range(len(run) - size + 1)}


def _pairs(text: str) -> set[str]:
    return {text[at : at + 2] for at in range(len(text) - 1)}
