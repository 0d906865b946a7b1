"""The quarterly bulletin as one object: all that every format shows.

A cell that may not be published is `HIDDEN` in the object itself, so that no format can show it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from amends.engines.stats.rates import Share
from amends.engines.stats.suppression import hide
from amends.platform.kit.errors import BadInput, gettext_noop
from amends.platform.kit.money import Money

K = 10
"""The smallest count a public version shows."""
_QUARTER = re.compile(
    r"(?P<year>\d{4}) ?(?:-?[Qq](?P<number>[1-4])|年 ?第?(?P<quarter>[1-4一二三四])季度)"
)
_CHINESE = {"一": 1, "二": 2, "三": 3, "四": 4}


class UnableToReadQuarter(BadInput):
    """The text names no quarter."""

    code = "unable_to_read_quarter"


class _Hidden:
    """A cell that is not published."""

    def __repr__(self) -> str:
        return "HIDDEN"


HIDDEN = _Hidden()
Cell = str | int | float | Share | Money | _Hidden | None
"""Words, a figure, a share with its interval, hidden, or None for nothing to say."""


@dataclass(frozen=True, slots=True)
class Section:
    """One table. `forms` says how the figures of each column read: text, count, rate, share, days,
    money, or interval (a share with its interval); `sums` whether the last row is the sum of those
    above it."""

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
    >>> quarter_days("2014年第四季度")[0]
    '2014-Q4'
    """
    quarter_match = _QUARTER.fullmatch(text.strip())
    if not quarter_match or not 1990 <= int(quarter_match["year"]) <= 2999:
        raise UnableToReadQuarter(
            gettext_noop("“%(text)s” is no quarter."),
            next_step=gettext_noop("Write it like 2026Q3."),
            values={"text": text[:20]},
        )
    named = quarter_match["number"] or quarter_match["quarter"]
    year, quarter = int(quarter_match["year"]), _CHINESE.get(named) or int(named)
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


WITHIN: Mapping[str, tuple[str, ...]] = {
    "in_time": ("complaints",),
    "late": ("complaints",),
    "reopened": ("complaints",),
    "answered": ("complaints",),
    "rated": ("complaints",),
    "decided": ("complaints",),
    "ruled": ("complaints",),
    "solved": ("answered",),
    "content": ("rated",),
    "upheld": ("decided",),
    "granted": ("upheld",),
    "paid": ("granted",),
    "decided_by_rule": ("decided", "ruled"),
    "overruled": ("ruled",),
}
"""What is counted of a complaint → what it is a part of, so that a difference is a count too."""


def printable(
    counts: Mapping[str, int],
    share_pairs: Sequence[tuple[str, str]],
    *,
    is_public: bool,
    k: int = K,
) -> dict[str, Cell]:
    """The counts that stand in shares, each (part, whole) of `asked`; of a public bulletin without
    those that are small, or what is left of any printed whole without them.

    A part goes with its whole. The difference of two printed counts, one part of the other, is
    never from 1 to k - 1: three not yet decided, four decided otherwise than a rule said.

    >>> found = printable({"complaints": 60, "decided": 57, "upheld": 30},
    ...                   [("upheld", "decided")], is_public=True)
    >>> found
    {'decided': HIDDEN, 'upheld': HIDDEN}
    >>> printable({"complaints": 60, "reopened": 4}, [("reopened", "complaints")], is_public=True)
    {'complaints': 60, 'reopened': HIDDEN}
    """
    whole_of = dict(share_pairs)
    names = list(
        dict.fromkeys(name for part, total_name in share_pairs for name in (total_name, part))
    )
    if not is_public:
        return {name: counts[name] for name in names}
    # The number of the whole period is in the bulletin's first sentence.
    shown_counts: dict[str, int] = {"complaints": counts["complaints"]}
    printed_cells: dict[str, Cell] = {}
    for name in sorted(names, key=_depth):
        count = counts[name]
        small = 0 < count < k or any(
            0 < abs(shown_counts[related] - count) < k for related in _kin(name, shown_counts)
        )
        alone = whole_of.get(name, "complaints") not in shown_counts
        if small or (alone and name != "complaints"):
            printed_cells[name] = HIDDEN
            shown_counts.pop(name, None)
        else:
            printed_cells[name] = shown_counts[name] = count
    # Verdicts are those that remain and those overruled: any two of the three give the third.
    pair = ("decided_by_rule", "overruled")
    if "ruled" in shown_counts and any(printed_cells.get(name) is HIDDEN for name in pair):
        printed_cells |= {name: HIDDEN for name in pair if name in printed_cells}
    return printed_cells


def _kin(name: str, other_names: Iterable[str]) -> list[str]:
    """Those of the others that `name` is a part of, or that are parts of it."""
    return [
        other_name
        for other_name in other_names
        if other_name in _above(name) or name in _above(other_name)
    ]


def _above(name: str) -> set[str]:
    ancestors = set(WITHIN.get(name, ()))
    for parent in WITHIN.get(name, ()):
        ancestors |= _above(parent)
    return ancestors


def _depth(name: str) -> int:
    return 1 + max(map(_depth, WITHIN.get(name, ())), default=-1)
