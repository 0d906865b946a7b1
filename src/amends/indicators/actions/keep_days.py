"""Keep the measured days: all of them once, then what changed since."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
from django.conf import settings
from django.db import transaction

from amends.complaints.measured import received_from_to
from amends.complaints.overtaken import LOOKED_AT_MS, held, overtaken
from amends.indicators.columns import plain
from amends.indicators.kept import (
    STREAMS,
    beginning,
    changed,
    days_between,
    days_of,
    further_back,
    measured,
    packed,
    settled,
    unpacked,
)
from amends.indicators.models import MeasuredDay, MeasuredMark

MOST_AT_ONCE = 5_000
HELD = "held:"
SET_BACK = timedelta(milliseconds=LOOKED_AT_MS)


def keep_days(*, now: datetime) -> int:
    """Take in what changed since the last time, or everything the first time; how many complaints.

    Killed on the way, it begins again where the last commit stands; written twice is written once.
    """
    marks = dict(MeasuredMark.objects.values_list("stream", "seen"))
    if not set(STREAMS) <= set(marks):
        return _all_of_it(now)
    # Only the first part looks further back: a great many that came at once would never end.
    since, total, began_ms = _since(marks, now), 0, int(time.time() * 1000)
    while True:
        with transaction.atomic():
            known = _locked()
            pending = changed(since, most=MOST_AT_ONCE)
            for day, refs in days_of(pending.refs).items():
                _lay_over(day, refs)
            reached = {name: max(seen, known[name]) for name, seen in pending.marks.items()}
            # Not the later of the two: a clock that was set back pays at moments before the mark.
            paid = now.astimezone(UTC).isoformat()
            _mark(reached | {"payments": paid})
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
    kept = {stream.removeprefix(HELD): seen for stream, seen in marks.items()}
    since |= {name: min(since[name], first) for name, first in overtaken(kept).items()}
    if now.astimezone(UTC).isoformat() < marks["payments"]:
        since["payments"] = (now.astimezone(UTC) - SET_BACK).isoformat()
    return since


def _locked() -> dict[str, str]:
    rows = MeasuredMark.objects.filter(stream__in=STREAMS).select_for_update().order_by("stream")
    return {row.stream: row.seen for row in rows}


def _mark(marks: dict[str, str]) -> None:
    for stream, seen in marks.items():
        MeasuredMark.objects.update_or_create(stream=stream, defaults={"seen": seen})


def _lay_over(day: date, refs: list[str]) -> None:
    rows = measured(refs)
    known = MeasuredDay.objects.filter(day=day).values_list("columns", flat=True).first()
    if known is not None:
        old = unpacked(bytes(known))
        rows = old.filter(~old["id"].is_in(refs)).vstack(rows.select(old.columns))
    _keep(day, rows)


def _keep(day: date, rows: pl.DataFrame) -> None:
    MeasuredDay.objects.update_or_create(
        day=day, defaults={"rows": rows.height, "columns": packed(rows)}
    )


def _all_of_it(now: datetime) -> int:
    """Read every day in full, and mark the moment before: what happened meanwhile is read again."""
    marks = beginning(now)
    first, last = received_from_to()
    total = 0
    if first is not None and last is not None:
        zone = ZoneInfo(settings.TIME_ZONE)
        for day in days_between(first.astimezone(zone).date(), last.astimezone(zone).date()):
            rows = plain(start=day, end=day + timedelta(days=1), zone=settings.TIME_ZONE)
            if rows.height:
                _keep(day, rows)
            total += rows.height
    with transaction.atomic():
        _mark(marks | {HELD + name: seen for name, seen in held(marks).items()})
    return total
