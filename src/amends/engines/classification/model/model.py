"""The linear model: weights of features, scores of texts, what scores mean in probabilities, and
the file it is kept in.

Each column of the weights answers a question of its own: one for each code ("is it about
this?"), then "is it an enquiry or a request, and no complaint?" and "is it no complaint about
telecoms?". A model file is a NumPy archive without pickled objects (`allow_pickle=False`):
reading one cannot execute anything.

The first code's probability is a softmax of the scores over a temperature (Guo et al. 2017),
then a logistic curve (Platt 1999) over that, the share of unknown words and the score of no
complaint: what holds for texts like those of training does not hold for others. The
probabilities of the second code, of an enquiry and of no complaint are logistic curves too. All
are fitted to texts the weights have not seen.
"""

from __future__ import annotations

import hashlib
import io
import json
import math
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from amends.engines.classification.model.features import (
    CONCEPT_ROW,
    KNOWN_BITS,
    Features,
    known_share,
    norms,
    rows,
)
from amends.engines.classification.model.phrases import Phrases
from amends.platform.kit.errors import BadInput
from amends.platform.kit.errors import gettext_noop as _

Curve = tuple[float, ...]
"""Coefficients of a logistic curve: the constant, then one for each score."""

ASIDE = 2
"""Columns of scores that are no codes: enquiry, another subject than telecoms."""

