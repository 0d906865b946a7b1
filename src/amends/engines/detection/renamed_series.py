"""Series that are not what they were: areas merged or split, classes counted by a new version.

A merged area is counted as one from the beginning. Of an area that was split nobody knows where its
old complaints would belong: its parts are unknown before they began, and itself from then on. What
a class counts under a new version of the classes is unknown before that version. Unknown is not
zero: `baseline.expect` judges no cell of fewer than eight known periods, so that a new name is no
outbreak, and the whole, which keeps its history, still tells a real one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int32]

MISSING = -1
LARGEST = 2**31 - 1


@dataclass(frozen=True, slots=True)
class RenamedSeries:
    """The series `old` goes on as `new`: one name for a merger, several for a split."""

    old: str
    new: tuple[str, ...]

    @classmethod
    def read(cls, text: str) -> RenamedSeries | None:
        """`OLD -> NEW` or `OLD -> NEW, NEW`; None if it is neither.

        >>> RenamedSeries.read("north -> north-east, north-west")
        RenamedSeries(old='north', new=('north-east', 'north-west'))
        """
        old, arrow, new_names = text.partition("->")
        new = tuple(name.strip() for name in new_names.split(",") if name.strip())
        return cls(old.strip(), new) if arrow and old.strip() and new else None


def moved(
    series: Sequence[str], counts: Counts, moves: Sequence[RenamedSeries]
) -> tuple[list[str], Counts]:
    """Series and counts (periods x series, -1 unknown) after the moves.

    >>> names, counts = moved(["a", "b", "c"], np.array([[3, 2, 0], [0, 0, 6]]),
    ...                       [RenamedSeries("a", ("c",)), RenamedSeries("b", ("c",))])
    >>> names, counts.tolist()
    (['c'], [[5], [6]])
    """
    columns = {name: counts[:, at].astype(np.int64) for at, name in enumerate(series)}
    for move in moves:
        if move.old not in columns:
            continue
        if len(move.new) == 1:
            old = columns.pop(move.old)
            columns[move.new[0]] = _sum(old, columns.get(move.new[0]))
        else:
            _split(columns, move)
    moved_counts = np.stack([np.minimum(each, LARGEST) for each in columns.values()], axis=1)
    return list(columns), moved_counts.astype(np.int32)


def unknown_before(counts: Counts, row: int, cells: Sequence[int]) -> Counts:
    """Counts with nothing known of `cells` before `row`."""
    changed = counts.copy()
    changed[:row, list(cells)] = MISSING
    return changed


def _sum(first: NDArray[np.int64], second: NDArray[np.int64] | None) -> NDArray[np.int64]:
    if second is None:
        return first
    total = np.maximum(first, 0) + np.maximum(second, 0)
    return np.where((first < 0) & (second < 0), MISSING, total)


def _split(columns: dict[str, NDArray[np.int64]], move: RenamedSeries) -> None:
    parts = [name for name in move.new if name in columns]
    began = [np.flatnonzero(columns[name] > 0) for name in parts]
    rows = [int(each[0]) for each in began if each.size]
    if not rows:
        return
    first = min(rows)
    for name in parts:
        columns[name] = columns[name].copy()
        columns[name][:first] = MISSING
    columns[move.old] = columns[move.old].copy()
    columns[move.old][first:] = MISSING
