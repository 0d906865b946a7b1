"""The linear model of messages: weights over what the classifier's engine finds in a text, the
probabilities they mean, and the file they are kept in.

One column for each label but fraud, and one for each kind of fraud; the probability of fraud is the
sum of its kinds. Temperatures of a softmax (Guo et al. 2017) are fitted for each language to
messages of templates that the weights have not seen.
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
    probabilities,
    read_archive,
    scores,
)
from amends.engines.classification.model.phrases import Phrases
from amends.platform.kit.errors import gettext_noop as _

FORMAT = 1
FRAUD = "fraud."
_OURS = re.compile(r"\bzz\w*\s*")
"""Words that `normalise` puts into a message; nobody wrote them."""


@dataclass(frozen=True, slots=True)
class MessageModel:
    """Weights and temperatures (English, Chinese); `linear.codes` are the columns."""

    linear: Model
    temperature: tuple[float, float]

    @property
    def codes(self) -> tuple[str, ...]:
        """Labels, of fraud with its kind: `legitimate`, `fraud.prize`."""
        return self.linear.codes

    @property
    def version(self) -> str:
        """Twelve characters that name the content of its file."""
        return self.linear.version


def find(texts: Sequence[str], *, names: Phrases, phrases: Phrases) -> Features:
    """The features of normalised messages."""
    return features(texts, names=names, phrases=phrases)


def chances(model: MessageModel, features: Features) -> NDArray[np.float32]:
    """The probability of each column for each text; rows sum to one."""
    english, chinese = model.temperature
    heat = np.where(is_chinese(features.han_share), chinese, english).astype(np.float32)
    return probabilities(scores(model.linear, features), heat)


def words_that_decided(
    model: MessageModel, features: Features, texts: Sequence[str], columns: NDArray[np.int64]
) -> list[tuple[str, ...]]:
    """Up to three passages of each normalised text that speak most for its column."""
    deciding = deciding_words(model.linear, features, texts, columns)
    cleaned = ([_OURS.sub(" ", part).strip() for part in parts] for parts in deciding)
    return [tuple(part for part in parts if part) for parts in cleaned]


def dump(model: MessageModel, *, notes: dict[str, Any]) -> bytes:
    """The bytes of a model file; a weight is kept in eight bits."""
    linear = model.linear
    steps = np.maximum(np.abs(linear.weights).max(axis=0), 1e-6) / 127
    about = {
        "format": FORMAT,
        "codes": list(linear.codes),
        "concepts": list(linear.phrases.concepts),
        "temperature": list(model.temperature),
        "notes": notes,
    }
    return archive(
        {
            "about": np.frombuffer(json.dumps(about, sort_keys=True).encode(), dtype=np.uint8),
            "weights": np.rint(linear.weights / steps).astype(np.int8),
            "steps": steps.astype(np.float32),
            "bias": linear.bias.astype(np.float32),
            "known": np.packbits(linear.known),
        }
    )


def load(data: bytes, *, names: Phrases, phrases: Phrases) -> MessageModel:
    """The model in the bytes of a file. Raises UnableToReadModel where they are none."""
    arrays = read_archive(data)
    try:
        about = json.loads(arrays["about"].tobytes())
        codes = tuple(map(str, about["codes"]))
        weights = arrays["weights"].astype(np.float32) * arrays["steps"]
        english, chinese = map(float, about["temperature"])
        known_features = np.unpackbits(arrays["known"]).astype(bool)
        is_matching = about["format"] == FORMAT and tuple(about["concepts"]) == phrases.concepts
    except (KeyError, ValueError, IndexError, TypeError) as error:
        raise UnableToReadModel(_("This is not a model of messages.")) from error
    if not is_matching or weights.shape != (rows(len(phrases.concepts)), len(codes)):
        raise UnableToReadModel(
            _("The model has another format."), next_step=_("Make it again: make model.")
        )
    return MessageModel(
        Model(
            codes=codes,
            names=names,
            phrases=phrases,
            weights=weights,
            bias=arrays["bias"],
            known=known_features,
            calibration=Calibration(),
            version=fingerprint(data),
        ),
        (english, chinese),
    )
