"""The scan compiled before it is needed: a quarter of a minute where it never ran, then nothing."""

from __future__ import annotations

from datetime import date
from multiprocessing import get_context
from multiprocessing.process import BaseProcess

import numpy as np

from amends.engines.detection.renamed_series import MISSING
from amends.engines.detection.scan import scan


def compiling() -> BaseProcess:
    """A process beside this one that compiles the scan of days and keeps what it compiled.

    To be joined: whoever scans before it is done compiles for itself.
    """
    process = get_context("spawn").Process(target=compile_scan, daemon=True)
    process.start()
    return process


def compile_scan() -> None:
    """Scan counts that say nothing, with all that may be in some: gaps, and rises."""
    counts = np.random.default_rng(1).poisson(2.0, (120, 80)).astype(np.int32)
    counts[50:60, :8], counts[-1, :8] = MISSING, 30
    scan(counts, last=2, period="day", start=date(2026, 1, 1))
