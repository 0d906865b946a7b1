"""Alarms of a file that may be nothing but a new name: what rose, its siblings have lost."""

from __future__ import annotations

import numpy as np

from amends.hotissues.complaint_rows import TOTAL
from amends.hotissues.counts_file import CountsFile
from amends.hotissues.rules.clusters import moved
from amends.hotissues.rules.scan import Scan
from amends.kit.errors import gettext_noop as _
from amends.kit.said import Said

OVER = 4
"""Periods an alarm looks at together."""
MOST = 5


def looks_moved(file: CountsFile, found: Scan) -> list[str]:
    """What to say of each series whose rise others of its kind lost, and how to tell the scan."""
    notes: list[str] = []
    size = found.alarms.shape[0]
    counts = np.maximum(file.counts[-size:], 0).astype(float)
    kinds = [name.partition("=")[0] if "=" in name else "" for name in file.series]
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
        here = file.series[cell]
        most = file.series[beside[int((expected[beside] - seen[beside]).argmax())]]
        notes.append(
            Said(
                _(
                    "What %(here)s has more by %(period)s others have less, %(most)s most of all. "
                    "If a class or an area was renamed, split or merged, say so with "
                    "--move '%(most)s -> %(here)s' or a column version; if not, look at both."
                ),
                here=here,
                most=most,
                period=file.label(file.counts.shape[0] - size + row),
            )
        )
    return notes[:MOST]
