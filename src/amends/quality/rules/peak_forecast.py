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
# Where no day off is known yet: spread of its effect on an area, and how surely areas share it.
_UNKNOWN_EFFECT, _UNKNOWN_SHARED = 0.15, 0.1
_SUNDAY, _WORKDAY = 6, 2


@dataclass(frozen=True, slots=True)
class _Days:
    """The calendar of the days: effective weekday, and whether a day off falls on a workday of the
    week (or follows one within the same holiday)."""

    weekday: NDArray[np.int64]
    holiday: NDArray[np.bool_]


def forecast_peaks(
    daily: pl.DataFrame, *, is_working: Callable[[date], bool] | None = None
) -> pl.DataFrame:
    """`area, kpi, day, hour, p10, p50, p90`: the likely peak of the seven days after the last day,
    the local day and hour at which it is likeliest, and its interval.

    daily       `area, kpi, day, hour, value`: the highest value of each local day and its hour
    is_working  whether a day is a working day; None where no calendar is known
    """
    made = []
    for (kpi,), rows in daily.sort("area", "day").group_by("kpi", maintain_order=True):
        made.append(_forecast(rows, is_working).with_columns(pl.lit(kpi).alias("kpi")))
    return pl.concat(made).select("area", "kpi", "day", "hour", "p10", "p50", "p90")


def _forecast(rows: pl.DataFrame, is_working: Callable[[date], bool] | None) -> pl.DataFrame:
    areas = rows["area"].unique().sort().to_list()
    first, last = rows["day"].min(), rows["day"].max()
    assert isinstance(first, date)
    assert isinstance(last, date)
    length = (last - first).days + 1
    place = {area: number for number, area in enumerate(areas)}
    values = np.full((len(areas), length), np.nan)
    hours = np.full((len(areas), length), np.nan)
    at = ([place[area] for area in rows["area"]], [(day - first).days for day in rows["day"]])
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
    weekday, holiday = np.empty(length, dtype=np.int64), np.zeros(length, dtype=bool)
    off = [
        is_working is not None and not is_working(first + timedelta(days=n)) for n in range(length)
    ]
    for number in range(length):
        day = first + timedelta(days=number)
        weekday[number] = day.weekday()
        if is_working is not None and off[number] == (day.weekday() < 5):
            weekday[number] = _SUNDAY if off[number] else _WORKDAY
            holiday[number] = off[number]
    for number in range(length):  # the weekend within a holiday is a part of it
        if off[number] and not holiday[number]:
            run = range(max(0, number - 2), min(length, number + 3))
            holiday[number] = any(
                holiday[one] and all(off[min(one, number) : max(one, number)]) for one in run
            )
    return _Days(weekday, holiday)


def _predict(logs: Floats, days: _Days, origin: int) -> tuple[Floats, NDArray[np.int64]]:
    """Quantiles (3 × areas) of the highest of the days after `origin`, and the likeliest day."""
    begin = max(0, origin - FIT_DAYS)
    past, holiday = logs[:, begin:origin], days.holiday[begin:origin]
    weekday = days.weekday[begin:origin]
    usual = np.where(holiday, np.nan, past)
    age = np.arange(usual.shape[1], 0, -1.0)
    level, slope, effects = _fit(usual, weekday, age)
    fitted = level[:, None] - slope[:, None] * age + effects[:, weekday]
    left = past - fitted
    noise, lasting = _noise(np.where(holiday, np.nan, left))
    mean_effect, spread_effect = _holiday_effects(left, holiday)
    ahead = np.arange(HORIZON)
    future = days.weekday[origin : origin + HORIZON]
    free = days.holiday[origin : origin + HORIZON]
    middle = level[:, None] + slope[:, None] * ahead + effects[:, future]
    middle = middle + np.where(free, mean_effect[:, None], 0.0)
    rng = np.random.default_rng(_SEED)
    shape = (_DRAWS, logs.shape[0])
    paths = np.empty((HORIZON, *shape))
    last = (
        np.where(np.isnan(left[:, -1]), 0.0, left[:, -1]) if left.shape[1] else np.zeros(shape[1])
    )
    state = np.repeat(last[None], _DRAWS, 0) * (lasting > 0)
    shared = rng.standard_normal((_DRAWS, 1)) * _UNKNOWN_SHARED * bool(not holiday.any())
    own = rng.standard_normal(shape) * spread_effect + shared
    unsure = rng.standard_normal(shape) * noise * 0.35
    for day in range(HORIZON):
        state = lasting * state + np.sqrt(1 - lasting**2) * noise * rng.standard_normal(shape)
        paths[day] = middle[:, day] + state + unsure + (own if free[day] else 0.0)
    highest = paths.max(axis=0)
    likeliest = np.array(
        [np.bincount(one, minlength=HORIZON).argmax() for one in paths.argmax(axis=0).T]
    )
    return np.quantile(highest, (0.1, 0.5, 0.9), axis=0), likeliest


