"""The quarterly bulletin as one object: what every format shows, and nothing beside it.

A cell that may not be published is `HIDDEN` in the object itself, so that no format can show it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from amends.kit.errors import BadInput
from amends.stats.suppression import hide

K = 10
"""The smallest count a public version shows."""
_QUARTER = re.compile(r"(?P<year>\d{4})-?[Qq](?P<quarter>[1-4])")


class UnableToReadQuarter(BadInput):
    """The text names no quarter."""

    code = "unable_to_read_quarter"


class _Hidden:
    """A cell that is not published."""

    def __repr__(self) -> str:
        return "HIDDEN"


HIDDEN = _Hidden()
Cell = str | int | float | _Hidden | None
"""Words, a figure, hidden, or None for nothing to say."""


@dataclass(frozen=True, slots=True)
class Section:
    """One table. `forms` says how the figures of each column read: text, count, rate, share, days;
    `sums` whether the last row is the sum of those above it."""

    id: str
    title: str
    header: tuple[str, ...]
    forms: tuple[str, ...]
    rows: list[tuple[Cell, ...]]
    note: str = ""
    sums: bool = False

    @property
    def hidden(self) -> int:
        """How many cells are not published."""
        return sum(cell is HIDDEN for row in self.rows for cell in row)


@dataclass(frozen=True, slots=True)
class Bulletin:
    """A quarter in the words of one language.

    lead         what it says first, in sentences
    definitions  (what, how it is counted)
    """

    quarter: str
    language: str
    is_public: bool
    title: str
    subtitle: str
    lead: list[str]
    sections: list[Section]
    definitions: list[tuple[str, str]]
    notes: list[str]


def quarter_days(text: str) -> tuple[str, date, date]:
    """The tidy name of a quarter, its first day, and the day after its last.

    >>> quarter_days("2026Q3")
    ('2026-Q3', datetime.date(2026, 7, 1), datetime.date(2026, 10, 1))
    """
    found = _QUARTER.fullmatch(text.strip())
    if not found or not 1990 <= int(found["year"]) <= 2999:
        raise UnableToReadQuarter(
            f"“{text[:20]}” is no quarter.", next_step="Write it like 2026Q3."
        )
    year, quarter = int(found["year"]), int(found["quarter"])
    start = date(year, quarter * 3 - 2, 1)
    end = date(year + quarter // 4, quarter * 3 % 12 + 1, 1)
    return f"{year}-Q{quarter}", start, end


def quarter_before(day: date) -> str:
    """The last quarter that is over on a day.

    >>> quarter_before(date(2026, 11, 25)), quarter_before(date(2026, 1, 1))
    ('2026-Q3', '2025-Q4')
    """
    quarter = (day.month - 1) // 3
    return f"{day.year}-Q{quarter}" if quarter else f"{day.year - 1}-Q4"


def crossed(
    counts: Mapping[tuple[str, str], int],
    rows: Sequence[str],
    columns: Sequence[str],
    *,
    is_public: bool,
    k: int = K,
) -> list[list[Cell]]:
    """A table with its sums in a last row and column; of a public one, small cells are hidden with
    what would give them back.

    >>> found = crossed({("a", "x"): 3, ("b", "x"): 40, ("c", "x"): 50}, "abc", "x", is_public=True)
    >>> found
    [[HIDDEN, HIDDEN], [HIDDEN, HIDDEN], [50, 50], [93, 93]]
    """
    table = [[counts.get((row, column), 0) for column in columns] for row in rows]
    full: list[list[Cell]] = [[*line, sum(line)] for line in table]
    full.append([*(sum(line[n] for line in table) for n in range(len(columns)))])
    full[-1].append(sum(map(sum, table)))
    if not is_public or not table:
        return full
    hidden = hide(table, k=k)
    for i, line in enumerate(full):
        for j in range(len(line)):
            if hidden.at(i, j):
                line[j] = HIDDEN
    return full


def part(count: int, of: int, *, is_public: bool, k: int = K) -> tuple[Cell, Cell]:
    """A part and its whole; a public one hides the part where it, or what is left, is small.

    >>> part(4, 60, is_public=True), part(4, 60, is_public=False), part(55, 60, is_public=True)
    ((HIDDEN, 60), (4, 60), (HIDDEN, 60))
    >>> part(2, 7, is_public=True)
    (HIDDEN, HIDDEN)
    """
    if not is_public:
        return count, of
    whole: Cell = HIDDEN if 0 < of < k else of
    is_small = 0 < count < k or 0 < of - count < k
    return (HIDDEN if is_small or whole is HIDDEN else count), whole
