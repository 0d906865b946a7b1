"""Upper tails of counts whose variance is a multiple of their mean.

The count has mean m and variance d m. For d > 1 it is negative binomial with size m / (d - 1) and
P(Y >= y) = I_{1 - 1/d}(y, m / (d - 1)), the regularised incomplete beta function; for d = 1 it is
Poisson and P(Y >= y) = P(y, m), the regularised incomplete gamma function.

    Abramowitz and Stegun (1964), Handbook of Mathematical Functions, 26.4.21 and 26.5.24
"""

from __future__ import annotations

from math import exp, lgamma, log

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainc, gammainc

NEARLY_POISSON = 1.0 + 1e-7
_TINY = 1e-300
_PRECISION = 1e-13
_MOST_TERMS = 5_000


def upper_tail(count: ArrayLike, *, mean: ArrayLike, dispersion: ArrayLike) -> NDArray[np.float64]:
    """P(Y >= count) of a count with the given mean and variance / mean.

    count       counts, whole and not negative
    mean        expected counts, not negative
    dispersion  variance over mean, at least 1

    >>> upper_tail([0, 3, 3], mean=1.0, dispersion=[1.0, 1.0, 2.0]).round(4).tolist()
    [1.0, 0.0803, 0.125]
    """
    y, m, d = np.broadcast_arrays(
        np.asarray(count, np.float64), np.asarray(mean, np.float64), np.asarray(dispersion)
    )
    over = d > NEARLY_POISSON
    size = np.maximum(m, _TINY) / np.where(over, d - 1.0, 1.0)
    positive = np.maximum(y, 1.0)
    tail = np.where(over, betainc(positive, size, 1.0 - 1.0 / np.where(over, d, 2.0)), 0.0)
    tail = np.where(over, tail, gammainc(positive, m))
    return np.where(y <= 0.0, 1.0, np.where(m <= 0.0, 0.0, tail))


@njit(cache=True, nogil=True)
def tail_of(y: float, mean: float, dispersion: float) -> float:
    """`upper_tail` of one count, compiled; equal to it within 1e-10."""
    if y <= 0.0:
        return 1.0
    if mean <= 0.0:
        return 0.0
    if dispersion <= NEARLY_POISSON:
        return _gamma_share(y, mean)
    size = mean / (dispersion - 1.0)
    x = 1.0 - 1.0 / dispersion
    front = lgamma(y + size) - lgamma(y) - lgamma(size) + y * log(x) - size * log(dispersion)
    if x * (y + size + 2.0) < y + 1.0:
        return exp(front) * _beta_fraction(y, size, x) / y
    return 1.0 - exp(front) * _beta_fraction(size, y, 1.0 - x) / size


@njit(cache=True, nogil=True)
def _beta_fraction(a: float, b: float, x: float) -> float:
    """The continued fraction 26.5.8 by the method of Lentz (1976), Appl Opt 15:668."""
    c = 1.0
    d = 1.0 - (a + b) * x / (a + 1.0)
    d = 1.0 / (d if abs(d) > _TINY else _TINY)
    value = d
    for m in range(1, _MOST_TERMS):
        for odd in range(2):
            if odd:
                term = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1.0))
            else:
                term = m * (b - m) * x / ((a + 2 * m - 1.0) * (a + 2 * m))
            d = 1.0 + term * d
            d = 1.0 / (d if abs(d) > _TINY else _TINY)
            c = 1.0 + term / c
            c = c if abs(c) > _TINY else _TINY
            value *= d * c
        if abs(d * c - 1.0) < _PRECISION:
            break
    return value


@njit(cache=True, nogil=True)
def _gamma_share(a: float, x: float) -> float:
    """P(a, x): the series below the mean, the continued fraction 6.5.31 above it."""
    front = exp(a * log(x) - x - lgamma(a + 1.0))
    if x < a + 1.0:
        term = 1.0
        total = 1.0
        for n in range(1, _MOST_TERMS):
            term *= x / (a + n)
            total += term
            if term < total * _PRECISION:
                break
        return front * total
    b = x + 1.0 - a
    c = 1.0 / _TINY
    d = 1.0 / b
    value = d
    for n in range(1, _MOST_TERMS):
        term = -n * (n - a)
        b += 2.0
        d = term * d + b
        d = 1.0 / (d if abs(d) > _TINY else _TINY)
        c = b + term / c
        c = c if abs(c) > _TINY else _TINY
        value *= d * c
        if abs(d * c - 1.0) < _PRECISION:
            break
    return 1.0 - front * a * value


def tails_of(
    count: NDArray[np.float64], *, mean: NDArray[np.float64], dispersion: NDArray[np.float64]
) -> NDArray[np.float64]:
    """`upper_tail` of many counts, compiled."""
    out = np.empty(count.size)
    _fill(count, mean, dispersion, out)
    return out


@njit(cache=True, nogil=True)
def _fill(count, mean, dispersion, out):  # type: ignore[no-untyped-def]
    for at in range(count.size):
        out[at] = tail_of(count[at], mean[at], dispersion[at])
