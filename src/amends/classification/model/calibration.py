"""How sure a model may be: what turns its scores into probabilities that come true.

The first code's probability is a softmax of the scores over a temperature (Guo et al. 2017); the
second code's, and that of an enquiry, are logistic curves over a few scores (Platt 1999). All are
fitted to texts the weights have not seen.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Curve = tuple[float, ...]
"""Coefficients of a logistic curve: the constant, then one for each score."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """Temperatures and curves of (English, Chinese) texts, and the two thresholds.

    A second code is named from `second_from` on; below `ask_below` a person should ask.
    """

    temperature: tuple[float, float] = (1.0, 1.0)
    second: tuple[Curve, Curve] = ((0.0, 1.0, 0.0, 0.0), (0.0, 1.0, 0.0, 0.0))
    enquiry: tuple[Curve, Curve] = ((0.0, 1.0), (0.0, 1.0))
    second_from: float = 0.3
    ask_below: float = 0.5

    def as_dict(self) -> dict[str, Any]:
        """As a JSON document."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Calibration:
        """From a JSON document."""
        english, chinese = (float(heat) for heat in data["temperature"])
        second, enquiry = (
            (tuple(map(float, pair[0])), tuple(map(float, pair[1])))
            for pair in (data["second"], data["enquiry"])
        )
        return cls(
            temperature=(english, chinese),
            second=second,
            enquiry=enquiry,
            second_from=float(data["second_from"]),
            ask_below=float(data["ask_below"]),
        )

    def sound(self) -> bool:
        """Whether the figures can be used: positive temperatures, curves of the right length."""
        numbers = [*self.temperature, *self.second[0], *self.second[1], *self.enquiry[0]]
        numbers += [*self.enquiry[1], self.second_from, self.ask_below]
        lengths = [len(curve) for curve in (*self.second, *self.enquiry)]
        return (
            min(self.temperature) > 0
            and all(map(math.isfinite, numbers))
            and lengths == [4, 4, 2, 2]
        )


@dataclass(frozen=True, slots=True)
class Judgement:
    """The two best codes of each text (their places), how sure each is, and the enquiry's share."""

    first: NDArray[np.int64]
    sure: NDArray[np.float32]
    second: NDArray[np.int64]
    second_sure: NDArray[np.float32]
    enquiry: NDArray[np.float32]


