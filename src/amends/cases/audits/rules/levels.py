"""Levels of counters over time: from usage, stated crossings and charges beyond the plan."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from amends.cases.audits.rules.frames import DAY_MS, LEVELS, levels_frame
from amends.cases.audits.rules.months import Months

# What a stated crossing calls a counter, without the unit some sources append.
_UNIT_SUFFIX = r"_(mb|min|minutes|count|minor)$"
_LEADING_NUMBER = r"^(\d{1,3})%?$"
OVERAGE = "overage"
# This source writes as `limit` the mark that was passed, never the allowance.
_STATES_MARKS = "notices"
# A charge beyond the plan may be made weeks after the allowance was used up, in the next month too.
BILLED_WITHIN_MS = 45 * DAY_MS


def once(records: pl.DataFrame) -> pl.DataFrame:
    """Records in their order, one that came twice as it came first."""
    return records.unique("record", keep="first", maintain_order=True)


def from_usage(
    records: pl.DataFrame, months: Months, like_home: Sequence[str] = ()
) -> pl.DataFrame:
    """The level after each record.

    records  each `once`: record, subscriber, service, counter, at_ms, amount and limit, both in the
             counter's unit; a limit of 0 or null is none. A negative amount corrects an earlier.
             What is used abroad (a `country` that is not empty) is not part of the plan, but in the
             countries `like_home` it is.
    """
    if records.is_empty():
        return levels_frame()
    of_plan = pl.col("country").is_in(["", *like_home])
    home = records.filter(of_plan) if "country" in records.columns else records
    ordered = home.sort("at_ms", "record").drop("record", "country", strict=False)
    counted = ("service", "counter", "period")
    levels = months.months(ordered, "at_ms").with_columns(
        used=pl.col("amount").cum_sum().over(*counted)
    )
    return _as_levels(levels.with_columns(before=pl.col("used") - pl.col("amount")))


def _as_levels(frame: pl.DataFrame) -> pl.DataFrame:
    """The columns of `LEVELS`; what is missing is not known."""
    absent = {name: pl.lit(None) for name in LEVELS if name not in frame.columns}
    absent["segment"], absent["reference"] = pl.lit(0), pl.lit("")
    return frame.with_columns(**absent).select(
        pl.col(name).cast(form) for name, form in LEVELS.items()
    )


def after_top_ups(levels: pl.DataFrame, changes: pl.DataFrame, months: Months) -> pl.DataFrame:
    """The levels in order of time, with what was bought, or changed, in their period until then.

    changes  a frame of `again.CHANGES`; a limit that a crossing states has it in it already
    """
    ordered = levels.sort("at_ms", maintain_order=True)
    topped = changes.filter((pl.col("kind") == "top_up") & (pl.col("counter") != "money"))
    moved = changes.filter(pl.col("kind") == "plan")
    # Another plan arms every counter again and adds to none: the records state its limits.
    of_plans = [
        moved.with_columns(counter=pl.lit(counter_kind), amount=pl.lit(0, pl.Int64))
        for counter_kind in ("data", "voice", "sms")
    ]
    bought = pl.concat([topped, *of_plans])
    if bought.is_empty() or levels.is_empty():
        return ordered
    counted = ("service", "counter", "period")
    placed = months.months(bought.sort("at_ms", maintain_order=True), "at_ms").select(
        *counted,
        "at_ms",
        more=pl.col("amount").cum_sum().over(*counted),
        number=pl.int_range(1, pl.len() + 1).over(*counted),
        named="reference",
    )
    joined = ordered.join_asof(
        placed, on="at_ms", by=list(counted), strategy="backward", check_sortedness=False
    )
    full_limit = pl.col("limit").fill_null(0) + pl.col("more")
    is_known = pl.col("before").is_not_null() & pl.col("more").is_not_null()
    return _as_levels(
        joined.with_columns(limit=pl.when(is_known).then(full_limit).otherwise("limit")),
    ).with_columns(
        segment=joined["number"].fill_null(0).cast(pl.Int64),
        reference=joined["named"].fill_null(""),
    )


def from_crossings(crossed: pl.DataFrame, months: Months) -> pl.DataFrame:
    """The levels that `UsageCrossed` facts state, whatever measured them.

    A step of plain figures ("80", "100%") is the percentage passed, and all that is believed: one
    source writes the allowance beside it as `limit`, another the mark itself, and rounding may
    leave the amount just under it.
    """
    if crossed.is_empty():
        return levels_frame()
    stated = pl.col("step").str.extract(_LEADING_NUMBER, 1).cast(pl.Int64)
    unit = pl.col("unit").fill_null("").str.to_lowercase()
    size = unit.replace_strict({"mb": 1_048_576, "min": 60, "minutes": 60}, default=1)
    is_full = stated.is_null() & (pl.col("source") != _STATES_MARKS)
    rows = crossed.select(
        "subscriber",
        service=pl.col("subject"),
        counter=pl.col("counter").str.replace(_UNIT_SUFFIX, ""),
        at_ms=pl.col("happened_at_ms"),
        used=pl.when(stated.is_null()).then(pl.col("used") * size),
        limit=pl.when(is_full).then(pl.col("limit") * size),
        percent=stated,
    )
    return _as_levels(months.months(rows, "at_ms"))


def from_overage(charges: pl.DataFrame, months: Months) -> pl.DataFrame:
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
    rows = beyond.select(
        "subscriber",
        service=pl.col("subject"),
        counter=counter,
        began_ms=pl.coalesce("period_start_ms", "happened_at_ms"),
        at_ms=pl.col("happened_at_ms"),
        percent=pl.lit(100, pl.Int64),
    )
    return _as_levels(months.months(rows, "began_ms"))


def unexplained(overage: pl.DataFrame, known_rows: pl.DataFrame) -> pl.DataFrame:
    """The levels of charges beyond the plan that no known crossing of the weeks before explains."""
    full = known_rows.filter(
        (pl.col("percent") >= 100) | ((pl.col("limit") > 0) & (pl.col("used") >= pl.col("limit")))
    )
    crossed = full.select("service", "counter", crossed_ms=pl.col("at_ms")).sort("crossed_ms")
    near = overage.sort("at_ms").join_asof(
        crossed,
        left_on="at_ms",
        right_on="crossed_ms",
        by=["service", "counter"],
        strategy="backward",
        tolerance=BILLED_WITHIN_MS,
        check_sortedness=False,
    )
    return near.filter(pl.col("crossed_ms").is_null()).drop("crossed_ms")
