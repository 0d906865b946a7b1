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

from amends.engines.classification.classify import MODEL_FILE, classify_columns, shipped_phrases
from amends.engines.classification.model.features import features, known_share, rows, words_known
from amends.engines.classification.model.learning import compact, design, fit, row_scales
from amends.engines.classification.model.model import (
    ASIDE,
    Calibration,
    Model,
    best_curve,
    best_temperature,
    dump,
    first_evidence,
    foreign_evidence,
    is_chinese,
    load,
    ranked,
    scores,
)
from amends.engines.classification.second_opinion.head import HEAD_FILE, dump_head
from training.grammar import read_grammar
from training.held_out import HeldOut
from training.registers import cautious, folds, read_registers
from training.rehearsal import agreement
from training.semantic import train_head
from training.writing import UNSPECIFIC, Text, Writer

HERE = Path(__file__).resolve().parent
DATA = HERE.parent / "src/amends/engines/classification/data"
SEED = 20261124
TEXTS_PER_CODE = 2_000
MORE_OFTEN = {"billing.wrong_charge": 1.6, "network.speed": 1.3, UNSPECIFIC: 1.6}
FIRST_SHARE = 0.62
SECOND_PRESENT = 0.9
"""How present a second topic counts as: a little less than the first."""

ENQUIRIES_PER_CODE = 400
ELSEWHERE = 5_000
"""Texts of other subjects, for each language."""

KNOWN_FROM = 3
"""A word is known if it stands in this many texts; slips of the finger are not."""

STRENGTH = 1e-6
FORGOTTEN_SHARE = 0.5
"""Of the features of each text, what training hides, so that no single word decides alone."""

ROUNDS = 120
ADAPTING_STRENGTH = 1e-4
"""How strongly whole texts are kept from moving the weights: 3e-4 and more were worse on registers
held out (English 0.733, here 0.746)."""

REMEMBERED_PER_CODE = 20
"""Of so many template texts of each code and language, what is fitted again beside whole texts."""

