"""What a complaint is about: first and second code, how sure, and the words that decided it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from amends.complaints.rules.classification.explanations import deciding_words
from amends.complaints.rules.classification.features import Features, features
from amends.complaints.rules.classification.folding import LONGEST_CHARACTERS
from amends.complaints.rules.classification.model import (
    Model,
    is_chinese,
    load,
    probabilities,
    scores,
)
from amends.complaints.rules.classification.phrases import Phrases, read_phrases

UNSPECIFIC = "other.unspecific"
"""The code of a text that does not say what it is about."""

PHRASES_FILE = "seed-phrases@2026-11-24.toml"
MODEL_FILE = "classification-model@2026-11-24.npz"
CHARACTERS_AT_A_TIME = 1 << 15


@dataclass(frozen=True, slots=True)
class Classification:
    """The answer for one text.

    `code2` is "" if the text has one topic; `confidence` is the calibrated probability (0 to 1)
    of `code`; `because` quotes up to three passages of the text; with `ask` a person should ask
    the complainant what it is about.
    """

    code: str
    code2: str
    confidence: float
    because: tuple[str, ...]
    ask: bool
    language: Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Columns:
    """The answers for many texts as parallel arrays; `code` and `code2` index `codes`, -1 none."""

    codes: tuple[str, ...]
    code: NDArray[np.int16]
    code2: NDArray[np.int16]
    confidence: NDArray[np.float32]
    ask: NDArray[np.bool_]
    chinese: NDArray[np.bool_]

    def names(self) -> list[str]:
        """The first codes as text."""
        return [self.codes[place] for place in self.code.tolist()]

    def second_names(self) -> list[str]:
        """The second codes as text, "" where there is none."""
        return [self.codes[place] if place >= 0 else "" for place in self.code2.tolist()]


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
        answers += [
            Classification(code, code2, round(sure, 4), because, ask, "zh" if chinese else "en")
            for code, code2, sure, because, ask, chinese in zip(
                columns.names(),
                columns.second_names(),
                columns.confidence.tolist(),
                words,
                columns.ask.tolist(),
                columns.chinese.tolist(),
                strict=True,
            )
        ]
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
        codes=model.codes,
        code=np.concatenate([part.code for part in parts]),
        code2=np.concatenate([part.code2 for part in parts]),
        confidence=np.concatenate([part.confidence for part in parts]),
        ask=np.concatenate([part.ask for part in parts]),
        chinese=np.concatenate([part.chinese for part in parts]),
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
    return (files("amends.complaints.rules") / "data" / name).read_bytes()


def _columns(model: Model, found: Features) -> Columns:
    chance = probabilities(model, scores(model, found), found.han_share)
    every = np.arange(chance.shape[0])
    first = chance.argmax(axis=1)
    sure = chance[every, first]
    unspecific = model.codes.index(UNSPECIFIC)
    silent = ~_says_anything(found)
    first[silent], sure[silent] = unspecific, 0.0
    rest = chance.copy()
    rest[every, first] = 0.0
    rest[:, unspecific] = 0.0
    second = rest.argmax(axis=1)
    named = (rest[every, second] >= model.second_share * sure) & (first != unspecific)
    return Columns(
        codes=model.codes,
        code=first.astype(np.int16),
        code2=np.where(named, second, -1).astype(np.int16),
        confidence=sure.astype(np.float32),
        ask=(sure < model.ask_below) | (first == unspecific),
        chinese=is_chinese(found.han_share),
    )


def _says_anything(found: Features) -> NDArray[np.bool_]:
    """Which texts have anything to go by; a blank one, or the bare name of a company, has not."""
    said = np.zeros(found.folded.texts, dtype=bool)
    for family in found.families:
        said[family.text] = True
    return said


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
