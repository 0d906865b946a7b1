"""A list of cells of one period in which at most a given share is false.

Benjamini and Hochberg (1995, J R Stat Soc B 57:289-300) hold their share only if the tails are
right, and those of a fitted expectation are not: of a list at nominal 0.1 by plug-in p-values more
than a quarter was false. So what chance does is not computed but drawn: the series without issues
that `scan` draws for its threshold say how many cells exceed a value by chance (Storey 2002, J R
Stat Soc B 64:479-498, with an empirical null). Few draws reach the values that matter; above the
last of them excesses are taken as exponential (Pickands 1975, Ann Stat 3:119-131, shape 0: a log
likelihood ratio falls at least so fast).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Two errors of the draws, measured on the scenarios of Noufaily et al. against series without any
# issue: drawn from estimates they exceed a high value twice as often as such series do; and cells
# are named a little after an issue has ended as well. Together so much of what was drawn is false.
AGAINST_DRAWN = 0.85
IN_THE_TAIL = 200


def discoveries(values: Floats, null: Floats, *, share: float) -> NDArray[np.bool_]:
    """Which cells of a period are named so that about `share` of them is false.

    values  log evidence of the period's cells
    null    log evidence of series without issues (`Scan.null`)

    >>> null = np.linspace(-5.0, 3.0, 1_000)
    >>> discoveries(np.array([9.0, 0.0, 8.0]), null, share=0.1).tolist()
    [True, False, True]
    """
    order = np.argsort(-values)
    expected = _by_chance(values[order], null) * values.size * AGAINST_DRAWN
    passed = np.flatnonzero(expected <= share * np.arange(1, values.size + 1))
    named = np.zeros(values.size, dtype=bool)
    if passed.size:
        named[order[: passed[-1] + 1]] = True
    return named


def _by_chance(values: Floats, null: Floats) -> Floats:
    """How large a share of the null reaches each of these values."""
    chance = np.sort(null.ravel())
    size = chance.size
    # One more than was drawn: no number of draws shows that a value cannot come by chance.
    beyond = size - np.searchsorted(chance, values - 1e-9)
    shares = np.asarray((1.0 + beyond) / (1.0 + size), np.float64)
    tail = min(IN_THE_TAIL, size // 10)
    if not tail:
        return shares
    begins = float(chance[size - tail - 1])
    excess = float((chance[size - tail :] - begins).mean())
    if excess <= 0.0:
        return shares
    exponential = tail / size * np.exp(-np.maximum(values - begins, 0.0) / excess)
    return np.where(values > begins, exponential, shares)
