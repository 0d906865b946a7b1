"""Small cells cannot be had back: an attacker with all that is printed, by linear programming."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from amends.engines.stats.suppression import SuppressedCells, bounds, hide

K = 10
COUNT = st.one_of(st.just(0), st.integers(1, 9), st.integers(10, 40), st.integers(0, 3000))


@st.composite
def tables(draw: st.DrawFn) -> list[list[int]]:
    rows, columns = draw(st.integers(1, 6)), draw(st.integers(1, 5))
    return [[draw(COUNT) for _ in range(columns)] for _ in range(rows)]


def printed(table: list[list[int]], hidden: SuppressedCells) -> list[list[int | None]]:
    """The table as a reader sees it, sums last; None is hidden. Written apart from the code."""
    rows = [
        [None if hidden.cells[i][j] else value for j, value in enumerate(row)]
        + [None if hidden.rows[i] else sum(row)]
        for i, row in enumerate(table)
    ]
    sums = [
        None if hidden.columns[j] else sum(row[j] for row in table) for j in range(len(table[0]))
    ]
    return [*rows, [*sums, None if hidden.total else sum(map(sum, table))]]


def attack(shown: list[list[int | None]]) -> dict[tuple[int, int], tuple[float, float]]:
    """The lowest and highest value of each hidden cell, from the printed table alone."""
    height, width = len(shown), len(shown[0])
    matrix, right = [], []
    for i in range(height):
        row = np.zeros((height, width))
        row[i, :-1], row[i, -1] = 1, -1
        matrix.append(row.ravel())
        right.append(0)
    for j in range(width):
        row = np.zeros((height, width))
        row[:-1, j], row[-1, j] = 1, -1
        matrix.append(row.ravel())
        right.append(0)
    flat = [value for row in shown for value in row]
    # Zeros are printed; only where a whole table is hidden may a hidden cell be zero.
    floor = 0 if all(value is None for row in shown[:-1] for value in row) else 1
    limits = [(floor, None) if value is None else (value, value) for value in flat]
    found = {}
    for place, value in enumerate(flat):
        if value is None:
            aim = np.zeros(len(flat))
            aim[place] = 1
            low = linprog(aim, A_eq=matrix, b_eq=right, bounds=limits)
            high = linprog(-aim, A_eq=matrix, b_eq=right, bounds=limits)
            assert low.status == 0, "what is printed must be possible"
            top = -high.fun if high.status == 0 else float("inf")
            found[divmod(place, width)] = (low.fun, top)
    return found


@given(tables())
def test_no_small_cell_is_printed_or_comes_back(table: list[list[int]]) -> None:
    hidden = hide(table, k=K)
    shown = printed(table, hidden)
    assert all(value is None or value == 0 or value >= K for row in shown for value in row)
    true = np.zeros((len(shown), len(shown[0])), int)
    true[:-1, :-1] = table
    true[:-1, -1], true[-1, :-1] = true[:-1, :-1].sum(1), true[:-1, :-1].sum(0)
    true[-1, -1] = true[:-1, :-1].sum()
    for place, (low, high) in attack(shown).items():
        assert low - 1e-6 <= true[place] <= high + 1e-6
        if true[place] < K:
            assert high - low >= K - 1e-6, (place, low, high)


def test_nothing_is_hidden_where_nothing_is_small() -> None:
    assert hide([[10, 200], [0, 31]]).number == 0


def test_the_attack_finds_what_naive_hiding_leaves_open() -> None:
    table = [[3, 40], [30, 50]]
    naive = SuppressedCells(
        np.array([[True, False], [False, False]]), np.zeros(2, bool), np.zeros(2, bool), False
    )
    assert attack(printed(table, naive))[0, 0] == pytest.approx((3, 3))
    assert bounds(table, naive)[0, 0] == pytest.approx((3, 3))


def test_most_of_a_usual_table_stays_readable() -> None:
    chance = np.random.default_rng(5)
    table = chance.poisson(np.outer([400, 90, 60, 30, 12], [1.0, 0.8, 0.5, 0.2])).tolist()
    hidden = hide(table)
    assert not hidden.rows.any()
    assert hidden.cells.sum() <= 8, "of 20"


def test_a_table_of_few_tells_only_that() -> None:
    assert hide([[2, 1], [0, 3]]).total
    with pytest.raises(ValueError, match="counts from 0"):
        hide([[-1]])
