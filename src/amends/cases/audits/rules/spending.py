"""Duties that charges pull: a sum passed, a balance, an abnormal month, the first use abroad."""

from __future__ import annotations

from typing import Any

import polars as pl

from amends.cases.audits.rules.balances import owed_by_balances
from amends.cases.audits.rules.counters import size_of
from amends.cases.audits.rules.frames import DAY_MS, as_owed, in_order, owed_frame, term_ms
from amends.cases.audits.rules.months import Months
from amends.cases.audits.rules.prefilter import may_be_many_times, may_reach
from amends.cases.audits.rules.rearm import CHANGES, first_due, multiples
from amends.engines.duties.duty import Duty, DutyStep

MONEY_TRIGGERS = (
    "spend",
    "roaming_use",
    "balance",
    "abnormal_spend",
    "roaming_entry",
    "roaming_first_data",
)
_MONTH = ("service", "month")
# Charges and records from one country this far apart belong to two journeys.
VISIT_GAP_MS = 7 * DAY_MS
LONGEST_MONTH_MS = 32 * DAY_MS
"""No billing month is longer, in no zone."""
ROAMING = "roaming"
_NOT_DATA = ("min", "minute", "minutes", "s", "sms", "count")
EVERY = "*"
CHOICES: dict[str, Any] = {
    "service": pl.String,
    "duty": pl.String,
    "amount": pl.Int64,
    "chosen_ms": pl.Int64,
}
"""The amounts users have chosen for a duty (or `EVERY` and a trigger: for all that it pulls), each
from a moment on: their own cap or mark."""


def owed_by_charges(
    charges: pl.DataFrame,
    usage: pl.DataFrame,
    duties: tuple[Duty, ...],
    *,
    months: Months,
    currency: str,
    choices: pl.DataFrame,
    changes: pl.DataFrame | None = None,
    since_ms: int = 0,
) -> pl.DataFrame:
    """The notices that charges, and use abroad, made due.

    charges  facts `ChargeMade`, from at least three months before the period in question
    usage    records (`levels.from_usage`); those with a country show where the user was
    choices  what users have chosen (`CHOICES`): their own cap replaces the standard one
    changes  what was paid in (`again.CHANGES`); charges then from the beginning of the balances
    since_ms from when on notices must be complete; of those due before, some may be missing
    """
    stated = pl.DataFrame(schema=CHANGES) if changes is None else changes
    if charges.is_empty() and usage.is_empty() and stated.is_empty():
        return owed_frame()
    ordered = in_order(charges).with_columns(service=pl.col("subject"))
    dated = months.months(ordered, "happened_at_ms", "month")
    frames = [owed_frame()]
    unit = _unit_of_caps(duties)
    standard = _standard_cap(duties, unit)
    of_choice = {choice: _chosen(choices, duties, choice) for choice in ("spend", "roaming_use")}
    for duty in duties:
        if duty.trigger not in MONEY_TRIGGERS:
            continue
        chosen = of_choice.get(duty.trigger, choices)
        own = dated.filter(pl.col("currency") == (duty.currency or currency))
        within = 0 if duty.within is None else term_ms(duty.within.latest)
        # Of a month in which something may be due every charge is summed, of others none.
        of_recent = pl.col("happened_at_ms") >= since_ms - within - LONGEST_MONTH_MS
        recent = own.filter(of_recent)
        if duty.trigger in ("roaming_entry", "roaming_first_data"):
            of_data = duty.trigger == "roaming_first_data"
            frames.append(_arrivals(_sightings(dated, usage, of_data=of_data), duty, months))
        if duty.trigger == "balance":
            frames.append(owed_by_balances(own, stated, duty, months))
        for step in duty.steps:
            if duty.trigger == "spend":
                frames.append(_sum_passed(recent, duty, step, chosen, 0))
            elif duty.trigger == "roaming_use" and unit == "mb":
                abroad = months.months(_used_abroad(usage), "happened_at_ms", "month")
                frames.append(_sum_passed(abroad, duty, step, chosen, standard, unit))
            elif duty.trigger == "roaming_use" and ("money" in duty.counters or standard):
                roaming = recent.filter(_is_capped(duty))
                frames.append(_sum_passed(roaming, duty, step, chosen, standard))
            elif duty.trigger == "abnormal_spend" and step.kind == "times_mean":
                frames.append(_abnormal(own, of_recent, duty, step))
    return pl.concat(frames)


def _is_roaming() -> pl.Expr:
    return pl.col("charge_kind").str.starts_with(ROAMING)


def _is_capped(duty: Duty) -> pl.Expr:
    """The charges a cap abroad is on, as its duty says: all (`money`), or those of data alone.

    A charge that does not say whether it is for data counts: better one notice too many.
    """
    if "money" in duty.counters:
        return _is_roaming()
    of_others = pl.col("charge_kind").str.contains("voice|sms|mms|call")
    by_unit = pl.col("unit").fill_null("").str.to_lowercase().is_in(_NOT_DATA)
    return _is_roaming() & ~of_others & ~by_unit


