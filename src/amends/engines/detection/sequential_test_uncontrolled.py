"""Did a measure work, for those who look every week and have nothing to compare with?

The interrupted series (level, trend, the season of a year, a step) on log counts, looked at after
every period. The evidence is the ratio of likelihoods of what remains of the series when level,
trend, season and size of the noise are taken out: with steps there may be (half normal, as large as
the drop expected) over none. That is a martingale under "no step",
whatever level, trend and noise are, so it exceeds 20 at any time with a probability of at most 5%.

It rests on what a control would make needless, and no figures can check it: the trend of before
goes on, nothing else changed when the measure began, and the noise stays what it was: near to
normal in logs and a first-order process, which is estimated from the time before and taken a
standard error stronger than it looks. So it is weaker and later than `watching`, and whoever has
places to compare with names them.

    Lindon, Ham, Tingley, Bojinov (2022), Anytime-valid linear models, arXiv:2210.08589
    Perez-Ortiz, Lardy, de Heide, Grunwald (2024), E-statistics, group invariance and anytime-valid
    testing, Ann Stat 52:1410-1432
"""

from __future__ import annotations

from math import exp, inf, log

import numpy as np
import scipy
from numpy.typing import NDArray

from amends.engines.detection.effect import LEAST_COUNT, Floats, noise_of
from amends.engines.detection.permutation_test import YEARS_FOR_SEASON
from amends.engines.detection.sequential_test import LEVEL, SequentialTest, verdict_of
from amends.engines.detection.verdicts import Verdict

LEAST_ALONE = 26
"""Periods before the measure: fewer tell a trend from noise too badly to go on with it."""
STRONGEST_NOISE = 0.9


def watch_alone(
    treated: Floats,
    after: NDArray[np.bool_],
    *,
    users: Floats | None = None,
    left_out: NDArray[np.bool_] | None = None,
    expected_drop: float = 0.2,
    cycle: float | None = None,
) -> SequentialTest:
    """Judge after every period since the measure, without a control; arguments as of `effect`.

    cycle  periods in a year, where a season is to be taken out: it takes two years before, or the
           season would pass for an effect

    >>> counts = np.random.default_rng(1).poisson(200, 90).astype(float)
    >>> fewer = np.where(np.arange(90) < 60, counts, 0.85 * counts)
    >>> seen = watch_alone(fewer, np.arange(90) >= 60)
    >>> seen.verdicts[0], seen.shown_after, round(seen.ratios[-1], 1)
    ('not_yet_judgeable', 2, 0.8)
    """
    is_kept = np.ones(treated.size, bool) if left_out is None else ~left_out
    past, new = is_kept & ~after, is_kept & after
    if int(past.sum()) < least_before(cycle) or float(treated[past].sum()) < LEAST_COUNT:
        return _nothing(int(new.sum()))
    exposure = np.ones(treated.size) if users is None else users
    shown_rows = np.flatnonzero(past | new)
    if not new.any():
        return _nothing(0)
    z = np.log((treated[shown_rows] + 0.5) / exposure[shown_rows])
    x = after[shown_rows].astype(float)
    plain = _plain(shown_rows.astype(float), cycle)
    root = np.linalg.cholesky(_noise(z[x == 0], plain[x == 0], shown_rows))
    # Whitened once: the first rows do not depend on those that come after.
    white, step, flat = (
        scipy.linalg.solve_triangular(root, vector, lower=True) for vector in (z, x, plain)
    )
    begun = int((x == 0).sum())
    usual = white[:begun] - flat[:begun] @ np.linalg.lstsq(flat[:begun], white[:begun])[0]
    # How large a drop is looked for, in units of the noise before: fixed before the first look.
    prior = float(usual @ usual) / (begun - plain.shape[1]) / log(1.0 - expected_drop) ** 2
    looks = [
        _look(white[:size], step[:size], flat[:size], prior)
        for size in range(begun + 1, shown_rows.size + 1)
    ]
    drop, rise, change, width = (np.array(look_values) for look_values in zip(*looks, strict=True))
    drop, rise = np.maximum.accumulate(drop), np.maximum.accumulate(rise)
    low = np.maximum.accumulate(change - width)
    high = np.minimum.accumulate(np.minimum(change + width, 700.0))
    return SequentialTest(
        verdicts=tuple(verdict_of(d, r) for d, r in zip(drop, rise, strict=True)),
        evidence=tuple(np.round(drop, 4).tolist()),
        ratios=tuple(np.exp(change).tolist()),
        low=tuple(np.exp(low).tolist()),
        high=tuple(np.exp(high).tolist()),
    )


def least_before(cycle: float | None) -> int:
    """Periods before a measure without which nothing is said; with a season two years of them.

    >>> least_before(None), least_before(365.25 / 7)
    (26, 104)
    """
    return max(LEAST_ALONE, int(YEARS_FOR_SEASON * cycle)) if cycle else LEAST_ALONE


def _nothing(size: int) -> SequentialTest:
    zeros = (0.0,) * size
    verdict: Verdict = "not_yet_judgeable"
    return SequentialTest(
        verdicts=(verdict,) * size,
        evidence=zeros,
        ratios=(1.0,) * size,
        low=zeros,
        high=(inf,) * size,
    )


def _plain(time: Floats, cycle: float | None) -> Floats:
    """Level, trend and season: what the series does without a measure."""
    columns = [np.ones(time.size), (time - time.mean()) / time.size]
    if cycle:
        columns += [turn(2.0 * np.pi * time / cycle) for turn in (np.cos, np.sin)]
    plain_matrix: Floats = np.column_stack(columns)
    return plain_matrix


def _noise(z: Floats, plain: Floats, row_numbers: NDArray[np.intp]) -> Floats:
    """How the noise of the periods hangs together, from the time before alone."""
    residuals = z - plain @ np.linalg.lstsq(plain, z, rcond=None)[0]
    first, fading = noise_of(residuals)
    first = min(first + z.size**-0.5, STRONGEST_NOISE)
    fading = max(first, fading)
    lags = np.abs(row_numbers[:, None] - row_numbers[None, :])
    correlations: Floats = np.where(lags == 0, 1.0, first * fading ** np.maximum(lags - 1.0, 0.0))
    return correlations


def _look(
    y: Floats, step: Floats, plain: Floats, prior: float
) -> tuple[float, float, float, float]:
    """Evidence of a drop and of a rise, log rate ratio and half the width of its interval."""
    base = np.linalg.qr(plain)[0]
    y, step = y - base @ (base.T @ y), step - base @ (base.T @ step)
    weight, square = float(step @ step), float(y @ y)
    freedom = y.size - plain.shape[1]
    if weight < 1e-9 or square < 1e-12:
        return 0.0, 0.0, 0.0, inf
    change = float(step @ y) / weight
    left = max(square - weight * change**2, 1e-12)
    total_weight = weight + prior
    remains = max(1.0 - weight**2 * change**2 / (total_weight * square), 1e-12)
    both = 0.5 * log(prior / total_weight) - 0.5 * freedom * log(remains)
    spread = (square * remains / (freedom * total_weight)) ** 0.5
    below = float(scipy.stats.t.cdf(-weight * change / total_weight / spread, freedom))
    drop, rise = (2.0 * exp(min(both, 600.0)) * part for part in (below, 1.0 - below))
    part = prior / total_weight
    lower_part = part ** (1.0 / freedom) * (2.0 * LEVEL) ** (2.0 / freedom)
    width = (
        ((1.0 - lower_part) / (lower_part - part) * left / weight) ** 0.5
        if lower_part > part
        else inf
    )
    return drop, rise, change, width
