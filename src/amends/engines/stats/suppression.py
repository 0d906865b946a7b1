"""Small cells of published tables, hidden so that nobody gets them back by subtraction.

A table of counts with row sums, column sums and its total is published. Cells from 1 to k - 1 are
hidden; since sums would give them back, others are hidden with them (complementary suppression)
until whoever knows all that is printed, and that a hidden cell is at least 1, can only say of each
small cell that it lies in an interval at least `k` wide. Zeros are printed.

Cox (1980), Journal of the American Statistical Association 75:377-385, doi:10.2307/2287481 (cycles
in two-way tables); Fischetti and Salazar (2001), Management Science 47:1008-1027,
doi:10.1287/mnsc.47.7.1008.9805 (the attacker's linear programmes).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from amends.engines.stats.rates import FEWEST_COMPLAINTS

Cells = NDArray[np.int64]
Mask = NDArray[np.bool_]
Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class SuppressedCells:
    """What of a table is hidden: its cells, the sums of its rows and columns, its total."""

    cells: Mask
    rows: Mask
    columns: Mask
    total: bool

    def at(self, row: int, column: int) -> bool:
        """Whether a cell is hidden; the sums stand in the row and column after the last."""
        if row < len(self.rows):
            return bool(self.cells[row, column] if column < len(self.columns) else self.rows[row])
        return bool(self.columns[column]) if column < len(self.columns) else self.total

    @property
    def number(self) -> int:
        """How many cells and sums are hidden."""
        return int(self.cells.sum() + self.rows.sum() + self.columns.sum()) + self.total


def hide(table: Sequence[Sequence[int]], *, k: int = FEWEST_COMPLAINTS) -> SuppressedCells:
    """What must be hidden of a table of counts before it is published with its sums.

    table  counts from 0; a list of counts with its total is a table of one column
    k      the smallest count that may be printed

    >>> hidden = hide([[3, 40, 20], [30, 50, 60], [25, 35, 15]])
    >>> hidden.cells.astype(int).tolist()
    [[1, 0, 1], [0, 0, 0], [1, 0, 1]]
    >>> hide([[4], [5], [3]]).total, hide([[4], [30], [40]]).cells.ravel().tolist()
    (False, [True, True, False])
    """
    cells = np.asarray(table, dtype=np.int64)
    if cells.ndim != 2 or not cells.size or (cells < 0).any():
        raise ValueError("A table has at least one cell, and counts from 0.")
    if 0 < cells.sum() < k:
        return _everything(cells)
    extended = _extended(cells)
    hidden = _small(extended, k)
    _hide_sums(extended, hidden, k)
    # Hiding more only widens what can be said of a cell: one that is safe stays so.
    for i, j in np.argwhere(hidden & (extended < k)):
        position = (int(i), int(j))
        while _width(extended, hidden, position) < k - 1e-6:
            if not _protect(extended, hidden, position, k):
                return _only_the_total(cells)
    return _hidden(hidden)


def bounds(
    table: Sequence[Sequence[int]], hidden: SuppressedCells
) -> dict[Place, tuple[float, float]]:
    """What can be said of each hidden cell by who knows all that is printed: lowest and highest.

    Places are rows and columns; the sums stand in the row and column after the last.
    """
    cells = np.asarray(table, dtype=np.int64)
    extended = _extended(cells)
    mask = np.zeros(extended.shape, bool)
    mask[:-1, :-1], mask[:-1, -1], mask[-1, :-1] = hidden.cells, hidden.rows, hidden.columns
    mask[-1, -1] = hidden.total
    positions: list[Place] = [(int(i), int(j)) for i, j in np.argwhere(mask)]
    # A hidden cell is at least 1, unless so much is hidden that zeros are too.
    floor = 0 if (extended[mask] == 0).any() else 1
    return {position: _range(extended, mask, position, floor) for position in positions}


def _extended(cells: Cells) -> Cells:
    """The table with its sums in one row and one column more."""
    out = np.zeros((cells.shape[0] + 1, cells.shape[1] + 1), np.int64)
    out[:-1, :-1] = cells
    out[:-1, -1], out[-1, :-1], out[-1, -1] = cells.sum(1), cells.sum(0), cells.sum()
    return out


def _small(extended: Cells, k: int) -> Mask:
    hidden: Mask = (extended > 0) & (extended < k)
    return hidden


def _hide_sums(extended: Cells, hidden: Mask, k: int) -> None:
    """Hide further sums until the hidden ones of a side add up to more than any tells."""
    _hide_with(extended[:-1, -1], hidden[:-1, -1], k)
    _hide_with(extended[-1, :-1], hidden[-1, :-1], k)
    _hide_lines(extended, hidden)


def _hide_with(values: Cells, side: Mask, k: int) -> None:
    """One list with a printed total: the smallest others join until `k` can move between them."""
    while side.any() and not _moves(values, side, k):
        candidates = np.where(~side & (values > 0), values, np.iinfo(np.int64).max)
        index = int(candidates.argmin())
        if candidates[index] == np.iinfo(np.int64).max:
            return
        side[index] = True


def _moves(values: Cells, side: Mask, k: int) -> bool:
    """Whether each hidden value could be `k` more or less: the others can give or take it."""
    total = int(values[side].sum())
    number = int(side.sum())
    return number > 1 and total - number >= k


def _hide_lines(extended: Cells, hidden: Mask) -> None:
    """A hidden sum hides its line: printed cells would add up to it."""
    filled = extended > 0
    for i in np.flatnonzero(hidden[:-1, -1]):
        hidden[i, :-1] |= filled[i, :-1]
    for j in np.flatnonzero(hidden[-1, :-1]):
        hidden[:-1, j] |= filled[:-1, j]


def _width(extended: Cells, hidden: Mask, position: Place) -> float:
    low, high = _range(extended, hidden, position)
    return high - low


def _protect(extended: Cells, hidden: Mask, position: Place, k: int) -> bool:
    """Hide the cycle through a cell that gives it most room, the cheapest of them; without one,
    the sums of its lines. Whether anything more was hidden."""
    before = int(hidden.sum())
    ring = max(_rings(extended, hidden, position, k), default=None)
    if ring:
        for cell in ring[2]:
            hidden[cell] = True
    else:
        _hide_more_sums(extended, hidden, position, k)
    return int(hidden.sum()) > before


def _rings(
    extended: Cells, hidden: Mask, position: Place, k: int
) -> Iterator[tuple[int, int, list[Place]]]:
    """Cycles that hide something new: how far the cell can move, minus the cost, the cells."""
    i, j = position
    rows, columns = extended.shape[0] - 1, extended.shape[1] - 1
    if i == rows or j == columns:
        return
    for other_row in (n for n in range(rows) if n != i and extended[n, j] > 0):
        for across in (n for n in range(columns) if n != j and extended[i, n] > 0):
            ring = [(i, across), (other_row, j), (other_row, across)]
            if extended[other_row, across] < 1 or all(hidden[cell] for cell in ring):
                continue
            up = min(int(extended[i, across]), int(extended[other_row, j])) - 1
            down = min(int(extended[i, j]), int(extended[other_row, across])) - 1
            cost = sum(int(extended[cell]) for cell in ring if not hidden[cell])
            if up + down > 0:
                yield min(up + down, k), -cost, ring


def _hide_more_sums(extended: Cells, hidden: Mask, position: Place, k: int) -> None:
    """The sums of the cell's lines are hidden too, or one more sum where they are already."""
    i, j = position
    rows, columns = extended.shape[0] - 1, extended.shape[1] - 1
    for side, values, at, many in (
        (hidden[:-1, -1], extended[:-1, -1], i, rows),
        (hidden[-1, :-1], extended[-1, :-1], j, columns),
    ):
        if at >= many:
            continue
        if side[at]:
            candidates = np.where(~side & (values > 0), values, np.iinfo(np.int64).max)
            at = int(candidates.argmin())
        if values[at]:
            side[at] = True
        _hide_with(values, side, k)
    _hide_lines(extended, hidden)


