"""Published bulletins, held against themselves. What does not fit is flagged, not mended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from itertools import pairwise
from typing import Any

from amends.kit.packs import Verified, load_rules


@dataclass(frozen=True, slots=True)
class Quarter:
    """One published quarter; changes in per cent against the one before, None if not printed."""

    id: str
    zh: str
    en: str
    definition: str
    appeals: int
    rate: float
    source: str
    verified: Verified
    change: float | None = None
    rate_change: float | None = None


@dataclass(frozen=True, slots=True)
class Flag:
    """Something printed that does not follow from what else is printed."""

    where: str
    printed: float
    computed: float
    what: str


def published(on: date) -> list[Quarter]:
    """The quarters of the Chinese bulletins, oldest first.

    >>> [quarter.rate for quarter in published(date(2026, 12, 1))][-3:]
    [8.6, 8.5, 8.8]
    """
    rows = load_rules("amends.indicators", "bulletins-cn", on).data["quarters"]
    names = [one.name for one in fields(Quarter)]
    return [Quarter(**{name: row[name] for name in names if name in row}) for row in rows]


def check_chain(quarters: Sequence[Quarter], *, tolerance_points: float = 0.051) -> list[Flag]:
    """Printed changes that the printed counts of neighbouring quarters do not give.

    tolerance_points  half of the last printed digit, in percentage points
    """
    flags = []
    for before, now in pairwise(quarters):
        if now.change is None or not _follows(before.id, now.id):
            continue
        computed = (now.appeals / before.appeals - 1) * 100
        if abs(computed - now.change) > tolerance_points:
            flags.append(Flag(now.id, now.change, computed, "change"))
    return flags


def check_table(
    table: Mapping[str, Any], *, rate_tolerance: float = 0.1, points: float = 0.051
) -> list[Flag]:
    """A bulletin's table held against itself.

    table   `total`, `parts` (name → count), optional `before` and `change` (per cent), optional
            `rates` (name → (count, users, printed rate per million))

    >>> [flag] = check_table({"total": 13, "parts": {"Telecom": 5, "Mobile": 1, "Unicom": 7},
    ...                       "before": 14, "change": 47.0})
    >>> flag.what, flag.printed, round(flag.computed, 1)
    ('change', 47.0, -7.1)
    """
    flags = []
    together = sum(table["parts"].values())
    if together != table["total"]:
        flags.append(Flag("total", table["total"], together, "sum"))
    if "change" in table and table.get("before"):
        computed = (table["total"] / table["before"] - 1) * 100
        if abs(computed - table["change"]) > points:
            flags.append(Flag("total", table["change"], computed, "change"))
    for name, (count, users, printed) in table.get("rates", {}).items():
        computed = count / users * 1e6
        if abs(computed - printed) > rate_tolerance:
            flags.append(Flag(name, printed, computed, "rate"))
    return flags


def _follows(before: str, now: str) -> bool:
    """Whether two quarters like 2012-Q1 are neighbours."""
    (year, quarter), (other_year, other) = ((int(one[:4]), int(one[-1])) for one in (before, now))
    return other_year * 4 + other == year * 4 + quarter + 1
