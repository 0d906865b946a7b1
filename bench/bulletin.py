"""Small cells of a published table: how long hiding takes, what stays readable, what comes back.

    python bench/bulletin.py --tables 300 --seed 1

Draws tables of areas by classes with totals of very different size, hides what is small, and lets an
attacker with all that is printed solve two linear programmes for each hidden small cell.
"""

from __future__ import annotations

import argparse
import os
import time

import numpy as np

from amends.engines.stats.suppression import bounds, hide

K = 10


def drawn(chance: np.random.Generator) -> list[list[int]]:
    """One table: sizes of areas are log-normal, classes uneven."""
    rows, columns = int(chance.integers(2, 14)), int(chance.integers(2, 5))
    sizes = chance.lognormal(3.0, 1.3, rows)
    parts = chance.dirichlet(np.full(columns, 1.5))
    return chance.poisson(np.outer(sizes, parts * columns)).tolist()


def attacked(table: list[list[int]]) -> tuple[int, int, int, int]:
    """Small cells, those the attacker knows to less than K, cells hidden, cells of the table."""
    hidden = hide(table, k=K)
    cells = np.array(table)
    extended = np.zeros((cells.shape[0] + 1, cells.shape[1] + 1), int)
    extended[:-1, :-1] = cells
    extended[:-1, -1], extended[-1, :-1] = cells.sum(1), cells.sum(0)
    extended[-1, -1] = cells.sum()
    small = opened = 0
    for place, (low, high) in bounds(table, hidden).items():
        if 0 < extended[place] < K and not hidden.total:
            small += 1
            opened += high - low < K - 1e-6
    return small, opened, int(hidden.cells.sum()), cells.size


def main() -> None:
    """Print one line for each finding."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--tables", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    chance = np.random.default_rng(asked.seed)
    print(f"load {os.getloadavg()[0]:.1f}, seed {asked.seed}")
    sums = np.zeros(4, int)
    for _ in range(asked.tables):
        sums += attacked(drawn(chance))
    small, opened, hidden, cells = sums
    print(f"{asked.tables} tables, {cells} cells: {small} small, {opened} come back")
    print(
        f"hidden: {hidden} cells, {hidden / cells:.0%} of all; small themselves: {small} with sums"
    )
    table = chance.poisson(np.outer(chance.lognormal(4.0, 1.2, 31), [1.0, 0.7, 0.3, 0.2])).tolist()
    start = time.perf_counter()
    found = hide(table, k=K)
    spent = time.perf_counter() - start
    print(f"31 areas x 4 classes: {spent:.2f} s, {int(found.cells.sum())} of 124 cells hidden")


if __name__ == "__main__":
    main()
