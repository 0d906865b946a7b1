"""Fitting the weights: multinomial logistic regression, held back from where it started.

One method serves both the shipped model, which starts from nothing, and an operator's, which
starts from the shipped one: a quadratic penalty on the distance from the start, so that a few
labels move what they speak about and leave the rest alone. SciPy is imported only here, and only
when something is fitted.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from amends.complaints.rules.classification.features import (
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
    targets: NDArray[np.float32],
    *,
    strength: float,
    rounds: int,
    weight: NDArray[np.float32] | None = None,
    start: NDArray[np.float32] | None = None,
    start_bias: NDArray[np.float32] | None = None,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Weights and bias that explain `targets` (texts by codes, rows summing to one).

    `strength` penalises the squared distance from `start`; `weight` counts some texts more. Only
    the columns that occur in `matrix` move.
    """
    from scipy.optimize import minimize

    codes = targets.shape[1]
    used = np.unique(matrix.indices)
    small = matrix[:, used]
    small_t = small.T.tocsr()
    origin = np.zeros((used.size, codes), dtype=np.float32) if start is None else start[used]
    bias0 = np.zeros(codes, dtype=np.float32) if start_bias is None else start_bias
    count = np.ones(targets.shape[0], dtype=np.float32) if weight is None else weight
    total = float(count.sum())

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        moved = flat.astype(np.float32).reshape(used.size + 1, codes)
        score = small @ (origin + moved[:-1]) + bias0 + moved[-1]
        score -= score.max(axis=1, keepdims=True)
        chance = np.exp(score)
        norm = chance.sum(axis=1, keepdims=True)
        chance /= norm
        entropy = -(count * ((score - np.log(norm)) * targets).sum(axis=1)).sum() / total
        error = (chance - targets) * (count / total)[:, None]
        gradient = np.empty_like(moved)
        gradient[:-1] = small_t @ error + strength * moved[:-1]
        gradient[-1] = error.sum(axis=0) + 0.01 * strength * moved[-1]
        penalty = (
            0.5 * strength * (float((moved[:-1] ** 2).sum()) + 0.01 * float((moved[-1] ** 2).sum()))
        )
        return float(entropy) + penalty, gradient.astype(np.float64).ravel()

    done = minimize(
        loss,
        np.zeros((used.size + 1) * codes),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": rounds, "maxcor": 6},
    )
    moved = done.x.astype(np.float32).reshape(used.size + 1, codes)
    weights = (
        np.zeros((matrix.shape[1], codes), dtype=np.float32) if start is None else start.copy()
    )
    weights[used] = origin + moved[:-1]
    return weights, bias0 + moved[-1]
