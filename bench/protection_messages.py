"""How messages are judged: spam found at a share of ham, and the time for one message.

    python -m bench.protection_messages FILE.csv [--text text] [--label label] [--ham ham]

FILE has a column of texts and one of labels, of which `ham` means wanted. Says the share of the
others found where at most 0.1, 0.5 and 1 % of ham score as high, the same for TF-IDF with a linear
SVM in five-fold cross-validation on the file itself, and the 99th percentile of judging one message,
by the clock and in processor time.
"""

from __future__ import annotations

import argparse
import csv
import sys
import time
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from amends.causes.protection.rules.messages import judge_message, judge_messages
from amends.engines.classification.links import hosts_on

SHARES = (0.001, 0.005, 0.01)
SEED = 20261130


def found_at(score: NDArray[np.float64], wanted: NDArray[np.bool_], share: float) -> float:
    """The share of unwanted messages above all but `share` of the wanted ones."""
    limit = np.sort(score[wanted])[::-1][int(share * wanted.sum())]
    return float((score[~wanted] > limit).mean())


def baseline(texts: Sequence[str], wanted: NDArray[np.bool_]) -> NDArray[np.float64]:
    """TF-IDF and a linear SVM, each fold judged by a machine that has not seen it."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import LinearSVC

    machine = make_pipeline(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), LinearSVC(random_state=SEED)
    )
    folds = StratifiedKFold(5, shuffle=True, random_state=SEED)
    return np.asarray(
        cross_val_predict(machine, texts, ~wanted, cv=folds, method="decision_function")
    )


def main() -> None:
    """Judge the file and print the figures."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("file", type=Path)
    options.add_argument("--text", default="text")
    options.add_argument("--label", default="label")
    options.add_argument("--ham", default="ham")
    asked = options.parse_args()
    with asked.file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    texts = [row[asked.text] for row in rows]
    wanted = np.array([row[asked.label] == asked.ham for row in rows])
    hosts = hosts_on(date(2026, 11, 30))
    judged = judge_messages(texts, hosts=hosts, explain=False)
    score = np.array([one.score for one in judged])
    machine = baseline(texts, wanted)
    for share in SHARES:
        ours, theirs = found_at(score, wanted, share), found_at(machine, wanted, share)
        _say(f"at {share:.1%} of ham: {ours:.3f} found, TF-IDF and SVM {theirs:.3f}")
    _say(f"one message: {timed(texts, time.perf_counter)} by the clock")
    _say(f"one message: {timed(texts, time.process_time)} of processor time")


def timed(texts: Sequence[str], clock: Callable[[], float]) -> str:
    """Median and 99th percentile of judging one message."""
    hosts, seconds = hosts_on(date(2026, 11, 30)), []
    for text in texts[:1_000]:
        began = clock()
        judge_message(text, hosts=hosts)
        seconds.append(clock() - began)
    middle, most = np.quantile(seconds, (0.5, 0.99)) * 1e3
    return f"median {middle:.2f} ms, p99 {most:.2f} ms"


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main()
