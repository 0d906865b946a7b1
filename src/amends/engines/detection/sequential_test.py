"""Did a measure work, for those who look every week: a verdict that looking often does not spoil.

A test at 5% that is looked at each week calls noise an effect far more often than in 5% of the
cases. Here the evidence is a martingale under "no effect": the mixture of likelihood ratios over
the drops there may be (half normal, as large as the drop expected), on the treated complaints given
the sum of treated and control ones (conditional binomial), as normal deviations whose variance is
that of the time before: dispersion, autocorrelation and the doubt about the ratio before included.
It exceeds 20 at any time with a probability of at most 5% (Ville), so one may stop when it does.

    Robbins (1970), Ann Math Stat 41:1397-1409, doi:10.1214/aoms/1177696786 (normal mixtures)
    Howard, Ramdas, McAuliffe, Sekhon (2021), Ann Stat 49:1055-1080, doi:10.1214/20-AOS1991
    Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas (2024), Ann Stat 52:2613-2640 (estimated variance)
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, log

import numpy as np
import scipy
from numpy.typing import NDArray

from amends.engines.detection.effect import (
    LEAST_BEFORE,
    LEAST_COUNT,
    Floats,
    before_against,
)
from amends.engines.detection.verdicts import Verdict

LEVEL = 0.05
STEPS = 30


@dataclass(frozen=True, slots=True)
class SequentialTest:
    """What could be said after each period since the measure, `left_out` ones aside.

    verdicts   as it stood then; *works* and *worse* stand from the first time on
    evidence   for a drop: the martingale's largest value so far
    ratios     rate after over rate before, relative to the controls
    low, high  interval that holds at all times together, each end one-sided at 95%
    """

    verdicts: tuple[Verdict, ...]
    evidence: tuple[float, ...]
    ratios: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]

    @property
    def shown_after(self) -> int | None:
        """Periods until it was shown to work; None if it was not."""
        return self.verdicts.index("works") + 1 if "works" in self.verdicts else None


def watch(
    treated: Floats,
    after: NDArray[np.bool_],
    *,
    control: Floats,
    users: Floats | None = None,
    control_users: Floats | None = None,
    left_out: NDArray[np.bool_] | None = None,
    expected_drop: float = 0.2,
) -> SequentialTest:
    """Judge after every period since the measure; arguments as of `effect`.

    >>> before, since = np.full(40, 100.0), np.full(12, 80.0)
    >>> seen = watch(np.r_[before, since], np.arange(52) >= 40, control=np.full(52, 300.0))
    >>> seen.shown_after, round(seen.ratios[-1], 2), seen.verdicts[0]
    (3, 0.8, 'not_yet_judgeable')
    """
    is_kept = np.ones(treated.size, bool) if left_out is None else ~left_out
    odds = np.ones(treated.size)
    if users is not None:
        odds = odds * users
    if control_users is not None:
        odds = odds / control_users
    past, new = is_kept & ~after, is_kept & after
    base = before_against(treated[past], control[past], odds[past])
    y, n = treated[new], treated[new] + control[new]
    thin = int(past.sum()) < LEAST_BEFORE or float(treated[past].sum()) < LEAST_COUNT
    if thin or not np.isfinite(base.error):
        nothing = (0.0,) * y.size
        verdict: Verdict = "not_yet_judgeable"
        return SequentialTest(
            verdicts=(verdict,) * y.size,
            evidence=nothing,
            ratios=(1.0,) * y.size,
            low=nothing,
            high=(inf,) * y.size,
        )
    offset = np.log(odds[new]) + base.level
    share = 1.0 / (1.0 + np.exp(-offset))
    information = np.cumsum(n * share * (1.0 - share))
    variance = base.error**2 + base.spread / np.maximum(information, 1e-9)
    changes = np.array([_change(y[:k], n[:k], offset[:k]) for k in range(1, y.size + 1)])
    scale = -log(1.0 - expected_drop)
    drop, rise = (_mixture(sign * changes, variance, scale) for sign in (-1.0, 1.0))
    drop, rise = np.maximum.accumulate(drop), np.maximum.accumulate(rise)
    width = np.sqrt(
        variance
        * (variance + scale**2)
        / scale**2
        * (2.0 * log(1.0 / (2.0 * LEVEL)) + np.log1p(scale**2 / variance))
    )
    low, high = changes - width, np.minimum(changes + width, 700.0)
    return SequentialTest(
        verdicts=tuple(verdict_of(d, r) for d, r in zip(drop, rise, strict=True)),
        evidence=tuple(np.round(drop, 4).tolist()),
        ratios=tuple(np.exp(changes).tolist()),
        low=tuple(np.exp(np.maximum.accumulate(low)).tolist()),
        high=tuple(np.exp(np.minimum.accumulate(high)).tolist()),
    )


def verdict_of(drop: float, rise: float) -> Verdict:
    """What the largest evidence so far, for a drop and for a rise, lets say."""
    if drop >= 1.0 / LEVEL and drop >= rise:
        return "works"
    if rise >= 1.0 / LEVEL:
        return "worse"
    return "not_yet_judgeable"


def _change(y: Floats, n: Floats, offset: Floats) -> float:
    """Log rate ratio of all periods so far."""
    change = 0.0
    for _ in range(STEPS):
        share = 1.0 / (1.0 + np.exp(-(offset + change)))
        information = float((n * share * (1.0 - share)).sum())
        if information <= 1e-12:
            return change
        step = float(np.clip(float((y - n * share).sum()) / information, -1.0, 1.0))
        change += step
        if abs(step) < 1e-9 or abs(change) > 20.0:
            break
    return change


def _mixture(change: Floats, variance: Floats, scale: float) -> Floats:
    """Mean over half normal changes above 0 of the likelihood ratio of a normal `change`."""
    total_variance = variance + scale**2
    ratio = (
        np.sqrt(variance / total_variance)
        * 2.0
        * scipy.stats.norm.cdf(change * scale / np.sqrt(variance * total_variance))
    )
    power = np.minimum(change**2 * scale**2 / (2.0 * variance * total_variance), 600.0)
    likelihoods: Floats = ratio * np.exp(power)
    return likelihoods
