"""How far counters stood, and when: from usage, stated crossings and charges beyond the plan."""

from __future__ import annotations

import polars as pl

from amends.notices.rules.audit.frames import DAY_MS, LEVELS, levels_frame, local_month

# What a stated crossing calls a counter, without the unit some sources append.
_UNIT_SUFFIX = r"_(mb|min|minutes|count|minor)$"
_LEADING_NUMBER = r"^(\d{1,3})%?$"
OVERAGE = "overage"
# A charge beyond the plan may be made weeks after the allowance was used up, in the next month too.
_BILLED_WITHIN_MS = 45 * DAY_MS


def from_usage(records: pl.DataFrame, zone: str) -> pl.DataFrame:
    """The level after each record, a record that came twice counted once.

    records  record, subscriber, service, counter, at_ms, amount and limit, both in the counter's
             unit; a limit of 0 or null is none. A negative amount corrects an earlier one. What is
             used abroad (a `country` that is not empty) is not part of the plan.
    """
    if records.is_empty():
        return levels_frame()
    home = records.filter(pl.col("country") == "") if "country" in records.columns else records
    once = (
        home.unique("record", keep="first", maintain_order=True)
        .with_columns(period=local_month("at_ms", zone))
        .sort("at_ms", "record")
    )
    counted = ("service", "counter", "period")
    return once.with_columns(
        used=pl.col("amount").cum_sum().over(*counted),
        percent=pl.lit(None, pl.Int64),
    ).select(pl.col(name).cast(form) for name, form in LEVELS.items())


def from_crossings(crossed: pl.DataFrame, zone: str) -> pl.DataFrame:
    """The levels that `UsageCrossed` facts state, whoever measured them.

    A step of plain figures ("80", "100%") is the percentage passed, and all that is believed: one
    source writes the allowance beside it as `limit`, another the mark itself, and rounding may
    leave the amount just under it.
    """
    if crossed.is_empty():
        return levels_frame()
    stated = pl.col("step").str.extract(_LEADING_NUMBER, 1).cast(pl.Int64)
    return crossed.select(
        "subscriber",
        service=pl.col("subject"),
        counter=pl.col("counter").str.replace(_UNIT_SUFFIX, ""),
        period=local_month("happened_at_ms", zone),
        at_ms=pl.col("happened_at_ms"),
        used=pl.when(stated.is_null()).then("used"),
        limit=pl.when(stated.is_null()).then("limit"),
        percent=stated,
    )


def from_overage(charges: pl.DataFrame, zone: str) -> pl.DataFrame:
    """A charge beyond the plan proves that the allowance was used up when it was made.

    It counts for the month its billing period starts in, or in which it was made.
    """
    beyond = charges.filter(pl.col("charge_kind") == OVERAGE)
    if beyond.is_empty():
        return levels_frame()
    unit = pl.col("unit").str.to_lowercase()
    counter = (
        pl.when(unit.is_in(["min", "minute", "minutes", "s"]))
        .then(pl.lit("voice"))
        .when(unit.is_in(["sms", "count"]))
        .then(pl.lit("sms"))
        .otherwise(pl.lit("data"))
    )
    return beyond.with_columns(
        began_ms=pl.coalesce("period_start_ms", "happened_at_ms"),
    ).select(
        "subscriber",
        service=pl.col("subject"),
        counter=counter,
        period=local_month("began_ms", zone),
        at_ms=pl.col("happened_at_ms"),
        used=pl.lit(None, pl.Int64),
        limit=pl.lit(None, pl.Int64),
        percent=pl.lit(100, pl.Int64),
    )


def unexplained(overage: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """The levels of charges beyond the plan that no known crossing of the weeks before explains."""
    full = known.filter(
        (pl.col("percent") >= 100) | ((pl.col("limit") > 0) & (pl.col("used") >= pl.col("limit")))
    )
    crossed = full.select("service", "counter", crossed_ms=pl.col("at_ms")).sort("crossed_ms")
    near = overage.sort("at_ms").join_asof(
        crossed,
        left_on="at_ms",
        right_on="crossed_ms",
        by=["service", "counter"],
        strategy="backward",
        tolerance=_BILLED_WITHIN_MS,
        check_sortedness=False,
    )
    return near.filter(pl.col("crossed_ms").is_null()).drop("crossed_ms")
