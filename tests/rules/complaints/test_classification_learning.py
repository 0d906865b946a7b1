"""Learning: it helps where labels teach something, repeats itself to the byte, and reports."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from amends.engines.classification.classify import (
    classify,
    classify_columns,
    shipped_model,
    shipped_phrases,
)
from amends.engines.classification.model.features import features
from amends.engines.classification.model.learning import (
    Labelled,
    UnableToLearn,
    compact,
    design,
    fit,
    learn,
)
from amends.engines.classification.model.model import dump, fingerprint, load

OWN = "service.repair_equipment"
JARGON = [
    Labelled(f"the {colour} zorbex {went} {when}", OWN)
    for colour in ("grey", "black", "small", "big")
    for went in ("blinks", "is dark", "hums")
    for when in ("today", "again", "since noon")
]
OTHERS = [
    Labelled("billed twice for May", "billing.wrong_charge"),
    Labelled("the internet keeps dropping", "network.outage"),
    Labelled("cancel my contract, you refuse", "consent.cancel_stop"),
    Labelled("no signal in our village", "network.coverage"),
]


def plain(text: str) -> str:
    return text


def test_labels_teach_a_house_word() -> None:
    model, report = learn([*JARGON, *OTHERS], base=shipped_model(), mask=plain)
    new = ["the old zorbex is dead", "zorbex flickers"]
    assert classify_columns(new, model=model).names() == [OWN, OWN]
    assert report.helps
    assert report.gained > report.lost
    assert report.by_chance < 0.01
    assert report.by_code_right[OWN][1] > report.by_code_right[OWN][0]
    assert sum(move.texts for move in report.moves) > 0
    told = report.as_dict()
    assert {"before", "after", "gained", "lost", "by_chance", "calibration_error"} <= set(told)
    # What was not spoken of stays.
    text = ["They sold me a plan on lies and will not honor the quoted price"]
    assert classify_columns(text, model=model).names() == classify_columns(text).names()
    asked = ["When does the shop in Leeds open on Saturdays?"]
    assert classify(asked, model=model)[0].enquiry_share > 0.5


def test_the_same_labels_give_the_same_model() -> None:
    versions = set()
    for _ in range(2):
        model, _ = learn([*JARGON, *OTHERS], base=shipped_model(), mask=plain)
        versions.add(fingerprint(dump(model, exact=True)))
    assert len(versions) == 1


def test_a_learnt_model_is_read_back() -> None:
    model, _ = learn([*JARGON, *OTHERS], base=shipped_model(), mask=plain)
    names, phrases = shipped_phrases()
    again = load(dump(model, exact=True), names=names, phrases=phrases)
    assert again.calibration == model.calibration
    assert (again.known == model.known).all()
    texts = [label.text for label in (*JARGON, *OTHERS)]
    assert (
        classify_columns(texts, model=again).names() == classify_columns(texts, model=model).names()
    )


def test_too_few_labels_are_refused() -> None:
    with pytest.raises(UnableToLearn, match="are the fewest"):
        learn(OTHERS, base=shipped_model(), mask=plain)
    with pytest.raises(UnableToLearn, match="not a code"):
        learn([*JARGON, Labelled("x", "no.such")], base=shipped_model(), mask=plain)


def test_few_dimensions_give_the_same_weights() -> None:
    names, phrases = shipped_phrases()
    texts = [label.text for label in (*JARGON, *OTHERS)]
    matrix = design(
        features(texts, names=names, phrases=phrases), rows=shipped_model().weights.shape[0]
    )
    present = np.zeros((len(texts), 2), dtype=np.float32)
    present[: len(JARGON), 0] = 1.0
    present[len(JARGON) :, 1] = 1.0
    flat, back = compact(matrix)
    slow, slow_bias = fit(matrix, present, strength=1e-2, rounds=400)
    quick, quick_bias = fit(flat, present, strength=1e-2, rounds=400)
    assert np.allclose(back(quick), slow, atol=2e-2)
    assert np.allclose(matrix @ back(quick) + quick_bias, matrix @ slow + slow_bias, atol=2e-2)


@pytest.mark.shared
def test_learning_from_four_folds_is_no_worse(shared: Path) -> None:
    folder = shared / "data/comcast_titles"
    rows = []
    for name in ("labels_dev.csv", "labels_dev_enriched.csv"):
        with (folder / name).open(encoding="utf-8", newline="") as file:
            rows += list(csv.DictReader(file))
    order = np.random.default_rng(2026).permutation(len(rows))
    before = classify_columns([row["text"] for row in rows]).names()
    was = right = 0
    for fold in range(5):
        inside = order[fold::5].tolist()
        labels = [
            Labelled(row["text"], row["label"], row["label2"])
            for place, row in enumerate(rows)
            if place not in set(inside)
        ]
        model, _ = learn(labels, base=shipped_model(), mask=plain)
        after = classify_columns([rows[place]["text"] for place in inside], model=model).names()
        for place, name in zip(inside, after, strict=True):
            wanted = {rows[place]["label"], rows[place]["label2"]}
            was += before[place] in wanted
            right += name in wanted
    assert right / len(rows) >= 0.80
    assert right >= was
