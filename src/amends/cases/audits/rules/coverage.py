"""Coverage of duties: of the notices due under each duty in each month, how many were in time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from amends.cases.audits.rules.frames import local_month
from amends.cases.audits.rules.outcomes import STATES


@dataclass(frozen=True, slots=True)
class DutyTally:
    """What became of the notices due under one duty in a period."""

    duty: str
    period: str
    in_time: int = 0
    late: int = 0
    failed: int = 0
    missing: int = 0
    unknown: int = 0

    @property
    def due(self) -> int:
        """All that were due."""
        return self.known + self.unknown

    @property
    def known(self) -> int:
        """Those whose outcome is known: only these make a share."""
        return self.in_time + self.late + self.failed + self.missing

    @property
    def owed(self) -> int:
        """Those that never reached the user, as far as is known."""
        return self.failed + self.missing

    @property
    def covered_share(self) -> float | None:
        """Share met in time (0 to 1), None where nothing is known.

        >>> DutyTally("d", "2026-11-01", in_time=3, missing=1, unknown=5).covered_share
        0.75
        """
        return self.in_time / self.known if self.known else None

    def __add__(self, duty_tally: DutyTally) -> DutyTally:
        """Both together, under the name of the first."""
        sums = {name: getattr(self, name) + getattr(duty_tally, name) for name in STATES}
        return DutyTally(self.duty, self.period, **sums)


def count(found_rows: pl.DataFrame, zone: str) -> list[DutyTally]:
    """Outcomes (`outcomes`) as counts by duty and local month of the due time, in that order."""
    months = found_rows.with_columns(period=local_month("due_at_ms", zone))
    rows = _counted(months, "duty", "period").to_dicts()
    return [DutyTally(**row) for row in rows]


def count_parts(found_rows: pl.DataFrame, zone: str, dimensions: Sequence[str]) -> pl.DataFrame:
    """The same by brand and by the values of each of these columns: `dimension` and `unit`."""
    months = found_rows.with_columns(period=local_month("due_at_ms", zone))
    parts = [
        _counted(
            months.with_columns(unit=pl.col(name)), "duty", "period", "brand", "unit"
        ).with_columns(dimension=pl.lit(name))
        for name in dimensions
    ]
    return pl.concat(parts)


def _counted(rows: pl.DataFrame, *by: str) -> pl.DataFrame:
    states = [(pl.col("state") == state).sum().alias(state) for state in STATES]
    return rows.group_by(*by).agg(states).sort(*by)


def worst_first(counts: list[DutyTally]) -> list[DutyTally]:
    """One count a duty over all its periods, the worst share first, unknown last."""
    sums: dict[str, DutyTally] = {}
    for count in counts:
        sums[count.duty] = sums[count.duty] + count if count.duty in sums else count
    return sorted(sums.values(), key=_rank)


def _rank(duty_tally: DutyTally) -> tuple[float, int, str]:
    share = duty_tally.covered_share
    return (2.0 if share is None else share, -duty_tally.owed, duty_tally.duty)
