"""What became of each notice owed: in time, late, failed, missing, or not known."""

from __future__ import annotations

from typing import Any

import polars as pl

from amends.cases.audits.rules.frames import DAY_MS
from amends.engines.duties.tolerance import HOUR_MS, Tolerance

STATES = ("in_time", "late", "failed", "missing", "unknown")
"""in_time  it reached the user by its due time and the tolerance
late     it reached the user, later
failed   it was sent and did not arrive, or no receipt came although receipts are complete
missing  it was never sent, and the record of what was sent is complete
unknown  the feed does not cover the time, or the wait for receipts is not over"""

_TOLD: dict[str, Any] = {
    "key": pl.String,
    "service": pl.String,
    "duty": pl.String,
    "at_ms": pl.Int64,
}


def same_notices(owed: pl.DataFrame, stated: pl.DataFrame, marks: Tolerance) -> pl.DataFrame:
    """MissedNotice notices that are on record already, under the same key or as the same thing.

    Another system names its notices by keys of its own; the same duty of the same service due
    within a day is the same notice. Both frames: key, service, duty, step, due_at_ms.
    """
    by_key = owed.join(stated.select("key").unique(), on="key", how="semi")
    unmatched = owed.join(by_key, on="key", how="anti")
    # What has the key of another notice due is that one: a step due twice a day is two.
    strange = stated.join(by_key, on="key", how="anti")
    left, right = _familiar(unmatched, marks), _familiar(strange, marks)
    near = left.join(right, on=["service", "family", "mark"], suffix="_stated").filter(
        (pl.col("due_at_ms") - pl.col("due_at_ms_stated")).abs() <= DAY_MS
    )
    return pl.concat([by_key.select("key"), near.select("key")]).unique()


def _familiar(frame: pl.DataFrame, marks: Tolerance) -> pl.DataFrame:
    """With the duty's family, and the figure in its step ("80%" and "80" are both 80)."""
    names = {duty: marks.family(duty) for duty in frame["duty"].unique().to_list()}
    step = pl.col("step").fill_null("")
    return frame.select(
        "key",
        "service",
        "due_at_ms",
        family=pl.col("duty").replace(names),
        mark=step.str.extract(r"^(\d+)", 1).fill_null(""),
    )


def outcomes(
    due_notices: pl.DataFrame,
    sent: dict[str, pl.DataFrame],
    gaps: dict[str, list[tuple[int, int]]],
    marks: Tolerance,
    *,
    now_ms: int,
) -> pl.DataFrame:
    """The notices due with `state`, `reached_at_ms`, `sent_at_ms` and `channel`.

    `channel` is the one on which a notice first reached the user, or else was sent; "" where it
    was not, or the facts do not say.

    due    key, subscriber, service, duty, due_at_ms, scope (what coverage is asked about)
    sent   `NoticeSent`, `NoticeDelivered`, `NoticeFailed` → key, service, duty, at_ms, and channel
           where it is asked about
    gaps   scope → stretches in which the record of what was sent or received is not complete

    What bears the key of a notice belongs to it. What bears none of the keys belongs to the notice
    of the same duty and service that was due next before or within `ahead_hours` after it.
    """
    matched = due_notices
    for kind, name in (
        ("NoticeSent", "sent_at_ms"),
        ("NoticeDelivered", "reached_at_ms"),
        ("NoticeFailed", "failed_at_ms"),
    ):
        first = _first_of(due_notices, sent[kind], marks)
        first = first.rename({"at_ms": name, "channel": f"{name}_on"})
        matched = matched.join(first, on="key", how="left")
    duties = due_notices["duty"].unique().to_list()
    late = {duty: marks.late_ms(duty) for duty in duties}
    matched = matched.with_columns(
        by_ms=pl.col("due_at_ms")
        + pl.col("duty").replace_strict(late, default=0, return_dtype=pl.Int64)
    )
    known_ms = pl.col("sent_at_ms").fill_null(pl.col("by_ms")) + marks.receipt_hours * HOUR_MS
    matched = matched.with_columns(ended_ms=known_ms)
    matched = matched.with_columns(uncovered=_uncovered(matched, gaps, marks))
    silent = pl.col("reached_at_ms").is_null()
    open_yet = pl.col("uncovered") | (
        pl.when(pl.col("sent_at_ms").is_null()).then(pl.col("by_ms")).otherwise(pl.col("ended_ms"))
        > now_ms
    )
    state = (
        pl.when(~silent & (pl.col("reached_at_ms") <= pl.col("by_ms")))
        .then(pl.lit("in_time"))
        .when(~silent)
        .then(pl.lit("late"))
        .when(pl.col("failed_at_ms").is_not_null())
        .then(pl.lit("failed"))
        .when(open_yet)
        .then(pl.lit("unknown"))
        .when(pl.col("sent_at_ms").is_not_null())
        .then(pl.lit("failed"))
        .otherwise(pl.lit("missing"))
    )
    on = [f"{name}_on" for name in ("reached_at_ms", "sent_at_ms", "failed_at_ms")]
    matched = matched.with_columns(state=state, channel=pl.coalesce(*on, pl.lit("")))
    return matched.drop("ended_ms", "uncovered", *on)


def _first_of(due_notices: pl.DataFrame, sent: pl.DataFrame, marks: Tolerance) -> pl.DataFrame:
    """The first moment of each key and its channel: by the key itself, else by duty, service and
    time."""
    if "channel" not in sent.columns:
        sent = sent.with_columns(channel=pl.lit(None, dtype=pl.String))
    own = sent.join(due_notices.select("key"), on="key", how="semi").select(
        "key", "at_ms", "channel"
    )
    strangers = sent.join(due_notices.select("key"), on="key", how="anti")
    names = {
        duty: marks.family(duty)
        for duty in {*due_notices["duty"].unique().to_list(), *sent["duty"].unique().to_list()}
    }
    left = strangers.with_columns(family=pl.col("duty").replace(names)).sort("at_ms")
    unmet = due_notices.join(own, on="key", how="anti")
    ahead = {duty: marks.ahead_ms(duty) for duty in due_notices["duty"].unique().to_list()}
    right = unmet.select(
        "key",
        "service",
        family=pl.col("duty").replace(names),
        from_ms=pl.col("due_at_ms")
        - pl.col("duty").replace_strict(ahead, default=0, return_dtype=pl.Int64),
    ).sort("from_ms")
    near = left.drop("key").join_asof(
        right,
        left_on="at_ms",
        right_on="from_ms",
        by=["service", "family"],
        strategy="backward",
        tolerance=92 * DAY_MS,
        check_sortedness=False,
    )
    both = pl.concat([own, near.drop_nulls("key").select("key", "at_ms", "channel")])
    first = pl.col("channel").get(pl.col("at_ms").arg_min())
    return both.group_by("key").agg(pl.col("at_ms").min(), channel=first)


def _uncovered(
    outcome_rows: pl.DataFrame, gaps: dict[str, list[tuple[int, int]]], marks: Tolerance
) -> pl.Series:
    """Whether a gap touches the time in which the notice would have been sent or received."""
    ahead = {duty: marks.ahead_ms(duty) for duty in outcome_rows["duty"].unique().to_list()}
    columns = outcome_rows.select("scope", "duty", "due_at_ms", "ended_ms", "reached_at_ms")
    answers = [
        sent is None
        and any(first < end and last > due_at - ahead[duty] for first, last in gaps[scope])
        for scope, duty, due_at, end, sent in columns.iter_rows()
    ]
    return pl.Series("uncovered", answers, dtype=pl.Boolean)
