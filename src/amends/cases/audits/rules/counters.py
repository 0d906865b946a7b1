"""Which steps of the duties on counters were passed, and when first in each period."""

from __future__ import annotations

import polars as pl

from amends.cases.audits.rules.frames import as_owed, owed_frame, term_ms
from amends.cases.audits.rules.rearm import armed, first_due, multiples
from amends.engines.duties.duty import Duty, DutyStep

PLAN_TRIGGERS = ("allowance",)
_PERIOD = ("service", "period")
_SIZES = {"mb": 1_048_576, "min": 60}
"""Of a unit of steps, in bytes and seconds."""


def owed_by_levels(levels: pl.DataFrame, duties: tuple[Duty, ...]) -> pl.DataFrame:
    """The moments each step of each duty was passed in a period, and passed again after a top-up.

    levels  in order of time (`levels.after_top_ups`)
    """
    counting = [duty for duty in duties if duty.trigger in PLAN_TRIGGERS]
    counters = sorted({counter for duty in counting for counter in duty.counters})
    own = {counter: levels.filter(pl.col("counter") == counter) for counter in counters}
    frames = [
        _owed(own[counter], duty, step, counter)
        for duty in counting
        for step in duty.steps
        for counter in duty.counters
        if not own[counter].is_empty()
    ]
    return pl.concat([owed_frame(), *frames])


def _owed(levels: pl.DataFrame, duty: Duty, step: DutyStep, counter: str) -> pl.DataFrame:
    if step.kind == "every":
        # Each so many is for those without an allowance.
        free = levels.filter(pl.col("used").is_not_null() & (pl.col("limit").fill_null(0) <= 0))
        passed = multiples(free, _PERIOD, pl.col("used"), size_of(step), step.id)
        due_rows = passed.with_columns(again=pl.lit(value=False))
    else:
        now, before = _passed(step, "used"), _passed(step, "before")
        if now is None or before is None:
            return owed_frame()
        # A level that only a crossing states is passed by being stated, not before.
        known_before = pl.when(pl.col("before").is_not_null()).then(before)
        rows = levels.with_columns(passed=now.fill_null(value=False), passed_before=known_before)
        due_rows = first_due(rows, _PERIOD).with_columns(step=pl.lit(step.id))
    within = 0 if duty.within is None else term_ms(duty.within.latest)
    return as_owed(
        due_rows.with_columns(
            event_at_ms=pl.col("at_ms"),
            due_at_ms=pl.col("at_ms") + within,
            period=armed(pl.col("period")) + f"/{counter}",
        ),
        duty=duty.id,
        version=duty.version,
    )


def size_of(step: DutyStep) -> int:
    """The amount of a step in bytes, seconds, messages or minor units."""
    return step.value * _SIZES.get(step.unit, 1)


def _passed(step: DutyStep, column: str) -> pl.Expr | None:
    """Whether a level has passed the step; None for steps that depend on what we cannot know.

    Whole numbers only: 80% of 1,023 is passed at 819, not before.
    """
    used, limit, percent = pl.col(column), pl.col("limit"), pl.col("percent")
    if step.kind == "percent":
        is_reached = (limit > 0) & (used * 100 >= limit * step.value)
        return pl.any_horizontal(is_reached, percent >= step.value)
    if step.kind == "remaining":
        # More can be left of an allowance than there is: the first use of it is no mark.
        mark = pl.max_horizontal(limit - size_of(step), 1)
        return pl.any_horizontal((limit > 0) & (used >= mark), percent >= 100)
    if step.kind == "absolute" or (step.kind == "own" and step.value):
        return used >= size_of(step)
    return None
