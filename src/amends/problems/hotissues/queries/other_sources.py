"""Posts and enquiries as series of their own, in the places complaints are counted in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
from django.conf import settings
from django.utils import timezone

from amends.causes.protection.queries import report_rows
from amends.engines.detection.cube import values_of, with_levels, within
from amends.people.subscribers.queries import subscribers
from amends.problems.hotissues.models import BesideAlarm, Post
from amends.problems.hotissues.queries.cube import rows_between, trees

KINDS = ("post", "enquiry", "report")
REPORTED = "nuisance.spam_fraud"
"""The class that reports of spam and fraud are counted in."""
SHOWN = timedelta(days=14)
_SCHEMA: dict[str, Any] = {
    "id": pl.String,
    "received_at": pl.Datetime("us", "UTC"),
    "code": pl.String,
    "area": pl.String,
    "product": pl.String,
    "channel": pl.String,
    "brand": pl.String,
    "person": pl.String,
    "text_print": pl.Int64,
}
_COLUMNS = ("id", "posted_at", "code", "area", "product", "source", "brand", "author", "text_print")


def other_source_rows(kind: str, first: date, last: date, *, brand: str = "") -> pl.DataFrame:
    """Posts or enquiries from the day `first` to the day `last`, as `rows_between` has them."""
    if kind == "enquiry":
        return rows_between(first, last, kind="enquiry", brand=brand)
    zone = ZoneInfo(settings.TIME_ZONE)
    start = datetime.combine(first, time.min, zone)
    end = datetime.combine(last + timedelta(days=1), time.min, zone)
    if kind == "report":
        return with_levels(_reports(start, end, brand), trees(), zone=settings.TIME_ZONE)
    rows = Post.objects.filter(posted_at__gte=start, posted_at__lt=end)
    rows = rows.filter(brand=brand) if brand else rows
    source_rows = list(
        rows.order_by("posted_at", "id").values_list(*_COLUMNS).iterator(chunk_size=5_000)
    )
    frame = pl.DataFrame(
        source_rows,
        schema=_SCHEMA,
        orient="row",
    )
    return with_levels(frame, trees(), zone=settings.TIME_ZONE)


def _reports(start: datetime, end: datetime, brand: str) -> pl.DataFrame:
    rows = report_rows(start, end, brand=brand)
    areas = subscribers(row.subscriber for row in rows if row.subscriber)
    return pl.DataFrame(
        [
            (
                row.ref,
                row.reported_at,
                REPORTED,
                areas[row.subscriber].area if row.subscriber in areas else "",
                "",
                row.channel,
                row.brand,
                row.person,
                0,
            )
            for row in rows
        ],
        schema=_SCHEMA,
        orient="row",
    )


@dataclass(frozen=True, slots=True)
class OtherSourceSeries:
    """One series beside an issue: distinct voices a day in its place, from `first` on."""

    kind: str
    first: date
    voices: list[int]

    @property
    def total(self) -> int:
        """Voices over all the days."""
        return sum(self.voices)


def other_source_series(
    cell_key: str, first: date, last: date, *, brand: str = ""
) -> list[OtherSourceSeries]:
    """Posts and enquiries in the place of an issue; a series nobody spoke in is left out.

    A channel of complaints is no channel of posts; there they are counted in the rest of the place.
    """
    values = {name: value for name, value in values_of(cell_key).items() if name != "channel"}
    if not values or values.keys() & {"cause", "words"}:
        return []
    all_series = []
    for kind in KINDS:
        rows = other_source_rows(kind, first, last, brand=brand)
        own = within(rows, "|".join(f"{name}={value}" for name, value in sorted(values.items())))
        counted = dict(
            own.group_by(pl.col("moment").dt.date().alias("day"))
            .agg(pl.col("who").n_unique())
            .iter_rows()
        )
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        if counted:
            all_series.append(
                OtherSourceSeries(kind, first, [int(counted.get(day, 0)) for day in days])
            )
    return all_series


def other_source_alarms(*, now: datetime, brand: str = "") -> list[BesideAlarm]:
    """What ran hot beside the complaints in the last two weeks: the newest day of each place."""
    rows = BesideAlarm.objects.filter(day__gt=timezone.localdate(now - SHOWN))
    rows = rows.filter(brand__in=("", brand)) if brand else rows
    newest: dict[tuple[str, str], BesideAlarm] = {}
    for row in rows.order_by("day", "id"):
        newest[row.kind, row.place] = row
    return sorted(newest.values(), key=lambda alarm: (alarm.day, alarm.evidence), reverse=True)
