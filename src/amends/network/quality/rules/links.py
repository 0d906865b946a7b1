"""Which network event explains which complaint: same area and service, near in time.

How likely an event explains a complaint is read from the data: complaints of that class so long
after an event of that kind, against those expected from the same areas outside of events. Where
there are few of them, a prior that falls with time stands in.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from amends.platform.kit.errors import BadInput
from amends.platform.kit.errors import gettext_noop as _

COMPLAINTS = ("complaint", "at", "area", "service", "class")
EVENTS = ("event", "area", "service", "from", "to", "kind")
LEAST_SCORE = 0.5
"""A link below it is more likely chance than cause, and is not written."""

# Time in hours before the start (negative) or after the end of an event; the chance that a
# complaint then comes from it, before the data say better.
_PHASES = (
    (-2.0, 0.0, 0.6),
    (0.0, 2.0, 0.85),
    (2.0, 4.0, 0.7),
    (4.0, 8.0, 0.55),
    (8.0, 24.0, 0.3),
    (24.0, 48.0, 0.1),
)
_DURING, _DURING_PRIOR = 0, 0.95
_NETWORK_FREE = ("billing", "charge", "marketing", "contract", "price", "privacy", "spam", "sale")
_OTHER_CLASS = 0.2
_WEIGHT = 20.0
"""Complaints that the prior counts as."""
MOST_PAIRS = 1_000_000
"""Pairs of a complaint and an event near it, beyond which a link takes minutes and gigabytes."""
_EVERYWHERE = ("", "*", "all")


class UnableToLink(BadInput):
    """More complaints and events are near each other than can be judged at once."""

    code = "unable_to_link"


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
    came: list[NDArray[np.int64]] = []
    happened: list[NDArray[np.int64]] = []
    left = MOST_PAIRS
    windows = windows.with_row_index("row")
    for keys, condition in (
        (["area", "service"], ~everywhere & ~any_service),
        (["area"], ~everywhere & any_service),
        (["service"], everywhere & ~any_service),
        ([], everywhere & any_service),
    ):
        matching = windows.filter(condition)
        if matching.is_empty():
            continue
        rows, starts, ends = _ranges(complaints, matching, keys)
        pairs = int((ends - starts).sum())
        left -= pairs
        if left < 0:
            raise UnableToLink(
                _("More than %(most)s pairs of a complaint and an event are near each other."),
                next_step=_("Give events their area, service and end, or link fewer days at once."),
                values={"most": f"{MOST_PAIRS:,}"},
            )
        sizes = ends - starts
        within = np.arange(pairs) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        came.append(rows[np.repeat(starts, sizes) + within])
        happened.append(np.repeat(matching["row"].cast(pl.Int64).to_numpy(), sizes))
    if not came:
        return pl.DataFrame()
    left_side = complaints.select("complaint", "at", "class")[np.concatenate(came)]
    right_side = windows.select("event", "kind", "from", "to")[np.concatenate(happened)]
    return pl.concat([left_side, right_side], how="horizontal").with_columns(
        _phase().alias("phase")
    )


def _refuse_more(lengths: pl.DataFrame, rate: pl.DataFrame) -> None:
    """Refuse kinds of events times classes of complaints, over all areas, beyond `MOST_PAIRS`."""
    keys = ["area", "service"]
    kinds = lengths.group_by(keys).agg(pl.len().cast(pl.Int64).alias("kinds"))
    classes = rate.group_by(keys).agg(pl.len().cast(pl.Int64).alias("classes"))
    pairs = kinds.join(classes, on=keys).select(pl.col("kinds") * pl.col("classes"))
    if pairs.height and int(pairs.to_series().sum()) > MOST_PAIRS:
        raise UnableToLink(
            _("There are too many kinds of events and classes of complaints in one area."),
            next_step=_("Send few kinds and classes, such as outage and network.slow."),
        )


def _ranges(
    complaints: pl.DataFrame, events: pl.DataFrame, keys: list[str]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """The rows of the complaints in order of key and time, and for each event the first and the
    end of those between its `opens` and its `closes`."""
    key = pl.concat_str(*keys, separator="\0") if keys else pl.repeat("", pl.len())
    named = pl.concat([complaints.select(key.alias("key")), events.select(key.alias("key"))])
    numbers = named["key"].rank("dense").cast(pl.Int64).to_numpy()
    own, theirs = numbers[: complaints.height], numbers[complaints.height :]
    at, opens, closes = (
        column.cast(pl.Datetime("us", "UTC")).dt.timestamp("us").to_numpy()
        for column in (complaints["at"], events["opens"], events["closes"])
    )
    order = np.lexsort((at, own))
    own, at = own[order], at[order]
    # Within one key the times ascend: a search in the key's own part finds both ends.
    first = np.searchsorted(own, theirs, side="left")
    last = np.searchsorted(own, theirs, side="right")
    starts, ends = np.empty_like(first), np.empty_like(last)
    by_key = np.argsort(theirs, kind="stable")
    borders = np.flatnonzero(np.diff(theirs[by_key])) + 1
    for group in np.split(by_key, borders):
        low, high = first[group[0]], last[group[0]]
        part = at[low:high]
        starts[group] = low + np.searchsorted(part, opens[group], side="left")
        ends[group] = low + np.searchsorted(part, closes[group], side="left")
    return order, starts, np.maximum(starts, ends)


def _phase() -> pl.Expr:
    """0 within the event, else the number of the phase before or after it."""
    hours = (
        pl.when(pl.col("at") < pl.col("from"))
        .then((pl.col("at") - pl.col("from")).dt.total_seconds() / 3600.0)
        .otherwise((pl.col("at") - pl.col("to")).dt.total_seconds() / 3600.0)
    )
    within = (pl.col("at") >= pl.col("from")) & (pl.col("at") <= pl.col("to"))
    phase: Any = pl.when(within).then(_DURING)
    for number, (low, high, _prior) in enumerate(_PHASES, start=1):
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
    hours += [(number, pl.lit(high - low)) for number, (low, high, _prior) in enumerate(_PHASES, 1)]
    lengths = (
        events.with_columns(
            (
                (pl.col("to").fill_null(complaints["at"].max()) - pl.col("from")).dt.total_seconds()
                / 3600.0
            )
            .clip(lower_bound=0.0)
            .alias("length_h")
        )
        .group_by("area", "service", "kind")
        .agg(
            [length.sum().alias(f"hours_{number}") for number, length in hours[:1]]
            + [(length * pl.len()).alias(f"hours_{number}") for number, length in hours[1:]]
        )
    )
    _refuse_more(lengths, rate)
    expected = (
        lengths.join(rate, on=["area", "service"])
        .group_by("kind", "class")
        .agg(
            (pl.col("per_hour") * pl.col(f"hours_{number}")).sum().alias(f"expected_{number}")
            for number, _length in hours
        )
        .unpivot(index=["kind", "class"], variable_name="phase", value_name="expected")
        .with_columns(pl.col("phase").str.strip_prefix("expected_").cast(pl.Int32))
    )
    prior = pl.col("phase").replace_strict(
        [number for number, _length in hours],
        [_DURING_PRIOR, *(prior for _low, _high, prior in _PHASES)],
        return_dtype=pl.Float64,
    )
    is_other_class = pl.col("class").str.to_lowercase().str.contains("|".join(_NETWORK_FREE))
    prior = prior * pl.when(is_other_class).then(_OTHER_CLASS).otherwise(1.0)
    excess = (pl.col("seen") - pl.col("expected").fill_null(0.0)).clip(lower_bound=0.0)
    return (
        observed.with_columns(pl.col("phase").cast(pl.Int32))
        .join(expected, on=["kind", "class", "phase"], how="left")
        .with_columns(
            ((excess + prior * _WEIGHT) / (pl.col("seen") + _WEIGHT)).round(4).alias("score")
        )
        .select("kind", "class", pl.col("phase"), "score")
    )