def _fit(usual: Floats, weekday: NDArray[np.int64], age: Floats) -> tuple[Floats, Floats, Floats]:
    """Level now, growth a day and effects of the weekdays, each drawn towards those of all
    areas."""
    known = ~np.isnan(usual)
    filled = np.where(known, usual, 0.0)
    effects = np.zeros((usual.shape[0], 7))
    level, slope = np.zeros(usual.shape[0]), np.zeros(usual.shape[0])
    for _turn in range(3):
        flat = np.where(known, filled - effects[:, weekday], 0.0)
        weights = known * _FADE**age
        total = np.maximum(weights.sum(1), 1e-9)
        age_mean = (weights * age).sum(1) / total
        mean = (weights * flat).sum(1) / total
        off = age - age_mean[:, None]
        steep = -(weights * off * (flat - mean[:, None])).sum(1) / np.maximum(
            (weights * off**2).sum(1), 1e-9
        )
        common = float(np.median(steep))
        left = np.where(known, flat - mean[:, None] + steep[:, None] * off, 0.0)
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
        left = np.where(known, filled - level[:, None] + slope[:, None] * age, 0.0)
        sums = np.stack([(left * (weekday == one)).sum(1) for one in range(7)], axis=1)
        counts = np.stack([(known * (weekday == one)).sum(1) for one in range(7)], axis=1)
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
    known = ~np.isnan(left)
    filled = np.where(known, left, 0.0)
    counts = known.sum(1)
    own = (filled**2).sum(1) / np.maximum(counts, 1)
    pooled = float(np.median(own[counts > 0])) if (counts > 0).any() else 0.01
    variance = (own * counts + 10 * pooled) / (counts + 10)
    both = known[:, 1:] & known[:, :-1]
    product = (filled[:, 1:] * filled[:, :-1] * both).sum()
    lasting = float(np.clip(product / max(1e-12, ((filled[:, 1:] ** 2) * both).sum()), 0.0, 0.9))
    return np.sqrt(np.maximum(variance, 1e-8)), lasting


def _holiday_effects(left: Floats, holiday: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """What days off did to each area so far, drawn towards all areas; and how unsure that is."""
    number = left.shape[0]
    some = left[:, holiday]
    if some.shape[1] < 2 or np.isnan(some).all():
        return np.zeros(number), np.full(number, _UNKNOWN_EFFECT)
    counts = (~np.isnan(some)).sum(1)
    means = np.where(counts > 0, np.nansum(some, axis=1) / np.maximum(counts, 1), 0.0)
    pooled = float(np.median(means[counts > 0]))
    within = float(np.nanmean((some - means[:, None]) ** 2))
    apart = max(
        1e-6, float(np.var(means[counts > 0])) - within / float(np.mean(counts[counts > 0]))
    )
    share = np.where(counts > 0, apart / (apart + within / np.maximum(counts, 1)), 0.0)
    # A holiday differs from the last one too.
    spread = np.sqrt(apart * (1 - share) + 0.25 * apart + 0.04**2)
    return pooled + share * (means - pooled), spread


def _learned(logs: Floats, days: _Days, origin: int) -> tuple[float, float, float]:
    """How much wider the lower and the upper half of the interval must be, and how far the middle
    moves (log), by past forecasts whose weeks are known."""
    low, high, off = [], [], []
    latest = origin - HORIZON
    for then in range(latest, max(LEAST_DAYS + 7, latest - 3 * _PAST_FORECASTS), -3):
        known = logs[:, then : then + HORIZON]
        if days.holiday[then : then + HORIZON].any():
            continue
        whole = ~np.isnan(known).any(axis=1) & ((~np.isnan(logs[:, :then])).sum(1) >= LEAST_DAYS)
        if not whole.any():
            continue
        quantiles, _day = _predict(logs, days, then)
        actual = known[whole].max(axis=1)
        below, middle, above = quantiles[:, whole]
        off.append(actual - middle)
        low.append((middle - actual) / (middle - below))
        high.append((actual - middle) / (above - middle))
    if not off or sum(one.size for one in off) < 20:
        return 1.0, 0.0, 1.0
    # Errors of one week are alike in all areas: a week counts as one for the middle.
    weeks = len(off) / 2.5
    shift = float(np.median(np.concatenate(off))) * weeks / (weeks + 3)
    return (
        float(np.clip(np.quantile(np.concatenate(low), 0.9), 0.6, 2.5)),
        shift,
        float(np.clip(np.quantile(np.concatenate(high), 0.9), 0.6, 2.5)),
    )
