"""Measure the classifier: `AMENDS_SHARED=../shared python bench/classify.py [--titles FILE]`.

Agreement with labelled titles (shipped model; after learning from four fifths, tested on the
fifth), with texts by people who have not seen the phrases, calibration, speed and memory. Every
share comes with its 95 % bootstrap interval. Prints one JSON document.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import resource
import sys
from collections import Counter
from dataclasses import fields
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

# One core: read by NumPy when it is loaded, so the imports stand below.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import numpy as np  # noqa: E402 (threads are set above)

from amends.cases.complaints.rules.enquiries import is_enquiry  # noqa: E402 (threads are set above)
from amends.engines.classification.classify import (  # noqa: E402 (threads are set above)
    FOREIGN_FROM,
    MODEL_FILE,
    ClassifiedTexts,
    Vectors,
    classify,
    classify_columns,
    shipped_model,
)
from amends.engines.classification.model.learning import Labelled, learn  # noqa: E402 (threads are set above)
from amends.engines.classification.model.model import (  # noqa: E402 (threads are set above)
    expected_calibration_error,
)
from amends.engines.classification.second_opinion.process import Embedder, installed  # noqa: E402 (threads are set above)

ROOT = Path(__file__).resolve().parents[1]
STRANGERS = ROOT / "tests/rules/complaints/texts_by_strangers.csv"
ENQUIRIES = ROOT / "tests/rules/complaints/enquiries.csv"
OTHER_KINDS = ROOT / "tests/strangers/texts_strangers.csv"
CONFIDENT = 0.8
FOLDS = 5
SEED = 2026
RESAMPLES = 2_000
ENOUGH_TITLES = 10

Row = dict[str, str]


def read(path: Path) -> list[Row]:
    """The rows of a file of labelled texts."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def agreement(rows: list[Row], names: list[str]) -> dict[str, Any]:
    """Share of first codes that equal either label; macro-F1 against the first label."""
    first = np.array([row["label"] for row in rows])
    code = np.array(names)
    either = np.array(
        [name in {r["label"], r["label2"]} for name, r in zip(names, rows, strict=True)]
    )
    counts = Counter(first.tolist())
    large = sorted(label for label, count in counts.items() if count >= ENOUGH_TITLES)
    draws = np.random.default_rng(SEED).integers(0, len(rows), (RESAMPLES, len(rows)))
    f1 = [macro_f1(first[d], code[d], large) for d in draws[:500]] if large else []
    return {
        "texts": len(rows),
        "either_label": interval(float(either.mean()), either[draws].mean(axis=1)),
        "first_label": interval(float((first == code).mean()), (first == code)[draws].mean(axis=1)),
        "macro_f1": interval(macro_f1(first, code, large), np.array(f1)) if large else None,
        "classes_in_macro_f1": len(large),
        "by_class": {
            label: f"{int(either[first == label].sum())}/{count}"
            for label, count in sorted(counts.items())
        },
    }


def interval(value: float, drawn: Any) -> list[float]:
    """A value with the 2.5 % and 97.5 % quantiles of what the bootstrap drew."""
    low, high = np.quantile(drawn, [0.025, 0.975])
    return [round(value, 4), round(float(low), 4), round(float(high), 4)]


def macro_f1(first: Any, code: Any, labels: list[str]) -> float:
    """Mean F1 over `labels`."""
    values = []
    for label in labels:
        hits = float(((first == label) & (code == label)).sum())
        total = float((first == label).sum() + (code == label).sum())
        values.append(2 * hits / total if total else 0.0)
    return float(np.mean(values))


def calibration(rows: list[Row], columns: ClassifiedTexts) -> dict[str, float]:
    """Expected calibration error and Brier score of the confidence in the first code."""
    sure = columns.confidence.astype(np.float64)
    right = np.array(
        [name in {r["label"], r["label2"]} for name, r in zip(columns.names(), rows, strict=True)]
    )
    return {
        "ece": round(expected_calibration_error(sure, right), 4),
        "brier": round(float(((sure - right) ** 2).mean()), 4),
        "mean_confidence": round(float(sure.mean()), 4),
        "asked_share": round(float(columns.ask.mean()), 4),
        "right_where_not_asked": round(float(right[~columns.ask].mean()), 4),
    }


def second_codes(rows: list[Row], columns: ClassifiedTexts) -> dict[str, float]:
    """How often a second code named is a label, and a pair of labels is found whole."""
    named = labelled = right = found = 0
    for row, first, second in zip(rows, columns.names(), columns.second_names(), strict=True):
        labels = {row["label"], row["label2"]} - {""}
        named += bool(second)
        right += second in labels
        if len(labels) == 2:
            labelled += 1
            found += labels == {first, second}
    return {
        "named": named,
        "precision": round(right / max(named, 1), 4),
        "labelled_pairs": labelled,
        "recall": round(found / max(labelled, 1), 4),
        "claimed": round(float(columns.confidence2[columns.code2 >= 0].mean()), 4),
    }


