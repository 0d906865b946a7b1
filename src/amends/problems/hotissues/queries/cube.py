"""The cube as it is kept, read back: rows of days, trees of the dimensions, counts of places."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache

import polars as pl
from django.conf import settings
from django.db.models import Max, Min

from amends.engines.classification.taxonomy import taxonomy
from amends.engines.detection.baseline.references import Period
from amends.engines.detection.cube import Cells, Trees, count, levels_of, unpack, with_levels
from amends.platform.database.once_per_request import once_per_request
from amends.problems.hotissues.models import CubeDay
from amends.record.catalogue.queries import areas, offer_kinds, offer_names

LEAST_DAYS = 21
"""Fewer days of record say nothing of what is usual: the desk is not scanned before."""


@once_per_request
def rows_between(
    first: date, last: date, *, kind: str = "complaint", brand: str = ""
) -> pl.DataFrame:
    """What was received from the day `first` to the day `last`, with the levels of its trees.

    History that was brought in counts before the first day on which this installation received
    anything itself, and never after: yesterday's file raises no alarm today.
    """
    return counted(all_between(first, last, kind=kind, brand=brand))


def counted(rows: pl.DataFrame) -> pl.DataFrame:
    """Without the history that was brought in of days on which complaints were received here."""
    live = rows.filter(~pl.col("history"))["received_at"].min()
    if live is None:
        return rows
    return rows.filter(~pl.col("history") | (pl.col("received_at") < live))


def all_between(
    first: date, last: date, *, kind: str = "complaint", brand: str = ""
) -> pl.DataFrame:
    """`rows_between` with all the history that was brought in."""
    days = CubeDay.objects.filter(day__gte=first, day__lte=last).values_list("columns", flat=True)
    parts = [_day(bytes(columns)) for columns in days.iterator(chunk_size=256)]
    rows = pl.concat(parts) if parts else _NOTHING
    rows = rows.filter(pl.col("kind") == kind)
    if brand:
        rows = rows.filter(pl.col("brand") == brand)
    return with_levels(rows, trees(), zone=settings.TIME_ZONE)


def _day(packed: bytes) -> pl.DataFrame:
    """The rows of a day; small days are many in a scan, and read anew by each."""
    return _small_day(packed) if len(packed) <= _SMALL else unpack(packed)


@lru_cache(maxsize=1_200)
def _small_day(packed: bytes) -> pl.DataFrame:
    return unpack(packed)


_SMALL = 16_384
_NOTHING = pl.DataFrame(
    schema={
        **dict.fromkeys(
            ("id", "kind", "code", "area", "product", "channel", "brand", "person"), pl.String
        ),
        "received_at": pl.Datetime("us", "UTC"),
        "text_print": pl.Int64,
        "history": pl.Boolean,
    }
)


def trees() -> Trees:
    """What areas, products and classes are part of; products, of today and withdrawn, of their
    kind."""
    kinds = {ref: f"kind:{kind}" for ref, (kind, _provider) in offer_kinds().items()}
    return Trees(
        areas={area.code: area.parent for area in areas()},
        products=kinds,
        renamed=taxonomy().renamed,
    )


def registered_values() -> dict[str, set[str]]:
    """Dimension → the values that the registers and the classes name; no channels."""
    tree, classes = trees(), taxonomy()
    codes = {*classes.codes, *classes.renamed}
    return {
        "area": {*tree.areas},
        "code": codes | {code.split(".")[0] for code in codes},
        "product": {*offer_names(), *tree.products, *tree.products.values()},
        "channel": set(),
    }


def counted_values(rows: pl.DataFrame) -> dict[str, set[str]]:
    """Dimension → the values that complaints were counted under, on any level."""
    values_by_dimension: dict[str, set[str]] = {}
    for name in (column for column in rows.columns if "." in column):
        values_by_dimension.setdefault(name.partition(".")[0], set()).update(
            rows[name].drop_nulls().to_list()
        )
    return values_by_dimension


def counts(
    rows: pl.DataFrame,
    first: date,
    last: date,
    *,
    period: Period = "day",
    max_dimensions: int = 2,
    min_count: int = 0,
    levels: Sequence[tuple[str, ...]] | None = None,
) -> Cells:
    """Persons and complaints of every place with at most `most` dimensions; whole local days."""
    start = datetime(first.year, first.month, first.day)  # noqa: DTZ001 (local, without a zone)
    end = datetime(last.year, last.month, last.day)  # noqa: DTZ001 (a local day)
    if period == "hour":
        end += timedelta(hours=23)
    wanted = levels_of(rows, max_dimensions=max_dimensions) if levels is None else levels
    return count(rows, wanted, period=period, first=start, last=end, min_persons=min_count)


def known_days() -> int:
    """How many days there are, from the first with a complaint to the last."""
    bounds = CubeDay.objects.aggregate(first=Min("day"), last=Max("day"))
    if bounds["first"] is None:
        return 0
    return int((bounds["last"] - bounds["first"]).days) + 1
