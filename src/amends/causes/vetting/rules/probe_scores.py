"""Scores of probe results: Apdex of the time, and the share of runs that passed."""

from __future__ import annotations

from collections.abc import Sequence


def apdex_of(times_ms: Sequence[float], failed: int, *, target_ms: float) -> float | None:
    """Apdex (Apdex Technical Specification 1.1, 2007): satisfied, and half of those tolerating,
    as a share of all runs; None without runs.

    times_ms   of the runs that passed; up to the target satisfied, up to four times it tolerating
    failed     runs that did not pass: frustrated

    >>> apdex_of([100, 200, 900], 1, target_ms=250)
    0.625
    >>> apdex_of([], 0, target_ms=250) is None
    True
    """
    runs = len(times_ms) + failed
    if not runs:
        return None
    satisfied = sum(1 for ms in times_ms if ms <= target_ms)
    tolerating = sum(1 for ms in times_ms if target_ms < ms <= 4 * target_ms)
    return (satisfied + tolerating / 2) / runs
