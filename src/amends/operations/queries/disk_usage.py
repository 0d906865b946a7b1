"""How much of a disk is taken."""

from __future__ import annotations

import os
from pathlib import Path


def used_share(path: Path) -> float | None:
    """The share of room, or of places for files where less of those is left, that is taken.

    As `df` counts it: what is kept for root is no room for us.
    """
    try:
        at = os.statvfs(path)
    except OSError:
        return None
    used = at.f_blocks - at.f_bfree
    room = used + at.f_bavail
    files = 1 - at.f_favail / at.f_files if at.f_files else 0.0
    return max(used / room if room else 1.0, files)
