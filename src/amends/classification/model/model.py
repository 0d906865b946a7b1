"""The linear model: weights of features, scores of texts, and the file it is kept in.

Each column of the weights answers a question of its own: one for each code ("is it about this?"),
then "is it an enquiry or a request, and no complaint?" and "is it about something else than
telecoms?". A model file is a NumPy archive
without pickled objects (`allow_pickle=False`): reading one cannot execute anything.
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

from amends.classification.model.calibration import ASIDE, Calibration
from amends.classification.model.features import (
    CONCEPT_ROW,
    KNOWN_BITS,
    Features,
    known_share,
    norms,
    rows,
)
from amends.classification.model.phrases import Phrases
from amends.kit.errors import BadInput
from amends.kit.errors import gettext_noop as _

FORMAT = 3
ROWS_AT_A_TIME = 1 << 15
FAMILIAR_SHARE = 0.7
"""From this share of known words on, a text counts in full."""


class UnableToReadModel(BadInput):
    """The file is not a model of this version of Amends."""

    code = "unable_to_read_model"


@dataclass(frozen=True, slots=True)
class Model:
    """Everything needed to classify a text.

    `weights` and `bias` have a column for each code, one for enquiries and one for texts of another
    subject; `known` says, by hash, which words and Han characters the model has met.
    """

    codes: tuple[str, ...]
    names: Phrases
    phrases: Phrases
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    known: NDArray[np.bool_]
    calibration: Calibration
    version: str


def scores(model: Model, found: Features) -> NDArray[np.float32]:
    """One score for each text and column: bias plus the weights of the text's features.

    What a text says counts less the fewer of its words are known, and nothing where none is.
    """
    length = norms(found) * np.minimum(known_share(found, model.known) / FAMILIAR_SHARE, 1.0) ** 2
    total = np.repeat(model.bias[None].astype(np.float32), found.folded.texts, axis=0)
    for family in found.families:
        for low in range(0, family.row.size, ROWS_AT_A_TIME):
            part = slice(low, low + ROWS_AT_A_TIME)
            text = family.text[part]
            first = _first_of_each(text)
            summed = np.add.reduceat(model.weights[family.row[part]], first, axis=0)
            which = text[first]
            total[which] += summed * length[family.group][which, None]
    return total


def _first_of_each(text: NDArray[np.int32]) -> NDArray[np.intp]:
    """Where the features of each text begin; `text` holds one or more, in order."""
    begins = np.empty(text.size, dtype=bool)
    begins[0] = True
    np.not_equal(text[1:], text[:-1], out=begins[1:])
    return begins.nonzero()[0]


def dump(model: Model, *, notes: dict[str, Any] | None = None, exact: bool = False) -> bytes:
    """The bytes of a model file; the same model gives the same bytes.

    The shipped file keeps a weight in eight bits; with `exact`, for a model learnt from a few
    corrections that move weights a little, in sixteen.
    """
    if exact:
        steps = np.ones(model.weights.shape[1], dtype=np.float32)
        small: NDArray[Any] = model.weights.astype(np.float16)
    else:
        steps = np.maximum(np.abs(model.weights).max(axis=0), 1e-6) / 127
        small = np.rint(model.weights / steps).astype(np.int8)
    about = {
        "format": FORMAT,
        "codes": list(model.codes),
        "concepts": list(model.phrases.concepts),
        "calibration": model.calibration.as_dict(),
        "notes": notes or {},
    }
    return archive(
        {
            "about": np.frombuffer(json.dumps(about, sort_keys=True).encode(), dtype=np.uint8),
            "weights": small,
            "steps": steps.astype(np.float32),
            "bias": model.bias.astype(np.float32),
            "known": np.packbits(model.known),
        }
    )


def load(data: bytes, *, names: Phrases, phrases: Phrases) -> Model:
    """The model in the bytes of a model file, for `phrases`.

    A model made for an older list of concepts is taken over: what it knew of a concept goes with
    the concept's name, a new concept starts without weight.

    Raises UnableToReadModel if the bytes are not a model or its numbers are damaged.
    """
    arrays = read_archive(data)
    try:
        about = json.loads(arrays["about"].tobytes())
        codes = tuple(str(code) for code in about["codes"])
        concepts = tuple(str(name) for name in about["concepts"])
        weights = arrays["weights"].astype(np.float32) * arrays["steps"].astype(np.float32)
        bias = arrays["bias"].astype(np.float32)
        usual = about["format"] == FORMAT
        calibration = Calibration.from_dict(about["calibration"]) if usual else None
        known = np.unpackbits(arrays["known"]).astype(bool) if usual else None
    except (KeyError, ValueError, IndexError, TypeError) as error:
        raise UnableToReadModel(_("This is not a classification model.")) from error
    if calibration is None or known is None:
        raise UnableToReadModel(
            _("The model has another format."), next_step=_("Learn it again from your labels.")
        )
    columns = len(codes) + ASIDE
    whole = weights.shape == (rows(len(concepts)), columns) and bias.shape == (columns,)
    whole = whole and known.shape == (1 << KNOWN_BITS,) and calibration.sound()
    if not whole or not np.isfinite(weights).all() or not np.isfinite(bias).all():
        raise UnableToReadModel(_("The model is damaged."), next_step=_("Learn it again."))
    return Model(
        codes=codes,
        names=names,
        phrases=phrases,
        weights=_for_concepts(weights, concepts, phrases.concepts),
        bias=bias,
        known=known,
        calibration=calibration,
        version=fingerprint(data),
    )


def _for_concepts(
    weights: NDArray[np.float32], old: tuple[str, ...], new: tuple[str, ...]
) -> NDArray[np.float32]:
    """Weights whose concept rows follow the order of `new` instead of `old`."""
    if old == new:
        return weights
    taken = np.zeros((rows(len(new)), weights.shape[1]), dtype=np.float32)
    taken[:CONCEPT_ROW] = weights[:CONCEPT_ROW]
    for place, name in enumerate(new):
        if name in old:
            taken[CONCEPT_ROW + place] = weights[CONCEPT_ROW + old.index(name)]
    return taken


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
        raise UnableToReadModel(_("This is not a classification model.")) from error