HOLD_OUT_EVERY = 5
UNSEEN_PER_CODE = 100
VECTORS_PER_CODE = 25
"""Of so many template texts of each code and language the head of the second opinion learns."""


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
        for _ in range(per_code * ELSEWHERE // TEXTS_PER_CODE):
            written.append(writer.elsewhere())
        for code in writer.asked_about:
            for _ in range(per_code * ENQUIRIES_PER_CODE // TEXTS_PER_CODE):
                written.append(writer.ask(code))
    return written


def train(written: Sequence[Text]) -> Model:
    """A model fitted to `written`, not yet calibrated."""
    names, phrases = shipped_phrases()
    codes = tuple(sorted({text.code for text in written}))
    found = features([text.text for text in written], names=names, phrases=phrases)
    matrix = design(found, rows=rows(len(phrases.concepts)))
    present, shares = targets(written, codes)
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


def targets(texts: Sequence[Text], codes: tuple[str, ...]) -> tuple[Any, Any]:
    """How present each code, an enquiry and another subject are, and which code comes first."""
    place = {code: number for number, code in enumerate(codes)}
    present = np.zeros((len(texts), len(codes) + ASIDE), dtype=np.float32)
    shares = np.zeros((len(texts), len(codes)), dtype=np.float32)
    for number, text in enumerate(texts):
        first = place[text.code]
        present[number, first] = 1.0
        shares[number, first] = FIRST_SHARE if text.code2 else 1.0
        if text.code2:
            present[number, place[text.code2]] = SECOND_PRESENT
            shares[number, place[text.code2]] = 1 - FIRST_SHARE
        present[number, -ASIDE:] = text.enquiry, text.foreign
    return present, shares


def _forget(matrix: Any) -> None:
    """Hide a share of the features of every text (dropout, Srivastava et al. 2014), in place."""
    kept = np.random.default_rng(SEED).random(matrix.nnz) >= FORGOTTEN_SHARE
    matrix.data *= kept / np.float32(np.sqrt(1 - FORGOTTEN_SHARE))
    matrix.eliminate_zeros()


def calibrate(held: HeldOut, model: Model) -> Calibration:
    """The temperatures and curves that suit templates the model was not made from."""
    place = {code: number for number, code in enumerate(model.codes)}
    right = held.right_place
    other = np.array([place.get(text.code2, -1) for text in held.texts])
    complaint = ~held.enquiry & ~held.foreign
    codes = held.score[:, :-ASIDE]
    first, second, evidence = ranked(codes, never_second=place[UNSPECIFIC])
    named = second == np.where(first == right, other, right)
    # Held-out templates are harder than people's texts: where the first code is wrong, the second
    # is often the one that should have come first, and would look better than it will be.
    known = (first == right) | (first == other)
    tongues = (~held.chinese & complaint, held.chinese & complaint)
    one = other < 0
    english, han = (best_temperature(codes[part & one], right[part & one]) for part in tongues)
    asks = held.score[:, -2:-1]
    return replace(
        model.calibration,
        temperature=(english, han),
        second=tuple(best_curve(evidence[part & known], named[part & known]) for part in tongues),
        enquiry=tuple(
            best_curve(asks[part], held.enquiry[part]) for part in (~held.chinese, held.chinese)
        ),
    )


def held_out(model: Model, texts: Sequence[Text]) -> HeldOut:
    """`texts` as `model`, which has not seen them, scores them."""
    found = features([text.text for text in texts], names=model.names, phrases=model.phrases)
    return HeldOut.of(
        texts,
        score=scores(model, found),
        unknown=1 - known_share(found, model.known),
        chinese=is_chinese(found.han_share),
        codes=model.codes,
    )


def adapt(model: Model, kinds: Sequence[Text], templates: Sequence[Text]) -> tuple[Model, HeldOut]:
    """`model` moved by whole texts, and those texts as scored while their register is held out.

    templates  join in each fit, so that titles and short sentences are not forgotten
    """
    texts = [*kinds, *templates]
    found = features([text.text for text in texts], names=model.names, phrases=model.phrases)
    only = features([text.text for text in kinds], names=model.names, phrases=model.phrases)
    model = replace(model, known=model.known | words_known(only, KNOWN_FROM))
    start = scores(model, found)
    flat, back = compact(design(found, rows=model.weights.shape[0]))
    present, shares = targets(texts, model.codes)
    fold = np.array([*folds(kinds), *[-1] * len(templates)])

    def moved(chosen: Any) -> Any:
        return fit(
            flat[chosen],
            present[chosen],
            shares=shares[chosen],
            strength=ADAPTING_STRENGTH,
            rounds=ROUNDS // 2,
            start_scores=start[chosen],
        )

    score = start.copy()
    for number in range(int(fold.max()) + 1):
        inside = fold == number
        more, bias = moved(~inside)
        score[inside] += flat[inside] @ more + bias
    more, bias = moved(np.ones(len(texts), dtype=bool))
    scale = row_scales(model.weights.shape[0])[:, None]
    adapted = replace(model, weights=model.weights + back(more) * scale, bias=model.bias + bias)
    return adapted, HeldOut.of(
        kinds,
        score=score[: len(kinds)],
        unknown=1 - known_share(only, model.known),
        chinese=is_chinese(only.han_share),
        codes=model.codes,
    )


def confide(calibration: Calibration, kinds: HeldOut, templates: HeldOut) -> Calibration:
    """`calibration` with confidence fitted to other kinds, and another subject to both."""
    right = kinds.score[:, :-ASIDE].argmax(axis=1) == kinds.right_place
    known = first_evidence(
        kinds.score, kinds.unknown, chinese=kinds.chinese, temperature=calibration.temperature
    )
    strange = np.concatenate(
        [foreign_evidence(one.score, one.unknown) for one in (kinds, templates)]
    )
    foreign = np.concatenate([kinds.foreign, templates.foreign])
    chinese = np.concatenate([kinds.chinese, templates.chinese])
    plain = ~kinds.foreign & ~kinds.enquiry
    sure = [
        best_curve(known[part], right[part])
        for part in (~kinds.chinese & plain, kinds.chinese & plain)
    ]
    _say_by_register(kinds, right)
    return replace(
        calibration,
        sure=cautious(sure),
        foreign=tuple(best_curve(strange[part], foreign[part]) for part in (~chinese, chinese)),
    )


def _say_by_register(kinds: HeldOut, right: Any) -> None:
    """How often the model is right in each register and language while the register is held out."""
    registers = np.array([text.register for text in kinds.texts])
    plain = ~kinds.enquiry
    for name, tongue in (("en", ~kinds.chinese), ("zh", kinds.chinese)):
        part = plain & tongue
        each = {
            register: round(float(right[part & (registers == register)].mean()), 3)
            for register in sorted(set(registers[part].tolist()))
        }
        _say(f"held out, {name}: {int(part.sum())}, right {right[part].mean():.3f}, {each}")


def main() -> None:
    """Write or check the model."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--check", action="store_true", help="rehearse, write nothing")
    options.add_argument("--per-code", type=int, default=TEXTS_PER_CODE)
    asked = options.parse_args()
    began = time.monotonic()
    kinds = read_registers()
    rehearsal, others = adapt(
        train(write_texts(per_code=asked.per_code // 2, every=HOLD_OUT_EVERY)),
        kinds,
        write_texts(per_code=REMEMBERED_PER_CODE, every=HOLD_OUT_EVERY),
    )
    unseen = write_texts(per_code=UNSEEN_PER_CODE, every=HOLD_OUT_EVERY, held_out=True)
    templates = held_out(rehearsal, unseen)
    calibration = confide(calibrate(templates, rehearsal), others, templates)
    _report("templates held out", replace(rehearsal, calibration=calibration), unseen)
    if not asked.check:
        _write(train(write_texts(per_code=asked.per_code)), calibration, templates, kinds)
    _say(f"{time.monotonic() - began:.0f} s")


def _write(
    model: Model, calibration: Calibration, templates: HeldOut, kinds: Sequence[Text]
) -> None:
    """Write the model, adapted to `kinds`, and the head of the second opinion beside it."""
    model, held = adapt(model, kinds, write_texts(per_code=REMEMBERED_PER_CODE))
    model = replace(model, calibration=confide(calibration, held, templates))
    data = dump(model, notes={"seed": SEED})
    load(data, names=model.names, phrases=model.phrases)
    (DATA / MODEL_FILE).write_bytes(data)
    _say(f"{MODEL_FILE}: {len(data):,} bytes")
    few = write_texts(per_code=VECTORS_PER_CODE)
    head = train_head(few, held, model.codes, model.calibration.temperature)
    (DATA / HEAD_FILE).write_bytes(dump_head(head, notes={"texts": len(few) + len(held.texts)}))


def _report(what: str, model: Model, texts: Sequence[Text]) -> None:
    answers = classify_columns([text.text for text in texts], model=model)
    _say(f"{what}: {agreement(answers, texts)}")
    _say(str(model.calibration))


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
