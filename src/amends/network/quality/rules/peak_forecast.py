"""The highest value of the next seven days by area, with its interval.

The logarithm of a day's peak is a level with its growth, a day of the week, the effect of a day off
and noise that lasts. What a past forecast of the same areas missed by, where the actual peak is
known, widens or narrows the interval and moves its middle: the interval keeps its word whatever the
noise is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

Floats = NDArray[np.float64]
HORIZON = 7
FIT_DAYS = 84
LEAST_DAYS = 14
_DRAWS = 600
_SEED = 20261130
_FADE = 0.97
_PAST_FORECASTS = 12
# Spread of the effect of a holiday of which none is known yet.
_UNKNOWN_EFFECT = 0.4
# A holiday of so many days has effects of its own.
_LONG = 5
_MOVES = 30
_ANOTHER = 0.02
_SAME_SPREAD = 0.06


@dataclass(frozen=True, slots=True)
class _Days:
    """The calendar of the days.

    weekday  as the week has it
    holiday  days of a holiday, its weekends too
    worked   Saturdays and Sundays that are worked
    kind     of a long holiday: the day of the year of its middle; 0 of a short one
    """

    weekday: NDArray[np.int64]
    holiday: NDArray[np.bool_]
    worked: NDArray[np.bool_]
    kind: NDArray[np.int64]


def forecast_peaks(
    daily: pl.DataFrame, *, is_working: Callable[[date], bool] | None = None
) -> pl.DataFrame:
    """`area, kpi, day, hour, p10, p50, p90`: the likely peak of the seven days after the last day,
    the local day and hour at which it is likeliest, and its interval.

    daily       `area, kpi, day, hour, value`: the highest value of each local day and its hour
    is_working  whether a day is a working day; None where no calendar is known
    """
    forecasts = []
    for (kpi,), rows in daily.sort("area", "day").group_by("kpi", maintain_order=True):
        forecasts.append(_forecast(rows, is_working).with_columns(pl.lit(kpi).alias("kpi")))
    return pl.concat(forecasts).select("area", "kpi", "day", "hour", "p10", "p50", "p90")


def _forecast(rows: pl.DataFrame, is_working: Callable[[date], bool] | None) -> pl.DataFrame:
    areas = rows["area"].unique().sort().to_list()
    first, last = rows["day"].min(), rows["day"].max()
    assert isinstance(first, date)
    assert isinstance(last, date)
    length = (last - first).days + 1
    row_by_area = {area: number for number, area in enumerate(areas)}
    values = np.full((len(areas), length), np.nan)
    hours = np.full((len(areas), length), np.nan)
    at = ([row_by_area[area] for area in rows["area"]], [(day - first).days for day in rows["day"]])
    values[at], hours[at] = rows["value"].to_numpy(), rows["hour"].to_numpy()
    positive = values[values > 0]
    offset = 0.01 * float(np.median(positive)) if positive.size else 1.0
    logs = np.log(np.maximum(values, 0.0) + offset)
    days = _calendar(first, length + HORIZON, is_working)
    quantiles, likeliest = _predict(logs, days, length)
    wider = _learned(logs, days, length)
    middle = quantiles[1] + wider[1]
    low = middle - wider[0] * (quantiles[1] - quantiles[0])
    high = middle + wider[2] * (quantiles[2] - quantiles[1])
    peak_day = likeliest
    usual_hour = np.array(
        [
            np.nanmedian(
                np.where(days.weekday[:length] == days.weekday[length + day], hours[area], np.nan)
                if np.isfinite(
                    hours[area][days.weekday[:length] == days.weekday[length + day]]
                ).any()
                else np.append(hours[area], 20.0)
            )
            for area, day in enumerate(peak_day)
        ]
    )
    return pl.DataFrame(
        {
            "area": areas,
            "day": [last + timedelta(days=1 + int(day)) for day in peak_day],
            "hour": np.round(usual_hour).astype(np.int64),
            "p10": np.maximum(0.0, np.exp(low) - offset),
            "p50": np.maximum(0.0, np.exp(middle) - offset),
            "p90": np.maximum(0.0, np.exp(high) - offset),
        }
    )


def _calendar(first: date, length: int, is_working: Callable[[date], bool] | None) -> _Days:
    dates = [first + timedelta(days=number) for number in range(length)]
    weekday = np.array([day.weekday() for day in dates])
    off = np.array([is_working is not None and not is_working(day) for day in dates])
    extra = off & (weekday < 5)
    worked = ~off & (weekday >= 5) if is_working is not None else np.zeros(length, dtype=bool)
    holiday, kind = np.zeros(length, dtype=bool), np.zeros(length, dtype=np.int64)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], off.astype(int), [0]])))
    for begin, end in edges.reshape(-1, 2):
        if extra[begin:end].any():
            holiday[begin:end] = True
            middle = dates[(begin + end) // 2].timetuple().tm_yday
            kind[begin:end] = middle if end - begin >= _LONG else 0
    return _Days(weekday=weekday, holiday=holiday, worked=worked, kind=kind)


def _predict(logs: Floats, days: _Days, origin: int) -> tuple[Floats, NDArray[np.int64]]:
    """Quantiles (3 × areas) of the highest of the days after `origin`, and the likeliest day."""
    begin = max(0, origin - FIT_DAYS)
    past, holiday = logs[:, begin:origin], days.holiday[begin:origin]
    weekday = _as_usual(logs, days, origin)
    usual = np.where(holiday, np.nan, past)
    age = np.arange(usual.shape[1], 0, -1.0)
    level, slope, effects = _fit(usual, weekday[begin:origin], age)
    left = past - (level[:, None] - slope[:, None] * age + effects[:, weekday[begin:origin]])
    noise, lasting = _noise(np.where(holiday, np.nan, left))
    ahead = np.arange(HORIZON)
    free = days.holiday[origin : origin + HORIZON]
    trend = level[:, None] + slope[:, None] * ahead
    middle = trend + effects[:, weekday[origin : origin + HORIZON]]
    if free.any():
        kind = int(np.bincount(days.kind[origin : origin + HORIZON][free]).argmax())
        mean_effect, spread_effect = _holiday_effects(logs, days, origin, kind)
        middle = np.where(free, trend + mean_effect[:, None], middle)
    else:
        spread_effect = np.zeros(logs.shape[0])
    rng = np.random.default_rng(_SEED)
    shape = (_DRAWS, logs.shape[0])
    paths = np.empty((HORIZON, *shape))
    last = (
        np.where(np.isnan(left[:, -1]), 0.0, left[:, -1]) if left.shape[1] else np.zeros(shape[1])
    )
    state = np.repeat(last[None], _DRAWS, 0) * (lasting > 0)
    own = rng.standard_normal(shape) * spread_effect
    unsure = rng.standard_normal(shape) * noise * 0.35
    for day in range(HORIZON):
        state = lasting * state + np.sqrt(1 - lasting**2) * noise * rng.standard_normal(shape)
        paths[day] = middle[:, day] + state + unsure + (own if free[day] else 0.0)
    highest = paths.max(axis=0)
    likeliest = np.array(
        [
            np.bincount(path_hours, minlength=HORIZON).argmax()
            for path_hours in paths.argmax(axis=0).T
        ]
    )
    return np.quantile(highest, (0.1, 0.5, 0.9), axis=0), likeliest


def _fit(usual: Floats, weekday: NDArray[np.int64], age: Floats) -> tuple[Floats, Floats, Floats]:
    """Level now, growth a day and effects of the weekdays, each drawn towards those of all
    areas."""
    is_present = ~np.isnan(usual)
    filled = np.where(is_present, usual, 0.0)
    effects = np.zeros((usual.shape[0], 7))
    level, slope = np.zeros(usual.shape[0]), np.zeros(usual.shape[0])
    for _turn in range(3):
        flat = np.where(is_present, filled - effects[:, weekday], 0.0)
        weights = is_present * _FADE**age
        total = np.maximum(weights.sum(1), 1e-9)
        age_mean = (weights * age).sum(1) / total
        mean = (weights * flat).sum(1) / total
        off = age - age_mean[:, None]
        steep = -(weights * off * (flat - mean[:, None])).sum(1) / np.maximum(
            (weights * off**2).sum(1), 1e-9
        )
        common = float(np.median(steep))
        left = np.where(is_present, flat - mean[:, None] + steep[:, None] * off, 0.0)
        noise = (weights * left**2).sum(1) / total
        own = (
            3
            * noise
            * (weights**2 * off**2).sum(1)
            / np.maximum((weights * off**2).sum(1), 1e-9) ** 2
        )
        real = max(0.0, float(np.var(steep)) - float(np.mean(own)))
        slope = common + (steep - common) * real / np.maximum(real + own, 1e-12)
        level = mean + slope * age_mean
        left = np.where(is_present, filled - level[:, None] + slope[:, None] * age, 0.0)
        sums = np.stack(
            [(left * (weekday == day_number)).sum(1) for day_number in range(7)], axis=1
        )
        counts = np.stack(
            [(is_present * (weekday == day_number)).sum(1) for day_number in range(7)], axis=1
        )
        means = sums / np.maximum(counts, 1)
        pooled = sums.sum(0) / np.maximum(counts.sum(0), 1)
        apart = np.where(counts > 0, means - pooled, 0.0)
        chance = float((noise[:, None] / np.maximum(counts, 1)).mean())
        lasting = max(0.0, float((apart**2).mean()) - chance)
        share = lasting / (lasting + noise[:, None] / np.maximum(counts, 1) + 1e-12)
        effects = pooled + share * apart
        effects -= effects.mean(axis=1, keepdims=True)
    return level, slope, effects


def _noise(left: Floats) -> tuple[Floats, float]:
    """Standard deviation of each area's days, drawn towards that of all, and how far it lasts."""
    is_present = ~np.isnan(left)
    filled = np.where(is_present, left, 0.0)
    counts = is_present.sum(1)
    own = (filled**2).sum(1) / np.maximum(counts, 1)
    pooled = float(np.median(own[counts > 0])) if (counts > 0).any() else 0.01
    variance = (own * counts + 10 * pooled) / (counts + 10)
    both = is_present[:, 1:] & is_present[:, :-1]
    product = (filled[:, 1:] * filled[:, :-1] * both).sum()
    lasting = float(np.clip(product / max(1e-12, ((filled[:, 1:] ** 2) * both).sum()), 0.0, 0.9))
    return np.sqrt(np.maximum(variance, 1e-8)), lasting