def other_kinds(vectors: Vectors | None) -> dict[str, Any]:
    """Reviews, tweets, chats, calls and messages labelled by a stranger, some of other subjects.

    Right is any label; of a text of another subject, `other.unspecific`.
    """
    rows = read(OTHER_KINDS)
    columns = classify_columns([row["text"] for row in rows], vectors=vectors)
    names = zip(columns.names(), rows, strict=True)
    right = np.array([name in (r["codes"] or "other.unspecific").split(";") for name, r in names])
    telecom = np.array([row["telecom"] == "1" for row in rows])
    kinds = np.array([row["kind"] for row in rows])
    own = np.array([row["codes"].startswith("service.self_service") for row in rows])
    sure = columns.confidence.astype(np.float64)
    confident = sure >= CONFIDENT
    draws = np.random.default_rng(SEED).integers(0, len(rows), (RESAMPLES, len(rows)))
    foreign = columns.foreign_share >= FOREIGN_FROM
    return {
        "texts": len(rows),
        "right": interval(float(right.mean()), right[draws].mean(axis=1)),
        "right_of_telecoms": round(float(right[telecom].mean()), 4),
        "right_by_kind": {
            kind: round(float(right[telecom & (kinds == kind)].mean()), 3)
            for kind in sorted(set(kinds.tolist()))
        },
        "self_service": f"{int(right[own].sum())}/{int(own.sum())}",
        "ece": round(expected_calibration_error(sure, right), 4),
        "confident": {
            "texts": int(confident.sum()),
            "claimed": round(float(sure[confident].mean()), 4),
            "right": round(float(right[confident].mean()), 4),
        },
        "other_subject_said": f"{int((foreign & ~telecom).sum())}/{int((~telecom).sum())}",
        "other_subject_wrongly_said": f"{int((foreign & telecom).sum())}/{int(telecom.sum())}",
        "asked_by_meaning": round(float(columns.by_meaning.mean()), 3),
    }


def enquiries(strangers: list[Row], titles: list[Row]) -> dict[str, Any]:
    """How many enquiries are known as such, and how many complaints are taken for one."""
    figures: dict[str, Any] = {}
    for language in ("zh", "en"):
        asked = [row["text"] for row in read(ENQUIRIES) if row["lang"] == language]
        figures[f"known_{language}"] = f"{_taken_for_enquiries(asked)}/{len(asked)}"
    for name, rows in (("strangers", strangers), ("titles", titles)):
        if rows:
            wrong = _taken_for_enquiries([row["text"] for row in rows])
            figures[f"complaints_taken_for_one_{name}"] = f"{wrong}/{len(rows)}"
    return figures


def _taken_for_enquiries(texts: list[str]) -> int:
    shares = classify_columns(texts).enquiry_share.tolist()
    return sum(is_enquiry(text, share=share) for text, share in zip(texts, shares, strict=True))


def after_learning(rows: list[Row]) -> dict[str, Any]:
    """Agreement on each fifth after learning from the other four, and what a fit takes."""
    order = np.random.default_rng(SEED).permutation(len(rows))
    folds = [sorted(order[fold::FOLDS].tolist()) for fold in range(FOLDS)]
    answers: list[ClassifiedTexts] = []
    began = process_time()
    for inside in folds:
        labels = [
            Labelled(row["text"], row["label"], row["label2"])
            for place, row in enumerate(rows)
            if place not in set(inside)
        ]
        model, _ = learn(labels, base=shipped_model(), mask=lambda text: text)
        answers.append(classify_columns([rows[place]["text"] for place in inside], model=model))
    took = (process_time() - began) / FOLDS
    ordered = [rows[place] for inside in folds for place in inside]
    whole = ClassifiedTexts(
        answers[0].codes,
        *(
            np.concatenate([getattr(part, field.name) for part in answers])
            for field in fields(ClassifiedTexts)[1:]
        ),
    )
    return {
        **agreement(ordered, whole.names()),
        "calibration": calibration(ordered, whole),
        "second_codes": second_codes(ordered, whole),
        "cpu_s_to_learn": round(took, 2),
    }


