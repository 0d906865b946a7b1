"""Which network event explains which complaint: same area and service, near in time.

How likely an event explains a complaint is read from the data: complaints of that class so long
after an event of that kind, against those expected from the same areas outside of events. Where
there are few of them, a prior that falls with time stands in.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import polars as pl

COMPLAINTS = ("complaint", "at", "area", "service", "class")
EVENTS = ("event", "area", "service", "from", "to", "kind")
LEAST_SCORE = 0.5
"""A link below it is more likely chance than cause, and is not written."""

# Time in hours before the start (negative) or after the end of an event; the chance that a
# complaint then comes from it, before the data say better.
_PHASES = ((-2.0, 0.0, 0.6), (0.0, 2.0, 0.85), (2.0, 4.0, 0.7), (4.0, 8.0, 0.55), (8.0, 24.0, 0.3),
           (24.0, 48.0, 0.1))  # fmt: skip
_DURING, _DURING_PRIOR = 0, 0.95
_NETWORK_FREE = ("billing", "charge", "marketing", "contract", "price", "privacy", "spam", "sale")
_OTHER_CLASS = 0.2
_WEIGHT = 20.0
"""Complaints that the prior counts as."""
_EVERYWHERE = ("", "*", "all")


def link(complaints: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """Pairs `complaint, event, score`: the likeliest event of each complaint, at least 0.5.

    complaints  `complaint, at, area, service, class`; `at` in UTC
    events      `event, area, service, from, to, kind`; an empty area or service means all of them,
                an empty `to` that the event lasts
    """
    none = pl.DataFrame(schema={"complaint": pl.String, "event": pl.String, "score": pl.Float64})
    if complaints.is_empty() or events.is_empty():
        return none
    near = _near(complaints, events)
    if near.is_empty():
        return none
    scored = near.join(_explained(complaints, events, near), on=["kind", "class", "phase"])
    return (
        scored.filter(pl.col("score") >= LEAST_SCORE)
        .sort("complaint", "score", "from", "event", descending=[False, True, True, False])
        .unique("complaint", keep="first", maintain_order=True)
        .select("complaint", "event", "score")
    )


def _near(complaints: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """Every complaint with every event of its area and service, and the phase it fell into."""
    last = timedelta(hours=_PHASES[-1][1])
    first = timedelta(hours=-_PHASES[0][0])
    until = pl.max_horizontal(pl.col("to").fill_null(complaints["at"].max()), pl.col("from"))
    windows = events.with_columns(until.alias("to")).with_columns(
        (pl.col("from") - first).alias("opens"), (pl.col("to") + last).alias("closes")
    )
    everywhere = pl.col("area").is_in(_EVERYWHERE)
    any_service = pl.col("service").is_in(_EVERYWHERE)
    found = []
    for keys, condition in (
        (["area", "service"], ~everywhere & ~any_service),
        (["area"], ~everywhere & any_service),
        (["service"], everywhere & ~any_service),
        ([], everywhere & any_service),
    ):
        some = windows.filter(condition).select(
            "event", "kind", "from", "to", "opens", "closes", *keys
        )
        if some.is_empty():
            continue
        within = (pl.col("at") >= pl.col("opens")) & (pl.col("at") < pl.col("closes"))
        joined = (
            complaints.join(some, on=keys).filter(within)
            if keys
            else complaints.join_where(some, within)
        )
        found.append(joined.select("complaint", "at", "class", "event", "kind", "from", "to"))
    if not found:
        return pl.DataFrame()
    return pl.concat(found).with_columns(_phase().alias("phase"))


def _phase() -> pl.Expr:
    """0 within the event, else the number of the phase before or after it."""
    hours = (
        pl.when(pl.col("at") < pl.col("from"))
        .then((pl.col("at") - pl.col("from")).dt.total_seconds() / 3600.0)
        .otherwise((pl.col("at") - pl.col("to")).dt.total_seconds() / 3600.0)
    )
    within = (pl.col("at") >= pl.col("from")) & (pl.col("at") <= pl.col("to"))
    phase: Any = pl.when(within).then(_DURING)
    for number, (low, high, _) in enumerate(_PHASES, start=1):
        phase = phase.when((hours >= low) & (hours < high)).then(number)
    last: pl.Expr = phase.otherwise(len(_PHASES))
    return last


def _explained(complaints: pl.DataFrame, events: pl.DataFrame, near: pl.DataFrame) -> pl.DataFrame:
    """`kind, class, phase, score`: the share of such complaints above what would come anyway."""
    observed = near.group_by("kind", "class", "phase").agg(pl.len().alias("seen"))
    times = complaints["at"].cast(pl.Datetime("us", "UTC")).dt.timestamp("us")
    span_h = max((times.sort()[-1] - times.sort()[0]) / 3.6e9, 1.0)
    quiet = complaints.join(near.select("complaint").unique(), on="complaint", how="anti")
    rate = quiet.group_by("area", "service", "class").agg((pl.len() / span_h).alias("per_hour"))
    hours = [(_DURING, pl.col("length_h"))]
    hours += [(number, pl.lit(high - low)) for number, (low, high, _) in enumerate(_PHASES, 1)]
    lengths = events.with_columns(
        (
            (pl.col("to").fill_null(complaints["at"].max()) - pl.col("from")).dt.total_seconds()
            / 3600.0
        )
        .clip(lower_bound=0.0)
        .alias("length_h")
    )
    expected = (
        lengths.join(rate, on=["area", "service"])
        .group_by("kind", "class")
        .agg(
            (pl.col("per_hour") * length).sum().alias(f"expected_{number}")
            for number, length in hours
        )
        .unpivot(index=["kind", "class"], variable_name="phase", value_name="expected")
        .with_columns(pl.col("phase").str.strip_prefix("expected_").cast(pl.Int32))
    )
    prior = pl.col("phase").replace_strict(
        [number for number, _ in hours],
        [_DURING_PRIOR, *(prior for _, _, prior in _PHASES)],
        return_dtype=pl.Float64,
    )
    other = pl.col("class").str.to_lowercase().str.contains("|".join(_NETWORK_FREE))
    prior = prior * pl.when(other).then(_OTHER_CLASS).otherwise(1.0)
    excess = (pl.col("seen") - pl.col("expected").fill_null(0.0)).clip(lower_bound=0.0)
    return (
        observed.with_columns(pl.col("phase").cast(pl.Int32))
        .join(expected, on=["kind", "class", "phase"], how="left")
        .with_columns(
            ((excess + prior * _WEIGHT) / (pl.col("seen") + _WEIGHT)).round(4).alias("score")
        )
        .select("kind", "class", pl.col("phase"), "score")
    )
