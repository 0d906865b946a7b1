"""How strongly tests speak against a line that keeps its promise: exact, and clustered by day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scipy import special

LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Strength:
    """Tests that reached a speed, against the share in which a compliant line reaches it.

    low, high                Clopper and Pearson's exact 95% interval of the share
    low_by_day, high_by_day  the same with as many tests as the days are worth; None on one day
    p, p_by_day              chance of so few from a compliant line
    strong                   both chances are below 5%
    """

    reached: int
    of: int
    share: float
    low: float
    high: float
    compliant_share: float
    p: float
    days: int
    low_by_day: float | None
    high_by_day: float | None
    p_by_day: float | None
    strong: bool


def strength(
    days: Sequence[tuple[int, int]], compliant_share: float, *, looks: int = 1
) -> Strength | None:
    """The strength of (reached, tests) of each day; None without a test.

    compliant_share  share of tests in which a line that keeps its promise reaches the speed
    looks            how many shares were looked at for the worst one; both chances are multiplied

    Tests of one day resemble each other. By day, they count as tests / design effect, where the
    effect is the variance of the share between days over that of independent tests, at least 1.
    Clopper and Pearson (1934), doi:10.1093/biomet/26.4.404; Korn and Graubard (1998), Survey
    Methodology 24:193-201 (without their adjustment of degrees of freedom).

    >>> weak, strong = (strength([(8, 10), (8, 10), (k, 10)], 0.9) for k in (8, 7))
    >>> round(weak.p, 3), weak.strong, round(strong.p, 3), strong.strong
    (0.073, False, 0.026, True)
    """
    days = [day for day in days if day[1]]
    of = sum(tests for _, tests in days)
    if not of:
        return None
    reached_count = sum(met for met, _ in days)
    share = reached_count / of
    low, high = interval(reached_count, of)
    p = min(1.0, at_most(reached_count, of, compliant_share) * looks)
    if len(days) < 2:
        return Strength(
            reached=reached_count,
            of=of,
            share=share,
            low=low,
            high=high,
            compliant_share=compliant_share,
            p=p,
            days=len(days),
            low_by_day=None,
            high_by_day=None,
            p_by_day=None,
            strong=False,
        )
    worth = of / _design_effect(days, share)
    low_by_day, high_by_day = interval(share * worth, worth)
    p_by_day = min(1.0, at_most(share * worth, worth, compliant_share) * looks)
    alarm = 1.0 - LEVEL
    return Strength(
        reached=reached_count,
        of=of,
        share=share,
        low=low,
        high=high,
        compliant_share=compliant_share,
        p=p,
        days=len(days),
        low_by_day=low_by_day,
        high_by_day=high_by_day,
        p_by_day=p_by_day,
        strong=p < alarm and p_by_day < alarm,
    )


def at_most(reached_count: float, of: float, share: float) -> float:
    """Chance of at most `reached` of `of` tests at this share; fractions of tests are allowed.

    >>> round(at_most(26, 30, 0.9), 3)
    0.353
    """
    return (
        float(special.betainc(of - reached_count, reached_count + 1.0, 1.0 - share))
        if reached_count < of
        else 1.0
    )


def interval(reached_count: float, of: float, *, level: float = LEVEL) -> tuple[float, float]:
    """Clopper and Pearson's exact interval of a share; fractions of tests are allowed.

    >>> [round(end, 3) for end in interval(26, 30)]
    [0.693, 0.962]
    """
    tail = (1.0 - level) / 2.0
    low = (
        float(special.betaincinv(reached_count, of - reached_count + 1.0, tail))
        if reached_count > 0
        else 0.0
    )
    high = (
        float(special.betainccinv(reached_count + 1.0, of - reached_count, tail))
        if reached_count < of
        else 1.0
    )
    return low, high


def _design_effect(days: Sequence[tuple[int, int]], share: float) -> float:
    """Variance of the share with days as clusters over that of independent tests, at least 1."""
    of = sum(tests for _, tests in days)
    independent = share * (1.0 - share) / of
    if independent == 0.0:
        return 1.0
    number = len(days)
    residuals = sum((met - share * tests) ** 2 for met, tests in days)
    return max(1.0, number / (number - 1) * residuals / of**2 / independent)
