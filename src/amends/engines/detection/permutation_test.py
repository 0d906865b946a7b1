"""The check beside a verdict: did the series itself step down, as seldom happens by itself?

An interrupted series (level, trend, the season of a year where two years came before, a step) on
log counts; its step is compared with those of the same series when the residuals without a step are
put in another order by blocks, which keeps the dependence within a block. What the cuts between
blocks take away of it would make the step look rarer than it is, so each step is told in its own
standard errors, which know the dependence of the series they come from. It needs no control and no
assumption about the noise but that blocks are alike; it has less power, and sees every change that
came at the same time.

    Freedman and Lane (1983), J Bus Econ Stat 1:292-298, doi:10.1080/07350015.1983.10509354
    Carlstein (1986), Ann Stat 14:1171-1179, doi:10.1214/aos/1176350057 (blocks)
    Newey and West (1987), Econometrica 55:703-708, doi:10.2307/1913610 (standard errors)
    Romano and Tirlea (2022), Ann Stat 50:1781-1799 (permutations of dependent data, studentised)
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

DRAWS = 999
SEED = 20261125
LEAST_BLOCK, LEAST_BLOCKS = 4, 5
YEARS_FOR_SEASON = 2.0
LAGS_A_BLOCK = 1.2


@dataclass(frozen=True, slots=True)
class Permuted:
    """rate_ratio after over before, of the series itself; p: share of orders with such a drop."""

    rate_ratio: float
    p: float


def permuted(
    treated: Floats,
    after: NDArray[np.bool_],
    *,
    users: Floats | None = None,
    left_out: NDArray[np.bool_] | None = None,
    cycle: float | None = None,
    seed: int = SEED,
) -> Permuted | None:
    """The step of the series against those of its own noise; None where it is too short.

    cycle  periods in a year, if a season is to be taken out

    >>> generator = np.random.default_rng(1)
    >>> counts = generator.poisson(100, 80).astype(float)
    >>> found = permuted(np.where(np.arange(80) < 60, counts, 0.7 * counts), np.arange(80) >= 60)
    >>> round(found.rate_ratio, 1), found.p < 0.01
    (0.7, True)
    """
    is_kept = np.ones(treated.size, bool) if left_out is None else ~left_out
    x = after[is_kept].astype(float)
    exposure = np.ones(treated.size) if users is None else users
    z = np.log((treated[is_kept] + 0.5) / exposure[is_kept])
    block = max(LEAST_BLOCK, round(2.0 * z.size ** (1.0 / 3.0)))
    if z.size < LEAST_BLOCKS * block or not 0 < x.sum() < x.size:
        return None
    time = np.flatnonzero(is_kept).astype(float)
    columns = [np.ones(z.size), (time - time.mean()) / z.size]
    if cycle and float((1.0 - x).sum()) >= YEARS_FOR_SEASON * cycle:
        columns += [turn(2.0 * np.pi * time / cycle) for turn in (np.cos, np.sin)]
    plain = np.linalg.qr(np.column_stack(columns))[0]
    step = _residual(x, plain)
    if float(step @ step) < 1e-9:
        return None
    residuals = _residual(z, plain)
    generator = np.random.default_rng(seed)
    drawn = np.array([_in_blocks(residuals, block, generator) for _ in range(DRAWS)])
    lags = round(LAGS_A_BLOCK * block)
    seen = _studentised(residuals[None, :], step, lags)
    steps = _studentised(_residual(drawn.T, plain).T, step, lags)
    size = float(step @ residuals / (step @ step))
    return Permuted(exp(size), float((1 + (steps <= seen).sum()) / (DRAWS + 1)))


def _residual(values: Floats, plain: Floats) -> Floats:
    """What the columns of `plain`, at right angles to each other, leave of each column."""
    left: Floats = values - plain @ (plain.T @ values)
    return left


def _studentised(rows: Floats, step: Floats, lags: int) -> Floats:
    """The step of each row in its own standard errors, with weights falling over `lags`."""
    steps = rows @ step / (step @ step)
    scores = (rows - steps[:, None] * step) * step
    variance = (scores * scores).sum(axis=1)
    for lag in range(1, lags + 1):
        weight = 1.0 - lag / (lags + 1.0)
        variance += 2.0 * weight * (scores[:, lag:] * scores[:, :-lag]).sum(axis=1)
    studentised: Floats = steps / np.sqrt(np.maximum(variance, 1e-300))
    return studentised


def _in_blocks(residuals: Floats, block: int, generator: np.random.Generator) -> Floats:
    """The series turned to a random start, cut to blocks, the blocks in a random order."""
    turned = np.roll(residuals, int(generator.integers(residuals.size)))
    parts = np.array_split(turned, max(residuals.size // block, 1))
    return np.concatenate([parts[n] for n in generator.permutation(len(parts))])
