"""What a message is: legitimate, bulk, spam or fraud, of what kind, and which words decided it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from amends.causes.protection.rules.message_model import (
    FRAUD,
    MessageModel,
    chances,
    find,
    load,
    words_that_decided,
)
from amends.engines.classification.links import Hosts, Link
from amends.engines.classification.model.features import known_share
from amends.engines.classification.model.phrases import Phrases, read_phrases
from amends.engines.classification.normalise import Normalised, normalise

PHRASES_FILE = "phrases@2026-11-30.toml"
MODEL_FILE = "message-model@2026-12-01.npz"
LABELS = ("legitimate", "bulk", "spam", "fraud")
MESSAGES_AT_A_TIME = 256
LEAST_WORDS = 3
"""Distinct terms that a message without link or number needs."""
LEAST_KNOWN = 0.2
DOUBTED_SCORE = 0.3
_WORDS = re.compile(r"[\u3400-\u9fff]|[a-z][a-z'’]{0,24}(?![a-z])")
_OURS = re.compile(r"zz\w*")
_NUMBER_KINDS = re.compile(r"zz(?:premium|mobile|freephone|hotline|shortcode|phone)")


@dataclass(frozen=True, slots=True)
class MessageJudgement:
    """What a message is.

    label       legitimate, bulk, spam or fraud
    kind        of fraud, else ""
    score       probability (0 to 1) that it is spam or fraud
    confidence  probability of the label
    words       up to three passages that decided it
    links       the links in it with what their hosts are
    hidden      what was undone to read it: "invisible", "lookalike", "split"
    doubt       "too_little" or "unreadable" where the text says too little to judge it: then the
                label is legitimate and the score low, whatever the model finds; else ""
    """

    label: str
    kind: str
    score: float
    confidence: float
    words: tuple[str, ...]
    links: tuple[Link, ...]
    hidden: tuple[str, ...]
    doubt: str = ""


@cache
def shipped_phrases() -> tuple[Phrases, Phrases]:
    """The phrases shipped with the package."""
    path = files("amends.causes.protection") / "rules" / "data" / PHRASES_FILE
    return read_phrases(tomllib.loads(path.read_text("utf-8")))


@cache
def shipped_model() -> MessageModel:
    """The model shipped with the package, made from messages written for it (`make model`)."""
    names, phrases = shipped_phrases()
    data = (files("amends.causes.protection") / "data" / MODEL_FILE).read_bytes()
    return load(data, names=names, phrases=phrases)


def judge_messages(
    messages: Sequence[str],
    *,
    hosts: Hosts,
    model: MessageModel | None = None,
    explain: bool = True,
) -> Iterator[MessageJudgement]:
    """Judge messages in order; `explain` finds the words that decided, at half the speed."""
    model = model or shipped_model()
    for begin in range(0, len(messages), MESSAGES_AT_A_TIME):
        part = messages[begin : begin + MESSAGES_AT_A_TIME]
        yield from _judge(
            [normalise(raw_message, hosts=hosts) for raw_message in part], model, explain
        )


def judge_message(
    message: str, *, hosts: Hosts, model: MessageModel | None = None
) -> MessageJudgement:
    """Judge one message.

    >>> from datetime import date
    >>> from amends.engines.classification.links import hosts_on
    >>> judge_message("Mum, I'm home, dinner at 8?", hosts=hosts_on(date(2026, 12, 1))).label
    'legitimate'
    """
    return next(judge_messages([message], hosts=hosts, model=model))


def _doubt(message: Normalised, known_part: float) -> str:
    """Why a message cannot be judged by its text; "" where it can.

    known  share of its terms that the model knows, 0 to 1
    """
    if message.links or _NUMBER_KINDS.search(message.text):
        return ""
    distinct_terms = set(_WORDS.findall(_OURS.sub(" ", message.text.lower())))
    if len(distinct_terms) < LEAST_WORDS:
        return "too_little"
    return "unreadable" if known_part < LEAST_KNOWN else ""


def _judge(
    messages: Sequence[Normalised], model: MessageModel, explain: bool
) -> Iterator[MessageJudgement]:
    texts = [normalised.text for normalised in messages]
    features = find(texts, names=model.linear.names, phrases=model.linear.phrases)
    chance = chances(model, features)
    codes = model.codes
    fraud = np.array([code.startswith(FRAUD) for code in codes])
    of_label = np.column_stack(
        [
            *(chance[:, codes.index(label)] for label in LABELS[:-1]),
            chance[:, fraud].sum(axis=1),
        ]
    )
    best = of_label.argmax(axis=1)
    within = np.where(fraud[None], chance, -1.0).argmax(axis=1)
    plain = np.array([codes.index(label) for label in LABELS[:-1]] + [0])
    column = np.where(best == len(LABELS) - 1, within, plain[best])
    deciding_terms = (
        words_that_decided(model, features, texts, column) if explain else [()] * len(texts)
    )
    known_parts = known_share(features, model.linear.known)
    for index, message in enumerate(messages):
        label = LABELS[best[index]]
        if doubt := _doubt(message, float(known_parts[index])):
            score = min(float(of_label[index, 2] + of_label[index, 3]), DOUBTED_SCORE)
            yield MessageJudgement(
                label="legitimate",
                kind="",
                score=round(score, 5),
                confidence=0.5,
                words=(),
                links=message.links,
                hidden=message.hidden,
                doubt=doubt,
            )
            continue
        yield MessageJudgement(
            label=label,
            kind=codes[within[index]].removeprefix(FRAUD) if label == "fraud" else "",
            score=round(float(of_label[index, 2] + of_label[index, 3]), 5),
            confidence=round(float(of_label[index, best[index]]), 4),
            words=deciding_terms[index],
            links=message.links,
            hidden=message.hidden,
        )
