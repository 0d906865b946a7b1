"""Alarms of one cell, joined to issues: an issue goes on while its alarms are near each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from amends.engines.detection.baseline.references import Period

JOINED: dict[Period, int] = {"week": 2, "day": 3, "hour": 24}


@dataclass(frozen=True, slots=True)
class Issue:
    """One run of alarms: cell, first and last period in alarm, how many periods were in alarm."""

    cell: int
    first: int
    last: int
    alarms: int


def issues(alarms: NDArray[np.bool_], *, period: Period) -> list[Issue]:
    """The issues of a scan (periods x cells), the newest first.

    >>> issues(np.array([[1], [1], [0], [1], [0], [0], [0], [0], [1]], bool), period="day")
    [Issue(cell=0, first=8, last=8, alarms=1), Issue(cell=0, first=0, last=3, alarms=3)]
    """
    issue_list: list[Issue] = []
    for cell in np.flatnonzero(alarms.any(axis=0)).tolist():
        rows = np.flatnonzero(alarms[:, cell])
        for run in np.split(rows, np.flatnonzero(np.diff(rows) > JOINED[period]) + 1):
            issue_list.append(
                Issue(cell=cell, first=int(run[0]), last=int(run[-1]), alarms=run.size)
            )
    return sorted(issue_list, key=lambda issue: (-issue.first, issue.cell))
