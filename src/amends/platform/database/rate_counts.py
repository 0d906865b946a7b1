"""Counts of a period, shared by every process and machine: one statement reads, one adds."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import connection

from amends.platform.database.models import RateCount

_ADD = (
    "INSERT INTO database_ratecount (key, count, ends_at) VALUES (%s, 1, %s) "
    "ON CONFLICT (key) DO UPDATE SET count = database_ratecount.count + 1"
)


def counts(keys: Collection[str]) -> dict[str, int]:
    """How often each key was counted; a key that never was is absent."""
    rows = RateCount.objects.filter(key__in=keys)
    return dict(rows.values_list("key", "count"))


def add(key: str, *, ends_at: datetime) -> None:
    """Count once more, atomically; the count may be forgotten after `ends_at`."""
    with connection.cursor() as cursor:
        cursor.execute(_ADD, [key, connection.ops.adapt_datetimefield_value(ends_at)])


def forget_ended(*, now: datetime) -> int:
    """Delete the counts of periods that are over; how many."""
    return RateCount.objects.filter(ends_at__lt=now).delete()[0]
