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
    first_day = first.date() if isinstance(first, datetime) else terms.starts_on
    # The first week is likely to be a part of one only.
    weeks = weeks_of(terms, first=first_day + timedelta(days=1), on=on)
    exposed = Exposed(weeks, brand)
    cell_keys, untreated = _untreated(rows, terms, weeks, trees())
    return MeasureCounts(
        weeks=weeks,
        treated=_persons(rows, terms.treated, weeks),
        control=_persons(rows, terms.control, weeks) if terms.control else None,
        users=exposed.of(terms.treated),
        control_users=exposed.of(terms.control or terms.treated),
        untreated=untreated,
        untreated_users=exposed.of_each(cell_keys),
    )


def _persons(rows: pl.DataFrame, cell_keys: Iterable[str], weeks: Sequence[date]) -> Floats:
    """Distinct persons a week in the union of some places."""
    parts = [within(rows, cell_key) for cell_key in cell_keys]
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
    names = sorted({name for cell_key in terms.treated for name in values_of(cell_key)})
    if not names:
        return [], np.zeros((len(weeks), 0))
    own = [_own(rows, name, tree).alias(name) for name in names]
    numbered = _numbered(rows, weeks).with_columns(own)
    numbered = numbered.filter(pl.all_horizontal(pl.col(name) != "" for name in names))
    weekly = numbered.group_by(*names, "week").agg(_PERSONS)
    totals = weekly.group_by(names).agg(pl.col("who").sum())
    excluded_keys = (*terms.treated, *terms.control)
    at: dict[tuple[str, ...], int] = {}
    cell_keys: list[str] = []
    for *values, persons in totals.sort(names).iter_rows():
        cell_key = place_of(dict(zip(names, values, strict=True)))
        if persons < LEAST_PERSONS or any(
            overlap(cell_key, excluded_key, tree) for excluded_key in excluded_keys
        ):
            continue
        at[tuple(values)] = len(cell_keys)
        cell_keys.append(cell_key)
    weekly_persons = np.zeros((len(weeks), len(cell_keys)))
    for *values, week, persons in weekly.iter_rows():
        if (column := at.get(tuple(values))) is not None:
            weekly_persons[week, column] = persons
    return cell_keys, weekly_persons


def _own(rows: pl.DataFrame, dimension: str, tree: Trees) -> pl.Expr:
    """The value of a dimension under its name of today, "" where none is known."""
    names = {
        value: tree.ancestors(dimension, value)[-1] for value in rows[dimension].unique() if value
    }
    return pl.col(dimension).replace_strict(names, default="", return_dtype=pl.String)
