"""Which areas, products, channels carry an excess: a subset scan over the dimensions.

The statistic is the one of detection, summed over cells: the likelihood of a common factor on what
is expected of them against none (expectation-based scan, Neill 2009, Int J Forecast 25:498-517,
doi:10.1016/j.ijforecast.2008.12.002; subsets of values found through their linear-time property,
Neill 2012, J R Stat Soc B 74:337-360). An element fixes the values of some dimensions. The element
that explains most is taken, split where a few of its values explain clearly more than the whole,
its cells are set aside, and the search goes on until what is left is chance. So no child is shown
beside the parent that explains it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations
from math import log

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Scorer = Callable[[Floats, Floats], Floats]

MOST = 12
CHANCE = 8.0
A_VALUE = 6.0
CLEARLY_MORE = 0.12
LEAST_NOISE = 0.03


@dataclass(frozen=True, slots=True)
class LocalisedElement:
    """values  dimension number -> value number; score: log likelihood ratio; seen and expected."""

    values: tuple[tuple[int, int], ...]
    score: float
    seen: float
    expected: float


def localise(
    seen: Floats,
    expected: Floats,
    *,
    dispersion: float = 1.0,
    noise: float = 0.0,
    rise: bool = True,
) -> list[LocalisedElement]:
    """The elements that carry the excess, the strongest first.

    seen, expected  arrays with an axis a dimension, a cell a combination of values
    dispersion      variance of a count over its mean, one for all or one a cell
    noise           relative error of the expectations themselves (standard deviation, 0 to 1)
    rise            look for excess; otherwise for whichever of excess and lack is stronger

    >>> expected = np.full((4, 5, 3), 2.0); seen = expected.copy(); seen[1, 3] += 9.0
    >>> [element.values for element in localise(seen, expected)]
    [((0, 1), (1, 3))]
    """
    if noise > 0.0:
        pull, weight = _relative(seen, expected, noise)
    else:
        has_expected = expected > 0.0
        weight = np.where(has_expected, expected, 0.0) / dispersion
        pull = np.where(has_expected, seen - expected, 0.0) / dispersion
    score = _of_shares if noise > 0.0 else _of_counts
    if not rise:
        up, down = (_best(sign * pull, weight, score) for sign in (1.0, -1.0))
        pull = -pull if down and (up is None or down[0] > up[0]) else pull
    elements: list[LocalisedElement] = []
    while len(elements) < MOST and (best := _best(pull, weight, score)):
        values = _split(dict(best[2]), pull, weight, best[1], score)
        cells = _place(values, pull.ndim)
        element_score = float(score(np.asarray(pull[cells].sum()), np.asarray(weight[cells].sum())))
        named = tuple(sorted(values.items()))
        elements.append(
            LocalisedElement(
                values=named,
                score=element_score,
                seen=float(seen[cells].sum()),
                expected=float(expected[cells].sum()),
            )
        )
        pull[cells] = 0.0
        weight[cells] = 0.0
    return sorted(elements, key=lambda element: -element.score)


def relative_noise(seen: Floats, expected: Floats) -> float:
    """Robust relative error of expectations whose counts are large (median absolute deviation)."""
    larger = np.maximum(seen, expected)
    is_positive = larger > 0.0
    off = np.abs((seen - expected)[is_positive] / larger[is_positive])
    return max(float(1.4826 * np.median(off)) if off.size else 0.0, LEAST_NOISE)


def _relative(seen: Floats, expected: Floats, noise: float) -> tuple[Floats, Floats]:
    """Relative deviations over their variance, alike for too much and too little."""
    larger = np.maximum(seen, expected)
    is_positive = larger > 0.0
    larger = np.where(is_positive, larger, 1.0)
    weight = np.where(is_positive, 1.0 / (noise * noise), 0.0)
    return (seen - expected) / larger * weight, weight


def _of_counts(excess: Floats, expected: Floats) -> Floats:
    """Log likelihood ratio of a common factor on Poisson counts; 0 where there is no excess."""
    mean = np.maximum(np.asarray(expected, dtype=np.float64), 1e-12)
    high = np.maximum(np.asarray(excess, dtype=np.float64), 0.0)
    score: Floats = (mean + high) * np.log1p(high / mean) - high
    return score


def _of_shares(pull: Floats, weight: Floats) -> Floats:
    """The same for normal relative deviations."""
    high = np.maximum(np.asarray(pull, dtype=np.float64), 0.0)
    score: Floats = high * high / (2.0 * np.maximum(np.asarray(weight, dtype=np.float64), 1e-12))
    return score


def _best(
    pull: Floats, weight: Floats, scorer: Scorer
) -> tuple[float, float, tuple[tuple[int, int], ...]] | None:
    """The element of highest score above chance: net score, score, its values."""
    best: tuple[float, float, tuple[tuple[int, int], ...]] | None = None
    for dimensions, part_pull, part_weight in _cuboids(pull, weight):
        score = scorer(part_pull, part_weight)
        at = int(score.argmax())
        top = float(score.flat[at])
        net = top - log(score.size) - CHANCE
        if net > 0.0 and (best is None or net > best[0]):
            best_index = np.unravel_index(at, score.shape)
            best = (
                net,
                top,
                tuple((dim, int(v)) for dim, v in zip(dimensions, best_index, strict=True)),
            )
    return best


def _cuboids(pull: Floats, weight: Floats) -> Iterator[tuple[tuple[int, ...], Floats, Floats]]:
    """Sums over every set of dimensions, each from a finer one already summed."""
    every = tuple(range(pull.ndim))
    cuboids = {every: (pull, weight)}
    yield every, pull, weight
    for size in range(pull.ndim - 1, 0, -1):
        for dimensions in combinations(every, size):
            finer = min(
                (k for k in cuboids if len(k) == size + 1 and set(dimensions) < set(k)),
                key=lambda k: cuboids[k][0].size,
            )
            axis = next(
                axis_number for axis_number, dim in enumerate(finer) if dim not in dimensions
            )
            cuboids[dimensions] = cuboids[finer][0].sum(axis=axis), cuboids[finer][1].sum(axis=axis)
            yield dimensions, *cuboids[dimensions]


def _split(
    values: dict[int, int], pull: Floats, weight: Floats, score: float, scorer: Scorer
) -> dict[int, int]:
    """The element, or the strongest of its parts where few values explain clearly more."""
    for _ in range(pull.ndim - len(values)):
        part = _place(values, pull.ndim)
        open_ = [dim for dim in range(pull.ndim) if dim not in values]
        gains: list[tuple[float, int, int, float]] = []
        for at, dim in enumerate(open_):
            other_axes = tuple(n for n in range(len(open_)) if n != at)
            parts = scorer(pull[part].sum(axis=other_axes), weight[part].sum(axis=other_axes))
            net = np.cumsum(np.sort(parts)[::-1]) - A_VALUE * np.arange(1, parts.size + 1)
            top = int(parts.argmax())
            gains.append((float(net[:-1].max(initial=0.0)), dim, top, float(parts[top])))
        gain, dim, top, score_of_part = max(gains)
        if gain <= score * (1.0 + CLEARLY_MORE):
            return values
        values, score = {**values, dim: top}, score_of_part
    return values


def _place(values: dict[int, int], dimensions: int) -> tuple[int | slice, ...]:
    return tuple(values.get(dim, slice(None)) for dim in range(dimensions))
