"""Measures of complaints stored by day: only what changed since is read again.

A page over a quarter at a million complaints would read a million rows with what was decided, paid
and answered. So each local day's columns are kept packed, and taken on by a job (`keep`) from the
ids of complaints and events and the moments of payments. Whoever reads (`kept`) lays over them what
happened since the job ran last, and writes nothing: the figures are those of this moment.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
from django.conf import settings
from django.db.models import Sum

from amends.complaints.queries.analytics import (
    complaint_columns_of,
    moved_since,
    newest_marks,
    received_and_whose,
)
from amends.indicators.models import MeasuredDay, MeasuredMark
from amends.kit.batches import slices
from amends.remedies.queries import acknowledged_since, paid_for

MOST_PENDING = 4_000
"""With more changes than this since the job ran last, a reader reads the rows themselves, unless
they are few of those it would have to read."""
FEW_OF_ALL, MOST_OF_MANY = 8, 40_000
BACK_MS = 30_000
"""A writer may commit so much after it drew its id, or its moment."""
SETTLED_MS = 300_000
"""So far a clock may be set back, and a reader still sees the ids drawn by it; the job finds those
drawn further back (`complaints.overtaken`)."""
STREAMS = ("complaints", "events", "payments")
TYPES: dict[str, Any] = {
    "received_at": pl.Datetime("us", "UTC"),
    "first_resolved_at": pl.Datetime("us", "UTC"),
    "late": pl.Boolean,
    "decided_by_rule": pl.Boolean,
    "ruled": pl.Boolean,
    "overruled": pl.Boolean,
    "history": pl.Boolean,
    "reopened_count": pl.Int64,
    "amount_minor": pl.Int64,
    "satisfaction": pl.Int64,
    "paid_minor": pl.Int64,
    "id": pl.String,
    "code": pl.String,
    "area": pl.String,
    "channel": pl.String,
    "brand": pl.String,
    "verdict": pl.String,
    "state": pl.String,
    "product": pl.String,
    "outcome": pl.String,
    "currency": pl.String,
}


@dataclass(frozen=True, slots=True)
class Pending:
    """Complaints that changed since some marks, and the marks up to which that is all of them."""

    refs: list[str]
    marks: dict[str, str]


def kept(start: date, end: date, *, brand: str = "") -> Iterator[pl.DataFrame] | None:
    """The complaints received in `[start, end)`, local days, as they are now, in frames of some
    thousands; None where nothing is kept yet, or too much has changed since.
    """
    marks = dict(MeasuredMark.objects.values_list("stream", "seen"))
    if not set(STREAMS) <= set(marks):
        return None
    days = MeasuredDay.objects.filter(day__gte=start, day__lt=end)
    rows = days.aggregate(rows=Sum("rows"))["rows"] or 0
    most = max(MOST_PENDING, min(rows // FEW_OF_ALL, MOST_OF_MANY))
    pending = changed(further_back(marks), most=most)
    if len(pending.refs) >= most:
        return None
    found = _replaced_rows(pending.refs, start, end)
    return (part.filter(pl.col("brand") == brand) for part in found) if brand else found


def _replaced_rows(refs: list[str], start: date, end: date) -> Iterator[pl.DataFrame]:
    """Each day without these complaints, then these."""
    days = MeasuredDay.objects.filter(day__gte=start, day__lt=end)
    packed = days.order_by("day").values_list("columns", flat=True).iterator(chunk_size=8)
    changed_ = pl.Series("id", refs, dtype=pl.String)
    for columns in packed:
        yield _without(unpacked(bytes(columns)), changed_)
    for some in slices(refs):
        yield _inside(measured(some), start, end)


def _without(part: pl.DataFrame, refs: pl.Series) -> pl.DataFrame:
    return part.filter(~pl.col("id").is_in(refs.implode())) if refs.len() else part


def _inside(rows: pl.DataFrame, start: date, end: date) -> pl.DataFrame:
    day = pl.col("received_at").dt.convert_time_zone(settings.TIME_ZONE).dt.date()
    return rows.filter((day >= start) & (day < end))


def changed(marks: dict[str, str], *, most: int) -> Pending:
    """What came, happened or was paid since the marks."""
    refs, complaints, events = moved_since(
        complaints=marks["complaints"], events=marks["events"], most=most
    )
    paid = [
        cause.removeprefix("complaint:")
        for cause in acknowledged_since(datetime.fromisoformat(marks["payments"]))
        if cause.startswith("complaint:")
    ]
    every = list(dict.fromkeys([*refs, *paid]))
    return Pending(every, marks | {"complaints": complaints, "events": events})


def further_back(marks: dict[str, str]) -> dict[str, str]:
    """The marks, a little earlier: see `BACK_MS`."""
    paid = datetime.fromisoformat(marks["payments"]) - timedelta(milliseconds=BACK_MS)
    return {
        "complaints": _earlier(marks["complaints"]),
        "events": _earlier(marks["events"]),
        "payments": paid.isoformat(),
    }


def settled(marks: dict[str, str], *, began_ms: int) -> dict[str, str]:
    """The marks after a pass over everything that began then: an id drawn `SETTLED_MS` earlier has
    been seen, so that a great many that came at once are not asked for again until others come.
    """
    moment = f"{began_ms - SETTLED_MS:012x}"
    return marks | {name: max(marks[name], moment) for name in ("complaints", "events")}


def _earlier(seen: str) -> str:
    return f"{max(int(seen[:12], 16) - BACK_MS, 0):012x}" if seen else ""


def measured(refs: list[str]) -> pl.DataFrame:
    """The columns of these complaints; enquiries among them are left out."""
    found = complaint_columns_of(refs)
    paid = paid_for([f"complaint:{ref}" for ref in found["id"]])
    found["paid_minor"] = [paid.get(f"complaint:{ref}", 0) for ref in found["id"]]
    return pl.DataFrame(found, schema_overrides=TYPES)


def days_of(refs: list[str]) -> dict[date, list[str]]:
    """Local day of receipt → these of its complaints and enquiries."""
    zone, found = ZoneInfo(settings.TIME_ZONE), dict[date, list[str]]()
    for ref, (received_at, _) in received_and_whose(refs).items():
        found.setdefault(received_at.astimezone(zone).date(), []).append(ref)
    return found


def beginning(now: datetime) -> dict[str, str]:
    """Marks of now: what is read after them in full holds everything before."""
    complaints, events = newest_marks()
    return {
        "complaints": complaints,
        "events": events,
        "payments": now.astimezone(UTC).isoformat(),
    }


def packed(rows: pl.DataFrame) -> bytes:
    """A day's rows as bytes."""
    body = BytesIO()
    rows.sort("received_at", "id").write_ipc(body, compression="zstd")
    return body.getvalue()


def unpacked(columns: bytes) -> pl.DataFrame:
    """The rows `packed` wrote; of a day kept before currencies were, of none that is known."""
    rows = pl.read_ipc(BytesIO(columns))
    if "currency" in rows.columns:
        return rows
    return rows.with_columns(currency=pl.lit(""))
