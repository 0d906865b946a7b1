"""Keep what is doubtful in the counts of the last weeks, as the newest scan found it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
from django.conf import settings
from django.db.models import QuerySet

from amends.engines.detection.cube import within
from amends.engines.detection.data_quality import DAYS, doubts
from amends.problems.hotissues.models import Doubt, HotIssue
from amends.problems.hotissues.queries.duplicate_senders import one_sender
from amends.problems.hotissues.queries.membership import complaints_in

MOVED = "moved"
SHOWN = timedelta(days=14)
"""A move is seen in the days it happens in, and told so long."""
EXPLAINED = 0.5
"""So many of those who are more than expected are in open issues: then something rose."""


def note_doubts(
    received: pl.DataFrame,
    rows: pl.DataFrame,
    *,
    now: datetime,
    brand: str,
    moves: Mapping[str, int],
    missed: Sequence[date],
) -> None:
    """Replace what the last scan said; moves stay for two weeks, unless issues explain them.

    received  complaints with all history, as `all_between` has them
    rows      those that are counted
    moves     place → persons that came to it from what stands beside it
    missed    days taken for not received
    """
    local = now.astimezone(ZoneInfo(settings.TIME_ZONE))
    today, oldest = local.date(), local.date() - timedelta(days=DAYS)
    end = local.replace(minute=0, second=0, microsecond=0, tzinfo=None)
    recent = received.filter(~pl.col("history") & (pl.col("moment").dt.date() >= oldest))
    new_doubts = doubts(
        received,
        missed=[day for day in missed if day >= oldest],
        end=end,
        same_sender=one_sender(recent),
    )
    mine = Doubt.objects.filter(brand=brand)
    mine.exclude(kind=MOVED).delete()
    mine.filter(kind=MOVED, day__lte=today - SHOWN).delete()
    Doubt.objects.bulk_create(
        Doubt(
            brand=brand,
            noted_at=now,
            kind=doubt.kind,
            place=doubt.place,
            day=doubt.day,
            numbers=dict(doubt.numbers),
        )
        for doubt in new_doubts
    )
    for cell_key, persons in moves.items():
        Doubt.objects.update_or_create(
            brand=brand,
            kind=MOVED,
            place=cell_key,
            defaults={"day": today, "noted_at": now, "numbers": {"n": persons}},
        )
    _forget_explained(mine.filter(kind=MOVED), rows, brand)


def _forget_explained(moves: QuerySet[Doubt], rows: pl.DataFrame, brand: str) -> None:
    """A rise that an issue is open for is none of a class or an area drawn anew."""
    past_moves = list(moves)
    if not past_moves:
        return
    open_now = HotIssue.objects.filter(brand=brand, state="open", drill=False)
    members = {ref for issue in open_now for ref in complaints_in(issue)}
    for move in past_moves:
        since = move.day - SHOWN
        cell_rows = within(rows.filter(pl.col("moment").dt.date() >= since), move.place)
        by_person = cell_rows.group_by("who").agg(
            pl.col("id").is_in(list(members)).any().alias("told")
        )
        persons, more = int(by_person["told"].sum()), int(move.numbers["n"])
        if persons >= EXPLAINED * more:
            move.delete()
