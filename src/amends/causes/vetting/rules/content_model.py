"""The model of contents: weights over n-grams and over statements.

A statement is a concept of `content-phrases@….toml` ("bet placed", "no money at stake", "price
elsewhere"). Which of them a text contains, and which together, is what tells a betting invitation
from a report about one; the n-grams carry what no list foresees. Both sets of weights are fitted
together (`training/contents`) and ship as numbers.

Where the extra `amends[semantic]` is installed, a second reading adds weights over the sentence
vector of a text (`head`), which recognises an offer that no list describes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from amends.engines.classification.model.explanations import deciding_words
from amends.engines.classification.model.features import Features, features, rows
from amends.engines.classification.model.model import (
    Calibration,
    Model,
    UnableToReadModel,
    archive,
    fingerprint,
    is_chinese,
    read_archive,
    scores,
)
from amends.engines.classification.model.phrases import Phrases
from amends.platform.kit.errors import gettext_noop as _

FORMAT = 1
SINGLE_SCALE, PAIR_SCALE = 0.35, 0.2
"""How strongly one statement and two together count."""

FIRST_COUNTS = 0.15
"""What a score of the first reading counts in the second."""

DIMENSIONS = 384
"""Of a sentence vector."""

_OURS = re.compile(r"\bzz\w*\s*")
"""Marks that normalising puts into a text; its author did not write them."""


@dataclass(frozen=True, slots=True)
class ContentModel:
    """Weights of n-grams (`linear`) and of statements and their pairs.

    `head` weighs a sentence vector (its last row is the bias). `limits` are log odds above which
    a text is not clean, for the first reading (English, Chinese) and for the second (English,
    Chinese); `slopes` make log odds probabilities, for the first and the second.
    """

    linear: Model
    statements: NDArray[np.float32]
    head: NDArray[np.float32]
    limits: tuple[float, float, float, float]
    slopes: tuple[float, float]

    @property
    def codes(self) -> tuple[str, ...]:
        """The labels, in the order of the columns."""
        return self.linear.codes

    @property
    def version(self) -> str:
        """Twelve characters that identify the content of its file."""
        return self.linear.version


def find(texts: Sequence[str], *, names: Phrases, phrases: Phrases) -> Features:
    """The features of normalised texts."""
    return features(texts, names=names, phrases=phrases)


def statement_columns(concepts: int) -> int:
    """How many columns statements and their pairs have."""
    return concepts + concepts * (concepts - 1) // 2


def stated(features_found: Features, concepts: int) -> NDArray[np.float32]:
    """Which statements each text contains, and which two of them together (texts by columns)."""
    present = np.zeros((features_found.folded.texts, concepts), dtype=np.float32)
    present[
        features_found.folded.text[features_found.hits.start],
        features_found.hits.concept.astype(np.int64),
    ] = 1.0
    first, second = np.triu_indices(concepts, k=1)
    pairs = present[:, first] * present[:, second]
    single = SINGLE_SCALE / np.sqrt(np.maximum(present.sum(axis=1, keepdims=True), 1.0))
    double = PAIR_SCALE / np.sqrt(np.maximum(pairs.sum(axis=1, keepdims=True), 1.0))
    scales = np.float32(3.0)
    return np.hstack([present * single * scales, pairs * double * scales]).astype(np.float32)


def label_scores(model: ContentModel, features_found: Features) -> NDArray[np.float32]:
    """One score for each text and label."""
    concepts = len(model.linear.phrases.concepts)
    return (
        scores(model.linear, features_found) + stated(features_found, concepts) @ model.statements
    )


def odds_not_clean(model: ContentModel, score: NDArray[np.float32]) -> NDArray[np.float32]:
    """Log odds that each text is not clean, from its scores."""
    clean = model.codes.index("clean")
    other_scores = np.delete(score, clean, axis=1)
    highest = other_scores.max(axis=1, keepdims=True)
    log_sum = highest[:, 0] + np.log(np.exp(other_scores - highest).sum(axis=1))
    return np.asarray(log_sum - score[:, clean], dtype=np.float32)


def chances(
    model: ContentModel,
    odds: NDArray[np.float32],
    chinese: NDArray[np.bool_],
    *,
    second: bool = False,
) -> NDArray[np.float32]:
    """The probability that each text is not clean; one half at the limit of its language."""
    limit = np.array(model.limits, dtype=np.float32)[chinese.astype(np.int64) + 2 * second]
    scaled = (odds - limit) * np.float32(model.slopes[second])
    return np.asarray(1 / (1 + np.exp(-scaled.clip(-30, 30))), dtype=np.float32)


def second_scores(
    model: ContentModel, score: NDArray[np.float32], vectors: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Scores of the first reading with what sentence vectors say."""
    own_scores = vectors @ model.head[:-1] + model.head[-1]
    return np.asarray(own_scores + FIRST_COUNTS * score, dtype=np.float32)


