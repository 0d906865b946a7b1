"""What is expected of each cell in one period: from its past, shrunk where that is thin."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from amends.engines.detection.baseline import fields
from amends.engines.detection.baseline import initial_fit as working
from amends.engines.detection.baseline.references import LEAST, References

Floats = NDArray[np.float64]
Counts = NDArray[np.int32]

WEIGHTS_THRESHOLD = 2.58
SPREAD_FLOOR = 1e-9
# A dispersion from few periods is drawn towards that of the other cells, or where there are fewer
# than MANY towards one usual for complaints, with the weight of so many degrees of freedom.
PRIOR_FREEDOM = 12.0
USUAL_DISPERSION = 1.5
MANY = 20
ALIKE_AT_FIRST = 5.0
ENOUGH_SEEN = 0.5
LEAST_PART = 2_000


@dataclass(frozen=True, slots=True)
class Expectation:
    """One period's expectation, an entry a cell.

    mean        expected count: the level's own, shrunk to the level-free one as far as levels
                differ no more than by chance
    dispersion  variance over mean of a count around its true mean
    doubt       variance of log(mean) from the fit
    slope       trend, log per period
    plain       expected count, and `plain_dispersion`, without shrinkage, as in the papers
    flat        expected count without levels: of a season in the mean
    kinship     how alike levels are, as a prior count: 0 where each stands for itself
    profile     what the levels of all cells are like, which those of each are shrunk towards
    """

    mean: Floats
    dispersion: Floats
    doubt: Floats
    slope: Floats
    plain: Floats
    plain_dispersion: Floats
    flat: Floats
    kinship: Floats
    profile: Floats

    @property
    def predictive(self) -> Floats:
        """Variance over mean of a new count, the doubt about the mean included."""
        return self.dispersion + self.mean * np.minimum(self.doubt, 1.0)


def expect(
    counts: Counts,
    at: References,
    *,
    workers: int = 1,
    as_published: bool = False,
) -> Expectation:
    """What the last period judged by the references `at` is expected to bring (`expect_each`)."""
    return expect_each(counts, at, workers=workers, as_published=as_published)[-1]


def expect_each(
    counts: Counts,
    at: References,
    *,
    workers: int = 1,
    as_published: bool = False,
) -> list[Expectation]:
    """Fit every cell of `counts` (periods x cells, negative = missing) on the references `at`; an
    expectation for each period judged by them.

    workers  threads
    as_published  fit cells with a residual at the weighting threshold again by `working`, where the
                  figures of other programs hang on how their fit stops

    A trend predicts no more than was ever seen. As published it is left out where it would
    (Farrington et al. 1996); where a season is at its height that takes away growth that is real:
    at such peaks of scenario 18 of Noufaily et al. (2013) 0.43 of the count was expected then, and
    three of five false cells in lists of what is new stood there.
    """
    cells = np.arange(counts.shape[1])
    out = fields.results(cells.size, at.judged)
    profile = _profile(counts, at)
    for_each_part(
        lambda low, high: _fit(counts, at, cells[low:high], at.trend, profile, out),
        cells.size,
        workers,
    )
    if as_published:
        _fit_near(counts, at, np.flatnonzero(out[0, fields.NEAR]), at.trend, profile, out)
    seen = out[0, fields.KNOWN]
    upper_limit = out[0, fields.MOST] if at.trend else np.full(cells.size, np.inf)
    if as_published:
        beyond = np.flatnonzero(out[0, fields.MEAN] > upper_limit)
        if beyond.size:
            _fit(counts, at, beyond, False, profile, out)
            _fit_near(counts, at, beyond[out[0, fields.NEAR, beyond] > 0], False, profile, out)
    thin = np.flatnonzero(seen < ENOUGH_SEEN * at.fitted)
    if thin.size:
        # A cell that began lately, or was counted under another class before, has no season yet.
        flat = replace(at, levels=np.zeros_like(at.levels), trend=False)
        _fit(counts, flat, thin, False, np.ones(1), out)
        out[:, fields.MEAN : fields.DISPERSION + 1, seen < LEAST] = np.nan
        out[:, fields.FLAT, seen < LEAST] = np.nan
    levels = at.levels[-at.judged :].tolist()
    return [
        _expectation(cell_output, at, level, seen, upper_limit, profile)
        for cell_output, level in zip(out, levels, strict=True)
    ]


def _expectation(
    out: Floats,
    at: References,
    level: int,
    seen: Floats,
    upper_limit: Floats | float,
    profile: Floats,
) -> Expectation:
    """Of one period, from what its fit gave."""
    own = out[fields.DISPERSION].copy()
    _draw_together(out[fields.DISPERSION], at, seen)
    kinship = out[fields.DISPERSION] / np.maximum(out[fields.LEVEL_SPREAD], SPREAD_FLOOR)
    if level in at.festive:
        full = seen >= ENOUGH_SEEN * at.fitted
        kinship[full] = _alike_in_a_holiday(out[:, full])
    return Expectation(
        mean=np.minimum(_shrunk(out, kinship), upper_limit),
        dispersion=out[fields.DISPERSION],
        doubt=out[fields.VARIANCE],
        slope=out[fields.SLOPE],
        plain=out[fields.MEAN],
        plain_dispersion=own,
        flat=out[fields.FLAT],
        kinship=kinship,
        profile=profile,
    )


def _profile(counts: Counts, at: References) -> Floats:
    """What the levels of all cells are like: their sums over what the cells' means lead to expect.

    Ones where levels are a cell's own (seasons of the year) or the cells are few; but what a
    movable holiday does is always told from all cells there are, for each has seen few of them:
    shrunk to its other weeks, a twofold holiday would be expected to be less.
    """
    size = int(at.levels.max()) + 1
    common = at.alike and counts.shape[1] >= MANY
    if not common and not at.festive:
        return np.ones(size)
    past = counts[at.first : at.first + at.fitted]
    is_known = past >= 0
    seen = np.where(is_known, past, 0)
    levels = at.levels[: at.fitted]
    # A slice where there is no holiday, for a selection copies the counts of every cell.
    plain = ~np.isin(levels, at.festive) if at.festive else slice(None)
    usual = seen[plain].sum(axis=0) / np.maximum(is_known[plain].sum(axis=0), 1)
    counted = np.bincount(levels, weights=seen.sum(axis=1), minlength=size)
    expected = np.bincount(levels, weights=is_known @ usual, minlength=size)
    profile: Floats = (counted + ALIKE_AT_FIRST) / (expected + ALIKE_AT_FIRST)
    return profile if common else np.where(np.isin(np.arange(size), at.festive), profile, 1.0)


def _alike_in_a_holiday(out: Floats) -> Floats:
    """How alike the holiday is in all cells, as a prior count; nothing known of it in few cells.

    By moments over the cells: the square of a count's distance from what is expected has the mean
    dispersion x expected + spread x expected^2.
    """
    dispersion, seen = out[fields.DISPERSION], out[fields.LEVEL_SEEN]
    expected = np.maximum(out[fields.LEVEL_FLAT], 1e-9)
    if expected.size < MANY:
        return np.zeros(expected.size)
    beyond = float(((seen - expected) ** 2 / expected - dispersion).sum())
    spread = max(beyond / float(expected.sum()), SPREAD_FLOOR)
    likeness: Floats = dispersion / spread
    return likeness


def for_each_part(work: Callable[[int, int], None], size: int, workers: int) -> None:
    """Do `work` on [low, high) parts of `size` cells, in threads where there is enough of it."""
    parts = min(workers, size // LEAST_PART) or 1
    ends = [size * n // parts for n in range(parts + 1)]
    if parts == 1:
        work(0, size)
        return
    with ThreadPoolExecutor(parts) as pool:
        list(pool.map(work, ends[:-1], ends[1:]))


def _draw_together(dispersion: Floats, at: References, seen: Floats) -> None:
    """Shrink the dispersions, in place, as far as few degrees of freedom leave them open."""
    freedom = np.maximum(seen - int(at.levels.max()) - 1 - at.trend, 0.0)
    is_known = np.isfinite(dispersion)
    many = int(is_known.sum()) >= MANY
    usual = float(dispersion[is_known].mean()) if many else USUAL_DISPERSION
    dispersion *= freedom / (freedom + PRIOR_FREEDOM)
    dispersion += usual * PRIOR_FREEDOM / (freedom + PRIOR_FREEDOM)


def _fit(
    counts: Counts,
    at: References,
    cells: NDArray[np.int64],
    trend: bool,
    profile: Floats,
    out: Floats,
) -> None:
    from amends.engines.detection.baseline import (
        kernel,  # Not before something is fitted: it is compiled.
    )

    _fit_by(kernel.fit, counts, at, cells, trend, profile, out)


def _fit_near(
    counts: Counts,
    at: References,
    cells: NDArray[np.int64],
    trend: bool,
    profile: Floats,
    out: Floats,
) -> None:
    if cells.size:  # Few periods have such a cell: what nobody asks for is not compiled.
        _fit_by(working.fit, counts, at, cells, trend, profile, out)


def _fit_by(
    fit: Callable[..., Any],
    counts: Counts,
    at: References,
    cells: NDArray[np.int64],
    trend: bool,
    profile: Floats,
    out: Floats,
) -> None:
    fit(
        counts,
        cells,
        at.first,
        at.levels[: at.fitted],
        int(at.levels.max()) + 1,
        at.used,
        at.levels[-at.judged :],
        trend,
        WEIGHTS_THRESHOLD,
        float(at.levels.size - 1),
        profile,
        out,
    )


def _shrunk(out: Floats, kinship: Floats) -> Floats:
    """Empirical Bayes: the level's count with a Gamma prior around the level-free expectation.

    Clayton and Kaldor (1987), Biometrics 43:671-681, doi:10.2307/2532003.
    """
    over = kinship + out[fields.LEVEL_FLAT]
    # An area that is no more: nothing is expected of it, and nothing is to be learnt of its level.
    level = np.divide(
        kinship + out[fields.LEVEL_SEEN], over, out=np.ones_like(over), where=over != 0
    )
    shrunk: Floats = out[fields.FLAT] * level
    return shrunk
