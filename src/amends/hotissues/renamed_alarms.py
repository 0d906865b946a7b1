"""Alarms of a file that are nothing but new names, and how to tell the scan."""

from __future__ import annotations

import numpy as np

from amends.detection.renames import Rename, renames
from amends.detection.scan import Scan
from amends.hotissues.complaint_rows import TOTAL
from amends.hotissues.counts_file import CountsFile
from amends.kit.errors import gettext_noop as _
from amends.kit.translatable import Translatable

MOST = 5
_SAID = _(
    "What %(here)s has more by %(period)s %(gone)s has less. If a class or an area was renamed, "
    "split or merged, say so with %(moves)s or a column version; if not, look at both."
)


def looks_moved(file: CountsFile, found: Scan) -> list[str]:
    """What to say of series that rose by what others of their kind lost."""
    size = found.alarms.shape[0]
    kinds = [
        "\0" if name == TOTAL else name.partition("=")[0] if "=" in name else ""
        for name in file.series
    ]
    counts = np.ascontiguousarray(file.counts[-size:])
    return [
        Translatable(
            _SAID,
            here=", ".join(file.series[at] for at in one.new),
            gone=", ".join(file.series[at] for at in one.old),
            moves=_moves(file, one),
            period=file.label(file.counts.shape[0] - size + one.row),
        )
        for one in renames(counts, found, kinds)[:MOST]
    ]


def _moves(file: CountsFile, one: Rename) -> str:
    """What to add to the command."""
    new = ", ".join(file.series[at] for at in one.new)
    return " ".join(f"--move '{file.series[at]} -> {new}'" for at in one.old)
