"""Make the model of contents that ships with the package, from the texts of this folder.

    python -m training.contents            write the model (some minutes, most of them for sentence vectors the first time)
    python -m training.contents --check    the rehearsal only

The same texts, seed and libraries give the same file. No content of a real service enters. The
templates of `zh/` and `en/` are written many ways; `hard.tsv` has texts written one by one, each without
the usual words of its label. Limits and slopes come from a rehearsal in which each hard text is
answered by a model that has not seen it. The second reading needs the extra `amends[semantic]`.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack, vstack

from amends.causes.vetting.rules.content_model import (
    FIRST_COUNTS,
    ContentModel,
    dump,
    find,
    in_chinese,
    load,
    stated,
)
from amends.causes.vetting.rules.contents import (
    LABELS,
    MODEL_FILE,
    meant,
    read_content,
    shipped_phrases,
)
from amends.engines.classification.links import hosts_on
from amends.engines.classification.model.features import Features, rows, words_known
from amends.engines.classification.model.learning import design, fit, row_scales
from amends.engines.classification.model.model import Calibration, Model, best_curve
from training.__main__ import write_texts
from training.contents.writing import CLEAN, HERE, ContentWriter
from training.messages.writing import LANGUAGES, Message, MessageWriter
from training.registers import read_registers
from training.semantic import vectors_of

DATA = HERE.parents[1] / "src/amends/causes/vetting/data"
SEED = 20261201
HOSTS_ON = date(2026, 12, 1)
OF_EACH = 450
CLEAN_ONES = 2_400
MESSAGES = {"legitimate": 500, "bulk": 150}
FRAUDS = 15
"""Messages of each kind of fraud; a gambling invitation counts as gambling."""

COMPLAINTS_PER_CODE = 3
HARD_COUNTS = 6
"""A hard text counts as so many of templates, each time with other features forgotten."""

KNOWN_FROM = 2
STRENGTH = 2e-6
ROUNDS = 70
FORGOTTEN_SHARE = 0.5
HEAD_EVERY = 24
"""Of the template texts, one in so many has a sentence vector as well: vectors take time."""

HEAD_FREEDOM = 0.005
"""scikit-learn's C, for vectors centred and scaled to unit variance."""

FOLDS = 4
CLEAN_FLAGGED = (0.03, 0.01)
"""Of hard clean texts, the share that may be above the limits of the first and of the second
reading. Usual ones are well below the first; the second is as sure of its errors."""


def write_contents() -> list[Message]:
    """Contents from templates in both languages, with messages and complaints added."""
    written = []
    for language in LANGUAGES:
        writer = ContentWriter(language, SEED)
        for label in writer.labels:
            count = CLEAN_ONES if label == CLEAN else OF_EACH
            written += [writer.write(label) for _ in range(count)]
        messages = MessageWriter(language, SEED)
        for label in messages.labels:
            if label_meant := _meant(label):
                written += [
                    Message(messages.write(label).text, label_meant, language, -1)
                    for _ in range(MESSAGES.get(label, FRAUDS))
                ]
    others = [*write_texts(per_code=COMPLAINTS_PER_CODE), *read_registers()]
    written += [Message(one.text, CLEAN, one.language, -1) for one in others]
    return written


def _meant(label: str) -> str:
    if label in MESSAGES:
        return CLEAN
    if label == "fraud.gambling":
        return "gambling"
    return "fraud" if label.startswith("fraud.") else ""


def read_labelled(path: Path = HERE / "hard.tsv") -> list[Message]:
    """Labelled texts that no template wrote: a label, a tab and a text in each line."""
    pairs = [line.split("\t", 1) for line in path.read_text("utf-8").splitlines() if line]
    return [
        Message(text, label, "zh" if any("\u4e00" <= c <= "\u9fff" for c in text) else "en", -1)
        for label, text in pairs
    ]


def features_of(texts: Sequence[str]) -> Features:
    """The features of contents as they are judged (the first window of each)."""
    names, phrases = shipped_phrases()
    hosts = hosts_on(HOSTS_ON)
    return find(
        [read_content(one, hosts=hosts)[0].text for one in texts], names=names, phrases=phrases
    )


@dataclass(frozen=True, slots=True)
class Table:
    """What is learnt from: a matrix of features and the column of each text's label."""

    matrix: Any
    label: NDArray[np.int64]

    def rows(self, chosen: NDArray[np.int64]) -> Table:
        """Some of its texts."""
        return Table(self.matrix[chosen], self.label[chosen])


def table(found: Features, texts: Sequence[Message], *, forget: float, seed: int = 0) -> Table:
    """The table of texts, with a share of their features forgotten."""
    concepts = len(shipped_phrases()[1].concepts)
    grams = design(found, rows=rows(concepts))
    if forget:
        kept = np.random.default_rng(seed).random(grams.nnz) >= forget
        grams.data *= kept / np.float32(np.sqrt(1 - forget))
        grams.eliminate_zeros()
    matrix = hstack([grams, csr_matrix(stated(found, concepts))]).tocsr()
    return Table(matrix, np.array([LABELS.index(one.label) for one in texts]))


