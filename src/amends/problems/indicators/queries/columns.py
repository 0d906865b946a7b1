"""Complaints and subscribers by day as columns, which every figure is counted from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
from django.conf import settings
from django.db.models import Sum

from amends.cases.complaints.queries import renamed_classes, scheme, schemes
from amends.cases.complaints.queries.analytics import (
    complaint_columns,
    complaint_columns_of,
    moved_since,
    newest_marks,
    received_and_whose,
)
from amends.people.subscribers.queries.counts import services_by, users_by
from amends.platform.database.once_per_request import once_per_request
from amends.platform.kit.batches import slices
from amends.problems.indicators.models import MeasuredDay, MeasuredMark
from amends.record.catalogue.queries import offer_kinds
from amends.work.remedies.queries import acknowledged_since, paid_by_cause, paid_for

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
class ChangedComplaints:
    """Complaints that changed since some marks, and the marks up to which that is all of them."""

    refs: list[str]
    marks: dict[str, str]


def stored_measures(start: date, end: date, *, brand: str = "") -> Iterator[pl.DataFrame] | None:
    """The complaints received in `[start, end)`, local days, as they are now, in frames of some
    thousands; None where nothing is kept yet, or too much has changed since.
    """
    if not set(STREAMS) <= set(_marks()):
        return None
    limit = max(MOST_PENDING, min(_row_count(start, end) // FEW_OF_ALL, MOST_OF_MANY))
    pending = _pending(limit)
    if len(pending.refs) >= limit:
        return None
    replaced = _replaced_rows(pending.refs, start, end)
    return (part.filter(pl.col("brand") == brand) for part in replaced) if brand else replaced


@once_per_request
def _marks() -> dict[str, str]:
    return dict(MeasuredMark.objects.values_list("stream", "seen"))


@once_per_request
def _row_count(start: date, end: date) -> int:
    days = MeasuredDay.objects.filter(day__gte=start, day__lt=end)
    return days.aggregate(rows=Sum("rows"))["rows"] or 0


@once_per_request
def _pending(limit: int) -> ChangedComplaints:
    return changed(further_back(_marks()), limit=limit)


@once_per_request
def _measured_now(refs: tuple[str, ...]) -> pl.DataFrame:
    return measured(list(refs))


def _replaced_rows(refs: list[str], start: date, end: date) -> Iterator[pl.DataFrame]:
    """Each day without these complaints, then these."""
    days = MeasuredDay.objects.filter(day__gte=start, day__lt=end)
    packed = days.order_by("day").values_list("columns", flat=True).iterator(chunk_size=8)
    changed_ = pl.Series("id", refs, dtype=pl.String)
    for columns in packed:
        yield _without(unpacked(bytes(columns)), changed_)
    for batch in slices(refs):
        yield _inside(_measured_now(tuple(batch)), start, end)


def _without(part: pl.DataFrame, refs: pl.Series) -> pl.DataFrame:
    return part.filter(~pl.col("id").is_in(refs.implode())) if refs.len() else part


def _inside(rows: pl.DataFrame, start: date, end: date) -> pl.DataFrame:
    day = pl.col("received_at").dt.convert_time_zone(settings.TIME_ZONE).dt.date()
    return rows.filter((day >= start) & (day < end))


def changed(marks: dict[str, str], *, limit: int) -> ChangedComplaints:
    """What came, happened or was paid since the marks."""
    refs, complaints, events = moved_since(
        complaints=marks["complaints"], events=marks["events"], most=limit
    )
    paid = [
        cause.removeprefix("complaint:")
        for cause in acknowledged_since(datetime.fromisoformat(marks["payments"]))
        if cause.startswith("complaint:")
    ]
    every = list(dict.fromkeys([*refs, *paid]))
    return ChangedComplaints(every, marks | {"complaints": complaints, "events": events})


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
    complaint_columns = complaint_columns_of(refs)
    paid = paid_for([f"complaint:{ref}" for ref in complaint_columns["id"]])
    complaint_columns["paid_minor"] = [
        paid.get(f"complaint:{ref}", 0) for ref in complaint_columns["id"]
    ]
    return pl.DataFrame(complaint_columns, schema_overrides=TYPES)


def days_of(refs: list[str]) -> dict[date, list[str]]:
    """Local day of receipt → these of its complaints and enquiries."""
    zone, refs_by_day = ZoneInfo(settings.TIME_ZONE), dict[date, list[str]]()
    for ref, (received_at, _) in received_and_whose(refs).items():
        refs_by_day.setdefault(received_at.astimezone(zone).date(), []).append(ref)
    return refs_by_day


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


# The columns the measures are taken of: complaints with what services and remedies add.


PART_ROWS = 5_000
"""Complaints that are counted at once."""


def at(zone: str) -> Callable[[date], datetime]:
    """The moment a day begins in a zone."""
    return lambda day: datetime.combine(day, time(), tzinfo=ZoneInfo(zone))


def columns(*, start: date, end: date, zone: str, brand: str = "") -> pl.DataFrame:
    """The complaints received in `[start, end)`, days of `zone`, one row each.

    Classes of an earlier version stand under their name of today. Beside what `complaint_columns`
    says: partner and kind of the product, what was paid, seconds,
    group of the class, local week and month.
    """
    return pl.concat(parts(start=start, end=end, zone=zone, brand=brand))


def parts(*, start: date, end: date, zone: str, brand: str = "") -> Iterator[pl.DataFrame]:
    """The same in parts, one at least: whoever adds up what is in them holds no more than one of
    them, however many complaints there are."""
    stored = None
    if zone == settings.TIME_ZONE:
        stored = stored_measures(start, end, brand=brand)
    if stored is None:
        stored = _plain_parts(start=start, end=end, zone=zone, brand=brand)
    renamed, kinds = renamed_classes(), offer_kinds()
    for part in _of_size(stored):
        yield _with_details(part, renamed, kinds, zone)


def _of_size(frames: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """The same rows in frames of about `PART_ROWS`: each costs its own setting about."""
    gathered: list[pl.DataFrame] = []
    for frame in frames:
        for piece in frame.iter_slices(PART_ROWS):
            if (
                gathered
                and sum(gathered_part.height for gathered_part in gathered) + piece.height
                > PART_ROWS
            ):
                yield pl.concat(gathered, how="diagonal")
                gathered.clear()
            gathered.append(piece)
    yield pl.concat(gathered, how="diagonal") if gathered else pl.DataFrame(schema=TYPES)


def _with_details(
    measure_frame: pl.DataFrame,
    renamed: dict[str, str],
    kinds: dict[str, tuple[str, str]],
    zone: str,
) -> pl.DataFrame:
    if renamed:
        measure_frame = measure_frame.with_columns(pl.col("code").replace(renamed))
    of = {offer: pair for offer in measure_frame["product"].unique() if (pair := kinds.get(offer))}
    roots = {code: code.split(".")[0] for code in measure_frame["code"].unique()}
    local = pl.col("received_at").dt.convert_time_zone(zone).dt.date()
    return measure_frame.with_columns(
        kind=pl.col("product").replace_strict(
            {offer: kind for offer, (kind, _) in of.items()}, default="", return_dtype=pl.String
        ),
        partner=pl.col("product").replace_strict(
            {offer: partner for offer, (_, partner) in of.items()},
            default="",
            return_dtype=pl.String,
        ),
        received_s=pl.col("received_at").dt.epoch("s"),
        resolved_s=pl.col("first_resolved_at").dt.epoch("s"),
        root=pl.col("code").replace_strict(roots, default="", return_dtype=pl.String),
        week=local.dt.truncate("1w"),
        month=local.dt.truncate("1mo"),
    )


def in_classes_of(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    """With a column of a regulator's classes, "" for what they have none for, if `name` is a
    version of theirs."""
    if name not in schemes():
        return frame
    return frame.with_columns(
        pl.col("code")
        .replace_strict(scheme(name).class_of, default="", return_dtype=pl.String)
        .alias(name)
    )


def plain(*, start: date, end: date, zone: str, brand: str = "") -> pl.DataFrame:
    """What `complaint_columns` and the remedies say, read from their rows."""
    return pl.concat(_plain_parts(start=start, end=end, zone=zone, brand=brand))


def _plain_parts(*, start: date, end: date, zone: str, brand: str = "") -> Iterator[pl.DataFrame]:
    moment = at(zone)
    paid = paid_by_cause(since=moment(start))
    for piece in complaint_columns(start=moment(start), end=moment(end), brand=brand):
        piece["paid_minor"] = [paid.get(f"complaint:{ref}", 0) for ref in piece["id"]]
        yield pl.DataFrame(piece, schema_overrides=TYPES)


def exposure(
    dimension: str, *, start: date, end: date, zone: str, brand: str = ""
) -> dict[str, float]:
    """Unit → mean of those exposed at both ends: users of an area or brand, services of a product,
    a kind or a partner; {} for a dimension whose units have nobody of their own."""
    moment = at(zone)
    ends = (moment(start), moment(end))
    if dimension in ("", "area", "brand"):
        return _mean(*(users_by(dimension, at=end_day, brand=brand) for end_day in ends))
    if dimension == "services":
        return _mean(*(services_by("", at=end_day, brand=brand) for end_day in ends))
    if dimension == "kind":
        return _mean(*(services_by("kind", at=end_day, brand=brand) for end_day in ends))
    if dimension in ("product", "partner"):
        offers = _mean(*(services_by("offer", at=end_day, brand=brand) for end_day in ends))
        return offers if dimension == "product" else _of_partners(offers)
    return {}


def _of_partners(offers: dict[str, float]) -> dict[str, float]:
    services_by_partner: dict[str, float] = {}
    for offer, (_, partner) in offer_kinds().items():
        if partner:
            services_by_partner[partner] = services_by_partner.get(partner, 0.0) + offers.get(
                offer, 0.0
            )
    return services_by_partner


def _mean(first: dict[str, int], last: dict[str, int]) -> dict[str, float]:
    units = first.keys() | last.keys()
    return {unit: (first.get(unit, 0) + last.get(unit, 0)) / 2 for unit in units}
