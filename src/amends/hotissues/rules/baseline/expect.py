"""What is expected of each cell in one period: from its past, shrunk where that is thin."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from amends.hotissues.rules.baseline import kernel
from amends.hotissues.rules.baseline.references import References

Floats = NDArray[np.float64]

WEIGHTS_THRESHOLD = 2.58
SPREAD_FLOOR = 1e-9
# A dispersion from few periods is drawn towards that of the other cells, or where there are fewer
# than MANY towards one usual for complaints, with the weight of so many degrees of freedom.
PRIOR_FREEDOM = 12.0
USUAL_DISPERSION = 1.5
MANY = 20


@dataclass(frozen=True, slots=True)
class Expectation:
    """One period's expectation, an entry a cell.

    mean        expected count: the level's own, shrunk to the level-free one as far as levels
                differ no more than by chance
    dispersion  variance over mean of a count around its true mean
    doubt       variance of log(mean) from the fit
    slope       trend, log per period
    plain       expected count without shrinkage, as in the papers
    kinship     how alike levels are, as a prior count: 0 where each stands for itself
    """

    mean: Floats
    dispersion: Floats
    doubt: Floats
    slope: Floats
    plain: Floats
    kinship: Floats

    @property
    def predictive(self) -> Floats:
        """Variance over mean of a new count, the doubt about the mean included."""
        return self.dispersion + self.mean * np.minimum(self.doubt, 1.0)


def expect(counts: NDArray[np.int32], at: References) -> Expectation:
    """Fit every cell of `counts` (periods x cells, negative = missing) on the references `at`.

    A trend that would predict more than was ever seen is left out (Farrington et al. 1996).
    """
    cells = np.arange(counts.shape[1])
    out = kernel.results(cells.size)
    _fit(counts, at, cells, at.trend, out)
    if at.trend:
        most = counts[at.first : at.first + at.fitted].max(axis=0)
        beyond = np.flatnonzero(out[kernel.MEAN] > most)
        if beyond.size:
            _fit(counts, at, beyond, False, out)
    _draw_together(out[kernel.DISPERSION], at)
    kinship = out[kernel.DISPERSION] / np.maximum(out[kernel.LEVEL_SPREAD], SPREAD_FLOOR)
    return Expectation(
        mean=_shrunk(out, kinship),
        dispersion=out[kernel.DISPERSION],
        doubt=out[kernel.VARIANCE],
        slope=out[kernel.SLOPE],
        plain=out[kernel.MEAN],
        kinship=kinship,
    )


def _draw_together(dispersion: Floats, at: References) -> None:
    """Shrink the dispersions, in place, as far as few degrees of freedom leave them open."""
    freedom = max(at.fitted - int(at.levels.max()) - 1 - at.trend, 0)
    usual = float(dispersion.mean()) if dispersion.size >= MANY else USUAL_DISPERSION
    dispersion *= freedom / (freedom + PRIOR_FREEDOM)
    dispersion += usual * PRIOR_FREEDOM / (freedom + PRIOR_FREEDOM)


def _fit(
    counts: NDArray[np.int32], at: References, cells: NDArray[np.int64], trend: bool, out: Floats
) -> None:
    kernel.fit(
        counts,
        cells,
        at.first,
        at.levels[: at.fitted],
        int(at.levels.max()) + 1,
        at.used,
        int(at.levels[-1]),
        trend,
        WEIGHTS_THRESHOLD,
        float(at.levels.size - 1),
        out,
    )


def _shrunk(out: Floats, kinship: Floats) -> Floats:
    """Empirical Bayes: the level's count with a Gamma prior around the level-free expectation.

    Clayton and Kaldor (1987), Biometrics 43:671-681, doi:10.2307/2532003.
    """
    level = (kinship + out[kernel.LEVEL_SEEN]) / (kinship + out[kernel.LEVEL_FLAT])
    shrunk: Floats = out[kernel.FLAT] * level
    return shrunk
