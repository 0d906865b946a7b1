"""Prepaid balances: what is left after each charge, and when it fell below a mark."""

from __future__ import annotations

import polars as pl

from amends.cases.audits.rules.frames import as_owed, owed_frame, term_ms
from amends.cases.audits.rules.months import Months
from amends.cases.audits.rules.rearm import armed, first_due
from amends.engines.duties.duty import Duty


def owed_by_balances(
    charges: pl.DataFrame, changes: pl.DataFrame, duty: Duty, months: Months
) -> pl.DataFrame:
    """The notices of low and negative balances.

    charges  facts `ChargeMade` in the currency of the place, from the beginning of the balances
    changes  a frame of `again.CHANGES`

    A balance begins with what the register of lines says, or with the first payment or statement of
    it. A month's end does not fill it up again, and does not arm a step that was notified.
    """
    levels = _levels(charges, changes, months)
    if levels.is_empty():
        return owed_frame()
    frames = [owed_frame()]
    within = 0 if duty.within is None else term_ms(duty.within.latest)
    for step in duty.steps:
        if step.kind not in ("below", "negative"):
            continue
        mark = step.value if step.kind == "below" else 0
        rows = levels.with_columns(
            passed=pl.col("left") < mark, passed_before=pl.col("left_before") < mark
        )
        due_rows = first_due(rows, ("service",)).with_columns(
            again=pl.col("again") & (pl.col("paid_period") == pl.col("period"))
        )
        frames.append(
            as_owed(
                due_rows.with_columns(
                    event_at_ms=pl.col("at_ms"),
                    due_at_ms=pl.col("at_ms") + within,
                    period=armed(pl.col("period")),
                    threshold_minor=pl.lit(mark),
                ),
                duty=duty.id,
                version=duty.version,
                step=step.id,
            )
        )
    return pl.concat(frames)


def _levels(charges: pl.DataFrame, changes: pl.DataFrame, months: Months) -> pl.DataFrame:
    """What is left after each charge of a line with a balance, in order of time."""
    of_money = (pl.col("kind") == "balance") | (pl.col("counter") == "money")
    paid = changes.filter(of_money).select(
        "service", "at_ms", "reference", stated=pl.col("kind") == "balance", delta="amount"
    )
    begun = months.terms.filter(pl.col("balance_minor") > 0)
    began = begun.select(
        "service",
        at_ms=pl.lit(0, pl.Int64),
        reference=pl.lit(""),
        stated=pl.lit(value=True),
        delta="balance_minor",
    )
    payments = pl.concat([began, paid]).with_columns(
        payment=pl.lit(value=True),
        subscriber=pl.lit(None, pl.String),
        currency=pl.lit(None, pl.String),
    )
    spent = (
        charges.filter(pl.col("amount_minor") != 0)
        .join(payments.select("service").unique(), on="service", how="semi")
        .select(
            "service",
            at_ms="happened_at_ms",
            reference=pl.lit(None, pl.String),
            stated=pl.lit(value=False),
            delta=-pl.col("amount_minor"),
            payment=pl.lit(value=False),
            subscriber="subscriber",
            currency="currency",
        )
    )
    # What was paid at the moment of a charge is there before it.
    events = pl.concat([payments, spent], how="diagonal").sort(
        "service", "at_ms", ~pl.col("payment"), maintain_order=True
    )
    own = pl.int_range(pl.len()).over("service")
    opens = pl.col("stated") | (pl.col("payment") & (own == 0))
    events = events.with_columns(
        run=opens.cum_sum().over("service"),
        segment=pl.col("payment").cum_sum().over("service"),
        reference=pl.col("reference").forward_fill().over("service"),
    ).with_columns(
        left=pl.col("delta").cum_sum().over("service", "run"),
        paid_ms=pl.when("payment").then("at_ms").forward_fill().over("service"),
    )
    used = events.filter(~pl.col("payment") & (pl.col("run") > 0)).with_columns(
        left_before=pl.col("left") - pl.col("delta")
    )
    return months.months(months.months(used, "at_ms"), "paid_ms", "paid_period")
