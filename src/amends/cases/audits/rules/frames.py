"""The columns the auditor works on, and the local days of a period."""

from __future__ import annotations

from typing import Any

import polars as pl

from amends.engines.metering.keys import notice_keys
from amends.platform.kit.terms import Term

DAY_MS = 86_400_000
_UNIT_MS = {
    "hours": 3_600_000,
    "calendar_days": DAY_MS,
    "working_days": DAY_MS,
    "weeks": 7 * DAY_MS,
    "months": 30 * DAY_MS,
    "years": 365 * DAY_MS,
}

OWED: dict[str, Any] = {
    "duty": pl.String,
    "version": pl.String,
    "subscriber": pl.String,
    "service": pl.String,
    "period": pl.String,
    "step": pl.String,
    "event_at_ms": pl.Int64,
    "due_at_ms": pl.Int64,
    "threshold_minor": pl.Int64,
    "currency": pl.String,
}
"""One row a notice owed: `event_at_ms` is what pulled it, `due_at_ms` the last moment in time."""

LEVELS: dict[str, Any] = {
    "subscriber": pl.String,
    "service": pl.String,
    "counter": pl.String,
    "period": pl.String,
    "at_ms": pl.Int64,
    "used": pl.Int64,
    "limit": pl.Int64,
    "percent": pl.Int64,
    "before": pl.Int64,
    "segment": pl.Int64,
    "reference": pl.String,
}
"""The level of a counter at a moment: `used` of `limit` in bytes, seconds or messages; `percent`
where it is stated or follows, else null. `before`: its level before, null where only a
crossing is known. `segment`: how many top-ups the period has had; `reference`: of the last."""


_NOTHING_OWED, _NO_LEVELS = pl.DataFrame(schema=OWED), pl.DataFrame(schema=LEVELS)


def owed_frame(rows: Any = None) -> pl.DataFrame:
    """Rows as a frame of `OWED`; nothing makes an empty one."""
    return _NOTHING_OWED.clone() if rows is None else pl.DataFrame(rows, schema=OWED)


def levels_frame(rows: Any = None) -> pl.DataFrame:
    """Rows as a frame of `LEVELS`; nothing makes an empty one."""
    return _NO_LEVELS.clone() if rows is None else pl.DataFrame(rows, schema=LEVELS)


def as_owed(frame: pl.DataFrame, **constants: str | int | None) -> pl.DataFrame:
    """A frame with the columns of `OWED` in their order; what is missing is empty."""
    if frame.is_empty():
        return owed_frame()
    with_constants = frame.with_columns(
        **{name: pl.lit(value) for name, value in constants.items()}
    )
    empty = {"threshold_minor": pl.lit(None), "currency": pl.lit(""), "step": pl.lit("")}
    absent = {name: value for name, value in empty.items() if name not in with_constants.columns}
    return with_constants.with_columns(**absent).select(
        pl.col(name).cast(form) for name, form in OWED.items()
    )


def in_order(facts: pl.DataFrame) -> pl.DataFrame:
    """Facts in order of happening, then of id; unchanged where they come so, as the ledger
    gives them: to sort a million rows of texts takes as long as all that is then asked of them."""
    at_ms, ids = facts["happened_at_ms"], facts["id"]
    steps = at_ms.diff()
    if (steps < 0).any():
        return facts.sort("happened_at_ms", "id")
    same_step = (steps == 0).arg_true()
    if (ids.gather(same_step) < ids.gather(same_step - 1)).any():
        return facts.sort("happened_at_ms", "id")
    return facts


def local_month(at_ms: str, zone: str) -> pl.Expr:
    """The first day of the local month a moment lies in, as `2026-11-01`."""
    return _local(at_ms, zone).dt.strftime("%Y-%m-01")


def local_day(at_ms: str, zone: str) -> pl.Expr:
    """The local day of a moment, as `2026-11-24`."""
    return _local(at_ms, zone).dt.strftime("%Y-%m-%d")


def _local(at_ms: str, zone: str) -> pl.Expr:
    moment = pl.from_epoch(pl.col(at_ms), time_unit="ms")
    return moment.dt.replace_time_zone("UTC").dt.convert_time_zone(zone)


def term_ms(term: Term) -> int:
    """A term in milliseconds; a month as 30 days, a year as 365.

    The engine counts the calendar; the auditor asks whether a notice came too late, and grants the
    operator the shorter month.

    >>> term_ms(Term(72, "hours")) == term_ms(Term(3, "calendar_days")) == 3 * DAY_MS
    True
    """
    return term.amount * _UNIT_MS[term.unit]


def keyed(owed: pl.DataFrame) -> pl.DataFrame:
    """The notices owed with their key, each key once: the earliest moment it was due."""
    named = ("subscriber", "service", "duty", "version", "period", "step")
    keys = notice_keys(*(owed[name].to_arrow() for name in named))
    return (
        owed.with_columns(pl.Series("key", keys, pl.String))
        .sort("due_at_ms", "key")
        .unique("key", keep="first", maintain_order=True)
    )
