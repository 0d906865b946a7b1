"""When a second code is worth naming, and how often the first is right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from amends.complaints.rules.classification.features import Features
from amends.complaints.rules.classification.model import Model, probabilities, scores
from training.writing import Text


def best_threshold(
    model: Model, found: Features, right: NDArray[np.int64], second: NDArray[np.int64]
) -> float:
    """The share at which naming a second code agrees best with the second labels.

    Best by F0.5: a second code that is wrong misleads more than a missing one.
    """
    chance = probabilities(model, scores(model, found), found.han_share)
    order = np.argsort(-chance, axis=1)
    every = np.arange(right.size)
    share = chance[every, order[:, 1]] / chance[every, order[:, 0]]
    both = (np.sort(order[:, :2], axis=1) == np.sort(np.stack([right, second], 1), axis=1)).all(1)
    there = float((second >= 0).sum())

    def score(limit: float) -> float:
        named = share >= limit
        return 1.25 * float((named & both).sum()) / max(float(named.sum()) + 0.25 * there, 1.0)

    return round(float(max(np.geomspace(0.02, 0.8, 48), key=score)), 3)


def agreement(columns: Any, texts: Sequence[Text]) -> dict[str, float]:
    """Share of first codes that equal the first label, or either label, by language."""
    names = columns.names()
    result = {}
    for language in ("en", "zh"):
        mine = [n for n, text in enumerate(texts) if text.language == language]
        first = sum(names[n] == texts[n].code for n in mine)
        either = sum(names[n] in {texts[n].code, texts[n].code2} for n in mine)
        result[f"{language}_first"] = round(first / max(len(mine), 1), 3)
        result[f"{language}_either"] = round(either / max(len(mine), 1), 3)
    return result
