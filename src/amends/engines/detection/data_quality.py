"""What the record of the last weeks says of itself: why its counts call for a second look.

None of it is hidden or dropped: each doubt says what was found, how it was counted, and stands
beside the issues.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from amends.engines.detection.clock_shift import HOURS, NEW_DAYS, OLD_DAYS, shifted

DAYS = NEW_DAYS + OLD_DAYS
"""Told are the days a moved clock is looked for in."""
MANY_TIMES = 50
"""So many complaints of one person in these days are told."""


@dataclass(frozen=True, slots=True)
class DataDoubt:
    """One thing that was found.

    kind     moved, silent_days, clock, one_sender, one_person, history
    place    that it is about, "" for everything
    day      the newest day it was seen on
    numbers  what its sentence says; days as ISO dates
    """

    kind: str
    day: date
    numbers: Mapping[str, str | int]
    place: str = ""


def doubts(
    rows: pl.DataFrame, *, missed: list[date], end: datetime, same_sender: Collection[str] = ()
) -> list[DataDoubt]:
    """What is doubtful in the complaints of the last days, each kind once.

    rows    columns received_at, moment (local), who, text_print, history; older ones are only
            asked since when complaints are received here
    missed  days taken for not received
    end     the last whole hour, local, without a zone
    alike   complaints found to look like one sender's

    >>> from datetime import timedelta
    >>> day = datetime(2026, 11, 1)
    >>> rows = pl.DataFrame({"received_at": [day] * 60, "moment": [day] * 60, "who": [1] * 60,
    ...                      "text_print": [0] * 60, "history": [False] * 60})
    >>> [(one.kind, one.numbers) for one in doubts(rows, missed=[], end=day + timedelta(days=1))]
    [('one_person', {'n': 60, 'persons': 1})]
    """
    new = pl.col("moment") > end - timedelta(days=DAYS)
    received = rows.filter(~pl.col("history"))
    live, first_live = received.filter(new), received["received_at"].min()
    late = pl.col("history") & new & (pl.col("received_at") >= first_live)
    brought_in = rows.filter(late)["moment"] if first_live is not None else rows["moment"].head(0)
    doubt_list = [
        _silent(missed),
        _clock(live, end),
        _sender(live, same_sender),
        _person(live),
        _history(brought_in),
    ]
    return [doubt for doubt in doubt_list if doubt is not None]


def _silent(missed: list[date]) -> DataDoubt | None:
    if not missed:
        return None
    return DataDoubt(
        "silent_days", max(missed), {"n": len(missed), "first": min(missed).isoformat()}
    )


def _clock(live: pl.DataFrame, end: datetime) -> DataDoubt | None:
    ago = (pl.lit(end) - pl.col("moment")).dt.total_hours()
    hours = live.filter(pl.col("moment") < end).select(ago.alias("ago"))["ago"].to_numpy()
    size = DAYS * HOURS
    hourly: NDArray[np.int32] = np.bincount(hours[hours < size], minlength=size).astype(np.int32)
    # Whole days up to the last whole hour: `shifted` reads them in rows of 24.
    if not (turn := shifted(hourly[::-1])):
        return None
    return DataDoubt("clock", end.date(), {"n": abs(turn), "later": int(turn > 0)})


def _sender(live: pl.DataFrame, same_sender: Collection[str]) -> DataDoubt | None:
    sender_rows = (
        live.filter(pl.col("id").is_in(list(same_sender))) if same_sender else live.head(0)
    )
    if not sender_rows.height:
        return None
    minute = (
        sender_rows.group_by(pl.col("moment").dt.truncate("1m")).len().sort("len", "moment").row(-1)
    )
    newest = sender_rows["moment"].max()
    assert isinstance(newest, datetime)
    return DataDoubt(
        "one_sender",
        newest.date(),
        {"n": sender_rows.height, "at": minute[0].isoformat(" ", "minutes")},
    )


def _person(live: pl.DataFrame) -> DataDoubt | None:
    by_person = live.group_by("who").agg(pl.len().alias("n"), pl.col("moment").max())
    many = by_person.filter(pl.col("n") >= MANY_TIMES)
    newest = many["moment"].max()
    if not isinstance(newest, datetime):
        return None
    return DataDoubt(
        "one_person", newest.date(), {"n": int(many["n"].sum()), "persons": many.height}
    )


def _history(moments: pl.Series) -> DataDoubt | None:
    first, last = moments.min(), moments.max()
    if not isinstance(first, datetime) or not isinstance(last, datetime):
        return None
    numbers: dict[str, str | int] = {
        "n": moments.len(),
        "first": first.date().isoformat(),
        "last": last.date().isoformat(),
    }
    return DataDoubt("history", last.date(), numbers)
