"""The weeks of a measure, counted from the cube: persons treated and compared with, and users."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
from django.conf import settings
from numpy.typing import NDArray

from amends.hotissues.cube import rows_between, trees
from amends.hotissues.rules.cube import Trees, values_of, within
from amends.hotissues.rules.measure_terms import BEFORE_WEEKS, WEEK, Terms, weeks_of
from amends.hotissues.rules.rectification import Counted
from amends.subscribers.counts import users_by

Floats = NDArray[np.float64]
_USERS_EVERY = 13
"""Weeks between two counts of users; between them they change evenly."""


def counted(terms: Terms, *, on: date, brand: str = "") -> Counted:
    """Whole weeks up to the day `on`, not including it; the cube must have been filled.

    Persons are distinct within a week and within all places treated (or compared with) together.
    """
    rows = rows_between(terms.starts_on - BEFORE_WEEKS * WEEK, on, brand=brand)
    first = rows["moment"].min()
    known = first.date() if isinstance(first, datetime) else terms.starts_on
    # The first week is likely to be a part of one only.
    weeks = weeks_of(terms, first=known + timedelta(days=1), on=on)
    others = [*terms.treated, *terms.control]
    return Counted(
        weeks,
        _persons(rows, terms.treated, weeks),
        _persons(rows, terms.control, weeks) if terms.control else None,
        _users(terms.treated, weeks, brand),
        _users(terms.control or terms.treated, weeks, brand),
        _untreated(rows, others, weeks),
    )


def _persons(rows: pl.DataFrame, places: Iterable[str], weeks: Sequence[date]) -> Floats:
    """Distinct persons a week in the union of some places."""
    parts = [within(rows, place) for place in places]
    here = pl.concat(parts).unique("id") if parts else rows.head(0)
    return _by_week(here, weeks)


def _by_week(here: pl.DataFrame, weeks: Sequence[date]) -> Floats:
    counts = np.zeros(len(weeks))
    if not weeks or not here.height:
        return counts
    start = weeks[0]
    numbered = here.with_columns(
        week=(pl.col("moment").dt.date() - pl.lit(start)).dt.total_days().floordiv(7)
    ).filter(pl.col("week").is_between(0, len(weeks) - 1))
    for week, persons in numbered.group_by("week").agg(pl.col("who").n_unique()).iter_rows():
        counts[week] = persons
    return counts


def _untreated(rows: pl.DataFrame, taken: Sequence[str], weeks: Sequence[date]) -> Floats:
    """Weeks x classes that are neither treated nor compared with, whatever else they have."""
    codes = {values_of(place).get("code", "") for place in taken}
    free = sorted(
        code
        for code in rows["code"].unique().to_list()
        if code and not any(_related(code, one) for one in codes)
    )
    columns = [_by_week(rows.filter(pl.col("code") == code), weeks) for code in free]
    return np.stack(columns, axis=1) if columns else np.zeros((len(weeks), 0))


def _related(code: str, other: str) -> bool:
    return other == code or (bool(other) and code.startswith(f"{other}."))


def _users(places: Iterable[str], weeks: Sequence[date], brand: str) -> Floats:
    """Users exposed each week: those in the areas of the places, or everybody."""
    if not weeks:
        return np.zeros(0)
    areas = {values_of(place).get("area", "") for place in places}
    tree = trees()
    stops = sorted({*range(0, len(weeks), _USERS_EVERY), len(weeks) - 1})
    found = [_served(areas, tree, weeks[stop], brand) for stop in stops]
    # Before the register begins nobody is known to be served: its first figure stands for it.
    known = [(stop, users) for stop, users in zip(stops, found, strict=True) if users]
    if not known:
        return np.ones(len(weeks))
    return np.interp(np.arange(len(weeks)), *zip(*known, strict=True))


def _served(areas: set[str], tree: Trees, day: date, brand: str) -> int:
    at = datetime.combine(day, time.min, ZoneInfo(settings.TIME_ZONE))
    if "" in areas:
        return sum(users_by("", at=at, brand=brand).values())
    by_area = users_by("area", at=at, brand=brand)
    return sum(
        users
        for area, users in by_area.items()
        if areas.intersection(tree.ancestors("area", area or ""))
    )
