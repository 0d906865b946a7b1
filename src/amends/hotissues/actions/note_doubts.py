"""Keep what is doubtful in the counts of the last weeks, as the newest scan found it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
from django.conf import settings

from amends.hotissues.models import Doubt
from amends.hotissues.rules.doubts import DAYS, doubts

MOVED = "moved"
SHOWN = timedelta(days=14)
"""A move is seen in the days it happens in, and told so long."""


def note_doubts(
    received: pl.DataFrame,
    *,
    now: datetime,
    brand: str,
    moves: Mapping[str, int],
    missed: Sequence[date],
) -> None:
    """Replace what the last scan said; moves stay for two weeks.

    received  complaints with all history, as `all_between` has them
    moves     place → persons that came to it from what stands beside it
    missed    days taken for not received
    """
    local = now.astimezone(ZoneInfo(settings.TIME_ZONE))
    today, oldest = local.date(), local.date() - timedelta(days=DAYS)
    end = local.replace(minute=0, second=0, microsecond=0, tzinfo=None)
    found = doubts(received, missed=[day for day in missed if day >= oldest], end=end)
    mine = Doubt.objects.filter(brand=brand)
    mine.exclude(kind=MOVED).delete()
    mine.filter(kind=MOVED, day__lte=today - SHOWN).delete()
    Doubt.objects.bulk_create(
        Doubt(brand=brand, noted_at=now, kind=one.kind, place=one.place, day=one.day,
              numbers=dict(one.numbers))
        for one in found
    )  # fmt: skip
    for place, persons in moves.items():
        Doubt.objects.update_or_create(
            brand=brand, kind=MOVED, place=place,
            defaults={"day": today, "noted_at": now, "numbers": {"n": persons}},
        )  # fmt: skip
