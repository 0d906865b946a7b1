"""The improved Farrington algorithm as published: one period, one exact tail, nothing shrunk.

Kept beside our own scan as the yardstick everybody knows; with five years, windows of +-3 weeks,
ten levels, 26 weeks left out, weights above 2.58 and the negative binomial quantile it gives the
p-values of R's `surveillance::farringtonFlexible` under the same settings, within 3e-5. Cells with
a residual at the weighting threshold go through `working`, which agrees with R within 1e-12.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from amends.engines.detection.baseline.expect import (
    Counts,
    Expectation,
    expect,
    for_each_part,
)
from amends.engines.detection.baseline.references import YEARS_OF_THE_PAPER, references
from amends.engines.stats.negative_binomial import tails_of


def p_values(
    counts: Counts,
    rows: Sequence[int],
    *,
    start: date | None = None,
    workers: int = 1,
) -> NDArray[np.float64]:
    """P(count or more) of every cell in each of `rows` (weeks); NaN without references."""
    p_matrix = np.full((len(rows), counts.shape[1]), np.nan)
    for row_index, row in enumerate(rows):
        at = references(row, start=start, years=YEARS_OF_THE_PAPER)
        if at is None:
            continue
        expected = expect(counts, at, workers=workers, as_published=True)
        fill = partial(_fill, counts[row], expected, p_matrix[row_index])
        for_each_part(fill, counts.shape[1], workers)
    return p_matrix


def _fill(
    counts: NDArray[Any],
    expected: Expectation,
    p_row: NDArray[np.float64],
    low: int,
    high: int,
) -> None:
    """The tails of the cells [low, high) into `found`."""
    p_row[low:high] = tails_of(
        counts[low:high].astype(float),
        mean=expected.plain[low:high],
        dispersion=expected.plain_dispersion[low:high],
    )
