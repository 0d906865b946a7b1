"""Measure how sure a class must be before a rule rejects by it alone.

    python -m training.certainty            write `certainty@….toml` for the shipped model
    python -m training.certainty --check    print the figures only

The texts were labelled by strangers and are in no training: 320 complaints and 297 texts of other
kinds. Right is any label. A confidence counts as certain where, from it on, 99 of 100 texts are
right, whatever higher confidence is chosen. A class is possible from the highest probability on at
which the right class of 95 of 100 texts is the first one or a possible one. The same texts and
model give the same file.
"""

from __future__ import annotations

import argparse
import csv
import sys
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from amends.engines.classification.certainty import Certainty
from amends.engines.classification.classify import (
    MODEL_FILE,
    UNSPECIFIC,
    classify_columns,
    shipped_model,
)

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "src/amends/engines/classification/data"
COMPLAINTS = ROOT / "tests/rules/complaints/texts_by_strangers.csv"
OTHER_KINDS = ROOT / "tests/strangers/texts_strangers.csv"
MEASURED_ON = date(2026, 12, 2)
RIGHT_SHARE = 0.99
COVERED_SHARE = 0.95
STEP = 0.005
FEWEST = 50
"""A confidence reached by fewer texts than this says nothing."""

Labelled = tuple[str, frozenset[str]]


def held_out_texts() -> list[Labelled]:
    """Each text with its right classes; a text of another subject is not specific."""
    found = [
        (row["text"], frozenset({row["label"], row["label2"]} - {""})) for row in _rows(COMPLAINTS)
    ]
    found += [
        (row["text"], frozenset((row["codes"] or UNSPECIFIC).split(";")))
        for row in _rows(OTHER_KINDS)
    ]
    return found


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def measure(texts: list[Labelled]) -> dict[str, Certainty]:
    """The figures of the shipped model, by language."""
    columns = classify_columns([text for text, _ in texts])
    place = {code: number for number, code in enumerate(columns.codes)}
    right = np.array(
        [name in labels for name, (_, labels) in zip(columns.names(), texts, strict=True)]
    )
    best = np.array(
        [
            max(columns.share[number, place[label]] for label in labels)
            for number, (_, labels) in enumerate(texts)
        ]
    )
    return {
        language: _figures(columns.confidence[part], right[part], best[part])
        for language, part in (("en", ~columns.chinese), ("zh", columns.chinese))
    }


def _figures(
    confidence: NDArray[np.float32], right: NDArray[np.bool_], best: NDArray[np.float32]
) -> Certainty:
    """`best` is the probability the model gives to the right class (the likelier of two)."""
    certain_from = _certain_from(confidence, right)
    sure = confidence >= certain_from
    plausible_from = _plausible_from(right, best)
    return Certainty(
        certain_from=certain_from,
        plausible_from=plausible_from,
        texts=int(confidence.size),
        sure=int(sure.sum()),
        sure_right=round(float(right[sure].mean()), 4),
        covered=round(float((right | (best >= plausible_from)).mean()), 4),
    )


def _certain_from(confidence: NDArray[np.float32], right: NDArray[np.bool_]) -> float:
    """The lowest step from which on, and from every higher one, enough texts are right."""
    found = None
    for step in np.arange(1 - STEP, 0.5, -STEP):
        above = confidence >= step
        if above.sum() < FEWEST:
            continue
        if right[above].mean() < RIGHT_SHARE:
            break
        found = round(float(step), 3)
    if found is None:
        sys.exit("No confidence is certain: too few held-out texts are right.")
    return found


def _plausible_from(right: NDArray[np.bool_], best: NDArray[np.float32]) -> float:
    """The highest step that leaves the right class of enough texts among the possible ones."""
    steps = np.arange(STEP, 0.5, STEP)
    covered = [float((right | (best >= step)).mean()) for step in steps]
    return round(
        max(
            float(step)
            for step, share in zip(steps, covered, strict=True)
            if share >= COVERED_SHARE
        ),
        3,
    )


def document(figures: dict[str, Certainty]) -> str:
    """The file as TOML."""
    lines = [
        "# Written by `python -m training.certainty`. Measured on texts of other writers that no training",
        "# holds (tests/rules/complaints/texts_by_strangers.csv, tests/strangers/texts_strangers.csv).",
        "",
        "[file]",
        'zh = "类别的把握：从多大把握起99%判断正确"',
        'en = "Certainty of classes: the confidence at which 99 % of held-out texts are right"',
        'source = "Amends"',
        "verified = true",
        "",
        "[classifier]",
        f'file = "{MODEL_FILE.removesuffix(".npz")}"',
        f'fingerprint = "{shipped_model().version}"',
    ]
    for language, one in figures.items():
        lines += [
            "",
            f"[languages.{language}]",
            f"certain_from = {one.certain_from}",
            f"plausible_from = {one.plausible_from}",
            f"texts = {one.texts}",
            f"sure = {one.sure}",
            f"sure_right = {one.sure_right}",
            f"covered = {one.covered}",
        ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write or print the figures."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--check", action="store_true", help="print only, write nothing")
    asked = options.parse_args()
    said = document(measure(held_out_texts()))
    if not asked.check:
        (DATA / f"certainty@{MEASURED_ON.isoformat()}.toml").write_text(said, encoding="utf-8")
    sys.stdout.write(said)


if __name__ == "__main__":
    main()
