"""How sure a model may be: what turns its scores into probabilities that come true.

The first code's probability is a softmax of the scores over a temperature (Guo et al. 2017), then a
logistic curve (Platt 1999) over that, the share of unknown words and the score of another subject:
what holds for texts like those of training does not hold for others. The second code's probability,
that of an enquiry and that of another subject are logistic curves too. All are fitted to texts the
weights have not seen.
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

ASIDE = 2
"""Columns of scores that are no codes: enquiry, another subject than telecoms."""

_LIKE_TRAINING: Curve = (0.0, 1.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Calibration:
    """Temperatures and curves of (English, Chinese) texts, and the two thresholds.

    A second code is named from `second_from` on; below `ask_below` a person should ask.
    """

    temperature: tuple[float, float] = (1.0, 1.0)
    sure: tuple[Curve, Curve] = (_LIKE_TRAINING, _LIKE_TRAINING)
    second: tuple[Curve, Curve] = (_LIKE_TRAINING, _LIKE_TRAINING)
    enquiry: tuple[Curve, Curve] = ((0.0, 1.0), (0.0, 1.0))
    foreign: tuple[Curve, Curve] = (_LIKE_TRAINING, _LIKE_TRAINING)
    second_from: float = 0.25
    ask_below: float = 0.5

    def as_dict(self) -> dict[str, Any]:
        """As a JSON document."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Calibration:
        """From a JSON document."""
        english, chinese = (float(heat) for heat in data["temperature"])
        return cls(
            temperature=(english, chinese),
            **{name: _pair(data[name]) for name in _CURVES},
            second_from=float(data["second_from"]),
            ask_below=float(data["ask_below"]),
        )

    def sound(self) -> bool:
        """Whether the figures can be used: positive temperatures, curves of the right length."""
        curves = {name: getattr(self, name) for name in _CURVES}
        numbers = [*self.temperature, self.second_from, self.ask_below]
        numbers += [number for pair in curves.values() for each in pair for number in each]
        right = all(len(each) == _CURVES[name] for name, pair in curves.items() for each in pair)
        return min(self.temperature) > 0 and all(map(math.isfinite, numbers)) and right


_CURVES = {"sure": 4, "second": 4, "enquiry": 2, "foreign": 4}
"""How many coefficients each curve has."""


def _pair(data: Any) -> tuple[Curve, Curve]:
    english, chinese = data
    return tuple(map(float, english)), tuple(map(float, chinese))


@dataclass(frozen=True, slots=True)
class ClassJudgement:
    """The two best codes of each text (their places), how sure each is, the probability that it is
    an enquiry, and that it has nothing to do with telecoms."""

    first: NDArray[np.int64]
    sure: NDArray[np.float32]
    second: NDArray[np.int64]
    second_sure: NDArray[np.float32]
    enquiry: NDArray[np.float32]
    foreign: NDArray[np.float32]


def is_chinese(han_share: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether a text is answered in Chinese: a fifth of its characters are Han."""
    return han_share >= 0.2


def judge(
    score: NDArray[np.float32],
    *,
    unknown: NDArray[np.float32],
    chinese: NDArray[np.bool_],
    calibration: Calibration,
    never_second: int,
) -> ClassJudgement:
    """What `score` (texts by codes, then enquiry and another subject) means in probabilities.

    unknown       the share of each text's words that the model has never met, 0 to 1
    never_second  the place of a code that is never a second one
    """
    codes = score[:, :-ASIDE]
    first, second, evidence = ranked(codes, never_second=never_second)
    sure = first_evidence(score, unknown, chinese=chinese, temperature=calibration.temperature)
    return ClassJudgement(
        first=first,
        sure=curve(sure, _each(calibration.sure, chinese)),
        second=second,
        second_sure=curve(evidence, _each(calibration.second, chinese)),
        enquiry=curve(score[:, -2:-1], _each(calibration.enquiry, chinese)),
        foreign=curve(foreign_evidence(score, unknown), _each(calibration.foreign, chinese)),
    )


def first_evidence(
    score: NDArray[np.float32],
    unknown: NDArray[np.float32],
    *,
    chinese: NDArray[np.bool_],
    temperature: tuple[float, float],
) -> NDArray[np.float32]:
    """What the confidence in the best code rests on: its log odds, unknown words, other subject."""
    english, other = temperature
    heat = np.where(chinese, other, english).astype(np.float32)
    best = probabilities(score[:, :-ASIDE], heat).max(axis=1).clip(1e-6, 1 - 1e-6)
    odds = np.log(best / (1 - best))
    return np.stack([odds, unknown, score[:, -1].clip(-8.0, 8.0)], axis=1)


def foreign_evidence(
    score: NDArray[np.float32], unknown: NDArray[np.float32]
) -> NDArray[np.float32]:
    """What tells another subject: its own score, unknown words, the best score of any code."""
    best = score[:, :-ASIDE].max(axis=1)
    return np.stack([score[:, -1].clip(-15.0, 15.0), unknown, best.clip(-15.0, 15.0)], axis=1)


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


def refined(base: Curve, evidence: NDArray[np.float32], right: NDArray[np.bool_]) -> Curve:
    """`base` with its log odds scaled and moved so that they suit `right` best."""
    odds = base[0] + evidence @ np.array(base[1:], dtype=np.float32)
    constant, slope = best_curve(odds[:, None], right)
    return constant + slope * base[0], *(slope * each for each in base[1:])


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
