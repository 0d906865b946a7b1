"""The person's own words that decided the code."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from amends.engines.classification.model.features import Features, norms
from amends.engines.classification.model.model import Model

SPANS = 3
HAN_LONGEST, LETTERS_LONGEST = 10, 40


def deciding_words(
    model: Model, features_found: Features, texts: Sequence[str], code: NDArray[np.int64]
) -> list[tuple[str, ...]]:
    """For each text, up to three spans that speak most for its `code`, strongest first."""
    unit, weight = _units(features_found, _character_weights(model, features_found, code))
    if not weight.size:
        return [()] * len(texts)
    begins = unit >= 0
    begins[1:] &= unit[1:] != unit[:-1]
    start = begins.nonzero()[0]
    text_positions = features_found.folded
    text = text_positions.text[start]
    strongest = np.zeros(len(texts))
    np.maximum.at(strongest, text, weight[unit[start]])
    chosen = (weight[unit[start]] > np.maximum(0.3 * strongest[text], 1e-6)).nonzero()[0]
    return _quote(features_found, texts, unit, start[chosen], weight)


def _character_weights(
    model: Model, features_found: Features, code: NDArray[np.int64]
) -> NDArray[np.float64]:
    """How much each character speaks for the code of its text."""
    size = features_found.folded.codes.size
    change = np.zeros(size + 1)
    length = norms(features_found)
    for family in features_found.families:
        worth = model.weights[family.row, code[family.text]] * length[family.group][family.text]
        each = worth / (family.end - family.start)
        change += np.bincount(family.start, weights=each, minlength=size + 1)
        change -= np.bincount(family.end, weights=each, minlength=size + 1)
    return np.cumsum(change[:-1])


def _units(
    features_found: Features, weight: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The unit (phrase, word or Han character) of each character, and the weight of each unit."""
    codes = features_found.folded.codes
    letter, han = features_found.folded.letter, features_found.folded.han
    begins = han | letter
    begins[1:] &= ~(letter[1:] & letter[:-1])
    for start, end in zip(
        features_found.hits.start.tolist(), features_found.hits.end.tolist(), strict=True
    ):
        begins[start + 1 : end] = False
    inside = letter | han
    phrase = np.zeros(codes.size + 1, dtype=np.int32)
    np.add.at(phrase, features_found.hits.start, 1)
    np.add.at(phrase, features_found.hits.end, -1)
    inside |= np.cumsum(phrase[:-1]) > 0
    unit = np.where(inside, np.cumsum(begins) - 1, -1)
    worth = np.bincount(unit[inside], weights=weight[inside], minlength=1)
    return unit, worth.astype(np.float64)


def _quote(
    features_found: Features,
    texts: Sequence[str],
    unit: NDArray[np.int64],
    starts: NDArray[np.int64],
    weight: NDArray[np.float64],
) -> list[tuple[str, ...]]:
    """Neighbouring chosen units joined, ranked and cut out of the texts as written."""
    folded = features_found.folded
    ends_of_unit = np.searchsorted(np.maximum.accumulate(unit), unit[starts], side="right")
    text = folded.text[starts].tolist()
    first = folded.origin[starts].tolist()
    last = (_unit_last(unit, starts, ends_of_unit, folded.origin) + 1).tolist()
    han = folded.han[starts].tolist()
    number = unit[starts].tolist()
    worth = weight[unit[starts]].tolist()
    spans: list[list[tuple[float, int, int]]] = [[] for _ in texts]
    before = -2
    for which, begin, end, is_chinese, unit_index, value in zip(
        text, first, last, han, number, worth, strict=True
    ):
        listed = spans[which]
        longest = HAN_LONGEST if is_chinese else LETTERS_LONGEST
        if listed and unit_index == before + 1 and end - listed[-1][1] <= longest:
            listed[-1] = (listed[-1][0] + value, listed[-1][1], end)
        else:
            listed.append((value, begin, end))
        before = unit_index
    return [
        tuple(text[begin:end] for _, begin, end in sorted(listed, reverse=True)[:SPANS])
        for text, listed in zip(texts, spans, strict=True)
    ]


def _unit_last(
    unit: NDArray[np.int64],
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
    origin: NDArray[np.int32],
) -> NDArray[np.int64]:
    """Where the last written character of each unit stands in its text."""
    last = ends - 1
    while (stray := unit[last] != unit[starts]).any():
        last[stray] -= 1
    return origin[last].astype(np.int64)
