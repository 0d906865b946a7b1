"""Forget the ids of records so old that a record of their day is rejected anyway."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from amends.causes.notices.engine_models import SeenRecords
from amends.engines.metering.engine.limits import limits_in_force
from amends.engines.metering.engine.seen import DAY_MS
from amends.platform.kit.periods import to_ms


def forget_ids(*, now: datetime) -> int:
    """Delete ids of days before the last that still counts; how many rows went.

    A file that waits keeps its arrival time, so two days more are stored than needed.
    """
    oldest = to_ms(now) // DAY_MS - limits_in_force(timezone.localdate(now)).keep_days - 2
    gone, _ = SeenRecords.objects.filter(day__lt=oldest).delete()
    return gone
