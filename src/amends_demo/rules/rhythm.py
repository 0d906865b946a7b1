"""When people act: the season, the weekday and the hour, in the operator's local time."""

from __future__ import annotations

from typing import Any

import numpy as np

from amends_demo.rules.tables import CHINA_MS, DAY_MS, HOUR_MS

# Parts of the year's trouble by month: travel and heat in summer, the Spring Festival in winter.
_SEASON = (1.15, 1.25, 0.95, 0.9, 0.95, 1.05, 1.2, 1.2, 1.0, 1.1, 0.9, 0.95)
_WEEKDAY = (1.25, 1.1, 1.05, 1.0, 1.0, 0.75, 0.7)
_HOUR = (
    1,
    1,
    1,
    1,
    1,
    1,
    2,
    5,
    10,
    16,
    17,
    14,
    12,
    12,
    13,
    13,
    12,
    11,
    11,
    14,
    16,
    13,
    7,
    3,
)


def draw_moments(
    rng: np.random.Generator, *, count: int, from_ms: int, to_ms: int
) -> np.ndarray[Any, Any]:
    """`count` moments in `[from_ms, to_ms)` with the rhythm of season, weekday and hour."""
    days = np.arange(from_ms, to_ms, DAY_MS)
    local = (days + CHINA_MS).astype("datetime64[ms]")
    months = local.astype("datetime64[M]").astype(int) % 12
    weekdays = (local.astype("datetime64[D]").astype(int) + 3) % 7
    weights = np.array(_SEASON)[months] * np.array(_WEEKDAY)[weekdays]
    picked = rng.choice(len(days), size=count, p=weights / weights.sum())
    moments = _at_hour(rng, days[picked])
    # The first and the last local day may reach beyond the time asked for, by less than a day.
    moments = np.where(moments < from_ms, moments + DAY_MS, moments)
    within: np.ndarray[Any, Any] = np.where(moments >= to_ms, moments - DAY_MS, moments)
    return within


def _at_hour(rng: np.random.Generator, days_ms: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """A moment of the local day of each of `days_ms`, by the weights of the hours."""
    hours = np.array(_HOUR, dtype=float)
    picked = rng.choice(24, size=len(days_ms), p=hours / hours.sum())
    midnight = (days_ms + CHINA_MS) // DAY_MS * DAY_MS - CHINA_MS
    within = rng.integers(0, HOUR_MS, size=len(days_ms))
    result: np.ndarray[Any, Any] = midnight + picked * HOUR_MS + within
    return result


def answer_moment(
    rng: np.random.Generator,
    trigger_ms: np.ndarray[Any, Any],
    *,
    mean_days: np.ndarray[Any, Any],
) -> np.ndarray[Any, Any]:
    """When people speak up after `trigger_ms`: some days on, rarely at week-ends or at night.

    mean_days  how long each of them waits on average
    """
    lag = rng.exponential(mean_days * DAY_MS, size=len(trigger_ms)).astype(np.int64)
    day = trigger_ms + HOUR_MS + lag
    weekday = ((day + CHINA_MS) // DAY_MS + 3) % 7
    postponed = (weekday >= 5) & (rng.random(len(day)) < 0.35)
    day = np.where(postponed, day + (7 - weekday) * DAY_MS, day)
    spoken = _at_hour(rng, day)
    too_early = spoken < trigger_ms + HOUR_MS // 2
    return np.asarray(np.where(too_early, spoken + DAY_MS, spoken))
