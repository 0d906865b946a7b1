"""Duties that charges pull: a sum passed, an abnormal month, the first charge abroad."""

from __future__ import annotations

import polars as pl

from amends.notices.rules.audit.frames import (
    DAY_MS,
    as_owed,
    local_day,
    local_month,
    owed_frame,
    term_ms,
)
from amends.notices.rules.duties import Duty, Step

MONEY_TRIGGERS = ("spend", "roaming_use", "abnormal_spend", "roaming_entry")
# Charges and records from one country this far apart belong to two journeys.
VISIT_GAP_MS = 7 * DAY_MS
ROAMING = "roaming"


def owed_by_charges(
    charges: pl.DataFrame,
    usage: pl.DataFrame,
    duties: tuple[Duty, ...],
    *,
    zone: str,
    currency: str,
) -> pl.DataFrame:
    """The notices that charges, and use abroad, made due.

    charges  facts `ChargeMade`, from at least three months before the period in question
    usage    records (`levels.from_usage`); those with a country show where the user was
    """
    dated = charges.with_columns(
        service=pl.col("subject"), month=local_month("happened_at_ms", zone)
    ).sort("happened_at_ms", "id")
    found = [owed_frame()]
    for duty in duties:
        own = dated.filter(pl.col("currency") == (duty.currency or currency))
        if duty.trigger == "roaming_entry":
            found.append(_arrivals(_sightings(dated, usage), duty, zone))
        for step in duty.steps:
            if duty.trigger == "spend":
                found.append(_sum_passed(own, duty, step))
            elif duty.trigger == "roaming_use" and "money" in duty.counters:
                found.append(_sum_passed(own.filter(_is_roaming()), duty, step))
            elif duty.trigger == "abnormal_spend" and step.kind == "times_mean":
                found.append(_abnormal(own, duty, step))
    return pl.concat(found)


def _is_roaming() -> pl.Expr:
    return pl.col("charge_kind").str.starts_with(ROAMING)


def _sum_passed(charges: pl.DataFrame, duty: Duty, step: Step) -> pl.DataFrame:
    """The charge with which the month's sum passed an amount, or a share of the standard cap."""
    mark = _mark_minor(duty, step)
    if mark is None:
        return owed_frame()
    summed = charges.with_columns(total=pl.col("amount_minor").cum_sum().over("service", "month"))
    passed = summed.filter(pl.col("total") >= mark)
    return _owed(_first(passed), duty, step.id).with_columns(
        threshold_minor=pl.lit(mark, pl.Int64), currency=pl.col("currency")
    )


def _mark_minor(duty: Duty, step: Step) -> int | None:
    """The amount of money at which a step is due, None where it depends on the user's choice."""
    if step.unit == "minor" and step.kind in ("absolute", "own") and step.value:
        return step.value
    if step.kind != "percent":
        return None
    caps = [one.value for one in duty.steps if one.unit == "minor" and one.kind == "absolute"]
    return None if not caps else -(-max(caps) * step.value // 100)


def _abnormal(charges: pl.DataFrame, duty: Duty, step: Step) -> pl.DataFrame:
    """The charge with which a month passed so many times the mean of the months before.

    Only where all of those months have charges: a service that just began has no mean.
    """
    first_day = pl.col("month").str.to_date("%Y-%m-%d")
    months = charges.group_by("service", "month").agg(pl.col("amount_minor").sum())
    before = [
        months.select(
            "service",
            month=first_day.dt.offset_by(f"{ago}mo").dt.strftime("%Y-%m-%d"),
            past=pl.col("amount_minor"),
        )
        for ago in range(1, step.months + 1)
    ]
    usual = (
        pl.concat(before)
        .group_by("service", "month")
        .agg(pl.col("past").sum(), pl.len().alias("known"))
        .filter((pl.col("known") == step.months) & (pl.col("past") > 0))
    )
    summed = charges.with_columns(
        total=pl.col("amount_minor").cum_sum().over("service", "month")
    ).join(usual, on=["service", "month"])
    passed = summed.filter(pl.col("total") * step.months > pl.col("past") * step.value)
    return _owed(_first(passed), duty, step.id)


def _first(charges: pl.DataFrame) -> pl.DataFrame:
    return charges.group_by("service", "month", maintain_order=True).agg(
        pl.col("subscriber").first(),
        pl.col("currency").first(),
        event_at_ms=pl.col("happened_at_ms").first(),
    ).rename({"month": "period"})  # fmt: skip


def _sightings(charges: pl.DataFrame, usage: pl.DataFrame) -> pl.DataFrame:
    """When each service was seen in which country, in order of time."""
    seen = ["subscriber", "service", "country", "happened_at_ms"]
    parts = [charges.filter(_is_roaming()).select(seen)]
    if "country" in usage.columns:
        parts.append(usage.with_columns(happened_at_ms=pl.col("at_ms")).select(seen))
    abroad = pl.concat(parts).filter(pl.col("country").fill_null("") != "")
    return abroad.sort("happened_at_ms", "service")


def _arrivals(sightings: pl.DataFrame, duty: Duty, zone: str) -> pl.DataFrame:
    """The first sighting of each journey; the network saw the traveller earlier, never later."""
    since = pl.col("happened_at_ms").diff().over("service", "country")
    arrived = sightings.filter(since.is_null() | (since > VISIT_GAP_MS))
    return _owed(
        arrived.with_columns(
            event_at_ms=pl.col("happened_at_ms"),
            period=pl.col("country") + "@" + local_day("happened_at_ms", zone),
        ),
        duty,
        duty.steps[0].id,
    )


def _owed(rows: pl.DataFrame, duty: Duty, step: str) -> pl.DataFrame:
    within = 0 if duty.within is None else term_ms(duty.within.latest)
    return as_owed(
        rows.with_columns(due_at_ms=pl.col("event_at_ms") + within),
        duty=duty.id,
        version=duty.version,
        step=step,
    )