def _unit_of_caps(duties: tuple[Duty, ...]) -> str:
    """What caps abroad are stated in: `mb` where every amount is a volume, else money."""
    steps = [step for duty in duties if duty.trigger == "roaming_use" for step in duty.steps]
    return "mb" if {step.unit for step in steps if step.unit} == {"mb"} else "minor"


def _used_abroad(usage: pl.DataFrame) -> pl.DataFrame:
    """The data used abroad, each record once, in the columns sums are made of."""
    if "country" not in usage.columns:
        empty = {"subscriber": pl.String, "service": pl.String, "happened_at_ms": pl.Int64}
        return pl.DataFrame(schema=empty | {"amount_minor": pl.Int64, "currency": pl.String})
    data = (pl.col("country").fill_null("") != "") & (pl.col("counter") == "data")
    single_records = usage.filter(data).unique("record", keep="first", maintain_order=True)
    return single_records.sort("at_ms", "record").select(
        "subscriber",
        "service",
        happened_at_ms="at_ms",
        amount_minor="amount",
        currency=pl.lit("", pl.String),
    )


def _standard_cap(duties: tuple[Duty, ...], unit: str) -> int:
    """The cap abroad of users who have chosen none: the lowest amount a rule states."""
    amounts = [
        size_of(step)
        for duty in duties
        if duty.trigger == "roaming_use"
        for step in duty.steps
        if step.unit == unit and step.kind in ("own", "absolute") and step.value
    ]
    return min(amounts, default=0)


def _chosen(choices: pl.DataFrame, duties: tuple[Duty, ...], trigger: str) -> pl.DataFrame:
    """What users chose for any duty on a trigger: a cap is one, whichever duty names it."""
    named = [duty.id for duty in duties if duty.trigger == trigger] + [EVERY + trigger]
    return choices.filter(pl.col("duty").is_in(named)).sort("chosen_ms")


def _sum_passed(
    charges: pl.DataFrame,
    duty: Duty,
    step: DutyStep,
    chosen: pl.DataFrame,
    standard: int,
    unit: str = "minor",
) -> pl.DataFrame:
    """The charge with which the month's sum passed an amount, or a share of the cap in force.

    unit  `mb` where the rows are bytes used abroad, and marks are of volume

    A mark that was changed within the month is a mark again.
    """
    mark = _mark_of(step, standard, unit)
    if step.kind != "every" and mark is None:
        return owed_frame()
    if step.kind in ("own", "percent") and not (step.value if step.kind == "own" else standard):
        # Without a choice there is no mark.
        charges = charges.filter(pl.col("service").is_in(chosen["service"].implode()))
    minimum = _least(step, chosen)
    charges = charges if minimum is None else may_reach(charges, minimum)
    if charges.is_empty():
        return owed_frame()
    summed = charges.with_columns(total=pl.col("amount_minor").cum_sum().over("service", "month"))
    if step.kind == "every":
        free = summed.with_columns(mark=pl.lit(step.value, pl.Int64))
        passed = multiples(free, _MONTH, pl.col("total"), size_of(step), step.id)
        return _owed(_dues(passed.with_columns(mark=_multiple(step)), unit), duty, "")
    numbered = chosen.with_columns(number=pl.int_range(1, pl.len() + 1).over("service"))
    in_force = summed.join_asof(
        numbered.select("service", "chosen_ms", "number", own="amount"),
        left_on="happened_at_ms",
        right_on="chosen_ms",
        by="service",
        strategy="backward",
        check_sortedness=False,
    )
    concerns = pl.col("own").is_null() if step.applies == "default" else pl.lit(value=True)
    rows = in_force.with_columns(mark=mark).filter(concerns)
    of_choice = step.kind in ("own", "percent")
    segmented = rows.with_columns(
        segment=pl.col("number").fill_null(0) if of_choice else pl.lit(0),
        passed=(pl.col("total") >= pl.col("mark")).fill_null(value=False),
        passed_before=pl.col("total") - pl.col("amount_minor") >= pl.col("mark"),
    )
    return _owed(_dues(first_due(segmented, _MONTH), unit), duty, step.id)


def _least(step: DutyStep, chosen: pl.DataFrame) -> int | None:
    """The lowest amount at which a step can be due at all; None where it is a share."""
    if step.kind == "percent":
        return None
    of_choice = chosen["amount"].to_list() if step.kind == "own" else []
    return min([*([size_of(step)] if size_of(step) else []), *of_choice], default=0)


def _multiple(step: DutyStep) -> pl.Expr:
    return pl.col("multiple") * step.value


