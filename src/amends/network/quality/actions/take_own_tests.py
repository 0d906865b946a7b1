"""Take speed tests as counters by device, for the page that says why an area is red."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import polars as pl

from amends.network.quality.actions.read_counters import CounterRows
from amends.network.quality.actions.take_counters import CountersTaken, store_breakdown
from amends.network.quality.models import SpeedTest
from amends.platform.kit.periods import from_ms
from amends.record.ledger.queries import columns_of

HISTORY = timedelta(days=42)
"""Tests of so many days are read again each time."""
APP = "speed_test"
_Row = tuple[datetime, str, str, str, float, float | None]


def take_own_tests(*, now: datetime) -> CountersTaken:
    """Store the hourly medians of users' and the operator's own speed tests by area, cell, device.

    They are stored as the app `speed_test` and never open an incident: the speed of a test depends
    on the plan of the line. Device is how it was connected (`cable`, `wifi`), its radio technology,
    or the method of the operator's tests.

    In `rows`, each test counts once: `unreadable` are those without an area, `impossible` those
    that do not count.
    """
    since = now - HISTORY
    tests = SpeedTest.objects.filter(at__gte=since, at__lte=now)
    valid = [row for row in tests.order_by("at", "code") if row.valid]
    own_tests = [*map(_of_user, valid), *_of_operator(since, now)]
    placed = [row for row in own_tests if row[1]]
    schema: dict[str, type[pl.DataType] | pl.DataType] = {
        "at": pl.Datetime("us", "UTC"),
        "area": pl.String,
        "cell": pl.String,
        "device": pl.String,
        "down_user_mbps": pl.Float64,
        "rtt_ms": pl.Float64,
    }
    medians = (
        pl.DataFrame(placed, schema=schema, orient="row")
        .with_columns(pl.col("at").dt.truncate("1h"))
        .unpivot(index=["at", "area", "cell", "device"], variable_name="kpi")
        .drop_nulls("value")
        .group_by("at", "area", "cell", "kpi", "device")
        .agg(pl.col("value").median(), users=pl.len().cast(pl.Float64))
        .with_columns(service=pl.lit(""), app=pl.lit(APP), partner=pl.lit(""))
    )
    columns = ["at", "area", "cell", "kpi", "service", "app", "partner", "device"]
    days = store_breakdown(medians.select(*columns, "value", "users"))
    invalid = tests.count() - len(valid)
    rows = CounterRows(
        read=len(own_tests) + invalid,
        used=len(placed),
        unreadable=len(own_tests) - len(placed),
        impossible=invalid,
        duplicates=0,
        corrected=0,
        late=0,
    )
    return CountersTaken(rows, days, new_cells=0, moved=0)


def _of_user(row: SpeedTest) -> _Row:
    device = row.conditions.get("network") or row.radio.get("technology") or ""
    cell = str(row.radio.get("cell", ""))
    return row.at, row.area, cell, str(device), row.down_mbps, row.min_rtt_us / 1000


def _of_operator(since: datetime, until: datetime) -> Iterator[_Row]:
    """Tests of the operator's feeds; those of users are in the ledger too."""
    fields = ("area", "down_kbps", "rtt_us", "method")
    table = columns_of("SpeedMeasured", start=since, end=until, fields=fields)
    for row in table.to_pylist():
        if row["down_kbps"] is None or str(row["method"] or "").startswith("ndt7"):
            continue
        rtt_ms = row["rtt_us"] / 1000 if row["rtt_us"] else None
        at = from_ms(row["happened_at_ms"])
        yield at, row["area"] or "", "", row["method"] or "", row["down_kbps"] / 1000, rtt_ms
