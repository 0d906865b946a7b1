"""The subject of a text by the classifier of complaints: a vector over its classes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from amends.engines.classification.classify import shipped_model
from amends.engines.classification.model.features import features
from amends.engines.classification.model.model import scores

AT_A_TIME = 512


def subjects_of(texts: Sequence[str]) -> NDArray[np.float32]:
    """One vector of length one for each text; zeros where no term of it is known.

    >>> a, b, c = subjects_of(["my internet is slow", "网速太慢", "refund my money"])
    >>> bool(a @ b > a @ c)
    True
    """
    model = shipped_model()
    parts = [np.zeros((0, len(model.bias)), dtype=np.float32)]
    for low in range(0, len(texts), AT_A_TIME):
        text_features = features(
            texts[low : low + AT_A_TIME], names=model.names, phrases=model.phrases
        )
        parts.append(scores(model, text_features) - model.bias[None])
    vectors = np.concatenate(parts)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: NDArray[np.float32] = (vectors / np.maximum(lengths, 1e-6)).astype(np.float32)
    return unit
