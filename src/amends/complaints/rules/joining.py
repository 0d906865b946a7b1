"""Does a new contact belong to a complaint that is already open? The same person is given."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

NEAR_SHARE = 0.7
SAME_MATTER_WITHIN = timedelta(days=30)
UNSPECIFIC = "other.unspecific"


@dataclass(slots=True)
class OpenComplaint:
    """An open complaint of the person: its first words (masked), class, service and time."""

    id: str
    text_print: int
    text: str
    code: str
    service: str
    received_at: datetime
    brand: str = ""


def plain(text: str) -> str:
    """The words without case, width, space and punctuation.

    >>> plain("Ｎo  SIGNAL!!")
    'nosignal'
    """
    folded = unicodedata.normalize("NFKC", text).lower()
    return "".join(filter(str.isalnum, folded))


def text_print(text: str) -> int:
    """A signed 64-bit print of the plain words; equal words give equal prints.

    >>> text_print("No signal!") == text_print("no SIGNAL")
    True
    """
    digest = hashlib.blake2b(plain(text).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def likeness(one: str, other: str) -> float:
    """Share (0–1) of the character pairs two texts have in common (Jaccard).

    >>> likeness("abcd", "abcd")
    1.0
    """
    first, second = _pairs(plain(one)), _pairs(plain(other))
    if not first or not second:
        return float(first == second)
    return len(first & second) / len(first | second)


def joins(
    *,
    text: str,
    print_: int,
    code: str,
    service: str,
    received_at: datetime,
    open_complaints: Iterable[OpenComplaint],
) -> tuple[str, str]:
    """The complaint the contact joins and why, or ("", "new").

    Exact words first, then near-duplicate words, then the same service and class within 30 days;
    an unspecific class never joins by class.
    """
    candidates = sorted(open_complaints, key=lambda item: item.received_at, reverse=True)
    for item in candidates:
        if item.text_print == print_:
            return item.id, "exact"
    for item in candidates:
        if likeness(item.text, text) >= NEAR_SHARE:
            return item.id, "near"
    for item in candidates:
        recent = abs(received_at - item.received_at) <= SAME_MATTER_WITHIN
        if recent and code == item.code != UNSPECIFIC and service == item.service:
            return item.id, "same_matter"
    return "", "new"


def _pairs(text: str) -> set[str]:
    return {text[at : at + 2] for at in range(len(text) - 1)}
