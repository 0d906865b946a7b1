"""Charges made although a notice was missing, and how much of each the notice is answerable for."""

from __future__ import annotations

from typing import Any

import polars as pl

from amends.cases.audits.rules.frames import DAY_MS
from amends.engines.duties.tolerance import Tolerance
from amends.platform.kit.packs import RuleFile

UNTOLD: dict[str, Any] = {
    "key": pl.String,
    "rule": pl.String,
    "charge": pl.String,
    "charged_at_ms": pl.Int64,
    "amount_minor": pl.Int64,
    "excess_minor": pl.Int64,
    "currency": pl.String,
}


def charges_without_notice(
    outcome_rows: pl.DataFrame, charges: pl.DataFrame, file: RuleFile, marks: Tolerance
) -> pl.DataFrame:
    """One row a charge: made between the moment the notice was due and the moment its notice
    arrived.

    found    outcomes: key, service, duty, due_at_ms, by_ms, told_at_ms, state, threshold_minor
    charges  facts `ChargeMade`, the earliest report of each charge
    file     `audit@….toml`: which charges a missing notice of which duty answers for

    The effect ends when the notice arrived after all, when the same duty falls due again, or after
    the rule's days.
    """
    late = outcome_rows.filter(pl.col("state").is_in(["late", "failed", "missing"]))
    families = {duty: marks.family(duty) for duty in outcome_rows["duty"].unique().to_list()}
    late = late.with_columns(family=pl.col("duty").replace(families))
    next_due = _next_due(outcome_rows)
    parts = [pl.DataFrame(schema=UNTOLD)]
    single_charges = charges.unique("charge", keep="first", maintain_order=True)
    for rule in file.data["untold"]:
        mine = late.filter(pl.col("family") == rule["duty"]).join(next_due, on="key", how="left")
        ends = mine.with_columns(
            end_ms=pl.min_horizontal(
                pl.col("due_at_ms") + rule["days"] * DAY_MS,
                pl.when(pl.col("reached_at_ms").is_not_null()).then(
                    pl.max_horizontal("reached_at_ms", "due_at_ms")
                ),
                "again_ms",
            )
        )
        kinds = single_charges.filter(pl.col("charge_kind").is_in(rule["charge_kinds"]))
        beyond = _beyond(ends, kinds, rule["days"]) if rule["only_beyond"] else _all(ends, kinds)
        parts.append(
            beyond.with_columns(rule=pl.lit(rule["id"])).select(
                pl.col(name).cast(form) for name, form in UNTOLD.items()
            )
        )
    return pl.concat(parts).filter(pl.col("excess_minor") > 0)


def _next_due(outcome_rows: pl.DataFrame) -> pl.DataFrame:
    """When the same duty of the same service fell due again."""
    ordered = outcome_rows.sort("due_at_ms")
    return (
        ordered.with_columns(again_ms=pl.col("due_at_ms").shift(-1).over("service", "duty"))
        .filter(pl.col("again_ms") > pl.col("due_at_ms"))
        .select("key", "again_ms")
    )


def _all(late: pl.DataFrame, charges: pl.DataFrame) -> pl.DataFrame:
    """Whole charges whose period, or moment, lies in the time of effect."""
    joined = late.join(_placed(charges), on="service")
    began = pl.col("period_start_ms").fill_null(0)
    at_ms = pl.when(began > 0).then(began).otherwise(pl.col("charged_at_ms"))
    within = (at_ms >= pl.col("due_at_ms")) & (at_ms < pl.col("end_ms"))
    return joined.filter(within).with_columns(excess_minor=pl.col("amount_minor"))


def _beyond(late: pl.DataFrame, charges: pl.DataFrame, days: int) -> pl.DataFrame:
    """What was charged after the notice fell due, as far as the spending was above the mark."""
    joined = late.join(_placed(charges), on="service")
    since = pl.col("due_at_ms") - days * DAY_MS
    own = joined.filter(
        (pl.col("charged_at_ms") >= since) & (pl.col("charged_at_ms") < pl.col("end_ms"))
    ).sort("charged_at_ms", "charge")
    spent = own.with_columns(spent=pl.col("amount_minor").cum_sum().over("key"))
    mark = pl.col("threshold_minor").fill_null(0)
    beyond = pl.min_horizontal("amount_minor", (pl.col("spent") - mark).clip(0))
    return spent.filter(pl.col("charged_at_ms") >= pl.col("due_at_ms")).with_columns(
        excess_minor=beyond
    )


def _placed(charges: pl.DataFrame) -> pl.DataFrame:
    return charges.select(
        "charge",
        "amount_minor",
        "currency",
        "period_start_ms",
        service=pl.col("subject"),
        charged_at_ms=pl.col("happened_at_ms"),
    )
