"""Make the classification model that ships with the package, from the texts of this folder.

    python -m training            write the model (about a minute)
    python -m training --check    hold templates out: how well does it carry over?

The same texts, seed and libraries give the same file. No labelled complaint of anybody enters: the
templates in `texts/` were written for this purpose, and `heldout.csv`, also ours, sets the
temperature and the thresholds.
"""

from __future__ import annotations

import argparse
import csv
import random
import sys
import time
import zlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from amends.complaints.rules.classification.calibration import best_temperature
from amends.complaints.rules.classification.features import features, rows
from amends.complaints.rules.classification.fitting import design, fit, row_scales
from amends.complaints.rules.classification.model import (
    Model,
    dump,
    is_chinese,
    load,
    scores,
)
from amends.complaints.rules.classify import MODEL_FILE, classify_columns, shipped_phrases
from training.grammar import read_grammar
from training.thresholds import agreement, best_threshold
from training.writing import UNSPECIFIC, Text, Writer

HERE = Path(__file__).resolve().parent
SEED = 20261124
TEXTS_PER_CODE = 1_600
MORE_OFTEN = {"billing.wrong_charge": 1.6, "network.speed": 1.3, UNSPECIFIC: 1.6}
FIRST_SHARE = 0.62
STRENGTH = 2e-6
ROUNDS = 120
HOLD_OUT_EVERY = 6


def write_texts(*, per_code: int, every: int = 0, held_out: bool = False) -> list[Text]:
    """Texts of both languages, `per_code` for each code and language, in a fixed order."""
    written = []
    for language in ("en", "zh"):
        seed = zlib.crc32(f"{SEED}{language}{held_out}".encode())
        chance = random.Random(seed)  # noqa: S311 (texts, not secrets)
        writer = Writer(
            read_grammar(HERE / "texts" / language), chance, every=every, held_out=held_out
        )
        for code in writer.codes:
            for _ in range(int(per_code * MORE_OFTEN.get(code, 1.0))):
                written.append(writer.write(code))
    return written


def train(written: Sequence[Text]) -> Model:
    """A model fitted to `written`, not yet calibrated."""
    names, phrases = shipped_phrases()
    codes = tuple(sorted({text.code for text in written}))
    place = {code: number for number, code in enumerate(codes)}
    found = features([text.text for text in written], names=names, phrases=phrases)
    matrix = design(found, rows=rows(len(phrases.concepts)))
    targets = np.zeros((len(written), len(codes)), dtype=np.float32)
    for number, text in enumerate(written):
        targets[number, place[text.code]] = FIRST_SHARE if text.code2 else 1.0
        if text.code2:
            targets[number, place[text.code2]] = 1 - FIRST_SHARE
    weights, bias = fit(matrix, targets, strength=STRENGTH, rounds=ROUNDS)
    weights *= row_scales(weights.shape[0])[:, None]
    weights -= weights.mean(axis=1, keepdims=True)
    return Model(
        codes=codes,
        names=names,
        phrases=phrases,
        weights=weights,
        bias=bias - bias.mean(),
        temperature=(1.0, 1.0),
        second_share=0.4,
        ask_below=0.5,
        version="",
    )


def calibrate(model: Model, held: Sequence[Text]) -> Model:
    """`model` with the temperatures and thresholds that suit texts it was not made from."""
    found = features([text.text for text in held], names=model.names, phrases=model.phrases)
    score = scores(model, found)
    place = {code: number for number, code in enumerate(model.codes)}
    right = np.array([place[text.code] for text in held])
    second = np.array([place.get(text.code2, -1) for text in held])
    chinese = is_chinese(found.han_share)
    heats = [best_temperature(score[part], right[part]) for part in (~chinese, chinese)]
    model = replace(model, temperature=(heats[0], heats[1]))
    return replace(model, second_share=best_threshold(model, found, right, second))


def read_held_out() -> list[Text]:
    """The hand-written texts that no template resembles on purpose."""
    with (HERE / "heldout.csv").open(encoding="utf-8", newline="") as file:
        return [
            Text(row["text"], row["lang"], row["label"], row["label2"], -1)
            for row in csv.DictReader(file)
        ]


def main() -> None:
    """Write or check the model."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--check", action="store_true", help="hold templates out, write nothing")
    options.add_argument("--per-code", type=int, default=TEXTS_PER_CODE)
    asked = options.parse_args()
    began = time.monotonic()
    every = HOLD_OUT_EVERY if asked.check else 0
    written = write_texts(per_code=asked.per_code, every=every)
    model = train(written)
    if asked.check:
        _report("templates held out", model, write_texts(per_code=60, every=every, held_out=True))
    held = read_held_out()
    model = calibrate(model, held)
    _report("hand-written texts", model, held)
    if not asked.check:
        data = dump(model, notes={"seed": SEED, "texts": len(written)})
        load(data, names=model.names, phrases=model.phrases)
        (HERE.parent / "src/amends/complaints/rules/data" / MODEL_FILE).write_bytes(data)
        _say(f"{MODEL_FILE}: {len(data):,} bytes from {len(written):,} texts")
    _say(f"{time.monotonic() - began:.0f} s")


def _report(what: str, model: Model, texts: Sequence[Text]) -> None:
    answers = classify_columns([text.text for text in texts], model=model)
    _say(f"{what}: {agreement(answers, texts)}")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
