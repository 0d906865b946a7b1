"""What is measured of complaints, defined once for Polars, DuckDB and whatever Narwhals speaks.

The columns are those of `complaints.measured.complaint_columns` and what `indicators.columns` adds;
every count is cast to 64 bits at once, since engines differ in what they count in.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields
from typing import Any

import narwhals as nw

DIMENSIONS = (
    "code",
    "root",
    "area",
    "channel",
    "brand",
    "product",
    "partner",
    "kind",
    "verdict",
    "week",
)
"""Channels on which nobody of ours is spoken to; phone and counter are the others."""
CONTENT_FROM = 4
"""From this answer of 1 to 5 on a user counts as content."""
_DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class UnitFigures:
    """The complaints of one unit of a dimension.

    resolved      those with a moment of resolution; `days` the sum of the days it took, `days2` of
                  their squares
    decided       those with a verdict; `upheld` whole or in part
    ruled         those a rule gave a verdict on; `overruled` those a person decided otherwise
    granted       those granted money; `paid` those whose money billing has acknowledged
    refunded_minor   money granted: what the current decision grants, or what was paid under it
                  and earlier ones where that is more; never less than `paid_minor`
    answered      those whose user said weeks later whether it is solved; `solved` who said yes
    rated         those whose user said how content; `content` who said 4 or 5 of 5
    """

    unit: str
    complaints: int = 0
    late: int = 0
    resolved: int = 0
    reopened: int = 0
    decided: int = 0
    upheld: int = 0
    decided_by_rule: int = 0
    ruled: int = 0
    overruled: int = 0
    granted: int = 0
    paid: int = 0
    answered: int = 0
    solved: int = 0
    rated: int = 0
    content: int = 0
    electronic: int = 0
    refunded_minor: int = 0
    paid_minor: int = 0
    days: float = 0.0
    days2: float = 0.0

    @property
    def in_time(self) -> int:
        """Those whose deadlines were all kept."""
        return self.complaints - self.late

    @property
    def in_time_share(self) -> float:
        """Share whose deadlines were all kept."""
        return self.in_time / self.complaints if self.complaints else 0.0

    @property
    def mean_days(self) -> float | None:
        """Mean days from receipt to first resolution, None where nothing is resolved."""
        return self.days / self.resolved if self.resolved else None


_COUNTS = tuple(
    field.name for field in fields(UnitFigures) if field.name not in ("unit", "days", "days2")
)


def measures(frame: Any, by: str = "", *, electronic: Collection[str]) -> list[UnitFigures]:
    """The measures of each unit of `by`, "" for all together; ordered by unit.

    frame       a Polars, DuckDB, pandas or PySpark frame of the columns
    electronic  the channels whose complaints count as electronic
    """
    rows = _prepared(nw.from_native(frame), electronic)
    sums = {name: nw.col(f"is_{name}").sum().cast(nw.Int64) for name in _COUNTS}
    counted = _by_unit(rows, by).agg(
        **sums,
        days=nw.col("took_days").sum(),
        days2=nw.col("took_days2").sum(),
    )
    return sorted(
        (_measure(row) for row in _rows(counted)), key=lambda unit_figures: unit_figures.unit
    )


def together(figures: Iterable[UnitFigures]) -> UnitFigures:
    """The measures of all units together, for who has those of each.

    >>> together([UnitFigures("a", complaints=3, days=1.5), UnitFigures("b", days=2.0)]).days
    3.5
    """
    rows = list(figures)
    names = [field.name for field in fields(UnitFigures) if field.name != "unit"]
    return UnitFigures("", **{name: sum(getattr(row, name) for row in rows) for name in names})


def days_taken(frame: Any, by: str = "") -> dict[str, dict[int, int]]:
    """Unit → whole days begun until the first resolution → how many; unresolved ones are absent.

    A complaint resolved within the day it came took 1 day begun.
    """
    rows = nw.from_native(frame).filter(~nw.col("resolved_s").is_null())
    begun = ((nw.col("resolved_s") - nw.col("received_s")) // int(_DAY_S) + 1).cast(nw.Int64)
    counted = (
        rows.with_columns(unit=_unit(by), day=begun, one=nw.lit(1))
        .group_by("unit", "day")
        .agg(number=nw.col("one").sum().cast(nw.Int64))
    )
    days_by_unit: dict[str, dict[int, int]] = {}
    for row in _rows(counted):
        days_by_unit.setdefault(str(row["unit"]), {})[int(row["day"])] = int(row["number"])
    return days_by_unit


def days_to_solve(
    complaints_by_day: dict[int, int], complaints: int, share: float = 0.8
) -> int | None:
    """The days within which at least `share` of all complaints were resolved; None if not yet.

    >>> days_to_solve({1: 5, 3: 3, 9: 1}, complaints=10), days_to_solve({1: 5}, complaints=10)
    (3, None)
    """
    solved = 0
    for day in sorted(complaints_by_day):
        solved += complaints_by_day[day]
        if solved >= share * complaints:
            return day
    return None


def _by_unit(rows: Any, by: str) -> Any:
    return rows.with_columns(unit=_unit(by)).group_by("unit")


def _unit(by: str) -> Any:
    return nw.col(by).cast(nw.String) if by else nw.lit("")


def _prepared(frame: Any, electronic: Collection[str]) -> Any:
    """Flags as numbers, which every engine sums alike."""
    decided = nw.col("verdict").is_in(["upheld", "partly_upheld", "not_upheld"])
    upheld = nw.col("verdict").is_in(["upheld", "partly_upheld"])
    content = nw.col("satisfaction").fill_null(0)
    flags = {
        "late": nw.col("late"),
        "resolved": ~nw.col("resolved_s").is_null(),
        "reopened": nw.col("reopened_count") > 0,
        "decided": decided,
        "upheld": upheld,
        "decided_by_rule": decided & nw.col("decided_by_rule"),
        "ruled": nw.col("ruled"),
        "overruled": nw.col("ruled") & nw.col("overruled"),
        "granted": upheld & (nw.col("amount_minor") > 0),
        "paid": upheld & (nw.col("amount_minor") > 0) & (nw.col("paid_minor") > 0),
        "answered": nw.col("outcome").is_in(["solved", "partly", "not_solved"]),
        "solved": nw.col("outcome") == "solved",
        "rated": content > 0,
        "content": content >= CONTENT_FROM,
        "electronic": nw.col("channel").is_in(list(electronic)),
    }
    # A complaint decided again keeps what was paid under its earlier decisions.
    decided_minor = nw.when(upheld).then(nw.col("amount_minor")).otherwise(nw.lit(0))
    more = decided_minor > nw.col("paid_minor")
    took_s = (nw.col("resolved_s") - nw.col("received_s")).fill_null(0)
    days = took_s.cast(nw.Float64) / _DAY_S
    return frame.with_columns(
        **{f"is_{name}": flag.cast(nw.Int64) for name, flag in flags.items()},
        is_complaints=nw.lit(1),
        is_refunded_minor=nw.when(more).then(decided_minor).otherwise(nw.col("paid_minor")),
        is_paid_minor=nw.col("paid_minor"),
        took_s=took_s,
        took_days=days,
        took_days2=days * days,
    )


def _rows(frame: Any) -> Iterable[dict[str, Any]]:
    collected = frame.collect() if isinstance(frame, nw.LazyFrame) else frame
    rows: Iterable[dict[str, Any]] = collected.rows(named=True)
    return rows


def _measure(row: dict[str, Any]) -> UnitFigures:
    counts = {name: int(row[name]) for name in _COUNTS}
    days, squares = round(float(row["days"]), 9), round(float(row["days2"]), 6)
    return UnitFigures(unit=str(row["unit"]), days=days, days2=squares, **counts)