def with_meaning(strangers: list[Row], titles: list[Row]) -> dict[str, Any] | str:
    """The same with the second opinion, where it is installed; what it takes for one text."""
    if not installed():
        return "not measured: amends[semantic] is not installed"
    embedder = Embedder(text_s=10.0)
    figures: dict[str, Any] = {}
    for language in ("zh", "en"):
        rows = [row for row in strangers if row["lang"] == language]
        columns = classify_columns([row["text"] for row in rows], vectors=embedder.vectors)
        figures[f"strangers_{language}"] = agreement(rows, columns.names())["either_label"]
    if titles:
        columns = classify_columns([row["text"] for row in titles], vectors=embedder.vectors)
        figures["titles"] = agreement(titles, columns.names())["either_label"]
        figures["titles_calibration"] = calibration(titles, columns)
    figures["other_kinds"] = other_kinds(embedder.vectors)
    took = []
    for row in read(OTHER_KINDS):
        began = perf_counter()
        embedder.vectors([row["text"]])
        took.append((perf_counter() - began) * 1_000)
    figures["one_text_more_ms"] = [round(float(np.quantile(took, q)), 1) for q in (0.5, 0.95, 1)]
    embedder.close()
    return figures


def speed(titles: list[str], strangers: list[Row]) -> dict[str, Any]:
    """Texts a second on one core, the best of three by wall clock and by processor time; memory."""
    chinese = [row["text"] for row in strangers if row["lang"] == "zh"]
    began = process_time()
    for text in (titles or chinese)[:200]:
        classify([text])
    figures: dict[str, Any] = {
        "load_average": round(os.getloadavg()[0], 2),
        "one_text_cpu_ms": round((process_time() - began) / 200 * 1_000, 2),
    }
    for name, texts in (("titles", titles), ("chinese_texts", chinese)):
        if texts:
            many = (texts * (20_000 // len(texts) + 1))[:20_000]
            figures[name] = {
                "characters_each": round(sum(map(len, many)) / len(many), 1),
                "plain_scan": rate(scan, many),
                "columns": rate(classify_columns, many),
                "with_words": rate(classify, many),
            }
            plain, ours = (figures[name][key]["per_cpu_s"] for key in ("plain_scan", "columns"))
            figures[name]["times_a_plain_scan"] = round(plain / ours, 1)
    figures["resident_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    return figures


def rate(call: Any, texts: list[str]) -> dict[str, int]:
    """Texts a second by wall clock, and by the processor's own time, which load leaves alone."""
    wall = cpu = 0.0
    for _ in range(3):
        began, worked = perf_counter(), process_time()
        call(texts)
        wall = max(wall, len(texts) / (perf_counter() - began))
        cpu = max(cpu, len(texts) / (process_time() - worked))
    return {"per_wall_s": round(wall), "per_cpu_s": round(cpu)}


def scan(texts: list[str]) -> int:
    """The least any classifier does: fold and cut every text into windows of three characters."""
    found = 0
    for text in texts:
        small = text.lower()
        found += len({small[place : place + 3] for place in range(len(small) - 2)})
    return found


def main() -> None:
    """Measure and print."""
    reader = argparse.ArgumentParser(description="Measure the classifier.")
    reader.add_argument("--titles", type=Path, action="append", help="labelled titles (CSV)")
    asked = reader.parse_args()
    shared = Path(os.environ.get("AMENDS_SHARED", ROOT.parent / "shared")) / "data/comcast_titles"
    files = asked.titles or [shared / "labels_dev.csv", shared / "labels_dev_enriched.csv"]
    titles = [row for path in files if path.exists() for row in read(path)]
    strangers = read(STRANGERS)
    shipped_model()
    figures: dict[str, Any] = {
        "model": MODEL_FILE,
        "version": shipped_model().version,
        "speed_one_core": speed([row["text"] for row in titles], strangers),
    }
    for language in ("zh", "en"):
        rows = [row for row in strangers if row["lang"] == language]
        columns = classify_columns([row["text"] for row in rows])
        figures[f"strangers_{language}"] = {
            **agreement(rows, columns.names()),
            "calibration": calibration(rows, columns),
            "second_codes": second_codes(rows, columns),
        }
    if titles:
        columns = classify_columns([row["text"] for row in titles])
        figures["titles_shipped"] = {
            **agreement(titles, columns.names()),
            "calibration": calibration(titles, columns),
            "second_codes": second_codes(titles, columns),
        }
        figures["titles_after_learning"] = after_learning(titles)
    else:
        figures["titles"] = "not measured: AMENDS_SHARED names no labelled titles"
    figures["other_kinds"] = other_kinds(None)
    figures["with_meaning"] = with_meaning(strangers, titles)
    figures["enquiries"] = enquiries(strangers, titles)
    figures["bars"] = {
        "speed_one_core.titles.columns": "at least 20,000",
        "resident_mb": "at most 400",
        "titles_shipped.either_label": "at least 0.75",
        "titles_after_learning.either_label": "at least 0.80",
        "titles_after_learning.macro_f1": "at least 0.60",
        "strangers_zh.first_label": "at least 0.85",
        "other_kinds.confident": "claimed at most 0.04 above right",
        "with_meaning": "each at most 0.01 below without",
    }
    json.dump(figures, sys.stdout, ensure_ascii=False, indent=2)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
