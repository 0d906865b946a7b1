"""Complaint rates per users, with exact intervals; two rates compared.

The ends of intervals come from the functions beneath `scipy.stats`: the same numbers, without its
half a second of loading and half a millisecond of each call.
"""

from __future__ import annotations

from dataclasses import dataclass

import scipy
from scipy import special

LEVEL = 0.95
PER_MILLION = 1_000_000.0
# Units regulators publish in, as users per unit: China, Ofcom, ACMA.
UNITS = {"per_million": 1e6, "per_100_000": 1e5, "per_10_000": 1e4}
FEWEST_USERS = 10_000
"""Below this many users a count and its interval are published, no rate.

The smallest unit any regulator publishes in is 10,000 users (ACMA): fewer do not fill it once, and
one complaint more moves a rate per million by over 100. ACMA asks providers with fewer than 30,000
services for no figures at all (Telecommunications (Consumer Complaints) Record-Keeping Rules 2018).
"""


FEWEST_COMPLAINTS = 10
"""On pages and in files for the public, counts from 1 to one below are hidden, as in the public
bulletin (`amends.engines.stats.suppression`)."""


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate and the interval that covers the true one in at least `level` of cases."""

    rate: float
    low: float
    high: float
    level: float = LEVEL


def rate(count: int, users: float, *, per: float = PER_MILLION, level: float = LEVEL) -> Rate:
    """Complaints per `per` users in a period, with the exact Poisson interval.

    count  complaints, from 0
    users  users exposed, above 0
    per    users the rate is of

    Garwood (1936), Biometrika 28:437-442, doi:10.1093/biomet/28.3-4.437.

    >>> found = rate(4081, 300e6)
    >>> round(found.rate, 2), round(found.low, 2), round(found.high, 2)
    (13.6, 13.19, 14.03)
    >>> rate(0, 1e6).low, round(rate(0, 1e6).high, 3)
    (0.0, 3.689)
    """
    _check(count, users, level)
    tail = (1.0 - level) / 2.0
    low = float(special.gammaincinv(count, tail)) if count else 0.0
    high = float(special.gammainccinv(count + 1, tail))
    factor = per / users
    return Rate(rate=count * factor, low=low * factor, high=high * factor, level=level)


@dataclass(frozen=True, slots=True, kw_only=True)
class PopulationRate:
    """Complaints of a population: the rate, or below `FEWEST_USERS` the count alone.

    rate        complaints per `per` users, None in a small population
    low, high   interval of the rate; in a small population of the count
    """

    count: int
    users: float
    rate: float | None
    low: float
    high: float
    per: float
    level: float = LEVEL


def population_rate(
    count: int, users: float, *, per: float = PER_MILLION, level: float = LEVEL
) -> PopulationRate:
    """The figure of complaints and users on every page, in every file and interface.

    >>> population_rate(24, 1e6).rate, population_rate(5, 34).rate
    (24.0, None)
    >>> small = population_rate(5, 34)
    >>> small.count, round(small.low, 1), round(small.high, 1)
    (5, 1.6, 11.7)
    """
    if users < FEWEST_USERS:
        interval = count_interval(count, level=level)
        return PopulationRate(
            count=count,
            users=users,
            rate=None,
            low=interval.low,
            high=interval.high,
            per=per,
            level=level,
        )
    exact = rate(count, users, per=per, level=level)
    return PopulationRate(
        count=count,
        users=users,
        rate=exact.rate,
        low=exact.low,
        high=exact.high,
        per=per,
        level=level,
    )


def count_interval(count: int, *, level: float = LEVEL) -> Rate:
    """The exact Poisson interval of a count itself.

    >>> found = count_interval(10)
    >>> found.rate, round(found.low, 2), round(found.high, 2)
    (10.0, 4.8, 18.39)
    """
    return rate(count, 1.0, per=1.0, level=level)


@dataclass(frozen=True, slots=True)
class Ratio:
    """One rate over another, its interval, and how surprising it is if they are equal."""

    ratio: float
    low: float
    high: float
    p_value: float
    level: float = LEVEL


def rate_ratio(
    count: int,
    users: float,
    other_count: int,
    other_users: float,
    *,
    level: float = LEVEL,
) -> Ratio:
    """(count / users) over (other_count / other_users), by the exact conditional binomial test.

    Given the sum, the first count is binomial with the share of its users; the ends of Clopper and
    Pearson's interval for that share give those of the ratio. The p-value is two-sided.

    Przyborowski and Wilenski (1940), Biometrika 31:313-323, doi:10.1093/biomet/31.3-4.313;
    Clopper and Pearson (1934), Biometrika 26:404-413, doi:10.1093/biomet/26.4.404.

    >>> found = rate_ratio(30, 1e6, 60, 1e6)
    >>> round(found.ratio, 2), round(found.low, 2), round(found.high, 2), round(found.p_value, 4)
    (0.5, 0.31, 0.79, 0.0021)
    """
    _check(count, users, level)
    _check(other_count, other_users, level)
    both = count + other_count
    exposure = other_users / users
    if not both:
        return Ratio(ratio=float("nan"), low=0.0, high=float("inf"), p_value=1.0, level=level)
    tail = (1.0 - level) / 2.0
    low = float(special.betaincinv(count, other_count + 1, tail)) if count else 0.0
    high = float(special.betainccinv(count + 1, other_count, tail)) if other_count else 1.0
    p_value = float(scipy.stats.binomtest(count, both, users / (users + other_users)).pvalue)
    return Ratio(
        ratio=count / other_count * exposure if other_count else float("inf"),
        low=low / (1.0 - low) * exposure,
        high=high / (1.0 - high) * exposure if high < 1.0 else float("inf"),
        p_value=p_value,
        level=level,
    )


def convert(value: float, *, unit: str, to: str) -> float:
    """A rate of one regulator's unit in another's. Units convert; what is counted does not.

    >>> convert(3.2, unit="per_10_000", to="per_million")
    320.0
    """
    return value * UNITS[to] / UNITS[unit]


def _check(count: int, users: float, level: float) -> None:
    if count < 0 or not users > 0 or not 0 < level < 1:
        raise ValueError("A rate needs a count from 0, users above 0 and a level between 0 and 1.")


@dataclass(frozen=True, slots=True)
class Share:
    """A share of a whole and the interval that covers the true one in at least `level` of cases."""

    count: int
    of: int
    share: float
    low: float
    high: float
    level: float = LEVEL


def share(count: int, of: int, *, level: float = LEVEL) -> Share | None:
    """`count` of `of` with Clopper and Pearson's exact interval; None of nothing.

    Clopper and Pearson (1934), Biometrika 26:404-413, doi:10.1093/biomet/26.4.404.

    >>> found = share(9, 10)
    >>> found.share, round(found.low, 3), round(found.high, 3)
    (0.9, 0.555, 0.997)
    >>> share(0, 0) is None
    True
    """
    if not 0 <= count <= of:
        raise ValueError("A share needs a count from 0 to its whole.")
    if not of:
        return None
    tail = (1.0 - level) / 2.0
    low = float(special.betaincinv(count, of - count + 1, tail)) if count else 0.0
    high = float(special.betainccinv(count + 1, of - count, tail)) if count < of else 1.0
    return Share(count=count, of=of, share=count / of, low=low, high=high, level=level)


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean with its interval; `low` and `high` None where one value alone shows no spread."""

    mean: float
    low: float | None
    high: float | None
    number: int
    level: float = LEVEL


def mean(total: float, squares: float, number: int, *, level: float = LEVEL) -> Mean | None:
    """The mean of `number` values from their sum and the sum of their squares; None of nothing.

    The interval is Student's (1908), Biometrika 6:1-25, doi:10.2307/2331554; durations are skewed,
    so that it holds about, not exactly, for few of them. It never reaches below zero.

    >>> found = mean(30.0, 350.0, 3)
    >>> found.mean, round(found.low, 2), round(found.high, 2)
    (10.0, 0.0, 22.42)
    """
    if not number:
        return None
    middle = total / number
    if number < 2:
        return Mean(mean=middle, low=None, high=None, number=number, level=level)
    spread = max(squares - total * middle, 0.0) / (number - 1)
    half = -float(special.stdtrit(number - 1, (1.0 - level) / 2.0)) * (spread / number) ** 0.5
    return Mean(
        mean=middle, low=max(middle - half, 0.0), high=middle + half, number=number, level=level
    )
