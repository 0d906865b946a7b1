"""The interval of a rate ratio where not one complaint came after the measure.

The ratio found is nought, and no standard error belongs to it; its upper end is exact all the same:
the largest ratio with which none at all would still have come with a probability of one in twenty.
The rate before is itself not known exactly, so half of that chance goes to it (Bonferroni), and
where counts scatter more than by chance, so many of them speak as one.

    Hanley, Lippman-Hand (1983), JAMA 249:1743-1745 (none seen: what may the rate be?)
"""

from __future__ import annotations

from math import exp, log

import numpy as np
import scipy
from numpy.typing import NDArray

Floats = NDArray[np.float64]
FURTHEST = 60.0


def most_against(
    other_users: Floats,
    level: Floats,
    *,
    error: float,
    freedom: float,
    spread: float,
    chance: float,
) -> tuple[float, float]:
    """The upper end of the rate ratio, and the error of its logarithm had nothing changed.

    others   complaints of the control cells, a period each, in which no treated one came
    level    log odds of a complaint being a treated one, as they were before; `error` of it
    spread   how much more than by chance complaints scatter
    chance   of the ratio being larger

    >>> high, error = most_against(np.full(20, 300.0), np.full(20, -1.1), error=0.02, freedom=38.0,
    ...                            spread=1.0, chance=0.05)
    >>> round(high, 4), round(error, 3)
    (0.0019, 0.033)
    """
    lower = level - float(scipy.stats.t.isf(chance / 2, freedom)) * error
    penalty = -spread * log(chance / 2)

    def more(change: float) -> float:
        return float((other_users * np.logaddexp(0.0, lower + change)).sum()) - penalty

    share = 1.0 / (1.0 + np.exp(-level))
    information = float((other_users * share).sum())
    if information <= 0.0:
        return float("inf"), float("inf")
    if more(FURTHEST) <= 0.0:
        return float("inf"), float(np.sqrt(error**2 + spread / information))
    high = exp(float(scipy.optimize.brentq(more, -FURTHEST, FURTHEST)))
    return high, float(np.sqrt(error**2 + spread / information))


def most_of_series(
    expected: float, *, error: float, freedom: float, spread: float, chance: float
) -> tuple[float, float]:
    """The same without a control: `expected` complaints, its logarithm known with `error`.

    >>> high, error = most_of_series(2000.0, error=0.05, freedom=38.0, spread=1.0, chance=0.05)
    >>> round(high, 4), round(error, 3)
    (0.002, 0.055)
    """
    if not expected > 0.0:
        return float("inf"), float("inf")
    lower = expected * exp(-float(scipy.stats.t.isf(chance / 2, freedom)) * error)
    high = -spread * log(chance / 2) / lower
    return high, float(np.sqrt(error**2 + spread / expected))
