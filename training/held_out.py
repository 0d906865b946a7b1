"""Texts with the scores of a model that has not seen them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from training.writing import Text


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Arrays by text: scores (codes, enquiry, other subject), share of unknown words, language.

    right_place  the place of the right code
    """

    texts: Sequence[Text]
    score: Any
    unknown: Any
    chinese: Any
    right_place: Any
    enquiry: Any
    foreign: Any

    @classmethod
    def of(
        cls,
        texts: Sequence[Text],
        *,
        score: Any,
        unknown: Any,
        chinese: Any,
        codes: tuple[str, ...],
    ) -> HeldOut:
        """With what the texts themselves say."""
        return cls(
            texts=texts,
            score=score,
            unknown=unknown,
            chinese=chinese,
            right_place=np.array([codes.index(text.code) for text in texts]),
            enquiry=np.array([text.enquiry for text in texts]),
            foreign=np.array([text.foreign for text in texts]),
        )
