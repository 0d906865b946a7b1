"""Alarms of a file that may be nothing but a new name: what rose, its siblings have lost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from amends.detection.clusters import moved
from amends.detection.scan import Scan
from amends.hotissues.complaint_rows import TOTAL
from amends.hotissues.counts_file import CountsFile
from amends.kit.errors import gettext_noop as _
from amends.kit.translatable import Translatable

OVER = 4
"""Periods an alarm looks at together."""
MOST = 5
LEFT = 0.2
"""A series that holds no more of what was expected has gone into another."""
_SAID = _(
    "What %(here)s has more by %(period)s others have less, %(most)s most of all. If a class or an "
    "area was renamed, split or merged, say so with %(moves)s or a column version; if not, look at "
    "both."
)


@dataclass(frozen=True, slots=True)
class _Rise:
    """A series that rose, the one that lost most, and those that are all but gone; row of the
    alarm."""

    cell: int
    most: int
    gone: tuple[int, ...]
    row: int


def looks_moved(file: CountsFile, found: Scan) -> list[str]:
    """What to say of each series whose rise others of its kind lost, and how to tell the scan."""
    size = found.alarms.shape[0]
    counts = np.maximum(file.counts[-size:], 0).astype(float)
    kinds = [name.partition("=")[0] if "=" in name else "" for name in file.series]
    rose: list[_Rise] = []
    for cell in np.flatnonzero(found.alarms.any(axis=0)).tolist():
        row = int(np.flatnonzero(found.alarms[:, cell])[-1])
        since = slice(max(row - OVER + 1, 0), row + 1)
        beside = [
            at for at, name in enumerate(file.series)
            if at != cell and kinds[at] == kinds[cell] and name != TOTAL
        ]  # fmt: skip
        seen, expected = counts[since].sum(axis=0), np.nansum(found.mean[since], axis=0)
        excess = float(seen[cell] - expected[cell])
        if not beside or not moved(excess, seen[beside], expected[beside]):
            continue
        gone = [
            at for at in beside if seen[at] <= LEFT * expected[at] and expected[at] > excess / 4
        ]
        most = beside[int((expected[beside] - seen[beside]).argmax())]
        rose.append(_Rise(cell, most, tuple(gone), row))
    return [
        Translatable(
            _SAID,
            here=file.series[one.cell],
            most=file.series[one.most],
            moves=_moves(file, one, rose),
            period=file.label(file.counts.shape[0] - size + one.row),
        )
        for one in rose[:MOST]
    ]


def _moves(file: CountsFile, one: _Rise, rose: list[_Rise]) -> str:
    """What to add to the command: all that went into this series, or all into which one went."""
    if len(one.gone) > 1:
        return " ".join(f"--move '{file.series[at]} -> {file.series[one.cell]}'" for at in one.gone)
    into = [file.series[other.cell] for other in rose if other.most == one.most]
    return f"--move '{file.series[one.most]} -> {', '.join(into)}'"
