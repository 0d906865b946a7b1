"""Make the model of messages that ships with the package, from the templates of this folder.

    python -m training.messages            write the model (about two minutes)
    python -m training.messages --check    the rehearsal only: templates held out

The same texts, seed and libraries give the same file. No message of anybody enters.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from amends.causes.protection.rules.message_model import MessageModel, chances, dump, find, load
from amends.causes.protection.rules.messages import MODEL_FILE, shipped_phrases
from amends.engines.classification.links import hosts_on
from amends.engines.classification.model.features import rows, words_known
from amends.engines.classification.model.learning import design, fit, row_scales
from amends.engines.classification.model.model import (
    Calibration,
    Model,
    best_temperature,
    is_chinese,
    scores,
)
from amends.engines.classification.normalise import normalise
from training.__main__ import write_texts
from training.messages.writing import LANGUAGES, Message, MessageWriter
from training.registers import read_registers

DATA = Path(__file__).resolve().parents[2] / "src/amends/causes/protection/data"
SEED = 20261130
HOSTS_ON = date(2026, 11, 30)
MESSAGES = {"legitimate": 14_000, "bulk": 2_500, "spam": 5_000}
FRAUDS = 700
"""Of each kind of fraud and language."""

COMPLAINTS_PER_CODE = 40
"""What people write to an operator is legitimate, whatever it complains of."""

HOLD_OUT_EVERY = 6
KNOWN_FROM = 2
STRENGTH = 1e-6
ROUNDS = 110
FORGOTTEN_SHARE = 0.5
CAUTION = 1.0
"""Messages of strangers are harder than templates held out: temperatures are raised by this."""


def write_messages(*, every: int = 0, held_out: bool = False, share: float = 1.0) -> list[Message]:
    """Messages of both languages in a fixed order."""
    written = []
    for language in LANGUAGES:
        writer = MessageWriter(language, SEED, every=every, held_out=held_out)
        for label in writer.labels:
            written += [
                writer.write(label) for _ in range(int(MESSAGES.get(label, FRAUDS) * share))
            ]
    if not held_out:
        others = [*write_texts(per_code=int(COMPLAINTS_PER_CODE * share)), *read_registers()]
        written += [Message(one.text, "legitimate", one.language, -1) for one in others]
    return written


def features_of(texts: Sequence[str]) -> Any:
    """The features of messages as they are judged."""
    names, phrases = shipped_phrases()
    hosts = hosts_on(HOSTS_ON)
    return find([normalise(one, hosts=hosts).text for one in texts], names=names, phrases=phrases)


def train(written: Sequence[Message]) -> MessageModel:
    """A model fitted to messages, with temperatures of one."""
    names, phrases = shipped_phrases()
    codes = tuple(sorted({one.label for one in written}))
    found = features_of([one.text for one in written])
    matrix = design(found, rows=rows(len(phrases.concepts)))
    place = {code: number for number, code in enumerate(codes)}
    present = np.zeros((len(written), len(codes)), dtype=np.float32)
    present[np.arange(len(written)), [place[one.label] for one in written]] = 1.0
    kept = np.random.default_rng(SEED).random(matrix.nnz) >= FORGOTTEN_SHARE
    matrix.data *= kept / np.float32(np.sqrt(1 - FORGOTTEN_SHARE))
    matrix.eliminate_zeros()
    weights, bias = fit(matrix, present, shares=present, strength=STRENGTH, rounds=ROUNDS)
    weights *= row_scales(weights.shape[0])[:, None]
    linear = Model(
        codes=codes,
        names=names,
        phrases=phrases,
        weights=weights,
        bias=bias,
        known=words_known(found, KNOWN_FROM),
        calibration=Calibration(),
        version="",
    )
    return MessageModel(linear, (1.0, 1.0))


def temperatures(model: MessageModel, unseen: Sequence[Message]) -> tuple[float, float]:
    """Temperatures (English, Chinese) that suit messages of templates held out, with caution."""
    found = features_of([one.text for one in unseen])
    score = scores(model.linear, found)
    right = np.array([model.codes.index(one.label) for one in unseen])
    chinese = is_chinese(found.han_share)
    english, han = (
        round(best_temperature(score[part], right[part]) * CAUTION, 3)
        for part in (~chinese, chinese)
    )
    return english, han


def report(model: MessageModel, unseen: Sequence[Message]) -> None:
    """Say how often the label is right on templates held out."""
    chance = chances(model, features_of([one.text for one in unseen]))
    best = [model.codes[column] for column in chance.argmax(axis=1)]
    for language in LANGUAGES:
        rows_of = [
            (one.label, found)
            for one, found in zip(unseen, best, strict=True)
            if one.language == language
        ]
        labels = [(said.split(".")[0], found.split(".")[0]) for said, found in rows_of]
        right = sum(said == found for said, found in labels) / len(labels)
        kinds = sum(said == found for said, found in rows_of) / len(rows_of)
        _say(f"held out, {language}: {len(labels)}, label right {right:.3f}, kind too {kinds:.3f}")


def main() -> None:
    """Write or check the model."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--check", action="store_true", help="rehearse, write nothing")
    asked = options.parse_args()
    began = time.monotonic()
    rehearsal = train(write_messages(every=HOLD_OUT_EVERY, share=0.4))
    unseen = write_messages(every=HOLD_OUT_EVERY, held_out=True, share=0.1)
    heat = temperatures(rehearsal, unseen)
    report(rehearsal, unseen)
    _say(f"temperatures {heat}")
    if not asked.check:
        names, phrases = shipped_phrases()
        model = MessageModel(train(write_messages()).linear, heat)
        data = dump(model, notes={"seed": SEED})
        load(data, names=names, phrases=phrases)
        (DATA / MODEL_FILE).write_bytes(data)
        _say(f"{MODEL_FILE}: {len(data):,} bytes")
    _say(f"{time.monotonic() - began:.0f} s")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
