"""What vectors say about classes, and how that is weighed against the model's own scores.

A multinomial logistic regression on sentence vectors, trained with scikit-learn on texts of ours
(`python -m training`) and kept as numbers.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from amends.engines.classification.model.model import (
    ASIDE,
    Calibration,
    UnableToReadModel,
    archive,
    read_archive,
)
from amends.platform.kit.errors import gettext_noop as _

HEAD_FILE = "semantic-head@2026-11-30.npz"


@dataclass(frozen=True, slots=True)
class Head:
    """Weights of the vectors' dimensions, with columns as a model's scores have them.

    share        how much the log-probabilities of the head count beside the model's, by language
                 (English, Chinese)
    ask_below    below this confidence of the model, the head is asked
    """

    codes: tuple[str, ...]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    share: tuple[float, float]
    ask_below: float
    calibration: Calibration


def mixed(
    head: Head,
    score: NDArray[np.float32],
    vectors: NDArray[np.float32],
    *,
    chinese: NDArray[np.bool_],
    temperature: tuple[float, float],
) -> NDArray[np.float32]:
    """Scores that weigh the model's `score` over its `temperature` with what `vectors` say."""
    own_scores = vectors @ head.weights + head.bias
    heat = np.where(chinese, temperature[1], temperature[0]).astype(np.float32)[:, None]
    share = np.where(chinese, head.share[1], head.share[0]).astype(np.float32)[:, None]
    codes = _log_shares(score[:, :-ASIDE] / heat) + share * _log_shares(own_scores[:, :-ASIDE])
    return np.column_stack([codes, score[:, -ASIDE:] + own_scores[:, -ASIDE:]]).astype(np.float32)


def _log_shares(score: NDArray[np.float32]) -> NDArray[np.float32]:
    score = score - score.max(axis=1, keepdims=True)
    return np.asarray(score - np.log(np.exp(score).sum(axis=1, keepdims=True)), dtype=np.float32)


def dump_head(head: Head, *, notes: dict[str, Any]) -> bytes:
    """The bytes of a head file; the same head gives the same bytes."""
    about = {
        "codes": list(head.codes),
        "share": head.share,
        "ask_below": head.ask_below,
        "calibration": head.calibration.as_dict(),
        "notes": notes,
    }
    return archive(
        {
            "about": np.frombuffer(json.dumps(about, sort_keys=True).encode(), dtype=np.uint8),
            "weights": head.weights.astype(np.float16),
            "bias": head.bias.astype(np.float32),
        }
    )


def load_head(data: bytes) -> Head:
    """The head in the bytes of a head file; raises UnableToReadModel for anything else."""
    arrays = read_archive(data)
    try:
        about = json.loads(arrays["about"].tobytes())
        return Head(
            codes=tuple(about["codes"]),
            weights=arrays["weights"].astype(np.float32),
            bias=arrays["bias"].astype(np.float32),
            share=(float(about["share"][0]), float(about["share"][1])),
            ask_below=float(about["ask_below"]),
            calibration=Calibration.from_dict(about["calibration"]),
        )
    except (KeyError, ValueError, IndexError, TypeError) as error:
        raise UnableToReadModel(_("This is not a classification model.")) from error


@cache
def shipped_head() -> Head:
    """The head shipped with the package."""
    return load_head((files("amends.engines.classification") / "data" / HEAD_FILE).read_bytes())
