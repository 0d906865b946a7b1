"""What the compiled fit works on: the references of all cells, and room for a block of these."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from amends.engines.detection.baseline.fields import LANES

side_by_side = njit(cache=True, nogil=True, error_model="numpy")
"""For loops over the cells of a block; a division by nothing raises nothing. Operations are done as
they are written: how LLVM would reorder them hangs on what it compiled before, and on a worker of
Spark that is something else."""


class Times(NamedTuple):
    """The references, the same for all cells.

    u        times, from -1 at the first reference to 1 at the last
    step     from one to the next
    groups   levels
    used     1 where a reference counts, 0 where it is left out
    moments  power series of their sums (`alike.moments_of`)
    """

    u: Any
    step: Any
    groups: Any
    used: Any
    moments: Any


class Block(NamedTuple):
    """Cells side by side: references x cells, levels x cells, or one a cell.

    y               counts
    counted, total  weighted counts by level, and their sum by time
    by              sums by level of w e^(slope u) u^j, for j = 0, 1, 2
    level, centre   observed over expected, and mean time
    square          sums by level of w y^2 / e^(slope u)
    slope, spread   log a unit of time; spread of times by which it is known
    move            Newton's last for the slope
    scale           weight of a cell's references but the few outbreaks of its past
    phi             dispersion
    near, lost      whether a residual lies at the weighting threshold; whether the fit is elsewhere
    rows, lanes, times, gone  of the few: reference, cell, time, and how much less it weighs
    """

    y: Any
    counted: Any
    by: Any
    level: Any
    centre: Any
    square: Any
    inverse: Any
    total: Any
    least: Any
    most: Any
    slope: Any
    spread: Any
    move: Any
    scale: Any
    phi: Any
    near: Any
    lost: Any
    known: Any
    power: Any
    ratio: Any
    width: Any
    over: Any
    rows: Any
    lanes: Any
    times: Any
    gone: Any
    taken: Any


@njit(cache=True, nogil=True)
def allocate(n, n_groups):  # type: ignore[no-untyped-def]
    """Room for a block of cells with `n` references of `n_groups` levels."""
    each = np.zeros((15, LANES))
    by_level = np.zeros((5, n_groups, LANES))
    few = np.empty((3, n * LANES))
    return Block(
        np.empty((n, LANES), np.int32),
        by_level[0],
        np.empty((3, n_groups, LANES)),
        by_level[1],
        by_level[2],
        by_level[3],
        by_level[4],
        each[0],
        each[1],
        each[2],
        each[3],
        each[4],
        each[5],
        each[6],
        each[7],
        each[8],
        each[9],
        each[10],
        each[11],
        each[12],
        each[13],
        each[14],
        np.empty(n * LANES, np.int64),
        np.empty(n * LANES, np.int64),
        few[0],
        few[1],
        few[2],
    )
