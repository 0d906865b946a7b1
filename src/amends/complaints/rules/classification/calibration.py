"""How sure a model may be: the temperature that makes its probabilities come true."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def best_temperature(score: NDArray[np.float32], right: NDArray[np.int64]) -> float:
    """The temperature with the smallest log loss of the right codes (Guo et al. 2017).

    `score` holds a row for each text; `right` is the place of its right code, or one row for each
    text with the share of each code.

    >>> sure = np.array([[4.0, 0.0], [4.0, 0.0], [4.0, 0.0]], dtype=np.float32)
    >>> best_temperature(sure, np.array([0, 0, 1])) > 3
    True
    """
    heats = np.geomspace(0.3, 8.0, 133)
    losses = [log_loss(score / np.float32(heat), right) for heat in heats]
    return round(float(heats[int(np.argmin(losses))]), 3)


def log_loss(score: NDArray[np.float32], right: NDArray[np.int64]) -> float:
    """Mean of minus the logarithm of the probability given to the right codes."""
    shifted = score - score.max(axis=1, keepdims=True)
    log_chance = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return float(-log_chance[np.arange(right.size), right].mean())


def expected_calibration_error(
    sure: NDArray[np.float64], correct: NDArray[np.bool_], *, bins: int = 10
) -> float:
    """Mean gap between confidence and share of right answers, over bins of equal confidence.

    >>> expected_calibration_error(np.array([0.9, 0.9]), np.array([True, False]))
    0.4
    """
    place = np.minimum((sure * bins).astype(np.int64), bins - 1)
    gap = 0.0
    for number in np.unique(place):
        inside = place == number
        gap += inside.mean() * abs(float(sure[inside].mean()) - float(correct[inside].mean()))
    return round(float(gap), 10)
