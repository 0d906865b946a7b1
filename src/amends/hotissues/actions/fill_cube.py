"""Keep the cube: what came or changed since the last time, or everything anew."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
from django.conf import settings
from django.db import transaction

from amends.complaints.measured import (
    cells_between,
    cells_of,
    changes_since,
    newest_marks,
    received_from_to,
)
from amends.hotissues.models import CubeDay, CubeMark
from amends.hotissues.rules.cube import merge, pack, unpack

_BACK_MS = 30_000
"""A writer may commit so much after it drew its id."""
_AT_ONCE = timedelta(days=31)


def update_cube() -> int:
    """Take in what came or changed; how many rows were read.

    A row may become visible after others with greater ids; so each pass asks from a little further
    back than it has seen, and leaves out what this process has taken in already.
    """
    with transaction.atomic():
        marks = _marks()
        since = {name: _further_back(mark.seen) for name, mark in marks.items()}
        came, changed = changes_since(complaints=since["complaints"], events=since["events"])
        fresh = [ref for ref in came if ref not in _TAKEN]
        news = [(event, ref) for event, ref in changed if event not in _TAKEN]
        refs = list(dict.fromkeys([*fresh, *(ref for _, ref in news)]))
        rows = cells_of(refs)
        for day, part in _by_day(rows):
            known = CubeDay.objects.filter(day=day).values_list("columns", flat=True).first()
            _keep(day, merge(unpack(bytes(known)) if known else None, part))
        _see(marks["complaints"], came[-1:])
        _see(marks["events"], [event for event, _ in changed[-1:]])
    transaction.on_commit(lambda: _remember([*came, *(event for event, _ in changed)]))
    return rows.height


_TAKEN: set[str] = set()


def _remember(ids: list[str]) -> None:
    _TAKEN.clear()
    _TAKEN.update(ids)


def _see(mark: CubeMark, newest: list[str]) -> None:
    if newest and newest[0] > mark.seen:
        mark.seen = newest[0]
        mark.save()


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
    transaction.on_commit(lambda: _remember([]))
    return total


def _marks() -> dict[str, CubeMark]:
    for name in ("complaints", "events"):
        CubeMark.objects.get_or_create(stream=name)
    return {
        mark.stream: mark
        for mark in CubeMark.objects.select_for_update()
        .filter(stream__in=("complaints", "events"))
        .order_by("stream")
    }


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