def in_chinese(features_found: Features) -> NDArray[np.bool_]:
    """Whether each text is judged as Chinese."""
    return is_chinese(features_found.han_share)


def passages_that_decided(
    model: ContentModel, features_found: Features, texts: Sequence[str], columns: NDArray[np.int64]
) -> list[tuple[str, ...]]:
    """Up to three passages of each normalised text that speak most for its column."""
    deciding = deciding_words(model.linear, features_found, texts, columns)
    readable = ([_OURS.sub(" ", part).strip() for part in parts] for parts in deciding)
    return [tuple(part for part in parts if len(part) > 1) for parts in readable]


def statements_found(features_found: Features, phrases: Phrases) -> list[tuple[str, ...]]:
    """The names of the statements in each text, in the order of the rule file."""
    present: list[set[int]] = [set() for _text in range(features_found.folded.texts)]
    text = features_found.folded.text[features_found.hits.start]
    for text_index, concept in zip(
        text.tolist(), features_found.hits.concept.tolist(), strict=True
    ):
        present[text_index].add(concept)
    return [
        tuple(phrases.concepts[concept_index] for concept_index in sorted(each)) for each in present
    ]


def dump(model: ContentModel, *, notes: dict[str, Any]) -> bytes:
    """The bytes of a model file; a weight is stored in eight bits."""
    linear = model.linear
    about = {
        "format": FORMAT,
        "codes": list(linear.codes),
        "concepts": list(linear.phrases.concepts),
        "limits": list(model.limits),
        "slopes": list(model.slopes),
        "notes": notes,
    }
    arrays: dict[str, NDArray[Any]] = {
        "about": np.frombuffer(json.dumps(about, sort_keys=True).encode(), dtype=np.uint8),
        "bias": linear.bias.astype(np.float32),
        "head": model.head.astype(np.float16),
        "known": np.packbits(linear.known),
    }
    for name, table in (("weights", linear.weights), ("statements", model.statements)):
        steps = np.maximum(np.abs(table).max(axis=0), 1e-6) / 127
        arrays[name] = np.rint(table / steps).astype(np.int8)
        arrays[f"{name}_steps"] = steps.astype(np.float32)
    return archive(arrays)


def load(data: bytes, *, names: Phrases, phrases: Phrases) -> ContentModel:
    """The model in the bytes of a file. Raises UnableToReadModel if they are not a model."""
    arrays = read_archive(data)
    concepts = len(phrases.concepts)
    try:
        about = json.loads(arrays["about"].tobytes())
        codes = tuple(map(str, about["codes"]))
        weights, statements = (
            arrays[name].astype(np.float32) * arrays[f"{name}_steps"]
            for name in ("weights", "statements")
        )
        limits, slopes = (tuple(map(float, about[name])) for name in ("limits", "slopes"))
        head = arrays["head"].astype(np.float32)
        is_known = np.unpackbits(arrays["known"]).astype(bool)
        is_usable = about["format"] == FORMAT and tuple(about["concepts"]) == phrases.concepts
    except (KeyError, ValueError, IndexError, TypeError) as error:
        raise UnableToReadModel(_("This is not a model of contents.")) from error
    columns = len(codes)
    shapes = weights.shape, statements.shape, head.shape, len(limits), len(slopes)
    expected_shapes = (
        (rows(concepts), columns),
        (statement_columns(concepts), columns),
        (DIMENSIONS + 1, columns),
        4,
        2,
    )
    if not is_usable or shapes != expected_shapes:
        raise UnableToReadModel(
            _("The model has another format."), next_step=_("Create it again: make model.")
        )
    return ContentModel(
        linear=Model(
            codes=codes,
            names=names,
            phrases=phrases,
            weights=weights,
            bias=arrays["bias"],
            known=is_known,
            calibration=Calibration(),
            version=fingerprint(data),
        ),
        statements=statements,
        head=head,
        limits=(limits[0], limits[1], limits[2], limits[3]),
        slopes=(slopes[0], slopes[1]),
    )
