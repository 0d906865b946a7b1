"""A folded text cut into sentences and clauses, and what a number in it states."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

Unit = Literal["money", "discount", "mbps", "gb", "minutes", "months", "places"]

_STOP = re.compile(r"[。！!？?；;\n]|(?<!\d)\.(?=\s|$)|\.(?=\s|$)")
_PAUSE = re.compile(r"[，、：:()（）【】]|,(?!\d{3})|\s[-–—]\s")


@dataclass(frozen=True, slots=True)
class StatedFact:
    """One statement.

    value     money in whole units, a price by the month where `months` is known; Mbit/s; GB;
              minutes; months; places; a discount as the share that is paid
    months    of a price: how many months it pays for; 0 where the text does not say
    up_to     whether the text says that it is a maximum
    """

    unit: Unit
    role: str
    value: float
    start: int
    end: int
    months: float = 0
    currency: str = ""
    up_to: bool = False


@dataclass(frozen=True, slots=True)
class Around:
    """The words around a number: within its clause before and after it, the clause before that."""

    before: str
    after: str
    clause: str
    earlier: str
    sentence: str

    @property
    def label(self) -> str:
        """The clause before, where a colon ends it: `Exit fee: £120`."""
        return self.earlier if self.earlier.rstrip().endswith((":", "：")) else ""


class Text:
    """A folded text cut into sentences and clauses."""

    def __init__(self, text: str) -> None:
        self.text = text
        stops = sorted({0, len(text), *(found.end() for found in _STOP.finditer(text))})
        self._sentences = list(pairwise(stops))
        pauses = {found.end() for found in _PAUSE.finditer(text)}
        cuts = sorted({*stops, *pauses})
        self._clauses = list(pairwise(cuts))

    def clauses(self) -> Iterator[tuple[int, int]]:
        """Where each clause begins and ends."""
        return iter(self._clauses)

    def sentence(self, at: int) -> tuple[int, int]:
        """The sentence around a position."""
        return self._part(self._sentences, at)

    def clause(self, at: int) -> tuple[int, int]:
        """The clause around a position."""
        return self._part(self._clauses, at)

    def _part(self, parts: list[tuple[int, int]], at: int) -> tuple[int, int]:
        place = bisect_right(parts, (at, len(self.text) + 1)) - 1
        return (
            parts[place]
            if 0 <= place < len(parts) and at < parts[place][1]
            else (0, len(self.text))
        )

    def around(self, start: int, end: int, *, after: int = 0, before: int = 0) -> Around:
        """The words around a number, no further than its neighbours `after` and `before`."""
        low, high = self.clause(start)
        first, last = self.sentence(start)
        tail = self.clause(max(end - 1, start))[1]
        previous = self.text[max(first, self.clause(low - 1)[0]) : low] if low > first else ""
        return Around(
            self.text[max(low, after) : start],
            self.text[end : min(max(high, tail), before or len(self.text))],
            self.text[low : max(high, tail)],
            previous,
            self.text[first:last],
        )


def any_of(*words: str) -> re.Pattern[str]:
    """A pattern for any of some words, in small letters and capitals."""
    return re.compile("|".join(words), re.I)
