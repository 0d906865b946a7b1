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

from amends.classification.classify import MODEL_FILE, classify_columns, shipped_phrases
from amends.classification.model.calibration import (
    Calibration,
    best_curve,
    best_temperature,
    is_chinese,
    ranked,
)
from amends.classification.model.features import features, rows, words_known
from amends.classification.model.fitting import design, fit, row_scales
from amends.classification.model.model import (
    Model,
    dump,
    load,
    scores,
)
from training.grammar import read_grammar
from training.rehearsal import agreement
from training.writing import UNSPECIFIC, Text, Writer

HERE = Path(__file__).resolve().parent
SEED = 20261124
TEXTS_PER_CODE = 2_000
MORE_OFTEN = {"billing.wrong_charge": 1.6, "network.speed": 1.3, UNSPECIFIC: 1.6}
FIRST_SHARE = 0.62
SECOND_PRESENT = 0.9
"""How present a second topic counts as: a little less than the first."""

ENQUIRIES_PER_CODE = 400
KNOWN_FROM = 3
"""A word is known if it stands in this many texts; slips of the finger are not."""

STRENGTH = 1e-6
FORGOTTEN_SHARE = 0.5
"""Of the features of each text, what training hides, so that no single word decides alone."""

ROUNDS = 120
HOLD_OUT_EVERY = 5
UNSEEN_PER_CODE = 100


def write_texts(
    *,
    per_code: int,
    every: int = 0,
    held_out: bool = False,
    languages: Sequence[str] = ("en", "zh"),
) -> list[Text]:
    """Texts of both languages, `per_code` for each code and language, in a fixed order."""
    written = []
    for language in languages:
        seed = zlib.crc32(f"{SEED}{language}{held_out}".encode())
        chance = random.Random(seed)
        writer = Writer(
            read_grammar(HERE / "texts" / language), chance, every=every, held_out=held_out
        )
        for code in writer.codes:
            for _ in range(int(per_code * MORE_OFTEN.get(code, 1.0))):
                written.append(writer.write(code))
        for code in writer.asked_about:
            for _ in range(per_code * ENQUIRIES_PER_CODE // TEXTS_PER_CODE):
                written.append(writer.ask(code))
    return written


def train(written: Sequence[Text]) -> Model:
    """A model fitted to `written`, not yet calibrated."""
    names, phrases = shipped_phrases()
    codes = tuple(sorted({text.code for text in written}))
    place = {code: number for number, code in enumerate(codes)}
    found = features([text.text for text in written], names=names, phrases=phrases)
    matrix = design(found, rows=rows(len(phrases.concepts)))
    present = np.zeros((len(written), len(codes) + 1), dtype=np.float32)
    shares = np.zeros((len(written), len(codes)), dtype=np.float32)
    for number, text in enumerate(written):
        first = place[text.code]
        present[number, first] = 1.0
        shares[number, first] = FIRST_SHARE if text.code2 else 1.0
        if text.code2:
            present[number, place[text.code2]] = SECOND_PRESENT
            shares[number, place[text.code2]] = 1 - FIRST_SHARE
        present[number, -1] = text.enquiry
    _forget(matrix)
    weights, bias = fit(matrix, present, shares=shares, strength=STRENGTH, rounds=ROUNDS)
    weights *= row_scales(weights.shape[0])[:, None]
    return Model(
        codes=codes,
        names=names,
        phrases=phrases,
        weights=weights,
        bias=bias,
        known=words_known(found, KNOWN_FROM),
        calibration=Calibration(),
        version="",
    )


def _forget(matrix: Any) -> None:
    """Hide a share of the features of every text (dropout, Srivastava et al. 2014), in place."""
    kept = np.random.default_rng(SEED).random(matrix.nnz) >= FORGOTTEN_SHARE
    matrix.data *= kept / np.float32(np.sqrt(1 - FORGOTTEN_SHARE))
    matrix.eliminate_zeros()


def calibrate(model: Model, held: Sequence[Text]) -> Model:
    """`model` with the temperatures and curves that suit texts it was not made from."""
    found = features([text.text for text in held], names=model.names, phrases=model.phrases)
    score = scores(model, found)
    place = {code: number for number, code in enumerate(model.codes)}
    right = np.array([place[text.code] for text in held])
    other = np.array([place.get(text.code2, -1) for text in held])
    enquiry = np.array([text.enquiry for text in held])
    chinese = is_chinese(found.han_share)
    first, second, evidence = ranked(score[:, :-1], never_second=place[UNSPECIFIC])
    named = second == np.where(first == right, other, right)
    # Held-out templates are harder than people's texts: where the first code is wrong, the second
    # is often the one that should have come first, and would look better than it will be.
    known = (first == right) | (first == other)
    tongues = (~chinese & ~enquiry, chinese & ~enquiry)
    one = other < 0
    english, han = (best_temperature(score[part & one, :-1], right[part & one]) for part in tongues)
    calibration = replace(
        model.calibration,
        temperature=(english, han),
        second=tuple(best_curve(evidence[part & known], named[part & known]) for part in tongues),
        enquiry=tuple(best_curve(score[part, -1:], enquiry[part]) for part in (~chinese, chinese)),
    )
    return replace(model, calibration=calibration)


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
        model = replace(train(written), calibration=rehearsal.calibration)
        data = dump(model, notes={"seed": SEED, "texts": len(written)})
        load(data, names=model.names, phrases=model.phrases)
        (HERE.parent / "src/amends/classification/data" / MODEL_FILE).write_bytes(data)
        _say(f"{MODEL_FILE}: {len(data):,} bytes from {len(written):,} texts")
    _say(f"{time.monotonic() - began:.0f} s")


def _report(what: str, model: Model, texts: Sequence[Text]) -> None:
    answers = classify_columns([text.text for text in texts], model=model)
    _say(f"{what}: {agreement(answers, texts)}")
    _say(str(model.calibration))


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
