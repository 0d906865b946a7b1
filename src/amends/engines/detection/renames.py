"""Series that look renamed, merged or split: others lost what they gained, and stay low.

Only what is beyond doubt is named: a series surely lost a large part of what was expected, by a
level that holds for all series and periods together; what rose in the same periods adds up to what
was lost; and no other series could be meant.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from amends.engines.detection.scan import Scan

Floats = NDArray[np.float64]

OVER = 4
"""Periods looked at together."""
MOST_LOSERS = 20
"""So many of those that lost most are looked at, the surest first."""
BY_CHANCE = 0.001
"""Chance that any series of a file without a rename is taken for one that lost."""
LEAST_LOST, SURELY_MORE, NEARNESS = 0.3, 4.0, 3.0
"""Share of the expected that a loser lost; deviations of a rise; deviations and share by which gain
and loss may differ."""
NEARNESS_SHARE = 0.4


@dataclass(frozen=True, slots=True)
class Rename:
    """Columns of the series that lost and of those that gained, and the row of the scan by which
    they had: one and one is a new name, several and one a merger, one and several a split."""

    old: tuple[int, ...]
    new: tuple[int, ...]
    row: int


@dataclass(frozen=True, slots=True)
class _Windows:
    """Sums over the last `OVER` periods at each row, periods x series, and their variance."""

    excess: Floats
    expected: Floats
    variance: Floats

    @property
    def deviations(self) -> Floats:
        return self.excess / np.sqrt(self.variance)


def renames(counts: NDArray[np.int32], scan_result: Scan, kinds: Sequence[str]) -> list[Rename]:
    """What of a scan's alarms is nothing but new names.

    counts  of the periods scanned, periods x series
    kinds   what each series is one of (the name of its column); only series of one kind replace
            each other
    """
    if scan_result.newest is None:
        return []
    windows = _windows(counts, scan_result)
    deviations = windows.deviations
    surely = ndtri(BY_CHANCE / deviations.size)
    lost = np.where(windows.excess < -LEAST_LOST * windows.expected, deviations, 0.0)
    row_of = lost.argmin(axis=0)
    surest = lost.min(axis=0)
    losers = np.flatnonzero(surest < surely)
    losers = losers[np.argsort(surest[losers])][:MOST_LOSERS]
    hot = _any_in_window(scan_result.alarms)
    kind = np.asarray(kinds)
    pairs_by_cells: dict[frozenset[int], Rename] = {}
    for loser in losers.tolist():
        row = int(row_of[loser])
        same_kind = kind == kind[loser]
        fell = np.flatnonzero(same_kind & (lost[row] < surely))
        rose = np.flatnonzero(same_kind & hot[row] & (deviations[row] > SURELY_MORE))
        if (pair := _matched(windows, row, loser, fell, rose)) is not None:
            pairs_by_cells.setdefault(frozenset((*pair.old, *pair.new)), pair)
    return list(pairs_by_cells.values())


def _matched(
    windows: _Windows, row: int, loser: int, fell: NDArray[np.int64], rose: NDArray[np.int64]
) -> Rename | None:
    """The rename that `one`, one of those that `fell`, is part of; None where it is not sure."""
    if not rose.size:
        return None
    if (fell.size == 1 or rose.size == 1) and _alike(windows, row, fell, rose):
        return Rename(tuple(fell.tolist()), tuple(rose.tolist()), row)
    old = np.array([loser])
    heirs = [each for each in rose.tolist() if _alike(windows, row, old, np.array([each]))]
    if len(heirs) != 1:
        return None
    rivals = [
        each for each in fell.tolist() if _alike(windows, row, np.array([each]), np.array(heirs))
    ]
    return Rename((loser,), (heirs[0],), row) if rivals == [loser] else None


def _alike(windows: _Windows, row: int, fell: NDArray[np.int64], rose: NDArray[np.int64]) -> bool:
    """Whether what rose gained is what the others lost."""
    both = np.concatenate([fell, rose])
    gained, lost = windows.excess[row, rose].sum(), -windows.excess[row, fell].sum()
    off = abs(gained - lost)
    spread = np.sqrt(windows.variance[row, both].sum())
    return bool(off <= NEARNESS * spread and off <= NEARNESS_SHARE * max(gained, lost))


def _windows(counts: NDArray[np.int32], scan_result: Scan) -> _Windows:
    assert scan_result.newest is not None
    is_known = (counts >= 0) & np.isfinite(scan_result.mean)
    seen = _summed(np.where(is_known, counts, 0).astype(float))
    expected = _summed(np.where(is_known, scan_result.mean, 0.0))
    dispersion = np.maximum(np.nan_to_num(scan_result.newest.dispersion, nan=1.0), 1.0)
    doubt = np.minimum(np.nan_to_num(scan_result.newest.doubt, nan=1.0, posinf=1.0), 1.0)
    level = np.maximum(np.maximum(expected, seen), 1.0)
    return _Windows(seen - expected, expected, level * dispersion + expected**2 * doubt)


def _summed(values: Floats) -> Floats:
    """Sums over the last `OVER` rows."""
    total = np.cumsum(values, axis=0)
    total[OVER:] -= total[:-OVER].copy()
    return total


def _any_in_window(alarms: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return _summed(alarms.astype(float)) > 0.5