def _range(extended: Cells, hidden: Mask, position: Place, floor: int = 1) -> tuple[float, float]:
    """The attacker's two linear programmes for one hidden cell."""
    positions: list[Place] = [(int(a), int(b)) for a, b in np.argwhere(hidden)]
    number = {cell: n for n, cell in enumerate(positions)}
    matrix, right = _equations(extended, hidden, number)
    aim = np.zeros(len(positions))
    aim[number[position]] = 1.0
    ends = []
    for sign in (1.0, -1.0):
        solution = scipy.optimize.linprog(
            sign * aim, A_eq=matrix, b_eq=right, bounds=(floor, None), method="highs"
        )
        ends.append(sign * solution.fun if solution.status == 0 else np.inf * -sign)
    return float(ends[0]), float(ends[1])


def _equations(
    extended: Cells, hidden: Mask, number: dict[Place, int]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Each line of the table adds up to its sum: what is hidden left, what is printed right."""
    rows, columns = extended.shape
    lines = [[(i, j) for j in range(columns)] for i in range(rows)]
    lines += [[(i, j) for i in range(rows)] for j in range(columns)]
    matrix, right = [], []
    for *parts, line_sum in lines:
        row = np.zeros(len(number))
        constant = 0.0
        for cell, sign in [*((part, 1.0) for part in parts), (line_sum, -1.0)]:
            if hidden[cell]:
                row[number[cell]] += sign
            else:
                constant -= sign * float(extended[cell])
        if row.any():
            matrix.append(row)
            right.append(constant)
    return np.array(matrix), np.array(right)


def _hidden(mask: Mask) -> SuppressedCells:
    return SuppressedCells(
        cells=mask[:-1, :-1], rows=mask[:-1, -1], columns=mask[-1, :-1], total=bool(mask[-1, -1])
    )


def _everything(cells: Cells) -> SuppressedCells:
    full = np.ones(_extended(cells).shape, bool)
    return _hidden(full)


def _only_the_total(cells: Cells) -> SuppressedCells:
    full = np.ones(_extended(cells).shape, bool)
    full[-1, -1] = False
    return _hidden(full)