def _as_usual(logs: Floats, days: _Days, origin: int) -> NDArray[np.int64]:
    """The weekday that each day is like: a worked Saturday is a workday where the past says so, or
    says nothing."""
    like_workday = days.weekday.copy()
    like_workday[days.worked] = 2
    past = np.flatnonzero(days.worked[:origin])
    if past.size == 0:
        return like_workday
    errors = np.zeros(2)
    for day in map(int, past):
        near = np.arange(max(0, day - 21), min(origin, day + 22))
        near = near[~days.holiday[near] & ~days.worked[near]]
        for index, weekday in enumerate((days.weekday[day], 2)):
            same = near[days.weekday[near] == weekday]
            if same.size:
                errors[index] += np.nansum(np.abs(logs[:, day] - _middle(logs[:, same])))
    return like_workday if errors[1] < errors[0] else days.weekday


def _holiday_effects(logs: Floats, days: _Days, origin: int, kind: int) -> tuple[Floats, Floats]:
    """What a holiday of this kind does to the level of each area, and how unsure that is.

    One of the same kind, a year before, tells it; where none is known, an area is taken to be as on
    its weekends, and much else may happen.
    """
    number = logs.shape[0]
    runs = np.flatnonzero(np.diff(np.concatenate([[0], days.holiday[:origin].astype(int), [0]])))
    effects, weights, same = [], [], []
    for begin, end in runs.reshape(-1, 2):
        near = np.arange(max(0, begin - 21), min(origin, end + 21))
        near = near[~days.holiday[near]]
        if near.size < 7:
            continue
        is_same = _is_same(int(days.kind[begin]), kind)
        effects.append(_middle(logs[:, begin:end]) - _middle(logs[:, near]))
        weights.append(1.0 if is_same else _ANOTHER)
        same.append(is_same)
    before = np.arange(max(0, origin - 56), origin)
    before = before[~days.holiday[before]]
    weekend = before[days.weekday[before] >= 5]
    as_weekend = (
        _middle(logs[:, weekend]) - _middle(logs[:, before]) if weekend.size else np.zeros(number)
    )
    if not any(same):
        # A long holiday is more like a weekend than like a short one.
        return np.nan_to_num(as_weekend), np.full(number, _UNKNOWN_EFFECT)
    table, shares = np.array(effects), np.array(weights)[:, None]
    is_present = ~np.isnan(table)
    total = (shares * is_present).sum(0)
    mean = (shares * np.nan_to_num(table)).sum(0) / np.maximum(total, 1e-9)
    mean = np.where(total > 0, mean, np.nan_to_num(as_weekend))
    return mean, _SAME_SPREAD + 0.1 * np.abs(mean)


