"""The board: what runs hot on the desk now, counted from the complaints themselves.

Cells are days x (everything, group of classes, class, area, channel), distinct persons in each.
Counted anew when somebody looks and kept for a few minutes; nothing is stored yet.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
from numpy.typing import NDArray

from amends.complaints.measured import first_words, who_and_what
from amends.hotissues.rules.baseline.spring_festival import places
from amends.hotissues.rules.issues import issues
from amends.hotissues.rules.scan import Scan, scan

LEVELS = ("total", "root", "code", "area", "channel")
HISTORY = timedelta(days=3 * 366)
LEAST_DAYS = 35
SHOWN_DAYS = 28
DRAWN_DAYS = 56
LEAST_PERSONS = 5
EXPLAINED = 0.6
QUOTED = 5
FALSE_PER_SERIES_YEAR = 0.1


@dataclass(frozen=True, slots=True)
class HotIssue:
    """A cell that ran hot for some days.

    level, unit   one of `LEVELS` and its value, "" for everything
    persons       distinct persons in the days of the issue; `expected` of them in such days
    days          what was counted and expected on each of the last `DRAWN_DAYS` days
    quoted        complaint, tracking code and first words of some of them, the latest first
    """

    level: str
    unit: str
    first: date
    last: date
    persons: int
    expected: float
    days: list[tuple[date, int, float]]
    quoted: list[tuple[str, str, str]]

    @property
    def excess(self) -> float:
        """Persons more than expected."""
        return self.persons - self.expected


@dataclass(frozen=True, slots=True)
class Board:
    """The hot issues of the last `SHOWN_DAYS` days, the newest first.

    known_days      days of complaints there are to judge by
    false_per_week  alarms without an issue to be expected in a week over all cells
    """

    issues: list[HotIssue]
    cells: int
    known_days: int
    false_per_week: float


def board(*, now: datetime, zone: str, brand: str = "") -> Board:
    """What runs hot, judged at `now`; today counts as far as it has come."""
    frame = _frame(now, zone, brand)
    days = _axis(frame, now, zone)
    if len(days) < LEAST_DAYS:
        return Board([], 0, len(days), 0.0)
    cells, counts = _count(frame, days)
    found = scan(
        counts,
        last=min(SHOWN_DAYS, len(days) - LEAST_DAYS + 7),
        period="day",
        start=days[0],
        special=places(days),
        false_per_series_year=FALSE_PER_SERIES_YEAR,
    )
    candidates = list(_candidates(frame, days, cells, counts, found))
    expected = found.calibration.expected * len(cells) * 7 / 365.25
    return Board(_not_explained(candidates), len(cells), len(days), expected)


def _frame(now: datetime, zone: str, brand: str) -> pl.DataFrame:
    columns = who_and_what(start=now - HISTORY, end=now, brand=brand)
    stamp = pl.Datetime("us", "UTC")
    kinds: dict[str, pl.DataType | type[pl.DataType]] = {
        name: pl.String for name in columns if name != "received_at"
    }
    return pl.DataFrame(columns, schema=kinds | {"received_at": stamp}).select(
        "id", "person", "code", "area", "channel",
        pl.lit("").alias("total"),
        pl.col("code").str.split(".").list.first().alias("root"),
        pl.col("received_at").dt.convert_time_zone(zone).dt.date().alias("day"),
    )  # fmt: skip


def _axis(frame: pl.DataFrame, now: datetime, zone: str) -> list[date]:
    """Every day from the first complaint to today."""
    first = frame["day"].min()
    if not isinstance(first, date):
        return []
    today = now.astimezone(ZoneInfo(zone)).date()
    return [first + timedelta(days=n) for n in range((today - first).days + 1)]


def _count(
    frame: pl.DataFrame, days: list[date]
) -> tuple[list[tuple[str, str]], NDArray[np.int32]]:
    """The cells with anybody in them, and distinct persons by day and cell."""
    cells: list[tuple[str, str]] = []
    columns = []
    axis = pl.DataFrame({"day": days})
    for level in LEVELS:
        known = frame.filter((pl.col(level) != "") | (level == "total"))
        for (unit,), part in sorted(known.partition_by(level, as_dict=True).items()):
            counted = part.group_by("day").agg(pl.col("person").n_unique().alias("persons"))
            filled = axis.join(counted, on="day", how="left", maintain_order="left")["persons"]
            cells.append((level, str(unit)))
            columns.append(filled.fill_null(0).cast(pl.Int32).to_numpy())
    return cells, np.stack(columns, axis=1)


def _candidates(
    frame: pl.DataFrame,
    days: list[date],
    cells: list[tuple[str, str]],
    counts: NDArray[np.int32],
    found: Scan,
) -> Iterable[tuple[HotIssue, set[str]]]:
    skipped = len(days) - found.alarms.shape[0]
    drawn = range(max(0, len(days) - DRAWN_DAYS), len(days))
    for issue in issues(found.alarms, period="day"):
        level, unit = cells[issue.cell]
        first, last = days[skipped + issue.first], days[skipped + issue.last]
        own = frame.filter((pl.col(level) == unit) & pl.col("day").is_between(first, last))
        persons = set(own["person"])
        expected = float(np.nansum(found.mean[issue.first : issue.last + 1, issue.cell]))
        if len(persons) < LEAST_PERSONS or len(persons) <= expected:
            continue
        means = {row + skipped: found.mean[row, issue.cell] for row in range(found.mean.shape[0])}
        quoted = own["id"].to_list()[::-1][:QUOTED]
        words = first_words(quoted)
        yield (
            HotIssue(
                level, unit, first, last, len(persons), expected,
                [(days[n], int(counts[n, issue.cell]), float(means.get(n, np.nan))) for n in drawn],
                [(ref, *words[ref]) for ref in quoted if ref in words],
            ),
            persons,
        )  # fmt: skip


def _not_explained(candidates: list[tuple[HotIssue, set[str]]]) -> list[HotIssue]:
    """The issues that are not mostly the persons of a stronger one."""
    taken: list[tuple[HotIssue, set[str]]] = []
    by_strength = sorted(
        candidates, key=lambda one: -one[0].excess / max(one[0].expected, 1.0) ** 0.5
    )
    for issue, persons in by_strength:
        if all(len(persons & others) <= EXPLAINED * len(persons) for _, others in taken):
            taken.append((issue, persons))
    return sorted(
        (issue for issue, _ in taken), key=lambda one: (one.last, one.excess), reverse=True
    )
