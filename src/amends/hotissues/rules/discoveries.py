"""A list of cells of one period in which at most a given share is false.

Benjamini and Hochberg (1995, J R Stat Soc B 57:289-300) hold their share only if the tails are
right, and those of a fitted expectation are not: of a list at nominal 0.1 by plug-in p-values more
than a quarter was false. So what chance does is not computed but drawn: the series without issues
that `scan` draws for its threshold say how many cells exceed a value by chance (Storey 2002, J R
Stat Soc B 64:479-498, with an empirical null).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Cells are named a little after an issue has ended as well; on the scenarios of Noufaily et al.
# that is about a third more than chance alone names.
AFTERWARDS = 1.35


def discoveries(values: Floats, null: Floats, *, share: float) -> NDArray[np.bool_]:
    """Which cells of a period are named so that about `share` of them is false.

    values  log evidence of the period's cells
    null    log evidence of series without issues (`Scan.null`)

    >>> null = np.linspace(-5.0, 3.0, 1_000)
    >>> discoveries(np.array([9.0, 0.0, 8.0]), null, share=0.1).tolist()
    [True, False, True]
    """
    chance = np.sort(null.ravel())
    order = np.argsort(-values)
    beyond = chance.size - np.searchsorted(chance, values[order] - 1e-9, side="right")
    # One more than was drawn: no number of draws shows that a value cannot come by chance.
    expected = (beyond + 1) / chance.size * values.size * AFTERWARDS
    passed = np.flatnonzero(expected <= share * np.arange(1, values.size + 1))
    named = np.zeros(values.size, dtype=bool)
    if passed.size:
        named[order[: passed[-1] + 1]] = True
    return named
