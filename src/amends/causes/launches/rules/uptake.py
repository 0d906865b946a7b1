"""How many of a market adopt by when: the Bass model (1969), or the curve of an earlier launch."""

from __future__ import annotations

import math
from typing import Any

import numpy as np


def bass(p: Any, q: Any, t: Any) -> Any:
    """Share of the market that has adopted by `t` periods; numbers or arrays.

    p  coefficient of innovation per period
    q  coefficient of imitation per period

    >>> round(float(bass(0.03, 0.38, 6)), 4)
    0.4392
    """
    fading = np.exp(-(p + q) * t)
    return (1 - fading) / (1 + q / p * fading)


def bass_peak(p: float, q: float) -> float:
    """The period with most new adopters; 0 where imitation is no stronger than innovation.

    >>> round(bass_peak(0.03, 0.38), 2)
    6.19
    """
    return max(0.0, math.log(q / p) / (p + q))
