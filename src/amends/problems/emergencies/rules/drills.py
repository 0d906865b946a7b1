"""An invented issue for a drill: complaints, verdicts and amounts that nobody made.

The same number gives the same drill, so that an after-action page can be read again years later.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

_MARK = "drill-"


@dataclass(frozen=True, slots=True)
class Invented:
    """An invented complaint: its reference, person, verdict, amount in minor units, language."""

    complaint: str
    person: str
    verdict: str
    amount_minor: int
    language: str


def invented(number: int, size: int, *, currency_unit: int = 100) -> list[Invented]:
    """`size` complaints of drill `number`; four in five upheld, one in eight in English.

    >>> one, *_ = invented(7, 3)
    >>> one.complaint, one == invented(7, 3)[0], is_invented(one.complaint)
    ('drill-7-1', True, True)
    """
    chance = Random(f"amends drill {number}")  # noqa: S311 (invents, and keeps no secret)
    complaints = []
    for at in range(1, size + 1):
        upheld = chance.random() < 0.8
        amount = chance.choice((5, 10, 15, 20)) * currency_unit if upheld else 0
        complaints.append(
            Invented(
                complaint=f"{_MARK}{number}-{at}",
                person=f"{_MARK}person-{number}-{at}",
                verdict="upheld" if upheld else "not_upheld",
                amount_minor=amount,
                language="en" if chance.random() < 0.125 else "zh",
            )
        )
    return complaints


def arriving(size: int, days: int) -> list[int]:
    """The day on which each of `size` complaints comes, more on each day than on the one before.

    >>> arriving(12, 3)
    [0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2]
    """
    shares = days * (days + 1) // 2
    ends = [size * (day + 1) * (day + 2) // 2 // shares for day in range(days)]
    return [sum(at >= end for end in ends) for at in range(size)]


def is_invented(ref: str) -> bool:
    """Whether a reference is one a drill invented."""
    return ref.startswith(_MARK)