_LIKE_TRAINING: Curve = (0.0, 1.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Calibration:
    """Temperatures and curves of (English, Chinese) texts, and the two thresholds.

    A second code is named from `second_from` on; below `ask_below` a person should ask.
    """

    temperature: tuple[float, float] = (1.0, 1.0)
    sure: tuple[Curve, Curve] = (_LIKE_TRAINING, _LIKE_TRAINING)
    second: tuple[Curve, Curve] = (_LIKE_TRAINING, _LIKE_TRAINING)
    enquiry: tuple[Curve, Curve] = ((0.0, 1.0), (0.0, 1.0))
    foreign: tuple[Curve, Curve] = (_LIKE_TRAINING, _LIKE_TRAINING)
    second_from: float = 0.25
    ask_below: float = 0.5

    def as_dict(self) -> dict[str, Any]:
        """As a JSON document."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Calibration:
        """From a JSON document."""
        english, chinese = (float(heat) for heat in data["temperature"])
        return cls(
            temperature=(english, chinese),
            **{name: _pair(data[name]) for name in _CURVES},
            second_from=float(data["second_from"]),
            ask_below=float(data["ask_below"]),
        )

    def sound(self) -> bool:
        """Whether the figures can be used: positive temperatures, curves of the right length."""
        curves = {name: getattr(self, name) for name in _CURVES}
        numbers = [*self.temperature, self.second_from, self.ask_below]
        numbers += [number for pair in curves.values() for each in pair for number in each]
        right = all(len(each) == _CURVES[name] for name, pair in curves.items() for each in pair)
        return min(self.temperature) > 0 and all(map(math.isfinite, numbers)) and right


_CURVES = {"sure": 4, "second": 4, "enquiry": 2, "foreign": 4}
"""How many coefficients each curve has."""


def _pair(data: Any) -> tuple[Curve, Curve]:
    english, chinese = data
    return tuple(map(float, english)), tuple(map(float, chinese))


@dataclass(frozen=True, slots=True)
class ClassJudgement:
    """The two best codes of each text (their places), how sure each is, the probability that it is
    an enquiry, and that it complains of nothing in telecoms."""

    first: NDArray[np.int64]
    sure: NDArray[np.float32]
    second: NDArray[np.int64]
    second_sure: NDArray[np.float32]
    enquiry: NDArray[np.float32]
    foreign: NDArray[np.float32]


def is_chinese(han_share: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether a text is answered in Chinese: a fifth of its characters are Han."""
    return han_share >= 0.2


def judge(
    score: NDArray[np.float32],
    *,
    unknown: NDArray[np.float32],
    chinese: NDArray[np.bool_],
    calibration: Calibration,
    never_second: int,
) -> ClassJudgement:
    """What `score` (texts by codes, then enquiry and another subject) means in probabilities.

    unknown       the share of each text's words that the model has never met, 0 to 1
    never_second  the place of a code that is never a second one
    """
    codes = score[:, :-ASIDE]
    first, second, evidence = ranked(codes, never_second=never_second)
    sure = first_evidence(score, unknown, chinese=chinese, temperature=calibration.temperature)
    return ClassJudgement(
        first=first,
        sure=curve(sure, _each(calibration.sure, chinese)),
        second=second,
        second_sure=curve(evidence, _each(calibration.second, chinese)),
        enquiry=curve(score[:, -2:-1], _each(calibration.enquiry, chinese)),
        foreign=curve(foreign_evidence(score, unknown), _each(calibration.foreign, chinese)),
    )


def first_evidence(
    score: NDArray[np.float32],
    unknown: NDArray[np.float32],
    *,
    chinese: NDArray[np.bool_],
    temperature: tuple[float, float],
) -> NDArray[np.float32]:
    """What the confidence in the best code rests on: its log odds, unknown words, other subject."""
    english, chinese_heat = temperature
    heat = np.where(chinese, chinese_heat, english).astype(np.float32)
    best = probabilities(score[:, :-ASIDE], heat).max(axis=1).clip(1e-6, 1 - 1e-6)
    odds = np.log(best / (1 - best))
    return np.stack([odds, unknown, score[:, -1].clip(-8.0, 8.0)], axis=1)


def foreign_evidence(
    score: NDArray[np.float32], unknown: NDArray[np.float32]
) -> NDArray[np.float32]:
    """What tells another subject: its own score, unknown words, the best score of any code."""
    best = score[:, :-ASIDE].max(axis=1)
    return np.stack([score[:, -1].clip(-15.0, 15.0), unknown, best.clip(-15.0, 15.0)], axis=1)


def ranked(
    score: NDArray[np.float32], *, never_second: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """The best code, the next one, and the evidence for the next one.

    Evidence: its own score, how far the best is above it, how far the third is below it.
    """
    every = np.arange(score.shape[0])
    first = score.argmax(axis=1)
    other_scores = score.copy()
    other_scores[:, never_second] = -np.inf
    best = score[every, first]
    other_scores[every, first] = -np.inf
    second = other_scores.argmax(axis=1)
    next_best = other_scores[every, second]
    other_scores[every, second] = -np.inf
    third = other_scores.max(axis=1)
    evidence = np.stack([next_best, best - next_best, next_best - third], axis=1)
    return first, second, evidence.clip(-30.0, 30.0)


def _each(pair: tuple[Curve, Curve], chinese: NDArray[np.bool_]) -> NDArray[np.float32]:
    """The coefficients that hold for each text."""
    return np.array(pair, dtype=np.float32)[chinese.astype(np.int64)]


def curve(evidence: NDArray[np.float32], coefficients: NDArray[np.float32]) -> NDArray[np.float32]:
    """The logistic curve at `evidence`; one row of coefficients for all texts, or one for each."""
    coefficients = np.atleast_2d(coefficients)
    logit = coefficients[:, 0] + (evidence * coefficients[:, 1:]).sum(axis=1)
    return np.asarray(1.0 / (1.0 + np.exp(-logit.clip(-30.0, 30.0))), dtype=np.float32)


def probabilities(score: NDArray[np.float32], heat: NDArray[np.float32]) -> NDArray[np.float32]:
    """Softmax of each row over its temperature."""
    scaled = score / heat[:, None]
    scaled -= scaled.max(axis=1, keepdims=True)
    np.exp(scaled, out=scaled)
    scaled /= scaled.sum(axis=1, keepdims=True)
    return scaled


def best_temperature(score: NDArray[np.float32], right: NDArray[np.int64]) -> float:
    """The temperature with the smallest log loss of the right codes.

    >>> sure = np.array([[4.0, 0.0], [4.0, 0.0], [4.0, 0.0]], dtype=np.float32)
    >>> best_temperature(sure, np.array([0, 0, 1])) > 3
    True
    """
    heats = np.geomspace(0.3, 8.0, 133)
    losses = [log_loss(score / np.float32(heat), right) for heat in heats]
    return round(float(heats[int(np.argmin(losses))]), 3)


def refined(base: Curve, evidence: NDArray[np.float32], right: NDArray[np.bool_]) -> Curve:
    """`base` with its log odds scaled and moved so that they suit `right` best."""
    odds = base[0] + evidence @ np.array(base[1:], dtype=np.float32)
    constant, slope = best_curve(odds[:, None], right)
    return constant + slope * base[0], *(slope * each for each in base[1:])


def best_curve(evidence: NDArray[np.float32], right: NDArray[np.bool_]) -> Curve:
    """The logistic curve that suits `right` best, a little held back (Newton's method).

    >>> steps = np.array([[-2.0], [-1.0], [1.0], [2.0]] * 50, dtype=np.float32)
    >>> constant, slope = best_curve(steps, np.array([False, True, False, True] * 50))
    >>> slope > 0
    True
    """
    table = np.column_stack([np.ones(right.size), evidence.astype(np.float64)])
    penalty = np.diag([1e-6] + [1.0] * (table.shape[1] - 1))
    coefficients = np.zeros(table.shape[1])
    for _round in range(50):
        chance = 1.0 / (1.0 + np.exp(-np.clip(table @ coefficients, -30, 30)))
        slope = table.T @ (chance - right) + penalty @ coefficients
        bend = (table * (chance * (1 - chance))[:, None]).T @ table + penalty
        step = np.linalg.solve(bend + 1e-9 * np.eye(coefficients.size), slope)
        coefficients = coefficients - step
        if float(np.abs(step).max()) < 1e-8:
            break
    return tuple(round(float(value), 5) for value in coefficients)


def log_loss(score: NDArray[np.float32], right: NDArray[np.int64]) -> float:
    """Mean of minus the logarithm of the probability given to the right codes."""
    shifted = score - score.max(axis=1, keepdims=True)
    log_chance = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return float(-log_chance[np.arange(right.size), right].mean())


@dataclass(frozen=True, slots=True)
class Bin:
    """Texts of like confidence: how many, how sure, and which share was right."""

    texts: int
    sure: float
    right: float


def reliability(
    sure: NDArray[np.float64], correct: NDArray[np.bool_], *, bins: int = 10
) -> tuple[Bin, ...]:
    """The reliability curve: what was claimed beside what came true, by equal steps of confidence.

    >>> reliability(np.array([0.9, 0.9]), np.array([True, False]))
    (Bin(texts=2, sure=0.9, right=0.5),)
    """
    bin_index = np.minimum((sure * bins).astype(np.int64), bins - 1)
    return tuple(
        Bin(
            int((bin_index == number).sum()),
            round(float(sure[bin_index == number].mean()), 10),
            round(float(correct[bin_index == number].mean()), 10),
        )
        for number in np.unique(bin_index).tolist()
    )


def expected_calibration_error(
    sure: NDArray[np.float64], correct: NDArray[np.bool_], *, bins: int = 10
) -> float:
    """Mean gap between confidence and share of right answers, over bins of equal confidence.

    >>> expected_calibration_error(np.array([0.9, 0.9]), np.array([True, False]))
    0.4
    """
    bins_found = reliability(sure, correct, bins=bins)
    total = max(sum(each.texts for each in bins_found), 1)
    return round(sum(each.texts * abs(each.sure - each.right) for each in bins_found) / total, 10)


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


def scores(model: Model, features_found: Features) -> NDArray[np.float32]:
    """One score for each text and column: bias plus the weights of the text's features.

    What a text says counts less the fewer of its words are known, and nothing where none is.
    """
    length = (
        norms(features_found)
        * np.minimum(known_share(features_found, model.known) / FAMILIAR_SHARE, 1.0) ** 2
    )
    total = np.repeat(model.bias[None].astype(np.float32), features_found.folded.texts, axis=0)
    for family in features_found.families:
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
        is_known = np.unpackbits(arrays["known"]).astype(bool) if usual else None
    except (KeyError, ValueError, IndexError, TypeError) as error:
        raise UnableToReadModel(_("This is not a classification model.")) from error
    if calibration is None or is_known is None:
        raise UnableToReadModel(
            _("The model has another format."), next_step=_("Learn it again from your labels.")
        )
    columns = len(codes) + ASIDE
    is_usable = weights.shape == (rows(len(concepts)), columns) and bias.shape == (columns,)
    is_usable = is_usable and is_known.shape == (1 << KNOWN_BITS,) and calibration.sound()
    if not is_usable or not np.isfinite(weights).all() or not np.isfinite(bias).all():
        raise UnableToReadModel(_("The model is damaged."), next_step=_("Learn it again."))
    return Model(
        codes=codes,
        names=names,
        phrases=phrases,
        weights=_for_concepts(weights, concepts, phrases.concepts),
        bias=bias,
        known=is_known,
        calibration=calibration,
        version=fingerprint(data),
    )


def _for_concepts(
    weights: NDArray[np.float32], old: tuple[str, ...], new: tuple[str, ...]
) -> NDArray[np.float32]:
    """Weights whose concept rows follow the order of `new` instead of `old`."""
    if old == new:
        return weights
    new_weights = np.zeros((rows(len(new)), weights.shape[1]), dtype=np.float32)
    new_weights[:CONCEPT_ROW] = weights[:CONCEPT_ROW]
    for concept_index, name in enumerate(new):
        if name in old:
            new_weights[CONCEPT_ROW + concept_index] = weights[CONCEPT_ROW + old.index(name)]
    return new_weights


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
