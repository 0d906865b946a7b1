"""Keep the cube: what came or changed since the last time, or everything anew."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
from django.conf import settings
from django.db import transaction

from amends.complaints.measured import cells_between, cells_since, newest_marks, received_from_to
from amends.hotissues.models import CubeDay, CubeMark
from amends.hotissues.rules.cube import merge, pack, unpack

_BACK_MS = 30_000
"""A writer may commit so much after it drew its id."""
_AT_ONCE = timedelta(days=31)


def update_cube() -> int:
    """Take in what came or changed; how many rows were read."""
    with transaction.atomic():
        marks = _marks()
        rows, last, changed = cells_since(
            after=_further_back(marks["complaints"].seen), changed_after=marks["events"].seen
        )
        for day, part in _by_day(rows):
            known = CubeDay.objects.filter(day=day).values_list("columns", flat=True).first()
            _keep(day, merge(unpack(bytes(known)) if known else None, part))
        marks["complaints"].seen = max(last, marks["complaints"].seen)
        marks["events"].seen = changed
        for mark in marks.values():
            mark.save()
    return rows.height


def rebuild_cube(*, progress: Callable[[int], None] = lambda _: None) -> int:
    """Make the cube anew from the complaints; how many rows it has. The same as keeping it."""
    with transaction.atomic():
        marks = _marks()
        marks["complaints"].seen, marks["events"].seen = newest_marks()
        CubeDay.objects.all().delete()
        total = 0
        for start, end in _months():
            rows = cells_between(start=start, end=end)
            for day, part in _by_day(rows):
                _keep(day, part)
            total += rows.height
            progress(total)
        for mark in marks.values():
            mark.save()
    return total


def _marks() -> dict[str, CubeMark]:
    for name in ("complaints", "events"):
        CubeMark.objects.get_or_create(stream=name)
    return {mark.stream: mark for mark in CubeMark.objects.select_for_update().order_by("stream")}


def _further_back(seen: str) -> str:
    if not seen:
        return ""
    return f"{max(int(seen[:12], 16) - _BACK_MS, 0):012x}"


def _by_day(rows: pl.DataFrame) -> list[tuple[date, pl.DataFrame]]:
    local = pl.col("received_at").dt.convert_time_zone(settings.TIME_ZONE).dt.date()
    parts = rows.with_columns(day=local).partition_by("day", as_dict=True, include_key=False)
    return [(key[0], part) for key, part in parts.items() if isinstance(key[0], date)]


def _keep(day: date, rows: pl.DataFrame) -> None:
    CubeDay.objects.update_or_create(day=day, defaults={"rows": rows.height, "columns": pack(rows)})


def _months() -> Iterator[tuple[datetime, datetime]]:
    """Stretches of whole local days from the first complaint to the last, so that no day is
    written twice."""
    first, last = received_from_to()
    if first is None or last is None:
        return
    zone = ZoneInfo(settings.TIME_ZONE)
    day = first.astimezone(zone).date()
    while (start := datetime(day.year, day.month, day.day, tzinfo=zone)) <= last:
        day += _AT_ONCE
        yield start, datetime(day.year, day.month, day.day, tzinfo=zone)
