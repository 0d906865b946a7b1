"""Which steps of the duties on counters were passed, and when first in each period."""

from __future__ import annotations

import polars as pl

from amends.notices.rules.audit.frames import as_owed, owed_frame, term_ms
from amends.notices.rules.duties import Duty, Step

PLAN_TRIGGERS = ("allowance",)
_OF_LIMIT = ("percent", "remaining")


def owed_by_levels(levels: pl.DataFrame, duties: tuple[Duty, ...]) -> pl.DataFrame:
    """One row for the first moment each step of each duty was passed in a period."""
    found = [
        _first_passed(levels, duty, step, counter)
        for duty in duties
        if duty.trigger in PLAN_TRIGGERS
        for step in duty.steps
        for counter in duty.counters
    ]
    return pl.concat([owed_frame(), *found])


def _first_passed(levels: pl.DataFrame, duty: Duty, step: Step, counter: str) -> pl.DataFrame:
    passed = _passed(step)
    if passed is None:
        return owed_frame()
    first = (
        levels.filter((pl.col("counter") == counter) & passed)
        .group_by("service", "period")
        .agg(
            pl.col("subscriber").sort_by("at_ms").first(),
            event_at_ms=pl.col("at_ms").min(),
        )
    )
    within = 0 if duty.within is None else term_ms(duty.within.latest)
    return as_owed(
        first.with_columns(
            due_at_ms=pl.col("event_at_ms") + within, period=pl.col("period") + f"/{counter}"
        ),
        duty=duty.id,
        version=duty.version,
        step=step.id,
    )


def _passed(step: Step) -> pl.Expr | None:
    """Whether a level has passed the step; None for steps that depend on what we cannot know.

    Whole numbers only: 80 % of 1,023 is passed at 819, not before.
    """
    used, limit, percent = pl.col("used"), pl.col("limit"), pl.col("percent")
    if step.kind == "percent":
        reached = (limit > 0) & (used * 100 >= limit * step.value)
        return pl.any_horizontal(reached, percent >= step.value)
    if step.kind == "remaining":
        return pl.any_horizontal((limit > 0) & (limit - used <= step.value), percent >= 100)
    if step.kind == "absolute" or (step.kind == "own" and step.value):
        return used >= step.value
    return None
