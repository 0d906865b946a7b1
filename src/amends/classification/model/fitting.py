"""Fitting the weights: logistic regression, held back from where it started.

One method serves both the shipped model, which starts from nothing, and an operator's, which
starts from the shipped one: a quadratic penalty on the distance from the start, so that a few
labels move what they speak about and leave the rest alone. SciPy is imported only here, and only
when something is fitted.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from amends.classification.model.features import (
    CHARACTER_ROWS,
    CHARACTERS,
    PHRASES,
    WORD_ROWS,
    WORDS,
    Features,
    norms,
)

GROUP_SCALES = (1.0, 0.7, 0.6)
"""How strongly characters, words and phrases count; larger means freer to carry weight."""


def design(found: Features, *, rows: int, scales: tuple[float, ...] = GROUP_SCALES) -> Any:
    """The features of a batch as a SciPy sparse matrix, texts by rows of the weight table."""
    from scipy.sparse import csr_matrix

    length = norms(found)
    texts = [family.text for family in found.families]
    values = [
        length[family.group][family.text] * np.float32(scales[family.group])
        for family in found.families
    ]
    row = [family.row for family in found.families]
    empty = [np.zeros(0, dtype=np.int32)]
    return csr_matrix(
        (
            np.concatenate(values or [np.zeros(0, dtype=np.float32)]),
            (np.concatenate(texts or empty), np.concatenate(row or empty)),
        ),
        shape=(found.folded.texts, rows),
        dtype=np.float32,
    )


def row_scales(rows: int, scales: tuple[float, ...] = GROUP_SCALES) -> NDArray[np.float32]:
    """The scale of each row of the weight table."""
    scale = np.full(rows, scales[PHRASES], dtype=np.float32)
    scale[:CHARACTER_ROWS] = scales[CHARACTERS]
    scale[CHARACTER_ROWS : CHARACTER_ROWS + WORD_ROWS] = scales[WORDS]
    return scale


def fit(
    matrix: Any,
    present: NDArray[np.float32],
    *,
    shares: NDArray[np.float32] | None = None,
    strength: float,
    rounds: int,
    start_scores: NDArray[np.float32] | None = None,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Weights and bias to add so that each column says whether its matter is `present` (0 to 1).

    Columns are independent yes-or-no questions. With `shares` (rows summing to one), the first
    columns also compete for which of them comes first (softmax). `strength` penalises the squared
    weights; `start_scores` is what earlier weights say already. Columns of `matrix` that no text
    has stay at nought.
    """
    from scipy.optimize import minimize

    texts, columns = present.shape
    used = np.unique(matrix.indices) if hasattr(matrix, "indices") else np.arange(matrix.shape[1])
    small = matrix[:, used]
    small_t = small.T.tocsr() if hasattr(small, "tocsr") else np.ascontiguousarray(small.T)
    offset = np.zeros((1, columns), dtype=np.float32) if start_scores is None else start_scores

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        moved = flat.astype(np.float32).reshape(used.size + 1, columns)
        score = small @ moved[:-1] + moved[-1] + offset
        value, error = _yes_or_no(score, present)
        if shares is not None:
            among, wrong = _which_first(score[:, : shares.shape[1]], shares)
            value += among
            error[:, : shares.shape[1]] += wrong
        error /= texts
        gradient = np.empty_like(moved)
        gradient[:-1] = small_t @ error + strength * moved[:-1]
        gradient[-1] = error.sum(axis=0) + 0.01 * strength * moved[-1]
        penalty = float((moved[:-1] ** 2).sum()) + 0.01 * float((moved[-1] ** 2).sum())
        return value / texts + 0.5 * strength * penalty, gradient.astype(np.float64).ravel()

    done = minimize(
        loss,
        np.zeros((used.size + 1) * columns),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": rounds, "maxcor": 6},
    )
    moved = done.x.astype(np.float32).reshape(used.size + 1, columns)
    weights = np.zeros((matrix.shape[1], columns), dtype=np.float32)
    weights[used] = moved[:-1]
    return weights, moved[-1]


def _yes_or_no(
    score: NDArray[np.float32], present: NDArray[np.float32]
) -> tuple[float, NDArray[np.float32]]:
    """Summed log loss of independent questions, and its derivative by each score."""
    away = np.exp(-np.abs(score))
    loss = np.maximum(score, 0) - score * present + np.log1p(away)
    chance = np.where(score >= 0, 1.0, away) / (1.0 + away)
    return float(loss.sum(dtype=np.float64)), (chance - present).astype(np.float32)


def _which_first(
    score: NDArray[np.float32], shares: NDArray[np.float32]
) -> tuple[float, NDArray[np.float32]]:
    """Summed cross entropy of competing columns, and its derivative by each score."""
    score = score - score.max(axis=1, keepdims=True)
    chance = np.exp(score)
    norm = chance.sum(axis=1, keepdims=True)
    loss = -((score - np.log(norm)) * shares).sum(dtype=np.float64)
    return float(loss), (chance / norm - shares).astype(np.float32, copy=False)


def compact(matrix: Any) -> tuple[NDArray[np.float32], Callable[[NDArray[np.float32]], Any]]:
    """A few texts in as many dimensions as there are texts, and the way back to weights.

    The weights that suit a few texts best lie in the span of those texts, so fitting in it gives
    the same answer (the representer theorem, Kimeldorf and Wahba 1971) with a hundredth of the
    unknowns.
    """
    gram = (matrix @ matrix.T).toarray().astype(np.float64)
    value, vector = np.linalg.eigh(gram)
    keep = value > value[-1] * 1e-6
    value, vector = value[keep], vector[:, keep]
    flat = (vector * np.sqrt(value)).astype(np.float32)
    back = vector / np.sqrt(value)

    def weights(moved: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(matrix.T @ (back @ moved), dtype=np.float32)

    return flat, weights
