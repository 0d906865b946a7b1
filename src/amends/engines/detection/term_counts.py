"""Who says each term, asked a thousand times in the search for words that burst (`words`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class TermColumns:
    """The rows of each column, one column after the other: columns are terms, rows who says them.

    A library's sparse matrix takes longer to be asked than the few rows of a term take to count.

    >>> said = TermColumns.of(np.array([0, 1, 0, 1]), np.array([1, 1, 0, 1]), 3, 2)
    >>> said[1].tolist(), said.any([0]).tolist()
    ([0, 1], [True, False, False])
    >>> said.counts(np.array([0, 1, 1]), 2).tolist()
    [[1, 1], [0, 1]]
    """

    rows: Ints
    ends: Ints
    height: int

    @classmethod
    def of(cls, rows: Ints, columns: Ints, height: int, width: int) -> TermColumns:
        """From pairs of a row and a column it says, in any order, and as often as it likes."""
        pairs = np.sort(columns * max(height, 1) + rows)
        distinct = pairs[np.flatnonzero(np.diff(pairs, prepend=-1))]
        term_numbers, by = np.divmod(distinct, max(height, 1))
        ends = np.concatenate([[0], np.cumsum(np.bincount(term_numbers, minlength=width))])
        return cls(by, ends.astype(np.int64), height)

    @property
    def sizes(self) -> Ints:
        """How many rows each column has."""
        return np.diff(self.ends)

    def __getitem__(self, column: int) -> Ints:
        return self.rows[self.ends[column] : self.ends[column + 1]]

    def within(self, chosen: NDArray[np.bool_], columns: Ints) -> TermColumns:
        """The chosen rows, numbered anew, and these columns (in order)."""
        number = np.cumsum(chosen) - 1
        of_entry = np.repeat(np.arange(self.ends.size - 1), self.sizes)
        wanted = np.zeros(self.ends.size - 1, dtype=bool)
        wanted[columns] = True
        is_kept = chosen[self.rows] & wanted[of_entry]
        sizes = np.bincount(of_entry[is_kept], minlength=wanted.size)[columns]
        ends = np.concatenate([[0], np.cumsum(sizes)])
        return TermColumns(number[self.rows[is_kept]], ends, int(chosen.sum()))

    def counts(self, labels: Ints, size: int, free: NDArray[np.bool_] | None = None) -> Ints:
        """[label, column] how many rows of each label say it, of those that are free."""
        width = self.ends.size - 1
        entry = labels[self.rows] * width + np.repeat(np.arange(width), self.sizes)
        if free is not None:
            entry = entry[free[self.rows]]
        return np.bincount(entry, minlength=size * width).reshape(size, width)

    def any(self, group: Sequence[int]) -> NDArray[np.bool_]:
        """Which rows say any of a group of terms."""
        says_any = np.zeros(self.height, dtype=bool)
        for column in group:
            says_any[self[column]] = True
        return says_any
