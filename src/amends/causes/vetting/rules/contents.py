"""Contents judged: clean, or harmful in one of six ways, with its reasons."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from amends.causes.vetting.rules.content_model import (
    ContentModel,
    chances,
    find,
    in_chinese,
    label_scores,
    load,
    odds_not_clean,
    passages_that_decided,
    second_scores,
    statements_found,
)
from amends.causes.vetting.rules.spellings import respell
from amends.causes.vetting.rules.visible_text import visible_text
from amends.engines.classification.links import Hosts, Link
from amends.engines.classification.model.phrases import Phrases, read_phrases
from amends.engines.classification.normalise import normalise

PHRASES_FILE = "content-phrases@2026-12-01.toml"
MODEL_FILE = "content-model@2026-12-01.npz"
CLEAN = "clean"
LABELS = (
    CLEAN,
    "gambling",
    "fraud",
    "adult",
    "drugs_weapons",
    "loan_shark",
    "hidden_charge",
)
TEXTS_AT_A_TIME = 256

WINDOW, STEP, OPENING = 900, 700, 100
"""A longer text is judged in windows of so many characters, each after the opening of the text,
which says whether a page reports, warns or offers."""

MOST_WINDOWS = 60
"""Of a very long page the windows are spread evenly."""

VECTOR_CHARACTERS = 600

Vectors = Callable[[Sequence[str]], NDArray[np.float32] | None]
"""Sentence vectors of texts, or None where they cannot be had."""


@dataclass(frozen=True, slots=True)
class ContentJudgement:
    """The judgement of a content.

    label       one of LABELS
    score       probability (0 to 1) that it is not clean
    passages    up to three that decided it
    statements  what it states, by the names of the rule file
    links       the links in it with what their hosts are
    hidden      what was undone to read it: "invisible", "lookalike", "split", "spelling"
    part        of a long text, the part that decided, as a reader sees it
    second      whether the second reading, by sentence vectors, took part
    """

    label: str
    score: float
    passages: tuple[str, ...]
    statements: tuple[str, ...]
    links: tuple[Link, ...]
    hidden: tuple[str, ...]
    part: str
    second: bool


@dataclass(frozen=True, slots=True)
class ReadContent:
    """A part of a content as it is judged: normalised text, and where it comes from."""

    number: int
    shown: str
    text: str
    links: tuple[Link, ...]
    hidden: tuple[str, ...]


@cache
def shipped_phrases() -> tuple[Phrases, Phrases]:
    """The phrases shipped with the package."""
    path = files("amends.causes.vetting") / "rules" / "data" / PHRASES_FILE
    return read_phrases(tomllib.loads(path.read_text("utf-8")))


@cache
def shipped_model() -> ContentModel:
    """The model shipped with the package, made from texts written for it (`make model`)."""
    names, phrases = shipped_phrases()
    data = (files("amends.causes.vetting") / "data" / MODEL_FILE).read_bytes()
    return load(data, names=names, phrases=phrases)


def read_content(content: str, *, hosts: Hosts, number: int = 0) -> list[ReadContent]:
    """The parts of a content, normalised."""
    parts = []
    for window in _windows(visible_text(content)):
        spelt = respell(window)
        normalised = normalise(spelt, hosts=hosts)
        respelt = ("spelling",) if spelt != window else ()
        parts.append(
            ReadContent(
                number=number,
                shown=window,
                text=normalised.text,
                links=normalised.links,
                hidden=(*normalised.hidden, *respelt),
            )
        )
    return parts


def judge_contents(
    contents: Sequence[str],
    *,
    hosts: Hosts,
    model: ContentModel | None = None,
    explain: bool = True,
    vectors: Vectors | None = None,
) -> Iterator[ContentJudgement]:
    """Judge contents in order.

    explain  finds the passages that decided, at half the speed
    vectors  adds the second reading, at some 50 ms a text
    """
    model = model or shipped_model()
    for begin in range(0, len(contents), TEXTS_AT_A_TIME):
        batch = contents[begin : begin + TEXTS_AT_A_TIME]
        parts = [
            part
            for number, content in enumerate(batch)
            for part in read_content(content, hosts=hosts, number=number)
        ]
        yield from _judge(parts, len(batch), model, explain=explain, vectors=vectors)


def judge_content(
    content: str, *, hosts: Hosts, vectors: Vectors | None = None
) -> ContentJudgement:
    """Judge one content.

    >>> from datetime import date
    >>> from amends.engines.classification.links import hosts_on
    >>> judge_content("Opening hours: nine to five", hosts=hosts_on(date(2026, 12, 1))).label
    'clean'
    """
    return next(judge_contents([content], hosts=hosts, vectors=vectors))


def _windows(text: str) -> list[str]:
    if len(text) <= WINDOW:
        return [text]
    starts = list(range(0, len(text) - WINDOW + STEP, STEP))
    if len(starts) > MOST_WINDOWS:
        chosen = np.linspace(0, len(starts) - 1, MOST_WINDOWS).round().astype(int)
        starts = [starts[start_index] for start_index in chosen]
    opening = text[:OPENING]
    return [
        text[start : start + WINDOW] if start == 0 else f"{opening} {text[start : start + WINDOW]}"
        for start in starts
    ]


def _judge(
    parts: Sequence[ReadContent],
    contents: int,
    model: ContentModel,
    *,
    explain: bool,
    vectors: Vectors | None,
) -> Iterator[ContentJudgement]:
    texts = [part.text for part in parts]
    features_found = find(texts, names=model.linear.names, phrases=model.linear.phrases)
    score = label_scores(model, features_found)
    chinese = in_chinese(features_found)
    chance = chances(model, odds_not_clean(model, score), chinese)
    place_of = np.array([part.number for part in parts])
    # Of each content the part most likely harmful decides.
    order = np.lexsort((-chance, place_of))
    first = order[np.searchsorted(place_of[order], np.arange(contents))]
    read = (
        vectors([meant(parts[part_index].shown) for part_index in first.tolist()])
        if vectors
        else None
    )
    if read is not None:
        score[first] = second_scores(model, score[first], read)
        odds = odds_not_clean(model, score[first])
        chance[first] = chances(model, odds, chinese[first], second=True)
    chance[[not part.shown for part in parts]] = 0.0
    column = columns_of(model, score, chance)
    passages = (
        passages_that_decided(model, features_found, texts, column)
        if explain
        else [()] * len(parts)
    )
    statements = (
        statements_found(features_found, model.linear.phrases) if explain else [()] * len(parts)
    )
    for number in first.tolist():
        part = parts[number]
        yield ContentJudgement(
            label=model.codes[column[number]],
            score=round(float(chance[number]), 5),
            passages=passages[number],
            statements=statements[number],
            links=part.links,
            hidden=part.hidden,
            part=part.shown,
            second=read is not None,
        )


def meant(shown_text: str) -> str:
    """The text of which a sentence vector is made: as meant, and not too long."""
    return respell(shown_text)[:VECTOR_CHARACTERS]


def columns_of(
    model: ContentModel, score: NDArray[np.float32], chance: NDArray[np.float32]
) -> NDArray[np.int64]:
    """The column of each text's label: clean below one half, else the likeliest harm."""
    clean = model.codes.index(CLEAN)
    harm = score.copy()
    harm[:, clean] = -np.inf
    return np.where(chance >= 0.5, harm.argmax(axis=1), clean)
