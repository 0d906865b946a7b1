"""Memory, processor time and open files of this process, from /proc as Linux documents it."""

from __future__ import annotations

import resource
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ProcessFigures:
    """Zero where the system does not tell."""

    resident_bytes: int
    cpu_s: float
    open_files: int


def process_figures() -> ProcessFigures:
    """Those of this process, now."""
    return ProcessFigures(_resident_bytes(), time.process_time(), _open_files())


def _resident_bytes() -> int:
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * resource.getpagesize()


def _open_files() -> int:
    try:
        return sum(1 for _file in Path("/proc/self/fd").iterdir())
    except OSError:
        return 0
