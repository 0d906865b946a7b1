"""When a step is due again: after a top-up, a balance corrected, a changed mark."""

from __future__ import annotations

from typing import Any

import polars as pl

CHANGES: dict[str, Any] = {
    "service": pl.String,
    "kind": pl.String,
    "counter": pl.String,
    "amount": pl.Int64,
    "at_ms": pl.Int64,
    "reference": pl.String,
    "plan": pl.String,
}
"""Stated changes of lines: `top_up` of a counter, in its unit; `balance`: its new amount; `plan`:
the one it has from then on."""


def first_due(rows: pl.DataFrame, by: tuple[str, ...]) -> pl.DataFrame:
    """The rows at which a step fell due, with `again` where a change had armed it once more.

    rows  in order of time, with `segment` (how many changes came before), `passed` (whether the
          step is passed after the row) and `passed_before` (whether it was passed just before,
          under what holds at the row; null where it is not known)

    In each segment the first row that passes is due, unless the step stayed passed over the change:
    who was notified of it is not notified again.

    >>> rows = pl.DataFrame({"s": ["a"] * 4, "segment": [0, 0, 1, 2],
    ...     "passed": [True, True, True, True], "passed_before": [False, True, False, True]})
    >>> first_due(rows, ("s",)).select("segment", "again").rows()
    [(0, False), (1, True)]
    """
    if rows.is_empty():
        return rows.with_columns(again=pl.lit(value=False))
    runs = [*by, "segment"]
    starts = rows.group_by(runs).agg(stayed=pl.col("passed_before").drop_nulls().first())
    firsts = rows.filter("passed").unique(runs, keep="first", maintain_order=True)
    placed = firsts.join(starts, on=runs, how="left", maintain_order="left").with_columns(
        again=pl.int_range(pl.len()).over(list(by)) > 0
    )
    return placed.filter(~pl.col("again") | ~pl.col("stayed").fill_null(value=False))


def multiples(
    rows: pl.DataFrame, by: tuple[str, ...], level: pl.Expr, size: int, step: str
) -> pl.DataFrame:
    """The rows with which a level passed a further multiple of an amount, with their `step`.

    >>> rows = pl.DataFrame({"s": ["a"] * 4, "used": [4, 11, 12, 35]})
    >>> multiples(rows, ("s",), pl.col("used"), 10, "each").select("used", "step").rows()
    [(11, 'each:1'), (35, 'each:3')]
    """
    counted = rows.with_columns(multiple=(level // size).clip(0, 65_535))
    highest = pl.col("multiple").cum_max().shift().over(list(by)).fill_null(0)
    return counted.filter(pl.col("multiple") > highest).with_columns(
        step=pl.concat_str(pl.lit(f"{step}:"), pl.col("multiple").cast(pl.String))
    )


def armed(period: pl.Expr) -> pl.Expr:
    """The name of a period, with the change that armed the step again in it."""
    return pl.when("again").then(pl.concat_str(period, pl.lit("+"), "reference")).otherwise(period)
