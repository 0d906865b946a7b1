"""What is measured of complaints, defined once for Polars, DuckDB and whatever Narwhals speaks.

The columns are those of `complaints.measured.complaint_columns`; every count is cast to 64 bits at
once, since engines differ in what they count in.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import narwhals as nw

DIMENSIONS = ("code", "root", "area", "channel", "brand", "verdict", "week")
_DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Measure:
    """The complaints of one unit of a dimension.

    resolved      those with a moment of resolution; `days` is the sum of days it took
    upheld        upheld or partly upheld
    """

    unit: str
    complaints: int
    late: int
    resolved: int
    reopened: int
    decided: int
    upheld: int
    decided_by_rule: int
    days: float
    refunded_minor: int

    @property
    def kept_share(self) -> float:
        """Share whose deadlines were all kept."""
        return 1 - self.late / self.complaints if self.complaints else 0.0

    @property
    def mean_days(self) -> float | None:
        """Mean days from receipt to first resolution, None where nothing is resolved."""
        return self.days / self.resolved if self.resolved else None


def measures(frame: Any, by: str = "") -> list[Measure]:
    """The measures of each unit of `by`, "" for all together; ordered by unit.

    frame   a Polars, DuckDB, pandas or PySpark frame of the columns
    """
    rows = _prepared(nw.from_native(frame))
    unit = nw.col(by).cast(nw.String) if by else nw.lit("")
    counted = rows.with_columns(unit=unit).group_by("unit").agg(
        complaints=_count(nw.col("one")),
        late=_count(nw.col("is_late")),
        resolved=_count(nw.col("is_resolved")),
        reopened=_count(nw.col("is_reopened")),
        decided=_count(nw.col("is_decided")),
        upheld=_count(nw.col("is_upheld")),
        decided_by_rule=_count(nw.col("is_by_rule")),
        days=nw.col("took_days").sum(),
        refunded_minor=_count(nw.col("refunded_minor")),
    )  # fmt: skip
    return sorted((_measure(row) for row in _rows(counted)), key=lambda one: one.unit)


def _prepared(frame: Any) -> Any:
    """Flags as numbers, which every engine sums alike."""
    decided = nw.col("verdict").is_in(["upheld", "partly_upheld", "not_upheld"])
    upheld = nw.col("verdict").is_in(["upheld", "partly_upheld"])
    took_s = nw.col("resolved_s") - nw.col("received_s")
    return frame.with_columns(
        one=nw.lit(1),
        is_late=nw.col("late").cast(nw.Int64),
        is_resolved=(~nw.col("resolved_s").is_null()).cast(nw.Int64),
        is_reopened=(nw.col("reopened_count") > 0).cast(nw.Int64),
        is_decided=decided.cast(nw.Int64),
        is_upheld=upheld.cast(nw.Int64),
        is_by_rule=nw.col("decided_by_rule").cast(nw.Int64),
        took_days=(took_s.fill_null(0)).cast(nw.Float64) / _DAY_S,
        refunded_minor=nw.when(upheld).then(nw.col("amount_minor")).otherwise(nw.lit(0)),
    )  # fmt: skip


def _count(column: Any) -> Any:
    return column.sum().cast(nw.Int64)


def _rows(frame: Any) -> Iterable[dict[str, Any]]:
    collected = frame.collect() if isinstance(frame, nw.LazyFrame) else frame
    rows: Iterable[dict[str, Any]] = collected.rows(named=True)
    return rows


def _measure(row: dict[str, Any]) -> Measure:
    counts = {name: int(row[name]) for name in _WHOLE}
    return Measure(unit=str(row["unit"]), days=round(float(row["days"]), 9), **counts)


_WHOLE = (
    "complaints", "late", "resolved", "reopened", "decided", "upheld", "decided_by_rule",
    "refunded_minor",
)  # fmt: skip
