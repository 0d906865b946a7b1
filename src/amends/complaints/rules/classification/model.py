"""The linear model: weights of features, scores of texts, and the file it is kept in.

A model file is a NumPy archive without pickled objects (`allow_pickle=False`): reading one cannot
execute anything. Weights are kept in eight bits, as differences from the mean of the codes.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from amends.complaints.rules.classification.features import Features, norms, rows
from amends.complaints.rules.classification.phrases import Phrases
from amends.kit.errors import BadInput

FORMAT = 1
ROWS_AT_A_TIME = 1 << 15


class UnableToReadModel(BadInput):
    """The file is not a model of this version of Amends."""

    code = "unable_to_read_model"


@dataclass(frozen=True, slots=True)
class Model:
    """Everything needed to classify a text.

    `temperature` divides the scores of (English, Chinese) texts so that a confidence of 0.8 is
    right four times in five; `second_share` is how much of the first code's probability the second
    one needs to be named; below `ask_below` a person should ask.
    """

    codes: tuple[str, ...]
    names: Phrases
    phrases: Phrases
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    temperature: tuple[float, float]
    second_share: float
    ask_below: float
    version: str


def scores(model: Model, found: Features) -> NDArray[np.float32]:
    """One score for each text and code: bias plus the weights of the text's features."""
    length = norms(found)
    total = np.tile(model.bias, (found.folded.texts, 1)).astype(np.float32)
    for family in found.families:
        for low in range(0, family.row.size, ROWS_AT_A_TIME):
            part = slice(low, low + ROWS_AT_A_TIME)
            text = family.text[part]
            first = np.flatnonzero(np.diff(text, prepend=-1))
            summed = np.add.reduceat(model.weights[family.row[part]], first, axis=0)
            which = text[first]
            total[which] += summed * length[family.group][which, None]
    return total


def probabilities(
    model: Model, score: NDArray[np.float32], han_share: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Calibrated probabilities of the codes for each text."""
    english, chinese = model.temperature
    heat = np.where(is_chinese(han_share), chinese, english).astype(np.float32)
    scaled = score / heat[:, None]
    scaled -= scaled.max(axis=1, keepdims=True)
    np.exp(scaled, out=scaled)
    scaled /= scaled.sum(axis=1, keepdims=True)
    return scaled


def is_chinese(han_share: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether a text is answered in Chinese: a fifth of its characters are Han."""
    return han_share >= 0.2


def dump(model: Model, *, notes: dict[str, Any] | None = None) -> bytes:
    """The bytes of a model file; the same model gives the same bytes."""
    steps = np.maximum(np.abs(model.weights).max(axis=0), 1e-6) / 127
    small = np.rint(model.weights / steps).astype(np.int8)
    about = {
        "format": FORMAT,
        "codes": list(model.codes),
        "concepts": list(model.phrases.concepts),
        "temperature": list(model.temperature),
        "second_share": model.second_share,
        "ask_below": model.ask_below,
        "notes": notes or {},
    }
    return archive(
        {
            "about": np.frombuffer(json.dumps(about, sort_keys=True).encode(), dtype=np.uint8),
            "weights": small,
            "steps": steps.astype(np.float32),
            "bias": model.bias.astype(np.float32),
        }
    )


def load(data: bytes, *, names: Phrases, phrases: Phrases) -> Model:
    """The model in the bytes of a model file, with the phrases it was made for."""
    arrays = read_archive(data)
    try:
        about = json.loads(arrays["about"].tobytes())
        weights = arrays["weights"].astype(np.float32) * arrays["steps"].astype(np.float32)
        bias = arrays["bias"].astype(np.float32)
        codes = tuple(str(code) for code in about["codes"])
        model = Model(
            codes=codes,
            names=names,
            phrases=phrases,
            weights=weights,
            bias=bias,
            temperature=(float(about["temperature"][0]), float(about["temperature"][1])),
            second_share=float(about["second_share"]),
            ask_below=float(about["ask_below"]),
            version=fingerprint(data),
        )
    except (KeyError, ValueError, IndexError, TypeError) as error:
        raise UnableToReadModel("This is not a classification model.") from error
    shape = (rows(len(phrases.concepts)), len(codes))
    if about["format"] != FORMAT or tuple(about["concepts"]) != phrases.concepts:
        raise UnableToReadModel(
            "The model was made for other phrases.", next_step="Learn it again from your labels."
        )
    if weights.shape != shape or bias.shape != (len(codes),) or not np.isfinite(weights).all():
        raise UnableToReadModel("The model's weights are damaged.")
    return model


def fingerprint(data: bytes) -> str:
    """Twelve characters that name the content of a model file."""
    return hashlib.sha256(data).hexdigest()[:12]


def archive(arrays: dict[str, NDArray[Any]]) -> bytes:
    """A NumPy archive with fixed dates, so that equal arrays give equal bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as box:
        for name, array in sorted(arrays.items()):
            inner = io.BytesIO()
            np.lib.format.write_array(inner, np.ascontiguousarray(array), allow_pickle=False)
            entry = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            box.writestr(entry, inner.getvalue())
    return out.getvalue()


def read_archive(data: bytes) -> dict[str, NDArray[Any]]:
    """The arrays of an archive; anything but plain arrays is refused."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as box:
            return {name: box[name] for name in box.files}
    except (ValueError, OSError, zipfile.BadZipFile, EOFError, AttributeError, TypeError) as error:
        raise UnableToReadModel("This is not a classification model.") from error