def _is_same(first: int, second: int) -> bool:
    """Whether two long holidays are the same of two years (the Spring Festival moves by a month),
    or both are short."""
    if not first or not second:
        return first == second
    apart = abs(first - second)
    return min(apart, 365 - apart) <= _MOVES


def _middle(columns: Floats) -> Floats:
    """Median of each row; NaN where nothing is known."""
    has_values = ~np.isnan(columns).all(axis=1)
    medians = np.full(columns.shape[0], np.nan)
    medians[has_values] = np.nanmedian(columns[has_values], axis=1)
    return medians


def _learned(logs: Floats, days: _Days, origin: int) -> tuple[float, float, float]:
    """How much wider the lower and the upper half of the interval must be, and how far the middle
    moves (log), by past forecasts whose weeks are known."""
    low, high, off = [], [], []
    latest = origin - HORIZON
    for then in range(latest, max(LEAST_DAYS + 7, latest - 3 * _PAST_FORECASTS), -3):
        horizon_logs = logs[:, then : then + HORIZON]
        if days.holiday[then : then + HORIZON].any():
            continue
        is_complete = ~np.isnan(horizon_logs).any(axis=1) & (
            (~np.isnan(logs[:, :then])).sum(1) >= LEAST_DAYS
        )
        if not is_complete.any():
            continue
        quantiles, _day = _predict(logs, days, then)
        actual = horizon_logs[is_complete].max(axis=1)
        below, middle, above = quantiles[:, is_complete]
        off.append(actual - middle)
        low.append((middle - actual) / (middle - below))
        high.append((actual - middle) / (above - middle))
    if not off or sum(off_part.size for off_part in off) < 20:
        return 1.0, 0.0, 1.0
    # Errors of one week are alike in all areas: a week counts as one for the middle.
    weeks = len(off) / 2.5
    shift = float(np.median(np.concatenate(off))) * weeks / (weeks + 3)
    return (
        float(np.clip(np.quantile(np.concatenate(low), 0.9), 0.6, 2.5)),
        shift,
        float(np.clip(np.quantile(np.concatenate(high), 0.9), 0.6, 2.5)),
    )
