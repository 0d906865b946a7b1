"""What a text is about: first and second code, how sure, the words that decided it, and whether
it is an enquiry and no complaint."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from amends.engines.classification.certainty import measured_certainty
from amends.engines.classification.model.explanations import deciding_words
from amends.engines.classification.model.features import Features, features, known_share
from amends.engines.classification.model.model import (
    ASIDE,
    ClassJudgement,
    Model,
    is_chinese,
    judge,
    load,
    probabilities,
    scores,
)
from amends.engines.classification.model.phrases import Phrases, read_phrases
from amends.engines.classification.model.texts import LONGEST_CHARACTERS
from amends.engines.classification.second_opinion.head import Head, mixed, shipped_head

UNSPECIFIC = "other.unspecific"
"""The code of a text that does not say what it is about."""

PHRASES_FILE = "seed-phrases@2026-11-29.toml"
MODEL_FILE = "classification-model@2026-11-30.npz"
CHARACTERS_AT_A_TIME = 1 << 15
ENQUIRY_FROM = 0.5
FOREIGN_FROM = 0.5
"""From this probability on a text is said to complain of nothing in telecoms."""


Vectors = Callable[[Sequence[str]], NDArray[np.float32] | None]
"""Gives texts their sentence vectors; None where it cannot."""


@dataclass(frozen=True, slots=True)
class Classification:
    """The answer for one text.

    `confidence` is the calibrated probability (0 to 1) of `code`; `code2` is "" if the text has
    one topic, else `confidence2` is its probability. `cues` quotes up to three passages of the
    text; with `ask` a person should ask the complainant what it is about. `enquiry_share` is the
    probability that the text asks or orders something and complains of nothing, `foreign_share`
    that it complains of nothing in telecoms (another subject, praise, an advert); from one half on
    its code is `other.unspecific`.
    With `by_meaning` the second opinion had a say; with `unsure` it is worth asking.
    `plausible` are the classes the text may be about, each with its probability, the likeliest
    first; it is empty where the class is certain (`certainty.py`).
    """

    code: str
    code2: str
    confidence: float
    cues: tuple[str, ...]
    ask: bool
    language: Literal["zh", "en"]
    confidence2: float = 0.0
    enquiry_share: float = 0.0
    foreign_share: float = 0.0
    by_meaning: bool = False
    unsure: bool = False
    plausible: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class ClassifiedTexts:
    """The answers for many texts as parallel arrays; `code` and `code2` index `codes`, -1 none.

    share      the model's probability of each code, texts by codes
    plausible  whether a text may be about each code, texts by codes; none where it is certain
    """

    codes: tuple[str, ...]
    code: NDArray[np.int16]
    code2: NDArray[np.int16]
    confidence: NDArray[np.float32]
    ask: NDArray[np.bool_]
    chinese: NDArray[np.bool_]
    confidence2: NDArray[np.float32]
    enquiry_share: NDArray[np.float32]
    foreign_share: NDArray[np.float32]
    by_meaning: NDArray[np.bool_]
    unsure: NDArray[np.bool_]
    share: NDArray[np.float32]
    plausible: NDArray[np.bool_]

    def names(self) -> list[str]:
        """The first codes as text."""
        return [self.codes[code_number] for code_number in self.code.tolist()]

    def second_names(self) -> list[str]:
        """The second codes as text, "" where there is none."""
        return [
            self.codes[code_number] if code_number >= 0 else ""
            for code_number in self.code2.tolist()
        ]

    def answers(self, cues: Sequence[tuple[str, ...]] = ()) -> list[Classification]:
        """One answer for each text; `cues` are the passages that decided, where wanted."""
        return [
            Classification(
                code=self.codes[self.code[text_index]],
                code2=self.codes[self.code2[text_index]] if self.code2[text_index] >= 0 else "",
                confidence=round(float(self.confidence[text_index]), 4),
                cues=cues[text_index] if cues else (),
                ask=bool(self.ask[text_index]),
                language="zh" if self.chinese[text_index] else "en",
                confidence2=round(float(self.confidence2[text_index]), 4),
                enquiry_share=round(float(self.enquiry_share[text_index]), 4),
                foreign_share=round(float(self.foreign_share[text_index]), 4),
                by_meaning=bool(self.by_meaning[text_index]),
                unsure=bool(self.unsure[text_index]),
                plausible=self._plausible(text_index),
            )
            for text_index in range(self.code.size)
        ]

    def _plausible(self, text_index: int) -> tuple[tuple[str, float], ...]:
        """The classes that one text may be about, the likeliest first."""
        codes = np.flatnonzero(self.plausible[text_index])
        ordered = sorted(codes.tolist(), key=lambda code: -float(self.share[text_index, code]))
        return tuple(
            (self.codes[code], round(float(self.share[text_index, code]), 4)) for code in ordered
        )


def classify(
    texts: Sequence[str], *, model: Model | None = None, vectors: Vectors | None = None
) -> list[Classification]:
    """Classify `texts` with `model`, or with the one shipped with the package.

    vectors  asked for those the model is not sure of, where the extra `amends[semantic]` is there

    >>> answer = classify(["They charged me twice and won't give my money back"])[0]
    >>> answer.code in {"billing.refund_credit", "billing.wrong_charge"}
    True
    """
    model = model or shipped_model()
    answers: list[Classification] = []
    for part in _parts(texts):
        features_found = features(part, names=model.names, phrases=model.phrases)
        columns = _columns(model, features_found, part, vectors)
        deciding = deciding_words(model, features_found, part, columns.code.astype(np.int64))
        answers += columns.answers(deciding)
    return answers


def classify_columns(
    texts: Sequence[str], *, model: Model | None = None, vectors: Vectors | None = None
) -> ClassifiedTexts:
    """As `classify`, without the deciding words: arrays for bulk work.

    >>> classify_columns([]).code.size
    0
    """
    model = model or shipped_model()
    parts = [
        _columns(model, features(part, names=model.names, phrases=model.phrases), part, vectors)
        for part in _parts(texts)
    ]
    if len(parts) == 1:
        return parts[0]
    if not parts:
        return _columns(model, features([], names=model.names, phrases=model.phrases), [], None)
    return ClassifiedTexts(
        model.codes,
        *(
            np.concatenate([getattr(part, field.name) for part in parts])
            for field in fields(ClassifiedTexts)[1:]
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
    return (files("amends.engines.classification") / "data" / name).read_bytes()


def _columns(
    model: Model, features_found: Features, texts: Sequence[str], vectors: Vectors | None
) -> ClassifiedTexts:
    unspecific = model.codes.index(UNSPECIFIC)
    chinese = is_chinese(features_found.han_share)
    score, known_part = scores(model, features_found), known_share(features_found, model.known)
    answer = judge(
        score,
        unknown=1 - known_part,
        chinese=chinese,
        calibration=model.calibration,
        never_second=unspecific,
    )
    silent = (known_part == 0) | features_found.other_language
    foreign = answer.foreign >= FOREIGN_FROM
    by_meaning = np.zeros(chinese.size, dtype=bool)
    named = (answer.second_sure >= model.calibration.second_from) & ~silent & ~foreign
    head = shipped_head()
    unsure = np.zeros(chinese.size, dtype=bool)
    if head.codes == model.codes:
        unsure = (answer.sure < head.ask_below) & ~foreign & ~silent
        # At first sight it gained nothing on what says nothing, and lost on enquiries.
        unsure &= (answer.first != unspecific) & (answer.enquiry < ENQUIRY_FROM)
    if vectors is not None and unsure.any():
        by_meaning = _ask_meaning(
            head, model, answer, unsure, score, known_part, chinese, texts, vectors
        )
    first, sure = answer.first, answer.sure
    # What is mostly unknown words may be another language as well as another subject.
    sure[foreign] = answer.foreign[foreign] * known_part[foreign]
    first[silent | foreign], sure[silent] = unspecific, 0.0
    named &= (first != unspecific) & (first != answer.second)
    second = np.where(named, answer.second, -1)
    temperature = np.array(model.calibration.temperature, dtype=np.float32)
    share = probabilities(score[:, :-ASIDE], temperature[chinese.astype(np.int64)])
    return ClassifiedTexts(
        codes=model.codes,
        code=first.astype(np.int16),
        code2=second.astype(np.int16),
        confidence=sure,
        ask=(sure < model.calibration.ask_below) | (first == unspecific),
        chinese=chinese,
        confidence2=np.where(named, answer.second_sure, 0.0).astype(np.float32),
        enquiry_share=np.where(silent, 0.0, answer.enquiry).astype(np.float32),
        foreign_share=np.where(silent, 0.0, answer.foreign).astype(np.float32),
        by_meaning=by_meaning,
        unsure=unsure & ~by_meaning,
        share=share,
        plausible=_plausible(model, share, first, second, sure, chinese, by_meaning),
    )


def _plausible(
    model: Model,
    share: NDArray[np.float32],
    first: NDArray[np.int64],
    second: NDArray[np.int64],
    sure: NDArray[np.float32],
    chinese: NDArray[np.bool_],
    by_meaning: NDArray[np.bool_],
) -> NDArray[np.bool_]:
    """Which classes each text may be about; none where one class is certain.

    The second opinion was measured on no held-out texts: what it names is never certain.
    """
    certainty_table = measured_certainty()
    english, chinese_certainty = (
        certainty_table.of(model.version, language) for language in ("en", "zh")
    )
    certain_from = np.where(chinese, chinese_certainty.certain_from, english.certain_from)
    plausible_from = np.where(chinese, chinese_certainty.plausible_from, english.plausible_from)
    plausible = share >= plausible_from[:, None]
    every = np.arange(first.size)
    plausible[every, first] = True
    plausible[every[second >= 0], second[second >= 0]] = True
    certain = (sure >= certain_from) & (second < 0) & ~by_meaning
    plausible[certain] = False
    return np.asarray(plausible, dtype=bool)


def _ask_meaning(
    head: Head,
    model: Model,
    answer: ClassJudgement,
    doubtful: NDArray[np.bool_],
    score: NDArray[np.float32],
    known_part: NDArray[np.float32],
    chinese: NDArray[np.bool_],
    texts: Sequence[str],
    vectors: Vectors,
) -> NDArray[np.bool_]:
    """Put the second opinion into `answer` for texts in doubt; which of them it was.

    A second code stays the model's, and what is an enquiry or no complaint.
    """
    which = np.flatnonzero(doubtful)
    by_meaning = np.zeros(chinese.size, dtype=bool)
    text_vectors = vectors([texts[text_index] for text_index in which.tolist()])
    if text_vectors is None:
        return by_meaning
    both = mixed(
        head,
        score[which],
        text_vectors,
        chinese=chinese[which],
        temperature=model.calibration.temperature,
    )
    second = judge(
        both,
        unknown=1 - known_part[which],
        chinese=chinese[which],
        calibration=head.calibration,
        never_second=model.codes.index(UNSPECIFIC),
    )
    answer.first[which], answer.sure[which] = second.first, second.sure
    by_meaning[which] = True
    return by_meaning


def _parts(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    """Slices of `texts` small enough for the processor's cache."""
    begin = 0
    size = 0
    for text_index, text in enumerate(texts):
        size += min(len(text), LONGEST_CHARACTERS) + 3
        if size >= CHARACTERS_AT_A_TIME:
            yield texts[begin : text_index + 1]
            begin, size = text_index + 1, 0
    if begin < len(texts):
        yield texts[begin:]
