"""What a fit returns for a cell, in this order, and when it stops."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

OUTPUTS = 11
# Expected count; variance over mean; variance of log(mean); slope; expected count without levels;
# weighted count of the level judged; the same expected without levels; spread between levels;
# whether a residual lay so near the weighting threshold that how a fit stops decides its weight;
# references of which something is known, and the largest of them.
MEAN, DISPERSION, VARIANCE, SLOPE, FLAT = range(5)
LEVEL_SEEN, LEVEL_FLAT, LEVEL_SPREAD, NEAR, KNOWN, MOST = range(5, OUTPUTS)

LANES = 64
"""Cells fitted side by side."""
STEEPEST = 0.5
LONGEST_STEP = 0.05
MOST_STEPS = 30
PRECISION = 1e-9
NEARNESS = 1e-4


def results(cells: int, periods: int = 1) -> NDArray[np.float64]:
    """Room for the results of `cells` cells, for each of the periods judged by one fit."""
    return np.empty((periods, OUTPUTS, cells))
