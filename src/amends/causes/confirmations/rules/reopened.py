"""Services that were opened again after their user stopped them, and no new yes was given."""

from __future__ import annotations

import polars as pl

from amends.causes.confirmations.rules.audit import ENDED, GIVEN, GRACE_MS


def reopened(events: pl.DataFrame, stops: pl.DataFrame, beginnings: pl.DataFrame) -> pl.DataFrame:
    """The moments from which an earlier yes counts no more, as events that end it.

    events      service, offer, at_ms, event (1 a confirmation)
    stops       service, at_ms: stops the user asked for; a line that was only suspended is not one
    beginnings  service, offer, started_at_ms

    >>> given = pl.DataFrame({"service": ["s"], "offer": ["o"], "at_ms": [1], "event": [1]})
    >>> stops = pl.DataFrame({"service": ["s"], "at_ms": [5_000_000]})
    >>> again = pl.DataFrame({"service": ["s"], "offer": ["o"], "started_at_ms": [9_000_000]})
    >>> reopened(given, stops, again).rows()
    [('s', 'o', 9000000, 2)]
    """
    given_events = events.filter(pl.col("event") == GIVEN).select(
        "service",
        "offer",
        pl.col("at_ms").alias("given_ms"),
        (pl.col("at_ms") - GRACE_MS).alias("counts_ms"),
    )
    begun = beginnings.select("service", "offer", "started_at_ms").sort("started_at_ms")
    ended = stops.select("service", pl.col("at_ms").alias("stopped_ms")).sort("stopped_ms")
    joined = begun.join_asof(
        ended,
        left_on="started_at_ms",
        right_on="stopped_ms",
        by="service",
        coalesce=False,
        allow_exact_matches=False,
        check_sortedness=False,
    ).join_asof(
        given_events.sort("counts_ms"),
        left_on="started_at_ms",
        right_on="counts_ms",
        by=["service", "offer"],
        coalesce=False,
        check_sortedness=False,
    )
    return joined.filter(pl.col("given_ms") <= pl.col("stopped_ms")).select(
        "service",
        "offer",
        pl.col("started_at_ms").alias("at_ms"),
        pl.lit(ENDED, pl.Int64).alias("event"),
    )
