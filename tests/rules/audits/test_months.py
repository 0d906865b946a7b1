"""Months of a place: each moment in the month its own day lies in, also where clocks change."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from amends.cases.audits.rules.months import Months
from amends.platform.kit.periods import to_ms

HOUR_MS = 3_600_000


@pytest.mark.parametrize(
    "zone",
    ["UTC", "Asia/Shanghai", "Europe/Berlin", "America/Santiago", "America/Havana", "Pacific/Apia"],
)
def test_a_moment_belongs_to_the_month_of_its_local_day(zone: str) -> None:
    chance, place = random.Random(5), ZoneInfo(zone)
    first, last = to_ms(datetime(2010, 1, 1, tzinfo=UTC)), to_ms(datetime(2027, 1, 1, tzinfo=UTC))
    moments: list[int | None] = [None, *(chance.randrange(first, last) for _ in range(3_000))]
    for year in range(2010, 2027):
        for month in range(1, 13):
            begun = to_ms(datetime(year, month, 1, tzinfo=place))
            moments += [begun + away for away in (-HOUR_MS, -1, 0, 1, HOUR_MS)]
    frame = pl.DataFrame({"at_ms": moments}, schema={"at_ms": pl.Int64})
    named = Months(zone).months(frame.with_columns(service=pl.lit("a")), "at_ms")["period"]
    assert named.to_list() == [
        at and f"{datetime.fromtimestamp(at / 1000, tz=place):%Y-%m-01}" for at in moments
    ]


def test_no_moments_have_no_months() -> None:
    for moments in ([], [None]):
        frame = pl.DataFrame({"at_ms": moments}, schema={"at_ms": pl.Int64})
        named = Months("UTC").months(frame.with_columns(service=pl.lit("a")), "at_ms")["period"]
        assert named.to_list() == moments
        assert named.dtype == pl.String
