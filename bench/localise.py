"""Measure localisation: `python bench/localise.py [--cases 30] [--seed 121]`.

Two generators over 10 x 12 x 10 x 8 x 5 = 48,000 cells, one to three anomalies of one to three
elements each. *literature*: after the description of generator S (RiskLoc, arXiv 2205.10004): real
values Weibull, up to a quarter zero, forecasts wrong by up to a quarter of the value on either
side, each anomaly a factor of 0.2 to 1 plus the noise, spread 0 to 0.1. *complaints*: Poisson
counts of over-dispersed cells, mean 0.02 to 2, an excess of factor 2 to 6 in elements that are
expected at least 15 complaints. F1 is of elements found against elements put in, all cases together.
"""

from __future__ import annotations

import argparse
import json
import sys
from time import perf_counter, process_time

import numpy as np

from amends.engines.detection.localise import localise, relative_noise

SHAPE = (10, 12, 10, 8, 5)


def elements(rng, layers, used):
    """Elements of one anomaly; no two anomalies share a value of a dimension, nor a cuboid."""
    while True:
        dims = sorted(rng.choice(5, int(layers), replace=False).tolist())
        if any(tuple(dims) == tuple(d for d, _ in e) for e in used) and layers < 5:
            continue
        count = int(rng.integers(1, 4))
        free = [
            [v for v in range(SHAPE[d]) if (d, v) not in {p for e in used for p in e}] for d in dims
        ]
        if not all(free):
            continue
        made = {
            tuple((d, int(rng.choice(f))) for d, f in zip(dims, free, strict=True))
            for _ in range(count)
        }
        if len(made) == count:
            return sorted(made)


def place(element):
    values = dict(element)
    return tuple(values.get(d, slice(None)) for d in range(5))


def literature(rng):
    """One case of generator S."""
    noise = rng.uniform(0, 0.25)
    value = rng.weibull(rng.uniform(0.5, 1.0), SHAPE) * 100
    value *= rng.random(SHAPE) > rng.uniform(0, 0.25)
    other = value * (1 + rng.normal(0, noise, SHAPE))
    swap = rng.random(SHAPE) < 0.5
    real, predicted = np.where(swap, other, value), np.maximum(np.where(swap, value, other), 0)
    truth = []
    up = real.sum() > predicted.sum()
    for _ in range(rng.integers(1, 4)):
        severity, spread = rng.uniform(0.2, 1.0) + noise, rng.uniform(0, 0.1)
        for element in elements(rng, rng.integers(1, 6), truth):
            at = place(element)
            size = np.shape(real[at])
            factor = np.maximum(1 - rng.normal(severity, spread, size), 0)
            if up:
                predicted[at] = real[at] * factor
            else:
                real[at] = predicted[at] * factor
            truth.append(element)
    return real, predicted, truth, {"noise": relative_noise(real, predicted), "rise": False}


def complaints(rng):
    """One case of ours."""
    sides = [rng.gamma(1.5, 1, n) for n in SHAPE]
    mean = np.einsum("a,b,c,d,e->abcde", *(s / s.mean() for s in sides)) * rng.uniform(0.02, 2)
    truth, factor = [], np.ones(SHAPE)
    for _ in range(rng.integers(1, 4)):
        for _ in range(200):
            made = elements(rng, rng.integers(1, 4), truth)
            if all(mean[place(e)].sum() >= 15 for e in made):
                break
        else:
            continue
        raised = rng.uniform(2, 6)
        for element in made:
            factor[place(element)] = raised
            truth.append(element)
    seen = rng.poisson(mean * factor * rng.gamma(5, 0.2, SHAPE)).astype(float)
    return seen, mean, truth, {"dispersion": 1 + 0.2 * mean}


def measure(make, cases, seed):
    """F1 over all cases, and milliseconds a case."""
    rng = np.random.default_rng(seed)
    hit = found = true = 0
    wall, cpu = [], []
    for case in range(cases):
        seen, expected, truth, model = make(rng)
        began, began_cpu = perf_counter(), process_time()
        named = {element.values for element in localise(seen, expected, **model)}
        wall.append(perf_counter() - began)
        cpu.append(process_time() - began_cpu)
        hit += len(named & set(truth))
        found += len(named)
        true += len(set(truth))
        if "-v" in sys.argv:
            print(
                case,
                sorted(named - set(truth)),
                "| missed",
                sorted(set(truth) - named),
                "of",
                len(truth),
            )
    return {
        "f1": round(2 * hit / max(found + true, 1), 3),
        "precision": round(hit / max(found, 1), 3),
        "recall": round(hit / max(true, 1), 3),
        "ms_median": round(1_000 * float(np.median(wall)), 1),
        "cpu_ms_median": round(1_000 * float(np.median(cpu)), 1),
    }


def main() -> None:
    """Measure and print."""
    reader = argparse.ArgumentParser(description="Measure localisation.")
    reader.add_argument("--cases", type=int, default=30)
    reader.add_argument("--seed", type=int, default=121)
    reader.add_argument("-v", action="store_true")
    asked = reader.parse_args()
    figures = {
        "cells": int(np.prod(SHAPE)),
        "literature": measure(literature, asked.cases, asked.seed),
        "complaints": measure(complaints, asked.cases, asked.seed),
        "bars": {"f1": "at least 0.7, aim 0.9", "ms_median": "at most 100, aim 20"},
    }
    json.dump(figures, sys.stdout, indent=2)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
