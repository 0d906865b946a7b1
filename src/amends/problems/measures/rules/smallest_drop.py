"""The smallest drop that a plan could show, before anything is done.

The weeks to come are taken to be like the newest ones on record: the same counts, repeated up to
the day of judgement. On them the test of the judgement itself says which drop it would have shown
in four of five cases (`detection/effect.py`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from amends.engines.detection.effect import LEAST_BEFORE, effect
from amends.problems.measures.rules.measure_terms import MeasureTerms, after_and_left_out, weeks_of
from amends.problems.measures.rules.rectification import MeasureCounts

Floats = NDArray[np.float64]


def smallest_drop(counted: MeasureCounts, terms: MeasureTerms) -> float | None:
    """The smallest drop (0 to 1) that the plan could show; None where too little is on record.

    counted  the weeks up to today, as they would be judged
    """
    week_count = len(counted.weeks)
    if week_count < LEAST_BEFORE:
        return None
    weeks = weeks_of(terms, first=counted.weeks[0], on=terms.judge_on)
    coming = len(weeks) - week_count
    if coming < 1:
        return None
    after, left = after_and_left_out(terms, weeks)
    rate_effect = effect(
        _continued(counted.treated, coming),
        after,
        control=None if counted.control is None else _continued(counted.control, coming),
        users=_held(counted.users, coming),
        control_users=_held(counted.control_users, coming),
        left_out=left,
        expected_drop=terms.expected_drop_permille / 1000,
    )
    drop = rate_effect.smallest_detectable_drop
    return float(drop) if 0.0 < drop < 1.0 else None


def _continued(counts: Floats, coming: int) -> Floats:
    """Counts a week with the newest ones repeated for the weeks to come."""
    newest = counts[-min(len(counts), coming) :]
    return np.concatenate([counts, np.resize(newest, coming)])


def _held(users: Floats, coming: int) -> Floats:
    """Users a week, as many to come as there are now."""
    return np.concatenate([users, np.repeat(users[-1:], coming)])