def fitted(tables: Sequence[Table]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Weights and bias fitted to tables."""
    matrix = vstack([one.matrix for one in tables]).tocsr()
    label = np.concatenate([one.label for one in tables])
    present = np.zeros((label.size, len(LABELS)), dtype=np.float32)
    present[np.arange(label.size), label] = 1.0
    return fit(matrix, present, shares=present, strength=STRENGTH, rounds=ROUNDS)


def fitted_head(vectors: NDArray[np.float32], label: NDArray[np.int64]) -> NDArray[np.float32]:
    """Weights of a sentence vector for each label; the last row is the bias."""
    from sklearn.linear_model import LogisticRegression

    centre, spread = vectors.mean(axis=0), vectors.std(axis=0)
    line = LogisticRegression(C=HEAD_FREEDOM, max_iter=500).fit((vectors - centre) / spread, label)
    weights = line.coef_.T / spread[:, None]
    bias = line.intercept_ - centre @ weights
    return np.vstack([weights, bias]).astype(np.float32)


def odds_of(score: NDArray[np.float32]) -> NDArray[np.float32]:
    """Log odds of not being clean."""
    return np.asarray(np.logaddexp.reduce(score[:, 1:], axis=1) - score[:, 0])


def limit_of(odds: NDArray[np.float32], bad: NDArray[np.bool_], flagged: float) -> float:
    """Log odds above which a share of clean texts are."""
    clean = np.sort(odds[~bad])[::-1]
    return round(float(clean[int(flagged * clean.size)]), 3)


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """Limits and slopes that suit texts the model has not seen."""

    limits: tuple[float, float, float, float]
    slopes: tuple[float, float]


def rehearse(
    written: Table,
    hard: Table,
    forgotten: Sequence[Table],
    vectors: NDArray[np.float32],
    usual: tuple[NDArray[np.float32], NDArray[np.int64]],
    chinese: NDArray[np.bool_],
) -> Rehearsal:
    """Answer each hard text by models that have not seen it, and say what is found."""
    fold = np.random.default_rng(SEED).permutation(hard.label.size) % FOLDS
    first = np.zeros((hard.label.size, len(LABELS)), dtype=np.float32)
    second = np.zeros_like(first)
    for turn in range(FOLDS):
        seen, unseen = (fold != turn).nonzero()[0], (fold == turn).nonzero()[0]
        weights, bias = fitted([written, *(one.rows(seen) for one in forgotten)])
        first[unseen] = hard.matrix[unseen] @ weights + bias
        head = fitted_head(
            np.concatenate([usual[0], vectors[seen]]),
            np.concatenate([usual[1], hard.label[seen]]),
        )
        second[unseen] = vectors[unseen] @ head[:-1] + head[-1] + FIRST_COUNTS * first[unseen]
    bad = hard.label > 0
    limits, slopes = [], []
    readings = zip(("first", "second"), (first, second), CLEAN_FLAGGED, strict=True)
    for name, score, flagged in readings:
        odds = odds_of(score)
        limits += [limit_of(odds[part], bad[part], flagged) for part in (~chinese, chinese)]
        slopes.append(best_curve(odds[:, None], bad)[1])
        clean = np.sort(odds[~bad])[::-1]
        shares = [
            f"{(odds[bad] > clean[int(share * clean.size)]).mean():.3f} at {share:.0%}"
            for share in (0.02, 0.05, 0.1)
        ]
        right = (score[bad, 1:].argmax(axis=1) + 1 == hard.label[bad]).mean()
        _say(f"{name} reading, {bad.size} hard texts: found {', '.join(shares)}; kind {right:.3f}")
    return Rehearsal((limits[0], limits[1], limits[2], limits[3]), (slopes[0], slopes[1]))


def main() -> None:
    """Write or check the model."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--check", action="store_true", help="rehearse, write nothing")
    asked = options.parse_args()
    began = time.monotonic()
    templates, texts = write_contents(), read_labelled()
    found, found_hard = (features_of([one.text for one in some]) for some in (templates, texts))
    written = table(found, templates, forget=FORGOTTEN_SHARE, seed=SEED)
    hard = table(found_hard, texts, forget=0.0)
    forgotten = [
        table(found_hard, texts, forget=FORGOTTEN_SHARE, seed=turn) for turn in range(HARD_COUNTS)
    ]
    vectors = vectors_of([meant(one.text) for one in texts])
    usual = (
        vectors_of([meant(one.text) for one in templates[::HEAD_EVERY]]),
        written.label[::HEAD_EVERY],
    )
    rehearsal = rehearse(written, hard, forgotten, vectors, usual, in_chinese(found_hard))
    _say(f"limits {rehearsal.limits}, slopes {rehearsal.slopes}")
    if not asked.check:
        names, phrases = shipped_phrases()
        weights, bias = fitted([written, *forgotten])
        split = rows(len(phrases.concepts))
        model = ContentModel(
            Model(
                codes=LABELS,
                names=names,
                phrases=phrases,
                weights=weights[:split] * row_scales(split)[:, None],
                bias=bias,
                known=words_known(found, KNOWN_FROM) | words_known(found_hard, 1),
                calibration=Calibration(),
                version="",
            ),
            weights[split:],
            fitted_head(
                np.concatenate([usual[0], vectors]), np.concatenate([usual[1], hard.label])
            ),
            rehearsal.limits,
            rehearsal.slopes,
        )
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