def is_chinese(han_share: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether a text is answered in Chinese: a fifth of its characters are Han."""
    return han_share >= 0.2


def judge(
    score: NDArray[np.float32],
    *,
    chinese: NDArray[np.bool_],
    calibration: Calibration,
    never_second: int,
) -> Judgement:
    """What `score` (texts by codes and one column of enquiries) means in probabilities.

    `never_second` is the place of a code that is never a second one.
    """
    first, second, evidence = ranked(score[:, :-1], never_second=never_second)
    english, other = calibration.temperature
    heat = np.where(chinese, other, english).astype(np.float32)
    sure = probabilities(score[:, :-1], heat)[np.arange(first.size), first]
    return Judgement(
        first=first,
        sure=sure,
        second=second,
        second_sure=curve(evidence, _each(calibration.second, chinese)),
        enquiry=curve(score[:, -1:], _each(calibration.enquiry, chinese)),
    )


def ranked(
    score: NDArray[np.float32], *, never_second: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """The best code, the next one, and the evidence for the next one.

    Evidence: its own score, how far the best is above it, how far the third is below it.
    """
    every = np.arange(score.shape[0])
    first = score.argmax(axis=1)
    rest = score.copy()
    rest[:, never_second] = -np.inf
    best = score[every, first]
    rest[every, first] = -np.inf
    second = rest.argmax(axis=1)
    next_best = rest[every, second]
    rest[every, second] = -np.inf
    third = rest.max(axis=1)
    evidence = np.stack([next_best, best - next_best, next_best - third], axis=1)
    return first, second, evidence.clip(-30.0, 30.0)


def _each(pair: tuple[Curve, Curve], chinese: NDArray[np.bool_]) -> NDArray[np.float32]:
    """The coefficients that hold for each text."""
    return np.array(pair, dtype=np.float32)[chinese.astype(np.int64)]


def curve(evidence: NDArray[np.float32], coefficients: NDArray[np.float32]) -> NDArray[np.float32]:
    """The logistic curve at `evidence`; one row of coefficients for all texts, or one for each."""
    coefficients = np.atleast_2d(coefficients)
    logit = coefficients[:, 0] + (evidence * coefficients[:, 1:]).sum(axis=1)
    return np.asarray(1.0 / (1.0 + np.exp(-logit.clip(-30.0, 30.0))), dtype=np.float32)


def probabilities(score: NDArray[np.float32], heat: NDArray[np.float32]) -> NDArray[np.float32]:
    """Softmax of each row over its temperature."""
    scaled = score / heat[:, None]
    scaled -= scaled.max(axis=1, keepdims=True)
    np.exp(scaled, out=scaled)
    scaled /= scaled.sum(axis=1, keepdims=True)
    return scaled


def best_temperature(score: NDArray[np.float32], right: NDArray[np.int64]) -> float:
    """The temperature with the smallest log loss of the right codes.

    >>> sure = np.array([[4.0, 0.0], [4.0, 0.0], [4.0, 0.0]], dtype=np.float32)
    >>> best_temperature(sure, np.array([0, 0, 1])) > 3
    True
    """
    heats = np.geomspace(0.3, 8.0, 133)
    losses = [log_loss(score / np.float32(heat), right) for heat in heats]
    return round(float(heats[int(np.argmin(losses))]), 3)


def fair_temperature(score: NDArray[np.float32], agrees: NDArray[np.bool_]) -> float:
    """The temperature at which the confidence in the first code best foretells that it `agrees`.

    For labels that may be two to a text, where no single code is the right one.

    >>> sure = np.array([[4.0, 0.0], [4.0, 0.0], [4.0, 0.0]], dtype=np.float32)
    >>> fair_temperature(sure, np.array([True, True, False])) > 3
    True
    """
    heats = np.geomspace(0.3, 8.0, 133)
    losses = []
    for heat in heats:
        each = np.full(agrees.size, heat, dtype=np.float32)
        sure = np.clip(probabilities(score, each).max(axis=1), 1e-6, 1 - 1e-6)
        losses.append(float(-np.log(np.where(agrees, sure, 1 - sure)).mean()))
    return round(float(heats[int(np.argmin(losses))]), 3)


def best_curve(evidence: NDArray[np.float32], right: NDArray[np.bool_]) -> Curve:
    """The logistic curve that suits `right` best, a little held back (Newton's method).

    >>> steps = np.array([[-2.0], [-1.0], [1.0], [2.0]] * 50, dtype=np.float32)
    >>> constant, slope = best_curve(steps, np.array([False, True, False, True] * 50))
    >>> slope > 0
    True
    """
    table = np.column_stack([np.ones(right.size), evidence.astype(np.float64)])
    held = np.diag([1e-6] + [1.0] * (table.shape[1] - 1))
    found = np.zeros(table.shape[1])
    for _ in range(50):
        chance = 1.0 / (1.0 + np.exp(-np.clip(table @ found, -30, 30)))
        slope = table.T @ (chance - right) + held @ found
        bend = (table * (chance * (1 - chance))[:, None]).T @ table + held
        step = np.linalg.solve(bend + 1e-9 * np.eye(found.size), slope)
        found = found - step
        if float(np.abs(step).max()) < 1e-8:
            break
    return tuple(round(float(value), 5) for value in found)


def log_loss(score: NDArray[np.float32], right: NDArray[np.int64]) -> float:
    """Mean of minus the logarithm of the probability given to the right codes."""
    shifted = score - score.max(axis=1, keepdims=True)
    log_chance = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return float(-log_chance[np.arange(right.size), right].mean())


@dataclass(frozen=True, slots=True)
class Bin:
    """Texts of like confidence: how many, how sure, and which share was right."""

    texts: int
    sure: float
    right: float


def reliability(
    sure: NDArray[np.float64], correct: NDArray[np.bool_], *, bins: int = 10
) -> tuple[Bin, ...]:
    """The reliability curve: what was claimed beside what came true, by equal steps of confidence.

    >>> reliability(np.array([0.9, 0.9]), np.array([True, False]))
    (Bin(texts=2, sure=0.9, right=0.5),)
    """
    place = np.minimum((sure * bins).astype(np.int64), bins - 1)
    return tuple(
        Bin(
            int((place == number).sum()),
            round(float(sure[place == number].mean()), 10),
            round(float(correct[place == number].mean()), 10),
        )
        for number in np.unique(place).tolist()
    )


def expected_calibration_error(
    sure: NDArray[np.float64], correct: NDArray[np.bool_], *, bins: int = 10
) -> float:
    """Mean gap between confidence and share of right answers, over bins of equal confidence.

    >>> expected_calibration_error(np.array([0.9, 0.9]), np.array([True, False]))
    0.4
    """
    found = reliability(sure, correct, bins=bins)
    total = max(sum(each.texts for each in found), 1)
    return round(sum(each.texts * abs(each.sure - each.right) for each in found) / total, 10)
