"""What a text is about: first and second code, how sure, the words that decided it, and whether
it is an enquiry and no complaint."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from amends.classification.model.calibration import is_chinese, judge
from amends.classification.model.explanations import deciding_words
from amends.classification.model.features import Features, features, known_share
from amends.classification.model.folding import LONGEST_CHARACTERS
from amends.classification.model.model import Model, load, scores
from amends.classification.model.phrases import Phrases, read_phrases

UNSPECIFIC = "other.unspecific"
"""The code of a text that does not say what it is about."""

PHRASES_FILE = "seed-phrases@2026-11-24.toml"
MODEL_FILE = "classification-model@2026-11-24.npz"
CHARACTERS_AT_A_TIME = 1 << 15


@dataclass(frozen=True, slots=True)
class Classification:
    """The answer for one text.

    `confidence` is the calibrated probability (0 to 1) of `code`; `code2` is "" if the text has
    one topic, else `confidence2` is its probability. `because` quotes up to three passages of the
    text; with `ask` a person should ask the complainant what it is about. `enquiry_share` is the
    probability that the text asks or orders something and complains of nothing.
    """

    code: str
    code2: str
    confidence: float
    because: tuple[str, ...]
    ask: bool
    language: Literal["zh", "en"]
    confidence2: float = 0.0
    enquiry_share: float = 0.0


@dataclass(frozen=True, slots=True)
class Columns:
    """The answers for many texts as parallel arrays; `code` and `code2` index `codes`, -1 none."""

    codes: tuple[str, ...]
    code: NDArray[np.int16]
    code2: NDArray[np.int16]
    confidence: NDArray[np.float32]
    ask: NDArray[np.bool_]
    chinese: NDArray[np.bool_]
    confidence2: NDArray[np.float32]
    enquiry_share: NDArray[np.float32]

    def names(self) -> list[str]:
        """The first codes as text."""
        return [self.codes[place] for place in self.code.tolist()]

    def second_names(self) -> list[str]:
        """The second codes as text, "" where there is none."""
        return [self.codes[place] if place >= 0 else "" for place in self.code2.tolist()]

    def answers(self, because: Sequence[tuple[str, ...]] = ()) -> list[Classification]:
        """One answer for each text; `because` are the passages that decided, where wanted."""
        return [
            Classification(
                code, code2, round(sure, 4), words, ask, "zh" if chinese else "en",
                round(sure2, 4), round(enquiry, 4),
            )
            for code, code2, sure, words, ask, chinese, sure2, enquiry in zip(
                self.names(), self.second_names(), self.confidence.tolist(),
                because or [()] * self.code.size, self.ask.tolist(), self.chinese.tolist(),
                self.confidence2.tolist(), self.enquiry_share.tolist(), strict=True,
            )
        ]  # fmt: skip


def classify(texts: Sequence[str], *, model: Model | None = None) -> list[Classification]:
    """Classify `texts` with `model`, or with the one shipped with the package.

    >>> answer = classify(["They charged me twice and won't give my money back"])[0]
    >>> answer.code in {"billing.refund_credit", "billing.wrong_charge"}
    True
    """
    model = model or shipped_model()
    answers: list[Classification] = []
    for part in _parts(texts):
        found = features(part, names=model.names, phrases=model.phrases)
        columns = _columns(model, found)
        words = deciding_words(model, found, part, columns.code.astype(np.int64))
        answers += columns.answers(words)
    return answers


def classify_columns(texts: Sequence[str], *, model: Model | None = None) -> Columns:
    """As `classify`, without the deciding words: arrays for bulk work.

    >>> classify_columns([]).code.size
    0
    """
    model = model or shipped_model()
    parts = [
        _columns(model, features(part, names=model.names, phrases=model.phrases))
        for part in _parts(texts)
    ]
    if len(parts) == 1:
        return parts[0]
    if not parts:
        return _columns(model, features([], names=model.names, phrases=model.phrases))
    return Columns(
        model.codes,
        *(
            np.concatenate([getattr(part, field.name) for part in parts])
            for field in fields(Columns)[1:]
        ),
    )


@cache
def shipped_phrases() -> tuple[Phrases, Phrases]:
    """The phrases shipped with the package: (names of operators, everything else)."""
    return read_phrases(tomllib.loads(_data(PHRASES_FILE).decode()))


@cache
def shipped_model() -> Model:
    """The model shipped with the package, made from texts written for it (`make model`)."""
    names, phrases = shipped_phrases()
    return load(_data(MODEL_FILE), names=names, phrases=phrases)


def _data(name: str) -> bytes:
    return (files("amends.classification") / "data" / name).read_bytes()


def _columns(model: Model, found: Features) -> Columns:
    unspecific = model.codes.index(UNSPECIFIC)
    chinese = is_chinese(found.han_share)
    answer = judge(
        scores(model, found),
        chinese=chinese,
        calibration=model.calibration,
        never_second=unspecific,
    )
    first, sure = answer.first, answer.sure
    silent = known_share(found, model.known) == 0
    first[silent], sure[silent] = unspecific, 0.0
    named = (answer.second_sure >= model.calibration.second_from) & (first != unspecific)
    return Columns(
        codes=model.codes,
        code=first.astype(np.int16),
        code2=np.where(named, answer.second, -1).astype(np.int16),
        confidence=sure,
        ask=(sure < model.calibration.ask_below) | (first == unspecific),
        chinese=chinese,
        confidence2=np.where(named, answer.second_sure, 0.0).astype(np.float32),
        enquiry_share=np.where(silent, 0.0, answer.enquiry).astype(np.float32),
    )


def _parts(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    """Slices of `texts` small enough for the processor's cache."""
    begin = 0
    size = 0
    for place, text in enumerate(texts):
        size += min(len(text), LONGEST_CHARACTERS) + 3
        if size >= CHARACTERS_AT_A_TIME:
            yield texts[begin : place + 1]
            begin, size = place + 1, 0
    if begin < len(texts):
        yield texts[begin:]
