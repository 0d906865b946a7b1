"""Did a measure lower the complaint rate? A verdict with its interval, or that none can be given.

With a control: given the sum of treated and control complaints of a period, the treated ones are
binomial, so whatever moves both (season, a campaign, the weather) drops out (conditional binomial,
Przyborowski and Wilenski 1940). Without one: a Poisson regression with trend, the interrupted
series, which calls noise an effect far more often. Both are fitted as quasi-likelihood: the
dispersion is Pearson's chi-square over its degrees of freedom (never a library's "scale": one
divides it wrongly for grouped binomials), widened by the autocorrelation of the residuals for
noise that the groups do not share (a first-order process, its estimate corrected for the length of
the series: Kendall 1954, Biometrika 41:403-404).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import exp, isfinite, log

import numpy as np
import scipy
from numpy.typing import NDArray

from amends.engines.detection.verdicts import Verdict
from amends.engines.detection.zero_counts import most_against, most_of_series
from amends.platform.kit.errors import gettext_noop
from amends.platform.kit.translatable import Translatable

Floats = NDArray[np.float64]

ONE_SIDED = 0.05
POWER = 0.80
LEAST_AFTER, LEAST_BEFORE = 4, 8
LEAST_COUNT = 20
STEPS = 50
STRONGEST = 0.95
STRONGEST_FADING = 0.85
MOST_COST = 4.0
ALONE = gettext_noop("interrupted series (no control)")


@dataclass(frozen=True, slots=True)
class Effect:
    """A verdict on a measure.

    rate_ratio                rate after over rate before, relative to the controls
    low, high                 ends, each one-sided at 95%
    smallest_detectable_drop  drop (0 to 1) that would have been shown in four of five cases
    placebo_share             share of earlier dates at which the series dropped as much; None where
                              there are too few
    against_alarmed           rate ratio and its ends against cells that alarmed and were left alone
    alarmed_tell              whether those have complaints enough to show the expected drop; else
                              they decide nothing
    """

    verdict: Verdict
    rate_ratio: float
    low: float
    high: float
    smallest_detectable_drop: float
    method: str
    dispersion: float
    autocorrelation: float
    placebo_share: float | None
    reasons: tuple[str, ...] = ()
    against_alarmed: tuple[float, float, float] | None = None
    alarmed_tell: bool = False


def effect(
    treated: Floats,
    after: NDArray[np.bool_],
    *,
    control: Floats | None = None,
    users: Floats | None = None,
    control_users: Floats | None = None,
    left_out: NDArray[np.bool_] | None = None,
    expected_drop: float = 0.2,
    alarmed: Floats | None = None,
    alarmed_users: Floats | None = None,
) -> Effect:
    """Judge a measure from counts by period, oldest first.

    treated, control      complaints of the treated and of the untreated cells
    after                 whether the measure was at work
    users, control_users  users exposed, if they changed
    left_out              periods that do not count: wash-out, and the alarm for which the cell was
                          chosen, or its return to normal would pass for an effect
    expected_drop         the drop the measure was meant to bring, 0 to 1, fixed beforehand
    alarmed               complaints of cells that alarmed when the treated ones did, and were left
                          alone: what comes back by itself comes back there too (regression to the
                          mean: Galton 1886), so a drop no larger than theirs is none
    """
    is_kept = np.ones(treated.size, bool) if left_out is None else ~left_out
    y, x = treated[is_kept], after[is_kept].astype(float)
    own = _exposure(users, treated.size)[is_kept]
    if control is None:
        fit = _Fit.series(y, x, own)
    else:
        fit = _Fit.against(
            y, control[is_kept], x, own, _exposure(control_users, treated.size)[is_kept]
        )
    reasons = _too_little(y, x, fit)
    if not isfinite(fit.error):
        return Effect(
            verdict="not_yet_judgeable",
            rate_ratio=float("nan"),
            low=0.0,
            high=float("inf"),
            smallest_detectable_drop=1.0,
            method=fit.method,
            dispersion=1.0,
            autocorrelation=0.0,
            placebo_share=None,
            reasons=(*reasons, Translatable(gettext_noop("The counts do not allow a comparison."))),
        )
    ratio, low, high = _interval(fit)
    detectable = _detectable(fit)
    control_interval, tell = None, False
    if alarmed is not None:
        exposed = _exposure(alarmed_users, treated.size)[is_kept]
        alarmed_fit = _Fit.against(y, alarmed[is_kept], x, own, exposed)
        control_interval, tell = _interval(alarmed_fit), _detectable(alarmed_fit) <= expected_drop
    verdict: Verdict = "not_yet_judgeable"
    if not reasons:
        verdict, reasons = _verdict(
            low, high, detectable, expected_drop, control_interval if tell else None
        )
        if verdict == "works" and control_interval is not None and not tell:
            reasons = (
                Translatable(
                    gettext_noop("Other cells with alarms have too few complaints to compare.")
                ),
            )
    return Effect(
        verdict=verdict,
        rate_ratio=ratio,
        low=low,
        high=high,
        smallest_detectable_drop=detectable,
        method=fit.method,
        dispersion=fit.dispersion,
        autocorrelation=fit.autocorrelation,
        placebo_share=_placebo(fit, x),
        reasons=reasons,
        against_alarmed=control_interval,
        alarmed_tell=tell,
    )


def _detectable(fit: _Fit) -> float:
    """The smallest drop that would have been shown in four of five cases."""
    if not isfinite(fit.error):
        return 1.0
    return 1.0 - exp(-_width(fit) - float(scipy.stats.norm.ppf(POWER)) * fit.error)


def _verdict(
    low: float,
    high: float,
    detectable: float,
    expected_drop: float,
    control_interval: tuple[float, float, float] | None,
) -> tuple[Verdict, tuple[str, ...]]:
    """The verdict of enough counts, and why it is no plainer one.

    low, high, others  rate ratios: the ends against the control, and those against cells that
                       alarmed and were left alone
    detectable         the smallest drop that would show, `expected_drop` the one hoped for, 0 to 1
    """
    if low > 1.0:
        return "worse", ()
    if high < 1.0 and control_interval is not None and control_interval[2] >= 1.0:
        sentence = gettext_noop(
            "Cells that alarmed as well and were not treated fell much the same."
        )
        return "not_shown_to_work", (Translatable(sentence),)
    if high < 1.0:
        return "works", ()
    if detectable > expected_drop:
        sentence = gettext_noop("Only a drop of %(shown)s would show; %(expected)s was expected.")
        shares = {"shown": f"{detectable:.0%}", "expected": f"{expected_drop:.0%}"}
        return "not_yet_judgeable", (Translatable(sentence, **shares),)
    return "not_shown_to_work", ()


def _width(fit: _Fit) -> float:
    """From the log rate ratio to either end."""
    return float(scipy.stats.t.isf(ONE_SIDED, max(fit.freedom, 1.0))) * fit.error


def _interval(fit: _Fit) -> tuple[float, float, float]:
    """Rate ratio, and its ends, each one-sided at 95%."""
    if not isfinite(fit.error):
        return float("nan"), 0.0, float("inf")
    if fit.most is not None:
        return 0.0, 0.0, fit.most
    width = _width(fit)
    return exp(fit.change), exp(fit.change - width), exp(min(fit.change + width, 700.0))


@dataclass(frozen=True, slots=True)
class Before:
    """The time before a measure, treated against control.

    level   log odds of a complaint being a treated one; `error` of it
    spread  variance of a period's log odds times its information: dispersion and autocorrelation
    """

    level: float
    error: float
    spread: float


def before_against(treated: Floats, control: Floats, odds: Floats) -> Before:
    """The ratio of treated to control complaints in periods without the measure.

    odds  users of the treated over those of the control cells
    """
    if treated.size == 0:
        return Before(0.0, float("inf"), 1.0)
    fit = _Fit.against(treated, control, None, odds, np.ones(treated.size))
    return Before(fit.change, fit.error, fit.dispersion * fit.widening)


def _exposure(users: Floats | None, size: int) -> Floats:
    return np.ones(size) if users is None else users


def _too_little(y: Floats, x: Floats, fit: _Fit) -> tuple[str, ...]:
    shortcomings = []
    if int(x.sum()) < LEAST_AFTER:
        shortcomings.append(
            Translatable(
                gettext_noop("Fewer than %(least)s periods since the measure."), least=LEAST_AFTER
            )
        )
    if int((1 - x).sum()) < LEAST_BEFORE:
        shortcomings.append(
            Translatable(
                gettext_noop("Fewer than %(least)s periods before it."), least=LEAST_BEFORE
            )
        )
    if float(y[x == 0].sum()) < LEAST_COUNT:
        shortcomings.append(
            Translatable(
                gettext_noop("Fewer than %(least)s complaints before it."), least=LEAST_COUNT
            )
        )
    return tuple(shortcomings)


@dataclass(frozen=True, slots=True)
class _Fit:
    """log rate ratio with its standard error, and the log deviations of each period.

    widening  of the variance by autocorrelation; being estimated, it costs degrees of freedom once
              more (Kiefer and Vogelsang 2005, Econometric Theory 21:1130-1164)
    most      the upper end of the rate ratio where none came afterwards; `error` is then that of no
              change
    """

    change: float
    error: float
    dispersion: float
    autocorrelation: float
    freedom: float
    widening: float
    deviations: Floats
    method: str
    most: float | None = None

    @classmethod
    def against(
        cls, y: Floats, c: Floats, x: Floats | None, users: Floats, other_users: Floats
    ) -> _Fit:
        """Conditional binomial against the control; without `x` the level is the change told."""
        if x is not None and _vanished(y, x):
            return cls._none_against(y, c, x, users, other_users)
        both = y + c
        design = np.column_stack([np.ones(y.size)] if x is None else [np.ones(y.size), x])
        offset = np.log(users / other_users)
        beta: Floats = np.zeros(design.shape[1])
        if y.sum() > 0 and c.sum() > 0:
            beta[0] = log(y.sum() / c.sum()) - float(offset.mean())
        for _ in range(STEPS):
            share = 1.0 / (1.0 + np.exp(-(offset + design @ beta)))
            weight = both * share * (1.0 - share)
            step = _solve(design, weight, design.T @ (y - both * share))
            beta += np.clip(step, -2.0, 2.0)
            if np.abs(step).max() < 1e-10:
                break
        return cls._of(
            design, weight, y - both * share, weight, beta, gettext_noop("conditional binomial")
        )

    @classmethod
    def series(cls, y: Floats, x: Floats, users: Floats) -> _Fit:
        """Interrupted series: level before and after on a common trend."""
        time = np.linspace(-1.0, 1.0, y.size)
        if _vanished(y, x):
            return cls._none_in_series(y, x, users, time)
        design = np.column_stack([np.ones(y.size), time, x])
        beta, mean = _poisson(design, y, users)
        return cls._of(design, mean, y - mean, mean, beta, ALONE)

    @classmethod
    def _none_against(
        cls, y: Floats, c: Floats, x: Floats, users: Floats, other_users: Floats
    ) -> _Fit:
        """Where no treated complaint came after the measure: held to the time before it."""
        past, new = x == 0, x > 0
        base = cls.against(y[past], c[past], None, users[past], other_users[past])
        if not isfinite(base.error):
            return base
        upper_change, error = most_against(
            c[new],
            np.log(users[new] / other_users[new]) + base.change,
            error=base.error,
            freedom=base.freedom,
            spread=base.dispersion * base.widening,
            chance=ONE_SIDED,
        )
        return base._vanished(upper_change, error, past)

    @classmethod
    def _none_in_series(cls, y: Floats, x: Floats, users: Floats, time: Floats) -> _Fit:
        """The same without a control: held to what level and trend before let expect."""
        past, new = x == 0, x > 0
        design = np.column_stack([np.ones(y.size), time])
        beta, mean = _poisson(design[past], y[past], users[past])
        base = cls._of(design[past], mean, y[past] - mean, mean, beta, ALONE)
        if not isfinite(base.error):
            return base
        later = users[new] * np.exp(design[new] @ beta)
        spread = base.dispersion * base.widening
        covariance = spread * np.linalg.inv(design[past].T @ (design[past] * mean[:, None]))
        by = later @ design[new] / later.sum()
        upper_change, error = most_of_series(
            float(later.sum()),
            error=float(np.sqrt(by @ covariance @ by)),
            freedom=base.freedom,
            spread=spread,
            chance=ONE_SIDED,
        )
        return base._vanished(upper_change, error, past)

    def _vanished(self, upper_change: float, error: float, past: NDArray[np.bool_]) -> _Fit:
        deviations = np.zeros(past.size)
        deviations[past] = self.deviations
        return replace(
            self, change=float("-inf"), error=error, deviations=deviations, most=upper_change
        )

    @classmethod
    def _of(
        cls,
        design: Floats,
        weight: Floats,
        residuals: Floats,
        variance: Floats,
        beta: Floats,
        name: str,
    ) -> _Fit:
        has_variance = variance > 1e-12
        residual = np.where(
            has_variance, residuals / np.sqrt(np.where(has_variance, variance, 1.0)), 0.0
        )
        freedom = max(float(has_variance.sum()) - design.shape[1], 1.0)
        dispersion = max(1.0, float((residual**2).sum()) / freedom)
        rho, widening = _autocorrelation(residual)
        information = design.T @ (design * weight[:, None])
        singular = not np.isfinite(information).all() or np.linalg.cond(information) > 1e12
        empty = float(weight[design[:, -1] > 0].sum()) < 1e-9
        error = float("inf")
        if not (singular or empty):
            error = float(np.sqrt(np.linalg.inv(information)[-1, -1] * dispersion * widening))
        deviations = np.zeros(residuals.size)
        np.divide(residuals, variance, out=deviations, where=has_variance)
        np.add(deviations, beta[-1] * design[:, -1], out=deviations)
        freedom /= widening * min(widening, MOST_COST)
        return cls(float(beta[-1]), error, dispersion, rho, freedom, widening, deviations, name)


def _vanished(y: Floats, x: Floats) -> bool:
    """Whether complaints came before the measure and none after it."""
    return bool((x > 0).any()) and float(y[x > 0].sum()) == 0.0 and float(y.sum()) > 0.0


def _poisson(design: Floats, y: Floats, users: Floats) -> tuple[Floats, Floats]:
    """Coefficients of a Poisson regression with users exposed, and the mean of each period."""
    offset = np.log(users)
    beta: Floats = np.zeros(design.shape[1])
    beta[0] = log(max(float(y.sum()), 0.5) / float(users.sum()))
    for _ in range(STEPS):
        mean = np.asarray(np.exp(np.clip(offset + design @ beta, -30.0, 30.0)), np.float64)
        step = _solve(design, mean, design.T @ (y - mean))
        beta += np.clip(step, -2.0, 2.0)
        if np.abs(step).max() < 1e-10:
            break
    return beta, mean


def _solve(design: Floats, weight: Floats, score: Floats) -> Floats:
    information = design.T @ (design * weight[:, None])
    return np.asarray(np.linalg.lstsq(information, score, rcond=None)[0], dtype=np.float64)


def _autocorrelation(residual: Floats) -> tuple[float, float]:
    """First-order autocorrelation (never below 0), and how much it widens the variance of a mean.

    Counting noise on top of a first-order process hides part of its first correlation; the second
    over the first then tells how slowly it fades. Both corrected for their bias in short series.
    """
    size = residual.size
    if size < LEAST_BEFORE:
        return 0.0, 1.0
    first, fading = noise_of(residual)
    return first, 1.0 + 2.0 * first / (1.0 - fading)


def noise_of(residual: Floats) -> tuple[float, float]:
    """The first autocorrelation of residuals, and by what it fades from one lag to the next."""
    size = residual.size
    about = residual - residual.mean()
    square = max(float((about * about).sum()), 1e-12)
    first_lag, two = (float((about[lag:] * about[:-lag]).sum()) / square for lag in (1, 2))
    first = min(max(first_lag + (1.0 + 4.0 * first_lag) / size, 0.0), STRONGEST)
    fading = min(first, STRONGEST_FADING)
    if first_lag > 1.0 / size**0.5:
        fading = min(max(first, (two + 1.0 / size) / first_lag), STRONGEST_FADING)
    return first, fading


def _placebo(fit: _Fit, x: Floats) -> float | None:
    """Share of earlier windows as long as the time since, whose level dropped as much."""
    before = fit.deviations[x == 0]
    length = int(x.sum())
    window_count = before.size - length + 1
    if length < 1 or window_count < 2 * length:
        return None
    sums = np.concatenate([[0.0], np.cumsum(before)])
    inside = (sums[length:] - sums[:-length]) / length
    outside = (sums[-1] - (sums[length:] - sums[:-length])) / (before.size - length)
    return float((inside - outside <= fit.change).mean())
