"""Make the classification model that ships with the package, from the texts of this folder.

    python -m training            write the model (a few minutes)
    python -m training --check    the rehearsal only: how well does it carry over?

The same texts, seed and libraries give the same file. No labelled complaint of anybody enters: the
templates in `texts/` were written for this purpose. Temperatures and thresholds come from a
rehearsal: a model made from four fifths of the templates answers texts of the others.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
import zlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

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
TEXTS_PER_CODE = 2_000
MORE_OFTEN = {"billing.wrong_charge": 1.6, "network.speed": 1.3, UNSPECIFIC: 1.6}
FIRST_SHARE = 0.62
STRENGTH = 1e-6
FORGOTTEN_SHARE = 0.5
"""Of the features of each text, what training hides, so that no single word decides alone."""

ROUNDS = 120
HOLD_OUT_EVERY = 5
UNSEEN_PER_CODE = 100


def write_texts(*, per_code: int, every: int = 0, held_out: bool = False) -> list[Text]:
    """Texts of both languages, `per_code` for each code and language, in a fixed order."""
    written = []
    for language in ("en", "zh"):
        seed = zlib.crc32(f"{SEED}{language}{held_out}".encode())
        chance = random.Random(seed)
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
    _forget(matrix)
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


def _forget(matrix: Any) -> None:
    """Hide a share of the features of every text (dropout, Srivastava et al. 2014), in place."""
    kept = np.random.default_rng(SEED).random(matrix.nnz) >= FORGOTTEN_SHARE
    matrix.data *= kept / np.float32(np.sqrt(1 - FORGOTTEN_SHARE))
    matrix.eliminate_zeros()


def calibrate(model: Model, held: Sequence[Text]) -> Model:
    """`model` with the temperatures and thresholds that suit texts it was not made from."""
    found = features([text.text for text in held], names=model.names, phrases=model.phrases)
    score = scores(model, found)
    place = {code: number for number, code in enumerate(model.codes)}
    right = np.array([place[text.code] for text in held])
    second = np.array([place.get(text.code2, -1) for text in held])
    chinese = is_chinese(found.han_share)
    one = second < 0
    heats = [best_temperature(score[part], right[part]) for part in (one & ~chinese, one & chinese)]
    model = replace(model, temperature=(heats[0], heats[1]))
    return replace(model, second_share=best_threshold(model, found, right, second))


def main() -> None:
    """Write or check the model."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--check", action="store_true", help="rehearse, write nothing")
    options.add_argument("--per-code", type=int, default=TEXTS_PER_CODE)
    asked = options.parse_args()
    began = time.monotonic()
    rehearsal = train(write_texts(per_code=asked.per_code // 2, every=HOLD_OUT_EVERY))
    unseen = write_texts(per_code=UNSEEN_PER_CODE, every=HOLD_OUT_EVERY, held_out=True)
    rehearsal = calibrate(rehearsal, unseen)
    _report("templates held out", rehearsal, unseen)
    if not asked.check:
        written = write_texts(per_code=asked.per_code)
        model = replace(
            train(written),
            temperature=rehearsal.temperature,
            second_share=rehearsal.second_share,
        )
        data = dump(model, notes={"seed": SEED, "texts": len(written)})
        load(data, names=model.names, phrases=model.phrases)
        (HERE.parent / "src/amends/complaints/rules/data" / MODEL_FILE).write_bytes(data)
        _say(f"{MODEL_FILE}: {len(data):,} bytes from {len(written):,} texts")
    _say(f"{time.monotonic() - began:.0f} s")


def _report(what: str, model: Model, texts: Sequence[Text]) -> None:
    answers = classify_columns([text.text for text in texts], model=model)
    _say(f"{what}: {agreement(answers, texts)}")
    _say(f"temperature {model.temperature}, second code from a share of {model.second_share}")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
