"""The weeks of a measure, counted from the cube: persons treated and compared with, and users."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from amends.engines.detection.cube import Trees, overlap, place_of, values_of, within
from amends.problems.hotissues.queries.cube import rows_between, trees
from amends.problems.measures.queries.measure_users import Exposed
from amends.problems.measures.rules.measure_terms import BEFORE_WEEKS, WEEK, MeasureTerms, weeks_of
from amends.problems.measures.rules.rectification import LEAST_PERSONS, MeasureCounts

Floats = NDArray[np.float64]


def counted(terms: MeasureTerms, *, on: date, brand: str = "") -> MeasureCounts:
    """Whole weeks up to the day `on`, not including it; the cube must have been filled.

    Persons are distinct within a week and within all places treated (or compared with) together.
    """
    rows = rows_between(terms.starts_on - BEFORE_WEEKS * WEEK, on, brand=brand)
    first = rows["moment"].min()
    known = first.date() if isinstance(first, datetime) else terms.starts_on
    # The first week is likely to be a part of one only.
    weeks = weeks_of(terms, first=known + timedelta(days=1), on=on)
    exposed = Exposed(weeks, brand)
    places, untreated = _untreated(rows, terms, weeks, trees())
    return MeasureCounts(
        weeks=weeks,
        treated=_persons(rows, terms.treated, weeks),
        control=_persons(rows, terms.control, weeks) if terms.control else None,
        users=exposed.of(terms.treated),
        control_users=exposed.of(terms.control or terms.treated),
        untreated=untreated,
        untreated_users=exposed.of_each(places),
    )


def _persons(rows: pl.DataFrame, places: Iterable[str], weeks: Sequence[date]) -> Floats:
    """Distinct persons a week in the union of some places."""
    parts = [within(rows, place) for place in places]
    here = pl.concat(parts).unique("id") if parts else rows.head(0)
    counts = np.zeros(len(weeks))
    for week, persons in _numbered(here, weeks).group_by("week").agg(_PERSONS).iter_rows():
        counts[week] = persons
    return counts


_PERSONS = pl.col("who").n_unique()


def _numbered(rows: pl.DataFrame, weeks: Sequence[date]) -> pl.DataFrame:
    """The rows of the weeks, each with the number of its week."""
    start = weeks[0] if weeks else date.max
    day = pl.col("moment").dt.date() - pl.lit(start)
    numbered = rows.with_columns(week=day.dt.total_days().floordiv(7))
    return numbered.filter(pl.col("week").is_between(0, len(weeks) - 1))


def _untreated(
    rows: pl.DataFrame, terms: MeasureTerms, weeks: Sequence[date], tree: Trees
) -> tuple[list[str], Floats]:
    """Places of the dimensions of what is treated, and persons by week (rows) and place (columns).

    They keep apart from what is treated and compared with: other classes for a class, other areas
    for an area, classes elsewhere for a class in an area. Those with hardly anybody are left out.
    """
    names = sorted({name for place in terms.treated for name in values_of(place)})
    if not names:
        return [], np.zeros((len(weeks), 0))
    own = [_own(rows, name, tree).alias(name) for name in names]
    known = _numbered(rows, weeks).with_columns(own)
    known = known.filter(pl.all_horizontal(pl.col(name) != "" for name in names))
    weekly = known.group_by(*names, "week").agg(_PERSONS)
    totals = weekly.group_by(names).agg(pl.col("who").sum())
    taken = (*terms.treated, *terms.control)
    at: dict[tuple[str, ...], int] = {}
    places: list[str] = []
    for *values, persons in totals.sort(names).iter_rows():
        place = place_of(dict(zip(names, values, strict=True)))
        if persons < LEAST_PERSONS or any(overlap(place, one, tree) for one in taken):
            continue
        at[tuple(values)] = len(places)
        places.append(place)
    found = np.zeros((len(weeks), len(places)))
    for *values, week, persons in weekly.iter_rows():
        if (column := at.get(tuple(values))) is not None:
            found[week, column] = persons
    return places, found


def _own(rows: pl.DataFrame, dimension: str, tree: Trees) -> pl.Expr:
    """The value of a dimension under its name of today, "" where none is known."""
    names = {
        value: tree.ancestors(dimension, value)[-1] for value in rows[dimension].unique() if value
    }
    return pl.col(dimension).replace_strict(names, default="", return_dtype=pl.String)
