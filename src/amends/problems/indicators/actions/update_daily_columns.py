"""Keep the measured days: all of them once, then what changed since."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
from django.conf import settings
from django.db import transaction

from amends.cases.complaints.queries.analytics import first_received_from, received_from_to
from amends.cases.complaints.queries.superseded import LOOKED_AT_MS, held, overtaken
from amends.platform.kit.batches import slices
from amends.problems.indicators.models import MeasuredDay, MeasuredMark
from amends.problems.indicators.queries.columns import (
    STREAMS,
    at,
    beginning,
    changed,
    days_of,
    further_back,
    measured,
    packed,
    plain,
    settled,
    unpacked,
)

MOST_AT_ONCE = 5_000
DAYS_AT_ONCE = 64
HELD = "held:"
SET_BACK = timedelta(milliseconds=LOOKED_AT_MS)


def update_days(*, now: datetime) -> int:
    """Take in what changed since the last time, or everything the first time; how many complaints.

    A killed run continues after the last commit; writing twice is the same as once.
    """
    marks = dict(MeasuredMark.objects.values_list("stream", "seen"))
    if not set(STREAMS) <= set(marks):
        return _all_of_it(now)
    # Only the first part looks further back: a great many that came at once would never end.
    since, total, began_ms = _since(marks, now), 0, int(time.time() * 1000)
    while True:
        with transaction.atomic():
            seen_by_stream = _locked()
            pending = changed(since, limit=MOST_AT_ONCE)
            _replace_rows(pending.refs)
            marks_to_store = {
                name: max(seen, seen_by_stream[name]) for name, seen in pending.marks.items()
            }
            # Not the later of the two: a clock that was set back pays at moments before the mark.
            paid = now.astimezone(UTC).isoformat()
            _mark(marks_to_store | {"payments": paid})
        total += len(pending.refs)
        if pending.marks == since:
            with transaction.atomic():
                marks = settled(_locked(), began_ms=began_ms)
                _mark(marks | {HELD + name: seen for name, seen in held(marks).items()})
            return total
        since = pending.marks | {"payments": paid}


def _since(marks: dict[str, str], now: datetime) -> dict[str, str]:
    """What to look from: a little before the marks, and two days where the clock was set back."""
    since = further_back(marks)
    held_marks = {stream.removeprefix(HELD): seen for stream, seen in marks.items()}
    since |= {name: min(since[name], first) for name, first in overtaken(held_marks).items()}
    if now.astimezone(UTC).isoformat() < marks["payments"]:
        since["payments"] = (now.astimezone(UTC) - SET_BACK).isoformat()
    return since


def _locked() -> dict[str, str]:
    rows = MeasuredMark.objects.filter(stream__in=STREAMS).select_for_update().order_by("stream")
    return {row.stream: row.seen for row in rows}


def _mark(marks: dict[str, str]) -> None:
    MeasuredMark.objects.bulk_create(
        [MeasuredMark(stream=stream, seen=seen) for stream, seen in marks.items()],
        update_conflicts=True,
        unique_fields=["stream"],
        update_fields=["seen"],
    )


def _replace_rows(refs: list[str]) -> None:
    """Write these complaints over what their days hold: a day is read once and written once."""
    rows = measured(refs)
    for batch in slices(list(days_of(refs).items()), DAYS_AT_ONCE):
        days = MeasuredDay.objects.filter(day__in=[day for day, _ in batch])
        stored_days = {
            day: unpacked(bytes(columns)) for day, columns in days.values_list("day", "columns")
        }
        _store([(day, _over(stored_days.get(day), rows, its)) for day, its in batch])


def _over(old: pl.DataFrame | None, rows: pl.DataFrame, refs: list[str]) -> pl.DataFrame:
    """A day's rows with those of `rows` that are its own in their place."""
    mine = rows.filter(pl.col("id").is_in(refs))
    if old is None:
        return mine
    return old.filter(~pl.col("id").is_in(refs)).vstack(mine.select(old.columns))


def _store(days: Iterable[tuple[date, pl.DataFrame]]) -> None:
    MeasuredDay.objects.bulk_create(
        [MeasuredDay(day=day, rows=rows.height, columns=packed(rows)) for day, rows in days],
        update_conflicts=True,
        unique_fields=["day"],
        update_fields=["rows", "columns"],
    )


def _all_of_it(now: datetime) -> int:
    """Read every day in full, and mark the moment before: what happened meanwhile is read again."""
    marks = beginning(now)
    total = 0
    for day in _days_received():
        rows = plain(start=day, end=day + timedelta(days=1), zone=settings.TIME_ZONE)
        if rows.height:
            _store([(day, rows)])
        total += rows.height
    with transaction.atomic():
        _mark(marks | {HELD + name: seen for name, seen in held(marks).items()})
    return total


def _days_received() -> Iterator[date]:
    """The local days on which something was received: years without any are passed over."""
    zone = ZoneInfo(settings.TIME_ZONE)
    received_at, _last = received_from_to()
    while received_at is not None:
        day = received_at.astimezone(zone).date()
        yield day
        received_at = first_received_from(at(settings.TIME_ZONE)(day + timedelta(days=1)))