def _mark_of(step: DutyStep, standard: int, unit: str) -> pl.Expr | None:
    """The amount at which a step is due; null for a user whose choice it hangs on."""
    if step.unit == unit and step.kind == "absolute":
        return pl.lit(size_of(step), pl.Int64)
    if step.unit == unit and step.kind == "own":
        return pl.coalesce("own", pl.lit(size_of(step) or None, pl.Int64))
    if step.kind == "percent":
        full_amount = pl.coalesce("own", pl.lit(standard or None, pl.Int64))
        return -((-full_amount * step.value) // 100)
    return None


def _abnormal(
    charges: pl.DataFrame, of_recent: pl.Expr, duty: Duty, step: DutyStep
) -> pl.DataFrame:
    """The charge with which a month passed so many times the mean of the months before.

    of_recent  which charges are those of the months in question

    Only where all of those months have charges: a service that just began has no mean.
    """
    months_asked = charges.filter(of_recent)["month"].unique().to_list()
    all_months = charges["month"].unique()
    follow = [
        pair
        for ago in range(1, step.months + 1)
        for pair in zip(_later(all_months, ago).to_list(), all_months.to_list(), strict=True)
    ]
    charges = may_be_many_times(charges, months_asked, follow, step.months, step.value)
    recent = charges.filter(of_recent)
    months = charges.group_by("service", "month").agg(pl.col("amount_minor").sum())
    before = [
        months.with_columns(month=_later(months["month"], ago))
        .select("service", "month", past="amount_minor")
        .filter(pl.col("month").is_in(months_asked))
        for ago in range(1, step.months + 1)
    ]
    usual = (
        pl.concat(before)
        .group_by("service", "month")
        .agg(pl.col("past").sum(), pl.len().alias("known"))
        .filter((pl.col("known") == step.months) & (pl.col("past") > 0))
    )
    summed = recent.join(usual, on=["service", "month"], maintain_order="left").with_columns(
        total=pl.col("amount_minor").cum_sum().over("service", "month")
    )
    passed = summed.filter(pl.col("total") * step.months > pl.col("past") * step.value)
    first = passed.unique(_MONTH, keep="first", maintain_order=True)
    return _owed(_dues(first.with_columns(mark=pl.lit(None, pl.Int64))), duty, step.id)


def _later(months: pl.Series, ago: int) -> pl.Series:
    """First days of months, so many months later; there are few of them."""
    all_months = months.unique()
    later = all_months.str.to_date("%Y-%m-%d").dt.offset_by(f"{ago}mo").dt.strftime("%Y-%m-%d")
    return months.replace_strict(all_months, later, return_dtype=pl.String)


def _dues(charges: pl.DataFrame, unit: str = "minor") -> pl.DataFrame:
    of_money = pl.col("mark") if unit == "minor" else pl.lit(None, pl.Int64)
    return charges.with_columns(
        threshold_minor=of_money, event_at_ms=pl.col("happened_at_ms"), period=pl.col("month")
    )


def _sightings(
    charges: pl.DataFrame, usage: pl.DataFrame, *, of_data: bool = False
) -> pl.DataFrame:
    """When each service was seen in which country (or used data there), in order of time."""
    seen = ["subscriber", "service", "country", "happened_at_ms"]
    named = pl.col("charge_kind").str.contains("data") if of_data else pl.lit(value=True)
    parts = [charges.filter(_is_roaming() & named).select(seen)]
    if "country" in usage.columns:
        used = usage.filter(pl.col("country").fill_null("") != "")
        used = used.filter(pl.col("counter") == "data") if of_data else used
        parts.append(used.with_columns(happened_at_ms=pl.col("at_ms")).select(seen))
    abroad = pl.concat(parts).filter(pl.col("country").fill_null("") != "")
    return abroad.sort("happened_at_ms", "service")


def _arrivals(sightings: pl.DataFrame, duty: Duty, months: Months) -> pl.DataFrame:
    """The first sighting of each journey; the network saw the traveller earlier, never later."""
    since = pl.col("happened_at_ms").diff().over("service", "country")
    here = pl.col("country").is_in(duty.countries) if duty.region else pl.lit(value=True)
    arrived = sightings.filter((since.is_null() | (since > VISIT_GAP_MS)) & here)
    dated = months.days(arrived, "happened_at_ms", "day")
    return _owed(
        dated.with_columns(
            event_at_ms=pl.col("happened_at_ms"), period=pl.col("country") + "@" + pl.col("day")
        ),
        duty,
        duty.steps[0].id,
    )


def _owed(rows: pl.DataFrame, duty: Duty, step: str) -> pl.DataFrame:
    """The rows as owed; `step` is empty where each row names its own."""
    within = 0 if duty.within is None else term_ms(duty.within.latest)
    named = {"step": step} if step else {}
    return as_owed(
        rows.with_columns(due_at_ms=pl.col("event_at_ms") + within),
        duty=duty.id,
        version=duty.version,
        **named,
    )
