"""Whether the clock behind hourly counts was moved: a zone changed, an export in another one.

The hours of the day of the newest week are held against those before, turned by each number of
hours: the turn that makes the new counts likeliest (Poisson) is the shift, if it is much likelier
than none.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

HOURS = 24
NEW_DAYS, OLD_DAYS = 7, 28
CLEARLY = 12.0


def shifted(counts: NDArray[np.int32]) -> int:
    """Hours by which the newest week's day is later (+) or earlier (-) than before; 0 if not.

    counts  of the whole, an hour each, the newest last; negative = missing

    >>> day = np.array([1] * 8 + [20] * 12 + [3] * 4, dtype=np.int32)
    >>> shifted(np.concatenate([np.tile(day, 28), np.roll(np.tile(day, 7), 8)]))
    8
    >>> shifted(np.tile(day, 35))
    0
    """
    recent_hours = counts[-(NEW_DAYS + OLD_DAYS) * HOURS :]
    if recent_hours.size < (NEW_DAYS + OLD_DAYS) * HOURS:
        return 0
    days = np.maximum(recent_hours, 0).reshape(-1, HOURS)
    old, new = days[:OLD_DAYS].sum(axis=0), days[OLD_DAYS:].sum(axis=0)
    if not old.any() or not new.any():
        return 0
    share = (old + 1.0) / (old.sum() + HOURS)
    # Days are not alike, so counts speak less than as many independent ones would.
    usual = days.sum(axis=1).mean()
    weight = 1.0 / max(float(days.sum(axis=1).var()) / max(float(usual), 1.0), 1.0)
    log_likelihoods = [weight * float(new @ np.log(np.roll(share, turn))) for turn in range(HOURS)]
    best = int(np.argmax(log_likelihoods))
    if log_likelihoods[best] - log_likelihoods[0] < CLEARLY:
        return 0
    return best if best <= HOURS // 2 else best - HOURS
