"""Keep the cube: what came or changed since the last time, or everything anew."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
from django.conf import settings
from django.db import transaction

from amends.cases.complaints.queries.analytics import (
    cells_between,
    cells_from,
    cells_of,
    changes_since,
    newest_marks,
    received_from_to,
)
from amends.cases.complaints.queries.superseded import held, overtaken
from amends.engines.detection.cube import merge, pack, unpack
from amends.platform.kit.batches import slices
from amends.problems.hotissues.models import CubeDay, CubeMark

_BACK_MS = 30_000
"""A writer may commit so much after it drew its id."""
_AT_ONCE = timedelta(days=7)
_DAYS_AT_ONCE = 64
_PACKING = 2
_HELD = "held:"


def update_cube() -> int:
    """Take in what came or changed; how many rows were read.

    A row may become visible after others with greater ids; so each pass asks from a little further
    back than it has seen, and leaves out what this process has taken in already.
    """
    with transaction.atomic():
        marks, stored_marks = _marks(), _held()
        taken_events = _taken(marks)
        since = {name: _further_back(mark.seen) for name, mark in marks.items()}
        since |= {name: min(since[name], first) for name, first in overtaken(stored_marks).items()}
        came, changed = changes_since(complaints=since["complaints"], events=since["events"])
        fresh = [ref for ref in came if ref not in taken_events]
        rows = _rows_of(fresh, [ref for event, ref in changed if event not in taken_events])
        for batch in slices(_by_day(rows), _DAYS_AT_ONCE):
            _lay_over(batch)
        _see(marks["complaints"], came[-1:])
        _see(marks["events"], [event for event, _ in changed[-1:]])
        _hold(marks, stored_marks)
        seen = _seen(marks)
    transaction.on_commit(lambda: _remember(seen, [*came, *(event for event, _ in changed)]))
    return rows.height


def _lay_over(parts: Sequence[tuple[date, pl.DataFrame]]) -> None:
    """Write rows of these days over what their days hold: read once and written once."""
    days = CubeDay.objects.filter(day__in=[day for day, _ in parts])
    stored_columns = {
        day: unpack(bytes(columns)) for day, columns in days.values_list("day", "columns")
    }
    merged = [(day, merge(stored_columns.get(day), part)) for day, part in parts]
    _write([(day, rows.height, pack(rows)) for day, rows in merged])


def _write(packed: Packed) -> None:
    CubeDay.objects.bulk_create(
        [CubeDay(day=day, rows=rows, columns=columns) for day, rows, columns in packed],
        update_conflicts=True,
        unique_fields=["day"],
        update_fields=["rows", "columns"],
    )


def _rows_of(came: list[str], changed: list[str]) -> pl.DataFrame:
    """Those that came are read as one stretch of ids, those that changed one by one."""
    changed_cells = cells_of(sorted({*changed}.difference(came)))
    if not came:
        return changed_cells
    stretch = cells_from(came[0])
    return pl.concat([stretch.filter(pl.col("id").is_in(came)), changed_cells])


_TAKEN: dict[tuple[str, ...], set[str]] = {}
"""What this process took in last, by the marks it left; others left since mean none of it holds."""


def _taken(marks: dict[str, CubeMark]) -> set[str]:
    return _TAKEN.get(_seen(marks), set())


def _seen(marks: dict[str, CubeMark]) -> tuple[str, ...]:
    return tuple(marks[name].seen for name in sorted(marks))


def _remember(seen: tuple[str, ...], ids: list[str]) -> None:
    _TAKEN.clear()
    _TAKEN[seen] = set(ids)


def _see(mark: CubeMark, newest: list[str]) -> None:
    if newest and newest[0] > mark.seen:
        mark.seen = newest[0]
        mark.save()


def rebuild_cube(*, progress: Callable[[int], None] = lambda _: None) -> int:
    """Make the cube anew from the complaints; how many rows it has. The same as keeping it.

    Days are packed by other threads while the next are read, and written a stretch at a time, so
    that nobody who writes waits for the whole. With each stretch the marks go back to where they
    stood at the start: what came or changed meanwhile is taken in at the end.
    """
    newest = dict(zip(("complaints", "events"), newest_marks(), strict=True))
    gone = set(CubeDay.objects.values_list("day", flat=True))
    total = 0
    with ThreadPoolExecutor(_PACKING) as pool:
        for packed in _in_turn(pool, _stretches()):
            with transaction.atomic():
                _set_back(newest)
                _write(packed)
            gone.difference_update(day for day, _, _ in packed)
            total += sum(rows for _, rows, _ in packed)
            progress(total)
    with transaction.atomic():
        _set_back(newest)
        for day in gone:
            CubeDay.objects.filter(day=day).delete()
    _TAKEN.clear()
    update_cube()
    return total


def _set_back(newest: dict[str, str]) -> None:
    """So that what was seen since the rebuild began is looked at again, whoever looks next."""
    for name, mark in _marks().items():
        mark.seen = newest[name]
        mark.save()


def _held() -> dict[str, str]:
    """How many ids stood before the marks when they were set."""
    rows = CubeMark.objects.filter(stream__startswith=_HELD).values_list("stream", "seen")
    return {stream.removeprefix(_HELD): seen for stream, seen in rows}


def _hold(marks: dict[str, CubeMark], stored_marks: dict[str, str]) -> None:
    """Write how many stand before the marks now, where that is not what is known."""
    held_marks = held({name: mark.seen for name, mark in marks.items()})
    CubeMark.objects.bulk_create(
        [
            CubeMark(stream=_HELD + name, seen=seen)
            for name, seen in held_marks.items()
            if stored_marks.get(name) != seen
        ],
        update_conflicts=True,
        unique_fields=["stream"],
        update_fields=["seen"],
    )


Packed = list[tuple[date, int, bytes]]


def _in_turn(
    pool: ThreadPoolExecutor, stretches: Iterator[tuple[datetime, datetime]]
) -> Iterator[Packed]:
    """The stretches packed, in order; not more of them in memory than are being packed."""
    waiting: deque[Future[Packed]] = deque()
    for start, end in stretches:
        waiting.append(pool.submit(_packed, cells_between(start=start, end=end)))
        if len(waiting) > _PACKING:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _packed(rows: Callable[[], pl.DataFrame]) -> Packed:
    return [
        (day, part.height, pack(part.sort("received_at", "id"))) for day, part in _by_day(rows())
    ]


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


def _stretches() -> Iterator[tuple[datetime, datetime]]:
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
